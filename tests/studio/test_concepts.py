"""Concepts: listed, changed against their revision, found by their words."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.client import Client, Tenant
from tests.facts import rewriting
from tests.studio.helpers import concept, generation

Sql = psycopg.Connection[Any]


def ids(items: list[Any]) -> list[str]:
    return [item["id"] for item in items]


def made(api: Client, *concepts: dict[str, Any]) -> list[str]:
    return ids(generation(api, *concepts)["concepts"])


def test_concepts_are_listed_newest_first_also_of_a_category(api: Client) -> None:
    food, tech, more = made(api, concept(category="food"), concept(), concept(category="food"))
    for limit in (1, 2, 100):
        assert ids(api.all("/v1/concepts", limit=limit)) == [more, tech, food]
        assert ids(api.all("/v1/concepts", limit=limit, category="food")) == [more, food]
    refused = api.get("/v1/concepts", expect=400, params={"category": "sports"})
    assert list(refused["errors"]) == ["category"]


def test_a_change_needs_the_revision_and_costs_nothing(api: Client) -> None:
    [which] = made(api, concept(monetization="Ads", trend_topic="toast"))
    path = f"/v1/concepts/{which}"
    changes = {
        "title": "Another toaster",
        "hashtags": ["#new"],
        "prompts": {"luma": "A toaster."},
        "monetization": None,
        "post_time": "07:05:30",
    }
    changed = api.patch(path, changes, headers={"If-Match": '"1"'})
    assert changes.items() <= changed.items()
    assert (changed["revision"], changed["trend_topic"]) == (2, "toast")
    api.patch(path, {"title": "Late"}, expect=412, headers={"If-Match": '"1"'})
    assert api.get(path) == changed
    assert api.get("/v1/subscription")["used"] == 1
    for fixed in ("category", "virality", "generation_id"):
        refused = api.patch(path, {fixed: changed[fixed]}, expect=400)
        assert list(refused["errors"]) == [fixed]


def test_nobody_changes_what_was_predicted(api: Client, sql: Sql) -> None:
    made(api, concept(virality={"tiktok": 50}))
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites virality"):
        sql.execute("UPDATE studio.concepts SET virality = '{\"tiktok\": 90}'")


# Search ----------------------------------------------------------------------------------------------


def test_the_search_finds_all_words_wherever_they_are(api: Client) -> None:
    title, caption, hashtag, source, topic = made(
        api,
        concept(title="Toasters are shipping", caption="x"),
        concept(title="x", caption="We ship a toaster"),
        concept(title="x", caption="toaster", hashtags=["#ships"]),
        concept(title="ships", caption="x", trend_source="toaster weekly"),
        concept(title="ships", caption="x", trend_topic="The toaster"),
    )
    made(api, concept(title="Toaster", caption="x"), concept(title="Ship", caption="x"))

    def found(q: str, **params: Any) -> list[str]:
        return ids(api.all("/v1/concepts/search", q=q, **params))

    for limit in (1, 2, 100):
        assert found("TOASTER ships", limit=limit) == [topic, source, hashtag, caption, title]
    assert found("weekly toaster ship") == [source]
    assert found("weekly zebra") == []
    # Nothing but words that all texts have.
    assert found("the") == []
    for odd in ("'", '"', "!&|()", "a:*", "\\", "-", "<->", "ü", "%", "');"):
        found(odd)


@pytest.mark.parametrize("q", [None, "", " ", "x" * 201])
def test_a_search_without_words_is_refused(api: Client, q: str | None) -> None:
    params = {} if q is None else {"q": q}
    assert list(api.get("/v1/concepts/search", expect=400, params=params)["errors"]) == ["q"]


def test_the_search_follows_what_is_written_by_anybody(
    api: Client, sql: Sql, tenant: Tenant, owner: Sql
) -> None:
    [which] = made(api, concept(title="A kettle", caption="It boils."))

    def found(q: str) -> list[str]:
        return ids(api.all("/v1/concepts/search", q=q))

    assert found("kettle") == [which]
    api.patch(f"/v1/concepts/{which}", {"title": "A teapot"})
    assert (found("kettle"), found("teapot boils")) == ([], [which])
    sql.execute("UPDATE studio.concepts SET hashtags = '{brew}'")
    sql.commit()
    assert (found("brew"), found("smarthome")) == ([which], [])
    owner.execute("DELETE FROM studio.concepts WHERE id = %s", [which])
    left = owner.execute("SELECT FROM studio.concept_words WHERE tenant_id = %s", [tenant.id])
    assert left.fetchall() == []


def test_words_that_are_all_frequent_are_found_together(
    api: Client, sql: Sql, tenant: Tenant, owner: Sql
) -> None:
    """More than are counted to tell the rarest."""
    sql.execute(
        "WITH made AS (INSERT INTO studio.generations (tenant_id, concept_count)"
        " SELECT current_setting('app.tenant_id')::uuid, 1 FROM generate_series(1, 10)"
        " RETURNING tenant_id, id)"
        " INSERT INTO studio.concepts (tenant_id, generation_id, position, category, title, caption)"
        " SELECT tenant_id, id, 1, 'tech', 'common', 'rare' FROM made RETURNING id"
    )
    sql.commit()
    with rewriting(owner, "studio.concept_words", "derived"):
        owner.execute(
            "INSERT INTO studio.concept_words (tenant_id, word, id)"
            " SELECT %s, w, operations.new_id()"
            " FROM generate_series(1, 1500), unnest('{common,rare}'::text[]) AS w",
            [tenant.id],
        )
    assert len(api.all("/v1/concepts/search", q="common rare", limit=3)) == 10
