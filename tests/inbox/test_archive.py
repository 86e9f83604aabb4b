"""Archiving removes every text of a conversation, and never one that is still to be sent."""

import json
from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant, at_once

MARK = "Xyzzy"  # in every text that must go
TABLES = (
    "inbox.channels inbox.conversations inbox.messages inbox.attachments drafts.drafts"
    " drafts.draft_actions drafts.scheduled_replies operations.jobs operations.notifications"
    " operations.events operations.idempotency_keys"
).split()


def marked(sql: psycopg.Connection[Any]) -> list[str]:
    """The tables that hold a marked text of the tenant, also within JSON."""
    sql.rollback()
    return [
        table
        for table in TABLES
        if sql.execute(f"SELECT 1 FROM {table} AS t WHERE t::text LIKE '%{MARK}%'").fetchall()
    ]


def path_of(received: dict[str, Any]) -> str:
    return f"/v1/conversations/{received['conversation_id']}"


def received_with_marks(tenant: Tenant) -> dict[str, Any]:
    return tenant.receive(
        "T", body_text=MARK, body_html=f"<p>{MARK}", metadata={"raw": [MARK]}, subject="Order"
    )


def drafted_with_marks(tenant: Tenant, received: dict[str, Any]) -> dict[str, Any]:
    return tenant.draft(
        received["conversation_id"],
        suggested_text=f"{MARK} suggested",
        suggested_html=f"<p>{MARK}",
        top_sources=[{"quote": MARK}],
    )


def test_archiving_leaves_no_text_but_the_learning_samples(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    received = received_with_marks(tenant)
    superseded = drafted_with_marks(tenant, received)
    rejected = drafted_with_marks(tenant, received)
    tenant.agent.post(f"/v1/drafts/{rejected['id']}/reject", {"reason": "No."})
    sent = drafted_with_marks(tenant, received)
    edit = {"mode": "now", "final_text": f"{MARK} edited", "final_html": f"<p>{MARK} edited"}
    tenant.agent.post(f"/v1/drafts/{sent['id']}/edit", edit)
    [claimed] = tenant.claim()
    confirmation = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}
    reply = api.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", confirmation)
    pending = drafted_with_marks(tenant, received)
    attachment = {"mime_type": "text/plain", "size_bytes": 1, "object_key": "k", "file_name": "f"}
    api.post(f"/v1/messages/{received['message_id']}/attachments", attachment)
    [sample] = api.all("/v1/learning-samples")
    before = {"inbox.messages", "drafts.drafts", "drafts.draft_actions", "drafts.scheduled_replies"}
    assert set(marked(sql)) == before

    archived = api.post(f"{path_of(received)}/archive")
    assert archived["status"] == "archived"
    assert marked(sql) == []
    assert [sample] == api.all("/v1/learning-samples")
    assert sample["suggested_text"] == f"{MARK} suggested"
    assert sample["final_text"] == f"{MARK} edited"

    # What happened is still told.
    assert archived["subject"] == "Order"
    statuses = {
        superseded["id"]: "superseded",
        rejected["id"]: "rejected",
        sent["id"]: "sent",
        pending["id"]: "superseded",
    }
    for draft_id, status in statuses.items():
        found = api.get(f"/v1/drafts/{draft_id}")
        assert (found["status"], found["suggested_text"]) == (status, None)
        assert found["top_sources"] == []
        assert found["redacted_at"]
    messages = api.all(f"{path_of(received)}/messages", order="asc")
    assert [(m["direction"], m["external_id"]) for m in messages][1] == ("outbound", "OUT-1")
    assert {m["metadata"] == {} and m["body_text"] is None for m in messages} == {True}
    found = api.get(f"/v1/scheduled-replies/{reply['id']}")
    assert (found["status"], found["external_id"]) == ("sent", "OUT-1")
    timeline = api.all(f"{path_of(received)}/timeline")
    assert len(timeline) == 2 + 4 + 2 + 1
    events = api.all("/v1/events")
    assert MARK not in json.dumps(events)
    assert {"status": ["open", "archived"]} in [event["changes"] for event in events]


def test_archiving_cancels_the_request_for_a_draft_and_refuses_one_under_way(
    tenant: Tenant, api: Client
) -> None:
    first, other = tenant.receive("T"), tenant.receive("other")
    [running] = api.post("/v1/jobs/claim", {"type": "draft", "worker": "drafter"})["items"]
    assert running["id"] == first["job_id"]
    second = tenant.receive("T")
    api.post(f"{path_of(first)}/archive")
    assert api.get(f"/v1/jobs/{second['job_id']}")["status"] == "cancelled"
    assert api.get(f"/v1/jobs/{other['job_id']}")["status"] == "queued"

    draft = {"model_key": "m", "prompt_version": "v", "suggested_text": MARK}
    with_job = draft | {"job_id": running["id"], "lease_id": running["lease_id"]}
    for body in (draft, with_job):
        refused = api.post(f"{path_of(first)}/drafts", body, expect=409)
        assert refused["detail"] == "an archived conversation takes no drafts"
    assert api.all(f"{path_of(first)}/drafts") == []
    assert api.get(f"/v1/jobs/{running['id']}")["status"] == "running"


def test_an_archived_conversation_is_not_in_the_feed_until_a_message_reopens_it(
    tenant: Tenant, api: Client
) -> None:
    received = tenant.receive("T")
    api.post(f"{path_of(received)}/archive")
    assert api.all("/v1/drafts/feed") == []
    again = tenant.receive("T", body_text="One more thing")
    [item] = api.all("/v1/drafts/feed")
    assert item["message"]["body_text"] == "One more thing"
    assert tenant.draft(again["conversation_id"])["version"] == 1
    # And it can be archived again, with what came since.
    assert api.post(f"{path_of(received)}/archive")["status"] == "archived"
    bodies = [m["body_text"] for m in api.all(f"{path_of(received)}/messages")]
    assert bodies == [None, None]


