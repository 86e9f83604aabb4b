"""What goes in and out of the routes of scoring adjustments."""

from marshmallow import Schema, fields, validate

from service.schemas import (
    Answer,
    Choice,
    PageQuery,
    example,
    moment,
    one_of,
    optional,
    words_of,
)
from service.studio.schemas import CATEGORIES, PLATFORMS

TYPES = Choice(
    "AdjustmentType",
    "category-weight",
    "hook-effectiveness",
    "platform-multiplier",
    "recency-boost",
)


@example(reason="It was a holiday.")
class Reason(Schema):
    reason = words_of(2000, required=True, metadata={"description": "Why, for people to read"})


@example(
    category="tech",
    platform="tiktok",
    type="hook-effectiveness",
    new_value=1.1,
    reason="Hooks work.",
)
class NewAdjustment(Reason):
    category = one_of(CATEGORIES, required=True)
    platform = one_of(PLATFORMS, required=True)
    type = one_of(TYPES, required=True)
    new_value = fields.Float(validate=validate.Range(0.5, 2), required=True)


class Adjustment(Answer):
    id = fields.UUID()
    critique_id = fields.UUID(allow_none=True)
    reverts_id = fields.UUID(
        allow_none=True, metadata={"description": "The adjustment that this one takes back"}
    )
    category = one_of(CATEGORIES)
    platform = one_of(PLATFORMS)
    type = one_of(TYPES)
    old_value = fields.Float()
    new_value = fields.Float()
    reason = fields.String()
    applied_at = moment()


class AdjustmentQuery(PageQuery):
    category = optional(one_of(CATEGORIES))


class WeightQuery(Schema):
    type = one_of(TYPES, load_default="category-weight")
    at = optional(moment(metadata={"description": "As of this time; if not given, now"}))


class Weight(Answer):
    category = one_of(CATEGORIES)
    platform = one_of(PLATFORMS)
    weight = fields.Float(metadata={"description": "0.5 to 2; 1 unless adjusted"})
    adjustment_id = fields.UUID(allow_none=True)
    applied_at = moment(allow_none=True)
