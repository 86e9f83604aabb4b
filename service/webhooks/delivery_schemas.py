"""What goes in and out of the routes of webhook deliveries."""

from marshmallow import fields

from service.schemas import Answer, Choice, PageQuery, count, moment, one_of, optional

DELIVERY_TYPES = Choice("WebhookDeliveryType", "change", "draft_ready", "tweet_status", "test")
DELIVERY_STATUSES = Choice(
    "WebhookDeliveryStatus", "waiting", "pending", "delivering", "delivered", "dead"
)


class WebhookDelivery(Answer):
    id = fields.UUID()
    endpoint_id = fields.UUID()
    event_id = fields.UUID(metadata={"description": "The `webhook-id`; of a test its own"})
    type = one_of(DELIVERY_TYPES)
    entity = fields.String()
    entity_id = fields.UUID(
        metadata={"description": "Of a test its own, so that it waits for nothing"}
    )
    status = one_of(
        DELIVERY_STATUSES,
        metadata={
            "description": "`waiting` for an earlier one of the same row; `dead` after the last attempt"
        },
    )
    attempts = count()
    next_attempt_at = moment()
    response_status = fields.Integer(
        allow_none=True, metadata={"description": "Of the latest answer; null if there was none"}
    )
    duration_ms = count(allow_none=True)
    error = fields.String(
        allow_none=True, metadata={"description": "Why the latest attempt failed"}
    )
    finished_at = moment(allow_none=True)
    created_at = moment()


class WebhookDeliveryQuery(PageQuery):
    status = optional(one_of(DELIVERY_STATUSES))
