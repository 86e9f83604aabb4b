"""What a user keeps of the library, and looked at, over REST."""

from typing import Any
from uuid import UUID

from flask import Response

from service import auth
from service.auth import caller
from service.library import blueprint
from service.library import bookmark_schemas as schemas
from service.queries import queries
from service.rest import id_of, one, operation, page
from service.schemas import PageQuery


@blueprint.post("/v1/resources/<public_id:resource_id>/views")
@operation("library:read", returns=schemas.ResourceView)
def view_resource(resource_id: UUID | str) -> Response:
    """Note that one looked at a resource, which counts once a day of UTC."""
    user_id = auth.require_user(caller())
    found = id_of(resource_id, queries.library.find_resource)
    return one(queries.library.view_resource(resource_id=found, user_id=user_id))


@blueprint.get("/v1/bookmarks")
@operation("library:read", query=PageQuery, returns=schemas.Bookmark, many=True)
def list_bookmarks(query: dict[str, Any]) -> Response:
    """List what one keeps, the last kept first, without what was deleted or made private since."""
    return page(queries.library.list_bookmarks, query, {"user_id": auth.require_user(caller())})


@blueprint.put("/v1/resources/<public_id:resource_id>/bookmark")
@operation("library:write", returns=schemas.BookmarkState)
def bookmark_resource(resource_id: UUID | str) -> Response:
    """Keep a resource. Again is as once."""
    user_id = auth.require_user(caller())
    found = id_of(resource_id, queries.library.find_resource)
    return one(queries.library.bookmark_resource(resource_id=found, user_id=user_id))


@blueprint.delete("/v1/resources/<public_id:resource_id>/bookmark")
@operation("library:write", returns=schemas.BookmarkState)
def unbookmark_resource(resource_id: UUID | str) -> Response:
    """Keep a resource no more. Again is as once."""
    user_id = auth.require_user(caller())
    found = id_of(resource_id, queries.library.find_resource)
    return one(queries.library.unbookmark_resource(resource_id=found, user_id=user_id))
