"""Jobs: each is given to one worker at a time, and lost to none."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.caller import Caller
from service.database import Database
from service.operations import tasks
from tests.client import Client, Tenant, at_once
from tests.writer import violated


def enqueue(api: Client, **fields: Any) -> Any:
    return api.post("/v1/jobs", {"type": "crawl", **fields}, expect=201)


def claim(api: Client, **fields: Any) -> list[Any]:
    body = {"type": "crawl", "worker": "w", "limit": 100, **fields}
    claimed: list[Any] = api.post("/v1/jobs/claim", body, expect=200)["items"]
    return claimed


def report(api: Client, job: Any, what: str, expect: int = 200, **fields: Any) -> Any:
    body = {"lease_id": job["lease_id"], **fields}
    return api.post(f"/v1/jobs/{job['id']}/{what}", body, expect=expect)


def fail(api: Client, job: Any, expect: int = 200, **fields: Any) -> Any:
    return report(api, job, "fail", expect, **{"error": "timeout", **fields})


def let_leases_run_out(sql: psycopg.Connection[Any]) -> None:
    sql.execute("UPDATE operations.jobs SET lease_expires_at = now() WHERE status = 'running'")
    sql.commit()


def make_due(sql: psycopg.Connection[Any]) -> None:
    sql.execute("UPDATE operations.jobs SET run_at = now() WHERE status = 'queued'")
    sql.commit()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_job_is_queued_as_asked(api: Client) -> None:
    body = {
        "type": "ingest_goldens",
        "unique_key": "2026-01",
        "priority": -5,
        "payload": {"a": [1, {"b": None}]},
        "run_at": "2999-01-01T00:00:00+00:00",
        "max_attempts": 3,
    }
    job = api.post("/v1/jobs", body, expect=201)
    assert body.items() <= job.items()
    assert (job["status"], job["attempts"], job["locked_by"]) == ("queued", 0, None)
    assert api.get(f"/v1/jobs/{job['id']}") == job


def test_a_unique_key_is_one_jobs_even_when_that_is_done(api: Client) -> None:
    enqueue(api, unique_key="k")
    body = {"type": "crawl", "unique_key": "k"}
    conflict = api.post("/v1/jobs", body, expect=409)
    assert (conflict["code"], list(conflict["errors"])) == ("CONFLICT", ["unique_key"])
    [job] = claim(api)
    report(api, job, "complete")
    api.post("/v1/jobs", body, expect=409)
    enqueue(api, unique_key="k", type="draft")
    for _ in range(2):
        enqueue(api, unique_key=None)


def test_of_the_same_unique_key_at_once_one_is_queued(tenant: Tenant) -> None:
    def post(_: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        body = {"type": "crawl", "unique_key": "k"}
        return api.request("POST", "/v1/jobs", body).status_code

    assert Counter(at_once(20, post)) == {201: 1, 409: 19}


def test_each_of_2000_jobs_is_claimed_once_by_32_workers(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    sql.execute(
        "INSERT INTO operations.jobs (tenant_id, type, payload)"
        " SELECT %s, 'crawl', jsonb_build_object('n', n) FROM generate_series(1, 2000) AS n"
        " RETURNING id",
        [tenant.id],
    )
    sql.commit()

    def work(number: int) -> list[int]:
        api = Client(tenant.service.url, tenant.service.credential)
        done: list[int] = []
        while jobs := claim(api, worker=f"w{number}", limit=number % 20 + 1):
            assert {job["attempts"] for job in jobs} == {1}
            done += [job["payload"]["n"] for job in jobs]
        return done

    done = at_once(32, work)
    assert sorted(chain(*done)) == list(range(1, 2001))
    assert sum(bool(of_one) for of_one in done) > 1
    [row] = sql.execute("SELECT count(*) AS n FROM operations.jobs WHERE status = 'running'")
    assert row["n"] == 2000


def test_the_most_urgent_goes_first_then_the_one_that_waits_longest(api: Client) -> None:
    ids = {
        place: enqueue(api, priority=priority, run_at=f"2026-01-01T00:0{minute}:00Z")["id"]
        for place, priority, minute in ((4, 0, 3), (1, 10, 1), (5, -100, 0), (3, 0, 0), (2, 10, 2))
    }
    assert [claim(api, limit=1)[0]["id"] for _ in range(2)] == [ids[1], ids[2]]
    assert [job["id"] for job in claim(api)] == [ids[3], ids[4], ids[5]]


def test_a_job_is_claimed_when_it_is_due_and_by_workers_of_its_type(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    job = enqueue(api, run_at=later.isoformat())
    assert claim(api) == []
    make_due(sql)
    assert claim(api, type="draft") == []
    assert [claimed["id"] for claimed in claim(api)] == [job["id"]]
    assert claim(api) == []


def test_a_claim_is_shown_but_not_its_lease(api: Client) -> None:
    enqueue(api)
    [claimed] = claim(api, worker="crawler-7", lease_seconds=900)
    job = api.get(f"/v1/jobs/{claimed['id']}")
    assert (job["status"], job["locked_by"], job["attempts"]) == ("running", "crawler-7", 1)
    assert job["lease_expires_at"] == claimed["lease_expires_at"]
    lease = moment(job["lease_expires_at"]) - moment(job["started_at"])
    assert lease == timedelta(minutes=15)
    assert claimed["lease_id"] not in str(job)


def test_a_heartbeat_extends_the_lease(api: Client, sql: psycopg.Connection[Any]) -> None:
    enqueue(api)
    [job] = claim(api, lease_seconds=1)
    extended = report(api, job, "heartbeat", lease_seconds=900)
    assert moment(extended["lease_expires_at"]) > moment(job["lease_expires_at"])
    assert claim(api) == []
    report(api, job, "complete")


def test_a_completed_job_is_done(api: Client) -> None:
    enqueue(api)
    [job] = claim(api)
    done = report(api, job, "complete", metrics={"pages": 7})
    assert (done["status"], done["metrics"], done["error"]) == ("succeeded", {"pages": 7}, None)
    assert done["finished_at"]
    assert done["lease_expires_at"] is None
    assert claim(api) == []
    for what in ("cancel", "retry"):
        api.post(f"/v1/jobs/{job['id']}/{what}", expect=409)


@pytest.mark.parametrize("what", ["heartbeat", "complete", "fail"])
def test_a_worker_whose_lease_ran_out_has_lost_the_job(
    api: Client, sql: psycopg.Connection[Any], what: str
) -> None:
    enqueue(api)
    [late] = claim(api, worker="late")
    fields = {"error": "e"} if what == "fail" else {}
    let_leases_run_out(sql)
    assert report(api, late, what, 409, **fields)["current"]["status"] == "running"
    assert claim(api) == []
    assert report(api, late, what, 409, **fields)["current"]["status"] == "queued"
    make_due(sql)

    [rescued] = claim(api, worker="prompt")
    assert (rescued["id"], rescued["attempts"]) == (late["id"], 2)
    assert rescued["lease_id"] != late["lease_id"]
    conflict = report(api, late, what, 409, **fields)
    assert conflict["code"] == "CONFLICT"
    assert conflict["current"]["locked_by"] == "prompt"
    report(api, rescued, "complete")
    assert report(api, late, what, 409, **fields)["current"]["status"] == "succeeded"


def test_a_lease_proves_one_job_only(api: Client) -> None:
    enqueue(api)
    enqueue(api)
    [first] = claim(api, limit=1)
    [second] = claim(api, limit=1)
    report(api, {**first, "lease_id": second["lease_id"]}, "complete", 409)
    report(api, {**first, "lease_id": str(uuid4())}, "complete", 409)
    report(api, first, "complete")


def test_a_failed_job_is_tried_again_later_each_time(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    enqueue(api, max_attempts=9)
    for attempt, seconds in enumerate((30, 60, 120, 240, 480, 960, 1920, 3600), start=1):
        [job] = claim(api)
        assert job["attempts"] == attempt
        failed = fail(api, job, error=f"no {attempt}", metrics={"n": attempt})
        assert (failed["status"], failed["error"]) == ("queued", f"no {attempt}")
        [row] = sql.execute(
            "SELECT run_at - started_at AS since_claim, run_at - now() AS from_now"
            " FROM operations.jobs"
        ).fetchall()
        sql.commit()
        # The failure was reported between the claim and now, however slow all this is.
        assert row["since_claim"] >= timedelta(seconds=seconds * 0.8)
        assert row["from_now"] <= timedelta(seconds=seconds * 1.2)
        assert claim(api) == []
        make_due(sql)
    [job] = claim(api)
    dead = fail(api, job, error="the last")
    assert (dead["status"], dead["error"]) == ("failed", "the last")
    assert dead["finished_at"]
    assert claim(api) == []


def test_a_job_that_was_tried_a_hundred_times_can_still_fail(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    enqueue(api, max_attempts=100)
    sql.execute("UPDATE operations.jobs SET attempts = 98")
    sql.commit()
    [job] = claim(api)
    assert job["attempts"] == 99
    assert fail(api, job)["status"] == "queued"
    make_due(sql)
    [job] = claim(api)
    assert fail(api, job)["status"] == "failed"


def test_a_job_that_cannot_succeed_is_not_tried_again(api: Client) -> None:
    enqueue(api)
    [job] = claim(api)
    assert fail(api, job, retry=False)["status"] == "failed"


@pytest.mark.parametrize(
    ("type_", "notified"), [("draft", "job_failed"), ("crawl", "ingest_failed")]
)
def test_people_are_told_of_a_dead_job(api: Client, type_: str, notified: str) -> None:
    enqueue(api, type=type_, max_attempts=2)
    enqueue(api, type=type_)
    [job, other] = claim(api, type=type_)
    fail(api, job)
    assert api.get("/v1/notifications")["items"] == []
    fail(api, other, retry=False)
    [notification] = api.get("/v1/notifications")["items"]
    assert notification["type"] == notified
    assert notification["payload"]["job_id"] == other["id"]
    assert notification["user_id"] is None


def test_a_job_whose_workers_all_died_is_dead_and_people_are_told(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    enqueue(api, max_attempts=2)
    for attempt in (1, 2):
        [job] = claim(api)
        assert job["attempts"] == attempt
        assert api.get("/v1/notifications")["items"] == []
        let_leases_run_out(sql)
        assert claim(api) == []
        make_due(sql)
    dead = api.get(f"/v1/jobs/{job['id']}")
    assert (dead["status"], dead["attempts"]) == ("failed", 2)
    assert "lease" in dead["error"]
    [notification] = api.get("/v1/notifications")["items"]
    assert notification["type"] == "ingest_failed"
    assert notification["payload"] == {"job_id": job["id"], "type": "crawl"}


def test_a_dead_job_is_retried_with_all_its_attempts(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    enqueue(api, max_attempts=2)
    [job] = claim(api)
    fail(api, job, retry=False)
    retried = api.post(f"/v1/jobs/{job['id']}/retry", expect=200)
    assert (retried["status"], retried["attempts"], retried["finished_at"]) == ("queued", 0, None)
    [again] = claim(api)
    assert (again["id"], again["attempts"]) == (job["id"], 1)
    assert fail(api, again)["status"] == "queued"


def test_a_queued_job_is_cancelled(api: Client) -> None:
    job = enqueue(api)
    cancelled = api.post(f"/v1/jobs/{job['id']}/cancel", expect=200)
    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"]
    assert claim(api) == []
    conflict = api.post(f"/v1/jobs/{job['id']}/cancel", expect=409)
    assert conflict["current"]["status"] == "cancelled"


def test_a_running_job_is_cancelled_and_its_worker_learns_of_it(api: Client) -> None:
    enqueue(api)
    [running] = claim(api, worker="busy")
    cancelled = api.post(f"/v1/jobs/{running['id']}/cancel", expect=200)
    assert (cancelled["status"], cancelled["lease_expires_at"]) == ("cancelled", None)
    for what, fields in (("heartbeat", {}), ("complete", {}), ("fail", {"error": "e"})):
        lost = report(api, running, what, 409, **fields)
        assert lost["current"]["status"] == "cancelled"
    [attempt] = api.get(f"/v1/jobs/{running['id']}/attempts")["items"]
    assert (attempt["worker"], attempt["error"]) == ("busy", "the job was cancelled")


def test_jobs_are_listed_by_type_and_status_newest_first(api: Client) -> None:
    made: dict[tuple[str, str], list[str]] = {}
    for type_ in ("crawl", "draft"):
        running = [enqueue(api, type=type_)["id"] for _ in range(3)]
        claim(api, type=type_)
        made[type_, "running"] = running[::-1]
        made[type_, "queued"] = [enqueue(api, type=type_)["id"] for _ in range(3)][::-1]

    def listed(**filters: str) -> list[str]:
        return [job["id"] for job in api.all("/v1/jobs", limit=2, **filters)]

    for (type_, status), ids in made.items():
        assert listed(type=type_, status=status) == ids
        assert sorted(listed(type=type_)) == sorted(made[type_, "running"] + made[type_, "queued"])
        assert sorted(listed(status=status)) == sorted(
            made["crawl", status] + made["draft", status]
        )
    assert listed(type="draft") == made["draft", "queued"] + made["draft", "running"]
    assert sorted(listed()) == sorted(chain(*made.values()))
    assert listed(status="failed") == []


# Unique keys ---------------------------------------------------------------------------------------------


def test_a_cancelled_job_frees_its_key(api: Client) -> None:
    job = enqueue(api, unique_key="k")
    api.post(f"/v1/jobs/{job['id']}/cancel", expect=200)
    enqueue(api, unique_key="k")
    api.post("/v1/jobs", {"type": "crawl", "unique_key": "k"}, expect=409)


def test_a_job_holds_its_key_in_the_statuses_that_it_names(api: Client) -> None:
    body = {"type": "crawl", "unique_key": "k", "unique_while": ["queued", "running"]}
    api.post("/v1/jobs", body, expect=201)
    api.post("/v1/jobs", body, expect=409)
    [job] = claim(api)
    api.post("/v1/jobs", body, expect=409)
    report(api, job, "complete")
    api.post("/v1/jobs", body, expect=201)
    [job] = claim(api)
    fail(api, job, retry=False)
    # Its key is another's now: it cannot come back beside that one.
    api.post("/v1/jobs", body, expect=201)
    refused = api.post(f"/v1/jobs/{job['id']}/retry", expect=409)
    assert list(refused["errors"]) == ["unique_key"]


def test_a_job_that_is_under_way_always_holds_its_key(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    body = {"type": "crawl", "unique_key": "k", "unique_while": ["queued", "failed"]}
    refused = tenant.service.post("/v1/jobs", body, expect=400)
    assert list(refused["errors"]) == ["unique_while"]
    for statuses in (["failed"], ["queued", "running"] * 3, [["queued", "running"]]):
        with pytest.raises(psycopg.errors.CheckViolation), sql.transaction():
            sql.execute(
                "INSERT INTO operations.jobs (tenant_id, type, unique_while) VALUES (%s, 'crawl', %s)",
                [tenant.id, statuses],
            )


# Attempts, progress, counts ------------------------------------------------------------------------------


def test_every_attempt_that_came_to_nothing_is_kept_with_its_error(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    job_id = enqueue(api)["id"]
    [job] = claim(api, worker="first")
    fail(api, job, error="502")
    make_due(sql)
    claim(api, worker="second")
    let_leases_run_out(sql)
    assert claim(api) == []
    make_due(sql)
    [job] = claim(api, worker="third")
    report(api, job, "complete")
    attempts = api.all(f"/v1/jobs/{job_id}/attempts", limit=1)
    assert [(a["attempt"], a["worker"], a["error"]) for a in attempts] == [
        (2, "second", "the lease ran out before the worker reported"),
        (1, "first", "502"),
    ]
    for attempt in attempts:
        assert moment(attempt["started_at"]) <= moment(attempt["finished_at"])
    api.get(f"/v1/jobs/{uuid4()}/attempts", expect=404)


def test_a_hundred_attempts_are_kept(api: Client, sql: psycopg.Connection[Any]) -> None:
    job = enqueue(api)
    for number in range(1, 104):
        sql.execute(
            "UPDATE operations.jobs SET status = 'running', attempts = %s, locked_by = 'w', lease_id = %s,"
            " lease_expires_at = now(), times_out_at = now(), started_at = now()",
            [number, uuid4()],
        )
        sql.execute(
            "UPDATE operations.jobs SET status = 'queued', lease_expires_at = NULL, error = 'e'"
        )
    sql.commit()
    attempts = api.all(f"/v1/jobs/{job['id']}/attempts", limit=100)
    assert [attempt["attempt"] for attempt in attempts] == [*range(103, 3, -1)]


def test_a_worker_tells_its_progress_with_its_heartbeats(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    enqueue(api)
    [job] = claim(api)
    told = report(api, job, "heartbeat", progress=40, metrics={"pages": 4})
    assert (told["progress"], told["metrics"]) == (40, {"pages": 4})
    told = report(api, job, "heartbeat")
    assert (told["progress"], told["metrics"]) == (40, {"pages": 4})
    assert list(report(api, job, "heartbeat", 400, progress=101)["errors"]) == ["progress"]
    assert fail(api, job)["metrics"] == {"pages": 4}
    make_due(sql)
    [again] = claim(api)
    fresh = api.get(f"/v1/jobs/{job['id']}")
    assert (fresh["progress"], fresh["metrics"]) == (None, None)
    report(api, again, "heartbeat", metrics={"pages": 9})
    assert report(api, again, "complete")["metrics"] == {"pages": 9}


def test_jobs_are_counted_by_type_and_status_with_the_age_of_the_oldest(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    oldest = enqueue(api)
    enqueue(api)
    enqueue(api, type="draft")
    claim(api, type="draft")
    counted = api.get("/v1/jobs/counts")["items"]
    assert [(row["type"], row["status"], row["jobs"]) for row in counted] == [
        ("crawl", "queued", 2),
        ("draft", "running", 1),
    ]
    assert counted[0]["oldest_at"] == oldest["created_at"]
    assert counted[0]["oldest_seconds"] >= counted[1]["oldest_seconds"]


# Redrive -------------------------------------------------------------------------------------------------


def dead(api: Client, number: int, **fields: Any) -> list[Any]:
    for _ in range(number):
        enqueue(api, **fields)
    jobs = claim(api)
    return [fail(api, job, retry=False) for job in jobs]


def redrive(api: Client, expected: int, expect: int = 200, **filters: Any) -> Any:
    body = {"filter": {"type": "crawl", **filters}, "expected": expected}
    return api.post("/v1/jobs/retry", body, expect=expect)


def test_failed_jobs_that_a_filter_matches_are_retried_if_as_many_as_expected(
    api: Client,
) -> None:
    failed = dead(api, 3)
    conflict = redrive(api, 2, 409)
    assert (conflict["code"], conflict["matches"]) == ("CONFLICT", 3)
    assert claim(api) == []
    since = failed[1]["finished_at"]
    assert redrive(api, 0, until=failed[0]["finished_at"]) == {"retried": 0, "skipped": 0}
    assert redrive(api, 2, since=since) == {"retried": 2, "skipped": 0}
    again = claim(api)
    assert {job["id"] for job in again} == {failed[1]["id"], failed[2]["id"]}
    assert {job["attempts"] for job in again} == {1}
    assert redrive(api, 1) == {"retried": 1, "skipped": 0}


def test_of_failed_jobs_with_one_key_the_latest_is_retried_unless_the_key_is_held(
    api: Client,
) -> None:
    one = {"unique_key": "k", "unique_while": ["queued", "running"]}
    dead(api, 1, **one)
    [latest] = dead(api, 1, **one)
    assert redrive(api, 2) == {"retried": 1, "skipped": 1}
    [job] = claim(api)
    assert job["id"] == latest["id"]
    assert redrive(api, 1) == {"retried": 0, "skipped": 1}


def test_a_filter_that_matches_too_many_is_refused(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    sql.execute(
        "INSERT INTO operations.jobs (tenant_id, type)"
        " SELECT %s, 'crawl' FROM generate_series(1, 3001) RETURNING id",
        [tenant.id],
    )
    sql.execute(
        "UPDATE operations.jobs SET status = 'running', locked_by = 'w', lease_id = id,"
        " lease_expires_at = now(), times_out_at = now()"
    )
    sql.execute(
        "UPDATE operations.jobs SET status = 'failed', error = 'e', finished_at = now(), lease_expires_at = NULL"
    )
    sql.commit()
    assert "too many" in redrive(tenant.service, 3000, 409)["detail"]
    sql.execute("DELETE FROM operations.jobs WHERE id = (SELECT id FROM operations.jobs LIMIT 1)")
    sql.commit()
    assert redrive(tenant.service, 3000) == {"retried": 3000, "skipped": 0}


# Tasks ---------------------------------------------------------------------------------------------------


def test_jobs_are_rescued_also_where_nobody_claims(
    api: Client, sql: psycopg.Connection[Any], database: Database, caller: Caller
) -> None:
    enqueue(api, max_attempts=1)
    enqueue(api)
    claim(api)
    assert sum(tasks.rescue_jobs(database, caller)) == 0
    let_leases_run_out(sql)
    assert sum(tasks.rescue_jobs(database, caller)) == 2
    assert sum(tasks.rescue_jobs(database, caller)) == 0
    counted = api.get("/v1/jobs/counts")["items"]
    assert [row["status"] for row in counted] == ["failed", "queued"]
    [notification] = api.get("/v1/notifications")["items"]
    assert notification["type"] == "ingest_failed"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("payload", "[1]"), ("metrics", "7"), ("unique_key", ""), ("unique_key", "x" * 201)),
        *(("run_at", "infinity"), ("locked_by", "x" * 201), ("error", "x" * 2001)),
    ],
)
def test_another_writer_is_held_to_what_a_request_may_say(
    tenant: Tenant, sql: psycopg.Connection[Any], field: str, value: str
) -> None:
    statement = f"INSERT INTO operations.jobs (tenant_id, type, {field}) VALUES (%s, 'crawl', %s)"
    with pytest.raises(psycopg.errors.CheckViolation) as refused, sql.transaction():
        sql.execute(statement.encode(), (tenant.id, value))
    assert violated(refused.value) == f"jobs_{field}_check"


def test_a_claim_rescues_some_of_very_many_and_the_worker_the_others(
    api: Client,
    tenant: Tenant,
    sql: psycopg.Connection[Any],
    database: Database,
    caller: Caller,
) -> None:
    sql.execute(
        "INSERT INTO operations.jobs (tenant_id, type, max_attempts)"
        " SELECT %s, 'crawl', 1 FROM generate_series(1, 250) RETURNING id",
        [tenant.id],
    )
    sql.execute(
        "UPDATE operations.jobs SET status = 'running', locked_by = 'w', lease_id = id, attempts = 1,"
        " lease_expires_at = now(), times_out_at = now()"
    )
    sql.commit()
    assert claim(api) == []
    counted = api.get("/v1/jobs/counts")["items"]
    assert {row["status"]: row["jobs"] for row in counted} == {"failed": 100, "running": 150}
    assert list(tasks.rescue_jobs(database, caller)) == [100, 50, 0]
