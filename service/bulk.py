"""Bulk writes: many rows in one request, each with a result of its own.

    class NewTweets(Schema):
        tweets = Rows(fields.Nested(NewTweet), at_least=1, at_most=1000, required=True)

    @operation("tweets:write", body=NewTweets, returns=BulkResults)
    def receive_tweets(body: dict[str, Any]) -> Response:
        return written(body["tweets"], lambda rows: queries.tweets.receive_tweets(tweets=rows))

One statement writes the rows that are valid. It returns one row for each, in their order, with `id` and `outcome`.
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

# Of one row, whatever the others are like.
OF_THE_ROW = ("VALIDATION", "INVALID_REFERENCE", "CONFLICT")


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
    results: list[Result] = [{} for _ in rows]
    valid: list[tuple[int, Row]] = []
    for index, row in enumerate(rows):
        if isinstance(row, ValidationError):
            results[index] = _failed(errors.invalid(named(row), "the row is not valid"))
        else:
            valid.append((index, row))

    def work(tx: Transaction) -> None:
        for index, result in _written(tx, valid, write):
            results[index] = result

    if valid:
        atomically(work)
    outcomes = [result["outcome"] for result in results]
    told = {
        **{outcome: outcomes.count(outcome) for outcome in ("done", "skipped", "failed")},
        "items": [{"index": index, **result} for index, result in enumerate(results)],
    }
    return Response(json.dumps(told, default=str, separators=(",", ":")), content_type=MEDIA_TYPE)


def _written(
    tx: Transaction, rows: list[tuple[int, Row]], write: Write
) -> list[tuple[int, Result]]:
    """The rows in one statement. If the database refuses it, each half on its own, down to the rows at fault."""
    try:
        with tx.savepoint():
            stored = tx.rows(write([row for _, row in rows]))
    except psycopg.Error as error:
        problem = errors.from_database(error, state().database.explanations(tx))
        if problem.code not in OF_THE_ROW:
            raise
        if len(rows) == 1:
            return [(rows[0][0], _failed(problem))]
        half = len(rows) // 2
        return _written(tx, rows[:half], write) + _written(tx, rows[half:], write)
    return [
        (index, _result(result.outcome, result.id))
        for (index, _), result in zip(rows, stored, strict=True)
    ]


def _failed(problem: errors.Problem) -> Result:
    told = {"code": problem.code, "detail": problem.detail, "errors": problem.errors or {}}
    return _result("failed", problem=told)


def _result(outcome: str, row_id: Any = None, problem: Result | None = None) -> Result:
    return {"outcome": outcome, "id": row_id, "problem": problem}
