"""The work on runs: each claimed by one worker, rescued when that one dies, completed once however often it is told."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.pipelines.schemas import STAGES
from service.rest import MB
from tests.client import Client, Tenant, at_once
from tests.pipelines.helpers import (
    FINDINGS,
    cards,
    claim,
    claimed_run,
    completed_run,
    completion,
    detail,
    finished_run,
    report_stages,
    run,
)

RUNS = "/v1/pipeline-runs"
UNKNOWN = "00000000-0000-7000-8000-00000000dead"
Sql = psycopg.Connection[Any]


def expire(sql: Sql, run_id: str) -> None:
    """As if the worker had died and its lease had run out."""
    sql.execute("SELECT operations.set_local('app.user_id', 'any')")
    sql.execute(
        "UPDATE pipelines.runs SET lease_expires_at = now() - interval '1 second' WHERE id = %s",
        [run_id],
    )
    sql.commit()


def statuses(tenant: Tenant, run_id: str) -> list[str]:
    """Of the run's stages, by their numbers."""
    return [stage["status"] for stage in detail(tenant, run_id)["stages"]]


def make_due(sql: Sql) -> None:
    """Lets the backoff pass."""
    sql.execute("SELECT operations.set_local('app.user_id', 'any')")
    sql.execute("UPDATE pipelines.runs SET due_at = now() WHERE status = 'pending'")
    sql.commit()


# Claims ----------------------------------------------------------------------------------------------


def test_a_worker_claims_the_oldest_runs_of_all_users(tenant: Tenant) -> None:
    created = [run(tenant.acting(user)) for user in ("agent", "agent2")]
    [first] = claim(tenant, limit=1, worker="pipeline-7", pipeline_version="2.1")
    assert first["id"] == created[0]["id"]
    assert first["user_id"] == tenant.users["agent"]
    assert (first["attempts"], first["completed_stages"]) == (1, [])
    shown = detail(tenant, first["id"])
    assert (shown["status"], shown["pipeline_version"]) == ("running", "2.1")
    assert shown["started_at"] is not None
    [second] = claim(tenant)
    assert second["id"] == created[1]["id"]
    assert second["lease_id"] != first["lease_id"]
    assert claim(tenant) == []


def test_claims_at_once_give_each_run_to_one_worker(tenant: Tenant) -> None:
    created = {run(tenant.acting(user))["id"] for user in ("agent", "agent2") for _ in range(20)}

    def work(number: int) -> list[str]:
        api = Client(tenant.service.url, tenant.service.credential)
        got: list[str] = []
        while True:
            body = {"worker": f"pipeline-{number}", "limit": 3}
            items = api.post(f"{RUNS}/claim", body)["items"]
            if not items:
                return got
            got += [item["id"] for item in items]

    claimed = [id_ for ids in at_once(10, work) for id_ in ids]
    assert len(claimed) == len(created)
    assert set(claimed) == created


def test_only_services_work_on_runs(tenant: Tenant) -> None:
    theirs = run(tenant.agent)["id"]
    # Not even to be told that they lost a lease: that would show another user's run.
    late = {"lease_id": UNKNOWN}
    for role in ("viewer", "agent", "approver", "admin"):
        tenant.acting(role).post(f"{RUNS}/claim", {"worker": "w"}, expect=403)
        for path, body in (
            ("heartbeat", late),
            ("stages", {**late, "stage_number": 1, "status": "running"}),
            ("report", {**late, **FINDINGS}),
            ("complete", completion(late)),
            ("fail", {**late, "error_message": "e"}),
        ):
            refused = tenant.acting(role).post(f"{RUNS}/{theirs}/{path}", body, expect=403)
            assert theirs not in str(refused)
    body = {"name": "a", "scopes": ["runs:read", "runs:write"]}
    reader = Client(tenant.service.url, tenant.service.post("/v1/api-keys", body)["key"])
    assert "runs:work" in reader.post(f"{RUNS}/claim", {"worker": "w"}, expect=403)["detail"]
    assert [claimed["id"] for claimed in claim(tenant)] == [theirs]


def test_claims_are_of_the_tenant(tenant: Tenant, new_tenant: Any) -> None:
    run(new_tenant().agent)
    assert claim(tenant) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("worker", ""),
        ("limit", 0),
        ("lease_seconds", 3601),
        ("pipeline_version", " "),
        ("user", "a"),
    ],
)
def test_a_wrong_claim_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    refused = tenant.service.post(f"{RUNS}/claim", {"worker": "w", field: value}, expect=400)
    assert list(refused["errors"]) == [field]


