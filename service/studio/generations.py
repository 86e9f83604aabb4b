"""Generations over REST: made with their concepts, listed by date, marked as favourites, exported."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.queries import queries
from service.rest import document, lines, one, operation, page
from service.schemas import ExportQuery
from service.studio import blueprint
from service.studio import generation_schemas as schemas


@blueprint.get("/v1/generations")
@operation("studio:read", query=schemas.GenerationQuery, returns=schemas.GenerationItem, many=True)
def list_generations(query: dict[str, Any]) -> Response:
    """List generations by date, newest first: all of them, or favourites."""
    return page(
        queries.studio.list_favorite_generations
        if query.pop("favorite")
        else queries.studio.list_generations,
        query,
    )


@blueprint.post("/v1/generations")
@operation(
    "studio:write",
    body=schemas.NewGeneration,
    returns=schemas.Generation,
    status=201,
    problems=("QUOTA_EXCEEDED",),
)
def create_generation(body: dict[str, Any]) -> Response:
    """Record a generation with its concepts, all or none.

    Each costs a unit of what the tier has in 30 days: 429 if they do not all fit, with `allowed`, `used`,
    `remaining`, `requested` and `resets_at`.
    """
    created = queries.studio.create_generation(created_by_id=caller().user_id, **body)
    return one(created, status=201)


@blueprint.get("/v1/generations/export")
@operation(
    "studio:read",
    query=ExportQuery,
    returns=schemas.ExportedGeneration,
    media_type="application/x-ndjson",
    in_epoch=True,
)
def export_generations(query: dict[str, Any]) -> Response:
    """Export generations with their concepts as they are now, a JSON object per line, oldest first.

    Each line has a watermark. The next run goes on after the last line that was kept: none is skipped, not even one
    whose transaction was still running.
    """
    return lines(queries.studio.export_generations(**query))


@blueprint.get("/v1/generations/export.json")
@operation(
    "studio:read",
    query=ExportQuery,
    returns=schemas.ExportedGeneration,
    many=True,
    in_epoch=True,
)
def export_generations_as_json(query: dict[str, Any]) -> Response:
    """Export generations with their concepts as one JSON document, however many there are."""
    return document(queries.studio.export_generations(**query))


@blueprint.get("/v1/generations/<uuid:generation_id>")
@operation("studio:read", returns=schemas.Generation)
def get_generation(generation_id: UUID) -> Response:
    """Show a generation with its concepts."""
    return one(queries.studio.get_generation(id=generation_id))


@blueprint.put("/v1/generations/<uuid:generation_id>/favorite")
@operation("studio:write", body=schemas.GenerationFavorite, returns=schemas.GenerationItem)
def mark_generation(generation_id: UUID, body: dict[str, Any]) -> Response:
    """Mark a generation as a favourite, or no longer."""
    return one(queries.studio.mark_generation(id=generation_id, **body))
