"""What goes in and out of the routes of notifications."""

from marshmallow import fields

from service.schemas import Answer, Choice, PageQuery, metadata, moment, one_of

NOTIFICATION_TYPES = Choice(
    "NotificationType",
    "draft_ready",
    "delivery_unknown",
    "delivery_failed",
    "reply_held",
    "reply_not_recalled",
    "job_failed",
    "ingest_failed",
    "post_failed",
    "post_unknown",
    "post_overdue",
    "draft_reminder",
    "draft_escalated",
    "token_expired",
    "webhook_disabled",
)


class Notification(Answer):
    id = fields.UUID()
    user_id = fields.UUID(allow_none=True, metadata={"description": "null is for everyone"})
    type = one_of(NOTIFICATION_TYPES)
    payload = metadata()
    read_at = moment(allow_none=True)
    created_at = moment()


class NotificationQuery(PageQuery):
    unread = fields.Boolean(load_default=False, metadata={"description": "Only unread ones"})
