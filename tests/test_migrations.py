"""Migrations: up, down and up again with data, on every version; and what readiness says about them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from service import embedded
from service.commands import demo
from service.config import DIRECT_SCHEME, Settings
from service.migrations import checksums
from tests.client import ROOT, Gunicorn
from tests.commands import SECRET_KEY, environment
from tests.postgres import Server, installed, started

pytestmark = pytest.mark.not_on_citus("migrates servers of its own")

FIRST, *_, LAST = checksums()
YOYO = Path(sys.executable).parent / "yoyo"


@pytest.fixture(scope="module", params=[18, 16, 15])
def any_server(request: pytest.FixtureRequest, server: Server) -> Iterator[Server]:
    """A server of each version."""
    version = request.param
    if version == server.version:
        yield server
        return
    with started(version) if version in embedded.PROGRAMS else installed(version) as other:
        yield other


class Migrated:
    """A database of its own, and `yoyo` on it as an operator calls it."""

    def __init__(self, server: Server, name: str) -> None:
        server.create(name)
        self.server, self.name = server, name
        self.settings = Settings(database_url=server.url("app_rw", name), secret_key=SECRET_KEY)

    def yoyo(self, *arguments: str) -> None:
        direct_url = self.server.url("app_owner", self.name)
        done = subprocess.run(
            [YOYO, *arguments],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DIRECT_URL": direct_url.replace("postgresql://", DIRECT_SCHEME, 1),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, query: str, role: str = "app_owner") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.url(role, self.name)) as connection:
            return connection.execute(query.encode()).fetchall()

    def schema(self) -> list[tuple[Any, ...]]:
        """All that migrations make, as the catalog tells it."""
        return self.rows("""
            SELECT 'column', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod),
                attnotnull::text, pg_get_expr(d.adbin, d.adrelid), col_description(attrelid, attnum)
            FROM pg_attribute AS a
            INNER JOIN pg_class AS c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v')
                AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid),
                obj_description(oid, 'pg_constraint'), '', ''
            FROM pg_constraint
            WHERE connamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid),
                obj_description(indexrelid, 'pg_class'), '', ''
            FROM pg_index AS i
            INNER JOIN pg_class AS c ON c.oid = i.indrelid
            WHERE c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'trigger', tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid), '', '', ''
            FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL
            SELECT 'policy', polrelid::regclass::text, polname::text, '', '', '', '' FROM pg_policy
            UNION ALL
            SELECT 'function', oid::regprocedure::text, prosrc, pg_get_function_sqlbody(oid),
                obj_description(oid, 'pg_proc'), '', ''
            FROM pg_proc
            WHERE pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'relation', oid::regclass::text, relacl::text, obj_description(oid, 'pg_class'), '', '', ''
            FROM pg_class
            WHERE relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'schema', nspname::text, nspacl::text, obj_description(oid, 'pg_namespace'), '', '', ''
            FROM pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
            UNION ALL
            SELECT 'transition', entity, from_status, to_status, '', '', ''
            FROM operations.status_transitions
            ORDER BY 1, 2, 3, 4
        """)


@pytest.fixture(scope="module")
def migrated(any_server: Server) -> Migrated:
    """Migrated by `yoyo apply` alone."""
    database = Migrated(any_server, "up_down_up")
    database.yoyo("apply")
    return database


def left_behind(database: Migrated) -> list[tuple[Any, ...]]:
    """What is there beside PostgreSQL's own and yoyo's tables."""
    system = "('pg_catalog', 'information_schema', 'pg_toast')"
    return database.rows(f"""
        SELECT 'relation', oid::regclass::text FROM pg_class
        WHERE relnamespace::regnamespace::text NOT IN {system}
            AND relkind NOT IN ('i', 't') AND relname NOT IN ('_yoyo_log', '_yoyo_migration',
                '_yoyo_version', 'yoyo_lock')
        UNION ALL
        SELECT 'function', oid::regprocedure::text FROM pg_proc
        WHERE pronamespace::regnamespace::text NOT IN {system}
        UNION ALL
        SELECT 'type', oid::regtype::text FROM pg_type
        WHERE typnamespace::regnamespace::text NOT IN {system} AND typtype IN ('d', 'e')
        UNION ALL
        SELECT 'schema', nspname::text FROM pg_namespace
        WHERE nspname NOT IN {system} AND nspname <> 'public' AND nspname NOT LIKE 'pg\\_t%'
        UNION ALL
        SELECT 'default rights', defaclacl::text FROM pg_default_acl
        UNION ALL
        SELECT 'rights', relacl::text FROM pg_class WHERE relname = '_yoyo_migration'
            AND relacl::text LIKE '%app_rw=%'
    """)


def migrate(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.commands.migrate", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "DIRECT_URL is missing: "),
        ({"DIRECT_URL": ""}, "DIRECT_URL is missing: "),
        (
            {"DIRECT_URL": "postgresql://app_owner@localhost/x"},
            "DIRECT_URL is wrong: expected a URL",
        ),
        ({"DIRECT_URL": "mysql://app_owner@localhost/x"}, "DIRECT_URL is wrong: expected a URL"),
        ({"DIRECT_URL": f"{DIRECT_SCHEME}a:1,b:2/x"}, "DIRECT_URL is wrong: expected one host"),
        ({"DIRECT_URL": f"{DIRECT_SCHEME}localhost:99999/x"}, "DIRECT_URL is wrong: .* a port"),
        ({"DIRECT_URL_FILE": "/nowhere/url"}, "DIRECT_URL_FILE is wrong: expected the path"),
    ],
)
def test_what_is_wrong_with_the_url_is_told_in_a_line(environ: dict[str, str], told: str) -> None:
    done = migrate(environ, "apply")
    assert done.returncode == 1
    assert re.match(told, done.stderr)
    assert done.stderr.count("\n") == 1


def test_what_the_database_refuses_is_told_without_a_traceback(server: Server) -> None:
    url = server.url("app_owner", "not_there").replace("postgresql://", DIRECT_SCHEME, 1)
    for arguments, said in (
        (["list"], 'database "not_there" does not exist'),
        (["list", "-d", "nothing://x"], "Unrecognised database connection scheme"),
        (["list", "-c", "/nowhere/yoyo.ini"], "/nowhere/yoyo.ini"),
    ):
        done = migrate({"DIRECT_URL": url}, *arguments)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_the_url_may_come_from_a_file(migrated: Migrated, tmp_path: Path) -> None:
    path = tmp_path / "direct-url"
    url = migrated.server.url("app_owner", migrated.name)
    path.write_text(url.replace("postgresql://", DIRECT_SCHEME, 1) + "\n")
    done = migrate({"DIRECT_URL_FILE": str(path)}, "list")
    assert done.returncode == 0, done.stderr
    assert re.search(rf"^A +{FIRST}", done.stdout, re.MULTILINE)


def test_up_down_and_up_again_with_data(migrated: Migrated) -> None:
    at_first = migrated.schema()
    assert len(at_first) > 300
    for _ in range(2):
        assert demo.load(migrated.settings)
        [(events,)] = migrated.rows("SELECT count(*) FROM operations.events")
        assert events > 20
        migrated.yoyo("rollback", "--all")
        assert left_behind(migrated) == []
        assert migrated.rows("SELECT count(*) FROM _yoyo_migration") == [(0,)]
        migrated.yoyo("apply")
        assert migrated.schema() == at_first
        recorded = dict(migrated.rows("SELECT * FROM operations.applied_migrations"))
        assert recorded == checksums()


def test_from_each_migration_it_goes_down_and_up_with_data(server: Server) -> None:
    database = Migrated(server, "step_by_step")
    database.yoyo("apply")
    at_first = database.schema()
    assert demo.load(database.settings)
    for left, migration in reversed([*enumerate(checksums())]):
        database.yoyo("rollback", "--revision", migration)  # and those that depend on it
        assert database.rows("SELECT count(*) FROM _yoyo_migration") == [(left,)]
        database.yoyo("apply")
        assert database.schema() == at_first
        demo.load(database.settings)


def test_each_rollback_brings_back_what_was_there_before(server: Server) -> None:
    database = Migrated(server, "one_step_back")
    database.yoyo("apply", "--revision", FIRST)
    before = database.schema()
    for migration in [*checksums()][1:]:
        database.yoyo("apply", "--revision", migration)
        after = database.schema()
        assert after != before
        database.yoyo("rollback", "--revision", migration)
        assert database.schema() == before, migration
        database.yoyo("apply", "--revision", migration)
        assert database.schema() == after, migration
        before = after


def test_applying_again_changes_nothing(migrated: Migrated) -> None:
    at_first = migrated.schema()
    migrated.yoyo("apply")
    assert migrated.schema() == at_first


def test_ids_are_of_version_7_and_sort_by_time(migrated: Migrated) -> None:
    query = (
        "SELECT operations.new_id(), clock_timestamp(), pg_sleep(0.002) FROM generate_series(1, 50)"
    )
    made = [(new_id, at) for new_id, at, _ in migrated.rows(query, "app_rw")]
    ids: list[UUID] = [new_id for new_id, _ in made]
    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    for new_id, at in made:
        assert (new_id.version, new_id.variant) == (7, "specified in RFC 4122")
        assert abs((new_id.int >> 80) / 1000 - at.timestamp()) < 1
    [(many,)] = migrated.rows(
        "SELECT count(DISTINCT operations.new_id()) FROM generate_series(1, 20000)", "app_rw"
    )
    assert many == 20000
    assert abs((ids[-1].int >> 80) / 1000 - time.time()) < 3600


# Readiness -----------------------------------------------------------------------------------------


@pytest.fixture
def readiness(
    server: Server,
) -> Iterator[tuple[Migrated, Callable[[], tuple[int, list[str]]]]]:
    """An empty database, and what a service that was started on it says."""
    database = Migrated(server, "readiness")
    with Gunicorn(environment(database.settings)) as gunicorn:

        def ask() -> tuple[int, list[str]]:
            answer = requests.get(f"{gunicorn.url}/readyz", timeout=30)
            return answer.status_code, answer.json()["problems"]

        yield database, ask


def test_readiness_names_what_is_missing_and_what_was_edited(
    readiness: tuple[Migrated, Callable[[], tuple[int, list[str]]]],
) -> None:
    database, ask = readiness
    not_applied = {m: f"Migration {m} was not applied." for m in checksums()}
    assert ask() == (503, ["No migration was applied."])

    database.yoyo("apply", "--revision", FIRST)
    assert ask() == (503, [not_applied[m] for m in checksums() if m != FIRST])

    database.yoyo("apply")
    assert ask() == (200, [])

    checksum = dict(database.rows("SELECT * FROM operations.applied_migrations"))[FIRST]
    with psycopg.connect(database.server.url("app_owner", database.name)) as connection:
        edit = "UPDATE operations.applied_migrations SET checksum = %s WHERE migration_id = %s"
        connection.execute(edit, ["0" * 64, FIRST])
        connection.commit()
        assert ask() == (503, [f"Migration {FIRST} was edited after it was applied."])
        connection.execute(edit, [checksum, FIRST])
    assert ask() == (200, [])

    database.yoyo("rollback", "--revision", LAST)
    assert ask() == (503, [not_applied[LAST]])

    database.yoyo("apply")
    assert ask() == (200, [])
