"""Runs of versions: who may, what a status allows, execution with steps, and what is counted."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.client import Client, Tenant, at_once
from tests.library.run_helpers import (
    RUNS,
    STEPS,
    as_user,
    delete_resource,
    detail,
    executed,
    for_worker,
    one_row,
    run,
    set_status,
    team,
    version,
)

Sql = psycopg.Connection[Any]
UNKNOWN = "01980000-0000-7000-8000-00000000dead"
DAY = 86_400_000


@pytest.fixture
def routine(sql: Sql, tenant: Tenant) -> str:
    """A version that all see."""
    return version(sql, tenant)


def ids(items: list[Any]) -> list[str]:
    return [item["id"] for item in items]


def refused_in_sql(sql: Sql, sqlstate: str, statement: str, *arguments: Any) -> str:
    """The message with which a statement of the transaction under way is refused."""
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(statement.encode(), arguments)
    sql.rollback()
    assert refused.value.sqlstate == sqlstate
    return refused.value.diag.message_primary or ""


# Creation --------------------------------------------------------------------------------------------


def test_a_run_is_created_for_oneself_and_shown_with_all_that_belongs_to_it(
    tenant: Tenant, routine: str
) -> None:
    created = run(tenant.agent, routine, data={"temperature": 0.2, "big": 2**60})
    assert (created["status"], created["user_id"]) == ("scheduled", tenant.users["agent"])
    assert created["is_private"]
    assert created["started_at"] is None
    shown = detail(tenant.agent, created["id"])
    assert {name: shown[name] for name in created} == created
    assert shown["data"] == {"temperature": 0.2, "big": 2**60}
    assert shown["version"]["id"] == routine
    assert len(shown["version"]["public_id"]) == 12
    assert shown["version"]["root"]["resource_type"] == "Routine"
    assert shown["user"]["id"] == tenant.users["agent"]
    assert shown["steps"] == []


def test_data_of_16_kb_fits_and_more_does_not(tenant: Tenant, sql: Sql, routine: str) -> None:
    fits = {"a": "x" * (16384 - len('{"a": ""}'))}
    assert detail(tenant.agent, run(tenant.agent, routine, data=fits)["id"])["data"] == fits
    more = {"a": fits["a"] + "x"}
    body = {"version_id": routine, "name": "n", "data": more}
    problem = tenant.agent.post(RUNS, body, expect=400)
    assert problem["errors"] == {"data": ["must have at most 16 KB"]}
    as_user(sql, tenant.users["agent"])
    statement = (
        "INSERT INTO library.runs (tenant_id, version_id, user_id, name, data)"
        " VALUES (%s, %s, %s, 'n', %s)"
    )
    arguments = [tenant.id, routine, tenant.users["agent"], Jsonb(more)]
    refused_in_sql(sql, "23514", statement, *arguments)


CREATE = "INSERT INTO library.runs (tenant_id, version_id, user_id, team_id, name) VALUES (%s, %s, %s, %s, 'n')"


def test_a_run_of_a_version_that_one_does_not_see_is_refused(tenant: Tenant, sql: Sql) -> None:
    agent2 = tenant.users["agent2"]
    hidden = version(sql, tenant, user="agent", is_private=True)
    run(tenant.agent, hidden)
    body = {"version_id": hidden, "name": "n"}
    problem = tenant.acting("agent2").post(RUNS, body, expect=400)
    assert problem["errors"] == {"version_id": ["there is no such version"]}
    as_user(sql, agent2)
    refused_in_sql(sql, "23503", CREATE, tenant.id, hidden, agent2, None)
    body = {"version_id": UNKNOWN, "name": "n"}
    assert tenant.agent.post(RUNS, body, expect=400)["code"] == "INVALID_REFERENCE"


def test_a_run_of_a_deleted_resource_is_refused(tenant: Tenant, sql: Sql, routine: str) -> None:
    delete_resource(sql, routine)
    problem = tenant.agent.post(RUNS, {"version_id": routine, "name": "n"}, expect=409)
    assert problem["detail"] == "the resource is deleted"
    as_user(sql, tenant.users["agent"])
    refused_in_sql(sql, "DR001", CREATE, tenant.id, routine, tenant.users["agent"], None)


def test_nobody_creates_runs_of_another(tenant: Tenant, sql: Sql, routine: str) -> None:
    other = tenant.users["agent2"]
    for actor in (tenant.users["agent"], ""):
        as_user(sql, actor)
        refused_in_sql(sql, "DR003", CREATE, tenant.id, routine, other, None)
    tenant.service.post(RUNS, {"version_id": routine, "name": "n"}, expect=403)


def test_a_run_for_a_team_takes_the_permission_in_it(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    made = team(sql, tenant, agent=["run-resources"], agent2=["write-resources"], approver=[])
    created = run(tenant.agent, routine, team_id=made)
    path = f"{RUNS}/{created['id']}"
    for user in ("agent2", "approver"):
        assert detail(tenant.acting(user), created["id"])["team_id"] == made
        tenant.acting(user).patch(path, {"name": "Mine"}, expect=403)
        body = {"version_id": routine, "name": "n", "team_id": made}
        tenant.acting(user).post(RUNS, body, expect=403)
        tenant.acting(user).post(f"{path}/execute", {"steps": STEPS}, expect=403)
        user_id = tenant.users[user]
        as_user(sql, user_id, made)
        refused_in_sql(sql, "DR003", CREATE, tenant.id, routine, user_id, made)
        as_user(sql, user_id, made)
        statement = "UPDATE library.runs SET name = 'Mine' WHERE id = %s"
        refused_in_sql(sql, "DR003", statement, created["id"])
    # Not a member: it is not there.
    tenant.acting("viewer").get(path, expect=404)
    tenant.acting("admin").patch(path, {"name": "Mine"}, expect=404)


def test_a_member_with_the_permission_changes_the_runs_of_others_in_the_team(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    made = team(sql, tenant, agent=["run-resources"], agent2=["run-resources"])
    created = run(tenant.agent, routine, team_id=made)
    member = tenant.acting("agent2")
    member.post(f"{RUNS}/{created['id']}/execute", {"steps": STEPS}, expect=200)
    member.post(f"{RUNS}/{created['id']}/steps/1/start", expect=200)
    assert set_status(member, created["id"], "completed")["user_id"] == tenant.users["agent"]


# Who sees and changes ---------------------------------------------------------------------------------


def test_a_private_run_is_its_users_alone_and_a_public_one_is_seen_by_all(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    private = executed(tenant.agent, routine)
    public = executed(tenant.agent, routine, is_private=False)
    other = tenant.acting("agent2")
    other.get(f"{RUNS}/{private['id']}", expect=404)
    assert len(detail(other, public["id"])["steps"]) == 2
    other.patch(f"{RUNS}/{private['id']}", {"name": "Mine"}, expect=404)
    other.patch(f"{RUNS}/{public['id']}", {"name": "Mine"}, expect=403)
    other.post(f"{RUNS}/{public['id']}/steps/1/start", expect=403)
    outputs = {"outputs": [{"key": "a", "value": 1}]}
    other.put(f"{RUNS}/{public['id']}/steps/1/outputs", outputs, expect=403)

    of_run = "SELECT id FROM library.run_steps WHERE run_id = %s AND step = 1"
    step = one_row(sql, of_run, public["id"])["id"]
    for statement, arguments in (
        ("UPDATE library.runs SET status = 'cancelled' WHERE id = %s", [public["id"]]),
        (
            "INSERT INTO library.run_steps (tenant_id, run_id, step, name) VALUES (%s, %s, 3, 'n')",
            [tenant.id, public["id"]],
        ),
        ("UPDATE library.run_steps SET status = 'skipped' WHERE run_id = %s", [public["id"]]),
        (
            "INSERT INTO library.run_io (tenant_id, step_id, side, key, value)"
            " VALUES (%s, %s, 'output', 'a', '1')",
            [tenant.id, step],
        ),
        ("UPDATE library.run_io SET value = '2' WHERE step_id = %s", [step]),
    ):
        as_user(sql, tenant.users["agent2"])
        refused_in_sql(sql, "DR003", statement, *arguments)
    as_user(sql, tenant.users["agent2"])
    statement = (
        "INSERT INTO library.run_steps (tenant_id, run_id, step, name) VALUES (%s, %s, 3, 'n')"
    )
    # Foreign keys see the run, the policy refuses the step.
    refused_in_sql(sql, "42501", statement, tenant.id, private["id"])


def test_steps_follow_when_a_run_becomes_private(tenant: Tenant, routine: str) -> None:
    public = executed(tenant.agent, routine, is_private=False)
    path = f"{RUNS}/{public['id']}"
    tenant.agent.patch(path, {"is_private": True})
    tenant.acting("agent2").get(path, expect=404)
    assert len(detail(tenant.agent, public["id"])["steps"][0]["inputs"]) == 1
    tenant.agent.patch(path, {"is_private": False})
    assert len(detail(tenant.acting("agent2"), public["id"])["steps"][0]["inputs"]) == 1


def test_runs_are_never_deleted(tenant: Tenant, sql: Sql, routine: str) -> None:
    executed(tenant.agent, routine)
    for table in ("runs", "run_steps", "run_io", "run_counts"):
        as_user(sql, tenant.users["agent"])
        refused_in_sql(sql, "42501", f"DELETE FROM library.{table}")


# Status ------------------------------------------------------------------------------------------------

LEGAL = {
    "scheduled": {"in_progress", "cancelled"},
    "in_progress": {"scheduled", "paused", "completed", "failed", "cancelled"},
    "paused": {"in_progress", "scheduled", "cancelled"},
    "completed": set(),
    "failed": {"in_progress", "scheduled"},
    "cancelled": set(),
}
WAY = {"scheduled": [], "in_progress": ["in_progress"]} | {
    status: ["in_progress", status] for status in ("paused", "completed", "failed", "cancelled")
}


@pytest.mark.parametrize("before", LEGAL)
def test_only_legal_status_changes_are_made_and_a_conflict_says_what_is(
    tenant: Tenant, sql: Sql, routine: str, before: str
) -> None:
    for after in LEGAL.keys() - {before}:
        created = run(tenant.agent, routine)
        for status in WAY[before]:
            set_status(tenant.agent, created["id"], status)
        if after in LEGAL[before]:
            assert set_status(tenant.agent, created["id"], after)["status"] == after
        else:
            problem = set_status(tenant.agent, created["id"], after, expect=409)
            assert problem["current"]["status"] == before
            as_user(sql, tenant.users["agent"])
            statement = "UPDATE library.runs SET status = %s WHERE id = %s"
            refused_in_sql(sql, "DR001", statement, after, created["id"])


def test_the_database_says_when_and_a_restart_keeps_the_first_start(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    created = run(tenant.agent, routine)
    started = set_status(tenant.agent, created["id"], "in_progress")["started_at"]
    assert started
    failed = set_status(tenant.agent, created["id"], "failed", error="No answer.")
    assert failed["completed_at"] > started
    assert failed["error"] == "No answer."
    again = set_status(tenant.agent, created["id"], "in_progress")
    assert (again["started_at"], again["completed_at"]) == (started, None)
    as_user(sql, tenant.users["agent"])
    sql.execute("UPDATE library.runs SET started_at = '2020-01-01', completed_at = '2020-01-02'")
    sql.commit()
    kept = detail(tenant.agent, created["id"])
    assert (kept["started_at"], kept["completed_at"]) == (started, None)
    done = set_status(tenant.agent, created["id"], "completed")
    assert (done["started_at"], done["error"]) == (started, None)


def test_a_cancelled_run_has_its_end(tenant: Tenant, routine: str) -> None:
    cancelled = set_status(tenant.agent, run(tenant.agent, routine)["id"], "cancelled")
    assert cancelled["completed_at"] is not None
    assert cancelled["started_at"] is None


@pytest.mark.parametrize("elapsed", [0, 1, DAY])
def test_the_time_elapsed_is_kept_also_when_it_is_none(
    tenant: Tenant, routine: str, elapsed: int
) -> None:
    created = run(tenant.agent, routine)
    set_status(tenant.agent, created["id"], "in_progress")
    done = set_status(tenant.agent, created["id"], "completed", time_elapsed=elapsed)
    assert done["time_elapsed"] == elapsed


def test_no_other_time_elapsed_is_taken(tenant: Tenant, sql: Sql, routine: str) -> None:
    created = run(tenant.agent, routine)
    for elapsed in (-1, DAY + 1, 1.5, "12"):
        body = {"time_elapsed": elapsed}
        problem = tenant.agent.patch(f"{RUNS}/{created['id']}", body, expect=400)
        assert list(problem["errors"]) == ["time_elapsed"]
    for number in (-1, DAY + 1):
        as_user(sql, tenant.users["agent"])
        refused_in_sql(sql, "23514", "UPDATE library.runs SET time_elapsed = %s", number)


def test_what_came_of_a_run_that_is_over_stays_and_its_name_need_not(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    created = run(tenant.agent, routine)
    set_status(tenant.agent, created["id"], "in_progress")
    set_status(tenant.agent, created["id"], "completed", time_elapsed=7)
    path = f"{RUNS}/{created['id']}"
    for change in ({"time_elapsed": 8}, {"data": {"a": 1}}, {"context_switches": 1}):
        problem = tenant.agent.patch(path, change, expect=409)
        assert problem["detail"] == "the run is completed: what it came to stays"
    assert tenant.agent.patch(path, {"name": "The best"})["name"] == "The best"
    as_user(sql, tenant.users["agent"])
    refused_in_sql(sql, "DR001", "UPDATE library.runs SET time_elapsed = 8")


def test_a_change_of_another_revision_is_refused(tenant: Tenant, routine: str) -> None:
    created = run(tenant.agent, routine)
    path = f"{RUNS}/{created['id']}"
    fresh = {"If-Match": f'"{created["revision"]}"'}
    tenant.agent.patch(path, {"name": "A"}, headers=fresh)
    assert tenant.agent.patch(path, {"name": "B"}, expect=412, headers=fresh)["code"] == "STALE"
    tenant.agent.post(f"{path}/execute", {"steps": STEPS}, expect=412, headers=fresh)


def test_of_many_who_end_a_run_one_does_and_the_others_are_told(
    tenant: Tenant, routine: str
) -> None:
    created = executed(tenant.agent, routine)
    statuses = ["completed", "failed", "cancelled"] * 3

    def end(n: int) -> Any:
        api = Client(tenant.service.url, tenant.service.credential).acting_for(
            tenant.users["agent"]
        )
        return api.request("PATCH", f"{RUNS}/{created['id']}", {"status": statuses[n]})

    answers = at_once(9, end)
    kept = detail(tenant.agent, created["id"])["status"]
    for status, answer in zip(statuses, answers, strict=True):
        if answer.status_code == 409:
            assert answer.json()["current"]["status"] == kept
        else:  # the same again changes nothing
            assert (answer.status_code, status) == (200, kept)


# Execution ---------------------------------------------------------------------------------------------


def test_a_run_is_executed_with_its_steps_and_their_inputs_in_one_call(
    tenant: Tenant, routine: str
) -> None:
    created = run(tenant.agent, routine)
    path = f"{RUNS}/{created['id']}"
    answer = tenant.agent.post(f"{path}/execute", {"steps": STEPS}, expect=200)
    assert answer["run"]["status"] == "in_progress"
    assert answer["run"]["started_at"] is not None
    steps = [(step["step"], step["name"], step["status"]) for step in answer["steps"]]
    assert steps == [(1, "Read", "scheduled"), (2, "Sum up", "scheduled")]
    assert answer["input_count"] == 3
    shown = detail(tenant.agent, created["id"])
    # The same key in two steps, and null.
    assert [step["inputs"] for step in shown["steps"]] == [step["inputs"] for step in STEPS]
    assert shown["revision"] == answer["run"]["revision"]


@pytest.mark.parametrize("status", ["in_progress", "paused", "completed", "failed", "cancelled"])
def test_only_a_run_that_never_began_is_executed(tenant: Tenant, routine: str, status: str) -> None:
    created = run(tenant.agent, routine)
    for each in WAY[status]:
        set_status(tenant.agent, created["id"], each)
    path = f"{RUNS}/{created['id']}"
    problem = tenant.agent.post(f"{path}/execute", {"steps": STEPS}, expect=409)
    assert problem["current"]["status"] == status
    if "scheduled" in LEGAL[status]:
        set_status(tenant.agent, created["id"], "scheduled")
        tenant.agent.post(f"{path}/execute", {"steps": STEPS}, expect=409)
    assert detail(tenant.agent, created["id"])["steps"] == []


def test_an_execution_writes_all_or_nothing(tenant: Tenant, routine: str) -> None:
    created = run(tenant.agent, routine)
    path = f"{RUNS}/{created['id']}"
    steps = [STEPS[0], {"name": "Sum up", "inputs": [{"key": "a", "value": "\0"}]}]
    tenant.agent.post(f"{path}/execute", {"steps": steps}, expect=400)
    shown = detail(tenant.agent, created["id"])
    assert (shown["status"], shown["steps"]) == ("scheduled", [])


def test_executions_at_once_start_the_run_once(tenant: Tenant, sql: Sql, routine: str) -> None:
    created = run(tenant.agent, routine)

    def execute(_: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential).acting_for(
            tenant.users["agent"]
        )
        path = f"{RUNS}/{created['id']}/execute"
        return api.request("POST", path, {"steps": STEPS}).status_code

    assert sorted(at_once(8, execute)) == [200] + [409] * 7
    assert len(detail(tenant.agent, created["id"])["steps"]) == 2
    assert started(sql, tenant) == 1


def test_steps_and_inputs_are_bounded_and_looked_at_first(tenant: Tenant, routine: str) -> None:
    path = f"{RUNS}/{run(tenant.agent, routine)['id']}/execute"

    def errors(steps: Any) -> Any:
        return tenant.agent.post(path, {"steps": steps}, expect=400)["errors"]["steps"]

    assert len(errors([{"nonsense": 1}] * 101)) == 1
    assert errors([])
    inputs = [{"key": str(n), "value": n} for n in range(501)]
    assert errors([{"name": "a", "inputs": inputs}] * 2) == [
        "must have at most 1000 inputs together"
    ]
    assert len(errors([{"name": "a", "inputs": [{}] * 1001}])["0"]["inputs"]) == 1
    twice = [{"key": "a", "value": 1}, {"key": "a", "value": 2}]
    assert errors([{"name": "a", "inputs": twice}]) == {"0": {"inputs": ["has a key twice"]}}
    long = [{"key": "a", "value": "x" * 8191}]  # with its quotation marks
    assert errors([{"name": "a", "inputs": long}])
    most = [{"name": "a", "inputs": inputs[:10]}] * 100
    assert tenant.agent.post(path, {"steps": most}, expect=200)["input_count"] == 1000


# Steps -------------------------------------------------------------------------------------------------


def test_steps_are_started_completed_and_skipped_by_number(tenant: Tenant, routine: str) -> None:
    path = f"{RUNS}/{executed(tenant.agent, routine)['id']}"
    begun = tenant.agent.post(f"{path}/steps/1/start", expect=200)
    assert (begun["status"], begun["completed_at"]) == ("in_progress", None)
    done = tenant.agent.post(
        f"{path}/steps/1/complete",
        {"time_elapsed": 0, "outputs": [{"key": "words", "value": [1, None]}]},
    )
    assert (done["status"], done["time_elapsed"]) == ("completed", 0)
    assert done["started_at"] == begun["started_at"]
    assert tenant.agent.post(f"{path}/steps/2/skip")["status"] == "skipped"
    problem = tenant.agent.post(f"{path}/steps/2/complete", {}, expect=409)
    assert problem["current"]["status"] == "skipped"
    first, second = tenant.agent.get(path)["steps"]
    assert first["outputs"] == [{"key": "words", "value": [1, None]}]
    assert second["completed_at"] is not None
    tenant.agent.post(f"{path}/steps/3/start", expect=404)
    tenant.agent.post(f"{path}/steps/99999999999999/start", expect=404)


def test_an_output_is_replaced_by_its_key_and_others_stay(tenant: Tenant, routine: str) -> None:
    path = f"{RUNS}/{executed(tenant.agent, routine)['id']}"
    for outputs in (
        [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
        [{"key": "b", "value": {"c": 3}}],
    ):
        tenant.agent.put(f"{path}/steps/2/outputs", {"outputs": outputs})
    step = tenant.agent.get(path)["steps"][1]
    assert step["outputs"] == [{"key": "a", "value": 1}, {"key": "b", "value": {"c": 3}}]
    assert step["inputs"] == STEPS[1]["inputs"]
    twice = {"outputs": [{"key": "a", "value": 1}] * 2}
    tenant.agent.put(f"{path}/steps/2/outputs", twice, expect=400)


@pytest.mark.parametrize("status", ["paused", "completed", "failed", "cancelled"])
def test_nothing_happens_to_the_steps_of_a_run_that_is_not_in_progress(
    tenant: Tenant, sql: Sql, routine: str, status: str
) -> None:
    run_id = executed(tenant.agent, routine)["id"]
    set_status(tenant.agent, run_id, status)
    path = f"{RUNS}/{run_id}/steps/1"
    outputs = {"outputs": [{"key": "a", "value": 1}]}
    tenant.agent.post(f"{path}/start", expect=409)
    tenant.agent.post(f"{path}/complete", outputs, expect=409)
    tenant.agent.put(f"{path}/outputs", outputs, expect=409)
    for statement in (
        "UPDATE library.run_steps SET status = 'skipped'",
        "UPDATE library.run_io SET value = '7'",
        "INSERT INTO library.run_io (tenant_id, step_id, side, key, value)"
        " SELECT tenant_id, id, 'output', 'a', '1' FROM library.run_steps",
        "INSERT INTO library.run_steps (tenant_id, run_id, step, name)"
        " SELECT tenant_id, id, 3, 'n' FROM library.runs",
    ):
        as_user(sql, tenant.users["agent"])
        assert refused_in_sql(sql, "DR001", statement) == f"the run is {status}"


def test_the_database_says_when_a_step_began_and_ended(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    path = f"{RUNS}/{executed(tenant.agent, routine)['id']}"
    begun = tenant.agent.post(f"{path}/steps/1/start")["started_at"]
    as_user(sql, tenant.users["agent"])
    sql.execute(
        "UPDATE library.run_steps SET started_at = '2020-01-01', completed_at = '2020-01-02'"
    )
    sql.commit()
    first, second = tenant.agent.get(path)["steps"]
    assert (first["started_at"], first["completed_at"]) == (begun, None)
    assert (second["started_at"], second["completed_at"]) == (None, None)


# Lists -------------------------------------------------------------------------------------------------


def test_one_lists_ones_own_runs_by_status_and_version_newest_first(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    other = version(sql, tenant)
    runs = [run(tenant.agent, routine if n % 2 else other) for n in range(6)]
    run(tenant.acting("agent2"), routine, is_private=False)
    for one, status in zip(runs, WAY, strict=True):
        for each in WAY[status]:
            set_status(tenant.agent, one["id"], each)
    newest_first = ids(runs)[::-1]
    assert ids(tenant.agent.all(RUNS, limit=2)) == newest_first
    assert ids(tenant.agent.all(RUNS, limit=1, version_id=routine)) == newest_first[::2]
    by_status = dict(zip(WAY, ids(runs), strict=True))
    found = tenant.agent.all(RUNS, limit=2, status="failed|scheduled|paused|failed")
    assert ids(found) == [by_status[status] for status in ("failed", "paused", "scheduled")]
    active = tenant.agent.all(f"{RUNS}/active", limit=1)
    assert ids(active) == [by_status["in_progress"], by_status["scheduled"]]
    tenant.agent.get(RUNS, expect=400, params={"status": "Running"})
    tenant.service.get(RUNS, expect=403)


def test_the_runs_of_a_team_are_for_its_members(tenant: Tenant, sql: Sql, routine: str) -> None:
    made = team(sql, tenant, agent=["run-resources"], agent2=[])
    private = run(tenant.agent, routine, team_id=made)
    public = run(tenant.agent, routine, team_id=made, is_private=False)
    run(tenant.agent, routine)
    of_team = [public["id"], private["id"]]
    assert ids(tenant.acting("agent2").all(RUNS, limit=1, team_id=made)) == of_team
    assert tenant.acting("viewer").all(RUNS, team_id=made) == []
    assert detail(tenant.acting("viewer"), public["id"])["team_id"] == made


def test_who_manages_the_library_lists_the_runs_of_all_users(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    other = version(sql, tenant)
    first = run(tenant.agent, routine)
    second = run(tenant.acting("agent2"), other)
    set_status(tenant.agent, first["id"], "in_progress")
    admin = tenant.acting("admin")
    everything = {"all_users": "true", "limit": 1}
    assert ids(admin.all(RUNS, **everything)) == [second["id"], first["id"]]
    assert ids(admin.all(RUNS, **everything, version_id=other)) == [second["id"]]
    assert ids(admin.all(RUNS, **everything, status="in_progress")) == [first["id"]]
    assert ids(admin.all(f"{RUNS}/active", **everything)) == [second["id"], first["id"]]
    for path in (RUNS, f"{RUNS}/active", f"{RUNS}/stats"):
        tenant.agent.get(path, expect=403, params={"all_users": "true"})


def test_runs_of_a_deleted_resource_are_cancelled_and_in_no_list(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    made = team(sql, tenant, agent=["run-resources"])
    doomed = version(sql, tenant)
    kept = run(tenant.agent, routine)
    runs = [run(tenant.agent, doomed, team_id=made) for _ in WAY]
    for one, status in zip(runs, WAY, strict=True):
        for each in WAY[status]:
            set_status(tenant.agent, one["id"], each)
    claimed = for_worker(tenant.acting("agent2"), doomed)
    [work] = tenant.service.post(f"{RUNS}/claim", {"worker": "w"})["items"]
    delete_resource(sql, doomed)
    after = [detail(tenant.agent, one["id"]) for one in runs]
    assert [one["status"] for one in after] == [
        *["cancelled"] * 3,
        "completed",
        "failed",
        "cancelled",
    ]
    assert all(one["completed_at"] and one["version"] is None for one in after)
    assert detail(tenant.acting("agent2"), claimed["id"])["status"] == "cancelled"
    done = {"lease_id": work["lease_id"]}
    tenant.service.post(f"{RUNS}/{work['id']}/complete", done, expect=409)
    assert ids(tenant.agent.all(RUNS)) == [kept["id"]]
    for query in ({"status": "cancelled|completed"}, {"version_id": doomed}, {"team_id": made}):
        assert tenant.agent.all(RUNS, **query) == []
    everything = tenant.acting("admin").all(RUNS, all_users="true")
    assert ids(everything) == [kept["id"]]
    # It begins no more.
    failed = next(one for one in after if one["status"] == "failed")
    problem = set_status(tenant.agent, failed["id"], "in_progress", expect=409)
    assert problem["detail"] == "the resource is deleted"


def test_no_run_outlives_a_deletion_at_the_same_time(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    as_user(sql, "any")
    sql.execute(
        "UPDATE library.resources SET deleted_at = now()"
        " WHERE id = (SELECT root_id FROM library.resource_versions WHERE id = %s)",
        [routine],
    )

    def create(_: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential).acting_for(
            tenant.users["agent"]
        )
        body = {"version_id": routine, "name": "n"}
        if _ == 0:
            sql.commit()
        return api.request("POST", RUNS, body).status_code

    assert at_once(4, create) == [409] * 4


# Counts ------------------------------------------------------------------------------------------------


def stats(sql: Sql, table: str, subject: str, id_: str) -> Any:
    return one_row(
        sql,
        "SELECT count(*) AS rows, count(DISTINCT period_type) AS periods,"
        " min(runs_started) AS started, min(runs_completed) AS completed,"
        " min(runs_timed) AS timed, min(run_milliseconds) AS ms"
        f" FROM identity.{table} WHERE {subject} = %s"
        " AND now() >= period_start AND now() < period_end",
        id_,
    )


def started(sql: Sql, tenant: Tenant) -> int:
    found: int = stats(sql, "user_stats", "user_id", tenant.users["agent"])["started"]
    return found


def test_a_start_counts_once_also_over_restarts_for_the_user_the_team_and_the_version(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    made = team(sql, tenant, agent=["run-resources"])
    created = run(tenant.agent, routine, team_id=made)
    for status in ("in_progress", "failed", "in_progress", "scheduled", "in_progress", "paused"):
        set_status(tenant.agent, created["id"], status)
    set_status(tenant.agent, created["id"], "in_progress")
    set_status(tenant.agent, created["id"], "completed", time_elapsed=1500)
    untimed = executed(tenant.agent, routine, team_id=made)
    set_status(tenant.agent, untimed["id"], "completed")
    executed(tenant.agent, routine)
    user = stats(sql, "user_stats", "user_id", tenant.users["agent"])
    assert user == {"rows": 5, "periods": 5, "started": 3, "completed": 2, "timed": 1, "ms": 1500}
    assert stats(sql, "team_stats", "team_id", made) == {**user, "started": 2}
    counted = one_row(
        sql,
        "SELECT times_started, times_completed, revision FROM library.resource_versions WHERE id = %s",
        routine,
    )
    assert counted == {"times_started": 3, "times_completed": 2, "revision": 1}


def test_a_start_in_plain_sql_counts_as_well(tenant: Tenant, sql: Sql, routine: str) -> None:
    run(tenant.agent, routine)
    as_user(sql, tenant.users["agent"])
    sql.execute("UPDATE library.runs SET status = 'in_progress'")
    sql.commit()
    assert started(sql, tenant) == 1


def test_what_is_counted_by_triggers_nobody_writes(tenant: Tenant, sql: Sql, routine: str) -> None:
    executed(tenant.agent, routine)
    as_user(sql, tenant.users["agent"])
    refused_in_sql(sql, "42501", "UPDATE library.run_counts SET runs = 7")
    as_user(sql, "any")
    refused_in_sql(sql, "42501", "UPDATE library.resource_versions SET times_started = 7")


def test_statistics_count_by_status_and_have_no_average_of_none(
    tenant: Tenant, sql: Sql, routine: str
) -> None:
    path = f"{RUNS}/stats"
    none = tenant.agent.get(path)
    assert none["total"] == 0
    assert set(none["by_status"].values()) == {0}
    assert none["average_execution_time"] is None

    for status in WAY:
        created = run(tenant.agent, routine)
        for each in WAY[status]:
            set_status(tenant.agent, created["id"], each)
    assert tenant.agent.get(path)["average_execution_time"] is None
    for elapsed in (0, 1001):
        created = executed(tenant.agent, routine)
        set_status(tenant.agent, created["id"], "completed", time_elapsed=elapsed)
    run(tenant.acting("agent2"), routine)
    mine = tenant.agent.get(path)
    assert mine["total"] == 8
    assert mine["by_status"] == {**dict.fromkeys(WAY, 1), "completed": 3}
    assert mine["average_execution_time"] == 500.5
    everyone = tenant.acting("admin").get(path, params={"all_users": "true"})
    assert (everyone["total"], everyone["by_status"]["scheduled"]) == (9, 2)
    # They are what counting would find.
    counted = one_row(sql, "SELECT count(*) AS n, avg(time_elapsed) AS average FROM library.runs")
    assert (counted["n"], float(counted["average"])) == (9, 500.5)


def test_runs_of_many_users_at_once_are_counted_exactly_and_without_deadlocks(
    tenant: Tenant, sql: Sql, routine: str, no_deadlocks: None
) -> None:
    users = ["agent", "agent2", "approver", "admin"]
    ids_ = [tenant.users[user] for user in users]
    for _ in range(5):
        for user in users:
            for_worker(tenant.acting(user), routine)

    def work(n: int) -> None:
        api = Client(tenant.service.url, tenant.service.credential)
        if n % 2:
            while found := api.post(f"{RUNS}/claim", {"worker": "w", "limit": 3})["items"]:
                for one in found:
                    body = {"lease_id": one["lease_id"], "time_elapsed": 10}
                    api.post(f"{RUNS}/{one['id']}/complete", body, expect=200)
        else:
            acting = api.acting_for(ids_[n // 2])
            for _ in range(5):
                one = executed(acting, routine)
                set_status(acting, one["id"], "completed", time_elapsed=10)

    at_once(8, work)
    for id_ in ids_:
        assert stats(sql, "user_stats", "user_id", id_)["completed"] == 10
    counted = tenant.acting("admin").get(f"{RUNS}/stats", params={"all_users": "true"})
    assert counted["by_status"]["completed"] == counted["total"] == 40
    assert counted["average_execution_time"] == 10
    found = one_row(
        sql, "SELECT times_completed FROM library.resource_versions WHERE id = %s", routine
    )
    assert found["times_completed"] == 40
