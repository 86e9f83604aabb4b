"""What goes in and out of the routes of tweets and episodes."""

from collections.abc import Sequence
from typing import Any

from marshmallow import (
    EXCLUDE,
    INCLUDE,
    Schema,
    ValidationError,
    fields,
    validate,
    validates_schema,
)

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    Matches,
    Order,
    PageQuery,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    score,
    text,
    whole,
    words_of,
)

STATUSES = Choice("TweetStatus", "unclassified", "skipped", "relevant", "drafted", "posted")
# What a person, or a classification, makes of a tweet.
VERDICTS = Choice("TweetVerdict", "relevant", "skipped")
STEP_STATUSES = Choice("EpisodeStepStatus", "pending", "running", "success", "failed")
# As drafts have them.
DRAFT_STATUSES = Choice(
    "DraftStatus", "pending", "approved", "rejected", "superseded", "sent", "archived"
)
REPLY_STATUSES = Choice(
    "ReplyStatus", "held", "scheduled", "claimed", "sent", "failed", "unknown", "cancelled"
)
ACTIONS = Choice("DraftActionType", "approve", "edit", "reject", "supersede", "archive")
STEPS = ("chunking", "embedding", "summary", "keywords")
DIMENSIONS = 1536
LARGEST_REAL = 3.4e38
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


class Words(fields.Field[list[str] | None]):
    """Known words in one parameter, with a separator, or in several; each once, in the order of the known.

    None for none.
    """

    def __init__(
        self, known: Sequence[str], separator: str, description: str, **arguments: Any
    ) -> None:
        told = {"type": "string", "description": description}
        super().__init__(load_default=None, metadata=told, **arguments)
        self.known = known
        self.separator = separator

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str] | None:
        given = value if isinstance(value, list) else [value]
        words = {word for part in given for word in part.split(self.separator) if word}
        if unknown := sorted(words.difference(self.known)):
            raise ValidationError(f"has {', '.join(unknown)}, not of {', '.join(self.known)}")
        return [word for word in self.known if word in words] or None


def name_at_x(**arguments: Any) -> fields.String:
    return fields.String(
        validate=Matches(
            r"^[A-Za-z0-9_-]{1,64}$",
            error="must have 1 to 64 letters, digits, underscores and hyphens",
        ),
        **arguments,
    )


def step_name(**arguments: Any) -> fields.String:
    return fields.String(
        validate=Matches(
            r"^[A-Za-z0-9_]{1,50}$", error="must have 1 to 50 letters, digits and underscores"
        ),
        **arguments,
    )


def step_names(**arguments: Any) -> BoundedList:
    return BoundedList(step_name(), at_most=50, validate=[_each_once], **arguments)


def _each_once(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValidationError("has a name twice")


# Tweets ----------------------------------------------------------------------------------------------


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
    tweets = BoundedList(fields.Nested(NewTweet), at_least=1, at_most=MAX_BATCH, required=True)

    @validates_schema
    def _each_once(self, data: dict[str, Any], **_: object) -> None:
        first: dict[str, int] = {}
        for index, tweet in enumerate(data["tweets"]):
            before = first.setdefault(tweet["external_id"], index)
            if before != index:
                raise ValidationError(
                    f"{before} and {index} have the same external_id, {tweet['external_id']}",
                    "tweets",
                )


class ReceivedTweet(Answer):
    id = fields.UUID()
    external_id = fields.String()
    created = fields.Boolean(metadata={"description": "false when the tweet was known already"})


class ReceivedTweets(Answer):
    items = fields.List(
        fields.Nested(ReceivedTweet), metadata={"description": "In the order of the request"}
    )


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
        metadata={"description": "The first hundred tweets that answer it, in the order of posting"},
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


# Episodes --------------------------------------------------------------------------------------------


class EpisodeStep(Answer):
    id = fields.UUID()
    episode_id = fields.UUID()
    name = fields.String()
    position = fields.Integer()
    status = one_of(STEP_STATUSES)
    attempts = fields.Integer()
    started_at = moment(allow_none=True)
    finished_at = moment(allow_none=True)
    error = fields.String(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class EpisodeSteps(Answer):
    items = fields.List(fields.Nested(EpisodeStep), metadata={"description": "In their order"})


class Episode(Answer):
    id = fields.UUID()
    title = fields.String()
    has_transcript = fields.Boolean()
    transcript_url = fields.String(allow_none=True)
    published_at = moment(allow_none=True)
    created_by_id = fields.UUID(allow_none=True)
    summary_text = fields.String(allow_none=True)
    keywords = fields.Dict(keys=fields.String())
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class EpisodeWithSteps(Episode):
    steps = fields.List(fields.Nested(EpisodeStep))


class EpisodeDetail(EpisodeWithSteps):
    raw_transcript = fields.String(allow_none=True)
    summary_embedding = fields.List(fields.Float(), allow_none=True)


@example(
    title="How it ships",
    transcript_url="https://example.com/12.txt",
    steps=["chunking", "summary"],
)
class NewEpisode(Schema):
    title = words_of(300, required=True)
    raw_transcript = optional(
        fields.String(
            validate=validate.Length(min=50),
            metadata={
                "description": "At most 1 MB; as long as the service takes bodies no larger, less"
            },
        )
    )
    transcript_url = optional(
        fields.Url(schemes={"http", "https"}, validate=validate.Length(max=2048))
    )
    published_at = optional(moment())
    steps = step_names(
        load_default=list,
        metadata={"description": "The names of the steps of its ingestion, in order"},
    )

    @validates_schema
    def _some_transcript(self, data: dict[str, Any], **_: object) -> None:
        if data["raw_transcript"] is None and data["transcript_url"] is None:
            raise ValidationError("is required, or transcript_url", "raw_transcript")


class KeywordChanges(Schema):
    """A JSON object, of which only `list` has a meaning here."""

    class Meta:
        unknown = INCLUDE

    list = BoundedList(text(200), at_most=1000)


@example(summary_text="From the dock to the door.", keywords={"list": ["shipping"]})
class EpisodeSummary(Schema):
    summary_text = words_of(32768)
    keywords = fields.Nested(
        KeywordChanges,
        load_default=dict,
        metadata={"description": "The keys that are named are replaced, the others stay"},
    )
    summary_embedding = optional(
        BoundedList(
            fields.Float(validate=validate.Range(-LARGEST_REAL, LARGEST_REAL)),
            at_least=DIMENSIONS,
            at_most=DIMENSIONS,
            metadata={
                "description": f"{DIMENSIONS} numbers; without them those that are there stay"
            },
        )
    )


@example(names=["embedding"])
class NewEpisodeSteps(Schema):
    names = step_names(load_default=lambda: list(STEPS))


@example(older_than_hours=24, dry_run=True)
class StuckEpisodeSteps(Schema):
    older_than_hours = whole(
        1, 168, load_default=24, metadata={"description": "Since a step was started"}
    )
    dry_run = flag(load_default=False, metadata={"description": "Only list the steps, as they are"})


@example(ok=True)
class EpisodeStepResult(Schema):
    ok = flag(required=True)
    error = optional(words_of(8192))

    @validates_schema
    def _error_of_a_failure(self, data: dict[str, Any], **_: object) -> None:
        if data["ok"] and data["error"] is not None:
            raise ValidationError("goes without ok", "error")
        if not data["ok"] and data["error"] is None:
            raise ValidationError("is required when it is not ok", "error")
