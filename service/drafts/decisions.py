"""Decisions: approve, edit, reject, supersede, archive. One function decides; every route calls it."""

from typing import Any
from uuid import UUID

from flask import Response

from service import claims, errors
from service.auth import caller, require_user
from service.database import AnyBound
from service.drafts import blueprint
from service.drafts import decision_schemas as schemas
from service.drafts.diff import diff, distance
from service.drafts.markup import says
from service.drafts.seen import refuse_unseen
from service.queries import queries
from service.rest import answer, operation, session
from service.schemas import trimmed

STATUS = {
    "approve": "approved",
    "edit": "approved",
    "reject": "rejected",
    "supersede": "superseded",
}
DISAGREEMENT = {"field": "final_html", "message": "does not say what final_text says"}


@blueprint.post("/v1/drafts/<uuid:draft_id>/approve")
@operation(
    "drafts:decide", body=schemas.DraftApproval, returns=schemas.DraftDecision, if_match=True
)
def approve_draft(draft_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Approve a draft as it is; its reply goes out now, at a time, or when it is released."""
    return _decide(draft_id, revision, "approve", **body)


@blueprint.post("/v1/drafts/<uuid:draft_id>/edit")
@operation("drafts:decide", body=schemas.DraftEdit, returns=schemas.DraftDecision, if_match=True)
def edit_draft(draft_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Approve a draft with another text.

    The edit is kept as operations that replay, with its distance, and becomes a learning sample. Another HTML with
    the same text is an edit, too; a text and HTML that are the suggestion, or its text alone, are an approval. The
    `warnings` of the answer tell if the HTML does not say what the text says.
    """
    final_text = trimmed(body.pop("final_text"))
    final_html = body["final_html"]
    suggestion = session().maybe_row(queries.drafts.get_suggestion(id=draft_id))
    original = suggestion.suggested_text if suggestion else None
    if (
        suggestion is None
        or original is None
        or (final_text == trimmed(original) and final_html in (None, suggestion.suggested_html))
    ):
        body = {k: v for k, v in body.items() if k not in ("final_html", "embeddings")}
        return _decide(draft_id, revision, "approve", **body)
    disagree = final_html is not None and not says(final_html, final_text)
    return _decide(
        draft_id,
        revision,
        "edit",
        final_text=final_text,
        diff=diff(original, final_text),
        edit_distance=distance(original, final_text),
        warnings=[DISAGREEMENT] if disagree else None,
        **body,
    )


@blueprint.post("/v1/drafts/<uuid:draft_id>/reject")
@operation(
    "drafts:decide", body=schemas.DraftRejection, returns=schemas.DraftDecision, if_match=True
)
def reject_draft(draft_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Reject a draft, and say why.

    A tweet that has no other draft pending or approved is relevant again.
    """
    return _decide(draft_id, revision, "reject", **body)


@blueprint.post("/v1/drafts/<uuid:draft_id>/supersede")
@operation(
    "drafts:decide", body=schemas.DraftSupersession, returns=schemas.DraftDecision, if_match=True
)
def supersede_draft(draft_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Set a pending draft aside, for another one if there is one."""
    return _decide(draft_id, revision, "supersede", **body)


@blueprint.post("/v1/drafts/<uuid:draft_id>/archive")
@operation(
    "drafts:decide", body=schemas.DraftArchival, returns=schemas.DraftDecision, if_match=True
)
def archive_draft(draft_id: UUID, body: dict[str, Any], revision: int | None) -> Response:
    """Put a draft away that is rejected, superseded, sent, or approved with its reply cancelled."""
    decision = queries.drafts.archive_draft(
        id=draft_id, revision=revision, user_id=require_user(caller()), **body
    )
    return _decided("archive", decision, draft_id, revision)


def _decide(
    draft_id: UUID,
    revision: int | None,
    action: str,
    *,
    mode: str | None = None,
    schedule_at: Any = None,
    reason: str | None = None,
    superseded_by_id: UUID | None = None,
    final_text: str | None = None,
    final_html: str | None = None,
    diff: list[dict[str, Any]] | None = None,
    edit_distance: int | None = None,
    embeddings: list[float] | None = None,
    warnings: list[dict[str, str]] | None = None,
    confirm_toxicity: bool = False,
    confirm_closed: bool = False,
    seen_message_id: UUID | None = None,
    skip_tweet: bool = False,
) -> Response:
    """Decides on a pending draft, exactly once whoever races; says what won if another was first."""
    if mode == "now":
        claims.announce("replies")
    decision = queries.drafts.decide(
        id=draft_id,
        revision=revision,
        user_id=require_user(caller()),
        role=caller().role,
        type=action,
        status=STATUS[action],
        superseded_by_id=superseded_by_id,
        reason=reason,
        final_text=final_text,
        final_html=final_html,
        diff=diff,
        edit_distance=edit_distance,
        embeddings=embeddings,
        warnings=warnings or [],
        reply_status="held" if mode == "hold" else "scheduled",
        scheduled_for=schedule_at,
        confirm_toxicity=confirm_toxicity,
        confirm_closed=confirm_closed,
        seen_message_id=seen_message_id,
        skip_tweet=skip_tweet,
    )
    return _decided(action, decision, draft_id, revision)


def _decided(action: str, decision: AnyBound, draft_id: UUID, revision: int | None) -> Response:
    decided = session().maybe_json(
        decision, first=queries.operations.name_action(action=action.upper())
    )
    if decided is None:
        raise _refusal(action, decision, draft_id, revision)
    return answer(decided)


def _refusal(
    action: str, decision: AnyBound, draft_id: UUID, revision: int | None
) -> errors.Problem:
    """What kept the decision from taking place."""
    now = session().maybe_row(queries.drafts.get_decision(id=draft_id))
    if now is None:
        return errors.not_found()
    if action == "archive" or now.status != "pending":
        by = now.user_id and {"id": str(now.user_id), "display_name": now.display_name}
        return errors.conflict(
            f"the draft is {now.status}",
            decision={
                "status": now.status,
                "type": now.type,
                "by": by,
                "at": (now.decided_at or now.updated_at).isoformat(),
                "superseded_by_id": now.superseded_by_id and str(now.superseded_by_id),
                "superseded_reason": now.superseded_reason,
            },
        )
    if revision is not None and now.revision != revision:
        return errors.Problem("STALE", f"the revision is {now.revision}")
    refuse_unseen(decision.arguments["seen_message_id"], now.conversation_id)
    if now.decision_role == "approver" and caller().role not in ("approver", "admin"):
        return errors.forbidden("in this tenant it takes an approver to decide on a draft")
    if not now.self_approval and str(now.author_user_id) == caller().user_id:
        return errors.forbidden("in this tenant nobody decides on their own draft")
    if decision.arguments["skip_tweet"] and now.tweet_id is None:
        return errors.invalid({"skip_tweet": ["the draft is for a conversation"]})
    toxicity = now.toxicity_score
    if (
        STATUS[action] == "approved"
        and not decision.arguments["confirm_toxicity"]
        and toxicity is not None
        and toxicity >= now.toxicity_threshold
    ):
        return errors.conflict(
            f"the draft's toxicity_score is {toxicity}: to approve it, say confirm_toxicity"
        )
    return errors.conflict("the draft changed meanwhile: try again")
