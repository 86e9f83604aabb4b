"""What the worker does again and again: leases of pipeline runs."""

from collections.abc import Iterator

from service import claims
from service.caller import Caller
from service.database import Database, Transaction
from service.queries import queries


def rescue_runs(database: Database, caller: Caller) -> Iterator[int]:
    """As each claim of runs does; how many are due again, or have failed for good."""

    def rescue(tx: Transaction) -> int:
        tx.execute(queries.operations.enter_for_all_users())
        return tx.execute(queries.pipelines.rescue_runs(**claims.backoff()))

    return claims.rescued(lambda: database.atomically(caller, rescue))
