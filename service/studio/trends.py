"""What spreads elsewhere: sounds, and videos of competitors."""

from typing import Any

from flask import Response

from service.bulk import BulkResults, written
from service.queries import queries
from service.rest import operation, page
from service.studio import blueprint
from service.studio import trend_schemas as schemas

AUDIO_TRENDS = (queries.studio.list_audio_trends, queries.studio.list_audio_trends_by_platform)
COMPETITOR_VIDEOS = (
    queries.studio.list_competitor_videos,
    queries.studio.list_competitor_videos_by_category,
)


@blueprint.get("/v1/audio-trends")
@operation("studio:read", query=schemas.AudioTrendQuery, returns=schemas.AudioTrend, many=True)
def list_audio_trends(query: dict[str, Any]) -> Response:
    """List sounds that spread, the strongest trend first."""
    return page(AUDIO_TRENDS, query)


@blueprint.post("/v1/audio-trends/batch")
@operation("studio:write", body=schemas.NewAudioTrends, returns=BulkResults)
def record_audio_trends(body: dict[str, Any]) -> Response:
    """Record up to a thousand sounds as they were seen; the answer tells what became of each.

    A sound that is known is changed to what was seen later, and skipped if this was earlier.
    """
    return written(body["trends"], lambda rows: queries.studio.record_audio_trends(trends=rows))


@blueprint.get("/v1/competitor-videos")
@operation(
    "studio:read", query=schemas.CompetitorVideoQuery, returns=schemas.CompetitorVideo, many=True
)
def list_competitor_videos(query: dict[str, Any]) -> Response:
    """List videos of competitors, the most engaging first."""
    return page(COMPETITOR_VIDEOS, query)


@blueprint.post("/v1/competitor-videos/batch")
@operation("studio:write", body=schemas.NewCompetitorVideos, returns=BulkResults)
def record_competitor_videos(body: dict[str, Any]) -> Response:
    """Record up to a thousand videos of competitors as they were scraped; the answer tells what became of each.

    A video that is known is changed to what was scraped later, and skipped if this was earlier.
    """
    return written(
        body["videos"], lambda rows: queries.studio.record_competitor_videos(videos=rows)
    )
