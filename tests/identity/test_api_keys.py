"""API keys: made, rotated, revoked; shown once; never worth more than whoever makes them."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.auth import FOR_THE_PLATFORM, SCOPES
from tests.client import Client, Tenant

UNKNOWN = "/v1/api-keys/00000000-0000-7000-8000-000000000000"


def create(api: Client, *scopes: str, expect: int = 201, **fields: Any) -> Any:
    body = {"name": "webhooks", "scopes": scopes or ("identity:read",), **fields}
    return api.post("/v1/api-keys", body, expect=expect)


def using(api: Client, issued: dict[str, Any]) -> Client:
    return Client(api.url, issued["key"])


def status(client: Client) -> int:
    return client.request("GET", "/v1/tenant").status_code


def test_a_key_is_shown_once_and_never_again(api: Client) -> None:
    issued = create(api, "identity:read", "jobs:work", expires_at="2999-12-31T00:00:00+02:00")
    assert issued["scopes"] == ["identity:read", "jobs:work"]
    assert issued["expires_at"] == "2999-12-30T22:00:00+00:00"
    assert (issued["revoked_at"], issued["last_used_at"]) == (None, None)
    assert issued["prefix"] in issued["key"]
    assert status(using(api, issued)) == 200

    secret = issued["key"].split("_", 3)[3]
    listing = api.request("GET", "/v1/api-keys", expect=200)
    [listed] = [key for key in listing.json()["items"] if key["id"] == issued["id"]]
    assert listed.keys() == issued.keys() - {"key"}
    revoked = api.request("POST", f"/v1/api-keys/{issued['id']}/revoke", expect=200)
    for answer in (listing, revoked):
        assert secret not in answer.text
        assert "hash" not in answer.text


def test_nobody_on_the_way_keeps_an_answer_that_shows_a_key(api: Client, platform_key: str) -> None:
    platform = Client(api.url, platform_key)
    admin = {"email": "a@example.com", "display_name": "A"}
    new_key = {"name": "key", "scopes": ["inbox:read"]}
    key_id = api.post("/v1/api-keys", new_key)["id"]
    for client, path, body in (
        (platform, "/v1/tenants", {"name": "T", "admin": admin}),
        (api, "/v1/api-keys", new_key),
        (api, f"/v1/api-keys/{key_id}/rotate", {}),
    ):
        once = {"Idempotency-Key": uuid4().hex}
        for _ in "ab":
            response = client.request("POST", path, body, headers=once, expect=201)
            assert response.json()["key"]
            assert response.headers["Cache-Control"] == "no-store"


def test_keys_are_listed_newest_first_page_by_page(api: Client) -> None:
    created = [create(api)["id"] for _ in range(5)]
    listed = [key["id"] for key in api.all("/v1/api-keys", limit=2)]
    assert listed[:5] == created[::-1]
    assert len(listed) == len(set(listed)) == 5 + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "x" * 201),
        ("scopes", []),
        ("scopes", "identity:read"),
        ("scopes", ["everything"]),
        ("scopes", ["identity:read"] * (len(SCOPES) + 1)),
        ("expires_at", "2999-12-31T00:00:00"),
        ("key", "my own"),
    ],
)
def test_a_wrong_field_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    body = {"name": "a", "scopes": ["identity:read"], field: value}
    assert list(api.post("/v1/api-keys", body, expect=400)["errors"]) == [field]


def test_nobody_gives_a_scope_that_they_lack(tenant: Tenant) -> None:
    narrow = using(tenant.service, create(tenant.service, "identity:read", "identity:write"))
    refused = create(narrow, "identity:read", "drafts:decide", "jobs:work", expect=403)
    assert "drafts:decide, jobs:work" in refused["detail"]
    create(narrow, "identity:read")
    for api in (tenant.service, tenant.acting("admin")):
        create(api, *FOR_THE_PLATFORM, expect=403)
        create(api, *sorted(SCOPES.keys() - FOR_THE_PLATFORM))


def test_nobody_rotates_a_key_with_scopes_that_they_lack(tenant: Tenant) -> None:
    """Else the new key, which is shown to them, would give what they cannot give themselves."""
    api = tenant.service
    narrow = using(api, create(api, "identity:read", "identity:write"))
    strong = create(api, "identity:read", "drafts:decide")
    refused = narrow.post(f"/v1/api-keys/{strong['id']}/rotate", {}, expect=403)
    assert "drafts:decide" in refused["detail"]
    assert status(using(api, strong)) == 200
    weak = create(api, "identity:read")
    narrow.post(f"/v1/api-keys/{weak['id']}/rotate", {}, expect=201)
    # Who is in a hurry to stop a key may: revoking gives nothing away.
    narrow.post(f"/v1/api-keys/{strong['id']}/revoke", expect=200)
    assert status(using(api, strong)) == 401


def test_rotation_without_grace_stops_the_old_key_at_once(api: Client) -> None:
    old = create(api, "identity:read", expires_at="2999-12-31T00:00:00Z")
    new = api.post(f"/v1/api-keys/{old['id']}/rotate", {}, expect=201)
    assert (status(using(api, old)), status(using(api, new))) == (401, 200)
    assert new["id"] != old["id"]
    kept = ("name", "scopes", "expires_at")
    assert [new[name] for name in kept] == [old[name] for name in kept]


def test_rotation_with_grace_lets_both_work_until_it_ends(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    old = create(api)
    new = api.post(f"/v1/api-keys/{old['id']}/rotate", {"grace_seconds": 3600}, expect=201)
    assert (status(using(api, old)), status(using(api, new))) == (200, 200)
    [row] = sql.execute(
        "SELECT expires_at - now() AS grace FROM identity.api_keys WHERE id = %s", [old["id"]]
    ).fetchall()
    assert 0 < row["grace"].total_seconds() <= 3600
    assert new["expires_at"] is None
    sql.execute("UPDATE identity.api_keys SET expires_at = now() WHERE id = %s", [old["id"]])
    sql.commit()
    assert (status(using(api, old)), status(using(api, new))) == (401, 200)


def test_grace_never_lengthens_the_life_of_a_key(api: Client) -> None:
    old = create(api, expires_at="2999-12-31T00:00:00Z")
    api.post(f"/v1/api-keys/{old['id']}/rotate", {"grace_seconds": 60}, expect=201)
    [first] = [key for key in api.all("/v1/api-keys") if key["id"] == old["id"]]
    api.post(f"/v1/api-keys/{old['id']}/rotate", {"grace_seconds": 3600}, expect=201)
    [second] = [key for key in api.all("/v1/api-keys") if key["id"] == old["id"]]
    assert second["expires_at"] == first["expires_at"] < "2999"


@pytest.mark.parametrize("grace", [-1, 7 * 24 * 3600 + 1, "60", 1.5, None])
def test_a_wrong_grace_is_refused(api: Client, grace: Any) -> None:
    old = create(api)
    body = {"grace_seconds": grace}
    refused = api.post(f"/v1/api-keys/{old['id']}/rotate", body, expect=400)
    assert list(refused["errors"]) == ["grace_seconds"]


def test_a_key_that_has_ended_is_not_rotated(api: Client, sql: psycopg.Connection[Any]) -> None:
    revoked, expired = create(api), create(api)
    api.post(f"/v1/api-keys/{revoked['id']}/revoke", expect=200)
    sql.execute("UPDATE identity.api_keys SET expires_at = now() WHERE id = %s", [expired["id"]])
    sql.commit()
    for key in (revoked, expired):
        conflict = api.post(f"/v1/api-keys/{key['id']}/rotate", {}, expect=409)
        assert (conflict["code"], conflict["current"]["id"]) == ("CONFLICT", key["id"])
    assert len(api.all("/v1/api-keys")) == 3


def test_revoking_again_changes_nothing(api: Client) -> None:
    key = create(api)
    revoked = api.post(f"/v1/api-keys/{key['id']}/revoke", expect=200)
    assert revoked["revoked_at"]
    assert api.post(f"/v1/api-keys/{key['id']}/revoke", expect=200) == revoked


def test_a_key_may_revoke_itself(api: Client) -> None:
    key = create(api, "identity:read", "identity:write")
    using(api, key).post(f"/v1/api-keys/{key['id']}/revoke", expect=200)
    assert status(using(api, key)) == 401


def test_a_key_that_is_not_there_is_not_found(api: Client) -> None:
    api.post(f"{UNKNOWN}/rotate", {}, expect=404)
    api.post(f"{UNKNOWN}/revoke", expect=404)
