"""Webhook endpoints over REST: where events are sent, and the secrets that sign them."""

import base64
import json
import secrets
from typing import Any
from uuid import UUID

from flask import Response

from service import errors, paging
from service.auth import caller
from service.database import AnyBound, Json
from service.queries import queries
from service.rest import MEDIA_TYPE, answer, changed, one, operation, page, session
from service.schemas import PageQuery
from service.state import state
from service.webhooks import blueprint, sending
from service.webhooks import endpoint_schemas as schemas
from service.webhooks.delivery import ROOM

ENDPOINT = "/v1/webhook-endpoints/<uuid:endpoint_id>"
REDRIVEN = 1000  # deliveries that one request has sent anew


@blueprint.get("/v1/webhook-endpoints")
@operation("webhooks:read", query=PageQuery, returns=schemas.WebhookEndpoint, many=True)
def list_webhook_endpoints(query: dict[str, Any]) -> Response:
    """List webhook endpoints, newest first."""
    return page(queries.webhooks.list_endpoints, query)


@blueprint.post("/v1/webhook-endpoints")
@operation(
    "webhooks:write",
    body=schemas.NewWebhookEndpoint,
    returns=schemas.IssuedWebhookEndpoint,
    status=201,
    no_store=True,
)
def create_webhook_endpoint(body: dict[str, Any]) -> Response:
    """Add a webhook endpoint, for what happens from now on; at most 20.

    The events are those of GET /v1/events, signed as Standard Webhooks define it. Each is sent at least once, with its
    id as `webhook-id`; those of a row in their order, as far as the endpoint answers.
    """
    _check(body)
    endpoint_id = session().row(queries.operations.new_id()).id
    secret = secrets.token_bytes(sending.SECRET_BYTES)
    create = queries.webhooks.create_endpoint(
        id=endpoint_id, secret=_encrypted(secret, endpoint_id), **body
    )
    return _issued(session().json(create), secret, 201)


@blueprint.get(ENDPOINT)
@operation("webhooks:read", returns=schemas.WebhookEndpoint)
def get_webhook_endpoint(endpoint_id: UUID) -> Response:
    """Show a webhook endpoint; never its secrets."""
    return one(queries.webhooks.get_endpoint(id=endpoint_id))


