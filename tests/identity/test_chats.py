"""Chats of teams: who takes part, and what each has read."""

from contextlib import nullcontext
from typing import Any

import pytest
from psycopg import DatabaseError
from psycopg.errors import ForeignKeyViolation

from tests.client import Tenant, new_id
from tests.identity.people_helpers import Sql, enter, participants, people, remove, team

OPEN = "INSERT INTO identity.chats (tenant_id, team_id) VALUES (%s, %s) RETURNING id"
TAKE_PART = (
    "INSERT INTO identity.chat_participants (tenant_id, team_id, chat_id, user_id)"
    " VALUES (%s, %s, %s, %s)"
)


def opened(sql: Sql, tenant: Tenant, team_id: str) -> str:
    [row] = sql.execute(OPEN, [tenant.id, team_id]).fetchall()
    return str(row["id"])


def test_the_chats_of_a_team_are_listed_newest_first(tenant: Tenant, sql: Sql) -> None:
    made = team(tenant.agent, is_private=True)
    which = made["team"]["id"]
    enter(sql, tenant.users["agent"], [which])
    more = [opened(sql, tenant, which) for _ in range(3)]
    sql.commit()
    for limit in (1, 2, 100):
        listed = tenant.agent.all(f"/v1/teams/{which}/chats", limit=limit)
        assert [c["id"] for c in listed] == [*more[::-1], made["chat"]["id"]]
    assert all(c["is_private"] for c in listed)
    tenant.agent.get(f"/v1/teams/{new_id()}/chats", expect=404)
    tenant.agent.get(f"/v1/chats/{new_id()}", expect=404)
    # Nobody takes part in it but those who were added.
    assert participants(tenant.agent, more[0]) == {}


def test_participants_are_listed_by_user_page_by_page(tenant: Tenant) -> None:
    creator, users = tenant.users["agent"], people(tenant, 4)
    chat = team(tenant.agent, *users)["chat"]["id"]
    for limit in (1, 2, 100):
        listed = tenant.agent.all(f"/v1/chats/{chat}/participants", limit=limit)
        assert [p["user_id"] for p in listed] == [creator, *users]


def test_a_participant_marks_a_chat_for_oneself(tenant: Tenant) -> None:
    agent, other = tenant.users["agent"], tenant.users["agent2"]
    chat = team(tenant.agent, other)["chat"]
    for _ in range(2):
        marked = tenant.agent.post(f"/v1/chats/{chat['public_id']}/unread", expect=200)
        assert (marked["user_id"], marked["has_unread"]) == (agent, True)
    found = participants(tenant.agent, chat["id"])
    assert {user: p["has_unread"] for user, p in found.items()} == {agent: True, other: False}
    assert not tenant.agent.post(f"/v1/chats/{chat['id']}/read", expect=200)["has_unread"]


def test_only_participants_mark_a_chat(tenant: Tenant) -> None:
    chat = team(tenant.agent)["chat"]["id"]
    for who in (tenant.acting("agent2"), tenant.service):
        assert who.post(f"/v1/chats/{chat}/read", expect=403)["code"] == "FORBIDDEN"
    tenant.agent.post(f"/v1/chats/{new_id()}/read", expect=404)


def test_what_one_has_read_nobody_else_says(tenant: Tenant, sql: Sql) -> None:
    other = tenant.users["agent2"]
    team(tenant.agent, other)
    update = "UPDATE identity.chat_participants SET has_unread = true WHERE user_id = %s"
    enter(sql, tenant.users["agent"])
    with pytest.raises(DatabaseError, match="only the participant says"):
        sql.execute(update, [other])
    sql.rollback()
    enter(sql, other)
    assert sql.execute(update, [other]).rowcount == 1


def test_only_who_may_write_chats_opens_them_and_says_who_takes_part(
    tenant: Tenant, sql: Sql
) -> None:
    agent, other, [ann] = tenant.users["agent"], tenant.users["agent2"], people(tenant, 1)
    made = team(tenant.agent, other, ann)
    which, chat = made["team"]["id"], made["chat"]["id"]
    path = f"/v1/teams/{which}/members/{other}"
    enter(sql, other)
    opened(sql, tenant, which)
    sql.execute("UPDATE identity.chats SET open_to_anyone_with_invite = true WHERE id = %s", [chat])
    sql.execute("DELETE FROM identity.chat_participants WHERE user_id = %s", [agent])
    sql.execute(TAKE_PART, [tenant.id, which, chat, agent])
    sql.rollback()

    tenant.agent.patch(path, {"permissions": ["run-resources"]})
    attempts: list[tuple[str, list[Any]]] = [
        (OPEN, [tenant.id, which]),
        ("UPDATE identity.chats SET open_to_anyone_with_invite = true WHERE id = %s", [chat]),
        ("DELETE FROM identity.chat_participants WHERE user_id = %s", [agent]),
        (TAKE_PART, [tenant.id, which, chat, other]),
    ]
    for actor in (other, tenant.users["viewer"], ""):
        for statement, arguments in attempts:
            enter(sql, actor)
            with pytest.raises(DatabaseError, match="write-chat"):
                sql.execute(statement.encode(), arguments)
            sql.rollback()
    # One may leave.
    enter(sql, other)
    left = sql.execute("DELETE FROM identity.chat_participants WHERE user_id = %s", [other])
    assert left.rowcount == 1


def test_nobody_opens_a_chat_in_the_name_of_another(tenant: Tenant, sql: Sql) -> None:
    agent, viewer = tenant.users["agent"], tenant.users["viewer"]
    which = team(tenant.agent, viewer)["team"]["id"]
    insert = "INSERT INTO identity.chats (tenant_id, team_id, created_by_id) VALUES (%s, %s, %s)"
    for actor, creator, is_refused in ((agent, viewer, True), (agent, agent, False)):
        enter(sql, actor)
        with pytest.raises(DatabaseError, match="who acts") if is_refused else nullcontext():
            sql.execute(insert, [tenant.id, which, creator])
        sql.rollback()


def test_only_members_take_part_in_the_chats_of_their_team(tenant: Tenant, sql: Sql) -> None:
    [ann] = people(tenant, 1)
    first, second = team(tenant.agent, ann), team(tenant.agent)
    for of, chat, user in (
        (second["team"]["id"], second["chat"]["id"], ann),
        (first["team"]["id"], second["chat"]["id"], ann),
    ):
        enter(sql, tenant.users["agent"])
        with pytest.raises(ForeignKeyViolation):
            sql.execute(TAKE_PART, [tenant.id, of, chat, user])
        sql.rollback()


def test_who_leaves_a_team_leaves_all_its_chats(tenant: Tenant, sql: Sql) -> None:
    [ann] = people(tenant, 1)
    made = team(tenant.agent, ann)
    which = made["team"]["id"]
    enter(sql, tenant.users["agent"])
    second = opened(sql, tenant, which)
    sql.execute(TAKE_PART, [tenant.id, which, second, ann])
    sql.commit()
    assert participants(tenant.agent, second)[ann]["has_unread"]
    remove(tenant.agent, which, ann)
    assert ann not in participants(tenant.agent, made["chat"]["id"])
    assert participants(tenant.agent, second) == {}
