"""What tables must be to each other: the same bad case over REST and as app_rw in plain SQL, which is refused, too.

Rules of one table alone are tested where the table's own tests are, privileges and fixed columns in test_protection.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from service import errors
from service.database import Database
from tests.client import Tenant, wait_until
from tests.pipelines.helpers import (
    FINDINGS,
    INPUT,
    TEXTS,
    cards,
    claimed_run,
    completed_run,
    completion,
    finished_run,
)
from tests.postgres import BLOCKED
from tests.tweets.helpers import tweet
from tests.writer import violated

Sql = psycopg.Connection[Any]
Write = Callable[..., None]


@pytest.fixture
def write(sql: Sql, tenant: Tenant) -> Write:
    """Runs statements in one transaction. They may name %(tenant)s and %(user)s, and what is given."""

    def run(*statements: str, **values: Any) -> None:
        with sql.transaction():
            sql.execute("SET CONSTRAINTS ALL DEFERRED")
            for statement in statements:
                sql.execute(
                    statement.encode(),
                    {"tenant": tenant.id, "user": tenant.users["agent"], **values},
                )

    return run


@pytest.fixture
def refused(write: Write, database: Database) -> Write:
    """The transaction is refused by a constraint, which is explained to clients."""

    def run(constraint: str, *statements: str, **values: Any) -> None:
        with pytest.raises(CheckViolation) as failed:
            write(*statements, **values)
        assert violated(failed.value) == constraint
        problem = errors.from_database(failed.value, database.explanations())
        assert problem.code == "VALIDATION"
        assert problem.errors

    return run


@pytest.fixture
def conflict(write: Write) -> Write:
    """The transaction is refused because the state does not allow it, and the message says why."""

    def run(message: str, *statements: str, **values: Any) -> None:
        with pytest.raises(psycopg.DatabaseError) as failed:
            write(*statements, **values)
        assert failed.value.sqlstate == "DR001"
        assert failed.value.diag.message_primary == message

    return run


SET_STATUS = (
    "UPDATE drafts.drafts SET status = %(status)s WHERE tenant_id = %(tenant)s AND id = %(draft)s"
)
APPROVE = SET_STATUS.replace("%(status)s", "'approved'")
ACT = """
    INSERT INTO drafts.draft_actions (tenant_id, draft_id, user_id, type, reason, final_text, diff, edit_distance)
    SELECT tenant_id, id, %(user)s, %(type)s, 'It seems so.', %(final_text)s, %(diff)s, %(distance)s
    FROM drafts.drafts WHERE tenant_id = %(tenant)s AND id = %(draft)s
    RETURNING id
"""
NO_TEXT: dict[str, Any] = {"final_text": None, "diff": None, "distance": None}
APPROVAL = {**NO_TEXT, "type": "approve", "final_text": "It is on its way."}
REPLY = """
    INSERT INTO drafts.scheduled_replies (tenant_id, conversation_id, tweet_id, draft_id, status, final_text)
    SELECT tenant_id, conversation_id, tweet_id, id, 'held', %(reply_text)s
    FROM drafts.drafts WHERE tenant_id = %(tenant)s AND id = %(draft)s
    RETURNING id
"""
SAMPLE = """
    INSERT INTO drafts.learning_samples (
        tenant_id, draft_id, action_id, model_key, prompt_version, suggested_text, final_text, diff, edit_distance
    )
    SELECT a.tenant_id, a.draft_id, a.id, %(model)s, 'v1', 'It is on its way.', 'It is here.', %(edit)s, 7
    FROM drafts.draft_actions AS a WHERE a.tenant_id = %(tenant)s AND a.draft_id = %(draft)s
    RETURNING id
