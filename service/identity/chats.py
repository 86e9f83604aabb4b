"""Chats of teams over REST: who takes part in them, and whether there is something to read."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import caller, require_user
from service.identity import blueprint
from service.identity import team_schemas as schemas
from service.identity.teams import of_all, team_of
from service.queries import queries
from service.rest import answer, id_of, one, operation, page, session
from service.schemas import PageQuery


def chat_of(chat_id: UUID | str) -> UUID:
    return id_of(chat_id, queries.identity.find_chat, first=of_all())


@blueprint.get("/v1/teams/<public_id:team_id>/chats")
@operation("teams:read", query=PageQuery, returns=schemas.Chat, many=True)
def list_chats(team_id: UUID | str, query: dict[str, Any]) -> Response:
    """List the chats of a team, newest first."""
    team_id = team_of(team_id)
    return page(
        queries.identity.list_chats,
        query,
        {"team_id": team_id},
        of=queries.identity.get_team(id=team_id),
        first=of_all(),
    )


@blueprint.get("/v1/chats/<public_id:chat_id>")
@operation("teams:read", returns=schemas.Chat)
def get_chat(chat_id: UUID | str) -> Response:
    """Show a chat."""
    return one(queries.identity.get_chat(id=chat_of(chat_id)), first=of_all())


@blueprint.get("/v1/chats/<public_id:chat_id>/participants")
@operation("teams:read", query=PageQuery, returns=schemas.Participant, many=True)
def list_participants(chat_id: UUID | str, query: dict[str, Any]) -> Response:
    """List who takes part in a chat, by user."""
    chat_id = chat_of(chat_id)
    return page(
        queries.identity.list_participants,
        query,
        {"chat_id": chat_id},
        of=queries.identity.get_chat(id=chat_id),
        first=of_all(),
    )


@blueprint.post("/v1/chats/<public_id:chat_id>/read")
@operation("teams:write", returns=schemas.Participant)
def read_chat(chat_id: UUID | str) -> Response:
    """Mark a chat as read, for oneself."""
    return _marked(chat_id, has_unread=False)


@blueprint.post("/v1/chats/<public_id:chat_id>/unread")
@operation("teams:write", returns=schemas.Participant)
def unread_chat(chat_id: UUID | str) -> Response:
    """Mark a chat as unread, for oneself."""
    return _marked(chat_id, has_unread=True)


def _marked(chat_id: UUID | str, *, has_unread: bool) -> Response:
    user_id, chat_id = require_user(caller()), chat_of(chat_id)
    marked = session().maybe_json(
        queries.identity.mark_chat(chat_id=chat_id, user_id=user_id, has_unread=has_unread)
    )
    if marked is None:
        session().json(queries.identity.get_chat(id=chat_id))
        raise errors.forbidden("you do not take part in the chat")
    return answer(marked)