@pytest.mark.parametrize("status", ["held", "scheduled", "claimed", "unknown"])
def test_archiving_is_refused_while_a_reply_is_on_its_way(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any], status: str
) -> None:
    received = received_with_marks(tenant)
    draft = drafted_with_marks(tenant, received)
    mode = "hold" if status == "held" else "now"
    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": mode})
    path = f"/v1/scheduled-replies/{decision['scheduled_reply']['id']}"
    if status in ("claimed", "unknown"):
        [claimed] = tenant.claim()
        report = {"lease_id": claimed["lease_id"], "outcome": "unknown", "error": "timeout"}
        if status == "unknown":
            api.post(f"{path}/fail", report)
    before, texts = api.get(path), marked(sql)
    assert before["status"] == status
    refused = api.post(f"{path_of(received)}/archive", expect=409)
    assert refused["current"]["status"] == "open"
    assert (api.get(path), marked(sql)) == (before, texts)

    if status == "unknown":
        tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"})
    if status == "claimed":
        api.post(f"{path}/confirm", {"lease_id": claimed["lease_id"], "external_id": "OUT-1"})
    else:
        tenant.agent.post(f"{path}/cancel")
    assert api.post(f"{path_of(received)}/archive")["status"] == "archived"
    assert marked(sql) == []


def test_a_failed_reply_of_an_archived_conversation_stays_failed(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    received = received_with_marks(tenant)
    draft = drafted_with_marks(tenant, received)
    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    path = f"/v1/scheduled-replies/{decision['scheduled_reply']['id']}"
    sql.execute("UPDATE drafts.scheduled_replies SET max_attempts = 1")
    sql.commit()
    [claimed] = tenant.claim()
    report = {"lease_id": claimed["lease_id"], "outcome": "not_sent", "error": "refused"}
    assert api.post(f"{path}/fail", report)["status"] == "failed"
    api.post(f"{path_of(received)}/archive")
    assert marked(sql) == []
    for body in ({"mode": "now"}, {"mode": "hold"}):
        refused = tenant.agent.post(f"{path}/schedule", body, expect=409)
        assert refused["detail"] == "an archived conversation takes no replies"
    assert tenant.claim() == []
    assert tenant.agent.post(f"{path}/cancel")["status"] == "cancelled"


def test_archiving_needs_the_present_revision(tenant: Tenant, api: Client) -> None:
    received = tenant.receive("T", body_text=MARK)
    path = path_of(received)
    api.patch(path, {"subject": "New"})
    stale = api.post(f"{path}/archive", expect=412, headers={"If-Match": '"1"'})
    assert stale["code"] == "STALE"
    assert api.get(f"/v1/messages/{received['message_id']}")["body_text"] == MARK
    response = api.request("POST", f"{path}/archive", headers={"If-Match": '"2"'}, expect=200)
    assert response.headers["ETag"] == '"3"'


@pytest.mark.usefixtures("no_deadlocks")
def test_no_archived_conversation_has_a_reply_on_its_way_whoever_races(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    rounds, won = 40, set()
    drafts = [tenant.draft() for _ in range(rounds)]

    def race(n: int) -> tuple[int, int]:
        draft = drafts[n // 2]
        if n % 2:
            path = f"/v1/drafts/{draft['id']}/approve"
            return n, tenant.agent.request("POST", path, {"mode": "now"}).status_code
        path = f"/v1/conversations/{draft['conversation_id']}/archive"
        return n, api.request("POST", path).status_code

    for n in range(0, rounds, 4):
        answers = dict(at_once(8, lambda k, n=n: race(2 * n + k)))
        for draft in range(n, n + 4):
            pair = answers[2 * draft], answers[2 * draft + 1]
            assert sorted(pair) == [200, 409]
            won.add("archive" if pair[0] == 200 else "approve")

    live = sql.execute(
        "SELECT c.status, r.id IS NULL AS none, d.status AS draft, d.suggested_text"
        " FROM drafts.drafts AS d INNER JOIN inbox.conversations AS c"
        " ON c.tenant_id = d.tenant_id AND c.id = d.conversation_id"
        " LEFT OUTER JOIN drafts.scheduled_replies AS r ON r.tenant_id = d.tenant_id AND r.draft_id = d.id"
    ).fetchall()
    assert len(live) == rounds
    for row in live:
        assert (row["status"] == "archived") == row["none"] == (row["suggested_text"] is None)
        assert row["draft"] == ("superseded" if row["none"] else "approved")
    assert won == {"archive", "approve"}


@pytest.mark.usefixtures("no_deadlocks")
def test_archiving_and_messages_at_once_leave_no_body_in_the_archive(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    for _ in range(10):
        received = tenant.receive("T")

        def race(n: int, path: str = path_of(received)) -> int:
            if n % 2:
                return api.request("POST", f"{path}/archive").status_code
            tenant.receive("T", direction="outbound" if n % 4 else "inbound")
            return 200

        assert set(at_once(8, race)) <= {200, 409}
        kept = sql.execute(
            "SELECT m.id FROM inbox.messages AS m"
            " INNER JOIN inbox.conversations AS c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id"
            " WHERE c.status = 'archived' AND m.body_text IS NOT NULL"
        ).fetchall()
        sql.rollback()
        assert kept == []
