"""What people should look at: drafts that are ready, deliveries that failed, and what services have to say."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller, require_user
from service.operations import blueprint
from service.operations import notification_schemas as schemas
from service.queries import queries
from service.rest import answer, one, operation, page, session

MAX_READ = 1000  # marked as read at once
ALL_TYPES = list(schemas.NOTIFICATION_TYPES)


@blueprint.get("/v1/notifications")
@operation(
    "notifications:read",
    query=schemas.NotificationQuery,
    returns=schemas.Notification,
    many=True,
)
def list_notifications(query: dict[str, Any]) -> Response:
    """List what the caller should look at, newest first: what is for them or for everyone, and not muted."""
    return page(
        queries.operations.list_unread_notifications
        if query.pop("unread")
        else queries.operations.list_notifications,
        query,
        {"user_id": caller().user_id, "types": ALL_TYPES},
    )


@blueprint.post("/v1/notifications")
@operation(
    "notifications:post", body=schemas.NewNotification, returns=schemas.Notification, status=201
)
def post_notification(body: dict[str, Any]) -> Response:
    """Notify a user, or everyone of the tenant."""
    return one(queries.operations.post_notification(**body), status=201)


@blueprint.get("/v1/notifications/unread-count")
@operation("notifications:read", returns=schemas.UnreadCount)
def count_unread_notifications() -> Response:
    """Count what the caller has not read, up to a hundred: more than that is shown as 100+."""
    return one(
        queries.operations.count_unread_notifications(user_id=caller().user_id, types=ALL_TYPES)
    )


@blueprint.post("/v1/notifications/read-all")
@operation("notifications:write", body=schemas.ReadAll, returns=schemas.WereRead)
def read_all_notifications(body: dict[str, Any]) -> Response:
    """Mark as read what the caller has not read, the newest first, up to a thousand at once."""
    return one(
        queries.operations.read_all_notifications(
            user_id=require_user(caller()), types=ALL_TYPES, limit=MAX_READ, **body
        )
    )


@blueprint.post("/v1/notifications/<uuid:notification_id>/read")
@operation("notifications:write", returns=schemas.Notification)
def read_notification(notification_id: UUID) -> Response:
    """Mark a notification as read, for the caller only, also one for everyone."""
    whose: dict[str, Any] = {"id": notification_id, "user_id": require_user(caller())}
    marked = session().maybe_json(queries.operations.read_notification(**whose))
    return answer(marked) if marked else one(queries.operations.get_notification(**whose))


@blueprint.post("/v1/notifications/<uuid:notification_id>/unread")
@operation("notifications:write", returns=schemas.Notification)
def unread_notification(notification_id: UUID) -> Response:
    """Mark a notification as unread, for the caller only."""
    whose: dict[str, Any] = {"id": notification_id, "user_id": require_user(caller())}
    marked = session().maybe_json(queries.operations.unread_notification(**whose))
    return answer(marked) if marked else one(queries.operations.get_notification(**whose))


@blueprint.get("/v1/notification-preferences")
@operation("notifications:read", returns=schemas.NotificationPreferences)
def get_notification_preferences() -> Response:
    """Show of what the caller is not notified."""
    return one(queries.operations.get_notification_preferences(user_id=require_user(caller())))


@blueprint.put("/v1/notification-preferences")
@operation(
    "notifications:write",
    body=schemas.NotificationPreferences,
    returns=schemas.NotificationPreferences,
)
def put_notification_preferences(body: dict[str, Any]) -> Response:
    """Mute types of notifications for the caller, and unmute all others; what was muted is listed again."""
    return one(
        queries.operations.put_notification_preferences(user_id=require_user(caller()), **body)
    )
