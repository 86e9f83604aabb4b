"""What the worker does again and again: leases of jobs, partitions, its own log."""

from datetime import UTC, datetime, timedelta

from service import claims
from service.caller import Caller
from service.database import Database
from service.queries import queries

AHEAD = timedelta(days=180)


def rescue_jobs(database: Database, caller: Caller) -> int:
    """As each claim of jobs does; how many have failed for good."""
    return database.session(caller).execute(queries.operations.rescue_jobs(**claims.backoff()))


def make_partitions(database: Database, caller: Caller) -> int:
    today = datetime.now(UTC).date()
    bound = queries.operations.make_partitions(first=today, last=today + AHEAD)
    return database.session(caller).execute(bound)


def forget_task_runs(database: Database, caller: Caller) -> int:
    return database.session(caller).row(queries.operations.forget_task_runs(keep="7 days")).rows
