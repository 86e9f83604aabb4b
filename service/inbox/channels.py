"""Channels over REST: where messages come from."""

from typing import Any
from uuid import UUID

from flask import Response

from service.inbox import blueprint
from service.inbox import channel_schemas as schemas
from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery
from service.state import state


@blueprint.get("/v1/channels")
@operation("inbox:read", query=PageQuery, returns=schemas.Channel, many=True)
def list_channels(query: dict[str, Any]) -> Response:
    """List channels, newest first."""
    return page(queries.inbox.list_channels, query)


@blueprint.post("/v1/channels")
@operation("inbox:write", body=schemas.NewChannel, returns=schemas.Channel, status=201)
def create_channel(body: dict[str, Any]) -> Response:
    """Create a channel."""
    body["signing_secret"] = _encrypted(body["signing_secret"])
    return one(queries.inbox.create_channel(**body), status=201)


@blueprint.get("/v1/channels/<uuid:channel_id>")
@operation("inbox:read", returns=schemas.Channel)
def get_channel(channel_id: UUID) -> Response:
    """Show a channel; never its signing secret."""
    return one(queries.inbox.get_channel(id=channel_id))


@blueprint.patch("/v1/channels/<uuid:channel_id>")
@operation("inbox:write", body=schemas.ChannelChanges, returns=schemas.Channel, if_match=True)
def update_channel(channel_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change a channel. A signing_secret of null removes it."""
    update = queries.inbox.update_channel(
        id=channel_id,
        replace_secret="signing_secret" in body,
        signing_secret=_encrypted(body.pop("signing_secret", None)),
        changes=body,
        revision=revision,
    )
    return changed(update, queries.inbox.get_channel(id=channel_id), revision)


def _encrypted(secret: str | None) -> bytes | None:
    return None if secret is None else state().secrets.encrypt(secret.encode())
