"""Each task of the worker does its work for a tenant, once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from service.caller import NOBODY, Caller
from service.commands.schedule import TASKS
from service.config import Settings
from service.database import Database
from service.operations import tasks as operations
from tests.client import Tenant, at_once
from tests.commands import environment, flask
from tests.facts import earlier, rewriting
from tests.library.helpers import RESOURCES, resource
from tests.library.run_helpers import version
from tests.models.test_prompts_metrics import new_prompt
from tests.postgres import Server
from tests.studio.helpers import video
from tests.studio.social import ACCOUNTS, POSTS, account, claim, confirm, schedule, scheduled
from tests.test_claims import KINDS, VERSIONS, Kind

Sql = psycopg.Connection[Any]
Do = Callable[[str], int]


@pytest.fixture(scope="session")
def of_owner(server: Server, settings: Settings) -> Iterator[Database]:
    opened = Database(settings, server.url("app_owner", "draftroom"))
    opened.open()
    yield opened
    opened.close()


def tenants_of(of_owner: Database, name: str) -> set[str]:
    """The tenants for whom the worker does the task."""
    tenants = TASKS[name].tenants
    assert tenants is not None
    return {str(row.id) for row in of_owner.session(NOBODY).rows(tenants())}


@pytest.fixture
def do(of_owner: Database, tenant: Tenant) -> Do:
    """Runs a task for the tenant, as the worker does; how many things it did."""

    def run(name: str) -> int:
        who = Caller(tenant_id=tenant.id, actor=name, request_id="2026-01-01T00:00:00Z")
        is_listed = TASKS[name].tenants is None or tenant.id in tenants_of(of_owner, name)
        done = TASKS[name].run(of_owner, who)
        done = done if isinstance(done, int) else sum(done)
        assert is_listed or not done, "the worker would not have come to the tenant"
        return done

    return run


def told(tenant: Tenant, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """The notifications of these types, the oldest first."""
    found = [(n["type"], n["payload"]) for n in tenant.agent.all("/v1/notifications")]
    return [n for n in reversed(found) if n[0] in types]


# Leases ------------------------------------------------------------------------------------------------

RESCUED_BY = {
    "operations.jobs": ("rescue-jobs", "queued"),
    "drafts.scheduled_replies": ("rescue-replies", "unknown"),
    "pipelines.runs": ("rescue-pipeline-runs", "pending"),
    "library.runs": ("rescue-resource-runs", "scheduled"),
    "studio.social_posts": ("social-posts", "unknown"),
}


def test_what_runs_every_minute_passes_by_a_tenant_without_work(
    of_owner: Database, owner: Sql, tenant: Tenant
) -> None:
    tenant.receive()
    often = [
        task["name"]
        for task in owner.execute(
            "SELECT name FROM operations.tasks WHERE every = '1 minute' AND name <> 'backlog'"
        )
    ]
    assert len(often) > 5
    for name in often:
        assert tenant.id not in tenants_of(of_owner, name)
    assert tenant.id in tenants_of(of_owner, "retention")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_lease_that_ran_out_is_noticed_where_nobody_claims(
    tenant: Tenant, of_owner: Database, sql: Sql, do: Do, kind: Kind
) -> None:
    VERSIONS[tenant.id] = version(sql, tenant)
    task, status = RESCUED_BY[kind.table]
    work = kind.one(tenant)
    do(task)
    assert kind.state(sql, work)["status"] not in ("failed", status)
    assert tenant.id not in tenants_of(of_owner, task)
    kind.let_its_worker_die(sql)
    assert tenant.id in tenants_of(of_owner, task)
    for _ in range(2):
        do(task)
        assert kind.state(sql, work)["status"] == status


# Drafts ------------------------------------------------------------------------------------------------

REMINDERS = ("draft_reminder", "draft_escalated")


def pass_a_day(owner: Sql, tenant: Tenant) -> None:
    with rewriting(owner, "drafts.drafts"):
        a_day = earlier("interval '24 hours'", "created_at", "reminded_at")
        owner.execute(
            f"UPDATE drafts.drafts SET {a_day} WHERE tenant_id = %s".encode(), [tenant.id]
        )


def test_a_pending_draft_is_reminded_of_twice_then_escalated_whoever_runs_it(
    tenant: Tenant, owner: Sql, do: Do
) -> None:
    waiting, decided = tenant.draft(), tenant.draft()
    expected: list[str] = []
    for step in ("", "draft_reminder", "draft_reminder", "draft_escalated", "", ""):
        if step:
            expected.append(step)
        before = tenant.agent.get(f"/v1/drafts/{waiting['id']}")
        counts = at_once(8, lambda _: do("draft-reminders"))
        if not step:
            assert sum(counts) == 0
        notified = [(t, p) for t, p in told(tenant, *REMINDERS) if p["draft_id"] == waiting["id"]]
        assert [type_ for type_, _ in notified] == expected
        # Nothing that a reader would have to merge.
        assert tenant.agent.get(f"/v1/drafts/{waiting['id']}") == before
        if len(expected) == 1:
            tenant.agent.post(f"/v1/drafts/{decided['id']}/approve", {"mode": "now"})
        pass_a_day(owner, tenant)
    about = {"draft_id": waiting["id"], "conversation_id": waiting["conversation_id"]}
    assert all(payload == about for _, payload in notified)
    assert len([p for _, p in told(tenant, *REMINDERS) if p["draft_id"] == decided["id"]]) == 1


def test_a_draft_that_waited_long_before_anybody_looked_is_told_step_by_step(
    tenant: Tenant, owner: Sql, do: Do
) -> None:
    tenant.draft()
    for _ in range(9):
        pass_a_day(owner, tenant)
    assert [do("draft-reminders") for _ in range(3)] == [1, 0, 0]
    assert [type_ for type_, _ in told(tenant, *REMINDERS)] == ["draft_reminder"]


def test_more_drafts_than_a_batch_are_reminded_of(
    tenant: Tenant, sql: Sql, owner: Sql, do: Do
) -> None:
    sql.execute(
        """
        WITH c AS (
            INSERT INTO inbox.conversations (tenant_id, channel_id, external_id)
            SELECT c.tenant_id, c.channel_id, 'many-' || n
            FROM inbox.conversations AS c, generate_series(1, 150) AS n
            WHERE c.tenant_id = %s AND c.id = %s
            RETURNING tenant_id, id
        )
        INSERT INTO drafts.drafts (tenant_id, conversation_id, model_key, prompt_version, suggested_text)
        SELECT tenant_id, id, 'm', 'v', 'Hi.' FROM c
        RETURNING id
        """,
        [tenant.id, tenant.receive()["conversation_id"]],
    )
    sql.commit()
    pass_a_day(owner, tenant)
    assert do("draft-reminders") == 150
    assert do("draft-reminders") == 0


# Models and the library --------------------------------------------------------------------------------


def test_the_metrics_of_prompts_are_counted(tenant: Tenant, do: Do) -> None:
    prompts = [new_prompt(tenant.service) for _ in range(2)]
    tenant.approved(prompt_version_id=prompts[0]["id"])
    assert do("prompt-metrics") == 2
    counted = [tenant.service.get(f"/v1/prompts/{prompt['id']}") for prompt in prompts]
    assert [prompt["approvals_count"] for prompt in counted] == [1, 0]
    assert all(prompt["metrics_at"] for prompt in counted)


def test_counts_that_went_wrong_are_corrected(tenant: Tenant, owner: Sql, do: Do) -> None:
    kept = resource(tenant.agent)
    tenant.agent.put(f"{RESOURCES}/{kept['id']}/bookmark", None)
    with rewriting(owner, "library.resources"):
        owner.execute("UPDATE library.resources SET bookmarks = 7 WHERE id = %s", [kept["id"]])
    assert [do("library-counts") for _ in range(2)] == [1, 0]
    assert tenant.agent.get(f"{RESOURCES}/{kept['id']}")["bookmarks"] == 1


# Studio ------------------------------------------------------------------------------------------------


def test_posts_are_tried_again_and_overdue_ones_told(
    tenant: Tenant, of_owner: Database, sql: Sql, do: Do
) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    body = {"lease_id": claimed["lease_id"], "outcome": "not_posted", "error": "503"}
    tenant.service.post(f"{POSTS}/{post['id']}/fail", body)
    sql.execute("UPDATE studio.social_posts SET retry_at = now()")
    sql.commit()
    assert tenant.id in tenants_of(of_owner, "social-posts")
    assert do("social-posts") == 0
    assert tenant.id not in tenants_of(of_owner, "social-posts")
    assert tenant.service.get(f"{POSTS}/{post['id']}")["status"] == "scheduled"
    sql.execute("UPDATE studio.social_posts SET scheduled_for = now() - interval '16 minutes'")
    sql.commit()
    assert [do("social-posts") for _ in range(2)] == [1, 0]
    assert told(tenant, "post_overdue") == [("post_overdue", {"social_post_id": post["id"]})]


def test_a_token_that_has_expired_is_told_once_until_there_is_another(
    tenant: Tenant, sql: Sql, do: Do
) -> None:
    def expire(seconds: int) -> None:
        sql.execute(
            "UPDATE studio.social_accounts SET token_expires_at = now() - %s * interval '1 second' WHERE id = %s",
            [seconds, made["id"]],
        )
        sql.commit()

    made = account(tenant.service)
    soon = datetime.now(UTC) + timedelta(minutes=3)
    account(tenant.service, token_expires_at=soon.isoformat())
    assert do("social-tokens") == 0
    expire(60)
    before = tenant.service.get(f"{ACCOUNTS}/{made['id']}")
    assert sum(at_once(8, lambda _: do("social-tokens"))) == 1
    assert tenant.service.get(f"{ACCOUNTS}/{made['id']}") == before
    expire(0)
    assert [do("social-tokens") for _ in range(2)] == [1, 0]
    about = ("token_expired", {"social_account_id": made["id"]})
    assert told(tenant, "token_expired") == [about] * 2


def test_analytics_are_asked_for_once_while_they_are_due(
    tenant: Tenant, owner: Sql, do: Do
) -> None:
    api = tenant.service
    account(api)
    made = video(api)
    schedule(api, api.post(POSTS, {"video_id": made["id"]}, expect=201))
    [claimed] = claim(api)
    confirm(api, claimed)
    assert do("snapshots") == 0

    def pass_hours(hours: int) -> None:
        table = "studio.social_posts"
        with rewriting(owner, table), rewriting(owner, table, "keep_posted"):
            posted = earlier("%s * interval '1 hour'", "posted_at")
            created = earlier("interval '9 days'", "created_at")
            owner.execute(
                f"UPDATE studio.social_posts SET {posted}, {created} WHERE tenant_id = %s".encode(),
                [hours, tenant.id],
            )
        with rewriting(owner, "operations.jobs"):
            owner.execute(
                "UPDATE operations.jobs SET unique_key = split_part(unique_key, ':', 1) || ':'"
                " || split_part(unique_key, ':', 2)::bigint - %s / 6 WHERE tenant_id = %s"
                " AND type = 'scrape-analytics'",
                [hours, tenant.id],
            )

    def jobs(**params: Any) -> list[Any]:
        return api.all("/v1/jobs", type="scrape-analytics", **params)

    pass_hours(6)
    assert sum(at_once(8, lambda _: do("snapshots"))) == 1
    [job] = jobs()
    assert (job["payload"], job["max_attempts"]) == ({"video_id": made["id"]}, 3)
    pass_hours(6)
    assert do("snapshots") == 0  # nobody has done it yet
    [work] = api.post("/v1/jobs/claim", {"worker": "w", "type": "scrape-analytics"})["items"]
    api.post(f"/v1/jobs/{work['id']}/complete", {"lease_id": work["lease_id"]})
    assert [do("snapshots") for _ in range(2)] == [1, 0]  # it told nothing
    [work] = api.post("/v1/jobs/claim", {"worker": "w", "type": "scrape-analytics"})["items"]
    now = datetime.now(UTC).isoformat()
    snapshot = {"video_id": made["id"], "snapshot_at": now, "views": 1}
    api.post("/v1/analytics-snapshots/batch", {"snapshots": [snapshot]}, expect=200)
    api.post(f"/v1/jobs/{work['id']}/complete", {"lease_id": work["lease_id"]})
    pass_hours(6)
    assert do("snapshots") == 0  # the latest is of now
    assert len(jobs()) == 2


# Operations --------------------------------------------------------------------------------------------


def test_partitions_are_made_ahead(do: Do, owner: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    assert do("partitions") == 0
    monkeypatch.setattr(operations, "AHEAD", timedelta(days=180 + 62))
    made = do("partitions")
    assert made >= 2
    names = owner.execute(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits"
        " WHERE inhparent = 'studio.analytics_snapshots'::regclass ORDER BY 1 DESC LIMIT 2"
    ).fetchall()
    for row in names:
        owner.execute(f"DROP TABLE {row['name']}".encode())


def test_old_runs_are_forgotten_but_never_the_latest(do: Do, owner: Sql) -> None:
    owner.execute(
        "INSERT INTO operations.task_runs (task, period, worker, lease_id, ended_at)"
        " SELECT 'retention', now() - days * interval '1 day', 'w', gen_random_uuid(), now()"
        " FROM unnest('{10,9,8}'::int[]) AS days"
        " UNION ALL SELECT 'partitions', now() - interval '1 day' * days, 'w', gen_random_uuid(), now()"
        " FROM unnest('{8,6,5}'::int[]) AS days"
    )
    try:
        assert [do("task-runs") for _ in range(2)] == [3, 0]
        left = owner.execute(
            "SELECT task, round(extract(epoch FROM now() - period) / 86400)::int AS days"
            " FROM operations.task_runs ORDER BY task, days"
        ).fetchall()
        assert [(row["task"], row["days"]) for row in left] == [
            ("partitions", 5),
            ("partitions", 6),
            ("retention", 8),
        ]
    finally:
        owner.execute("DELETE FROM operations.task_runs")


def test_what_is_old_is_deleted(
    tenant: Tenant, owner: Sql, server: Server, settings: Settings
) -> None:
    key = {"Idempotency-Key": "one"}
    tenant.service.post("/v1/jobs", {"type": "crawl"}, headers=key)
    old = earlier("interval '2 days'", "created_at", "expires_at")
    owner.execute(
        f"UPDATE operations.idempotency_keys SET {old} WHERE tenant_id = %s".encode(), [tenant.id]
    )
    direct = server.direct_url("draftroom")
    done = flask(environment(settings) | {"DIRECT_URL": direct}, "tasks", "run", "retention")
    assert done.returncode == 0, done.stderr
    left = owner.execute(
        "SELECT FROM operations.idempotency_keys WHERE tenant_id = %s", [tenant.id]
    )
    assert left.fetchall() == []
