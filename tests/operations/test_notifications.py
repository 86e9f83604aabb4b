"""Notifications: for one person or for everyone, read and unread."""

from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant


@pytest.fixture
def notifications(tenant: Tenant, sql: psycopg.Connection[Any]) -> dict[str, str]:
    """Ids of three notifications, by for whom they are; each newer than the one before."""
    found = {}
    for name, user in (("everyone", None), ("agent", "agent"), ("agent2", "agent2")):
        [row] = sql.execute(
            "INSERT INTO operations.notifications (tenant_id, user_id, type, payload)"
            " VALUES (%s, %s, 'draft_ready', '{\"a\": 1}') RETURNING id",
            [tenant.id, user and tenant.users[user]],
        ).fetchall()
        sql.commit()
        found[name] = str(row["id"])
    return found


def seen(api: Client, **params: Any) -> list[str]:
    return [item["id"] for item in api.all("/v1/notifications", **params)]


def test_people_see_what_is_for_them_or_for_everyone(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    n = notifications
    assert seen(tenant.agent) == [n["agent"], n["everyone"]]
    assert seen(tenant.agent, limit=1) == [n["agent"], n["everyone"]]
    assert seen(tenant.acting("agent2")) == [n["agent2"], n["everyone"]]
    for api in (tenant.acting("admin"), tenant.acting("viewer"), tenant.service):
        assert seen(api) == [n["everyone"]]


def test_what_is_for_somebody_else_is_not_there(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    for api in (tenant.agent, tenant.acting("admin"), tenant.service):
        for what in ("read", "unread"):
            api.post(f"/v1/notifications/{notifications['agent2']}/{what}", expect=404)
    assert seen(tenant.acting("agent2"), unread="true")[0] == notifications["agent2"]


def test_reading_takes_it_from_the_unread_ones_and_unreading_puts_it_back(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    agent, n = tenant.agent, notifications
    path = f"/v1/notifications/{n['agent']}"
    read = agent.post(f"{path}/read", expect=200)
    assert read["read_at"]
    assert agent.post(f"{path}/read", expect=200) == read
    assert seen(agent, unread="true") == [n["everyone"]]
    assert seen(agent, unread="false") == seen(agent) == [n["agent"], n["everyone"]]
    unread = agent.post(f"{path}/unread", expect=200)
    assert unread["read_at"] is None
    assert agent.post(f"{path}/unread", expect=200) == unread
    assert seen(agent, unread="true", limit=1) == [n["agent"], n["everyone"]]


def test_what_is_for_everyone_is_read_for_everyone(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    n = notifications
    tenant.acting("viewer").post(f"/v1/notifications/{n['everyone']}/read", expect=200)
    assert seen(tenant.agent, unread="true") == [n["agent"]]
    assert seen(tenant.acting("admin"), unread="true") == []


def test_nobody_is_notified_who_is_not_of_the_tenant(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        sql.execute(
            "INSERT INTO operations.notifications (tenant_id, user_id, type)"
            " VALUES (%s, gen_random_uuid(), 'draft_ready')",
            [tenant.id],
        )
