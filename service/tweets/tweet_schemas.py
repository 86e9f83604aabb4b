"""What goes in and out of the routes of tweets."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validates_schema

from service.bulk import Rows
from service.schemas import (
    Answer,
    Choice,
    Matches,
    Order,
    PageQuery,
    Words,
    example,
    metadata,
    moment,
    one_of,
    optional,
    score,
    words_of,
)

STATUSES = Choice("TweetStatus", "unclassified", "skipped", "relevant", "drafted", "posted")
# What a person, or a classification, makes of a tweet.
VERDICTS = Choice("TweetVerdict", "relevant", "skipped")
# As drafts have them.
DRAFT_STATUSES = Choice(
    "DraftStatus", "pending", "approved", "rejected", "superseded", "sent", "archived"
)
REPLY_STATUSES = Choice(
    "ReplyStatus", "held", "scheduled", "claimed", "sent", "failed", "unknown", "cancelled"
)
ACTIONS = Choice("DraftActionType", "approve", "edit", "reject", "supersede", "archive")
MAX_BATCH = 1000

# What an item of a list of tweets can have, as in sql/tweets/list_tweets*.sql.
ITEM_FIELDS = (
    "id",
    "external_id",
    "author_handle",
    "text_preview",
    "created_at",
    "relevance_score",
    "status",
    "has_draft",
    "flags",
)


def name_at_x(**arguments: Any) -> fields.String:
    return fields.String(
        validate=Matches(
            r"^[A-Za-z0-9_-]{1,64}$",
            error="must have 1 to 64 letters, digits, underscores and hyphens",
        ),
        **arguments,
    )


@example(
    external_id="1790000000000000001",
    author_handle="listener",
    full_text="Which episode was about shipping?",
)
class NewTweet(Schema):
    external_id = name_at_x(
        required=True, metadata={"description": "What X calls it: sent again, it is stored once"}
    )
    author_handle = words_of(100, required=True)
    full_text = words_of(25000, required=True)
    posted_at = optional(moment())
    flags = optional(
        metadata(
            metadata={"description": "What was noticed about it, such as toxicity and duplicate"}
        )
    )
    in_reply_to_external_id = optional(
        name_at_x(
            metadata={"description": "The tweet that it answers, which may come later or never"}
        )
    )
    episode_id = optional(fields.UUID())

    @validates_schema
    def _not_to_itself(self, data: dict[str, Any], **_: object) -> None:
        if data["in_reply_to_external_id"] == data["external_id"]:
            raise ValidationError("is the tweet itself", "in_reply_to_external_id")


@example(
    tweets=[
        {
            "external_id": "1790000000000000002",
            "author_handle": "listener",
            "full_text": "And which about customs?",
        }
    ],
)
class NewTweets(Schema):
    tweets = Rows(fields.Nested(NewTweet), at_least=1, at_most=MAX_BATCH, required=True)

    @post_load
    def _each_once(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        first: dict[str, int] = {}
        for index, tweet in enumerate(data["tweets"]):
            if isinstance(tweet, ValidationError):
                continue
            before = first.setdefault(tweet["external_id"], index)
            if before != index:
                data["tweets"][index] = ValidationError(
                    {"external_id": [f"is that of {before} too"]}
                )
        return data


class Tweet(Answer):
    id = fields.UUID()
    external_id = fields.String()
    author_handle = fields.String()
    full_text = fields.String()
    text_preview = fields.String()
    posted_at = moment(allow_none=True)
    status = one_of(STATUSES)
    relevance_score = fields.Float(allow_none=True)
    model_key = fields.String(
        allow_none=True, metadata={"description": "The model that classified it"}
    )
    flags = fields.Dict(keys=fields.String(), allow_none=True)
    in_reply_to_external_id = fields.String(allow_none=True)
    episode_id = fields.UUID(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ThreadTweet(Answer):
    id = fields.UUID()
    external_id = fields.String()
    author_handle = fields.String()
    full_text = fields.String()
    posted_at = moment(allow_none=True)
    created_at = moment()


class TweetDecision(Answer):
    id = fields.UUID()
    user_id = fields.UUID()
    type = one_of(ACTIONS)
    reason = fields.String(allow_none=True)
    final_text = fields.String(allow_none=True)
    diff = fields.List(metadata(), allow_none=True)
    edit_distance = fields.Integer(allow_none=True)
    created_at = moment()


class TweetReply(Answer):
    id = fields.UUID()
    status = one_of(REPLY_STATUSES)
    final_text = fields.String(allow_none=True)
    scheduled_for = moment(allow_none=True)
    attempts = fields.Integer()
    error = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    sent_at = moment(allow_none=True)
    revision = fields.Integer()


class TweetDraft(Answer):
    id = fields.UUID()
    author_user_id = fields.UUID(allow_none=True)
    version = fields.Integer()
    status = one_of(DRAFT_STATUSES)
    model_key = fields.String()
    prompt_version = fields.String()
    prompt_version_id = fields.UUID(allow_none=True)
    suggested_text = fields.String(allow_none=True)
    top_sources = fields.List(metadata())
    style_score = fields.Float(allow_none=True)
    toxicity_score = fields.Float(allow_none=True)
    superseded_by_id = fields.UUID(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()
    actions = fields.List(fields.Nested(TweetDecision))
    scheduled_reply = fields.Nested(TweetReply, allow_none=True)


class TweetDetail(Tweet):
    in_reply_to_id = fields.UUID(
        allow_none=True, metadata={"description": "The tweet that it answers, if that one is here"}
    )
    thread_children = fields.List(
        fields.Nested(ThreadTweet),
        metadata={
            "description": "The first hundred tweets that answer it, in the order of posting"
        },
    )
    more_children = fields.Boolean(metadata={"description": "Whether more than those answer it"})
    drafts = fields.List(
        fields.Nested(TweetDraft),
        metadata={
            "description": "Its drafts with their decisions, oldest first, the latest hundred"
        },
    )
    more_drafts = fields.Boolean(metadata={"description": "Whether it had drafts before those"})


class TweetItem(Schema):
    """What a list shows of a tweet: the fields that were asked for, and flags only where there are any."""

    class Meta:
        unknown = EXCLUDE

    id = fields.UUID()
    external_id = fields.String()
    author_handle = fields.String()
    text_preview = fields.String()
    created_at = moment()
    relevance_score = fields.Float(allow_none=True)
    status = one_of(STATUSES)
    has_draft = fields.Boolean(
        metadata={"description": "Whether it has a draft that is pending or approved"}
    )
    flags = fields.Dict(keys=fields.String())


class TweetFields(PageQuery):
    wanted = Words(
        ITEM_FIELDS,
        ",",
        "The fields of an item, with commas between them; without it, all of them",
        data_key="fields",
    )


class TweetQuery(TweetFields, Order):
    status = Words(STATUSES, "|", "One or more statuses with | between them, or several times")
    episode_id = optional(fields.UUID())


class TweetSearch(TweetFields):
    q = words_of(
        200,
        required=True,
        metadata={"description": 'Words that all occur; "exact words", or, and -without work'},
    )


@example(status="skipped")
class TweetChanges(Schema):
    status = one_of(VERDICTS)
    episode_id = fields.UUID(allow_none=True)


@example(score=0.91, status="relevant", model_key="gpt-4o-mini")
class TweetClassification(Schema):
    score = score(required=True)
    status = one_of(VERDICTS, required=True)
    model_key = optional(
        words_of(200, metadata={"description": "The model that classified it, as you call it"})
    )
