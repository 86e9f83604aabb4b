"""Scoring adjustments: the weights by which concepts are scored, and how they came to be."""

from typing import Any
from uuid import UUID

from flask import Response

from service.queries import queries
from service.rest import items, one, operation, page, session
from service.studio import adjustment_schemas as schemas
from service.studio import blueprint

ADJUSTMENTS = (queries.studio.list_adjustments, queries.studio.list_adjustments_by_category)


@blueprint.get("/v1/scoring-adjustments")
@operation("studio:read", query=schemas.AdjustmentQuery, returns=schemas.Adjustment, many=True)
def list_adjustments(query: dict[str, Any]) -> Response:
    """List scoring adjustments, the latest first."""
    return page(ADJUSTMENTS, query)


@blueprint.post("/v1/scoring-adjustments")
@operation("studio:write", body=schemas.NewAdjustment, returns=schemas.Adjustment, status=201)
def adjust_weight(body: dict[str, Any]) -> Response:
    """Set a weight of the scoring."""
    return one(queries.studio.adjust_weight(**body), status=201)


@blueprint.get("/v1/scoring-adjustments/<uuid:adjustment_id>")
@operation("studio:read", returns=schemas.Adjustment)
def get_adjustment(adjustment_id: UUID) -> Response:
    """Show a scoring adjustment."""
    return one(queries.studio.get_adjustment(id=adjustment_id))


@blueprint.post("/v1/scoring-adjustments/<uuid:adjustment_id>/revert")
@operation("studio:write", body=schemas.Reason, returns=schemas.Adjustment, status=201)
def revert_adjustment(adjustment_id: UUID, body: dict[str, Any]) -> Response:
    """Take an adjustment back, by another one that sets the weight to what it was before.

    Once, and not while a later one of the same weight is in effect: that is taken back first.
    """
    return one(queries.studio.revert_adjustment(id=adjustment_id, **body), status=201)


@blueprint.get("/v1/scoring-weights")
@operation("studio:read", query=schemas.WeightQuery, returns=schemas.Weight, many=True)
def list_weights(query: dict[str, Any]) -> Response:
    """Show the weights of a type, of every category and platform, as they are or were in effect."""
    weights = queries.studio.list_weights(type=query["type"], at=query["at"] or "infinity")
    return items(session().json(weights).body)
