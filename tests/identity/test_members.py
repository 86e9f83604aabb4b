"""Members of teams: added, promoted, removed; the last admin stays."""

from typing import Any

import pytest
from psycopg import DatabaseError
from psycopg.errors import CheckViolation

from service.identity.permissions import DEFAULT_ADMIN_PERMISSIONS, DEFAULT_MEMBER_PERMISSIONS
from tests.client import Client, Tenant, at_once, new_id
from tests.identity.people_helpers import (
    Sql,
    add,
    enter,
    members,
    participants,
    people,
    remove,
    team,
    team_id,
)

ADD = (
    "INSERT INTO identity.team_members (tenant_id, team_id, user_id, is_admin, permissions)"
    " VALUES (%s, %s, %s, %s, %s)"
)


def test_members_are_added_once_and_take_part_in_the_first_chat(tenant: Tenant) -> None:
    made = team(tenant.agent)
    which, chat = made["team"]["id"], made["chat"]["id"]
    ann, bob, kim = people(tenant, 3)
    added = add(tenant.agent, which, bob, ann, bob)["items"]
    assert [m["user_id"] for m in added] == [ann, bob]
    assert all(m["permissions"] == DEFAULT_MEMBER_PERMISSIONS for m in added)
    [only] = add(tenant.agent, which, ann, kim, is_admin=True)["items"]
    assert (only["user_id"], only["is_admin"]) == (kim, True)
    assert only["permissions"] == DEFAULT_ADMIN_PERMISSIONS
    assert add(tenant.agent, which, ann, kim)["items"] == []
    assert not members(tenant.agent, which)[ann]["is_admin"]
    shown = tenant.agent.get(f"/v1/teams/{which}")
    assert (shown["member_count"], shown["admin_count"]) == (4, 2)
    takes_part = participants(tenant.agent, chat)
    assert takes_part.keys() == {tenant.users["agent"], ann, bob, kim}
    assert not any(p["has_unread"] for p in takes_part.values())

    remove(tenant.agent, which, ann)
    assert ann not in members(tenant.agent, which)
    assert ann not in participants(tenant.agent, chat)
    remove(tenant.agent, which, ann, expect=404)
    assert tenant.agent.get(f"/v1/teams/{which}")["member_count"] == 3


def test_members_are_listed_by_user_page_by_page(tenant: Tenant) -> None:
    creator = tenant.users["agent"]
    users = people(tenant, 5)
    which = team_id(tenant.agent, *users)
    for limit in (1, 2, 100):
        listed = tenant.agent.all(f"/v1/teams/{which}/members", limit=limit)
        assert [m["user_id"] for m in listed] == [creator, *users]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_ids", []),
        ("user_ids", None),
        ("user_ids", ["00000000-0000-7000-8000-000000000000"] * 101),
        ("permissions", ["everything"]),
        ("permissions", ["edit-team"] * 7),
        ("is_admin", "yes"),
    ],
)
def test_a_wrong_field_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    which = team_id(tenant.agent)
    body = {"user_ids": [tenant.users["agent2"]], field: value}
    refused = tenant.agent.post(f"/v1/teams/{which}/members", body, expect=400)
    assert list(refused["errors"]) == [field]


def test_only_permissions_that_there_are_can_be_given(tenant: Tenant, sql: Sql) -> None:
    which = team_id(tenant.agent)
    enter(sql, tenant.users["agent"])
    with pytest.raises(CheckViolation):
        sql.execute(ADD, [tenant.id, which, tenant.users["agent2"], False, ["everything"]])


def test_who_may_add_members_gives_no_more_than_members_have(tenant: Tenant, sql: Sql) -> None:
    other, api = tenant.users["agent2"], tenant.acting("agent2")
    which = team_id(tenant.agent, other)
    ann, bob = people(tenant, 2)
    add(api, which, ann, expect=403)
    add(api, which, other, expect=403)
    path = f"/v1/teams/{which}/members"
    tenant.agent.patch(f"{path}/{other}", {"permissions": ["add-members"]})
    add(api, which, ann)
    for more in ({"is_admin": True}, {"permissions": ["edit-team"]}):
        add(api, which, bob, expect=403, **more)
    api.patch(f"{path}/{other}", {"is_admin": True}, expect=403)
    api.patch(f"{path}/{other}", {"permissions": ["edit-team"]}, expect=403)
    remove(api, which, ann, expect=403)
    for statement, arguments in (
        (ADD, [tenant.id, which, bob, True, []]),
        (ADD, [tenant.id, which, bob, False, ["delete-resources"]]),
        ("UPDATE identity.team_members SET is_admin = true WHERE user_id = %s", [other]),
        ("DELETE FROM identity.team_members WHERE user_id = %s", [ann]),
    ):
        enter(sql, other)
        with pytest.raises(DatabaseError, match="this takes an admin of the team"):
            sql.execute(statement.encode(), arguments)
        sql.rollback()


def test_nobody_is_added_by_who_names_no_user(tenant: Tenant, sql: Sql) -> None:
    which = team_id(tenant.agent)
    empty = team_id(tenant.service)
    for of in (which, empty):
        with pytest.raises(DatabaseError, match="this takes an admin of the team"):
            sql.execute(ADD, [tenant.id, of, tenant.users["agent2"], True, []])
        sql.rollback()


def test_a_user_joins_an_open_team_and_leaves_it(tenant: Tenant) -> None:
    other, api = tenant.users["agent2"], tenant.acting("agent2")
    which = team_id(tenant.agent)
    add(api, which, other, expect=403)
    tenant.agent.patch(f"/v1/teams/{which}", {"is_open_to_new_members": True})
    for more in ({"is_admin": True}, {"permissions": ["edit-team"]}):
        add(api, which, other, expect=403, **more)
    add(api, which, *people(tenant, 1), expect=403)
    [joined] = add(api, which, other)["items"]
    assert (joined["user_id"], joined["is_admin"]) == (other, False)
    assert remove(api, which, other)["user_id"] == other
    assert other not in members(tenant.agent, which)


