"""Reads are reserved within the limit, released, counted; the limit is set. Whatever comes at once or as bad input."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import requests

from service.caller import Caller
from service.database import Database
from service.queries import queries
from tests.client import Client, Tenant, at_once, wait_until
from tests.postgres import BLOCKED
from tests.writer import violated

Sql = psycopg.Connection[Any]

KINDS = ["stream", "search", "thread_lookups"]
RESERVED = {"stream": "stream_reserved", "search": "search_reserved"} | {
    "thread_lookups": "thread_reserved"
}
READ = {"stream": "stream_reads", "search": "search_reads", "thread_lookups": "thread_lookups"}
POSTS = {
    "/v1/quota/reserve": {"kind": "stream", "count": 1},
    "/v1/quota/release": {"kind": "stream", "count": 1, "day": "2025-01-01"},
    "/v1/quota/increment": {"kind": "stream", "count": 1},
}
NOTHING = {
    "total_reads": 0,
    **dict.fromkeys(READ.values(), 0),
    **dict.fromkeys(RESERVED.values(), 0),
}


def today(sql: Sql) -> date:
    """The database's, in UTC."""
    sql.rollback()
    [row] = sql.execute("SELECT (now() AT TIME ZONE 'UTC')::date AS day").fetchall()
    found: date = row["day"]
    return found


def used_on(sql: Sql, tenant: Tenant, day: date, **counts: int) -> None:
    """Another writer counts reads on a day."""
    values = {"stream_reads": 0, **counts}
    columns = ", ".join(values)
    places = ", ".join(["%s"] * len(values))
    sql.execute(
        f"INSERT INTO models.quota_usage (tenant_id, day, {columns}) VALUES (%s, %s, {places})",  # type: ignore[arg-type]
        [tenant.id, day, *values.values()],
    )
    sql.commit()


def with_scopes(api: Client, *scopes: str) -> Client:
    body = {"name": "some scopes", "scopes": list(scopes)}
    return Client(api.url, api.post("/v1/api-keys", body)["key"])


def reserve(api: Client, count: int, kind: str = "stream", **kwargs: Any) -> requests.Response:
    return api.request("POST", "/v1/quota/reserve", {"kind": kind, "count": count}, **kwargs)


def fresh(api: Client) -> Client:
    """The same credential with a connection of its own, for a thread."""
    return Client(api.url, api.credential)


# Reserve ------------------------------------------------------------------------------------------------


