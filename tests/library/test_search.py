"""The search for resources: by words of any language, the best first, and as exact as what is written."""

from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.facts import rewriting
from tests.library.helpers import RESOURCES, VERSIONS, act_as, ids, named, resource, version

Sql = psycopg.Connection[Any]


def found(api: Client, q: str, **params: Any) -> list[str]:
    return ids(api.all(f"{RESOURCES}/search", q=q, **params))


def words(sql: Sql) -> set[tuple[str, int, str]]:
    act_as(sql, "any")
    rows = sql.execute("SELECT word, score, id::text FROM library.resource_words").fetchall()
    return {(row["word"], row["score"], row["id"]) for row in rows}


def as_they_should_be(sql: Sql) -> set[tuple[str, int, str]]:
    """The words that the rows have, computed anew."""
    act_as(sql, "any")
    rows = sql.execute(
        "SELECT w.word, r.score, r.id::text FROM library.resources AS r"
        " INNER JOIN library.resource_versions AS v ON v.root_id = r.id AND v.is_latest"
        " INNER JOIN library.resource_translations AS t ON t.version_id = v.id"
        " CROSS JOIN unnest(tsvector_to_array("
        "     to_tsvector('english', concat_ws(' ', t.name, t.description))"
        " )) AS w (word)"
        " WHERE r.has_complete_version AND NOT r.is_private AND r.deleted_at IS NULL"
    ).fetchall()
    return {(row["word"], row["score"], row["id"]) for row in rows}


def test_all_words_are_found_in_names_and_descriptions_the_best_first(tenant: Tenant) -> None:
    admin = tenant.acting("admin")
    name = named(tenant.agent, "Weekly reviews of plans")
    description = named(tenant.agent, "x", "We review the plan, weekly.")
    both = named(tenant.agent, "Planning", "reviewed weekly", resource_type="Api")
    named(tenant.agent, "Weekly")
    named(tenant.agent, "Plan review")
    for limit in (1, 2, 100):
        assert found(admin, "WEEKLY plan reviewing", limit=limit) == [both, description, name]
    assert found(admin, "weekly plan review", resource_type="Api") == [both]
    assert found(admin, "weekly plan review", resource_type="Project") == []
    for which, score in ((name, 2), (description, -1)):
        admin.patch(f"{RESOURCES}/{which}", {"score": score})
    for limit in (1, 2, 100):
        assert found(admin, "weekly plan review", limit=limit) == [name, both, description]
    assert found(admin, "weekly zebra") == []
    # Nothing but words that all texts have, also together with a type.
    assert found(admin, "the") == found(admin, "the", resource_type="Routine") == []
    # A type is not found by its name.
    assert found(admin, "Routine") == []
    for odd in ("'", '"', "!&|()", "a:*", "\\", "-", "<->", "ü", "%", "_", "');", " Routine"):
        assert found(admin, odd) == []


@pytest.mark.parametrize("q", [None, "", " ", "x" * 201])
def test_a_search_without_words_is_refused(tenant: Tenant, q: str | None) -> None:
    params = {} if q is None else {"q": q}
    refused = tenant.agent.get(f"{RESOURCES}/search", expect=400, params=params)
    assert list(refused["errors"]) == ["q"]


def test_only_what_everybody_may_see_is_found(tenant: Tenant, sql: Sql) -> None:
    api = tenant.agent
    made = resource(
        api, {"is_complete": False, "translations": [{"language": "en", "name": "kettle"}]}
    )
    path, latest = f"{RESOURCES}/{made['id']}", f"{VERSIONS}/{made['latest_version']['id']}"
    assert (found(api, "kettle"), words(sql)) == ([], set())
    api.patch(latest, {"is_complete": True})
    assert found(api, "kettle") == [made["id"]]
    api.patch(path, {"is_private": True})
    assert (found(api, "kettle"), words(sql)) == ([], set())
    api.patch(path, {"is_private": False})
    assert found(api, "kettle") == [made["id"]]
    api.request("DELETE", path, expect=200)
    assert (found(api, "kettle"), words(sql)) == ([], set())
    api.post(f"{path}/restore")
    assert found(api, "kettle") == [made["id"]]
    api.patch(latest, {"is_complete": False})
    assert (found(api, "kettle"), words(sql)) == ([], set())


