"""The frame of every route: who may call it, what comes in, what goes out.

    @blueprint.post("/v1/conversations/<uuid:conversation_id>/drafts")
    @operation("drafts:write", body=NewDraft, returns=Draft, status=201, conflicts=True)
    def create_draft(conversation_id: UUID, body: dict[str, Any]) -> Response:
        \"\"\"Post a draft. ...\"\"\"
        return one(queries.drafts.create_draft(conversation_id=conversation_id, **body), status=201)

marshmallow checks what comes in and documents what goes out; the bytes that go out are PostgreSQL's.
"""

import copy
import functools
import io
import json
import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Any, Literal, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Flask, Request, Response, after_this_request, g
from flask.globals import request_ctx
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from service import auth, errors, idempotency, paging, positions
from service.auth import caller
from service.caller import Caller
from service.database import AnyBound, First, Json, Session, Transaction, WithRows
from service.queries import Bound, Query
from service.server.connection import Lines
from service.state import state
from service.telemetry import CALLER, ROUTE

T = TypeVar("T")
View = Callable[..., Response]

MEDIA_TYPE = "application/json"
NDJSON = "application/x-ndjson"
MB = 1024 * 1024
PIECE = 64 * 1024  # of a body that is read as it comes
MAX_DEPTH = 100  # of JSON that comes in
MAX_VALUES = 100_000  # in a body: a hundred for each of the thousand items of the longest batch
# Also one that does not end, so that no character is looked at twice.
JSON_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
MAX_TAGS = 20  # in If-Match
AT_THE_END: Mapping[str, str | None] = {"next_cursor": None}

