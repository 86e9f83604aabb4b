"""What people see of each other: found by their names, with their teams and statistics."""

from typing import Any
from uuid import UUID

from flask import Response

from service.identity import blueprint, schemas
from service.identity import team_schemas as teams
from service.identity.teams import of_all, user_of
from service.queries import queries
from service.rest import operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/people")
@operation("teams:read", query=schemas.PeopleSearch, returns=schemas.Person, many=True)
def search_people(query: dict[str, Any]) -> Response:
    """Search people by display name and handle, newest first; not private ones, nor those who are disabled.

    Each word of `q` must be how a word of the name or the handle begins. No character stands for others.
    """
    return page(queries.identity.search_people, query)


@blueprint.get("/v1/users/<public_id:user_id>/teams")
@operation("teams:read", query=PageQuery, returns=teams.TeamOfUser, many=True)
def list_teams_of_user(user_id: UUID | str, query: dict[str, Any]) -> Response:
    """List the teams that a user is in, the newest membership first; of private teams only the caller's own."""
    user_id = user_of(user_id)
    return page(
        queries.identity.list_teams_of_user,
        query,
        {"user_id": user_id},
        of=queries.identity.get_user(id=user_id),
        first=of_all(),
    )


@blueprint.get("/v1/users/<public_id:user_id>/stats")
@operation("teams:read", query=teams.StatisticsQuery, returns=teams.UserStatistics, many=True)
def list_user_stats(user_id: UUID | str, query: dict[str, Any]) -> Response:
    """List what was counted of a user by hour, day, week, month or year of UTC, the latest first."""
    user_id = user_of(user_id)
    return page(
        queries.identity.list_user_stats,
        query,
        {"user_id": user_id},
        of=queries.identity.get_user(id=user_id),
    )
