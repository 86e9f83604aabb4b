"""`flask retention`: deletes what is old of each tenant, and nothing else."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service import create_app
from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.operations.retention import BATCH
from service.operations.tasks import retain
from tests.client import Client, Gunicorn, Tenant
from tests.commands import environment, flask, make_platform_key
from tests.postgres import BLOCKED, Server

Sql = psycopg.Connection[Any]

DATABASE = "retention"
ALL = {
    "RETENTION_OPEN_CONVERSATIONS_DAYS": "30",
    "RETENTION_CLOSED_CONVERSATIONS_DAYS": "30",
    "RETENTION_ARCHIVED_CONVERSATIONS_DAYS": "30",
    "RETENTION_MODEL_RUNS_DAYS": "30",
    "RETENTION_EVENTS_DAYS": "60",
    "RETENTION_NOTIFICATIONS_DAYS": "30",
    "RETENTION_JOBS_DAYS": "30",
    "RETENTION_WEBHOOK_DELIVERIES_DAYS": "30",
    "RETENTION_IDEMPOTENCY_KEYS_DAYS": "30",
    "RETENTION_API_USAGE_DAYS": "30",
}
OLD_OF_A_TENANT = {
    "inbox.conversations open": 0,
    "inbox.conversations closed": 0,
    "inbox.conversations archived": 0,
    "models.model_runs": 1,
    "operations.events": 1,
    "operations.notifications": 1,
    "operations.jobs succeeded": 1,
    "operations.jobs cancelled": 1,
    "webhooks.deliveries": 1,
    "operations.idempotency_keys": 1,
    "operations.api_usage": 1,
}


@pytest.fixture(scope="module")
def settings(settings: Settings, server: Server, clone: Callable[[str], str]) -> Settings:
    """With a database of its own: the command looks at all tenants, which need not be those of all other tests."""
    return replace(settings, database_url=server.url("app_rw", clone(DATABASE)))


@pytest.fixture(scope="module")
def gunicorn(settings: Settings) -> Iterator[Gunicorn]:
    with Gunicorn(environment(settings)) as running:
        yield running


@pytest.fixture(scope="module")
def platform_key(settings: Settings) -> str:
    return make_platform_key(environment(settings))


@pytest.fixture
def output(server: Server, settings: Settings) -> Callable[..., str]:
    """Runs the command; what it printed."""

    def output(*arguments: str, **environ: str) -> str:
        direct = server.direct_url(DATABASE)
        given = environment(settings) | {"DIRECT_URL": direct, **environ}
        app = create_app(Settings.from_environment(given))
        try:
            done = app.test_cli_runner().invoke(args=["retention", *arguments])
        finally:
            app.extensions["draftroom"].database.close()
        assert done.exit_code == 0, done.output
        return done.output

    return output


@pytest.fixture
def run(output: Callable[..., str]) -> Callable[..., dict[str, int | None]]:
    """Runs the command; how many rows it told of in all, None for what is kept."""

    def run(*arguments: str, **environ: str) -> dict[str, int | None]:
        return told(output(*arguments, **environ))["total"]

    return run


def told(output: str) -> dict[str, dict[str, int | None]]:
    """How many rows the command told of, by tenant and table."""
    found: dict[str, dict[str, int | None]] = {}
    for line in output.splitlines():
        whose, *what, rows = line.split()
        found.setdefault(whose, {})[" ".join(what)] = None if rows == "kept" else int(rows)
    return found


@pytest.fixture(autouse=True)
def clean(run: Callable[..., dict[str, int | None]], owner: Sql) -> Iterator[None]:
    """What the tests before left that is old is gone, and so are their tenants' rules and partitions of old months."""
    owner.execute("DELETE FROM operations.retention_rules")
    run(**{**ALL, "RETENTION_IDEMPOTENCY_KEYS_DAYS": "1"})
    yield
    owner.execute("SELECT operations.drop_partitions((now() - interval '1 month')::date, false)")


