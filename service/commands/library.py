"""`flask library`: resources from a file, and counts that went wrong."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

import click
from flask.cli import AppGroup

from service.caller import NOBODY, Caller
from service.commands.failures import told
from service.commands.owner import as_owner
from service.library.counts import recounted
from service.library.imports import Importer
from service.queries import queries
from service.state import state

library_group = AppGroup("library", help="The library.")


@library_group.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--tenant", type=click.UUID, required=True, help="Whose resources they are.")
@click.option("--user", type=click.UUID, help="For whom it acts; without one they are nobody's.")
@click.option("--import-id", type=click.UUID, help="Go on with an import that broke off.")
@told
def import_command(
    file: IO[bytes], tenant: UUID, user: UUID | None, import_id: UUID | None
) -> None:
    """Create a resource from each line of FILE, as POST /v1/resources/import does."""
    who = Caller(
        tenant_id=str(tenant),
        actor=f"user:{user}" if user else "library import",
        user_id=str(user) if user else None,
        in_teams=True,
    )
    importer = Importer.begin(state().database, who, import_id, 1)
    with _shown(file) as show:
        for progress in importer.run(file, state().settings.max_body_bytes):
            show(progress)
    for failure in progress["failures"]:
        click.echo(f"line {failure['line']}: {failure['code']} {failure['detail']}", err=True)
    if sys.stdout.isatty():
        click.echo(_line(progress))
    if progress["problem"]:
        raise click.ClickException(
            f"{progress['problem']['detail']}; go on with --import-id {progress['id']}"
        )


@contextmanager
def _shown(file: IO[bytes]) -> Iterator[Callable[[dict[str, Any]], None]]:
    """On a terminal a bar of how much of the file is read; elsewhere a line now and then."""
    if not (sys.stdout.isatty() and file.seekable()):
        yield lambda progress: click.echo(_line(progress))
        return
    size = file.seek(0, 2)
    file.seek(0)
    with click.progressbar(length=size, label="Importing") as bar:
        yield lambda _: bar.update(file.tell() - bar.pos)


def _line(progress: dict[str, Any]) -> str:
    told = ", ".join(f"{progress[name]} {name}" for name in ("done", "skipped", "failed"))
    return f"import {progress['id']} {progress['status']}: {progress['lines']} lines, {told}"


@library_group.command("reconcile")
def reconcile_command() -> None:
    """Count bookmarks, views, runs and the members of teams anew, and correct what is wrong, as app_owner (DIRECT_URL).

    The service runs meanwhile: what it counts waits for one short transaction at most. It may be ended and run again.
    """
    with as_owner() as database:
        tenants = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        counted = corrected = 0
        for row in tenants:
            who = Caller(tenant_id=str(row.id), actor="library reconcile")
            for batch in recounted(database, who):
                counted += len(batch.before)
                corrected += len(batch.after)
                for change in batch.changes():
                    click.echo(f"tenant {row.id}: {change}")
    click.echo(f"{counted} rows counted, {corrected} corrected")
