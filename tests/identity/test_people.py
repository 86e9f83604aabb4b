"""People as others see them: found by how their names begin, with their teams, and when they were last seen."""

from typing import Any

import pytest

from tests.client import Client, Tenant
from tests.identity.people_helpers import Sql, add, people, person, remove, team_id


def found(api: Client, q: str, **params: Any) -> list[str]:
    return [p["id"] for p in api.all("/v1/people", q=q, **params)]


# Search ----------------------------------------------------------------------------------------------


def test_people_are_found_by_how_their_names_begin_newest_first(tenant: Tenant) -> None:
    first = person(tenant, "Anna Smithers")["id"]
    second = person(tenant, "Smith", handle="ann_of_green")["id"]
    third = person(tenant, "Bob", handle="anne-smitty")["id"]
    person(tenant, "Joanna Blacksmith")
    for limit in (1, 2, 100):
        assert found(tenant.agent, "ANN smi", limit=limit) == [third, second, first]
        assert found(tenant.agent, "s", limit=limit) == [third, second, first]
    assert found(tenant.agent, "smith") == [second, first]
    assert found(tenant.agent, "ann_of") == [second]
    assert found(tenant.agent, "anne-smi") == [third]
    assert found(tenant.agent, "smithersen") == []
    assert found(tenant.agent, "ann zebra") == []


def test_no_character_stands_for_others(tenant: Tenant) -> None:
    zoe = person(tenant, "Zoe 100", handle="z_b-c")["id"]
    for q in ("%", "_", "*", ".*", "\\", "%oe", "Z_e", "z?e", "Z%e", "_oe"):
        assert found(tenant.agent, q) == [], q
    for q in ("100%", "z%", "z_b", "z_", "Zoe\\"):
        assert found(tenant.agent, q) == [zoe], q


def test_nobody_is_found_by_an_address_and_none_is_shown(tenant: Tenant) -> None:
    ann = person(tenant, "Ann", email="secret-mailbox@hidden.example", handle="ann")
    for q in ("secret", "secret-mailbox@hidden.example", "hidden", "mailbox"):
        assert found(tenant.agent, q) == []
    [shown] = tenant.agent.all("/v1/people", q="ann")
    assert shown.keys() == {
        "id",
        "public_id",
        "display_name",
        "handle",
        "is_bot",
        "languages",
        "created_at",
    }
    assert shown.items() <= ann.items()


def test_private_and_disabled_people_are_not_found(tenant: Tenant) -> None:
    ann = person(tenant, "Ann")["id"]
    private = person(tenant, "Ann", is_private=True)["id"]
    path = f"/v1/users/{ann}"
    assert found(tenant.agent, "ann") == [ann]
    assert found(tenant.service, "ann") == [ann]
    tenant.service.patch(path, {"disabled": True})
    tenant.service.patch(f"/v1/users/{private}", {"is_private": False})
    assert found(tenant.agent, "ann") == [private]
    tenant.service.patch(path, {"disabled": False})
    assert found(tenant.agent, "ann") == [private, ann]


def test_a_new_name_is_found_and_the_old_one_is_not(tenant: Tenant, sql: Sql) -> None:
    ann = person(tenant, "Ann Smith", handle="smitty")["id"]
    tenant.service.patch(f"/v1/users/{ann}", {"display_name": "Ann Jones", "handle": None})
    assert found(tenant.agent, "jon") == found(tenant.agent, "ann") == [ann]
    assert found(tenant.agent, "smi") == []
    words = sql.execute(
        "SELECT word FROM identity.user_words WHERE id = %s ORDER BY word", [ann]
    ).fetchall()
    beginnings = ["a", "an", "ann", "j", "jo", "jon", "jone", "jones"]
    assert [row["word"] for row in words] == beginnings


def test_nobody_of_another_tenant_is_found(tenant: Tenant, new_tenant: Any) -> None:
    person(new_tenant(), "Ann")
    assert found(tenant.agent, "ann") == []


@pytest.mark.parametrize("q", ["", " ", "x" * 101, None])
def test_a_search_for_nothing_is_refused(tenant: Tenant, q: str | None) -> None:
    refused = tenant.agent.get("/v1/people", expect=400, params={"q": q})
    assert list(refused["errors"]) == ["q"]


# Teams of a user -------------------------------------------------------------------------------------


def test_a_users_teams_come_newest_membership_first_with_their_member_counts(
    tenant: Tenant,
) -> None:
    ann = person(tenant)
    old, new = team_id(tenant.agent), team_id(tenant.agent)
    empty = team_id(tenant.agent, ann["id"])
    add(tenant.agent, new, ann["id"], *people(tenant, 2))
    add(tenant.agent, old, ann["id"], is_admin=True)
    for limit in (1, 2, 100):
        listed = tenant.agent.all(f"/v1/users/{ann['public_id']}/teams", limit=limit)
        assert [t["team_id"] for t in listed] == [old, new, empty]
        assert [t["member_count"] for t in listed] == [2, 4, 2]
        assert [t["is_admin"] for t in listed] == [True, False, False]
    remove(tenant.agent, new, ann["id"])
    listed = tenant.agent.all(f"/v1/users/{ann['id']}/teams")
    assert [t["team_id"] for t in listed] == [old, empty]
    unknown = "00000000-0000-7000-8000-000000000000"
    tenant.agent.get(f"/v1/users/{unknown}/teams", expect=404)
    tenant.agent.get("/v1/users/abcdefGHIJ12/teams", expect=404)


def test_of_a_users_private_teams_one_sees_those_that_one_is_in(tenant: Tenant) -> None:
    ann, other = person(tenant)["id"], tenant.users["agent2"]
    path = f"/v1/users/{ann}/teams"
    which = team_id(tenant.agent, ann, is_private=True)
    assert [t["team_id"] for t in tenant.agent.all(path)] == [which]
    assert tenant.acting("agent2").all(path) == []
    add(tenant.agent, which, other)
    assert [t["team_id"] for t in tenant.acting("agent2").all(path)] == [which]
    assert [t["team_id"] for t in tenant.service.all(path)] == [which]


# Last seen -------------------------------------------------------------------------------------------


def test_when_a_user_was_last_seen_is_noted_once_a_minute(tenant: Tenant, owner: Any) -> None:
    ann = person(tenant)
    path = f"/v1/users/{ann['id']}"

    def seen() -> Any:
        """After a request of the user, which no worker remembers from before."""
        tenant.service.patch(path, {"languages": []})
        for _ in range(8):
            Client(tenant.service.url, tenant.service.credential, ann["id"]).get("/v1/teams")
        return tenant.service.get(path)["last_active_at"]

    assert ann["last_active_at"] is None
    assert tenant.service.get(path)["last_active_at"] is None
    first = seen()
    assert first is not None
    assert seen() == first
    shown = tenant.service.get(path)
    owner.execute(
        "UPDATE identity.users SET last_active_at = %s::timestamptz - interval '2 minutes' WHERE id = %s",
        [first, ann["id"]],
    )
    assert tenant.service.get(path)["last_active_at"] < first
    assert seen() > first
    assert tenant.service.get(path)["revision"] == shown["revision"] == 1
