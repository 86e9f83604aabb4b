"""Makes a tenant with its first administrator and key: for the route and the command alike."""

import json
from collections.abc import Sequence
from typing import Any

from service.auth import SCOPES
from service.database import Transaction
from service.queries import queries
from service.secrets import ApiKey, Secrets

FIRST_KEY_SCOPES = sorted(SCOPES.keys() - {"tenants:create"})


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
