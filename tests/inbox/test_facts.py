"""What came in is a fact: it is stored, and what had to be changed for that is told."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.inbox import facts
from tests.client import Client, Tenant, at_once
from tests.inbox.test_intake import URL, kept, message, raw


def warned(received: dict[str, Any]) -> list[str]:
    return [warning["field"] for warning in received["warnings"]]


def stored(api: Client, field: str, value: Any) -> tuple[Any, Any]:
    """What is kept of a value, and the warnings."""
    body = message(external_id=uuid4().hex, **{field: value})
    received = api.post(URL, body, expect=201)
    of = kept(api, received)
    assert of["warnings"] == received["warnings"]
    if field.startswith("customer_"):
        of = api.get(f"/v1/conversations/{received['conversation_id']}")
    return of[field], received["warnings"]


@pytest.mark.parametrize(
    "address",
    [
        "foo..bar@docomo.ne.jp",
        "MAILER-DAEMON",
        "x@intranet",
        "Kim <kim@x.com>",
        '"Kim, \\"K\\"" <kim@x.com>',
        "ü@bücher.example",
        "kim@x.com, lee@x.com",
        "undisclosed-recipients:;",
    ],
)
def test_an_address_is_any_text(api: Client, address: str) -> None:
    assert stored(api, "customer_email", address) == (address, [])


@pytest.mark.parametrize("field", ["customer_email", "customer_name", "subject"])
@pytest.mark.parametrize("blank", ["", " ", "\r\n\t", "\u00a0\u2003", None])
def test_a_blank_text_says_nothing(api: Client, field: str, blank: str | None) -> None:
    assert stored(api, field, blank) == (None, [])


@pytest.mark.parametrize(
    ("field", "limit"), [("customer_email", 320), ("customer_name", 200), ("subject", 1000)]
)
def test_a_text_that_is_too_long_is_cut_off_and_the_rest_told(
    api: Client, field: str, limit: int
) -> None:
    longest = "👍🏽é" * (limit // 3) + "x" * (limit % 3)
    assert stored(api, field, longest) == (longest, [])
    longer = longest + "yz"
    received = api.post(URL, message(external_id="2", **{field: longer}), expect=201)
    assert received["warnings"] == [
        {
            "field": field,
            "message": f"has {limit + 2} characters: the first {limit} are kept",
            "given": longer[: facts.MAX_GIVEN],
        }
    ]
    assert kept(api, received)["warnings"] == received["warnings"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-01-01T00:00:00+16:00", "2025-12-31T08:00:00+00:00"),
        ("2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00-14:00", "0001-01-01T14:00:00+00:00"),
    ],
)
def test_a_time_has_whatever_offset(api: Client, given: str, expected: str) -> None:
    assert stored(api, "sent_at", given) == (expected, [])


@pytest.mark.parametrize(
    "given",
    [
        "2234-05-06T07:08:09+00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "tomorrow evening",
    ],
)
def test_a_time_that_cannot_be_is_the_time_when_it_came_in(api: Client, given: str) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    if given == "tomorrow evening":
        given = (datetime.now(UTC) + timedelta(hours=30)).isoformat()
    found, [warning] = stored(api, "sent_at", given)
    assert before < datetime.fromisoformat(found) < datetime.now(UTC) + timedelta(minutes=1)
    assert warning["field"] == "sent_at"
    assert warning["given"][:19] == given[:19]
    [conversation] = api.all("/v1/conversations")
    assert conversation["last_inbound_at"] == found


def test_no_writer_dates_a_message_more_than_a_day_ahead(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive()
    rows = sql.execute(
        "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text, sent_at)"
        " SELECT %s, %s, 'system', 'text', sent_at FROM unnest(ARRAY[now() + interval '25 hours',"
        " 'infinity', now() + interval '23 hours', '2000-01-01']) AS sent_at"
        " RETURNING sent_at, warnings",
        [tenant.id, received["conversation_id"]],
    ).fetchall()
    ahead = [row["sent_at"] - datetime.now(UTC) for row in rows[:3]]
    assert [round(found / timedelta(hours=1)) for found in ahead] == [0, 0, 23]
    assert [[w["field"] for w in row["warnings"]] for row in rows] == [["sent_at"]] * 2 + [[]] * 2
    assert rows[1]["warnings"][0]["given"] == "infinity"


def test_html_alone_is_a_message(api: Client) -> None:
    body = message(body_html="<p>Hello</p>")
    for text in ({}, {"body_text": None}):
        body = {k: v for k, v in body.items() if k != "body_text"} | text
        found = kept(api, api.post(URL, body))
        assert (found["body_text"], found["body_html"]) == (None, "<p>Hello</p>")
    [shown] = api.get("/v1/drafts/feed")["items"]
    assert shown["message"]["body_html"] == "<p>Hello</p>"


def test_a_message_without_anything_is_an_empty_one(api: Client) -> None:
    body = message(attachments=[{"object_key": "voice/1.ogg", "mime_type": "audio/ogg"}])
    del body["body_text"]
    found = kept(api, api.post(URL, body, expect=201))
    assert (found["body_text"], found["body_html"]) == ("", None)


def test_bodies_are_cut_off_where_their_columns_end(api: Client) -> None:
    for name, limit in ("body_text", 256 * 1024), ("body_html", 512 * 1024):
        longest = "x" * (limit - 3) + "漢"
        assert stored(api, name, longest) == (longest, [])
        received = api.post(URL, message(external_id=name, **{name: "x" + longest}), expect=201)
        assert received["warnings"] == [
            {
                "field": name,
                "message": f"has {limit + 1} bytes: the first {limit} are kept",
                "given": None,
            }
        ]
        found = kept(api, received)
        # No half of a character.
        assert found[name] == "x" * (limit - 2)
        assert found["warnings"] == received["warnings"]


def test_the_intake_has_a_limit_of_its_own(api: Client) -> None:
    received = api.post(URL, message(body_text="x" * 3 * 1024 * 1024), expect=201)
    assert warned(received) == ["body_text"]
    body = json.dumps(message(external_id="2")).ljust(8 * 1024 * 1024).encode()
    raw(api, body, expect=201)
    raw(api, body + b" ", expect=413)
    raw(api, body[: 1024 * 1024 + 1], expect=413, path="/v1/jobs")

    def chunks() -> Any:
        yield json.dumps(message(external_id="3", body_text="x" * 2 * 1024 * 1024)).encode()

    raw(api, chunks(), expect=201)  # type: ignore[arg-type]


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud83d", "\\udc00x"])
@pytest.mark.parametrize(
    ("field", "template"),
    [
        ("body_text", {"body_text": "a@b"}),
        ("body_html", {"body_html": "a@b"}),
        ("subject", {"subject": "a@b"}),
        ("customer_name", {"customer_name": "a@b"}),
        ("metadata", {"metadata": {"a": {"b": ["@"]}}}),
        ("metadata", {"metadata": {"a": {"@": 1}}}),
        ("channel_metadata", {"channel_metadata": {"a": "@"}}),
    ],
)
def test_what_cannot_be_stored_is_replaced(
    api: Client, escape: str, field: str, template: dict[str, Any]
) -> None:
    body = json.dumps(message(**template)).replace("@", escape).encode()
    received = raw(api, body, expect=201)
    [warning] = received["warnings"]
    assert (warning["field"], warning["message"]) == (field, facts.REPLACED)
    replaced = json.loads(json.dumps(template).replace("@", "\ufffd" + escape[6:]))[field]
    if field == "channel_metadata":
        assert api.get(f"/v1/channels/{received['channel_id']}")["metadata"] == replaced
    elif field == "customer_name":
        [conversation] = api.all("/v1/conversations")
        assert conversation["customer_name"] == replaced
    else:
        assert kept(api, received)[field] == replaced


def test_metadata_has_64_kb_and_the_rest_is_left_out(api: Client) -> None:
    headers = {f"X-Header-{n}": ["value", n, "ü" * 20] for n in range(800)}
    assert len(json.dumps(headers, ensure_ascii=False).encode()) > 60_000
    assert stored(api, "metadata", headers) == (headers, [])

    largest = {"raw": "x" * (65_535 - len('{"raw": "", "n": [10000, 20000]}')), "n": [10000, 20000]}
    received = api.post(URL, message(external_id="2", metadata=largest), expect=201)
    assert (kept(api, received)["metadata"], received["warnings"]) == (largest, [])

    larger = {**largest, "raw": largest["raw"] + "x", "small": True}
    received = api.post(URL, message(external_id="3", metadata=larger), expect=201)
    [warning] = received["warnings"]
    assert (warning["field"], warning["given"]) == ("metadata", "n")
    assert kept(api, received)["metadata"] == {"raw": larger["raw"], "small": True}


def test_metadata_is_whatever_json_can_say(api: Client) -> None:
    # PostgreSQL writes these out: 301 characters each.
    numbers = {"numbers": [1e300] * 210}
    found, warnings = stored(api, "metadata", numbers)
    assert ([float(n) for n in found["numbers"]], warnings) == (numbers["numbers"], [])
    received = api.post(URL, message(external_id="2", metadata={"n": [1e300] * 230}), expect=201)
    assert warned(received) == ["metadata"]

    deep: Any = "\x00"
    for _ in range(500):
        deep = [deep]
    body = json.dumps(message(external_id="3", metadata={"a": {"deep": deep}, "n": "@"}))
    received = raw(api, body.replace('"@"', "1e999").encode(), expect=201)
    found = kept(api, received)["metadata"]
    assert found["n"] == "inf"
    assert json.dumps(found).count("[") == 500
    assert warned(received) == ["metadata"] * 2
    assert stored(api, "metadata", None) == ({}, [])


def test_warnings_have_a_limit_too(api: Client) -> None:
    files = [
        {
            "file_name": "x" + "\x01" * 300,
            "mime_type": "x" + "\x01" * 300,
            "url": "x" + "\x01" * 2000,
        }
        | {"object_key": f"k/{n}", "size_bytes": None}
        for n in range(facts.MAX_FILES + 5)
    ]
    body = message(attachments=files, subject="x" + "\x01" * 2000, customer_name="x" + "\x01" * 300)
    received = api.post(URL, body, expect=201)
    assert {"subject", "customer_name", "attachments", "attachments.99.url"} <= set(
        warned(received)
    )
    found = kept(api, received)
    assert found["warnings"] == received["warnings"]
    attachments = api.all(f"/v1/messages/{found['id']}/attachments")
    assert len(attachments) == facts.MAX_FILES


def test_archiving_removes_what_was_kept_in_warnings(api: Client) -> None:
    received = api.post(URL, message(subject="MARK" * 400), expect=201)
    assert "MARK" in received["warnings"][0]["given"]
    api.post(f"/v1/conversations/{received['conversation_id']}/archive")
    assert kept(api, received)["warnings"] == []


def test_null_is_as_good_as_nothing(api: Client) -> None:
    nothing = ("channel_id", "channel_name", "channel_metadata", "status", "customer_email")
    nothing += ("customer_name", "direction", "subject", "body_html", "metadata", "sent_at")
    received = api.post(URL, message(**dict.fromkeys((*nothing, "attachments"))), expect=201)
    assert received["warnings"] == []
    assert kept(api, received)["direction"] == "inbound"


# Files --------------------------------------------------------------------------------------------------

FILE = {"file_name": "a.ics", "mime_type": "text/calendar", "object_key": "k/a.ics"}


def files(api: Client, received: dict[str, Any]) -> list[Any]:
    return api.all(f"/v1/messages/{received['message_id']}/attachments")


def test_files_come_with_their_message_and_are_noted_once(api: Client) -> None:
    one = FILE | {"external_id": "F-1", "size_bytes": 12, "url": "s3://bucket/a.ics"}
    two = FILE | {"object_key": "k/b.ics"}
    received = api.post(URL, message(attachments=[one, two, two]), expect=201)
    first, second = files(api, received)
    assert {name: first[name] for name in one} == one
    assert (second["size_bytes"], second["url"], second["external_id"]) == (None, None, None)

    # Sent again: the file was stored under a new key meanwhile, or has got an id.
    again = [one | {"object_key": "k/new"}, two | {"external_id": "F-2"}]
    answers = at_once(8, lambda _: api.post(URL, message(attachments=again), expect=200))
    assert {answer["message_id"] for answer in answers} == {received["message_id"]}
    assert files(api, received) == [first, second]
    more = [*again, FILE | {"object_key": "k/c.ics"}]
    api.post(URL, message(attachments=more), expect=200)
    assert [file["object_key"] for file in files(api, received)] == [
        "k/a.ics",
        "k/b.ics",
        "k/c.ics",
    ]


def test_a_first_delivery_at_once_notes_its_files_once(api: Client) -> None:
    body = message(attachments=[FILE])
    answers = at_once(12, lambda _: api.request("POST", URL, body))
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len(files(api, answers[0].json())) == 1


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("mime_type", "text/calendar; method=REQUEST", None),
        ("mime_type", 'image/png; name="résumé 1.png"', None),
        ("mime_type", "image/png\n", "image/png"),
        ("mime_type", "png", "application/octet-stream"),
        ("mime_type", "a/b/c", "application/octet-stream"),
        ("mime_type", None, "application/octet-stream"),
        ("file_name", "", "unnamed"),
        ("file_name", " \n", "unnamed"),
        ("file_name", None, "unnamed"),
        ("file_name", "x" * 300, "x" * 255),
        ("size_bytes", None, None),
        ("url", "http://intranet/a.ics", None),
        ("url", "S3://bucket/a b", ""),
        ("url", "gs://bucket/ä.ics", None),
        ("url", "javascript://x/%0aalert(1)", ""),
        ("url", "files.example.com", ""),
        ("url", f"https://x/{'x' * 2048}", ""),
        ("url", "", ""),
    ],
)
def test_a_file_is_taken_as_it_is(
    api: Client, field: str, given: Any, expected: str | None
) -> None:
    """Expected is None for what was given, and empty for nothing."""
    received = api.post(URL, message(attachments=[FILE | {field: given}]), expect=201)
    [found] = files(api, received)
    assert found[field] == ((given if expected is None else expected) or None)
    told = given and given.strip() not in ("", found[field])
    assert warned(received) == ([f"attachments.0.{field}"] if told else [])
