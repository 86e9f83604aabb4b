"""What people should look at: drafts that are ready, deliveries that failed."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.operations import blueprint
from service.operations import notification_schemas as schemas
from service.queries import queries
from service.rest import answer, one, operation, page, session


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
    marked = session().maybe_json(queries.operations.read_notification(**whose))
    return answer(marked) if marked else one(queries.operations.get_notification(**whose))


@blueprint.post("/v1/notifications/<uuid:notification_id>/unread")
@operation("notifications:write", returns=schemas.Notification)
def unread_notification(notification_id: UUID) -> Response:
    """Mark a notification as unread."""
    whose: dict[str, Any] = {"id": notification_id, "user_id": caller().user_id}
    marked = session().maybe_json(queries.operations.unread_notification(**whose))
    return answer(marked) if marked else one(queries.operations.get_notification(**whose))
