"""What waits, as a worker measures it for /metrics."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from service.caller import NOBODY, Caller
from service.commands.schedule import steps
from service.config import Settings
from service.database import Database
from service.operations import backlog
from service.queries import queries
from tests.client import Tenant, at_once, wait_until
from tests.library.run_helpers import version
from tests.postgres import Server
from tests.test_claims import KINDS, VERSIONS, Kind

Sql = psycopg.Connection[Any]
Waiting = tuple[int, datetime | None]

# What is claimed: as which kind it is told, and in which state while a worker has it.
TOLD = {
    "job": ("jobs", "running"),
    "reply": ("replies", "claimed"),
    "post": ("posts", "claimed"),
    "run": ("pipeline_runs", "running"),
    "resource-run": ("resource_runs", "running"),
}


@pytest.fixture(scope="module")
def of_owner(server: Server, settings: Settings) -> Iterator[Database]:
    opened = Database(settings, server.url("app_owner", "draftroom"))
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def waits(of_owner: Database, tenant: Tenant) -> Callable[[str, str], Waiting]:
    """How much of a kind is in a state, in the tenant, and since when."""

    def look(kind: str, state: str) -> Waiting:
        caller = Caller(tenant_id=tenant.id, actor="backlog")
        for tenants, measured_by in backlog.AREAS:
            for found, in_state, total, oldest in backlog.counted(of_owner, caller, measured_by):
                if (found, in_state) == (kind, state):
                    listed = {str(row.id) for row in of_owner.session(NOBODY).rows(tenants())}
                    assert not total or tenant.id in listed
                    return total, oldest
        raise AssertionError("nothing of the kind is measured")

    return look


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.name in TOLD], ids=lambda kind: kind.name
)
def test_what_is_due_then_claimed_then_left_by_its_worker(
    tenant: Tenant, sql: Sql, waits: Callable[[str, str], Waiting], kind: Kind
) -> None:
    VERSIONS[tenant.id] = version(sql, tenant)
    told, claimed = TOLD[kind.name]
    assert waits(told, "due") == waits(told, claimed) == waits(told, "expired") == (0, None)
    kind.make(tenant)
    total, oldest = waits(told, "due")
    assert total == 1
    assert oldest is not None
    tenant.service.post(f"{kind.path}/claim", {"worker": "w", "limit": 1, **kind.claim})
    assert waits(told, "due")[0] == waits(told, "expired")[0] == 0
    assert waits(told, claimed)[0] == 1
    kind.let_its_worker_die(sql)
    total, oldest = waits(told, "expired")
    assert total == 1
    assert oldest is not None


def test_jobs_of_a_paused_type_wait_for_nobody_and_dead_ones_stay(
    tenant: Tenant, sql: Sql, waits: Callable[[str, str], Waiting]
) -> None:
    for _ in range(2):
        tenant.service.post("/v1/jobs", {"type": "crawl"})
    assert waits("jobs", "due")[0] == 2
    sql.execute(
        "INSERT INTO operations.job_limits (tenant_id, type, paused) VALUES (%s, 'crawl', true)",
        [tenant.id],
    )
    sql.commit()
    assert waits("jobs", "due") == (0, None)
    assert waits("jobs", "failed")[0] == 0
    tenant.service.post("/v1/jobs", {"type": "corrections_sync", "max_attempts": 1})
    body = {"type": "corrections_sync", "worker": "w", "limit": 1}
    [job] = tenant.service.post("/v1/jobs/claim", body)["items"]
    failed = {"lease_id": job["lease_id"], "error": "timeout"}
    tenant.service.post(f"/v1/jobs/{job['id']}/fail", failed)
    assert waits("jobs", "failed")[0] == 1


def test_events_are_held_by_a_transaction_that_goes_on(
    tenant: Tenant, sql: Sql, waits: Callable[[str, str], Waiting]
) -> None:
    # It has its transaction id before the events that are committed meanwhile.
    sql.execute("UPDATE identity.tenants SET name = 'Other' WHERE id = %s", [tenant.id])
    tenant.receive()
    total, oldest = waits("events", "held")
    assert total > 0
    assert oldest is not None
    sql.rollback()
    wait_until(lambda: waits("events", "held") == (0, None))


def test_events_that_no_worker_has_read_for_an_endpoint(
    tenant: Tenant, waits: Callable[[str, str], Waiting]
) -> None:
    tenant.receive()
    assert waits("webhooks", "unread") == (0, None)
    tenant.service.post("/v1/webhook-endpoints", {"url": "https://example.com/hook"})
    tenant.receive()

    def unread() -> bool:
        total, oldest = waits("webhooks", "unread")
        return total > 0 and oldest is not None

    wait_until(unread)
    assert waits("webhooks", "due") == (0, None)


def test_the_sums_of_all_tenants_replace_those_before(
    tenant: Tenant, of_owner: Database, owner: Sql
) -> None:
    def stored() -> dict[tuple[str, str], dict[str, Any]]:
        rows = owner.execute("SELECT * FROM operations.backlog").fetchall()
        return {(row["kind"], row["state"]): row for row in rows}

    owner.execute(
        "INSERT INTO operations.backlog (kind, state, total) VALUES ('gone', 'due', 7),"
        " ('jobs', 'due', 1000000) ON CONFLICT (kind, state) DO UPDATE SET total = excluded.total"
    )
    tenant.service.post("/v1/jobs", {"type": "crawl"})
    for _ in range(2):
        *_, progress = steps(of_owner, "backlog", "test")
        now = stored()
        assert progress.done == len(now)
        assert ("gone", "due") not in now
        assert 1 <= now["jobs", "due"]["total"] < 1000000
        assert now["jobs", "due"]["oldest_at"] is not None
    # Two at once, as when somebody runs the task by hand, do each other no harm.
    at_once(2, lambda _: [*steps(of_owner, "backlog", "test")])
    assert set(stored()) == set(now)


def test_the_service_reads_what_it_may_not_write(database: Database, tenant: Tenant) -> None:
    session = database.session(NOBODY)
    session.rows(queries.operations.list_backlog())
    forged = {"kind": "jobs", "state": "due", "total": 0, "oldest_at": None}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.row(queries.operations.store_backlog(measured=[forged]))
