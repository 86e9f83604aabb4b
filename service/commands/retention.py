"""`flask retention`: lets go of each tenant what is older than the settings and its own rules say."""

import click
from flask.cli import with_appcontext

from service.caller import NOBODY, Caller
from service.commands.owner import as_owner
from service.operations import retention
from service.queries import queries
from service.state import state


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Delete nothing; print how many rows would go.")
@with_appcontext
def retention_command(dry_run: bool) -> None:
    """Archive and delete what is older than RETENTION_..._DAYS or a tenant's rules say, as app_owner (DIRECT_URL)."""
    settings = state().settings
    gone: dict[str, int | None] = {rule.what: None for rule in retention.rules(settings)}
    with as_owner() as database:
        for tenant in database.session(NOBODY).rows(queries.identity.list_tenant_ids()):
            caller = Caller(tenant_id=str(tenant.id), actor="retention")
            for what, rows in retention.apply(settings, database, caller, dry_run=dry_run):
                if rows is not None:
                    gone[what] = (gone[what] or 0) + rows
    for what, rows in gone.items():
        click.echo(f"{what:<30} {'kept' if rows is None else rows:>12}")
