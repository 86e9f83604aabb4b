"""What the tests of tweets and episodes share."""

from typing import Any
from uuid import uuid4

import psycopg

from tests.client import Client


def tweet(api: Client, **fields: Any) -> Any:
    """A new tweet."""
    body = {
        "external_id": uuid4().hex,
        "author_handle": "listener",
        "full_text": "Which episode was that?",
        **fields,
    }
    return api.post("/v1/tweets", body, expect=201)


def episode(api: Client, **fields: Any) -> Any:
    """A new episode."""
    body = {"title": "How it ships", "transcript_url": "https://example.com/1.txt", **fields}
    return api.post("/v1/episodes", body, expect=201)


def reply(sql: psycopg.Connection[Any], tweet_ids: list[str]) -> None:
    """Drafts replies to the tweets, and sends them."""
    sql.execute("SET CONSTRAINTS ALL DEFERRED")
    for statement in (
        "INSERT INTO drafts.drafts (tenant_id, tweet_id, model_key, prompt_version, suggested_text)"
        " SELECT tenant_id, id, 'gpt-4o-mini', 'v1', 'Episode 12.' FROM tweets.tweets WHERE id = ANY (%s)",
        "UPDATE drafts.drafts SET status = 'approved' WHERE tweet_id = ANY (%s)",
        "INSERT INTO drafts.draft_actions (tenant_id, draft_id, user_id, type, final_text)"
        " SELECT d.tenant_id, d.id, u.id, 'approve', d.suggested_text FROM drafts.drafts AS d"
        " CROSS JOIN (SELECT id FROM identity.users LIMIT 1) AS u WHERE d.tweet_id = ANY (%s)",
        "INSERT INTO drafts.scheduled_replies"
        " (tenant_id, tweet_id, draft_id, status, final_text, scheduled_for)"
        " SELECT tenant_id, tweet_id, id, 'scheduled', suggested_text, now() FROM drafts.drafts"
        " WHERE tweet_id = ANY (%s)",
        "UPDATE drafts.scheduled_replies SET status = 'claimed', locked_by = 'poster',"
        " lease_id = draft_id, lease_expires_at = now() WHERE tweet_id = ANY (%s)",
        "UPDATE drafts.scheduled_replies SET status = 'sent', sent_at = now(), external_id = id::text,"
        " lease_expires_at = NULL WHERE tweet_id = ANY (%s)",
        "UPDATE drafts.drafts SET status = 'sent' WHERE tweet_id = ANY (%s)",
    ):
        sql.execute(statement, [tweet_ids])


def etag(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def events(sql: psycopg.Connection[Any], entity_id: str) -> list[tuple[str, Any]]:
    """Action and changes of each event of a row, in their order."""
    sql.rollback()
    found = sql.execute(
        "SELECT action, changes FROM operations.events WHERE entity_id = %s ORDER BY id",
        [entity_id],
    ).fetchall()
    sql.rollback()
    return [(row["action"], row["changes"]) for row in found]


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]
