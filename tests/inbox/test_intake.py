"""Intake: a message is stored once, as it is, with its channel and conversation, or not at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once

URL = "/v1/intake/messages"

THREAD = """Thanks, that helped! 👍🏽

On Tue, 3 Mar 2026 at 10:12, Support <support@example.com> wrote:
> Dear Zoë,
>
> On Mon, 2 Mar 2026 at 09:00, Zoë wrote:
>> Where is order #1042?\r
>>
>>> \tIt said "5 days" -- that was 3 weeks ago.
"""
HTML = (
    '<div dir="rtl">שלום <b>עולם</b> &amp; &lt;script&gt;</div>'
    "<script>alert('x')</script><!-- a comment --><img src=\"cid:1\">"
)
TEXTS = {
    "a long thread": THREAD * 300,
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 \U0001f9ff \U0001d54f",
    "right to left": "مرحبا \u202eabc\u202c בדיקה \u200f!",
    "combining": "e\u0301 is not \u00e9, \u1100\u1161\u11a8, Z\u0351\u036b\u0343\u036a\u0302",
    "spaces": " \t\r\n leading and trailing \u00a0\u2028\u2029\u200b\ufeff ",
    "controls": "\x01\x1b[31m\x7f\x85 \ufffe\uffff\ufffd",
    "SQL": "Robert'); DROP TABLE inbox.messages; -- %s %(x)s :name $1 \\ \\x00 E'\\''",
    "HTML": HTML,
    "empty": "",
}


def message(**fields: Any) -> dict[str, Any]:
    return {
        "channel_type": "email",
        "channel_external_id": "mailbox",
        "conversation_external_id": "TICKET-1",
        "external_id": "MESSAGE-1",
        "body_text": "Where is my order?",
        **fields,
    }


def raw(api: Client, body: bytes, expect: int, path: str = URL, **headers: str) -> Any:
    """What the service answers to these very bytes."""
    headers = {"Content-Type": "application/json", **headers}
    return api.request("POST", path, data=body, headers=headers, expect=expect).json()


def kept(api: Client, received: dict[str, Any]) -> Any:
    return api.get(f"/v1/messages/{received['message_id']}")


def test_channel_conversation_and_message_are_found_again_by_their_external_ids(
    tenant: Tenant, api: Client
) -> None:
    first = api.post(URL, message(channel_name="Mailbox"), expect=201)
    second = api.post(URL, message(external_id="MESSAGE-2", channel_name="Another"), expect=201)
    ids = ("channel_id", "conversation_id")
    assert [first[name] for name in ids] == [second[name] for name in ids]
    assert first["message_id"] != second["message_id"]
    assert first["job_id"] != second["job_id"]

    # What is called the same elsewhere is something else.
    other = api.post(URL, message(conversation_external_id="TICKET-2"), expect=201)
    assert other["channel_id"] == first["channel_id"]
    assert other["conversation_id"] != first["conversation_id"]
    chat = api.post(URL, message(channel_type="chat"), expect=201)
    assert chat["channel_id"] != first["channel_id"]
    assert chat["conversation_id"] != first["conversation_id"]

    assert len(api.all("/v1/conversations")) == 3
    [channel] = [c for c in api.all("/v1/channels") if c["id"] == first["channel_id"]]
    assert (channel["type"], channel["external_id"]) == ("email", "mailbox")
    assert channel["name"] == "Mailbox"


def test_a_channel_without_a_name_is_called_by_its_external_id(api: Client) -> None:
    received = api.post(URL, message(channel_external_id="ä" * 500), expect=201)
    assert api.get(f"/v1/channels/{received['channel_id']}")["name"] == "ä" * 200


def test_the_same_external_ids_in_two_tenants_do_not_meet(
    new_tenant: Callable[[], Tenant],
) -> None:
    tenants = [new_tenant(), new_tenant()]
    received = [tenant.service.post(URL, message(), expect=201) for tenant in tenants]
    for name in ("channel_id", "conversation_id", "message_id", "job_id"):
        assert received[0][name] != received[1][name]
    tenants[0].service.get(f"/v1/conversations/{received[1]['conversation_id']}", expect=404)
    tenants[0].service.get(f"/v1/messages/{received[1]['message_id']}", expect=404)
    [only] = tenants[0].service.all("/v1/conversations")
    assert only["id"] == received[0]["conversation_id"]
    body = message(channel_type=None, channel_external_id=None, external_id="MESSAGE-2")
    body = {k: v for k, v in body.items() if v} | {"channel_id": received[1]["channel_id"]}
    assert tenants[0].service.post(URL, body, expect=400)["code"] == "INVALID_REFERENCE"


def test_a_retried_webhook_stores_the_message_once_and_asks_for_one_draft(api: Client) -> None:
    first = api.post(URL, message(), expect=201)
    assert first["created"]
    assert first["job_id"]
    again = api.post(URL, message(), expect=200)
    assert again == first | {"created": False, "job_id": None}
    assert len(api.all(f"/v1/conversations/{first['conversation_id']}/messages")) == 1
    [job] = api.all("/v1/jobs", type="draft")
    assert job["id"] == first["job_id"]
    assert job["payload"] == {
        "conversation_id": first["conversation_id"],
        "message_id": first["message_id"],
    }


@pytest.mark.parametrize("known", ["nothing", "the channel", "the conversation"])
def test_a_webhook_sent_twenty_times_at_once_stores_the_message_once(
    api: Client, known: str
) -> None:
    if known != "nothing":
        ticket = "TICKET-0" if known == "the channel" else "TICKET-1"
        api.post(URL, message(external_id="MESSAGE-0", conversation_external_id=ticket))
    before = len(api.all("/v1/jobs", type="draft"))
    answers = at_once(20, lambda _: api.request("POST", URL, message()))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    for name in ("channel_id", "conversation_id", "message_id"):
        assert len({answer.json()[name] for answer in answers}) == 1
    assert sum(answer.json()["job_id"] is not None for answer in answers) == 1
    assert len(api.all("/v1/channels")) == 1
    conversation = answers[0].json()["conversation_id"]
    messages = api.all(f"/v1/conversations/{conversation}/messages")
    assert [m["external_id"] for m in messages].count("MESSAGE-1") == 1
    assert len(api.all("/v1/jobs", type="draft")) == before + 1


@pytest.mark.usefixtures("no_deadlocks")
def test_messages_of_a_new_channel_at_once_are_all_stored(api: Client) -> None:
    for channel in ("one", "two", "three"):
        body = message(channel_external_id=channel)
        received = at_once(
            20, lambda n, body=body: api.post(URL, body | {"external_id": f"M-{n}"}, expect=201)
        )
        assert len({r["conversation_id"] for r in received}) == 1
        assert len({r["message_id"] for r in received}) == 20
    assert len(api.all("/v1/jobs", type="draft")) == 60


def test_without_an_external_id_only_an_idempotency_key_makes_a_message_the_same(
    api: Client,
) -> None:
    body = {k: v for k, v in message().items() if k != "external_id"}
    first, second = (api.post(URL, body, expect=201) for _ in range(2))
    assert first["message_id"] != second["message_id"]

    key = {"Idempotency-Key": "delivery-1"}
    answers = at_once(8, lambda _: api.post(URL, body, expect=201, headers=key))
    assert len({answer["message_id"] for answer in answers}) == 1
    assert len(api.all(f"/v1/conversations/{first['conversation_id']}/messages")) == 3
    assert len(api.all("/v1/jobs", type="draft")) == 3


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_comes_back_as_it_was_sent(api: Client, text: str) -> None:
    short = text[:1000] or "-"
    metadata = {short: [short, {"nested": None, "number": 0.1}, True]}
    body = message(body_text=text, body_html=text, metadata=metadata, subject=short)
    found = kept(api, api.post(URL, body, expect=201))
    assert found["body_text"] == text
    assert found["body_html"] == text
    assert found["metadata"] == metadata
    assert found["subject"] == short


def test_external_ids_are_what_they_are(api: Client) -> None:
    for name in ("é", "e\u0301", "É", " é", "%C3%A9", "🏎️", "<CAF/+a=b@mail.example>", "\ta"):
        received = api.post(
            URL,
            message(conversation_external_id=name, channel_external_id=name, external_id=name),
            expect=201,
        )
        assert kept(api, received)["external_id"] == name
        [found] = api.all("/v1/conversations", external_id=name)
        assert found["id"] == received["conversation_id"]


def test_a_pair_of_surrogates_is_a_character(api: Client) -> None:
    body = json.dumps(message(body_text="\U0001f3ce")).encode()
    assert b"\\ud83c\\udfce" in body
    assert kept(api, raw(api, body, expect=201))["body_text"] == "\U0001f3ce"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sent_at", "2026-01-01T00:00:00"),
        ("sent_at", "yesterday"),
        ("sent_at", 1767225600),
        ("direction", "sideways"),
        ("status", "archived"),
        ("channel_type", "pigeon"),
        ("external_id", ""),
        ("external_id", " \r\n\t"),
        ("conversation_external_id", ""),
        ("conversation_external_id", "x" * 1025),
        ("conversation_external_id", "ü" * 600),
        ("conversation_external_id", "a\x00b"),
        ("conversation_external_id", "a\ud800b"),
        ("channel_external_id", " "),
        ("channel_id", "mailbox"),
        ("body_text", 7),
        ("metadata", []),
        ("attachments", [{"file_name": "a.pdf"}]),
        ("attachments", {}),
        ("bodytext", "misspelt"),
    ],
)
def test_bad_input_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    refused = api.post(URL, message(**{field: value}), expect=400)
    assert list(refused["errors"]) == [field]
    assert api.all("/v1/channels") == []


def test_a_message_keeps_the_time_when_it_was_sent(api: Client) -> None:
    received = api.post(URL, message(sent_at="2026-01-02T03:04:05.678901+02:00"), expect=201)
    sent_at = datetime.fromisoformat(kept(api, received)["sent_at"])
    assert sent_at == datetime(2026, 1, 2, 1, 4, 5, 678901, UTC)
    # The clock of a channel may be ahead by up to a day.
    ahead = datetime.now(UTC) + timedelta(hours=23)
    received = api.post(URL, message(external_id="2", sent_at=ahead.isoformat()), expect=201)
    assert datetime.fromisoformat(kept(api, received)["sent_at"]) == ahead
    assert received["warnings"] == []


def test_a_message_that_fails_leaves_no_channel_and_no_conversation_behind(
    api: Client, sql: psycopg.Connection[Any], owner: psycopg.Connection[Any]
) -> None:
    # Nothing that a channel can say makes it fail; so the database does.
    owner.execute(
        "ALTER TABLE inbox.messages ADD CONSTRAINT test CHECK (body_text <> 'fails') NOT VALID"
    )
    try:
        fails = message(external_id="FAILS", body_text="fails")
        api.post(URL, fails, expect=400)
        for table in ("inbox.channels", "inbox.conversations", "inbox.messages", "operations.jobs"):
            found = sql.execute(f"SELECT count(*) AS count FROM {table}").fetchone()
            assert found == {"count": 0}
        sql.rollback()

        received = api.post(URL, message(status="closed"), expect=201)
        api.post(URL, fails | {"status": "open"}, expect=400)
    finally:
        sql.rollback()
        owner.execute("ALTER TABLE inbox.messages DROP CONSTRAINT test")
    conversation = api.get(f"/v1/conversations/{received['conversation_id']}")
    assert (conversation["status"], conversation["revision"]) == ("closed", 1)


def test_a_channel_is_named_by_its_id_or_by_its_external_id(api: Client) -> None:
    channel = api.post(
        "/v1/channels", {"type": "slack", "external_id": "T1", "name": "Team"}, expect=201
    )
    by_id = {"channel_type": None, "channel_external_id": None, "channel_id": channel["id"]}
    by_id = {k: v for k, v in message(**by_id).items() if v is not None}
    assert api.post(URL, by_id, expect=201)["channel_id"] == channel["id"]
    by_name = message(channel_type="slack", channel_external_id="T1")
    assert api.post(URL, by_name, expect=200)["channel_id"] == channel["id"]

    unknown = api.post(URL, by_id | {"channel_id": str(uuid4())}, expect=400)
    assert unknown["code"] == "INVALID_REFERENCE"
    assert list(unknown["errors"]) == ["channel_id"]
    for body in (
        message(channel_id=channel["id"]),
        by_id | {"channel_type": "slack"},
        {k: v for k, v in by_id.items() if k != "channel_id"},
        {k: v for k, v in by_name.items() if k != "channel_type"},
    ):
        assert list(api.post(URL, body, expect=400)["errors"]) == ["channel_id"]


@pytest.mark.parametrize(
    "name",
    ["TICKET-7", "a b", "ä 漢 🏎️", "100%", "%2F", "a/b", "a//b/", "messages", "a/messages", "?#&;="],
)
def test_the_route_of_a_conversation_answers_the_same_way(api: Client, name: str) -> None:
    body = {k: v for k, v in message().items() if k != "conversation_external_id"}
    path = f"/internal/conversations/{quote(name, safe='')}/messages"
    first = api.post(path, body, expect=201)
    [conversation] = api.all("/v1/conversations")
    assert (conversation["id"], conversation["external_id"]) == (first["conversation_id"], name)
    same = first | {"created": False, "job_id": None}
    assert api.post(path, body, expect=200) == same
    assert api.post(URL, message(conversation_external_id=name), expect=200) == same


def test_the_route_of_a_conversation_refuses_the_same_things(api: Client) -> None:
    body = {k: v for k, v in message().items() if k != "conversation_external_id"}
    for name in ("x" * 1025, "a%00b"):
        refused = api.post(f"/internal/conversations/{name}/messages", body, expect=400)
        assert refused["code"] == "VALIDATION"
        assert "conversation_external_id" in next(iter(refused["errors"]))
    refused = api.post("/internal/conversations/x/messages", message(), expect=400)
    assert list(refused["errors"]) == ["conversation_external_id"]
    assert api.all("/v1/channels") == []
