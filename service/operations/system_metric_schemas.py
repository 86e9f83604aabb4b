"""What goes in and out of the routes of system metrics."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Range

from service.bulk import Rows
from service.schemas import Answer, Choice, Days, count, example, moment, one_of, whole, words_of

METRIC_TYPES = Choice(
    "SystemMetricType",
    "video_generation_rate",
    "posting_success_rate",
    "reflexion_accuracy",
    "cost_per_video",
)
OWN = "draftroom"  # the source of what is counted here
MAX_METRICS = 1000  # recorded at once
MAX_CASES = 10**9
MAX_TOTAL = 10**15
MAX_DAYS_BY_HOUR = 31


class NewSystemMetric(Schema):
    type = one_of(METRIC_TYPES, required=True)
    measured_at = moment(
        required=True, metadata={"description": "The beginning of what was measured"}
    )
    source = words_of(100, required=True, metadata={"description": f"Who measured; {OWN} is taken"})
    cases = whole(1, MAX_CASES, required=True)
    total = fields.Float(
        required=True,
        validate=Range(0, MAX_TOTAL),
        metadata={
            "description": "Of rates the cases that went well, at most cases; of cost_per_video millionths of the"
            " currency unit"
        },
    )

    @post_load
    def _not_as_ours(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        if data["source"] == OWN:
            raise ValidationError(f"must not be {OWN}", "source")
        return data


@example(
    metrics=[
        {
            "type": "video_generation_rate",
            "measured_at": "2026-01-01T12:00:00Z",
            "source": "renderer",
            "cases": 20,
            "total": 19,
        }
    ]
)
class NewSystemMetrics(Schema):
    metrics = Rows(fields.Nested(NewSystemMetric), at_least=1, at_most=MAX_METRICS, required=True)


class SystemMetricQuery(Days):
    type = one_of(
        METRIC_TYPES, load_default=None, metadata={"description": "All types if not given"}
    )
    by = one_of(
        Choice("SystemMetricUnit", "hour", "day"),
        load_default="day",
        metadata={"description": f"By hour at most {MAX_DAYS_BY_HOUR} days"},
    )

    @post_load
    def _few_hours(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        days = data["until"] - data["since"]
        if data["by"] == "hour" and days > timedelta(days=MAX_DAYS_BY_HOUR):
            raise ValidationError(f"must be at most {MAX_DAYS_BY_HOUR} days before to", "from")
        one_type = data.pop("type")
        return {**data, "types": [one_type] if one_type else list(METRIC_TYPES)}


class SystemMetricStep(Answer):
    """What was measured in an hour or a day."""

    starts_at = moment()
    type = one_of(METRIC_TYPES)
    cases = count()
    total = fields.Float(
        metadata={
            "description": "Of rates the cases that went well; of cost_per_video millionths of the currency unit"
        }
    )
    value = fields.Float(metadata={"description": "total / cases"})
