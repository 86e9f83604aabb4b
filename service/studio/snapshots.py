"""Analytics snapshots: what platforms counted of videos, over time."""

from typing import Any
from uuid import UUID

from flask import Response

from service.bulk import BulkResults, written
from service.queries import queries
from service.rest import items, one, operation, page, session
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import snapshot_schemas as schemas


@blueprint.post("/v1/analytics-snapshots/batch")
@operation("studio:write", body=schemas.NewSnapshots, returns=BulkResults)
def record_snapshots(body: dict[str, Any]) -> Response:
    """Record up to a thousand snapshots; the answer tells what became of each.

    One of a video and a time that is there already is skipped: sending a list again is safe.
    """
    return written(body["snapshots"], lambda rows: queries.studio.record_snapshots(snapshots=rows))


@blueprint.get("/v1/analytics-snapshots/latest")
@operation("studio:read", query=PageQuery, returns=schemas.LatestSnapshot, many=True)
def list_latest_snapshots(query: dict[str, Any]) -> Response:
    """List the latest snapshot of each video, the newest video first."""
    return page(queries.studio.list_latest_snapshots, query)


@blueprint.get("/v1/analytics-snapshots/gains")
@operation("studio:read", query=schemas.GainQuery, returns=schemas.Gain, many=True)
def sum_gains(query: dict[str, Any]) -> Response:
    """Sum up what all videos gained, by day or week of UTC and by platform.

    A gain counts when it is told: from a video's latest snapshot to a newer one. Days without any are left out.
    """
    query["unit"] = query.pop("by")
    return items(session().json(queries.studio.sum_gains(**query)).body)


@blueprint.get("/v1/analytics-snapshots/due")
@operation("studio:read", query=schemas.DueQuery, returns=schemas.DueVideo, many=True)
def list_due_videos(query: dict[str, Any]) -> Response:
    """List the videos to be counted now: every 6 hours, from 6 hours to 7 days after they were posted."""
    limit = max(1, min(query["limit"], schemas.MAX_DUE))
    return items(session().json(queries.studio.list_due_videos(limit=limit)).body)


@blueprint.get("/v1/videos/<uuid:video_id>/analytics-snapshots")
@operation("studio:read", query=PageQuery, returns=schemas.Snapshot, many=True)
def list_snapshots(video_id: UUID, query: dict[str, Any]) -> Response:
    """List the snapshots of a video, the latest first."""
    return page(
        queries.studio.list_snapshots,
        query,
        {"video_id": video_id},
        of=queries.studio.get_video(id=video_id),
    )


@blueprint.get("/v1/videos/<uuid:video_id>/analytics")
@operation("studio:read", query=schemas.SeriesQuery, returns=schemas.SeriesStep, many=True)
def video_series(video_id: UUID, query: dict[str, Any]) -> Response:
    """Show what was counted of a video by the end of each hour, day or week of UTC."""
    query["unit"] = query.pop("by")
    series = session().json(queries.studio.video_series(video_id=video_id, **query))
    if series.body == b"[]":
        one(queries.studio.get_video(id=video_id))
    return items(series.body)
