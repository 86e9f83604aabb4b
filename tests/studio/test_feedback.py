"""Performance feedback: plausible numbers, whose rate the database computes, once of a source and time."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, GeneratedAlways, UniqueViolation

from tests.client import Client, Tenant, at_once
from tests.studio.helpers import concept_of, feedback

Sql = psycopg.Connection[Any]
AT = "2026-01-01T12:00:00Z"
COUNTS = ("views", "likes", "comments", "shares", "saves")


def test_the_rate_is_the_databases(api: Client) -> None:
    concept_id = concept_of(api)
    for counts, rate in (
        ((1000, 20, 0, 0, 1000), 2),
        ((3, 1, 0, 0, 0), 33.33),
        ((800, 1, 0, 0, 0), 0.13),  # 0.125, rounded half away from zero
        ((100, 100, 100, 0, 0), 200),
        ((0, 0, 0, 0, 0), 0),
        # More than 31 bits, and more together than 63.
        ((2**63 - 1, 2**63 - 1, 2**63 - 1, 0, 0), 200),
        ((3_000_000_000, 1_500_000_000, 0, 0, 0), 50),
    ):
        told = feedback(api, concept_id, **dict(zip(COUNTS, counts, strict=True)))
        assert tuple(told[name] for name in COUNTS) == counts
        assert told["engagement_rate"] == rate
    body = {"platform": "tiktok", "views": 9, "likes": 1, "comments": 0, "shares": 0}
    path = f"/v1/concepts/{concept_id}/performance-feedback"
    refused = api.post(path, {**body, "engagement_rate": 99}, expect=400)
    assert list(refused["errors"]) == ["engagement_rate"]


@pytest.mark.parametrize(
    ("counts", "field"),
    [
        ((-1, 0, 0, 0, 0), "views"),
        ((1, 2, 0, 0, 0), "likes"),
        ((1, 0, 2, 0, 0), "comments"),
        ((1, 0, 0, 2, 0), "shares"),
        ((1, 0, 0, 0, 2), "saves"),
        ((1, -1, 0, 0, 0), "likes"),
        ((0, 1, 0, 0, 0), "likes"),
        ((100, 51, 50, 50, 50), "views"),
        ((2**63, 0, 0, 0, 0), "views"),
    ],
)
def test_what_cannot_be_is_refused_whoever_writes(
    api: Client, sql: Sql, tenant: Tenant, counts: tuple[int, ...], field: str
) -> None:
    concept_id = concept_of(api)
    body = {"platform": "tiktok", **dict(zip(COUNTS, counts, strict=True))}
    path = f"/v1/concepts/{concept_id}/performance-feedback"
    assert field in api.post(path, body, expect=400)["errors"]
    if counts[0] < 2**63:
        with pytest.raises(CheckViolation):
            sql.execute(
                "INSERT INTO studio.performance_feedback"
                " (tenant_id, concept_id, category, platform, views, likes, comments, shares, saves)"
                " VALUES (%s, %s, 'tech', 'tiktok', %s, %s, %s, %s, %s)",
                [tenant.id, concept_id, *counts],
            )
    # Also when it is corrected.
    told = feedback(api, concept_id)
    if field != "views":
        wrong = {field: told["views"] + 1}
        path = f"/v1/performance-feedback/{told['id']}"
        assert list(api.patch(path, wrong, expect=400)["errors"]) == [field]


def test_another_writer_is_held_to_the_rest_as_well(api: Client, sql: Sql) -> None:
    feedback(api, concept_of(api))
    copy = (
        "INSERT INTO studio.performance_feedback"
        " (tenant_id, concept_id, category, platform, views, likes, comments, shares, reported_at)"
        " SELECT tenant_id, concept_id, {}, platform, views, likes, comments, shares, {}"
        " FROM studio.performance_feedback"
    )
    for values, error in (
        (("category", "reported_at"), UniqueViolation),
        (("'food'", "reported_at - interval '1 day'"), ForeignKeyViolation),
        (("category", "now() + interval '1 hour'"), CheckViolation),
    ):
        with pytest.raises(error), sql.transaction():
            sql.execute(copy.format(*values).encode())
    with pytest.raises(GeneratedAlways):
        sql.execute("UPDATE studio.performance_feedback SET engagement_rate = 99")


def test_a_source_reports_once_of_a_time(api: Client) -> None:
    concept_id = concept_of(api, virality={})
    path = f"/v1/concepts/{concept_id}/performance-feedback"
    body = {"views": 9, "likes": 1, "comments": 0, "shares": 0, "reported_at": AT}
    body |= {"platform": "tiktok", "source": "api"}
    answers = at_once(8, lambda _: api.request("POST", path, body))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert list(api.post(path, body, expect=409)["errors"]) == ["reported_at"]
    for other in (
        {"source": "scraped"},
        {"platform": "youtube-shorts"},
        {"reported_at": "2026-01-01T12:00:01Z"},
    ):
        api.post(path, {**body, **other}, expect=201)
    future = {**body, "reported_at": "2999-01-01T00:00:00Z"}
    assert list(api.post(path, future, expect=400)["errors"]) == ["reported_at"]
    missing = "/v1/concepts/01980000-0000-7000-8000-000000000000/performance-feedback"
    api.post(missing, body, expect=404)


def test_feedback_is_listed_latest_first_and_corrected(api: Client) -> None:
    food, tech = concept_of(api, category="food"), concept_of(api)
    first = feedback(api, food)
    second = feedback(api, tech, platform="youtube-shorts")
    third = feedback(api, food, source="scraped")

    def ids(path: str = "/v1/performance-feedback", **params: Any) -> list[str]:
        return [item["id"] for item in api.all(path, **params)]

    for limit in (1, 100):
        assert ids(limit=limit) == [third["id"], second["id"], first["id"]]
        assert ids(limit=limit, category="food") == [third["id"], first["id"]]
        assert ids(limit=limit, platform="youtube-shorts") == [second["id"]]
        of_food = f"/v1/concepts/{food}/performance-feedback"
        assert ids(of_food, limit=limit) == [third["id"], first["id"]]
    path = f"/v1/performance-feedback/{first['id']}"
    assert api.get(path) == first
    changed = api.patch(path, {"likes": 50}, headers={"If-Match": '"1"'})
    assert (changed["likes"], changed["engagement_rate"], changed["revision"]) == (50, 5, 2)
    api.patch(path, {"likes": 60}, expect=412, headers={"If-Match": '"1"'})
    assert list(api.patch(path, {"platform": "tiktok"}, expect=400)["errors"]) == ["platform"]


def test_feedback_is_the_tenants_own(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    concept_id = concept_of(api)
    told = feedback(api, concept_id)
    others = new_tenant().service
    others.get(f"/v1/performance-feedback/{told['id']}", expect=404)
    others.patch(f"/v1/performance-feedback/{told['id']}", {"likes": 1}, expect=404)
    body = {"platform": "tiktok", "views": 9, "likes": 1, "comments": 0, "shares": 0}
    path = f"/v1/concepts/{concept_id}/performance-feedback"
    others.post(path, body, expect=404)
    others.get(path, expect=404)
    assert others.get("/v1/performance-feedback")["items"] == []
