"""People of a tenant: their roles, their OIDC identity, and that they can be disabled."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation

from tests.client import Client, Tenant

ISSUER = "https://issuer.example"


def create(api: Client, expect: int = 201, **fields: Any) -> Any:
    body = {"email": f"{uuid4().hex}@b.example", "display_name": "A", **fields}
    return api.post("/v1/users", body, expect=expect)


def test_a_user_is_shown_as_created(api: Client) -> None:
    body = {
        "email": "ann.o'neil+x@b.example",
        "display_name": "Ann 😀",
        "handle": "ann_1",
        "is_bot": True,
        "is_private": True,
        "languages": ["en", "deu"],
        "role": "approver",
        "auth_provider": ISSUER,
        "auth_subject": "ann",
    }
    user = api.post("/v1/users", body, expect=201)
    assert body.items() <= user.items()
    assert (user["disabled_at"], user["last_active_at"], user["revision"]) == (None, None, 1)
    assert re.fullmatch("[A-Za-z0-9]{12}", user["public_id"])
    assert api.get(f"/v1/users/{user['id']}") == user
    assert api.get(f"/v1/users/{user['public_id']}") == user
    api.get("/v1/users/abcdefGHIJ12", expect=404)
    assert user in api.all("/v1/users")


def test_a_user_is_an_agent_unless_said_otherwise(api: Client) -> None:
    user = create(api)
    assert (user["role"], user["auth_provider"], user["auth_subject"]) == ("agent", None, None)


def test_users_are_listed_newest_first_page_by_page(api: Client) -> None:
    created = [create(api)["id"] for _ in range(7)]
    listed = [user["id"] for user in api.all("/v1/users", limit=2)]
    assert listed[:7] == created[::-1]
    assert len(listed) == len(set(listed)) == 7 + 1  # and the administrator


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", ""),
        ("email", None),
        ("email", "a" * 311 + "@b.example"),
        ("display_name", ""),
        ("display_name", "   "),
        ("display_name", "x" * 201),
        ("handle", "ab"),
        ("handle", "a" * 51),
        ("handle", "ann smith"),
        ("handle", "änn"),
        ("languages", ["english"]),
        ("languages", ["EN"]),
        ("languages", ["en"] * 21),
        ("languages", "en"),
        ("is_bot", "yes"),
        ("is_private", None),
        ("public_id", "abcdefGHIJ12"),
        ("role", "owner"),
        ("auth_subject", "without a provider"),
        ("id", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_a_wrong_field_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    assert list(create(tenant.service, 400, **{field: value})["errors"]) == [field]
    path = f"/v1/users/{tenant.users['agent']}"
    refused = tenant.service.patch(path, {field: value}, expect=400)
    assert list(refused["errors"]) == [field]
    assert tenant.service.get(path)["revision"] == 1


def test_an_email_address_is_one_persons_whatever_its_case(tenant: Tenant) -> None:
    create(tenant.service, email="Ann@B.example")
    conflict = create(tenant.service, 409, email="aNN@b.EXAMPLE")
    assert conflict["code"] == "CONFLICT"
    assert list(conflict["errors"]) == ["email"]
    path = f"/v1/users/{tenant.users['agent']}"
    conflict = tenant.service.patch(path, {"email": "ANN@b.example"}, expect=409)
    assert list(conflict["errors"]) == ["email"]


def test_addresses_and_handles_are_kept_in_lower_case(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    user = create(api, email="Ann.Ünal@B.example", handle="Ann_1")
    assert (user["email"], user["handle"]) == ("ann.ünal@b.example", "ann_1")
    path = f"/v1/users/{user['public_id']}"
    changed = api.patch(path, {"email": "BOB@b.example", "handle": "BOB"})
    assert (changed["email"], changed["handle"]) == ("bob@b.example", "bob")
    assert api.patch(path, {"handle": None})["handle"] is None
    for change in ("email = 'Bob@b.example'", "handle = 'Bob'"):
        with pytest.raises(CheckViolation):
            sql.execute(f"UPDATE identity.users SET {change} WHERE id = %s".encode(), [user["id"]])
        sql.rollback()


def test_a_user_is_found_by_address_or_handle_in_any_case(api: Client) -> None:
    user = create(api, email="ann@b.example", handle="ann_1")
    create(api)
    for filters in ({"email": "Ann@B.example"}, {"handle": "ANN_1"}):
        assert api.all("/v1/users", **filters) == [user]
    for filters in ({"email": "ann%"}, {"handle": "ann%1"}, {"handle": "nobody"}):
        assert api.all("/v1/users", **filters) == []
    params = {"email": "ann@b.example", "handle": "ann_1"}
    assert api.get("/v1/users", expect=400, params=params)["errors"].keys() == params.keys()


def test_a_handle_is_one_persons_whatever_its_case(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    create(tenant.service, handle="ann_1")
    assert list(create(tenant.service, 409, handle="ANN_1")["errors"]) == ["handle"]
    path = f"/v1/users/{tenant.users['agent']}"
    refused = tenant.service.patch(path, {"handle": "Ann_1"}, expect=409)
    assert list(refused["errors"]) == ["handle"]
    with pytest.raises(UniqueViolation):
        sql.execute("UPDATE identity.users SET handle = 'ann_1'")


def test_nobody_changes_the_id_that_people_pass_on(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    assert tenant.users["agent"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody rewrites public_id"):
        sql.execute("UPDATE identity.users SET public_id = 'abcdefGHIJ12'")


def test_an_address_and_an_identity_may_be_in_two_tenants(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    body = {"email": "ann@b.example", "auth_provider": ISSUER, "auth_subject": "ann"}
    other = new_tenant()
    users = [create(api, **body) for api in (tenant.service, other.service)]
    assert len({user["id"] for user in users}) == 2


def test_an_oidc_identity_is_one_persons(tenant: Tenant) -> None:
    api, identity = tenant.service, {"auth_provider": ISSUER, "auth_subject": "ann"}
    ann = create(api, **identity)
    assert list(create(api, 409, **identity)["errors"]) == ["auth_subject"]
    path = f"/v1/users/{tenant.users['agent']}"
    assert list(api.patch(path, identity, expect=409)["errors"]) == ["auth_subject"]
    api.patch(path, {**identity, "auth_provider": "https://other.example"})
    api.patch(f"/v1/users/{ann['id']}", {"auth_provider": None, "auth_subject": None})
    assert api.patch(path, identity)["auth_subject"] == "ann"
    refused = api.patch(path, {"auth_subject": None}, expect=400)
    assert list(refused["errors"]) == ["auth_subject"]


def test_only_what_is_named_is_changed(api: Client) -> None:
    user = create(api, auth_provider=ISSUER, auth_subject="ann", role="viewer")
    changed = api.patch(f"/v1/users/{user['id']}", {"display_name": "B"})
    assert changed["revision"] == 2
    assert changed["updated_at"] > user["updated_at"]
    same = user.keys() - {"display_name", "revision", "updated_at"}
    assert {name: changed[name] for name in same} == {name: user[name] for name in same}
    assert api.get(f"/v1/users/{user['id']}") == changed


def test_a_role_is_changed(tenant: Tenant) -> None:
    path = f"/v1/users/{tenant.users['viewer']}"
    for role in ("agent", "approver", "admin", "viewer"):
        assert tenant.service.patch(path, {"role": role})["role"] == role


def test_disabling_is_dated_once_and_can_be_undone(tenant: Tenant) -> None:
    api, path = tenant.service, f"/v1/users/{tenant.users['agent']}"
    disabled = api.patch(path, {"disabled": True})
    assert disabled["disabled_at"]
    assert api.patch(path, {"disabled": True}) == disabled
    renamed = api.patch(path, {"display_name": "B"})
    assert renamed["disabled_at"] == disabled["disabled_at"]
    assert api.patch(path, {"disabled": False})["disabled_at"] is None


def test_people_cannot_give_themselves_another_role(tenant: Tenant) -> None:
    for user in ("viewer", "agent", "approver"):
        path = f"/v1/users/{tenant.users[user]}"
        assert tenant.acting(user).patch(path, {"role": "admin"}, expect=403)["code"] == "FORBIDDEN"
        create(tenant.acting(user), 403)
    create(tenant.acting("admin"))
