"""Every failure as `application/problem+json`: what HTTP, the code and PostgreSQL can say, in one place."""

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Flask, Response
from psycopg_pool import PoolTimeout, TooManyRequests
from werkzeug.exceptions import HTTPException

from service.telemetry import request_id

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 2  # seconds
MAX_TOLD = 20  # errors of one request
MAX_NAME = 100  # characters of a field's name: it may be the client's own

# The code of a problem says its status.
STATUS = {
    "VALIDATION": 400,
    "INVALID_REFERENCE": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "TIMEOUT": 408,
    "CONFLICT": 409,
    "STALE": 412,
    "TOO_LARGE": 413,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED": 415,
    "IDEMPOTENCY_MISMATCH": 422,
    "QUOTA_EXCEEDED": 429,
    "RATE_LIMITED": 429,
    "HEADERS_TOO_LARGE": 431,
    "INTERNAL": 500,
    "SCHEMA_BEHIND": 500,
    "NOT_IMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}
CODE_OF_STATUS = {status: code for code, status in reversed(STATUS.items())}

# SQLSTATEs, or the classes that their first two characters name.
CODE_OF_SQLSTATE = {
    "23503": "INVALID_REFERENCE",  # foreign key
    "23505": "CONFLICT",  # unique
    "23": "VALIDATION",  # check, not null
    "22": "VALIDATION",  # a value that its type cannot hold
    "54": "VALIDATION",  # nested too deeply, too large for an index
    "DR001": "CONFLICT",  # a status change that status_transitions does not allow
    "DR002": "QUOTA_EXCEEDED",  # with what is left as the detail
    "DR003": "FORBIDDEN",  # what another user or team may do
    "42P01": "SCHEMA_BEHIND",  # no such table
    "42703": "SCHEMA_BEHIND",  # no such column
    "42883": "SCHEMA_BEHIND",  # no such function
    "3F000": "SCHEMA_BEHIND",  # no such schema
    "08": "UNAVAILABLE",  # connection lost
    "25006": "UNAVAILABLE",  # read-only: the primary has moved
    "25P03": "UNAVAILABLE",  # idle in transaction for too long
    "40": "UNAVAILABLE",  # serialization failure, deadlock, after all tries
    "53": "UNAVAILABLE",  # out of connections, memory, disk
    "55P03": "UNAVAILABLE",  # lock timeout
    "57": "UNAVAILABLE",  # statement timeout, shutdown
    "58": "UNAVAILABLE",  # the server's system failed
}

# What a Citus cluster says in an internal error (XX000) that passes, and why another try is worth it at once. None
# stands where a node is lost.
PASSING_ON_CLUSTER = {
    "could not commit transaction": "commit",
    "could not find valid entry for shard": "shard_move",
    "failure on connection marked as essential": None,
    "postmaster was shut down": None,
}
# What a node of it tells in the message only.
COLUMN = re.compile(r'^null value in column "(\w+)"')
CONSTRAINT = re.compile(r'(?:constraint|no partition of relation) "(\w+)"')
SHARD = re.compile(r"_\d+$")


class Problem(Exception):
    """A failure that is told to the client."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.members = members


def not_found(detail: str = "there is no such thing, or it is not yours") -> Problem:
    return Problem("NOT_FOUND", detail)


def invalid(errors: Mapping[str, Any], detail: str = "the request is not valid") -> Problem:
    """`errors` has a list of messages for each field, or the same again for the fields and items in it."""
    told, count = _first(errors, MAX_TOLD)
    more: dict[str, Any] = {"more_errors": count - MAX_TOLD} if count > MAX_TOLD else {}
    return Problem("VALIDATION", detail, errors=told, **more)


def _first(errors: Mapping[Any, Any], room: int) -> tuple[dict[Any, Any], int]:
    """The errors that there is room for, and how many there are."""
    told: dict[Any, Any] = {}
    count = 0
    for name, found in errors.items():
        left = max(0, room - count)
        part, size = (
            _first(found, left) if isinstance(found, Mapping) else (found[:left], len(found))
        )
        count += size
        if part:
            told[name[:MAX_NAME] if isinstance(name, str) else name] = part
    return told, count


def forbidden(detail: str) -> Problem:
    return Problem("FORBIDDEN", detail)


def unauthenticated(detail: str) -> Problem:
    return Problem("UNAUTHENTICATED", detail, headers={"WWW-Authenticate": "Bearer"})


def conflict(detail: str, **members: Any) -> Problem:
    return Problem("CONFLICT", detail, **members)


def unavailable(detail: str) -> Problem:
    return Problem("UNAVAILABLE", detail, headers={"Retry-After": str(RETRY_AFTER)})


def from_database(error: psycopg.Error, explanations: Mapping[str, str]) -> Problem:
    """The problem behind what PostgreSQL or the driver raised.

    `explanations` are the comments on constraints, "field: message", by "schema.constraint".
    """
    sqlstate = error.sqlstate or ""
    if isinstance(error, PoolTimeout | TooManyRequests):
        return unavailable("all database connections are busy, or the database is away")
    if not sqlstate and isinstance(error, psycopg.DataError):
        return Problem("VALIDATION", "a text has a NUL character, which cannot be stored")
    if not sqlstate and isinstance(error, psycopg.OperationalError):
        return unavailable("the database is away")
    code = CODE_OF_SQLSTATE.get(sqlstate) or CODE_OF_SQLSTATE.get(sqlstate[:2], "INTERNAL")
    if code == "UNAVAILABLE" or passing_on_cluster(error):
        return unavailable("the database could not answer in time, or is away")
    if code in ("INTERNAL", "SCHEMA_BEHIND"):
        log.error("database error %s", sqlstate, exc_info=error)
        return Problem(
            code,
            "an error that is not yours"
            if code == "INTERNAL"
            else "the database schema is behind the service: migrations are missing",
        )
    diagnostic = error.diag
    if sqlstate == "DR001":
        return Problem(code, diagnostic.message_primary or "the status does not allow this")
    if sqlstate == "DR003":
        return Problem(code, diagnostic.message_primary or "this is for others to do")
    if sqlstate == "DR002":
        return _exceeded(
            diagnostic.message_primary or "", json.loads(diagnostic.message_detail or "{}")
        )
    column = diagnostic.column_name or _said(COLUMN, diagnostic)
    # Without a constraint or a column it is the table that has no partition for the row.
    violated = diagnostic.constraint_name or (not column and diagnostic.table_name)
    explanation = explanations.get(f"{diagnostic.schema_name}.{violated}")
    if not explanation and (constraint := _said(CONSTRAINT, diagnostic)):
        explanation = _of_shard(constraint, explanations)
    field, _, message = (explanation or "").partition(": ")
    if not message and column:
        field, message = column, "is required"
    if not message:
        return Problem(code, "a value does not fit its type")
    return Problem(code, f"{field}: {message}", errors={field: [message]})


def passing_on_cluster(error: psycopg.Error) -> list[str | None]:
    """Why it is worth another try, or None, of all that it says; nothing for an error that does not pass."""
    said = (error.diag.message_primary or "") if error.sqlstate == "XX000" else ""
    return [why for text, why in PASSING_ON_CLUSTER.items() if text in said]


def _said(pattern: re.Pattern[str], diagnostic: psycopg.errors.Diagnostic) -> str | None:
    """What the message names, for a node of a cluster passes on nothing but the message."""
    found = pattern.search(diagnostic.message_primary or "")
    return found[1] if found else None


def _of_shard(constraint: str, explanations: Mapping[str, str]) -> str | None:
    """The comment on a constraint of a shard, if it is the only one of that name: the message names no schema."""
    names = {constraint, SHARD.sub("", constraint)}
    found = {told for name, told in explanations.items() if name.partition(".")[2] in names}
    return found.pop() if len(found) == 1 else None


def _exceeded(detail: str, quota: dict[str, Any]) -> Problem:
    """What the database refused with DR002; with Retry-After if it would fit then."""
    headers = {}
    if quota["resets_at"] is not None and quota["requested"] <= quota["allowed"]:
        left = datetime.fromisoformat(quota["resets_at"]) - datetime.now(UTC)
        headers["Retry-After"] = str(max(1, math.ceil(left.total_seconds())))
    return Problem("QUOTA_EXCEEDED", detail, headers=headers, **quota)


def register(app: Flask, explanations: Callable[[], Mapping[str, str]]) -> None:
    """Makes every failure of the application a problem document."""

    def database_failed(error: psycopg.Error) -> Response:
        known = explanations() if (error.sqlstate or "").startswith("23") else {}
        return _respond(from_database(error, known))

    app.register_error_handler(Problem, _respond)
    app.register_error_handler(psycopg.Error, database_failed)
    app.register_error_handler(HTTPException, _http_failed)
    app.register_error_handler(Exception, _failed)


def document(problem: Problem, request_id: str) -> tuple[HTTPStatus, str]:
    """The status and the body that tell the problem, as MEDIA_TYPE."""
    status = HTTPStatus(STATUS[problem.code])
    members = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "code": problem.code,
        "detail": problem.detail,
        **({"errors": problem.errors} if problem.errors else {}),
        **problem.members,
        "request_id": request_id,
    }
    return status, json.dumps(members, ensure_ascii=True)


def _respond(problem: Problem) -> Response:
    status, body = document(problem, request_id())
    return Response(body, status, headers=dict(problem.headers), content_type=MEDIA_TYPE)


def _http_failed(error: HTTPException) -> Response:
    status = error.code or 500
    code = CODE_OF_STATUS.get(status, "VALIDATION" if status < 500 else "INTERNAL")
    headers = {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")}
    return _respond(Problem(code, error.description or HTTPStatus(status).phrase, headers=headers))


def _failed(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _respond(Problem("INTERNAL", "an error that is not yours"))
