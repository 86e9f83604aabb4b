"""What the vector store has indexed, and how fresh it is."""

from typing import Any

from flask import Response

from service.operations import blueprint
from service.operations import source_document_schemas as schemas
from service.queries import queries
from service.rest import one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/source-documents")
@operation("sources:read", query=PageQuery, returns=schemas.SourceDocument, many=True)
def list_source_documents(query: dict[str, Any]) -> Response:
    """List what the vector store has indexed, newest first."""
    return page(queries.operations.list_source_documents, query)


@blueprint.put("/v1/source-documents")
@operation("sources:write", body=schemas.SourceDocumentState, returns=schemas.SourceDocument)
def record_source_document(body: dict[str, Any]) -> Response:
    """Record that a document was indexed: a new one, or a known one again, by its URL."""
    return one(queries.operations.record_source_document(**body))
