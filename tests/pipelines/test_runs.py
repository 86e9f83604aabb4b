"""Runs as their user sees them: created, listed, shown, run again, cancelled, deleted, counted, imported."""

from typing import Any

import psycopg
import pytest

from service.pipelines.run_schemas import MAX_DOCUMENT_SIZE
from service.rest import MB
from tests.client import Tenant, at_once
from tests.pipelines.helpers import (
    FINDINGS,
    INPUT,
    cards,
    claim,
    claimed_run,
    completed_run,
    detail,
    finished_run,
    run,
)

RUNS = "/v1/pipeline-runs"


def test_a_run_is_created_pending(tenant: Tenant) -> None:
    created = run(tenant.agent)
    assert INPUT.items() <= created.items()
    assert (created["status"], created["current_stage"]) == ("pending", 0)
    assert created["user_id"] == tenant.users["agent"]
    assert created["completed_at"] is created["error_message"] is created["duration_ms"] is None
    shown = tenant.agent.get(f"{RUNS}/{created['id']}")
    assert shown == {**created, "cards": [], "report": None, "stages": []}


def test_what_is_not_known_of_the_document_may_be_left_out(tenant: Tenant) -> None:
    body = {name: INPUT[name] for name in INPUT if name not in ("document_type", "document_size")}
    created = tenant.agent.post(RUNS, body, expect=201)
    assert created["document_type"] is created["document_size"] is None


@pytest.mark.parametrize("type_", ["application/pdf", "text/plain", "text/markdown"])
def test_a_document_of_25_mb_may_be_pdf_text_or_markdown(tenant: Tenant, type_: str) -> None:
    created = run(tenant.agent, document_type=type_, document_size=MAX_DOCUMENT_SIZE)
    assert (created["document_type"], created["document_size"]) == (type_, 26214400)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company_id", " "),
        ("company_id", "x" * 101),
        ("company_name", ""),
        ("document_name", "\t"),
        ("document_name", "x" * 301),
        ("document_url", "ftp://example.com/a.pdf"),
        ("document_url", "javascript:alert(1)"),
        ("document_url", "a.pdf"),
        ("document_url", "https://example.com/" + "x" * 2048),
        ("document_type", "image/png"),
        ("document_size", 0),
        ("document_size", MAX_DOCUMENT_SIZE + 1),
        ("document_size", "1"),
        ("user_id", "00000000-0000-7000-8000-000000000000"),
        ("status", "completed"),
    ],
)
def test_a_wrong_field_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    refused = tenant.agent.post(RUNS, {**INPUT, field: value}, expect=400)
    assert (refused["code"], list(refused["errors"])) == ("VALIDATION", [field])


@pytest.mark.parametrize("field", ["company_id", "company_name", "document_name", "document_url"])
def test_what_a_run_needs_is_required(tenant: Tenant, field: str) -> None:
    body = {name: value for name, value in INPUT.items() if name != field}
    assert list(tenant.agent.post(RUNS, body, expect=400)["errors"]) == [field]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("company_id", " "),
        ("document_url", "ftp://example.com"),
        ("document_type", "image/png"),
        ("document_size", 26214401),
        ("current_stage", 6),
        ("current_stage", -1),
        ("status", "COMPLETED"),
        ("max_attempts", 0),
    ],
)
def test_the_database_refuses_it_from_every_writer(
    tenant: Tenant, sql: psycopg.Connection[Any], column: str, value: Any
) -> None:
    run_id = run(tenant.agent)["id"]
    sql.execute("SELECT operations.set_local('app.user_id', %s)", [tenant.users["agent"]])
    statement, row = f"UPDATE pipelines.runs SET {column} = %(value)s WHERE id = %(id)s", {}
    if column in INPUT:  # which nobody rewrites
        row = INPUT | {"tenant_id": tenant.id, "user_id": tenant.users["agent"], column: value}
        places = ", ".join(f"%({name})s" for name in row)
        statement = f"INSERT INTO pipelines.runs ({', '.join(row)}) VALUES ({places})"
    with pytest.raises(psycopg.DatabaseError) as refused:
        sql.execute(statement.encode(), {**row, "value": value, "id": run_id})
    assert refused.value.sqlstate in ("23514", "DR001")