def test_the_latest_version_in_all_its_languages_is_found(tenant: Tenant, sql: Sql) -> None:
    api = tenant.agent
    made = named(api, "kettle for tea")
    latest = api.get(f"{RESOURCES}/{made}")["latest_version"]["id"]
    path = f"{VERSIONS}/{latest}/translations"
    api.put(f"{path}/de", {"name": "Teekessel", "description": "kettle"})
    assert found(api, "teekessel") == found(api, "kettle") == [made]
    # A word that two translations have stays as long as one has it.
    api.put(f"{path}/de", {"name": "Wasserkocher"})
    assert (found(api, "teekessel"), found(api, "kettle tea")) == ([], [made])
    api.put(f"{path}/de", {"name": "Wasserkocher kettle"})
    api.request("DELETE", f"{path}/en", expect=200)
    assert (found(api, "tea"), found(api, "kettle")) == ([], [made])
    teapot = [{"language": "en", "name": "teapot"}]
    version(api, made, is_complete=False, translations=teapot)
    assert (found(api, "kettle"), found(api, "teapot")) == ([], [made])
    # What an older version is called does not count any more.
    api.put(f"{path}/en", {"name": "kettle"})
    assert found(api, "kettle") == []
    assert {word for word, _, _ in words(sql)} == {"teapot", " Routine"}


def test_the_words_are_those_of_the_texts_after_writers_that_meet(
    tenant: Tenant, sql: Sql, no_deadlocks: None
) -> None:
    api = tenant.acting("admin")
    made = [named(api, f"kettle {n}") for n in range(3)]
    latest = [api.get(f"{RESOURCES}/{which}")["latest_version"]["id"] for which in made]

    def write(n: int) -> None:
        which, path = n % 3, f"{RESOURCES}/{made[n % 3]}"
        for turn in range(4):
            match (n + turn) % 4:
                case 0:
                    api.patch(path, {"score": n + turn})
                case 1:
                    texts = {"name": f"pot {n} {turn}"}
                    api.put(f"{VERSIONS}/{latest[which]}/translations/en", texts)
                case 2:
                    api.patch(path, {"is_private": turn % 2 == 0})
                case 3:
                    text = {"language": "de", "name": f"Topf {n} {turn}"}
                    version(api, made[which], translations=[text])

    at_once(6, write)
    for which in made:
        api.patch(f"{RESOURCES}/{which}", {"is_private": False})
    expected = as_they_should_be(sql)
    assert len(expected) >= 3
    assert {row for row in words(sql) if not row[0].startswith(" ")} == expected


def test_words_that_are_all_frequent_are_found_together(tenant: Tenant, owner: Sql) -> None:
    """More than are counted to tell the rarest."""
    rare = named(tenant.agent, "rare common")
    with rewriting(owner, "library.resource_words", "derived"):
        owner.execute(
            "INSERT INTO library.resource_words (tenant_id, word, score, id)"
            " SELECT %s, w, 1, operations.new_id()"
            " FROM generate_series(1, 1200), unnest('{common,shared}'::text[]) AS w",
            [tenant.id],
        )
    assert found(tenant.agent, "common rare", limit=100) == [rare]
    assert found(tenant.agent, "common shared rare") == []


def test_a_tenant_that_is_erased_leaves_no_words(tenant: Tenant, sql: Sql, owner: Sql) -> None:
    named(tenant.agent, "kettle")
    assert words(sql) != set()
    owner.execute("DELETE FROM identity.tenants WHERE id = %s", [tenant.id])
    assert words(sql) == set()
