"""The frame of every route: who may call it, what comes in, what goes out.

    @blueprint.post("/v1/conversations/<uuid:conversation_id>/drafts")
    @operation("drafts:write", body=NewDraft, returns=Draft, status=201, conflicts=True)
    def create_draft(conversation_id: UUID, body: dict[str, Any]) -> Response:
        \"\"\"Post a draft. ...\"\"\"
        return one(queries.drafts.create_draft(conversation_id=conversation_id, **body), status=201)

marshmallow checks what comes in and documents what goes out; the bytes that go out are PostgreSQL's.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, g, request
from marshmallow import Schema, ValidationError

from service import auth, errors, idempotency, paging
from service.database import Caller, Json, Transaction
from service.queries import Bound, Query
from service.state import state

T = TypeVar("T")
View = Callable[..., Response]

MAX_DEPTH = 100  # of JSON that comes in


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI document tells about a route."""

    scope: str | None
    body: Schema | None
    query: Schema | None
    returns: Schema | None
    statuses: tuple[int, ...]
    many: bool  # the answer is a page of `returns`
    media_type: str
    conflicts: bool  # may answer CONFLICT, as every POST may
    if_match: bool  # takes If-Match
    missing: bool  # may answer NOT_FOUND although the path has no parameter


def operation(
    scope: str | None,
    *,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    returns: type[Schema] | None = None,
    status: int | tuple[int, ...] = 200,
    many: bool = False,
    media_type: str = "application/json",
    conflicts: bool = False,
    if_match: bool = False,
    missing: bool = False,
) -> Callable[[View], View]:
    """Authenticates, authorizes and validates before the view; replays a POST with an Idempotency-Key.

    The view gets the path's parameters, `body` and `query` as validated, and `revision` from If-Match.
    """
    described = Operation(
        scope=scope,
        body=body() if body else None,
        query=query() if query else None,
        returns=returns() if returns else None,
        statuses=status if isinstance(status, tuple) else (status,),
        many=many,
        media_type=media_type,
        conflicts=conflicts,
        if_match=if_match,
        missing=missing,
    )

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def framed(**arguments: Any) -> Response:
            if scope is not None:
                g.caller = auth.authenticate(request, g.request_id)
                auth.require(g.caller, scope)
            _storable(arguments, "path")
            if described.query is not None:
                arguments["query"] = _validated(described.query, _query_arguments())
            if described.body is not None:
                arguments["body"] = _validated(described.body, _json_body())
            if if_match:
                arguments["revision"] = _if_match()
            if request.method == "POST" and idempotency.HEADER in request.headers:
                return atomically(
                    lambda tx: idempotency.run_once(tx, request, lambda: view(**arguments))
                )
            return view(**arguments)

        framed.operation = described  # type: ignore[attr-defined]
        return framed

    return decorate


def caller() -> Caller:
    """Whose request this is."""
    found: Caller = g.caller
    return found


def atomically(work: Callable[[Transaction], T]) -> T:
    """Runs `work` in the request's transaction: the one under way, or a new one."""
    if "transaction" in g:
        return work(g.transaction)

    def within(transaction: Transaction) -> T:
        g.transaction = transaction
        try:
            return work(transaction)
        finally:
            del g.transaction

    return state().database.atomically(caller(), within)


def run(*steps: Bound) -> Json:
    """The JSON of the last step. One round trip, if the request has no transaction under way."""
    if "transaction" in g:
        transaction: Transaction = g.transaction
        return transaction.json(*steps)
    return state().database.json(caller(), *steps)


def maybe(*steps: Bound) -> Json | None:
    """As `run`, but None if there is no row: the guard of a state change did not hold."""
    if "transaction" in g:
        transaction: Transaction = g.transaction
        return transaction.maybe_json(*steps)
    return state().database.maybe_json(caller(), *steps)


