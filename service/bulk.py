"""Bulk writes: many rows in one request, each with a result of its own.

    class NewTweets(Schema):
        tweets = Rows(fields.Nested(NewTweet), at_least=1, at_most=1000, required=True)

    @operation("tweets:write", body=NewTweets, returns=BulkResults)
    def receive_tweets(body: dict[str, Any]) -> Response:
        return written(body["tweets"], lambda rows: queries.tweets.receive_tweets(tweets=rows))

One statement writes the rows that are valid, or one for each batch. It returns one row for each, in their order, with
`id` and `outcome`.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from flask import Response
from marshmallow import ValidationError, fields

from service import errors
from service.database import Transaction
from service.queries import Bound
from service.rest import MEDIA_TYPE, atomically, named
from service.schemas import Answer, BoundedList, Choice, count, one_of
from service.state import state

Row = dict[str, Any]
Result = dict[str, Any]
Write = Callable[[list[Row]], Bound[Any, Any]]

MAX_ROWS = 1000

# Of one row, whatever the others are like.
OF_THE_ROW = ("VALIDATION", "INVALID_REFERENCE", "CONFLICT", "FORBIDDEN")


class Rows(BoundedList):
    """The rows of a bulk write. One that is not valid is a ValidationError in its place, not that of the request."""

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        self._bounds(value)
        return [self._judged(row) for row in value]

    def _judged(self, row: Any) -> Any:
        try:
            return self.inner.deserialize(row)
        except ValidationError as error:
            messages = error.normalized_messages()  # type: ignore[no-untyped-call]
            return ValidationError(messages)  # by field, also of null


class BulkProblem(Answer):
    code = one_of(Choice("BulkProblemCode", *OF_THE_ROW))
    detail = fields.String()
    errors = fields.Dict(metadata={"description": "Messages by field"})


class BulkResult(Answer):
    index = count(metadata={"description": "The row's place in the request, from 0"})
    outcome = one_of(
        Choice("BulkOutcome", "done", "skipped", "failed"),
        metadata={"description": "skipped: it was there already, and nothing about it is new"},
    )
    id = fields.UUID(allow_none=True)
    problem = fields.Nested(BulkProblem, allow_none=True)


class BulkResults(Answer):
    """What became of each row, in their order, and how many of each there are."""

    done = count()
    skipped = count()
    failed = count()
    items = fields.List(fields.Nested(BulkResult))


def written(rows: Sequence[Row | ValidationError], write: Write) -> Response:
    """Writes the rows that can be written, in one transaction; tells what became of each."""
    return told(atomically(lambda tx: results_of(tx, rows, write)))


def told(results: list[Result]) -> Response:
    """BulkResults."""
    told = {**counts(results), "items": results}
    return Response(json.dumps(told, default=str, separators=(",", ":")), content_type=MEDIA_TYPE)


def counts(results: list[Result]) -> dict[str, int]:
    """How many rows have each outcome."""
    outcomes = [result["outcome"] for result in results]
    return {outcome: outcomes.count(outcome) for outcome in ("done", "skipped", "failed")}


def results_of(
    tx: Transaction,
    rows: Sequence[Row | ValidationError],
    write: Write,
    *,
    batch: int = MAX_ROWS,
    key: Callable[[Row], Any] | None = None,
) -> list[Result]:
    """Writes the rows that can be written, in batches, and in the order of the key; what became of each."""
    results: list[Result] = [{} for _ in rows]
    valid: list[tuple[int, Row]] = []
    for index, row in enumerate(rows):
        if isinstance(row, ValidationError):
            results[index] = failed(index, errors.invalid(named(row), "the row is not valid"))
        else:
            valid.append((index, row))
    if key is not None:
        valid.sort(key=lambda indexed: key(indexed[1]))
    for start in range(0, len(valid), batch):
        for index, stored in attempt(tx, valid[start : start + batch], write):
            results[index] = (
                failed(index, stored)
                if isinstance(stored, errors.Problem)
                else result(index, stored.outcome, stored.id)
            )
    return results


def attempt(
    tx: Transaction, rows: list[tuple[int, Row]], write: Write
) -> list[tuple[int, Any | errors.Problem]]:
    """The rows in one statement. If the database refuses it, each half on its own, down to the rows at fault."""
    if not rows:
        return []
    try:
        with tx.savepoint():
            stored = tx.rows(write([row for _, row in rows]))
    except psycopg.Error as error:
        problem = errors.from_database(error, state().database.explanations(tx))
        if problem.code not in OF_THE_ROW:
            raise
        if len(rows) == 1:
            return [(rows[0][0], problem)]
        half = len(rows) // 2
        return attempt(tx, rows[:half], write) + attempt(tx, rows[half:], write)
    return [(index, row) for (index, _), row in zip(rows, stored, strict=True)]


def failed(index: int, problem: errors.Problem) -> Result:
    told = {"code": problem.code, "detail": problem.detail, "errors": problem.errors or {}}
    return result(index, "failed", problem={**told, **problem.members})


def result(index: int, outcome: str, row_id: Any = None, problem: Result | None = None) -> Result:
    return {"index": index, "outcome": outcome, "id": row_id, "problem": problem}
