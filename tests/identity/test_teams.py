"""Teams: made whole, seen by those who may, changed by those who may, five levels deep at most."""

from typing import Any

import psycopg
import pytest
from psycopg import DatabaseError
from psycopg.errors import CheckViolation, InsufficientPrivilege

from service.identity.permissions import (
    DEFAULT_ADMIN_PERMISSIONS,
    DEFAULT_MEMBER_PERMISSIONS,
    DEFAULT_TEAM_CHAT_CONFIG,
    PERMISSIONS,
)
from tests.client import Client, Tenant, at_once, new_id
from tests.identity.people_helpers import (
    Sql,
    add,
    counted,
    enter,
    members,
    participants,
    people,
    person,
    remove,
    team,
    team_id,
)
from tests.writer import Writer

UNKNOWN = "00000000-0000-7000-8000-000000000000"
TABLES = ("teams", "team_members", "chats", "chat_participants", "team_stats")


def key_with(tenant: Tenant, *scopes: str) -> Client:
    body = {"name": "narrow", "scopes": scopes}
    return Client(tenant.service.url, tenant.service.post("/v1/api-keys", body)["key"])


# Made ------------------------------------------------------------------------------------------------


def test_a_team_is_made_with_its_creator_members_and_chat(tenant: Tenant) -> None:
    ann, bob = people(tenant, 2)
    body = {
        "handle": "Support_1",
        "description": "Answers customers.",
        "is_private": True,
        "languages": ["en", "deu"],
        "config": {"color": "red"},
    }
    made = team(tenant.agent, ann, bob, **body)
    creator = tenant.users["agent"]
    assert made["member_count"] == 3
    shown = made["team"]
    assert shown.items() >= {**body, "handle": "support_1", "created_by_id": creator}.items()
    assert (shown["member_count"], shown["admin_count"], shown["revision"]) == (3, 1, 1)
    assert tenant.agent.get(f"/v1/teams/{shown['id']}") == shown
    assert tenant.agent.get(f"/v1/teams/{shown['public_id']}") == shown

    found = members(tenant.agent, shown["id"])
    assert found.keys() == {creator, ann, bob}
    assert found[creator]["is_admin"]
    assert found[creator]["permissions"] == DEFAULT_ADMIN_PERMISSIONS
    for member in (ann, bob):
        assert not found[member]["is_admin"]
        assert found[member]["permissions"] == DEFAULT_MEMBER_PERMISSIONS

    chat = made["chat"]
    assert chat["config"] == DEFAULT_TEAM_CHAT_CONFIG
    assert (chat["is_private"], chat["open_to_anyone_with_invite"]) == (True, False)
    assert (chat["team_id"], chat["created_by_id"]) == (shown["id"], creator)
    assert tenant.agent.get(f"/v1/chats/{chat['public_id']}") == chat
    takes_part = participants(tenant.agent, chat["id"])
    assert takes_part.keys() == {creator, ann, bob}
    assert not any(p["has_unread"] for p in takes_part.values())


def test_whoever_is_named_several_times_is_one_member_also_the_creator(tenant: Tenant) -> None:
    [ann] = people(tenant, 1)
    creator = tenant.users["agent"]
    made = team(tenant.agent, ann, creator, ann, creator, ann.upper())
    assert made["member_count"] == 2
    found = members(tenant.agent, made["team"]["id"])
    assert {user: m["is_admin"] for user, m in found.items()} == {ann: False, creator: True}


def test_unknown_members_are_told_by_id_and_nothing_is_made(tenant: Tenant) -> None:
    [ann] = people(tenant, 1)
    unknown = sorted([new_id(), new_id()])
    body = {"name": "Support", "user_ids": [ann, *unknown]}
    refused = tenant.agent.post("/v1/teams", body, expect=400)
    assert refused["errors"] == {"user_ids": [f"there is no user {user}" for user in unknown]}
    assert tenant.agent.all("/v1/teams") == []

    which = team_id(tenant.agent)
    refused = add(tenant.agent, which, ann, *unknown, expect=400)
    assert refused["errors"] == {"user_ids": [f"there is no user {user}" for user in unknown]}
    assert members(tenant.agent, which).keys() == {tenant.users["agent"]}


