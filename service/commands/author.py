"""What `make sql` starts, for whoever changed a query or the schema: brings up to date what is made from them.

Checks the queries, and writes their stubs and the snapshots of their plans, all on one scratch server. With `columns`
the lists of a row's columns follow its original first. With `from` and `to` it starts a new query instead: a copy of
another, to be edited.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

import click
import psycopg

from service import create_app
from service.caller import enter_to_explain
from service.commands import scratch
from service.commands.explain import find
from service.commands.sql import returned
from service.config import Settings
from service.queries import ROOT, Query, load, stubs
from service.queries.prepare import connect
from service.queries.query import NAME
from service.queries.review import snapshots
from service.queries.review.check import check
from service.queries.review.columns import follow
from service.queries.review.rows import originals_of


@click.command()
@click.option("--from", "original", metavar="AREA.QUERY", help="Start a new query from this one.")
@click.option("--to", "name", metavar="AREA.QUERY", help="What the new query is called.")
@click.option("--columns", "row", metavar="ROW", help="Write the lists of this row anew first.")
def main(original: str | None, name: str | None, row: str | None) -> None:
    """Check the queries, and write stubs and plans anew."""
    if (original is None) != (name is None):
        raise click.UsageError("from and to go together")
    if original and name:
        path = start(find(load(), original), name)
        click.echo(f"{path.relative_to(ROOT.parent)}: edit it, use it, then make sql")
        return
    if row:
        for path in follow_original(row):
            click.echo(path.relative_to(ROOT.parent))
    with scratch.server(snapshots.VERSION) as server:
        scratch.create_migrated(server, "author")
        renew(server.url("postgres", "author"), server.url("app_rw", "author"))


def start(original: Query[Any], name: str, root: Path = ROOT) -> Path:
    """A new file, a copy of the original's under its own name. Raises ClickException."""
    header = f"-- name: {name} :{original.cardinality}"
    if not NAME.fullmatch(header):
        raise click.ClickException(f"{name} is not a name, area.query")
    path = root / f"{name.replace('.', '/')}.sql"
    if path.exists():
        raise click.ClickException(f"There is a query {name}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    _, rest = original.source.replace(", the original\n", "\n", 1).split("\n", 1)
    path.write_text(f"{header}\n{rest}", "utf-8")
    return path


def follow_original(row: str, root: Path = ROOT) -> list[Path]:
    """Writes the lists of a row's columns as its original has them; which files changed. Raises ClickException."""
    queries = load(root)
    originals = {area: o for (area, name), o in originals_of(queries).items() if name == row}
    if not originals:
        raise click.ClickException(f"No query says `-- row: {row}, the original`.")
    changed = []
    for query in queries.values():
        if query.row and query.row.name == row and query.area in originals:
            source = follow(query, originals[query.area])
            if source != query.source:
                path = root.parent / query.path
                path.write_text(source, "utf-8")
                changed.append(path)
    return changed


def renew(superuser_url: str, url: str) -> None:
    """Prints what is wrong with the queries, and which files changed; exits with 1 if something is wrong."""
    queries, first = load(), enter_to_explain()
    app = create_app(Settings(database_url=url, secret_key=secrets.token_hex()))
    app.extensions["draftroom"].database.close()  # only its operations are asked
    with connect(url) as connection:
        findings = check(connection, first, returned(app))
        for finding in findings:
            click.echo(finding, err=True)
        try:
            changed = stubs.write(stubs.make(connection, queries.values(), first))
        except psycopg.Error:
            if findings:
                sys.exit(1)  # they tell why
            raise
    snapshots.fill(superuser_url)
    changed += snapshots.write(snapshots.make(url, queries.values(), first))
    for path in changed:
        click.echo(path.relative_to(ROOT.parent))
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)


if __name__ == "__main__":
    main()