def test_a_heartbeat_extends_the_lease(tenant: Tenant, sql: Sql) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}/heartbeat"
    body = {"lease_id": claimed["lease_id"], "lease_seconds": 3600}
    extended = tenant.service.post(path, body, expect=200)
    assert extended["lease_expires_at"] > claimed["lease_expires_at"]
    tenant.service.post(path, {"lease_id": str(uuid4())}, expect=409)
    expire(sql, claimed["id"])
    late = tenant.service.post(path, body, expect=409)
    assert late["current"]["status"] == "running"


def test_the_run_of_a_dead_worker_goes_to_the_next_which_goes_on_after_its_stages(
    tenant: Tenant, sql: Sql
) -> None:
    dead = claimed_run(tenant)
    path = f"{RUNS}/{dead['id']}"
    for number in (1, 2):
        stage = {"stage_number": number, "status": "completed", "markdown_output": "# A"}
        tenant.service.post(f"{path}/stages", {"lease_id": dead["lease_id"], **stage})
    begun = {"lease_id": dead["lease_id"], "stage_number": 3, "status": "running"}
    tenant.service.post(f"{path}/stages", begun)
    expire(sql, dead["id"])
    assert claim(tenant) == []
    make_due(sql)
    [next_] = claim(tenant)
    assert (next_["id"], next_["attempts"]) == (dead["id"], 2)
    assert (next_["current_stage"], next_["completed_stages"]) == (3, [1, 2])
    assert statuses(tenant, dead["id"]) == ["completed", "completed", "failed"]
    # The dead one comes back to life: it has lost the run.
    for report, body in (
        ("stages", {**begun}),
        ("report", {"lease_id": dead["lease_id"], **FINDINGS}),
        ("complete", completion(dead)),
        ("fail", {"lease_id": dead["lease_id"], "error_message": "e"}),
        ("heartbeat", {"lease_id": dead["lease_id"]}),
    ):
        assert tenant.service.post(f"{path}/{report}", body, expect=409)["code"] == "CONFLICT"
    tenant.service.post(f"{path}/stages", {**begun, "lease_id": next_["lease_id"]}, expect=200)
    assert statuses(tenant, dead["id"]) == ["completed", "completed", "running"]
    report_stages(tenant, next_, 3, 4)
    tenant.service.post(f"{path}/complete", completion(next_), expect=200)
    assert detail(tenant, dead["id"])["status"] == "completed"


def test_a_run_whose_workers_all_die_has_failed_and_says_why(tenant: Tenant, sql: Sql) -> None:
    run_id = run(tenant.agent)["id"]
    for attempt in (1, 2, 3):
        [claimed] = claim(tenant)
        assert (claimed["id"], claimed["attempts"]) == (run_id, attempt)
        expire(sql, run_id)
        assert claim(tenant) == []
        make_due(sql)
    failed = detail(tenant, run_id)
    assert failed["status"] == "failed"
    assert "lease ran out" in failed["error_message"]
    assert failed["completed_at"] is not None


# Stages ----------------------------------------------------------------------------------------------


def test_a_stage_is_there_once_however_often_it_is_reported(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}/stages"
    lease = {"lease_id": claimed["lease_id"], "stage_number": 2}
    tenant.service.post(path, {**lease, "status": "running"})
    done = {**lease, "status": "completed", "markdown_output": "# A", "json_output": {"a": [1]}}
    first = tenant.service.post(path, done, expect=200)
    again = tenant.service.post(path, done, expect=200)
    assert again == first
    assert (first["name"], first["status"]) == (STAGES[1], "completed")
    other = tenant.service.post(path, {**done, "name": "Signals", "markdown_output": "# B"})
    assert other["revision"] == first["revision"] + 1
    shown = detail(tenant, claimed["id"])
    [stage] = shown["stages"]
    assert (stage["name"], stage["markdown_output"]) == ("Signals", "# B")
    assert shown["current_stage"] == 2


