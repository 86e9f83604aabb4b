"""`flask library`: resources from a file, and counts that went wrong."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any
from uuid import UUID

import click
from flask.cli import AppGroup

from service.caller import NOBODY, Caller
from service.commands.failures import told
from service.commands.owner import as_owner
from service.database import Database, Transaction
from service.library.imports import Importer
from service.queries import queries
from service.state import state

BATCH = 1000  # resources that one transaction counts
FIRST_ID = UUID(int=0)

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
    """Count bookmarks and views anew, and correct what is wrong, as app_owner (DIRECT_URL).

    The service runs meanwhile: what it counts waits for one short transaction at most. It may be ended and run again.
    """
    with as_owner() as database:
        tenants = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        counted = corrected = 0
        for row in tenants:
            who = Caller(tenant_id=str(row.id), actor="library reconcile")
            for before, after in _reconciled(database, who):
                counted += len(before)
                corrected += len(after)
                for now in after:
                    was = before[now.id]
                    click.echo(
                        f"resource {now.id} of tenant {row.id}:"
                        f" bookmarks {was.bookmarks} -> {now.counted_bookmarks},"
                        f" views {was.views} -> {now.counted_views}"
                    )
    click.echo(f"{counted} resources counted, {corrected} corrected")


Counted = tuple[dict[UUID, Any], list[Any]]


def _reconciled(database: Database, caller: Caller) -> Iterator[Counted]:
    """The tenant's resources, batch by batch: as they were, and those that were wrong as they are now."""
    after_id, size = FIRST_ID, BATCH
    while size == BATCH:
        before, after = database.atomically(caller, partial(_recount, after_id))
        yield before, after
        size = len(before)
        after_id = max(before, default=after_id)


def _recount(after_id: UUID, tx: Transaction) -> Counted:
    tx.execute(queries.operations.enter_for_all_users())
    locked = tx.rows(queries.library.lock_next_resources(after_id=after_id, limit=BATCH))
    before = {row.id: row for row in locked}
    return before, tx.rows(queries.library.recount_resources(ids=[*before]))
