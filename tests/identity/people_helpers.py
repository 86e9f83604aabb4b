"""What the tests of people and teams share."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import psycopg

from tests.client import Client, Tenant

Sql = psycopg.Connection[Any]


def person(tenant: Tenant, display_name: str = "Ann", **fields: Any) -> Any:
    """A new user, an agent unless told otherwise."""
    body = {"email": f"{uuid4().hex}@b.example", "display_name": display_name, **fields}
    return tenant.service.post("/v1/users", body, expect=201)


def people(tenant: Tenant, count: int) -> list[str]:
    """The ids of new users."""
    return [person(tenant)["id"] for _ in range(count)]


def team(api: Client, *user_ids: str, **fields: Any) -> Any:
    """A new team with its chat, and the users as members beside its creator."""
    body = {"name": "Support", "user_ids": user_ids, **fields}
    return api.post("/v1/teams", body, expect=201)


def team_id(api: Client, *user_ids: str, **fields: Any) -> str:
    made: str = team(api, *user_ids, **fields)["team"]["id"]
    return made


def add(api: Client, team_id: str, *user_ids: str, expect: int = 201, **fields: Any) -> Any:
    body = {"user_ids": user_ids, **fields}
    return api.post(f"/v1/teams/{team_id}/members", body, expect=expect)


def remove(api: Client, team_id: str, user_id: str, expect: int = 200) -> Any:
    path = f"/v1/teams/{team_id}/members/{user_id}"
    return api.request("DELETE", path, expect=expect).json()


def members(api: Client, team_id: str) -> dict[str, Any]:
    return {m["user_id"]: m for m in api.all(f"/v1/teams/{team_id}/members")}


def participants(api: Client, chat_id: str) -> dict[str, Any]:
    return {p["user_id"]: p for p in api.all(f"/v1/chats/{chat_id}/participants")}


def enter(sql: Sql, user_id: str, teams: Sequence[str] = ()) -> None:
    """The rest of the connection's transaction is for the user, as another writer says it."""
    sql.execute(
        "SELECT operations.set_local('app.user_id', %s), operations.set_local('app.team_ids', %s)",
        [user_id, ",".join(teams)],
    )


def counted(sql: Sql, table: str, team_id: str) -> int:
    """How many rows of a table the transaction sees of a team."""
    column = "id" if table == "teams" else "team_id"
    query = f"SELECT count(*) AS n FROM identity.{table} WHERE {column} = %s"
    [row] = sql.execute(query.encode(), [team_id]).fetchall()
    return int(row["n"])