def test_nobody_joins_a_private_team_though_it_is_open(tenant: Tenant, sql: Sql) -> None:
    which = team_id(tenant.agent, is_private=True, is_open_to_new_members=True)
    other = tenant.users["agent2"]
    add(tenant.acting("agent2"), which, other, expect=404)
    enter(sql, other)
    with pytest.raises(DatabaseError, match="this takes an admin of the team"):
        sql.execute(ADD, [tenant.id, which, other, False, []])


def test_members_are_promoted_and_demoted_against_their_revision(tenant: Tenant) -> None:
    other = tenant.users["agent2"]
    which = team_id(tenant.agent, other)
    path = f"/v1/teams/{which}/members/{other}"
    promoted = tenant.agent.patch(path, {"is_admin": True}, headers={"If-Match": '"1"'})
    assert (promoted["is_admin"], promoted["revision"]) == (True, 2)
    assert promoted["permissions"] == DEFAULT_MEMBER_PERMISSIONS
    tenant.agent.patch(path, {"is_admin": False}, expect=412, headers={"If-Match": '"1"'})
    tenant.agent.request("DELETE", path, expect=412, headers={"If-Match": '"1"'})
    assert tenant.agent.get(path) == promoted
    assert tenant.agent.get(f"/v1/teams/{which}")["admin_count"] == 2
    demoted = tenant.acting("agent2").patch(path, {"is_admin": False, "permissions": []})
    assert (demoted["is_admin"], demoted["permissions"]) == (False, [])
    tenant.acting("agent2").patch(path, {"is_admin": True}, expect=403)
    assert tenant.agent.get(f"/v1/teams/{which}")["admin_count"] == 1
    tenant.agent.patch(f"/v1/teams/{which}/members/{new_id()}", {"is_admin": True}, expect=404)


# The last admin --------------------------------------------------------------------------------------


def test_the_last_admin_stays(tenant: Tenant, sql: Sql) -> None:
    admin = tenant.users["agent"]
    which = team_id(tenant.agent, *people(tenant, 1))
    path = f"/v1/teams/{which}/members/{admin}"
    assert "last admin" in remove(tenant.agent, which, admin, expect=409)["detail"]
    assert "last admin" in tenant.agent.patch(path, {"is_admin": False}, expect=409)["detail"]
    assert "last admin" in remove(tenant.service, which, admin, expect=409)["detail"]
    for statement in (
        "DELETE FROM identity.team_members WHERE team_id = %s AND is_admin",
        "UPDATE identity.team_members SET is_admin = false WHERE team_id = %s AND is_admin",
    ):
        enter(sql, admin)
        with pytest.raises(DatabaseError, match="last admin"):
            sql.execute(statement.encode(), [which])
        sql.rollback()
    assert tenant.agent.get(path)["is_admin"]


@pytest.mark.usefixtures("no_deadlocks")
def test_of_admins_who_leave_at_once_the_last_stays(tenant: Tenant) -> None:
    for _ in range(4):
        users = people(tenant, 3)
        which = team_id(tenant.agent)
        add(tenant.agent, which, *users, is_admin=True)
        everybody = [tenant.users["agent"], *users]

        def leave(n: int, which: str = which, everybody: list[str] = everybody) -> int:
            path = f"/v1/teams/{which}/members/{everybody[n]}"
            api = Client(tenant.service.url, tenant.service.credential, everybody[n])
            if n % 2:
                return api.request("PATCH", path, {"is_admin": False}).status_code
            return api.request("DELETE", path).status_code

        assert sorted(at_once(4, leave)) == [200, 200, 200, 409]
        shown = tenant.service.get(f"/v1/teams/{which}")
        left = members(tenant.service, which)
        assert shown["admin_count"] == sum(m["is_admin"] for m in left.values()) == 1
        assert shown["member_count"] == len(left)


@pytest.mark.usefixtures("no_deadlocks")
def test_changes_of_a_team_and_its_members_at_once_neither_miss_nor_block_each_other(
    tenant: Tenant,
) -> None:
    which, users = team_id(tenant.agent), people(tenant, 6)
    add(tenant.agent, which, *users[:3])

    def change(n: int) -> int:
        api = tenant.acting("agent")
        if n < 3:
            return api.request("DELETE", f"/v1/teams/{which}/members/{users[n]}").status_code
        if n < 6:
            path, body = f"/v1/teams/{which}/members", {"user_ids": [users[n]]}
            return api.request("POST", path, body).status_code
        return api.request("PATCH", f"/v1/teams/{which}", {"is_private": n == 6}).status_code

    assert at_once(8, change) == [200, 200, 200, 201, 201, 201, 200, 200]
    shown = tenant.agent.get(f"/v1/teams/{which}")
    assert shown["member_count"] == 4
    assert members(tenant.agent, which).keys() == {tenant.users["agent"], *users[3:]}


def test_who_is_erased_leaves_also_as_the_last_admin(tenant: Tenant, owner: Any) -> None:
    [ann] = people(tenant, 1)
    which = team_id(tenant.service)
    add(tenant.service, which, ann, is_admin=True)
    owner.execute("DELETE FROM identity.users WHERE id = %s", [ann])
    shown = tenant.service.get(f"/v1/teams/{which}")
    assert (shown["member_count"], shown["admin_count"]) == (0, 0)