def test_members_of_another_tenant_are_unknown(tenant: Tenant, new_tenant: Any) -> None:
    stranger = new_tenant().users["agent"]
    body = {"name": "Support", "user_ids": [stranger]}
    assert stranger in str(tenant.agent.post("/v1/teams", body, expect=400)["errors"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 129),
        ("handle", "ab"),
        ("handle", "a b c"),
        ("description", "x" * 2049),
        ("languages", ["english"]),
        ("languages", ["en"] * 21),
        ("config", []),
        ("config", {"x": "y" * 65536}),
        ("is_private", "yes"),
        ("user_ids", [UNKNOWN] * 101),
        ("user_ids", ["nobody"]),
        ("id", UNKNOWN),
    ],
)
def test_a_wrong_field_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    body = {"name": "Support", field: value}
    assert list(tenant.agent.post("/v1/teams", body, expect=400)["errors"]) == [field]


def test_a_handle_is_one_teams_whatever_its_case(tenant: Tenant) -> None:
    made = team(tenant.agent, handle="Support")["team"]
    body = {"name": "Other", "handle": "sUPPORT"}
    assert list(tenant.agent.post("/v1/teams", body, expect=409)["errors"]) == ["handle"]
    other = team_id(tenant.agent)
    taken = tenant.agent.patch(f"/v1/teams/{other}", {"handle": "SUPPORT"}, expect=409)
    assert list(taken["errors"]) == ["handle"]
    team(tenant.agent)
    assert tenant.agent.all("/v1/teams", handle="SUPPORT") == [made]
    assert tenant.agent.all("/v1/teams", handle="nobody") == []


def test_teams_are_listed_newest_first_page_by_page(tenant: Tenant) -> None:
    made = [team_id(tenant.agent) for _ in range(5)]
    below = [team_id(tenant.agent, parent_id=made[0]) for _ in range(3)]
    for limit in (1, 2, 100):
        listed = tenant.agent.all("/v1/teams", limit=limit)
        assert [t["id"] for t in listed] == [*below[::-1], *made[::-1]]
        listed = tenant.agent.all("/v1/teams", limit=limit, parent_id=made[0])
        assert [t["id"] for t in listed] == below[::-1]


# Seen ------------------------------------------------------------------------------------------------


def test_a_private_team_is_invisible_to_others_with_all_that_it_has(tenant: Tenant) -> None:
    made = team(tenant.agent, is_private=True)
    which, chat = made["team"]["id"], made["chat"]["id"]
    paths = [
        f"/v1/teams/{which}",
        f"/v1/teams/{made['team']['public_id']}",
        f"/v1/teams/{which}/members",
        f"/v1/teams/{which}/members/{tenant.users['agent']}",
        f"/v1/teams/{which}/chats",
        f"/v1/teams/{which}/stats",
        f"/v1/chats/{chat}",
        f"/v1/chats/{made['chat']['public_id']}",
        f"/v1/chats/{chat}/participants",
    ]
    for other in (tenant.acting("agent2"), tenant.acting("admin"), key_with(tenant, "teams:read")):
        for path in paths:
            assert other.get(path, expect=404)["code"] == "NOT_FOUND"
        assert other.all("/v1/teams") == []
        assert other.all(f"/v1/users/{tenant.users['agent']}/teams") == []
    for path in paths:
        tenant.agent.get(path)
        tenant.service.get(path)  # it may manage teams
    other = tenant.acting("agent2")
    other.patch(f"/v1/teams/{which}", {"name": "Mine"}, expect=404)
    other.request("DELETE", f"/v1/teams/{which}", expect=404)
    other.post(f"/v1/chats/{chat}/read", expect=404)
    add(other, which, tenant.users["agent2"], expect=404)
    remove(other, which, tenant.users["agent"], expect=404)


def test_a_private_team_is_invisible_to_other_writers_and_readers(
    tenant: Tenant, sql: Sql, server: Any
) -> None:
    which = team_id(tenant.agent, is_private=True)
    agent, other = tenant.users["agent"], tenant.users["agent2"]
    with Writer.connect(
        server.url("app_ro", "draftroom"), row_factory=psycopg.rows.dict_row
    ) as reader:
        reader.set("app.tenant_id", tenant.id)
        reader.commit()
        for connection in (sql, reader):
            for table in TABLES:
                enter(connection, other)
                assert counted(connection, table, which) == 0, table
                connection.execute("SELECT operations.set_local('app.user_id', '')")
                assert counted(connection, table, which) == 0, table
                enter(connection, agent, [which])
                assert counted(connection, table, which) > 0, table
                enter(connection, "any")
                assert counted(connection, table, which) > 0, table
                connection.rollback()


