"""What is kept of a customer: exported and erased on request."""

from typing import Any
from uuid import UUID

from flask import Response

from service.auth import caller
from service.operations import blueprint, erasing
from service.operations import erasure_schemas as schemas
from service.queries import queries
from service.rest import NDJSON, lines_read, one, operation, page
from service.schemas import PageQuery, trimmed
from service.state import state


@blueprint.get("/v1/erasures")
@operation("people:erase", query=PageQuery, returns=schemas.Erasure, many=True)
def list_erasures(query: dict[str, Any]) -> Response:
    """List erasures, newest first."""
    return page(queries.operations.list_erasures, query)


@blueprint.get("/v1/erasures/<uuid:erasure_id>")
@operation("people:erase", returns=schemas.Erasure)
def get_erasure(erasure_id: UUID) -> Response:
    """Show an erasure, and how many rows it has taken so far."""
    return one(queries.operations.get_erasure(id=erasure_id))


@blueprint.post("/v1/erasures")
@operation("people:erase", body=schemas.NewErasure, returns=schemas.Erasure, status=201)
def request_erasure(body: dict[str, Any]) -> Response:
    """Ask for a customer to be erased; the worker does it.

    Conversations whose `customer_email` is the address go, with their messages, files, drafts, decisions, replies and
    learning samples. Export them first if they are still needed.
    """
    who, email = caller(), trimmed(body["email"])
    asked = queries.operations.request_erasure(
        person=state().secrets.fingerprint(email.lower(), who.tenant_id),
        email=email,
        dry_run=body["dry_run"],
        requested_by=who.actor,
    )
    return one(asked, 201)


@blueprint.post("/v1/customers/export")
@operation(
    "people:erase",
    body=schemas.Customer,
    returns=schemas.ExportedRow,
    media_type=NDJSON,
    no_store=True,
    replays=False,
)
def export_customer(body: dict[str, Any]) -> Response:
    """Export all that is kept of a customer, a row of a table per line.

    Files of messages and drafts are named by their `object_key`; they lie in object storage.
    """
    email = trimmed(body["email"])
    return lines_read(lambda tx: erasing.export(tx, email))
