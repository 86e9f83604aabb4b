"""The work on runs: claimed under a lease, and reported, for the runs of all users."""

from typing import Any
from uuid import UUID, uuid4

from flask import Response

from service import claims
from service.database import AnyBound, Json
from service.library import blueprint, run_schemas
from service.library import run_work_schemas as schemas
from service.library.runs import MAX_BODY
from service.queries import queries
from service.rest import items, operation, session


@blueprint.post("/v1/resource-runs/claim")
@operation(
    "library:work", body=schemas.ResourceRunClaim, returns=schemas.ClaimedResourceRun, many=True
)
def claim_resource_runs(body: dict[str, Any]) -> Response:
    """Claim runs that are due, the oldest first: those that were created for a worker.

    Report under the lease_id before the lease runs out, or extend it. Its steps are where the run is shown. A run whose
    lease ran out is given to the next worker after a while, later each time; when its attempts are used up, it has
    failed.
    """

    def claim(arguments: dict[str, Any]) -> Json:
        return session().json(
            queries.library.claim_runs(lease_id=uuid4(), **arguments),
            first=[
                queries.operations.enter_for_all_users(),
                queries.library.lock_run_counts(),
                queries.library.rescue_runs(**claims.backoff()),
            ],
        )

    return items(claims.waited(claim, body, "resource-runs").body)


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/heartbeat")
@operation("library:work", body=claims.Heartbeat, returns=run_schemas.ResourceRun)
def extend_resource_run_lease(resource_run_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed run."""
    return _reported(resource_run_id, queries.library.extend_run_lease(id=resource_run_id, **body))


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/complete")
@operation(
    "library:work",
    body=schemas.ResourceRunCompletion,
    max_body=MAX_BODY,
    returns=run_schemas.ResourceRun,
)
def complete_resource_run(resource_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed run is completed, with what came out of its steps: all of it is written, or nothing.

    The same report again gets the same answer.
    """
    return _reported(
        resource_run_id,
        queries.library.complete_run(id=resource_run_id, **body),
        again=queries.library.get_reported_run(
            id=resource_run_id, lease_id=body["lease_id"], statuses=["completed"]
        ),
    )


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/fail")
@operation("library:work", body=schemas.ResourceRunFailure, returns=run_schemas.ResourceRun)
def fail_resource_run(resource_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed run failed. With retry it is tried again, later each time, while attempts are left.

    The same report again gets the same answer.
    """
    return _reported(
        resource_run_id,
        queries.library.fail_run(id=resource_run_id, **claims.backoff(), **body),
        again=queries.library.get_reported_run(
            id=resource_run_id, lease_id=body["lease_id"], statuses=["scheduled", "failed"]
        ),
    )


def _reported(run_id: UUID, report: AnyBound, *, again: AnyBound | None = None) -> Response:
    return claims.reported(
        report,
        queries.library.get_run_state(id=run_id),
        again=again,
        first=queries.operations.enter_for_all_users(),
    )
