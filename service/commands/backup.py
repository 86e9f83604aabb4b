"""`make backup` and `make restore`: a dump of all tenants, and the way back from it.

PostgreSQL's own pg_dump and pg_restore do it; the URLs say as whom and where. A restore ends with the next epoch, since
transactions are counted anew there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import RawCursor

from service.caller import NOBODY
from service.migrations import FOLDER
from service.queries import Bound, queries


@click.group(help=__doc__)
def main() -> None:
    pass


@main.command()
@click.argument("url")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--lock-wait-timeout", default="60s", help="How long a table may be locked.")
def dump(url: str, path: Path, lock_wait_timeout: str) -> None:
    """Dump the database at URL, as app_backup, into the file PATH, which must not be there."""
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
        _run("pg_dump", "--format=custom", wait, f"--dbname={url}", stdout=file)
        os.fsync(file)
        unfinished.rename(path)
    finally:
        os.close(file)
        unfinished.unlink(missing_ok=True)
    click.echo(f"{path}: {path.stat().st_size} bytes")


@main.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url")
@click.option("--at-least", default=0, help="The least number of the epoch that begins.")
def restore(path: Path, url: str, at_least: int) -> None:
    """Restore the file PATH into the empty database at URL, as a superuser; all of it, or nothing."""
    try:
        with psycopg.connect(url, autocommit=True, cursor_factory=RawCursor) as connection:
            # What everything stands on: with it there, the database is not empty.
            if _rows(connection, queries.catalogue.list_areas(areas=["operations"])):
                raise click.ClickException("the database is not empty: restore into a new one")
            with path.open("rb") as file:
                _run(
                    *("pg_restore", "--exit-on-error", "--single-transaction"),
                    f"--dbname={url}",
                    stdin=file.fileno(),
                )
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
    except psycopg.Error as error:
        raise click.ClickException(str(error).strip()) from None


def _rows(connection: psycopg.Connection[Any], bound: Bound[Any, Any]) -> list[Any]:
    return connection.execute(bound.query.text, bound.values(NOBODY.tenant_id)).fetchall()


def _run(
    program: str, *arguments: str, stdin: int | None = None, stdout: int | None = None
) -> None:
    """Runs one of PostgreSQL's programs, which says itself what is wrong."""
    if shutil.which(program) is None:
        raise click.ClickException(f"{program} is missing: install PostgreSQL's client programs")
    if subprocess.run([program, *arguments], stdin=stdin, stdout=stdout).returncode:
        sys.exit(1)


if __name__ == "__main__":
    main()
