"""The event log as a feed."""

from typing import Any

from flask import Response

from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import operation, page


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
    """List the event log in order, of everything or of one entity.

    Ends below the oldest transaction that is still running, so that nothing appears later before what was read. Who
    follows the log asks again with the `resume_cursor`, and misses nothing. Events of a
    row may come in another order than their `revision`: in a copy the value with the highest counts, column by column.
    """
    variants = (queries.operations.list_events, queries.operations.list_events_of_entity)
    return page(variants, query, grows=True)
