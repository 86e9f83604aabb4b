"""Channels over REST: where messages come from."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.inbox import blueprint
from service.inbox import channel_schemas as schemas
from service.queries import queries
from service.rest import changed, one, operation, page, session
from service.schemas import PageQuery
from service.secrets import Cell
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
    channel_id = session().row(queries.operations.new_id()).id
    body["signing_secret"] = _encrypted(body["signing_secret"], channel_id)
    return one(queries.inbox.create_channel(id=channel_id, **body), status=201)


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
        signing_secret=_encrypted(body.pop("signing_secret", None), channel_id),
        changes=body,
        revision=revision,
    )
    return changed(update, queries.inbox.get_channel(id=channel_id), revision)


def secret_cell(channel_id: UUID) -> Cell:
    """Where the signing secret of a channel is stored."""
    return Cell(caller().tenant_id, "inbox.channels.signing_secret", str(channel_id))


def _encrypted(secret: str | None, channel_id: UUID) -> bytes | None:
    if secret is None:
        return None
    return state().secrets.encrypt(secret.encode(), secret_cell(channel_id))
