"""What goes in and out of the routes of jobs."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.claims import Claim, Heartbeat, Report
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

MAX_MATCHES = 3_000  # more would not be put back within the statement timeout
MOST_COUNTED = 10_000

# As in operations.job_types. A generate-video job comes with its video, by the route of videos; the worker enqueues
# scrape-analytics jobs, too.
NEW_JOB_TYPES = Choice(
    "NewJobType",
    *("draft", "crawl", "ingest_goldens", "corrections_sync"),
    *("post-to-platform", "scrape-analytics", "verify_counters"),
)
JOB_TYPES = Choice("JobType", *NEW_JOB_TYPES, "generate-video")
JOB_STATUSES = Choice("JobStatus", "queued", "running", "succeeded", "failed", "cancelled")


@example(type="crawl", payload={"url": "https://example.com/help"})
class NewJob(Schema):
    type = one_of(NEW_JOB_TYPES, required=True)
    unique_key = optional(
        text(200, metadata={"description": "At most one job of the type holds it; a second is 409"})
    )
    unique_while = BoundedList(
        one_of(JOB_STATUSES),
        at_least=2,
        at_most=len(JOB_STATUSES),
        load_default=lambda: [status for status in JOB_STATUSES if status != "cancelled"],
        metadata={
            "description": "In which statuses it holds its key: queued, running and any others. If not given, in all"
            " but cancelled"
        },
    )
    priority = whole(-100, 100, load_default=0)
    payload = metadata(load_default=dict)
    run_at = optional(moment())
    max_attempts = optional(
        whole(1, 100, metadata={"description": "If not given, as many as its type has"})
    )

    @validates_schema
    def _holds_its_key_while_it_is_under_way(self, data: dict[str, Any], **_: object) -> None:
        if not {"queued", "running"} <= {*data["unique_while"]}:
            raise ValidationError("must have queued and running", "unique_while")


class Job(Answer):
    id = fields.UUID()
    type = one_of(JOB_TYPES)
    unique_key = fields.String(allow_none=True)
    unique_while = fields.List(one_of(JOB_STATUSES))
    status = one_of(JOB_STATUSES)
    priority = fields.Integer()
    payload = metadata()
    run_at = moment()
    attempts = count()
    max_attempts = count()
    locked_by = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    started_at = moment(allow_none=True)
    times_out_at = moment(
        allow_none=True,
        metadata={
            "description": "When the latest attempt has, or had, to be over, heartbeats or not"
        },
    )
    finished_at = moment(allow_none=True)
    error = fields.String(
        allow_none=True, metadata={"description": "Of the latest failure; `attempts` lists all"}
    )
    progress = fields.Integer(allow_none=True, metadata={"description": "In percent"})
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
    times_out_at = moment(
        metadata={
            "description": "When the attempt has to be over: no heartbeat extends the lease beyond"
        }
    )


@example(lease_id=AN_ID, lease_seconds=60, progress=40)
class JobHeartbeat(Heartbeat):
    progress = optional(whole(0, 100, metadata={"description": "In percent"}))
    metrics = optional(metadata())


@example(lease_id=AN_ID, metrics={"pages": 12})
class JobCompletion(Report):
    metrics = optional(
        metadata(metadata={"description": "If not given, those of the heartbeats stay"})
    )


@example(lease_id=AN_ID, error="502 from example.com")
class JobFailure(JobCompletion):
    error = text(2000, required=True)
    retry = flag(
        load_default=True, metadata={"description": "false when trying again is of no use"}
    )


class JobAttempt(Answer):
    id = fields.UUID()
    attempt = count(metadata={"description": "Since the job was enqueued, or retried by hand"})
    worker = fields.String()
    error = fields.String()
    started_at = moment()
    finished_at = moment()


class JobCount(Answer):
    type = one_of(JOB_TYPES)
    status = one_of(JOB_STATUSES)
    jobs = count(metadata={"description": f"At most {MOST_COUNTED}"})
    oldest_at = moment(metadata={"description": "When the oldest of them was enqueued"})
    oldest_seconds = fields.Float(metadata={"description": "How long ago that was"})


class FailedJobsFilter(Schema):
    type = one_of(NEW_JOB_TYPES, required=True)
    since = optional(moment(metadata={"description": "Those that failed then or later"}))
    until = optional(moment(metadata={"description": "Those that failed before"}))


@example(filter={"type": "crawl"}, expected=0)
class FailedJobs(Schema):
    filter = fields.Nested(FailedJobsFilter, required=True)
    expected = whole(
        0,
        MAX_MATCHES,
        required=True,
        metadata={"description": "How many match the filter: with another number nothing happens"},
    )


class RetriedJobs(Answer):
    retried = count()
    skipped = count(metadata={"description": "Those whose unique_key another job holds"})


@example(concurrency=5, queue_length=20, time_limit_seconds=1800, paused=False)
class JobLimits(Schema):
    """What is null, or not given, is the default of the type."""

    concurrency = optional(whole(1, 10_000, metadata={"description": "How many may run at once"}))
    queue_length = optional(
        whole(
            0,
            1_000_000,
            metadata={
                "description": "How many may wait: more are refused, except what comes with a message or a video"
            },
        )
    )
    time_limit_seconds = optional(
        whole(1, 86_400, metadata={"description": "How long an attempt may run in all"})
    )
    paused = flag(load_default=False, metadata={"description": "true: none is given out"})


class JobTypeSettings(Answer):
    """A type of job, and the limits that hold for it."""

    type = one_of(JOB_TYPES)
    may_enqueue = fields.Boolean(
        metadata={
            "description": "Whether POST /v1/jobs enqueues it: a video has a route of its own"
        }
    )
    max_attempts = count()
    first_delay_seconds = count(
        metadata={"description": "After the first failure; doubled after each further one"}
    )
    longest_delay_seconds = count()
    concurrency = count(
        allow_none=True, metadata={"description": "How many may run at once; null for any number"}
    )
    queue_length = count(
        allow_none=True, metadata={"description": "How many may wait; null for any number"}
    )
    time_limit_seconds = count()
    paused = fields.Boolean()
    updated_at = moment(
        allow_none=True, metadata={"description": "null as long as the limits are the defaults"}
    )
    revision = fields.Integer()
