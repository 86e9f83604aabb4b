"""Performance feedback: how concepts did, as somebody reports it."""

from typing import Any
from uuid import UUID

from flask import Response

from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import feedback_schemas as schemas

FEEDBACK = (
    queries.studio.list_feedback,
    queries.studio.list_feedback_by_category,
    queries.studio.list_feedback_by_platform,
)


@blueprint.get("/v1/performance-feedback")
@operation("studio:read", query=schemas.FeedbackQuery, returns=schemas.Feedback, many=True)
def list_feedback(query: dict[str, Any]) -> Response:
    """List how concepts did, the latest report first."""
    return page(FEEDBACK, query)


@blueprint.get("/v1/concepts/<uuid:concept_id>/performance-feedback")
@operation("studio:read", query=PageQuery, returns=schemas.Feedback, many=True)
def list_feedback_on_concept(concept_id: UUID, query: dict[str, Any]) -> Response:
    """List how a concept did, the latest report first."""
    return page(
        queries.studio.list_feedback_on_concept,
        query,
        {"concept_id": concept_id},
        of=queries.studio.get_concept(id=concept_id),
    )


@blueprint.post("/v1/concepts/<uuid:concept_id>/performance-feedback")
@operation("studio:write", body=schemas.NewFeedback, returns=schemas.Feedback, status=201)
def record_feedback(concept_id: UUID, body: dict[str, Any]) -> Response:
    """Report how a concept did on a platform; a source reports once of each time."""
    return one(queries.studio.record_feedback(concept_id=concept_id, **body), status=201)


@blueprint.get("/v1/performance-feedback/<uuid:feedback_id>")
@operation("studio:read", returns=schemas.Feedback)
def get_feedback(feedback_id: UUID) -> Response:
    """Show a report."""
    return one(queries.studio.get_feedback(id=feedback_id))


@blueprint.patch("/v1/performance-feedback/<uuid:feedback_id>")
@operation("studio:write", body=schemas.FeedbackChanges, returns=schemas.Feedback, if_match=True)
def correct_feedback(feedback_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Correct what was reported. A critique that was made of it is outdated then."""
    counts = {name: body.get(name) for name in ("views", *schemas.INTERACTIONS)}
    return changed(
        queries.studio.correct_feedback(id=feedback_id, **counts, revision=revision),
        queries.studio.get_feedback(id=feedback_id),
        revision,
    )
