"""Teams over REST, with their members. Who may do what, triggers of the database decide."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import caller, require_user
from service.caller import all_users_if
from service.database import First
from service.identity import blueprint
from service.identity import team_schemas as schemas
from service.identity.permissions import (
    DEFAULT_ADMIN_PERMISSIONS,
    DEFAULT_MEMBER_PERMISSIONS,
    DEFAULT_TEAM_CHAT_CONFIG,
)
from service.queries import queries
from service.rest import answer, changed, id_of, items, one, operation, page, session
from service.schemas import PageQuery

TEAMS = (
    queries.identity.list_teams,
    queries.identity.list_teams_by_handle,
    queries.identity.list_teams_below,
)


def of_all() -> First:
    """What a service that manages teams says first: the rows of all of them are for it."""
    return all_users_if(caller(), "teams:manage")


def manager() -> First:
    """The same before a change, which otherwise is for a user to make."""
    first = of_all()
    if first is None:
        require_user(caller())
    return first


def team_of(team_id: UUID | str) -> UUID:
    return id_of(team_id, queries.identity.find_team, first=of_all())


def user_of(user_id: UUID | str) -> UUID:
    return id_of(user_id, queries.identity.find_user)


@blueprint.get("/v1/teams")
@operation("teams:read", query=schemas.TeamQuery, returns=schemas.Team, many=True)
def list_teams(query: dict[str, Any]) -> Response:
    """List public teams and one's own, newest first."""
    return page(TEAMS, query, first=of_all())


@blueprint.post("/v1/teams")
@operation("teams:write", body=schemas.NewTeam, returns=schemas.CreatedTeam, status=201)
def create_team(body: dict[str, Any]) -> Response:
    """Create a team with its first members and a chat.

    The creator is its admin. Whoever is named several times is one member.
    """
    first = manager()
    created = session().maybe_json(
        queries.identity.create_team(
            **body,
            created_by_id=caller().user_id,
            admin_permissions=DEFAULT_ADMIN_PERMISSIONS,
            member_permissions=DEFAULT_MEMBER_PERMISSIONS,
            chat_config=DEFAULT_TEAM_CHAT_CONFIG,
        ),
        first=first,
    )
    if created is None:
        _refuse_unknown(body["user_ids"])
        raise errors.conflict("the users have changed meanwhile: try again")
    return answer(created, 201)


@blueprint.get("/v1/teams/<public_id:team_id>")
@operation("teams:read", returns=schemas.Team)
def get_team(team_id: UUID | str) -> Response:
    """Show a team."""
    return one(queries.identity.get_team(id=team_of(team_id)), first=of_all())


@blueprint.patch("/v1/teams/<public_id:team_id>")
@operation(
    "teams:write", body=schemas.TeamChanges, returns=schemas.Team, if_match=True, conflicts=True
)
def update_team(team_id: UUID | str, body: dict[str, Any], revision: int | None) -> Response:
    """Change a team. It takes an admin of it, or a member with the permission edit-team."""
    first, team_id = manager(), team_of(team_id)
    return changed(
        queries.identity.update_team(id=team_id, changes=body, revision=revision),
        queries.identity.get_team(id=team_id),
        revision,
        first=first,
    )


@blueprint.delete("/v1/teams/<public_id:team_id>")
@operation("teams:write", returns=schemas.Team, if_match=True, conflicts=True)
def delete_team(team_id: UUID | str, revision: int | None) -> Response:
    """Delete a team with its members, chats and statistics; it is shown once more. It takes an admin of it.

    A team with others below it or with resources stays.
    """
    first, team_id = manager(), team_of(team_id)
    return changed(
        queries.identity.delete_team(id=team_id, revision=revision),
        queries.identity.get_team(id=team_id),
        revision,
        first=first,
    )


