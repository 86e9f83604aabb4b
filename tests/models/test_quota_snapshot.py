"""The snapshot: what is used, its average over days, and the day on which the limit will be reached."""

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant

Sql = psycopg.Connection[Any]


def today(sql: Sql) -> date:
    """The database's, in UTC."""
    sql.rollback()
    [row] = sql.execute("SELECT (now() AT TIME ZONE 'UTC')::date AS day").fetchall()
    found: date = row["day"]
    return found


def store(sql: Sql, tenant: Tenant, history: dict[int, tuple[int, int, int]]) -> date:
    """Another writer counts reads by kind, for so many days ago; today."""
    day = today(sql)
    sql.cursor().executemany(
        "INSERT INTO models.quota_usage"
        " (tenant_id, day, stream_reads, search_reads, thread_lookups) VALUES (%s, %s, %s, %s, %s)",
        [(tenant.id, day - timedelta(days=ago), *reads) for ago, reads in history.items()],
    )
    sql.commit()
    return day


def expected(history: dict[int, tuple[int, int, int]], period: int, allowed: int) -> dict[str, Any]:
    """The same, computed day by day as the description says."""
    totals = {ago: sum(reads) for ago, reads in history.items()}
    within = {ago: reads for ago, reads in history.items() if 0 <= ago < period}
    used = sum(totals[ago] for ago in within)
    since = max((ago for ago, total in totals.items() if total > 0), default=period)
    average = Fraction(used, max(min(since + 1, period), 1))
    exhausted = 0 if used >= allowed else None
    for ahead in range(1, 3 * period + 1):
        if exhausted is not None or used == 0:
            break
        # Of the period that ends on that day: what is left of today's, and a day's average for each new day.
        left_over = sum(totals[ago] for ago in within if ago + ahead < period)
        if left_over + min(ahead, period) * average >= allowed:
            exhausted = ahead
    level = "ok"
    if used * 100 >= allowed * 95:
        level = "danger"
    elif used * 100 >= allowed * 80:
        level = "warning"
    return {
        "total_allowed": allowed,
        "used": used,
        "remaining": max(allowed - used, 0),
        "avg_daily_usage": pytest.approx(float(average), abs=0.0051),
        "exhausted_in": exhausted,
        "source_breakdown": {
            kind: sum(reads[n] for reads in within.values())
            for n, kind in enumerate(["stream", "search", "thread_lookups"])
        },
        "level": level,
    }


def check(
    api: Client, day: date, history: dict[int, tuple[int, int, int]], period: int, allowed: int
) -> dict[str, Any]:
    api.put("/v1/quota/limit", {"period_days": period, "allowed": allowed})
    found: dict[str, Any] = api.get("/v1/quota")
    snapshot = dict(found)
    assert date.fromisoformat(snapshot.pop("period_end")) == day + timedelta(days=1)
    assert date.fromisoformat(snapshot.pop("period_start")) == day - timedelta(days=period - 1)
    snapshot.pop("last_sync")
    exhausted = snapshot.pop("projected_exhaust_date")
    snapshot["exhausted_in"] = (
        (date.fromisoformat(exhausted) - day).days if exhausted is not None else None
    )
    assert snapshot == expected(history, period, allowed)
    return found


def test_without_any_use(api: Client, sql: Sql) -> None:
    before = datetime.now(UTC)
    snapshot = api.get("/v1/quota")
    day = today(sql)
    synced = datetime.fromisoformat(snapshot.pop("last_sync"))
    assert before - timedelta(minutes=1) < synced < datetime.now(UTC) + timedelta(minutes=1)
    assert snapshot == {
        "period_start": (day - timedelta(days=29)).isoformat(),
        "period_end": (day + timedelta(days=1)).isoformat(),
        "total_allowed": 10000,
        "used": 0,
        "remaining": 10000,
        "avg_daily_usage": 0,
        "projected_exhaust_date": None,
        "source_breakdown": {"stream": 0, "search": 0, "thread_lookups": 0},
        "level": "ok",
    }


