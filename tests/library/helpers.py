"""What the tests of the library share."""

from typing import Any

import psycopg

from tests.client import Client, Tenant

RESOURCES = "/v1/resources"
VERSIONS = "/v1/resource-versions"
ENGLISH = {"language": "en", "name": "Daily standup", "description": "What was done, what is next."}
ALL_PERMISSIONS = (
    "{add-members,edit-team,write-resources,delete-resources,run-resources,write-chat}"
)

Sql = psycopg.Connection[Any]


def resource(api: Client, version: dict[str, Any] | None = None, **fields: Any) -> Any:
    """A new public resource with a complete version, unless told otherwise."""
    first = {"is_complete": True, "translations": [ENGLISH], **(version or {})}
    return api.post(RESOURCES, {"resource_type": "Routine", "version": first, **fields}, expect=201)


def named(api: Client, name: str, description: str | None = None, **fields: Any) -> str:
    """The id of a new resource with a name."""
    translation = {"language": "en", "name": name, "description": description}
    made: str = resource(api, {"translations": [translation]}, **fields)["id"]
    return made


def version(api: Client, resource_id: str, **fields: Any) -> Any:
    """A new version of a resource, complete unless told otherwise."""
    body = {"is_complete": True, **fields}
    return api.post(f"{RESOURCES}/{resource_id}/versions", body, expect=201)


def ids(items: list[Any]) -> list[str]:
    return [item["id"] for item in items]


def listed(api: Client, **params: Any) -> list[str]:
    """Ids of the resources of a list, by default of everybody's routines."""
    return ids(api.all(RESOURCES, **(params or {"resource_type": "Routine"})))


def act_as(sql: Sql, user_id: str, *teams: str) -> None:
    """A new transaction of a user who is in the teams; of nobody in particular as 'any'."""
    sql.rollback()
    sql.execute(
        "SELECT operations.set_local('app.user_id', %s), operations.set_local('app.team_ids', %s)",
        [user_id, ",".join(teams)],
    )


def team(sql: Sql, tenant: Tenant, **permissions: str) -> str:
    """The id of a new team whose members are the users named, each with the permissions."""
    act_as(sql, "any")
    made = sql.execute(
        "INSERT INTO identity.teams (tenant_id, name) VALUES (%s, 'Team') RETURNING id::text",
        [tenant.id],
    ).fetchone()
    assert made
    for user, allowed in permissions.items():
        sql.execute(
            "INSERT INTO identity.team_members (tenant_id, team_id, user_id, permissions)"
            " VALUES (%s, %s, %s, %s)",
            [tenant.id, made["id"], tenant.users[user], allowed],
        )
    sql.commit()
    team_id: str = made["id"]
    return team_id