@pytest.mark.parametrize(
    "change",
    [
        "status = 'completed', current_stage = 5",  # without a time
        "status = 'completed', completed_at = now()",  # before the last stage
        "status = 'failed', error_message = 'e'",
        "status = 'failed', completed_at = now()",  # without an error
        "status = 'cancelled'",
        "completed_at = now()",
        "status = 'pending', lease_expires_at = now()",
    ],
)
def test_status_and_fields_cannot_disagree(
    tenant: Tenant, sql: psycopg.Connection[Any], change: str
) -> None:
    run_id = claimed_run(tenant)["id"]
    sql.execute("SELECT operations.set_local('app.user_id', 'any')")
    leased = "" if "lease" in change or "status" not in change else ", lease_expires_at = NULL"
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(f"UPDATE pipelines.runs SET {change}{leased} WHERE id = %s".encode(), [run_id])


def test_the_stage_never_goes_back_whoever_writes(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    run_id = run(tenant.agent)["id"]
    sql.set("app.user_id", tenant.users["agent"])
    sql.execute("UPDATE pipelines.runs SET current_stage = 3 WHERE id = %s", [run_id])
    with pytest.raises(psycopg.DatabaseError, match="from stage 3 to stage 2") as refused:
        sql.execute("UPDATE pipelines.runs SET current_stage = 2 WHERE id = %s", [run_id])
    assert refused.value.sqlstate == "DR001"


# Lists -----------------------------------------------------------------------------------------------


def test_the_list_has_only_what_it_shows_and_a_count_of_cards(tenant: Tenant) -> None:
    done = completed_run(tenant)
    waiting = run(tenant.agent)
    listed = tenant.agent.all(RUNS)
    assert [item["id"] for item in listed] == [waiting["id"], done]
    assert [item["card_count"] for item in listed] == [0, 5]
    assert [item["status"] for item in listed] == ["pending", "completed"]
    assert {frozenset(item) for item in listed} == {
        frozenset({"id", "document_name", "created_at", "status", "card_count"})
    }


def test_pages_have_each_run_once_though_they_are_of_one_moment(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    agent = tenant.users["agent"]
    sql.execute("SELECT operations.set_local('app.user_id', %s)", [agent])
    sql.execute(
        """
        INSERT INTO pipelines.runs (tenant_id, user_id, company_id, company_name, document_name, document_url)
        SELECT %s, %s, 'c' || n %% 2, 'C', 'd', 'https://example.com/' || n
        FROM generate_series(1, 50) AS n
        RETURNING id
        """,
        [tenant.id, agent],
    )
    sql.commit()
    for filters in ({}, {"company_id": "c1"}, {"status": "pending"}):
        listed = tenant.agent.all(RUNS, limit=7, **filters)
        ids = [item["id"] for item in listed]
        assert len(set(ids)) == len(ids) == (25 if "company_id" in filters else 50)
        assert ids == sorted(ids, reverse=True)
        assert len({item["created_at"] for item in listed}) == 1
    assert len(tenant.agent.get(RUNS, params={"limit": 1000})["items"]) == 50


def test_the_list_is_filtered_by_status_and_company(tenant: Tenant) -> None:
    done = completed_run(tenant)
    other = run(tenant.agent, company_id="saputo", company_name="Saputo")["id"]
    same = run(tenant.agent)["id"]

    def ids(**filters: str) -> list[str]:
        return [item["id"] for item in tenant.agent.all(RUNS, **filters)]

    assert ids(status="pending") == [same, other]
    assert ids(status="completed") == [done]
    assert ids(company_id="lactalis-canada") == [same, done]
    assert ids(company_id="lactalis-canada", status="completed") == [done]
    assert ids(company_id="nobody") == ids(status="failed") == []
    refused = tenant.agent.get(RUNS, params={"status": "COMPLETED"}, expect=400)
    assert list(refused["errors"]) == ["status"]


def test_a_cursor_is_of_its_user_and_its_filters(tenant: Tenant) -> None:
    for _ in range(2):
        run(tenant.agent)
        run(tenant.acting("agent2"))
    cursor = tenant.agent.get(RUNS, params={"limit": 1})["next_cursor"]
    for api, params in ((tenant.acting("agent2"), {}), (tenant.agent, {"status": "pending"})):
        refused = api.get(RUNS, params={"cursor": cursor, **params}, expect=400)
        assert list(refused["errors"]) == ["cursor"]


def test_nobody_can_ask_for_another_users_runs_by_a_parameter(tenant: Tenant) -> None:
    run(tenant.agent)
    for name in ("user_id", "userId"):
        params = {name: tenant.users["agent"]}
        refused = tenant.acting("agent2").get(RUNS, params=params, expect=400)
        assert list(refused["errors"]) == [name]


# Run again, cancel, delete ---------------------------------------------------------------------------


def test_a_rerun_copies_the_inputs_and_marks_the_name_once(tenant: Tenant) -> None:
    first = completed_run(tenant)
    again = tenant.agent.post(f"{RUNS}/{first}/rerun", expect=201)
    assert again["id"] != first
    assert {**INPUT, "document_name": "trend-report.pdf (rerun)"}.items() <= again.items()
    assert (again["status"], again["current_stage"], again["attempts"]) == ("pending", 0, 0)
    third = tenant.agent.post(f"{RUNS}/{again['id']}/rerun", expect=201)
    assert third["document_name"] == "trend-report.pdf (rerun)"
    assert detail(tenant, again["id"])["cards"] == []


def test_the_rerun_of_a_long_name_fits(tenant: Tenant) -> None:
    long = run(tenant.agent, document_name="x" * 300)["id"]
    again = tenant.agent.post(f"{RUNS}/{long}/rerun", expect=201)
    assert again["document_name"] == "x" * 292 + " (rerun)"


def test_a_run_is_cancelled_once_and_its_worker_loses_it(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    stale = tenant.agent.post(f"{path}/cancel", headers={"If-Match": '"99"'}, expect=412)
    assert stale["code"] == "STALE"
    cancelled = tenant.agent.post(f"{path}/cancel", expect=200)
    assert (cancelled["status"], cancelled["lease_expires_at"]) == ("cancelled", None)
    assert cancelled["completed_at"] is not None
    assert tenant.agent.post(f"{path}/cancel", expect=409)["current"]["status"] == "cancelled"
    late = {"lease_id": claimed["lease_id"]}
    assert tenant.service.post(f"{path}/heartbeat", late, expect=409)["code"] == "CONFLICT"
    assert claim(tenant) == []


def test_a_pending_run_that_was_cancelled_is_not_claimed(tenant: Tenant) -> None:
    tenant.agent.post(f"{RUNS}/{run(tenant.agent)['id']}/cancel", expect=200)
    assert claim(tenant) == []


def test_a_deleted_run_takes_all_that_came_of_it(
    tenant: Tenant, owner: psycopg.Connection[Any]
) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    tenant.service.post(f"{path}/report", {"lease_id": claimed["lease_id"], **FINDINGS})
    body = {"lease_id": claimed["lease_id"], "markdown_output": "# O", "cards": cards()}
    tenant.service.post(f"{path}/complete", body)
    gone = tenant.agent.request("DELETE", path, expect=200).json()
    assert (gone["id"], gone["status"]) == (claimed["id"], "completed")
    tenant.agent.request("DELETE", path, expect=404)
    tenant.agent.get(path, expect=404)
    assert left(owner, tenant) == [0, 0, 0, 0]


def test_a_user_who_is_deleted_takes_the_runs_along(
    tenant: Tenant, owner: psycopg.Connection[Any]
) -> None:
    completed_run(tenant)
    kept = completed_run(tenant, "agent2")
    owner.execute("DELETE FROM identity.users WHERE id = %s", [tenant.users["agent"]])
    assert left(owner, tenant) == [1, 5, 0, 5]
    assert len(detail(tenant, kept, "agent2")["cards"]) == 5


def left(owner: psycopg.Connection[Any], tenant: Tenant) -> list[int]:
    """How many rows the tenant has of runs, stages, reports and cards."""
    counts = []
    for table in ("runs", "stage_outputs", "inspiration_reports", "opportunity_cards"):
        row = owner.execute(
            f"SELECT count(*) AS n FROM pipelines.{table} WHERE tenant_id = %s".encode(),
            [tenant.id],
        ).fetchone()
        assert row
        counts.append(row["n"])
    return counts


# Companies -------------------------------------------------------------------------------------------


def test_runs_are_counted_by_company_of_the_user_or_of_the_tenant(
    tenant: Tenant,
) -> None:
    completed_run(tenant)
    run(tenant.agent, company_id="saputo", company_name="Saputo")
    run(tenant.acting("agent2"))
    path = f"{RUNS}/companies"
    lactalis, saputo = tenant.agent.all(path, limit=1)
    counts = {"pending": 0, "running": 0, "completed": 1, "failed": 0, "cancelled": 0}
    assert lactalis == {
        "company_id": "lactalis-canada",
        "company_name": "Lactalis",
        "runs": 1,
        **counts,
    }
    assert (saputo["company_id"], saputo["runs"], saputo["pending"]) == ("saputo", 1, 1)
    for api in (tenant.acting("admin"), tenant.service):
        [of_all, _] = api.all(path, limit=1, all_users="true")
        assert (of_all["runs"], of_all["completed"], of_all["pending"]) == (2, 1, 1)
    for role in ("viewer", "agent", "approver"):
        tenant.acting(role).get(path, params={"all_users": "true"}, expect=403)
    assert tenant.acting("admin").all(path) == []
    assert list(tenant.agent.get(path, params={"all_users": "1"}, expect=400)["errors"]) == [
        "all_users"
    ]


# Imports ---------------------------------------------------------------------------------------------

IMPORT = {
    **INPUT,
    "external_id": "lactalis-2025-01-21",
    "status": "completed",
    "created_at": "2025-01-21T10:00:00Z",
    "completed_at": "2025-01-21T10:12:00Z",
    "stages": [{"stage_number": 1, "markdown_output": "# One", "json_output": {"a": 1}}],
    "report": FINDINGS,
    "cards": cards(),
}


def test_a_run_is_imported_once_with_all_that_came_of_it(tenant: Tenant) -> None:
    first = tenant.agent.post(f"{RUNS}/import", IMPORT, expect=201)
    again = tenant.agent.post(f"{RUNS}/import", {**IMPORT, "company_id": "b"}, expect=200)
    assert again == first
    assert (first["status"], first["current_stage"]) == ("completed", 5)
    assert first["created_at"].startswith("2025-01-21T10:00:00")
    shown = detail(tenant, first["id"])
    assert len(shown["cards"]) == 5
    assert FINDINGS.items() <= shown["report"].items()
    [stage] = shown["stages"]
    assert (stage["name"], stage["status"]) == ("Input Processing", "completed")
    assert (stage["markdown_output"], stage["json_output"]) == ("# One", {"a": 1})
    # Another user may have one of the same name.
    tenant.acting("agent2").post(f"{RUNS}/import", IMPORT, expect=201)


def test_a_run_is_imported_with_a_megabyte_of_each_stage(tenant: Tenant) -> None:
    # As JSON in ASCII three times as long.
    outputs = {number: f"{number}" + "é" * (MB // 2 - 1) for number in range(1, 6)}
    stages = [
        {"stage_number": number, "markdown_output": text, "json_output": json_output}
        for (number, text), json_output in zip(
            outputs.items(), ([], [1], {}, None, [{}]), strict=True
        )
    ]
    imported = tenant.agent.post(f"{RUNS}/import", {**IMPORT, "stages": stages}, expect=201)
    shown = detail(tenant, imported["id"])["stages"]
    assert {stage["stage_number"]: stage["markdown_output"] for stage in shown} == outputs
    assert [stage["json_output"] for stage in shown] == [[], [1], {}, None, [{}]]


def test_imports_at_once_make_one_run(tenant: Tenant) -> None:
    def import_(_: int) -> tuple[int, str]:
        answer = tenant.acting("agent").request("POST", f"{RUNS}/import", IMPORT)
        return answer.status_code, answer.json()["id"]

    answers = at_once(8, import_)
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({id_ for _, id_ in answers}) == 1
    assert [item["card_count"] for item in tenant.agent.all(RUNS)] == [5]


def test_a_failed_run_is_imported_with_its_error(tenant: Tenant) -> None:
    body = {**IMPORT, "status": "failed", "error_message": "out of credit", "cards": []}
    failed = tenant.agent.post(f"{RUNS}/import", body, expect=201)
    assert (failed["status"], failed["current_stage"]) == ("failed", 1)
    assert failed["error_message"] == "out of credit"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_id": " "}, "external_id"),
        ({"status": "running"}, "status"),
        ({"status": "failed", "cards": []}, "error_message"),
        ({"status": "failed", "error_message": "e"}, "cards"),
        ({"error_message": "e"}, "error_message"),
        ({"cards": []}, "cards"),
        ({"cards": cards()[:4]}, "cards"),
        ({"completed_at": "2025-01-20T10:00:00Z"}, "completed_at"),
        ({"created_at": "2025-01-21"}, "created_at"),
        ({"stages": IMPORT["stages"] * 2}, "stages"),
        ({"stages": [{"stage_number": 6, "markdown_output": "a"}]}, "stages"),
        ({"report": {}}, "report"),
    ],
)
def test_a_wrong_import_is_refused_by_name(
    tenant: Tenant, changes: dict[str, Any], field: str
) -> None:
    refused = tenant.agent.post(f"{RUNS}/import", {**IMPORT, **changes}, expect=400)
    assert list(refused["errors"]) == [field]
    assert tenant.agent.all(RUNS) == []
