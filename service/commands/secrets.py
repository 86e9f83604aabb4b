"""`flask secrets rotate`: encrypts under SECRET_KEY what is still encrypted under SECRET_KEY_PREVIOUS.

The service runs meanwhile: a row is replaced only as it was read. What is done begins with the id of the present key
and is not read again, so a run that was ended goes on with the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import click
from flask.cli import AppGroup

from service.caller import NOBODY, Caller
from service.commands.owner import as_owner
from service.database import Database, Transaction
from service.queries import Bound, queries
from service.secrets import Cell, Secrets
from service.state import state

BATCH = 100  # rows that one transaction replaces
PASSES = 10

secrets_group = AppGroup("secrets", help="What is encrypted under SECRET_KEY.")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with encrypted columns."""

    name: str
    first: dict[str, str]  # what comes before all its keys
    columns: dict[str, str]  # and what each one's cell is named by, after the table
    stale: Callable[..., Bound[Any, Any]]
    replace: Callable[..., Bound[Any, Any]]

    def cell(self, tenant_id: str, column: str, row: dict[str, Any]) -> Cell:
        key = "\n".join(str(row[name]) for name in self.first)
        return Cell(tenant_id, f"{self.name}.{self.columns[column]}", key)


FIRST_ID = {"id": "00000000-0000-0000-0000-000000000000"}
TABLES = (
    Table(
        "inbox.channels",
        FIRST_ID,
        {"signing_secret": "signing_secret"},
        queries.inbox.list_stale_secrets,
        queries.inbox.replace_secrets,
    ),
    Table(
        "pipelines.webhooks",
        FIRST_ID,
        {"secret": "secret", "previous_secret": "secret"},
        queries.pipelines.list_stale_secrets,
        queries.pipelines.replace_secrets,
    ),
    Table(
        "studio.social_accounts",
        FIRST_ID,
        {"access_token": "access_token", "refresh_token": "refresh_token"},
        queries.studio.list_stale_tokens,
        queries.studio.replace_stale_tokens,
    ),
    Table(
        "webhooks.endpoints",
        FIRST_ID,
        {"secret": "secret", "previous_secret": "secret"},
        queries.webhooks.list_stale_secrets,
        queries.webhooks.replace_secrets,
    ),
    Table(
        "operations.idempotency_keys",
        {"caller": "", "key": ""},
        {"body": "body"},
        queries.operations.list_stale_answers,
        queries.operations.replace_answers,
    ),
)


@dataclass(slots=True)
class Rotation:
    """One tenant's rows of one table."""

    database: Database
    secrets: Secrets
    caller: Caller
    table: Table
    counts: Counter[str] = field(default_factory=Counter)

    def run(self) -> Iterator[None]:
        """Yields after each batch."""
        after: dict[str, Any] = self.table.first
        while rows := self._batch(after):
            after = {name: str(rows[-1][name]) for name in after}
            replaced = [given for given in map(self._replacement, rows) if given]
            if replaced:
                self._replace(replaced)
            yield

    def _batch(self, after: dict[str, Any]) -> list[dict[str, Any]]:
        bound = self.table.stale(key_id=self.secrets.key_id, after=after, limit=BATCH)
        return [row._asdict() for row in self.database.session(self.caller).rows(bound)]

    def _replacement(self, row: dict[str, Any]) -> dict[str, Any] | None:
        old = {name: row[name] for name in self.table.columns if row[name] is not None}
        new = {}
        for name, stored in old.items():
            cell = self.table.cell(self.caller.tenant_id, name, row)
            secret = self.secrets.decrypt(stored, cell)
            new[name] = stored if secret is None else self.secrets.encrypt(secret, cell)
        if new == old:
            self.counts["unreadable"] += 1
            return None
        key = {name: str(row[name]) for name in self.table.first}
        return {**key, "old": _as_json(old), "new": _as_json(new)}

    def _replace(self, rows: list[dict[str, Any]]) -> None:
        action = queries.operations.name_action(action="ROTATE")
        replace = self.table.replace(secrets=rows)

        def work(transaction: Transaction) -> int:
            transaction.execute(action)
            return transaction.execute(replace)

        done = self.database.atomically(self.caller, work)
        self.counts["done"] += done
        self.counts["overtaken"] += len(rows) - done


def _as_json(stored: dict[str, bytes]) -> dict[str, str]:
    """As PostgreSQL writes a bytea."""
    return {name: f"\\x{value.hex()}" for name, value in stored.items()}


@secrets_group.command("rotate")
def rotate() -> None:
    """Encrypt under SECRET_KEY what is under SECRET_KEY_PREVIOUS, as app_owner (DIRECT_URL).

    Run it when all instances of the service have the new keys. It may be ended and run again at any time.
    """
    unreadable = 0
    with as_owner() as database:
        tenants = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        callers = [Caller(tenant_id=str(row.id), actor="secrets rotate") for row in tenants]
        for table in TABLES:
            for _ in range(PASSES):
                counts = _pass(database, callers, table)
                if not counts["overtaken"]:
                    break
            else:
                raise click.ClickException(
                    f"{table.name} is written under another key: has every instance the new SECRET_KEY?"
                )
            unreadable += counts["unreadable"]
    if unreadable:
        raise click.ClickException(
            f"{unreadable} rows are under a key that is neither SECRET_KEY nor SECRET_KEY_PREVIOUS"
        )


def _pass(database: Database, callers: list[Caller], table: Table) -> Counter[str]:
    """All tenants' rows of a table, once; tells how far it is after each batch."""
    counts: Counter[str] = Counter()
    for number, caller in enumerate(callers, 1):
        rotation = Rotation(database, state().secrets, caller, table)
        for _ in rotation.run():
            told = {**counts + rotation.counts}
            click.echo(_line(table, number, len(callers), told))
        counts += rotation.counts
    click.echo(_line(table, len(callers), len(callers), counts))
    return counts


def _line(table: Table, number: int, of: int, counts: dict[str, int]) -> str:
    told = ", ".join(
        f"{counts.get(name, 0)} {name}" for name in ("done", "overtaken", "unreadable")
    )
    return f"{table.name:<30} tenant {number} of {of}: {told}"