"""
EDIT = '[{"op": "retain", "count": 6}, {"op": "delete", "count": 11}, {"op": "insert", "text": "here."}]'
EDITED = {"type": "edit", "final_text": "It is here.", "diff": EDIT, "distance": 7}


def decided(tenant: Tenant, action: str) -> dict[str, Any]:
    """A draft after this decision, none for pending."""
    draft = tenant.draft()
    if action != "pending":
        body = {"reject": {"reason": "no"}, "supersede": {}}[action]
        tenant.agent.post(f"/v1/drafts/{draft['id']}/{action}", body)
    return draft


# Decisions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations([APPROVE, ACT, REPLY])))
def test_what_belongs_together_is_written_in_any_order(
    tenant: Tenant, write: Write, order: tuple[str, ...]
) -> None:
    draft = tenant.draft()
    write(*order, draft=draft["id"], reply_text="It is on its way.", **APPROVAL)
    found = tenant.service.get(f"/v1/drafts/{draft['id']}")
    assert found["status"] == "approved"
    assert found["scheduled_reply"]["status"] == "held"


@pytest.mark.not_on_citus("there it is looked at when the transaction commits")
def test_it_is_looked_at_when_a_statement_is_done(sql: Sql, tenant: Tenant) -> None:
    draft = tenant.draft()
    with pytest.raises(CheckViolation, match="nobody decided"):
        sql.execute(APPROVE.encode(), {"tenant": tenant.id, "draft": draft["id"]})
    sql.rollback()


@pytest.mark.parametrize("status", ["approved", "rejected", "superseded"])
def test_a_draft_is_what_its_decision_says(tenant: Tenant, refused: Write, status: str) -> None:
    draft = tenant.draft()
    action = {"approved": "approve", "rejected": "reject", "superseded": "supersede"}[status]
    body = {"approve": {"mode": "now"}, "reject": {"reason": "no"}, "supersede": {}}[action]
    # Over REST a person decides: a key that acts for nobody does not.
    tenant.service.post(f"/v1/drafts/{draft['id']}/{action}", body, expect=403)
    refused("drafts_decision_check", SET_STATUS, draft=draft["id"], status=status)
    # Nor is it anything else than decided.
    wrong = "reject" if status != "rejected" else "supersede"
    refused(
        "drafts_decision_check",
        SET_STATUS,
        ACT,
        **NO_TEXT,
        draft=draft["id"],
        status=status,
        type=wrong,
    )
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"


@pytest.mark.parametrize("before", ["pending", "reject", "supersede"])
def test_a_decision_is_on_a_pending_draft_and_changes_it(
    tenant: Tenant, refused: Write, write: Write, before: str
) -> None:
    draft = decided(tenant, before)
    if before != "pending":
        tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"}, expect=409)
    if before == "pending":
        refused("draft_actions_decision_check", ACT, **APPROVAL, draft=draft["id"])
    else:
        with pytest.raises(psycopg.errors.UniqueViolation):
            write(ACT, **APPROVAL, draft=draft["id"])


def test_a_draft_that_a_newer_one_superseded_is_not_decided_on(
    tenant: Tenant, refused: Write
) -> None:
    older = tenant.draft()
    tenant.draft(older["conversation_id"])
    assert tenant.service.get(f"/v1/drafts/{older['id']}")["status"] == "superseded"
    tenant.agent.post(f"/v1/drafts/{older['id']}/approve", {"mode": "now"}, expect=409)
    refused("draft_actions_decision_check", ACT, **APPROVAL, draft=older["id"])


@pytest.mark.parametrize(
    "action",
    [
        {**APPROVAL, "final_text": "We owe you 1,000,000."},
        {**EDITED, "final_text": "We owe you 1,000,000."},
        {**EDITED, "diff": "[]"},
    ],
)
def test_a_decision_follows_from_the_suggestion(
    tenant: Tenant, refused: Write, action: dict[str, Any]
) -> None:
    draft = tenant.draft()
    # Over REST an approval names no text, and an edit's diff is the service's own.
    body = {"mode": "now", "final_text": "We owe you 1,000,000."}
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", body, expect=400)
    tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", {**body, "diff": []}, expect=400)
    refused("draft_actions_decision_check", APPROVE, ACT, **action, draft=draft["id"])


def test_html_that_is_approved_is_the_suggestions(tenant: Tenant, refused: Write) -> None:
    draft = tenant.draft(suggested_html="<p>It is on its way.</p>")
    # The action has none.
    refused("draft_actions_decision_check", APPROVE, ACT, **APPROVAL, draft=draft["id"])


# Replies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["pending", "reject", "supersede"])
def test_only_what_is_approved_has_a_reply(tenant: Tenant, refused: Write, before: str) -> None:
    draft = decided(tenant, before)
    refused(
        "scheduled_replies_decision_check", REPLY, draft=draft["id"], reply_text="It is on its way."
    )
    assert tenant.claim() == []


def test_a_tweet_is_answered_only_when_that_is_approved(tenant: Tenant, refused: Write) -> None:
    stored = tweet(tenant.service)
    path = f"/v1/tweets/{stored['id']}"
    tenant.service.post(f"{path}/classify", {"score": 0.9, "status": "relevant"})
    body = {"model_key": "m", "prompt_version": "v1", "suggested_text": "Episode 12."}
    draft = tenant.service.post(f"{path}/drafts", body, expect=201)
    refused("scheduled_replies_decision_check", REPLY, draft=draft["id"], reply_text="Episode 12.")


def test_a_reply_says_what_was_approved(tenant: Tenant, refused: Write) -> None:
    draft = tenant.draft()
    refused(
        "scheduled_replies_decision_check",
        APPROVE,
        ACT,
        REPLY,
        **APPROVAL,
        draft=draft["id"],
        reply_text="We owe you 1,000,000.",
    )


def test_a_draft_is_sent_when_its_reply_is_confirmed(tenant: Tenant, refused: Write) -> None:
    decision = tenant.approved()
    [claimed] = tenant.claim()
    report = {"lease_id": decision["id"], "external_id": "OUT-1"}  # another lease
    tenant.service.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", report, expect=409)
    refused("drafts_reply_check", SET_STATUS, draft=decision["id"], status="sent")
    report = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}
    tenant.service.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", report)
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["status"] == "sent"


def test_an_approved_draft_is_archived_when_its_reply_is_cancelled(
    tenant: Tenant, refused: Write, write: Write
) -> None:
    decision = tenant.approved()
    tenant.agent.post(f"/v1/drafts/{decision['id']}/archive", {}, expect=409)
    refused("drafts_reply_check", SET_STATUS, draft=decision["id"], status="archived")
    tenant.agent.post(f"/v1/scheduled-replies/{decision['scheduled_reply']['id']}/cancel")
    write(SET_STATUS, draft=decision["id"], status="archived")


# Learning ----------------------------------------------------------------------------------------------


def test_a_sample_is_what_was_corrected(tenant: Tenant, refused: Write, write: Write) -> None:
    draft = tenant.draft()
    statements = (APPROVE, ACT, SAMPLE)
    values = {**EDITED, "draft": draft["id"], "model": draft["model_key"], "edit": EDIT}
    for wrong in (
        {"model": "gpt-0"},
        {"edit": '[{"op": "delete", "count": 17}, {"op": "insert", "text": "It is here."}]'},
        {"distance": 0},
    ):
        refused("learning_samples_copy_check", *statements, **{**values, **wrong})
    write(*statements, **values)
    [sample] = tenant.service.all("/v1/learning-samples")
    assert (sample["suggested_text"], sample["final_text"]) == ("It is on its way.", "It is here.")


def test_an_approval_is_no_sample(tenant: Tenant, refused: Write) -> None:
    decision = tenant.approved()
    assert decision["learning_sample_id"] is None
    refused("learning_samples_copy_check", SAMPLE, draft=decision["id"], model="m", edit=EDIT)


# Pipelines ---------------------------------------------------------------------------------------------

FOR_ALL_USERS = "SET LOCAL app.user_id = 'any'"
COMPLETE = """
    UPDATE pipelines.runs
    SET status = 'completed', current_stage = 5, completed_at = now(), lease_expires_at = NULL
    WHERE tenant_id = %(tenant)s AND id = %(run)s
