"""What the worker does again and again: leases of runs, and counts that went wrong."""

from collections.abc import Iterator

from service import claims
from service.caller import Caller
from service.database import Database, Transaction
from service.library.counts import recounted
from service.queries import queries


def rescue_runs(database: Database, caller: Caller) -> Iterator[int]:
    """As each claim of runs does; how many are due again, or have failed for good."""

    def rescue(tx: Transaction) -> int:
        tx.execute(queries.operations.enter_for_all_users())
        tx.execute(queries.library.lock_run_counts())
        return tx.execute(queries.library.rescue_runs(**claims.backoff()))

    return claims.rescued(lambda: database.atomically(caller, rescue))


def reconcile(database: Database, caller: Caller) -> Iterator[int]:
    """How many rows of each batch were corrected."""
    for batch in recounted(database, caller):
        yield len(batch.after)