def test_what_becomes_private_takes_all_along(tenant: Tenant, sql: Sql) -> None:
    made = team(tenant.agent)
    which, other = made["team"]["id"], tenant.acting("agent2")
    assert participants(other, made["chat"]["id"])
    tenant.agent.patch(f"/v1/teams/{which}", {"is_private": True})
    other.get(f"/v1/teams/{which}", expect=404)
    other.get(f"/v1/chats/{made['chat']['id']}", expect=404)
    enter(sql, tenant.users["agent2"])
    assert [counted(sql, table, which) for table in TABLES] == [0] * len(TABLES)
    sql.rollback()
    tenant.agent.patch(f"/v1/teams/{which}", {"is_private": False})
    assert participants(other, made["chat"]["id"])


def test_a_membership_counts_at_once_in_all_workers(tenant: Tenant) -> None:
    which, [ann] = team_id(tenant.agent, is_private=True), people(tenant, 1)
    path = f"/v1/teams/{which}"
    workers = [Client(tenant.service.url, tenant.service.credential, ann) for _ in range(8)]
    for _ in range(3):
        assert [api.request("GET", path).status_code for api in workers] == [404] * 8
        add(tenant.agent, which, ann)
        assert [api.request("GET", path).status_code for api in workers] == [200] * 8
        remove(tenant.agent, which, ann)


# Changed ---------------------------------------------------------------------------------------------


def test_a_change_needs_the_revision_and_changes_only_what_is_named(tenant: Tenant) -> None:
    made = team(tenant.agent, handle="support", description="x", languages=["en"])["team"]
    path = f"/v1/teams/{made['public_id']}"
    changes = {
        "name": "Helpers",
        "handle": None,
        "description": None,
        "is_open_to_new_members": True,
        "languages": [],
        "config": {"a": 1},
    }
    changed = tenant.agent.patch(path, changes, headers={"If-Match": '"1"'})
    assert changed.items() >= changes.items()
    assert (changed["revision"], changed["member_count"]) == (2, 1)
    tenant.agent.patch(path, {"name": "Late"}, expect=412, headers={"If-Match": '"1"'})
    assert tenant.agent.patch(path, {"handle": "HELP"})["handle"] == "help"
    tenant.agent.request("DELETE", path, expect=412, headers={"If-Match": '"1"'})


def test_counting_members_is_no_revision_of_the_team(tenant: Tenant) -> None:
    which = team_id(tenant.agent)
    add(tenant.agent, which, *people(tenant, 2))
    shown = tenant.agent.get(f"/v1/teams/{which}")
    assert (shown["member_count"], shown["revision"]) == (3, 1)


def test_only_who_may_edit_a_team_changes_it(tenant: Tenant, sql: Sql) -> None:
    agent, other = tenant.users["agent"], tenant.users["agent2"]
    which = team_id(tenant.agent, other)
    path = f"/v1/teams/{which}"
    api = tenant.acting("agent2")
    assert api.patch(path, {"name": "Mine"}, expect=403)["code"] == "FORBIDDEN"
    tenant.acting("admin").patch(path, {"name": "Mine"}, expect=403)
    update = "UPDATE identity.teams SET name = 'Mine' WHERE id = %s"
    for actor in (other, ""):
        enter(sql, actor)
        with pytest.raises(DatabaseError, match="edit-team"):
            sql.execute(update, [which])
        sql.rollback()
    tenant.agent.patch(f"{path}/members/{other}", {"permissions": ["edit-team"]})
    assert api.patch(path, {"name": "Ours"})["name"] == "Ours"
    enter(sql, other)
    sql.execute(update, [which])
    sql.rollback()
    api.request("DELETE", path, expect=403)
    enter(sql, other)
    with pytest.raises(DatabaseError, match="admin"):
        sql.execute("DELETE FROM identity.teams WHERE id = %s", [which])
    sql.rollback()
    enter(sql, agent)
    with pytest.raises(InsufficientPrivilege, match="member_count"):
        sql.execute("UPDATE identity.teams SET member_count = 9 WHERE id = %s", [which])
    sql.rollback()


