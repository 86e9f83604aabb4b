"""What goes in and out of the routes of source documents."""

from marshmallow import Schema, fields

from service.schemas import Answer, example, metadata, moment, optional, text


@example(source_url="https://example.com/help", title="Help", indexed_at="2026-01-31T08:30:00Z")
class SourceDocumentState(Schema):
    source_url = text(2048, required=True)
    title = optional(text(1000))
    hash = optional(text(200))
    indexed_at = moment(required=True)
    next_refresh_at = optional(moment())
    metadata = metadata(load_default=dict)


@example(hash="3a7c", indexed_at="2026-02-28T08:30:00Z", next_refresh_at="2026-03-31T08:30:00Z")
class Refreshed(Schema):
    hash = optional(text(200, metadata={"description": "Of the content; null if unknown"}))
    indexed_at = moment(required=True)
    next_refresh_at = optional(moment(metadata={"description": "null if there is no plan"}))


class SourceDocument(Answer):
    id = fields.UUID()
    source_url = fields.String()
    title = fields.String(allow_none=True)
    hash = fields.String(allow_none=True)
    indexed_at = moment()
    next_refresh_at = moment(allow_none=True)
    metadata = metadata()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()
