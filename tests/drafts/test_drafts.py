"""Drafts: numbered without gap, one pending at a time, and a job finished together with its draft."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.writer import violated

TEXT = {"model_key": "m", "prompt_version": "v1", "suggested_text": "Hello."}


def test_concurrent_drafts_are_numbered_without_gap_or_double(tenant: Tenant) -> None:
    conversation = tenant.receive()["conversation_id"]

    drafted = at_once(20, lambda _: tenant.draft(conversation))

    assert sorted(draft["version"] for draft in drafted) == list(range(1, 21))
    drafts = tenant.service.all(f"/v1/conversations/{conversation}/drafts", limit=7)
    assert [draft["version"] for draft in drafts] == list(range(20, 0, -1))
    assert [draft["status"] for draft in drafts] == ["pending"] + ["superseded"] * 19
    by_id = {draft["id"]: draft["version"] for draft in drafts}
    assert [by_id[draft["superseded_by_id"]] for draft in drafts[1:]] == list(range(20, 1, -1))


def test_a_draft_that_is_rolled_back_leaves_no_gap(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    conversation = tenant.receive()["conversation_id"]
    insert_draft(sql, tenant, conversation)
    sql.rollback()

    assert tenant.draft(conversation)["version"] == 1


def test_a_draft_written_in_sql_is_numbered_and_supersedes_too(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    first = tenant.draft()
    written = insert_draft(sql, tenant, first["conversation_id"])
    sql.commit()

    assert written["version"] == 2
    superseded = tenant.service.get(f"/v1/drafts/{first['id']}")
    assert superseded["status"] == "superseded"
    assert superseded["superseded_by_id"] == str(written["id"])


def insert_draft(
    sql: psycopg.Connection[Any], tenant: Tenant, conversation: str, message: str | None = None
) -> Any:
    return sql.execute(
        """
        INSERT INTO drafts.drafts (
            tenant_id, conversation_id, trigger_message_id, model_key, prompt_version, suggested_text
        )
        VALUES (%s, %s, %s, 'm', 'v1', 'Hello.')
        RETURNING id, version
        """,
        [tenant.id, conversation, message],
    ).fetchone()


def test_a_message_can_be_drafted_again(tenant: Tenant) -> None:
    received = tenant.receive()
    for version in (1, 2):
        draft = tenant.draft(received["conversation_id"], trigger_message_id=received["message_id"])
        assert draft["version"] == version


def test_the_trigger_must_be_a_message_of_the_conversation(tenant: Tenant) -> None:
    conversation, other = tenant.receive(), tenant.receive()
    problem = tenant.service.post(
        f"/v1/conversations/{conversation['conversation_id']}/drafts",
        {**TEXT, "trigger_message_id": other["message_id"]},
        expect=400,
    )
    assert problem["code"] == "INVALID_REFERENCE"
    assert list(problem["errors"]) == ["trigger_message_id"]


def test_a_draft_of_an_unknown_conversation_is_not_found(api: Client) -> None:
    api.post(f"/v1/conversations/{uuid4()}/drafts", TEXT, expect=404)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("suggested_text", " \n\t"),
        ("suggested_text", "x" * 32769),
        ("suggested_text", "ä" * 20000),
        ("model_key", ""),
        ("style_score", 1.5),
        ("tokens_in", -1),
        ("tokens_in", "12"),
        ("cost_micros", 2**63),
        ("top_sources", {"url": "not a list"}),
        ("top_sources", [{"text": "x" * 65536}]),
        ("lease_id", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_bad_input_names_its_field(tenant: Tenant, field: str, value: Any) -> None:
    conversation = tenant.receive()["conversation_id"]
    problem = tenant.service.post(
        f"/v1/conversations/{conversation}/drafts", {**TEXT, field: value}, expect=400
    )
    assert problem["code"] == "VALIDATION"
    assert list(problem["errors"]) == [field]


def test_costs_beyond_32_bits_are_kept(tenant: Tenant) -> None:
    draft = tenant.draft(cost_micros=3_000_000_000, tokens_in=5_000_000_000)
    assert (draft["cost_micros"], draft["tokens_in"]) == (3_000_000_000, 5_000_000_000)


def test_a_worker_that_lost_its_lease_makes_no_draft(tenant: Tenant) -> None:
    received = tenant.receive()
    path = f"/v1/conversations/{received['conversation_id']}/drafts"
    [job] = tenant.service.post("/v1/jobs/claim", {"type": "draft", "worker": "late"})["items"]
    report = {**TEXT, "job_id": job["id"], "lease_id": job["lease_id"]}

    tenant.service.post(path, {**report, "lease_id": str(uuid4())}, expect=409)
    assert tenant.service.get(path)["items"] == []

    tenant.service.post(path, report, expect=201)
    tenant.service.post(path, {**report, "lease_id": str(uuid4())}, expect=409)
    assert len(tenant.service.get(path)["items"]) == 1


def test_a_job_is_not_finished_by_a_draft_of_another_conversation(tenant: Tenant) -> None:
    tenant.receive()
    [job] = tenant.service.post("/v1/jobs/claim", {"type": "draft", "worker": "w"})["items"]
    other = tenant.receive()["conversation_id"]
    report = {**TEXT, "job_id": job["id"], "lease_id": job["lease_id"]}
    tenant.service.post(f"/v1/conversations/{other}/drafts", report, expect=409)
    assert tenant.service.get(f"/v1/jobs/{job['id']}")["status"] == "running"


def test_the_feed_shows_each_open_conversation_once_the_latest_first(tenant: Tenant) -> None:
    received = [tenant.receive(body_text=f"question {n}") for n in range(25)]
    drafted = tenant.draft(received[3]["conversation_id"])
    tenant.receive(subject="closed", status="closed")
    tenant.service.post(
        "/v1/intake/messages",
        {
            "channel_type": "email",
            "channel_external_id": "mailbox",
            "conversation_external_id": tenant.service.get(
                f"/v1/conversations/{received[0]['conversation_id']}"
            )["external_id"],
            "body_text": "still waiting",
        },
    )

    feed = tenant.agent.all("/v1/drafts/feed", limit=7)

    expected = [received[0], *reversed(received[1:])]
    assert [item["id"] for item in feed] == [r["conversation_id"] for r in expected]
    assert feed[0]["message"]["body_text"] == "still waiting"
    assert [item["draft"]["id"] for item in feed if item["draft"]] == [drafted["id"]]
    [pending] = tenant.agent.all("/v1/drafts/feed", pending_only="true")
    assert pending["draft"]["id"] == drafted["id"]


def test_drafts_are_listed_by_status(tenant: Tenant) -> None:
    approved, pending = tenant.approved(), tenant.draft()
    assert [d["id"] for d in tenant.service.all("/v1/drafts", status="approved")] == [
        approved["id"]
    ]
    assert [d["id"] for d in tenant.service.all("/v1/drafts", limit=1)] == [
        pending["id"],
        approved["id"],
    ]


# Supersession ----------------------------------------------------------------------------------------


def answering(tenant: Tenant, sent_at: list[str]) -> tuple[str, list[str]]:
    """A conversation, and its messages that were sent at these times."""
    name = uuid4().hex
    received = [tenant.receive(name, sent_at=at) for at in sent_at]
    return received[0]["conversation_id"], [message["message_id"] for message in received]


# The later one comes last, or comes first.
@pytest.mark.parametrize("times", [["10:00", "11:00"], ["11:00", "10:00"]])
def test_a_draft_for_an_older_message_does_not_supersede_the_one_for_a_newer(
    tenant: Tenant, sql: psycopg.Connection[Any], times: list[str]
) -> None:
    conversation, messages = answering(tenant, [f"2026-01-02T{time}:00Z" for time in times])
    older, newer = (messages[times.index(time)] for time in ("10:00", "11:00"))
    pending = tenant.draft(conversation, trigger_message_id=newer)
    told = tenant.service.get("/v1/notifications")["items"]

    late = tenant.draft(conversation, trigger_message_id=older)
    written = insert_draft(sql, tenant, conversation, older)
    sql.commit()

    assert (late["status"], late["superseded_by_id"]) == ("superseded", pending["id"])
    assert (late["version"], written["version"]) == (2, 3)
    assert tenant.service.get("/v1/notifications")["items"] == told
    drafts = tenant.service.get(f"/v1/conversations/{conversation}/drafts")["items"]
    assert [draft["status"] for draft in drafts] == ["superseded", "superseded", "pending"]
    newest = tenant.draft(conversation, trigger_message_id=newer)
    assert newest["status"] == "pending"
    asked = tenant.draft(conversation)
    assert asked["status"] == "pending"


def test_only_a_live_draft_supersedes(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    first = tenant.draft()
    second = tenant.draft(first["conversation_id"])

    problem = tenant.agent.post(
        f"/v1/drafts/{second['id']}/supersede", {"superseded_by_id": first["id"]}, expect=400
    )

    assert list(problem["errors"]) == ["superseded_by_id"]
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            """
            UPDATE drafts.drafts SET status = 'superseded', superseded_by_id = %s
            WHERE tenant_id = %s AND id = %s
            """,
            [first["id"], tenant.id, second["id"]],
        )
    assert violated(refused.value) == "drafts_superseded_by_check"