def test_a_team_is_deleted_with_all_that_it_has(tenant: Tenant, sql: Sql) -> None:
    made = team(tenant.agent, *people(tenant, 3), is_private=True)
    which = made["team"]["id"]
    below = team_id(tenant.agent, parent_id=which)
    path = f"/v1/teams/{which}"
    refused = tenant.agent.request("DELETE", path, expect=400).json()
    assert list(refused["errors"]) == ["parent_id"]
    tenant.agent.request("DELETE", f"/v1/teams/{below}", expect=200)
    deleted = tenant.agent.request("DELETE", path, expect=200).json()
    assert deleted == {**made["team"], "member_count": 4}
    tenant.agent.request("DELETE", path, expect=404)
    enter(sql, "any")
    assert [counted(sql, table, which) for table in TABLES] == [0] * len(TABLES)


def test_nobody_creates_a_team_in_the_name_of_another(tenant: Tenant, sql: Sql) -> None:
    insert = "INSERT INTO identity.teams (tenant_id, name, created_by_id) VALUES (%s, 'x', %s)"
    for actor, creator in (
        (tenant.users["agent"], tenant.users["agent2"]),
        (tenant.users["agent"], None),
        ("", None),
        ("", tenant.users["agent"]),
    ):
        enter(sql, actor)
        with pytest.raises(DatabaseError, match="created by the user who acts"):
            sql.execute(insert, [tenant.id, creator])
        sql.rollback()


def test_another_writer_makes_a_private_team_in_one_transaction(tenant: Tenant, sql: Sql) -> None:
    agent, [ann] = tenant.users["agent"], people(tenant, 1)
    enter(sql, agent)
    which = new_id()
    sql.execute(
        "INSERT INTO identity.teams (tenant_id, id, name, is_private, created_by_id)"
        " VALUES (%s, %s, 'x', true, %s)",
        [tenant.id, which, agent],
    )
    insert = (
        "INSERT INTO identity.team_members (tenant_id, team_id, user_id, is_admin, permissions)"
        " VALUES (%s, %s, %s, %s, '{}')"
    )
    sql.execute(insert, [tenant.id, which, agent, True])
    sql.execute(insert, [tenant.id, which, ann, False])
    sql.commit()
    shown = tenant.agent.get(f"/v1/teams/{which}")
    assert (shown["member_count"], shown["admin_count"]) == (2, 1)


def test_a_service_changes_teams_only_if_it_may_manage_them(tenant: Tenant) -> None:
    which = team_id(tenant.agent, is_private=True)
    narrow = key_with(tenant, "teams:read", "teams:write")
    body = {"name": "Mine"}
    for refused in (
        narrow.request("POST", "/v1/teams", body),
        narrow.request("PATCH", f"/v1/teams/{which}", body),
        narrow.request("DELETE", f"/v1/teams/{which}"),
        narrow.request("POST", f"/v1/teams/{which}/members", {"user_ids": people(tenant, 1)}),
        narrow.request("DELETE", f"/v1/teams/{which}/members/{tenant.users['agent']}"),
    ):
        assert refused.status_code == 403, refused.text
    managing = key_with(tenant, "teams:read", "teams:write", "teams:manage")
    assert managing.patch(f"/v1/teams/{which}", body)["name"] == "Mine"
    [ann] = people(tenant, 1)
    made = team(managing, ann, is_private=True)
    assert (made["team"]["created_by_id"], made["member_count"]) == (None, 1)
    assert not members(managing, made["team"]["id"])[ann]["is_admin"]
    tenant.agent.get(f"/v1/teams/{made['team']['id']}", expect=404)
    managing.request("DELETE", f"/v1/teams/{made['team']['public_id']}", expect=200)


# Hierarchy -------------------------------------------------------------------------------------------


def chain(api: Client, length: int) -> list[str]:
    """Teams, each below the one before."""
    made = [team_id(api)]
    while len(made) < length:
        made.append(team_id(api, parent_id=made[-1]))
    return made


