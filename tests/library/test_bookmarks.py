"""What users keep and looked at: each once, and counted exactly, whoever writes."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege

from tests.client import Tenant, at_once
from tests.facts import rewriting
from tests.library.helpers import RESOURCES, act_as, resource
from tests.problems import problem
from tests.writer import violated

Sql = psycopg.Connection[Any]
INSERTS = {
    table: f"INSERT INTO library.{table} (tenant_id, user_id, resource_id)"
    " VALUES (current_setting('app.tenant_id')::uuid, %s, %s)"
    for table in ("bookmarks", "resource_views")
}


def counts(tenant: Tenant, resource_id: str) -> tuple[int, int, int]:
    """Bookmarks and views as they are shown, and the revision, which they do not move."""
    shown = tenant.agent.get(f"{RESOURCES}/{resource_id}")
    return shown["bookmarks"], shown["views"], shown["revision"]


def test_a_view_counts_once_for_each_user_and_day(tenant: Tenant, owner: Sql) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['public_id']}/views"
    for user in ("agent", "viewer", "admin"):
        seen = tenant.acting(user).post(path, expect=200)
        assert seen == {"resource_id": made["id"], "is_counted": True}
        assert tenant.acting(user).post(path)["is_counted"] is False
    assert counts(tenant, made["id"]) == (0, 3, 1)
    # Another day.
    with rewriting(owner, "library.resource_views"):
        owner.execute(
            "UPDATE library.resource_views SET viewed_on = viewed_on - 1 WHERE tenant_id = %s",
            [tenant.id],
        )
    assert tenant.acting("viewer").post(path, expect=200)["is_counted"]
    assert counts(tenant, made["id"]) == (0, 4, 1)
    problem(tenant.service.request("POST", path), 403, "FORBIDDEN")


def test_a_view_is_of_today_whatever_is_written(tenant: Tenant, sql: Sql) -> None:
    made, viewer = resource(tenant.agent)["id"], tenant.users["viewer"]
    act_as(sql, viewer)
    sql.execute(
        "INSERT INTO library.resource_views (tenant_id, user_id, resource_id, viewed_on)"
        " SELECT %s, %s, %s, date '2020-01-01' + n FROM generate_series(1, 9) AS n"
        " ON CONFLICT DO NOTHING",
        [tenant.id, viewer, made],
    )
    sql.commit()
    assert counts(tenant, made)[1] == 1


def test_views_at_once_count_once(tenant: Tenant) -> None:
    made = resource(tenant.agent)["id"]
    seen = at_once(8, lambda _: tenant.agent.post(f"{RESOURCES}/{made}/views")["is_counted"])
    assert sorted(seen) == [False] * 7 + [True]
    assert counts(tenant, made)[1] == 1


def test_a_bookmark_is_kept_once_and_counted(tenant: Tenant) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['public_id']}/bookmark"
    for user, count in (("agent", 1), ("agent2", 2)):
        api = tenant.acting(user)
        for is_changed in (True, False):
            kept = api.put(path, None)
            assert (kept["is_bookmarked"], kept["is_changed"]) == (True, is_changed)
            assert counts(tenant, made["id"])[0] == count
    for is_changed in (True, False, False):
        dropped = tenant.agent.request("DELETE", path, expect=200).json()
        assert (dropped["is_bookmarked"], dropped["is_changed"]) == (False, is_changed)
        assert counts(tenant, made["id"]) == (1, 0, 1)
    problem(tenant.service.request("PUT", path), 403, "FORBIDDEN")
    problem(tenant.acting("viewer").request("PUT", path), 403, "FORBIDDEN")


def test_bookmarks_that_come_and_go_at_once_are_counted_exactly(tenant: Tenant, sql: Sql) -> None:
    path = f"{RESOURCES}/{(made := resource(tenant.agent)['id'])}/bookmark"
    users = [tenant.acting(user) for user in ("agent", "agent2", "admin", "approver")]

    def toggle(n: int) -> None:
        for method in ("PUT", "DELETE", "PUT", "DELETE", "PUT")[: 2 + n]:
            users[n % 4].request(method, path, expect=200)

    at_once(8, toggle)
    act_as(sql, "any")
    rows = sql.execute("SELECT FROM library.bookmarks").fetchall()
    assert counts(tenant, made)[0] == len(rows)


def test_a_count_is_never_negative(tenant: Tenant, sql: Sql, owner: Sql) -> None:
    made = resource(tenant.agent)["id"]
    tenant.agent.put(f"{RESOURCES}/{made}/bookmark", None)
    with owner.transaction():
        owner.execute("ALTER TABLE library.resources DISABLE TRIGGER fixed")
        owner.execute("UPDATE library.resources SET bookmarks = 0 WHERE id = %s", [made])
        owner.execute("ALTER TABLE library.resources ENABLE TRIGGER fixed")
    tenant.agent.request("DELETE", f"{RESOURCES}/{made}/bookmark", expect=200)
    assert counts(tenant, made)[0] == 0


def test_what_one_keeps_is_listed_the_last_kept_first(tenant: Tenant) -> None:
    made = [resource(tenant.agent)["id"] for _ in range(3)]
    for which in (made[1], made[0], made[2]):
        tenant.acting("agent2").put(f"{RESOURCES}/{which}/bookmark", None)
    for limit in (1, 2, 100):
        found = tenant.acting("agent2").all("/v1/bookmarks", limit=limit)
        assert [b["resource"]["id"] for b in found] == [made[2], made[0], made[1]]
    assert tenant.agent.all("/v1/bookmarks") == []
    # What became private is not shown any more, and comes back.
    path = f"{RESOURCES}/{made[0]}"
    tenant.agent.patch(path, {"is_private": True})
    found = tenant.acting("agent2").all("/v1/bookmarks")
    assert [b["resource"]["id"] for b in found] == [made[2], made[1]]
    tenant.agent.patch(path, {"is_private": False})
    assert len(tenant.acting("agent2").all("/v1/bookmarks")) == 3
    problem(tenant.service.request("GET", "/v1/bookmarks"), 403, "FORBIDDEN")


@pytest.mark.parametrize("table", INSERTS)
def test_nobody_keeps_or_sees_for_another_or_what_is_not_theirs_to_see(
    tenant: Tenant, sql: Sql, new_tenant: Callable[[], Tenant], table: str
) -> None:
    insert = INSERTS[table].encode()
    public, private = (resource(tenant.agent, is_private=p)["id"] for p in (False, True))
    act_as(sql, tenant.users["agent2"])
    with pytest.raises(InsufficientPrivilege):
        sql.execute(insert, [tenant.users["agent"], public])
    for which in (private, resource(new_tenant().agent)["id"]):
        act_as(sql, tenant.users["agent2"])
        with pytest.raises(ForeignKeyViolation) as failed:
            sql.execute(insert, [tenant.users["agent2"], which])
        assert violated(failed.value) == f"{table}_resource_fkey"
    act_as(sql, tenant.users["agent2"])
    sql.execute(insert, [tenant.users["agent2"], public])
    sql.commit()
    assert sum(counts(tenant, public)[:2]) == 1


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_is_not_to_be_seen_any_more_can_be_dropped(tenant: Tenant, is_deleted: bool) -> None:
    made, user = resource(tenant.agent)["id"], tenant.acting("agent2")
    path = f"{RESOURCES}/{made}/bookmark"
    user.put(path, None)
    if is_deleted:
        tenant.agent.request("DELETE", f"{RESOURCES}/{made}", expect=200)
    else:
        tenant.agent.patch(f"{RESOURCES}/{made}", {"is_private": True})
    dropped = user.request("DELETE", path, expect=200).json()
    assert (dropped["is_bookmarked"], dropped["is_changed"]) == (False, True)
    problem(user.request("DELETE", path), 404, "NOT_FOUND")
