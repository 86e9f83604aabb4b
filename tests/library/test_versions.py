"""Versions of resources, which one is the latest, and their translations."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from tests.client import Tenant, at_once
from tests.library.helpers import (
    ENGLISH,
    RESOURCES,
    VERSIONS,
    act_as,
    resource,
    version,
)
from tests.problems import problem
from tests.writer import violated

Sql = psycopg.Connection[Any]


def state(tenant: Tenant, resource_id: str) -> tuple[bool, str | None]:
    shown = tenant.agent.get(f"{RESOURCES}/{resource_id}")
    return shown["has_complete_version"], shown["completed_at"]


def numbers(sql: Sql) -> list[tuple[int, bool]]:
    act_as(sql, "any")
    rows = sql.execute(
        "SELECT version_index, is_latest FROM library.resource_versions ORDER BY version_index"
    ).fetchall()
    return [(row["version_index"], row["is_latest"]) for row in rows]


def test_a_version_is_numbered_and_the_latest_from_then_on(tenant: Tenant, sql: Sql) -> None:
    made = resource(tenant.agent)
    second = version(tenant.agent, made["id"], version_notes="Shorter.", translations=[ENGLISH])
    assert (second["version_index"], second["is_latest"]) == (1, True)
    assert second["translations"][0]["name"] == ENGLISH["name"]
    assert second["translations"][0]["version_id"] == second["id"]
    assert tenant.agent.get(f"{RESOURCES}/{made['id']}")["latest_version"] == second
    for name in (second["id"], second["public_id"]):
        assert tenant.agent.get(f"{VERSIONS}/{name}") == second
    first = tenant.agent.get(f"{VERSIONS}/{made['latest_version']['id']}")
    assert (first["version_index"], first["is_latest"]) == (0, False)
    third = version(tenant.agent, made["public_id"])
    for limit in (1, 2, 100):
        found = tenant.agent.all(f"{RESOURCES}/{made['id']}/versions", limit=limit)
        assert [v["id"] for v in found] == [third["id"], second["id"], first["id"]]
    assert numbers(sql) == [(0, False), (1, False), (2, True)]


def test_versions_added_at_once_have_no_gap_and_one_is_the_latest(
    tenant: Tenant, sql: Sql, no_deadlocks: None
) -> None:
    made = resource(tenant.agent)["id"]
    indexes = at_once(8, lambda _: version(tenant.agent, made)["version_index"])
    assert sorted(indexes) == [*range(1, 9)]
    assert numbers(sql) == [*((n, False) for n in range(8)), (8, True)]


def test_versions_are_changed_while_others_are_added(
    tenant: Tenant, sql: Sql, no_deadlocks: None
) -> None:
    made = resource(tenant.agent)
    path = f"{VERSIONS}/{made['latest_version']['id']}"

    def write(n: int) -> int:
        api = tenant.agent
        body = {"is_complete": n % 4 == 1, "translations": [ENGLISH]}
        answer = (
            api.request("POST", f"{RESOURCES}/{made['id']}/versions", body)
            if n % 2
            else api.request("PATCH", path, {"is_complete": n % 4 == 0})
            if n % 3
            else api.request("PUT", f"{path}/translations/en", {"name": f"Name {n}"})
        )
        return answer.status_code

    assert {*at_once(12, write)} == {200, 201}
    assert numbers(sql) == [*((n, False) for n in range(6)), (6, True)]


def test_another_writer_cannot_number_versions_or_say_which_is_the_latest(
    tenant: Tenant, sql: Sql
) -> None:
    made = resource(tenant.agent)["id"]
    act_as(sql, tenant.users["agent"])
    [row] = sql.execute(
        "INSERT INTO library.resource_versions (tenant_id, root_id, version_index)"
        " VALUES (current_setting('app.tenant_id')::uuid, %s, 7)"
        " RETURNING version_index, is_latest",
        [made],
    ).fetchall()
    assert row == {"version_index": 1, "is_latest": True}
    sql.commit()
    for statement, name in (
        ("SET is_latest = true", "is_latest"),
        ("SET is_latest = false", "is_latest"),
        ("SET version_index = 9", "version_index"),
        ("SET times_started = 9", "times_started"),
    ):
        act_as(sql, "any")
        with pytest.raises(InsufficientPrivilege, match=f"nobody .* {name}"):
            sql.execute(f"UPDATE library.resource_versions {statement}".encode())
    act_as(sql, "any")
    with pytest.raises(InsufficientPrivilege):
        sql.execute("DELETE FROM library.resource_versions")
    # Many of one resource in one statement have no gap either.
    act_as(sql, "any")
    sql.execute(
        "INSERT INTO library.resource_versions (tenant_id, root_id)"
        " VALUES (%(tenant)s, %(root)s), (%(tenant)s, %(root)s), (%(tenant)s, %(root)s)",
        {"tenant": tenant.id, "root": made},
    )
    sql.commit()
    assert numbers(sql) == [(0, False), (1, False), (2, False), (3, False), (4, True)]


def test_completion_follows_the_versions_and_its_time_stays(tenant: Tenant) -> None:
    made = resource(tenant.agent, {"is_complete": False})
    first = f"{VERSIONS}/{made['latest_version']['id']}"
    assert state(tenant, made["id"]) == (False, None)
    version(tenant.agent, made["id"], is_complete=False)
    assert state(tenant, made["id"]) == (False, None)
    complete = version(tenant.agent, made["id"])
    _, since = state(tenant, made["id"])
    assert since == complete["created_at"]
    # A later incomplete one takes nothing away, nor does a second one move the time.
    version(tenant.agent, made["id"], is_complete=False)
    assert state(tenant, made["id"]) == (True, since)
    tenant.agent.patch(first, {"is_complete": True})
    assert state(tenant, made["id"]) == (True, since)
    tenant.agent.patch(f"{VERSIONS}/{complete['id']}", {"is_complete": False})
    assert state(tenant, made["id"]) == (True, since)
    tenant.agent.patch(first, {"is_complete": False})
    assert state(tenant, made["id"]) == (False, since)
    tenant.agent.patch(first, {"is_complete": True})
    assert state(tenant, made["id"]) == (True, since)


def test_versions_that_change_at_once_leave_no_resource_complete_without_one(
    tenant: Tenant, no_deadlocks: None
) -> None:
    made = resource(tenant.agent)
    versions = [made["latest_version"]["id"]]
    versions += [version(tenant.agent, made["id"])["id"] for _ in range(5)]

    def change(n: int) -> int:
        path = f"{VERSIONS}/{versions[n]}"
        return tenant.agent.request("PATCH", path, {"is_complete": False}).status_code

    assert at_once(6, change) == [200] * 6
    assert state(tenant, made["id"])[0] is False


def test_a_version_is_changed_against_its_revision(tenant: Tenant) -> None:
    made = resource(tenant.agent, {"translations": [ENGLISH], "version_notes": "First."})
    path = f"{VERSIONS}/{made['latest_version']['public_id']}"
    changes = {"version_label": "1.0.1", "config": {"a": [1]}, "version_notes": None}
    changed = tenant.agent.patch(path, changes, headers={"If-Match": '"1"'})
    assert changes.items() <= changed.items()
    assert (changed["revision"], len(changed["translations"])) == (2, 1)
    stale = tenant.agent.request("PATCH", path, changes, headers={"If-Match": '"1"'})
    problem(stale, 412, "STALE")
    for fixed in ("version_index", "is_latest", "root_id", "times_started"):
        refused = tenant.agent.patch(path, {fixed: changed[fixed]}, expect=400)
        assert list(refused["errors"]) == [fixed]


# Translations ----------------------------------------------------------------------------------------


def test_a_translation_is_put_and_deleted_by_its_language(tenant: Tenant) -> None:
    latest = resource(tenant.agent)["latest_version"]
    path = f"{VERSIONS}/{latest['public_id']}/translations"
    german = {"name": "Besprechung", "description": "Kurz.", "instructions": "Im Stehen."}
    made = tenant.agent.put(f"{path}/de", german)
    assert german.items() <= made.items()
    assert (made["language"], made["details"], made["revision"]) == ("de", None, 1)
    # The same again is no change; another is one, of all of it.
    assert tenant.agent.put(f"{path}/de", german) == made
    changed = tenant.agent.put(f"{path}/de", {"name": "Runde"})
    assert (changed["id"], changed["description"], changed["revision"]) == (made["id"], None, 2)
    shown = tenant.agent.get(f"{VERSIONS}/{latest['id']}")["translations"]
    assert [t["language"] for t in shown] == ["de", "en"]
    assert shown[0] == changed
    assert tenant.agent.request("DELETE", f"{path}/de", expect=200).json() == changed
    problem(tenant.agent.request("DELETE", f"{path}/de"), 404, "NOT_FOUND")
    shown = tenant.agent.get(f"{VERSIONS}/{latest['id']}")["translations"]
    assert [t["language"] for t in shown] == ["en"]


@pytest.mark.parametrize("language", ["english", "EN", "e", "e1", "en-US", "%0Aen"])
def test_a_language_has_the_shape_of_a_code_of_iso_639(
    tenant: Tenant, sql: Sql, language: str
) -> None:
    latest = resource(tenant.agent)["latest_version"]
    path = f"{VERSIONS}/{latest['id']}/translations/{language}"
    for method, body in (("PUT", {"name": "n"}), ("DELETE", None)):
        answer = tenant.agent.request(method, path, body)
        assert list(problem(answer, 400, "VALIDATION")["errors"]) == ["language"]
    act_as(sql, "any")
    with pytest.raises(CheckViolation) as failed:
        sql.execute(
            "INSERT INTO library.resource_translations (tenant_id, version_id, language, name)"
            " VALUES (current_setting('app.tenant_id')::uuid, %s, %s, 'n')",
            [latest["id"], language],
        )
    assert violated(failed.value) == "resource_translations_language_check"
