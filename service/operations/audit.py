"""The audit: the event log as who looks back reads it, newest first and by who did what."""

from typing import Any

from flask import Response

from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import lines, operation, page

# By which filter the log is read, the most selective first; the others are checked on what it finds.
BY = {
    "entity_id": queries.operations.list_audit_of_row,
    "actor": queries.operations.list_audit_of_actor,
    "entity": queries.operations.list_audit_of_entity,
    "action": queries.operations.list_audit_of_action,
}


@blueprint.get("/v1/audit")
@operation("events:read", query=schemas.AuditQuery, returns=schemas.AuditEvent, many=True)
def list_audit(query: dict[str, Any]) -> Response:
    """List what happened, newest first: by table or row, by who did it, what was done and when.

    What a transaction did that is still running appears when it is done, also between older events; who must not
    miss any reads GET /v1/events.
    """
    by = next((BY[name] for name in BY if query[name] is not None), queries.operations.list_audit)
    filters = {name: query[name] for name in by.parameters if name in query and name != "limit"}
    return page(by, query, filters)


@blueprint.get("/v1/audit/export")
@operation(
    "events:read",
    query=schemas.AuditFilter,
    returns=schemas.AuditEvent,
    media_type="application/x-ndjson",
)
def export_audit(query: dict[str, Any]) -> Response:
    """Export what happened in a time, oldest first, a JSON object per line."""
    return lines(queries.operations.export_audit(**query))
