"""What goes in and out of the routes of generations."""

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    midnight,
    moment,
    one_of,
    optional,
    words_of,
)
from service.studio.concept_schemas import Concept, NewConcept

MAX_CONCEPTS = 100  # of a generation
MAX_TRENDS = 100


class NewTrend(Schema):
    topic = words_of(200, required=True)
    source = optional(words_of(200, metadata={"description": "Where it was seen"}))
    score = optional(fields.Float(validate=validate.Range(0, 100)))
    recency = optional(one_of(Choice("TrendRecency", "today", "yesterday", "older")))
    sentiment = optional(words_of(50))


class Trend(NewTrend):
    class Meta:
        unknown = EXCLUDE


@example(
    model_key="claude-3.5",
    trends=[{"topic": "smart kitchens", "source": "reddit", "score": 81, "recency": "today"}],
    concepts=[
        {
            "category": "tech",
            "title": "The toaster that knows you",
            "caption": "It burned my name into the bread.",
            "hashtags": ["#smarthome", "#toast"],
            "script": [{"time_range": "0-3s", "visual": "A toaster lights up in the dark."}],
            "prompts": {"sora": "A toaster in a dark kitchen lights up, close-up."},
            "virality": {"tiktok": 78, "youtube-shorts": 64},
            "trend_source": "reddit",
            "trend_topic": "smart kitchens",
        }
    ],
)
class NewGeneration(Schema):
    model_key = optional(
        words_of(200, metadata={"description": "The model that made it, as you call it"})
    )
    trends = BoundedList(
        fields.Nested(NewTrend),
        at_most=MAX_TRENDS,
        load_default=list,
        metadata={"description": "What was found to be talked about"},
    )
    concepts = BoundedList(
        fields.Nested(NewConcept), at_least=1, at_most=MAX_CONCEPTS, required=True
    )


class GenerationItem(Answer):
    id = fields.UUID()
    concept_count = count()
    model_key = fields.String(allow_none=True)
    created_by_id = fields.UUID(allow_none=True)
    favorite = fields.Boolean()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class Generation(GenerationItem):
    trends = fields.List(fields.Nested(Trend))
    concepts = fields.List(
        fields.Nested(Concept), metadata={"description": "In the order of their positions"}
    )


@example(favorite=True)
class GenerationFavorite(Schema):
    favorite = flag(required=True)


class GenerationQuery(PageQuery):
    """Days of UTC, from the first to before the last; in the end moments, since and until."""

    first = optional(
        fields.Date(data_key="from", metadata={"description": "The first day, of UTC"})
    )
    last = optional(
        fields.Date(data_key="to", metadata={"description": "The day that is no longer listed"})
    )
    favorite = optional(fields.Boolean(metadata={"description": "true for none but favourites"}))

    @post_load
    def _as_moments(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        first, last = data.pop("first") or date.min, data.pop("last") or date.max
        if first >= last:
            raise ValidationError("must be before to", "from")
        return {**data, "since": midnight(first), "until": midnight(last)}


class ExportedGeneration(Generation):
    watermark = fields.String()