def test_who_reserved_nothing_has_the_default(api: Client) -> None:
    assert api.get("/v1/quota/limit") == {
        "period_days": 30,
        "allowed": 10000,
        "updated_at": None,
        "revision": 1,
    }
    assert api.all("/v1/quota/usage") == []
    snapshot = api.get("/v1/quota")
    assert (snapshot["total_allowed"], snapshot["used"]) == (10000, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reservation_is_counted_at_once(api: Client, sql: Sql, kind: str) -> None:
    day = today(sql).isoformat()
    assert reserve(api, 300, kind, expect=200).json() == {
        "kind": kind,
        "requested": 300,
        "day": day,
        "allowed": 10000,
        "used": 300,
        "remaining": 9700,
    }
    assert reserve(api, 9700, kind, expect=200).json()["remaining"] == 0
    assert api.all("/v1/quota/usage") == [
        {"day": day, **NOTHING, "total_reads": 10000, READ[kind]: 10000, RESERVED[kind]: 10000}
    ]


def test_what_does_not_fit_is_refused_and_nothing_of_it_is_counted(api: Client) -> None:
    reserve(api, 9950, expect=200)
    answer = reserve(api, 51, "search", expect=429)
    problem = answer.json()
    assert problem["code"] == "QUOTA_EXCEEDED"
    assert problem["title"] == "Too Many Requests"
    told = {name: problem[name] for name in ("allowed", "used", "remaining", "requested")}
    assert told == {"allowed": 10000, "used": 9950, "remaining": 50, "requested": 51}
    assert int(answer.headers["Retry-After"]) > 29 * 86400
    assert api.get("/v1/quota")["used"] == 9950
    assert reserve(api, 50, "search", expect=200).json()["remaining"] == 0
    assert reserve(api, 1, expect=429).json()["remaining"] == 0


def test_the_kinds_share_one_limit(api: Client) -> None:
    for kind in KINDS:
        reserve(api, 3333, kind, expect=200)
    reserve(api, 2, "search", expect=429)
    reserve(api, 1, "search", expect=200)
    assert api.get("/v1/quota")["source_breakdown"] == {
        "stream": 3333,
        "search": 3334,
        "thread_lookups": 3333,
    }


def test_more_than_the_limit_is_never_told_to_come_again(api: Client) -> None:
    assert "Retry-After" not in reserve(api, 10001, expect=429).headers
    api.put("/v1/quota/limit", {"period_days": 30, "allowed": 0})
    refused = reserve(api, 1, expect=429)
    assert "Retry-After" not in refused.headers
    assert refused.json()["allowed"] == 0


def test_retry_after_is_when_enough_old_days_have_left_the_period(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    day = today(sql)
    api.put("/v1/quota/limit", {"period_days": 10, "allowed": 100})
    for days_ago, reads in [(9, 20), (7, 30), (5, 0), (2, 40), (0, 5)]:
        used_on(sql, tenant, day - timedelta(days=days_ago), search_reads=reads)
    used_on(sql, tenant, day - timedelta(days=10), search_reads=77)  # has left it
    used_on(sql, tenant, day + timedelta(days=1), search_reads=77)  # is not there yet
    for count, leaves_with in [(6, 9), (25, 9), (26, 7), (55, 7), (56, 2), (95, 2), (96, 0)]:
        answer = reserve(api, count, expect=429)
        midnight = datetime.combine(
            day + timedelta(days=10 - leaves_with), datetime.min.time(), UTC
        )
        at = datetime.now(UTC) + timedelta(seconds=int(answer.headers["Retry-After"]))
        assert abs(at - midnight) < timedelta(minutes=5), count
        assert answer.json()["used"] == 95
    assert reserve(api, 5, expect=200).json()["remaining"] == 0


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": -1},
        {"count": 1_000_001},
        {"count": 1.5},
        {"count": "1"},
        {"count": True},
        {"count": None},
        {"count": 10**30},
        {"kind": "threadLookups"},
        {"kind": "other"},
        {"kind": None},
        {"kind": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_count_or_no_kind_is_refused(api: Client, path: str, wrong: Any) -> None:
    problem = api.post(path, POSTS[path] | wrong, expect=400)
    assert problem["code"] == "VALIDATION"
    assert problem["errors"].keys() == wrong.keys()
    assert api.all("/v1/quota/usage") == []


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("missing", ["kind", "count"])
def test_kind_and_count_are_required(api: Client, path: str, missing: str) -> None:
    body = {name: value for name, value in POSTS[path].items() if name != missing}
    assert api.post(path, body, expect=400)["errors"].keys() == {missing}


def test_a_reservation_that_is_sent_again_with_its_key_is_counted_once(api: Client) -> None:
    headers = {"Idempotency-Key": "fetch-1"}
    answers = [reserve(api, 4000, headers=headers, expect=200) for _ in range(5)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert api.get("/v1/quota")["used"] == 4000
    refused = {"Idempotency-Key": "fetch-2"}
    reserve(api, 6001, headers=refused, expect=429)
    # A refusal is not kept: it may fit by now.
    api.put("/v1/quota/limit", {"period_days": 30, "allowed": 10001})
    reserve(api, 6001, headers=refused, expect=200)


# Release and increment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_used_is_released(api: Client, kind: str) -> None:
    day = reserve(api, 10000, kind).json()["day"]
    body = {"kind": kind, "day": day}
    reserve(api, 1, kind, expect=429)
    released = api.post("/v1/quota/release", body | {"count": 4000})
    assert released == {
        "day": day,
        **NOTHING,
        "total_reads": 6000,
        READ[kind]: 6000,
        RESERVED[kind]: 6000,
    }
    assert reserve(api, 4000, kind, expect=200).json()["remaining"] == 0
    assert api.post("/v1/quota/release", body | {"count": 10000}) == {"day": day, **NOTHING}
    problem = api.post("/v1/quota/release", body | {"count": 1}, expect=409)
    assert problem["current"] == {"day": day, **NOTHING}


def test_nothing_is_released_that_was_not_reserved(api: Client) -> None:
    day = api.post("/v1/quota/increment", {"kind": "stream", "count": 100})["day"]
    api.post("/v1/quota/release", {"kind": "stream", "count": 1, "day": day}, expect=409)
    reserve(api, 10, "stream")
    api.post("/v1/quota/release", {"kind": "stream", "count": 11, "day": day}, expect=409)
    api.post("/v1/quota/release", {"kind": "search", "count": 1, "day": day}, expect=409)
    left = api.post("/v1/quota/release", {"kind": "stream", "count": 10, "day": day})
    assert (left["stream_reads"], left["stream_reserved"]) == (100, 0)


def test_a_release_goes_to_the_day_of_the_reservation(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    yesterday = today(sql) - timedelta(days=1)
    used_on(sql, tenant, yesterday, search_reads=50, search_reserved=20)
    reserve(api, 5, "search")
    body = {"kind": "search", "count": 20, "day": yesterday.isoformat()}
    assert api.post("/v1/quota/release", body)["total_reads"] == 30
    api.post("/v1/quota/release", body, expect=409)
    api.post("/v1/quota/release", body | {"day": "2001-01-01"}, expect=404)
    assert [row["total_reads"] for row in api.all("/v1/quota/usage")] == [5, 30]


@pytest.mark.parametrize(
    "day", ["yesterday", "2025-02-30", 20250101, None, "", "infinity"], ids=str
)
def test_a_release_names_a_day(api: Client, day: Any) -> None:
    body = {"kind": "stream", "count": 1, "day": day}
    assert api.post("/v1/quota/release", body, expect=400)["errors"].keys() == {"day"}


def test_what_happened_is_counted_whatever_the_limit_says(api: Client, sql: Sql) -> None:
    api.put("/v1/quota/limit", {"period_days": 30, "allowed": 10})
    for kind, count in [("stream", 7), ("search", 5), ("thread_lookups", 3), ("stream", 1)]:
        counted = api.post("/v1/quota/increment", {"kind": kind, "count": count})
    assert counted == {
        "day": today(sql).isoformat(),
        **NOTHING,
        "total_reads": 16,
        "stream_reads": 8,
        "search_reads": 5,
        "thread_lookups": 3,
    }
    snapshot = api.get("/v1/quota")
    assert (snapshot["used"], snapshot["remaining"], snapshot["level"]) == (16, 0, "danger")
    refused = reserve(api, 1, expect=429).json()
    assert (refused["used"], refused["remaining"]) == (16, 0)


# At the same time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyed", [False, True])
def test_of_many_reservations_at_once_as_many_succeed_as_fit(api: Client, keyed: bool) -> None:
    api.post("/v1/quota/increment", {"kind": "search", "count": 9000})

    def call(n: int) -> requests.Response:
        headers = {"Idempotency-Key": f"r-{n}"} if keyed else {}
        return reserve(fresh(api), 100, KINDS[n % 3], headers=headers)

    answers = at_once(50, call)
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 40
    granted = sorted(answer.json()["remaining"] for answer in answers if answer.ok)
    assert granted == list(range(0, 1000, 100))
    for answer in answers:
        if not answer.ok:
            assert answer.json()["used"] == 10000
    assert api.get("/v1/quota")["used"] == 10000


def test_the_first_reservations_at_once_are_within_the_default(api: Client) -> None:
    answers = at_once(50, lambda n: reserve(fresh(api), 999))
    assert [answer.ok for answer in answers].count(True) == 10
    assert api.get("/v1/quota/limit")["revision"] == 1
    assert api.get("/v1/quota")["used"] == 9990


def test_everything_at_once_stays_within_the_limit_and_adds_up(api: Client) -> None:
    api.put("/v1/quota/limit", {"period_days": 30, "allowed": 500})

    def use(n: int) -> int:
        client, held = fresh(api), 0
        for _ in range(4):
            answer = reserve(client, 60, KINDS[n % 3])
            if answer.ok:
                assert 0 <= answer.json()["used"] <= 500
                day = answer.json()["day"]
                body = {"kind": KINDS[n % 3], "count": 30, "day": day}
                client.post("/v1/quota/release", body)
                held += 30
        return held

    assert sum(at_once(20, use)) == api.get("/v1/quota")["used"] <= 500


def test_releases_at_once_take_back_no_more_than_was_reserved(api: Client) -> None:
    day = reserve(api, 100).json()["day"]
    body = {"kind": "stream", "count": 10, "day": day}
    answers = at_once(50, lambda n: fresh(api).request("POST", "/v1/quota/release", body))
    assert sorted(a.status_code for a in answers) == [200] * 10 + [409] * 40
    assert api.get("/v1/quota")["used"] == 0


def test_increments_at_once_are_all_counted_in_one_row(api: Client) -> None:
    body = {"kind": "search", "count": 3}
    at_once(50, lambda n: fresh(api).post("/v1/quota/increment", body))
    [row] = api.all("/v1/quota/usage")
    assert (row["total_reads"], row["search_reads"]) == (150, 150)


def test_a_tenant_does_not_wait_for_another_but_for_itself(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: Sql
) -> None:
    other = new_tenant()
    for of in (tenant, other):
        reserve(of.service, 1)
    lock = "SELECT 1 FROM models.quota_limits WHERE tenant_id = %s FOR UPDATE"
    sql.execute(lock, [tenant.id])
    reserve(other.service, 1, expect=200)
    other.service.put("/v1/quota/limit", {"period_days": 7, "allowed": 5})
    # Reading and counting what happened need no lock of the limit.
    assert tenant.service.get("/v1/quota")["used"] == 1
    tenant.service.post("/v1/quota/increment", {"kind": "stream", "count": 1})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(reserve, fresh(tenant.service), 9998)
        wait_until(lambda: sql.execute(BLOCKED, [tenant.id]).fetchall())
        assert not waiting.done()
        # What was counted while it waited is seen.
        sql.execute("UPDATE models.quota_usage SET search_reads = search_reads + 1")
        sql.commit()
        refused = waiting.result(60)
    assert refused.status_code == 429
    assert refused.json()["used"] == 3


# The limit ----------------------------------------------------------------------------------------------


def test_the_limit_is_set_and_holds_at_once(api: Client) -> None:
    reserve(api, 60)
    limit = api.put("/v1/quota/limit", {"period_days": 7, "allowed": 50})
    assert (limit["period_days"], limit["allowed"], limit["revision"]) == (7, 50, 2)
    assert limit["updated_at"] is not None
    assert api.get("/v1/quota/limit") == limit
    snapshot = api.get("/v1/quota")
    assert (snapshot["used"], snapshot["remaining"], snapshot["total_allowed"]) == (60, 0, 50)
    reserve(api, 1, expect=429)
    api.put("/v1/quota/limit", {"period_days": 7, "allowed": 61})
    reserve(api, 1, expect=200)
    # The same again is no change.
    again = api.put("/v1/quota/limit", {"period_days": 7, "allowed": 61})
    assert again["revision"] == 3


def test_the_limit_is_set_on_the_revision_that_was_read(api: Client) -> None:
    first = api.request("GET", "/v1/quota/limit").headers["ETag"]
    assert first == '"1"'
    reserve(api, 1)  # makes the row, and no difference
    assert api.request("GET", "/v1/quota/limit").headers["ETag"] == first
    body = {"period_days": 30, "allowed": 20000}
    path = "/v1/quota/limit"
    answer = api.request("PUT", path, body, headers={"If-Match": first}, expect=200)
    assert answer.headers["ETag"] == '"2"'
    stale = api.request("PUT", path, body | {"allowed": 1}, headers={"If-Match": first})
    assert (stale.status_code, stale.json()["code"]) == (412, "STALE")
    assert api.get(path)["allowed"] == 20000


def test_of_two_who_read_the_default_one_sets_it(api: Client) -> None:
    def put(n: int) -> int:
        body = {"period_days": 30, "allowed": 100 + n}
        headers = {"If-Match": '"1"'}
        return fresh(api).request("PUT", "/v1/quota/limit", body, headers=headers).status_code

    assert sorted(at_once(20, put)) == [200] + [412] * 19


@pytest.mark.parametrize(
    "wrong",
    [
        {"period_days": 0},
        {"period_days": 367},
        {"period_days": 1.5},
        {"period_days": None},
        {"allowed": -1},
        {"allowed": 2**63},
        {"allowed": "many"},
        {"allowed": None},
        {"revision": 1},
    ],
    ids=str,
)
def test_a_wrong_limit_is_refused(api: Client, wrong: dict[str, Any]) -> None:
    body = {"period_days": 30, "allowed": 10000} | wrong
    assert api.put("/v1/quota/limit", body, expect=400)["errors"].keys() == wrong.keys()
    for missing in ("period_days", "allowed"):
        rest = {name: value for name, value in {**body, **wrong}.items() if name != missing}
        api.put("/v1/quota/limit", rest, expect=400)
    assert api.get("/v1/quota/limit")["revision"] == 1


@pytest.mark.parametrize("period_days", [1, 366])
@pytest.mark.parametrize("allowed", [0, 1, 2**63 - 1])
def test_the_extremes_of_a_limit_work(api: Client, period_days: int, allowed: int) -> None:
    body = {"period_days": period_days, "allowed": allowed}
    api.put("/v1/quota/limit", body)
    assert reserve(api, 1).status_code == (200 if allowed else 429)
    reserve(api, 1_000_000, expect=200 if allowed > 1_000_000 else 429)
    snapshot = api.get("/v1/quota")
    assert snapshot["total_allowed"] == allowed
    assert snapshot["remaining"] == max(allowed - snapshot["used"], 0)


# Who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/quota", "quota:read"),
        ("GET", "/v1/quota/usage", "quota:read"),
        ("GET", "/v1/quota/limit", "quota:read"),
        ("POST", "/v1/quota/reserve", "quota:use"),
        ("POST", "/v1/quota/release", "quota:use"),
        ("POST", "/v1/quota/increment", "quota:use"),
        ("PUT", "/v1/quota/limit", "quota:write"),
    ],
)
def test_each_route_needs_its_scope(api: Client, method: str, path: str, scope: str) -> None:
    others = {"quota:read", "quota:use", "quota:write"} - {scope}
    body = POSTS.get(path) or ({"period_days": 1, "allowed": 1} if method == "PUT" else None)
    denied = with_scopes(api, *others).request(method, path, body, expect=403).json()
    assert scope in denied["detail"]
    assert with_scopes(api, scope).request(method, path, body).status_code in (200, 404)
    assert requests.request(method, f"{api.url}{path}", json=body, timeout=30).status_code == 401


def test_viewers_read_and_admins_set(tenant: Tenant) -> None:
    tenant.acting("viewer").get("/v1/quota")
    body = {"period_days": 30, "allowed": 1}
    tenant.acting("approver").put("/v1/quota/limit", body, expect=403)
    tenant.acting("admin").put("/v1/quota/limit", body)


def test_a_tenant_has_its_own_quota(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    other = new_tenant()
    day = reserve(tenant.service, 10000).json()["day"]
    tenant.service.put("/v1/quota/limit", {"period_days": 7, "allowed": 20000})
    assert other.service.all("/v1/quota/usage") == []
    assert other.service.get("/v1/quota/limit")["allowed"] == 10000
    release = {"kind": "stream", "count": 1, "day": day}
    other.service.post("/v1/quota/release", release, expect=404)
    reserve(other.service, 10000, expect=200)
    assert tenant.service.get("/v1/quota")["used"] == 10000


# Days ---------------------------------------------------------------------------------------------------


def test_the_days_are_listed_newest_first(tenant: Tenant, api: Client, sql: Sql) -> None:
    day = today(sql)
    days = [day - timedelta(days=n) for n in (0, 1, 2, 5, 40, 400)]
    for n, one_day in enumerate(reversed(days)):
        used_on(sql, tenant, one_day, stream_reads=n)
    listed = api.all("/v1/quota/usage", limit=2)
    assert [row["day"] for row in listed] == [d.isoformat() for d in days]
    assert [row["total_reads"] for row in listed] == [5, 4, 3, 2, 1, 0]
    api.request("GET", "/v1/quota/usage?cursor=x", expect=400)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "UTC"])
def test_the_day_is_that_of_utc_in_every_session(
    tenant: Tenant, api: Client, database: Database, zone: str
) -> None:
    """Kiritimati is 14 hours ahead, Etc/GMT+12 is 12 behind: one of them always has another day."""
    before = datetime.now(UTC).date()
    with database.transaction(Caller(tenant_id=tenant.id, actor="test")) as tx:
        tx._connection.execute(f"SET LOCAL timezone = '{zone}'")  # type: ignore[arg-type]
        tx.execute(queries.models.lock_quota())
        reserved = tx.row(queries.models.reserve_quota(kind="stream", count=1))
        counted = tx.row(queries.models.increment_quota(kind="search", count=1))
        snapshot = tx.row(queries.models.quota_snapshot())
    assert before <= counted.day <= datetime.now(UTC).date()
    assert reserved.day == counted.day == snapshot.period_end - timedelta(days=1)
    assert snapshot.used == 2
    reserve(api, 1)
    if datetime.now(UTC).date() == before:
        assert len(api.all("/v1/quota/usage")) == 1


# Plain SQL ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("stream_reads", -1, "quota_usage_stream_reads_check"),
        ("search_reads", -1, "quota_usage_search_reads_check"),
        ("thread_lookups", -1, "quota_usage_thread_lookups_check"),
        ("stream_reads", 10**15 + 1, "quota_usage_stream_reads_check"),
        ("stream_reserved", 6, "quota_usage_stream_reserved_check"),
        ("search_reserved", 6, "quota_usage_search_reserved_check"),
        ("thread_reserved", 6, "quota_usage_thread_reserved_check"),
        ("thread_reserved", -1, "quota_usage_thread_reserved_check"),
    ],
)
def test_no_writer_stores_a_count_that_cannot_be(
    tenant: Tenant, sql: Sql, column: str, value: Any, constraint: str
) -> None:
    used_on(sql, tenant, today(sql), stream_reads=5, search_reads=5, thread_lookups=5)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(f"UPDATE models.quota_usage SET {column} = %s", [value])  # type: ignore[arg-type]
    assert violated(refused.value) == constraint