@blueprint.get("/v1/teams/<public_id:team_id>/members")
@operation("teams:read", query=PageQuery, returns=schemas.Member, many=True)
def list_members(team_id: UUID | str, query: dict[str, Any]) -> Response:
    """List the members of a team, by user."""
    team_id = team_of(team_id)
    return page(
        queries.identity.list_members,
        query,
        {"team_id": team_id},
        of=queries.identity.get_team(id=team_id),
        first=of_all(),
    )


@blueprint.post("/v1/teams/<public_id:team_id>/members")
@operation("teams:write", body=schemas.NewMembers, returns=schemas.Member, many=True, status=201)
def add_members(team_id: UUID | str, body: dict[str, Any]) -> Response:
    """Add members to a team, and show those who were not there yet. They take part in its first chat.

    It takes an admin, or a member with the permission add-members. A user joins an open team by naming themself.
    """
    first, team_id = manager(), team_of(team_id)
    if body["permissions"] is None:
        body["permissions"] = (
            DEFAULT_ADMIN_PERMISSIONS if body["is_admin"] else DEFAULT_MEMBER_PERMISSIONS
        )
    added = session().json(queries.identity.add_members(team_id=team_id, **body), first=first)
    if added.body == b"[]":
        session().json(queries.identity.get_team(id=team_id), first=first)
        _refuse_unknown(body["user_ids"])
    return items(added.body, status=201)


@blueprint.get("/v1/teams/<public_id:team_id>/members/<public_id:user_id>")
@operation("teams:read", returns=schemas.Member)
def get_member(team_id: UUID | str, user_id: UUID | str) -> Response:
    """Show a member of a team."""
    member = queries.identity.get_member(team_id=team_of(team_id), user_id=user_of(user_id))
    return one(member, first=of_all())


@blueprint.patch("/v1/teams/<public_id:team_id>/members/<public_id:user_id>")
@operation(
    "teams:write",
    body=schemas.MemberChanges,
    returns=schemas.Member,
    if_match=True,
    conflicts=True,
)
def update_member(
    team_id: UUID | str, user_id: UUID | str, body: dict[str, Any], revision: int | None
) -> Response:
    """Promote or demote a member, or change the permissions. It takes an admin, and the last one stays."""
    first, team_id, user_id = manager(), team_of(team_id), user_of(user_id)
    return changed(
        queries.identity.update_member(team_id=team_id, user_id=user_id, **body, revision=revision),
        queries.identity.get_member(team_id=team_id, user_id=user_id),
        revision,
        first=first,
    )


@blueprint.delete("/v1/teams/<public_id:team_id>/members/<public_id:user_id>")
@operation("teams:write", returns=schemas.Member, if_match=True, conflicts=True)
def remove_member(team_id: UUID | str, user_id: UUID | str, revision: int | None) -> Response:
    """Remove a member from a team and its chats, who is shown once more. It takes an admin.

    A member may leave; the last admin may not.
    """
    first, team_id, user_id = manager(), team_of(team_id), user_of(user_id)
    return changed(
        queries.identity.remove_member(team_id=team_id, user_id=user_id, revision=revision),
        queries.identity.get_member(team_id=team_id, user_id=user_id),
        revision,
        first=first,
    )


@blueprint.get("/v1/teams/<public_id:team_id>/stats")
@operation("teams:read", query=schemas.StatisticsQuery, returns=schemas.TeamStatistics, many=True)
def list_team_stats(team_id: UUID | str, query: dict[str, Any]) -> Response:
    """List what was counted of a team by hour, day, week, month or year of UTC, the latest first."""
    team_id = team_of(team_id)
    return page(
        queries.identity.list_team_stats,
        query,
        {"team_id": team_id},
        of=queries.identity.get_team(id=team_id),
        first=of_all(),
    )


def _refuse_unknown(user_ids: Sequence[UUID]) -> None:
    unknown = session().rows(queries.identity.list_unknown_users(user_ids=user_ids))
    if unknown:
        raise errors.invalid({"user_ids": [f"there is no user {row.id}" for row in unknown]})
