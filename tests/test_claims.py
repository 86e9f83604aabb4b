"""What holds of every kind of work that is claimed: who reports is answered, who lost it is told, what fails waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.library.run_helpers import RUNS, for_worker, version
from tests.pipelines.helpers import completion, report_stages, run
from tests.studio import social
from tests.studio.helpers import requested
from tests.tweets.helpers import tweet

Sql = psycopg.Connection[Any]
Report = tuple[str, dict[str, Any]]  # a path and a body, without the lease

DRAFT = {"model_key": "m", "prompt_version": "v", "suggested_text": "It is on its way."}


@dataclass(frozen=True)
class Kind:
    """Work of a kind: how there comes to be some, and what its worker reports."""

    name: str
    table: str
    due: str  # the column
    path: str
    make: Callable[[Tenant], None]
    done: Callable[[dict[str, Any]], Report]
    failed: Callable[[dict[str, Any]], Report]
    claim: dict[str, Any]
    begun: Callable[[Tenant, dict[str, Any]], None] = lambda *_: (
        None
    )  # by its worker, before it is done
    # What a report makes of what may have gone out: that it did, that it did not, and that when people have to look.
    ends: tuple[str, str, str] = ("sent", "scheduled", "held")
    delay: int = 30  # seconds after the first failure
    is_repeatable: bool = True  # so that it goes to another worker when its own dies

    def claimed(self, tenant: Tenant) -> list[dict[str, Any]]:
        body = {"worker": "w", "limit": 100, **self.claim}
        items: list[dict[str, Any]] = tenant.service.post(f"{self.path}/claim", body)["items"]
        for work in items:
            self.begun(tenant, work)
        return items

    def one(self, tenant: Tenant) -> dict[str, Any]:
        """New work, claimed."""
        self.make(tenant)
        [work] = self.claimed(tenant)
        return work

    def reports(self, work: dict[str, Any]) -> list[Report]:
        return [self.done(work), self.failed(work)]

    def state(self, sql: Sql, work: dict[str, Any]) -> Any:
        sql.rollback()
        sql.execute("SELECT operations.set_local('app.user_id', 'any')")
        found = sql.execute(
            f"SELECT status, attempts, {self.due} AS due, now() FROM {self.table} WHERE id = %s",
            [work["id"]],
        ).fetchone()
        sql.rollback()
        return found

    def change(self, sql: Sql, assignment: str) -> None:
        sql.execute("SELECT operations.set_local('app.user_id', 'any')")
        sql.execute(f"UPDATE {self.table} SET {assignment}")
        sql.commit()

    def let_its_worker_die(self, sql: Sql) -> None:
        self.change(sql, "lease_expires_at = now() WHERE lease_expires_at IS NOT NULL")


def ask(tenant: Tenant) -> None:
    tenant.receive()  # asks for a draft by itself


def ask_for_tweet(tenant: Tenant) -> None:
    stored = tweet(tenant.service)
    classified = {"score": 0.9, "status": "relevant"}
    tenant.service.post(f"/v1/tweets/{stored['id']}/classify", classified)
    tenant.service.post("/v1/jobs", {"type": "draft", "payload": {"tweet_id": stored["id"]}})


def approve(tenant: Tenant) -> None:
    tenant.approved()


def approve_for_tweet(tenant: Tenant) -> None:
    stored = tweet(tenant.service)
    classified = {"score": 0.9, "status": "relevant"}
    tenant.service.post(f"/v1/tweets/{stored['id']}/classify", classified)
    draft = tenant.service.post(f"/v1/tweets/{stored['id']}/drafts", DRAFT)
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})


def schedule_post(tenant: Tenant) -> None:
    social.account(tenant.service)
    social.scheduled(tenant)


VERSIONS: dict[str, str] = {}  # one of each tenant, to be run


@pytest.fixture(autouse=True)
def a_version(sql: Sql, tenant: Tenant) -> None:
    VERSIONS[tenant.id] = version(sql, tenant)


def fail_job(work: dict[str, Any]) -> Report:
    return f"/v1/jobs/{work['id']}/fail", {"error": "timeout"}


def draft_for(work: dict[str, Any]) -> Report:
    [(subject, id_)] = [
        (name, work["payload"][f"{name}_id"])
        for name in ("conversation", "tweet")
        if f"{name}_id" in work["payload"]
    ]
    return f"/v1/{subject}s/{id_}/drafts", {**DRAFT, "job_id": work["id"]}


def confirm(work: dict[str, Any]) -> Report:
    return f"/v1/scheduled-replies/{work['id']}/confirm", {"external_id": "OUT-1"}


def fail_reply(work: dict[str, Any]) -> Report:
    body = {"outcome": "not_sent", "error": "refused"}
    return f"/v1/scheduled-replies/{work['id']}/fail", body


JOBS: dict[str, Any] = {"table": "operations.jobs", "due": "run_at", "path": "/v1/jobs"}
REPLIES: dict[str, Any] = {
    "table": "drafts.scheduled_replies",
    "due": "scheduled_for",
    "path": "/v1/scheduled-replies",
    "done": confirm,
    "failed": fail_reply,
    "claim": {},
    "is_repeatable": False,
}

KINDS = [
    Kind(
        "job",
        **JOBS,
        claim={"type": "crawl"},
        make=lambda tenant: tenant.service.post("/v1/jobs", {"type": "crawl"}),
        done=lambda work: (f"/v1/jobs/{work['id']}/complete", {"metrics": {"pages": 7}}),
        failed=fail_job,
    ),
    Kind("draft", **JOBS, claim={"type": "draft"}, make=ask, done=draft_for, failed=fail_job),
    Kind(
        "tweet-draft",
        **JOBS,
        claim={"type": "draft"},
        make=ask_for_tweet,
        done=draft_for,
        failed=fail_job,
    ),
    Kind(
        "video",
        **JOBS,
        claim={"type": "generate-video"},
        make=lambda tenant: requested(tenant.service),
        done=lambda work: (
            f"/v1/videos/{work['payload']['video_id']}/complete",
            {"object_key": "videos/1.mp4"},
        ),
        failed=fail_job,
        delay=5,
    ),
    Kind("reply", **REPLIES, make=approve),
    Kind("tweet-reply", **REPLIES, make=approve_for_tweet),
    Kind(
        "run",
        table="pipelines.runs",
        due="due_at",
        path="/v1/pipeline-runs",
        claim={},
        make=lambda tenant: run(tenant.agent),
        begun=lambda tenant, work: report_stages(tenant, work, 1, 2, 3, 4),
        done=lambda work: (f"/v1/pipeline-runs/{work['id']}/complete", completion(work)),
        failed=lambda work: (
            f"/v1/pipeline-runs/{work['id']}/fail",
            {"error_message": "timeout", "retry": True},
        ),
    ),
    Kind(
        "resource-run",
        table="library.runs",
        due="due_at",
        path=RUNS,
        claim={},
        make=lambda tenant: for_worker(tenant.agent, VERSIONS[tenant.id]),
        done=lambda work: (f"{RUNS}/{work['id']}/complete", {"time_elapsed": 7}),
        failed=lambda work: (f"{RUNS}/{work['id']}/fail", {"error": "timeout", "retry": True}),
    ),
    Kind(
        "post",
        table="studio.social_posts",
        due="retry_at",
        path=social.POSTS,
        claim={},
        make=schedule_post,
        done=lambda work: (f"{social.POSTS}/{work['id']}/confirm", {"external_id": "7301"}),
        failed=lambda work: (
            f"{social.POSTS}/{work['id']}/fail",
            {"outcome": "not_posted", "error": "503"},
        ),
        ends=("posted", "failed", "failed"),
        is_repeatable=False,
    ),
]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_repeatable_kind = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.is_repeatable], ids=lambda kind: kind.name
)
every_other_kind = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.is_repeatable], ids=lambda kind: kind.name
)
each_report = pytest.mark.parametrize("outcome", ["done", "failed"])


def answer(api: Client, report: Report, lease_id: str) -> tuple[int, Any, str | None]:
    path, body = report
    answered = api.request("POST", path, {**body, "lease_id": lease_id})
    return answered.status_code, answered.json(), answered.headers.get("ETag")


def refused(tenant: Tenant, reports: list[Report], lease_id: str) -> None:
    for path, body in reports:
        problem = tenant.service.post(path, {**body, "lease_id": lease_id}, expect=409)
        assert problem["code"] == "CONFLICT"


def test_every_table_with_leases_is_of_a_kind(owner: psycopg.Connection[Any]) -> None:
    found = owner.execute(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.columns"
        " WHERE column_name = 'lease_id'"
    )
    tables = {kind.table for kind in KINDS}
    assert {row["name"] for row in found} == tables | {
        *("operations.task_runs", "webhooks.deliveries"),  # the worker's own
    }


@every_kind
@each_report
def test_the_same_report_is_answered_as_before_and_another_is_refused(
    tenant: Tenant, sql: Sql, kind: Kind, outcome: str
) -> None:
    work = kind.one(tenant)
    report = kind.done(work) if outcome == "done" else kind.failed(work)
    first = answer(tenant.service, report, work["lease_id"])
    assert first[0] in (200, 201)
    before = kind.state(sql, work)

    key = {"Idempotency-Key": uuid4().hex}  # then it is all one transaction
    path, body = report
    keyed = tenant.service.post(path, {**body, "lease_id": work["lease_id"]}, headers=key)
    assert keyed == first[1]
    assert [answer(tenant.service, report, work["lease_id"]) for _ in range(2)] == [first, first]

    other = kind.failed(work) if outcome == "done" else kind.done(work)
    refused(tenant, [other], work["lease_id"])
    refused(tenant, kind.reports(work), str(uuid4()))
    after = kind.state(sql, work)
    assert (after["status"], after["attempts"]) == (before["status"], before["attempts"])


@every_kind
@each_report
def test_of_the_same_report_at_once_each_gets_the_one_answer(
    tenant: Tenant, kind: Kind, outcome: str
) -> None:
    work = kind.one(tenant)
    report = kind.done(work) if outcome == "done" else kind.failed(work)

    def send(_: int) -> tuple[int, Any, str | None]:
        api = Client(tenant.service.url, tenant.service.credential)
        return answer(api, report, work["lease_id"])

    first, *others = at_once(10, send)
    assert first[0] in (200, 201)
    assert others == [first] * 9
    notified = [n["type"] for n in tenant.agent.get("/v1/notifications")["items"]]
    assert len(notified) == len(set(notified))


@every_kind
def test_what_failed_is_no_longer_the_workers_once_another_has_it(
    tenant: Tenant, sql: Sql, kind: Kind
) -> None:
    work = kind.one(tenant)
    assert answer(tenant.service, kind.failed(work), work["lease_id"])[0] == 200
    kind.change(sql, f"{kind.due} = now() WHERE lease_expires_at IS NULL")
    [again] = kind.claimed(tenant)
    assert (again["id"], again["attempts"]) == (work["id"], 2)
    refused(tenant, kind.reports(work), work["lease_id"])
    assert answer(tenant.service, kind.done(again), again["lease_id"])[0] in (200, 201)
    refused(tenant, kind.reports(work), work["lease_id"])


@every_repeatable_kind
def test_what_killed_its_worker_comes_again_later_each_time_and_the_worker_has_lost_it(
    tenant: Tenant, sql: Sql, kind: Kind
) -> None:
    kind.make(tenant)
    kind.change(sql, "max_attempts = 4")
    for attempt in (1, 2, 3):
        [work] = kind.claimed(tenant)
        assert work["attempts"] == attempt
        claimed_before = kind.state(sql, work)["now"]
        kind.let_its_worker_die(sql)
        refused(tenant, kind.reports(work), work["lease_id"])
        assert kind.claimed(tenant) == []
        waiting = kind.state(sql, work)
        assert waiting["status"] in ("queued", "pending", "scheduled")
        # However slow all this is.
        delay = timedelta(seconds=kind.delay * 2 ** (attempt - 1))
        assert claimed_before + 0.8 * delay <= waiting["due"] <= waiting["now"] + 1.2 * delay
        refused(tenant, kind.reports(work), work["lease_id"])
        kind.change(sql, f"{kind.due} = now()")
    [last] = kind.claimed(tenant)
    kind.let_its_worker_die(sql)
    assert kind.claimed(tenant) == []
    assert kind.state(sql, last)["status"] == "failed"
    refused(tenant, kind.reports(last), last["lease_id"])


@every_repeatable_kind
def test_what_killed_its_worker_goes_behind_what_waits(
    tenant: Tenant, sql: Sql, kind: Kind
) -> None:
    deadly = kind.one(tenant)
    kind.let_its_worker_die(sql)
    kind.make(tenant)
    [next_] = kind.claimed(tenant)
    assert next_["id"] != deadly["id"]


@every_other_kind
@each_report
@pytest.mark.parametrize("is_noticed", [False, True])
def test_a_worker_that_comes_back_is_believed_as_long_as_nobody_knows_better(
    tenant: Tenant, sql: Sql, kind: Kind, outcome: str, is_noticed: bool
) -> None:
    work = kind.one(tenant)
    kind.let_its_worker_die(sql)
    if is_noticed:
        assert kind.claimed(tenant) == []
        assert kind.state(sql, work)["status"] == "unknown"
    refused(tenant, kind.reports(work), str(uuid4()))

    report = kind.done(work) if outcome == "done" else kind.failed(work)
    first = answer(tenant.service, report, work["lease_id"])
    assert answer(tenant.service, report, work["lease_id"]) == first
    sent, again, held = kind.ends
    expected = sent if outcome == "done" else held if is_noticed else again
    assert (first[0], first[1]["status"]) == (200, expected)
    assert kind.claimed(tenant) == []
    other = kind.failed(work) if outcome == "done" else kind.done(work)
    refused(tenant, [other], work["lease_id"])
