"""Conversations over REST, and what happened in them."""

from typing import Any
from uuid import UUID

from flask import Response

from service.inbox import blueprint
from service.inbox import conversation_schemas as schemas
from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery

CONVERSATIONS = (
    queries.inbox.list_conversations,
    queries.inbox.list_conversations_oldest_first,
    queries.inbox.list_conversations_by_status,
    queries.inbox.list_conversations_by_status_oldest_first,
    queries.inbox.list_conversations_by_channel,
    queries.inbox.list_conversations_by_channel_oldest_first,
    queries.inbox.list_conversations_by_external_id,
    queries.inbox.list_conversations_by_external_id_oldest_first,
)


@blueprint.get("/v1/conversations")
@operation("inbox:read", query=schemas.ConversationQuery, returns=schemas.Conversation, many=True)
def list_conversations(query: dict[str, Any]) -> Response:
    """List conversations by the time of their creation."""
    return page(CONVERSATIONS, query)


@blueprint.get("/v1/conversations/<uuid:conversation_id>")
@operation("inbox:read", returns=schemas.Conversation)
def get_conversation(conversation_id: UUID) -> Response:
    """Show a conversation."""
    return one(queries.inbox.get_conversation(id=conversation_id))


@blueprint.patch("/v1/conversations/<uuid:conversation_id>")
@operation(
    "inbox:write",
    body=schemas.ConversationChanges,
    returns=schemas.Conversation,
    if_match=True,
    conflicts=True,
)
def update_conversation(
    conversation_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Change a conversation: close or reopen it, correct its subject or customer."""
    return changed(
        queries.inbox.update_conversation(id=conversation_id, changes=body, revision=revision),
        queries.inbox.get_conversation(id=conversation_id),
        revision,
    )


@blueprint.post("/v1/conversations/<uuid:conversation_id>/archive")
@operation("inbox:write", returns=schemas.Conversation, if_match=True)
def archive_conversation(conversation_id: UUID, revision: int | None) -> Response:
    """Archive a conversation.

    Removes the texts of its messages, drafts, decisions and deliveries. Subjects, the customer's name and address and
    what was learned stay. Refused while a reply is on its way out.
    """
    return changed(
        queries.inbox.archive_conversation(id=conversation_id, revision=revision),
        queries.inbox.get_conversation(id=conversation_id),
        revision,
        first=queries.inbox.lock_conversation(id=conversation_id),
    )


@blueprint.get("/v1/conversations/<uuid:conversation_id>/timeline")
@operation("inbox:read", query=PageQuery, returns=schemas.TimelineItem, many=True)
def list_conversation_timeline(conversation_id: UUID, query: dict[str, Any]) -> Response:
    """Show what happened in a conversation: messages, drafts, actions and deliveries, oldest first."""
    return page(
        queries.inbox.timeline,
        query,
        {"conversation_id": conversation_id},
        of=queries.inbox.get_conversation(id=conversation_id),
    )
