"""Tweets over REST: taken in once each, listed, searched, classified."""

import json
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from service.bulk import BulkResults, written
from service.database import Transaction
from service.queries import queries
from service.rest import answer, atomically, changed, one, operation, page
from service.tweets import blueprint
from service.tweets import tweet_schemas as schemas

TWEETS = (
    queries.tweets.list_tweets,
    queries.tweets.list_tweets_oldest_first,
    queries.tweets.list_tweets_by_status,
    queries.tweets.list_tweets_by_status_oldest_first,
    queries.tweets.list_tweets_of_episode,
    queries.tweets.list_tweets_of_episode_oldest_first,
)


@blueprint.get("/v1/tweets")
@operation("tweets:read", query=schemas.TweetQuery, returns=schemas.TweetItem, many=True)
def list_tweets(query: dict[str, Any]) -> Response:
    """List tweets by the time they were taken in."""
    return page(TWEETS, query, shown=partial(_shown, query.pop("wanted")))


@blueprint.get("/v1/tweets/search")
@operation("tweets:read", query=schemas.TweetSearch, returns=schemas.TweetItem, many=True)
def search_tweets(query: dict[str, Any]) -> Response:
    """Search the texts of tweets, newest first.

    Words are compared by their English stems. A search for nothing but words such as "the" finds nothing.
    """
    return page(queries.tweets.search_tweets, query, shown=partial(_shown, query.pop("wanted")))


def _shown(wanted: list[str] | None, rows: bytes) -> bytes:
    """The items with the fields that were asked for, or all of them; without flags where there are none.

    All is what most ask for, so that is not parsed: flags are an item's last field, and nothing else has these bytes
    in it, neither a text, whose quotes are escaped, nor the flags, which jsonb writes with blanks.
    """
    rows = rows.replace(b',"flags":null}', b"}")
    if not wanted:
        return rows
    return json.dumps(
        [{name: item[name] for name in wanted if name in item} for item in json.loads(rows)]
    ).encode()


@blueprint.post("/v1/tweets")
@operation("tweets:write", body=schemas.NewTweet, returns=schemas.Tweet, status=(200, 201))
def receive_tweet(body: dict[str, Any]) -> Response:
    """Take a tweet in.

    201 when it is new, 200 when it was known already: then it gets what is new about it, and keeps its status.
    """

    def work(tx: Transaction) -> Response:
        [stored] = tx.rows(queries.tweets.receive_tweets(tweets=[body]))
        return answer(
            tx.json(queries.tweets.get_tweet(id=stored.id)), 201 if stored.created else 200
        )

    return atomically(work)


@blueprint.post("/v1/tweets/batch")
@operation("tweets:write", body=schemas.NewTweets, returns=BulkResults)
def receive_tweets(body: dict[str, Any]) -> Response:
    """Take up to a thousand tweets in; the answer tells what became of each.

    A tweet that is known gets what is new about it, and keeps its status. It is skipped if nothing is.
    """
    return written(body["tweets"], lambda rows: queries.tweets.receive_tweets(tweets=rows))


@blueprint.get("/v1/tweets/<uuid:tweet_id>")
@operation("tweets:read", returns=schemas.TweetDetail)
def get_tweet(tweet_id: UUID) -> Response:
    """Show a tweet with its thread, and its drafts with what was decided on them."""
    return one(queries.tweets.get_tweet_thread(id=tweet_id))


@blueprint.get("/v1/tweets/by-external-id/<external_id>")
@operation("tweets:read", returns=schemas.Tweet)
def get_tweet_by_external_id(external_id: str) -> Response:
    """Show the tweet that X calls so."""
    return one(queries.tweets.get_tweet_by_external_id(external_id=external_id))


@blueprint.patch("/v1/tweets/<uuid:tweet_id>")
@operation(
    "tweets:write",
    body=schemas.TweetChanges,
    returns=schemas.Tweet,
    if_match=True,
    conflicts=True,
)
def update_tweet(tweet_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Change a tweet's status or episode.

    It becomes drafted and posted by what happens to its drafts, not here.
    """
    update = queries.tweets.update_tweet(
        id=tweet_id,
        status=body.get("status"),
        replace_episode="episode_id" in body,
        episode_id=body.get("episode_id"),
        revision=revision,
    )
    return changed(update, queries.tweets.get_tweet(id=tweet_id), revision)


@blueprint.post("/v1/tweets/<uuid:tweet_id>/classify")
@operation("tweets:write", body=schemas.TweetClassification, returns=schemas.Tweet)
def classify_tweet(tweet_id: UUID, body: dict[str, Any]) -> Response:
    """Classify a tweet that is unclassified, once; who comes second is told what it is."""
    return changed(
        queries.tweets.classify_tweet(id=tweet_id, **body), queries.tweets.get_tweet(id=tweet_id)
    )
