"""How well the system does: rates and costs, as services measure them, and as Draftroom counts its own rows."""

from typing import Any

from flask import Response

from service.bulk import BulkResults, written
from service.operations import blueprint
from service.operations import system_metric_schemas as schemas
from service.queries import queries
from service.rest import items, operation, session


@blueprint.post("/v1/system-metrics/batch")
@operation("metrics:write", body=schemas.NewSystemMetrics, returns=BulkResults)
def record_system_metrics(body: dict[str, Any]) -> Response:
    """Record up to a thousand measurements; the answer tells what became of each.

    One of a type, a time and a source that is there already is skipped: sending a list again is safe.
    """
    return written(
        body["metrics"], lambda rows: queries.operations.record_system_metrics(metrics=rows)
    )


@blueprint.get("/v1/system-metrics")
@operation(
    "metrics:read", query=schemas.SystemMetricQuery, returns=schemas.SystemMetricStep, many=True
)
def sum_system_metrics(query: dict[str, Any]) -> Response:
    """Sum up what was measured, by hour or day of UTC and by type. Hours and days without any are left out."""
    query["unit"] = query.pop("by")
    return items(session().json(queries.operations.sum_system_metrics(**query)).body)
