"""What the worker does again and again: leases of jobs, erasures, what is old, partitions, its own log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from service import claims
from service.caller import Caller
from service.database import Database
from service.operations import erasing, retention
from service.queries import queries
from service.state import state

AHEAD = timedelta(days=180)
ERASURES = 10  # of a tenant in one go


def rescue_jobs(database: Database, caller: Caller) -> Iterator[int]:
    """Takes jobs from workers that are gone, or took too long, as each claim does; how many."""
    session = database.session(caller)
    rescue = queries.operations.rescue_jobs
    return claims.rescued(lambda: len(session.rows(rescue(jitter=claims.some_jitter()))))


def make_partitions(database: Database, caller: Caller) -> int:
    today = datetime.now(UTC).date()
    bound = queries.operations.make_partitions(first=today, last=today + AHEAD)
    return database.session(caller).execute(bound)


def forget_task_runs(database: Database, caller: Caller) -> int:
    return database.session(caller).row(queries.operations.forget_task_runs(keep="7 days")).rows


def erase_people(database: Database, caller: Caller) -> Iterator[int]:
    """Does the erasures that a tenant has asked for; one that fails keeps none of the others waiting."""
    pending = queries.operations.list_pending_erasures(limit=ERASURES)
    failures: list[psycopg.Error] = []
    for erasure in database.session(caller).rows(pending):
        do = erasing.rehearse if erasure.dry_run else erasing.erase
        try:
            do(database, caller, erasure.id)
        except psycopg.Error as error:
            failures.append(error)
        else:
            yield 1
    if failures:
        raise failures[0]


def retain(database: Database, caller: Caller) -> Iterator[int]:
    """As flask retention does; how many rows of each batch went."""
    for _, rows in retention.apply(state().settings, database, caller):
        yield rows or 0
