"""A channel with a signing secret takes only what carries the HMAC of its raw bytes."""

import hashlib
import hmac
import json
from typing import Any

import psycopg
import pytest

from service.secrets import Cell, Secrets
from tests.client import Client
from tests.commands import SECRET_KEY

URL = "/v1/intake/messages"
SECRET = "a secret of the channel ä"
BODY = {
    "channel_type": "email",
    "channel_external_id": "signed",
    "conversation_external_id": "T",
    "external_id": "M",
    "body_text": "Grüße 🏎️",
}
# The same message in other bytes, as other JSON writers send it.
SPELLINGS = [
    json.dumps(BODY).encode(),
    json.dumps(BODY, ensure_ascii=False).encode(),
    json.dumps(BODY, indent=7, separators=(" , ", "\t:\r\n")).encode() + b"\n\n",
    b" " + json.dumps(BODY).replace("Gr", "\\u0047r").encode(),
]


@pytest.fixture
def channel(api: Client) -> dict[str, Any]:
    created: dict[str, Any] = api.post(
        "/v1/channels",
        {"type": "email", "external_id": "signed", "name": "Signed", "signing_secret": SECRET},
        expect=201,
    )
    return created


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(api: Client, body: bytes, expect: int, given: str | None, path: str = URL) -> Any:
    headers = {"Content-Type": "application/json"}
    if given is not None:
        headers["X-Hub-Signature-256"] = given
    return api.request("POST", path, data=body, headers=headers, expect=expect).json()


@pytest.mark.parametrize("body", SPELLINGS)
def test_the_signature_is_over_the_bytes_as_they_came(
    api: Client, channel: dict[str, Any], body: bytes
) -> None:
    for other in SPELLINGS:
        if other != body:
            post(api, body, 401, signature(other))
    received = post(api, body, 201, signature(body))
    assert received["channel_id"] == channel["id"]
    assert api.get(f"/v1/messages/{received['message_id']}")["body_text"] == BODY["body_text"]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "sha256=",
        "sha256",
        signature(SPELLINGS[0])[:-1],
        signature(SPELLINGS[0]) + "0",
        signature(SPELLINGS[0]).removeprefix("sha256="),
        signature(SPELLINGS[0]).replace("sha256=", "sha1="),
        signature(SPELLINGS[0], SECRET + "x"),
        signature(SPELLINGS[0] + b" "),
        "sha256=" + "é" * 64,
    ],
)
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    api: Client, channel: dict[str, Any], given: str | None
) -> None:
    by_name = SPELLINGS[0]
    assert post(api, by_name, 401, given)["code"] == "UNAUTHENTICATED"
    rest = {k: v for k, v in BODY.items() if not k.startswith("channel_")}
    by_id = json.dumps(rest | {"channel_id": channel["id"]}).encode()
    post(api, by_id, 401, given)
    in_path = {k: v for k, v in BODY.items() if k != "conversation_external_id"}
    post(api, json.dumps(in_path).encode(), 401, given, "/internal/conversations/T/messages")
    assert api.all("/v1/conversations") == []
    post(api, by_name, 201, signature(by_name))
    # What is known already is not told to the unsigned either.
    post(api, by_name, 401, given)


def test_every_route_of_intake_takes_the_right_signature(
    api: Client, channel: dict[str, Any]
) -> None:
    rest = {k: v for k, v in BODY.items() if not k.startswith("ch")}
    told = {"channel_id": channel["id"], "conversation_external_id": "T ä"}
    body = json.dumps(rest | told).encode()
    path = "/internal/conversations/T%20%C3%A4/messages"
    assert post(api, body, 201, signature(body), path)["channel_id"] == channel["id"]


@pytest.mark.parametrize("channel_is", ["named", "known by its id"])
def test_a_signature_counts_for_the_conversation_that_was_signed_and_no_other(
    api: Client, channel: dict[str, Any], channel_is: str
) -> None:
    signed = dict(BODY)
    if channel_is != "named":
        signed = {k: v for k, v in BODY.items() if not k.startswith("ch")}
        signed["channel_id"] = channel["id"]
    body = json.dumps(signed).encode()
    elsewhere = "/internal/conversations/ANOTHER/messages"
    refused = post(api, body, 400, signature(body), elsewhere)
    assert list(refused["errors"]) == ["conversation_external_id"]
    del signed["conversation_external_id"]
    untold = json.dumps(signed).encode()
    for path in (elsewhere, "/internal/conversations/T/messages"):
        post(api, untold, 401, signature(body), path)
        refused = post(api, untold, 400, signature(untold), path)
        assert list(refused["errors"]) == ["conversation_external_id"]
    assert api.all("/v1/conversations") == []
    post(api, body, 201, signature(body), "/internal/conversations/T/messages")


def test_without_a_secret_the_path_is_enough_and_what_it_contradicts_is_refused(
    api: Client,
) -> None:
    path = "/internal/conversations/T/messages"
    told = {**BODY, "channel_external_id": "unsigned"}
    post(api, json.dumps(told).encode(), 201, None, path)
    del told["conversation_external_id"]
    post(api, json.dumps(told).encode(), 200, None, path)
    refused = post(
        api, json.dumps({**told, "conversation_external_id": "U"}).encode(), 400, None, path
    )
    assert list(refused["errors"]) == ["conversation_external_id"]


def test_a_secret_can_be_set_replaced_and_removed(api: Client, channel: dict[str, Any]) -> None:
    path, body, other = f"/v1/channels/{channel['id']}", SPELLINGS[0], "another secret, as long"
    post(api, body, 201, signature(body))
    assert api.patch(path, {"name": "Renamed"})["is_signed"]
    post(api, body, 200, signature(body))
    assert api.patch(path, {"signing_secret": other})["is_signed"]
    post(api, body, 401, signature(body))
    post(api, body, 200, signature(body, other))
    assert not api.patch(path, {"signing_secret": None})["is_signed"]
    post(api, body, 200, None)
    assert api.patch(path, {"signing_secret": SECRET})["is_signed"]
    post(api, body, 401, None)


def test_a_secret_is_encrypted_at_rest_and_never_shown(
    api: Client, channel: dict[str, Any], sql: psycopg.Connection[Any]
) -> None:
    path, other = f"/v1/channels/{channel['id']}", "another secret, as long"
    shown = [channel, api.patch(path, {"signing_secret": other}), api.get(path)]
    shown += [api.all("/v1/channels"), api.all("/v1/events")]
    shown.append(api.request("PATCH", path, {"signing_secret": "short"}, expect=400).json())
    assert "signing_secret" not in channel
    [row] = sql.execute("SELECT tenant_id, signing_secret FROM inbox.channels").fetchall()
    cell = Cell(str(row["tenant_id"]), "inbox.channels.signing_secret", channel["id"])
    assert Secrets(SECRET_KEY).decrypt(row["signing_secret"], cell) == other.encode()
    whole = json.dumps(shown, ensure_ascii=False)
    for secret in (SECRET, other, "short"):
        assert secret not in whole
        assert secret.encode() not in row["signing_secret"]
    stored = sql.execute("SELECT changes::text FROM operations.events").fetchall()
    assert row["signing_secret"].hex() not in str(stored)
