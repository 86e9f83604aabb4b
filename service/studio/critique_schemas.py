"""What goes in and out of the routes of critiques."""

from marshmallow import Schema, fields

from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
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

CONFIDENCES = Choice("CritiqueConfidence", "low", "medium", "high")
DIRECTIONS = Choice("GapDirection", "over-predicted", "under-predicted", "accurate")


def texts(description: str) -> BoundedList:
    return BoundedList(
        words_of(500), at_most=20, load_default=list, metadata={"description": description}
    )


@example(
    feedback_id=AN_ID,
    critique="The hook came too late.",
    hypothesized_reasons=["Viewers left after two seconds."],
    scoring_issues=["The hook weighs too much."],
    adjustment_plan="Weigh the first two seconds more.",
    confidence="high",
)
class CritiqueState(Schema):
    feedback_id = fields.UUID(
        required=True, metadata={"description": "The feedback on the concept that it is made of"}
    )
    critique = words_of(8000, required=True)
    hypothesized_reasons = texts("Why there may be a gap")
    scoring_issues = texts("What the prediction judged wrongly")
    adjustment_plan = words_of(8000, required=True)
    confidence = one_of(
        CONFIDENCES,
        required=True,
        metadata={"description": "high: applied at once if the gap is more than 20 points"},
    )


class Critique(Answer):
    id = fields.UUID()
    concept_id = fields.UUID()
    feedback_id = fields.UUID()
    category = one_of(CATEGORIES)
    platform = one_of(PLATFORMS)
    predicted_score = fields.Float()
    engagement_rate = fields.Float()
    actual_score = fields.Float(
        metadata={"description": "The score, 10 to 100, that the engagement rate stands for"}
    )
    gap = fields.Float(metadata={"description": "By how many points the prediction was too high"})
    gap_percent = fields.Float(
        allow_none=True,
        metadata={
            "description": "The gap in percent of the prediction; null of a prediction under 0.01"
        },
    )
    direction = one_of(DIRECTIONS, metadata={"description": "accurate up to 20 percent"})
    critique = fields.String()
    hypothesized_reasons = fields.List(fields.String())
    scoring_issues = fields.List(fields.String())
    adjustment_plan = fields.String()
    confidence = one_of(CONFIDENCES)
    applied_at = moment(
        allow_none=True, metadata={"description": "When an adjustment was made of it"}
    )
    is_outdated = fields.Boolean(
        metadata={"description": "Whether its feedback was corrected, or there is a later report"}
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class CritiqueQuery(PageQuery):
    confidence = optional(one_of(CONFIDENCES))


class Reflexion(Answer):
    """How well predictions do, as all critiques measure it."""

    critiques = count()
    recent_critiques = count(metadata={"description": "Of the last 7 days"})
    accurate_critiques = count()
    average_gap = fields.Float(
        allow_none=True,
        metadata={"description": "In points, whatever the direction; null without critiques"},
    )
    accuracy_rate = fields.Float(
        allow_none=True,
        metadata={"description": "0 to 1: how many of them were accurate; null without critiques"},
    )
    insights = count()
    adjustments = count()
    top_issue = fields.String(
        allow_none=True, metadata={"description": "The scoring issue of most critiques"}
    )
    top_issue_critiques = count()
