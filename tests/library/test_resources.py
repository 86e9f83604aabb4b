"""Resources: created with their first version, shown, changed, deleted so that they can be restored, and listed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from tests.client import Client, Tenant, at_once, new_id
from tests.facts import rewriting
from tests.library.helpers import (
    ALL_PERMISSIONS,
    ENGLISH,
    RESOURCES,
    act_as,
    ids,
    listed,
    resource,
    team,
    version,
)
from tests.problems import problem
from tests.writer import Writer, violated

Sql = psycopg.Connection[Any]
GERMAN = {"language": "de", "name": "Tägliche Besprechung", "details": "Im Stehen."}


@pytest.fixture
def other(tenant: Tenant) -> Client:
    """Another user than the agent."""
    return tenant.acting("agent2")


def restricted(tenant: Tenant, *scopes: str) -> Client:
    """A service that acts for nobody and has these scopes only."""
    key = tenant.acting("admin").post("/v1/api-keys", {"name": "few", "scopes": [*scopes]})
    return Client(tenant.service.url, key["key"])


# Created and shown -----------------------------------------------------------------------------------


def test_a_resource_comes_with_its_version_and_translations(tenant: Tenant) -> None:
    config = {"steps": [1, 2.5, 12345678901234567890]}
    made = resource(
        tenant.agent,
        {"translations": [ENGLISH, GERMAN], "version_label": "0.1", "config": config},
    )
    user = tenant.users["agent"]
    assert (made["created_by_id"], made["owned_by_user_id"], made["owned_by_team_id"]) == (
        user,
        user,
        None,
    )
    assert (made["has_complete_version"], made["score"], made["is_deleted"]) == (True, 0, False)
    assert made["completed_at"] == made["created_at"]
    assert made["creator"]["id"] == user
    assert set(made["creator"]) == {"id", "public_id", "name", "handle"}
    first = made["latest_version"]
    assert (first["version_index"], first["is_latest"], first["version_label"]) == (0, True, "0.1")
    assert first["config"] == config
    assert [t["language"] for t in first["translations"]] == ["de", "en"]
    assert first["translations"][0]["details"] == "Im Stehen."
    for name in (made["id"], made["public_id"]):
        assert tenant.agent.get(f"{RESOURCES}/{name}") == made


def test_of_a_resource_that_cannot_be_made_nothing_is_left(tenant: Tenant, sql: Sql) -> None:
    for wrong in (
        {"translations": [ENGLISH, ENGLISH]},
        {"translations": [{**ENGLISH, "language": "english"}]},
        {"version_label": "x" * 17},
        {"config": []},
    ):
        body = {"resource_type": "Routine", "version": wrong}
        answer = tenant.agent.post(RESOURCES, body, expect=400)
        assert list(answer["errors"]) == ["version"]
    act_as(sql, "any")
    assert sql.execute("SELECT FROM library.resources").fetchall() == []
    assert sql.execute("SELECT FROM library.resource_versions").fetchall() == []


def test_what_an_unknown_id_means_is_not_found(tenant: Tenant) -> None:
    for name in (new_id(), "abcdefGHIJ12"):
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/restore"),
            ("GET", "/versions"),
            ("POST", "/versions"),
            ("POST", "/views"),
            ("PUT", "/bookmark"),
            ("DELETE", "/bookmark"),
        ):
            body = {} if method in ("PATCH", "POST") else None
            answer = tenant.agent.request(method, f"{RESOURCES}/{name}{path}", body)
            problem(answer, 404, "NOT_FOUND")


def test_what_a_service_creates_for_nobody_is_public_and_nobodys(tenant: Tenant) -> None:
    api = restricted(tenant, "library:read", "library:write")
    made = resource(api)
    assert [made[f] for f in ("created_by_id", "owned_by_user_id", "creator")] == [None] * 3
    assert tenant.agent.get(f"{RESOURCES}/{made['id']}")["id"] == made["id"]
    private = {"resource_type": "Api", "is_private": True, "version": {}}
    refused = api.post(RESOURCES, private, expect=400)
    assert list(refused["errors"]) == ["owned_by_team_id"]
    # Its own it changes, a user's not, nor does the user change it.
    version(api, made["id"])
    problem(tenant.agent.request("DELETE", f"{RESOURCES}/{made['id']}"), 403, "FORBIDDEN")
    of_agent = resource(tenant.agent)["id"]
    problem(api.request("DELETE", f"{RESOURCES}/{of_agent}"), 403, "FORBIDDEN")
    api.request("DELETE", f"{RESOURCES}/{made['id']}", expect=200)


# Who may what ----------------------------------------------------------------------------------------


def test_a_private_resource_is_there_for_its_owner_only(
    tenant: Tenant, other: Client, sql: Sql
) -> None:
    made = resource(tenant.agent, is_private=True)
    latest = made["latest_version"]["id"]
    for name in (made["id"], made["public_id"]):
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("GET", "/versions"),
            ("POST", "/versions"),
            ("POST", "/views"),
            ("PUT", "/bookmark"),
        ):
            body = {} if method in ("PATCH", "POST") else None
            problem(other.request(method, f"{RESOURCES}/{name}{path}", body), 404, "NOT_FOUND")
    path = f"/v1/resource-versions/{latest}"
    problem(other.request("GET", path), 404, "NOT_FOUND")
    problem(other.request("PATCH", path, {"is_complete": False}), 404, "NOT_FOUND")
    problem(other.request("PUT", f"{path}/translations/en", {"name": "n"}), 404, "NOT_FOUND")
    problem(other.request("DELETE", f"{path}/translations/en"), 404, "NOT_FOUND")
    for api in (tenant.agent, other):
        assert listed(api) == []
        assert api.get(f"{RESOURCES}/search", params={"q": "standup"})["items"] == []
        assert api.get(f"{RESOURCES}/trending")["items"] == []
    assert listed(other, owner="me") == []
    assert listed(tenant.agent, owner="me") == [made["id"]]
    # Nor in SQL.
    for table in ("resources", "resource_versions", "resource_translations"):
        for user, count in (("agent", 1), ("agent2", 0)):
            act_as(sql, tenant.users[user])
            found = sql.execute(f"SELECT FROM library.{table}".encode()).fetchall()
            assert len(found) == count, table
    act_as(sql, tenant.users["agent2"])
    changed = sql.execute("UPDATE library.resources SET is_private = false")
    assert changed.rowcount == 0
    for insert in (
        "INSERT INTO library.resource_versions (tenant_id, root_id)"
        " VALUES (%(tenant)s, %(resource)s)",
        "INSERT INTO library.resource_translations (tenant_id, version_id, language, name)"
        " VALUES (%(tenant)s, %(version)s, 'fr', 'n')",
    ):
        act_as(sql, tenant.users["agent2"])
        with pytest.raises(InsufficientPrivilege):
            sql.execute(insert, {"tenant": tenant.id, "resource": made["id"], "version": latest})


def test_a_public_resource_is_for_its_owner_to_change(
    tenant: Tenant, other: Client, sql: Sql
) -> None:
    made = resource(tenant.agent)
    latest = made["latest_version"]["id"]
    path, of_version = f"{RESOURCES}/{made['id']}", f"/v1/resource-versions/{latest}"
    for method, to, body in (
        ("PATCH", path, {"is_private": True}),
        ("DELETE", path, None),
        ("POST", f"{path}/versions", {}),
        ("PATCH", of_version, {"is_complete": False}),
        ("PUT", f"{of_version}/translations/en", {"name": "n"}),
        ("DELETE", f"{of_version}/translations/en", None),
    ):
        problem(other.request(method, to, body), 403, "FORBIDDEN")
    assert tenant.agent.get(path) == made
    for statement in (
        "UPDATE library.resources SET is_private = true",
        "UPDATE library.resources SET owned_by_user_id = %(me)s",
        "UPDATE library.resources SET deleted_at = now()",
        "UPDATE library.resource_versions SET is_complete = false",
        "UPDATE library.resource_translations SET name = 'n'",
        "DELETE FROM library.resource_translations",
        "INSERT INTO library.resource_versions (tenant_id, root_id)"
        " SELECT tenant_id, id FROM library.resources",
        "INSERT INTO library.resources (tenant_id, resource_type, owned_by_user_id)"
        " SELECT tenant_id, 'Api', owned_by_user_id FROM library.resources",
    ):
        act_as(sql, tenant.users["agent2"])
        with pytest.raises(psycopg.DatabaseError) as failed:
            sql.execute(statement.encode(), {"me": tenant.users["agent2"]})
        assert failed.value.sqlstate == "DR003", statement


def test_a_teams_resources_are_for_members_with_the_permission(
    tenant: Tenant, other: Client, sql: Sql
) -> None:
    team_id = team(sql, tenant, agent="{write-resources}", approver="{}", admin=ALL_PERMISSIONS)
    made = resource(tenant.agent, team_id=team_id, is_private=True)
    assert (made["owned_by_user_id"], made["owned_by_team_id"]) == (None, team_id)
    path = f"{RESOURCES}/{made['id']}"
    member = tenant.acting("approver")
    assert member.get(path) == made
    assert listed(member, team_id=team_id) == [made["id"]]
    problem(member.request("PATCH", path, {"is_private": False}), 403, "FORBIDDEN")
    problem(tenant.agent.request("DELETE", path), 403, "FORBIDDEN")
    body = {"resource_type": "Api", "team_id": team_id, "version": {}}
    for api in (member, other):
        problem(api.request("POST", RESOURCES, body), 403, "FORBIDDEN")
    problem(other.request("GET", path), 404, "NOT_FOUND")
    assert listed(other, team_id=team_id) == []
    # What is public of it, everybody sees in the team's list, also while it is not complete.
    public = resource(tenant.agent, {"is_complete": False}, team_id=team_id)["id"]
    assert listed(other, team_id=team_id) == [public]
    for limit in (1, 2, 100):
        assert listed(member, team_id=team_id, limit=limit) == [public, made["id"]]
        assert listed(tenant.service, team_id=team_id, limit=limit) == [public, made["id"]]
    tenant.acting("admin").request("DELETE", path, expect=200)


def test_one_change_does_not_take_what_another_permission_is_for(tenant: Tenant, sql: Sql) -> None:
    agent2 = tenant.users["agent2"]
    for permission, allowed in (
        ("delete-resources", "deleted_at = now()"),
        ("write-resources", "is_private = false"),
    ):
        team_id = team(sql, tenant, agent=ALL_PERMISSIONS, agent2=f"{{{permission}}}")
        made = resource(tenant.agent, team_id=team_id, is_private=True)["id"]
        for change in (
            "deleted_at = now(), is_private = false",
            "deleted_at = now(), owned_by_team_id = NULL, owned_by_user_id = %(me)s",
        ):
            act_as(sql, agent2, team_id)
            with pytest.raises(psycopg.DatabaseError, match="for its owner to change"):
                sql.execute(
                    f"UPDATE library.resources SET {change} WHERE id = %(id)s".encode(),
                    {"me": agent2, "id": made},
                )
        act_as(sql, agent2, team_id)
        sql.execute(f"UPDATE library.resources SET {allowed} WHERE id = %s".encode(), [made])


def test_nobody_creates_or_deletes_a_resource_in_the_name_of_another_or_at_another_time(
    tenant: Tenant, sql: Sql
) -> None:
    me, viewer = tenant.users["agent"], tenant.users["viewer"]
    insert = (
        "INSERT INTO library.resources"
        " (tenant_id, resource_type, owned_by_user_id, created_by_id, deleted_at, deleted_by_id)"
        " VALUES (%s, 'Api', %s, %s, %s, %s) RETURNING deleted_at"
    )
    for created_by, deleted_at, deleted_by in ((viewer, None, None), (me, "now", viewer)):
        act_as(sql, me)
        with pytest.raises(psycopg.DatabaseError) as failed:
            sql.execute(insert, [tenant.id, me, created_by, deleted_at, deleted_by])
        assert failed.value.sqlstate == "DR003"
    act_as(sql, me)
    [made] = sql.execute(insert, [tenant.id, me, me, "1999-01-01", me]).fetchall()
    assert datetime.now(UTC) - made["deleted_at"] < timedelta(hours=1)
    sql.execute("UPDATE library.resources SET deleted_at = NULL, deleted_by_id = NULL")
    sql.commit()
    update = (
        "UPDATE library.resources SET deleted_at = '1999-01-01', deleted_by_id = %s"
        " RETURNING deleted_at"
    )
    act_as(sql, me)
    with pytest.raises(psycopg.DatabaseError, match="the user who acts"):
        sql.execute(update, [viewer])
    act_as(sql, me)
    [changed] = sql.execute(update, [me]).fetchall()
    assert datetime.now(UTC) - changed["deleted_at"] < timedelta(hours=1)


def test_who_manages_the_library_sees_and_changes_all(tenant: Tenant) -> None:
    made = resource(tenant.agent, is_private=True)
    for api in (tenant.acting("admin"), tenant.service):
        for name in (made["id"], made["public_id"]):
            added = version(api, name)
            assert api.get(f"{RESOURCES}/{name}")["latest_version"] == added
            assert ids(api.all(f"{RESOURCES}/{name}/versions"))[0] == added["id"]
            api.patch(f"/v1/resource-versions/{added['public_id']}", {"version_label": "2"})
            api.request("DELETE", f"{RESOURCES}/{name}", expect=200)
            api.post(f"{RESOURCES}/{name}/restore", expect=200)
            api.patch(f"{RESOURCES}/{name}", {"is_private": True})


def test_the_score_is_for_those_to_set_who_manage_the_library(tenant: Tenant, sql: Sql) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['id']}"
    problem(tenant.agent.request("PATCH", path, {"score": 1}), 403, "FORBIDDEN")
    for score in (2**31 - 1, -(2**31), 7):
        assert tenant.acting("admin").patch(path, {"score": score})["score"] == score
    for statement in (
        "UPDATE library.resources SET score = 9",
        "INSERT INTO library.resources (tenant_id, resource_type, owned_by_user_id, score)"
        " SELECT tenant_id, 'Api', owned_by_user_id, 9 FROM library.resources",
    ):
        act_as(sql, tenant.users["agent"])
        with pytest.raises(psycopg.DatabaseError) as failed:
            sql.execute(statement.encode())
        assert failed.value.sqlstate == "DR003"


def test_nobody_sets_what_is_counted_or_follows(tenant: Tenant, sql: Sql) -> None:
    resource(tenant.agent)
    for column, value in (
        ("views", "9"),
        ("bookmarks", "9"),
        ("has_complete_version", "false"),
        ("completed_at", "now() - interval '1 day'"),
        ("public_id", "'abcdefGHIJ12'"),
        ("resource_type", "'Other'"),
        ("created_by_id", "NULL"),
    ):
        act_as(sql, "any")
        with pytest.raises(InsufficientPrivilege, match=f"nobody .* {column}"):
            sql.execute(f"UPDATE library.resources SET {column} = {value}".encode())
    act_as(sql, "any")
    with pytest.raises(InsufficientPrivilege):
        sql.execute("DELETE FROM library.resources")


def test_only_what_comes_with_a_complete_version_says_so(sql: Writer) -> None:
    insert = (
        "INSERT INTO library.resources (tenant_id, resource_type, {})"
        " VALUES (current_setting('app.tenant_id')::uuid, 'Api', {}) RETURNING completed_at"
    )
    sql.set("app.user_id", "any")
    with pytest.raises(CheckViolation) as failed, sql.transaction():
        sql.execute(insert.format("has_complete_version", "true").encode())
    assert violated(failed.value) == "resources_complete_check"
    [row] = sql.execute(insert.format("completed_at", "'2020-01-01'").encode()).fetchall()
    assert row["completed_at"] is None


# Changed, deleted, restored --------------------------------------------------------------------------


def test_a_change_needs_the_revision(tenant: Tenant) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['public_id']}"
    changed = tenant.agent.patch(path, {"is_private": True}, headers={"If-Match": '"1"'})
    assert (changed["is_private"], changed["revision"]) == (True, 2)
    problem(
        tenant.agent.request("PATCH", path, {"is_private": False}, headers={"If-Match": '"1"'}),
        412,
        "STALE",
    )
    for fixed in ("resource_type", "public_id", "created_by_id"):
        refused = tenant.agent.patch(path, {fixed: changed[fixed]}, expect=400)
        assert list(refused["errors"]) == [fixed]


def test_a_deletion_tells_whether_it_deleted(tenant: Tenant, other: Client) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['id']}"
    stale = tenant.agent.request("DELETE", path, headers={"If-Match": '"9"'})
    problem(stale, 412, "STALE")
    deleted = tenant.agent.request("DELETE", path, headers={"If-Match": '"1"'}, expect=200).json()
    assert (deleted["is_deleted"], deleted["deleted_by_id"]) == (True, tenant.users["agent"])
    again = problem(tenant.agent.request("DELETE", path), 409, "CONFLICT")
    assert again["current"] == deleted
    # Who could not restore it is not told that it was there.
    problem(other.request("DELETE", path), 404, "NOT_FOUND")
    problem(other.request("POST", f"{path}/restore"), 404, "NOT_FOUND")
    restored = tenant.agent.post(f"{path}/restore", expect=200)
    assert (restored["is_deleted"], restored["deleted_by_id"]) == (False, None)
    problem(tenant.agent.request("POST", f"{path}/restore"), 409, "CONFLICT")
    assert tenant.agent.get(path)["latest_version"] == made["latest_version"]


def test_of_two_deletions_at_once_one_deletes(tenant: Tenant, sql: Sql) -> None:
    path = f"{RESOURCES}/{resource(tenant.agent)['id']}"
    statuses = at_once(6, lambda _: tenant.agent.request("DELETE", path).status_code)
    assert sorted(statuses) == [200, *[409] * 5]
    act_as(sql, "any")
    counted = sql.execute(
        "SELECT period_type, resources_deleted FROM identity.user_stats ORDER BY period_type"
    ).fetchall()
    assert [tuple(row.values()) for row in counted] == [
        (period, 1) for period in ("daily", "hourly", "monthly", "weekly", "yearly")
    ]


def test_a_deleted_resource_is_nowhere_but_in_the_managers_list(tenant: Tenant, sql: Sql) -> None:
    team_id = team(sql, tenant, agent=ALL_PERMISSIONS)
    own, of_team = resource(tenant.agent), resource(tenant.agent, team_id=team_id)
    for made in (own, of_team):
        tenant.agent.put(f"{RESOURCES}/{made['id']}/bookmark", None)
        tenant.agent.request("DELETE", f"{RESOURCES}/{made['id']}", expect=200)
    for api in (tenant.agent, tenant.acting("admin")):
        for made in (own, of_team):
            for name in (made["id"], made["public_id"]):
                for method, path, body in (
                    ("GET", "", None),
                    ("PATCH", "", {"is_private": True}),
                    ("GET", "/versions", None),
                    ("POST", "/versions", {}),
                    ("POST", "/views", None),
                    ("PUT", "/bookmark", None),
                ):
                    answer = api.request(method, f"{RESOURCES}/{name}{path}", body)
                    problem(answer, 404, "NOT_FOUND")
            path = f"/v1/resource-versions/{made['latest_version']['id']}"
            problem(api.request("GET", path), 404, "NOT_FOUND")
            problem(api.request("PATCH", path, {"version_label": "2"}), 404, "NOT_FOUND")
            put = api.request("PUT", f"{path}/translations/en", {"name": "n"})
            problem(put, 404, "NOT_FOUND")
            problem(api.request("DELETE", f"{path}/translations/en"), 404, "NOT_FOUND")
        assert listed(api) == []
        assert listed(api, owner="me") == []
        assert listed(api, team_id=team_id) == []
        assert api.get(f"{RESOURCES}/search", params={"q": "standup"})["items"] == []
        assert api.get(f"{RESOURCES}/trending")["items"] == []
        assert api.all("/v1/bookmarks") == []
    problem(tenant.agent.request("GET", f"{RESOURCES}/deleted"), 403, "FORBIDDEN")
    for limit in (1, 2, 100):
        found = tenant.acting("admin").all(f"{RESOURCES}/deleted", limit=limit)
        assert ids(found) == [of_team["id"], own["id"]]
    tenant.agent.post(f"{RESOURCES}/{own['id']}/restore", expect=200)
    assert listed(tenant.agent) == listed(tenant.agent, owner="me") == [own["id"]]
    found = tenant.agent.get(f"{RESOURCES}/search", params={"q": "standup"})["items"]
    assert ids(found) == [own["id"]]
    assert [b["resource"]["id"] for b in tenant.agent.all("/v1/bookmarks")] == [own["id"]]


def test_a_deleted_resource_takes_no_versions_bookmarks_or_views_from_sql(
    tenant: Tenant, sql: Sql
) -> None:
    made = resource(tenant.agent)
    tenant.agent.request("DELETE", f"{RESOURCES}/{made['id']}", expect=200)
    for statement in (
        "INSERT INTO library.resource_versions (tenant_id, root_id)"
        " SELECT tenant_id, id FROM library.resources",
        "UPDATE library.resource_versions SET version_label = '2'",
        "UPDATE library.resource_translations SET name = 'n'",
        "INSERT INTO library.bookmarks (tenant_id, user_id, resource_id)"
        " SELECT tenant_id, %(me)s, id FROM library.resources",
        "INSERT INTO library.resource_views (tenant_id, user_id, resource_id)"
        " SELECT tenant_id, %(me)s, id FROM library.resources",
    ):
        act_as(sql, tenant.users["agent"])
        with pytest.raises(psycopg.DatabaseError, match="the resource is deleted") as failed:
            sql.execute(statement.encode(), {"me": tenant.users["agent"]})
        assert failed.value.sqlstate == "DR001"


def test_a_deletion_cancels_the_runs_of_all_users_and_counts_for_the_team(
    tenant: Tenant, sql: Sql
) -> None:
    team_id = team(sql, tenant, agent=ALL_PERMISSIONS)
    made, kept = (resource(tenant.agent, team_id=team_id) for _ in range(2))
    insert = (
        "INSERT INTO library.runs (tenant_id, version_id, user_id, name, is_private)"
        " VALUES (%s, %s, %s, 'run', true)"
    )
    for which in (made, kept):
        act_as(sql, "any")
        sql.execute(insert, [tenant.id, which["latest_version"]["id"], tenant.users["agent2"]])
        sql.commit()
    tenant.agent.request("DELETE", f"{RESOURCES}/{made['id']}", expect=200)
    act_as(sql, "any")
    runs = sql.execute("SELECT status, completed_at FROM library.runs ORDER BY id").fetchall()
    assert [run["status"] for run in runs] == ["cancelled", "scheduled"]
    assert [run["completed_at"] is None for run in runs] == [False, True]
    for stats in ("user_stats", "team_stats"):
        counted = sql.execute(
            f"SELECT resources_deleted FROM identity.{stats}"
            " WHERE period_type = 'daily' AND resources_deleted > 0".encode()
        ).fetchall()
        assert counted == [{"resources_deleted": 1}]


# Lists -----------------------------------------------------------------------------------------------


def test_a_type_is_listed_in_each_order_without_repeating_or_losing_a_row(
    tenant: Tenant, owner: Sql
) -> None:
    made = [resource(tenant.agent)["id"] for _ in range(7)]
    resource(tenant.agent, resource_type="Api")
    resource(tenant.agent, {"is_complete": False})
    resource(tenant.agent, is_private=True)
    # Ties, and an order of its own for each column.
    columns = {"score": 3, "bookmarks": 4, "views": 5}
    with rewriting(owner, "library.resources"):
        owner.execute("SELECT operations.set_local('app.user_id', 'any')")
        for place, which in enumerate(made):
            owner.execute(
                "UPDATE library.resources SET score = %s, bookmarks = %s, views = %s,"
                " updated_at = now() + %s * interval '1 minute' WHERE id = %s",
                [place * 2 % 3, place * 3 % 4, place * 2 % 5, place * 3 % 7, which],
            )
    rows = {row["id"]: row for row in tenant.agent.all(RESOURCES, resource_type="Routine")}
    assert list(rows) == made[::-1]
    for sort in ("created_at", "updated_at", *columns):
        expected = sorted(made, key=lambda which: (rows[which][sort], which), reverse=True)
        for limit in (1, 2, 3, 100):
            found = listed(tenant.agent, resource_type="Routine", sort=sort, limit=limit)
            assert found == expected, (sort, limit)


def test_a_list_is_of_something(tenant: Tenant) -> None:
    me = tenant.users["agent"]
    for params in (
        {},
        {"owner": "me", "resource_type": "Routine"},
        {"team_id": me, "owner": "me"},
        {"owner": "you"},
        {"owner": "me", "sort": "score"},
        {"resource_type": "Routine", "sort": "id"},
        {"resource_type": "x" * 33},
        {"team_id": "7"},
    ):
        problem(tenant.agent.request("GET", RESOURCES, params=params), 400, "VALIDATION")
    assert len(tenant.agent.get(RESOURCES, params={"owner": "me", "limit": 10**9})["items"]) == 0


def test_ones_own_are_listed_also_private_and_incomplete(tenant: Tenant, other: Client) -> None:
    made = [
        resource(tenant.agent)["id"],
        resource(tenant.agent, is_private=True)["id"],
        resource(tenant.agent, {"is_complete": False})["id"],
    ]
    resource(other)
    for limit in (1, 2, 100):
        assert listed(tenant.agent, owner="me", limit=limit) == made[::-1]
    problem(tenant.service.request("GET", RESOURCES, params={"owner": "me"}), 403, "FORBIDDEN")


def test_what_is_trending_is_recent_and_the_best_of_it(tenant: Tenant, owner: Sql) -> None:
    old, first, second, third, fourth = (resource(tenant.agent)["id"] for _ in range(5))
    resource(tenant.agent, is_private=True)
    resource(tenant.agent, {"is_complete": False})
    with rewriting(owner, "library.resources"):
        owner.execute("SELECT operations.set_local('app.user_id', 'any')")
        for which, days, score, bookmarks, views in (
            (old, 4, 99, 9, 9),
            (first, 1, 5, 0, 0),
            (second, 3, 4, 2, 0),
            (third, 0, 4, 1, 9),
        ):
            owner.execute(
                "UPDATE library.resources SET created_at = now() - %s * interval '1 day',"
                " score = %s, bookmarks = %s, views = %s WHERE id = %s",
                [days, score, bookmarks, views, which],
            )

    def trending(**params: int) -> list[str]:
        return ids(tenant.agent.get(f"{RESOURCES}/trending", params=params)["items"])

    assert trending(days=3) == [first, second, third, fourth]
    assert trending(days=4) == trending() == [old, first, second, third, fourth]
    assert trending(days=3, limit=2) == [first, second]
    assert trending(days=1) == [first, third, fourth]
    for wrong in ({"days": 0}, {"days": 31}, {"limit": 0}, {"limit": 51}):
        answer = tenant.agent.request("GET", f"{RESOURCES}/trending", params=wrong)
        assert list(problem(answer, 400, "VALIDATION")["errors"]) == list(wrong)


def test_equal_ones_trend_newest_first(tenant: Tenant) -> None:
    made = [resource(tenant.agent)["id"] for _ in range(4)]
    found = ids(tenant.agent.get(f"{RESOURCES}/trending")["items"])
    assert found == made[::-1]
