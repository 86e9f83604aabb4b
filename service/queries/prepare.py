"""Whether the queries fit a database: each is PREPAREd as it is run. No query is executed."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg

from service.queries.describe import message, misfit
from service.queries.findings import Finding
from service.queries.query import Query


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that takes `$n`, and prepares nothing by itself."""
    return psycopg.connect(
        url,
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
        prepare_threshold=None,
        connect_timeout=3,
    )


def misfits(connection: psycopg.Connection[Any], found: Iterable[Query[Any]]) -> Iterator[Finding]:
    """The statements that do not fit the schema, as rows or as JSON."""
    for query in found:
        texts = [query.text]
        if query.cardinality not in ("rowcount", "exec"):
            texts.append(query.json_text)
        for text in texts:
            prepared = connection.pgconn.prepare(b"", text.encode())
            if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
                error = psycopg.errors.error_from_result(prepared)
                yield Finding(query.path, _line(query, text, error), "error", message(error))
                break


def wrong_samples(connection: psycopg.Connection[Any], query: Query[Any]) -> Iterator[Finding]:
    """The samples that do not fit their types."""
    for parameter in query.parameters.values():
        problem = misfit(connection, parameter, parameter.sample_value)
        if parameter.sample_value is None and not parameter.nullable:
            problem = "NULL, but the type is not declared as NULL"
        if problem:
            told = f"sample of {parameter.name}: {problem}"
            yield Finding(query.path, parameter.line, "error", told)


def _line(query: Query[Any], text: str, error: psycopg.Error) -> int:
    """The line of the file to which the server points."""
    position = int(error.diag.statement_position or 1)
    # What wraps the statement for JSON stands behind its last line.
    last = len(query.source.splitlines())
    return min(query.first_line + text.count("\n", 0, position), last)
