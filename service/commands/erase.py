"""`flask erase person`: shows, exports and erases what is kept of a customer."""

import os
from collections import Counter
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup

from service.caller import Caller
from service.commands.failures import told
from service.commands.owner import as_owner
from service.database import Database
from service.operations import erasing
from service.queries import queries
from service.schemas import trimmed
from service.state import state

erase_group = AppGroup("erase", help="What is kept of people.")


@erase_group.command("person")
@click.argument("email")
@click.option("--tenant", type=click.UUID, required=True, help="Whose customer it is.")
@click.option("--dry-run", is_flag=True, help="Erase nothing; print how many rows would go.")
@click.option(
    "--export", type=click.Path(path_type=Path), help="First write all of it to a new file."
)
@told
def erase_person(email: str, tenant: UUID, dry_run: bool, export: Path | None) -> None:
    """Erase a customer of a tenant, found by the address, as app_owner (DIRECT_URL).

    Prints how many rows of each table went. One that broke off goes on when it is run again.
    """
    email = trimmed(email)
    who = Caller(tenant_id=str(tenant), actor="erase person")
    with as_owner() as database:
        database.session(who).row(queries.identity.get_suspension())  # or there is no such tenant
        if export is not None:
            click.echo(f"{export}: {_export(database, who, email, export)} rows")
        if dry_run:
            _tell(erasing.count(database, who, email))
            return
        erasure_id = _requested(database, who, email)
        erasing.erase(database, who, erasure_id)
        done = database.session(who).row(queries.operations.get_erasure(id=erasure_id))
        _tell(Counter(done.counts))
        click.echo(f"erasure {done.id}")


def _export(database: Database, who: Caller, email: str, path: Path) -> int:
    """How many rows were written, each as a line."""
    written = 0
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file, database.transaction(who) as transaction:
            for line in erasing.export(transaction, email):
                file.write(line + b"\n")
                written += 1
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    return written


def _requested(database: Database, who: Caller, email: str) -> UUID:
    """The erasure of the person that is pending, or else a new one."""
    person = state().secrets.fingerprint(email.lower(), who.tenant_id)
    session = database.session(who)
    pending = session.maybe_row(queries.operations.find_pending_erasure(person=person))
    if pending is not None:
        return pending.id
    asked = queries.operations.request_erasure(
        person=person, email=email, dry_run=False, requested_by=who.actor
    )
    return session.row(asked).id


def _tell(counts: Counter[str]) -> None:
    for table, rows in counts.items():
        click.echo(f"{table:<30} {rows:>12}")
