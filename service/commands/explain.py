"""`flask sql explain`: the plans of the queries on the service's own database."""

import difflib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click
import psycopg

from service.caller import enter_to_explain
from service.config import Settings
from service.queries import Query, load
from service.queries.plans import explain, lines
from service.queries.prepare import connect


@click.command("explain")
@click.argument("name", required=False)
@click.option("--analyze", is_flag=True, help="Run it with its samples, and roll that back.")
def explain_command(name: str | None, analyze: bool) -> None:
    """Show the generic plan of a query, drafts.feed for example, or of each."""
    loaded = load()
    chosen = [find(loaded, name)] if name else list(loaded.values())
    url, _ = Settings.from_environment(os.environ).for_database()
    try:
        with connect(url) as connection:
            shown = [show(connection, query, analyze) for query in chosen]
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from None
    if not all(shown):
        sys.exit(1)


def find(loaded: Mapping[str, Query[Any]], name: str) -> Query[Any]:
    if name in loaded:
        return loaded[name]
    close = [known for known in loaded if name in known] or difflib.get_close_matches(name, loaded)
    hint = f" Did you mean {', '.join(close)}?" if close else ""
    raise click.ClickException(f"There is no query {name}.{hint}")


def show(connection: psycopg.Connection[Any], query: Query[Any], analyze: bool) -> bool:
    """Prints the plan, or why there is none; whether there is one."""
    click.secho(query.name, bold=True)
    try:
        plan = explain(connection, query, enter_to_explain(), analyze=analyze)
    except psycopg.Error as error:
        if connection.broken:
            raise
        click.echo(error, err=True)
        return False
    click.echo("\n".join(lines(plan)))
    return True
