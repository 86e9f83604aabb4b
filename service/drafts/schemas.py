"""What the schemas of drafts, decisions and deliveries share."""

from marshmallow import Schema, fields

from service.schemas import Answer, Choice, optional

STATUSES = Choice(
    "DraftStatus", "pending", "approved", "rejected", "superseded", "sent", "archived"
)


class Subject(Answer):
    """What a draft is for: a conversation or a tweet."""

    conversation_id = fields.UUID(allow_none=True)
    tweet_id = fields.UUID(allow_none=True)


class SeenMessage(Schema):
    seen_message_id = optional(
        fields.UUID(
            metadata={
                "description": "The last_message_id that the person saw; 412 with `new_messages` when more came"
            }
        )
    )
