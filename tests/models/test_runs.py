"""Model runs: appended one by one or many at once, never changed, listed and summed up."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.models.run_schemas import RUN_TYPES
from tests.client import Client, Tenant, at_once
from tests.problems import problem

RUN = {"run_type": "DRAFT_REPLY", "model": "gpt-4o-mini"}
FULL = {
    **RUN,
    "input_ref": "TICKET-7",
    "latency_ms": 1420,
    "tokens_in": 1200,
    "tokens_out": 110,
    "cost_micros": 5500,
    "success": False,
    "error": "it timed out",
    "meta": {"attempt": 1, "ratio": 0.5, "nested": {"a": [None, "ä"]}},
    "started_at": "2026-01-01T00:00:00.123456+00:00",
}


def record(api: Client, **fields: Any) -> dict[str, Any]:
    run: dict[str, Any] = api.post("/v1/model-runs", {**RUN, **fields}, expect=201)
    return run


def batch(api: Client, runs: list[Any], expect: int = 200) -> Any:
    return api.post("/v1/model-runs/batch", {"runs": runs}, expect=expect)


def new_prompt(api: Client, **fields: Any) -> dict[str, Any]:
    body = {"kind": "reply", "system_prompt": "a", "user_template": "b", **fields}
    prompt: dict[str, Any] = api.post("/v1/prompts", body)
    return prompt


# Recording -------------------------------------------------------------------------------------------


def test_a_run_is_shown_as_it_was_recorded(tenant: Tenant) -> None:
    prompt = new_prompt(tenant.service)
    run = record(tenant.acting("admin"), **FULL, prompt_version_id=prompt["id"])
    assert run | FULL | {"prompt_version_id": prompt["id"]} == run
    assert run["user_id"] == tenant.users["admin"]
    assert tenant.service.get(f"/v1/model-runs/{run['id']}") == run


def test_a_run_may_tell_little(api: Client) -> None:
    run = record(api)
    assert (run["success"], run["error"], run["meta"]) == (True, None, {})
    unknown = ("latency_ms", "tokens_in", "tokens_out", "cost_micros", "user_id", "input_ref")
    assert [run[name] for name in unknown] == [None] * 6


@pytest.mark.parametrize("run_type", RUN_TYPES)
def test_every_purpose_is_known(api: Client, run_type: str) -> None:
    assert record(api, run_type=run_type)["run_type"] == run_type


BAD = [
    ("run_type", "CHAT"),
    ("run_type", None),
    ("model", ""),
    ("model", "x" * 201),
    ("input_ref", ""),
    ("input_ref", "x" * 501),
    ("prompt_version_id", "v1"),
    ("latency_ms", -1),
    ("tokens_in", -1),
    ("tokens_out", -1),
    ("cost_micros", -1),
    ("cost_micros", 2**63),
    ("cost_micros", 0.5),
    ("cost_micros", "5500"),
    ("success", "yes"),
    ("success", None),
    ("error", "it failed, and it did not"),
    ("error", ""),
    ("meta", []),
    ("meta", {"k": "x" * 65536}),
    ("started_at", "2026-01-01T00:00:00"),
    ("user_id", "00000000-0000-7000-8000-000000000001"),
]
IDS = [f"{field} {str(value)[:20]}" for field, value in BAD]


@pytest.mark.parametrize(("field", "value"), BAD, ids=IDS)
def test_bad_input_names_its_field(api: Client, field: str, value: Any) -> None:
    response = api.request("POST", "/v1/model-runs", {**RUN, field: value})
    assert list(problem(response, 400, "VALIDATION")["errors"]) == [field]


@pytest.mark.parametrize(("field", "value"), BAD, ids=IDS)
def test_bad_input_in_a_batch_names_the_run_by_its_index(
    api: Client, field: str, value: Any
) -> None:
    answered = batch(api, [RUN, RUN, {**RUN, field: value}])
    assert (answered["done"], answered["failed"]) == (2, 1)
    assert answered["items"][2]["problem"]["code"] == "VALIDATION"
    assert list(answered["items"][2]["problem"]["errors"]) == [field]
    assert len(api.all("/v1/model-runs")) == 2


def test_a_failed_run_says_why(api: Client) -> None:
    response = api.request("POST", "/v1/model-runs", {**RUN, "success": False})
    assert list(problem(response, 400, "VALIDATION")["errors"]) == ["error"]
    assert record(api, success=False, error="no answer")["error"] == "no answer"


def test_texts_that_are_too_long_in_bytes_or_blank_name_their_field(api: Client) -> None:
    for field, value in (
        ("error", "ä" * 10000),
        ("error", " "),
        ("model", " "),
        ("input_ref", " "),
    ):
        fields = {field: value, "success": field != "error"}
        response = api.request("POST", "/v1/model-runs", {**RUN, **fields})
        assert list(problem(response, 400, "VALIDATION")["errors"]) == [field]


def test_a_run_names_only_prompts_of_its_tenant(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    theirs = new_prompt(new_tenant().service)
    for prompt_id in (theirs["id"], str(uuid4())):
        response = api.request("POST", "/v1/model-runs", {**RUN, "prompt_version_id": prompt_id})
        document = problem(response, 400, "INVALID_REFERENCE")
        assert list(document["errors"]) == ["prompt_version_id"]


# Many at once ----------------------------------------------------------------------------------------


def test_a_thousand_runs_are_recorded_at_once_in_their_order(tenant: Tenant) -> None:
    prompt = new_prompt(tenant.service)
    runs = [
        {**(FULL if n % 3 else RUN), "latency_ms": n, "prompt_version_id": prompt["id"]}
        for n in range(1000)
    ]
    recorded = batch(tenant.acting("admin"), runs)["items"]

    found = {run["id"]: run for run in tenant.service.all("/v1/model-runs", limit=100)}
    assert [found[run["id"]]["latency_ms"] for run in recorded] == list(range(1000))
    assert len(found) == 1000
    last = found[recorded[-1]["id"]]
    assert last == record(tenant.acting("admin"), **runs[-1]) | {
        "id": last["id"],
        "created_at": last["created_at"],
    }
    first = found[recorded[0]["id"]]
    assert (first["success"], first["error"], first["meta"]) == (True, None, {})


@pytest.mark.parametrize(
    "runs", [[], [RUN] * 1001, None, {}, "all"], ids=["none", "1001", "null", "object", "text"]
)
def test_a_batch_has_one_to_a_thousand_runs(api: Client, runs: Any) -> None:
    response = api.request("POST", "/v1/model-runs/batch", {"runs": runs})
    assert list(problem(response, 400, "VALIDATION")["errors"]) == ["runs"]


def test_a_run_of_a_batch_with_an_unknown_prompt_is_refused_alone(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    known, theirs = new_prompt(api)["id"], new_prompt(new_tenant().service)["id"]
    named = [known, theirs, None, known, str(uuid4())]
    answered = batch(api, [{**RUN, "prompt_version_id": prompt_id} for prompt_id in named])

    outcomes = ["done", "failed", "done", "done", "failed"]
    assert [item["outcome"] for item in answered["items"]] == outcomes
    for index in (1, 4):
        refused = answered["items"][index]["problem"]
        assert (refused["code"], list(refused["errors"])) == (
            "INVALID_REFERENCE",
            ["prompt_version_id"],
        )
    recorded = {run["id"]: run["prompt_version_id"] for run in api.all("/v1/model-runs")}
    assert recorded == {answered["items"][index]["id"]: named[index] for index in (0, 2, 3)}


def test_what_only_the_database_refuses_is_the_result_of_its_run(api: Client) -> None:
    answered = batch(api, [RUN, {**RUN, "model": " "}])
    assert (answered["done"], answered["failed"]) == (1, 1)
    assert list(answered["items"][1]["problem"]["errors"]) == ["model"]
    assert len(api.all("/v1/model-runs")) == 1


def test_a_batch_that_is_sent_again_is_recorded_once(api: Client) -> None:
    answers = at_once(
        5,
        lambda _: api.post(
            "/v1/model-runs/batch",
            {"runs": [RUN] * 3},
            expect=200,
            headers={"Idempotency-Key": "batch-1"},
        ),
    )
    assert all(answer == answers[0] for answer in answers)
    assert len(api.all("/v1/model-runs")) == 3


def test_batches_at_once_are_all_recorded(api: Client) -> None:
    recorded = at_once(50, lambda n: batch(api, [{**RUN, "input_ref": f"{n}"}] * 4)["items"])
    ids = {run["id"] for runs in recorded for run in runs}
    assert len(ids) == 200
    assert {run["id"] for run in api.all("/v1/model-runs", limit=100)} == ids


# Append-only -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["UPDATE models.model_runs SET cost_micros = 0", "DELETE FROM models.model_runs"]
)
def test_the_service_cannot_change_a_run(
    api: Client, sql: psycopg.Connection[Any], statement: str
) -> None:
    record(api)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(statement)


INSERT = (
    "INSERT INTO models.model_runs (tenant_id, run_type, model{}) VALUES (%s, 'EMBEDDING', 'm'{})"
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("latency_ms", "-1"),
        ("tokens_in", "-1"),
        ("tokens_out", "-1"),
        ("cost_micros", "-1"),
        ("success", "false"),
        ("error", "'it failed'"),
        ("meta", "'[]'"),
    ],
)
def test_another_writer_is_held_to_the_same_rules(
    tenant: Tenant, sql: psycopg.Connection[Any], column: str, value: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(INSERT.format(f", {column}", f", {value}"), [tenant.id])


def test_nobody_records_runs_for_another_tenant(
    new_tenant: Callable[[], Tenant], sql: psycopg.Connection[Any]
) -> None:
    other = new_tenant()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(INSERT.format("", ""), [other.id])


# Lists -----------------------------------------------------------------------------------------------


def test_runs_are_listed_by_type_and_by_what_they_were_about(api: Client) -> None:
    made = [
        record(api, run_type=run_type, input_ref=input_ref)["id"]
        for run_type, input_ref in (
            ("DRAFT_REPLY", "a"),
            ("STYLE_PASS", "a"),
            ("DRAFT_REPLY", "b"),
            ("DRAFT_REPLY", None),
            ("DRAFT_REPLY", "a"),
        )
    ]

    def listed(**filters: str) -> list[int]:
        return [made.index(run["id"]) for run in api.all("/v1/model-runs", limit=1, **filters)]

    assert listed() == [4, 3, 2, 1, 0]
    assert listed(run_type="DRAFT_REPLY") == [4, 3, 2, 0]
    assert listed(input_ref="a") == [4, 1, 0]
    assert listed(input_ref="a", run_type="DRAFT_REPLY") == [4, 0]
    assert listed(input_ref="A") == listed(run_type="EMBEDDING") == []


def test_runs_of_one_moment_are_each_listed_once(api: Client) -> None:
    ids = {run["id"] for run in batch(api, [{**RUN, "input_ref": "a"}] * 50)["items"]}
    for filters in ({}, {"run_type": "DRAFT_REPLY"}, {"input_ref": "a"}):
        listed = [run["id"] for run in api.all("/v1/model-runs", limit=7, **filters)]
        assert len(listed) == 50
        assert set(listed) == ids


def test_a_wrong_filter_is_refused(api: Client) -> None:
    for query, field in (("run_type=CHAT", "run_type"), ("input_ref=", "input_ref")):
        response = api.request("GET", f"/v1/model-runs?{query}")
        assert list(problem(response, 400, "VALIDATION")["errors"]) == [field]


# Who may, and what is not there ----------------------------------------------------------------------


def test_a_tenant_sees_its_own_runs_only(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    theirs = record(new_tenant().service)
    for run_id in (theirs["id"], uuid4()):
        problem(api.request("GET", f"/v1/model-runs/{run_id}"), 404, "NOT_FOUND")
    assert api.all("/v1/model-runs") == api.get("/v1/model-runs/costs")["items"] == []


def test_who_reads_does_not_record_and_a_stranger_does_neither(tenant: Tenant) -> None:
    viewer = tenant.acting("viewer")
    viewer.get("/v1/model-runs")
    viewer.get("/v1/model-runs/costs")
    for path, body in (("", RUN), ("/batch", {"runs": [RUN]})):
        problem(viewer.request("POST", f"/v1/model-runs{path}", body), 403, "FORBIDDEN")
    key = tenant.service.post("/v1/api-keys", {"name": "k", "scopes": ["prompts:read"]})["key"]
    stranger = Client(tenant.service.url, key)
    for path in ("", "/costs", f"/{uuid4()}"):
        problem(stranger.request("GET", f"/v1/model-runs{path}"), 403, "FORBIDDEN")


# Costs -----------------------------------------------------------------------------------------------


def costs(api: Client, **query: str) -> list[dict[str, Any]]:
    answer = api.get("/v1/model-runs/costs", params=query)
    assert answer["next_cursor"] is None
    found: list[dict[str, Any]] = answer["items"]
    return found


def recorded_at(sql: psycopg.Connection[Any], tenant: Tenant, moment: str, cost: int) -> None:
    sql.execute(INSERT.format(", created_at, cost_micros", ", %s, %s"), [tenant.id, moment, cost])
    sql.commit()


def test_costs_are_summed_by_model_type_prompt_and_day(api: Client) -> None:
    prompt = new_prompt(api, label="friendly")["id"]
    small = {**RUN, "tokens_in": 10, "tokens_out": 1, "cost_micros": 100}
    large = {**RUN, "model": "gpt-4o", "tokens_in": 20, "tokens_out": 2, "cost_micros": 5000}
    batch(
        api,
        [
            {**small, "prompt_version_id": prompt},
            {**small, "run_type": "EMBEDDING", "tokens_out": None},
            {**large, "prompt_version_id": prompt, "success": False, "error": "late"},
            {**large, "cost_micros": None},
        ],
    )

    def summed(key: str | None, label: str | None, *sums: int | None) -> dict[str, Any]:
        names = ("runs", "failures", "tokens_in", "tokens_out", "cost_micros", "runs_without_price")
        return {"key": key, "label": label, **dict(zip(names, sums, strict=True))}

    today = datetime.now(UTC).date().isoformat()
    assert costs(api, by="day") == costs(api)
    [day] = costs(api)
    # The day may have ended meanwhile.
    assert day == summed(day["key"], day["key"], 4, 1, 60, 5, 5200, 1)
    assert day["key"] <= today
    assert costs(api, by="model") == [
        summed("gpt-4o", "gpt-4o", 2, 1, 40, 4, 5000, 1),
        summed("gpt-4o-mini", "gpt-4o-mini", 2, 0, 20, 1, 200, 0),
    ]
    assert costs(api, by="run_type") == [
        summed("DRAFT_REPLY", "DRAFT_REPLY", 3, 1, 50, 5, 5100, 1),
        summed("EMBEDDING", "EMBEDDING", 1, 0, 10, None, 100, 0),
    ]
    assert costs(api, by="prompt") == [
        summed(prompt, "friendly", 2, 1, 30, 3, 5100, 0),
        summed(None, None, 2, 0, 30, 2, 100, 1),
    ]


def test_an_unknown_price_is_not_zero(api: Client) -> None:
    batch(api, [RUN, RUN])
    [day] = costs(api)
    assert (day["runs"], day["cost_micros"], day["runs_without_price"]) == (2, None, 2)
    record(api, cost_micros=0)
    [day] = costs(api)
    assert (day["runs"], day["cost_micros"], day["runs_without_price"]) == (3, 0, 2)


def test_sums_beyond_32_and_64_bits_are_right(api: Client) -> None:
    large = {"cost_micros": 3_000_000_000, "tokens_in": 2**31, "tokens_out": 2**40}
    batch(api, [{**RUN, **large}] * 3)
    [day] = costs(api)
    assert (day["cost_micros"], day["tokens_in"]) == (9_000_000_000, 3 * 2**31)
    assert day["tokens_out"] == 3 * 2**40
    batch(api, [{**RUN, "cost_micros": 2**63 - 1}] * 2)
    [day] = costs(api)
    assert day["cost_micros"] == 9_000_000_000 + 2 * (2**63 - 1)


def test_days_are_those_of_utc_and_the_last_one_is_not_counted(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    for moment, cost in (
        ("2025-03-01T23:59:59.999999Z", 1),
        ("2025-03-02T00:00:00Z", 10),
        ("2025-03-02T23:59:59.999999Z", 100),
        ("2025-03-03T01:00:00+02:00", 1000),  # still the second of March
        ("2025-03-03T00:00:00Z", 10000),
    ):
        recorded_at(sql, tenant, moment, cost)

    def by_day(first: str, last: str) -> dict[str, int]:
        found = costs(api, **{"from": first, "to": last})
        return {day["key"]: day["cost_micros"] for day in found}

    assert by_day("2025-03-02", "2025-03-03") == {"2025-03-02": 1110}
    assert by_day("2025-03-01", "2025-03-04") == {
        "2025-03-03": 10000,
        "2025-03-02": 1110,
        "2025-03-01": 1,
    }
    for by in ("model", "run_type", "prompt"):
        [found] = costs(api, by=by, **{"from": "2025-03-02", "to": "2025-03-03"})
        assert found["cost_micros"] == 1110


def test_without_a_range_it_is_the_last_thirty_days(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    now = datetime.now(UTC)
    for days, cost in ((0, 1), (28, 10), (31, 100)):
        recorded_at(sql, tenant, (now - timedelta(days=days)).isoformat(), cost)
    [found] = costs(api, by="model")
    assert found["cost_micros"] == 11
    [found] = costs(api, by="model", **{"from": (now - timedelta(days=40)).date().isoformat()})
    assert found["cost_micros"] == 111
    [found] = costs(api, by="model", to=(now - timedelta(days=20)).date().isoformat())
    assert found["cost_micros"] == 110


def test_the_range_ends_are_days_of_at_most_a_year(api: Client) -> None:
    first = date(2025, 1, 1)
    for query, field in (
        ("from=2025-01-02&to=2025-01-02", "from"),
        ("from=2025-01-03&to=2025-01-02", "from"),
        (f"from={first}&to={first + timedelta(days=367)}", "from"),
        ("from=2020-01-01", "from"),
        ("from=yesterday", "from"),
        ("to=2025-02-30", "to"),
        ("to=0001-01-01", "from"),
        ("by=user", "by"),
        ("since=2025-01-01", "since"),
    ):
        response = api.request("GET", f"/v1/model-runs/costs?{query}")
        assert list(problem(response, 400, "VALIDATION")["errors"]) == [field], query
    for query in (
        f"from={first}&to={first + timedelta(days=366)}",
        "to=0001-01-02",
        "from=9998-12-31&to=9999-12-31",
    ):
        assert api.get(f"/v1/model-runs/costs?{query}")["items"] == []
