"""What the schemas of inbox share."""

from marshmallow import fields

from service.schemas import Answer, Choice

CHANNEL_TYPES = Choice("ChannelType", "email", "chat", "shopify", "slack")
DIRECTIONS = Choice("MessageDirection", "inbound", "outbound", "system")
STATUSES = Choice("ConversationStatus", "open", "closed", "archived")
UPSTREAM_STATUSES = Choice("UpstreamStatus", "open", "closed")  # what a caller can make of it
# As the constraints of inbox.attachments say.
MEDIA_TYPE = r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+([ \t]*;[^\x00-\x1f\x7f]*)?$"
URL = r"^([Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp][Ss]?|[Ss][Ff][Tt][Pp]|[Ss]3|[Gg][Ss])://[^\s\x00-\x1f\x7f]+$"


class IntakeWarning(Answer):
    """What was changed of a message, for it to be stored."""

    field = fields.String()
    message = fields.String()
    given = fields.String(
        allow_none=True, metadata={"description": "What was given, or the beginning of it"}
    )
