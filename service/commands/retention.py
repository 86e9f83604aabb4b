"""`flask retention`: lets go of each tenant what is older than the settings and its own rules say."""

from uuid import UUID

import click
from flask.cli import with_appcontext

from service.caller import NOBODY, Caller
from service.commands.failures import told
from service.commands.owner import as_owner
from service.operations import retention
from service.queries import queries
from service.state import state


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Delete nothing; print how many rows would go.")
@click.option("--tenant", type=click.UUID, help="Only what is this tenant's.")
@with_appcontext
@told
def retention_command(dry_run: bool, tenant: UUID | None) -> None:
    """Archive and delete what is older than RETENTION_..._DAYS or a tenant's rules say, as app_owner (DIRECT_URL).

    Prints how many rows went, by tenant and table, and the totals.
    """
    settings = state().settings
    total: dict[str, int | None] = {rule.what: None for rule in retention.rules(settings)}
    with as_owner() as database:
        listed = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        ids = [row.id for row in listed if tenant in (None, row.id)]
        if tenant is not None and not ids:
            raise click.ClickException(f"there is no tenant {tenant}")
        for tenant_id in ids:
            gone: dict[str, int] = {}
            caller = Caller(tenant_id=str(tenant_id), actor="retention")
            for what, rows in retention.apply(settings, database, caller, dry_run=dry_run):
                if rows is not None:
                    gone[what] = gone.get(what, 0) + rows
            for what, count in gone.items():
                total[what] = (total[what] or 0) + count
                if count:
                    _tell(tenant_id, what, count)
    for what, sum_of_all in total.items():
        _tell("total", what, "kept" if sum_of_all is None else sum_of_all)


def _tell(whose: UUID | str, what: str, rows: int | str) -> None:
    click.echo(f"{whose!s:<36}  {what:<30} {rows:>12}")
