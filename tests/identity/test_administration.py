"""`flask tenants`, `flask users` and `flask keys`, as an operator runs them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from service.config import DIRECT_SCHEME, Settings
from tests.client import Client, Tenant
from tests.commands import environment, flask
from tests.postgres import Server

Run = Callable[..., str]
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def run(server: Server, settings: Settings) -> Run:
    """Runs a command as the owner of the database; what it printed."""
    direct = server.direct_url("draftroom")

    def command(*arguments: str, code: int = 0) -> str:
        done = flask(environment(settings) | {"DIRECT_URL": direct}, *arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return (done.stdout + done.stderr).strip()

    return command


@pytest.mark.parametrize(
    "command",
    [("tenants", "list"), ("secrets", "rotate"), ("retention", "--dry-run"), ("worker", "--once")],
)
def test_who_is_not_the_owner_is_refused(
    command: tuple[str, ...], server: Server, settings: Settings
) -> None:
    """Else the command would see no tenant, and say that there was nothing to do."""
    other = server.url("app_rw", "draftroom").replace("postgresql://", DIRECT_SCHEME, 1)
    done = flask(environment(settings) | {"DIRECT_URL": other}, *command)
    assert done.returncode == 1
    assert done.stderr == "Error: DIRECT_URL connects as app_rw: only app_owner may do this\n"


def key_of(told: str) -> str:
    name, key = told.split()
    assert name == "key"
    return key


def test_who_lost_every_key_gets_another(run: Run, tenant: Tenant) -> None:
    key = key_of(run("keys", "create", tenant.id, "rescue", "--all-scopes"))
    rescued = Client(tenant.service.url, key)
    keys = rescued.get("/v1/api-keys")["items"]
    assert keys[0]["name"] == "rescue"
    [listed] = [line for line in run("keys", "list", tenant.id).splitlines() if "rescue" in line]
    assert listed.startswith(keys[0]["id"])
    assert "valid" in listed

    newer = key_of(run("keys", "rotate", tenant.id, keys[0]["id"]))
    assert rescued.request("GET", "/v1/tenant").status_code == 401
    rescued = Client(tenant.service.url, newer)
    [rotated] = [k for k in rescued.get("/v1/api-keys")["items"] if k["name"] == "rescue"][:1]
    assert run("keys", "revoke", tenant.id, rotated["id"]) == f"key {rotated['id']} is revoked"
    assert rescued.request("GET", "/v1/tenant").status_code == 401
    refused = run("keys", "rotate", tenant.id, rotated["id"], code=1)
    assert "has expired or was revoked" in refused


def test_what_the_database_refuses_is_told_in_a_line(run: Run, tenant: Tenant) -> None:
    create = ("users", "create", tenant.id, "kim@example.com")
    run(*create)
    assert run(*create, code=1) == "Error: email: another user has this e-mail address"


def test_a_suspended_tenant_is_refused_until_it_is_resumed(
    run: Run, tenant: Tenant, owner: Any
) -> None:
    line = [each for each in run("tenants", "list").splitlines() if tenant.id in each]
    assert "active" in line[0]
    agent = tenant.agent
    for _ in "ab":
        assert run("tenants", "suspend", tenant.id) == f"{tenant.id} is suspended"
        refused = tenant.service.request("GET", "/v1/tenant", expect=403).json()
        assert refused["detail"] == "the tenant is suspended"
        agent.request("GET", "/v1/tenant", expect=403)
    line = [each for each in run("tenants", "list").splitlines() if tenant.id in each]
    assert "suspended" in line[0]
    assert run("tenants", "resume", tenant.id) == f"{tenant.id} is active"
    assert tenant.service.get("/v1/tenant")["id"] == tenant.id
    assert "no such tenant" in run("tenants", "suspend", NOBODY, code=1)
    told = owner.execute(
        "SELECT changes FROM operations.events WHERE entity = 'identity.tenants' AND entity_id = %s"
        " AND changes ? 'suspended_at' ORDER BY id",
        [tenant.id],
    ).fetchall()
    assert len(told) == 2


def test_users_are_made_and_changed(run: Run, tenant: Tenant) -> None:
    name, user_id = run(
        "users", "create", tenant.id, "kim@example.com", "--role", "approver"
    ).split()
    assert name == "user"
    user = tenant.service.get(f"/v1/users/{user_id}")
    assert (user["display_name"], user["role"]) == ("kim", "approver")
    assert f"{user_id}  approver  kim@example.com  kim" in run("users", "list", tenant.id)
    assert run("users", "change", tenant.id, user_id, "--disable") == f"user {user_id} is disabled"
    changed = run("users", "change", tenant.id, user_id, "--enable", "--role", "admin")
    assert changed == f"user {user_id} is admin"
    assert tenant.service.get(f"/v1/users/{user_id}")["role"] == "admin"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["users", "create", "{tenant}", "nobody"], "email: "),
        (["users", "create", "{tenant}", "kim@example.com", "--role", "king"], "role: "),
        (["tenants", "create", "X", "nobody"], "admin.email: Not a valid email address."),
        (["users", "create", NOBODY, "kim@example.com"], "there is no such tenant"),
        (["users", "list", NOBODY], "there is no such tenant"),
        (["keys", "create", NOBODY, "k", "--all-scopes"], "there is no such tenant"),
        (["keys", "list", NOBODY], "there is no such tenant"),
        (["users", "change", "{tenant}", NOBODY, "--disable"], "no such user"),
        (["users", "change", "{tenant}", NOBODY], "say --role, --disable or --enable"),
        (["users", "list", "x"], "not a valid UUID"),
        (["keys", "create", "{tenant}", "rescue"], "say --all-scopes"),
        (["keys", "create", "{tenant}", "rescue", "--scope", "x:y"], "scopes.0: "),
        (["keys", "revoke", "{tenant}", NOBODY], "there is no such thing"),
        (["keys", "rotate", "{tenant}", NOBODY, "--grace", "-1"], "grace_seconds: "),
    ],
)
def test_what_is_wrong_is_a_line(run: Run, tenant: Tenant, arguments: list[str], said: str) -> None:
    code = 2 if "say --" in said or "UUID" in said else 1
    assert said in run(*[each.format(tenant=tenant.id) for each in arguments], code=code)


def test_the_last_key_that_can_make_another_is_revoked_with_force_only(
    platform_key: str, tenant: Tenant
) -> None:
    admin = {"email": f"{uuid4().hex}@example.com", "display_name": "A"}
    platform = Client(tenant.service.url, platform_key)
    created = platform.post("/v1/tenants", {"name": "Alone", "admin": admin})
    api = Client(tenant.service.url, created["key"])
    [only] = api.get("/v1/api-keys")["items"]
    lesser = api.post("/v1/api-keys", {"name": "reader", "scopes": ["identity:read"]})
    path = f"/v1/api-keys/{only['id']}/revoke"
    refused = api.request("POST", path, expect=409).json()
    assert "last credential" in refused["detail"]
    assert refused["current"]["id"] == only["id"]
    # Another that cannot make one counts for nothing, and is revoked without more.
    api.post(f"/v1/api-keys/{lesser['id']}/revoke", expect=200)
    assert api.request("POST", f"{path}?force=perhaps").status_code == 400
    second = api.post("/v1/api-keys", {"name": "second", "scopes": ["identity:write"]})
    api.post(f"/v1/api-keys/{second['id']}/revoke", expect=200)
    revoked = api.request("POST", f"{path}?force=true", expect=200).json()
    assert revoked["revoked_at"]
    assert api.request("GET", "/v1/tenant").status_code == 401


def test_an_administrator_who_signs_in_is_a_credential_too(
    tenant: Tenant, platform_key: str
) -> None:
    admin = {"email": "a@example.com", "display_name": "A"}
    admin |= {"auth_provider": "https://issuer.example", "auth_subject": uuid4().hex}
    created = Client(tenant.service.url, platform_key).post(
        "/v1/tenants", {"name": "Signs in", "admin": admin}
    )
    api = Client(tenant.service.url, created["key"])
    [only] = api.get("/v1/api-keys")["items"]
    api.post(f"/v1/api-keys/{only['id']}/revoke", expect=200)
