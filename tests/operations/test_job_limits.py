"""What a tenant sets for a type of job: how many run and wait, for how long, and whether any is given out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from service.config import Settings
from service.operations.job_schemas import JOB_TYPES, NEW_JOB_TYPES
from tests.client import Client, Tenant, at_once
from tests.operations.test_jobs import claim, enqueue, let_leases_run_out, make_due, moment, report
from tests.studio.helpers import requested
from tests.writer import Writer, violated

Sql = psycopg.Connection[Any]


def limit(api: Client, type_: str = "crawl", **limits: Any) -> Any:
    return api.put(f"/v1/job-types/{type_}/limits", limits)


def test_the_service_and_the_database_know_the_same_types(owner: Sql) -> None:
    found = owner.execute("SELECT type, may_enqueue FROM operations.job_types").fetchall()
    assert {row["type"] for row in found} == {*JOB_TYPES}
    assert {row["type"] for row in found if row["may_enqueue"]} == {*NEW_JOB_TYPES}


def test_another_type_is_refused_whoever_writes(tenant: Tenant, sql: Sql) -> None:
    refused = tenant.service.post("/v1/jobs", {"type": "nothing"}, expect=400)
    assert list(refused["errors"]) == ["type"]
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as failed:
        sql.execute(
            "INSERT INTO operations.jobs (tenant_id, type) VALUES (%s, 'nothing')", [tenant.id]
        )
    assert violated(failed.value) == "jobs_type_fkey"


def test_a_type_has_its_defaults_until_a_limit_is_set(api: Client) -> None:
    types = {row["type"]: row for row in api.get("/v1/job-types")["items"]}
    assert types.keys() == {*JOB_TYPES}
    counters = types["verify_counters"]
    assert (counters["concurrency"], counters["queue_length"]) == (5, 20)
    assert counters["time_limit_seconds"] == 1800
    for name in ("generate-video", "post-to-platform", "scrape-analytics"):
        seeds = types[name]
        delays = (seeds["first_delay_seconds"], seeds["longest_delay_seconds"])
        assert (seeds["max_attempts"], *delays) == (3, 5, 20)
    before = api.get("/v1/job-types/crawl")
    assert (before["concurrency"], before["updated_at"], before["revision"]) == (None, None, 1)

    set_ = api.request(
        "PUT",
        "/v1/job-types/crawl/limits",
        {"concurrency": 2, "queue_length": 3, "time_limit_seconds": 60, "paused": True},
        expect=200,
        headers={"If-Match": '"1"'},
    )
    assert set_.headers["ETag"] == '"2"'
    assert api.get("/v1/job-types/crawl") == set_.json()
    stale = {"headers": {"If-Match": '"1"'}}
    api.put("/v1/job-types/crawl/limits", {}, expect=412, **stale)
    assert limit(api) == {**before, "updated_at": limit(api)["updated_at"], "revision": 3}


def test_limits_are_for_administrators_and_for_types_that_exist(tenant: Tenant) -> None:
    tenant.acting("agent").put("/v1/job-types/crawl/limits", {}, expect=403)
    tenant.acting("admin").put("/v1/job-types/crawl/limits", {})
    tenant.service.put("/v1/job-types/nothing/limits", {}, expect=404)
    tenant.service.get("/v1/job-types/nothing", expect=404)
    refused = tenant.service.put("/v1/job-types/crawl/limits", {"concurrency": 0}, expect=400)
    assert list(refused["errors"]) == ["concurrency"]


# Concurrency ---------------------------------------------------------------------------------------------


def test_no_more_run_at_once_than_may_whoever_claims(tenant: Tenant, sql: Sql) -> None:
    limit(tenant.service, concurrency=5)
    sql.execute(
        "INSERT INTO operations.jobs (tenant_id, type)"
        " SELECT %s, 'crawl' FROM generate_series(1, 30) RETURNING id",
        [tenant.id],
    )
    sql.commit()

    def work(number: int) -> list[Any]:
        api = Client(tenant.service.url, tenant.service.credential)
        return claim(api, worker=f"w{number}", limit=number % 3 + 1)

    for _ in range(3):
        running = [job for jobs in at_once(12, work) for job in jobs]
        # To the others a job still ran that one of them was just putting back into the queue.
        running += claim(tenant.service, limit=5)
        assert len({job["id"] for job in running}) == len(running) == 5
        assert claim(tenant.service) == []
        report(tenant.service, running[0], "complete")
        assert len(claim(tenant.service)) == 1
        let_leases_run_out(sql)


def test_no_writer_has_more_run_at_once_than_may(
    tenant: Tenant, sql: Sql, settings: Settings
) -> None:
    limit(tenant.service, concurrency=2)
    jobs = [enqueue(tenant.service)["id"] for _ in range(3)]
    assert len(claim(tenant.service, limit=1)) == 1
    start = """
        UPDATE operations.jobs
        SET status = 'running', locked_by = 'w', lease_id = id, attempts = attempts + 1,
            started_at = now(), lease_expires_at = now() + interval '1 minute',
            times_out_at = now() + interval '1 hour'
        WHERE tenant_id = %s AND id = %s
    """
    sql.execute(start, [tenant.id, jobs[1]])

    def another() -> None:
        assert settings.database_url
        with Writer.connect(settings.database_url) as connection:
            connection.set("app.tenant_id", tenant.id)
            connection.execute(start, [tenant.id, jobs[2]])

    with ThreadPoolExecutor() as pool:
        waits = pool.submit(another)
        sql.commit()
        with pytest.raises(psycopg.DatabaseError, match="concurrency: at most 2 jobs") as failed:
            waits.result()
    assert failed.value.sqlstate == "DR002"
    limit(tenant.service, paused=True)
    with pytest.raises(psycopg.DatabaseError, match="concurrency: at most 0 jobs"):
        sql.execute(start, [tenant.id, jobs[2]])


def test_the_default_of_a_type_holds_without_a_limit_of_the_tenant(tenant: Tenant) -> None:
    for _ in range(8):
        enqueue(tenant.service, type="verify_counters")

    def work(_: int) -> list[Any]:
        api = Client(tenant.service.url, tenant.service.credential)
        return claim(api, type="verify_counters", limit=3)

    assert sum(len(jobs) for jobs in at_once(8, work)) == 5


def test_a_limit_is_one_types_and_one_tenants(tenant: Tenant, new_tenant: Any) -> None:
    limit(tenant.service, concurrency=1)
    other = new_tenant()
    for api in (tenant.service, other.service):
        for type_ in ("crawl", "ingest_goldens"):
            for _ in range(2):
                enqueue(api, type=type_)
    assert len(claim(tenant.service)) == 1
    assert len(claim(tenant.service, type="ingest_goldens")) == 2
    assert len(claim(other.service)) == 2


def test_a_type_that_is_paused_gives_nothing_out_and_takes_everything_in(api: Client) -> None:
    enqueue(api)
    [running] = claim(api)
    limit(api, paused=True)
    enqueue(api)
    assert claim(api) == []
    report(api, running, "heartbeat")
    report(api, running, "complete")
    limit(api, paused=False)
    assert len(claim(api)) == 1


# The queue -----------------------------------------------------------------------------------------------


def test_a_full_queue_refuses_another_job_whoever_enqueues_it(tenant: Tenant, sql: Sql) -> None:
    limit(tenant.service, queue_length=3)

    def post(_: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        return api.request("POST", "/v1/jobs", {"type": "crawl"}).status_code

    assert Counter(at_once(12, post)) == {201: 3, 429: 9}
    refused = tenant.service.post("/v1/jobs", {"type": "crawl"}, expect=429)
    assert refused["code"] == "QUOTA_EXCEEDED"
    assert refused["detail"] == "queue_length: at most 3 jobs of type crawl may wait"
    told = {"allowed": 3, "used": 3, "remaining": 0, "requested": 1}
    assert told.items() <= refused.items()
    with pytest.raises(psycopg.DatabaseError) as failed:
        sql.execute(
            "INSERT INTO operations.jobs (tenant_id, type) VALUES (%s, 'crawl')", [tenant.id]
        )
    assert failed.value.sqlstate == "DR002"
    # What runs waits no more.
    claim(tenant.service, limit=1)
    enqueue(tenant.service)
    enqueue(tenant.service, type="draft")


def test_no_message_and_no_video_is_lost_to_a_full_queue(tenant: Tenant) -> None:
    for type_ in ("draft", "generate-video"):
        limit(tenant.service, type_, queue_length=0)
    assert tenant.receive()["job_id"]
    requested(tenant.service)
    tenant.service.post("/v1/jobs", {"type": "draft"}, expect=429)
    assert len(claim(tenant.service, type="draft")) == 1
    assert len(claim(tenant.service, type="generate-video")) == 1


# The time limit ------------------------------------------------------------------------------------------


def test_no_heartbeat_lets_an_attempt_run_longer_than_it_may(api: Client, sql: Sql) -> None:
    limit(api, time_limit_seconds=60)
    enqueue(api, max_attempts=2)
    [job] = claim(api, lease_seconds=3600)
    assert job["lease_expires_at"] == job["times_out_at"]
    extended = report(api, job, "heartbeat", lease_seconds=3600)
    assert extended["lease_expires_at"] == job["times_out_at"]
    started = moment(extended["started_at"])
    assert moment(job["times_out_at"]) - started == timedelta(seconds=60)

    sql.execute(
        "UPDATE operations.jobs SET lease_expires_at = now() - interval '1 second', times_out_at = now()"
    )
    sql.commit()
    report(api, job, "heartbeat", 409)
    assert claim(api) == []
    [attempt] = api.get(f"/v1/jobs/{job['id']}/attempts")["items"]
    assert attempt["error"] == "the attempt took longer than it may"
    make_due(sql)
    [again] = claim(api)
    assert moment(again["times_out_at"]) > moment(job["times_out_at"])


def test_no_writer_gives_a_longer_lease_than_an_attempt_may_run(api: Client, sql: Sql) -> None:
    enqueue(api)
    claim(api)
    for longer in ("lease_expires_at = now() + interval '2 days'", "times_out_at = NULL"):
        with pytest.raises(psycopg.errors.CheckViolation) as failed, sql.transaction():
            sql.execute(f"UPDATE operations.jobs SET {longer}".encode())
        assert violated(failed.value) == "jobs_time_limit_check"