def insert(owner: Sql, tenant: Tenant, days: int, count: int = 1) -> None:
    """Rows of each table that are so old; of events and jobs of every kind."""
    arguments = {"tenant": tenant.id, "old": f"{days} days", "count": count}
    for statement in (
        "INSERT INTO models.model_runs (tenant_id, run_type, model, created_at)"
        " SELECT %(tenant)s, 'EMBEDDING', 'm', now() - %(old)s::interval"
        " FROM generate_series(1, %(count)s)",
        "INSERT INTO operations.events (tenant_id, id, epoch, xid, entity, entity_id, action, changes, actor)"
        " SELECT %(tenant)s, operations.first_id(now() - %(old)s::interval - n * interval '1 microsecond'),"
        " 1, pg_current_xact_id(), 'a.b', gen_random_uuid(), 'INSERT', '{}', 'test'"
        " FROM generate_series(1, %(count)s) AS n",
        "INSERT INTO operations.notifications (tenant_id, type, created_at)"
        " SELECT %(tenant)s, 'draft_ready', now() - %(old)s::interval"
        " FROM generate_series(1, %(count)s)",
        "INSERT INTO operations.notification_reads (tenant_id, notification_id, user_id)"
        " SELECT n.tenant_id, n.id, u.id FROM operations.notifications AS n"
        " INNER JOIN identity.users AS u ON u.tenant_id = n.tenant_id AND u.role = 'viewer'"
        " WHERE n.tenant_id = %(tenant)s ON CONFLICT DO NOTHING",
        "INSERT INTO operations.idempotency_keys (tenant_id, caller, key, request_hash, created_at,"
        " expires_at) SELECT %(tenant)s, 'key:1', gen_random_uuid(), '', now() - %(old)s::interval,"
        " now() - %(old)s::interval + interval '1 day' FROM generate_series(1, %(count)s)",
        "SELECT operations.make_partitions(day, day)"
        " FROM (SELECT (now() - %(old)s::interval)::date AS day) AS old",
        "INSERT INTO operations.api_usage (tenant_id, hour, caller, method, route, status, requests, total_ms, max_ms,"
        " within_2_ms, within_5_ms, within_10_ms, within_25_ms, within_50_ms, within_100_ms, within_250_ms,"
        " within_1_s, within_5_s)"
        " SELECT %(tenant)s, date_trunc('hour', now() - %(old)s::interval), 'user', 'GET', '/' || n, 200, 1, 1, 1,"
        " 1, 1, 1, 1, 1, 1, 1, 1, 1 FROM generate_series(1, %(count)s) AS n",
    ):
        owner.execute(statement.encode(), arguments)
    # Beside those that were delivered one that still has to be sent.
    owner.execute(
        b"""
        WITH endpoint AS (
            INSERT INTO webhooks.endpoints (tenant_id, url, secret)
            VALUES (%(tenant)s, 'https://example.com/', '')
            RETURNING id
        )
        INSERT INTO webhooks.deliveries (
            tenant_id, id, endpoint_id, event_id, epoch, xid, type, entity, entity_id
        )
        SELECT
            %(tenant)s,
            operations.first_id(now() - %(old)s::interval - n * interval '1 microsecond'),
            endpoint.id,
            operations.new_id(),
            1,
            '1',
            'change',
            CASE n WHEN 0 THEN 'a.pending' ELSE 'a.sent' END,
            gen_random_uuid()
        FROM endpoint
        CROSS JOIN generate_series(0, %(count)s) AS n
        """,
        arguments,
    )
    for change in (
        "status = 'delivering', lease_id = id, lease_expires_at = now()",
        "status = 'delivered', lease_id = NULL, lease_expires_at = NULL, finished_at = now()",
    ):
        owner.execute(
            f"""
            UPDATE webhooks.deliveries SET {change}
            WHERE tenant_id = %(tenant)s AND status IN ('pending', 'delivering') AND entity = 'a.sent'
            """,
            arguments,
        )
    jobs = owner.execute(
        "INSERT INTO operations.jobs (tenant_id, type, created_at)"
        " SELECT %(tenant)s, 'crawl', now() - %(old)s::interval FROM generate_series(1, 4)"
        " RETURNING id",
        arguments,
    ).fetchall()
    for job, status in zip(jobs, ("cancelled", "succeeded", "failed"), strict=False):
        steps = [status] if status == "cancelled" else ["running", status]
        for step in steps:
            owner.execute(
                "WITH lease AS (SELECT CASE WHEN %(status)s = 'running' THEN now() END AS expires_at)"
                " UPDATE operations.jobs SET status = %(status)s, locked_by = 'w',"
                " lease_id = CASE WHEN %(status)s = 'running' THEN id END,"
                " lease_expires_at = lease.expires_at, times_out_at = now(),"
                " finished_at = CASE WHEN %(status)s <> 'running' THEN created_at END,"
                " error = 'e' FROM lease WHERE tenant_id = %(tenant)s AND id = %(id)s",
                {"status": step, "tenant": tenant.id, "id": job["id"]},
            )


