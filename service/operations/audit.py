"""The audit: the event log as who looks back reads it, newest first and by who did what."""

from typing import Any

from flask import Response

from service.operations import blueprint, schemas
from service.queries import queries
from service.rest import lines, operation, page

# The most selective first: by one filter each reads the log, the others are checked on what it finds.
AUDIT = (
    queries.operations.list_audit_of_row,
    queries.operations.list_audit_of_actor,
    queries.operations.list_audit_of_key,
    queries.operations.list_audit_of_entity,
    queries.operations.list_audit_of_action,
    queries.operations.list_audit,
)


@blueprint.get("/v1/audit")
@operation("events:read", query=schemas.AuditQuery, returns=schemas.AuditEvent, many=True)
def list_audit(query: dict[str, Any]) -> Response:
    """List what happened, newest first: by table or row, by who did it, what was done and when.

    What a transaction did that is still running appears when it is done, also between older events; who must not
    miss any reads GET /v1/events.
    """
    return page(AUDIT, query)


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
