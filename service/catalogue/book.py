"""What there is to show: areas, tables and queries, described once per process and anew when the schema changed."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import psycopg
from flask import Flask, current_app
from flask.blueprints import BlueprintSetupState

from service import openapi
from service.caller import NOBODY, enter_to_explain
from service.catalogue import access, blueprint
from service.database import Session
from service.queries import Query, load, queries, usage
from service.queries.describe import Description, describe
from service.queries.plans import Node, indexes, tables_read, tables_written
from service.rest import operation
from service.state import state

if TYPE_CHECKING:
    from service.stubs.catalogue import (
        ListColumnsRow,
        ListConstraintsRow,
        ListPoliciesRow,
        ListTransitionsRow,
        ListTriggersRow,
    )

MAX_AGE = 300  # seconds: a table that was analyzed may have other plans
# Classes of SQLSTATEs: a value, a name or a statement that does not fit.
ABOUT_THE_QUERY = ("22", "3F", "42")
# What all endpoints with a scope have in common, by the name that the usage has for it.
FRAME = f"{operation.__module__}.{operation.__qualname__}"
WITHOUT_SCHEMA = "No schema of its own: what this catalogue asks PostgreSQL's catalog."
PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what PostgreSQL's catalog says about it."""

    area: str
    name: str
    comment: str | None
    is_isolated: bool
    is_readable: bool
    writer_may: list[str]
    columns: list[ListColumnsRow]
    constraints: list[ListConstraintsRow]
    policies: list[ListPoliciesRow]
    triggers: list[ListTriggersRow]
    transitions: list[ListTransitionsRow]

    @property
    def full_name(self) -> str:
        return f"{self.area}.{self.name}"

    @property
    def foreign_keys(self) -> Iterator[tuple[str, str]]:
        """The last column of each, the others being those of the tenant or of a parent; and what it references."""
        for constraint in self.constraints:
            if constraint.references_table is not None and constraint.columns:
                yield constraint.columns[-1], constraint.references_table


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    scope: str | None
    docs: str | None  # where /docs shows it


@dataclass(frozen=True)
class Entry:
    """A query with what the server and the code say about it."""

    query: Query[Any]
    problem: str | None  # why the server refuses it; then it has no description
    description: Description | None
    code: list[usage.Reference]
    endpoints: list[Endpoint]
    is_in_frame: bool  # every endpoint with a scope may run it, around its own queries

    @property
    def area(self) -> str:
        return self.query.name.partition(".")[0]

    @property
    def short_name(self) -> str:
        return self.query.name.partition(".")[2]

    @property
    def plan(self) -> Node | None:
        return self.description.plan if self.description else None

    @cached_property
    def reads(self) -> list[str]:
        return sorted(tables_read(self.plan)) if self.plan else []

    @cached_property
    def writes(self) -> list[str]:
        return sorted(tables_written(self.plan)) if self.plan else []

    @cached_property
    def indexes(self) -> list[str]:
        return sorted(indexes(self.plan)) if self.plan else []


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    comment: str | None
    tables: list[Table]
    entries: list[Entry]


@dataclass(frozen=True)
class Book:
    areas: dict[str, Area]
    migrations: list[str]  # that were applied, as the book is about their schema

    @cached_property
    def tables(self) -> dict[str, Table]:
        return {table.full_name: table for area in self.areas.values() for table in area.tables}

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return {entry.query.name: entry for area in self.areas.values() for entry in area.entries}

    def readers(self, table: str) -> list[Entry]:
        return [entry for entry in self.entries.values() if table in entry.reads]

    def writers(self, table: str) -> list[Entry]:
        return [entry for entry in self.entries.values() if table in entry.writes]

    def find(self, words: str) -> tuple[list[Table], list[Entry]]:
        """The tables and queries with all of the words, each in a name, a column or what is said about it."""
        wanted = words.casefold().split()
        return (
            [table for table in self.tables.values() if _has(wanted, _words_of_table(table))],
            [entry for entry in self.entries.values() if _has(wanted, _words_of_entry(entry))],
        )


