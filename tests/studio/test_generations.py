"""Generations: made with their concepts or not at all, listed by date, marked, exported."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from service.caller import NOBODY, Caller
from service.config import Settings
from service.database import Database, Session
from service.errors import Problem
from service.queries import queries
from tests.client import Client, Tenant, at_once
from tests.facts import rewriting
from tests.studio.helpers import concept, generation
from tests.writer import violated

Sql = psycopg.Connection[Any]

FULL = {
    "category": "luxury",
    "title": "A watch for the deep sea",
    "caption": "It has never been late.",
    "hashtags": ["#watches", 'deep"sea"'],
    "script": [
        {"time_range": "0-3s", "visual": "A dark sea", "on_screen_text": None, "camera": "slow"}
    ],
    "prompts": {"sora": "A watch sinks.", "veo": "A watch sinks slowly."},
    "why_it_works": "Nobody dives that deep.",
    "monetization": "A link to the shop.",
    "virality": {"tiktok": 78.5, "youtube-shorts": 64, "instagram-reels": 0},
    "variants": [{"name": "A", "hook": "Would you?", "title": None, "caption": None}],
    "post_time": "18:30",
    "trend_source": "reddit",
    "trend_topic": "diving",
}
TREND = {
    "topic": "diving",
    "source": "reddit",
    "score": 81.0,
    "recency": "today",
    "sentiment": "positive",
}


def ids(items: list[Any]) -> list[str]:
    return [item["id"] for item in items]


def test_a_generation_has_its_concepts_in_their_order(tenant: Tenant) -> None:
    made = generation(tenant.agent, FULL, concept(), model_key="claude-3.5", trends=[TREND])
    assert (made["concept_count"], made["favorite"], made["revision"]) == (2, False, 1)
    assert (made["model_key"], made["trends"]) == ("claude-3.5", [TREND])
    assert made["created_by_id"] == tenant.users["agent"]
    first, second = made["concepts"]
    assert FULL.items() <= {**first, "post_time": first["post_time"][:5]}.items()
    assert (first["position"], second["position"]) == (1, 2)
    assert {one["generation_id"] for one in made["concepts"]} == {made["id"]}
    empty = {"script": [], "prompts": {}, "virality": {}, "variants": [], "post_time": None}
    assert empty.items() <= second.items()
    assert tenant.service.get(f"/v1/generations/{made['id']}") == made
    assert tenant.service.get(f"/v1/concepts/{first['id']}") == first


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "sports"),
        ("category", None),
        ("title", " "),
        ("caption", "x" * 2201),
        ("hashtags", ["#two words"]),
        ("hashtags", ["a"] * 31),
        ("script", [{"visual": "A sea"}]),
        ("script", [{"time_range": "0-3s", "visual": "A sea", "sound": "waves"}]),
        ("prompts", {"other": "A watch sinks."}),
        ("virality", {"tiktok": 101}),
        ("virality", {"vine": 1}),
        ("variants", [{"hook": "Would you?"}]),
        ("post_time", "24:00"),
        ("trend_topic", "x" * 201),
    ],
)
def test_a_wrong_concept_is_refused_by_its_place_and_field(
    api: Client, field: str, value: Any
) -> None:
    body = {"concepts": [concept(), concept(**{field: value})]}
    refused = api.post("/v1/generations", body, expect=400)
    assert list(refused["errors"]["concepts"]) == ["1"]
    assert list(refused["errors"]["concepts"]["1"]) == [field]
    assert api.all("/v1/generations") == api.all("/v1/concepts") == []
    assert api.get("/v1/subscription")["used"] == 0


@pytest.mark.parametrize("concepts", [[], [concept()] * 101, None])
def test_a_generation_has_one_to_a_hundred_concepts(api: Client, concepts: Any) -> None:
    refused = api.post("/v1/generations", {"concepts": concepts}, expect=400)
    assert list(refused["errors"]) == ["concepts"]


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("category", "'sports'", "concepts_category_check"),
        ("title", "' '", "concepts_title_check"),
        ("hashtags", "'{a b}'", "concepts_hashtags_check"),
        ("hashtags", "'{\"\"}'", "concepts_hashtags_check"),
        ("hashtags", "'{{a},{b}}'", "concepts_hashtags_check"),
        ("hashtags", "'{a,NULL}'", "concepts_hashtags_check"),
        ("script", "'{}'", "concepts_script_check"),
        ("script", "'[1]'", "concepts_script_check"),
        ("script", '\'[{"visual": "A sea"}]\'', "concepts_script_check"),
        ("prompts", '\'{"other": "a"}\'', "concepts_prompts_check"),
        ("prompts", "'{\"sora\": 1}'", "concepts_prompts_check"),
        ("prompts", '\'{"sora": ["a"]}\'', "concepts_prompts_check"),
        ("virality", "'{\"tiktok\": 100.5}'", "concepts_virality_check"),
        ("virality", '\'{"tiktok": "9"}\'', "concepts_virality_check"),
        ("virality", "'{\"vine\": 9}'", "concepts_virality_check"),
        ("virality", "'{\"tiktok\": [9]}'", "concepts_virality_check"),
        ("virality", "'{\"tiktok\": []}'", "concepts_virality_check"),
        ("virality", "'[]'", "concepts_virality_check"),
        ("variants", "'[1]'", "concepts_variants_check"),
        ("variants", "'[{}]'", "concepts_variants_check"),
        ("variants", '\'[[{"name": "A"}]]\'', "concepts_variants_check"),
        ("position", "2", "concepts_count_check"),
        ("position", "0", "concepts_position_check"),
    ],
)
def test_another_writer_is_held_to_the_same(
    sql: Sql, column: str, value: str, constraint: str
) -> None:
    columns = {"position": "1", "category": "'tech'", "title": "'T'", "caption": "'C'"}
    columns[column] = value
    with pytest.raises(CheckViolation) as refused, sql.transaction():
        sql.execute(
            "WITH made AS (INSERT INTO studio.generations (tenant_id, concept_count)"
            " VALUES (current_setting('app.tenant_id')::uuid, 1) RETURNING tenant_id, id)"
            f" INSERT INTO studio.concepts (tenant_id, generation_id, {', '.join(columns)})"
            f" SELECT tenant_id, id, {', '.join(columns.values())} FROM made RETURNING id".encode()
        )
    assert violated(refused.value) == constraint


# Lists ----------------------------------------------------------------------------------------------


def test_generations_are_listed_by_day_newest_first(
    api: Client, owner: Sql, tenant: Tenant
) -> None:
    made = [generation(api)["id"] for _ in range(4)]
    moments = (
        "2026-01-01T23:59:59.999999Z",
        "2026-01-02T00:00:00Z",
        "2026-01-02T23:59:59.999999Z",
        "2026-01-03T00:00:00Z",
    )
    with rewriting(owner, "studio.generations"):
        for one, moment in zip(made, moments, strict=True):
            owner.execute(
                "UPDATE studio.generations SET created_at = %s WHERE id = %s", [moment, one]
            )

    def listed(**params: Any) -> list[str]:
        return ids(api.all("/v1/generations", **params))

    for limit in (1, 2, 100):
        assert listed(limit=limit) == made[::-1]
        # The range is half-open, and its days are of UTC.
        assert listed(limit=limit, **{"from": "2026-01-02", "to": "2026-01-03"}) == [
            made[2],
            made[1],
        ]
    assert listed(to="2026-01-02") == made[:1]
    assert listed(**{"from": "2026-01-03"}) == made[3:]
    for wrong in ({"from": "2026-01-02", "to": "2026-01-02"}, {"from": "yesterday"}):
        assert list(api.get("/v1/generations", expect=400, params=wrong)["errors"]) == ["from"]


def test_favourites_are_marked_and_listed(tenant: Tenant, api: Client) -> None:
    one, two, three = (generation(api)["id"] for _ in range(3))

    def mark(which: str, favorite: Any, expect: int = 200) -> Any:
        body = {"favorite": favorite}
        return api.put(f"/v1/generations/{which}/favorite", body, expect=expect)

    assert mark(one, True)["favorite"] is True
    assert mark(one, True)["revision"] == 2, "what changes nothing is no change"
    mark(three, True)
    for limit in (1, 100):
        assert ids(api.all("/v1/generations", favorite="true", limit=limit)) == [three, one]
    mark(three, False)
    assert ids(api.all("/v1/generations", favorite="true")) == [one]
    assert ids(api.all("/v1/generations", favorite="false")) == [three, two, one]
    mark(one, "yes", expect=400)


# Export ---------------------------------------------------------------------------------------------


def exported(api: Client, **params: Any) -> list[Any]:
    answer = api.request("GET", "/v1/generations/export", expect=200, params=params)
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_export_goes_on_after_its_watermark_and_is_the_same_as_json(api: Client) -> None:
    assert exported(api) == []
    assert api.get("/v1/generations/export.json") == {"items": [], "next_cursor": None}
    made = [generation(api, FULL, concept())["id"] for _ in range(3)]
    lines = exported(api)
    assert ids(lines) == made
    assert [line["concepts"][0]["title"] for line in lines] == [FULL["title"]] * 3
    assert ids(exported(api, after=lines[0]["watermark"])) == made[1:]
    assert exported(api, after=lines[-1]["watermark"]) == []
    assert api.get("/v1/generations/export.json") == {"items": lines, "next_cursor": None}
    wrong = api.get("/v1/generations/export", expect=400, params={"after": "now"})
    assert list(wrong["errors"]) == ["after"]


def test_what_a_running_transaction_may_still_add_is_not_skipped(
    api: Client, sql: Sql, tenant: Tenant
) -> None:
    generation(api)
    [before] = exported(api)
    # Where the tenant's rows are: each node counts its own transactions.
    sql.execute("SELECT pg_current_xact_id() FROM identity.tenants WHERE id = %s", [tenant.id])
    later = generation(api)["id"]
    answer = api.session.get(
        f"{api.url}/v1/generations/export",
        params={"after": before["watermark"]},
        headers={"Authorization": f"Bearer {api.credential}"},
        timeout=60,
    )
    assert (answer.status_code, answer.text) == (200, "")
    late = sql.execute(
        "INSERT INTO studio.generations (tenant_id, concept_count)"
        " VALUES (current_setting('app.tenant_id')::uuid, 1) RETURNING id::text"
    ).fetchone()
    assert late
    sql.commit()
    assert ids(exported(api, after=before["watermark"])) == [late["id"], later]


# Counts ---------------------------------------------------------------------------------------------


def test_concepts_are_counted_by_category_trend_and_day(api: Client, owner: Sql) -> None:
    first = generation(
        api,
        concept(category="food", trend_topic="sourdough"),
        concept(category="food", trend_topic="sourdough"),
        concept(category="tech"),
    )
    generation(api, concept(category="food", trend_topic="sourdough"))
    for table in ("studio.generations", "studio.concepts"):
        key = "id" if table == "studio.generations" else "generation_id"
        with rewriting(owner, table):
            owner.execute(
                f"UPDATE {table} SET created_at = '2026-02-01T00:00:00Z' WHERE {key} = %s".encode(),
                [first["id"]],
            )
    days = {"from": "2026-02-01", "to": "2026-02-02"}

    def counted(by: str, **params: str) -> Any:
        return api.get(f"/v1/concepts/counts/by-{by}", params=params)["items"]

    assert counted("category", **days) == [
        {"category": "food", "concepts": 2, "share": pytest.approx(2 / 3)},
        {"category": "tech", "concepts": 1, "share": pytest.approx(1 / 3)},
    ]
    assert counted("trend", **days) == [{"trend_topic": "sourdough", "concepts": 2}]
    assert counted("day", **days) == [{"day": "2026-02-01", "generations": 1, "concepts": 3}]
    for by in ("category", "trend", "day"):
        assert counted(by, **{"from": "2026-02-02", "to": "2026-02-03"}) == []
        too_long = {"from": "2025-01-01", "to": "2026-01-03"}
        refused = api.get(f"/v1/concepts/counts/by-{by}", expect=400, params=too_long)
        assert list(refused["errors"]) == ["from"]
    # Without days, the last thirty.
    assert [day["concepts"] for day in counted("day")] == [1]


def test_the_counts_follow_what_is_written_by_anybody(tenant: Tenant, sql: Sql, owner: Sql) -> None:
    """At once, too: what is counted is what the rows say, whoever wrote them and took them away again."""
    api = tenant.service
    made = [
        generation(api, *(concept(category="food", trend_topic=f"trend {n}") for n in range(3)))
        for _ in range(2)
    ]

    def agree() -> dict[str, int]:
        """The counts, which those of the rows equal."""
        kept, counted = (
            owner.execute(query, [tenant.id]).fetchall()
            for query in (
                "SELECT attribute, day, value, concepts FROM studio.concept_days"
                " WHERE tenant_id = %s AND concepts <> 0 ORDER BY attribute, day, value",
                "SELECT attribute, (created_at AT TIME ZONE 'UTC')::date AS day,"
                ' value COLLATE "C" AS value, count(*) AS concepts FROM studio.concepts, LATERAL'
                " (VALUES ('category', category), ('trend_topic', trend_topic)) AS v (attribute, value)"
                " WHERE tenant_id = %s AND value IS NOT NULL"
                " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            )
        )
        assert kept == counted
        found: dict[str, int] = {}
        for row in kept:
            found[row["value"]] = found.get(row["value"], 0) + row["concepts"]
        return found

    assert agree() == {"food": 6, "trend 0": 2, "trend 1": 2, "trend 2": 2}

    # Concepts trade their trends, forth and back.
    of_both = [item["id"] for generation_ in made for item in generation_["concepts"]]

    def trade(n: int) -> None:
        topic = f"trend {n // len(of_both) % 3}" if n % 4 else None
        api.patch(f"/v1/concepts/{of_both[n % len(of_both)]}", {"trend_topic": topic})

    at_once(36, trade)
    assert agree()["food"] == 6

    # Another writer, one statement of many rows.
    sql.execute(
        "WITH made AS (INSERT INTO studio.generations (tenant_id, concept_count)"
        " VALUES (current_setting('app.tenant_id')::uuid, 3) RETURNING tenant_id, id)"
        " INSERT INTO studio.concepts"
        " (tenant_id, generation_id, position, category, title, caption, trend_topic)"
        " SELECT tenant_id, id, n, 'tech', 'One', 'One', 'kettles'"
        " FROM made, generate_series(1, 3) AS n RETURNING id"
    )
    sql.commit()
    assert (agree()["tech"], agree()["kettles"]) == (3, 3)
    sql.execute("UPDATE studio.concepts SET trend_topic = 'teapots' WHERE trend_topic = 'kettles'")
    sql.rollback()
    sql.execute("UPDATE studio.concepts SET trend_topic = NULL WHERE trend_topic = 'kettles'")
    sql.commit()
    assert "kettles" not in agree()
    with rewriting(owner, "studio.concepts"):
        owner.execute(
            "UPDATE studio.concepts SET created_at = '2026-02-01', category = 'music'"
            " WHERE tenant_id = %s AND category = 'tech'",
            [tenant.id],
        )
    assert agree()["music"] == 3
    owner.execute(
        "DELETE FROM studio.generations WHERE tenant_id = %s AND concept_count = 3", [tenant.id]
    )
    assert agree() == {}

    # What is counted is not for others to say.
    with pytest.raises(InsufficientPrivilege), sql.transaction():
        sql.execute("UPDATE studio.concept_days SET concepts = 9")


# Tenants --------------------------------------------------------------------------------------------


def test_another_tenants_rows_are_neither_seen_nor_changed(
    new_tenant: Callable[[], Tenant],
) -> None:
    mine, theirs = new_tenant().service, new_tenant().service
    made = generation(theirs, concept(trend_topic="diving"))
    [of_it] = made["concepts"]
    mine.get(f"/v1/generations/{made['id']}", expect=404)
    mine.put(f"/v1/generations/{made['id']}/favorite", {"favorite": True}, expect=404)
    mine.get(f"/v1/concepts/{of_it['id']}", expect=404)
    mine.patch(f"/v1/concepts/{of_it['id']}", {"title": "Mine"}, expect=404)
    assert mine.all("/v1/generations") == mine.all("/v1/concepts") == exported(mine) == []
    assert mine.all("/v1/concepts/search", q="toaster") == []
    assert mine.get("/v1/concepts/counts/by-category")["items"] == []
    assert theirs.get(f"/v1/generations/{made['id']}") == made


def test_requests_of_two_tenants_that_mingle_see_and_write_each_their_own(
    new_tenant: Callable[[], Tenant],
) -> None:
    tenants = [new_tenant().service for _ in range(2)]
    own = [ids([generation(api) for _ in range(3)])[::-1] for api in tenants]

    def ask(n: int) -> None:
        which = n % 2
        generation(Client(tenants[which].url, tenants[which].credential))
        assert ids(tenants[which].all("/v1/generations", limit=1))[-3:] == own[which]

    at_once(12, ask)
    for api in tenants:
        assert len(api.all("/v1/generations")) == api.get("/v1/subscription")["used"] == 9


def test_two_tenants_on_one_pooled_connection_see_each_their_own(
    new_tenant: Callable[[], Tenant], settings: Settings
) -> None:
    """Whether their statements follow one another, or one fails, or one is interleaved with a transaction."""
    tenants = [new_tenant() for _ in range(2)]
    own = [generation(tenant.service)["id"] for tenant in tenants]
    callers = [Caller(tenant_id=tenant.id, actor="test") for tenant in tenants]
    assert settings.database_url
    database = Database(replace(settings, pool_size=1), settings.database_url)
    database.open()

    def seen(session: Session) -> list[str]:
        days = {"since": "2000-01-01", "until": "3000-01-01"}
        after = {"after_created_at": "infinity", "after_id": "f" * 32}
        found = session.rows(queries.studio.list_generations(**days, **after, limit=9))
        return [str(row.id) for row in found]

    try:
        for n in (0, 1, 1, 0, 1, 0):
            assert seen(database.session(callers[n])) == [own[n]]
            assert database.atomically(callers[1 - n], seen) == [own[1 - n]]
            with pytest.raises(Problem):
                database.session(callers[n]).row(queries.studio.get_concept(id=own[1 - n]))
        # Of nobody, as where the setting was forgotten: nothing.
        assert seen(database.session(NOBODY)) == []
    finally:
        database.close()