def rows(owner: Sql, tenant: Tenant, *more: str) -> dict[str, list[Any]]:
    """What the tenant has in the tables, by id."""
    return {
        table: owner.execute(
            # Not what the requests of the test itself add to the usage meanwhile.
            f"SELECT to_jsonb(t) AS row FROM {table} AS t WHERE tenant_id = %s"
            " AND coalesce((to_jsonb(t) ->> 'hour')::timestamptz < now() - interval '1 day', true) ORDER BY 1",
            [tenant.id],
        ).fetchall()
        for table in (
            *("models.model_runs", "operations.events", "operations.notifications"),
            "operations.notification_reads",
            *("operations.jobs", "operations.idempotency_keys", "drafts.learning_samples"),
            "webhooks.deliveries",
            "operations.api_usage",
            *more,
        )
    }


def counts(owner: Sql, tenant: Tenant, *more: str) -> dict[str, int]:
    return {table: len(found) for table, found in rows(owner, tenant, *more).items()}


def test_what_is_old_is_deleted_of_each_tenant_and_nothing_else(
    run: Callable[..., dict[str, int | None]], new_tenant: Callable[[], Tenant], owner: Sql
) -> None:
    tenants = [new_tenant(), new_tenant()]
    for tenant in tenants:
        tenant.approved()
        insert(owner, tenant, days=10)
    young = [rows(owner, tenant) for tenant in tenants]
    for tenant in tenants:
        insert(owner, tenant, days=100)
    before = [counts(owner, tenant) for tenant in tenants]

    assert run("--dry-run", **ALL) == {what: 2 * n for what, n in OLD_OF_A_TENANT.items()}
    assert [counts(owner, tenant) for tenant in tenants] == before
    assert run(**ALL) == {what: 2 * n for what, n in OLD_OF_A_TENANT.items()}
    assert run(**ALL) == dict.fromkeys(OLD_OF_A_TENANT, 0)

    for tenant, rows_before in zip(tenants, young, strict=True):
        left = rows(owner, tenant)
        # The log tells that notifications were deleted, and by what.
        told = [r["row"] for r in left["operations.events"] if r["row"]["action"] == "DELETE"]
        assert [(e["entity"], e["actor"]) for e in told] == [
            ("operations.notifications", "retention")
        ]
        for table, kept in rows_before.items():
            assert all(row in left[table] for row in kept), table
        old_jobs = [
            r["row"] for r in left["operations.jobs"] if r not in rows_before["operations.jobs"]
        ]
        assert sorted(job["status"] for job in old_jobs) == ["failed", "queued"]
        # Whether or not anybody has read them; and who has goes with them.
        for table in ("operations.notifications", "operations.notification_reads"):
            assert left[table] == rows_before[table]
        assert left["models.model_runs"] == rows_before["models.model_runs"]
        assert left["operations.idempotency_keys"] == rows_before["operations.idempotency_keys"]
        assert len([r for r in left["operations.events"] if r["row"]["entity"] == "a.b"]) == 1


