"""What goes in and out of the routes of decisions."""

from marshmallow import Schema, fields, validate

from service.drafts.delivery_schemas import ReplySchedule, ScheduledReply
from service.drafts.schemas import STATUSES, SeenMessage, Subject
from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    text,
    words_of,
)

ACTIONS = Choice("DraftActionType", "approve", "edit", "reject", "supersede", "archive")


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
