"""What goes in and out of the report on API usage."""

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from service.schemas import Answer, Choice, Days, Matches, one_of, optional, text

MAX_DAYS_BY_HOUR = 31


class ApiUsageQuery(Days):
    by = one_of(
        Choice("ApiUsageGrouping", "day", "hour", "caller", "endpoint", "status"),
        load_default="day",
        metadata={"description": f"By hour at most {MAX_DAYS_BY_HOUR} days"},
    )
    caller = optional(
        fields.String(
            validate=Matches(r"^(?:key:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|user|webhook)$"),
            metadata={"description": "Only of this caller: `key:<id>`, `user` or `webhook`"},
        )
    )
    method = optional(text(20, metadata={"description": "Only with this method"}))
    route = optional(
        text(
            500,
            metadata={
                "description": "Only of this route, such as `/v1/drafts/<uuid:draft_id>`, as an endpoint has it"
            },
        )
    )
    status = optional(
        fields.Integer(
            validate=validate.Range(100, 599),
            metadata={"description": "Only with this HTTP status"},
        )
    )

    @post_load
    def _few_hours(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        days = data["until"] - data["since"]
        if data["by"] == "hour" and days > timedelta(days=MAX_DAYS_BY_HOUR):
            raise ValidationError(f"must be at most {MAX_DAYS_BY_HOUR} days before to", "from")
        return data


class ApiUsage(Answer):
    key = fields.String(
        metadata={
            "description": "The hour or day of UTC; the caller: `key:<id>`, `user` for all users with a token, or"
            " `webhook`; the endpoint, such as `GET /v1/drafts/<uuid:draft_id>`; or the HTTP status"
        }
    )
    requests = fields.Integer()
    mean_ms = fields.Float(
        metadata={
            "description": "Milliseconds from having a request to the beginning of its answer"
        }
    )
    p50_ms = fields.Float(
        metadata={
            "description": "Half of the requests took at most so many: 2, 5, 10, 25, 50, 100,"
            " 250, 1000 or 5000, or the maximum if that is less or those do not reach"
        }
    )
    p95_ms = fields.Float(metadata={"description": "The same of 95 percent"})
    max_ms = fields.Float()
