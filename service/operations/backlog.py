"""What waits in all tenants together, for /metrics: measured by a worker, for only the owner comes to every tenant.

Each tenant is measured in a transaction of its own, under row-level security as everything is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from service.caller import Caller
from service.database import Database, Transaction
from service.queries import queries

MOST = 10_000  # to which each thing of a tenant is counted


@dataclass(slots=True)
class Waiting:
    total: int = 0
    oldest_at: datetime | None = None

    def add(self, total: int, oldest_at: datetime | None) -> None:
        self.total += total
        known = [moment for moment in (self.oldest_at, oldest_at) if moment is not None]
        self.oldest_at = min(known, default=None)


Backlog = dict[tuple[str, str], Waiting]  # by kind and state
Counted = tuple[str, str, int, datetime | None]  # kind, state, total, oldest


def measure(database: Database, caller: Caller) -> Iterator[int]:
    """Counts in one tenant after the other, then stores the sums."""
    backlog: Backlog = {}
    for tenant in database.session(caller).rows(queries.identity.list_active_tenant_ids()):
        for kind, state, total, oldest_at in of_tenant(
            database, replace(caller, tenant_id=str(tenant.id))
        ):
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


def of_tenant(database: Database, caller: Caller) -> list[Counted]:
    def count(tx: Transaction) -> list[Counted]:
        tx.execute(queries.operations.enter_for_all_users())
        return [
            *tx.rows(queries.operations.measure_backlog(most=MOST)),
            *tx.rows(queries.drafts.measure_backlog(most=MOST)),
            *tx.rows(queries.pipelines.measure_backlog(most=MOST)),
            *tx.rows(queries.studio.measure_backlog(most=MOST)),
            *tx.rows(queries.library.measure_backlog(most=MOST)),
            *tx.rows(queries.webhooks.measure_backlog(most=MOST)),
        ]

    return database.atomically(caller, count)