def test_it_tells_what_went_of_which_tenant(
    output: Callable[..., str], new_tenant: Callable[[], Tenant], owner: Sql
) -> None:
    one, many, none = (new_tenant() for _ in range(3))
    insert(owner, one, days=100)
    insert(owner, many, days=100, count=3)
    insert(owner, none, days=10)
    of_one = {what: n for what, n in OLD_OF_A_TENANT.items() if n}
    of_many = {what: n if "jobs" in what else 3 * n for what, n in of_one.items()}
    totals = {what: of_one.get(what, 0) + of_many.get(what, 0) for what in OLD_OF_A_TENANT}
    everything = {one.id: of_one, many.id: of_many, "total": totals}
    assert told(output("--dry-run", **ALL)) == everything
    assert list(told(output("--dry-run", **ALL)))[-1] == "total"

    # Of one tenant alone.
    only = {many.id: of_many, "total": {**OLD_OF_A_TENANT, **of_many}}
    for arguments in (["--dry-run"], []):
        assert told(output("--tenant", many.id, *arguments, **ALL)) == only
    assert told(output(**ALL)) == {one.id: of_one, "total": {**OLD_OF_A_TENANT, **of_one}}
    assert told(output(**ALL)) == {"total": dict.fromkeys(OLD_OF_A_TENANT, 0)}


def test_more_than_a_batch_goes(
    run: Callable[..., dict[str, int | None]], tenant: Tenant, owner: Sql
) -> None:
    insert(owner, tenant, days=100, count=2 * BATCH)
    expected = {
        what: n if n == 0 or "jobs" in what else 2 * BATCH for what, n in OLD_OF_A_TENANT.items()
    }
    assert run("--dry-run", **ALL) == expected
    assert run(**ALL) == expected


def test_by_itself_only_idempotency_keys_and_webhook_deliveries_go(
    run: Callable[..., dict[str, int | None]], tenant: Tenant, owner: Sql
) -> None:
    insert(owner, tenant, days=10_000)
    before = counts(owner, tenant)
    gone = {"operations.idempotency_keys": 1, "webhooks.deliveries": 1}
    assert run() == {**dict.fromkeys(OLD_OF_A_TENANT), **gone}
    assert counts(owner, tenant) == {what: n - gone.get(what, 0) for what, n in before.items()}
    kept = {"RETENTION_IDEMPOTENCY_KEYS_DAYS": "0", "RETENTION_WEBHOOK_DELIVERIES_DAYS": "0"}
    assert run(**kept) == dict.fromkeys(OLD_OF_A_TENANT)


def test_a_key_that_still_answers_stays(
    run: Callable[..., dict[str, int | None]], tenant: Tenant, owner: Sql
) -> None:
    body = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    headers = {"Idempotency-Key": "one"}
    first = tenant.service.post("/v1/prompts", body, headers=headers)
    owner.execute(
        "UPDATE operations.idempotency_keys SET created_at = now() - interval '9 days'"
        " WHERE tenant_id = %s",
        [tenant.id],
    )
    assert run()["operations.idempotency_keys"] == 0
    assert tenant.service.post("/v1/prompts", body, headers=headers) == first


def test_a_key_that_is_taken_over_meanwhile_stays(
    server: Server,
    run: Callable[..., dict[str, int | None]],
    tenant: Tenant,
    owner: Sql,
) -> None:
    insert(owner, tenant, days=10)
    with psycopg.connect(server.url("app_owner", DATABASE)) as other:
        other.execute(
            "UPDATE operations.idempotency_keys SET expires_at = now() + interval '1 day'"
            " WHERE tenant_id = %s",
            [tenant.id],
        )
        found: list[dict[str, int | None]] = []
        command = threading.Thread(target=lambda: found.append(run()))
        command.start()
        while command.is_alive() and not other.execute(BLOCKED, [tenant.id]).fetchall():
            pass
        other.commit()
        command.join(60)
    assert found[0]["operations.idempotency_keys"] == 0
    assert counts(owner, tenant)["operations.idempotency_keys"] == 1


