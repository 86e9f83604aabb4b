"""`flask posts sweep`: what each claim of posts does for the others, also where no worker claims any more."""

import click
from flask.cli import AppGroup

from service.caller import NOBODY, Caller
from service.commands.owner import as_owner
from service.database import Transaction
from service.queries import queries

post_group = AppGroup("posts", help="Social posts of the studio.")


@post_group.command("sweep")
def sweep() -> None:
    """Give up leases that ran out, schedule failed posts again whose time has come, and notify of overdue ones.

    Of all tenants, as app_owner (DIRECT_URL). Each of it happens once, however often the command runs.
    """
    with as_owner() as database:
        tenants = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        told = sum(
            database.atomically(Caller(tenant_id=str(row.id), actor="posts sweep"), _sweep)
            for row in tenants
        )
    click.echo(f"{told} posts are overdue since the last time")


def _sweep(tx: Transaction) -> int:
    """How many notifications of overdue posts it made."""
    tx.execute(queries.studio.rescue_posts())
    tx.execute(queries.studio.retry_posts())
    return tx.execute(queries.studio.tell_overdue_posts())
