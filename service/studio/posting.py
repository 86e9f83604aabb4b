"""Posting: workers claim posts that are due, post them on the platforms, and report.

Posted means confirmed. What may have been posted, because the worker says so or its lease ran out, is unknown and stays
so until a person resolves it, or that worker says more.
"""

import json
from typing import Any
from uuid import UUID, uuid4

from flask import Response

from service import claims, errors
from service.database import Json, Transaction
from service.queries import queries
from service.rest import atomically, items, operation
from service.state import state
from service.studio import blueprint
from service.studio import post_schemas as schemas
from service.studio.accounts import token_cell

RETRY_DELAY = 2 * 3600  # seconds, doubled after each failure: five attempts fit into 24 hours
MAX_RETRY_DELAY = 6 * 3600


@blueprint.post("/v1/social-posts/claim")
@operation(
    "studio:post",
    body=schemas.SocialPostClaim,
    returns=schemas.ClaimedSocialPost,
    many=True,
    no_store=True,
    replays=False,
)
def claim_social_posts(body: dict[str, Any]) -> Response:
    """Claim posts that are due, with the tokens of their accounts: at most one of each account.

    Report each one under its lease_id before the lease runs out, or extend it. A post whose lease ran out is never
    given to another worker: nobody knows whether it was posted, but who held the lease may still tell. The answer is
    not kept, so it takes no Idempotency-Key.
    """

    def claim(tx: Transaction, arguments: dict[str, Any]) -> Json:
        claimed = tx.json(
            queries.studio.claim_posts(lease_id=uuid4(), **arguments),
            first=[
                queries.studio.rescue_posts(),
                queries.studio.retry_posts(),
                queries.operations.name_action(action="CLAIM"),
            ],
        )
        tx.execute(queries.studio.tell_overdue_posts())
        posts = [_with_tokens(post) for post in json.loads(claimed.body)]
        return Json(json.dumps(posts, ensure_ascii=False).encode())

    claimed = claims.waited(
        lambda arguments: atomically(lambda tx: claim(tx, arguments)), body, "posts"
    )
    return items(claimed.body)


@blueprint.post("/v1/social-posts/<uuid:post_id>/heartbeat")
@operation("studio:post", body=claims.Heartbeat, returns=schemas.SocialPost)
def extend_social_post_lease(post_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed post."""
    return claims.reported(
        queries.studio.extend_post_lease(id=post_id, **body),
        queries.studio.get_social_post(id=post_id),
    )


@blueprint.post("/v1/social-posts/<uuid:post_id>/confirm")
@operation("studio:post", body=schemas.SocialPostConfirmation, returns=schemas.SocialPost)
def confirm_social_post(post_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed post is out.

    A late report is taken while the outcome is unknown. The same report again gets the same answer.
    """
    return claims.reported(
        queries.studio.confirm_post(id=post_id, **body),
        queries.studio.get_social_post(id=post_id),
        again=queries.studio.get_reported_post(
            id=post_id,
            lease_id=body["lease_id"],
            statuses=["posted"],
            external_id=body["external_id"],
        ),
        first=queries.operations.name_action(action="POST"),
    )


@blueprint.post("/v1/social-posts/<uuid:post_id>/fail")
@operation("studio:post", body=schemas.SocialPostFailure, returns=schemas.SocialPost)
def fail_social_post(post_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed post is not out, or that nobody knows.

    What was not posted gives its place back and is tried again after two hours, later each time, five times within 24
    hours. What is unknown is not: a person must resolve it. The same report again gets the same answer.
    """
    unknown = body["outcome"] == "unknown"
    return claims.reported(
        queries.studio.fail_post(
            id=post_id, **claims.backoff(RETRY_DELAY, MAX_RETRY_DELAY), **body
        ),
        queries.studio.get_social_post(id=post_id),
        again=queries.studio.get_reported_post(
            id=post_id,
            lease_id=body["lease_id"],
            statuses=["unknown"] if unknown else ["failed", "scheduled"],
            external_id=None,
        ),
    )


def _with_tokens(post: dict[str, Any]) -> dict[str, Any]:
    """Raises UNAVAILABLE, with which nothing is claimed, if no key reads them."""
    for name in ("access_token", "refresh_token"):
        if post[name] is not None:
            # As PostgreSQL writes a bytea in JSON, after its \\x.
            stored = bytes.fromhex(post[name][2:])
            token = state().secrets.decrypt(stored, token_cell(post["account_id"], name))
            if token is None:
                account = f"{post['username']} on {post['platform']}"
                raise errors.unavailable(
                    f"the tokens of {account} cannot be read: store them again"
                )
            post[name] = token.decode()
    return post
