"""Channels, conversations, messages and attachments over REST."""

from typing import Any, Literal
from uuid import UUID

from flask import Response

from service.database import AnyBound
from service.inbox import blueprint, schemas
from service.queries import Bound, queries
from service.rest import answer, changed, one, operation, page, session
from service.schemas import PageQuery
from service.state import state

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
    step = queries.inbox.update_channel(
        id=channel_id,
        replace_secret="signing_secret" in body,
        signing_secret=_encrypted(body.pop("signing_secret", None)),
        changes=body,
        revision=revision,
    )
    return changed(step, queries.inbox.get_channel(id=channel_id), revision)


def _encrypted(secret: str | None) -> bytes | None:
    return None if secret is None else state().secrets.encrypt(secret.encode())


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

    Removes the texts of its messages, drafts, decisions and deliveries; what was learned stays. Refused while a
    reply is on its way out.
    """
    return changed(
        queries.inbox.archive_conversation(id=conversation_id, revision=revision),
        queries.inbox.get_conversation(id=conversation_id),
        revision,
        first=queries.inbox.lock_conversation(id=conversation_id),
    )


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


@blueprint.get("/v1/messages/<uuid:message_id>/attachments")
@operation("inbox:read", query=PageQuery, returns=schemas.Attachment, many=True)
def list_message_attachments(message_id: UUID, query: dict[str, Any]) -> Response:
    """List the files of a message."""
    return page(
        queries.inbox.list_message_attachments,
        query,
        {"message_id": message_id},
        of=queries.inbox.get_message(id=message_id),
    )


@blueprint.post("/v1/messages/<uuid:message_id>/attachments")
@operation("inbox:write", body=schemas.NewAttachment, returns=schemas.Attachment, status=(200, 201))
def attach_to_message(message_id: UUID, body: dict[str, Any]) -> Response:
    """Note a file of a message. The file itself lies in object storage.

    200 when it was noted already, under its key or its external id: then nothing changes.
    """
    return _attached(
        queries.inbox.attach_to_message(message_id=message_id, **body),
        queries.inbox.find_message_attachment(message_id=message_id, **_names(body)),
    )


@blueprint.get("/v1/drafts/<uuid:draft_id>/attachments")
@operation("inbox:read", query=PageQuery, returns=schemas.Attachment, many=True)
def list_draft_attachments(draft_id: UUID, query: dict[str, Any]) -> Response:
    """List the files of a draft."""
    return page(
        queries.inbox.list_draft_attachments,
        query,
        {"draft_id": draft_id},
        of=queries.drafts.get_draft(id=draft_id),
    )


@blueprint.post("/v1/drafts/<uuid:draft_id>/attachments")
@operation("inbox:write", body=schemas.NewAttachment, returns=schemas.Attachment, status=(200, 201))
def attach_to_draft(draft_id: UUID, body: dict[str, Any]) -> Response:
    """Note a file of a pending draft: it goes out with the reply. The file itself lies in object storage.

    200 when it was noted already, under its key or its external id: then nothing changes.
    """
    return _attached(
        queries.inbox.attach_to_draft(draft_id=draft_id, **body),
        queries.inbox.find_draft_attachment(draft_id=draft_id, **_names(body)),
    )


def _attached(new: Bound[Literal["maybe"], Any], known: AnyBound) -> Response:
    found = session().maybe_json(new)
    return one(known) if found is None else answer(found, 201)


def _names(attachment: dict[str, Any]) -> dict[str, Any]:
    return {name: attachment[name] for name in ("object_key", "external_id")}
