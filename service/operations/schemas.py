"""What goes in and out of the readings of the event log: the feed, the stream and the audit."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    metadata,
    moment,
    one_of,
    optional,
    text,
)


class EventQuery(PageQuery):
    entity = optional(text(100, metadata={"description": "A table, for example drafts.drafts"}))
    entity_id = optional(fields.UUID(metadata={"description": "A row of the entity"}))

    @validates_schema
    def _of_a_table(self, data: dict[str, Any], **_: object) -> None:
        if data["entity_id"] is not None and data["entity"] is None:
            raise ValidationError("needs the entity that it is of", "entity_id")


class Event(Answer):
    id = fields.UUID()
    epoch = fields.Integer()
    xid = fields.String()
    occurred_at = moment()
    entity = fields.String()
    entity_id = fields.UUID()
    revision = fields.Integer(
        allow_none=True,
        metadata={
            "description": "Of the row after the change, of a DELETE the next one. In a copy the value with the"
            " highest counts, column by column. null of rows that never change"
        },
    )
    action = fields.String(
        metadata={"description": "INSERT, UPDATE, DELETE, or a business word such as APPROVE"}
    )
    changes = metadata(metadata={"description": "Changed columns: before and after"})
    actor = fields.String(metadata={"description": "user:<id>, key:<id>, or who wrote in SQL"})
    key_id = fields.UUID(
        allow_none=True,
        metadata={"description": "The API key, of the service itself or acting for a user"},
    )
    role = fields.String(allow_none=True)
    request_id = fields.String(allow_none=True)
    ip = fields.String(allow_none=True)


EVENT_TYPES = Choice("EventType", "change", "draft_ready", "tweet_status")


class StreamQuery(Schema):
    entity = optional(
        text(100, metadata={"description": "Only events of this table, for example drafts.drafts"})
    )
    type = BoundedList(
        one_of(EVENT_TYPES),
        at_least=1,
        at_most=len(EVENT_TYPES),
        load_default=list(EVENT_TYPES),
        metadata={"description": "Only events of these types; may be given more than once"},
    )

    @pre_load
    def _one_or_more(self, given: dict[str, Any], **_: object) -> dict[str, Any]:
        wanted = given.get("type")
        return {**given, "type": [wanted]} if isinstance(wanted, str) else given


class StreamedEvent(Event):
    """The data of one message."""

    type = one_of(EVENT_TYPES)
    tweet_id = fields.UUID(
        allow_none=True,
        metadata={"description": "Of tweet_status; of draft_ready if the draft is for a tweet"},
    )
    new_status = fields.String(allow_none=True, metadata={"description": "Of tweet_status"})
    draft_id = fields.UUID(
        allow_none=True,
        metadata={
            "description": "Of draft_ready; of tweet_status if one draft was made or changed with it"
        },
    )


class AuditEvent(Answer):
    id = fields.UUID()
    occurred_at = moment()
    entity = fields.String()
    entity_id = fields.UUID()
    revision = fields.Integer(
        allow_none=True,
        metadata={
            "description": "Of the row after the change, of a DELETE the next one. In a copy the value with the"
            " highest counts, column by column. null of rows that never change"
        },
    )
    action = fields.String(
        metadata={"description": "INSERT, UPDATE, DELETE, or a business word such as APPROVE"}
    )
    changes = metadata(metadata={"description": "Changed columns: before and after"})
    actor = fields.String(metadata={"description": "user:<id>, key:<id>, or who wrote in SQL"})
    key_id = fields.UUID(
        allow_none=True,
        metadata={"description": "The API key, of the service itself or acting for a user"},
    )
    role = fields.String(allow_none=True, metadata={"description": "Of the user, at the time"})
    request_id = fields.String(allow_none=True)
    ip = fields.String(allow_none=True)


class AuditFilter(Schema):
    entity = optional(text(100, metadata={"description": "A table, for example drafts.drafts"}))
    entity_id = optional(fields.UUID(metadata={"description": "A row of the entity"}))
    actor = optional(
        text(500, metadata={"description": "user:<id>, whichever key they used, or key:<id>"})
    )
    key_id = optional(fields.UUID(metadata={"description": "An API key, whoever it was used for"}))
    action = optional(text(100))
    since = optional(moment(metadata={"description": "From this time on"}))
    until = optional(moment(metadata={"description": "Before this time"}))

    @post_load
    def _at_any_time(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {
            **data,
            "since": data["since"] or "-infinity",
            "until": data["until"] or "infinity",
        }

    @validates_schema
    def _of_a_table(self, data: dict[str, Any], **_: object) -> None:
        if data["entity_id"] is not None and data["entity"] is None:
            raise ValidationError("needs the entity that it is of", "entity_id")


class AuditQuery(AuditFilter, PageQuery):
    pass
