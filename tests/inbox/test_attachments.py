"""Attachments: where files of messages and drafts lie; each belongs to exactly one of them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.writer import violated

FILE = {
    "file_name": "Rechnung März 🧾.pdf",
    "mime_type": "application/pdf",
    "size_bytes": 2**40,
    "object_key": "tenants/1/attachments/ä b.pdf",
    "url": "https://files.example.com/a%20b.pdf?x=1",
    "external_id": "F-1",
}


@pytest.fixture(params=["messages", "drafts"])
def subject(request: pytest.FixtureRequest, tenant: Tenant) -> dict[str, str]:
    """Something that has files: its kind, its id and the path of its files."""
    kind: str = request.param
    found = tenant.receive()["message_id"] if kind == "messages" else tenant.draft()["id"]
    return {"kind": kind, "id": found, "path": f"/v1/{kind}/{found}/attachments"}


def test_a_file_belongs_to_its_message_or_its_draft(api: Client, subject: dict[str, str]) -> None:
    created = api.post(subject["path"], FILE, expect=201)
    assert {name: created[name] for name in FILE} == FILE
    of_message = subject["kind"] == "messages"
    assert created["message_id"] == (subject["id"] if of_message else None)
    assert created["draft_id"] == (None if of_message else subject["id"])
    assert api.all(subject["path"]) == [created]


def test_files_are_listed_in_the_order_in_which_they_came(
    api: Client, subject: dict[str, str]
) -> None:
    assert api.all(subject["path"]) == []
    files = [FILE | {"object_key": str(n), "url": None, "external_id": None} for n in range(5)]
    made = [api.post(subject["path"], file, expect=201) for file in files]
    for limit in (1, 2, 100):
        assert api.all(subject["path"], limit=limit) == made


def test_files_need_a_subject_of_the_tenant(
    api: Client, subject: dict[str, str], new_tenant: Callable[[], Tenant]
) -> None:
    path = f"/v1/{subject['kind']}/{uuid4()}/attachments"
    api.post(path, FILE, expect=404)
    api.get(path, expect=404)
    other = new_tenant().service
    other.post(subject["path"], FILE, expect=404)
    other.get(subject["path"], expect=404)
    assert api.all(subject["path"]) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file_name", ""),
        ("file_name", "  "),
        ("file_name", "x" * 256),
        ("file_name", "a\u0000.pdf"),
        ("mime_type", "pdf"),
        ("mime_type", "application/"),
        ("mime_type", "text/plain/x"),
        ("mime_type", "image/png\n"),
        ("mime_type", "text/plain; a\r\nX-Header: b"),
        ("mime_type", f"text/{'x' * 255}"),
        ("size_bytes", -1),
        ("size_bytes", 1.5),
        ("size_bytes", "1"),
        ("size_bytes", 2**63),
        ("object_key", ""),
        ("object_key", "ü" * 513),
        ("url", "files.example.com"),
        ("url", "javascript:alert(1)"),
        ("url", "javascript://x/%0aalert(1)"),
        ("url", "https://files.example.com/a b"),
        ("url", "https://files.example.com/a\n"),
        ("external_id", ""),
        ("external_id", "  "),
        ("url", f"https://files.example.com/{'x' * 2048}"),
        ("message_id", "0190d3a0-0000-7000-8000-000000000001"),
    ],
)
def test_a_wrong_file_is_refused_by_name(
    api: Client, subject: dict[str, str], field: str, value: Any
) -> None:
    refused = api.post(subject["path"], FILE | {field: value}, expect=400)
    assert list(refused["errors"]) == [field]
    rest = {name: given for name, given in FILE.items() if name != field}
    if field not in ("url", "message_id", "external_id"):
        assert list(api.post(subject["path"], rest, expect=400)["errors"]) == [field]
    assert api.all(subject["path"]) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mime_type", "text/calendar; method=REQUEST"),
        ("mime_type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("url", "http://intranet/a.pdf"),
        ("url", "http://localhost:9000/a.pdf"),
        ("url", "s3://bucket/a.pdf"),
    ],
)
def test_files_lie_wherever_they_lie(
    api: Client, subject: dict[str, str], field: str, value: Any
) -> None:
    assert api.post(subject["path"], FILE | {field: value}, expect=201)[field] == value


def test_a_file_is_noted_once_however_often_it_is_posted(
    api: Client, subject: dict[str, str]
) -> None:
    def post(**fields: Any) -> Any:
        return api.request("POST", subject["path"], FILE | fields)

    answers = at_once(10, lambda _: post())
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    first = answers[0].json()
    assert {answer.json()["id"] for answer in answers} == {first["id"]}
    # Under its key or under its id.
    for fields in ({"object_key": "another"}, {"external_id": None}, {"external_id": "F-2"}):
        answer = post(**fields)
        assert (answer.status_code, answer.json()) == (200, first)
    assert post(object_key="another", external_id="F-3").status_code == 201
    assert len(api.all(subject["path"])) == 2


@pytest.mark.parametrize("column", ["object_key", "external_id"])
def test_no_writer_notes_a_file_twice(
    api: Client, sql: psycopg.Connection[Any], subject: dict[str, str], column: str
) -> None:
    api.post(subject["path"], FILE, expect=201)
    other = {"object_key": "external_id", "external_id": "object_key"}[column]
    names = {column: FILE[column], other: "another"}
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute(
            "INSERT INTO inbox.attachments (tenant_id, message_id, draft_id, file_name, mime_type,"
            " size_bytes, object_key, external_id)"
            " SELECT a.tenant_id, a.message_id, a.draft_id, 'f', 'a/b', 1, %s, %s"
            " FROM inbox.attachments AS a",
            [names["object_key"], names["external_id"]],
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [("mime_type", "image/png\n"), ("mime_type", "png"), ("url", "javascript:alert(1)")],
)
def test_no_writer_notes_a_wrong_file(
    tenant: Tenant, sql: psycopg.Connection[Any], column: str, value: str
) -> None:
    values = {"mime_type": "a/b", "url": None, column: value}
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(
            "INSERT INTO inbox.attachments (tenant_id, message_id, file_name, mime_type, url, object_key)"
            " VALUES (%s, %s, 'f', %s, %s, 'k')",
            [tenant.id, tenant.receive()["message_id"], values["mime_type"], values["url"]],
        )


def test_a_draft_takes_files_until_it_is_decided(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    draft = tenant.draft()
    path = f"/v1/drafts/{draft['id']}/attachments"
    noted = api.post(path, FILE, expect=201)
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    refused = api.post(path, FILE | {"object_key": "2", "external_id": "F-2"}, expect=409)
    assert refused["detail"] == "a draft that is approved takes no files"
    with pytest.raises(psycopg.Error, match="takes no files"):
        sql.execute(
            "INSERT INTO inbox.attachments (tenant_id, draft_id, file_name, mime_type, object_key)"
            " VALUES (%s, %s, 'f', 'a/b', 'k')",
            [tenant.id, draft["id"]],
        )
    [claimed] = tenant.claim()
    shown = {name: noted[name] for name in ("id", *FILE)}
    assert claimed["attachments"] == [shown]


@pytest.mark.parametrize("has", ["neither", "both"])
def test_no_writer_makes_a_file_of_neither_or_of_both(
    tenant: Tenant, sql: psycopg.Connection[Any], has: str
) -> None:
    message, draft = tenant.receive()["message_id"], tenant.draft()["id"]
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            "INSERT INTO inbox.attachments (tenant_id, message_id, draft_id, file_name, mime_type,"
            " size_bytes, object_key) VALUES (%s, %s, %s, 'f', 'a/b', 1, 'k')",
            [tenant.id, *([message, draft] if has == "both" else [None, None])],
        )
    assert violated(refused.value) == "attachments_subject_check"


@pytest.mark.parametrize("column", ["message_id", "draft_id"])
def test_no_writer_makes_a_file_of_another_tenants_subject(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: psycopg.Connection[Any], column: str
) -> None:
    other = new_tenant()
    theirs = other.receive()["message_id"] if column == "message_id" else other.draft()["id"]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        sql.execute(
            f"INSERT INTO inbox.attachments (tenant_id, {column}, file_name, mime_type,"
            " size_bytes, object_key) VALUES (%s, %s, 'f', 'a/b', 1, 'k')",
            [tenant.id, theirs],
        )
