"""What goes in and out of the routes of performance feedback."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.schemas import (
    Answer,
    Choice,
    PageQuery,
    count,
    example,
    moment,
    one_of,
    optional,
    words_of,
)
from service.studio.schemas import CATEGORIES, PLATFORMS

SOURCES = Choice("FeedbackSource", "manual", "scraped", "api")
INTERACTIONS = ("likes", "comments", "shares", "saves")


@example(platform="tiktok", views=12000, likes=900, comments=40, shares=110, saves=60)
class NewFeedback(Schema):
    platform = one_of(PLATFORMS, required=True)
    variant = optional(
        words_of(50, metadata={"description": "The name of the concept's variant that was posted"})
    )
    source = one_of(SOURCES, load_default="manual")
    views = count(required=True)
    likes = count(required=True, metadata={"description": "At most the views, as the others"})
    comments = count(required=True)
    shares = count(required=True)
    saves = count(load_default=0)
    reported_at = optional(
        moment(metadata={"description": "When it was counted; if not given, now"})
    )

    @validates_schema
    def _plausible(self, data: dict[str, Any], **_: object) -> None:
        wrong = {
            name: ["must be at most the views"]
            for name in INTERACTIONS
            if data[name] > data["views"]
        }
        if wrong:
            raise ValidationError(wrong)
        if sum(data[name] for name in INTERACTIONS) > 2 * data["views"]:
            raise ValidationError(
                "likes, comments, shares and saves must not be more than twice as many together",
                "views",
            )


@example(views=12500)
class FeedbackChanges(Schema):
    views = count()
    likes = count()
    comments = count()
    shares = count()
    saves = count()


class Feedback(Answer):
    id = fields.UUID()
    concept_id = fields.UUID()
    category = one_of(CATEGORIES)
    platform = one_of(PLATFORMS)
    variant = fields.String(allow_none=True)
    source = one_of(SOURCES)
    views = count()
    likes = count()
    comments = count()
    shares = count()
    saves = count()
    engagement_rate = fields.Float(
        metadata={"description": "Likes, comments and shares in percent of the views"}
    )
    reported_at = moment()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class FeedbackQuery(PageQuery):
    category = optional(one_of(CATEGORIES))
    platform = optional(one_of(PLATFORMS))
