"""Checks the queries as a compiler would: against the schema, against the rules, and against the code."""

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from marshmallow import Schema

from service.queries import ROOT, Bound, Query, QueryError, load
from service.queries.describe import Column, describe
from service.queries.findings import Finding
from service.queries.prepare import misfits, wrong_samples
from service.queries.review.catalog import wrong_functions, wrong_tables
from service.queries.review.rows import wrong_rows
from service.queries.review.rules import review
from service.queries.review.schema import read_schema, unexplained_constraints
from service.queries.usage import references

CODE = ROOT.parent / "service"


def check(
    connection: psycopg.Connection[Any],
    first: Sequence[Bound[Any, Any]],
    returned: Mapping[str, Schema],
    root: Path = ROOT,
    code: Path = CODE,
) -> list[Finding]:
    """All that is wrong with the queries under `root` and their use in `code`. Raises QueryError.

    `first` is what each query is explained after, `returned` are the schemas that operations return, by their names.
    """
    queries = load(root)
    findings = list(misfits(connection, queries.values()))
    for query in queries.values():
        findings += wrong_samples(connection, query)
    broken = {finding.path for finding in findings}
    schema = read_schema(connection)
    described = {
        name: describe(connection, query, first).columns
        for name, query in queries.items()
        if query.path not in broken
    }
    for query in queries.values():
        findings += review(query, schema)
        if query.name in described:
            findings += wrong_columns(query, described[query.name])
    findings += wrong_rows(queries, described, returned)
    findings += [*unused_or_unknown(queries, code), *unexplained_constraints(connection, schema)]
    findings += [*wrong_functions(schema.functions, schema), *wrong_tables(connection, schema)]
    return sorted(findings, key=lambda finding: (finding.path, finding.line))


def unused_or_unknown(queries: Mapping[str, Query[Any]], code: Path) -> Iterator[Finding]:
    """Files that no code uses, and names in the code without a file."""
    used = references(code)
    for query in queries.values():
        if query.name not in {reference.name for reference in used}:
            yield Finding(query.path, 1, "error", f"nothing uses {query.name}")
    for reference in used:
        if reference.name not in queries:
            message = f"there is no query {reference.name}"
            yield Finding(reference.path, reference.line, "error", message)


def wrong_columns(query: Query[Any], columns: Sequence[Column]) -> Iterator[Finding]:
    """What `-- not null:` names in vain."""
    for name in sorted(query.not_null - {column.name for column in columns}):
        yield Finding(query.path, 1, "error", f"not null: there is no column {name}")


def check_against(
    connection: psycopg.Connection[Any], revision: str, repository: Path = ROOT.parent
) -> list[Finding]:
    """What of a revision's queries does not fit today's schema: code that runs while it is migrated under it.

    Raises QueryError, also for a revision that git does not know.
    """
    archived = subprocess.run(
        ["git", "-C", repository, "archive", "--format=zip", revision, "--", "sql"],
        capture_output=True,
    )
    if archived.returncode:
        raise QueryError(archived.stderr.decode().strip())
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(archived.stdout)) as files:
            files.extractall(folder)
        return list(misfits(connection, load(Path(folder) / "sql").values()))
