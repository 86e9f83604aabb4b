"""What goes in and out of the routes of model runs."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.bulk import Rows
from service.schemas import (
    Answer,
    Choice,
    Days,
    PageQuery,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    text,
)

RUN_TYPES = Choice(
    "ModelRunType",
    "EPISODE_SUMMARY",
    "EPISODE_KEYWORDS",
    "TWEET_CLASSIFY",
    "DRAFT_REPLY",
    "STYLE_PASS",
    "SAFETY_CHECK",
    "EMBEDDING",
)
MAX_RUNS = 1000  # recorded at once


@example(
    run_type="DRAFT_REPLY",
    model="gpt-4o-mini",
    latency_ms=1420,
    tokens_in=1200,
    tokens_out=110,
    cost_micros=5500,
)
class NewModelRun(Schema):
    run_type = one_of(RUN_TYPES, required=True)
    input_ref = optional(text(500, metadata={"description": "What it was about"}))
    model = text(200, required=True)
    prompt_version_id = optional(fields.UUID())
    latency_ms = optional(count())
    tokens_in = optional(count())
    tokens_out = optional(count())
    cost_micros = optional(
        count(
            metadata={
                "description": "Millionths of the currency unit; null if the price is unknown, which is not 0"
            }
        )
    )
    success = flag(load_default=True)
    error = optional(
        text(
            16384,
            metadata={"description": "Why the run failed: with success false, and only with it"},
        )
    )
    meta = metadata(load_default=dict)
    started_at = optional(moment())

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        if data["success"] != (data["error"] is None):
            raise ValidationError("goes with success false, and only with it", "error")


@example(runs=[{"run_type": "TWEET_CLASSIFY", "model": "gpt-4o-mini", "cost_micros": 120}])
class NewModelRuns(Schema):
    runs = Rows(fields.Nested(NewModelRun), at_least=1, at_most=MAX_RUNS, required=True)


class ModelRun(Answer):
    id = fields.UUID()
    run_type = one_of(RUN_TYPES)
    input_ref = fields.String(allow_none=True)
    model = fields.String()
    prompt_version_id = fields.UUID(allow_none=True)
    user_id = fields.UUID(
        allow_none=True, metadata={"description": "The user for whom it was recorded"}
    )
    latency_ms = count(allow_none=True)
    tokens_in = count(allow_none=True)
    tokens_out = count(allow_none=True)
    cost_micros = count(allow_none=True)
    success = fields.Boolean()
    error = fields.String(allow_none=True)
    meta = metadata()
    started_at = moment(allow_none=True)
    created_at = moment()


class ModelRunQuery(PageQuery):
    run_type = optional(one_of(RUN_TYPES))
    input_ref = optional(text(500))


class ModelCostQuery(Days):
    by = one_of(Choice("CostGrouping", "day", "model", "run_type", "prompt"), load_default="day")


class ModelCost(Answer):
    key = fields.String(
        allow_none=True,
        metadata={
            "description": "The day, the model, the run type or the prompt's id; null for runs without a prompt"
        },
    )
    label = fields.String(
        allow_none=True, metadata={"description": "The prompt's label, else the key"}
    )
    runs = fields.Integer()
    failures = fields.Integer()
    tokens_in = fields.Integer(
        allow_none=True, metadata={"description": "Of the runs that tell; null if none does"}
    )
    tokens_out = fields.Integer(allow_none=True)
    cost_micros = fields.Integer(
        allow_none=True,
        metadata={"description": "Of the runs whose price is known; null if none is"},
    )
    runs_without_price = fields.Integer(
        metadata={
            "description": "Runs whose price is unknown: what they cost is missing in the sum"
        }
    )
