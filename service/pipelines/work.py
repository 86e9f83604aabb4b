"""The work on runs: claimed under a lease, reported stage by stage, for the runs of all users."""

from typing import Any
from uuid import UUID, uuid4

from flask import Response

from service import claims
from service.database import AnyBound, Json
from service.pipelines import blueprint, run_schemas
from service.pipelines import work_schemas as schemas
from service.pipelines.schemas import MAX_BODY
from service.queries import queries
from service.rest import items, operation, session


@blueprint.post("/v1/pipeline-runs/claim")
@operation(
    "runs:work", body=schemas.PipelineRunClaim, returns=schemas.ClaimedPipelineRun, many=True
)
def claim_pipeline_runs(body: dict[str, Any]) -> Response:
    """Claim runs that are due, the oldest first.

    Report under the lease_id before the lease runs out, or extend it. A run whose lease ran out is given to the next
    worker after a while, later each time, which goes on after completed_stages; when its attempts are used up, it has
    failed.
    """

    def claim(arguments: dict[str, Any]) -> Json:
        return session().json(
            queries.pipelines.claim_runs(lease_id=uuid4(), **arguments),
            first=[
                queries.operations.enter_for_all_users(),
                queries.pipelines.rescue_runs(**claims.backoff()),
            ],
        )

    return items(claims.waited(claim, body, "pipeline-runs").body)


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/heartbeat")
@operation("runs:work", body=claims.Heartbeat, returns=run_schemas.PipelineRun)
def extend_pipeline_run_lease(pipeline_run_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed run."""
    return _reported(
        pipeline_run_id, queries.pipelines.extend_run_lease(id=pipeline_run_id, **body)
    )


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/stages")
@operation(
    "runs:work",
    body=schemas.PipelineStageReport,
    max_body=MAX_BODY,
    returns=schemas.PipelineStageOutput,
)
def report_pipeline_stage(pipeline_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a stage of a claimed run began, was completed or failed; extends the lease.

    A stage that is reported again is replaced; but one that was completed stays so. One that is still running when the
    run ends, or its worker lost it, has failed.
    """
    return report_stage(pipeline_run_id, body)


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/report")
@operation("runs:work", body=schemas.NewInspirationReport, returns=schemas.InspirationReport)
def report_pipeline_inspirations(pipeline_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report the inspirations of a claimed run; extends the lease. Reported again, they are replaced."""
    return report_inspirations(pipeline_run_id, body)


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/complete")
@operation(
    "runs:work",
    body=schemas.PipelineRunCompletion,
    max_body=MAX_BODY,
    returns=run_schemas.PipelineRun,
)
def complete_pipeline_run(pipeline_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report the last stage of a claimed run with its five cards: the run is completed.

    All of it is written, or nothing. The other stages must be completed: if some are not, a 409 says which. The worker
    that completed it may report it again, as after a crash: stars stay.
    """
    return complete_run(pipeline_run_id, body)


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/fail")
@operation("runs:work", body=schemas.PipelineRunFailure, returns=run_schemas.PipelineRun)
def fail_pipeline_run(pipeline_run_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed run failed. With retry it is tried again, later each time, while attempts are left.

    The same report again gets the same answer.
    """
    return fail_run(pipeline_run_id, body)


# What workers report with a key, and executors over the webhook.


def report_stage(run_id: UUID, body: dict[str, Any]) -> Response:
    return _reported(run_id, queries.pipelines.report_stage(id=run_id, **body))


def report_inspirations(run_id: UUID, body: dict[str, Any]) -> Response:
    return _reported(run_id, queries.pipelines.put_report(id=run_id, **body))


def complete_run(run_id: UUID, body: dict[str, Any]) -> Response:
    return _reported(run_id, queries.pipelines.complete_run(id=run_id, **body))


def fail_run(run_id: UUID, body: dict[str, Any]) -> Response:
    return _reported(
        run_id,
        queries.pipelines.fail_run(id=run_id, **claims.backoff(), **body),
        again=queries.pipelines.get_failed_run(id=run_id, lease_id=body["lease_id"]),
    )


def _reported(run_id: UUID, report: AnyBound, *, again: AnyBound | None = None) -> Response:
    return claims.reported(
        report,
        queries.pipelines.get_run_state(id=run_id),
        again=again,
        first=queries.operations.enter_for_all_users(),
    )
