"""What goes in and out of the routes of notifications."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    is_blank,
    metadata,
    moment,
    one_of,
    optional,
)

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
    "run_finished",
    "run_failed",
    "quota_warning",
    "quota_danger",
    "custom",
)
MAX_TITLE = 200
MAX_TEXT = 4000
MAX_COUNT = 100  # what is unread is counted up to here


class Notification(Answer):
    id = fields.UUID()
    user_id = fields.UUID(allow_none=True, metadata={"description": "null is for everyone"})
    type = one_of(NOTIFICATION_TYPES)
    payload = metadata()
    read_at = moment(
        allow_none=True,
        metadata={"description": "When the caller read it; null to a service that acts for nobody"},
    )
    created_at = moment()


class NotificationQuery(PageQuery):
    unread = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Only those that the caller has not read, of the newest 500 of each type for them, and for"
            " everyone"
        },
    )


@example(payload={"title": "The import is done", "text": "4 of 1200 rows were left out."})
class NewNotification(Schema):
    user_id = optional(fields.UUID(metadata={"description": "For whom; null is for everyone"}))
    type = one_of(
        NOTIFICATION_TYPES, load_default="custom", metadata={"description": "By default custom"}
    )
    payload = metadata(
        load_default=dict,
        metadata={
            "description": f"Of a custom one: title, 1 to {MAX_TITLE} characters, and perhaps text, at most {MAX_TEXT}."
            " Of the others the ids of what it is about"
        },
    )

    @validates_schema
    def _has_a_title(self, data: dict[str, Any], **_: object) -> None:
        title, text = data["payload"].get("title"), data["payload"].get("text", "")
        if data["type"] != "custom":
            return
        if not isinstance(title, str) or is_blank(title) or len(title) > MAX_TITLE:
            raise ValidationError(
                f"of a custom notification must have a title of 1 to {MAX_TITLE} characters",
                "payload",
            )
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise ValidationError(f"text must have at most {MAX_TEXT} characters", "payload")


class UnreadCount(Answer):
    unread = count(metadata={"description": f"At most {MAX_COUNT}"})
    has_more = flag(metadata={"description": "Whether there are more than that"})


@example()
class ReadAll(Schema):
    up_to = optional(
        fields.UUID(
            metadata={"description": "The newest one that was shown: what is newer stays unread"}
        )
    )


class WereRead(Answer):
    read = count(metadata={"description": "How many were marked, at most 1000"})
    has_more = flag(metadata={"description": "Whether there may be more: then ask again"})


@example(muted=["draft_ready"])
class NotificationPreferences(Schema):
    muted = BoundedList(
        one_of(NOTIFICATION_TYPES),
        at_most=len(NOTIFICATION_TYPES),
        required=True,
        metadata={"description": "Types that are neither listed nor counted for the user"},
    )
