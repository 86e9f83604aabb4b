"""`flask sql`: the reviewed statements in sql/."""

import os
import sys

import click
import psycopg
from flask import Flask, current_app
from flask.cli import with_appcontext
from marshmallow import Schema

from service.caller import enter_to_explain
from service.commands.explain import explain_command
from service.config import Settings
from service.queries import QueryError, load, stubs
from service.queries.prepare import connect


@click.group("sql")
def sql_group() -> None:
    """The reviewed statements in sql/."""


@sql_group.command("check")
@click.option("--against", metavar="REV", help="Only PREPARE the files of another git revision.")
@with_appcontext
def check_sql(against: str | None) -> None:
    """Check every file as a compiler would: against the schema, the rules and the code."""
    try:
        # Development's: pglast is not installed where the service runs.
        from service.queries.review.check import check, check_against
    except ImportError as error:
        raise click.ClickException(f"{error}: pip install -r requirements-dev.txt") from None
    try:
        with connect(database_url()) as connection:
            findings = (
                check_against(connection, against)
                if against
                else check(connection, enter_to_explain(), returned(current_app))
            )
    except (psycopg.Error, QueryError) as error:
        raise click.ClickException(str(error)) from None
    for finding in findings:
        click.echo(finding, err=True)
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)
    click.echo(
        f"The queries of {against} fit the schema"
        if against
        else f"{len(load())} queries are right"
    )


@sql_group.command("types")
@click.option("--check", is_flag=True, help="Write nothing; fail if a stub is stale.")
def write_types(check: bool) -> None:
    """Write the stubs of all queries to service/stubs."""
    try:
        with connect(database_url()) as connection:
            files = stubs.make(connection, load().values(), enter_to_explain())
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from None
    if not check:
        stubs.write(files)
    elif stale := stubs.stale(files):
        raise click.ClickException(f"make sql: stale are {', '.join(stale)}")


sql_group.add_command(explain_command)


def returned(app: Flask) -> dict[str, Schema]:
    """The schemas that the operations of the application return, by their names."""
    operations = (getattr(view, "operation", None) for view in app.view_functions.values())
    schemas = (operation.returns for operation in operations if operation is not None)
    return {type(schema).__name__: schema for schema in schemas if schema is not None}


def database_url() -> str:
    url, _ = Settings.from_environment(os.environ).for_database()
    return url
