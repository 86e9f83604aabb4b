"""The work on runs: what its worker gets and reports. What holds of every kind of claim is in test_claims."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.library.run_helpers import (
    RUNS,
    STEPS,
    as_user,
    claim,
    detail,
    for_worker,
    one_row,
    run,
    set_status,
    team,
    version,
)

Sql = psycopg.Connection[Any]


@pytest.fixture
def routine(sql: Sql, tenant: Tenant) -> str:
    """A version that all see."""
    return version(sql, tenant)


def complete(tenant: Tenant, work: dict[str, Any], expect: int = 200, **fields: Any) -> Any:
    body = {"lease_id": work["lease_id"], **fields}
    return tenant.service.post(f"{RUNS}/{work['id']}/complete", body, expect=expect)


def test_a_worker_gets_the_oldest_runs_of_all_users_with_what_is_to_be_run(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    hidden = version(sql, tenant, user="agent2", is_private=True)
    first = for_worker(tenant.agent, routine, data={"a": 1}, steps=STEPS)
    second = for_worker(tenant.acting("agent2"), hidden)
    run(tenant.agent, routine)  # which its user runs
    for_worker(tenant.agent, routine, due_at="2999-01-01T00:00:00Z")
    [work] = claim(tenant, limit=1)
    assert (work["id"], work["user_id"]) == (first["id"], tenant.users["agent"])
    assert (work["data"], work["config"], work["attempts"]) == ({"a": 1}, {"model": "m"}, 1)
    shown = detail(tenant.service, first["id"])
    assert (shown["status"], shown["locked_by"]) == ("in_progress", "runner-1")
    assert [step["inputs"] for step in shown["steps"]] == [step["inputs"] for step in STEPS]
    [other] = claim(tenant)
    assert (other["id"], other["config"]) == (second["id"], {"model": "m"})
    assert claim(tenant) == []


def test_claims_at_once_give_each_run_to_one_worker(tenant: Tenant, routine: str) -> None:
    users = ("agent", "agent2")
    made = {for_worker(tenant.acting(user), routine)["id"] for user in users for _ in range(10)}

    def work(_: int) -> list[str]:
        api = Client(tenant.service.url, tenant.service.credential)
        items = api.post(f"{RUNS}/claim", {"worker": "w", "limit": 4})["items"]
        return [item["id"] for item in items]

    claimed = [id_ for ids in at_once(6, work) for id_ in ids]
    assert sorted(claimed) == sorted(made)


def test_a_completion_has_the_steps_and_what_came_out_of_them(tenant: Tenant, routine: str) -> None:
    for_worker(tenant.agent, routine, steps=[*STEPS, {"name": "Send"}])
    [work] = claim(tenant)
    outputs = [{"key": "words", "value": 12}, {"key": "none", "value": None}]
    done = complete(
        tenant,
        work,
        time_elapsed=0,
        completed_complexity=3,
        steps=[
            {"step": 1, "time_elapsed": 5, "outputs": outputs},
            {"step": 3, "status": "skipped"},
        ],
    )
    assert (done["status"], done["time_elapsed"], done["completed_complexity"]) == (
        "completed",
        0,
        3,
    )
    assert (done["lease_expires_at"], done["error"]) == (None, None)
    steps = detail(tenant.agent, work["id"])["steps"]
    assert [step["status"] for step in steps] == ["completed", "completed", "skipped"]
    assert steps[0]["outputs"] == sorted(outputs, key=lambda output: str(output["key"]))
    assert steps[0]["time_elapsed"] == 5
    assert steps[0]["inputs"] == STEPS[0]["inputs"]


def test_a_completion_with_a_step_that_the_run_does_not_have_changes_nothing(
    tenant: Tenant, routine: str
) -> None:
    for_worker(tenant.agent, routine, steps=STEPS)
    [work] = claim(tenant)
    problem = complete(tenant, work, 400, steps=[{"step": 3, "status": "skipped"}])
    assert problem["code"] == "VALIDATION"
    shown = detail(tenant.agent, work["id"])
    assert shown["status"] == "in_progress"
    assert [step["status"] for step in shown["steps"]] == ["scheduled", "scheduled"]


def test_a_heartbeat_extends_the_lease_and_only_with_it(tenant: Tenant, routine: str) -> None:
    for_worker(tenant.agent, routine)
    [work] = claim(tenant, lease_seconds=60)
    path = f"{RUNS}/{work['id']}/heartbeat"
    body = {"lease_id": work["lease_id"], "lease_seconds": 600}
    assert tenant.service.post(path, body)["lease_expires_at"] > work["lease_expires_at"]
    tenant.service.post(path, {"lease_id": str(uuid4())}, expect=409)


def test_what_is_not_to_be_tried_again_has_failed_and_its_user_may_let_it_be_tried(
    tenant: Tenant, routine: str
) -> None:
    for_worker(tenant.agent, routine)
    [work] = claim(tenant)
    body = {"lease_id": work["lease_id"], "error": "No such model."}
    failed = tenant.service.post(f"{RUNS}/{work['id']}/fail", body)
    assert (failed["status"], failed["error"]) == ("failed", "No such model.")
    assert failed["completed_at"] is not None
    assert claim(tenant) == []
    set_status(tenant.agent, work["id"], "in_progress", expect=409)
    again = set_status(tenant.agent, work["id"], "scheduled")
    assert (again["started_at"], again["completed_at"]) == (failed["started_at"], None)
    [second] = claim(tenant)
    assert (second["id"], second["attempts"]) == (work["id"], 2)


@pytest.mark.parametrize("status", ["paused", "cancelled", "scheduled"])
def test_a_worker_loses_the_run_that_its_user_takes_away(
    tenant: Tenant, routine: str, status: str
) -> None:
    for_worker(tenant.agent, routine)
    [work] = claim(tenant)
    taken = set_status(tenant.agent, work["id"], status)
    assert (taken["status"], taken["lease_expires_at"]) == (status, None)
    complete(tenant, work, 409)
    failure = {"lease_id": work["lease_id"], "error": "x", "retry": True}
    tenant.service.post(f"{RUNS}/{work['id']}/fail", failure, expect=409)
    if status == "paused":
        assert claim(tenant) == []
        set_status(tenant.agent, work["id"], "scheduled")
    assert [item["id"] for item in claim(tenant)] == ([] if status == "cancelled" else [work["id"]])


def test_its_user_neither_executes_nor_ends_a_run_that_a_worker_has(
    tenant: Tenant, routine: str
) -> None:
    created = for_worker(tenant.agent, routine, steps=STEPS)
    path = f"{RUNS}/{created['id']}"
    tenant.agent.post(f"{path}/execute", {"steps": STEPS}, expect=409)
    set_status(tenant.agent, created["id"], "in_progress", expect=409)
    claim(tenant)
    for status in ("completed", "failed"):
        set_status(tenant.agent, created["id"], status, expect=409)
    tenant.agent.post(f"{path}/steps/1/start", expect=409)
    body = {"version_id": routine, "name": "n", "steps": STEPS}
    assert list(tenant.agent.post(RUNS, body, expect=400)["errors"]) == ["steps"]


def test_only_workers_claim(tenant: Tenant, routine: str) -> None:
    created = for_worker(tenant.agent, routine)
    for user in ("agent", "admin"):
        tenant.acting(user).post(f"{RUNS}/claim", {"worker": "w"}, expect=403)
        body = {"lease_id": str(uuid4())}
        tenant.acting(user).post(f"{RUNS}/{created['id']}/complete", body, expect=403)


def test_what_a_worker_does_counts_for_the_user_and_the_team_once(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    made = team(sql, tenant, agent=["run-resources"])
    for_worker(tenant.agent, routine, team_id=made)
    [work] = claim(tenant)
    failure = {"lease_id": work["lease_id"], "error": "x", "retry": True}
    tenant.service.post(f"{RUNS}/{work['id']}/fail", failure)
    as_user(sql, "any")
    sql.execute("UPDATE library.runs SET due_at = now()")
    sql.commit()
    [work] = claim(tenant)
    complete(tenant, work, time_elapsed=70)
    query = (
        "SELECT runs_started, runs_completed, run_milliseconds FROM identity.{}"
        " WHERE period_type = 'daily'"
    )
    expected = {"runs_started": 1, "runs_completed": 1, "run_milliseconds": 70}
    assert one_row(sql, query.format("user_stats")) == expected
    assert one_row(sql, query.format("team_stats")) == expected
