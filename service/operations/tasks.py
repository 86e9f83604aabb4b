"""What the worker does again and again: leases of jobs, partitions, its own log."""

from datetime import UTC, datetime, timedelta

from service import claims
from service.caller import Caller
from service.database import Database
from service.queries import queries

AHEAD = timedelta(days=180)


def rescue_jobs(database: Database, caller: Caller) -> int:
    """Takes jobs from workers that are gone, or took too long, as each claim does; how many."""
    rescue = queries.operations.rescue_jobs(jitter=claims.some_jitter())
    return len(database.session(caller).rows(rescue))


def make_partitions(database: Database, caller: Caller) -> int:
    today = datetime.now(UTC).date()
    bound = queries.operations.make_partitions(first=today, last=today + AHEAD)
    return database.session(caller).execute(bound)


def forget_task_runs(database: Database, caller: Caller) -> int:
    return database.session(caller).row(queries.operations.forget_task_runs(keep="7 days")).rows
