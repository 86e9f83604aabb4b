"""What goes in and out of the routes of operations."""

from typing import Any

from marshmallow import (
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validates_schema,
)

from service.claims import Claim, Report
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    text,
    whole,
)

JOB_TYPES = Choice("JobType", "draft", "crawl", "ingest_goldens", "corrections_sync")
JOB_STATUSES = Choice("JobStatus", "queued", "running", "succeeded", "failed", "cancelled")
NOTIFICATION_TYPES = Choice(
    "NotificationType",
    "draft_ready",
    "delivery_unknown",
    "delivery_failed",
    "reply_held",
    "reply_not_recalled",
    "job_failed",
    "ingest_failed",
)


@example(type="crawl", payload={"url": "https://example.com/help"})
class NewJob(Schema):
    type = one_of(JOB_TYPES, required=True)
    unique_key = optional(
        text(200, metadata={"description": "At most one job of the type has it; a second is 409"})
    )
    priority = whole(-100, 100, load_default=0)
    payload = metadata(load_default=dict)
    run_at = optional(moment())
    max_attempts = whole(1, 100, load_default=5)


class Job(Answer):
    id = fields.UUID()
    type = one_of(JOB_TYPES)
    unique_key = fields.String(allow_none=True)
    status = one_of(JOB_STATUSES)
    priority = fields.Integer()
    payload = metadata()
    run_at = moment()
    attempts = count()
    max_attempts = count()
    locked_by = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    started_at = moment(allow_none=True)
    finished_at = moment(allow_none=True)
    error = fields.String(allow_none=True)
    metrics = metadata(allow_none=True)
    created_at = moment()


class JobQuery(PageQuery):
    type = optional(one_of(JOB_TYPES))
    status = optional(one_of(JOB_STATUSES))


@example(type="draft", worker="drafter-1")
class JobClaim(Claim):
    type = one_of(JOB_TYPES, required=True)


class ClaimedJob(Answer):
    id = fields.UUID()
    type = one_of(JOB_TYPES)
    payload = metadata()
    attempts = count()
    max_attempts = count()
    lease_id = fields.UUID(metadata={"description": "Proves the claim when reporting"})
    lease_expires_at = moment()


@example(lease_id=AN_ID, metrics={"pages": 12})
class JobCompletion(Report):
    metrics = optional(metadata())


@example(lease_id=AN_ID, error="502 from example.com")
class JobFailure(JobCompletion):
    error = text(2000, required=True)
    retry = flag(
        load_default=True, metadata={"description": "false when trying again is of no use"}
    )


class Notification(Answer):
    id = fields.UUID()
    user_id = fields.UUID(allow_none=True, metadata={"description": "null is for everyone"})
    type = one_of(NOTIFICATION_TYPES)
    payload = metadata()
    read_at = moment(allow_none=True)
    created_at = moment()


class NotificationQuery(PageQuery):
    unread = fields.Boolean(load_default=False, metadata={"description": "Only unread ones"})


@example(source_url="https://example.com/help", title="Help", indexed_at="2026-01-31T08:30:00Z")
class SourceDocumentState(Schema):
    source_url = text(2048, required=True)
    title = optional(text(1000))
    hash = optional(text(200))
    indexed_at = moment(required=True)
    next_refresh_at = optional(moment())
    metadata = metadata(load_default=dict)


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


class EventQuery(PageQuery):
    entity = optional(text(100, metadata={"description": "A table, for example drafts.drafts"}))
    entity_id = optional(fields.UUID())

    @validates_schema
    def _together(self, data: dict[str, Any], **_: object) -> None:
        if (data["entity"] is None) != (data["entity_id"] is None):
            raise ValidationError("entity and entity_id go together", "entity_id")


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
            "description": "Of the row after the change, of a DELETE the next one: apply the highest."
            " null of rows that never change"
        },
    )
    action = fields.String(
        metadata={"description": "INSERT, UPDATE, DELETE, or a business word such as APPROVE"}
    )
    changes = metadata(metadata={"description": "Changed columns: before and after"})
    actor = fields.String()
    role = fields.String(allow_none=True)
    request_id = fields.String(allow_none=True)
    ip = fields.String(allow_none=True)


EVENT_TYPES = Choice("EventType", "change", "draft_ready", "tweet_status")


class StreamQuery(Schema):
    type = BoundedList(
        one_of(EVENT_TYPES),
        at_least=1,
        at_most=len(EVENT_TYPES),
        load_default=list(EVENT_TYPES),
        metadata={"description": "Only events of these types; may be given more than once"},
    )

    @pre_load
    def _one_or_more(self, given: dict[str, Any], **_: object) -> dict[str, Any]:
        found = given.get("type")
        return {**given, "type": [found]} if isinstance(found, str) else given


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
            "description": "Of the row after the change, of a DELETE the next one: apply the highest."
            " null of rows that never change"
        },
    )
    action = fields.String(
        metadata={"description": "INSERT, UPDATE, DELETE, or a business word such as APPROVE"}
    )
    changes = metadata(metadata={"description": "Changed columns: before and after"})
    actor = fields.String(metadata={"description": "user:<id>, key:<id>, or who wrote in SQL"})
    role = fields.String(allow_none=True, metadata={"description": "Of the user, at the time"})
    request_id = fields.String(allow_none=True)
    ip = fields.String(allow_none=True)


class AuditFilter(Schema):
    entity = optional(text(100, metadata={"description": "A table, for example drafts.drafts"}))
    entity_id = optional(fields.UUID(metadata={"description": "A row of the entity"}))
    actor = optional(text(500))
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


class Health(Answer):
    status = one_of(Choice("HealthStatus", "ok", "unavailable"))


class Readiness(Health):
    problems = fields.List(fields.String())
    warnings = fields.List(fields.String())
