"""Model runs: each call of a model, appended once, and what the calls cost."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import caller
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
@operation(
    "models:write",
    body=schemas.NewModelRuns,
    returns=schemas.RecordedModelRun,
    status=201,
    many=True,
)
def record_model_runs(body: dict[str, Any]) -> Response:
    """Record up to 1000 calls of models at once, all or none; their ids come in the same order."""
    recorded = session().json(queries.models.record_runs(user_id=caller().user_id, **body))
    if recorded.body == b"[]":
        raise _unknown_prompts(body["runs"])
    return items(recorded.body, status=201)


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


def _unknown_prompts(runs: list[dict[str, Any]]) -> errors.Problem:
    """Which of the runs name prompts that are not there, by their index."""
    named = {run["prompt_version_id"] for run in runs} - {None}
    known = session().rows(queries.models.list_known_prompts(ids=sorted(named)))
    unknown = named - {row.id for row in known}
    detail = "there is no such prompt"
    wrong = {
        index: {"prompt_version_id": [detail]}
        for index, run in enumerate(runs)
        if run["prompt_version_id"] in unknown
    }
    return errors.Problem(
        "INVALID_REFERENCE", f"prompt_version_id: {detail}", errors={"runs": wrong}
    )
