"""Counts that went wrong are found and corrected, while others go on counting."""

import re
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from service import create_app
from service.config import DIRECT_SCHEME, Settings
from tests.client import Tenant, at_once
from tests.commands import environment
from tests.library.bulk_helpers import as_any, create, row
from tests.postgres import Server

Sql = psycopg.Connection[Any]

BOOKMARK = "INSERT INTO library.bookmarks (tenant_id, user_id, resource_id) VALUES (%s, %s, %s)"
VIEW = (
    "INSERT INTO library.resource_views (tenant_id, user_id, resource_id) VALUES (%s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)


@pytest.fixture
def reconcile(server: Server, settings: Settings) -> Callable[[], list[str]]:
    """Runs the command; its lines."""

    def run() -> list[str]:
        direct = server.url("app_owner", "draftroom").replace("postgresql://", DIRECT_SCHEME, 1)
        app = create_app(Settings.from_environment(environment(settings) | {"DIRECT_URL": direct}))
        try:
            done = app.test_cli_runner().invoke(args=["library", "reconcile"])
        finally:
            app.extensions["draftroom"].database.close()
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    return run


def corrupt(owner: Sql, resource: str, bookmarks: int, views: int) -> None:
    with owner.transaction():
        owner.execute("ALTER TABLE library.resources DISABLE TRIGGER fixed")
        owner.execute(
            "UPDATE library.resources SET bookmarks = %s, views = %s WHERE id = %s",
            [bookmarks, views, resource],
        )
        owner.execute("ALTER TABLE library.resources ENABLE TRIGGER fixed")


def counts(sql: Sql, resource: str) -> dict[str, int]:
    as_any(sql)
    [found] = sql.execute(
        "SELECT r.bookmarks, r.views, r.revision,"
        " (SELECT count(*) FROM library.bookmarks WHERE resource_id = r.id) AS bookmark_rows,"
        " (SELECT count(*) FROM library.resource_views WHERE resource_id = r.id) AS view_rows"
        " FROM library.resources AS r WHERE r.id = %s",
        [resource],
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
    corrupt(owner, wrong, 7, 0)
    lines = reconcile()
    [told] = [line for line in lines if wrong in line]
    assert told.endswith("bookmarks 7 -> 1, views 0 -> 1")
    assert not [line for line in lines if right in line]
    assert re.fullmatch(r"\d+ resources counted, \d+ corrected", lines[-1])
    found = counts(sql, wrong)
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
        with psycopg.connect(settings.database_url) as writer:
            writer.execute("SELECT set_config('app.tenant_id', %s, false)", [tenant.id])
            writer.execute("SELECT set_config('app.user_id', %s, false)", [user])
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
                    corrupt(owner, resource, 100 + number, 50)
                reconcile()
        finally:
            stop.set()

    at_once(6, lambda turn: corrupt_and_heal() if turn == 5 else keep_bookmarking(turn))
    for resource in ids:
        found = counts(sql, resource)
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
    assert counts(sql, resource)["bookmarks"] == 0
