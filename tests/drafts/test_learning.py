"""Learning samples: the last day's by default; an export that skips none, not even a late commit."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from service.config import Settings
from tests.client import Client, Tenant, at_once, wait_until
from tests.facts import rewriting
from tests.writer import Writer

WRITERS = 8
ROUNDS = 6
SAMPLES = "/v1/learning-samples"
NEVER = "00000000-0000-7000-8000-000000000000"


def edited(tenant: Tenant, final_text: str = "Another text.") -> dict[str, Any]:
    draft = tenant.draft()
    body = {"mode": "hold", "final_text": final_text}
    decision: dict[str, Any] = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)
    return decision


def export(tenant: Tenant, after: str | None = None) -> list[dict[str, Any]]:
    params = {"after": after} if after else {}
    response = tenant.service.request(
        "GET", "/v1/learning-samples/export", expect=200, params=params
    )
    assert response.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def exported(tenant: Tenant, count: int, after: str | None = None) -> list[dict[str, Any]]:
    """The export, once older transactions of the cluster have ended."""
    lines: list[dict[str, Any]] = wait_until(
        lambda: (lines := export(tenant, after)) and len(lines) >= count and lines
    )
    assert len(lines) == count
    return lines


def correct(sql: psycopg.Connection[Any], draft: dict[str, Any], text: str = "b") -> None:
    """Another writer's edit, with its sample."""
    sql.execute(
        """
        WITH decided AS (
            UPDATE drafts.drafts
            SET status = 'approved'
            WHERE tenant_id = current_setting('app.tenant_id')::uuid AND id = %s
            RETURNING tenant_id, id, model_key, prompt_version, suggested_text
        ),
        action AS (
            INSERT INTO drafts.draft_actions (
                tenant_id, draft_id, user_id, type, final_text, diff, edit_distance
            )
            SELECT decided.tenant_id, decided.id, u.id, 'edit', 'b', %s, 17
            FROM decided
            CROSS JOIN (SELECT id FROM identity.users LIMIT 1) AS u
            RETURNING id, diff, edit_distance
        )
        INSERT INTO drafts.learning_samples (
            tenant_id, draft_id, action_id, model_key, prompt_version, suggested_text, final_text,
            diff, edit_distance
        )
        SELECT decided.tenant_id, decided.id, action.id, decided.model_key, decided.prompt_version,
            decided.suggested_text, %s, action.diff, action.edit_distance
        FROM decided
        CROSS JOIN action
        RETURNING id
        """,
        [
            draft["id"],
            json.dumps([{"op": "delete", "count": 17}, {"op": "insert", "text": "b"}]),
            text,
        ],
    )


def test_the_list_shows_the_last_day_by_default(
    tenant: Tenant, sql: psycopg.Connection[Any], owner: psycopg.Connection[Any]
) -> None:
    yesterday, today = edited(tenant), edited(tenant)
    with rewriting(owner, "drafts.learning_samples"):
        owner.execute(
            "UPDATE drafts.learning_samples SET created_at = now() - interval '25 hours' WHERE id = %s",
            [yesterday["learning_sample_id"]],
        )
    listed = tenant.service.all("/v1/learning-samples")
    assert [sample["id"] for sample in listed] == [today["learning_sample_id"]]
    everything = tenant.service.all("/v1/learning-samples", since="2020-01-01T00:00:00Z", limit=1)
    assert [sample["id"] for sample in everything] == [
        yesterday["learning_sample_id"],
        today["learning_sample_id"],
    ]


def test_the_list_says_where_to_go_on_when_it_has_grown(
    tenant: Tenant, owner: psycopg.Connection[Any]
) -> None:
    old = edited(tenant)
    with rewriting(owner, "drafts.learning_samples"):
        owner.execute(
            "UPDATE drafts.learning_samples SET created_at = now() - interval '25 hours' WHERE id = %s",
            [old["learning_sample_id"]],
        )
    quiet = tenant.service.get(SAMPLES)
    assert (quiet["items"], quiet["next_cursor"]) == ([], None)
    made = [edited(tenant)["learning_sample_id"] for _ in range(3)]
    # However much later: what is over a day old by then comes, too, but not what was so at the start.
    with rewriting(owner, "drafts.learning_samples"):
        owner.execute(
            "UPDATE drafts.learning_samples SET created_at = now() - interval '25 hours' WHERE id = %s",
            [made[0]],
        )
    cursor, seen = quiet["resume_cursor"], []
    for left in (True, False):
        page = tenant.service.get(SAMPLES, params={"cursor": cursor, "limit": 2})
        assert page["next_cursor"] == (page["resume_cursor"] if left else None)
        seen += [sample["id"] for sample in page["items"]]
        cursor = page["resume_cursor"]
    assert seen == made
    params = {"cursor": cursor, "since": "2020-01-01T00:00:00Z"}
    assert tenant.service.get(SAMPLES, params=params) == {
        "items": [],
        "next_cursor": None,
        "resume_cursor": cursor,
    }