def test_it_has_the_days_of_the_period_and_no_others(tenant: Tenant, api: Client, sql: Sql) -> None:
    history = {-1: (1000, 0, 0), 0: (1, 20, 300), 29: (2, 40, 600), 30: (5000, 0, 0)}
    snapshot = check(api, store(sql, tenant, history), history, 30, 10000)
    assert snapshot["used"] == 963
    assert snapshot["source_breakdown"] == {"stream": 3, "search": 60, "thread_lookups": 900}


def test_the_average_is_over_days_and_not_over_rows(tenant: Tenant, api: Client, sql: Sql) -> None:
    # One busy day 20 days ago and one today: two rows, 21 days.
    history = {20: (2100, 0, 0), 0: (2100, 0, 0)}
    snapshot = check(api, store(sql, tenant, history), history, 30, 10000)
    assert snapshot["avg_daily_usage"] == 200
    # 5800 remain, that is 29 days of 200; but the first day leaves the period after 10 days.
    assert snapshot["projected_exhaust_date"] is None


def test_who_began_before_the_period_is_averaged_over_all_of_it(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    history = {100: (1, 0, 0), 2: (300, 0, 0)}
    snapshot = check(api, store(sql, tenant, history), history, 30, 10000)
    assert snapshot["avg_daily_usage"] == 10


def test_a_day_of_which_all_was_released_is_no_use(tenant: Tenant, api: Client, sql: Sql) -> None:
    history = {25: (0, 0, 0), 1: (50, 0, 0)}
    assert check(api, store(sql, tenant, history), history, 30, 10000)["avg_daily_usage"] == 25


def test_a_new_tenant_at_a_steady_pace_is_told_the_day(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    history = dict.fromkeys(range(4), (1000, 0, 0))
    day = store(sql, tenant, history)
    snapshot = check(api, day, history, 30, 10000)
    assert snapshot["projected_exhaust_date"] == (day + timedelta(days=6)).isoformat()


def test_a_steady_pace_within_the_limit_never_exhausts_it(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    history = dict.fromkeys(range(40), (333, 0, 0))
    snapshot = check(api, store(sql, tenant, history), history, 30, 10000)
    assert (snapshot["used"], snapshot["level"]) == (9990, "danger")
    assert snapshot["projected_exhaust_date"] is None


def test_what_is_used_up_is_exhausted_today(tenant: Tenant, api: Client, sql: Sql) -> None:
    history = {0: (100, 0, 0)}
    day = store(sql, tenant, history)
    for allowed in (100, 99, 0):
        snapshot = check(api, day, history, 30, allowed)
        assert snapshot["projected_exhaust_date"] == day.isoformat()
        assert (snapshot["remaining"], snapshot["level"]) == (0, "danger")


@pytest.mark.parametrize(
    ("used", "level"),
    [
        (0, "ok"),
        (7999, "ok"),
        (8000, "warning"),
        (9499, "warning"),
        (9500, "danger"),
        (10000, "danger"),
        (12345, "danger"),
    ],
)
def test_it_warns_at_80_and_at_95_percent(
    tenant: Tenant, api: Client, sql: Sql, used: int, level: str
) -> None:
    store(sql, tenant, {3: (used, 0, 0)})
    assert api.get("/v1/quota")["level"] == level


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_a_simulation_day_by_day_says(
    tenant: Tenant, api: Client, sql: Sql, seed: int
) -> None:
    chance = random.Random(seed)
    oldest = chance.choice([3, 12, 45])
    history = {
        ago: (chance.randrange(0, 200), chance.randrange(0, 50), chance.randrange(0, 10))
        for ago in range(oldest)
        if chance.random() < chance.choice([0.2, 0.9])
    }
    day = store(sql, tenant, history)
    for period in (1, 2, 7, 30, 366):
        for allowed in (0, 1, 100, 700, 3000, 20000, 2**63 - 1):
            check(api, day, history, period, allowed)


def test_sums_of_the_largest_counts_fit(tenant: Tenant, api: Client, sql: Sql) -> None:
    history = dict.fromkeys(range(366), (10**15, 10**15, 10**15))
    snapshot = check(api, store(sql, tenant, history), history, 366, 2**63 - 1)
    assert snapshot["used"] == 3 * 366 * 10**15
