"""Drafts over REST: post, list, feed, show."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.auth import caller
from service.database import AnyBound
from service.drafts import blueprint
from service.drafts import draft_schemas as schemas
from service.queries import queries
from service.rest import answer, one, operation, page, session
from service.schemas import PageQuery


@blueprint.post("/v1/conversations/<uuid:conversation_id>/drafts")
@operation("drafts:write", body=schemas.NewDraft, returns=schemas.Draft, status=201)
def create_draft(conversation_id: UUID, body: dict[str, Any]) -> Response:
    """Post a draft.

    It gets the next version, and supersedes the conversation's pending draft. With job_id and lease_id it
    finishes the job; a worker that lost its lease gets 409 and no draft. Posted again with them, it is there once.
    """
    return _created(
        queries.drafts.create_draft(
            conversation_id=conversation_id, author_user_id=caller().user_id, **body
        ),
        queries.inbox.get_conversation(id=conversation_id),
        body,
        conversation_id=conversation_id,
    )


@blueprint.post("/v1/tweets/<uuid:tweet_id>/drafts")
@operation("drafts:write", body=schemas.NewTweetDraft, returns=schemas.Draft, status=201)
def create_tweet_draft(tweet_id: UUID, body: dict[str, Any]) -> Response:
    """Post a draft for a tweet.

    It gets the next version, and supersedes the tweet's pending draft. A relevant tweet becomes drafted; one that is
    skipped or posted takes no drafts. With job_id and lease_id it finishes the job, whose payload names the tweet_id.
    """
    return _created_for_tweet(queries.tweets.get_tweet(id=tweet_id), body, tweet_id=tweet_id)


@blueprint.post("/v1/tweets/by-external-id/<external_id>/drafts")
@operation("drafts:write", body=schemas.NewTweetDraft, returns=schemas.Draft, status=201)
def create_tweet_draft_by_external_id(external_id: str, body: dict[str, Any]) -> Response:
    """Post a draft for the tweet that X calls so."""
    return _created_for_tweet(
        queries.tweets.get_tweet_by_external_id(external_id=external_id),
        body,
        tweet_external_id=external_id,
    )


def _created_for_tweet(
    tweet: AnyBound,
    body: dict[str, Any],
    *,
    tweet_id: UUID | None = None,
    tweet_external_id: str | None = None,
) -> Response:
    return _created(
        queries.drafts.create_tweet_draft(
            tweet_id=tweet_id,
            tweet_external_id=tweet_external_id,
            author_user_id=caller().user_id,
            **body,
        ),
        tweet,
        body,
        tweet_id=tweet_id,
        tweet_external_id=tweet_external_id,
    )


def _created(
    draft: AnyBound,
    subject: AnyBound,
    body: dict[str, Any],
    *,
    conversation_id: UUID | None = None,
    tweet_id: UUID | None = None,
    tweet_external_id: str | None = None,
) -> Response:
    """The new draft of the subject, or the one that the same worker posted for the job before."""
    again = queries.drafts.get_draft_of_job(
        job_id=body["job_id"],
        lease_id=body["lease_id"],
        conversation_id=conversation_id,
        tweet_id=tweet_id,
        tweet_external_id=tweet_external_id,
    )
    created = session().maybe_json(draft) or session().maybe_json(again)
    if created is None:
        session().json(subject)
        raise errors.conflict("the lease of the job is lost, or the job is for something else")
    return answer(created, 201)


@blueprint.get("/v1/tweets/<uuid:tweet_id>/drafts")
@operation("drafts:read", query=PageQuery, returns=schemas.Draft, many=True)
def list_tweet_drafts(tweet_id: UUID, query: dict[str, Any]) -> Response:
    """List the drafts for a tweet, the latest version first."""
    return page(
        queries.drafts.list_tweet_drafts,
        query,
        {"tweet_id": tweet_id},
        of=queries.tweets.get_tweet(id=tweet_id),
    )


@blueprint.get("/v1/conversations/<uuid:conversation_id>/drafts")
@operation("drafts:read", query=PageQuery, returns=schemas.Draft, many=True)
def list_conversation_drafts(conversation_id: UUID, query: dict[str, Any]) -> Response:
    """List the drafts of a conversation, the latest version first."""
    return page(
        queries.drafts.list_conversation_drafts,
        query,
        {"conversation_id": conversation_id},
        of=queries.inbox.get_conversation(id=conversation_id),
    )


@blueprint.get("/v1/drafts")
@operation("drafts:read", query=schemas.DraftQuery, returns=schemas.Draft, many=True)
def list_drafts(query: dict[str, Any]) -> Response:
    """List drafts, newest first."""
    return page((queries.drafts.list_drafts, queries.drafts.list_drafts_by_status), query)


@blueprint.get("/v1/drafts/feed")
@operation("drafts:read", query=schemas.FeedQuery, returns=schemas.FeedItem, many=True)
def list_draft_feed(query: dict[str, Any]) -> Response:
    """Show what to review: open conversations with their latest inbound message and pending draft."""
    return page(queries.drafts.feed, query)


@blueprint.get("/v1/drafts/<uuid:draft_id>")
@operation("drafts:read", returns=schemas.DraftDetail)
def get_draft(draft_id: UUID) -> Response:
    """Show a draft, with what was decided on it and what became of the reply."""
    return one(queries.drafts.get_draft(id=draft_id))
