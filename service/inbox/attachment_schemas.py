"""What goes in and out of the routes of attachments."""

from marshmallow import Schema, fields, validate

from service.inbox.schemas import MEDIA_TYPE, URL
from service.schemas import Answer, Matches, count, example, moment, optional, text


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
