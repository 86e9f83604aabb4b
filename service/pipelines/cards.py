"""Opportunity cards over REST, as their user sees them."""

from typing import Any
from uuid import UUID

from flask import Response

from service import auth
from service.auth import caller
from service.pipelines import blueprint
from service.pipelines import card_schemas as schemas
from service.queries import queries
from service.rest import one, operation, page


@blueprint.get("/v1/opportunity-cards")
@operation("runs:read", query=schemas.PipelineCardQuery, returns=schemas.PipelineCard, many=True)
def list_opportunity_cards(query: dict[str, Any]) -> Response:
    """List one's own cards, newest first: all of them, or those that are starred."""
    return page(
        queries.pipelines.list_starred_cards
        if query.pop("starred")
        else queries.pipelines.list_cards,
        query,
        {"user_id": _user()},
    )


@blueprint.get("/v1/opportunity-cards/starred/count")
@operation("runs:read", returns=schemas.StarredCardCount)
def count_starred_opportunity_cards() -> Response:
    """Count one's own cards that are starred."""
    return one(queries.pipelines.count_starred_cards(user_id=_user()))


@blueprint.get("/v1/opportunity-cards/<uuid:opportunity_card_id>")
@operation("runs:read", returns=schemas.PipelineCard)
def get_opportunity_card(opportunity_card_id: UUID) -> Response:
    """Show a card."""
    return one(queries.pipelines.get_card(user_id=_user(), id=opportunity_card_id))


@blueprint.put("/v1/opportunity-cards/<uuid:opportunity_card_id>/star")
@operation("runs:write", body=schemas.PipelineCardStar, returns=schemas.PipelineCard)
def star_opportunity_card(opportunity_card_id: UUID, body: dict[str, Any]) -> Response:
    """Star a card, or take its star away."""
    return one(queries.pipelines.star_card(user_id=_user(), id=opportunity_card_id, **body))


def _user() -> str:
    return auth.require_user(caller())
