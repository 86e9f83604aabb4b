"""Deliveries: approved replies on their way out.

A posting worker claims what is due under a lease, and reports. Sent means confirmed. What may have been sent, because
the worker says so or its lease ran out, is unknown and stays so until a person resolves it, or that worker says more.
"""

import json
from typing import Any, Literal
from uuid import UUID, uuid4

from flask import Response

from service import claims, errors
from service.auth import caller, require_user
from service.database import AnyBound, Json
from service.drafts import blueprint
from service.drafts import delivery_schemas as schemas
from service.drafts.seen import refuse_unseen
from service.queries import Bound, queries
from service.rest import answer, changed, items, one, operation, page, refuse_stale, session


@blueprint.get("/v1/scheduled-replies")
@operation("drafts:read", query=schemas.ReplyQuery, returns=schemas.ScheduledReply, many=True)
def list_replies(query: dict[str, Any]) -> Response:
    """List replies on their way out, and what became of them, newest first."""
    return page((queries.drafts.list_replies, queries.drafts.list_replies_by_status), query)


@blueprint.get("/v1/scheduled-replies/<uuid:reply_id>")
@operation("drafts:read", returns=schemas.ScheduledReply)
def get_reply(reply_id: UUID) -> Response:
    """Show a reply."""
    return one(queries.drafts.get_reply(id=reply_id))


@blueprint.post("/v1/scheduled-replies/claim")
@operation("drafts:deliver", body=schemas.ReplyClaim, returns=schemas.ClaimedReply, many=True)
def claim_replies(body: dict[str, Any]) -> Response:
    """Claim replies that are due, to send them.

    Report each one under its lease_id before the lease runs out, or extend it. A reply whose lease ran out is never
    given to another worker: nobody knows whether it was sent, but who held the lease may still tell.
    """

    def claim(arguments: dict[str, Any]) -> Json:
        return session().json(
            queries.drafts.claim_replies(lease_id=uuid4(), **arguments),
            first=queries.drafts.rescue_replies(),
        )

    return items(claims.waited(claim, body, "replies").body)


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/heartbeat")
@operation("drafts:deliver", body=claims.Heartbeat, returns=schemas.ScheduledReply)
def extend_reply_lease(reply_id: UUID, body: dict[str, Any]) -> Response:
    """Extend the lease of a claimed reply."""
    return claims.reported(
        queries.drafts.extend_reply_lease(id=reply_id, **body),
        queries.drafts.get_reply(id=reply_id),
    )


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/confirm")
@operation("drafts:deliver", body=schemas.ReplyConfirmation, returns=schemas.ScheduledReply)
def confirm_reply(reply_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed reply was sent.

    Only now is the draft sent, and the outbound message there. A late report is taken while the outcome is unknown.
    The same report again gets the same answer.
    """
    return claims.reported(
        queries.drafts.confirm_reply(id=reply_id, **body),
        queries.drafts.get_reply(id=reply_id),
        again=queries.drafts.get_reported_reply(
            id=reply_id,
            lease_id=body["lease_id"],
            statuses=["sent"],
            external_id=body["external_id"],
        ),
        first=_posted(),
    )


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/fail")
@operation("drafts:deliver", body=schemas.ReplyFailure, returns=schemas.ScheduledReply)
def fail_reply(reply_id: UUID, body: dict[str, Any]) -> Response:
    """Report that a claimed reply was not sent, or that nobody knows.

    What was not sent is tried again, later each time. What is unknown is not: a person must resolve it; a late report
    that it was not sent holds it for them. The same report again gets the same answer.
    """
    return claims.reported(
        queries.drafts.fail_reply(id=reply_id, **claims.backoff(), **body),
        queries.drafts.get_reply(id=reply_id),
        again=queries.drafts.get_reported_reply(
            id=reply_id,
            lease_id=body["lease_id"],
            statuses=["unknown"]
            if body["outcome"] == "unknown"
            else ["scheduled", "held", "failed"],
            external_id=None,
        ),
    )


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/schedule")
@operation(
    "drafts:decide", body=schemas.ReplySchedule, returns=schemas.ScheduledReply, if_match=True
)
def schedule_reply(reply_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Send a reply out now, at another time, or hold it back: one that is held, scheduled, or has failed."""
    require_user(caller())
    scheduled = session().maybe_json(
        queries.drafts.schedule_reply(
            id=reply_id,
            revision=revision,
            status="held" if body["mode"] == "hold" else "scheduled",
            scheduled_for=body["schedule_at"],
            confirm_closed=body["confirm_closed"],
            seen_message_id=body["seen_message_id"],
        ),
        first=queries.operations.name_action(action="SCHEDULE"),
    )
    if scheduled is not None:
        claims.announce("replies")
        return answer(scheduled)
    now = session().json(queries.drafts.get_reply(id=reply_id))
    refuse_stale(revision, now)
    reply = json.loads(now.body)
    refuse_unseen(body["seen_message_id"], reply["conversation_id"])
    raise errors.conflict("the state of this does not allow it", current=reply)


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/cancel")
@operation("drafts:decide", returns=schemas.ScheduledReply, if_match=True)
def cancel_reply(reply_id: UUID, revision: int | None) -> Response:
    """Take a reply back that is held, scheduled, or has failed."""
    require_user(caller())
    return changed(
        queries.drafts.cancel_reply(id=reply_id, revision=revision),
        queries.drafts.get_reply(id=reply_id),
        revision,
        first=queries.operations.name_action(action="CANCEL"),
    )


@blueprint.post("/v1/scheduled-replies/<uuid:reply_id>/resolve")
@operation("drafts:decide", body=schemas.ReplyResolution, returns=schemas.ScheduledReply)
def resolve_reply(reply_id: UUID, body: dict[str, Any]) -> Response:
    """Say what became of a reply whose outcome is unknown.

    One that was sent is sent; one that was not is held, to be scheduled or cancelled.
    """
    require_user(caller())
    resolve: Bound[Literal["maybe"], Any]
    if body["outcome"] == "not_sent":
        resolve = queries.drafts.resolve_reply_not_sent(id=reply_id)
        first = queries.operations.name_action(action="RESOLVE")
    else:
        resolve = queries.drafts.resolve_reply_sent(
            id=reply_id, external_id=body["external_id"], sent_at=body["sent_at"]
        )
        first = _posted()
    return changed(resolve, queries.drafts.get_reply(id=reply_id), first=first)


def _posted() -> AnyBound:
    return queries.operations.name_action(action="POST")
