"""Resources, many at a time."""

import json
from collections.abc import Iterable
from typing import Any

from tests.client import Client, Tenant
from tests.writer import Writer

Sql = Writer


def row(name: str = "Daily standup", **fields: Any) -> dict[str, Any]:
    """A resource with a complete version that has a name."""
    version = {
        "is_complete": True,
        "config": {"steps": [1, 2]},
        "translations": [{"language": "en", "name": name, "description": f"About {name}"}],
    }
    return {"resource_type": "Routine", "version": version, **fields}


BAD = {"resource_type": ""}  # which nobody takes


def create(api: Client, rows: Iterable[dict[str, Any]]) -> list[str]:
    """Creates the resources; their ids."""
    answered = api.post("/v1/resources/bulk", {"resources": [*rows]}, expect=200)
    assert answered["failed"] == answered["skipped"] == 0, answered
    return [item["id"] for item in answered["items"]]


def as_any(sql: Sql, user: str = "any", teams: Iterable[str] = ()) -> Sql:
    """The connection as it sees the rows of a user, or of all."""
    sql.set("app.user_id", user)
    sql.set("app.team_ids", ",".join(teams))
    sql.commit()
    return sql


def count(sql: Sql, query: str, *values: Any) -> int:
    found = sql.execute(f"SELECT count(*) AS n FROM {query}".encode(), values).fetchone()
    sql.rollback()
    assert found
    return int(found["n"])


def make_team(sql: Sql, tenant: Tenant, admin: str, **members: list[str]) -> str:
    """A team of an administrator, and of members with permissions, by their roles."""
    as_any(sql)
    made = sql.execute(
        "INSERT INTO identity.teams (tenant_id, name) VALUES (%s, 'Team') RETURNING id", [tenant.id]
    ).fetchone()
    assert made
    insert = (
        "INSERT INTO identity.team_members (tenant_id, team_id, user_id, is_admin, permissions)"
        " VALUES (%s, %s, %s, %s, %s)"
    )
    sql.execute(insert, [tenant.id, made["id"], admin, True, []])
    for role, permissions in members.items():
        sql.execute(insert, [tenant.id, made["id"], tenant.users[role], False, permissions])
    sql.commit()
    return str(made["id"])


def make_runs(sql: Sql, tenant: Tenant, resource: str, user: str, *statuses: str) -> list[str]:
    """Runs of the resource's version, each in a status."""
    as_any(sql)
    made = []
    for status in statuses:
        run = sql.execute(
            "INSERT INTO library.runs (tenant_id, version_id, user_id, name)"
            " SELECT v.tenant_id, v.id, %s, 'Run' FROM library.resource_versions AS v"
            " WHERE v.root_id = %s RETURNING id",
            [user, resource],
        ).fetchone()
        assert run
        for step in ("in_progress", status):
            if status == "scheduled":
                break
            sql.execute("UPDATE library.runs SET status = %s WHERE id = %s", [step, run["id"]])
        made.append(str(run["id"]))
    sql.commit()
    return made


def ndjson(rows: Iterable[dict[str, Any] | str]) -> bytes:
    lines = (line if isinstance(line, str) else json.dumps(line) for line in rows)
    return "".join(f"{line}\n" for line in lines).encode()
