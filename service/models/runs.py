"""Model runs: each call of a model, appended once, and what the calls cost."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.bulk import BulkResults, written
from service.models import blueprint
from service.models import run_schemas as schemas
from service.queries import queries
from service.rest import items, one, operation, page, session

RUNS = (
    queries.models.list_runs,
    queries.models.list_runs_by_type,
    queries.models.list_runs_by_input,
)


@blueprint.get("/v1/model-runs")
@operation("models:read", query=schemas.ModelRunQuery, returns=schemas.ModelRun, many=True)
def list_model_runs(query: dict[str, Any]) -> Response:
    """List calls of models, the latest first."""
    return page(RUNS, query)


@blueprint.post("/v1/model-runs")
@operation("models:write", body=schemas.NewModelRun, returns=schemas.ModelRun, status=201)
def record_model_run(body: dict[str, Any]) -> Response:
    """Record a call of a model."""
    return one(queries.models.record_run(user_id=caller().user_id, **body), status=201)


@blueprint.post("/v1/model-runs/batch")
@operation("models:write", body=schemas.NewModelRuns, returns=BulkResults)
def record_model_runs(body: dict[str, Any]) -> Response:
    """Record up to 1000 calls of models at once; the answer tells what became of each."""
    user_id = caller().user_id
    return written(
        body["runs"], lambda runs: queries.models.record_runs(user_id=user_id, runs=runs)
    )


@blueprint.get("/v1/model-runs/costs")
@operation("models:read", query=schemas.ModelCostQuery, returns=schemas.ModelCost, many=True)
def sum_model_costs(query: dict[str, Any]) -> Response:
    """Sum up what calls of models cost, by day, model, run type or prompt.

    Days are those of UTC, as recorded; `to` itself is not counted. What has no price is counted, not taken for 0.
    """
    listing = {
        "day": queries.models.sum_costs_by_day,
        "model": queries.models.sum_costs_by_model,
        "run_type": queries.models.sum_costs_by_run_type,
        "prompt": queries.models.sum_costs_by_prompt,
    }[query.pop("by")]
    return items(session().json(listing(**query)).body)


@blueprint.get("/v1/model-runs/<uuid:run_id>")
@operation("models:read", returns=schemas.ModelRun)
def get_model_run(run_id: UUID) -> Response:
    """Show a call of a model."""
    return one(queries.models.get_run(id=run_id))
