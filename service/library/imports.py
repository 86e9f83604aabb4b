"""Imports: resources line by line, as many as there are, in bounded memory.

Each batch of lines is one transaction, which also says in `library.imports` how far the import has come. So one that
broke off goes on from there, and no line is written twice, whoever sends it again.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

import psycopg
from flask import Response, request, stream_with_context
from marshmallow import ValidationError

from service import errors
from service.auth import caller
from service.bulk import Result, Row, counts
from service.caller import Caller
from service.database import Database, Transaction
from service.library import blueprint
from service.library import import_schemas as schemas
from service.library.bulk import BATCH, create, enter
from service.library.bulk_schemas import NewBulkResource
from service.queries import queries
from service.rest import NDJSON, json_line, lines_of, named, one, operation
from service.state import state

BATCH_BYTES = 1024 * 1024  # a batch of long lines has fewer
BATCH_SECONDS = 1.0  # and one of lines that come slowly
TELL_SECONDS = 5.0  # from one line of the answer to the next: who still sends may not read
FAILURES = 50  # that are told
DETAIL = 300  # characters of each

_SCHEMA = NewBulkResource()


class Body(Protocol):
    """A file, or a body as it comes."""

    def readline(self, size: int, /) -> bytes: ...


@blueprint.post("/v1/resources/import")
@operation(
    "library:write",
    query=schemas.ImportQuery,
    returns=schemas.ImportProgress,
    media_type=NDJSON,
    lines=NewBulkResource,
    problems=("NOT_FOUND",),
)
def import_resources(query: dict[str, Any]) -> Response:
    """Create resources from NDJSON: one in each line, as in POST /v1/resources/bulk, and as many as there are.

    The body has no limit, but each line has: MAX_BODY_BYTES, and BODY_TIMEOUT to come. The answer tells from time to
    time how far the import is, behind a proxy only after all lines are read; its last line is the outcome. A line that
    is refused does not stop it. One that broke off goes on with `import_id`: send all lines again, or those from
    `from_line` on. `GET /v1/imports/{import_id}` tells how far it came.
    """
    database, who = state().database, caller()
    body = lines_of(request)

    def work() -> Iterator[bytes]:
        with state().places.take("import", who) as place:
            importer = Importer.begin(database, who, query["import_id"], query["from_line"])
            try:
                for progress in importer.run(body, state().settings.max_body_bytes):
                    yield json.dumps(progress, default=str, separators=(",", ":")).encode() + b"\n"
                    if not place.goes_on():
                        importer.stop("the service stops")
            except GeneratorExit:
                importer.interrupt()
                raise

    told = stream_with_context(work())
    # The first line before the answer begins: until then a failure has a status of its own.
    first = next(told)
    if state().settings.trusted_proxies:
        # nginx sends nothing more of a body once the answer to it begins.
        return Response([first, *told], content_type=NDJSON)
    return Response(chain([first], told), content_type=NDJSON)


@blueprint.post("/v1/imports")
@operation("library:write", returns=schemas.Import, status=201)
def create_import() -> Response:
    """Begin an import of resources, to know its id before the first line is sent.

    POST /v1/resources/import goes on with it. Without one it begins one itself, and tells its id with the answer.
    """
    return one(queries.library.create_import(user_id=caller().user_id), status=201)


@blueprint.get("/v1/imports/<uuid:import_id>")
@operation("library:read", returns=schemas.Import)
def get_import(import_id: UUID) -> Response:
    """Get an import: how far it has come."""
    return one(queries.library.get_import(id=import_id))


@dataclass
class Importer:
    """An import under way."""

    database: Database
    caller: Caller
    id: UUID
    progress: Any  # the row
    line: int  # the number of the last line that was read
    problem: errors.Problem | None = None
    ended: bool = field(default=False)

    @classmethod
    def begin(
        cls, database: Database, caller: Caller, import_id: UUID | None, from_line: int
    ) -> "Importer":
        """A new import, or one that broke off. Raises NOT_FOUND, CONFLICT for one that is completed, or VALIDATION."""

        def work(tx: Transaction) -> Any:
            enter(tx)
            if import_id is None:
                return tx.row(queries.library.create_import(user_id=caller.user_id))
            known = tx.row(queries.library.get_import(id=import_id))
            if known.status == "completed":
                raise errors.conflict("the import is completed")
            if from_line > known.lines + 1:
                message = f"must be {known.lines + 1} at most: no line may be left out"
                raise errors.invalid({"from_line": [message]})
            return _advanced(tx, known, "running", [], 0)

        row = database.atomically(caller, work)
        return cls(database, caller, row.id, row, from_line - 1)

    def run(self, body: Body, longest: int) -> Iterator[dict[str, Any]]:
        """Imports all lines; yields how far it is now and then, and in the end the outcome."""
        yield self._told()
        told = time.monotonic()
        while not self.ended:
            rows = self._next_rows(body, longest)
            try:
                self._write(rows)
            except errors.Problem as problem:
                self._fail(problem)
            except psycopg.Error as error:
                self._fail(errors.from_database(error, {}))
                self.interrupt()
            if not self.ended and time.monotonic() - told > TELL_SECONDS:
                yield self._told()
                told = time.monotonic()
        yield self._told()

    def stop(self, why: str) -> None:
        self._fail(errors.unavailable(why))
        self.interrupt()

    def interrupt(self) -> None:
        """Says that the import broke off, if the database can be told."""
        if self.progress.status == "running":
            with suppress(errors.Problem, psycopg.Error):
                self._commit([], 0, "interrupted")

    def _fail(self, problem: errors.Problem) -> None:
        self.problem, self.ended = problem, True

    def _next_rows(self, body: Body, longest: int) -> list[Row | ValidationError | None]:
        """The next batch of lines that are not dealt with; None for a blank one. The last one if it has ended."""
        rows: list[Row | ValidationError | None] = []
        size, began = 0, time.monotonic()
        while len(rows) < BATCH and size < BATCH_BYTES and time.monotonic() - began < BATCH_SECONDS:
            try:
                line = _line(body, longest)
            except TimeoutError:
                self._fail(errors.Problem("TIMEOUT", f"line {self.line + 1} did not come in time"))
                break
            except OSError:
                self._fail(errors.Problem("TIMEOUT", f"line {self.line + 1} broke off"))
                break
            if not line:
                self.ended = True
                break
            self.line += 1
            if self.line > self.progress.lines:
                rows.append(_row(line, longest))
                size += len(line)
        return rows

    def _write(self, rows: list[Row | ValidationError | None]) -> None:
        status = "running"
        if self.ended:
            status = "interrupted" if self.problem else "completed"
        if rows or self.ended:
            self._commit(rows, self.progress.lines + 1, status)

    def _commit(
        self, rows: list[Row | ValidationError | None], first_line: int, status: str
    ) -> None:
        """Writes the rows, and how far it is, in one transaction."""

        def work(tx: Transaction) -> Any:
            results = iter(create(tx, [row for row in rows if row is not None]))
            told = [next(results) if row is not None else {"outcome": "skipped"} for row in rows]
            return _advanced(tx, self.progress, status, told, first_line)

        self.progress = self.database.atomically(self.caller, work)

    def _told(self) -> dict[str, Any]:
        row = self.progress
        problem = self.problem
        return {
            "id": row.id,
            "status": row.status,
            "lines": row.lines,
            "done": row.done,
            "skipped": row.skipped,
            "failed": row.failed,
            "failures": row.failures if self.ended else [],
            "problem": problem and {"code": problem.code, "detail": problem.detail},
        }


def _advanced(
    tx: Transaction, known: Any, status: str, results: list[Result], first_line: int
) -> Any:
    """The import after the results of the next lines; CONFLICT if others dealt with them."""
    failures = [
        {"line": first_line + place, **_why(result["problem"])}
        for place, result in enumerate(results)
        if result["outcome"] == "failed"
    ]
    room = max(0, FAILURES - len(known.failures))
    row = tx.maybe_row(
        queries.library.advance_import(
            id=known.id,
            lines=known.lines,
            status=status,
            failures=failures[:room],
            **counts(results),
        )
    )
    if row is None:
        raise errors.conflict("the import goes on elsewhere")
    return row


def _why(problem: dict[str, Any]) -> dict[str, str]:
    errors_by_field = problem["errors"]
    detail = json.dumps(errors_by_field) if errors_by_field else problem["detail"]
    return {"code": problem["code"], "detail": detail[:DETAIL]}


def _line(body: Body, longest: int) -> bytes:
    """The next line, with its end; of one that is too long the beginning, one byte more than it may have."""
    line = body.readline(longest + 1)
    if len(line) > longest and not line.endswith(b"\n"):
        while (rest := body.readline(longest)) and not rest.endswith(b"\n"):
            pass
    return line


def _row(line: bytes, longest: int) -> Row | ValidationError | None:
    """The row that a line has; None if it is blank."""
    if not line.strip():
        return None
    if len(line) > longest:
        return ValidationError({"line": [f"has more than {longest} bytes"]})
    try:
        loaded: Row = _SCHEMA.load(json_line(line))
    except errors.Problem as problem:
        return ValidationError({**(problem.errors or {"line": [problem.detail]})})
    except ValidationError as error:
        return ValidationError(named(error))
    return loaded
