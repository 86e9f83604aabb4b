"""What goes in and out of the routes of deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.claims import Claim, Report
from service.drafts.schemas import SeenMessage, Subject
from service.schemas import (
    AN_ID,
    Answer,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    moment,
    one_of,
    optional,
    text,
)

REPLY_STATUSES = Choice(
    "ReplyStatus", "held", "scheduled", "claimed", "sent", "failed", "unknown", "cancelled"
)
MODES = Choice("ReplyMode", "now", "at", "hold")
HELD = Choice("HoldReason", "new_message", "answered_upstream", "conversation_closed")
FARTHEST = timedelta(days=365)


class ScheduledReply(Subject):
    id = fields.UUID()
    draft_id = fields.UUID()
    status = one_of(REPLY_STATUSES)
    final_text = fields.String(allow_none=True)
    final_html = fields.String(allow_none=True)
    scheduled_for = moment(allow_none=True)
    hold_reason = one_of(
        HELD,
        allow_none=True,
        metadata={
            "description": "What happened in the conversation since the approval: it is held, or will be if the "
            "worker that has it does not send it, until a person schedules it"
        },
    )
    attempts = count()
    max_attempts = count()
    locked_by = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    error = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    message_id = fields.UUID(allow_none=True)
    sent_at = moment(allow_none=True)
    created_at = moment()
    updated_at = moment()
    redacted_at = moment(allow_none=True)
    revision = fields.Integer()


@example(mode="now")
class ReplySchedule(SeenMessage):
    """When a reply goes out: now, at a time, or not before somebody releases it."""

    mode = one_of(MODES, required=True)
    schedule_at = optional(
        moment(metadata={"description": "With mode `at`: in the future, at most 365 days ahead"})
    )

    confirm_closed = flag(
        load_default=False,
        metadata={"description": "Required to send a reply to a conversation that is closed"},
    )

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        at = data.get("schedule_at")
        if (data["mode"] == "at") != (at is not None):
            raise ValidationError("goes with mode at, and only with it", "schedule_at")
        now = datetime.now(UTC)
        if at is not None and not now < at <= now + FARTHEST:
            raise ValidationError(
                f"must be in the future, at most {FARTHEST.days} days ahead", "schedule_at"
            )


class ReplyQuery(PageQuery):
    status = optional(one_of(REPLY_STATUSES))


@example(worker="poster-1", limit=10)
class ReplyClaim(Claim):
    pass


class ReplyAttachment(Answer):
    id = fields.UUID()
    file_name = fields.String()
    mime_type = fields.String()
    size_bytes = count(allow_none=True)
    object_key = fields.String()
    external_id = fields.String(allow_none=True)
    url = fields.String(allow_none=True)


class ClaimedReply(Subject):
    id = fields.UUID()
    draft_id = fields.UUID()
    final_text = fields.String()
    final_html = fields.String(allow_none=True)
    scheduled_for = moment()
    attempts = count()
    lease_id = fields.UUID(metadata={"description": "Proves the claim when reporting"})
    lease_expires_at = moment()
    channel_type = fields.String(allow_none=True)
    channel_external_id = fields.String(allow_none=True)
    conversation_external_id = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    customer_email = fields.String(allow_none=True)
    author_handle = fields.String(allow_none=True, metadata={"description": "Who wrote the tweet"})
    in_reply_to_external_id = fields.String(
        allow_none=True, metadata={"description": "The message or the tweet that it answers"}
    )
    attachments = fields.List(
        fields.Nested(ReplyAttachment),
        metadata={"description": "The files of the draft, to be sent with it"},
    )


@example(lease_id=AN_ID, external_id="OUT-7")
class ReplyConfirmation(Report):
    external_id = text(
        1024, required=True, metadata={"description": "What the channel calls the sent message"}
    )
    sent_at = optional(moment())


@example(lease_id=AN_ID, outcome="not_sent", error="450 mailbox busy")
class ReplyFailure(Report):
    outcome = one_of(
        Choice("FailureOutcome", "not_sent", "unknown"),
        required=True,
        metadata={
            "description": "not_sent is tried again after a while; unknown, a timeout for example, waits for a person"
        },
    )
    error = text(2000, required=True)


@example(outcome="not_sent")
class ReplyResolution(Schema):
    outcome = one_of(Choice("ResolvedOutcome", "sent", "not_sent"), required=True)
    external_id = optional(text(1024))
    sent_at = optional(moment())

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        if (data["outcome"] == "sent") != (data["external_id"] is not None):
            raise ValidationError("goes with outcome sent, and only with it", "external_id")
