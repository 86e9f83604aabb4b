"""What a tenant uses of the API: counted in every process, added up, reported to the tenant alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psutil
import psycopg
import pytest
import requests
from psycopg.errors import CheckViolation, InsufficientPrivilege

from service.api_usage import BATCH, MOST, ApiUsage
from service.caller import Caller
from service.config import Settings
from service.database import Database
from tests.client import ROOT, Client, Granian, Gunicorn, Tenant, at_once, wait_until
from tests.commands import environment

Sql = psycopg.Connection[Any]

USAGE = "/v1/usage"
KEY = "key:01980000-0000-7000-8000-000000000001"


def rows(sql: Sql) -> list[dict[str, Any]]:
    """What is stored of the tenant, but of its creation and of looking."""
    found = sql.execute(
        "SELECT * FROM operations.api_usage WHERE route NOT IN ('/v1/tenants', '/v1/usage')"
        " ORDER BY route, caller, status"
    ).fetchall()
    sql.rollback()
    return found


def used(sql: Sql) -> int:
    return sum(row["requests"] for row in rows(sql))


@pytest.fixture
def usage(settings: Settings) -> Iterator[ApiUsage]:
    """Counts that are added only when the test says so."""
    assert settings.database_url
    database = Database(settings, settings.database_url)
    database.open()
    yield counting(database)
    database.close()


def counting(database: Database) -> ApiUsage:
    usage = ApiUsage(database, 3600)
    # It looks started, so that none is.
    usage._thread = object()  # type: ignore[assignment]
    return usage


def count(usage: ApiUsage, tenant_id: str, milliseconds: float = 1, **named: Any) -> None:
    known = {"key_id": KEY.partition(":")[2], "method": "GET", "route": "/r", "status": "200"}
    given = {**known, **named}
    caller = Caller(tenant_id, "test", key_id=given["key_id"], user_id=given.get("user_id"))
    usage.count(caller, given["method"], given["route"], given["status"], milliseconds / 1000)


# What is counted -----------------------------------------------------------------------------------------


def test_requests_are_counted_by_caller_route_and_status(tenant: Tenant, sql: Sql) -> None:
    api, agent = tenant.service, tenant.agent
    wait_until(lambda: used(sql) == 1)  # who made the agent
    for _ in range(3):
        api.get("/v1/drafts")
    agent.get("/v1/drafts")
    unknown = "/v1/drafts/01980000-0000-7000-8000-000000000000"
    api.get(unknown, expect=404)
    api.get("/v1/drafts?limit=x", expect=400)
    agent.get("/v1/users?limit=1", expect=200)
    requests.get(f"{api.url}/v1/drafts", timeout=30)  # whose tenant nobody knows
    found = wait_until(lambda: used(sql) == 8 and rows(sql))
    told = [(row["method"], row["route"], row["status"], row["requests"]) for row in found]
    assert told == [
        ("GET", "/v1/drafts", 200, 4),
        ("GET", "/v1/drafts", 400, 1),
        ("GET", "/v1/drafts/<uuid:draft_id>", 404, 1),
        ("GET", "/v1/users", 200, 1),
        ("POST", "/v1/users", 201, 1),
    ]
    [key] = api.all("/v1/api-keys")
    assert {row["caller"] for row in found} == {f"key:{key['id']}"}
    secret = api.credential.rpartition("_")[2]
    assert secret not in str(found)
    for row in found:
        assert row["hour"].minute == row["hour"].second == 0
        assert 0 < row["max_ms"] <= row["total_ms"]
        assert 0 <= row["within_2_ms"] <= row["within_5_s"] <= row["requests"]


def test_who_lacks_a_scope_is_counted_with_its_key(tenant: Tenant, sql: Sql) -> None:
    viewer = tenant.acting("viewer")
    viewer.get(USAGE, expect=403)
    query = "SELECT requests FROM operations.api_usage WHERE route = '/v1/usage' AND status = 403"

    def refusals() -> list[dict[str, Any]]:
        found = sql.execute(query.encode()).fetchall()
        sql.rollback()
        return found

    assert wait_until(refusals) == [{"requests": 1}]


def test_users_are_counted_together(usage: ApiUsage, tenant: Tenant, sql: Sql) -> None:
    for user in ("a", "b"):
        count(usage, tenant.id, key_id=None, user_id=user)
    count(usage, tenant.id, key_id=None)
    usage.flush()
    counted = {row["caller"]: row["requests"] for row in rows(sql)}
    assert {"user": 2, "webhook": 1}.items() <= counted.items()


def test_times_are_counted_up_to_each_bound(usage: ApiUsage, tenant: Tenant, sql: Sql) -> None:
    for milliseconds in (2, 2.01, 7, 60, 900, 6000):
        count(usage, tenant.id, milliseconds, route="/times")
    usage.flush()
    [row] = [row for row in rows(sql) if row["route"] == "/times"]
    within = [value for name, value in row.items() if name.startswith("within_")]
    assert within == [1, 2, 3, 3, 3, 4, 4, 5, 5]
    assert row["requests"] == 6
    assert row["max_ms"] == pytest.approx(6000)
    assert row["total_ms"] == pytest.approx(6971.01)


def test_what_processes_count_adds_up(usage: ApiUsage, tenant: Tenant, sql: Sql) -> None:
    others = [counting(usage._database) for _ in range(5)]

    def work(number: int) -> None:
        for _ in range(20):
            for n in range(10):
                count(others[number], tenant.id, number + 1, route=f"/{n}")
            others[number].flush()

    at_once(len(others), work)
    assert [(row["requests"], row["max_ms"]) for row in rows(sql) if len(row["route"]) == 2] == [
        (100, pytest.approx(5))
    ] * 10


def test_threads_count_each_request(usage: ApiUsage, tenant: Tenant, sql: Sql) -> None:
    def work(_: int) -> None:
        for n in range(1000):
            count(usage, tenant.id, route="/threads")
            if n % 100 == 0:
                usage.flush()

    at_once(8, work)
    usage.flush()
    [row] = [row for row in rows(sql) if row["route"] == "/threads"]
    assert row["requests"] == 8000


# When the database does not take it -----------------------------------------------------------------------


def test_counts_wait_for_the_database(settings: Settings, tenant: Tenant, sql: Sql) -> None:
    away = Database(replace(settings, pool_timeout=0.1), "postgresql://127.0.0.1:1/x")
    away.open()
    usage = counting(away)
    try:
        count(usage, tenant.id, 3, route="/wait")
        usage.flush()
        count(usage, tenant.id, 4, route="/wait")
        usage.flush()
    finally:
        away.close()
    assert settings.database_url
    usage._database = Database(settings, settings.database_url)
    usage._database.open()
    usage.flush()
    usage.flush()
    usage._database.close()
    [row] = [row for row in rows(sql) if row["route"] == "/wait"]
    assert (row["requests"], row["within_2_ms"], row["within_5_ms"]) == (2, 0, 2)


def test_what_waits_is_bounded(usage: ApiUsage, caplog: pytest.LogCaptureFixture) -> None:
    for n in range(MOST + 5):
        count(usage, "01980000-0000-7000-8000-000000000000", route=f"/{n}")
    assert len(usage._counts) == MOST
    count(usage, "01980000-0000-7000-8000-000000000000", route="/0")  # goes on being counted
    usage.flush()
    assert "5 requests were not counted" in caplog.text
    # Of a tenant that is no more: nothing is left to add.
    assert usage._counts == {}


def test_one_tenant_does_not_keep_others_from_being_counted(
    usage: ApiUsage, tenant: Tenant, sql: Sql
) -> None:
    count(usage, "01980000-0000-7000-8000-000000000000")
    for n in range(BATCH + 1):
        count(usage, tenant.id, route=f"/many/{n}")
    usage.flush()
    assert len([row for row in rows(sql) if row["route"].startswith("/many/")]) == BATCH + 1


# Processes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [Gunicorn, Granian])
def test_a_stop_adds_what_is_left(
    settings: Settings, tenant: Tenant, sql: Sql, program: type[Gunicorn]
) -> None:
    slowly = {"USAGE_FLUSH_SECONDS": "3600", "WEB_CONCURRENCY": "2"}
    with program(environment(settings) | slowly) as running:
        for _ in range(20):
            # A connection each, so that both processes answer.
            Client(running.url, tenant.service.credential).get("/v1/jobs")
        assert [row for row in rows(sql) if row["route"] == "/v1/jobs"] == []
    assert sum(row["requests"] for row in rows(sql) if row["route"] == "/v1/jobs") == 20


def test_a_process_that_counts_nothing_has_no_thread_to_wait_for(settings: Settings) -> None:
    code = "import service; service.create_app(); import threading; print(threading.enumerate())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment(settings)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "api-usage" not in done.stdout
    assert done.returncode == 0, done.stderr


def test_who_is_killed_loses_only_what_was_not_added(
    settings: Settings, tenant: Tenant, sql: Sql
) -> None:
    with Gunicorn(environment(settings)) as running:
        api = Client(running.url, tenant.service.credential)
        api.get("/v1/jobs")
        wait_until(lambda: any(row["route"] == "/v1/jobs" for row in rows(sql)))
        [worker] = psutil.Process(running.process.pid).children()
        os.kill(worker.pid, signal.SIGKILL)
        wait_until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert [row["requests"] for row in rows(sql) if row["route"] == "/v1/jobs"] == [1]


# The report -----------------------------------------------------------------------------------------------


@pytest.fixture
def counted(usage: ApiUsage, tenant: Tenant) -> Tenant:
    """A tenant that is told of what the test counts; its own requests come later."""
    for milliseconds in (1, 1, 1, 1, 1, 1, 1, 1, 1, 300):
        count(usage, tenant.id, milliseconds, route="/a")
    count(usage, tenant.id, 3, route="/b", status="404")
    count(usage, tenant.id, 9000, route="/b", key_id=None, user_id="u")
    usage.flush()
    return tenant


def report(tenant: Tenant, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = tenant.service.get(f"{USAGE}?{query}")["items"]
    return items


def test_endpoints_are_told_with_their_times(counted: Tenant) -> None:
    found = {row["key"]: row for row in report(counted, "by=endpoint")}
    assert found["GET /a"] == {
        "key": "GET /a",
        "requests": 10,
        "mean_ms": 30.9,
        "p50_ms": 2,
        "p95_ms": 300,  # less than the bound that has it
        "max_ms": 300,
    }
    assert found["GET /b"]["p50_ms"] == 5
    assert found["GET /b"]["p95_ms"] == 9000  # beyond the last bound
    assert [row["requests"] for row in report(counted, "by=endpoint")][:2] == [10, 2]


def test_callers_and_statuses_are_told(counted: Tenant) -> None:
    callers = {row["key"]: row["requests"] for row in report(counted, "by=caller")}
    assert callers[KEY] == 11
    assert callers["user"] == 1
    statuses = {row["key"]: row["requests"] for row in report(counted, "by=status&route=/b")}
    assert statuses == {"404": 1, "200": 1}


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        (f"caller={KEY}", 11),
        ("caller=user", 1),
        ("route=/b", 2),
        ("route=/b&status=404", 1),
        ("method=GET&route=/a", 10),
    ],
)
def test_each_filter_leaves_what_it_names(counted: Tenant, query: str, requests: int) -> None:
    [day] = report(counted, query)
    assert day["requests"] == requests
    assert day["key"] == time.strftime("%Y-%m-%d", time.gmtime())
    [hour] = report(counted, f"by=hour&{query}")
    assert hour["requests"] == requests
    assert hour["key"].endswith(":00:00+00:00")


def test_days_are_told_newest_first_and_within_their_bounds(tenant: Tenant, sql: Sql) -> None:
    sql.execute(
        "INSERT INTO operations.api_usage SELECT %s, date_trunc('hour', now()) - d * interval '1 day', 'user',"
        " 'GET', '/old', 200, d, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(1, 3) AS d"
        " RETURNING hour",
        [tenant.id],
    )
    sql.commit()
    found = report(tenant, "route=/old")
    assert [row["requests"] for row in found] == [1, 2, 3]
    assert [row["requests"] for row in report(tenant, f"route=/old&to={found[0]['key']}")] == [2, 3]
    assert report(tenant, f"route=/old&from={found[0]['key']}") == found[:1]


@pytest.mark.parametrize(
    "query",
    [
        "by=month",
        "caller=key:1",
        "status=9",
        "status=x",
        "from=2026-01-01&to=2026-03-01&by=hour",
        "from=2020-01-01&to=2026-01-01",
        "path=/v1/drafts",
    ],
)
def test_a_question_that_has_no_answer_is_refused(api: Client, query: str) -> None:
    assert api.get(f"{USAGE}?{query}", expect=400)["code"] == "VALIDATION"


def test_another_tenants_usage_is_not_told(
    counted: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    other = new_tenant()
    assert all(row["key"] != "GET /a" for row in report(other, "by=endpoint"))


def test_other_writers_are_held_to_counts_that_can_be(sql: Sql) -> None:
    for change in (
        *("requests = 0", "requests = 1", "total_ms = 0", "within_2_ms = 3"),
        *("hour = now()", "caller = 'me@example.com'"),
    ):
        sql.execute(
            "INSERT INTO operations.api_usage VALUES (current_setting('app.tenant_id')::uuid,"
            " date_trunc('hour', now()), 'user', 'GET', '/x', 200, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)"
        )
        with pytest.raises((CheckViolation, InsufficientPrivilege)):
            sql.execute(f"UPDATE operations.api_usage SET {change} WHERE route = '/x'".encode())
        sql.rollback()


def test_what_was_counted_is_not_taken_back_nor_counted_ahead(sql: Sql) -> None:
    for forged in (
        "DELETE FROM operations.api_usage",
        "SELECT operations.forget_api_usage(current_setting('app.tenant_id')::uuid, 'infinity')",
        "INSERT INTO operations.api_usage VALUES (current_setting('app.tenant_id')::uuid,"
        " date_trunc('hour', now() + interval '3 hours'), 'user',"
        " 'GET', '/x', 200, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)",
    ):
        with pytest.raises(InsufficientPrivilege), sql.transaction():
            sql.execute(forged.encode())
