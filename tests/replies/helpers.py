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
