"""Source documents: a mirror of what is indexed, one row per URL."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.writer import violated

DOCUMENT = {
    "source_url": "https://example.com/faq?a=1#b",
    "title": "FAQ",
    "hash": "3a7b",
    "indexed_at": "2026-01-01T00:00:00+00:00",
    "next_refresh_at": "2026-02-01T00:00:00+00:00",
    "metadata": {"chunks": 12},
}


def record(api: Client, **fields: Any) -> Any:
    return api.put("/v1/source-documents", {**DOCUMENT, **fields})


def test_a_document_is_recorded_as_told(api: Client) -> None:
    document = record(api)
    assert DOCUMENT.items() <= document.items()
    assert document["revision"] == 1
    assert api.all("/v1/source-documents") == [document]


def test_a_known_document_is_recorded_again(api: Client) -> None:
    first = record(api)
    body = {"source_url": DOCUMENT["source_url"], "indexed_at": "2026-01-02T00:00:00+00:00"}
    again = api.put("/v1/source-documents", body)
    assert (again["id"], again["created_at"]) == (first["id"], first["created_at"])
    assert body.items() <= again.items()
    assert (again["title"], again["hash"], again["next_refresh_at"]) == (None, None, None)
    assert (again["metadata"], again["revision"]) == ({}, 2)
    assert api.put("/v1/source-documents", body)["revision"] == 2


def test_a_document_recorded_by_many_at_once_is_one(tenant: Tenant) -> None:
    def put(number: int) -> Any:
        api = Client(tenant.service.url, tenant.service.credential)
        return record(api, title=f"version {number}")["id"]

    assert len(set(at_once(16, put))) == 1
    [document] = tenant.service.all("/v1/source-documents")
    assert document["revision"] == 16


def test_a_url_is_known_in_its_tenant_only(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    other = new_tenant()
    mine = record(tenant.service)
    assert record(other.service)["id"] != mine["id"]
    assert tenant.service.all("/v1/source-documents") == [mine]


def test_documents_are_listed_newest_first_page_by_page(api: Client) -> None:
    recorded = [record(api, source_url=f"u{n}")["id"] for n in range(5)]
    record(api, source_url="u0", title="again")
    listed = [document["id"] for document in api.all("/v1/source-documents", limit=2)]
    assert listed == recorded[::-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source_url", ""),
        ("source_url", "é" * 1025),
        ("source_url", "x" * 2049),
        ("indexed_at", None),
        ("indexed_at", "2026-01-01"),
        ("next_refresh_at", "2026-01-01T00:00:00"),
        ("metadata", []),
        ("size", 1),
    ],
)
def test_a_wrong_field_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    refused = api.put("/v1/source-documents", {**DOCUMENT, field: value}, expect=400)
    assert list(refused["errors"]) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("title", ""), ("title", "x" * 1001), ("hash", ""), ("hash", "x" * 201)),
        *(("indexed_at", "infinity"), ("next_refresh_at", "-infinity"), ("metadata", "[]")),
    ],
)
def test_another_writer_is_held_to_the_same(
    tenant: Tenant, sql: psycopg.Connection[Any], field: str, value: str
) -> None:
    record(tenant.service)
    statement = f"UPDATE operations.source_documents SET {field} = %s WHERE tenant_id = %s"
    with pytest.raises(psycopg.errors.CheckViolation) as refused, sql.transaction():
        sql.execute(statement.encode(), (value, tenant.id))
    assert violated(refused.value) == f"source_documents_{field}_check"


# Indexed again -------------------------------------------------------------------------------------


def test_what_is_due_is_listed_the_longest_overdue_first(api: Client) -> None:
    times = {"u1": "2026-02-02", "u2": "2026-02-01", "u3": "2026-02-01", "u4": "2999-01-01"}
    ids = {
        u: record(api, source_url=u, next_refresh_at=f"{t}T00:00:00Z")["id"]
        for u, t in times.items()
    }
    record(api, source_url="u5", next_refresh_at=None)
    listed = [document["id"] for document in api.all("/v1/source-documents/due", limit=1)]
    assert listed == [ids["u2"], ids["u3"], ids["u1"]]


def refresh(api: Client, document: dict[str, Any], expect: int = 200, **arguments: Any) -> Any:
    body = {"hash": "4b8c", "indexed_at": "2026-01-03T00:00:00+00:00", **arguments.pop("body", {})}
    path = f"/v1/source-documents/{document['id']}"
    return api.post(f"{path}/refreshed", body, expect=expect, **arguments)


def test_a_document_is_marked_as_indexed_again(api: Client) -> None:
    document = record(api)
    next_refresh_at = "2999-01-01T00:00:00+00:00"
    refreshed = refresh(api, document, body={"next_refresh_at": next_refresh_at})
    assert refreshed == document | {
        "hash": "4b8c",
        "indexed_at": "2026-01-03T00:00:00+00:00",
        "next_refresh_at": next_refresh_at,
        "updated_at": refreshed["updated_at"],
        "revision": 2,
    }
    assert api.get(f"/v1/source-documents/{document['id']}") == refreshed
    assert api.all("/v1/source-documents/due") == []
    assert refresh(api, document)["next_refresh_at"] is None


def test_who_looked_at_another_revision_marks_nothing(api: Client) -> None:
    document = record(api)
    record(api, title="again")
    stale = refresh(api, document, expect=412, headers={"If-Match": '"1"'})
    assert stale["code"] == "STALE"
    assert refresh(api, document, headers={"If-Match": '"2"'})["revision"] == 3


def test_an_older_indexing_that_comes_late_changes_nothing(api: Client) -> None:
    document = record(api, indexed_at="2026-01-04T00:00:00+00:00")
    refused = refresh(api, document, expect=409)
    assert refused["current"] == document
    again = {"indexed_at": document["indexed_at"], "hash": document["hash"]}
    assert refresh(api, document, body=again)["indexed_at"] == document["indexed_at"]


def test_of_many_who_mark_the_same_revision_one_does(tenant: Tenant) -> None:
    document = record(tenant.service)

    def mark(number: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        return api.request(
            "POST",
            f"/v1/source-documents/{document['id']}/refreshed",
            {"hash": str(number), "indexed_at": "2026-01-03T00:00:00Z"},
            headers={"If-Match": '"1"'},
        ).status_code

    assert sorted(at_once(8, mark)) == [200] + [412] * 7


@pytest.mark.parametrize("field", ["hash", "indexed_at", "next_refresh_at"])
def test_a_wrong_field_of_a_refresh_is_refused_by_name(api: Client, field: str) -> None:
    refused = refresh(api, record(api), expect=400, body={field: ""})
    assert list(refused["errors"]) == [field]