def test_stages_reported_at_once_are_there_once(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)

    def report(n: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        body = {
            "lease_id": claimed["lease_id"],
            "stage_number": 1 + n % 5,
            "status": "completed",
            "markdown_output": f"# {n}",
        }
        return api.request("POST", f"{RUNS}/{claimed['id']}/stages", body).status_code

    assert set(at_once(20, report)) == {200}
    shown = detail(tenant, claimed["id"])
    assert [stage["stage_number"] for stage in shown["stages"]] == [1, 2, 3, 4, 5]
    assert [stage["name"] for stage in shown["stages"]] == list(STAGES)
    assert shown["current_stage"] == 5


def test_the_stage_of_a_run_does_not_go_back(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    for number in (3, 1, 2):
        body = {"lease_id": claimed["lease_id"], "stage_number": number, "status": "running"}
        tenant.service.post(f"{path}/stages", body)
        assert detail(tenant, claimed["id"])["current_stage"] == 3


def test_a_completed_stage_stays_so_though_an_older_report_comes_late(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}/stages"
    lease = {"lease_id": claimed["lease_id"], "stage_number": 1}
    tenant.service.post(path, {**lease, "status": "failed"})
    tenant.service.post(path, {**lease, "status": "completed", "markdown_output": "# A"})
    for status in ("running", "failed"):
        refused = tenant.service.post(path, {**lease, "status": status}, expect=409)
        assert f"from completed to {status}" in refused["detail"]
    assert detail(tenant, claimed["id"])["stages"][0]["markdown_output"] == "# A"


@pytest.mark.parametrize("end", ["fail", "retry", "cancel"])
def test_a_stage_that_is_running_ends_with_its_run(tenant: Tenant, end: str) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    lease = {"lease_id": claimed["lease_id"]}
    report_stages(tenant, claimed, 1)
    begun = {**lease, "stage_number": 2, "status": "running"}
    tenant.service.post(f"{path}/stages", begun, expect=200)
    if end == "cancel":
        tenant.agent.post(f"{path}/cancel", expect=200)
    else:
        body = {**lease, "error_message": "e", "retry": end == "retry"}
        tenant.service.post(f"{path}/fail", body, expect=200)
    assert statuses(tenant, claimed["id"]) == ["completed", "failed"]
    tenant.service.post(f"{path}/stages", begun, expect=409)
    assert statuses(tenant, claimed["id"]) == ["completed", "failed"]


def test_stages_end_though_they_are_reported_when_their_run_ends(tenant: Tenant) -> None:
    for _ in range(5):
        claimed = claimed_run(tenant)
        path = f"{RUNS}/{claimed['id']}"

        def work(n: int, path: str = path, claimed: Any = claimed) -> int:
            if n == 5:
                return tenant.acting("agent").request("POST", f"{path}/cancel").status_code
            api = Client(tenant.service.url, tenant.service.credential)
            begun = {"lease_id": claimed["lease_id"], "stage_number": n + 1, "status": "running"}
            return api.request("POST", f"{path}/stages", begun).status_code

        *reported, cancelled = at_once(6, work)
        assert cancelled == 200
        assert set(reported) <= {200, 409}
        assert statuses(tenant, claimed["id"]) == ["failed"] * reported.count(200)


@pytest.mark.parametrize("output", [["a", {"b": 1}], [], {"a": [1]}, {}, None])
def test_what_was_parsed_is_an_object_or_an_array(tenant: Tenant, output: Any) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    stage = {"stage_number": 4, "status": "completed", "markdown_output": "# A"}
    body = {"lease_id": claimed["lease_id"], **stage, "json_output": output}
    assert tenant.service.post(f"{path}/stages", body, expect=200)["json_output"] == output
    body = {**completion(claimed), "json_output": output}
    tenant.service.post(f"{path}/complete", body, expect=200)
    shown = detail(tenant, claimed["id"])["stages"]
    assert [stage["json_output"] for stage in shown[3:]] == [output, output]


@pytest.mark.parametrize("output", ["1", "true", "null", '"a"'])
def test_nothing_else_is_stored_as_parsed(tenant: Tenant, sql: Sql, output: str) -> None:
    claimed = claimed_run(tenant)
    report_stages(tenant, claimed, 1)
    sql.execute("SELECT operations.set_local('app.user_id', 'any')")
    with pytest.raises(psycopg.errors.CheckViolation, match="stage_outputs_json_output_check"):
        sql.execute("UPDATE pipelines.stage_outputs SET json_output = %s", [output])


@pytest.mark.parametrize(
    "text", ["x" * MB, "\n" * (MB - 1) + "x", "漢" * (MB // 3), "\x01" * (MB - 1) + "x"]
)
def test_a_megabyte_of_markdown_arrives(tenant: Tenant, text: str) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    output = {"lease_id": claimed["lease_id"], "markdown_output": text}
    stage = {**output, "stage_number": 1, "status": "completed"}
    assert tenant.service.post(f"{path}/stages", stage, expect=200)["markdown_output"] == text
    longer = {**stage, "markdown_output": f"{text}xxx"}
    refused = tenant.service.post(f"{path}/stages", longer, expect=400)
    assert list(refused["errors"]) == ["markdown_output"]
    tenant.service.post(f"{path}/complete", {**completion(claimed), **output}, expect=200)
    shown = detail(tenant, claimed["id"])["stages"]
    assert [shown[0]["markdown_output"] == text, shown[4]["markdown_output"] == text] == [True] * 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stage_number": 0}, "stage_number"),
        ({"stage_number": 6}, "stage_number"),
        ({"stage_number": "1"}, "stage_number"),
        ({"status": "done"}, "status"),
        ({"status": "completed"}, "markdown_output"),
        ({"status": "completed", "markdown_output": " "}, "markdown_output"),
        ({"name": " "}, "name"),
        ({"json_output": {"a": "x" * 70_000}}, "json_output"),
        ({"json_output": ["x" * 70_000]}, "json_output"),
        ({"json_output": "a"}, "json_output"),
        ({"json_output": 1}, "json_output"),
        ({"json_output": False}, "json_output"),
        ({"lease_id": "a"}, "lease_id"),
    ],
)
def test_a_wrong_stage_is_refused_by_name(
    tenant: Tenant, changes: dict[str, Any], field: str
) -> None:
    claimed = claimed_run(tenant)
    body = {"lease_id": claimed["lease_id"], "stage_number": 1, "status": "running", **changes}
    refused = tenant.service.post(f"{RUNS}/{claimed['id']}/stages", body, expect=400)
    assert list(refused["errors"]) == [field]


def test_a_report_is_there_once(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}/report"
    body = {"lease_id": claimed["lease_id"], **FINDINGS}
    first = tenant.service.post(path, body, expect=200)
    assert tenant.service.post(path, body, expect=200) == first
    changed = tenant.service.post(path, {**body, "inspiration2_title": "Reuse"}, expect=200)
    assert (changed["id"], changed["inspiration2_title"]) == (first["id"], "Reuse")
    assert detail(tenant, claimed["id"])["report"]["inspiration2_title"] == "Reuse"
    refused = tenant.service.post(path, {**body, "inspiration1_content": " "}, expect=400)
    assert list(refused["errors"]) == ["inspiration1_content"]


# Completion ------------------------------------------------------------------------------------------


def test_a_completion_has_the_last_stage_the_cards_and_the_status(tenant: Tenant) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}/complete"
    done = tenant.service.post(path, completion(claimed), expect=200)
    assert (done["status"], done["current_stage"]) == ("completed", 5)
    assert done["completed_at"] is not None
    assert done["duration_ms"] >= 0
    assert done["error_message"] is done["lease_expires_at"] is None
    shown = detail(tenant, claimed["id"])
    assert [card["number"] for card in shown["cards"]] == [1, 2, 3, 4, 5]
    assert [card["title"] for card in shown["cards"]] == [f"Oat title {n}" for n in range(1, 6)]
    assert not any(card["starred"] for card in shown["cards"])
    stage = shown["stages"][-1]
    assert (stage["stage_number"], stage["name"]) == (5, STAGES[4])
    assert (stage["markdown_output"], stage["json_output"]) == ("# Oat", {"opportunities": 5})


def test_a_completion_that_is_told_again_gives_the_same_and_keeps_stars(tenant: Tenant) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}/complete"
    first = tenant.service.post(path, completion(claimed), expect=200)
    card = detail(tenant, claimed["id"])["cards"][2]
    tenant.agent.put(f"/v1/opportunity-cards/{card['id']}/star", {"starred": True})
    before = detail(tenant, claimed["id"])
    assert tenant.service.post(path, completion(claimed), expect=200) == first
    assert detail(tenant, claimed["id"]) == before
    assert [card["starred"] for card in before["cards"]] == [False, False, True, False, False]