@blueprint.patch(ENDPOINT)
@operation(
    "webhooks:write",
    body=schemas.WebhookEndpointChanges,
    returns=schemas.WebhookEndpoint,
    if_match=True,
)
def update_webhook_endpoint(
    endpoint_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Change a webhook endpoint, for the events that are not queued yet; a new address is for the queued ones, too."""
    _check(body)
    return changed(
        queries.webhooks.update_endpoint(id=endpoint_id, changes=body, revision=revision),
        queries.webhooks.get_endpoint(id=endpoint_id),
        revision,
    )


@blueprint.delete(ENDPOINT)
@operation("webhooks:write", returns=schemas.WebhookEndpoint)
def delete_webhook_endpoint(endpoint_id: UUID) -> Response:
    """Delete a webhook endpoint with its deliveries."""
    return one(queries.webhooks.delete_endpoint(id=endpoint_id))


@blueprint.post(f"{ENDPOINT}/rotate")
@operation(
    "webhooks:write",
    body=schemas.WebhookSecretRotation,
    returns=schemas.IssuedWebhookEndpoint,
    no_store=True,
)
def rotate_webhook_secret(endpoint_id: UUID, body: dict[str, Any]) -> Response:
    """Give a webhook endpoint a new secret. For grace_seconds more the one before signs as well."""
    secret = secrets.token_bytes(sending.SECRET_BYTES)
    rotate = queries.webhooks.rotate_secret(
        id=endpoint_id, secret=_encrypted(secret, endpoint_id), **body
    )
    return _issued(session().json(rotate), secret, 200)


@blueprint.post(f"{ENDPOINT}/disable")
@operation("webhooks:write", returns=schemas.WebhookEndpoint)
def disable_webhook_endpoint(endpoint_id: UUID) -> Response:
    """Send nothing more to a webhook endpoint. Its deliveries and its place in the event log stay."""
    return changed(
        queries.webhooks.disable_endpoint(id=endpoint_id),
        queries.webhooks.get_endpoint(id=endpoint_id),
    )


@blueprint.post(f"{ENDPOINT}/enable")
@operation("webhooks:write", body=schemas.WebhookEnabling, returns=schemas.WebhookEndpoint)
def enable_webhook_endpoint(endpoint_id: UUID, body: dict[str, Any]) -> Response:
    """Send to a webhook endpoint again, with all that happened meanwhile unless told to skip it."""
    return changed(
        queries.webhooks.enable_endpoint(id=endpoint_id, **body),
        queries.webhooks.get_endpoint(id=endpoint_id),
    )


@blueprint.post(f"{ENDPOINT}/replay")
@operation(
    "webhooks:write",
    body=schemas.WebhookReplay,
    returns=schemas.WebhookReplayed,
    in_epoch=True,
)
def replay_webhook_events(endpoint_id: UUID, body: dict[str, Any]) -> Response:
    """Send a range of the event log to a webhook endpoint anew, up to 1000 events in one request.

    What of it is wanted follows from the endpoint's types and entities. The `webhook-id` of an event stays the same.
    CONFLICT while 5000 deliveries wait for the endpoint.
    """
    limit, of_time = body["limit"], body["after"] is None
    events = queries.operations.list_events
    if of_time:
        replay: AnyBound = queries.webhooks.replay_since(
            endpoint_id=endpoint_id,
            since=body["since"],
            until=body["until"] or "infinity",
            room=ROOM,
            limit=limit,
        )
    else:
        epoch, xid, id_ = paging.decode(body["after"], events, {}, field="after")
        replay = queries.webhooks.replay_after(
            endpoint_id=endpoint_id,
            after_epoch=epoch,
            after_xid=xid,
            after_id=id_,
            room=ROOM,
            limit=limit,
        )
    done = json.loads(session().json(replay).body)
    if not done["has_room"]:
        raise _no_room()
    told = {"read": done["read"], "queued": done["queued"], "next_since": None, "next_after": None}
    if of_time:
        told["next_since"] = done["next_since"]
    elif done["read"] == limit:
        last = [done["last_epoch"], done["last_xid"], done["last_id"]]
        told["next_after"] = paging.encode(events, {}, last)
    return Response(json.dumps(told), content_type=MEDIA_TYPE)


@blueprint.post(f"{ENDPOINT}/redrive")
@operation("webhooks:write", returns=schemas.WebhookRedriven, problems=("NOT_FOUND",))
def redrive_webhook_deliveries(endpoint_id: UUID) -> Response:
    """Send what failed to a webhook endpoint again, once it is repaired.

    The deliveries that would be tried later are sent now, and keep their attempts. The dead ones are sent anew, those
    of the oldest events first; CONFLICT if there are none to send now, and 5000 deliveries wait for the endpoint.
    """
    redrive = queries.webhooks.redrive_deliveries(
        endpoint_id=endpoint_id, room=ROOM, limit=REDRIVEN
    )
    done = json.loads(session().json(redrive).body)
    if not (done["has_room"] or done["redriven"]):
        raise _no_room()
    return Response(json.dumps({"redriven": done["redriven"]}), content_type=MEDIA_TYPE)


def _no_room() -> errors.Problem:
    return errors.conflict(
        f"{ROOM} deliveries wait for this already: repeat it when it has taken some"
    )


def _check(body: dict[str, Any]) -> None:
    """Raises VALIDATION for tables of which nothing would be sent, and for an address that nothing could be sent to, as
    far as that can be told without resolving the name.
    """
    if "url" in body:
        try:
            sending.Target.of(body["url"], private=state().settings.webhook_private_addresses)
        except sending.Refused as refused:
            raise errors.invalid({"url": [str(refused)]}) from None
    if body.get("entities"):
        unrecorded = session().rows(queries.webhooks.list_unrecorded(entities=body["entities"]))
        if unrecorded:
            told = {row.place: ["is no table of which there are events"] for row in unrecorded}
            raise errors.invalid({"entities": told})


def _encrypted(secret: bytes, endpoint_id: UUID) -> bytes:
    return state().secrets.encrypt(secret, sending.secret_cell(caller().tenant_id, endpoint_id))


def _issued(endpoint: Json, secret: bytes, status: int) -> Response:
    shown = f"{sending.SECRET_PREFIX}{base64.b64encode(secret).decode()}"
    document = {**json.loads(endpoint.body), "secret": shown}
    return answer(Json(json.dumps(document).encode(), endpoint.revision), status)
