"""Insights: patterns that critiques found, and how often."""

from typing import Any
from uuid import UUID

from flask import Response

from service.bulk import BulkResults, written
from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import insight_schemas as schemas

INSIGHTS = (
    queries.studio.list_insights,
    queries.studio.list_insights_by_category,
    queries.studio.list_insights_on_platform,
    queries.studio.list_insights_of_pattern,
)


@blueprint.get("/v1/insights")
@operation("studio:read", query=schemas.InsightQuery, returns=schemas.Insight, many=True)
def list_insights(query: dict[str, Any]) -> Response:
    """List insights, newest first."""
    return page(INSIGHTS, query)


@blueprint.get("/v1/insights/recommended")
@operation("studio:read", query=PageQuery, returns=schemas.Insight, many=True)
def list_recommended_insights(query: dict[str, Any]) -> Response:
    """List insights that are recommended and not applied to the scoring, newest first."""
    return page(queries.studio.list_recommended_insights, query)


@blueprint.post("/v1/insights/batch")
@operation("studio:write", body=schemas.NewInsights, returns=BulkResults)
def record_insights(body: dict[str, Any]) -> Response:
    """Record up to a thousand findings; the answer tells what became of each.

    Each adds one to the evidence of its category, platform and pattern.
    """
    return written(body["insights"], lambda rows: queries.studio.record_insights(insights=rows))


@blueprint.get("/v1/insights/<uuid:insight_id>")
@operation("studio:read", returns=schemas.Insight)
def get_insight(insight_id: UUID) -> Response:
    """Show an insight."""
    return one(queries.studio.get_insight(id=insight_id))


@blueprint.patch("/v1/insights/<uuid:insight_id>")
@operation("studio:write", body=schemas.InsightChanges, returns=schemas.Insight, if_match=True)
def update_insight(insight_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change what is made of an insight."""
    update = queries.studio.update_insight(
        id=insight_id,
        impact=body.get("impact"),
        recommendation=body.get("recommendation"),
        applied_to_scoring=body.get("applied_to_scoring"),
        revision=revision,
    )
    return changed(update, queries.studio.get_insight(id=insight_id), revision)