def test_there_are_five_levels_of_teams_at_most(tenant: Tenant, sql: Sql) -> None:
    api = tenant.agent
    levels = chain(api, 5)
    body = {"name": "Sixth", "parent_id": levels[-1]}
    assert list(api.post("/v1/teams", body, expect=400)["errors"]) == ["parent_id"]
    two = chain(api, 2)
    for above, status in ((levels[3], 400), (levels[2], 200)):
        moved = api.patch(f"/v1/teams/{two[0]}", {"parent_id": above}, expect=status)
        assert moved.get("errors", {}).keys() == ({"parent_id"} if status == 400 else set())
    enter(sql, tenant.users["agent"])
    with pytest.raises(CheckViolation, match="five levels"):
        sql.execute("UPDATE identity.teams SET parent_id = %s WHERE id = %s", [levels[4], two[1]])


def test_no_team_is_below_itself(tenant: Tenant) -> None:
    api = tenant.agent
    levels = chain(api, 3)
    for above in levels:
        refused = api.patch(f"/v1/teams/{levels[0]}", {"parent_id": above}, expect=400)
        assert list(refused["errors"]) == ["parent_id"]
    assert api.patch(f"/v1/teams/{levels[2]}", {"parent_id": None})["parent_id"] is None


def test_of_two_teams_put_below_each_other_at_once_one_stays(tenant: Tenant) -> None:
    api = tenant.agent
    for _ in range(5):
        pair = [team_id(api), team_id(api)]
        clients = [tenant.acting("agent"), tenant.acting("agent")]

        def put(n: int, pair: list[str] = pair, clients: list[Client] = clients) -> int:
            body = {"parent_id": pair[1 - n]}
            return clients[n].request("PATCH", f"/v1/teams/{pair[n]}", body).status_code

        assert sorted(at_once(2, put)) == [200, 400]


def test_the_levels_count_also_teams_that_one_does_not_see(tenant: Tenant) -> None:
    """Of a hierarchy that is private but for one team, whose permission one has."""
    levels = chain(tenant.service, 4)
    add(tenant.service, levels[-1], tenant.users["agent"], permissions=["edit-team"])
    for which in levels[:3]:
        tenant.service.patch(f"/v1/teams/{which}", {"is_private": True})
    fifth = team_id(tenant.agent, parent_id=levels[-1])
    body = {"name": "Sixth", "parent_id": fifth}
    assert list(tenant.agent.post("/v1/teams", body, expect=400)["errors"]) == ["parent_id"]


def test_nobody_puts_a_team_below_one_that_is_not_theirs_to_change(tenant: Tenant) -> None:
    own, others = team_id(tenant.agent), team_id(tenant.acting("agent2"))
    hidden = team_id(tenant.acting("agent2"), is_private=True)
    for above in (others, hidden, new_id()):
        tenant.agent.patch(f"/v1/teams/{own}", {"parent_id": above}, expect=403)
        tenant.agent.post("/v1/teams", {"name": "x", "parent_id": above}, expect=403)
    tenant.service.patch(f"/v1/teams/{own}", {"parent_id": others})


# Permissions -----------------------------------------------------------------------------------------


def test_the_permissions_are_those_of_the_database(owner: Any) -> None:
    [check] = owner.execute(
        "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint"
        " WHERE conname = 'team_members_permissions_check'"
    ).fetchall()
    assert "{" + ",".join(PERMISSIONS) + "}" in check["text"]
    assert list(PERMISSIONS) == DEFAULT_ADMIN_PERMISSIONS
    [function] = owner.execute(
        "SELECT pg_get_functiondef('identity.require_membership()'::regprocedure) AS text"
    ).fetchall()
    assert "{" + ",".join(DEFAULT_MEMBER_PERMISSIONS) + "}" in function["text"]


def test_a_person_is_found_by_either_id(tenant: Tenant) -> None:
    ann = person(tenant)
    which = team_id(tenant.agent, ann["id"])
    path = f"/v1/teams/{which}/members/{ann['public_id']}"
    assert tenant.agent.get(path)["user_id"] == ann["id"]
    assert tenant.agent.patch(path, {"is_admin": True})["is_admin"]
    assert (
        tenant.agent.request("DELETE", path, expect=200).json()["user_public_id"]
        == ann["public_id"]
    )
    tenant.agent.get(path, expect=404)