"""
STAGES = """
    INSERT INTO pipelines.stage_outputs (tenant_id, run_id, user_id, stage_number, name, status, markdown_output)
    SELECT %(tenant)s, %(run)s, %(user)s, n, 'Stage ' || n, %(stage_status)s, '# Oats'
    FROM unnest(%(stages)s::integer[]) AS n
    RETURNING id
"""
SET_STAGE = """
    UPDATE pipelines.stage_outputs SET status = %(stage_status)s, markdown_output = '# Oats'
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND stage_number = ANY (%(stages)s)
"""
END = """
    WITH over AS (SELECT CASE WHEN %(status)s <> 'pending' THEN now() END AS at)
    UPDATE pipelines.runs
    SET status = %(status)s, lease_expires_at = NULL, error_message = 'The user went away.', completed_at = over.at
    FROM over
    WHERE tenant_id = %(tenant)s AND id = %(run)s
"""
CARDS = f"""
    INSERT INTO pipelines.opportunity_cards (tenant_id, run_id, user_id, number, {", ".join(TEXTS)})
    SELECT %(tenant)s, %(run)s, %(user)s, n, {", ".join(["'Oat'"] * len(TEXTS))}
    FROM generate_series(1, %(cards)s::integer) AS n
    RETURNING id
"""
REPORT = """
    INSERT INTO pipelines.inspiration_reports (
        tenant_id, run_id, user_id, inspiration1_title, inspiration1_content, inspiration2_title, inspiration2_content
    )
    SELECT %(tenant)s, %(run)s, %(user)s, 'Oat', 'Why oats.', 'Refill', 'Why refill.'
    ON CONFLICT (tenant_id, run_id) DO UPDATE SET inspiration1_title = excluded.inspiration1_title