# An ETag as HTTP writes it, or a bare number.
TAG = r'(?:W/)?"[^"]*"|[0-9]+'
TAGS = re.compile(rf"(?:{TAG})(?:[ \t]*,[ \t]*(?:{TAG}))*")
# A revision, also as a proxy names it that compressed the answer.
REVISION = re.compile(r'(?:W/)?"?([0-9]{1,18})(?:--?(?:gzip|deflate|br|zstd))?"?')
NO_REVISION = 0  # they begin with 1


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI document tells about a route."""

    scope: str | None
    by: Callable[[dict[str, Any]], Caller] | None
    body: Schema | None
    query: Schema | None
    returns: Schema | None
    statuses: tuple[int, ...]
    many: bool  # the answer is a page of `returns`
    grows: bool  # and tells where to go on when the list has grown
    media_type: str
    conflicts: bool  # may answer CONFLICT, as every POST may
    if_match: bool  # takes If-Match
    resumes: bool  # takes Last-Event-ID
    max_body: int | None  # bytes that a body may have, if more than anywhere
    lines: Schema | None  # of each line of a body that the view reads as it comes, however many
    replays: bool  # a POST takes Idempotency-Key
    problems: tuple[str, ...]  # codes that it answers beside those that follow from the rest


def operation(
    scope: str | None,
    *,
    by: Callable[[dict[str, Any]], Caller] | None = None,
    body: type[Schema] | None = None,
    facts: bool = False,
    query: type[Schema] | None = None,
    returns: type[Schema] | None = None,
    status: int | tuple[int, ...] = 200,
    many: bool = False,
    grows: bool = False,
    in_epoch: bool = False,
    media_type: str = MEDIA_TYPE,
    conflicts: bool = False,
    if_match: bool = False,
    resumes: bool = False,
    max_body: int | None = None,
    lines: type[Schema] | None = None,
    problems: tuple[str, ...] = (),
    no_store: bool = False,
    replays: bool = True,
) -> Callable[[View], View]:
    """Authenticates, authorizes and validates before the view; replays a POST with an Idempotency-Key.

    The view gets the path's parameters, `body` and `query` as validated, and `revision` from If-Match. Where it is no
    API key or token that says who calls, `by` does, from the path's parameters and the request. With `no_store` nobody
    on the way keeps the answer, for it shows a secret; unless it `replays`, the service keeps none either. A body has
    at most MAX_BODY_BYTES, or `max_body` if that is more. One of `lines`, which is NDJSON, has no limit: the view reads
    it while it comes, from `lines_of`. The schema of `facts` itself sees to what PostgreSQL cannot store. With
    `in_epoch` it is UNAVAILABLE until the epoch fits.
    """
    described = Operation(
        scope=scope,
        by=by,
        body=body() if body else None,
        query=query() if query else None,
        returns=returns() if returns else None,
        statuses=status if isinstance(status, tuple) else (status,),
        many=many,
        grows=grows,
        media_type=media_type,
        conflicts=conflicts,
        if_match=if_match,
        resumes=resumes,
        max_body=max_body,
        lines=lines() if lines else None,
        replays=replays and lines is None,
        problems=problems,
    )

    in_teams = scope is not None and scope.startswith(auth.WITH_TEAMS)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def framed(**arguments: Any) -> Response:
            asked = request_ctx.request  # each use of the proxy `request` looks it up anew
            asked.environ[ROUTE] = str(asked.url_rule)
            if by is not None:
                with state().rate_limits.attempt(auth.address(asked.remote_addr)):
                    asked.environ[CALLER] = by(arguments)
            elif scope is not None:
                who = auth.authenticate(asked)
                asked.environ[CALLER] = replace(who, in_teams=True) if in_teams else who
            if scope is not None or by is not None:
                state().rate_limits.admit(caller())
            if scope is not None:
                auth.require(caller(), scope)
            _path_is_utf8(asked)
            _storable(arguments, "path")
            if described.query is not None:
                parameters = _query_arguments(asked)
                _storable(parameters)
                arguments["query"] = _validated(described.query, parameters)
            if described.body is not None:
                asked.max_content_length = _at_most(described, state().settings.max_body_bytes)
                given = _json_body(asked)
                if not facts:
                    _storable(given)
                arguments["body"] = _validated(described.body, given)
            if in_epoch:
                state().epochs.require()
            run = functools.partial(_matching, view, _if_match(asked)) if if_match else view
            if scope == "identity:write":
                after_this_request(_forget_callers)
            if no_store:
                after_this_request(_do_not_store)
            if writes(asked.method) and scope is not None and asked.environ[CALLER].position:
                after_this_request(positions.tell)
            if asked.method == "POST" and idempotency.HEADER in asked.headers:
                if not described.replays:
                    why = "request has no end" if lines else "answer shows secrets"
                    message = f"has no use here: the {why}, so it is not kept"
                    raise errors.invalid({idempotency.HEADER: [message]})
                # A copy for each try: a view may change what it was given.
                return atomically(
                    lambda tx: idempotency.run_once(
                        tx, asked, lambda: run(**copy.deepcopy(arguments))
                    )
                )
            return run(**arguments)

        framed.operation = described  # type: ignore[attr-defined]
        return framed

    return decorate


def writes(method: str) -> bool:
    """Whether a request may change something."""
    return method not in ("GET", "HEAD")


def largest_body(app: Flask, method: str, path: str) -> int:
    """How many bytes a body may have where `path` leads."""
    general: int = app.config["MAX_CONTENT_LENGTH"]
    described = _described(app, method, path)
    return _at_most(described, general) if described else general


def takes_lines(app: Flask, method: str, path: str) -> bool:
    """Whether a body is read as it comes, where `path` leads."""
    described = _described(app, method, path)
    return described is not None and described.lines is not None


def _described(app: Flask, method: str, path: str) -> Operation | None:
    try:
        endpoint, _ = app.url_map.bind("").match(path, method)
    except HTTPException:
        return None
    described: Operation | None = getattr(app.view_functions[endpoint], "operation", None)
    return described


def _at_most(described: Operation, general: int) -> int:
    return max(described.max_body or 0, general)


def _matching(view: View, revisions: list[int | None], **arguments: Any) -> Response:
    """What the view answers for the first of the revisions that the resource has."""
    *others, last = revisions
    for revision in others:
        try:
            return view(**copy.deepcopy(arguments), revision=revision)
        except errors.Problem as problem:
            if problem.code != "STALE":
                raise
    return view(**arguments, revision=last)


class ExternalId(BaseConverter):
    """An id that others made, whatever is in it: WSGI hands on %2F as a slash."""

    regex = "(?s:.+?)"
    part_isolating = False


class PublicId(BaseConverter):
    """The id of a row, or else its public id."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9]{12}"

    def to_python(self, value: str) -> UUID | str:
        return UUID(value) if "-" in value else value


def register(app: Flask) -> None:
    """Before the routes: a path is what it is, never another one with fewer slashes."""
    app.url_map.merge_slashes = False
    app.url_map.converters["external_id"] = ExternalId
    app.url_map.converters["public_id"] = PublicId


def _forget_callers(response: Response) -> Response:
    """After a change of keys or users, and its commit, each caller is looked up anew."""
    state().callers.forget()
    return response


def _do_not_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


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


def session() -> Session:
    """For the request's statements: the transaction under way, or else one of its own for each call."""
    if "transaction" in g:
        transaction: Transaction = g.transaction
        return transaction
    return state().database.session(caller())


def id_of(
    reference: UUID | str,
    find: Callable[..., Bound[Literal["maybe"], Any]],
    *,
    first: First = None,
) -> UUID:
    """The id that a path means, which may have a public id for it; NOT_FOUND if no row has that."""
    if isinstance(reference, UUID):
        return reference
    row = session().maybe_row(find(public_id=reference), first=first)
    if row is None:
        raise errors.not_found()
    found: UUID = row.id
    return found


