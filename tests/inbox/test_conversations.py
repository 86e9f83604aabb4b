"""Conversations and their messages: found, ordered, changed; and the timeline that tells what happened."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def path_of(received: dict[str, Any]) -> str:
    return f"/v1/conversations/{received['conversation_id']}"


def test_conversations_are_listed_both_ways_by_each_filter(tenant: Tenant, api: Client) -> None:
    made = [
        tenant.receive(
            f"T-{n}",
            channel_type="chat" if n % 2 else "email",
            status="closed" if n % 3 == 0 else None,
        )["conversation_id"]
        for n in range(7)
    ]
    twin = tenant.receive("T-3", channel_type="slack", status="closed")["conversation_id"]
    everything = [*made, twin]

    for limit in (1, 3, 100):
        assert ids(api.all("/v1/conversations", limit=limit)) == everything[::-1]
        assert ids(api.all("/v1/conversations", limit=limit, order="asc")) == everything
        closed = [made[0], made[3], made[6], twin]
        found = api.all("/v1/conversations", limit=limit, status="closed")
        assert ids(found) == closed[::-1]
        found = api.all("/v1/conversations", limit=limit, status="closed", order="asc")
        assert ids(found) == closed
        found = api.all("/v1/conversations", limit=limit, external_id="T-3")
        assert ids(found) == [twin, made[3]]
        found = api.all("/v1/conversations", limit=limit, external_id="T-3", order="asc")
        assert ids(found) == [made[3], twin]
        chats = {"channel_id": api.get(f"/v1/conversations/{made[1]}")["channel_id"]}
        assert ids(api.all("/v1/conversations", limit=limit, **chats)) == made[5::-2]
        assert ids(api.all("/v1/conversations", limit=limit, order="asc", **chats)) == made[1::2]
    assert api.all("/v1/conversations", external_id="T-3", status="open") == []
    assert api.all("/v1/conversations", external_id="t-3") == []
    assert api.all("/v1/conversations", status="archived") == []


def test_a_list_refuses_filters_it_does_not_have_and_cursors_of_others(
    tenant: Tenant, api: Client
) -> None:
    for n in range(2):
        tenant.receive(f"T-{n}")
    for name, value in {"status": "new", "order": "up", "external_id": "", "limit": "x"}.items():
        refused = api.get("/v1/conversations", expect=400, params={name: value})
        assert list(refused["errors"]) == [name]
    api.get("/v1/conversations", expect=400, params={"subject": "x"})
    both = {"channel_id": str(UUID(int=1)), "status": "open"}
    assert api.get("/v1/conversations", expect=400, params=both)["errors"] == {
        "channel_id": ["cannot be used together with status"],
        "status": ["cannot be used together with channel_id"],
    }
    cursor = api.get("/v1/conversations", params={"limit": 1})["next_cursor"]
    for other in ({"status": "open"}, {"order": "asc"}, {"external_id": "T-0"}):
        refused = api.get("/v1/conversations", expect=400, params={"cursor": cursor, **other})
        assert list(refused["errors"]) == ["cursor"]


def test_another_tenants_conversation_is_not_there(new_tenant: Callable[[], Tenant]) -> None:
    mine, other = new_tenant(), new_tenant()
    received = other.receive("T")
    draft = other.draft(received["conversation_id"])
    path = path_of(received)
    for found in (path, f"{path}/messages", f"{path}/timeline", f"{path}/drafts"):
        mine.service.get(found, expect=404)
    mine.service.get(f"/v1/messages/{received['message_id']}", expect=404)
    mine.service.get(f"/v1/drafts/{draft['id']}", expect=404)
    mine.service.patch(path, {"subject": "Mine"}, expect=404)
    mine.service.post(f"{path}/archive", expect=404)
    assert other.service.get(path)["status"] == "open"
    unknown = f"/v1/conversations/{uuid4()}"
    for found in (unknown, f"{unknown}/messages", f"{unknown}/timeline"):
        mine.service.get(found, expect=404)


def test_a_change_counts_a_revision_and_needs_the_present_one(tenant: Tenant, api: Client) -> None:
    path = path_of(tenant.receive("T", subject="Order", customer_name="Pat"))
    response = api.request("GET", path, expect=200)
    assert response.headers["ETag"] == '"1"'
    assert response.json()["revision"] == 1

    changes = {"status": "closed", "subject": None, "customer_email": "pat@example.com"}
    response = api.request("PATCH", path, changes, headers={"If-Match": '"1"'}, expect=200)
    assert response.headers["ETag"] == '"2"'
    changed = response.json()
    assert {k: changed[k] for k in changes} == changes
    assert changed["customer_name"] == "Pat"
    assert api.get(path) == changed

    stale = api.patch(path, {"subject": "Lost"}, expect=412, headers={"If-Match": '"1"'})
    assert stale["code"] == "STALE"
    assert api.get(path) == changed
    for match in ("*", '"2"', 'W/"2"'):
        assert api.patch(path, {}, headers={"If-Match": match}) == changed
    assert api.patch(path, {"subject": "New"})["revision"] == 3
    api.patch(path, {}, expect=412, headers={"If-Match": '"x"'})


def test_of_changes_at_once_to_one_revision_one_is_made(tenant: Tenant, api: Client) -> None:
    path = path_of(tenant.receive("T"))

    def change(n: int) -> int:
        body = {"subject": f"Subject {n}"}
        return api.request("PATCH", path, body, headers={"If-Match": '"1"'}).status_code

    assert sorted(at_once(10, change)) == [200] + [412] * 9
    assert api.get(path)["revision"] == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "archived"),
        ("status", None),
        ("subject", "x" * 1001),
        ("subject", ""),
        ("customer_email", ""),
        ("customer_email", "x" * 321),
        ("customer_name", "x" * 201),
        ("external_id", "T-2"),
        ("draft_count", 7),
    ],
)
def test_a_wrong_change_is_refused_by_name(
    tenant: Tenant, api: Client, field: str, value: Any
) -> None:
    path = path_of(tenant.receive("T"))
    before = api.get(path)
    assert list(api.patch(path, {field: value}, expect=400)["errors"]) == [field]
    assert api.get(path) == before


def test_a_status_change_that_is_not_in_the_table_is_a_conflict(
    tenant: Tenant, api: Client, owner: psycopg.Connection[Any], sql: psycopg.Connection[Any]
) -> None:
    path = path_of(tenant.receive("T", status="closed"))
    archived = tenant.receive("A")
    api.post(f"{path_of(archived)}/archive")
    with pytest.raises(psycopg.Error, match="cannot go from new to archived") as refused:
        sql.execute(
            "INSERT INTO inbox.conversations (tenant_id, channel_id, external_id, status)"
            " VALUES (%s, %s, 'T-2', 'archived')",
            [tenant.id, archived["channel_id"]],
        )
    assert refused.value.sqlstate == "DR001"
    assert api.post(f"{path_of(archived)}/archive", expect=409)["code"] == "CONFLICT"
    assert api.patch(path_of(archived), {"status": "open"})["status"] == "open"
    for status in ("open", "open", "closed", "closed"):
        assert api.patch(path, {"status": status})["status"] == status
    # Every other change is in the table for this entity.
    legal = owner.execute(
        "SELECT from_status, to_status FROM operations.status_transitions"
        " WHERE entity = 'inbox.conversations'"
    ).fetchall()
    assert {("new", "archived")} == {
        (one, other)
        for one in ("new", "open", "closed", "archived")
        for other in ("open", "closed", "archived")
        if one != other and {"from_status": one, "to_status": other} not in legal
    }


def test_messages_are_listed_both_ways_by_the_time_they_were_sent(
    tenant: Tenant, api: Client
) -> None:
    # Two of them at the same time; they come in another order than they were sent.
    days = (3, 1, 2, 2, 5, 4)
    received = [
        tenant.receive("T", sent_at=datetime(2026, 1, day, tzinfo=UTC).isoformat()) for day in days
    ]
    made = sorted(zip(days, [r["message_id"] for r in received], strict=True))
    oldest_first = [message_id for _, message_id in made]
    path = f"{path_of(received[0])}/messages"
    for limit in (1, 2, 100):
        assert ids(api.all(path, limit=limit, order="asc")) == oldest_first
        assert ids(api.all(path, limit=limit)) == oldest_first[::-1]
    api.get(path, expect=400, params={"order": "up"})


def test_messages_of_one_moment_are_each_seen_once(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive("T", sent_at="2026-01-01T00:00:00Z")
    sql.execute(
        "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text, sent_at)"
        " SELECT %s, %s, 'system', n::text, '2026-01-01T00:00:00Z' FROM generate_series(1, 249) n"
        " RETURNING id",
        [tenant.id, received["conversation_id"]],
    )
    sql.commit()
    path = f"{path_of(received)}/messages"
    oldest_first = ids(api.all(path, limit=7, order="asc"))
    assert len(oldest_first) == len(set(oldest_first)) == 250
    assert ids(api.all(path, limit=7)) == oldest_first[::-1]
    assert ids(api.all(f"{path_of(received)}/timeline", limit=7)) == oldest_first


def test_the_timeline_tells_what_happened_in_order(tenant: Tenant, api: Client) -> None:
    received = tenant.receive("T", body_text="Question", subject="Order", external_id="M-1")
    conversation = received["conversation_id"]
    first = tenant.draft(conversation, trigger_message_id=received["message_id"])
    second = tenant.draft(conversation, suggested_text="Second.")
    tenant.agent.post(f"/v1/drafts/{second['id']}/reject", {"reason": "No."})
    third = tenant.draft(conversation, suggested_text="Third.")
    edit = {"mode": "now", "final_text": "Third, better."}
    decision = tenant.agent.post(f"/v1/drafts/{third['id']}/edit", edit)
    [reply] = tenant.claim()
    confirmation = {"lease_id": reply["lease_id"], "external_id": "OUT-1"}
    sent = api.post(f"/v1/scheduled-replies/{reply['id']}/confirm", confirmation)
    # A message that came late stands where it was sent.
    late = tenant.receive("T", body_text="Hello?", sent_at="2026-01-01T00:00:00Z")

    path = f"{path_of(received)}/timeline"
    earliest, *items = whole = api.all(path)
    assert (earliest["id"], earliest["data"]["body_text"]) == (late["message_id"], "Hello?")
    told = [
        (item["kind"], item["data"].get("status") or item["data"].get("type")) for item in items
    ]
    assert told == [
        ("message", None),
        ("draft", "superseded"),
        ("draft", "rejected"),
        ("action", "reject"),
        ("draft", "sent"),
        ("action", "edit"),
        ("delivery", "sent"),
        ("message", None),
    ]
    assert ids(items)[:3] == [received["message_id"], first["id"], second["id"]]
    assert ids(items)[4:8] == [
        third["id"],
        decision["action"]["id"],
        reply["id"],
        sent["message_id"],
    ]
    assert items[0]["data"]["body_text"] == "Question"
    assert items[1]["data"]["superseded_by_id"] == second["id"]
    assert items[3]["data"]["reason"] == "No."
    assert items[5]["data"]["final_text"] == "Third, better."
    assert items[6]["data"]["external_id"] == "OUT-1"
    assert items[7]["data"]["direction"] == "outbound"
    assert [item["at"] for item in items] == sorted(item["at"] for item in items)
    for limit in (1, 2, 5):
        assert api.all(path, limit=limit) == whole
