"""Runs over REST, as their user sees them. Row-level security keeps each user to their own."""

from typing import Any
from uuid import UUID

from flask import Response

from service import auth, claims
from service.auth import caller
from service.pipelines import blueprint
from service.pipelines import run_schemas as schemas
from service.pipelines.schemas import MAX_IMPORT
from service.queries import queries
from service.rest import answer, changed, one, operation, page, session

RUNS = (
    queries.pipelines.list_runs,
    queries.pipelines.list_runs_by_status,
    queries.pipelines.list_runs_by_company,
    queries.pipelines.list_runs_by_company_and_status,
)


@blueprint.get("/v1/pipeline-runs")
@operation("runs:read", query=schemas.PipelineRunQuery, returns=schemas.PipelineRunItem, many=True)
def list_pipeline_runs(query: dict[str, Any]) -> Response:
    """List one's own runs, newest first, with how many cards each has."""
    return page(RUNS, query, {"user_id": _user()})


@blueprint.post("/v1/pipeline-runs")
@operation("runs:write", body=schemas.NewPipelineRun, returns=schemas.PipelineRun, status=201)
def create_pipeline_run(body: dict[str, Any]) -> Response:
    """Create a run over a document. The document itself lies in object storage; a worker will claim the run."""
    claims.announce("pipeline-runs")
    return one(queries.pipelines.create_run(user_id=_user(), **body), status=201)


@blueprint.get("/v1/pipeline-runs/companies")
@operation(
    "runs:read", query=schemas.PipelineCompanyQuery, returns=schemas.PipelineCompany, many=True
)
def count_pipeline_runs_by_company(query: dict[str, Any]) -> Response:
    """Count runs by company: one's own, or with all_users those of the tenant.

    The latter is for administrators, and for services with the scope `runs:work`.
    """
    if not query.pop("all_users"):
        return page(queries.pipelines.count_by_company, query, {"user_id": _user()})
    if caller().role != "admin":
        auth.require(caller(), "runs:work")
    return page(
        queries.pipelines.count_by_company_of_tenant,
        query,
        first=queries.operations.enter_for_all_users(),
    )


@blueprint.post("/v1/pipeline-runs/import")
@operation(
    "runs:write",
    body=schemas.PipelineRunImport,
    max_body=MAX_IMPORT,
    returns=schemas.PipelineRun,
    status=(200, 201),
)
def import_pipeline_run(body: dict[str, Any]) -> Response:
    """Import a run that is over elsewhere, with all that came of it.

    201 when it is new, 200 when one was imported under its external_id before: then nothing changes.
    """
    user_id = _user()
    imported = session().maybe_json(queries.pipelines.import_run(user_id=user_id, **body))
    if imported is not None:
        return answer(imported, 201)
    known = {"user_id": user_id, "external_id": body["external_id"]}
    return one(queries.pipelines.get_imported_run(**known))


@blueprint.get("/v1/pipeline-runs/<uuid:pipeline_run_id>")
@operation("runs:read", returns=schemas.PipelineRunDetail)
def get_pipeline_run(pipeline_run_id: UUID) -> Response:
    """Show a run with its cards, its report and what its stages put out."""
    return one(queries.pipelines.get_run(user_id=_user(), id=pipeline_run_id))


@blueprint.delete("/v1/pipeline-runs/<uuid:pipeline_run_id>")
@operation("runs:write", returns=schemas.PipelineRun)
def delete_pipeline_run(pipeline_run_id: UUID) -> Response:
    """Delete a run with its cards, its report and what its stages put out. Answers with the run as it was."""
    return one(queries.pipelines.delete_run(user_id=_user(), id=pipeline_run_id))


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/rerun")
@operation("runs:write", returns=schemas.PipelineRun, status=201)
def rerun_pipeline_run(pipeline_run_id: UUID) -> Response:
    """Create a run with the inputs of another, whose document's name gets the suffix ` (rerun)` once."""
    claims.announce("pipeline-runs")
    return one(queries.pipelines.rerun(user_id=_user(), id=pipeline_run_id), status=201)


@blueprint.post("/v1/pipeline-runs/<uuid:pipeline_run_id>/cancel")
@operation("runs:write", returns=schemas.PipelineRun, if_match=True)
def cancel_pipeline_run(pipeline_run_id: UUID, revision: int | None) -> Response:
    """Cancel a run that is pending or running. A worker that has it loses its lease."""
    return changed(
        queries.pipelines.cancel_run(user_id=_user(), id=pipeline_run_id, revision=revision),
        queries.pipelines.get_run_state(id=pipeline_run_id),
        revision,
    )


def _user() -> str:
    return auth.require_user(caller())
