"""Prompts: versions that are never rewritten, at most one of each kind active, and the history of that."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.models import blueprint
from service.models import prompt_schemas as schemas
from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/prompts")
@operation("prompts:read", query=schemas.PromptQuery, returns=schemas.PromptSummary, many=True)
def list_prompts(query: dict[str, Any]) -> Response:
    """List prompts without their templates, newest first; those of a kind by version."""
    return page((queries.models.list_prompts, queries.models.list_prompts_by_kind), query)


@blueprint.post("/v1/prompts")
@operation("prompts:write", body=schemas.NewPrompt, returns=schemas.Prompt, status=201)
def create_prompt(body: dict[str, Any]) -> Response:
    """Write a new version of a prompt.

    It is never rewritten: a correction is a new version. It is not used before it is activated.
    """
    return one(queries.models.create_prompt(author_user_id=caller().user_id, **body), status=201)


@blueprint.get("/v1/prompts/active")
@operation(
    "prompts:read",
    query=schemas.ActivePromptQuery,
    returns=schemas.Prompt,
    problems=("NOT_FOUND",),
)
def get_active_prompt(query: dict[str, Any]) -> Response:
    """Show the active prompt of a kind."""
    return one(queries.models.get_active_prompt(kind=query["kind"]))


@blueprint.get("/v1/prompts/<uuid:prompt_id>")
@operation("prompts:read", returns=schemas.Prompt)
def get_prompt(prompt_id: UUID) -> Response:
    """Show a prompt."""
    return one(queries.models.get_prompt(id=prompt_id))


@blueprint.post("/v1/prompts/<uuid:prompt_id>/activate")
@operation(
    "prompts:write",
    body=schemas.NewPromptActivation,
    returns=schemas.PromptActivation,
    if_match=True,
)
def activate_prompt(prompt_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Make a prompt the active one of its kind, in place of the one before."""
    return changed(
        queries.models.activate_prompt(id=prompt_id, revision=revision, **body),
        queries.models.get_prompt(id=prompt_id),
        revision,
        first=queries.operations.name_action(action="ACTIVATE"),
    )


@blueprint.post("/v1/prompts/<uuid:prompt_id>/rollback")
@operation(
    "prompts:write",
    body=schemas.PromptRollback,
    returns=schemas.PromptActivation,
    status=201,
    if_match=True,
)
def roll_back_prompt(prompt_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Bring the templates of an earlier version back: as a new version, which is active at once."""
    return changed(
        queries.models.roll_back_prompt(
            id=prompt_id, revision=revision, author_user_id=caller().user_id, **body
        ),
        queries.models.get_prompt(id=prompt_id),
        revision,
        first=queries.operations.name_action(action="ROLLBACK"),
        status=201,
    )


@blueprint.post("/v1/prompts/<uuid:prompt_id>/recompute-metrics")
@operation("prompts:write", returns=schemas.Prompt)
def recompute_prompt_metrics(prompt_id: UUID) -> Response:
    """Count anew what became of the drafts that were made with a prompt."""
    return one(queries.models.recompute_prompt_metrics(id=prompt_id))


@blueprint.get("/v1/prompts/<uuid:prompt_id>/activations")
@operation("prompts:read", query=PageQuery, returns=schemas.PromptActivation, many=True)
def list_activations_of_prompt(prompt_id: UUID, query: dict[str, Any]) -> Response:
    """List when a prompt became active, the latest first."""
    return page(
        queries.models.list_activations_of_prompt,
        query,
        {"prompt_version_id": prompt_id},
        of=queries.models.get_prompt(id=prompt_id),
    )


@blueprint.get("/v1/prompt-activations")
@operation("prompts:read", query=schemas.PromptQuery, returns=schemas.PromptActivation, many=True)
def list_prompt_activations(query: dict[str, Any]) -> Response:
    """List which prompts became active, the latest first."""
    return page((queries.models.list_activations, queries.models.list_activations_by_kind), query)
