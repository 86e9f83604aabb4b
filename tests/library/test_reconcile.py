"""Counts that went wrong are found and corrected, while others go on counting."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from service import create_app
from service.config import Settings
from tests.client import Gunicorn, Tenant, at_once
from tests.commands import environment, make_platform_key
from tests.library.bulk_helpers import as_any, create, row
from tests.library.run_helpers import executed, set_status, team, version
from tests.postgres import Server
from tests.writer import Writer

Sql = psycopg.Connection[Any]

BOOKMARK = "INSERT INTO library.bookmarks (tenant_id, user_id, resource_id) VALUES (%s, %s, %s)"
VIEW = (
    "INSERT INTO library.resource_views (tenant_id, user_id, resource_id) VALUES (%s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)


@pytest.fixture(scope="module")
def settings(settings: Settings, server: Server, clone: Callable[[str], str]) -> Settings:
    """With a database of its own: the command counts for all tenants, which need not be those of all other tests."""
    return replace(settings, database_url=server.url("app_rw", clone("counted_anew")))


@pytest.fixture(scope="module")
def gunicorn(settings: Settings) -> Iterator[Gunicorn]:
    with Gunicorn(environment(settings)) as running:
        yield running


@pytest.fixture(scope="module")
def platform_key(settings: Settings) -> str:
    return make_platform_key(environment(settings))


@pytest.fixture
def reconcile(server: Server, settings: Settings) -> Callable[[], list[str]]:
    """Runs the command; its lines."""
    direct = server.direct_url("counted_anew")

    def run() -> list[str]:
        app = create_app(Settings.from_environment(environment(settings) | {"DIRECT_URL": direct}))
        try:
            done = app.test_cli_runner().invoke(args=["library", "reconcile"])
        finally:
            app.extensions["draftroom"].database.close()
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    return run


def corrupt(owner: Sql, table: str, wrong: str, column: str, subject: str) -> None:
    with owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER fixed")
        done = owner.execute(f"UPDATE {table} SET {wrong} WHERE {column} = %s", [subject])
        assert done.rowcount
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER fixed")


def counts(sql: Sql, tenant: Tenant, resource: str) -> dict[str, int]:
    as_any(sql)
    [found] = sql.execute(
        "SELECT r.bookmarks, r.views, r.revision,"
        " (SELECT count(*) FROM library.bookmarks AS b"
        " WHERE b.tenant_id = %(tenant)s AND b.resource_id = r.id) AS bookmark_rows,"
        " (SELECT count(*) FROM library.resource_views AS v"
        " WHERE v.tenant_id = %(tenant)s AND v.resource_id = r.id) AS view_rows"
        " FROM library.resources AS r WHERE r.tenant_id = %(tenant)s AND r.id = %(resource)s",
        {"tenant": tenant.id, "resource": resource},
    ).fetchall()
    sql.rollback()
    return dict(found)


def test_what_is_wrong_is_corrected_and_told_and_what_is_right_is_not_written(
    tenant: Tenant, owner: Sql, sql: Sql, reconcile: Callable[[], list[str]]
) -> None:
    wrong, right = create(tenant.agent, [row(), row(is_private=True)])
    as_any(sql)
    for resource in (wrong, right):
        sql.execute(BOOKMARK, [tenant.id, tenant.users["agent"], resource])
        sql.execute(VIEW, [tenant.id, tenant.users["agent"], resource])
    sql.commit()
    before = owner.execute("SELECT xmin FROM library.resources WHERE id = %s", [right]).fetchone()
    corrupt(owner, "library.resources", "bookmarks = 7, views = 0", "id", wrong)
    lines = reconcile()
    [told] = [line for line in lines if wrong in line]
    assert told.endswith("bookmarks 7 -> 1, views 0 -> 1")
    assert not [line for line in lines if right in line]
    assert re.fullmatch(r"\d+ rows counted, \d+ corrected", lines[-1])
    found = counts(sql, tenant, wrong)
    assert (found["bookmarks"], found["views"]) == (1, 1)
    assert found["revision"] == 1  # nothing that a reader would have to merge
    after = owner.execute("SELECT xmin FROM library.resources WHERE id = %s", [right]).fetchone()
    assert before == after
    assert not [line for line in reconcile() if wrong in line]


def test_counts_are_exact_in_the_end_though_others_count_meanwhile(
    tenant: Tenant,
    settings: Settings,
    owner: Sql,
    sql: Sql,
    reconcile: Callable[[], list[str]],
) -> None:
    ids = create(tenant.agent, [row() for _ in range(5)])
    users = [tenant.users[user] for user in ("admin", "agent", "agent2", "approver", "viewer")]
    stop = threading.Event()

    def keep_bookmarking(turn: int) -> None:
        assert settings.database_url
        user = users[turn]
        with Writer.connect(settings.database_url) as writer:
            writer.set("app.tenant_id", tenant.id)
            writer.set("app.user_id", user)
            writer.commit()
            number = 0
            while not stop.is_set() or number % 2:
                for resource in ids:
                    if number % 2 == 0:
                        writer.execute(BOOKMARK, [tenant.id, user, resource])
                        writer.execute(VIEW, [tenant.id, user, resource])
                    else:
                        writer.execute(
                            "DELETE FROM library.bookmarks WHERE resource_id = %s", [resource]
                        )
                    writer.commit()
                number += 1

    def corrupt_and_heal() -> None:
        try:
            for number in range(6):
                for resource in ids:
                    wrong = f"bookmarks = {100 + number}, views = 50"
                    corrupt(owner, "library.resources", wrong, "id", resource)
                reconcile()
        finally:
            stop.set()

    at_once(6, lambda turn: corrupt_and_heal() if turn == 5 else keep_bookmarking(turn))
    for resource in ids:
        found = counts(sql, tenant, resource)
        assert found["bookmarks"] == found["bookmark_rows"] == 0
        assert found["views"] == found["view_rows"] == 5


def test_who_says_what_the_count_is_only_has_it_counted(tenant: Tenant, sql: Sql) -> None:
    [resource] = create(tenant.agent, [row()])
    as_any(sql, tenant.users["agent"])
    with pytest.raises(psycopg.Error):
        sql.execute("UPDATE library.resources SET bookmarks = 1000 WHERE id = %s", [resource])
    sql.rollback()
    sql.execute("UPDATE library.resources SET counted_at = now() WHERE id = %s", [resource])
    sql.commit()
    assert counts(sql, tenant, resource)["bookmarks"] == 0


def test_members_of_teams_and_runs_of_users_are_counted_anew(
    tenant: Tenant, owner: Sql, sql: Sql, reconcile: Callable[[], list[str]]
) -> None:
    user = tenant.users["agent"]
    team_id = team(sql, tenant, agent=["write-chat"], viewer=[])
    done = executed(tenant.agent, version(sql, tenant))
    set_status(tenant.agent, done["id"], "completed", time_elapsed=1500)
    corrupt(owner, "identity.teams", "member_count = 9, admin_count = 4", "id", team_id)
    corrupt(owner, "library.run_counts", "runs = runs + 6", "user_id", user)
    lines = [line for line in reconcile() if tenant.id in line]
    assert f"tenant {tenant.id}: team {team_id}: member_count 9 -> 2, admin_count 4 -> 0" in lines
    assert f"tenant {tenant.id}: runs of user {user}: runs 7 -> 1" in lines
    assert f"tenant {tenant.id}: runs of user {user}: runs 6 -> 0" in lines  # in progress
    as_any(sql)
    counted = sql.execute(
        "SELECT run_status, runs, runs_timed, run_milliseconds FROM library.run_counts"
        " WHERE user_id = %s AND runs > 0",
        [user],
    ).fetchall()
    assert counted == [
        {"run_status": "completed", "runs": 1, "runs_timed": 1, "run_milliseconds": 1500}
    ]
    sql.rollback()
    assert not [line for line in reconcile() if tenant.id in line]


def test_runs_are_exact_in_the_end_though_others_run_meanwhile(
    tenant: Tenant, owner: Sql, sql: Sql, reconcile: Callable[[], list[str]]
) -> None:
    version_id, user = version(sql, tenant), tenant.users["agent"]
    executed(tenant.agent, version_id)
    stop = threading.Event()

    def keep_running() -> None:
        while not stop.is_set():
            set_status(tenant.agent, executed(tenant.agent, version_id)["id"], "cancelled")

    def corrupt_and_heal() -> None:
        try:
            for _ in range(6):
                corrupt(owner, "library.run_counts", "runs = runs + 5", "user_id", user)
                reconcile()
        finally:
            stop.set()

    at_once(3, lambda turn: corrupt_and_heal() if turn == 2 else keep_running())
    as_any(sql)
    [found] = sql.execute(
        "SELECT (SELECT sum(runs) FROM library.run_counts WHERE user_id = %(user)s) AS counted,"
        " (SELECT count(*) FROM library.runs WHERE user_id = %(user)s) AS rows",
        {"user": user},
    ).fetchall()
    assert found["counted"] == found["rows"] > 0
