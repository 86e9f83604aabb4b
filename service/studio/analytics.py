"""What was generated, counted: by category, by trend, by day."""

from typing import Any

from flask import Response

from service.queries import queries
from service.rest import items, operation, session
from service.schemas import Days
from service.studio import analytics_schemas as schemas
from service.studio import blueprint


@blueprint.get("/v1/concepts/counts/by-category")
@operation("studio:read", query=Days, returns=schemas.ConceptsOfCategory, many=True)
def count_concepts_by_category(query: dict[str, Any]) -> Response:
    """Count the concepts of some days by category, the most frequent first."""
    return items(session().json(queries.studio.count_concepts_by_category(**query)).body)


@blueprint.get("/v1/concepts/counts/by-trend")
@operation("studio:read", query=Days, returns=schemas.ConceptsOfTrend, many=True)
def count_concepts_by_trend(query: dict[str, Any]) -> Response:
    """Count the concepts of some days by the trend that they follow: the hundred most frequent."""
    return items(session().json(queries.studio.count_concepts_by_trend(**query)).body)


@blueprint.get("/v1/concepts/counts/by-day")
@operation("studio:read", query=Days, returns=schemas.ConceptsOfDay, many=True)
def count_concepts_by_day(query: dict[str, Any]) -> Response:
    """Count generations and their concepts by day of UTC, the latest first."""
    return items(session().json(queries.studio.count_concepts_by_day(**query)).body)