def answer(row: Json, status: int = 200) -> Response:
    """A single row as it came; its revision is the ETag."""
    response = Response(row.body, status, content_type=MEDIA_TYPE)
    if row.revision is not None:
        response.set_etag(str(row.revision))
    return response


def one(bound: AnyBound, status: int = 200, *, first: First = None) -> Response:
    return answer(session().json(bound, first=first), status)


def changed(
    change: Bound[Literal["maybe"], Any],
    current: AnyBound,
    revision: int | None = None,
    *,
    first: First = None,
    status: int = 200,
) -> Response:
    """The row that `change` changed. Without one, `current` tells why: NOT_FOUND, STALE or CONFLICT."""
    row = session().maybe_json(change, first=first)
    if row is None:
        now = session().json(current, first=first)
        refuse_stale(revision, now)
        raise errors.conflict("the state of this does not allow it", current=json.loads(now.body))
    return answer(row, status)


def refuse_stale(revision: int | None, now: Json) -> None:
    """Raises STALE when If-Match named another revision than the present one."""
    if revision is not None and now.revision is not None and now.revision != revision:
        raise errors.Problem("STALE", f"the revision is {now.revision}")


def page(
    variants: paging.List | Sequence[paging.List],
    arguments: dict[str, Any],
    filters: dict[str, Any] | None = None,
    *,
    of: AnyBound | None = None,
    first: First = None,
    shown: Callable[[bytes], bytes] | None = None,
    grows: bool = False,
) -> Response:
    """A page of a list: of the first variant that has the filters asked for, and the order.

    `arguments` has limit, cursor, perhaps order, and what was asked for; `filters` what the list is always filtered
    by. An empty list `of` nothing is NOT_FOUND. `shown` makes of the items, as PostgreSQL built them, those that go
    out. A list that `grows` at its end tells where to go on, whether or not there is more.
    """
    if isinstance(variants, Query):
        variants = (variants,)
    query, chosen = paging.choose(variants, arguments, filters or {})
    bound = paging.first_or_after(query, arguments["cursor"], arguments["limit"], chosen)
    rows = session().json(bound, first=first)
    if of is not None and rows.body == b"[]":
        session().json(of, first=first)
    cursors: dict[str, str | None] = {**AT_THE_END}
    if rows.more or grows:
        last = json.loads(rows.last_keys) if rows.last_keys else paging.keys(bound)
        cursor = paging.encode(query, chosen, last)
        cursors["next_cursor"] = cursor if rows.more else None
        if grows:
            cursors["resume_cursor"] = cursor
    return items(shown(rows.body) if shown else rows.body, cursors)


def items(
    rows: bytes, cursors: Mapping[str, str | None] = AT_THE_END, *, status: int = 200
) -> Response:
    """Rows as a page: one of a list, or all that a request was about."""
    told = json.dumps(cursors, separators=(",", ":"))
    body = b'{"items":' + rows + b"," + told[1:].encode()
    return Response(body, status, content_type=MEDIA_TYPE)


def lines(bound: WithRows) -> Response:
    """The rows as NDJSON, however many there are, from a replica if one may answer."""
    return _streamed(_rows(bound), NDJSON, replica=bound.query.replica is not None, end=b"\n")


def lines_read(read: Callable[[Transaction], Iterator[bytes]]) -> Response:
    """What `read` yields in one transaction, as NDJSON: rows of statements that need what others found."""
    return _streamed(read, NDJSON, end=b"\n")


def document(bound: WithRows) -> Response:
    """The rows as a page without another, however many there are, as `lines` sends them."""
    return _streamed(
        _rows(bound),
        MEDIA_TYPE,
        replica=bound.query.replica is not None,
        opening=b'{"items":[',
        separator=b",",
        closing=b'],"next_cursor":null}',
    )


def _rows(bound: WithRows) -> Callable[[Transaction], Iterator[bytes]]:
    return lambda transaction: transaction.lines(bound)


def _streamed(
    read: Callable[[Transaction], Iterator[bytes]],
    media_type: str,
    *,
    replica: bool = False,
    opening: bytes = b"",
    separator: bytes = b"",
    end: bytes = b"",
    closing: bytes = b"",
) -> Response:
    places, database, whose = state().places, state().database, caller()

    def stream() -> Generator[bytes, None, None]:
        with (
            places.take("export", whose),
            database.transaction(whose, replica=replica) as transaction,
        ):
            before = opening
            for line in read(transaction):
                yield before + line + end
                before = separator
            if rest := (opening if before is opening else b"") + closing:
                yield rest

    rows = stream()
    # The first line, if there is one, before the answer begins: until then a failure has a status of its own.
    first = next(rows, b"")
    response = Response(chain([first], rows), content_type=media_type)
    response.call_on_close(rows.close)  # also when the client goes away
    return response


