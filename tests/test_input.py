"""What a request may hold: JSON, what PostgreSQL can store, values that fit, cursors, 64 KB."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from service import paging
from service.openapi import describe
from service.queries import queries
from service.rest import MAX_VALUES
from tests.client import Client, lists_within
from tests.document import application
from tests.problems import problem

JSON = {"Content-Type": "application/json"}
NEW_JOB = {"type": "crawl"}


def send(api: Client, data: bytes | str, path: str = "/v1/jobs", **kwargs: Any) -> Any:
    return api.request("POST", path, data=data, headers=JSON, **kwargs)


# How much a body may hold -------------------------------------------------------------------------------

DOCUMENT = describe(application())
BODIES = [
    (method.upper(), path, operation["requestBody"]["content"]["application/json"]["schema"])
    for path, of_path in DOCUMENT["paths"].items()
    for method, operation in of_path.items()
    # Lines are no document.
    if "application/json" in operation.get("requestBody", {}).get("content", {})
    and operation["security"] == [{"bearer": []}]
]
LISTS = [
    (method, path, names, described["maxItems"])
    for method, path, schema in BODIES
    for names, described in lists_within(DOCUMENT, schema)
    # Of the files of a message that came in, the first are kept. Of what a stage put out the size is limited.
    if "[]" not in names and names not in (("attachments",), ("json_output",))
]


@pytest.mark.parametrize(("method", "path", "names", "most"), LISTS)
def test_a_list_that_is_too_long_is_one_error_whatever_is_in_it(
    api: Client, method: str, path: str, names: tuple[str, ...], most: int
) -> None:
    body: Any = [{} for _ in range(most + 1)]
    for name in reversed(names):
        body = {name: body}
    there = re.sub(r"\{\w+\}", str(uuid4()), path.replace("{step}", "1"))
    found = problem(api.request(method, there, body), 400, "VALIDATION")["errors"]
    for name in names:
        found = found[name]
    [message] = found
    assert str(most) in message


def test_of_many_errors_the_first_are_told_and_how_many_more_there_are(api: Client) -> None:
    scopes = [f"{n}" for n in range(25)]
    response = api.request("POST", "/v1/api-keys", {"name": "reader", "scopes": scopes})
    document = problem(response, 400, "VALIDATION")
    assert (len(document["errors"]["scopes"]), document["more_errors"]) == (20, 5)
    unknown = {f"{n:03}" * 10_000: n for n in range(30)}
    response = api.request("POST", "/v1/jobs", {"type": "crawl", **unknown})
    document = problem(response, 400, "VALIDATION")
    assert (len(document["errors"]), document["more_errors"]) == (20, 10)
    assert len(response.content) < 10_000


@pytest.mark.parametrize("value", ["0", "[]", "{}", '"a,b"', "[[],[]]"])
def test_a_body_of_too_many_values_is_refused(api: Client, value: str) -> None:
    values = ",".join([value] * (MAX_VALUES + 1))
    response = send(api, f'{{"type": "crawl", "payload": {{"a": [{values}]}}}}')
    assert list(problem(response, 400, "VALIDATION")["errors"]) == ["body"]


@pytest.mark.parametrize("text", [",[{" * 100_000, '","' * 70_000, "\\" * 200_000 + ",[" * 90_000])
def test_what_a_text_holds_are_no_values(api: Client, text: str) -> None:
    body = {"title": "T", "raw_transcript": text}
    assert api.request("POST", "/v1/episodes", body).status_code == 201


def test_the_longest_batch_may_have_a_hundred_values_an_item(api: Client) -> None:
    meta = {f"{n}": n for n in range(90)}
    runs = [{"run_type": "EMBEDDING", "model": "m", "meta": meta} for _ in range(1000)]
    assert api.request("POST", "/v1/model-runs/batch", {"runs": runs}).ok


# What a body may hold -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"{'type': 'crawl'}", b'{"type": "crawl"} x', b'{"type": "\xff"}', b"[" * 100_000]
    + [b'{"type": "crawl", "priority": %s}' % n for n in (b"NaN", b"Infinity", b"-Infinity")]
    + [b'{"type": "crawl", "priority": %s}' % (b"9" * 5000)],
)
def test_a_body_that_is_not_json_is_refused(api: Client, data: bytes) -> None:
    document = problem(send(api, data), 400, "VALIDATION")
    assert "JSON" in document["detail"]


@pytest.mark.parametrize("data", [b"[]", b'["a"]', b'"text"', b"null", b"3", b"true"])
def test_json_that_is_not_an_object_is_refused(api: Client, data: bytes) -> None:
    assert "body" in problem(send(api, data), 400, "VALIDATION")["errors"]


def test_deep_nesting_is_refused_with_the_name_of_the_field(api: Client) -> None:
    def nested(depth: int) -> str:
        return '{{"type": "crawl", "payload": {{"a": {}{}}}}}'.format("[" * depth, "]" * depth)

    assert send(api, nested(90)).status_code == 201
    for depth in (101, 900):
        assert list(problem(send(api, nested(depth)), 400, "VALIDATION")["errors"]) == ["payload.a"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (r'{"type": "crawl", "unique_key": "a\u0000b"}', "unique_key"),
        (r'{"type": "crawl", "payload": {"a": [{"b": "\u0000"}]}}', "payload.a.b"),
        (r'{"type": "crawl", "payload": {"\u0000": 1}}', "payload"),
        (r'{"type": "crawl", "\u0000": 1}', "body"),
        (r'"\u0000"', "body"),
        (r'{"type": "crawl", "unique_key": "a\ud800b"}', "unique_key"),
        (r'{"type": "crawl", "payload": {"a": {"b": ["\udfff"]}}}', "payload.a.b"),
        (r'{"type": "crawl", "payload": {"\udc00": 1}}', "payload"),
        (r'{"type": "crawl", "payload": {"a": {"b": 1e400}}}', "payload.a.b"),
    ],
)
def test_what_postgresql_cannot_store_is_refused_with_the_name_of_the_field(
    api: Client, data: str, field: str
) -> None:
    assert list(problem(send(api, data), 400, "VALIDATION")["errors"]) == [field]


def test_a_pair_of_surrogates_is_a_character(api: Client) -> None:
    assert send(api, r'{"type": "crawl", "payload": {"a": "\ud83d\ude00"}}').json()["payload"] == {
        "a": "😀"
    }


@pytest.mark.parametrize("bad", ["%00", "%ED%A0%80", "%FF"])
def test_a_query_that_cannot_be_stored_is_refused_with_the_name_of_the_field(
    api: Client, bad: str
) -> None:
    response = api.request("GET", f"/v1/conversations?external_id=a{bad}b")
    assert list(problem(response, 400, "VALIDATION")["errors"]) == ["external_id"]


@pytest.mark.parametrize("bad", ["%00", "%ED%A0%80", "%FF"])
def test_a_path_that_cannot_be_stored_is_refused_with_the_name_of_the_field(
    api: Client, bad: str
) -> None:
    body = {"channel_type": "email", "channel_external_id": "m", "body_text": "Hello"}
    response = api.request("POST", f"/internal/conversations/a{bad}b/messages", body)
    [field] = problem(response, 400, "VALIDATION")["errors"]
    assert field in ("path", "path.conversation_external_id")


def test_every_character_that_can_be_stored_is_stored_as_it_came(api: Client) -> None:
    name = "ق😀\ufffdé +&%/"
    body = {"channel_type": "email", "channel_external_id": "m", "body_text": "Hello"}
    received = api.post(f"/internal/conversations/{quote(name, safe='')}/messages", body)
    [found] = api.get("/v1/conversations", params={"external_id": name})["items"]
    assert (found["id"], found["external_id"]) == (received["conversation_id"], name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", 7),
        ("type", None),
        ("type", "nothing"),
        ("unique_key", ["a"]),
        ("unique_key", ""),
        ("priority", "1"),
        ("priority", 1.5),
        ("priority", True),
        ("priority", 101),
        ("priority", 10**30),
        ("payload", []),
        ("payload", None),
        ("run_at", "tomorrow"),
        ("run_at", "2026-01-01T00:00:00"),
        ("max_attempts", {}),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_field(
    api: Client, field: str, value: Any
) -> None:
    response = api.request("POST", "/v1/jobs", {"type": "crawl", field: value})
    assert list(problem(response, 400, "VALIDATION")["errors"]) == [field]


def test_all_wrong_fields_are_named_at_once(api: Client) -> None:
    response = api.request("POST", "/v1/jobs", {"priority": "1", "kind": "crawl", "tenant_id": "x"})
    errors = problem(response, 400, "VALIDATION")["errors"]
    assert errors.keys() == {"type", "priority", "kind", "tenant_id"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("status=lost", "status"),
        ("status=queued&status=queued", "status"),
        ("page=2", "page"),
        ("cursor=x", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("cursor=bnVsbA", "cursor"),
    ],
)
def test_a_wrong_query_is_refused_with_the_name_of_its_field(
    api: Client, query: str, field: str
) -> None:
    response = api.request("GET", f"/v1/jobs?{query}")
    assert list(problem(response, 400, "VALIDATION")["errors"]) == [field]


@pytest.mark.parametrize(
    "keys",
    [
        ["\x00", "\x00"],
        ["\ud800", "\ud800"],
        ["", ""],
        [10**30, 10**30],
        [1, 1],
        [True, False],
        ["infinity", "infinity"],
        [None, None],
        [["a"], {}],
    ],
)
def test_a_forged_cursor_is_refused(api: Client, keys: list[Any]) -> None:
    """Its fingerprint is no secret: whoever reads the source can make one."""
    for path, query, number in (
        ("/v1/jobs", queries.operations.list_jobs, 2),
        ("/v1/events", queries.operations.list_events, 3),
    ):
        cursor = paging.encode(query, {}, (keys * 2)[:number])
        problem(api.request("GET", path, params={"cursor": cursor}), 400, "VALIDATION")


# JSON columns -------------------------------------------------------------------------------------------


def channel(api: Client, **fields: Any) -> Any:
    body = {"type": "email", "external_id": uuid4().hex, "name": "Mail"}
    return api.request("POST", "/v1/channels", {**body, **fields})


def intake(api: Client, **fields: Any) -> Any:
    body = {
        "channel_type": "email",
        "channel_external_id": uuid4().hex,
        "conversation_external_id": "1",
        "body_text": "Hello",
    }
    return api.request("POST", "/v1/intake/messages", {**body, **fields})


def completed(api: Client, value: Any) -> Any:
    api.post("/v1/jobs", NEW_JOB)
    [job] = api.post("/v1/jobs/claim", {"type": "crawl", "worker": "w"})["items"]
    body = {"lease_id": job["lease_id"], "metrics": value}
    return api.request("POST", f"/v1/jobs/{job['id']}/complete", body)


def document(api: Client, value: Any) -> Any:
    body = {"source_url": uuid4().hex, "indexed_at": "2026-01-01T00:00:00Z", "metadata": value}
    return api.request("PUT", "/v1/source-documents", body)


def drafted(api: Client, value: Any) -> Any:
    conversation = intake(api).json()["conversation_id"]
    body = {"model_key": "m", "prompt_version": "v1", "suggested_text": "A", "top_sources": [value]}
    return api.request("POST", f"/v1/conversations/{conversation}/drafts", body)


@pytest.mark.parametrize(
    ("write", "field", "brackets"),
    [
        (
            lambda api, value: api.request("POST", "/v1/jobs", {**NEW_JOB, "payload": value}),
            "payload",
            0,
        ),
        (completed, "metrics", 0),
        (lambda api, value: channel(api, metadata=value), "metadata", 0),
        (document, "metadata", 0),
        (drafted, "top_sources", 2),
    ],
    ids=["job", "metrics", "channel", "source document", "draft"],
)
def test_a_json_column_holds_just_under_64_kb(
    api: Client, write: Callable[[Client, Any], Any], field: str, brackets: int
) -> None:
    longest = 64 * 1024 - 1 - len('{"k": ""}') - brackets
    assert write(api, {"k": "x" * longest}).ok
    errors = problem(write(api, {"k": "x" * (longest + 1)}), 400, "VALIDATION")["errors"]
    assert list(errors) == [field]
    assert errors[field][0].endswith("under 64 KB")
    assert write(api, {"k": "é" * (longest // 2)}).ok
    assert write(api, {"k": "é" * (longest // 2 + 1)}).status_code == 400