def test_a_run_with_stages_missing_is_not_completed_and_the_answer_says_which(
    tenant: Tenant,
) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    report_stages(tenant, claimed, 2)
    begun = {"lease_id": claimed["lease_id"], "stage_number": 3, "status": "running"}
    tenant.service.post(f"{path}/stages", begun)
    refused = tenant.service.post(f"{path}/complete", completion(claimed), expect=409)
    assert refused["detail"] == "these stages of the run are not completed: 1, 3, 4"
    shown = detail(tenant, claimed["id"])
    assert (shown["status"], shown["cards"]) == ("running", [])
    assert statuses(tenant, claimed["id"]) == ["completed", "running"]
    # The worker has the run still, and can report them.
    report_stages(tenant, claimed, 4, 1)
    refused = tenant.service.post(f"{path}/complete", completion(claimed), expect=409)
    assert refused["detail"] == "these stages of the run are not completed: 3"
    report_stages(tenant, claimed, 3)
    tenant.service.post(f"{path}/complete", completion(claimed), expect=200)


def test_completions_at_once_give_one_result(tenant: Tenant) -> None:
    claimed = finished_run(tenant)

    def complete(_: int) -> tuple[int, Any]:
        api = Client(tenant.service.url, tenant.service.credential)
        path = f"{RUNS}/{claimed['id']}/complete"
        answer = api.request("POST", path, completion(claimed))
        return answer.status_code, answer.json()

    answers = at_once(50, complete)
    assert {status for status, _ in answers} == {200}
    assert len({str(body) for _, body in answers}) == 1
    shown = detail(tenant, claimed["id"])
    assert [card["number"] for card in shown["cards"]] == [1, 2, 3, 4, 5]
    assert [stage["stage_number"] for stage in shown["stages"]] == [1, 2, 3, 4, 5]


