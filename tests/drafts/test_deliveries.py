"""Deliveries: claimed once, sent only when confirmed, never tried blindly again."""

from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Tenant, at_once


def report(tenant: Tenant, reply: dict[str, Any], what: str, **fields: Any) -> Any:
    expect = fields.pop("expect", None)
    body = {"lease_id": reply["lease_id"], **fields}
    return tenant.service.post(f"/v1/scheduled-replies/{reply['id']}/{what}", body, expect=expect)


def make_due(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    """Lets the backoff pass."""
    sql.execute(
        """
        UPDATE drafts.scheduled_replies SET scheduled_for = now()
        WHERE tenant_id = %s AND status = 'scheduled'
        """,
        [tenant.id],
    )
    sql.commit()


def test_each_reply_is_claimed_by_one_worker(tenant: Tenant) -> None:
    approved = [tenant.approved() for _ in range(30)]

    claims = at_once(8, lambda n: tenant.claim(worker=f"poster-{n}", limit=5))
    claims += [tenant.claim() for _ in range(2)]

    claimed = [reply["draft_id"] for reply in chain.from_iterable(claims)]
    assert sorted(claimed) == sorted(decision["id"] for decision in approved)


def test_a_claim_has_all_that_is_needed_to_send(tenant: Tenant) -> None:
    received = tenant.receive("TICKET-1", external_id="MSG-1", customer_email="pat@example.com")
    tenant.approved(
        conversation_id=received["conversation_id"], trigger_message_id=received["message_id"]
    )
    [reply] = tenant.claim()
    assert reply["channel_type"] == "email"
    assert reply["channel_external_id"] == "mailbox"
    assert reply["conversation_external_id"] == "TICKET-1"
    assert reply["in_reply_to_external_id"] == "MSG-1"
    assert reply["customer_email"] == "pat@example.com"
    assert reply["final_text"] == "It is on its way."


def test_only_confirmation_makes_the_draft_sent_and_the_message(tenant: Tenant) -> None:
    decision = tenant.approved()
    messages = f"/v1/conversations/{decision['conversation_id']}/messages"
    [reply] = tenant.claim()
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "approved"
    assert [m["direction"] for m in tenant.service.get(messages)["items"]] == ["inbound"]

    sent_at = datetime.now(UTC)
    sent = report(tenant, reply, "confirm", external_id="OUT-1", sent_at=sent_at.isoformat())

    assert (sent["status"], sent["external_id"]) == ("sent", "OUT-1")
    assert datetime.fromisoformat(sent["sent_at"]) == sent_at
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "sent"
    [outbound] = [m for m in tenant.service.get(messages)["items"] if m["direction"] == "outbound"]
    assert outbound["id"] == sent["message_id"]
    assert (outbound["external_id"], outbound["body_text"]) == ("OUT-1", "It is on its way.")


def test_a_confirmation_can_be_repeated_but_not_changed(tenant: Tenant) -> None:
    decision = tenant.approved()
    [reply] = tenant.claim()
    first = report(tenant, reply, "confirm", external_id="OUT-1")
    assert report(tenant, reply, "confirm", external_id="OUT-1") == first
    report(tenant, reply, "confirm", external_id="OUT-2", expect=409)
    report(tenant, reply, "fail", outcome="not_sent", error="late", expect=409)
    timeline = tenant.service.get(f"/v1/conversations/{decision['conversation_id']}/timeline")
    assert [i["data"]["direction"] for i in timeline["items"] if i["kind"] == "message"] == [
        "inbound",
        "outbound",
    ]


def test_of_twenty_confirmations_at_once_one_message_comes(tenant: Tenant) -> None:
    decision = tenant.approved()
    [reply] = tenant.claim()
    answers = at_once(20, lambda _: report(tenant, reply, "confirm", external_id="OUT-1"))
    assert len({answer["message_id"] for answer in answers}) == 1
    messages = tenant.service.get(f"/v1/conversations/{decision['conversation_id']}/messages")
    assert len(messages["items"]) == 2


def test_a_message_that_the_channel_told_of_first_is_taken(tenant: Tenant) -> None:
    received = tenant.receive("TICKET-1")
    tenant.approved(conversation_id=received["conversation_id"])
    [reply] = tenant.claim()
    echo = tenant.receive("TICKET-1", direction="outbound", external_id="OUT-1")
    assert report(tenant, reply, "confirm", external_id="OUT-1")["message_id"] == echo["message_id"]


def test_what_was_not_sent_is_tried_again_later_each_time_until_it_fails(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    decision = tenant.approved()
    delays = []
    for attempt in range(1, 5):
        [reply] = tenant.claim()
        assert reply["attempts"] == attempt
        failed = report(tenant, reply, "fail", outcome="not_sent", error=f"refused {attempt}")
        assert (failed["status"], failed["error"]) == ("scheduled", f"refused {attempt}")
        assert tenant.claim() == []
        due = datetime.fromisoformat(failed["scheduled_for"])
        delays.append((due - datetime.fromisoformat(failed["updated_at"])).total_seconds())
        make_due(tenant, sql)
    for attempt, delay in enumerate(delays):
        assert 30 * 2**attempt * 0.8 <= delay <= 30 * 2**attempt * 1.2

    [reply] = tenant.claim()
    failed = report(tenant, reply, "fail", outcome="not_sent", error="refused for good")
    assert failed["status"] == "failed"
    [notification] = tenant.agent.get("/v1/notifications")["items"][:1]
    assert notification["type"] == "delivery_failed"
    assert notification["payload"]["draft_id"] == decision["id"]
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "approved"

    again = tenant.agent.post(f"/v1/scheduled-replies/{reply['id']}/schedule", {"mode": "now"})
    assert (again["status"], again["attempts"], again["error"]) == ("scheduled", 0, None)
    [retried] = tenant.claim()
    report(tenant, retried, "confirm", external_id="OUT-1")


def test_an_unknown_outcome_waits_for_a_person(tenant: Tenant) -> None:
    decision = tenant.approved()
    [reply] = tenant.claim()
    unknown = report(tenant, reply, "fail", outcome="unknown", error="timeout after sending")
    path = f"/v1/scheduled-replies/{reply['id']}"

    assert unknown["status"] == "unknown"
    assert tenant.claim() == []
    assert tenant.agent.get("/v1/notifications")["items"][0]["type"] == "delivery_unknown"
    tenant.agent.post(f"{path}/schedule", {"mode": "now"}, expect=409)
    tenant.agent.post(f"{path}/cancel", expect=409)
    tenant.service.post(f"{path}/resolve", {"outcome": "not_sent"}, expect=403)

    resolved = tenant.agent.post(f"{path}/resolve", {"outcome": "sent", "external_id": "OUT-1"})
    assert resolved["status"] == "sent"
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "sent"
    tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"}, expect=409)


def test_an_unknown_reply_that_was_not_sent_is_held(tenant: Tenant) -> None:
    tenant.approved()
    [reply] = tenant.claim()
    report(tenant, reply, "fail", outcome="unknown", error="timeout")
    path = f"/v1/scheduled-replies/{reply['id']}"
    assert tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"})["status"] == "held"
    assert tenant.claim() == []
    tenant.agent.post(f"{path}/schedule", {"mode": "now"})
    assert [claimed["id"] for claimed in tenant.claim()] == [reply["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": "sent"},
        {"outcome": "not_sent", "external_id": "OUT-1"},
        {"outcome": "maybe"},
    ],
)
def test_a_resolution_must_be_consistent(tenant: Tenant, body: dict[str, Any]) -> None:
    tenant.approved()
    [reply] = tenant.claim()
    report(tenant, reply, "fail", outcome="unknown", error="timeout")
    tenant.agent.post(f"/v1/scheduled-replies/{reply['id']}/resolve", body, expect=400)


def test_a_claimed_reply_cannot_be_taken_back(tenant: Tenant) -> None:
    tenant.approved()
    [reply] = tenant.claim()
    path = f"/v1/scheduled-replies/{reply['id']}"
    problem = tenant.agent.post(f"{path}/cancel", expect=409)
    assert problem["current"]["status"] == "claimed"
    tenant.agent.post(f"{path}/schedule", {"mode": "hold"}, expect=409)


def test_a_cancelled_reply_is_never_claimed(tenant: Tenant) -> None:
    reply = tenant.approved()["scheduled_reply"]
    path = f"/v1/scheduled-replies/{reply['id']}"
    held = tenant.agent.post(f"{path}/schedule", {"mode": "hold"})
    assert (held["status"], held["scheduled_for"]) == ("held", None)
    headers = {"If-Match": f'"{reply["revision"]}"'}
    tenant.agent.post(f"{path}/cancel", expect=412, headers=headers)
    assert tenant.agent.post(f"{path}/cancel")["status"] == "cancelled"
    assert tenant.claim() == []
    tenant.agent.post(f"{path}/schedule", {"mode": "now"}, expect=409)
    listed = tenant.service.all("/v1/scheduled-replies", status="cancelled")
    assert [r["id"] for r in listed] == [reply["id"]]


def test_reports_under_another_lease_or_on_nothing_are_refused(tenant: Tenant) -> None:
    tenant.approved()
    [reply] = tenant.claim()
    other = {**reply, "lease_id": str(uuid4())}
    for what, fields in (
        ("heartbeat", {}),
        ("confirm", {"external_id": "OUT-1"}),
        ("fail", {"outcome": "not_sent", "error": "e"}),
    ):
        assert report(tenant, other, what, **fields, expect=409)["current"]["status"] == "claimed"
        missing = {**reply, "id": str(uuid4())}
        report(tenant, missing, what, **fields, expect=404)


def test_another_writer_cannot_mark_a_reply_sent_without_its_message(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    tenant.approved()
    tenant.claim()
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(
            """
            UPDATE drafts.scheduled_replies
            SET status = 'sent', lease_expires_at = NULL
            WHERE tenant_id = %s
            """,
            [tenant.id],
        )
