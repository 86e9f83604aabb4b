"""Versions of resources over REST, and their translations."""

from typing import Any
from uuid import UUID

from flask import Response

from service.library import blueprint
from service.library import version_schemas as schemas
from service.library.resources import of_all
from service.queries import queries
from service.rest import changed, id_of, one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/resources/<public_id:resource_id>/versions")
@operation("library:read", query=PageQuery, returns=schemas.ResourceVersion, many=True)
def list_resource_versions(resource_id: UUID | str, query: dict[str, Any]) -> Response:
    """List the versions of a resource, the latest first."""
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    return page(
        queries.library.list_versions,
        query,
        {"resource_id": found},
        of=queries.library.get_resource(id=found),
        first=of_all(),
    )


@blueprint.post("/v1/resources/<public_id:resource_id>/versions")
@operation(
    "library:write",
    body=schemas.NewResourceVersion,
    returns=schemas.ResourceVersionDetail,
    status=201,
)
def create_resource_version(resource_id: UUID | str, body: dict[str, Any]) -> Response:
    """Add a version to a resource, with its translations. It is the latest from then on."""
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    create = queries.library.create_version(resource_id=found, version=body)
    return one(create, 201, first=of_all())


@blueprint.get("/v1/resource-versions/<public_id:version_id>")
@operation("library:read", returns=schemas.ResourceVersionDetail)
def get_resource_version(version_id: UUID | str) -> Response:
    """Show a version of a resource with all its translations."""
    found = id_of(version_id, queries.library.find_version, first=of_all())
    return one(queries.library.get_version(id=found), first=of_all())


@blueprint.patch("/v1/resource-versions/<public_id:version_id>")
@operation(
    "library:write",
    body=schemas.ResourceVersionChanges,
    returns=schemas.ResourceVersionDetail,
    conflicts=True,
    if_match=True,
)
def update_resource_version(
    version_id: UUID | str, body: dict[str, Any], revision: int | None
) -> Response:
    """Change a version of a resource, such as that it is complete."""
    found = id_of(version_id, queries.library.find_version, first=of_all())
    return changed(
        queries.library.update_version(id=found, changes=body, revision=revision),
        queries.library.get_version(id=found),
        revision,
        first=of_all(),
    )


@blueprint.put("/v1/resource-versions/<public_id:version_id>/translations/<language>")
@operation(
    "library:write", body=schemas.NewTexts, returns=schemas.ResourceTranslation, conflicts=True
)
def put_resource_translation(
    version_id: UUID | str, language: str, body: dict[str, Any]
) -> Response:
    """Say what a version is called and how it is described in a language, a code of ISO 639.

    Replaces what was said before, all of it.
    """
    schemas.require_language(language)
    found = id_of(version_id, queries.library.find_version, first=of_all())
    put = queries.library.put_translation(version_id=found, language=language, **body)
    return one(put, first=of_all())


@blueprint.delete("/v1/resource-versions/<public_id:version_id>/translations/<language>")
@operation("library:write", returns=schemas.ResourceTranslation, conflicts=True)
def delete_resource_translation(version_id: UUID | str, language: str) -> Response:
    """Delete what was said of a version in a language. Answers with it."""
    schemas.require_language(language)
    found = id_of(version_id, queries.library.find_version, first=of_all())
    delete = queries.library.delete_translation(version_id=found, language=language)
    return one(delete, first=of_all())
