"""`flask partitions`: the months that tables are divided into, made ahead, and dropped with what is in them."""

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from service.caller import NOBODY
from service.commands.owner import as_owner
from service.operations.tasks import AHEAD
from service.queries import queries

MONTH = click.DateTime(["%Y-%m"])

partition_group = AppGroup("partitions", help="Partitions of a month each, such as of analytics.")


@partition_group.command("make")
@click.option("--from", "first", type=MONTH, help="The first month; this one if not given.")
@click.option("--to", "last", type=MONTH, help="The last month; half a year ahead if not given.")
def make(first: datetime | None, last: datetime | None) -> None:
    """Make the partitions that are missing, as app_owner (DIRECT_URL)."""
    today = datetime.now(UTC).date()
    bound = queries.operations.make_partitions(
        first=first.date() if first else today, last=last.date() if last else today + AHEAD
    )
    with as_owner() as database:
        made = database.session(NOBODY).rows(bound)
    click.echo("\n".join(row.name for row in made) or "none is missing")


@partition_group.command("drop")
@click.argument("before", type=MONTH)
@click.option("--dry-run", is_flag=True, help="Drop nothing; print what would go.")
def drop(before: datetime, dry_run: bool) -> None:
    """Drop the partitions before a month (2026-01) with all their rows, as app_owner (DIRECT_URL)."""
    if before.date() > datetime.now(UTC).date():
        raise click.BadParameter("must not be in the future")
    bound = queries.operations.drop_partitions(before=before.date(), dry_run=dry_run)
    with as_owner() as database:
        dropped = database.session(NOBODY).rows(bound)
    click.echo("\n".join(row.name for row in dropped) or "there is none")
