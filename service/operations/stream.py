"""The event log as server-sent events: one message for each event, from a position in the log on."""

import json
import logging
import time
from collections.abc import Generator
from itertools import chain
from typing import Any

import psycopg
from flask import Response, request

from service import paging
from service.auth import caller
from service.database import Session
from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import operation
from service.state import state

log = logging.getLogger(__name__)

RESUME = "Last-Event-ID"
BATCH = 100  # events that one statement reads
RETRY = 2000  # milliseconds until a client comes again

Position = list[Any]  # in the log: epoch, xid and id, as in the cursors of GET /v1/events


@blueprint.get("/v1/events/stream")
@operation(
    "events:read",
    query=schemas.StreamQuery,
    returns=schemas.StreamedEvent,
    media_type="text/event-stream",
    resumes=True,
    in_epoch=True,
)
def stream_events(query: dict[str, Any]) -> Response:
    """Follow the event log: server-sent events, one for each event of the log, in its order.

    A message's `event` is its type, its `data` the event, its `id` the cursor by which GET /v1/events would go on, too.
    Begins after the `Last-Event-ID`, or else with what happens from now on. `draft_ready` is a new draft,
    `tweet_status` a tweet whose status changed, `change` any other event. The stream ends after a while, and when the
    service stops: come again with the `Last-Event-ID`, as every EventSource does by itself.
    """
    messages = _messages(query, _asked_for(request.headers.get(RESUME)))
    # The first before the answer begins: until then a failure has a status of its own.
    first = next(messages)
    response = Response(
        chain([first], messages),
        content_type="text/event-stream",
        # A proxy that collects the answer would hold back what is waited for.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(messages.close)  # also when the client goes away
    return response


def _messages(wanted: dict[str, Any], position: Position | None) -> Generator[str, None, None]:
    service, whose, client = state(), caller(), request.environ.get("gunicorn.socket")
    settings = service.settings
    # Each call is a transaction of its own: nothing is held between them.
    session = service.database.session(whose)
    with service.places.take("stream", whose, client) as place:
        position = position or _end(session)
        batch = _batch(session, position)
        begun = last_sent = time.monotonic()
        # Where it begins, without data: so a client knows before the first event where to go on.
        yield f"retry: {RETRY}\nid: {_cursor(position)}\n\n"
        while time.monotonic() - begun < settings.event_stream_seconds:
            for event in batch:
                position = _position(event)
                if event["type"] in wanted["type"] and wanted["entity"] in (None, event["entity"]):
                    last_sent = time.monotonic()
                    yield f"id: {_cursor(position)}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n"
            if time.monotonic() - last_sent >= settings.event_heartbeat_seconds:
                last_sent = time.monotonic()
                # The id, too: what was not wanted need not be read again.
                yield f": heartbeat\nid: {_cursor(position)}\n\n"
            if not place.wait(0 if len(batch) == BATCH else settings.event_poll_seconds):
                return
            try:
                if not service.epochs.fit():
                    return  # who comes again is told why
                batch = _batch(session, position)
            except psycopg.OperationalError as error:
                log.warning("the event log cannot be read: %s", error)
                batch = []


def _asked_for(cursor: str | None) -> Position | None:
    """Raises VALIDATION for a cursor that is none, or of another list."""
    if not cursor:
        return None
    return paging.decode(cursor, queries.operations.list_events, {}, field=RESUME)


def _cursor(position: Position) -> str:
    return paging.encode(queries.operations.list_events, {}, position)


def _end(session: Session) -> Position:
    return _position(json.loads(session.json(queries.operations.end_of_events()).body))


def _position(event: dict[str, Any]) -> Position:
    return [event["epoch"], event["xid"], event["id"]]


def _batch(session: Session, position: Position) -> list[dict[str, Any]]:
    epoch, xid, id_ = position
    follow = queries.operations.follow_events(
        after_epoch=epoch, after_xid=xid, after_id=id_, limit=BATCH
    )
    events: list[dict[str, Any]] = json.loads(session.json(follow).body)
    return events
