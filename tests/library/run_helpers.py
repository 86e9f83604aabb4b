"""What the tests of runs share."""

from typing import Any

import psycopg

from tests.client import Client, Tenant

Sql = psycopg.Connection[Any]
RUNS = "/v1/resource-runs"
STEPS = [
    {"name": "Read", "inputs": [{"key": "url", "value": "https://example.com"}]},
    {"name": "Sum up", "inputs": [{"key": "url", "value": None}, {"key": "words", "value": 50}]},
]


def as_user(sql: Sql, user_id: str, *team_ids: str) -> None:
    """Until the transaction ends, as the service says it."""
    sql.execute(
        "SELECT operations.set_local('app.user_id', %s), operations.set_local('app.team_ids', %s)",
        [user_id, ",".join(team_ids)],
    )


def version(
    sql: Sql,
    tenant: Tenant,
    *,
    user: str | None = None,
    team_id: str | None = None,
    is_private: bool = False,
) -> str:
    """The id of the version of a new resource: of the user, of the team, or of nobody."""
    as_user(sql, "any")
    [resource] = sql.execute(
        "INSERT INTO library.resources"
        " (tenant_id, resource_type, is_private, owned_by_user_id, owned_by_team_id)"
        " VALUES (%s, 'Routine', %s, %s, %s) RETURNING id",
        [tenant.id, is_private, user and tenant.users[user], team_id],
    ).fetchall()
    [made] = sql.execute(
        "INSERT INTO library.resource_versions (tenant_id, root_id, config, is_complete)"
        ' VALUES (%s, %s, \'{"model": "m"}\', true) RETURNING id',
        [tenant.id, resource["id"]],
    ).fetchall()
    sql.commit()
    return str(made["id"])


def delete_resource(sql: Sql, version_id: str) -> None:
    as_user(sql, "any")
    sql.execute(
        "UPDATE library.resources SET deleted_at = now()"
        " WHERE id = (SELECT root_id FROM library.resource_versions WHERE id = %s)",
        [version_id],
    )
    sql.commit()


def team(sql: Sql, tenant: Tenant, **permissions: list[str]) -> str:
    """The id of a new private team with users and what each may do."""
    as_user(sql, "any")
    [made] = sql.execute(
        "INSERT INTO identity.teams (tenant_id, name, is_private) VALUES (%s, 'T', true) RETURNING id",
        [tenant.id],
    ).fetchall()
    for user, allowed in permissions.items():
        sql.execute(
            "INSERT INTO identity.team_members (tenant_id, team_id, user_id, permissions)"
            " VALUES (%s, %s, %s, %s)",
            [tenant.id, made["id"], tenant.users[user], allowed],
        )
    sql.commit()
    return str(made["id"])


def run(api: Client, version_id: str, **fields: Any) -> Any:
    """A new run of whom the client acts for."""
    body = {"version_id": version_id, "name": "First try", **fields}
    return api.post(RUNS, body, expect=201)


def executed(api: Client, version_id: str, **fields: Any) -> Any:
    """A new run, executed with two steps; as it is then."""
    created = run(api, version_id, **fields)
    return api.post(f"{RUNS}/{created['id']}/execute", {"steps": STEPS}, expect=200)["run"]


def set_status(api: Client, run_id: str, status: str, expect: int = 200, **fields: Any) -> Any:
    return api.patch(f"{RUNS}/{run_id}", {"status": status, **fields}, expect=expect)


def detail(api: Client, run_id: str) -> Any:
    return api.get(f"{RUNS}/{run_id}")


def for_worker(api: Client, version_id: str, **fields: Any) -> Any:
    return run(api, version_id, was_run_automatically=True, **fields)


def claim(tenant: Tenant, **fields: Any) -> list[Any]:
    body = {"worker": "runner-1", "limit": 100, **fields}
    items: list[Any] = tenant.service.post(f"{RUNS}/claim", body)["items"]
    return items


def one_row(sql: Sql, query: str, *arguments: Any) -> Any:
    """As of now, whoever's it is."""
    sql.rollback()
    as_user(sql, "any")
    [row] = sql.execute(query.encode(), arguments).fetchall()
    sql.rollback()
    return row
