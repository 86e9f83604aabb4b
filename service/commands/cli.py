"""The commands of `flask`."""

import click
from flask import Flask
from flask.cli import AppGroup

from service.commands.check import check
from service.database import NOBODY
from service.identity import tenants
from service.identity.schemas import NewUser
from service.state import state

sql_group = AppGroup("sql", help="The reviewed statements in sql/.")
tenant_group = AppGroup("tenants", help="Tenants.")


def register(app: Flask) -> None:
    app.cli.add_command(sql_group)
    app.cli.add_command(tenant_group)


@sql_group.command("check")
def check_sql() -> None:
    """PREPARE every file against the database; fail on the first line that does not fit its schema."""
    url = state().settings.database_url
    assert url is not None
    if problems := check(url):
        raise click.ClickException("\n".join(problems))


@tenant_group.command("create")
@click.argument("name")
@click.argument("admin_email")
@click.option("--platform", is_flag=True, help="Let the key create tenants too (tenants:create).")
def create_tenant(name: str, admin_email: str, platform: bool) -> None:
    """Create a tenant with its first administrator, and print its first API key."""
    scopes = [*tenants.FIRST_KEY_SCOPES, *(["tenants:create"] if platform else [])]
    admin = NewUser().load({"email": admin_email, "display_name": admin_email.partition("@")[0]})
    created = state().database.atomically(
        NOBODY, lambda tx: tenants.create(tx, state().secrets, name, admin, scopes=scopes)
    )
    click.echo(f"tenant {created['id']}\nadmin  {created['admin_id']}\nkey    {created['key']}")
