"""Videos of concepts: asked for, made by a worker under the lease of a job, and what they cost."""

from typing import Any
from uuid import UUID

from flask import Response

from service import claims
from service.queries import queries
from service.rest import changed, one, operation, page
from service.studio import blueprint
from service.studio import video_schemas as schemas

VIDEOS = (
    queries.studio.list_videos,
    queries.studio.list_videos_by_status,
    queries.studio.list_videos_of_concept,
)


@blueprint.get("/v1/videos")
@operation("studio:read", query=schemas.VideoQuery, returns=schemas.Video, many=True)
def list_videos(query: dict[str, Any]) -> Response:
    """List videos, newest first."""
    return page(VIDEOS, query)


@blueprint.post("/v1/concepts/<uuid:concept_id>/videos")
@operation("studio:write", body=schemas.NewVideo, returns=schemas.Video, status=201)
def request_video(concept_id: UUID, body: dict[str, Any]) -> Response:
    """Ask for a video of a concept: a job of type generate-video, whose payload names the video.

    While it is being made, asking again is a conflict. After it failed a new one may be asked for.
    """
    claims.announce("jobs", "generate-video")
    return one(queries.studio.request_video(concept_id=concept_id, **body), status=201)


@blueprint.get("/v1/videos/<uuid:video_id>")
@operation("studio:read", returns=schemas.Video)
def get_video(video_id: UUID) -> Response:
    """Show a video."""
    return one(queries.studio.get_video(id=video_id))


@blueprint.post("/v1/videos/<uuid:video_id>/complete")
@operation("jobs:work", body=schemas.VideoCompletion, returns=schemas.Video)
def complete_video(video_id: UUID, body: dict[str, Any]) -> Response:
    """Report, under the lease of its job, that a video is made: the job ends with it.

    A job that failed is reported as any other; when it has failed for good, so has the video. The same report again
    gets the same answer.
    """
    return claims.reported(
        queries.studio.complete_video(id=video_id, **body),
        queries.studio.get_video(id=video_id),
        again=queries.studio.get_completed_video(id=video_id, lease_id=body["lease_id"]),
    )


@blueprint.patch("/v1/videos/<uuid:video_id>")
@operation(
    "studio:write",
    body=schemas.VideoChanges,
    returns=schemas.Video,
    if_match=True,
    conflicts=True,
)
def update_video(video_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change where a completed video is delivered from, or what is told beside it."""
    update = queries.studio.update_video(
        id=video_id,
        replace_cdn_url="cdn_url" in body,
        cdn_url=body.get("cdn_url"),
        replace_thumbnail_url="thumbnail_url" in body,
        thumbnail_url=body.get("thumbnail_url"),
        metadata=body.get("metadata"),
        revision=revision,
    )
    return changed(update, queries.studio.get_video(id=video_id), revision)
