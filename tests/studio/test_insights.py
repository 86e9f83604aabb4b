"""Insights, audio trends and competitors' videos: many at once, each with a result of its own."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, GeneratedAlways, InsufficientPrivilege

from tests.client import Client, Tenant, at_once

Sql = psycopg.Connection[Any]


def insight(pattern: str = "tech-tiktok-over-predicted", **fields: Any) -> dict[str, Any]:
    about = {"category": "tech", "platform": "tiktok", "impact": "negative"}
    return {**about, "pattern": pattern, "recommendation": "Predict less.", **fields}


def record(api: Client, *insights: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.post("/v1/insights/batch", {"insights": list(insights)}, expect=200)
    items: list[dict[str, Any]] = answer["items"]
    return items


def test_the_same_again_is_evidence_and_three_times_recommended(api: Client) -> None:
    [first] = record(api, insight())
    shown = api.get(f"/v1/insights/{first['id']}")
    assert (shown["evidence_count"], shown["is_recommended"]) == (1, False)
    # Twice in one list; what is said beside the pattern stays as it was.
    again = record(api, insight(recommendation="x"), insight("other"), insight(impact="neutral"))
    assert [item["outcome"] for item in again] == ["done"] * 3
    assert again[0]["id"] == again[2]["id"] == first["id"] != again[1]["id"]
    shown = api.get(f"/v1/insights/{first['id']}")
    assert (shown["evidence_count"], shown["is_recommended"]) == (3, True)
    assert (shown["recommendation"], shown["impact"]) == ("Predict less.", "negative")
    # Elsewhere the pattern is another one.
    record(api, insight(category="food"), insight(platform="youtube-shorts"))
    for limit in (1, 100):
        assert len(api.all("/v1/insights", limit=limit)) == 4
        assert len(api.all("/v1/insights", limit=limit, category="food")) == 1
        assert len(api.all("/v1/insights", limit=limit, platform="tiktok")) == 3
        assert len(api.all("/v1/insights", limit=limit, pattern=insight()["pattern"])) == 3
        assert api.all("/v1/insights", limit=limit, pattern="tech") == []
        recommended = api.all("/v1/insights/recommended", limit=limit)
        assert [item["id"] for item in recommended] == [first["id"]]
    path = f"/v1/insights/{first['id']}"
    change = {"applied_to_scoring": True}
    changed = api.patch(path, change, headers={"If-Match": f'"{shown["revision"]}"'})
    assert changed["applied_to_scoring"]
    api.patch(path, change, expect=412, headers={"If-Match": f'"{shown["revision"]}"'})
    assert api.all("/v1/insights/recommended") == []
    assert list(api.patch(path, {"evidence_count": 9}, expect=400)["errors"]) == ["evidence_count"]


def test_no_evidence_is_lost_however_many_come_at_once(api: Client) -> None:
    patterns = [f"pattern {n}" for n in range(5)]

    def send(n: int) -> None:
        record(api, *map(insight, patterns if n % 2 else patterns[::-1]))

    at_once(12, send)
    assert [item["evidence_count"] for item in api.get("/v1/insights")["items"]] == [12] * 5


@pytest.mark.parametrize("stale", ["evidence_count = 1", "last_seen_at = '2026-01-01'"])
def test_no_writer_takes_evidence_back(api: Client, sql: Sql, stale: str) -> None:
    record(api, insight(), insight())
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites"):
        sql.execute(f"UPDATE studio.reflexion_insights SET {stale}".encode())


def test_no_writer_finds_a_pattern_in_the_future(api: Client, sql: Sql) -> None:
    """Which every later finding would then be older than."""
    record(api, insight())
    with pytest.raises(CheckViolation, match="reflexion_insights_last_seen_at_check"):
        sql.execute("UPDATE studio.reflexion_insights SET last_seen_at = 'infinity'")


def test_one_row_that_is_wrong_refuses_no_other(api: Client, sql: Sql) -> None:
    rows: list[Any] = [
        insight(),
        insight(category="sports"),
        insight(" "),
        {},
        None,
        5,
        insight("b"),
    ]
    items = record(api, *rows)
    assert [item["outcome"] for item in items] == ["done", *["failed"] * 5, "done"]
    assert list(items[1]["problem"]["errors"]) == ["category"]
    assert list(items[4]["problem"]["errors"]) == ["body"]
    long = [insight("x" * 3999 + end) for end in "ab"]
    assert len({item["id"] for item in record(api, *long)}) == 2
    for body in ({"insights": []}, {"insights": [insight()] * 1001}, {}):
        assert list(api.post("/v1/insights/batch", body, expect=400)["errors"]) == ["insights"]
    for change, error in (
        ("evidence_count = 0", InsufficientPrivilege),
        ("pattern = 'x'", InsufficientPrivilege),
        ("is_recommended = true", GeneratedAlways),
    ):
        with pytest.raises(error), sql.transaction():
            sql.execute(f"UPDATE studio.reflexion_insights SET {change}".encode())


def test_a_list_that_is_sent_again_under_its_key_counts_once(api: Client) -> None:
    for _ in range(2):
        key = {"Idempotency-Key": "one"}
        api.post("/v1/insights/batch", {"insights": [insight()]}, headers=key)
    [shown] = api.get("/v1/insights")["items"]
    assert shown["evidence_count"] == 1


# What others do ------------------------------------------------------------------------------------


def at(day: int) -> str:
    return f"2026-01-{day:02}T12:00:00Z"


def sound(sound_id: str, score: float, day: int = 1, **fields: Any) -> dict[str, Any]:
    about = {"platform": "tiktok", "sound_name": "S", "usage_count": 1, "last_seen_at": at(day)}
    return {**about, "sound_id": sound_id, "trend_score": score, **fields}


def competitor(external_id: str, likes: int, day: int = 2, **fields: Any) -> dict[str, Any]:
    about = {"platform": "tiktok", "category": "tech", "creator_username": "c", "views": 300}
    times = {"published_at": at(1), "scraped_at": at(day)}
    return {**about, **times, "external_id": external_id, "likes": likes, "comments": 0, **fields}


def outcomes(api: Client, path: str, name: str, *rows: dict[str, Any]) -> list[str]:
    answer = api.post(f"{path}/batch", {name: list(rows)}, expect=200)
    return [item["outcome"] for item in answer["items"]]


def test_sounds_are_stored_as_they_were_seen_last_and_listed_by_score(api: Client) -> None:
    path = "/v1/audio-trends"
    first = [sound("a", 50), sound("b", 70.25), sound("c", 60, platform="youtube-shorts")]
    assert outcomes(api, path, "trends", *first) == ["done"] * 3
    assert outcomes(api, path, "trends", *first) == ["skipped"] * 3
    second = [
        sound("a", 10, day=2),
        sound("a", 90, day=3),
        sound("b", 1),
        sound("d", 101),
        sound("e", 20, is_active=False),
    ]
    assert outcomes(api, path, "trends", *second) == [
        "skipped",
        "done",
        "skipped",
        "failed",
        "done",
    ]
    for limit in (1, 2, 100):
        found = api.all(path, limit=limit)
        assert [(item["sound_id"], item["trend_score"]) for item in found] == [
            ("a", 90),
            ("b", 70.25),
            ("c", 60),
        ]
        of_shorts = api.all(path, limit=limit, platform="youtube-shorts")
        assert [item["sound_id"] for item in of_shorts] == ["c"]


def test_videos_of_others_are_listed_by_engagement(api: Client) -> None:
    path = "/v1/competitor-videos"
    first = [competitor("a", 100), competitor("b", 200), competitor("c", 100, category="food")]
    assert outcomes(api, path, "videos", *first) == ["done"] * 3
    assert outcomes(api, path, "videos", *first) == ["skipped"] * 3
    second = [competitor("a", 299, day=3), competitor("b", 1, day=1), competitor("d", -1)]
    assert outcomes(api, path, "videos", *second) == ["done", "skipped", "failed"]
    for limit in (1, 2, 100):
        found = api.all(path, limit=limit)
        assert [(item["external_id"], item["engagement_rate"]) for item in found] == [
            ("a", 99.67),
            ("b", 66.67),
            ("c", 33.33),
        ]
        of_food = api.all(path, limit=limit, category="food")
        assert [item["external_id"] for item in of_food] == ["c"]


def test_what_is_seen_in_the_future_does_not_outlast_what_comes(api: Client) -> None:
    ahead = {"last_seen_at": "9999-12-31T23:59:59Z"}
    assert outcomes(api, "/v1/audio-trends", "trends", sound("a", 1, **ahead)) == ["failed"]
    assert outcomes(api, "/v1/audio-trends", "trends", sound("a", 2)) == ["done"]
    ahead = {"scraped_at": "9999-12-31T23:59:59Z"}
    path = "/v1/competitor-videos"
    assert outcomes(api, path, "videos", competitor("a", 1)) == ["done"]
    assert outcomes(api, path, "videos", competitor("a", 2, **ahead)) == ["failed"]


def test_what_many_scrape_at_once_is_stored_once(api: Client) -> None:
    rows = [competitor(str(n), n) for n in range(20)]

    def send(n: int) -> list[str]:
        return outcomes(api, "/v1/competitor-videos", "videos", *(rows if n % 2 else rows[::-1]))

    told = at_once(8, send)
    assert sum(outcome == "done" for one in told for outcome in one) == 20
    assert {outcome for one in told for outcome in one} == {"done", "skipped"}
    assert len(api.all("/v1/competitor-videos")) == 20


def test_what_was_learned_is_the_tenants_own(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    [mine] = record(api, insight())
    outcomes(api, "/v1/audio-trends", "trends", sound("a", 1))
    outcomes(api, "/v1/competitor-videos", "videos", competitor("a", 1))
    others = new_tenant().service
    others.get(f"/v1/insights/{mine['id']}", expect=404)
    others.patch(f"/v1/insights/{mine['id']}", {"impact": "neutral"}, expect=404)
    for path in ("insights", "insights/recommended", "audio-trends", "competitor-videos"):
        assert others.get(f"/v1/{path}")["items"] == []
    [theirs] = record(others, insight())
    assert theirs["id"] != mine["id"]
    assert others.get(f"/v1/insights/{theirs['id']}")["evidence_count"] == 1