def rows(*steps: Bound) -> list[Any]:
    """The rows of the last step, for what Python itself must know."""
    if "transaction" in g:
        transaction: Transaction = g.transaction
        return transaction.rows(*steps)
    return state().database.rows(caller(), *steps)


def answer(found: Json, status: int = 200) -> Response:
    """A single row as it came; its revision is the ETag."""
    response = Response(found.body, status, content_type="application/json")
    if found.extra is not None:
        response.set_etag(found.extra.decode())
        response.make_conditional(request)
    return response


def one(*steps: Bound, status: int = 200) -> Response:
    return answer(run(*steps), status)


def changed(
    step: Bound, current: Bound, revision: int | None = None, *, first: Bound | None = None
) -> Response:
    """The row that `step` changed. Without one, `current` tells why: NOT_FOUND, STALE or CONFLICT."""
    found = maybe(step) if first is None else maybe(first, step)
    if found is None:
        now = run(current)
        refuse_stale(revision, now)
        raise errors.conflict("the state of this does not allow it", current=json.loads(now.body))
    return answer(found)


def refuse_stale(revision: int | None, now: Json) -> None:
    """Raises STALE when If-Match named another revision than the present one."""
    if revision is not None and now.extra is not None and int(now.extra) != revision:
        raise errors.Problem("STALE", f"the revision is {now.extra.decode()}, not {revision}")


def page(
    query: Query,
    arguments: dict[str, Any],
    filters: dict[str, Any] | None = None,
    *,
    of: Bound | None = None,
) -> Response:
    """A page of a list. `arguments` has limit and cursor; an empty list `of` nothing is NOT_FOUND."""
    filters = filters or {}
    found = run(paging.first_or_after(query, arguments["cursor"], arguments["limit"], filters))
    if of is not None and found.body == b"[]":
        run(of)
    cursor = paging.encode(query, filters, json.loads(found.extra)) if found.extra else None
    return items(found.body, cursor)


def items(body: bytes, cursor: str | None = None) -> Response:
    return Response(
        b'{"items":' + body + b',"next_cursor":' + json.dumps(cursor).encode() + b"}",
        content_type="application/json",
    )


def _query_arguments() -> dict[str, Any]:
    """A parameter that comes once is a value, one that comes again is a list."""
    found = request.args.to_dict(flat=False)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _json_body() -> Any:
    data = request.get_data()
    if request.mimetype != "application/json":
        raise errors.Problem("UNSUPPORTED", "send the body as application/json")
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise errors.Problem("VALIDATION", f"the body is not JSON: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _validated(schema: Schema, given: Any) -> dict[str, Any]:
    _storable(given, "")
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise errors.invalid(_named(error.messages_dict)) from None
    return loaded


def _named(messages: dict[str, Any]) -> dict[str, Any]:
    return {("body" if name == "_schema" else name): text for name, text in messages.items()}


def _storable(value: Any, field: str, depth: int = 0) -> None:
    """Raises VALIDATION for what PostgreSQL cannot store, naming its field."""
    if depth > MAX_DEPTH:
        raise errors.invalid({field: [f"is nested more than {MAX_DEPTH} levels deep"]})
    if isinstance(value, str):
        if "\x00" in value:
            raise errors.invalid({field: ["has a NUL character, which cannot be stored"]})
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise errors.invalid({field: ["has a lone surrogate, which is not a character"]})
    elif isinstance(value, dict):
        for key, element in value.items():
            _storable(key, field or "body", depth + 1)
            _storable(element, f"{field}.{key}" if field else key, depth + 1)
    elif isinstance(value, list):
        for element in value:
            _storable(element, field, depth + 1)


def _if_match() -> int | None:
    """The revision in If-Match; None without the header or for `*`."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    revision = given.removeprefix("W/").strip('"')
    if not revision.isascii() or not revision.isdigit() or len(revision) > 18:
        raise errors.invalid({"If-Match": ["must be the ETag of the resource"]})
    return int(revision)
