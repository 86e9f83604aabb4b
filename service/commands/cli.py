"""The commands of `flask`."""

import click
from flask import Flask
from flask.cli import with_appcontext

from service.commands.drift import db_group
from service.commands.epochs import epoch_group
from service.commands.erase import erase_group
from service.commands.failures import told
from service.commands.identity import key_group, tenant_group, user_group
from service.commands.library import library_group
from service.commands.partitions import partition_group
from service.commands.retention import retention_command
from service.commands.secrets import secrets_group
from service.commands.sql import sql_group
from service.commands.webhooks import webhook_group
from service.commands.worker import task_group, worker_command
from service.state import state


def register(app: Flask) -> None:
    app.cli.add_command(sql_group)
    app.cli.add_command(tenant_group)
    app.cli.add_command(user_group)
    app.cli.add_command(key_group)
    app.cli.add_command(retention_command)
    app.cli.add_command(erase_group)
    app.cli.add_command(epoch_group)
    app.cli.add_command(db_group)
    app.cli.add_command(secrets_group)
    app.cli.add_command(partition_group)
    app.cli.add_command(webhook_group)
    app.cli.add_command(library_group)
    app.cli.add_command(worker_command)
    app.cli.add_command(task_group)
    app.cli.add_command(seed)


@click.command("seed")
@with_appcontext
@told
def seed() -> None:
    """Load the demo data, and print its API key when it is new; what is there stays as it is."""
    # Only here, so that no demo data are part of the service.
    from service.commands import demo

    key = demo.seed(state().database, state().secrets)
    click.echo(f"tenant {demo.TENANT_ID}" + (f"\nkey    {key}" if key else ""))