def test_completions_of_many_runs_at_once_mix_nothing_up(tenant: Tenant) -> None:
    users = ("agent", "agent2", "approver", "admin")
    for n in range(20):
        run(tenant.acting(users[n % 4]))
    claimed = claim(tenant)
    for one in claimed:
        report_stages(tenant, one, 1, 2, 3, 4)

    def complete(n: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        path = f"{RUNS}/{claimed[n // 2]['id']}/complete"
        body = completion(claimed[n // 2], f"run {n // 2}")
        return api.request("POST", path, body).status_code

    assert set(at_once(40, complete)) == {200}
    names = {id_: name for name, id_ in tenant.users.items()}
    for n, one in enumerate(claimed):
        found = detail(tenant, one["id"], names[one["user_id"]])["cards"]
        assert [card["title"] for card in found] == [f"run {n} title {i}" for i in range(1, 6)]


def test_a_crash_in_a_completion_leaves_nothing_and_telling_it_again_all(
    tenant: Tenant, owner: Sql
) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}/complete"
    # The last card cannot be written, as when the server dies in between.
    owner.execute(
        "CREATE FUNCTION pipelines.crash() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'crash' USING ERRCODE = 'crash_shutdown'; END$$"
    )
    try:
        owner.execute(
            "CREATE TRIGGER crash BEFORE INSERT ON pipelines.opportunity_cards FOR EACH ROW"
            f" WHEN (new.run_id = '{claimed['id']}' AND new.number = 5)"
            " EXECUTE FUNCTION pipelines.crash()".encode()
        )
        assert tenant.service.post(path, completion(claimed), expect=503)["code"] == "UNAVAILABLE"
    finally:
        owner.execute("DROP FUNCTION pipelines.crash() CASCADE")
    half = detail(tenant, claimed["id"])
    assert (half["status"], half["cards"], len(half["stages"])) == ("running", [], 4)
    tenant.service.post(path, completion(claimed), expect=200)
    whole = detail(tenant, claimed["id"])
    assert (whole["status"], len(whole["cards"]), len(whole["stages"])) == ("completed", 5, 5)


def test_cards_that_are_missing_though_the_run_is_completed_come_back(
    tenant: Tenant, owner: psycopg.Connection[Any]
) -> None:
    claimed = finished_run(tenant)
    path = f"{RUNS}/{claimed['id']}/complete"
    tenant.service.post(path, completion(claimed))
    owner.execute(
        "DELETE FROM pipelines.opportunity_cards WHERE run_id = %s AND number > 2", [claimed["id"]]
    )
    tenant.service.post(path, completion(claimed), expect=200)
    assert len(detail(tenant, claimed["id"])["cards"]) == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cards": []}, "cards"),
        ({"cards": None}, "cards"),
        ({"cards": "Unable to parse"}, "cards"),
        ({"cards": cards()[:4]}, "cards"),
        ({"cards": [*cards(), cards()[0]]}, "cards"),
        ({"cards": [*cards()[:4], cards()[0]]}, "cards"),
        ({"cards": [{**card, "number": card["number"] + 1} for card in cards()]}, "cards"),
        ({"cards": cards(why_now="")}, "cards"),
        ({"cards": cards(problem=" \n")}, "cards"),
        ({"cards": cards(solution="x" * 8193)}, "cards"),
        ({"cards": cards(whyNow="now")}, "cards"),
        ({"cards": [{"number": n, "title": "Unable to parse"} for n in range(1, 6)]}, "cards"),
        ({"markdown_output": ""}, "markdown_output"),
        ({"json_output": "Unable to parse"}, "json_output"),
    ],
)
def test_an_output_that_gives_no_five_cards_is_refused_and_nothing_is_made_up(
    tenant: Tenant, changes: dict[str, Any], field: str
) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    refused = tenant.service.post(
        f"{path}/complete", {**completion(claimed), **changes}, expect=400
    )
    assert list(refused["errors"]) == [field]
    shown = detail(tenant, claimed["id"])
    assert (shown["status"], shown["cards"]) == ("running", [])
    # What is left to the worker is to say so.
    body = {"lease_id": claimed["lease_id"], "error_message": "stage 5 cannot be read"}
    failed = tenant.service.post(f"{path}/fail", body, expect=200)
    assert (failed["status"], failed["error_message"]) == ("failed", "stage 5 cannot be read")
    assert detail(tenant, claimed["id"])["cards"] == []


