"""What goes in and out of the routes of channels."""

from marshmallow import Schema, fields, validate

from service.inbox.schemas import CHANNEL_TYPES
from service.schemas import Answer, example, metadata, moment, one_of, optional, text


class Channel(Answer):
    id = fields.UUID()
    type = one_of(CHANNEL_TYPES)
    external_id = fields.String()
    name = fields.String()
    metadata = metadata()
    is_signed = fields.Boolean()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(name="Support")
class ChannelChanges(Schema):
    name = text(200)
    metadata = metadata()
    signing_secret = fields.String(
        allow_none=True,
        validate=validate.Length(16, 200),
        metadata={
            "description": "When set, intake must carry X-Hub-Signature-256: sha256=<hex>, the HMAC of its raw bytes"
        },
    )


@example(type="email", external_id="support@example.com", name="Support")
class NewChannel(ChannelChanges):
    type = one_of(CHANNEL_TYPES, required=True)
    external_id = text(1024, required=True)
    name = text(200, required=True)
    metadata = metadata(load_default=dict)
    signing_secret = optional(fields.String(validate=validate.Length(16, 200)))
