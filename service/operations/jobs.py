"""Jobs: work for workers, claimed under a lease, rescued when it runs out."""

from typing import Any
from uuid import UUID, uuid4

from flask import Response

from service import claims
from service.database import AnyBound
from service.operations import blueprint
from service.operations import job_schemas as schemas
from service.queries import queries
from service.rest import changed, items, one, operation, page, session

JOBS = (
    queries.operations.list_jobs,
    queries.operations.list_jobs_by_type,
    queries.operations.list_jobs_by_status,
    queries.operations.list_jobs_by_type_and_status,
)


@blueprint.get("/v1/jobs")
@operation("jobs:read", query=schemas.JobQuery, returns=schemas.Job, many=True)
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs, newest first."""
    return page(JOBS, query)


@blueprint.post("/v1/jobs")
@operation("jobs:write", body=schemas.NewJob, returns=schemas.Job, status=201)
def enqueue_job(body: dict[str, Any]) -> Response:
    """Enqueue a job."""
    return one(queries.operations.enqueue_job(**body), status=201)


@blueprint.get("/v1/jobs/<uuid:job_id>")
@operation("jobs:read", returns=schemas.Job)
def get_job(job_id: UUID) -> Response:
    """Show a job."""
    return one(queries.operations.get_job(id=job_id))


@blueprint.post("/v1/jobs/claim")
@operation("jobs:work", body=schemas.JobClaim, returns=schemas.ClaimedJob, many=True)
def claim_jobs(body: dict[str, Any]) -> Response:
    """Claim jobs that are due, the most urgent first.

    Report each one under its lease_id before the lease runs out, or extend it. A job whose lease ran out is given to
    the next worker after a while, later each time; when its attempts are used up, it has failed.
    """
    claimed = session().json(
        queries.operations.claim_jobs(lease_id=uuid4(), **body),
        first=queries.operations.rescue_jobs(**claims.backoff()),
    )
    return items(claimed.body)


@blueprint.post("/v1/jobs/<uuid:job_id>/heartbeat")
@operation("jobs:work", body=claims.Heartbeat, returns=schemas.Job)
def extend_job_lease(job_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed job."""
    return claims.reported(
        queries.operations.extend_job_lease(id=job_id, **body),
        queries.operations.get_job(id=job_id),
    )


@blueprint.post("/v1/jobs/<uuid:job_id>/complete")
@operation("jobs:work", body=schemas.JobCompletion, returns=schemas.Job)
def complete_job(job_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed job is done. The same report again gets the same answer."""
    return _reported(job_id, queries.operations.complete_job(id=job_id, **body), body, "succeeded")


@blueprint.post("/v1/jobs/<uuid:job_id>/fail")
@operation("jobs:work", body=schemas.JobFailure, returns=schemas.Job)
def fail_job(job_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed job failed; it is tried again, later each time, until its attempts are used up.

    The same report again gets the same answer.
    """
    failure = queries.operations.fail_job(id=job_id, **claims.backoff(), **body)
    return _reported(job_id, failure, body, "queued", "failed")


def _reported(job_id: UUID, report: AnyBound, body: dict[str, Any], *statuses: str) -> Response:
    """What the report made of the job: one of the statuses, if it comes again."""
    return claims.reported(
        report,
        queries.operations.get_job(id=job_id),
        again=queries.operations.get_reported_job(
            id=job_id, lease_id=body["lease_id"], statuses=statuses
        ),
    )


@blueprint.post("/v1/jobs/<uuid:job_id>/cancel")
@operation("jobs:write", returns=schemas.Job)
def cancel_job(job_id: UUID) -> Response:
    """Take a queued job out of the queue."""
    return changed(queries.operations.cancel_job(id=job_id), queries.operations.get_job(id=job_id))


@blueprint.post("/v1/jobs/<uuid:job_id>/retry")
@operation("jobs:write", returns=schemas.Job)
def retry_job(job_id: UUID) -> Response:
    """Put a failed job back into the queue."""
    return changed(queries.operations.retry_job(id=job_id), queries.operations.get_job(id=job_id))
