"""Nothing stale goes out: what happens in a conversation reaches its draft and its reply, whoever writes it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.config import Settings
from tests.client import Client, Tenant, at_once
from tests.writer import Writer

NOW = {"mode": "now"}
STOP = "STOP, cancel"


def insert_message(
    sql: psycopg.Connection[Any], tenant: Tenant, conversation_id: str, **fields: Any
) -> str:
    """A message in plain SQL; its id."""
    values = {"direction": "inbound", "body_text": STOP, **fields}
    row = sql.execute(
        f"INSERT INTO inbox.messages (tenant_id, conversation_id, {', '.join(values)})"
        f" VALUES (%s, %s, {', '.join(['%s'] * len(values))}) RETURNING id::text",
        [tenant.id, conversation_id, *values.values()],
    ).fetchone()
    sql.commit()
    assert row
    return str(row["id"])


@pytest.fixture(params=["REST", "SQL"])
def write(
    request: pytest.FixtureRequest, tenant: Tenant, sql: psycopg.Connection[Any]
) -> Callable[..., str]:
    """Adds a message to a conversation, over REST and in plain SQL; its id."""

    def over_rest(conversation_id: str, **fields: Any) -> str:
        found = tenant.service.get(f"/v1/conversations/{conversation_id}")
        received = tenant.receive(found["external_id"], body_text=STOP, **fields)
        return str(received["message_id"])

    def in_sql(conversation_id: str, **fields: Any) -> str:
        return insert_message(sql, tenant, conversation_id, **fields)

    return over_rest if request.param == "REST" else in_sql


def reply_of(tenant: Tenant, decision: dict[str, Any]) -> Any:
    return tenant.service.get(f"/v1/scheduled-replies/{decision['scheduled_reply']['id']}")


def notified(tenant: Tenant) -> list[tuple[str, str | None]]:
    """The notifications about replies, the oldest first."""
    return [
        (found["type"], found["payload"].get("reason"))
        for found in reversed(tenant.agent.all("/v1/notifications"))
        if found["type"].startswith("reply_")
    ]


def schedule(client: Client, reply: dict[str, Any], **fields: Any) -> Any:
    expect = fields.pop("expect", None)
    path = f"/v1/scheduled-replies/{reply['id']}/schedule"
    return client.post(path, {"mode": "now", **fields}, expect=expect)


# What the person saw ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("approve", NOW),
        ("edit", {**NOW, "final_text": "Another."}),
        ("reject", {"reason": "no"}),
        ("supersede", {}),
    ],
)
def test_a_decision_on_what_is_no_longer_all_is_refused_and_told_what_is_new(
    tenant: Tenant, write: Callable[..., str], action: str, body: dict[str, Any]
) -> None:
    draft = tenant.draft()
    path, conversation = f"/v1/drafts/{draft['id']}", draft["conversation_id"]
    [item] = tenant.agent.get("/v1/drafts/feed")["items"]
    seen = tenant.agent.get(path)["last_message_id"]
    assert seen == item["last_message_id"]
    new = [write(conversation), write(conversation, direction="system")]

    refused = tenant.agent.post(f"{path}/{action}", {**body, "seen_message_id": seen}, expect=412)

    assert refused["code"] == "STALE"
    told = [(message["id"], message["excerpt"]) for message in refused["new_messages"]]
    assert told == [(message, STOP) for message in reversed(new)]
    assert tenant.agent.get(path)["status"] == "pending"
    newest = refused["new_messages"][0]["id"]
    assert tenant.agent.get(path)["last_message_id"] == newest
    tenant.agent.post(f"{path}/{action}", {**body, "seen_message_id": newest})


def test_who_names_nothing_decides_as_before(tenant: Tenant) -> None:
    draft = tenant.draft()
    for body in (NOW, {**NOW, "seen_message_id": None}):
        draft = tenant.draft()
        tenant.receive(None)
        tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", body)


def test_what_was_seen_is_a_message_of_the_conversation(tenant: Tenant) -> None:
    draft = tenant.draft()
    for wrong in (tenant.receive()["message_id"], str(uuid4()), "x"):
        body = {**NOW, "seen_message_id": wrong}
        refused = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", body, expect=400)
        assert list(refused["errors"]) == ["seen_message_id"]


@pytest.mark.usefixtures("no_deadlocks")
def test_no_decision_passes_over_a_message_that_came_first(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    rounds = []
    for _ in range(12):
        received = tenant.receive()
        draft = tenant.draft(received["conversation_id"])
        rounds.append((received, draft))

    def race(n: int) -> int:
        received, draft = rounds[n // 2]
        if n % 2:
            path = f"/v1/conversations/{received['conversation_id']}"
            ticket = tenant.service.get(path)["external_id"]
            tenant.receive(ticket, body_text=STOP)
            return 0
        body = {**NOW, "seen_message_id": received["message_id"]}
        path = f"/v1/drafts/{draft['id']}/approve"
        return tenant.agent.request("POST", path, body).status_code

    statuses = at_once(24, race)[::2]
    assert set(statuses) <= {200, 412}
    # Whichever was first: nothing is on its way that does not know of the message.
    found = sql.execute("SELECT r.status, r.hold_reason FROM drafts.scheduled_replies AS r")
    assert found.fetchall() == [{"status": "held", "hold_reason": "new_message"}] * (
        statuses.count(200)
    )
    assert tenant.claim() == []


# A new message ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["now", "at", "hold"])
def test_a_new_message_holds_the_reply_until_a_person_releases_it(
    tenant: Tenant, write: Callable[..., str], mode: str
) -> None:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    draft = tenant.draft()
    body = {"mode": mode, **({"schedule_at": at} if mode == "at" else {})}
    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", body)
    before = decision["scheduled_reply"]
    new = write(draft["conversation_id"])

    held = reply_of(tenant, decision)
    assert (held["status"], held["scheduled_for"], held["hold_reason"]) == (
        "held",
        None,
        "new_message",
    )
    assert tenant.claim() == []
    assert notified(tenant) == [("reply_held", "new_message")]
    # Who looked at it before has not seen the reason.
    headers = {"If-Match": f'"{before["revision"]}"'}
    path = f"/v1/scheduled-replies/{before['id']}/schedule"
    tenant.agent.post(path, NOW, expect=412, headers=headers)
    newer = write(draft["conversation_id"])
    refused = schedule(tenant.agent, before, seen_message_id=new, expect=412)
    assert [message["id"] for message in refused["new_messages"]] == [newer]
    assert notified(tenant) == [("reply_held", "new_message")]

    released = schedule(tenant.agent, before, seen_message_id=newer)
    assert (released["status"], released["hold_reason"]) == ("scheduled", None)
    write(draft["conversation_id"], direction="system")
    assert [reply["id"] for reply in tenant.claim()] == [before["id"]]


def test_a_message_that_says_something_else_now_holds_the_reply(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive("T", external_id="M", body_text="Yes, please.")
    decision = tenant.approved(conversation_id=received["conversation_id"])
    tenant.receive("T", external_id="M", body_text="Yes, please.")
    assert reply_of(tenant, decision)["status"] == "scheduled"
    tenant.receive("T", external_id="M", body_text=STOP)
    assert reply_of(tenant, decision)["hold_reason"] == "new_message"

    schedule(tenant.agent, decision["scheduled_reply"])
    sql.execute(
        "INSERT INTO inbox.message_versions (tenant_id, message_id, version, body_text)"
        " VALUES (%s, %s, 2, 'No.')",
        [tenant.id, received["message_id"]],
    )
    sql.commit()
    assert reply_of(tenant, decision)["status"] == "held"


def test_a_tenant_may_let_overtaken_replies_go(tenant: Tenant, write: Callable[..., str]) -> None:
    admin = tenant.acting("admin")
    assert admin.get("/v1/tenant")["overtaken_replies"] == "hold"
    changed = admin.patch("/v1/tenant", {"overtaken_replies": "send"})
    assert changed["overtaken_replies"] == "send"
    decision = tenant.approved()
    write(decision["conversation_id"])
    assert (reply_of(tenant, decision)["status"], notified(tenant)) == ("scheduled", [])
    assert len(tenant.claim()) == 1
    admin.patch("/v1/tenant", {"overtaken_replies": "drop"}, expect=400)


@pytest.mark.parametrize("outcome", ["not_sent", "sent", "unknown"])
def test_a_claimed_reply_is_not_recalled_but_not_tried_again_either(
    tenant: Tenant, write: Callable[..., str], outcome: str
) -> None:
    decision = tenant.approved()
    [claimed] = tenant.claim()
    write(decision["conversation_id"])

    path, lease = f"/v1/scheduled-replies/{claimed['id']}", {"lease_id": claimed["lease_id"]}
    assert notified(tenant) == [("reply_not_recalled", "new_message")]
    beat = tenant.service.post(f"{path}/heartbeat", lease)
    assert (beat["status"], beat["hold_reason"]) == ("claimed", "new_message")
    if outcome == "sent":
        sent = tenant.service.post(f"{path}/confirm", {**lease, "external_id": "OUT-1"})
        assert sent["status"] == "sent"
        return
    failed = tenant.service.post(f"{path}/fail", {**lease, "outcome": outcome, "error": "refused"})
    if outcome == "unknown":
        failed = tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"})
    else:
        assert notified(tenant)[1:] == [("reply_held", "new_message")]
    assert (failed["status"], failed["hold_reason"]) == ("held", "new_message")
    assert schedule(tenant.agent, claimed)["hold_reason"] is None
    assert len(tenant.claim()) == 1


def test_no_writer_sends_a_held_reply_on_without_removing_the_reason(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    decision = tenant.approved()
    insert_message(sql, tenant, decision["conversation_id"])
    update = (
        "UPDATE drafts.scheduled_replies SET status = 'scheduled', scheduled_for = now(){}"
        " WHERE tenant_id = %s"
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="hold_reason"):
        sql.execute(update.format(""), [tenant.id])
    sql.rollback()
    sql.execute(update.format(", hold_reason = NULL"), [tenant.id])
    sql.commit()
    assert len(tenant.claim()) == 1


@pytest.mark.usefixtures("no_deadlocks")
def test_of_a_claim_and_a_message_at_once_each_knows_of_the_other(tenant: Tenant) -> None:
    decisions = [tenant.approved() for _ in range(16)]
    tickets = [
        tenant.service.get(f"/v1/conversations/{decision['conversation_id']}")["external_id"]
        for decision in decisions
    ]

    def race(n: int) -> list[str]:
        if n % 2:
            return [reply["id"] for reply in tenant.claim(limit=4)]
        tenant.receive(tickets[n // 2], body_text=STOP)
        return []

    claimed = {reply for replies in at_once(32, race) for reply in replies}
    for decision in decisions:
        reply = reply_of(tenant, decision)
        assert reply["hold_reason"] == "new_message"
        assert reply["status"] == ("claimed" if reply["id"] in claimed else "held")
    assert sorted(notified(tenant)) == sorted(
        [("reply_not_recalled", "new_message")] * len(claimed)
        + [("reply_held", "new_message")] * (16 - len(claimed))
    )


@pytest.mark.usefixtures("no_deadlocks")
def test_messages_reports_decisions_and_drafts_at_once_never_wait_for_each_other_in_circles(
    tenant: Tenant, settings: Settings, sql: psycopg.Connection[Any]
) -> None:
    def in_sql(statement: str, of: str) -> None:
        assert settings.database_url
        with Writer.connect(settings.database_url) as connection:
            connection.set("app.tenant_id", tenant.id)
            connection.execute(statement.encode(), [tenant.id, of])

    for n in range(12):
        ticket = f"T-{n}"
        received = tenant.receive(ticket)
        conversation = received["conversation_id"]
        [job] = [
            found
            for found in tenant.service.post(
                "/v1/jobs/claim", {"type": "draft", "worker": "w", "limit": 100}
            )["items"]
            if found["payload"]["conversation_id"] == conversation
        ]
        tenant.approved(conversation_id=conversation)
        [reply] = tenant.claim()
        path = f"/v1/scheduled-replies/{reply['id']}"
        confirmation = {"lease_id": reply["lease_id"], "external_id": f"OUT-{n}"}
        draft = {"model_key": "m", "prompt_version": "v", "suggested_text": "Another."}
        lease = {"job_id": job["id"], "lease_id": job["lease_id"]}
        calls: list[Callable[[], Any]] = [
            lambda p=path, c=confirmation: tenant.service.request("POST", f"{p}/confirm", c),
            lambda t=ticket: tenant.receive(t, body_text=STOP),
            lambda t=ticket: tenant.receive(t, direction="outbound"),
            lambda t=ticket: tenant.receive(t, status="closed", direction="system"),
            lambda t=ticket: tenant.receive(t, body_text=STOP),
            lambda c=conversation: tenant.service.request(
                "PATCH", f"/v1/conversations/{c}", {"status": "closed"}
            ),
            lambda c=conversation, d=draft, j=lease: tenant.service.request(
                "POST", f"/v1/conversations/{c}/drafts", {**d, **j}
            ),
            lambda p=path: tenant.agent.request("POST", f"{p}/schedule", NOW),
            lambda p=path: tenant.agent.request("POST", f"{p}/cancel"),
            lambda c=conversation, d=draft: tenant.service.request(
                "POST", f"/v1/conversations/{c}/drafts", d
            ),
            lambda c=conversation: in_sql(
                "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text)"
                " VALUES (%s, %s, 'inbound', 'text')",
                c,
            ),
            lambda m=received["message_id"]: in_sql(
                "INSERT INTO inbox.message_versions (tenant_id, message_id, body_text)"
                " VALUES (%s, %s, 'edited')",
                m,
            ),
            lambda c=conversation: in_sql(
                "UPDATE drafts.scheduled_replies SET status = 'scheduled', scheduled_for = now(),"
                " hold_reason = NULL, to_closed = true"
                " WHERE tenant_id = %s AND conversation_id = %s AND status = 'held'",
                c,
            ),
        ]
        at_once(len(calls), lambda k, calls=calls: calls[k]())
    sent = sql.execute(
        "SELECT count(*) AS count FROM drafts.scheduled_replies WHERE status = 'sent'"
    )
    assert sent.fetchone() == {"count": 12}


# An answer upstream, and a conversation that is closed --------------------------------------------------


def close_over_rest(tenant: Tenant, conversation_id: str) -> None:
    tenant.service.patch(f"/v1/conversations/{conversation_id}", {"status": "closed"})


@pytest.mark.parametrize("reason", ["answered_upstream", "conversation_closed"])
def test_what_was_settled_elsewhere_is_set_aside(
    tenant: Tenant, write: Callable[..., str], reason: str
) -> None:
    received = tenant.receive()
    conversation = received["conversation_id"]
    decision = tenant.approved(conversation_id=conversation)
    draft = tenant.draft(conversation)
    if reason == "answered_upstream":
        write(conversation, direction="outbound")
    else:
        close_over_rest(tenant, conversation)

    found = tenant.service.get(f"/v1/drafts/{draft['id']}")
    assert (found["status"], found["superseded_reason"]) == ("superseded", reason)
    assert found["superseded_by_id"] is None
    refused = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", NOW, expect=409)
    assert refused["decision"]["superseded_reason"] == reason
    job = tenant.service.get(f"/v1/jobs/{received['job_id']}")
    assert (job["status"], job["finished_at"] is None) == ("cancelled", False)
    reply = reply_of(tenant, decision)
    assert (reply["status"], reply["hold_reason"]) == ("held", reason)
    assert notified(tenant) == [("reply_held", reason)]
    assert tenant.claim() == []


def test_another_writer_that_closes_a_conversation_sets_aside_as_well(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    decision = tenant.approved()
    draft = tenant.draft(decision["conversation_id"])
    sql.execute(
        "UPDATE inbox.conversations SET status = 'closed' WHERE tenant_id = %s", [tenant.id]
    )
    sql.commit()
    found = tenant.service.get(f"/v1/drafts/{draft['id']}")
    assert found["superseded_reason"] == "conversation_closed"
    assert reply_of(tenant, decision)["hold_reason"] == "conversation_closed"


def test_an_answer_to_what_came_before_settles_nothing(
    tenant: Tenant, write: Callable[..., str]
) -> None:
    received = tenant.receive(sent_at="2026-02-01T00:00:00Z")
    draft = tenant.draft(received["conversation_id"])
    write(received["conversation_id"], direction="outbound", sent_at="2026-01-31T00:00:00Z")
    write(received["conversation_id"], direction="system")
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"
    assert tenant.service.get(f"/v1/jobs/{received['job_id']}")["status"] == "queued"


def test_the_replys_own_message_settles_nothing(tenant: Tenant) -> None:
    received = tenant.receive("T")
    decision = tenant.approved(conversation_id=received["conversation_id"])
    [claimed] = tenant.claim()
    newer = tenant.receive("T", body_text="And another question.")
    draft = tenant.draft(received["conversation_id"])
    # The channel tells of it before the worker does; the worker reports; the channel tells again.
    tenant.receive("T", direction="outbound", external_id="OUT-1", body_text="It is on its way.")
    confirmation = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}
    tenant.service.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", confirmation)
    tenant.receive("T", direction="outbound", external_id="OUT-1", body_text="It is on its way.")
    assert reply_of(tenant, decision)["status"] == "sent"
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"
    assert tenant.service.get(f"/v1/jobs/{newer['job_id']}")["status"] == "queued"


def test_a_confirmation_without_an_echo_settles_nothing(tenant: Tenant) -> None:
    received = tenant.receive("T")
    tenant.approved(conversation_id=received["conversation_id"])
    [claimed] = tenant.claim()
    draft = tenant.draft(received["conversation_id"])
    confirmation = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}
    tenant.service.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", confirmation)
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"


def test_a_job_that_a_worker_has_goes_on(tenant: Tenant) -> None:
    received = tenant.receive()
    [job] = tenant.service.post("/v1/jobs/claim", {"type": "draft", "worker": "w"})["items"]
    close_over_rest(tenant, received["conversation_id"])
    assert tenant.service.get(f"/v1/jobs/{job['id']}")["status"] == "running"


def test_approving_on_a_closed_conversation_takes_a_word(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive(status="closed")
    draft = tenant.draft(received["conversation_id"])
    path = f"/v1/drafts/{draft['id']}/approve"
    for body in (NOW, {"mode": "hold"}, {**NOW, "confirm_closed": False}):
        refused = tenant.agent.post(path, body, expect=409)
        assert refused["detail"] == (
            "the conversation is closed: to send a reply to it, say confirm_closed"
        )
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"
    decision = tenant.agent.post(path, {**NOW, "confirm_closed": True})
    assert [reply["id"] for reply in tenant.claim()] == [decision["scheduled_reply"]["id"]]

    rejected = tenant.draft(received["conversation_id"])
    tenant.agent.post(f"/v1/drafts/{rejected['id']}/reject", {"reason": "closed"})


def test_a_reply_that_was_held_by_the_closing_is_released_with_a_word(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    decision = tenant.approved()
    reply = decision["scheduled_reply"]
    close_over_rest(tenant, decision["conversation_id"])
    refused = schedule(tenant.agent, reply, expect=409)
    assert "say confirm_closed" in refused["detail"]
    with pytest.raises(psycopg.Error, match="conversation is closed"):
        sql.execute(
            "UPDATE drafts.scheduled_replies SET status = 'scheduled', scheduled_for = now(),"
            " hold_reason = NULL WHERE tenant_id = %s",
            [tenant.id],
        )
    sql.rollback()
    assert schedule(tenant.agent, reply, confirm_closed=True)["status"] == "scheduled"
    # The word was for this closing.
    path = f"/v1/conversations/{decision['conversation_id']}"
    tenant.service.patch(path, {"status": "open"})
    tenant.service.patch(path, {"status": "closed"})
    assert reply_of(tenant, decision)["status"] == "held"
    schedule(tenant.agent, reply, expect=409)


# What was sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["inbound", "system"])
def test_what_came_in_is_not_what_was_sent(
    tenant: Tenant, sql: psycopg.Connection[Any], direction: str
) -> None:
    received = tenant.receive("T", external_id="IN-1", direction=direction)
    decision = tenant.approved(conversation_id=received["conversation_id"])
    [claimed] = tenant.claim()
    path, lease = f"/v1/scheduled-replies/{claimed['id']}", {"lease_id": claimed["lease_id"]}
    refused = tenant.service.post(f"{path}/confirm", {**lease, "external_id": "IN-1"}, expect=400)
    assert list(refused["errors"]) == ["external_id"]
    tenant.service.post(f"{path}/fail", {**lease, "outcome": "unknown", "error": "timeout"})
    resolution = {"outcome": "sent", "external_id": "IN-1"}
    refused = tenant.agent.post(f"{path}/resolve", resolution, expect=400)
    assert list(refused["errors"]) == ["external_id"]
    assert reply_of(tenant, decision)["status"] == "unknown"
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "approved"
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(
            "UPDATE drafts.scheduled_replies SET status = 'sent', sent_at = now(),"
            " external_id = 'IN-1', message_id = %s WHERE tenant_id = %s",
            [received["message_id"], tenant.id],
        )


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(minutes=-6), timedelta(hours=25)])
def test_it_was_sent_between_the_approval_and_a_day_ahead(
    tenant: Tenant, sql: psycopg.Connection[Any], ahead: timedelta
) -> None:
    decision = tenant.approved()
    [claimed] = tenant.claim()
    path, lease = f"/v1/scheduled-replies/{claimed['id']}", {"lease_id": claimed["lease_id"]}
    sent = {"external_id": "OUT-1", "sent_at": (datetime.now(UTC) + ahead).isoformat()}
    refused = tenant.service.post(f"{path}/confirm", {**lease, **sent}, expect=400)
    assert list(refused["errors"]) == ["sent_at"]
    message = insert_message(sql, tenant, decision["conversation_id"], direction="outbound")
    with pytest.raises(psycopg.errors.CheckViolation, match="sent_at"):
        sql.execute(
            "UPDATE drafts.scheduled_replies SET status = 'sent', sent_at = now() + %s,"
            " lease_expires_at = NULL, external_id = 'OUT-1', message_id = %s WHERE tenant_id = %s",
            [ahead, message, tenant.id],
        )
    sql.rollback()
    tenant.service.post(f"{path}/fail", {**lease, "outcome": "unknown", "error": "timeout"})
    refused = tenant.agent.post(f"{path}/resolve", {"outcome": "sent", **sent}, expect=400)
    assert list(refused["errors"]) == ["sent_at"]
    sent["sent_at"] = (datetime.now(UTC) + timedelta(hours=23)).isoformat()
    assert tenant.agent.post(f"{path}/resolve", {"outcome": "sent", **sent})["status"] == "sent"


def test_the_clock_of_who_sends_may_be_somewhat_behind(tenant: Tenant) -> None:
    tenant.approved()
    [claimed] = tenant.claim()
    sent_at = datetime.now(UTC) - timedelta(minutes=1)
    lease = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}
    confirmed = tenant.service.post(
        f"/v1/scheduled-replies/{claimed['id']}/confirm", lease | {"sent_at": sent_at.isoformat()}
    )
    assert datetime.fromisoformat(confirmed["sent_at"]) == sent_at
