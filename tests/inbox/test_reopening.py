"""What a message does to the status of its conversation, and when it asks for a draft."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant


def status_of(api: Client, received: dict[str, Any]) -> str:
    found: str = api.get(f"/v1/conversations/{received['conversation_id']}")["status"]
    return found


def in_status(tenant: Tenant, status: str) -> str:
    """The external id of a conversation in this status."""
    ticket = uuid4().hex
    received = tenant.receive(ticket, status="closed" if status == "closed" else None)
    if status == "archived":
        tenant.service.post(f"/v1/conversations/{received['conversation_id']}/archive")
    assert status_of(tenant.service, received) == status
    return ticket


def test_a_conversation_is_what_it_is_upstream(tenant: Tenant, api: Client) -> None:
    ticket = uuid4().hex
    for status in ("open", "closed", "closed", "open"):
        received = tenant.receive(ticket, status=status)
        assert received["conversation_status"] == status
        assert status_of(api, received) == status


@pytest.mark.parametrize("before", ["open", "closed", "archived"])
@pytest.mark.parametrize("upstream", [None, "open", "closed"])
@pytest.mark.parametrize("direction", ["inbound", "outbound", "system"])
def test_a_new_message_finds_the_right_status_and_asks_for_a_draft_only_if_one_is_due(
    tenant: Tenant, before: str, upstream: str | None, direction: str
) -> None:
    received = tenant.receive(in_status(tenant, before), direction=direction, status=upstream)
    if upstream is not None:
        expected = upstream
    elif direction == "inbound":
        expected = "open"
    else:
        # The archive keeps no bodies, so a conversation with a new one is no longer in it.
        expected = {"archived": "closed"}.get(before, before)
    assert received["created"]
    assert received["conversation_status"] == expected
    assert status_of(tenant.service, received) == expected
    asked = direction == "inbound" and expected == "open"
    assert (received["job_id"] is not None) == asked
    jobs = tenant.service.all("/v1/jobs", type="draft", status="queued")
    due = {job["payload"]["message_id"] for job in jobs}
    assert (received["message_id"] in due) == asked


@pytest.mark.parametrize("now", ["closed", "archived"])
def test_a_known_message_changes_nothing(tenant: Tenant, api: Client, now: str) -> None:
    ticket, known = uuid4().hex, "MESSAGE-1"
    received = tenant.receive(ticket, external_id=known, subject="First")
    path = f"/v1/conversations/{received['conversation_id']}"
    if now == "closed":
        api.patch(path, {"status": "closed"})
    else:
        api.post(f"{path}/archive")
    before = api.get(path), api.all(f"{path}/messages"), api.all("/v1/jobs"), api.all("/v1/events")
    again = tenant.receive(
        ticket,
        external_id=known,
        status="open",
        subject="Second",
        customer_name="Another",
        metadata={"another": True},
    )
    assert again == received | {"created": False, "job_id": None, "conversation_status": now}
    assert before == (
        api.get(path),
        api.all(f"{path}/messages"),
        api.all("/v1/jobs"),
        api.all("/v1/events"),
    )


def test_the_first_subject_and_the_latest_customer_are_kept(tenant: Tenant, api: Client) -> None:
    tenant.receive("T", subject="Order", customer_name="Pat", customer_email="pat@example.com")
    tenant.receive("T", subject="Re: Order", customer_name="Pat P.")
    received = tenant.receive("T")
    found = api.get(f"/v1/conversations/{received['conversation_id']}")
    assert found["subject"] == "Order"
    assert found["customer_name"] == "Pat P."
    assert found["customer_email"] == "pat@example.com"


def test_a_conversation_knows_its_latest_message_in_whatever_order_they_come(
    tenant: Tenant, api: Client
) -> None:
    times = [f"2026-01-0{day}T00:00:00+00:00" for day in (3, 1, 5, 4)]
    directions = ("inbound", "inbound", "outbound", "inbound")
    for sent_at, direction in zip(times, directions, strict=True):
        received = tenant.receive("T", sent_at=sent_at, direction=direction)
    found = api.get(f"/v1/conversations/{received['conversation_id']}")
    assert found["last_message_at"] == times[2]
    assert found["last_inbound_at"] == times[3]
    assert found["revision"] == 1


def test_no_writer_adds_a_body_to_an_archived_conversation(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive("T")
    tenant.service.post(f"/v1/conversations/{received['conversation_id']}/archive")
    with pytest.raises(psycopg.Error, match="takes no messages") as refused:
        sql.execute(
            "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text)"
            " VALUES (%s, %s, 'outbound', 'text')",
            [tenant.id, received["conversation_id"]],
        )
    assert refused.value.sqlstate == "DR001"


# Late messages ------------------------------------------------------------------------------------------

LONG_AGO = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("upstream", [None, "open", "closed"])
@pytest.mark.parametrize("before", ["open", "closed", "archived"])
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_message_that_comes_late_changes_no_status(
    tenant: Tenant, before: str, upstream: str | None, direction: str
) -> None:
    ticket = in_status(tenant, before)
    late = tenant.receive(ticket, direction=direction, status=upstream, sent_at=LONG_AGO)
    # The archive keeps no bodies, so a conversation with one is no longer in it.
    assert late["conversation_status"] == {"archived": "closed"}.get(before, before)
    assert status_of(tenant.service, late) == late["conversation_status"]
    assert (late["job_id"] is not None) == (direction == "inbound" and before == "open")


def test_a_message_that_comes_late_overwrites_no_name(tenant: Tenant, api: Client) -> None:
    tenant.receive("T", customer_name="Pat P.")
    late = tenant.receive(
        "T", customer_name="Pat", customer_email="pat@example.com", sent_at=LONG_AGO
    )
    found = api.get(f"/v1/conversations/{late['conversation_id']}")
    # What nobody had told yet is told.
    assert (found["customer_name"], found["customer_email"]) == ("Pat P.", "pat@example.com")


def test_a_message_that_comes_late_is_not_the_latest_in_the_feed(
    tenant: Tenant, api: Client
) -> None:
    first = tenant.receive("T", body_text="Now", sent_at="2026-02-01T00:00:00Z")
    other = tenant.receive("U", sent_at="2026-01-15T00:00:00Z")
    late = tenant.receive("T", body_text="Before", sent_at=LONG_AGO)
    items = api.get("/v1/drafts/feed")["items"]
    assert [item["message"]["id"] for item in items] == [first["message_id"], other["message_id"]]
    assert items[0]["last_inbound_at"] == "2026-02-01T00:00:00+00:00"
    # It is what came last, nevertheless: nobody has seen it yet.
    assert items[0]["last_message_id"] == late["message_id"]


def test_a_message_without_a_time_is_never_late(tenant: Tenant) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=20)).isoformat()
    tenant.receive("T", sent_at=ahead, status="closed")
    assert tenant.receive("T")["conversation_status"] == "open"


def test_the_message_that_came_last_is_known_whoever_writes(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive("T")
    path = f"/v1/conversations/{received['conversation_id']}"
    assert api.get(path)["last_message_id"] == received["message_id"]
    row = sql.execute(
        "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text, sent_at)"
        " VALUES (%s, %s, 'system', 'text', %s) RETURNING id::text",
        [tenant.id, received["conversation_id"], LONG_AGO],
    ).fetchone()
    sql.commit()
    assert row
    assert api.get(path)["last_message_id"] == row["id"]
