"""Tenants: made with their first administrator and key, by the route and the command alike."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from service.auth import FOR_THE_PLATFORM, SCOPES, caller
from service.database import Json, Transaction
from service.identity import blueprint, schemas
from service.queries import queries
from service.rest import answer, atomically, changed, one, operation
from service.secrets import ApiKey, Secrets
from service.state import state

FIRST_KEY_SCOPES = sorted(SCOPES.keys() - FOR_THE_PLATFORM)


@blueprint.post("/v1/tenants")
@operation(
    "tenants:create",
    body=schemas.NewTenant,
    returns=schemas.CreatedTenant,
    status=(200, 201),
    no_store=True,
)
def create_tenant(body: dict[str, Any]) -> Response:
    """Create a tenant with its first administrator and API key.

    With an `external_id`, at the first sign-in of an organization for example, it is made once, whoever asks at the
    same time: 201 for who made it, 200 for the others, who are told its id but no key.
    """
    external_id = body.pop("external_id")
    tenant_id = None if external_id is None else _id_of(external_id)
    created = atomically(lambda tx: create(tx, state().secrets, tenant_id=tenant_id, **body))
    return answer(
        Json(json.dumps(created).encode(), created["revision"]), 201 if created["key"] else 200
    )


@blueprint.get("/v1/tenant")
@operation("identity:read", returns=schemas.Tenant)
def get_tenant() -> Response:
    """Show the caller's own tenant and its rules."""
    return one(queries.identity.get_tenant())


@blueprint.patch("/v1/tenant")
@operation("identity:write", body=schemas.TenantChanges, returns=schemas.Tenant, if_match=True)
def update_tenant(body: dict[str, Any], revision: int | None) -> Response:
    """Change the caller's own tenant."""
    return changed(
        queries.identity.update_tenant(changes=body, revision=revision),
        queries.identity.get_tenant(),
        revision,
    )


def create(
    transaction: Transaction,
    secrets: Secrets,
    name: str,
    admin: dict[str, Any],
    *,
    scopes: Sequence[str] = FIRST_KEY_SCOPES,
    tenant_id: str | None = None,
) -> dict[str, Any]:
    """The tenant as CreatedTenant tells it, without a key if it was there; `admin` is a NewTenantAdmin."""
    tenant_id = tenant_id or str(transaction.row(queries.identity.new_tenant_id()).id)
    key = ApiKey.new(tenant_id)
    with transaction.in_tenant(tenant_id) as there:
        created = there.maybe_json(
            queries.identity.create_tenant(
                name=name,
                admin_email=admin["email"],
                admin_display_name=admin["display_name"],
                admin_auth_provider=admin["auth_provider"],
                admin_auth_subject=admin["auth_subject"],
                key_prefix=key.prefix,
                key_secret_hash=secrets.hash(key),
                key_scopes=scopes,
            )
        )
        if created is None:
            known = there.json(queries.identity.get_created_tenant())
            return {**json.loads(known.body), "key": None}
    return {**json.loads(created.body), "key": str(key)}


def _id_of(external_id: str) -> str:
    """The id of an organization's tenant, the same each time: its primary key is what decides a race.

    A UUID of version 7 whose time is 0: what it identifies has another order than that of creation.
    """
    digest = hashlib.sha256(f"{caller().tenant_id.lower()} {external_id}".encode()).hexdigest()
    return str(UUID(f"{0:012x}7{digest[:3]}8{digest[3:18]}"))
