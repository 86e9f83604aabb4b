"""A user's runs are that user's only: on every route, and in the database itself, whoever asks."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege, InvalidTextRepresentation

from tests.client import Tenant, openapi
from tests.pipelines.helpers import (
    FINDINGS,
    INPUT,
    TEXTS,
    cards,
    claim,
    claimed_run,
    completed_run,
    completion,
    detail,
    report_stages,
    run,
)
from tests.writer import violated

RUNS = "/v1/pipeline-runs"
UNKNOWN = "00000000-0000-7000-8000-000000000000"
TABLES = ("runs", "stage_outputs", "inspiration_reports", "opportunity_cards")
BODIES: dict[str, Any] = {"star_opportunity_card": {"starred": True}}
# What is for workers: they have the runs of all users.
WORK = {"heartbeat", "stages", "report", "complete", "fail"}

Sql = psycopg.Connection[Any]


@pytest.fixture
def theirs(tenant: Tenant) -> dict[str, str]:
    """A run of the second agent with rows in every table, and a card of it."""
    created = run(tenant.acting("agent2"))
    [claimed] = claim(tenant)
    path = f"{RUNS}/{created['id']}"
    tenant.service.post(f"{path}/report", {"lease_id": claimed["lease_id"], **FINDINGS})
    report_stages(tenant, claimed, 1, 2, 3, 4)
    tenant.service.post(f"{path}/complete", completion(claimed))
    card = detail(tenant, created["id"], "agent2")["cards"][0]
    return {"pipeline_run_id": created["id"], "opportunity_card_id": card["id"]}


def mine(tenant: Tenant) -> dict[str, str]:
    run_id = completed_run(tenant)
    return {
        "pipeline_run_id": run_id,
        "opportunity_card_id": detail(tenant, run_id)["cards"][0]["id"],
    }


def test_another_users_things_are_not_there_on_any_route(
    tenant: Tenant, theirs: dict[str, str]
) -> None:
    before = detail(tenant, theirs["pipeline_run_id"], "agent2")
    routes = [
        (method.upper(), path, operation["operationId"])
        for path, operations in openapi(tenant.service.url)["paths"].items()
        if "{pipeline_run_id}" in path or "{opportunity_card_id}" in path
        for method, operation in operations.items()
        if path.startswith("/v1/") and path.rpartition("/")[2] not in WORK
    ]
    assert len(routes) == 6
    for user in ("agent", "approver", "admin"):
        for method, template, name in routes:
            answers = [
                tenant.acting(user)
                .request(method, template.format(**ids), BODIES.get(name), expect=404)
                .json()
                for ids in (theirs, dict.fromkeys(theirs, UNKNOWN))
            ]
            for answer in answers:
                del answer["request_id"]
            assert answers[0] == answers[1], f"{name} tells what is there from what is not"
    assert detail(tenant, theirs["pipeline_run_id"], "agent2") == before
    # The same requests find one's own; what deletes goes last.
    own = mine(tenant)
    for method, template, name in sorted(routes, key=lambda route: route[0] == "DELETE"):
        answer = tenant.agent.request(method, template.format(**own), BODIES.get(name))
        assert answer.status_code in (200, 201, 409), name


def test_lists_and_counts_have_only_ones_own(tenant: Tenant, theirs: dict[str, str]) -> None:
    card = f"/v1/opportunity-cards/{theirs['opportunity_card_id']}/star"
    tenant.acting("agent2").put(card, {"starred": True})
    for user in ("agent", "admin"):
        api = tenant.acting(user)
        for path in (RUNS, "/v1/opportunity-cards", f"{RUNS}/companies"):
            assert api.all(path) == []
        assert api.all("/v1/opportunity-cards", starred="true") == []
        assert api.all(RUNS, company_id=INPUT["company_id"]) == []
        assert api.all(RUNS, status="completed") == []
        assert api.get("/v1/opportunity-cards/starred/count") == {"starred": 0}
    assert tenant.acting("agent2").get("/v1/opportunity-cards/starred/count") == {"starred": 1}


def test_a_service_that_acts_for_nobody_has_no_runs_of_its_own(tenant: Tenant) -> None:
    for path in (RUNS, "/v1/opportunity-cards", "/v1/opportunity-cards/starred/count"):
        assert "Draftroom-User" in tenant.service.get(path, expect=403)["detail"]
    tenant.service.post(RUNS, INPUT, expect=403)
    tenant.service.get(f"{RUNS}/companies", expect=403)
    for method in ("GET", "DELETE"):
        tenant.service.request(method, f"{RUNS}/{UNKNOWN}", expect=403)


def test_workers_have_the_runs_of_all_users_but_of_their_tenant_only(
    tenant: Tenant, new_tenant: Callable[[], Tenant], theirs: dict[str, str]
) -> None:
    run(tenant.agent)
    [claimed] = claim(tenant)
    report_stages(tenant, claimed, 1, 2, 3, 4)
    other = new_tenant()
    for report, body in (
        ("heartbeat", {"lease_id": claimed["lease_id"]}),
        ("complete", completion(claimed)),
    ):
        other.service.post(f"{RUNS}/{claimed['id']}/{report}", body, expect=404)
        tenant.service.post(f"{RUNS}/{claimed['id']}/{report}", body, expect=200)


def test_only_users_with_the_scope_create_runs(tenant: Tenant) -> None:
    tenant.acting("viewer").post(RUNS, INPUT, expect=403)
    assert tenant.acting("viewer").all(RUNS) == []
    for role in ("agent", "approver", "admin"):
        run(tenant.acting(role))


# In SQL, as another writer ---------------------------------------------------------------------------


def act_as(sql: Sql, user_id: str) -> None:
    sql.rollback()
    sql.execute("SELECT operations.set_local('app.user_id', %s)", [user_id])


def count(sql: Sql, table: str) -> int:
    row = sql.execute(f"SELECT count(*) AS n FROM pipelines.{table}".encode()).fetchone()
    assert row
    return int(row["n"])


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_another_user_are_neither_read_nor_changed_nor_deleted(
    tenant: Tenant, theirs: dict[str, str], sql: Sql, table: str
) -> None:
    act_as(sql, tenant.users["agent2"])
    there = count(sql, table)
    assert there > 0
    for user in (tenant.users["agent"], tenant.users["admin"], UNKNOWN, ""):
        act_as(sql, user)
        assert count(sql, table) == 0
        update = f"UPDATE pipelines.{table} SET updated_at = now()"
        assert sql.execute(update.encode()).rowcount == 0
        if table == "runs":  # the others go with their run
            assert sql.execute(b"DELETE FROM pipelines.runs").rowcount == 0
    sql.rollback()
    assert count(sql, table) == 0, "without a user no row is passed"
    act_as(sql, "any")
    assert count(sql, table) == there


def test_a_user_that_is_none_shows_nothing(tenant: Tenant, theirs: Any, sql: Sql) -> None:
    act_as(sql, "' OR true")
    with pytest.raises(InvalidTextRepresentation):
        count(sql, "runs")


def test_any_user_is_still_of_the_tenant(
    tenant: Tenant, theirs: Any, new_tenant: Callable[[], Tenant], sql: Sql
) -> None:
    act_as(sql, "any")
    sql.execute("SELECT operations.set_local('app.tenant_id', %s)", [new_tenant().id])
    for table in TABLES:
        assert count(sql, table) == 0


def insert(sql: Sql, table: str, **values: Any) -> None:
    columns = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    sql.execute(f"INSERT INTO pipelines.{table} ({columns}) VALUES ({places})".encode(), values)


CHILDREN: dict[str, dict[str, Any]] = {
    "stage_outputs": {"stage_number": 1, "name": "A", "status": "failed"},
    "inspiration_reports": FINDINGS,
    "opportunity_cards": {"number": 1, **dict.fromkeys(TEXTS, "A")},
}


def test_no_run_can_be_added_for_or_given_to_another_user(
    tenant: Tenant, theirs: Any, sql: Sql
) -> None:
    own = run(tenant.agent)["id"]
    for user in (tenant.users["agent"], ""):
        act_as(sql, user)
        with pytest.raises(InsufficientPrivilege, match="violates row-level security policy"):
            insert(sql, "runs", tenant_id=tenant.id, user_id=tenant.users["agent2"], **INPUT)
    act_as(sql, tenant.users["agent"])
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites user_id"):
        sql.execute(
            "UPDATE pipelines.runs SET user_id = %s WHERE id = %s", [tenant.users["agent2"], own]
        )


@pytest.mark.parametrize("table", CHILDREN)
def test_nothing_can_be_added_to_another_users_run(tenant: Tenant, sql: Sql, table: str) -> None:
    # A run without anything, so that no unique key is in the way, and under way, so that it takes all.
    bare = claimed_run(tenant, "agent2")["id"]
    row = {"tenant_id": tenant.id, "run_id": bare, **CHILDREN[table]}
    act_as(sql, tenant.users["agent"])
    # As one's own it points to a run that one does not have; as theirs it is not one's own.
    with pytest.raises(ForeignKeyViolation) as refused:
        insert(sql, table, user_id=tenant.users["agent"], **row)
    assert violated(refused.value) == f"{table}_run_fkey"
    act_as(sql, tenant.users["agent"])
    with pytest.raises(InsufficientPrivilege, match="violates row-level security policy"):
        insert(sql, table, user_id=tenant.users["agent2"], **row)
    # Not even who sees all users can mix two.
    act_as(sql, "any")
    with pytest.raises(ForeignKeyViolation):
        insert(sql, table, user_id=tenant.users["agent"], **row)
    act_as(sql, tenant.users["agent2"])
    insert(sql, table, user_id=tenant.users["agent2"], **row)


def test_no_card_can_be_moved_to_another_users_run(
    tenant: Tenant, theirs: dict[str, str], sql: Sql
) -> None:
    own = mine(tenant)
    bare = run(tenant.acting("agent2"))["id"]
    act_as(sql, tenant.users["agent"])
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites run_id"):
        sql.execute(
            "UPDATE pipelines.opportunity_cards SET run_id = %s WHERE id = %s",
            [bare, own["opportunity_card_id"]],
        )


def test_an_upsert_does_not_reach_another_users_card(
    tenant: Tenant, theirs: dict[str, str], sql: Sql
) -> None:
    act_as(sql, tenant.users["agent"])
    with pytest.raises((InsufficientPrivilege, ForeignKeyViolation)):
        sql.execute(
            """
            INSERT INTO pipelines.opportunity_cards (
                tenant_id, run_id, user_id, number,
                title, tagline, problem, solution, why_now, target_segment, quick_win
            )
            VALUES (%s, %s, %s, 1, 'stolen', 'a', 'a', 'a', 'a', 'a', 'a')
            ON CONFLICT (tenant_id, run_id, number) DO UPDATE SET title = excluded.title
            """,
            [tenant.id, theirs["pipeline_run_id"], tenant.users["agent"]],
        )
    sql.rollback()
    titles = [c["title"] for c in detail(tenant, theirs["pipeline_run_id"], "agent2")["cards"]]
    assert titles == [card["title"] for card in cards()]


def test_the_event_log_tells_no_content_of_a_users_run(
    tenant: Tenant, theirs: dict[str, str], sql: Sql
) -> None:
    logged = sql.execute(
        "SELECT entity, changes FROM operations.events WHERE entity LIKE 'pipelines.%'"
    ).fetchall()
    assert {event["entity"] for event in logged} == {f"pipelines.{table}" for table in TABLES}
    told = str(logged)
    for private in ("Oat", "Why oats", "barista", INPUT["document_url"], "opportunities"):
        assert private not in told
