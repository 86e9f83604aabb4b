"""What waits in all tenants together, for /metrics: measured by a worker, for only the owner comes to every tenant.

Each tenant where something waits is measured in a transaction of its own, under row-level security as everything is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from service.caller import NOBODY, Caller
from service.database import Database, Transaction
from service.queries import Bound, queries

MOST = 10_000  # to which each thing of a tenant is counted


@dataclass(slots=True)
class Waiting:
    total: int = 0
    oldest_at: datetime | None = None

    def add(self, total: int, oldest_at: datetime | None) -> None:
        self.total += total
        known = [moment for moment in (self.oldest_at, oldest_at) if moment is not None]
        self.oldest_at = min(known, default=None)


Many = Callable[..., Bound[Literal["many"], Any]]

# Of each area: the tenants in which something waits, and what does.
AREAS: tuple[tuple[Many, Many], ...] = (
    (queries.operations.list_tenants_with_backlog, queries.operations.measure_backlog),
    (queries.drafts.list_tenants_with_backlog, queries.drafts.measure_backlog),
    (queries.pipelines.list_tenants_with_backlog, queries.pipelines.measure_backlog),
    (queries.studio.list_tenants_with_backlog, queries.studio.measure_backlog),
    (queries.library.list_tenants_with_backlog, queries.library.measure_backlog),
    (queries.webhooks.list_tenant_ids, queries.webhooks.measure_backlog),
)

Backlog = dict[tuple[str, str], Waiting]  # by kind and state
Counted = tuple[str, str, int, datetime | None]  # kind, state, total, oldest


def measure(database: Database, caller: Caller) -> Iterator[int]:
    """Counts in one tenant after the other, then stores the sums."""
    backlog: Backlog = {}
    for tenants, measured_by in AREAS:
        found = [str(tenant.id) for tenant in database.session(caller).rows(tenants())]
        # First for nobody, of whom nothing waits: so each state has a row.
        for tenant_id in [NOBODY.tenant_id, *found]:
            there = replace(caller, tenant_id=tenant_id)
            for kind, state, total, oldest_at in counted(database, there, measured_by):
                backlog.setdefault((kind, state), Waiting()).add(total, oldest_at)
            yield 0
    measured = [
        {
            "kind": kind,
            "state": state,
            "total": waiting.total,
            "oldest_at": waiting.oldest_at,
        }
        for (kind, state), waiting in backlog.items()
    ]
    stored = database.session(caller).row(queries.operations.store_backlog(measured=measured))
    yield stored.rows


def counted(database: Database, caller: Caller, measured_by: Many) -> list[Counted]:
    def count(tx: Transaction) -> list[Counted]:
        tx.execute(queries.operations.enter_for_all_users())
        return tx.rows(measured_by(most=MOST))

    return database.atomically(caller, count)
