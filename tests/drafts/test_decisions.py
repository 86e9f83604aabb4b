"""Decisions: exactly one wins, it is kept as it was made, and the tenant's rules hold on every route."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once

NOW = {"mode": "now"}
BODIES: dict[str, dict[str, Any]] = {
    "approve": NOW,
    "edit": {**NOW, "final_text": "Another text."},
    "reject": {"reason": "wrong tone"},
    "supersede": {},
}


def decide(client: Client, draft_id: str, action: str, **kwargs: Any) -> Any:
    return client.post(f"/v1/drafts/{draft_id}/{action}", BODIES[action], **kwargs)


@pytest.mark.parametrize("actions", [["approve"], list(BODIES)])
def test_of_fifty_at_once_exactly_one_decides(
    tenant: Tenant, sql: psycopg.Connection[Any], actions: list[str]
) -> None:
    draft = tenant.draft()
    people = [tenant.acting(user) for user in ("agent", "agent2", "approver", "admin")]

    def attempt(n: int) -> tuple[int, Any]:
        action = actions[n % len(actions)]
        response = people[n % 4].request(
            "POST", f"/v1/drafts/{draft['id']}/{action}", BODIES[action]
        )
        return response.status_code, response.json()

    answers = at_once(50, attempt)

    [won] = [body for status, body in answers if status == 200]
    lost = [body for status, body in answers if status == 409]
    assert len(lost) == 49
    assert {problem["decision"]["type"] for problem in lost} == {won["action"]["type"]}
    assert {problem["decision"]["by"]["id"] for problem in lost} == {won["action"]["user_id"]}
    assert {problem["decision"]["status"] for problem in lost} == {won["status"]}
    counted = sql.execute(
        """
        SELECT
            (SELECT count(*) FROM drafts.draft_actions WHERE tenant_id = %(t)s) AS actions,
            (SELECT count(*) FROM drafts.scheduled_replies WHERE tenant_id = %(t)s) AS replies
        """,
        {"t": tenant.id},
    ).fetchone()
    assert counted == {"actions": 1, "replies": 1 if won["scheduled_reply"] else 0}


def test_the_loser_is_told_what_was_decided_by_whom_and_when(tenant: Tenant) -> None:
    draft = tenant.draft()
    decide(tenant.agent, draft["id"], "reject")

    problem = decide(tenant.acting("approver"), draft["id"], "approve", expect=409)

    assert problem["code"] == "CONFLICT"
    assert problem["detail"] == "the draft is rejected"
    decision = problem["decision"]
    assert decision["by"] == {"id": tenant.users["agent"], "display_name": "Agent"}
    assert datetime.fromisoformat(decision["at"]) <= datetime.now(UTC)


def test_a_draft_superseded_by_a_newer_one_says_so(tenant: Tenant) -> None:
    old = tenant.draft()
    new = tenant.draft(old["conversation_id"])
    problem = decide(tenant.agent, old["id"], "approve", expect=409)
    assert problem["decision"]["superseded_by_id"] == new["id"]
    assert problem["decision"]["by"] is None


def test_an_approval_takes_the_trimmed_suggestion(tenant: Tenant) -> None:
    decision = tenant.approved(suggested_text="  Hello.\n\n", suggested_html="<p>Hello.</p>")
    assert decision["status"] == "approved"
    reply = decision["scheduled_reply"]
    assert (reply["final_text"], reply["final_html"]) == ("Hello.", "<p>Hello.</p>")
    assert decision["learning_sample_id"] is None


def test_an_edit_keeps_the_diff_and_the_distance(tenant: Tenant) -> None:
    draft = tenant.draft(suggested_text="It ships on Tuesday.")
    body = {**NOW, "final_text": " It ships on Friday. ", "embeddings": [0.5, -1.25]}
    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)

    action = decision["action"]
    assert action["final_text"] == "It ships on Friday."
    assert action["diff"] == [
        {"op": "retain", "count": 12},
        {"op": "delete", "count": 7},
        {"op": "insert", "text": "Friday"},
        {"op": "retain", "count": 1},
    ]
    assert action["edit_distance"] == 4
    [sample] = tenant.service.get("/v1/learning-samples")["items"]
    assert sample["diff"] == action["diff"]
    assert sample["embeddings"] == [0.5, -1.25]
    detail = tenant.service.get(f"/v1/drafts/{draft['id']}")
    assert detail["actions"] == [action]
    assert detail["suggested_text"] == "It ships on Tuesday."


def test_an_edit_that_changes_nothing_is_an_approval(tenant: Tenant) -> None:
    draft = tenant.draft(suggested_text="Hello.")
    body = {**NOW, "final_text": " Hello.\n"}
    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)
    assert decision["action"]["type"] == "approve"
    assert decision["learning_sample_id"] is None


@pytest.mark.parametrize("final_text", ["", " \n\t ", "x" * 32769, "é" * 20000])
def test_a_final_text_is_neither_blank_nor_too_long(tenant: Tenant, final_text: str) -> None:
    draft = tenant.draft()
    body = {**NOW, "final_text": final_text}
    problem = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body, expect=400)
    assert list(problem["errors"]) == ["final_text"]
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}])
def test_a_rejection_needs_a_reason(tenant: Tenant, body: dict[str, Any]) -> None:
    draft = tenant.draft()
    problem = tenant.agent.post(f"/v1/drafts/{draft['id']}/reject", body, expect=400)
    assert list(problem["errors"]) == ["reason"]


def ahead(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat()


def test_the_mode_says_when_the_reply_goes_out(tenant: Tenant) -> None:
    at = ahead(hours=3)
    bodies = [NOW, {"mode": "at", "schedule_at": at}, {"mode": "hold"}]
    now, later, held = (
        tenant.agent.post(f"/v1/drafts/{tenant.draft()['id']}/approve", body)["scheduled_reply"]
        for body in bodies
    )
    assert now["status"] == "scheduled"
    assert datetime.fromisoformat(now["scheduled_for"]) <= datetime.now(UTC)
    assert datetime.fromisoformat(later["scheduled_for"]) == datetime.fromisoformat(at)
    assert (held["status"], held["scheduled_for"]) == ("held", None)
    assert [reply["id"] for reply in tenant.claim()] == [now["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mode"),
        ({"mode": "later"}, "mode"),
        ({"mode": "at"}, "schedule_at"),
        ({"mode": "now", "schedule_at": ahead(hours=1)}, "schedule_at"),
        ({"mode": "hold", "schedule_at": ahead(hours=1)}, "schedule_at"),
        ({"mode": "at", "schedule_at": ahead(minutes=-1)}, "schedule_at"),
        ({"mode": "at", "schedule_at": ahead(days=366)}, "schedule_at"),
        ({"mode": "at", "schedule_at": "2027-01-01T12:00:00"}, "schedule_at"),
        ({"mode": "at", "schedule_at": "tomorrow"}, "schedule_at"),
    ],
)
def test_mode_and_time_must_fit(tenant: Tenant, body: dict[str, Any], field: str) -> None:
    draft = tenant.draft()
    problem = tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", body, expect=400)
    assert list(problem["errors"]) == [field]


def test_a_decision_on_a_stale_revision_is_refused(tenant: Tenant) -> None:
    draft = tenant.draft()
    headers = {"If-Match": f'"{draft["revision"] + 1}"'}
    problem = decide(tenant.agent, draft["id"], "approve", expect=412, headers=headers)
    assert problem["code"] == "STALE"
    headers = {"If-Match": f'"{draft["revision"]}"'}
    decide(tenant.agent, draft["id"], "approve", headers=headers)


@pytest.mark.parametrize("action", [*BODIES, "archive"])
def test_only_a_person_with_the_right_decides(tenant: Tenant, action: str) -> None:
    draft = tenant.draft()
    path, body = f"/v1/drafts/{draft['id']}/{action}", BODIES.get(action, {})
    tenant.service.post(path, body, expect=403)
    problem = tenant.acting("viewer").post(path, body, expect=403)
    assert "drafts:decide" in problem["detail"]


@pytest.mark.parametrize("action", BODIES)
def test_a_tenant_can_leave_decisions_to_approvers(tenant: Tenant, action: str) -> None:
    tenant.acting("admin").patch("/v1/tenant", {"decision_role": "approver"})
    draft = tenant.draft()
    problem = decide(tenant.agent, draft["id"], action, expect=403)
    assert "approver" in problem["detail"]
    decide(tenant.acting("approver"), draft["id"], action)


@pytest.mark.parametrize("action", BODIES)
def test_a_tenant_can_forbid_deciding_on_ones_own_draft(tenant: Tenant, action: str) -> None:
    conversation = tenant.receive()["conversation_id"]
    own = {"model_key": "m", "prompt_version": "v1", "suggested_text": "Mine."}
    draft = tenant.agent.post(f"/v1/conversations/{conversation}/drafts", own)
    assert draft["author_user_id"] == tenant.users["agent"]
    tenant.acting("admin").patch("/v1/tenant", {"self_approval": False})

    problem = decide(tenant.agent, draft["id"], action, expect=403)

    assert "own draft" in problem["detail"]
    decide(tenant.acting("agent2"), draft["id"], action)


def test_superseding_names_another_draft_of_the_conversation(tenant: Tenant) -> None:
    draft, other = tenant.draft(), tenant.draft()
    path = f"/v1/drafts/{draft['id']}/supersede"
    for wrong in (draft["id"], other["id"], str(uuid4())):
        problem = tenant.agent.post(path, {"superseded_by_id": wrong}, expect=400)
        assert list(problem["errors"]) == ["superseded_by_id"]
    approved = tenant.approved()
    pending = tenant.draft(approved["conversation_id"])
    superseded = tenant.agent.post(
        f"/v1/drafts/{pending['id']}/supersede", {"superseded_by_id": approved["id"]}
    )
    assert superseded["status"] == "superseded"


def test_only_what_is_over_can_be_archived(tenant: Tenant) -> None:
    pending, approved, rejected = tenant.draft(), tenant.approved(), tenant.draft()
    decide(tenant.agent, rejected["id"], "reject")
    for draft in (pending, approved):
        problem = tenant.agent.post(f"/v1/drafts/{draft['id']}/archive", {}, expect=409)
        assert problem["decision"]["status"] == draft["status"]
    archived = tenant.agent.post(f"/v1/drafts/{rejected['id']}/archive", {"reason": "done"})
    assert (archived["status"], archived["action"]["type"]) == ("archived", "archive")
    tenant.agent.post(f"/v1/drafts/{rejected['id']}/archive", {}, expect=409)

    tenant.agent.post(f"/v1/scheduled-replies/{approved['scheduled_reply']['id']}/cancel")
    tenant.agent.post(f"/v1/drafts/{approved['id']}/archive", {})


def test_a_conversation_has_one_reply_on_its_way_out(tenant: Tenant) -> None:
    approved = tenant.approved()
    again = tenant.draft(approved["conversation_id"])
    problem = decide(tenant.agent, again["id"], "approve", expect=409)
    assert "on its way out" in problem["detail"]
    assert tenant.service.get(f"/v1/drafts/{again['id']}")["status"] == "pending"


@pytest.mark.parametrize("status", ["sent", "archived", "nonsense"])
def test_another_writer_cannot_change_the_status_against_the_rules(
    tenant: Tenant, sql: psycopg.Connection[Any], status: str
) -> None:
    draft = tenant.draft()
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(
            "UPDATE drafts.drafts SET status = %s WHERE tenant_id = %s AND id = %s",
            [status, tenant.id, draft["id"]],
        )
    assert refused.value.sqlstate == "DR001"


def test_another_writer_cannot_decide_a_second_time(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    decision = tenant.approved()
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute(
            """
            INSERT INTO drafts.draft_actions (tenant_id, draft_id, user_id, type, reason)
            VALUES (%s, %s, %s, 'reject', 'no')
            """,
            [tenant.id, decision["id"], tenant.users["agent"]],
        )


@pytest.mark.parametrize(
    ("text", "html", "told"),
    [
        ("It ships on Friday.", "<p>It ships on <b>Friday</b>.</p>", []),
        (" It ships on Friday. ", "<p>It ships on Fri&shy;day &#33;</p>", []),
        ("It ships on Friday.", "<style>p {}</style><p>It ships on Monday.</p>", ["final_html"]),
        ("It ships on Monday.", "<p>It ships on Friday.</p>", ["final_html"]),
    ],
)
def test_an_edit_of_the_html_is_an_edit(
    tenant: Tenant, text: str, html: str, told: list[str]
) -> None:
    draft = tenant.draft(
        suggested_text="It ships on Friday.", suggested_html="<p>It ships on Friday.</p>"
    )
    body = {**NOW, "final_text": text, "final_html": html}

    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)

    assert decision["action"]["type"] == "edit"
    assert decision["action"]["final_html"] == html
    assert decision["scheduled_reply"]["final_html"] == html
    assert decision["scheduled_reply"]["final_text"] == text.strip()
    assert [warning["field"] for warning in decision["warnings"]] == told


@pytest.mark.parametrize("html", [None, "<p>It ships on Friday.</p>"])
def test_an_edit_that_changes_neither_text_nor_html_is_an_approval(
    tenant: Tenant, html: str | None
) -> None:
    draft = tenant.draft(
        suggested_text="It ships on Friday.", suggested_html="<p>It ships on Friday.</p>"
    )
    body = {**NOW, "final_text": "It ships on Friday.", "final_html": html}

    decision = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)

    assert decision["action"]["type"] == "approve"
    assert decision["scheduled_reply"]["final_html"] == draft["suggested_html"]
    assert decision["warnings"] == []
