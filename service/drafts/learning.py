"""What was learned: corrections for the next model."""

from datetime import datetime
from typing import Any

from flask import Response

from service import paging
from service.drafts import blueprint
from service.drafts import learning_schemas as schemas
from service.queries import queries
from service.rest import lines, operation, page, session
from service.schemas import ExportQuery


@blueprint.get("/v1/learning-samples")
@operation(
    "drafts:export",
    query=schemas.LearningSampleQuery,
    returns=schemas.LearningSample,
    many=True,
    grows=True,
    in_epoch=True,
)
def list_learning_samples(query: dict[str, Any]) -> Response:
    """List what people corrected, in the order in which it was written; by default in the last 24 hours.

    Ends below the oldest transaction that is still running, so that nothing appears later before what was read. Who
    follows the list asks again with the `resume_cursor`: no sample is missed, and none comes twice.
    """
    since = query.pop("since")
    if query["cursor"] is None:
        query["cursor"] = _cursor_since(since)
    return page(queries.drafts.list_learning_samples, query, grows=True)


def _cursor_since(since: datetime | None) -> str:
    start = session().row(queries.drafts.start_of_learning_samples(since=since))
    keys = [start.epoch, start.xid, str(start.id)]
    return paging.encode(queries.drafts.list_learning_samples, {}, keys)


@blueprint.get("/v1/learning-samples/export")
@operation(
    "drafts:export",
    query=ExportQuery,
    returns=schemas.ExportedSample,
    media_type="application/x-ndjson",
    in_epoch=True,
)
def export_learning_samples(query: dict[str, Any]) -> Response:
    """Export what people corrected, a JSON object per line.

    Each line has a watermark. The next run goes on after the last line that was kept: none is skipped, not even one
    whose transaction was still running. A line may come again, after an interrupted run: its id tells.
    """
    return lines(queries.drafts.export_learning_samples(**query))
