"""Runs of versions: created, executed step by step, and counted. A run is its user's, or its team's."""

from typing import Any
from uuid import UUID

from flask import Response

from service import auth, claims, errors
from service.auth import caller
from service.caller import all_users_if
from service.database import First
from service.library import blueprint
from service.library import run_schemas as schemas
from service.queries import queries
from service.rest import MB, changed, one, operation, page

MAX_BODY = 16 * MB  # 1,000 values of 8 KB, as JSON writes them

RUNS = (
    queries.library.list_runs,
    queries.library.list_runs_by_status,
    queries.library.list_runs_of_version,
)
ALL_RUNS = (
    queries.library.list_all_runs,
    queries.library.list_all_runs_by_status,
    queries.library.list_all_runs_of_version,
)


@blueprint.get("/v1/resource-runs")
@operation("library:read", query=schemas.ResourceRunQuery, returns=schemas.ResourceRun, many=True)
def list_resource_runs(query: dict[str, Any]) -> Response:
    """List one's own runs, newest first, or those of a team in which one is a member.

    Runs of resources that are deleted, or that one does not see any more, are in no list; each is still there by its
    id.
    """
    if query.pop("all_users"):
        return page(ALL_RUNS, query, first=_for_all_users())
    if query["team_id"] is not None:
        return page(queries.library.list_runs_of_team, query)
    return page(RUNS, query, {"user_id": auth.require_user(caller())})


@blueprint.get("/v1/resource-runs/active")
@operation(
    "library:read", query=schemas.ActiveResourceRunQuery, returns=schemas.ResourceRun, many=True
)
def list_active_resource_runs(query: dict[str, Any]) -> Response:
    """List one's own runs that are scheduled or in progress, newest first."""
    statuses = {"status": schemas.ACTIVE}
    if query.pop("all_users"):
        return page(ALL_RUNS, query, statuses, first=_for_all_users())
    return page(RUNS, query, {"user_id": auth.require_user(caller()), **statuses})


@blueprint.get("/v1/resource-runs/stats")
@operation("library:read", query=schemas.ResourceRunStatsQuery, returns=schemas.ResourceRunStats)
def count_resource_runs(query: dict[str, Any]) -> Response:
    """Count one's own runs by status, with how long the completed ones took on average.

    All of them count, whatever became of their resources.
    """
    if query["all_users"]:
        return one(queries.library.count_all_runs(), first=_for_all_users())
    return one(queries.library.count_runs(user_id=auth.require_user(caller())))


@blueprint.post("/v1/resource-runs")
@operation(
    "library:write",
    body=schemas.NewResourceRun,
    max_body=MAX_BODY,
    returns=schemas.ResourceRun,
    status=201,
)
def create_resource_run(body: dict[str, Any]) -> Response:
    """Create a run of a version that one sees, for oneself, or for a team in which one may run resources."""
    claims.announce("resource-runs")
    return one(queries.library.create_run(user_id=auth.require_user(caller()), **body), status=201)


@blueprint.get("/v1/resource-runs/<uuid:resource_run_id>")
@operation("library:read", returns=schemas.ResourceRunDetail)
def get_resource_run(resource_run_id: UUID) -> Response:
    """Show a run with its data, its version, its user, and its steps with what went in and what came out.

    A worker, which has the scope `library:work`, sees the runs of all users.
    """
    return one(
        queries.library.get_run(id=resource_run_id), first=all_users_if(caller(), "library:work")
    )


@blueprint.patch("/v1/resource-runs/<uuid:resource_run_id>")
@operation(
    "library:write",
    body=schemas.ResourceRunChanges,
    max_body=MAX_BODY,
    returns=schemas.ResourceRun,
    if_match=True,
    conflicts=True,
)
def update_resource_run(
    resource_run_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Change a run, or its status: begin, pause, complete, fail or cancel it, or begin it again after a failure.

    The database says when it began first, and when it ended. What came of a run that is completed or cancelled stays. A
    run that a worker has can be cancelled or paused, and the worker loses it; scheduled again, it goes to a worker.
    """
    return changed(
        queries.library.update_run(id=resource_run_id, changes=body, revision=revision),
        queries.library.get_run_state(id=resource_run_id),
        revision,
    )


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/execute")
@operation(
    "library:write",
    body=schemas.ResourceRunExecution,
    max_body=MAX_BODY,
    returns=schemas.ExecutedResourceRun,
    if_match=True,
)
def execute_resource_run(
    resource_run_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Begin a run that was never begun, with its steps, numbered from 1, and their inputs: all of it, or nothing.

    A run that was begun before, or that a worker is to run, is a 409.
    """
    return changed(
        queries.library.execute_run(id=resource_run_id, revision=revision, **body),
        queries.library.get_run_state(id=resource_run_id),
        revision,
    )


# Steps -----------------------------------------------------------------------------------------------


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/steps/<int:step>/start")
@operation("library:write", returns=schemas.ResourceRunStep)
def start_resource_run_step(resource_run_id: UUID, step: int) -> Response:
    """Start a step of a run that is in progress."""
    return _report(resource_run_id, step, "in_progress")


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/steps/<int:step>/complete")
@operation(
    "library:write",
    body=schemas.ResourceRunStepCompletion,
    max_body=MAX_BODY,
    returns=schemas.ResourceRunStep,
)
def complete_resource_run_step(resource_run_id: UUID, step: int, body: dict[str, Any]) -> Response:
    """Complete a step of a run that is in progress, with what came out of it."""
    return _report(resource_run_id, step, "completed", **body)


@blueprint.post("/v1/resource-runs/<uuid:resource_run_id>/steps/<int:step>/skip")
@operation("library:write", returns=schemas.ResourceRunStep)
def skip_resource_run_step(resource_run_id: UUID, step: int) -> Response:
    """Skip a step that is not over, of a run that is in progress."""
    return _report(resource_run_id, step, "skipped")


@blueprint.put("/v1/resource-runs/<uuid:resource_run_id>/steps/<int:step>/outputs")
@operation(
    "library:write",
    body=schemas.ResourceRunOutputs,
    max_body=MAX_BODY,
    returns=schemas.ResourceRunStep,
    conflicts=True,
)
def put_resource_run_outputs(resource_run_id: UUID, step: int, body: dict[str, Any]) -> Response:
    """Put what came out of a step, as long as its run is in progress. A key that it has is replaced, others stay."""
    return _report(resource_run_id, step, None, **body)


def _report(
    run_id: UUID,
    step: int,
    status: str | None,
    *,
    time_elapsed: int | None = None,
    outputs: list[dict[str, Any]] | tuple[()] = (),
) -> Response:
    if step > schemas.MAX_STEPS:
        raise errors.not_found()
    return changed(
        queries.library.report_step(
            run_id=run_id,
            step=step,
            status=status,
            time_elapsed=time_elapsed,
            outputs=list(outputs),
        ),
        queries.library.get_step(run_id=run_id, step=step),
    )


def _for_all_users() -> First:
    """Raises FORBIDDEN to others than those who manage the library."""
    auth.require(caller(), "library:manage")
    return queries.operations.enter_for_all_users()
