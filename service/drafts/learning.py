"""What was learned: corrections for the next model."""

from typing import Any

from flask import Response

from service.drafts import blueprint
from service.drafts import learning_schemas as schemas
from service.queries import queries
from service.rest import lines, operation, page

FROM_THE_START = "0.0.00000000-0000-0000-0000-000000000000"


@blueprint.get("/v1/learning-samples")
@operation(
    "drafts:export",
    query=schemas.LearningSampleQuery,
    returns=schemas.LearningSample,
    many=True,
    in_epoch=True,
)
def list_learning_samples(query: dict[str, Any]) -> Response:
    """List what people corrected, newest first; by default in the last 24 hours."""
    return page(queries.drafts.list_learning_samples, query)


@blueprint.get("/v1/learning-samples/export")
@operation(
    "drafts:export",
    query=schemas.ExportQuery,
    returns=schemas.ExportedSample,
    media_type="application/x-ndjson",
    in_epoch=True,
)
def export_learning_samples(query: dict[str, Any]) -> Response:
    """Export what people corrected, a JSON object per line.

    Each line has a watermark. The next run goes on after the last line that was kept: none is skipped, not even one
    whose transaction was still running. A line may come again, after an interrupted run: its id tells.
    """
    epoch, xid, after_id = (query["after"] or FROM_THE_START).split(".")
    export = queries.drafts.export_learning_samples(
        after_epoch=int(epoch), after_xid=xid, after_id=after_id
    )
    return lines(export)
