"""The commands of `flask`."""

import click
import psycopg
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from marshmallow import ValidationError

from service.auth import FOR_THE_PLATFORM
from service.caller import NOBODY
from service.commands.epochs import epoch_group
from service.commands.library import library_group
from service.commands.partitions import partition_group
from service.commands.retention import retention_command
from service.commands.secrets import secrets_group
from service.commands.sql import sql_group
from service.identity import tenants
from service.identity.schemas import NewTenant
from service.state import state

tenant_group = AppGroup("tenants", help="Tenants.")


def register(app: Flask) -> None:
    app.cli.add_command(sql_group)
    app.cli.add_command(tenant_group)
    app.cli.add_command(retention_command)
    app.cli.add_command(epoch_group)
    app.cli.add_command(secrets_group)
    app.cli.add_command(partition_group)
    app.cli.add_command(library_group)
    app.cli.add_command(seed)


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Load the demo data, and print its API key when it is new; what is there stays as it is."""
    # Only here, so that no demo data are part of the service.
    from service.commands import demo

    try:
        key = demo.seed(state().database, state().secrets)
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"tenant {demo.TENANT_ID}" + (f"\nkey    {key}" if key else ""))


@tenant_group.command("create")
@click.argument("name")
@click.argument("admin_email")
@click.option(
    "--platform",
    is_flag=True,
    help="Give the key the platform's scopes, too: create and bill tenants.",
)
def create_tenant(name: str, admin_email: str, platform: bool) -> None:
    """Create a tenant with its first administrator, and print its first API key."""
    given = {
        "name": name,
        "admin": {"email": admin_email, "display_name": admin_email.partition("@")[0]},
    }
    scopes = [*tenants.FIRST_KEY_SCOPES, *(sorted(FOR_THE_PLATFORM) if platform else [])]
    try:
        tenant = NewTenant(exclude=["external_id"]).load(given)
        created = state().database.atomically(
            NOBODY, lambda tx: tenants.create(tx, state().secrets, **tenant, scopes=scopes)
        )
    except (ValidationError, psycopg.Error) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"tenant {created['id']}\nadmin  {created['admin_id']}\nkey    {created['key']}")
