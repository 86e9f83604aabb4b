"""Tries a query with arguments from a form.

It runs as app_ro, for the caller's tenant, in a read-only transaction that is rolled back.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import RawCursor

from service.caller import Caller, enter
from service.queries import Query
from service.queries.describe import message, misfit
from service.queries.query import Parameter

TIMEOUT = "3s"  # for each statement
CONNECT_TIMEOUT = 3  # seconds
MAX_ROWS = 100
MAX_LENGTH = 500  # characters of a value that are shown


@dataclass(slots=True)
class Field:
    """A parameter in the form."""

    parameter: Parameter
    text: str
    is_null: bool
    error: str | None = None

    @property
    def argument(self) -> str | None:
        return None if self.is_null else self.text


@dataclass(frozen=True, slots=True)
class Cell:
    text: str | None  # None is NULL
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Result:
    columns: list[str]
    rows: list[list[Cell]]
    more: bool  # than MAX_ROWS
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no result."""

    message: str
    is_away: bool = False


def samples(query: Query[Any]) -> list[Field]:
    """The form as it is first shown. The tenant is the caller's, and no field."""
    return [
        Field(parameter, parameter.sample_value or "", parameter.sample_value is None)
        for name, parameter in query.parameters.items()
        if name != "tenant_id"
    ]


def filled_in(query: Query[Any], form: Mapping[str, str]) -> tuple[list[Field], str | None]:
    """The form as it was sent, and what is wrong with it as a whole."""
    fields = samples(query)
    for field in fields:
        name = field.parameter.name
        field.is_null = field.parameter.nullable and f"null:{name}" in form
        field.text = form.get(f"value:{name}", "")
        if not field.is_null and f"value:{name}" not in form:
            field.error = "is missing"
    known = {f"value:{field.parameter.name}" for field in fields}
    known |= {f"null:{field.parameter.name}" for field in fields if field.parameter.nullable}
    unknown = sorted(form.keys() - known)
    return fields, f"The query has no such parameter: {', '.join(unknown)}." if unknown else None


def run(url: str, caller: Caller, query: Query[Any], fields: list[Field]) -> Result | Refusal:
    """What the query answers; wrong fields get their error. `url` is DATABASE_URL_RO."""
    try:
        connection = psycopg.connect(
            url,
            connect_timeout=CONNECT_TIMEOUT,
            application_name="draftroom catalogue",
            cursor_factory=RawCursor,
            prepare_threshold=None,
        )
    except psycopg.OperationalError:
        return Refusal("The database of DATABASE_URL_RO is away.", is_away=True)
    with connection:
        connection.read_only = True
        try:
            with connection.transaction(force_rollback=True):
                return _run(connection, caller, query, fields)
        except psycopg.Error as error:
            if connection.broken:
                return Refusal("The database of DATABASE_URL_RO went away.", is_away=True)
            return Refusal(message(error))


def _run(
    connection: psycopg.Connection[Any], caller: Caller, query: Query[Any], fields: list[Field]
) -> Result | Refusal:
    connection.execute("SELECT set_config('statement_timeout', $1, true)", [TIMEOUT])
    for entering in enter(replace(caller, in_teams=True)):
        connection.execute(entering.query.text, entering.values(caller.tenant_id))
    for field in fields:
        field.error = field.error or misfit(connection, field.parameter, field.argument)
    if any(field.error for field in fields):
        return Refusal("A value does not fit its type.")

    # The statement is a reviewed file, its values are parameters.
    given = {"tenant_id": caller.tenant_id, **{f.parameter.name: f.argument for f in fields}}
    started = time.perf_counter()
    connection.execute(
        b"DECLARE tried NO SCROLL CURSOR FOR " + query.text.encode(),
        [given[name] for name in query.parameters],
    )
    cursor = connection.execute(f"FETCH {MAX_ROWS + 1} FROM tried")
    milliseconds = (time.perf_counter() - started) * 1000
    assert cursor.pgresult is not None
    rows = [
        [_cell(cursor.pgresult.get_value(row, column)) for column in range(cursor.pgresult.nfields)]
        for row in range(min(cursor.pgresult.ntuples, MAX_ROWS))
    ]
    return Result(
        columns=[column.name for column in cursor.description or ()],
        rows=rows,
        more=cursor.pgresult.ntuples > MAX_ROWS,
        milliseconds=milliseconds,
    )


def _cell(value: bytes | None) -> Cell:
    """The server's own text of a value, as psql would show it."""
    text = None if value is None else value.decode()
    if text is not None and len(text) > MAX_LENGTH:
        return Cell(text[:MAX_LENGTH], is_cut=True)
    return Cell(text, is_cut=False)
