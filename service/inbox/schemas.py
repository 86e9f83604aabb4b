"""What goes in and out of the routes of inbox."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.inbox import facts
from service.schemas import (
    Answer,
    Choice,
    Matches,
    Order,
    PageQuery,
    count,
    example,
    metadata,
    moment,
    one_of,
    optional,
    text,
)

CHANNEL_TYPES = Choice("ChannelType", "email", "chat", "shopify", "slack")
DIRECTIONS = Choice("MessageDirection", "inbound", "outbound", "system")
STATUSES = Choice("ConversationStatus", "open", "closed", "archived")
UPSTREAM_STATUSES = Choice("UpstreamStatus", "open", "closed")  # what a caller can make of it
# As the constraints of inbox.attachments have them.
MEDIA_TYPE = r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[^\x00-\x1f\x7f]*)?$"
URL = r"^([Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp][Ss]?|[Ss][Ff][Tt][Pp]|[Ss]3|[Gg][Ss])://[^\s\x00-\x1f\x7f]+$"


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


class IntakeWarning(Answer):
    """What was changed of a message, for it to be stored."""

    field = fields.String()
    message = fields.String()
    given = fields.String(
        allow_none=True, metadata={"description": "What was given, or the beginning of it"}
    )


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


class IntakeAttachment(facts.Facts):
    """A file of a message. The file itself lies in object storage."""

    file_name = facts.Text(255, load_default="unnamed")
    mime_type = facts.Shaped(MEDIA_TYPE, 255, load_default="application/octet-stream")
    size_bytes = optional(count())
    object_key = facts.Name(
        required=True, metadata={"description": "Where the file lies in object storage"}
    )
    external_id = optional(
        facts.Name(
            metadata={
                "description": "What the channel calls the file: sent again, it is noted once"
            }
        )
    )
    url = facts.Shaped(URL, 2048)


@example(
    channel_type="email",
    channel_external_id="help@example.com",
    external_id="MESSAGE-8",
    customer_name="Kim",
    body_text="And how much is it?",
)
class ConversationMessage(facts.Facts):
    """A message from a channel, for the conversation that the path names.

    What came in is a fact, so it is stored: what cannot be, as it is, is changed, and told in `warnings`.
    """

    channel_id = optional(fields.UUID())
    channel_type = optional(one_of(CHANNEL_TYPES))
    channel_external_id = optional(facts.Name())
    channel_name = facts.Text(200)
    channel_metadata = facts.Object()
    conversation_external_id = optional(
        facts.Name(
            metadata={
                "description": "The same as in the path: required where the channel has a signing secret, which signs"
                " the body"
            },
        )
    )
    status = optional(
        one_of(
            UPSTREAM_STATUSES,
            metadata={
                "description": "What the conversation is upstream; without it a new inbound message reopens it"
            },
        )
    )
    customer_email = facts.Text(
        320, metadata={"description": "Any text: an address is not checked"}
    )
    customer_name = facts.Text(200)
    external_id = optional(
        facts.Name(
            metadata={
                "description": "What the channel calls the message: sent again, it is stored once"
            },
        )
    )
    direction = one_of(DIRECTIONS, load_default="inbound", allow_none=True)
    subject = facts.Text(1000)
    body_text = facts.Body(
        256 * 1024,
        metadata={
            "description": "At most 256 KB are kept. Left out, the message has body_html only"
        },
    )
    body_html = facts.Body(512 * 1024, metadata={"description": "At most 512 KB are kept"})
    metadata = facts.Object(metadata={"description": "Under 64 KB are kept"})
    sent_at = facts.Time(
        metadata={
            "description": "When it was sent; if left out, or more than a day ahead, the time when it came in"
        }
    )
    attachments = facts.Files(fields.Nested(IntakeAttachment))

    @validates_schema
    def _one_channel(self, data: dict[str, Any], **_: object) -> None:
        by_name = (data["channel_type"], data["channel_external_id"])
        if data["channel_id"] is None:
            if None in by_name:
                raise ValidationError(
                    "is required, or channel_type with channel_external_id", "channel_id"
                )
        elif by_name != (None, None):
            raise ValidationError("goes without channel_type and channel_external_id", "channel_id")


@example(
    channel_type="email",
    channel_external_id="help@example.com",
    conversation_external_id="TICKET-7",
    external_id="MESSAGE-7",
    customer_name="Kim",
    body_text="When will my order ship?",
)
class IntakeMessage(ConversationMessage):
    """A message from a channel.

    What came in is a fact, so it is stored: what cannot be, as it is, is changed, and told in `warnings`.
    """

    conversation_external_id = facts.Name(
        required=True, metadata={"description": "What the channel calls the conversation"}
    )


class ReceivedMessage(Answer):
    channel_id = fields.UUID()
    conversation_id = fields.UUID()
    conversation_status = one_of(STATUSES)
    message_id = fields.UUID()
    created = fields.Boolean(metadata={"description": "false when the message was known already"})
    job_id = fields.UUID(allow_none=True, metadata={"description": "The request for a draft"})
    version = count(
        metadata={
            "description": "1, or what the text is kept as that came for a known message with another text"
        }
    )
    warnings = fields.List(fields.Nested(IntakeWarning))


class TimelineItem(Answer):
    at = moment()
    id = fields.UUID()
    kind = one_of(Choice("TimelineKind", "message", "draft", "action", "delivery"))
    data = fields.Dict(keys=fields.String())


@example(
    file_name="invoice.pdf",
    mime_type="application/pdf",
    size_bytes=48213,
    object_key="inbox/2026/invoice.pdf",
)
class NewAttachment(Schema):
    file_name = text(255, required=True)
    mime_type = fields.String(
        required=True, validate=[validate.Length(max=255), Matches(MEDIA_TYPE)]
    )
    size_bytes = count(required=True)
    object_key = text(
        1024, required=True, metadata={"description": "Where the file lies in object storage"}
    )
    external_id = optional(
        text(
            1024,
            metadata={
                "description": "What the channel calls the file: posted again, it is noted once"
            },
        )
    )
    url = optional(fields.String(validate=[validate.Length(max=2048), Matches(URL)]))


class Attachment(Answer):
    id = fields.UUID()
    message_id = fields.UUID(allow_none=True)
    draft_id = fields.UUID(allow_none=True)
    file_name = fields.String()
    mime_type = fields.String()
    size_bytes = count(
        allow_none=True, metadata={"description": "null if the channel did not tell"}
    )
    object_key = fields.String()
    external_id = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    created_at = moment()
