"""Messages over REST, with the other texts that came for them."""

from typing import Any
from uuid import UUID

from flask import Response

from service.inbox import blueprint
from service.inbox import message_schemas as schemas
from service.queries import queries
from service.rest import one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/conversations/<uuid:conversation_id>/messages")
@operation("inbox:read", query=schemas.MessageQuery, returns=schemas.Message, many=True)
def list_messages(conversation_id: UUID, query: dict[str, Any]) -> Response:
    """List the messages of a conversation by the time they were sent."""
    return page(
        (queries.inbox.list_messages, queries.inbox.list_messages_oldest_first),
        query,
        {"conversation_id": conversation_id},
        of=queries.inbox.get_conversation(id=conversation_id),
    )


@blueprint.get("/v1/messages/<uuid:message_id>")
@operation("inbox:read", returns=schemas.Message)
def get_message(message_id: UUID) -> Response:
    """Show a message."""
    return one(queries.inbox.get_message(id=message_id))


@blueprint.get("/v1/messages/<uuid:message_id>/versions")
@operation("inbox:read", query=PageQuery, returns=schemas.MessageVersion, many=True)
def list_message_versions(message_id: UUID, query: dict[str, Any]) -> Response:
    """List other texts that came under the external id of a message, the latest first."""
    return page(
        queries.inbox.list_message_versions,
        query,
        {"message_id": message_id},
        of=queries.inbox.get_message(id=message_id),
    )
