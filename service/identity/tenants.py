"""Tenants: made with their first administrator and key, by the route and the command alike."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Response

from service.auth import FOR_THE_PLATFORM, SCOPES
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
    status=201,
    no_store=True,
)
def create_tenant(body: dict[str, Any]) -> Response:
    """Create a tenant with its first administrator and API key."""
    created = atomically(lambda tx: create(tx, state().secrets, **body))
    return answer(Json(json.dumps(created).encode(), created["revision"]), 201)


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
    """The tenant as CreatedTenant tells it; `admin` is a NewTenantAdmin."""
    tenant_id = tenant_id or str(transaction.row(queries.identity.new_tenant_id()).id)
    key = ApiKey.new(tenant_id)
    with transaction.in_tenant(tenant_id) as there:
        created = there.json(
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
    return {**json.loads(created.body), "key": str(key)}
