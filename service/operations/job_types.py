"""Types of jobs, and what a tenant sets for each: how many run and wait, for how long, and whether it is paused."""

from typing import Any

from flask import Response

from service import claims
from service.operations import blueprint
from service.operations import job_schemas as schemas
from service.queries import queries
from service.rest import changed, items, one, operation, session


@blueprint.get("/v1/job-types")
@operation("jobs:read", returns=schemas.JobTypeSettings, many=True)
def list_job_types() -> Response:
    """List the types of jobs, with the limits that hold for each."""
    return items(session().json(queries.operations.list_job_types()).body)


@blueprint.get("/v1/job-types/<job_type>")
@operation("jobs:read", returns=schemas.JobTypeSettings)
def get_job_type(job_type: str) -> Response:
    """Show a type of job, with the limits that hold for it."""
    return one(queries.operations.get_job_type(type=job_type))


@blueprint.put("/v1/job-types/<job_type>/limits")
@operation("jobs:manage", body=schemas.JobLimits, returns=schemas.JobTypeSettings, if_match=True)
def set_job_limits(job_type: str, body: dict[str, Any], revision: int | None) -> Response:
    """Set the limits of a type of job, or pause it.

    They may be below what runs or waits: that goes on, and nothing is added until there is room.
    """
    claims.announce("jobs", job_type)
    return changed(
        queries.operations.set_job_limits(type=job_type, revision=revision, **body),
        queries.operations.get_job_type(type=job_type),
        revision,
        first=queries.operations.make_job_limits(type=job_type),
    )
