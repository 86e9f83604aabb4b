"""Analytics snapshots: appended once, in a partition of their month; series, sums, and what is due."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from tests.client import Client, Tenant, at_once
from tests.facts import rewriting
from tests.studio.helpers import concept_of, requested, video
from tests.studio.social import POSTS, account, claim, confirm, schedule

Sql = psycopg.Connection[Any]

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(days=1)
BATCH = "/v1/analytics-snapshots/batch"


def snapshot(video: dict[str, Any], at: datetime, views: int, **fields: Any) -> dict[str, Any]:
    return {"video_id": video["id"], "snapshot_at": at.isoformat(), "views": views, **fields}


def record(api: Client, *snapshots: dict[str, Any]) -> list[str]:
    answer = api.post(BATCH, {"snapshots": list(snapshots)}, expect=200)
    return [item["outcome"] for item in answer["items"]]


def gains(api: Client, **params: Any) -> dict[tuple[str, str], int]:
    found = api.get("/v1/analytics-snapshots/gains", params=params)["items"]
    return {(item["starts_on"], item["platform"]): item["views"] for item in found}


def day(moment: datetime) -> str:
    return moment.date().isoformat()


def test_a_list_is_recorded_once_and_each_row_has_its_result(api: Client) -> None:
    made = video(api)
    nobodys = {"id": "01980000-0000-7000-8000-000000000000"}
    rows = [
        snapshot(made, YESTERDAY, 1),
        snapshot(made, TODAY, 2**40, likes=5, watch_seconds=7),
        snapshot(made, YESTERDAY, 3),
        snapshot(nobodys, TODAY, 4),
        snapshot(made, TODAY, -1),
        snapshot(made, TODAY + timedelta(days=2), 5),
        snapshot(made, TODAY.replace(year=2001), 6),
        snapshot(made, TODAY.replace(year=2999), 7),
    ]
    answer = api.post(BATCH, {"snapshots": rows}, expect=200)
    found = [
        (item["outcome"], item["problem"] and [item["problem"]["code"], *item["problem"]["errors"]])
        for item in answer["items"]
    ]
    assert found == [
        ("done", None),
        ("done", None),
        ("skipped", None),
        ("failed", ["INVALID_REFERENCE", "video_id"]),
        ("failed", ["VALIDATION", "views"]),
        ("failed", ["VALIDATION", "snapshot_at"]),
        ("failed", ["VALIDATION", "snapshot_at"]),
        ("failed", ["VALIDATION", "snapshot_at"]),
    ]
    told = answer["items"][6]["problem"]["errors"]
    assert told == {"snapshot_at": ["there is no partition for this time"]}
    assert record(api, *rows[:2]) == ["skipped", "skipped"]
    path = f"/v1/videos/{made['id']}/analytics-snapshots"
    for limit in (1, 100):
        assert [item["views"] for item in api.all(path, limit=limit)] == [2**40, 1]
    assert gains(api) == {(day(YESTERDAY), "tiktok"): 1, (day(TODAY), "tiktok"): 2**40 - 1}


def test_the_latest_of_each_video(api: Client) -> None:
    first, second, without = video(api), video(api, platform="youtube-shorts"), requested(api)
    record(api, snapshot(first, TODAY, 200, likes=3), snapshot(second, YESTERDAY, 50))
    record(api, snapshot(first, YESTERDAY, 100))
    for limit in (1, 100):
        found = api.all("/v1/analytics-snapshots/latest", limit=limit)
        assert [(item["video_id"], item["views"], item["platform"]) for item in found] == [
            (second["id"], 50, "youtube-shorts"),
            (first["id"], 200, "tiktok"),
        ]
    assert (found[1]["likes"], found[1]["engagement_rate"]) == (3, 1.5)
    path = f"/v1/videos/{without['id']}/analytics"
    assert api.get(path)["items"] == api.get(f"{path}-snapshots")["items"] == []


def test_a_series_has_the_last_of_each_hour_day_or_week_of_utc(api: Client) -> None:
    made = video(api)
    monday = TODAY - timedelta(days=TODAY.weekday() + 7)
    record(
        api,
        *(
            snapshot(made, monday + timedelta(hours=hours), 1000 + int(hours))
            for hours in (0, 0.5, 23.99, 24, 7 * 24 - 1)
        ),
    )
    path = f"/v1/videos/{made['id']}/analytics"
    days = {"from": day(monday), "to": day(monday + timedelta(days=8))}

    def series(**params: Any) -> dict[datetime, int]:
        items = api.get(path, params={**days, **params})["items"]
        return {datetime.fromisoformat(item["starts_at"]): item["views"] for item in items}

    def after(hours: int) -> datetime:
        return monday + timedelta(hours=hours)

    assert series() == {after(0): 1023, after(24): 1024, after(144): 1167}
    assert series(by="week") == {after(0): 1167}
    by_hour = {after(0): 1000, after(23): 1023, after(24): 1024, after(167): 1167}
    assert series(by="hour") == by_hour
    assert series(by="hour", to=day(after(24))) == {after(0): 1000, after(23): 1023}
    for wrong, field in (
        ({"by": "month"}, "by"),
        ({"by": "hour", "from": "2025-01-01", "to": "2025-03-01"}, "from"),
        ({"from": "2020-01-01"}, "from"),
        ({"from": "x"}, "from"),
    ):
        assert list(api.get(path, expect=400, params={**days, **wrong})["errors"]) == [field]
    api.get("/v1/videos/01980000-0000-7000-8000-000000000000/analytics", expect=404)


def test_gains_add_up_to_the_latest_whatever_the_order(api: Client) -> None:
    first, second = video(api), video(api, platform="youtube-shorts")
    record(
        api,
        snapshot(first, YESTERDAY + timedelta(hours=5), 30),
        snapshot(first, TODAY, 100),
        snapshot(first, YESTERDAY, 10),
        snapshot(second, TODAY, 7),
    )
    assert gains(api) == {
        (day(YESTERDAY), "tiktok"): 30,
        (day(TODAY), "tiktok"): 70,
        (day(TODAY), "youtube-shorts"): 7,
    }
    # One that comes late moves nothing; a platform may take back what it counted.
    record(api, snapshot(first, YESTERDAY + timedelta(hours=6), 90))
    record(api, snapshot(first, TODAY + timedelta(seconds=1), 60))
    found = gains(api)
    assert (found[day(YESTERDAY), "tiktok"], found[day(TODAY), "tiktok"]) == (30, 30)
    week = day(TODAY - timedelta(days=TODAY.weekday()))
    by_week = gains(api, by="week")
    assert sum(by_week.values()) == 67
    assert by_week[week, "youtube-shorts"] == 7
    assert gains(api, to=day(TODAY)) == {(day(YESTERDAY), "tiktok"): 30}


def test_a_count_that_is_wildly_wrong_stops_no_other(api: Client) -> None:
    most = 2**63 - 1
    first, second = video(api), video(api)
    assert record(api, snapshot(first, TODAY, most)) == ["done"]
    assert record(api, snapshot(second, TODAY, most)) == ["done"]
    assert gains(api) == {(day(TODAY), "tiktok"): 2 * most}


def test_snapshots_that_come_at_once_are_counted_once(api: Client) -> None:
    made = [video(api) for _ in range(3)]

    def send(n: int) -> list[str]:
        at = YESTERDAY + timedelta(hours=n)
        both_ways = made if n % 2 else made[::-1]
        return record(api, *(snapshot(one, at, 100 * (n + 1)) for one in both_ways))

    assert at_once(16, send) == [["done"] * 3] * 16
    latest = api.get("/v1/analytics-snapshots/latest")["items"]
    assert [item["views"] for item in latest] == [1600] * 3
    assert sum(gains(api).values()) == 4800


def test_another_writers_snapshots_are_counted_too(api: Client, sql: Sql, tenant: Tenant) -> None:
    made = video(api)
    insert = (
        "INSERT INTO studio.analytics_snapshots"
        " (tenant_id, video_id, snapshot_at, views, likes, comments, shares)"
        " VALUES (%s, %s, %s, %s, 0, 0, 0)"
    )
    sql.execute(insert, [tenant.id, made["id"], YESTERDAY, 5])
    sql.commit()
    assert gains(api) == {(day(YESTERDAY), "tiktok"): 5}
    for at, views in ((TODAY + timedelta(days=2), 1), (TODAY, -1)):
        with pytest.raises(CheckViolation), sql.transaction():
            sql.execute(insert, [tenant.id, made["id"], at, views])
    for change in (
        "UPDATE studio.analytics_snapshots SET views = 9",
        "DELETE FROM studio.analytics_snapshots",
        "UPDATE studio.video_totals SET views = 9",
        "UPDATE studio.analytics_days SET views = 9",
    ):
        with pytest.raises(InsufficientPrivilege), sql.transaction():
            sql.execute(change.encode())


def test_what_was_posted_is_counted_every_six_hours_for_a_week(
    tenant: Tenant, api: Client, owner: Sql
) -> None:
    account(api), account(api)
    now = datetime.now(UTC)

    def posted(video: dict[str, Any], hours: float) -> Any:
        """A post of a video, that long ago."""
        schedule(api, api.post(POSTS, {"video_id": video["id"], "caption": str(hours)}, expect=201))
        [claimed] = claim(api)
        post = confirm(api, claimed)
        table = "studio.social_posts"
        with rewriting(owner, table), rewriting(owner, table, "keep_posted"):
            owner.execute(
                "UPDATE studio.social_posts SET posted_at = %s, created_at = %s WHERE id = %s",
                [now - timedelta(hours=hours), now - timedelta(days=9), post["id"]],
            )
        return post

    concept = concept_of(api)
    names = "new first again fresh old twice nowhere"
    made = {name: video(api, concept) for name in names.split()}
    for name, hours in (("new", 5), ("first", 7), ("again", 40), ("fresh", 41), ("old", 169)):
        posted(made[name], hours)
    both = [posted(made["twice"], 169), posted(made["twice"], 6.5)]
    record(
        api,
        snapshot(made["again"], now - timedelta(hours=7), 1),
        snapshot(made["fresh"], now - timedelta(hours=5), 1),
        snapshot(made["old"], now - timedelta(hours=20), 1),
    )
    schedule(api, api.post(POSTS, {"video_id": made["nowhere"]["id"]}, expect=201))

    def due(**params: Any) -> list[Any]:
        items: list[Any] = api.get("/v1/analytics-snapshots/due", params=params)["items"]
        return items

    found = due()
    assert [item["video_id"] for item in found] == [
        made[name]["id"] for name in ("first", "twice", "again")
    ]
    assert [post["external_id"] for post in found[1]["posts"]] == [
        post["external_id"] for post in both
    ]
    assert due(limit=999) == found
    assert due(limit=1) == due(limit=-5) == found[:1]


def test_analytics_are_the_tenants_own(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    made = video(api)
    record(api, snapshot(made, TODAY, 5))
    others = new_tenant().service
    [refused] = others.post(BATCH, {"snapshots": [snapshot(made, YESTERDAY, 1)]})["items"]
    assert refused["problem"]["code"] == "INVALID_REFERENCE"
    for path in ("latest", "gains", "due"):
        assert others.get(f"/v1/analytics-snapshots/{path}")["items"] == []
    others.get(f"/v1/videos/{made['id']}/analytics", expect=404)
    others.get(f"/v1/videos/{made['id']}/analytics-snapshots", expect=404)


# Partitions ----------------------------------------------------------------------------------------


def partitions(owner: Sql) -> list[str]:
    found = owner.execute(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits"
        " WHERE inhparent = 'studio.analytics_snapshots'::regclass ORDER BY 1"
    ).fetchall()
    return [row["name"] for row in found]


def test_the_service_reads_and_makes_no_partition(sql: Sql, owner: Sql) -> None:
    for name in partitions(owner):
        for role in ("app_rw", "app_ro"):
            may = owner.execute("SELECT has_table_privilege(%s, %s, 'SELECT') AS may", [role, name])
            assert may.fetchone() == {"may": False}
    for call in (
        "SELECT operations.make_partitions('2001-01-01', '2001-01-01')",
        "SELECT operations.drop_partitions('2999-01-01', false)",
        f"SELECT FROM {partitions(owner)[0]}",
    ):
        with pytest.raises(InsufficientPrivilege), sql.transaction():
            sql.execute(call.encode())


def test_a_month_goes_with_its_rows_and_the_sums_stay(api: Client, owner: Sql) -> None:
    made = video(api)
    month = TODAY.replace(day=1) - timedelta(days=1)
    record(api, snapshot(made, month, 5), snapshot(made, TODAY, 8))
    before = partitions(owner)
    with owner.transaction(force_rollback=True):
        dropped = owner.execute(
            "SELECT operations.drop_partitions(%s, false) AS name", [TODAY.date()]
        ).fetchall()
        names = [row["name"] for row in dropped]
        assert f"studio.analytics_snapshots_p{month:%Y%m}" in names
        assert partitions(owner) == before[1:]
        left = owner.execute(
            "SELECT views FROM studio.analytics_snapshots WHERE video_id = %s", [made["id"]]
        )
        assert left.fetchall() == [{"views": 8}]
        days = owner.execute(
            "SELECT sum(views) AS views FROM studio.analytics_days WHERE tenant_id ="
            " (SELECT tenant_id FROM studio.videos WHERE id = %s)",
            [made["id"]],
        )
        assert days.fetchall() == [{"views": 8}]
        remade = owner.execute(
            "SELECT operations.make_partitions(%s, %s) AS name", [month.date(), TODAY.date()]
        ).fetchall()
        assert {row["name"] for row in remade} == {*names}
        assert partitions(owner) == before