# Conversations -------------------------------------------------------------------------------------


def conversation(
    tenant: Tenant, owner: Sql, status: str, days: int, *, edited: bool = False, held: bool = False
) -> str:
    """A conversation of which nothing was heard for so many days; with a learning sample, or a reply on its way."""
    received = tenant.receive()
    path = f"/v1/conversations/{received['conversation_id']}"
    if edited or held:
        draft = tenant.draft(received["conversation_id"])
        edit = {"mode": "hold", "final_text": "No."}
        reply = tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", edit)["scheduled_reply"]
        if not held:
            tenant.agent.post(f"/v1/scheduled-replies/{reply['id']}/cancel")
    if status == "closed":
        tenant.service.patch(path, {"status": status})
    if status == "archived":
        tenant.service.post(f"{path}/archive")
    with owner.transaction():
        owner.execute("ALTER TABLE inbox.conversations DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE inbox.conversations SET updated_at = now() - %(old)s::interval,"
            " last_message_at = now() - %(old)s::interval WHERE id = %(id)s",
            {"old": f"{days} days", "id": received["conversation_id"]},
        )
        owner.execute("ALTER TABLE inbox.conversations ENABLE TRIGGER USER")
    return str(received["conversation_id"])


def statuses(tenant: Tenant) -> dict[str, str]:
    return {c["id"]: c["status"] for c in tenant.service.all("/v1/conversations")}


def test_conversations_are_archived_by_age_and_status_and_deleted_once_archived_for_long(
    run: Callable[..., dict[str, int | None]], tenant: Tenant, owner: Sql
) -> None:
    ages = {"open": (50, 10), "closed": (40, 10), "archived": (70, 40)}
    old, young = {}, {}
    for status, (above, below) in ages.items():
        old[status] = conversation(tenant, owner, status, above, edited=True)
        young[status] = conversation(tenant, owner, status, below, edited=True)
    waits = conversation(tenant, owner, "closed", 40, held=True)
    settings = {
        "RETENTION_OPEN_CONVERSATIONS_DAYS": "45",
        "RETENTION_CLOSED_CONVERSATIONS_DAYS": "30",
        "RETENTION_ARCHIVED_CONVERSATIONS_DAYS": "60",
    }
    before = statuses(tenant)
    expected = {f"inbox.conversations {status}": 1 for status in ages}
    for arguments in (["--dry-run"], []):
        assert statuses(tenant) == before
        assert expected.items() <= run(*arguments, **settings).items()
    assert dict.fromkeys(expected, 0).items() <= run(**settings).items()

    del before[old["archived"]]
    assert statuses(tenant) == {**before, old["open"]: "archived", old["closed"]: "archived"}
    assert before[waits] == "closed"
    for conversation_id in (old["closed"], old["open"]):
        [message] = tenant.service.all(f"/v1/conversations/{conversation_id}/messages")
        assert message["body_text"] is None
    [message] = tenant.service.all(f"/v1/conversations/{young['closed']}/messages")
    assert message["body_text"]
    for table, kept in (("inbox.messages", 6), ("drafts.drafts", 6), ("drafts.draft_actions", 6)):
        assert counts(owner, tenant, table)[table] == kept
    # Of those that were archived the samples stay; the one that was deleted took its own with it.
    assert counts(owner, tenant)["drafts.learning_samples"] == 6


