"""`flask db drift`: how the schema of the database differs from what the migrations make of an empty one."""

from __future__ import annotations

import difflib
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
import psycopg
from flask.cli import AppGroup
from psycopg import RawCursor

from service import migrations
from service.caller import NOBODY
from service.commands import programs
from service.commands.failures import told
from service.config import libpq_url
from service.queries import load, queries
from service.state import state

# Made by the command for partitions, as the months pass.
PARTITIONS = "*.*_p[0-9][0-9][0-9][0-9][0-9][0-9]"
# Of pg_dump itself: versions, a key that is new each time, and a setting that older servers do not have.
NOISE = re.compile(r"-- (Dumped|Name:)|\\(un)?restrict |--$|SET transaction_timeout ")

db_group = AppGroup("db", help="The database's schema.")


@db_group.command("drift")
@told
def drift() -> None:
    """Compare the schema at DIRECT_URL with the migrations; exit with 1 where they differ."""
    settings = state().settings
    direct_url, shadow = settings.direct_url, settings.shadow_database_url
    if direct_url is None:
        raise click.ClickException("DIRECT_URL is missing: only app_owner may do this")
    live = libpq_url(direct_url)
    with psycopg.connect(live) as connection:
        version = connection.info.server_version // 10000
    with _migrated(shadow, version) as (made, pg_dump):
        areas = _areas(made)
        expected, found = _schema(pg_dump, made, areas), _schema(pg_dump, live, areas)
        restored = _restored(pg_dump, made, areas)
    expected, found = ([restored.get(line, line) for line in lines] for lines in (expected, found))
    differences = difflib.unified_diff(expected, found, "migrations", "database", lineterm="", n=5)
    if not (lines := list(differences)):
        click.echo("The database has the schema of the migrations.")
        return
    click.echo("\n".join(lines))
    raise click.ClickException("the database differs from the migrations")


@contextmanager
def _migrated(shadow: str | None, version: int) -> Iterator[tuple[str, str]]:
    """The URL of a database that was just migrated, and a pg_dump that fits; it is empty again afterwards."""
    if shadow is None:
        with _embedded(version) as found:
            yield found
        return
    pg_dump = programs.find("pg_dump")
    if _areas(libpq_url(shadow)):
        raise click.ClickException("the shadow database is not empty")
    try:
        migrations.apply(shadow, alone=True)
        yield libpq_url(shadow), pg_dump
    finally:
        migrations.roll_back(shadow)


@contextmanager
def _embedded(version: int) -> Iterator[tuple[str, str]]:
    try:
        # Only here: an image has no embedded database.
        from service import embedded
        from service.commands import scratch
    except ImportError:
        versions: Iterable[int] = ()
    else:
        versions = embedded.PROGRAMS
    if version not in versions:
        raise click.ClickException(
            f"there is no embedded PostgreSQL {version}: name an empty database with SHADOW_DATABASE_URL"
        )
    with scratch.server(version) as server:
        scratch.create_migrated(server, "shadow")
        yield server.url("app_owner", "shadow"), str(server.bin_path / "pg_dump")


def _areas(url: str) -> list[str]:
    """The areas that have a schema there."""
    names = sorted({name.partition(".")[0] for name in load()})
    bound = queries.catalogue.list_areas(areas=names)
    with psycopg.connect(url, cursor_factory=RawCursor) as connection:
        rows = connection.execute(bound.query.text, bound.values(NOBODY.tenant_id))
        return [name for name, _ in rows]


def _restored(pg_dump: str, url: str, areas: list[str]) -> dict[str, str]:
    """How each line of the migrated schema reads after a restore; the schema is replaced by its own dump for that.

    The same expression may read differently then: `((a AND b) AND c)` is parsed again, and becomes `(a AND b AND c)`.
    """
    # No line with an expression names an owner or a right, which only a superuser could restore.
    options = ("--clean", "--no-owner", "--no-privileges")
    before = _schema(pg_dump, url, areas, *options)
    with psycopg.connect(url) as connection:
        connection.execute("\n".join(before).encode())
    return dict(zip(before, _schema(pg_dump, url, areas, *options), strict=True))


def _schema(pg_dump: str, url: str, areas: list[str], *options: str) -> list[str]:
    """The lines of the schema of these areas."""
    where, environment = programs.connection(url)
    done = subprocess.run(
        [
            *(pg_dump, "--schema-only", f"--exclude-table={PARTITIONS}", where),
            *("--lock-wait-timeout=5s", *options),
            *(f"--schema={area}" for area in areas),
        ],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(done.stderr.strip())
    lines = [line for line in done.stdout.splitlines() if not NOISE.match(line)]
    return [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
