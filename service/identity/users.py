"""Users over REST."""

from typing import Any
from uuid import UUID

from flask import Response

from service.identity import blueprint, schemas
from service.queries import queries
from service.rest import changed, id_of, one, operation, page

USERS = (
    queries.identity.list_users,
    queries.identity.list_users_by_email,
    queries.identity.list_users_by_handle,
)


@blueprint.get("/v1/users")
@operation("identity:read", query=schemas.UserQuery, returns=schemas.User, many=True)
def list_users(query: dict[str, Any]) -> Response:
    """List the tenant's users, newest first; with an address or a handle the one who has it."""
    return page(USERS, query)


@blueprint.post("/v1/users")
@operation("identity:write", body=schemas.NewUser, returns=schemas.User, status=201)
def create_user(body: dict[str, Any]) -> Response:
    """Create a user."""
    return one(queries.identity.create_user(**body), status=201)


@blueprint.get("/v1/users/<public_id:user_id>")
@operation("identity:read", returns=schemas.User)
def get_user(user_id: UUID | str) -> Response:
    """Show a user."""
    return one(queries.identity.get_user(id=id_of(user_id, queries.identity.find_user)))


@blueprint.patch("/v1/users/<public_id:user_id>")
@operation(
    "identity:write", body=schemas.UserChanges, returns=schemas.User, if_match=True, conflicts=True
)
def update_user(user_id: UUID | str, body: dict[str, Any], revision: int | None) -> Response:
    """Change a user.

    A disabled user may do nothing more, as soon as every worker has looked: after 5 seconds, unless set otherwise.
    """
    user_id = id_of(user_id, queries.identity.find_user)
    return changed(
        queries.identity.update_user(id=user_id, changes=body, revision=revision),
        queries.identity.get_user(id=user_id),
        revision,
    )
