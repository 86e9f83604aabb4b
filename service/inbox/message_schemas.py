"""What goes in and out of the routes of messages."""

from marshmallow import fields

from service.inbox.schemas import DIRECTIONS, IntakeWarning
from service.schemas import Answer, Order, PageQuery, count, metadata, moment, one_of


class Message(Answer):
    id = fields.UUID()
    conversation_id = fields.UUID()
    external_id = fields.String(allow_none=True)
    direction = one_of(DIRECTIONS)
    subject = fields.String(allow_none=True)
    body_text = fields.String(
        allow_none=True,
        metadata={"description": "null if it has HTML only, or once archiving removed it"},
    )
    body_html = fields.String(allow_none=True)
    metadata = metadata()
    warnings = fields.List(fields.Nested(IntakeWarning))
    latest_version = count(
        metadata={"description": "1, or the latest of its /versions: other texts that came for it"}
    )
    sent_at = moment()
    created_at = moment()
    redacted_at = moment(allow_none=True)


class MessageVersion(Answer):
    id = fields.UUID()
    message_id = fields.UUID()
    version = count()
    subject = fields.String(allow_none=True)
    body_text = fields.String(allow_none=True)
    body_html = fields.String(allow_none=True)
    metadata = metadata()
    warnings = fields.List(fields.Nested(IntakeWarning))
    sent_at = moment()
    created_at = moment()
    redacted_at = moment(allow_none=True)


class MessageQuery(PageQuery, Order):
    pass