class Keeper:
    """Keeps the book of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._book: Book | None = None
        self._written = 0.0

    def book(self) -> Book:
        """The book of the present schema. Raises psycopg.Error when the database is away."""
        rows = state().database.session(NOBODY).rows(queries.operations.list_applied_migrations())
        migrations = [row.migration_id for row in rows]
        with self._lock:
            is_old = time.monotonic() - self._written > MAX_AGE
            if self._book is None or is_old or self._book.migrations != migrations:
                self._book = write(current_app, migrations)
                self._written = time.monotonic()
            return self._book


@blueprint.record_once
def _keep(setup: BlueprintSetupState) -> None:
    setup.app.extensions[blueprint.name] = Keeper()


def book() -> Book:
    keeper: Keeper = current_app.extensions[blueprint.name]
    return keeper.book()


def write(app: Flask, migrations: list[str]) -> Book:
    """Asks the database and reads the code."""
    loaded = load()
    names = list(dict.fromkeys(name.partition(".")[0] for name in loaded))
    session = state().database.session(NOBODY)
    comments = {
        row.name: row.comment for row in session.rows(queries.catalogue.list_areas(areas=names))
    }
    tables = list(_tables(session, names))
    entries = list(_entries(app, loaded.values()))
    areas = {
        name: Area(
            name=name,
            comment=comments.get(name, WITHOUT_SCHEMA),
            tables=[table for table in tables if table.area == name],
            entries=[entry for entry in entries if entry.area == name],
        )
        # In the order of the schemas, which build upon each other; then what has no schema.
        for name in [*comments, *(name for name in names if name not in comments)]
    }
    return Book(areas, migrations)


def _tables(session: Session, areas: list[str]) -> Iterator[Table]:
    facts = queries.catalogue
    columns = _by_table(session.rows(facts.list_columns(areas=areas)))
    constraints = _by_table(session.rows(facts.list_constraints(areas=areas)))
    policies = _by_table(session.rows(facts.list_policies(areas=areas)))
    triggers = _by_table(session.rows(facts.list_triggers(areas=areas)))
    transitions = defaultdict(list)
    for change in session.rows(facts.list_transitions()):
        transitions[change.entity].append(change)
    for table in session.rows(facts.list_tables(areas=areas)):
        key = table.area, table.name
        yield Table(
            area=table.area,
            name=table.name,
            comment=table.comment,
            is_isolated=table.is_isolated,
            is_readable=table.is_readable,
            writer_may=table.writer_may,
            columns=columns[key],
            constraints=constraints[key],
            policies=policies[key],
            triggers=triggers[key],
            transitions=transitions[".".join(key)],
        )


class _OfTable(Protocol):
    @property
    def area(self) -> str: ...

    @property
    def table_name(self) -> str: ...


Row = TypeVar("Row", bound=_OfTable)


def _by_table(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    by_table = defaultdict(list)
    for row in rows:
        by_table[row.area, row.table_name].append(row)
    return by_table


def _entries(app: Flask, loaded: Iterable[Query[Any]]) -> Iterator[Entry]:
    used = usage.read(PACKAGE)
    url, _ = state().settings.for_database()
    # Not one of the pool: for half a second it would be missing there. It prepares nothing of its own.
    with psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=3,
        application_name="draftroom catalogue",
        prepare_threshold=None,
    ) as connection:
        for query in loaded:
            problem, description = _described(connection, query)
            users = used.reaching(query.name)
            yield Entry(
                query=query,
                problem=problem,
                description=description,
                code=[reference for reference in used.references if reference.name == query.name],
                endpoints=list(_endpoints(app, users)),
                is_in_frame=FRAME in users,
            )


def _described(
    connection: psycopg.Connection[Any], query: Query[Any]
) -> tuple[str | None, Description | None]:
    """Why the server refuses the query, or else what it says about it."""
    try:
        # In one transaction, which a pooler does not spread over connections.
        with connection.transaction(force_rollback=True):
            return None, describe(connection, query, enter_to_explain())
    except psycopg.Error as error:
        if (error.sqlstate or "")[:2] not in ABOUT_THE_QUERY:
            raise  # the database is away, or too busy
        return error.diag.message_primary, None


def _endpoints(app: Flask, functions: set[str]) -> Iterator[Endpoint]:
    """The routes whose views are among the functions."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if f"{view.__module__}.{getattr(view, '__qualname__', '')}" not in functions:
            continue
        described = getattr(view, "operation", None)
        area, _, name = rule.endpoint.rpartition(".")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Endpoint(
                method=method,
                path=openapi.PARAMETER.sub(r"{\g<name>}", rule.rule),
                scope=described.scope if described else access.READ,
                docs=f"/docs/#/{area}/{name}" if described else None,
            )


def _has(wanted: list[str], words: Iterable[str | None]) -> bool:
    text = "\n".join(filter(None, words)).casefold()
    return all(word in text for word in wanted)


def _words_of_table(table: Table) -> Iterator[str | None]:
    yield from (table.full_name, table.comment)
    for column in table.columns:
        yield from (column.name, column.comment)


def _words_of_entry(entry: Entry) -> Iterator[str | None]:
    yield from (entry.query.name, entry.query.purpose, *entry.reads, *entry.writes)
    yield from entry.query.parameters
    for column in entry.description.columns if entry.description else ():
        yield from (column.name, column.source)
