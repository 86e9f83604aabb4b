"""What goes in and out of the routes of insights."""

from marshmallow import Schema, fields

from service.bulk import Rows
from service.schemas import (
    Answer,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    moment,
    one_of,
    optional,
    words_of,
)
from service.studio.schemas import CATEGORIES, PLATFORMS

IMPACTS = Choice("InsightImpact", "positive", "negative", "neutral")
MAX_INSIGHTS = 1000  # recorded at once


class NewInsight(Schema):
    category = one_of(CATEGORIES, required=True)
    platform = one_of(PLATFORMS, required=True)
    pattern = words_of(
        4000, required=True, metadata={"description": "What was found; the same again is evidence"}
    )
    impact = one_of(IMPACTS, required=True)
    recommendation = words_of(4000, required=True)


@example(
    insights=[
        {
            "category": "tech",
            "platform": "tiktok",
            "pattern": "tech-tiktok-over-predicted",
            "impact": "negative",
            "recommendation": "Predict less for tech on TikTok.",
        }
    ]
)
class NewInsights(Schema):
    insights = Rows(fields.Nested(NewInsight), at_least=1, at_most=MAX_INSIGHTS, required=True)


@example(applied_to_scoring=True)
class InsightChanges(Schema):
    impact = one_of(IMPACTS)
    recommendation = words_of(4000)
    applied_to_scoring = flag()


class Insight(Answer):
    id = fields.UUID()
    category = one_of(CATEGORIES)
    platform = one_of(PLATFORMS)
    pattern = fields.String()
    evidence_count = count()
    is_recommended = fields.Boolean(
        metadata={"description": "Whether it was found three times or more"}
    )
    impact = one_of(IMPACTS)
    recommendation = fields.String()
    applied_to_scoring = fields.Boolean()
    last_seen_at = moment()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class InsightQuery(PageQuery):
    category = optional(one_of(CATEGORIES))
    platform = optional(one_of(PLATFORMS))
    pattern = optional(words_of(4000, metadata={"description": "Exactly this one"}))