def _query_arguments(request: Request) -> dict[str, Any]:
    """A parameter that comes once is a value, one that comes again is a list.

    What is not UTF-8 becomes lone surrogates, which are refused; request.args would hide it.
    """
    text = request.query_string.decode("utf-8", "surrogateescape")
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        given.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def _path_is_utf8(request: Request) -> None:
    """Raises VALIDATION for a path that is not UTF-8: Werkzeug puts U+FFFD into it, and ids would meet."""
    if "\ufffd" not in request.path:
        return
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise errors.invalid({"path": ["is not UTF-8"]}) from None


def lines_of(request: Request) -> Lines | io.BufferedReader:
    """The body of an operation with `lines`: its `readline` waits for the client, with an end."""
    _refuse_encoded(request)
    if request.mimetype != NDJSON:
        raise errors.Problem("UNSUPPORTED", f"send the body as {NDJSON}")
    body = request.environ["wsgi.input"]
    return body if isinstance(body, Lines) else io.BufferedReader(_Raw(body), PIECE)


class _Raw(io.RawIOBase):
    """The body as another server than ours hands it on: granian's own `readline` loses lines."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _json_body(request: Request) -> Any:
    data = request.get_data()
    # Werkzeug does not refuse a chunked body at the limit, it cuts it off.
    if request.content_length is None and len(data) == request.max_content_length:
        raise errors.Problem("TOO_LARGE", "the body is too large")
    _refuse_encoded(request)
    # The bare header first: to take parameters off it takes longer than all the rest here.
    if request.content_type != MEDIA_TYPE and request.mimetype != MEDIA_TYPE:
        raise errors.Problem("UNSUPPORTED", "send the body as application/json")
    return _parsed(data)


def _refuse_encoded(request: Request) -> None:
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise errors.Problem(
            "UNSUPPORTED", "send the body as it is", headers={"Accept-Encoding": "identity"}
        )


def json_line(line: bytes) -> Any:
    """What a line of NDJSON says; raises VALIDATION for what is no JSON, or cannot be stored."""
    given = _parsed(line, "line")
    _storable(given)
    return given


def _parsed(data: bytes, what: str = "body") -> Any:
    try:
        text = data.decode("utf-8-sig")
        if _has_too_many_values(text):
            message = f"has more than {MAX_VALUES} JSON values"
            raise errors.invalid({what: [message]}, f"the {what} {message}")
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise errors.Problem("VALIDATION", f"the {what} is not JSON: {error}") from None


def _has_too_many_values(text: str) -> bool:
    """Told before any of them is made: each follows a comma, or the opening of what it is in."""
    if len(text) <= MAX_VALUES:
        return False
    bare = JSON_STRING.sub("", text)
    return 1 + bare.count(",") + bare.count("[") + bare.count("{") > MAX_VALUES


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _validated(schema: Schema, given: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        raise errors.invalid(named(error)) from None
    return loaded


def named(error: ValidationError) -> dict[str, Any]:
    """The messages by field, those about no field in particular as `body`'s."""
    return {
        ("body" if name == "_schema" else name): text for name, text in error.messages_dict.items()
    }


def _storable(value: Any, field: str = "", depth: int = 0) -> None:
    """Raises VALIDATION for what PostgreSQL cannot store, naming its field."""
    if depth > MAX_DEPTH:
        raise _unstorable(field, f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        if "\x00" in value:
            raise _unstorable(field, "has a NUL character, which cannot be stored")
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise _unstorable(field, "has a lone surrogate or broken UTF-8, which is no character")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _unstorable(field, "is too large a number")
    elif isinstance(value, dict):
        for key, element in value.items():
            _storable(key, field, depth + 1)
            _storable(element, f"{field}.{key}" if field else key, depth + 1)
    elif isinstance(value, list):
        for element in value:
            _storable(element, field, depth + 1)


def _unstorable(field: str, message: str) -> errors.Problem:
    return errors.invalid({field or "body": [message]})


def _if_match(request: Request) -> list[int | None]:
    """The revisions that If-Match names, the latest first; [None] without the header or for `*`.

    A tag that is no revision, of which nobody has been told, is NO_REVISION: it is as stale as any.
    """
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return [None]
    tags = re.findall(TAG, given) if TAGS.fullmatch(given) else []
    if not 0 < len(tags) <= MAX_TAGS:
        message = f"must be the ETag of the resource, or up to {MAX_TAGS} with commas between them"
        raise errors.invalid({"If-Match": [message]})
    matches = (REVISION.fullmatch(tag) for tag in tags)
    revisions = {int(match[1]) if match else NO_REVISION for match in matches}
    return [*sorted(revisions, reverse=True)]