# Failures --------------------------------------------------------------------------------------------


def test_a_failed_run_says_why_and_when(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}/fail"
    lease = {"lease_id": claimed["lease_id"]}
    for body in (lease, {**lease, "error_message": " "}, {**lease, "error_message": None}):
        assert list(tenant.service.post(path, body, expect=400)["errors"]) == ["error_message"]
    failed = tenant.service.post(path, {**lease, "error_message": "no credit"}, expect=200)
    assert (failed["status"], failed["error_message"]) == ("failed", "no credit")
    assert failed["completed_at"] is not None
    assert claim(tenant) == []


def test_a_failure_that_may_pass_is_tried_again_later(tenant: Tenant, sql: Sql) -> None:
    claimed = claimed_run(tenant)
    path = f"{RUNS}/{claimed['id']}"
    body = {"lease_id": claimed["lease_id"], "error_message": "timeout", "retry": True}
    waiting = tenant.service.post(f"{path}/fail", body, expect=200)
    assert (waiting["status"], waiting["error_message"]) == ("pending", "timeout")
    assert waiting["due_at"] > claimed["lease_expires_at"][:10]
    assert claim(tenant) == []
    sql.execute("SELECT operations.set_local('app.user_id', 'any')")
    sql.execute("UPDATE pipelines.runs SET due_at = now(), max_attempts = 2")
    sql.commit()
    [again] = claim(tenant)
    body["lease_id"] = again["lease_id"]
    assert tenant.service.post(f"{path}/fail", body, expect=200)["status"] == "failed"


def test_what_is_over_cannot_be_claimed_reported_or_cancelled(tenant: Tenant) -> None:
    done = completed_run(tenant)
    assert claim(tenant) == []
    tenant.agent.post(f"{RUNS}/{done}/cancel", expect=409)
    body = {"lease_id": str(uuid4()), "error_message": "e"}
    late = tenant.service.post(f"{RUNS}/{done}/fail", body, expect=409)
    assert late["current"]["status"] == "completed"


def test_of_a_cancellation_and_a_completion_at_once_one_wins(tenant: Tenant) -> None:
    for _ in range(5):
        claimed = finished_run(tenant)
        path = f"{RUNS}/{claimed['id']}"

        def end(n: int, path: str = path, claimed: Any = claimed) -> int:
            if n % 2:
                return tenant.acting("agent").request("POST", f"{path}/cancel").status_code
            api = Client(tenant.service.url, tenant.service.credential)
            return api.request("POST", f"{path}/complete", completion(claimed)).status_code

        cancelled, completed = at_once(2, end)[::-1]
        shown = detail(tenant, claimed["id"])
        assert {cancelled, completed} == {200, 409}
        assert shown["status"] == ("cancelled" if cancelled == 200 else "completed")
        assert len(shown["cards"]) == (0 if cancelled == 200 else 5)


def test_a_worker_hears_404_of_a_run_that_was_deleted(tenant: Tenant) -> None:
    claimed = claimed_run(tenant)
    tenant.agent.request("DELETE", f"{RUNS}/{claimed['id']}", expect=200)
    tenant.service.post(f"{RUNS}/{claimed['id']}/complete", completion(claimed), expect=404)
