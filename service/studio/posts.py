"""Social posts over REST: a video with a caption, scheduled on an account that has a place for it."""

import json
from typing import Any
from uuid import UUID

from flask import Response

from service import claims, errors
from service.auth import caller, require_user
from service.queries import Bound, queries
from service.rest import answer, changed, one, operation, page, refuse_stale, session
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import post_schemas as schemas

NOT_OUT = ("draft", "scheduled", "failed")


@blueprint.get("/v1/social-posts")
@operation("studio:read", query=schemas.SocialPostQuery, returns=schemas.SocialPost, many=True)
def list_social_posts(query: dict[str, Any]) -> Response:
    """List posts, newest first; those of an account, or on a platform, by their times."""
    variants = (
        queries.studio.list_social_posts,
        queries.studio.list_social_posts_by_status,
        queries.studio.list_social_posts_of_video,
        queries.studio.list_social_posts_of_account,
        queries.studio.list_social_posts_on_platform,
    )
    return page(variants, query)


@blueprint.get("/v1/social-posts/overdue")
@operation("studio:read", query=PageQuery, returns=schemas.SocialPost, many=True)
def list_overdue_social_posts(query: dict[str, Any]) -> Response:
    """List posts that nobody has claimed within 15 minutes after they were due, the longest overdue first."""
    return page(queries.studio.list_overdue_social_posts, query)


@blueprint.post("/v1/social-posts")
@operation("studio:write", body=schemas.NewSocialPost, returns=schemas.SocialPost, status=201)
def create_social_post(body: dict[str, Any]) -> Response:
    """Make a post of a video, as a draft to be scheduled."""
    created = session().maybe_json(queries.studio.create_social_post(**body))
    if created is None:
        message = "there is no such video"
        raise errors.Problem(
            "INVALID_REFERENCE", f"video_id: {message}", errors={"video_id": [message]}
        )
    return answer(created, 201)


@blueprint.get("/v1/social-posts/<uuid:post_id>")
@operation("studio:read", returns=schemas.SocialPost)
def get_social_post(post_id: UUID) -> Response:
    """Show a post."""
    return one(queries.studio.get_social_post(id=post_id))


@blueprint.get("/v1/social-posts/<uuid:post_id>/attempts")
@operation("studio:read", query=PageQuery, returns=schemas.PostAttempt, many=True)
def list_post_attempts(post_id: UUID, query: dict[str, Any]) -> Response:
    """List what came of each attempt to post, the latest first."""
    return page(
        queries.studio.list_post_attempts,
        query,
        {"post_id": post_id},
        of=queries.studio.get_social_post(id=post_id),
    )


@blueprint.patch("/v1/social-posts/<uuid:post_id>")
@operation(
    "studio:write",
    body=schemas.SocialPostChanges,
    returns=schemas.SocialPost,
    if_match=True,
    conflicts=True,
)
def update_social_post(post_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change the caption of a post that has not gone out."""
    update = queries.studio.update_social_post(id=post_id, revision=revision, **body)
    post = session().maybe_json(update)
    if post is not None:
        return answer(post)
    now = _open(post_id, revision)
    same = session().maybe_json(queries.studio.find_same_post(id=post_id, **body))
    if same is None:
        raise errors.conflict("the state of this does not allow it", current=now)
    raise _same(json.loads(same.body))


@blueprint.post("/v1/social-posts/<uuid:post_id>/schedule")
@operation(
    "studio:write",
    body=schemas.SocialPostSchedule,
    returns=schemas.SocialPost,
    if_match=True,
    problems=("QUOTA_EXCEEDED",),
)
def schedule_social_post(post_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Schedule a post, or schedule it anew: now or at a time, on an account or on the best one of its platform.

    Of today it takes a place of the account at once, of a later day when a worker claims it. 429 if no account has a
    place on that day, with Retry-After. 409 with `conflicts_with` if another post of the account is nearer than its
    minimum distance, or has the same video and caption.
    """
    asked = {"account_id": body["account_id"], "scheduled_for": body["schedule_at"]}
    post = session().maybe_json(
        queries.studio.schedule_post(id=post_id, revision=revision, **asked),
        first=[
            queries.operations.name_action(action="SCHEDULE"),
            queries.studio.lock_social_accounts(id=post_id, account_id=body["account_id"]),
        ],
    )
    if post is None:
        raise _refused(post_id, revision, asked)
    claims.announce("posts")
    return answer(post)


@blueprint.post("/v1/social-posts/<uuid:post_id>/cancel")
@operation("studio:write", returns=schemas.SocialPost, if_match=True)
def cancel_social_post(post_id: UUID, revision: int | None) -> Response:
    """Take back a post that has not gone out."""
    return changed(
        queries.studio.cancel_social_post(id=post_id, revision=revision),
        queries.studio.get_social_post(id=post_id),
        revision,
        first=queries.operations.name_action(action="CANCEL"),
    )


@blueprint.post("/v1/social-posts/<uuid:post_id>/resolve")
@operation("studio:write", body=schemas.SocialPostResolution, returns=schemas.SocialPost)
def resolve_social_post(post_id: UUID, body: dict[str, Any]) -> Response:
    """Say what became of a post whose outcome is unknown.

    One that was not posted is failed, and is tried again only when somebody schedules it.
    """
    require_user(caller())
    resolve: Bound[Any, Any]
    if body.pop("outcome") == "posted":
        resolve = queries.studio.resolve_post_posted(id=post_id, **body)
    else:
        resolve = queries.studio.resolve_post_not_posted(id=post_id)
    return changed(
        resolve,
        queries.studio.get_social_post(id=post_id),
        first=queries.operations.name_action(action="RESOLVE"),
    )


def _refused(post_id: UUID, revision: int | None, asked: dict[str, Any]) -> errors.Problem:
    post = _open(post_id, revision)
    why = session().maybe_row(queries.studio.why_not_scheduled(id=post_id, **asked))
    if why is None:
        return errors.not_found()
    if not why.is_completed:
        return errors.conflict("the video is not completed", current=post)
    if not why.accounts:
        which = "no account on" if asked["account_id"] is None else "this is no account of"
        return errors.conflict(f"{which} {post['platform']} that is active", current=post)
    if not why.with_place:
        return errors.Problem(
            "QUOTA_EXCEEDED",
            "no account has a place left on that day of UTC",
            headers={"Retry-After": str(max(why.seconds, 1))},
        )
    if why.same_id is not None:
        return _same(_post(why.same_id))
    if why.near_id is not None:
        return errors.conflict(
            "the account has another post within its minimum distance",
            conflicts_with=_post(why.near_id),
        )
    return errors.conflict("accounts and posts have changed meanwhile: try again", current=post)


def _open(post_id: UUID, revision: int | None) -> dict[str, Any]:
    """The post as it is now; raises NOT_FOUND, STALE, or CONFLICT if it has gone out or is about to."""
    now = session().json(queries.studio.get_social_post(id=post_id))
    refuse_stale(revision, now)
    post: dict[str, Any] = json.loads(now.body)
    if post["status"] not in NOT_OUT:
        raise errors.conflict("the state of this does not allow it", current=post)
    return post


def _post(post_id: UUID) -> Any:
    return json.loads(session().json(queries.studio.get_social_post(id=post_id)).body)


def _same(post: dict[str, Any]) -> errors.Problem:
    return errors.conflict(
        "another post of the account has this video with this caption", conflicts_with=post
    )
