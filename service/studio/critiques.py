"""Self-critiques: why concepts did better or worse than predicted, and how good predictions are."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.database import Transaction
from service.queries import queries
from service.rest import answer, atomically, one, operation, page, refuse_stale
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import critique_schemas as schemas
from service.studio.adjustment_schemas import Adjustment, Reason

CRITIQUES = (queries.studio.list_critiques, queries.studio.list_critiques_by_confidence)


@blueprint.get("/v1/critiques")
@operation("studio:read", query=schemas.CritiqueQuery, returns=schemas.Critique, many=True)
def list_critiques(query: dict[str, Any]) -> Response:
    """List critiques, newest first."""
    return page(CRITIQUES, query)


@blueprint.get("/v1/critiques/unapplied")
@operation("studio:read", query=PageQuery, returns=schemas.Critique, many=True)
def list_unapplied_critiques(query: dict[str, Any]) -> Response:
    """List critiques of which no adjustment was made, newest first."""
    return page(queries.studio.list_unapplied_critiques, query)


@blueprint.get("/v1/critiques/statistics")
@operation("studio:read", returns=schemas.Reflexion)
def sum_reflexion() -> Response:
    """Measure how well predictions do."""
    return one(queries.studio.sum_reflexion())


@blueprint.get("/v1/critiques/<uuid:critique_id>")
@operation("studio:read", returns=schemas.Critique)
def get_critique(critique_id: UUID) -> Response:
    """Show a critique."""
    return one(queries.studio.get_critique(id=critique_id))


@blueprint.post("/v1/critiques/<uuid:critique_id>/apply")
@operation("studio:write", body=Reason, returns=Adjustment, status=201)
def apply_critique(critique_id: UUID, body: dict[str, Any]) -> Response:
    """Adjust the category's weight by a critique that was not applied by itself.

    One that is applied already is a conflict, and so is one of an accurate prediction.
    """
    return one(queries.studio.apply_critique(id=critique_id, **body), status=201)


@blueprint.get("/v1/concepts/<uuid:concept_id>/critique")
@operation("studio:read", returns=schemas.Critique)
def get_critique_of_concept(concept_id: UUID) -> Response:
    """Show the critique of a concept."""
    return one(queries.studio.get_critique_of_concept(concept_id=concept_id))


@blueprint.put("/v1/concepts/<uuid:concept_id>/critique")
@operation(
    "studio:write",
    body=schemas.CritiqueState,
    returns=schemas.Critique,
    if_match=True,
    conflicts=True,
)
def put_critique(concept_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Make the critique of a concept, or make it anew.

    The database compares the score that was predicted with the one that the feedback stands for. With high confidence
    and a gap of more than 20 points, the category's weight is adjusted at once; once for each state of feedback.
    """

    def work(tx: Transaction) -> Response:
        put = tx.maybe_row(
            queries.studio.put_critique(concept_id=concept_id, revision=revision, **body)
        )
        now = tx.json(queries.studio.get_critique_of_concept(concept_id=concept_id))
        if put is None:
            refuse_stale(revision, now)
            raise errors.conflict("it was changed at this moment")
        return answer(now)

    return atomically(work)
