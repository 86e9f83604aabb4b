"""The PostgreSQL of the tests: each pytest worker starts an embedded one, or all share the one that is given.

DRAFTROOM_TEST_PG=16 takes another version of the embedded one. DRAFTROOM_TEST_URL gives one, by the URL of a superuser;
it must ask no role for a password.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from service import embedded, migrations
from service.commands import scratch
from service.config import DIRECT_SCHEME
from tests import citus

VERSION = int(os.environ.get("DRAFTROOM_TEST_PG", "18"))
GIVEN = os.environ.get("DRAFTROOM_TEST_URL")
TEMPLATE = "template_draftroom"
RUN = "DRAFTROOM_TEST_RUN"  # what keeps the databases of a run apart from those of another

ROLES = "SELECT rolname FROM pg_roles"
DATABASES = "SELECT datname FROM pg_database"

# Of a psql and a pgbench that fit every server.
PROGRAMS = embedded._programs(VERSION)

# The transactions of other pytest workers, and of other runs, by when they began.
OTHERS = """
    SELECT (pid, xact_start)::text FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL AND right(datname, length(%(mine)s)) <> %(mine)s
    UNION ALL
    SELECT gid FROM pg_prepared_xacts
    WHERE right(database, length(%(mine)s)) <> %(mine)s
"""

# The sessions of a database that wait for a lock.
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

# Who waits for the transaction that asks, on the server that keeps the tenant's rows: on a cluster that is another one.
BLOCKED = """
    SELECT l.pid
    FROM identity.tenants AS t
    CROSS JOIN pg_locks AS l
    WHERE t.id = %s AND NOT l.granted AND pg_backend_pid() = ANY (pg_blocking_pids(l.pid))
"""


@dataclass(frozen=True)
class Server:
    """A server that has Draftroom's roles, and databases for the tests."""

    superuser_url: str
    suffix: str = ""  # what keeps the databases of a run, and of a worker, apart from others
    template: str = TEMPLATE

    def url(self, role: str, database: str) -> str:
        """`postgres` is the superuser, whatever its name; others need no password."""
        parts = urlsplit(self.superuser_url)
        user, _, address = parts.netloc.rpartition("@")
        netloc = f"{user if role == 'postgres' else role}@{address}"
        return urlunsplit(parts._replace(netloc=netloc, path=f"/{self.name(database)}"))

    def everywhere(self, database: str) -> list[str]:
        """The superuser's URLs of the database, on a cluster on each node."""
        parts = citus.workers(self.superuser_url, self.name(database))
        return [self.url("postgres", database), *parts]

    def direct_url(self, database: str) -> str:
        """As the owner connects."""
        return self.url("app_owner", database).replace("postgresql://", DIRECT_SCHEME, 1)

    def name(self, database: str) -> str:
        return f"{database}{self.suffix}"

    @property
    def address(self) -> tuple[str, int]:
        """Host, or folder of the socket, and port."""
        server = conninfo_to_dict(self.superuser_url)
        return str(server["host"]), int(server.get("port") or embedded.PORT)

    @property
    def version(self) -> int:
        with psycopg.connect(self.superuser_url) as connection:
            return connection.info.server_version // 10000

    def create(self, database: str) -> None:
        """An empty database."""
        self._create("CREATE DATABASE {} OWNER app_owner", self.name(database))

    def create_migrated(self, database: str) -> None:
        self.create(database)
        migrations.apply(self.direct_url(database), alone=True)

    def clone(self, database: str) -> None:
        """A migrated, empty database."""
        statement = "CREATE DATABASE {} OWNER app_owner TEMPLATE {}"
        self._create(statement, self.name(database), self.template)
        if on_cluster():
            citus.spread(self.superuser_url, self.name(database))

    def _create(self, statement: str, *names: str) -> None:
        name, *_ = identifiers = [sql.Identifier(name) for name in names]
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            # A pytest worker may come back to a module that it had left.
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL(statement).format(*identifiers))
        embedded.restrict(self.superuser_url, names[0])


def on_cluster() -> bool:
    """Whether the server that is given is the coordinator of a Citus cluster."""
    return bool(GIVEN and citus.nodes(GIVEN))


@cache
def onlookers() -> list[psycopg.Connection[Any]]:
    """A connection to each node: on a cluster feeds are closed by what runs on the node that keeps the rows."""
    assert GIVEN
    urls = [GIVEN, *citus.workers(GIVEN, "postgres")]
    return [psycopg.connect(url, autocommit=True) for url in urls]


def others() -> set[str]:
    """The transactions that other pytest workers have open on a server that all share."""
    if not GIVEN:
        return set()
    mine = f"{os.environ[RUN]}_{os.environ.get('PYTEST_XDIST_WORKER', 'master')}"
    return {began for node in onlookers() for (began,) in node.execute(OTHERS, {"mine": mine})}


def with_options(url: str, options: str) -> str:
    """The URL with settings for its sessions."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


@contextmanager
def started(version: int = VERSION) -> Iterator[Server]:
    """An embedded server."""
    with scratch.server(version) as running:
        yield prepared(running)


def prepared(running: embedded.Server) -> Server:
    with psycopg.connect(running.superuser_url, autocommit=True) as connection:
        connection.execute((embedded.SETUP / "roles.sql").read_bytes())
    return Server(running.superuser_url)


@contextmanager
def installed(version: int, **options: str) -> Iterator[Server]:
    """A server of the PostgreSQL that this machine has; without one the test is skipped."""
    programs = initdb_of(version)
    if programs is None:
        pytest.skip(
            f"this machine has no PostgreSQL {version}: apt-get install postgresql-{version}"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_programs", lambda _: programs)
        patch.setattr(scratch, "UNSAFE", scratch.UNSAFE | options)
        with started(version) as server:
            yield server


def initdb_of(version: int) -> Path | None:
    """The folder of another PostgreSQL's programs on this machine."""
    found = shutil.which("initdb")
    for folder in (
        Path(f"/usr/lib/postgresql/{version}/bin"),
        Path(found).parent if found else None,
    ):
        if folder and (folder / "initdb").exists():
            said = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True)
            if f") {version}." in said.stdout:
                return folder
    return None


@contextmanager
def shared(superuser_url: str) -> Iterator[str]:
    """Makes roles and a template for all pytest workers on a server that is given; the suffix of the run.

    Afterwards what was made is dropped, and the workers' databases with it.
    """
    suffix = f"_{secrets.token_hex(4)}"
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        there = names(connection, ROLES)
        connection.execute((embedded.SETUP / "roles.sql").read_bytes())
        made = names(connection, ROLES) - there
    try:
        Server(superuser_url, suffix).create_migrated(TEMPLATE)
        yield suffix
    finally:
        with psycopg.connect(superuser_url, autocommit=True) as connection:
            for database in names(connection, DATABASES):
                if suffix in database:
                    citus.drop(superuser_url, database)
                    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                    connection.execute(drop.format(sql.Identifier(database)))
            for role in made:
                # The right to a setting is one to an object that all databases share.
                connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def names(connection: psycopg.Connection[Any], query: str) -> set[str]:
    return {name for (name,) in connection.execute(query).fetchall()}
