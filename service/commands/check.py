"""Checks the queries as a compiler would, against a migrated database."""

from pathlib import Path

import psycopg

from service.queries import ROOT, load


def check(url: str, root: Path = ROOT) -> list[str]:
    """PREPAREs every query under `root` as it is run, for rows and for JSON, and casts every sample to its type.

    A line per problem: file, line and the server's message.
    """
    problems = []
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
        for query in load(root).values():
            texts = [query.text]
            if query.cardinality not in ("rowcount", "exec"):
                texts.append(query.json_text)
            for text in texts:
                prepared = connection.pgconn.prepare(b"", text.encode())
                if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
                    error = psycopg.errors.error_from_result(prepared)
                    line = _line(query.source, text, error)
                    problems.append(f"{query.path}:{line}: {error.diag.message_primary}")
                    break
            for parameter in query.parameters.values():
                try:
                    connection.execute(f"SELECT $1::{parameter.type}", [parameter.sample_value])
                except psycopg.Error as error:
                    message = error.diag.message_primary
                    problems.append(f"{query.path}: sample of {parameter.name}: {message}")
    return problems


def _line(source: str, text: str, error: psycopg.Error) -> int:
    """The line of the file to which the server points; the text it got starts where the header has ended."""
    lines = source.split("\n")
    header = next(n for n, line in enumerate(lines) if not line.startswith("--"))
    start = next(n for n, line in enumerate(lines[header:], start=header) if line.strip())
    position = int(error.diag.statement_position or 1)
    # What wraps the statement for JSON stands behind its last line.
    return min(start + 1 + text.count("\n", 0, position), len(source.splitlines()))