"""


def test_a_run_is_completed_with_its_results(tenant: Tenant, refused: Write, write: Write) -> None:
    claimed = finished_run(tenant)
    path = f"/v1/pipeline-runs/{claimed['id']}/complete"
    for missing in ({"cards": cards()[:4]}, {"markdown_output": None}):
        tenant.service.post(path, completion(claimed) | missing, expect=400)
    values = {"run": claimed["id"], "stages": [5], "stage_status": "completed", "cards": 5}
    refused("runs_results_check", FOR_ALL_USERS, COMPLETE, **values)
    refused("runs_results_check", FOR_ALL_USERS, COMPLETE, STAGES, CARDS, **{**values, "cards": 4})
    write(FOR_ALL_USERS, COMPLETE, STAGES, CARDS, **values)
    assert tenant.agent.get(f"/v1/pipeline-runs/{claimed['id']}")["status"] == "completed"


def test_a_run_is_completed_with_all_its_stages(
    tenant: Tenant, conflict: Write, write: Write
) -> None:
    claimed = claimed_run(tenant)
    path = f"/v1/pipeline-runs/{claimed['id']}"
    missing = "these stages of the run are not completed: "
    refused = tenant.service.post(f"{path}/complete", completion(claimed), expect=409)
    assert refused["detail"] == f"{missing}1, 2, 3, 4"
    values = {"run": claimed["id"], "stage_status": "completed", "cards": 5}
    conflict(f"{missing}1, 2, 3, 4, 5", FOR_ALL_USERS, COMPLETE, CARDS, stages=[], **values)
    statements = (FOR_ALL_USERS, COMPLETE, STAGES, CARDS)
    conflict(f"{missing}2, 4", *statements, stages=[1, 3, 5], **values)
    write(*statements, stages=[1, 2, 3, 4, 5], **values)
    assert tenant.agent.get(path)["status"] == "completed"


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled"])
def test_a_stage_ends_with_its_run_whoever_ends_it(
    tenant: Tenant, write: Write, conflict: Write, status: str
) -> None:
    claimed = claimed_run(tenant)
    path = f"/v1/pipeline-runs/{claimed['id']}"
    values = {"run": claimed["id"], "status": status, "stages": [1, 2]}
    write(FOR_ALL_USERS, STAGES, END, stage_status="running", **values)
    assert [stage["status"] for stage in tenant.agent.get(path)["stages"]] == ["failed", "failed"]
    late = f"a run that is {status} takes no report that stage"
    conflict(f"{late} 1 is running", FOR_ALL_USERS, SET_STAGE, stage_status="running", **values)
    conflict(
        f"{late} 3 is running",
        FOR_ALL_USERS,
        STAGES,
        stage_status="running",
        **{**values, "stages": [3]},
    )
    completed = (FOR_ALL_USERS, SET_STAGE)
    if status == "pending":  # until the run is over
        write(*completed, stage_status="completed", **values)
    else:
        conflict(f"{late} 1 is completed", *completed, stage_status="completed", **values)


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled"])
def test_a_run_that_no_worker_has_takes_no_results(
    tenant: Tenant, write: Write, conflict: Write, status: str
) -> None:
    claimed = claimed_run(tenant)
    late = f"a run that is {status} takes no results"
    values = {"run": claimed["id"], "status": status, "cards": 5}
    write(FOR_ALL_USERS, REPORT, END, **values)
    tenant.service.post(
        f"/v1/pipeline-runs/{claimed['id']}/report",
        {"lease_id": claimed["lease_id"], **FINDINGS},
        expect=409,
    )
    conflict(late, FOR_ALL_USERS, REPORT, **values)
    conflict(late, FOR_ALL_USERS, CARDS, **values)


def test_the_report_of_a_completed_run_stays_what_it_is(tenant: Tenant, conflict: Write) -> None:
    run_id = completed_run(tenant)
    conflict("a run that is completed takes no results", FOR_ALL_USERS, REPORT, run=run_id)


def test_a_run_ends_after_a_stage_that_is_not_committed_yet(tenant: Tenant, sql: Sql) -> None:
    claimed = claimed_run(tenant)
    path = f"/v1/pipeline-runs/{claimed['id']}"
    values = {"tenant": tenant.id, "user": tenant.users["agent"], "run": claimed["id"]}
    sql.execute(FOR_ALL_USERS)
    sql.execute(STAGES.encode(), {**values, "stages": [1], "stage_status": "running"})
    with ThreadPoolExecutor() as threads:
        cancelled = threads.submit(tenant.agent.post, f"{path}/cancel", expect=200)
        wait_until(lambda: sql.execute(BLOCKED, [tenant.id]).fetchall())
        sql.commit()
        assert cancelled.result()["status"] == "cancelled"
    assert [stage["status"] for stage in tenant.agent.get(path)["stages"]] == ["failed"]


def test_stages_of_a_completed_run_stay_what_they_are(tenant: Tenant, conflict: Write) -> None:
    run_id = completed_run(tenant)
    values = {"run": run_id, "stages": [1], "stage_status": "completed"}
    late = "a run that is completed takes no report that stage 1 is completed"
    conflict(late, FOR_ALL_USERS, SET_STAGE, **values)


def test_a_run_is_imported_with_its_cards(tenant: Tenant, refused: Write) -> None:
    body = {
        **INPUT,
        "external_id": "run-1",
        "status": "completed",
        "created_at": "2025-01-21T00:00:00Z",
        "completed_at": "2025-01-21T00:10:00Z",
        "cards": [],
    }
    tenant.agent.post("/v1/pipeline-runs/import", body, expect=400)
    refused(
        "runs_results_check_on_insert",
        FOR_ALL_USERS,
        f"""
        INSERT INTO pipelines.runs (
            tenant_id, user_id, external_id, status, current_stage, created_at, completed_at, {", ".join(INPUT)}
        )
        VALUES (
            %(tenant)s, %(user)s, %(external_id)s, %(status)s, 5, %(created_at)s, %(completed_at)s,
            {", ".join(f"%({name})s" for name in INPUT)}
        )
        """,
        **{name: value for name, value in body.items() if name != "cards"},
    )


# Derived columns -----------------------------------------------------------------------------------------


def test_what_triggers_keep_is_not_for_who_inserts_to_say(
    tenant: Tenant, sql: Sql, write: Write
) -> None:
    received = tenant.receive()
    write(
        "INSERT INTO inbox.conversations (tenant_id, channel_id, external_id, draft_count)"
        " SELECT tenant_id, channel_id, 'C-7', 7 FROM inbox.conversations",
        "INSERT INTO tweets.tweets (tenant_id, external_id, author_handle, full_text, draft_count, has_draft)"
        " VALUES (%(tenant)s, 'T-7', 'listener', 'Which episode?', 7, true)",
        "INSERT INTO drafts.drafts"
        " (tenant_id, conversation_id, version, model_key, prompt_version, suggested_text)"
        " VALUES (%(tenant)s, %(conversation)s, 7, 'm', 'v1', 'It is on its way.')",
        conversation=received["conversation_id"],
    )
    [conversation] = sql.execute(
        "SELECT draft_count FROM inbox.conversations WHERE external_id = 'C-7'"
    ).fetchall()
    assert conversation == {"draft_count": 0}
    [row] = sql.execute("SELECT draft_count, has_draft FROM tweets.tweets").fetchall()
    assert row == {"draft_count": 0, "has_draft": False}
    [row] = sql.execute("SELECT version FROM drafts.drafts").fetchall()
    assert row["version"] == 1


FIRST = "00000000-0000-7000-8000-00000000c7c7"
WITH_FIRST_MESSAGE = """
    WITH conversation AS (
        INSERT INTO inbox.conversations
            (tenant_id, channel_id, external_id, last_message_id, last_message_at, last_inbound_at)
        SELECT tenant_id, id, 'C-7', %(last)s, %(last_at)s, %(inbound_at)s
        FROM inbox.channels WHERE tenant_id = %(tenant)s
        RETURNING id
    )
    INSERT INTO inbox.messages (tenant_id, id, conversation_id, direction, body_text, sent_at)
    SELECT %(tenant)s, %(first)s, id, 'inbound', 'Hello?', '2026-01-01' FROM conversation
    RETURNING id