def test_no_writer_counts_on_a_day_that_is_none(tenant: Tenant, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            "INSERT INTO models.quota_usage (tenant_id, day) VALUES (%s, 'infinity')", [tenant.id]
        )
    assert violated(refused.value) == "quota_usage_day_check"


def test_no_writer_gets_the_total_wrong_or_a_day_twice(tenant: Tenant, sql: Sql) -> None:
    used_on(sql, tenant, today(sql), stream_reads=5, search_reads=4, thread_lookups=3)
    with pytest.raises(psycopg.errors.GeneratedAlways):
        sql.execute("UPDATE models.quota_usage SET total_reads = 1")
    sql.rollback()
    sql.execute("UPDATE models.quota_usage SET search_reads = 40")
    total = sql.execute("SELECT total_reads FROM models.quota_usage").fetchone()
    assert total == {"total_reads": 48}
    sql.rollback()
    with pytest.raises(psycopg.errors.UniqueViolation):
        used_on(sql, tenant, today(sql), stream_reads=1)


def test_the_default_of_a_new_row_is_that_of_no_row(tenant: Tenant, api: Client, sql: Sql) -> None:
    before = api.get("/v1/quota/limit")
    sql.execute("INSERT INTO models.quota_limits (tenant_id) VALUES (%s)", [tenant.id])
    sql.commit()
    assert api.get("/v1/quota/limit") == before
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute("INSERT INTO models.quota_limits (tenant_id) VALUES (%s)", [tenant.id])


