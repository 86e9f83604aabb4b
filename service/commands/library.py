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
    """Count bookmarks, views, runs and the members of teams anew, and correct what is wrong, as app_owner (DIRECT_URL).

    The service runs meanwhile: what it counts waits for one short transaction at most. It may be ended and run again.
    """
    with as_owner() as database:
        tenants = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        counted = corrected = 0
        for row in tenants:
            who = Caller(tenant_id=str(row.id), actor="library reconcile")
            for what, key, recount in RECOUNTS:
                for before, after in _recounted(database, who, recount):
                    counted += len(before)
                    corrected += len(after)
                    known = {was[:key]: was for was in before}
                    for now in after:
                        changes = _changes(known[now[:key]], now)
                        click.echo(f"{what} {now[0]} of tenant {row.id}: {changes}")
    click.echo(f"{counted} rows counted, {corrected} corrected")


Rows = list[Any]
Recount = Callable[[Any, Transaction], tuple[Rows, Rows]]


def _recounted(database: Database, caller: Caller, recount: Recount) -> Iterator[tuple[Rows, Rows]]:
    """The tenant's rows, batch by batch: as they were, and those that were wrong as they are now."""
    last, size = None, BATCH
    while size == BATCH:
        before, after = database.atomically(caller, partial(recount, last))
        yield before, after
        size = len(before)
        last = before[-1] if before else last


def _recount_resources(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    after_id = last.id if last else FIRST_ID
    before = tx.rows(queries.library.lock_next_resources(after_id=after_id, limit=BATCH))
    return before, tx.rows(queries.library.recount_resources(ids=[row.id for row in before]))


def _recount_teams(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    after_id = last.id if last else FIRST_ID
    before = tx.rows(queries.identity.lock_next_teams(after_id=after_id, limit=BATCH))
    return before, tx.rows(queries.identity.recount_teams(ids=[row.id for row in before]))


def _recount_runs(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    tx.execute(queries.library.lock_run_counts())
    after_user, after_status = (last.user_id, last.run_status) if last else (FIRST_ID, "")
    before = tx.rows(
        queries.library.next_run_counts(
            after_user=after_user, after_status=after_status, limit=BATCH
        )
    )
    users, statuses = [row.user_id for row in before], [row.run_status for row in before]
    return before, tx.rows(queries.library.recount_runs(user_ids=users, run_statuses=statuses))


def _changes(was: Any, now: Any) -> str:
    pairs = zip(was._fields, was, now, strict=True)
    return ", ".join(f"{name} {old} -> {new}" for name, old, new in pairs if old != new)


# What is counted, how many columns its key has, and how a batch is counted.
RECOUNTS: tuple[tuple[str, int, Recount], ...] = (
    ("resource", 1, _recount_resources),
    ("team", 1, _recount_teams),
    ("runs of user", 2, _recount_runs),
)