def test_who_follows_the_list_gets_each_sample_once_while_others_write(
    tenant: Tenant, settings: Settings
) -> None:
    drafts = [tenant.draft() for _ in range(WRITERS * ROUNDS)]
    assert tenant.users["agent"]
    assert settings.database_url
    database_url = settings.database_url

    def write(number: int) -> None:
        """Every second sample by a transaction that had begun before the other was there."""
        agent = Client(tenant.service.url, tenant.service.credential, tenant.users["agent"])
        with Writer.connect(database_url) as connection:
            connection.set("app.tenant_id", tenant.id)
            connection.commit()
            for n in range(0, ROUNDS, 2):
                early, late = drafts[number * ROUNDS + n : number * ROUNDS + n + 2]
                correct(connection, early)
                body = {"mode": "hold", "final_text": "Tomorrow."}
                agent.post(f"/v1/drafts/{late['id']}/edit", body)
                connection.commit()

    def follow() -> list[str]:
        seen, cursor, over = [], None, time.monotonic() + 60
        api = Client(tenant.service.url, tenant.service.credential)
        while len(seen) < len(drafts) and time.monotonic() < over:
            page = api.get(SAMPLES, params={"limit": 5, "cursor": cursor})
            seen += [sample["draft_id"] for sample in page["items"]]
            cursor = page["resume_cursor"]
        return seen

    with ThreadPoolExecutor() as threads:
        following = threads.submit(follow)
        at_once(WRITERS, write)
        seen = following.result()
    assert sorted(seen) == sorted(draft["id"] for draft in drafts)


def test_runs_that_go_on_after_the_watermark_export_each_sample_once(tenant: Tenant) -> None:
    first = [edited(tenant)["learning_sample_id"] for _ in range(3)]
    lines = exported(tenant, 3)
    assert [line["id"] for line in lines] == first
    assert export(tenant, lines[-1]["watermark"]) == []

    second = [edited(tenant)["learning_sample_id"] for _ in range(2)]
    more = exported(tenant, 2, lines[-1]["watermark"])
    assert [line["id"] for line in more] == second


def test_an_interrupted_run_goes_on_after_the_last_line_that_was_kept(tenant: Tenant) -> None:
    made = [edited(tenant)["learning_sample_id"] for _ in range(4)]
    lines = exported(tenant, 4)
    assert [line["id"] for line in export(tenant, lines[1]["watermark"])] == made[2:]


def test_a_sample_that_commits_late_is_not_skipped(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    before = edited(tenant)
    [line] = exported(tenant, 1)
    slow = tenant.draft()
    correct(sql, slow)  # in a transaction that stays open
    quick = edited(tenant)["learning_sample_id"]

    meanwhile = export(tenant, line["watermark"])
    assert meanwhile == []  # the quick one waits for the slow one

    sql.commit()
    both = exported(tenant, 2, line["watermark"])
    assert both[0]["draft_id"] == slow["id"]
    assert both[1]["id"] == quick
    assert before["learning_sample_id"] == line["id"]


@pytest.mark.parametrize(
    "after", ["", "x", "1.2", "1.2.3", f"1.{2**70}.{NEVER}", f"-1.0.{NEVER}", f"0.0.{'0' * 36}"]
)
def test_a_watermark_of_another_kind_is_refused(tenant: Tenant, after: str) -> None:
    response = tenant.service.request(
        "GET", "/v1/learning-samples/export", expect=400, params={"after": after}
    )
    assert list(response.json()["errors"]) == ["after"]


def test_many_samples_stream_in_order(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    sql.execute(
        """
        WITH drafted AS (
            SELECT operations.new_id() AS id, n FROM generate_series(1, 1500) AS n
        ),
        conversation AS (
            INSERT INTO inbox.conversations (tenant_id, id, channel_id, external_id)
            SELECT %(t)s, drafted.id, c.id, 'bulk ' || drafted.n
            FROM drafted
            CROSS JOIN inbox.channels AS c
            WHERE c.tenant_id = %(t)s
            RETURNING id
        )
        INSERT INTO drafts.drafts (
            tenant_id, id, conversation_id, model_key, prompt_version, suggested_text
        )
        SELECT %(t)s, conversation.id, conversation.id, 'm', 'v1', 'a' FROM conversation
        RETURNING id
        """,
        {"t": tenant.receive() and tenant.id},
    )
    sql.execute(
        """
        WITH approved AS (
            UPDATE drafts.drafts SET status = 'approved' WHERE tenant_id = %(t)s RETURNING id
        ),
        acted AS (
            INSERT INTO drafts.draft_actions (
                tenant_id, draft_id, user_id, type, final_text, diff, edit_distance
            )
            SELECT %(t)s, id, %(u)s, 'edit', 'b',
                '[{"op": "delete", "count": 1}, {"op": "insert", "text": "b"}]', 1
            FROM approved
            RETURNING id, draft_id, final_text, diff, edit_distance
        )
        INSERT INTO drafts.learning_samples (
            tenant_id, draft_id, action_id, model_key, prompt_version, suggested_text, final_text,
            diff, edit_distance
        )
        SELECT %(t)s, draft_id, id, 'm', 'v1', 'a', final_text, diff, edit_distance FROM acted
        RETURNING id
        """,
        {"t": tenant.id, "u": tenant.users["agent"]},
    )
    sql.commit()
    lines = exported(tenant, 1500)
    ids = [line["id"] for line in lines]
    assert ids == sorted(set(ids))


def test_a_sample_whose_diff_does_not_replay_cannot_be_stored(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="learning_samples_diff_check"):
        correct(sql, tenant.draft(), "c")