@pytest.mark.parametrize(
    ("column", "value"), [("period_days", 0), ("period_days", 367), ("allowed", -1)]
)
def test_no_writer_stores_a_limit_that_cannot_be(
    tenant: Tenant, sql: Sql, column: str, value: int
) -> None:
    query = f"INSERT INTO models.quota_limits (tenant_id, {column}) VALUES (%s, %s)"
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(query, [tenant.id, value])  # type: ignore[arg-type]


def test_another_writer_sees_and_writes_only_its_tenant(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: Sql
) -> None:
    other = new_tenant()
    reserve(other.service, 5)
    assert sql.execute("SELECT 1 FROM models.quota_usage").fetchall() == []
    assert sql.execute("SELECT 1 FROM models.quota_limits").fetchall() == []
    assert sql.execute("UPDATE models.quota_usage SET stream_reads = 9").rowcount == 0
    for table, columns in [("quota_limits", "tenant_id"), ("quota_usage", "tenant_id, day")]:
        values = "%s, now()" if "day" in columns else "%s"
        query = f"INSERT INTO models.{table} ({columns}) VALUES ({values})"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute(query, [other.id])  # type: ignore[arg-type]
        sql.rollback()
        sql.set("app.tenant_id", tenant.id)
    assert other.service.get("/v1/quota")["used"] == 5


