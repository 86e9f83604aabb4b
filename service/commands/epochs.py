"""`flask epochs`: in which order events and learning samples are read, after the database was moved."""

import click
from flask.cli import AppGroup

from service.caller import NOBODY
from service.commands.owner import as_owner
from service.queries import queries

epoch_group = AppGroup("epochs", help="Epochs, of the event log and the learning samples.")


@epoch_group.command("raise")
@click.argument("reason")
@click.option("--at-least", default=0, help="Skip to this epoch, above all that consumers read.")
@click.option("--dry-run", is_flag=True, help="Only tell the present epoch.")
def raise_epoch(reason: str, at_least: int, dry_run: bool) -> None:
    """Begin the next epoch on this cluster and timeline, as app_owner (DIRECT_URL)."""
    bound = queries.operations.raise_epoch(reason=reason, at_least=at_least, dry_run=dry_run)
    with as_owner() as database:
        raised = database.session(NOBODY).row(bound)
    click.echo(
        f"epoch {raised.epoch}: cluster {raised.system_identifier}, timeline {raised.timeline}"
    )
