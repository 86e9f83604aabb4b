"""Concepts over REST: listed, searched, changed."""

from typing import Any
from uuid import UUID

from flask import Response

from service.queries import queries
from service.rest import changed, one, operation, page
from service.studio import blueprint
from service.studio import concept_schemas as schemas

CONCEPTS = (queries.studio.list_concepts, queries.studio.list_concepts_by_category)


@blueprint.get("/v1/concepts")
@operation("studio:read", query=schemas.ConceptQuery, returns=schemas.ConceptItem, many=True)
def list_concepts(query: dict[str, Any]) -> Response:
    """List concepts, newest first."""
    return page(CONCEPTS, query)


@blueprint.get("/v1/concepts/search")
@operation("studio:read", query=schemas.ConceptSearch, returns=schemas.ConceptItem, many=True)
def search_concepts(query: dict[str, Any]) -> Response:
    """Search titles, captions, hashtags and trends of concepts, newest first.

    Words are compared by their English stems. A search for nothing but words such as "the" finds nothing.
    """
    return page(queries.studio.search_concepts, query)


@blueprint.get("/v1/concepts/<uuid:concept_id>")
@operation("studio:read", returns=schemas.Concept)
def get_concept(concept_id: UUID) -> Response:
    """Show a concept."""
    return one(queries.studio.get_concept(id=concept_id))


@blueprint.patch("/v1/concepts/<uuid:concept_id>")
@operation("studio:write", body=schemas.ConceptChanges, returns=schemas.Concept, if_match=True)
def update_concept(concept_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change what a concept says. It costs nothing; its category, and what was predicted for it, stay."""
    return changed(
        queries.studio.update_concept(id=concept_id, changes=body, revision=revision),
        queries.studio.get_concept(id=concept_id),
        revision,
    )
