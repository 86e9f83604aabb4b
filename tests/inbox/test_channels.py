"""Channels: made by hand or by their first message, shown, changed, told apart."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.client import Client, Tenant, at_once

NEW = {"type": "email", "external_id": "mailbox", "name": "Mailbox"}


def test_a_channel_is_made_and_shown_and_listed(api: Client) -> None:
    metadata = {"domain": "example.com", "folders": ["INBOX", {"deep": None}]}
    created = api.post("/v1/channels", NEW | {"metadata": metadata}, expect=201)
    assert {name: created[name] for name in NEW} == NEW
    assert created["metadata"] == metadata
    assert created["is_signed"] is False
    assert api.get(f"/v1/channels/{created['id']}") == created
    others = [
        api.post("/v1/channels", NEW | {"external_id": f"mailbox-{n}"}, expect=201)
        for n in range(4)
    ]
    newest_first = [*others[::-1], created]
    for limit in (1, 2, 100):
        assert api.all("/v1/channels", limit=limit) == newest_first


def test_two_channels_of_a_type_have_two_external_ids(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    answers = at_once(8, lambda _: api.request("POST", "/v1/channels", NEW))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused = api.post("/v1/channels", NEW | {"name": "Another"}, expect=409)
    assert refused["code"] == "CONFLICT"
    assert list(refused["errors"]) == ["external_id"]
    api.post("/v1/channels", NEW | {"type": "chat"}, expect=201)
    new_tenant().service.post("/v1/channels", NEW, expect=201)


def test_a_message_finds_the_channel_that_was_made_by_hand(tenant: Tenant, api: Client) -> None:
    created = api.post("/v1/channels", NEW, expect=201)
    received = tenant.receive(channel_name="Another", channel_metadata={"another": True})
    assert received["channel_id"] == created["id"]
    assert api.get(f"/v1/channels/{created['id']}") == created


def test_a_channel_is_changed_under_its_revision(api: Client) -> None:
    path = f"/v1/channels/{api.post('/v1/channels', NEW, expect=201)['id']}"
    first = {"If-Match": '"1"'}
    response = api.request("PATCH", path, {"name": "Renamed"}, headers=first, expect=200)
    assert response.headers["ETag"] == '"2"'
    assert response.json()["name"] == "Renamed"
    assert api.patch(path, {"name": "Lost"}, expect=412, headers=first)["code"] == "STALE"
    changed = api.patch(path, {"metadata": {"a": 1}}, headers={"If-Match": '"2"'})
    assert (changed["name"], changed["metadata"], changed["revision"]) == ("Renamed", {"a": 1}, 3)
    assert api.get(path) == changed == api.patch(path, {})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "pigeon"),
        ("external_id", ""),
        ("external_id", "ü" * 513),
        ("external_id", "a\u0000b"),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("metadata", []),
        ("metadata", {"raw": "x" * 65_536}),
        ("signing_secret", "x" * 15),
        ("signing_secret", "x" * 201),
        ("unknown", 1),
    ],
)
def test_a_wrong_channel_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    refused = api.post("/v1/channels", NEW | {field: value}, expect=400)
    assert list(refused["errors"]) == [field]
    channel = api.post("/v1/channels", NEW, expect=201)
    refused = api.patch(f"/v1/channels/{channel['id']}", {field: value}, expect=400)
    assert list(refused["errors"]) == [field]
    assert api.all("/v1/channels") == [channel]


def test_another_tenants_channel_is_not_there(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    channel = new_tenant().service.post("/v1/channels", NEW, expect=201)
    for path in (f"/v1/channels/{channel['id']}", f"/v1/channels/{uuid4()}"):
        api.get(path, expect=404)
        api.patch(path, {"name": "Mine"}, expect=404)
    assert api.all("/v1/channels") == []
