"""API keys over REST: shown once, rotated, revoked."""

import json
from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import FOR_SERVICES, caller
from service.database import Json
from service.identity import blueprint, schemas
from service.queries import queries
from service.rest import answer, one, operation, page, session
from service.schemas import PageQuery
from service.secrets import ApiKey
from service.state import state

WRITE = "identity:write"  # the scope that makes keys


@blueprint.get("/v1/api-keys")
@operation("identity:read", query=PageQuery, returns=schemas.ApiKey, many=True)
def list_api_keys(query: dict[str, Any]) -> Response:
    """List the tenant's API keys, newest first."""
    return page(queries.identity.list_api_keys, query)


@blueprint.post("/v1/api-keys")
@operation(
    "identity:write",
    body=schemas.NewApiKey,
    returns=schemas.IssuedApiKey,
    status=201,
    no_store=True,
)
def create_api_key(body: dict[str, Any]) -> Response:
    """Create an API key.

    Nobody can give a scope that they do not have, except users:act.
    """
    _refuse_beyond(body["scopes"])
    key = ApiKey.new(caller().tenant_id)
    created = session().maybe_json(
        queries.identity.create_api_key(
            prefix=key.prefix, secret_hash=state().secrets.hash(key), **body
        )
    )
    return _issued(created, key)


@blueprint.post("/v1/api-keys/<uuid:api_key_id>/rotate")
@operation(
    "identity:write",
    body=schemas.ApiKeyRotation,
    returns=schemas.IssuedApiKey,
    status=201,
    no_store=True,
)
def rotate_api_key(api_key_id: UUID, body: dict[str, Any]) -> Response:
    """Replace an API key by a new one of the same name, scopes and expiry.

    The old one works for grace_seconds more. Who lacks one of its scopes, except users:act, cannot rotate it.
    """
    _refuse_beyond(
        json.loads(session().json(queries.identity.get_api_key(id=api_key_id)).body)["scopes"]
    )
    key = ApiKey.new(caller().tenant_id)
    created = session().maybe_json(
        queries.identity.rotate_api_key(
            id=api_key_id,
            grace=f"{body['grace_seconds']} seconds",
            prefix=key.prefix,
            secret_hash=state().secrets.hash(key),
        )
    )
    if created is None:
        old = json.loads(one(queries.identity.get_api_key(id=api_key_id)).get_data())
        raise errors.conflict("the API key has expired or was revoked", current=old)
    return _issued(created, key)


@blueprint.post("/v1/api-keys/<uuid:api_key_id>/revoke")
@operation("identity:write", query=schemas.Revocation, returns=schemas.ApiKey, conflicts=True)
def revoke_api_key(api_key_id: UUID, query: dict[str, Any]) -> Response:
    """Revoke an API key.

    It is refused as soon as every worker has looked: after 5 seconds, unless set otherwise. The last credential that
    can make another, where no administrator signs in by OIDC, is revoked with `force=true` only: nobody could come
    back over REST.
    """
    revoked = session().maybe_json(
        queries.identity.revoke_api_key(id=api_key_id, scope=WRITE, **query)
    )
    if revoked:
        return answer(revoked)
    known = session().json(queries.identity.get_api_key(id=api_key_id))
    current = json.loads(known.body)
    if current["revoked_at"] is None:
        raise errors.conflict(
            "this is the last credential that can make another: say force=true to revoke it all the same",
            current=current,
        )
    return answer(known)


def _refuse_beyond(scopes: list[str]) -> None:
    beyond = set(scopes) - caller().scopes - {"users:act"}
    if caller().role == "admin":
        beyond -= FOR_SERVICES
    if beyond:
        raise errors.forbidden(f"you cannot give scopes that you lack: {', '.join(sorted(beyond))}")


def _issued(created: Any, key: ApiKey) -> Response:
    document = {**json.loads(created.body), "key": str(key)}
    return answer(Json(json.dumps(document).encode()), 201)