def test_a_tenants_own_rule_goes_before_the_settings(
    run: Callable[..., dict[str, int | None]], new_tenant: Callable[[], Tenant], owner: Sql
) -> None:
    sooner, never, default = tenants = [new_tenant() for _ in range(3)]
    ids = [conversation(tenant, owner, "closed", 40) for tenant in tenants]
    for tenant, days in ((sooner, 20), (never, 0), (default, None)):
        rule = {"subject": "closed_conversations", "days": 5}
        tenant.service.put("/v1/retention-rules", rule)
        tenant.service.put("/v1/retention-rules", {**rule, "days": days})

    def archived() -> list[bool]:
        return [
            statuses(tenant)[id_] == "archived" for tenant, id_ in zip(tenants, ids, strict=True)
        ]

    assert run()["inbox.conversations closed"] == 1
    assert archived() == [True, False, False]
    assert run(RETENTION_CLOSED_CONVERSATIONS_DAYS="30")["inbox.conversations closed"] == 1
    assert archived() == [True, False, True]


def test_a_conversation_that_is_heard_of_again_meanwhile_is_not_archived(
    run: Callable[..., dict[str, int | None]], tenant: Tenant, owner: Sql, server: Server
) -> None:
    id_ = conversation(tenant, owner, "closed", 40)
    with psycopg.connect(server.url("app_owner", DATABASE)) as other:
        other.execute("UPDATE inbox.conversations SET status = 'open' WHERE id = %s", [id_])
        found: list[dict[str, int | None]] = []
        settings = {"RETENTION_CLOSED_CONVERSATIONS_DAYS": "30"}
        command = threading.Thread(target=lambda: found.append(run(**settings)))
        command.start()
        while command.is_alive() and not other.execute(BLOCKED, [tenant.id]).fetchall():
            pass
        other.commit()
        command.join(60)
    assert found[0]["inbox.conversations closed"] == 0
    assert statuses(tenant) == {id_: "open"}


def test_the_worker_does_the_same(
    tenant: Tenant, owner: Sql, server: Server, settings: Settings
) -> None:
    insert(owner, tenant, days=100)
    old = conversation(tenant, owner, "closed", 40)
    app = create_app(Settings.from_environment({**environment(settings), **ALL}))
    database = Database(settings, server.url("app_owner", DATABASE))
    database.open()
    with app.app_context():
        who = Caller(tenant_id=tenant.id, actor="worker")
        assert sum(retain(database, who)) == 1 + sum(OLD_OF_A_TENANT.values())
        assert sum(retain(database, who)) == 0
    database.close()
    app.extensions["draftroom"].database.close()
    assert statuses(tenant) == {old: "archived"}


# Who may -------------------------------------------------------------------------------------------


def test_it_needs_the_owners_url(settings: Settings) -> None:
    done = flask(environment(settings) | {"DIRECT_URL": ""}, "retention")
    assert done.returncode == 1
    assert "DIRECT_URL is missing" in done.stderr


def test_it_needs_a_tenant_that_is_there(settings: Settings, server: Server) -> None:
    environ = environment(settings) | {"DIRECT_URL": server.direct_url(DATABASE)}
    nobody = str(uuid4())
    done = flask(environ, "retention", "--tenant", nobody)
    assert done.returncode == 1
    assert done.stderr == f"Error: there is no tenant {nobody}\n"


@pytest.mark.parametrize(
    ("function", "table"),
    [
        ("operations.forget_events", "operations.events"),
        ("models.forget_runs", "models.model_runs"),
    ],
)
def test_the_service_cannot_do_it_itself(
    tenant: Tenant, api: Client, sql: Sql, owner: Sql, function: str, table: str
) -> None:
    insert(owner, tenant, days=100)
    before = counts(owner, tenant)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(
            f"SELECT {function}(%s, array_agg(id)) FROM {table} WHERE tenant_id = %s".encode(),
            [tenant.id, tenant.id],
        )
    assert counts(owner, tenant) == before


def test_only_what_it_names_leaves_the_log(tenant: Tenant, owner: Sql) -> None:
    with owner.transaction():
        owner.execute("SELECT operations.set_local('app.action', 'IMPORT')")
        owner.execute("SELECT operations.forget_events(%s, '{}')", [tenant.id])
        shown = owner.execute("SELECT current_setting('app.action') AS action").fetchone()
        assert shown == {"action": "IMPORT"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        owner.execute("DELETE FROM operations.events WHERE tenant_id = %s", [tenant.id])