def test_reservations_in_plain_sql_keep_the_limit_too(
    tenant: Tenant, api: Client, database: Database
) -> None:
    api.post("/v1/quota/increment", {"kind": "stream", "count": 9000})
    caller = Caller(tenant_id=tenant.id, actor="nightly import")

    def call(n: int) -> bool:
        with database.transaction(caller) as tx:
            tx.execute(queries.models.lock_quota())
            reserved = tx.row(queries.models.reserve_quota(kind="search", count=100))
            return reserved.day is not None

    # As many as the pool of the tests has connections, and requests beside them.
    with ThreadPoolExecutor(1) as pool:
        requested = pool.submit(at_once, 25, lambda n: reserve(fresh(api), 100).ok)
        written = at_once(8, call)
        granted = written + requested.result(60)
    assert granted.count(True) == 10
    assert api.get("/v1/quota")["used"] == 10000


def test_a_change_of_the_limit_is_an_event_and_a_read_is_none(tenant: Tenant, api: Client) -> None:
    reserve(api, 1)
    tenant.acting("admin").put("/v1/quota/limit", {"period_days": 30, "allowed": 5})
    events = [e for e in api.all("/v1/events") if e["entity"].startswith("models.quota")]
    assert [e["action"] for e in events] == ["INSERT", "UPDATE"]
    assert events[1]["changes"] == {"allowed": [10000, 5]}
    assert events[1]["actor"].startswith(f"user:{tenant.users['admin']}")
