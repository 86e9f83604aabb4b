"""What is counted of users and teams, by periods of UTC that touch each other and leave no gap."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.client import Tenant
from tests.identity.people_helpers import Sql, add, enter, people, remove, team_id

TYPES = ("hourly", "daily", "weekly", "monthly", "yearly")


def periods(sql: Sql, moment: str) -> dict[str, tuple[datetime, datetime]]:
    found = sql.execute("SELECT * FROM identity.periods(%s)", [moment]).fetchall()
    return {
        row["period_type"]: tuple(  # type: ignore[misc]
            row[name].astimezone(UTC) for name in ("period_start", "period_end")
        )
        for row in found
    }


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_midnight_of_utc_begins_a_period_and_is_not_in_the_one_before(sql: Sql, zone: str) -> None:
    sql.execute("SELECT set_config('timezone', %s, true)", [zone])
    before = periods(sql, "2026-03-08T23:59:59.999999Z")
    after = periods(sql, "2026-03-09T00:00:00Z")
    assert before == {
        "hourly": (at(2026, 3, 8, 23), at(2026, 3, 9)),
        "daily": (at(2026, 3, 8), at(2026, 3, 9)),
        "weekly": (at(2026, 3, 2), at(2026, 3, 9)),
        "monthly": (at(2026, 3, 1), at(2026, 4, 1)),
        "yearly": (at(2026, 1, 1), at(2027, 1, 1)),
    }
    assert after == {
        "hourly": (at(2026, 3, 9), at(2026, 3, 9, 1)),
        "daily": (at(2026, 3, 9), at(2026, 3, 10)),
        "weekly": (at(2026, 3, 9), at(2026, 3, 16)),
        "monthly": (at(2026, 3, 1), at(2026, 4, 1)),
        "yearly": (at(2026, 1, 1), at(2027, 1, 1)),
    }


def test_no_day_is_longer_where_clocks_are_changed(sql: Sql) -> None:
    sql.execute("SET LOCAL timezone = 'Europe/Berlin'")
    for day in ("2026-03-29", "2026-10-25"):
        for hour in range(24):
            found = periods(sql, f"{day}T{hour:02}:30:00Z")
            start = datetime.fromisoformat(day).replace(tzinfo=UTC)
            assert found["daily"] == (start, start + timedelta(days=1))
            assert found["hourly"][0] == start + timedelta(hours=hour)


def test_a_teams_new_members_are_counted_in_one_row_of_each_period(tenant: Tenant) -> None:
    users = people(tenant, 4)
    which = team_id(tenant.agent, *users[:2])
    add(tenant.agent, which, *users[2:])
    remove(tenant.agent, which, users[0])
    add(tenant.agent, which, users[0])
    for kind in TYPES:
        listed = tenant.agent.all(f"/v1/teams/{which}/stats", period_type=kind)
        # Of an hour that ends meanwhile there are two rows.
        assert sum(row["members_created"] for row in listed) == 6
        for row in listed:
            assert row["period_type"] == kind
            assert row["period_start"] < row["period_end"]
            assert row["runs_started"] == 0
    assert tenant.agent.all(f"/v1/teams/{which}/stats") == tenant.agent.all(
        f"/v1/teams/{which}/stats", period_type="daily"
    )


def filled(owner: psycopg.Connection[Any], tenant: Tenant, user_id: str) -> None:
    with owner.transaction():
        owner.execute("ALTER TABLE identity.user_stats DISABLE TRIGGER derived")
        owner.execute(ROWS, [tenant.id, user_id])
        owner.execute("ALTER TABLE identity.user_stats ENABLE TRIGGER derived")


ROWS = """
        INSERT INTO identity.user_stats (tenant_id, user_id, period_type, period_start, period_end)
        SELECT %s, %s, p.period_type, p.period_start, p.period_end
        FROM generate_series(timestamptz '2026-01-01Z', timestamptz '2026-01-05Z', interval '1 day') AS m
        CROSS JOIN identity.periods(m) AS p
        ON CONFLICT DO NOTHING
"""


def test_a_range_has_its_first_moment_and_not_its_last(tenant: Tenant, owner: Any) -> None:
    [ann] = people(tenant, 1)
    filled(owner, tenant, ann)
    shown = tenant.service.get(f"/v1/users/{ann}")

    def days(**params: Any) -> list[str]:
        listed = tenant.agent.all(f"/v1/users/{shown['public_id']}/stats", **params)
        return [row["period_start"][8:10] for row in listed]

    for limit in (1, 2, 100):
        assert days(limit=limit) == ["05", "04", "03", "02", "01"]
        bounds = {"from": "2026-01-02T00:00:00Z", "to": "2026-01-04T00:00:00Z"}
        assert days(limit=limit, **bounds) == ["03", "02"]
    assert days(**{"from": "2026-01-02T00:00:00.000001Z"}) == ["05", "04", "03"]
    assert days(to="2026-01-04T00:00:00.000001Z") == ["04", "03", "02", "01"]
    # The same moments, told in another zone.
    bounds = {"from": "2026-01-02T02:00:00+02:00", "to": "2026-01-03T19:00:00-05:00"}
    assert days(**bounds) == ["03", "02"]
    assert len(days(period_type="weekly")) == 2
    assert len(days(period_type="yearly")) == 1


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("period_type", {"period_type": "Daily"}),
        ("from", {"from": "yesterday"}),
        ("to", {"to": "2026-01-01T00:00:00"}),
        ("from", {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_wrong_range_is_refused_by_name(
    tenant: Tenant, field: str, params: dict[str, str]
) -> None:
    path = f"/v1/users/{tenant.users['agent']}/stats"
    assert list(tenant.agent.get(path, expect=400, params=params)["errors"]) == [field]


def test_only_what_happens_is_counted(tenant: Tenant, sql: Sql) -> None:
    agent = tenant.users["agent"]
    which = team_id(tenant.agent)
    enter(sql, agent)
    with pytest.raises(InsufficientPrivilege, match="members_created"):
        sql.execute(
            "UPDATE identity.team_stats SET members_created = 9 WHERE team_id = %s", [which]
        )
    sql.rollback()
    enter(sql, agent)
    with pytest.raises(InsufficientPrivilege, match="only triggers write its rows"):
        sql.execute(
            "INSERT INTO identity.user_stats"
            " (tenant_id, user_id, period_type, period_start, period_end, runs_started)"
            " VALUES (%s, %s, 'daily', '2026-01-01Z', '2026-01-02Z', 9)",
            [tenant.id, agent],
        )
