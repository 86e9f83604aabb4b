"""API keys of services, and for whom they act."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import psycopg
import pytest
import requests

from service.auth import FOR_THE_PLATFORM, SCOPES, SCOPES_OF_ROLE
from service.config import Settings
from tests.client import Client, Gunicorn, Tenant
from tests.problems import forbidden, refused

UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"


def key_with(tenant: Tenant, *scopes: str, **fields: Any) -> Client:
    body = {"name": "key", "scopes": scopes, **fields}
    return Client(tenant.service.url, tenant.service.post("/v1/api-keys", body)["key"])


# The key itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer dr_", "Bearer x", "Bearer a.b.c", "é"],
)
def test_without_a_credential_nothing_is_told(gunicorn: Gunicorn, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    refused(requests.get(f"{gunicorn.url}/v1/tenant", headers=headers, timeout=10))


def test_every_operation_of_v1_needs_a_credential(gunicorn: Gunicorn) -> None:
    document = requests.get(f"{gunicorn.url}/openapi.json", timeout=10).json()
    open_ones = {"/healthz", "/readyz", "/metrics"}
    for template, operations in document["paths"].items():
        path = re.sub(r"\{\w+\}", UNKNOWN_ID, template.replace("{step}", "1"))
        for method in operations:
            if template not in open_ones:
                refused(requests.request(method, f"{gunicorn.url}{path}", timeout=10))


def test_a_key_with_another_tenant_prefix_or_secret_is_refused(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    api = tenant.service
    _, tenant_part, prefix, secret = api.credential.split("_", 3)
    other = new_tenant().service.credential.split("_", 3)
    last = "A" if secret[-2] != "A" else "B"
    for key in (
        f"dr_{other[1]}_{prefix}_{secret}",
        f"dr_{tenant_part}_{other[2]}_{secret}",
        f"dr_{tenant_part}_{prefix}_{other[3]}",
        f"dr_{tenant_part}_{prefix}_{secret[:-2]}{last}{secret[-1]}",
        f"dr_{tenant_part}_{prefix}_{secret[:-1]}",
        f"dr_{tenant_part}_{prefix}_{secret}x",
        f"dr_{tenant_part.upper()}_{prefix}_{secret}",
        f"dr_{'0' * 32}_{prefix}_{secret}",
    ):
        assert key != api.credential
        refused(Client(api.url, key).request("GET", "/v1/tenant"))
    assert api.get("/v1/tenant")["id"] == tenant.id


def test_the_scheme_is_read_without_regard_to_case(api: Client) -> None:
    headers = {"Authorization": f"bEARER {api.credential}"}
    assert requests.get(f"{api.url}/v1/tenant", headers=headers, timeout=10).ok


def test_an_expired_key_is_refused(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    key = key_with(tenant, "identity:read", expires_at="2999-01-01T00:00:00Z")
    key.get("/v1/tenant")
    sql.execute("UPDATE identity.api_keys SET expires_at = now() WHERE name = 'key'")
    sql.commit()
    assert "expired" in refused(key.request("GET", "/v1/tenant"))


def test_a_key_that_is_made_expired_is_refused(tenant: Tenant) -> None:
    key = key_with(tenant, "identity:read", expires_at="2001-01-01T00:00:00Z")
    refused(key.request("GET", "/v1/tenant"))


def test_a_revoked_key_is_refused(tenant: Tenant) -> None:
    key = key_with(tenant, "identity:read")
    key.get("/v1/tenant")
    [made] = [k for k in tenant.service.all("/v1/api-keys") if k["name"] == "key"]
    tenant.service.post(f"/v1/api-keys/{made['id']}/revoke")
    assert "revoked" in refused(key.request("GET", "/v1/tenant"))


def test_only_the_hash_of_a_key_is_kept(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    [row] = sql.execute("SELECT * FROM identity.api_keys").fetchall()
    secret = tenant.service.credential.split("_", 3)[3]
    assert len(row["secret_hash"]) == 32
    assert secret not in str(row)
    assert secret.encode() not in bytes(row["secret_hash"])


def test_the_last_use_of_a_key_is_dated_once_a_minute(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    def last_used() -> Any:
        [row] = sql.execute(
            "SELECT last_used_at, now() - last_used_at AS age FROM identity.api_keys WHERE name = 'key'"
        ).fetchall()
        sql.commit()
        return row

    key = key_with(tenant, "identity:read")
    assert last_used()["last_used_at"] is None
    key.get("/v1/tenant")
    first = last_used()["last_used_at"]
    assert first is not None
    listed = [k for k in tenant.service.all("/v1/api-keys") if k["name"] == "key"]
    assert listed[0]["last_used_at"] is not None
    key.get("/v1/tenant")
    assert last_used()["last_used_at"] == first
    sql.execute("UPDATE identity.api_keys SET last_used_at = now() - interval '61 seconds'")
    sql.commit()
    key.get("/v1/tenant")
    assert last_used()["last_used_at"] >= first


def test_keys_outlive_the_rotation_of_the_secret_key(settings: Settings, tenant: Tenant) -> None:
    assert settings.database_url
    assert settings.secret_key
    new, old = "a new secret key of at least 32 characters", settings.secret_key
    database = {"DATABASE_URL": settings.database_url, "LOG_LEVEL": "WARNING"}
    credential = tenant.service.credential
    with Gunicorn({**database, "SECRET_KEY": new, "SECRET_KEY_PREVIOUS": old}) as rotated:
        under_old = Client(rotated.url, credential)
        assert under_old.get("/v1/tenant")["id"] == tenant.id
        body = {"name": "key", "scopes": ["identity:read"]}
        under_new = Client(rotated.url, under_old.post("/v1/api-keys", body)["key"])
        under_new.get("/v1/tenant")
    with Gunicorn({**database, "SECRET_KEY": new}) as afterwards:
        refused(Client(afterwards.url, credential).request("GET", "/v1/tenant"))
        Client(afterwards.url, under_new.credential).get("/v1/tenant")
    refused(Client(tenant.service.url, under_new.credential).request("GET", "/v1/tenant"))


# Scopes -------------------------------------------------------------------------------------------------


def test_each_operation_asks_for_its_scope_by_name(tenant: Tenant, gunicorn: Gunicorn) -> None:
    """With all other scopes it is 403 and names the missing one; with that one alone it does not."""
    document = requests.get(f"{gunicorn.url}/openapi.json", timeout=10).json()
    all_but = {
        scope: key_with(tenant, *sorted(SCOPES.keys() - {scope} - FOR_THE_PLATFORM))
        for scope in SCOPES
        if scope != "users:act"
    }
    only = {
        scope: key_with(tenant, scope)
        for scope in SCOPES
        if scope not in {"users:act", *FOR_THE_PLATFORM}
    }
    seen = set()
    for template, operations in document["paths"].items():
        path = re.sub(r"\{\w+\}", UNKNOWN_ID, template.replace("{step}", "1"))
        for method, operation in operations.items():
            if operation["security"] != [{"bearer": []}]:
                continue
            [scope] = re.findall(r"Scope `(.+?)`", operation["description"])
            seen.add(scope)
            detail = forbidden(all_but[scope].request(method.upper(), path))
            assert scope in detail, f"{method} {path}"
            if scope in only:
                response = only[scope].request(method.upper(), path)
                assert "lacks the scope" not in response.text, f"{method} {path}"
                assert response.status_code != 401, f"{method} {path}"
    # The others are asked for by a header, say whose rows are seen, and are for the catalogue's pages.
    assert seen == SCOPES.keys() - {"users:act", "teams:manage", "catalogue:read", "catalogue:try"}


# For whom a service acts --------------------------------------------------------------------------------


def test_a_service_acts_for_a_user_by_id_or_by_email(tenant: Tenant) -> None:
    user = tenant.service.get(f"/v1/users/{tenant.users['agent']}")
    for name in (user["id"], user["id"].upper(), user["email"], user["email"].upper()):
        draft = tenant.draft()
        decision = tenant.service.acting_for(name).post(
            f"/v1/drafts/{draft['id']}/approve", {"mode": "now"}
        )
        assert decision["action"]["user_id"] == user["id"]


def test_who_is_no_active_user_of_the_tenant_cannot_be_acted_for(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    other = new_tenant()
    disabled = tenant.users["agent2"]
    email = tenant.service.patch(f"/v1/users/{disabled}", {"disabled": True})["email"]
    others_email = other.service.get(f"/v1/users/{other.users['admin']}")["email"]
    for name in (
        disabled,
        email,
        other.users["admin"],
        others_email,
        UNKNOWN_ID,
        "nobody@example.com",
        "nobody",
        "@",
        "%@%",
        "",
    ):
        response = tenant.service.acting_for(name).request("GET", "/v1/tenant")
        assert "Draftroom-User" in forbidden(response), name


def test_acting_for_a_user_takes_the_scope_for_it(tenant: Tenant) -> None:
    key = key_with(tenant, "identity:read")
    key.get("/v1/tenant")
    response = key.acting_for(tenant.users["admin"]).request("GET", "/v1/tenant")
    assert "users:act" in forbidden(response)


def test_a_disabled_user_may_do_nothing_from_the_next_request_on(tenant: Tenant) -> None:
    tenant.agent.get("/v1/tenant")
    path = f"/v1/users/{tenant.users['agent']}"
    tenant.service.patch(path, {"disabled": True})
    forbidden(tenant.agent.request("GET", "/v1/tenant"))
    tenant.service.patch(path, {"disabled": False})
    tenant.agent.get("/v1/tenant")


PROBES = {
    "identity:read": ("GET", "/v1/users"),
    "identity:write": ("PATCH", "/v1/tenant"),
    "inbox:read": ("GET", "/v1/channels"),
    "inbox:write": ("POST", "/v1/channels"),
    "intake:write": ("POST", "/v1/intake/messages"),
    "drafts:read": ("GET", "/v1/drafts"),
    "drafts:decide": ("POST", f"/v1/drafts/{UNKNOWN_ID}/approve"),
    "drafts:deliver": ("POST", "/v1/scheduled-replies/claim"),
    "drafts:export": ("GET", "/v1/learning-samples"),
    "jobs:work": ("POST", "/v1/jobs/claim"),
    "jobs:manage": ("PUT", "/v1/job-types/crawl/limits"),
    "events:read": ("GET", "/v1/events"),
    "usage:read": ("GET", "/v1/usage"),
    "people:erase": ("GET", "/v1/erasures"),
    "tenants:create": ("POST", "/v1/tenants"),
    "tenants:bill": ("POST", f"/v1/tenants/{UNKNOWN_ID}/subscription-events"),
}


@pytest.mark.parametrize("role", ["viewer", "agent", "approver", "admin"])
def test_who_acts_for_a_user_may_do_what_both_may(tenant: Tenant, role: str) -> None:
    full = tenant.acting(role)
    narrow = key_with(tenant, "users:act", "drafts:read", "jobs:work").acting_for(
        tenant.users[role]
    )
    for scope, (method, path) in PROBES.items():
        of_role = scope in SCOPES_OF_ROLE[role]
        of_key = scope in ("drafts:read", "jobs:work")
        assert (full.request(method, path).status_code != 403) == of_role, scope
        assert (narrow.request(method, path).status_code != 403) == (of_role and of_key), scope


def test_the_rights_of_roles_grow() -> None:
    ranks = [SCOPES_OF_ROLE[role] for role in ("viewer", "agent", "approver", "admin")]
    assert all(lower <= higher for lower, higher in pairwise(ranks))
    assert not {"identity:write", "events:read", "drafts:deliver"} & SCOPES_OF_ROLE["approver"]
    assert not {"drafts:decide", "drafts:write", "inbox:write"} & SCOPES_OF_ROLE["viewer"]
    assert "users:act" not in SCOPES_OF_ROLE["admin"]


def test_a_new_role_counts_from_the_next_request_on(tenant: Tenant) -> None:
    viewer = tenant.acting("viewer")
    forbidden(viewer.request("GET", "/v1/learning-samples"))
    tenant.service.patch(f"/v1/users/{tenant.users['viewer']}", {"role": "agent"})
    viewer.get("/v1/learning-samples")
