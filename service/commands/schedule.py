"""What the worker does: the tasks whose periods are in operations.tasks, and loops that never end.

A task is a function of the caller's tenant that can be repeated. It returns how many things it did; one that takes
several transactions yields that after each, so that no large tenant keeps others waiting, and the worker can stop.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

import psycopg

from service.caller import NOBODY, Caller
from service.database import Database
from service.drafts import tasks as drafts
from service.library import tasks as library
from service.models import tasks as models
from service.operations import backlog
from service.operations import tasks as operations
from service.pipelines import tasks as pipelines
from service.queries import Bound, queries
from service.studio import tasks as studio
from service.webhooks import delivery as webhooks

log = logging.getLogger(__name__)

TenantIds = Bound[Literal["many"], Any]  # rows that have the id of a tenant


@dataclass(frozen=True, slots=True)
class Task:
    """What runs once in each period: in turn for each of the tenants, or else for nobody.

    What runs often asks one statement which tenants it has work in, without a lock: with thousands of them, to ask each
    would take longer than the work.
    """

    run: Callable[[Database, Caller], int | Iterator[int]]
    tenants: Callable[[], TenantIds] | None = queries.identity.list_active_tenant_ids


# By their names in operations.tasks.
TASKS = {
    "backlog": Task(backlog.measure, tenants=None),
    "draft-reminders": Task(drafts.remind),
    "erasures": Task(operations.erase_people, queries.operations.list_tenants_with_erasures),
    "library-counts": Task(library.reconcile),
    "partitions": Task(operations.make_partitions, tenants=None),
    "prompt-metrics": Task(models.recompute_prompt_metrics),
    "rescue-jobs": Task(operations.rescue_jobs, queries.operations.list_tenants_with_lost_jobs),
    "rescue-pipeline-runs": Task(
        pipelines.rescue_runs, queries.pipelines.list_tenants_with_lost_runs
    ),
    "rescue-replies": Task(drafts.rescue_replies, queries.drafts.list_tenants_with_lost_replies),
    "rescue-resource-runs": Task(library.rescue_runs, queries.library.list_tenants_with_lost_runs),
    "retention": Task(operations.retain),
    "snapshots": Task(studio.request_snapshots),
    "social-posts": Task(studio.sweep_posts, queries.studio.list_tenants_with_due_posts),
    "social-tokens": Task(
        studio.tell_expired_tokens, queries.studio.list_tenants_with_expired_tokens
    ),
    "studio-metrics": Task(studio.measure),
    "task-runs": Task(operations.forget_task_runs, tenants=None),
}

# What every worker does all the time, each in a thread of its own: called again and again until the event is set. The
# function waits by the event when there is nothing to do, and shares out the work among workers itself.
LOOPS: dict[str, Callable[[Database, Event], None]] = {"webhooks": webhooks.deliver}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run of a task is."""

    tenants: int
    through: int = 0  # of the tenants
    failed: int = 0  # of those that are through
    done: int = 0


def steps(database: Database, name: str, why: str) -> Iterator[Progress]:
    """Runs a task, in turn for each tenant; what fails for one is logged, and the others go on.

    `why` is what the log of events has as the id of the request. Raises what is no tenant's fault, such as a database
    that is away.
    """
    task = TASKS[name]
    tenants = (
        [str(row.id) for row in database.session(NOBODY).rows(task.tenants())]
        if task.tenants
        else [NOBODY.tenant_id]
    )
    waiting = deque(
        (tenant, _yielding(task, database, Caller(tenant_id=tenant, actor=name, request_id=why)))
        for tenant in tenants
    )
    failed = done = 0
    yield Progress(len(tenants))
    while waiting:
        tenant, work = waiting.popleft()
        try:
            done += next(work)
            waiting.append((tenant, work))
        except StopIteration:
            pass
        except Exception as error:
            if is_away(error):
                raise
            failed += 1
            log.exception("task %s failed for tenant %s", name, tenant)
        yield Progress(len(tenants), len(tenants) - len(waiting), failed, done)


def _yielding(task: Task, database: Database, caller: Caller) -> Iterator[int]:
    done = task.run(database, caller)
    if isinstance(done, int):
        yield done
    else:
        yield from done


def is_away(error: Exception) -> bool:
    """Whether the database is, so that it makes no sense to go on with other tenants."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    # Without an SQLSTATE nothing came from the server; the others are lost connections, too many of them, and stops.
    return error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57P"))
