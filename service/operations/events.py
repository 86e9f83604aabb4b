"""The event log as a feed."""

import json
from typing import Any
from uuid import UUID

from flask import Response

from service import paging
from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import items, operation, page, session


@blueprint.get("/v1/events")
@operation(
    "events:read",
    query=schemas.EventQuery,
    returns=schemas.Event,
    many=True,
    grows=True,
    in_epoch=True,
)
def list_events(query: dict[str, Any]) -> Response:
    """List the event log in order, of everything, of one table or of one entity.

    Ends below the oldest transaction that is still running, so that nothing appears later before what was read. Who
    follows the log asks again with the `resume_cursor`, and misses nothing. Events of a row may come in another order
    than their `revision`: in a copy the value with the highest counts, column by column.
    A page of one table is looked for among 10,000 events: it may be short, or empty, and still have a `next_cursor`.
    """
    if query["entity"] is not None and query["entity_id"] is None:
        return _events_of_table(query)
    variants = (queries.operations.list_events, queries.operations.list_events_of_entity)
    return page(variants, query, grows=True)


def _events_of_table(query: dict[str, Any]) -> Response:
    listed, filters = queries.operations.list_events_of_table, {"entity": query["entity"]}
    bound = paging.first_or_after(listed, query["cursor"], query["limit"], filters)
    epoch, xid, id_ = paging.keys(bound)
    # Before the page is read: what is between its end and this one is surely of other tables.
    end = session().row(
        queries.operations.end_of_walk(after_epoch=epoch, after_xid=xid, after_id=id_)
    )
    rows = session().json(bound)
    position: list[Any] = json.loads(rows.last_keys) if rows.last_keys else [epoch, xid, id_]
    if not rows.more:
        position = max(position, [end.epoch, str(end.xid), str(end.id)], key=_in_log)
    cursor = paging.encode(listed, filters, position)
    goes_on = rows.more or end.more
    return items(rows.body, {"next_cursor": cursor if goes_on else None, "resume_cursor": cursor})


def _in_log(position: list[Any]) -> tuple[int, int, UUID]:
    epoch, xid, id_ = position
    return int(epoch), int(xid), UUID(str(id_))
