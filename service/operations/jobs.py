"""Jobs: work for workers, claimed under a lease, rescued when it runs out."""

import json
from typing import Any
from uuid import UUID, uuid4

from flask import Response

from service import claims, errors
from service.database import AnyBound, Json
from service.operations import blueprint
from service.operations import job_schemas as schemas
from service.queries import queries
from service.rest import answer, changed, items, one, operation, page, session
from service.schemas import PageQuery

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
@operation(
    "jobs:write",
    body=schemas.NewJob,
    returns=schemas.Job,
    status=201,
    problems=("QUOTA_EXCEEDED",),
)
def enqueue_job(body: dict[str, Any]) -> Response:
    """Enqueue a job.

    429 if as many of its type wait as may.
    """
    claims.announce("jobs", body["type"])
    return one(queries.operations.enqueue_job(**body), status=201)


@blueprint.get("/v1/jobs/counts")
@operation("jobs:read", returns=schemas.JobCount, many=True)
def count_jobs() -> Response:
    """Count the jobs of each type and status: up to 10,000 of each, which says that there are so many or more."""
    return items(session().json(queries.operations.count_jobs(most=schemas.MOST_COUNTED)).body)


@blueprint.get("/v1/jobs/<uuid:job_id>")
@operation("jobs:read", returns=schemas.Job)
def get_job(job_id: UUID) -> Response:
    """Show a job."""
    return one(queries.operations.get_job(id=job_id))


@blueprint.get("/v1/jobs/<uuid:job_id>/attempts")
@operation("jobs:read", query=PageQuery, returns=schemas.JobAttempt, many=True)
def list_job_attempts(job_id: UUID, query: dict[str, Any]) -> Response:
    """List the attempts at a job that failed, were lost or were cancelled, the latest first; a hundred are kept."""
    return page(
        queries.operations.list_job_attempts,
        query,
        {"job_id": job_id},
        of=queries.operations.get_job(id=job_id),
    )


@blueprint.post("/v1/jobs/claim")
@operation("jobs:work", body=schemas.JobClaim, returns=schemas.ClaimedJob, many=True)
def claim_jobs(body: dict[str, Any]) -> Response:
    """Claim jobs that are due, the most urgent first.

    Report each one under its lease_id before the lease runs out, or extend it. A job whose lease ran out is given to
    the next worker after a while, later each time; when its attempts are used up, it has failed. None is given while
    the type is paused, nor more than may run at once.
    """

    def claim(arguments: dict[str, Any]) -> Json:
        return session().json(
            queries.operations.claim_jobs(lease_id=uuid4(), **arguments),
            first=[
                queries.operations.rescue_jobs(jitter=claims.some_jitter()),
                queries.operations.lock_job_limits(type=arguments["type"]),
            ],
        )

    return items(claims.waited(claim, body, "jobs", body["type"]).body)


@blueprint.post("/v1/jobs/<uuid:job_id>/heartbeat")
@operation("jobs:work", body=schemas.JobHeartbeat, returns=schemas.Job)
def extend_job_lease(job_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed job, at most until it times out, and tell how far it is.

    409 if the lease is lost, also because the job was cancelled: then stop.
    """
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
    failure = queries.operations.fail_job(id=job_id, jitter=claims.some_jitter(), **body)
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
    """Cancel a job that is queued or running; its worker learns of it by its next heartbeat or report."""
    return changed(queries.operations.cancel_job(id=job_id), queries.operations.get_job(id=job_id))


@blueprint.post("/v1/jobs/<uuid:job_id>/retry")
@operation("jobs:write", returns=schemas.Job)
def retry_job(job_id: UUID) -> Response:
    """Put a failed job back into the queue, with all its attempts."""
    current = queries.operations.get_job(id=job_id)
    retried = changed(queries.operations.retry_job(id=job_id), current)
    assert retried.json is not None
    claims.announce("jobs", retried.json["type"])
    return retried


@blueprint.post("/v1/jobs/retry")
@operation("jobs:write", body=schemas.FailedJobs, returns=schemas.RetriedJobs)
def retry_jobs(body: dict[str, Any]) -> Response:
    """Put the failed jobs that a filter matches back into the queue, up to three thousand, with all their attempts.

    `expected` says how many are meant: 409 if the filter matches more or less, and none is put back. A job whose
    unique_key another one holds is skipped.
    """
    chosen = body["filter"]
    done = session().row(
        queries.operations.retry_jobs(
            **chosen, expected=body["expected"], limit=schemas.MAX_MATCHES + 1
        )
    )
    if done.matches != body["expected"]:
        number = done.matches if done.matches <= schemas.MAX_MATCHES else "too many"
        raise errors.conflict(
            f"the filter matches {number}, not {body['expected']}", matches=done.matches
        )
    claims.announce("jobs", chosen["type"])
    told = {"retried": done.retried, "skipped": done.matches - done.retried}
    return answer(Json(json.dumps(told).encode()))
