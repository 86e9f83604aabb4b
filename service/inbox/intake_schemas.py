"""What goes in and out of the routes of intake."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.inbox import facts
from service.inbox.schemas import (
    CHANNEL_TYPES,
    DIRECTIONS,
    MEDIA_TYPE,
    STATUSES,
    UPSTREAM_STATUSES,
    URL,
    IntakeWarning,
)
from service.schemas import Answer, count, example, one_of, optional


class NewMessageAttachment(facts.Facts):
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
    attachments = facts.Files(fields.Nested(NewMessageAttachment))

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
