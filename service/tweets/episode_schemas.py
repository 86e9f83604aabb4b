"""What goes in and out of the routes of episodes."""

from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate, validates_schema

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    Matches,
    example,
    flag,
    moment,
    one_of,
    optional,
    text,
    whole,
    words_of,
)

STEP_STATUSES = Choice("EpisodeStepStatus", "pending", "running", "success", "failed")
STEPS = ("chunking", "embedding", "summary", "keywords")
DIMENSIONS = 1536
LARGEST_REAL = 3.4e38


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
