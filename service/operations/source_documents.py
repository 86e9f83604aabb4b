"""What the vector store has indexed, and how fresh it is."""

from typing import Any
from uuid import UUID

from flask import Response

from service.operations import blueprint
from service.operations import source_document_schemas as schemas
from service.queries import queries
from service.rest import changed, one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/source-documents")
@operation("sources:read", query=PageQuery, returns=schemas.SourceDocument, many=True)
def list_source_documents(query: dict[str, Any]) -> Response:
    """List what the vector store has indexed, newest first."""
    return page(queries.operations.list_source_documents, query)


@blueprint.put("/v1/source-documents")
@operation("sources:write", body=schemas.SourceDocumentState, returns=schemas.SourceDocument)
def record_source_document(body: dict[str, Any]) -> Response:
    """Record that a document was indexed: a new one, or a known one again, by its URL; the latest PUT holds."""
    return one(queries.operations.record_source_document(**body))


@blueprint.get("/v1/source-documents/due")
@operation("sources:read", query=PageQuery, returns=schemas.SourceDocument, many=True)
def list_due_source_documents(query: dict[str, Any]) -> Response:
    """List what should be indexed again by now, the longest overdue first."""
    return page(queries.operations.list_due_source_documents, query)


@blueprint.get("/v1/source-documents/<uuid:source_document_id>")
@operation("sources:read", returns=schemas.SourceDocument)
def get_source_document(source_document_id: UUID) -> Response:
    """Show what the vector store has of a document."""
    return one(queries.operations.get_source_document(id=source_document_id))


@blueprint.post("/v1/source-documents/<uuid:source_document_id>/refreshed")
@operation(
    "sources:write",
    body=schemas.Refreshed,
    returns=schemas.SourceDocument,
    conflicts=True,
    if_match=True,
)
def refresh_source_document(
    source_document_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Mark a document as indexed again, and say when next. CONFLICT if it was indexed later than that already."""
    return changed(
        queries.operations.refresh_source_document(
            id=source_document_id, revision=revision, **body
        ),
        queries.operations.get_source_document(id=source_document_id),
        revision,
    )
