"""What goes in and out of the routes of drafts."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.drafts.decision_schemas import DraftAction
from service.drafts.delivery_schemas import ScheduledReply
from service.drafts.schemas import STATUSES, Subject
from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    count,
    example,
    metadata,
    moment,
    one_of,
    optional,
    score,
    text,
)

SUPERSEDED = Choice("SupersededReason", "answered_upstream", "conversation_closed")


@example(
    model_key="gpt-4o-mini",
    prompt_version="v1",
    suggested_text="Episode 12, from minute 20.",
)
class NewTweetDraft(Schema):
    model_key = text(200, required=True)
    prompt_version = optional(
        text(200, metadata={"description": "What the prompt is called; if not given, its label"})
    )
    prompt_version_id = optional(
        fields.UUID(metadata={"description": "The prompt, if it is kept here"})
    )
    suggested_text = text(
        32768,
        required=True,
        metadata={"description": "For a tweet at most 280 characters, as X counts them"},
    )
    top_sources = BoundedList(metadata(), at_most=100, load_default=list)
    style_score = optional(score())
    toxicity_score = optional(score())
    tokens_in = optional(count())
    tokens_out = optional(count())
    cost_micros = optional(count(metadata={"description": "Millionths of the currency unit"}))
    latency_ms = optional(count())
    job_id = optional(
        fields.UUID(
            metadata={"description": "The job that asked for the draft; it is finished with it"}
        )
    )
    lease_id = optional(fields.UUID())

    @validates_schema
    def _prompt_is_told(self, data: dict[str, Any], **_: object) -> None:
        if data.get("prompt_version") is None and data.get("prompt_version_id") is None:
            raise ValidationError("is required, or prompt_version_id", "prompt_version")

    @validates_schema
    def _together(self, data: dict[str, Any], **_: object) -> None:
        if (data.get("job_id") is None) != (data.get("lease_id") is None):
            raise ValidationError("job_id and lease_id go together", "lease_id")


@example(
    model_key="gpt-4o-mini",
    prompt_version="v1",
    suggested_text="Hi Kim, it ships on Tuesday.",
)
class NewDraft(NewTweetDraft):
    trigger_message_id = optional(
        fields.UUID(metadata={"description": "The message that it answers"})
    )
    suggested_html = optional(fields.String(validate=validate.Length(max=131072)))


class Draft(Subject):
    id = fields.UUID()
    trigger_message_id = fields.UUID(allow_none=True)
    author_user_id = fields.UUID(allow_none=True)
    version = count()
    status = one_of(STATUSES)
    model_key = fields.String()
    prompt_version = fields.String()
    prompt_version_id = fields.UUID(allow_none=True)
    suggested_text = fields.String(
        allow_none=True, metadata={"description": "null once archiving removed it"}
    )
    suggested_html = fields.String(allow_none=True)
    top_sources = fields.List(metadata())
    style_score = fields.Float(allow_none=True)
    toxicity_score = fields.Float(allow_none=True)
    tokens_in = count(allow_none=True)
    tokens_out = count(allow_none=True)
    cost_micros = count(allow_none=True)
    latency_ms = count(allow_none=True)
    superseded_by_id = fields.UUID(allow_none=True)
    superseded_reason = one_of(
        SUPERSEDED,
        allow_none=True,
        metadata={
            "description": "What happened upstream; null if a newer draft or a person superseded it"
        },
    )
    created_at = moment()
    updated_at = moment()
    redacted_at = moment(allow_none=True)
    revision = fields.Integer()


class DraftDetail(Draft):
    last_message_id = fields.UUID(
        allow_none=True,
        metadata={"description": "The message that came last to the conversation"},
    )
    actions = fields.List(fields.Nested(DraftAction))
    scheduled_reply = fields.Nested(ScheduledReply, allow_none=True)


class DraftQuery(PageQuery):
    status = optional(one_of(STATUSES))


class FeedQuery(PageQuery):
    pending_only = fields.Boolean(
        load_default=False, metadata={"description": "Only conversations with a pending draft"}
    )


class FeedMessage(Answer):
    id = fields.UUID()
    external_id = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    body_text = fields.String(allow_none=True)
    body_html = fields.String(allow_none=True)
    sent_at = moment()


class FeedDraft(Answer):
    id = fields.UUID()
    version = count()
    status = one_of(STATUSES)
    model_key = fields.String()
    prompt_version = fields.String()
    prompt_version_id = fields.UUID(allow_none=True)
    suggested_text = fields.String(allow_none=True)
    suggested_html = fields.String(allow_none=True)
    top_sources = fields.List(metadata())
    trigger_message_id = fields.UUID(allow_none=True)
    style_score = fields.Float(allow_none=True)
    toxicity_score = fields.Float(allow_none=True)
    created_at = moment()
    revision = fields.Integer()


class FeedItem(Answer):
    id = fields.UUID(metadata={"description": "The conversation"})
    channel_id = fields.UUID()
    external_id = fields.String()
    subject = fields.String(allow_none=True)
    status = one_of(Choice("ConversationStatus", "open", "closed", "archived"))
    customer_email = fields.String(allow_none=True)
    customer_name = fields.String(allow_none=True)
    last_inbound_at = moment()
    last_message_id = fields.UUID(
        metadata={"description": "The message that came last, whenever it was sent"}
    )
    message = fields.Nested(
        FeedMessage,
        allow_none=True,
        metadata={"description": "The inbound message that was sent last"},
    )
    draft = fields.Nested(FeedDraft, allow_none=True)
