"""What goes in and out of the routes of conversations."""

from marshmallow import Schema, fields

from service.inbox.schemas import STATUSES, UPSTREAM_STATUSES
from service.schemas import (
    Answer,
    Choice,
    Order,
    PageQuery,
    count,
    example,
    moment,
    one_of,
    optional,
    text,
)


class Conversation(Answer):
    id = fields.UUID()
    channel_id = fields.UUID()
    external_id = fields.String()
    subject = fields.String(allow_none=True)
    status = one_of(STATUSES)
    customer_email = fields.String(allow_none=True)
    customer_name = fields.String(allow_none=True)
    last_message_at = moment(allow_none=True)
    last_inbound_at = moment(allow_none=True)
    last_message_id = fields.UUID(
        allow_none=True,
        metadata={"description": "The message that came last, whenever it was sent"},
    )
    draft_count = count()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ConversationQuery(PageQuery, Order):
    status = optional(one_of(STATUSES))
    channel_id = optional(fields.UUID())
    external_id = optional(text(1024))


@example(status="closed")
class ConversationChanges(Schema):
    status = one_of(UPSTREAM_STATUSES)
    subject = text(1000, allow_none=True)
    customer_email = text(320, allow_none=True)
    customer_name = text(200, allow_none=True)


class TimelineItem(Answer):
    at = moment()
    id = fields.UUID()
    kind = one_of(Choice("TimelineKind", "message", "draft", "action", "delivery"))
    data = fields.Dict(keys=fields.String())
