"""`make backup` and `make restore`: a dump of all tenants, and the way back from it.

PostgreSQL's own pg_dump and pg_restore do it; the URLs say as whom and where. A restore ends with the next epoch, since
transactions are counted anew there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import ProgrammingError, RawCursor
from psycopg.conninfo import conninfo_to_dict

from service.caller import NOBODY
from service.commands import programs
from service.migrations import FOLDER
from service.queries import Bound, queries

# As both are called, from the Makefile.
BACKUP = "make backup from=postgresql://app_backup@host/draftroom to=draftroom.dump"
RESTORE = "make restore from=draftroom.dump to=postgresql://postgres@host/draftroom"
SCHEMES = ("postgresql://", "postgres://")


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
@click.argument("url")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--lock-wait-timeout", default="60s", help="How long a table may be locked.")
def dump(url: str, path: Path, lock_wait_timeout: str) -> None:
    """Dump the database at URL, as app_backup, into the file PATH, which must not be there."""
    _require(url, path, BACKUP)
    if path.exists():
        raise click.ClickException(f"{path} is there already")
    # Under another name until it is whole, lest half a dump be taken for one.
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        file = os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    except OSError as error:
        raise click.ClickException(str(error)) from None
    try:
        wait = f"--lock-wait-timeout={lock_wait_timeout}"
        _run("pg_dump", url, "--format=custom", wait, stdout=file)
        os.fsync(file)
        unfinished.rename(path)
    finally:
        os.close(file)
        unfinished.unlink(missing_ok=True)
    click.echo(f"{path}: {path.stat().st_size} bytes")


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("url")
@click.option("--at-least", default=0, help="The least number of the epoch that begins.")
def restore(path: Path, url: str, at_least: int) -> None:
    """Restore the file PATH into the empty database at URL, as a superuser; all of it, or nothing."""
    _require(url, path, RESTORE)
    try:
        with (
            path.open("rb") as file,
            psycopg.connect(url, autocommit=True, cursor_factory=RawCursor) as connection,
        ):
            # What everything stands on: with it there, the database is not empty.
            if _rows(connection, queries.catalogue.list_areas(areas=["operations"])):
                raise click.ClickException("the database is not empty: restore into a new one")
            arguments = ("--exit-on-error", "--single-transaction")
            _run("pg_restore", url, *arguments, stdin=file.fileno())
            # What a dump leaves out.
            connection.execute((FOLDER / "setup" / "database.sql").read_bytes())
            connection.execute("ANALYZE")
            [raised] = _rows(
                connection,
                queries.operations.raise_epoch(
                    reason=f"restored from {path.name}", at_least=at_least, dry_run=False
                ),
            )
            click.echo(f"{path} is restored; epoch {raised[0]} has begun")
    except (OSError, psycopg.Error) as error:
        raise click.ClickException(str(error).strip()) from None


def _rows(connection: psycopg.Connection[Any], bound: Bound[Any, Any]) -> list[Any]:
    return connection.execute(bound.query.text, bound.values(NOBODY.tenant_id)).fetchall()


def _require(url: str, path: Path, usage: str) -> None:
    """Refuses what libpq would take for the name of a database, and would repeat with its password."""
    if not url or path == Path():
        raise click.ClickException(f"say from where and to where: {usage}")
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        url = ""
    if not url.startswith(SCHEMES):
        raise click.ClickException(f"the URL is wrong: {usage}")


def _run(
    program: str, url: str, *arguments: str, stdin: int | None = None, stdout: int | None = None
) -> None:
    """Runs one of PostgreSQL's programs on the database, which says itself what is wrong."""
    where, environment = programs.connection(url)
    command = [programs.find(program), where, *arguments]
    if subprocess.run(command, env=environment, stdin=stdin, stdout=stdout).returncode:
        sys.exit(1)


if __name__ == "__main__":
    main()
