"""What goes in and out of the routes of drafts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.claims import Claim, Report
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    Matches,
    PageQuery,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    score,
    text,
    words_of,
)

STATUSES = Choice(
    "DraftStatus", "pending", "approved", "rejected", "superseded", "sent", "archived"
)
REPLY_STATUSES = Choice(
    "ReplyStatus", "held", "scheduled", "claimed", "sent", "failed", "unknown", "cancelled"
)
ACTIONS = Choice("DraftActionType", "approve", "edit", "reject", "supersede", "archive")
MODES = Choice("ReplyMode", "now", "at", "hold")
SUPERSEDED = Choice("SupersededReason", "answered_upstream", "conversation_closed")
HELD = Choice("HoldReason", "new_message", "answered_upstream", "conversation_closed")
FARTHEST = timedelta(days=365)


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


class Subject(Answer):
    """What a draft is for: a conversation or a tweet."""

    conversation_id = fields.UUID(allow_none=True)
    tweet_id = fields.UUID(allow_none=True)


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


class DraftAction(Answer):
    id = fields.UUID()
    draft_id = fields.UUID()
    user_id = fields.UUID()
    type = one_of(ACTIONS)
    reason = fields.String(allow_none=True)
    final_text = fields.String(allow_none=True)
    final_html = fields.String(allow_none=True)
    diff = fields.List(
        metadata(),
        allow_none=True,
        metadata={
            "description": "Replays the edit: retain and delete count characters of the suggestion, insert has text"
        },
    )
    edit_distance = count(allow_none=True)
    created_at = moment()
    redacted_at = moment(allow_none=True)


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


class SeenMessage(Schema):
    seen_message_id = optional(
        fields.UUID(
            metadata={
                "description": "The last_message_id that the person saw; 412 with `new_messages` when more came"
            }
        )
    )


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


class DraftApproval(ReplySchedule):
    reason = optional(text(2000))
    confirm_toxicity = flag(
        load_default=False,
        metadata={
            "description": "Required of a draft whose toxicity_score reaches the tenant's toxicity_threshold"
        },
    )


@example(mode="now", final_text="Hi Kim, it ships on Friday.")
class DraftEdit(DraftApproval):
    final_text = words_of(32768, required=True)
    final_html = optional(fields.String(validate=validate.Length(max=131072)))
    embeddings = optional(
        BoundedList(
            fields.Float(),
            at_most=4096,
            metadata={"description": "A vector for retraining, kept with the learning sample"},
        )
    )


@example(reason="It promises a day that nobody knows.")
class DraftRejection(SeenMessage):
    reason = words_of(2000, required=True)
    skip_tweet = flag(
        load_default=False,
        metadata={
            "description": "The tweet deserves no reply: it is skipped, with a relevance_score of 0"
        },
    )


@example(reason="The customer has written again.")
class DraftSupersession(SeenMessage):
    superseded_by_id = optional(
        fields.UUID(metadata={"description": "A draft of the same conversation or tweet"})
    )
    reason = optional(text(2000))


@example(reason="Done.")
class DraftArchival(Schema):
    reason = optional(text(2000))


class DecisionWarning(Answer):
    field = fields.String()
    message = fields.String()


class DraftDecision(Subject):
    id = fields.UUID(metadata={"description": "The draft"})
    version = count()
    status = one_of(STATUSES)
    revision = fields.Integer()
    action = fields.Nested(DraftAction)
    scheduled_reply = fields.Nested(ScheduledReply, allow_none=True)
    learning_sample_id = fields.UUID(allow_none=True)
    warnings = fields.List(
        fields.Nested(DecisionWarning),
        metadata={"description": "What to look at before the reply goes out"},
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


class LearningSampleQuery(PageQuery):
    since = optional(moment(metadata={"description": "By default, the last 24 hours"}))


class ExportQuery(Schema):
    after = optional(
        fields.String(
            validate=Matches(
                r"^[0-9]{1,9}\.[0-9]{1,19}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
            ),
            metadata={"description": "The watermark of the last line that was kept"},
        )
    )


class LearningSample(Answer):
    id = fields.UUID()
    draft_id = fields.UUID()
    action_id = fields.UUID()
    model_key = fields.String()
    prompt_version = fields.String()
    suggested_text = fields.String()
    final_text = fields.String()
    diff = fields.List(metadata())
    edit_distance = count()
    embeddings = fields.List(fields.Float(), allow_none=True)
    created_at = moment()


class ExportedSample(LearningSample):
    watermark = fields.String()
