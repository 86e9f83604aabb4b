"""Attachments over REST: the files of messages and of drafts."""

from typing import Any, Literal
from uuid import UUID

from flask import Response

from service.database import AnyBound
from service.inbox import attachment_schemas as schemas
from service.inbox import blueprint
from service.queries import Bound, queries
from service.rest import answer, one, operation, page, session
from service.schemas import PageQuery


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
    noted = session().maybe_json(new)
    return one(known) if noted is None else answer(noted, 201)


def _names(attachment: dict[str, Any]) -> dict[str, Any]:
    return {name: attachment[name] for name in ("object_key", "external_id")}
