"""Counts that went wrong, of bookmarks, views, members of teams and runs of users: counted anew, in batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from service.caller import Caller
from service.database import Database, Transaction
from service.queries import queries

BATCH = 1000  # rows that one transaction counts
FIRST_ID = UUID(int=0)

Rows = list[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a kind: as they were, and those that were wrong as they are now."""

    what: str
    key: int  # how many columns it has, the first ones
    before: Rows
    after: Rows

    def changes(self) -> Iterator[str]:
        """What was corrected, a line for each row."""
        known = {was[: self.key]: was for was in self.before}
        for now in self.after:
            was = known[now[: self.key]]
            columns = zip(was._fields, was, now, strict=True)
            told = ", ".join(f"{name} {old} -> {new}" for name, old, new in columns if old != new)
            yield f"{self.what} {now[0]}: {told}"


def recounted(database: Database, caller: Caller) -> Iterator[Batch]:
    """All that the tenant has, each batch in a transaction of its own."""
    for what, key, recount in RECOUNTS:
        last, size = None, BATCH
        while size == BATCH:
            before, after = database.atomically(caller, partial(recount, last))
            yield Batch(what, key, before, after)
            size = len(before)
            last = before[-1] if before else last


def _recount_resources(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    after_id = last.id if last else FIRST_ID
    before = tx.rows(queries.library.lock_next_resources(after_id=after_id, limit=BATCH))
    return before, tx.rows(queries.library.recount_resources(ids=[row.id for row in before]))


def _recount_teams(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    after_id = last.id if last else FIRST_ID
    before = tx.rows(queries.identity.lock_next_teams(after_id=after_id, limit=BATCH))
    return before, tx.rows(queries.identity.recount_teams(ids=[row.id for row in before]))


def _recount_runs(last: Any, tx: Transaction) -> tuple[Rows, Rows]:
    tx.execute(queries.operations.enter_for_all_users())
    tx.execute(queries.library.lock_run_counts())
    after_user, after_status = (last.user_id, last.run_status) if last else (FIRST_ID, "")
    before = tx.rows(
        queries.library.next_run_counts(
            after_user=after_user, after_status=after_status, limit=BATCH
        )
    )
    users, statuses = [row.user_id for row in before], [row.run_status for row in before]
    return before, tx.rows(queries.library.recount_runs(user_ids=users, run_statuses=statuses))


# What is counted, how many columns its key has, and how a batch is counted.
RECOUNTS: tuple[tuple[str, int, Callable[[Any, Transaction], tuple[Rows, Rows]]], ...] = (
    ("resource", 1, _recount_resources),
    ("team", 1, _recount_teams),
    ("runs of user", 2, _recount_runs),
)
