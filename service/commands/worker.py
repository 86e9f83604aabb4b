"""`flask worker` and `flask tasks`: Draftroom's own tasks, done when they are due by any number of workers.

A worker claims the period of a task under a lease, and extends it while it goes on. Whoever takes over from a worker
that is gone begins the run again, which does no harm: a task does nothing twice.
"""

import logging
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup, with_appcontext

from service.caller import NOBODY
from service.commands.failures import told
from service.commands.owner import as_owner
from service.commands.schedule import LOOPS, TASKS, Progress, is_away, steps
from service.database import Database
from service.queries import queries
from service.state import state

if TYPE_CHECKING:
    from service.stubs.operations import ClaimTasksRow

LEASE = 300.0  # seconds; extended when a third of it is over
POLL = 1.0  # seconds between two looks at what is due
LONGEST_DELAY = 30.0  # seconds between two tries while the database is away
THREADS = len(TASKS) + len(LOOPS)

log = logging.getLogger(__name__)


class Worker:
    def __init__(self, database: Database, stop: threading.Event) -> None:
        self._database = database
        self._stop = stop
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self, names: Iterable[str]) -> None:
        """Until it is to stop: then what is running ends its present step, and another worker begins it again."""
        running: dict[str, Future[bool]] = {}
        with ThreadPoolExecutor(THREADS) as threads:

            def look() -> None:
                idle = [name for name in names if name not in running or running[name].done()]
                for run in self._claimed(idle):
                    running[run.task] = threads.submit(copy_context().run, self._run, run)
                self._stop.wait(POLL * random.uniform(0.8, 1.2))

            log.info("worker %s has started", self._name)
            for loop in LOOPS.values():
                work = _bound(loop, self._database, self._stop)
                threads.submit(copy_context().run, self._again_and_again, work)
            self._again_and_again(look)
        log.info("worker %s has stopped", self._name)

    def run_once(self, names: Iterable[str]) -> bool:
        """Runs what is due, one after another. Whether all of it came to its end, without a failure."""
        ended = True
        for name in names:
            for run in self._claimed([] if self._stop.is_set() else [name]):
                ended &= self._run(run)
        return ended

    def _claimed(self, names: list[str]) -> list["ClaimTasksRow"]:
        if not names:
            return []
        session = self._database.session(NOBODY)
        return session.rows(
            queries.operations.claim_tasks(names=names, worker=self._name, lease=f"{LEASE} seconds")
        )

    def _run(self, run: "ClaimTasksRow") -> bool:
        """Whether it came to its end, without a failure. Otherwise the lease runs out, unless the worker is to stop."""
        session = self._database.session(NOBODY)
        claim: dict[str, Any] = run._asdict()  # task, period and lease_id
        extended = time.monotonic()
        try:
            for progress in steps(self._database, run.task, f"{run.period:%Y-%m-%dT%H:%M:%SZ}"):
                if progress.through == progress.tenants:
                    break
                if self._stop.is_set():
                    session.execute(queries.operations.extend_task_run(lease="0", **claim))
                    log.info("task %s is left to other workers", run.task)
                    return False
                if time.monotonic() - extended > LEASE / 3:
                    extended = time.monotonic()
                    lease = f"{LEASE} seconds"
                    mine = queries.operations.extend_task_run(lease=lease, **claim)
                    if not ((held := session.maybe_row(mine)) and held.has_it):
                        log.warning("task %s was taken over by another worker", run.task)
                        return False
            session.execute(
                queries.operations.end_task_run(
                    tenants=progress.tenants, failed=progress.failed, done=progress.done, **claim
                )
            )
        except Exception as error:
            if is_away(error):
                log.info("task %s broke off: the database is away", run.task)
            else:
                log.exception("task %s broke off", run.task)
            return False
        level = logging.INFO if progress.done or progress.failed else logging.DEBUG
        log.log(level, "task %s: %s", run.task, _line(progress))
        return not progress.failed

    def _again_and_again(self, work: Callable[[], None]) -> None:
        """Until the worker is to stop. What fails is logged once, and tried again, later each time."""
        delay = 0.0
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:
                if not delay and is_away(error):
                    log.warning("the database is away: %s", error)
                elif not delay:
                    log.exception("the worker cannot go on")
                delay = min(max(1.0, delay * 2), LONGEST_DELAY)
                self._stop.wait(delay * random.uniform(0.8, 1.2))
            else:
                if delay:
                    log.warning("the worker goes on")
                delay = 0.0