"""
NOTED = {"first": FIRST, "last": FIRST, "last_at": "2026-01-01", "inbound_at": "2026-01-01"}


def test_a_new_conversation_may_come_with_its_first_message_noted(
    tenant: Tenant, write: Write, sql: Sql
) -> None:
    tenant.receive()
    write(WITH_FIRST_MESSAGE, **NOTED)
    [row] = sql.execute(
        "SELECT last_message_id::text FROM inbox.conversations WHERE external_id = 'C-7'"
    ).fetchall()
    assert row["last_message_id"] == FIRST


@pytest.mark.parametrize(
    "wrong",
    [
        {"last": None},
        {"last": "00000000-0000-7000-8000-00000000c8c8"},
        {"last_at": "infinity"},
        {"inbound_at": None},
    ],
    ids=["no message", "another message", "another time", "no inbound time"],
)
def test_a_new_conversation_notes_no_other_message(
    tenant: Tenant, refused: Write, wrong: dict[str, Any]
) -> None:
    tenant.receive()
    refused("conversations_first_message_check", WITH_FIRST_MESSAGE, **NOTED | wrong)


# Nothing is deleted --------------------------------------------------------------------------------------


def test_a_conversation_is_not_deleted_with_all_that_hangs_on_it(tenant: Tenant, sql: Sql) -> None:
    decision = tenant.approved()
    conversation = decision["conversation_id"]
    tenant.service.request("DELETE", f"/v1/conversations/{conversation}", expect=405)
    for table in ("inbox.conversations", "drafts.drafts", "drafts.draft_actions"):
        with pytest.raises(InsufficientPrivilege, match="permission denied"), sql.transaction():
            sql.execute(f"DELETE FROM {table}".encode())
    with pytest.raises(InsufficientPrivilege, match="permission denied"), sql.transaction():
        sql.execute("TRUNCATE inbox.conversations CASCADE")
    assert tenant.service.get(f"/v1/drafts/{decision['id']}")["actions"]
