"""Resources over REST: created with their first version, listed, searched, changed, deleted and restored."""

from typing import Any
from uuid import UUID

from flask import Response

from service import auth
from service.auth import caller
from service.caller import all_users_if
from service.database import First
from service.library import blueprint
from service.library import resource_schemas as schemas
from service.queries import queries
from service.rest import changed, id_of, items, one, operation, page, session
from service.schemas import PageQuery

LISTED = {
    "created_at": queries.library.list_resources_by_creation,
    "updated_at": queries.library.list_resources_by_update,
    "score": queries.library.list_resources_by_score,
    "bookmarks": queries.library.list_resources_by_bookmarks,
    "views": queries.library.list_resources_by_views,
}


def of_all() -> First:
    """What who manages the library says first: the rows of all users are theirs to see and change."""
    return all_users_if(caller(), "library:manage")


@blueprint.get("/v1/resources")
@operation("library:read", query=schemas.ResourceQuery, returns=schemas.Resource, many=True)
def list_resources(query: dict[str, Any]) -> Response:
    """List resources: of a type, one's own, or a team's.

    Those of a type are the complete public ones, in the order of `sort`. One's own are all that are not deleted,
    newest first, and so are a team's, whose private ones are for its members.
    """
    sort = query.pop("sort")
    if query.pop("owner"):
        return page(
            queries.library.list_own_resources, query, {"user_id": auth.require_user(caller())}
        )
    if query["team_id"]:
        return page(queries.library.list_team_resources, query, first=of_all())
    return page(LISTED[sort], query)


@blueprint.post("/v1/resources")
@operation("library:write", body=schemas.NewResource, returns=schemas.ResourceDetail, status=201)
def create_resource(body: dict[str, Any]) -> Response:
    """Create a resource with its first version and the version's translations, all or nothing.

    It is the team's that is named, which takes the permission `write-resources`, or else one's own. What a service
    creates that acts for nobody is nobody's, and public.
    """
    create = queries.library.create_resource(user_id=caller().user_id, **body)
    return one(create, 201, first=of_all())


@blueprint.get("/v1/resources/trending")
@operation("library:read", query=schemas.TrendingQuery, returns=schemas.Resource, many=True)
def list_trending_resources(query: dict[str, Any]) -> Response:
    """List the best of the complete public resources that were created today or in the days before, in UTC.

    By score, then bookmarks, then views; of equal ones the newest first.
    """
    return items(session().json(queries.library.list_trending_resources(**query)).body)


@blueprint.get("/v1/resources/search")
@operation("library:read", query=schemas.ResourceSearch, returns=schemas.Resource, many=True)
def search_resources(query: dict[str, Any]) -> Response:
    """Search the names and descriptions of complete public resources, in all languages, the best first.

    Words are compared by their English stems, in the translations of the latest version. A search for nothing but
    words such as "the" finds nothing.
    """
    return page(queries.library.search_resources, query)


@blueprint.get("/v1/resources/deleted")
@operation("library:manage", query=PageQuery, returns=schemas.Resource, many=True)
def list_deleted_resources(query: dict[str, Any]) -> Response:
    """List deleted resources of all users and teams, the last deleted first."""
    return page(queries.library.list_deleted_resources, query, first=of_all())


@blueprint.get("/v1/resources/<public_id:resource_id>")
@operation("library:read", returns=schemas.ResourceDetail)
def get_resource(resource_id: UUID | str) -> Response:
    """Show a resource with who created it, and its latest version with all translations."""
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    return one(queries.library.get_resource(id=found), first=of_all())


@blueprint.patch("/v1/resources/<public_id:resource_id>")
@operation(
    "library:write",
    body=schemas.ResourceChanges,
    returns=schemas.Resource,
    conflicts=True,
    if_match=True,
)
def update_resource(
    resource_id: UUID | str, body: dict[str, Any], revision: int | None
) -> Response:
    """Change who sees a resource. The score is for those to set who manage the library."""
    if "score" in body:
        auth.require(caller(), "library:manage")
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    return changed(
        queries.library.update_resource(id=found, changes=body, revision=revision),
        queries.library.get_resource(id=found),
        revision,
        first=of_all(),
    )


@blueprint.delete("/v1/resources/<public_id:resource_id>")
@operation("library:write", returns=schemas.Resource, conflicts=True, if_match=True)
def delete_resource(resource_id: UUID | str, revision: int | None) -> Response:
    """Delete a resource, so that it can be restored. Answers with the resource.

    Its runs that are not over are cancelled. For who might restore it, one that is deleted already is a CONFLICT.
    """
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    return changed(
        queries.library.delete_resource(id=found, user_id=caller().user_id, revision=revision),
        queries.library.get_resource_state(id=found),
        revision,
        first=of_all(),
    )


@blueprint.post("/v1/resources/<public_id:resource_id>/restore")
@operation("library:write", returns=schemas.Resource, if_match=True)
def restore_resource(resource_id: UUID | str, revision: int | None) -> Response:
    """Bring a deleted resource back, as it was. What was cancelled with it stays so."""
    found = id_of(resource_id, queries.library.find_resource, first=of_all())
    return changed(
        queries.library.restore_resource(id=found, revision=revision),
        queries.library.get_resource_state(id=found),
        revision,
        first=of_all(),
    )
