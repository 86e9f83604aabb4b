"""Source documents: a mirror of what is indexed, one row per URL."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Client, Tenant, at_once

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