def _bound(
    loop: Callable[[Database, threading.Event], None], database: Database, stop: threading.Event
) -> Callable[[], None]:
    return lambda: loop(database, stop)


def _line(progress: Progress) -> str:
    return f"{progress.done} done, {progress.failed} of {progress.tenants} tenants failed"


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    stop = threading.Event()

    def ask(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due, and end; fails if a task does.")
@click.option("--only", type=click.Choice([*TASKS]), multiple=True, help="Run this task.")
@with_appcontext
@told
def worker_command(once: bool, only: tuple[str, ...]) -> None:
    """Run the tasks that are due, again and again, as app_owner (DIRECT_URL).

    SIGTERM and Ctrl-C stop it after its present step.
    """
    # While the database is away the pool would tell of each try; the worker tells once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    with (
        stopping() as stop,
        as_owner(connections=THREADS + 1 + state().settings.webhook_threads) as database,
    ):
        worker = Worker(database, stop)
        if not once:
            worker.run(only or TASKS)
        elif not worker.run_once(only or TASKS):
            raise click.ClickException("not all tasks ended well: the log says why")


task_group = AppGroup("tasks", help="What the workers do again and again.")
task_argument = click.argument("name", type=click.Choice([*TASKS]), metavar="TASK")


@task_group.command("list")
@told
def list_command() -> None:
    """The tasks, each with its latest run, as app_owner (DIRECT_URL)."""
    with as_owner() as database:
        tasks = database.session(NOBODY).rows(queries.operations.list_tasks())
    click.echo(f"{'task':<22}{'every':<18}{'latest run':<22}{'state':<11}done")
    for task in tasks:
        latest = f"{task.period:%Y-%m-%d %H:%M:%S}" if task.period else ""
        state = task.state if task.enabled else "disabled"
        failed = f", {task.failed} of {task.tenants} tenants failed" if task.failed else ""
        done = "" if task.ended_at is None else f"{task.done}{failed}"
        click.echo(f"{task.name:<22}{task.every!s:<18}{latest:<22}{state:<11}{done}".rstrip())


@task_group.command("run")
@task_argument
@told
def run_command(name: str) -> None:
    """Run a task now, as app_owner (DIRECT_URL), beside its periods and also if it is disabled."""
    with stopping() as stop, as_owner() as database, _shown(name) as show:
        for progress in steps(database, name, "flask tasks run"):
            show(progress)
            if stop.is_set():
                break
    click.echo(f"{name}: {_line(progress)}")
    if progress.failed:
        raise click.ClickException("the log says why")
    if progress.through < progress.tenants:
        raise click.ClickException(f"stopped after {progress.through} tenants")


@contextmanager
def _shown(name: str) -> Iterator[Callable[[Progress], None]]:
    """On a terminal a bar of how many tenants it is through with."""
    if not sys.stdout.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=0, label=name) as bar:

        def show(progress: Progress) -> None:
            bar.length = progress.tenants
            bar.update(progress.through - bar.pos)

        yield show


@task_group.command("enable")
@task_argument
@told
def enable_command(name: str) -> None:
    """Let the workers run a task, as app_owner (DIRECT_URL)."""
    _enable(name, True)


@task_group.command("disable")
@task_argument
@told
def disable_command(name: str) -> None:
    """Keep the workers from a task, as app_owner (DIRECT_URL). What is running goes on."""
    _enable(name, False)


def _enable(name: str, enabled: bool) -> None:
    with as_owner() as database:
        bound = queries.operations.enable_task(name=name, enabled=enabled)
        if not database.session(NOBODY).maybe_row(bound):
            raise click.ClickException(f"the schedule has no task {name}")
