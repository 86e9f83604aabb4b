"""Notifications, source documents and the event log over REST."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import answer, one, operation, page, session
from service.schemas import PageQuery


@blueprint.get("/v1/notifications")
@operation(
    "notifications:read",
    query=schemas.NotificationQuery,
    returns=schemas.Notification,
    many=True,
)
def list_notifications(query: dict[str, Any]) -> Response:
    """List what the caller should look at, newest first: what is for them, or for everyone."""
    return page(
        queries.operations.list_unread_notifications
        if query.pop("unread")
        else queries.operations.list_notifications,
        query,
        {"user_id": caller().user_id},
    )


@blueprint.post("/v1/notifications/<uuid:notification_id>/read")
@operation("notifications:write", returns=schemas.Notification)
def read_notification(notification_id: UUID) -> Response:
    """Mark a notification as read; one for everyone is read for all of them."""
    whose: dict[str, Any] = {"id": notification_id, "user_id": caller().user_id}
    found = session().maybe_json(queries.operations.read_notification(**whose))
    return answer(found) if found else one(queries.operations.get_notification(**whose))


@blueprint.post("/v1/notifications/<uuid:notification_id>/unread")
@operation("notifications:write", returns=schemas.Notification)
def unread_notification(notification_id: UUID) -> Response:
    """Mark a notification as unread."""
    whose: dict[str, Any] = {"id": notification_id, "user_id": caller().user_id}
    found = session().maybe_json(queries.operations.unread_notification(**whose))
    return answer(found) if found else one(queries.operations.get_notification(**whose))


@blueprint.get("/v1/source-documents")
@operation("sources:read", query=PageQuery, returns=schemas.SourceDocument, many=True)
def list_source_documents(query: dict[str, Any]) -> Response:
    """List what the vector store has indexed, newest first."""
    return page(queries.operations.list_source_documents, query)


@blueprint.put("/v1/source-documents")
@operation("sources:write", body=schemas.SourceDocumentState, returns=schemas.SourceDocument)
def record_source_document(body: dict[str, Any]) -> Response:
    """Record that a document was indexed: a new one, or a known one again, by its URL."""
    return one(queries.operations.record_source_document(**body))


@blueprint.get("/v1/events")
@operation("events:read", query=schemas.EventQuery, returns=schemas.Event, many=True)
def list_events(query: dict[str, Any]) -> Response:
    """List the event log in order, of everything or of one entity.

    Ends below the oldest transaction that is still running, so that nothing appears later before what was read.
    """
    return page((queries.operations.list_events, queries.operations.list_events_of_entity), query)
