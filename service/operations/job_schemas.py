"""What goes in and out of the routes of jobs."""

from marshmallow import Schema, fields

from service.claims import Claim, Report
from service.schemas import (
    AN_ID,
    Answer,
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

# A generate-video job comes with its video, by the route of videos; scrape-analytics jobs come from the worker.
NEW_JOB_TYPES = Choice("NewJobType", "draft", "crawl", "ingest_goldens", "corrections_sync")
JOB_TYPES = Choice("JobType", *NEW_JOB_TYPES, "generate-video", "scrape-analytics")
JOB_STATUSES = Choice("JobStatus", "queued", "running", "succeeded", "failed", "cancelled")


@example(type="crawl", payload={"url": "https://example.com/help"})
class NewJob(Schema):
    type = one_of(NEW_JOB_TYPES, required=True)
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
