"""Episodes and their ingestion over REST."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import caller
from service.database import Transaction
from service.queries import queries
from service.rest import atomically, changed, items, one, operation, page, session
from service.schemas import PageQuery
from service.tweets import blueprint
from service.tweets import episode_schemas as schemas


@blueprint.get("/v1/episodes")
@operation("episodes:read", query=PageQuery, returns=schemas.Episode, many=True)
def list_episodes(query: dict[str, Any]) -> Response:
    """List episodes, newest first, without their transcripts."""
    return page(queries.tweets.list_episodes, query)


@blueprint.post("/v1/episodes")
@operation("episodes:write", body=schemas.NewEpisode, returns=schemas.EpisodeWithSteps, status=201)
def create_episode(body: dict[str, Any]) -> Response:
    """Create an episode, with the steps of its ingestion if they are named."""
    return one(queries.tweets.create_episode(created_by_id=caller().user_id, **body), status=201)


@blueprint.post("/v1/episodes/reset-stuck-steps")
@operation("episodes:write", body=schemas.StuckEpisodeSteps, returns=schemas.EpisodeStep, many=True)
def reset_stuck_episode_steps(body: dict[str, Any]) -> Response:
    """Take steps that have been running for too long for failed, so that they can be started again.

    Of all episodes, the first that began first, at most 1000; a dry run only lists them. Who still works on such a step
    gets 409 when finishing it.
    """
    find = queries.tweets.list_stuck_steps if body["dry_run"] else queries.tweets.fail_stuck_steps
    return items(session().json(find(older_than_hours=body["older_than_hours"])).body)


@blueprint.get("/v1/episodes/<uuid:episode_id>")
@operation("episodes:read", returns=schemas.EpisodeDetail)
def get_episode(episode_id: UUID) -> Response:
    """Show an episode with its transcript and the steps of its ingestion."""
    return one(queries.tweets.get_episode(id=episode_id))


@blueprint.patch("/v1/episodes/<uuid:episode_id>/summary")
@operation("episodes:write", body=schemas.EpisodeSummary, returns=schemas.Episode, if_match=True)
def update_episode_summary(
    episode_id: UUID, body: dict[str, Any], revision: int | None
) -> Response:
    """Set what the ingestion found out: summary, keywords, embedding."""
    update = queries.tweets.update_episode_summary(
        id=episode_id,
        summary_text=body.get("summary_text"),
        keywords=body["keywords"],
        summary_embedding=body["summary_embedding"] or [],
        revision=revision,
    )
    return changed(update, queries.tweets.get_episode(id=episode_id), revision)


@blueprint.post("/v1/episodes/<uuid:episode_id>/steps")
@operation("episodes:write", body=schemas.NewEpisodeSteps, returns=schemas.EpisodeStep, many=True)
def add_episode_steps(episode_id: UUID, body: dict[str, Any]) -> Response:
    """Add steps to the ingestion of an episode; those that it has stay as they are.

    Without names they are chunking, embedding, summary and keywords. Answers with all steps in their order.
    """

    def work(tx: Transaction) -> Response:
        if not tx.execute(queries.tweets.lock_episode(id=episode_id)):
            raise errors.not_found()
        return items(tx.json(queries.tweets.add_steps(episode_id=episode_id, **body)).body)

    return atomically(work)


@blueprint.post("/v1/episodes/<uuid:episode_id>/steps/<name>/start")
@operation("episodes:write", returns=schemas.EpisodeStep, if_match=True)
def start_episode_step(episode_id: UUID, name: str, revision: int | None) -> Response:
    """Start a step that is pending or failed."""
    return changed(
        queries.tweets.start_step(episode_id=episode_id, name=name, revision=revision),
        queries.tweets.get_step(episode_id=episode_id, name=name),
        revision,
    )


@blueprint.post("/v1/episodes/<uuid:episode_id>/steps/<name>/finish")
@operation(
    "episodes:write", body=schemas.EpisodeStepResult, returns=schemas.EpisodeStep, if_match=True
)
def finish_episode_step(
    episode_id: UUID, name: str, body: dict[str, Any], revision: int | None
) -> Response:
    """Report that a running step succeeded, or why it failed.

    With the ETag that starting it gave, only who started it last can finish it.
    """
    finish = queries.tweets.finish_step(
        episode_id=episode_id,
        name=name,
        status="success" if body["ok"] else "failed",
        error=body["error"],
        revision=revision,
    )
    return changed(finish, queries.tweets.get_step(episode_id=episode_id, name=name), revision)


@blueprint.post("/v1/episodes/<uuid:episode_id>/steps/<name>/retry")
@operation("episodes:write", returns=schemas.EpisodeStep, if_match=True)
def retry_episode_step(episode_id: UUID, name: str, revision: int | None) -> Response:
    """Put a failed step back to pending."""
    return changed(
        queries.tweets.retry_step(episode_id=episode_id, name=name, revision=revision),
        queries.tweets.get_step(episode_id=episode_id, name=name),
        revision,
    )
