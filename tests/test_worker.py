"""`flask worker`: each period once, whatever becomes of the workers; and `flask tasks`."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from service import embedded
from service.caller import NOBODY, Caller
from service.commands import schedule, scratch
from service.commands.schedule import TASKS, Task, steps
from service.config import DIRECT_SCHEME, Settings
from service.database import Database
from service.queries import queries
from tests.client import ROOT, Gunicorn, Tenant, at_once, wait_until
from tests.commands import environment, flask, make_platform_key
from tests.effects_worker import STEPS
from tests.postgres import Server

Sql = psycopg.Connection[Any]

POOL_TIMEOUT = 0.5

MAKE_EFFECTS = """
    CREATE TABLE public.tried (period text, step integer);
    CREATE TABLE public.effects (period text, step integer, PRIMARY KEY (period, step));
    INSERT INTO operations.tasks (name, every, description) VALUES ('effects', '1 second', 'Is seen by tests.');
"""


@pytest.fixture
def own(server: Server, clone: Callable[[str], str], settings: Settings) -> Settings:
    """A database of its own, so that no other test has tenants there."""
    clone("worker")
    direct = server.direct_url("worker")
    return replace(settings, database_url=server.url("app_rw", "worker"), direct_url=direct)


@pytest.fixture
def environ(own: Settings) -> dict[str, str]:
    assert own.direct_url
    return environment(own) | {"DIRECT_URL": own.direct_url, "LOG_LEVEL": "INFO", "LEASE": "1"}


@pytest.fixture
def as_owner(own: Settings, server: Server) -> Iterator[Database]:
    opened = Database(own, server.url("app_owner", "worker"))
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def look(own: Settings, server: Server) -> Iterator[Sql]:
    """As app_owner, in the database of its own."""
    with psycopg.connect(
        server.url("app_owner", "worker"), autocommit=True, row_factory=dict_row
    ) as connection:
        yield connection


@pytest.fixture
def tenants(own: Settings) -> Iterator[list[Tenant]]:
    """Three tenants of a service on the database of its own, in the order of their ids."""
    key = make_platform_key(environment(own))
    with Gunicorn(environment(own)) as running:
        made = [Tenant.create(running.url, key) for _ in range(3)]
        yield sorted(made, key=lambda tenant: tenant.id)


class Process:
    """A worker, and what it logs."""

    def __init__(self, environ: dict[str, str], log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.effects_worker", "worker", *arguments],
                cwd=ROOT,
                env={**os.environ, **environ},
                stderr=stderr,
            )

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@contextmanager
def started(environ: dict[str, str], folder: Path, count: int = 1) -> Iterator[list[Process]]:
    """Workers that run what is seen; whatever becomes of them, none is left."""
    with ExitStack() as stack:
        workers = []
        for number in range(count):
            worker = Process(environ, folder / f"{uuid4()}-{number}", "--only", "effects")
            stack.callback(worker.process.wait, 60)
            stack.callback(worker.process.kill)
            workers.append(worker)
        yield workers


def rows(look: Sql, query: str, *arguments: Any) -> list[Any]:
    found: list[Any] = look.execute(query.encode(), arguments).fetchall()
    return found


def unended(look: Sql) -> list[Any]:
    return rows(look, "SELECT * FROM operations.task_runs WHERE ended_at IS NULL")


def effects_are_complete(look: Sql) -> list[Any]:
    """The runs; each has had each effect once, and was tried no more often than it was claimed."""
    runs = rows(
        look,
        """
        SELECT r.*, to_char(r.period, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS name
        FROM operations.task_runs AS r WHERE r.task = 'effects' ORDER BY r.period
        """,
    )
    for run in runs:
        assert (run["tenants"], run["failed"], run["done"]) == (1, 0, STEPS)
        tried = rows(
            look,
            "SELECT step, count(*) AS times FROM public.tried WHERE period = %s GROUP BY step ORDER BY step",
            run["name"],
        )
        assert [row["step"] for row in tried] == [*range(STEPS)]
        assert max(row["times"] for row in tried) <= run["attempts"]
        # A worker that was killed may just have begun.
        assert tried[0]["times"] >= run["attempts"] - 1
    effects = rows(look, "SELECT period, step FROM public.effects")
    assert len(effects) == STEPS * len(runs)
    return runs


# Many workers ------------------------------------------------------------------------------------------


def test_each_period_has_its_effect_once_though_workers_are_killed(
    environ: dict[str, str], look: Sql, tmp_path: Path
) -> None:
    look.execute(MAKE_EFFECTS.encode())
    killed: set[int] = set()

    def at_work(attempts: int = 5) -> set[int]:
        """The processes that have runs which have not ended; those that were killed until others take over."""
        runs = [run for run in unended(look) if run["attempts"] <= attempts]
        return {int(run["worker"].rpartition(":")[2]) for run in runs}

    with started(environ, tmp_path, 8) as workers, ExitStack() as stack:
        by_id = {worker.process.pid: worker for worker in workers}
        while len(killed) < 5:
            [victim] = wait_until(lambda: at_work(3) - killed)  # the fifth attempt is the last
            time.sleep(random.uniform(0, 0.5))  # anywhere in its run, or just after
            by_id[victim].process.kill()
            killed.add(victim)
            [new] = stack.enter_context(started(environ, tmp_path))
            by_id[new.process.pid] = new
        # What they left is taken over; then nothing begins any more, and what runs ends.
        wait_until(lambda: not at_work() & killed)
        look.execute("UPDATE operations.tasks SET enabled = false WHERE name = 'effects'")
        wait_until(lambda: not unended(look))
        alive = [worker for pid, worker in by_id.items() if pid not in killed]
        wait_until(lambda: all("has started" in worker.log.read_text() for worker in alive))
        assert [worker.stop() for worker in alive] == [0] * 8
    runs = effects_are_complete(look)
    assert sum(run["attempts"] - 1 for run in runs) >= 1
    assert all("Traceback" not in worker.log.read_text() for worker in by_id.values())


def test_a_worker_that_stops_ends_its_step_and_leaves_the_rest_to_others(
    environ: dict[str, str], look: Sql, tmp_path: Path
) -> None:
    look.execute(MAKE_EFFECTS.encode())
    look.execute("UPDATE operations.tasks SET every = '1 day' WHERE name = 'effects'")
    environ |= {"LEASE": "300"}
    with started(environ, tmp_path) as [worker]:
        wait_until(lambda: rows(look, "SELECT FROM public.tried"))
        assert worker.stop() == 0
        assert "task effects is left to other workers" in worker.log.read_text()
    [left] = unended(look)
    assert left["attempts"] == 0
    tried = len(rows(look, "SELECT FROM public.tried"))
    assert 0 < tried < STEPS
    with started(environ, tmp_path) as [worker]:
        wait_until(lambda: not unended(look))
        assert worker.stop() == 0
    [run] = rows(look, "SELECT * FROM operations.task_runs")
    assert (run["attempts"], run["done"]) == (1, STEPS)
    assert len(rows(look, "SELECT FROM public.effects")) == STEPS


def test_a_worker_goes_on_when_the_database_is_back(
    environ: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    with scratch.server() as server:
        scratch.create_migrated(server, "draftroom")
        url = server.url("app_owner", "draftroom")
        environ |= {
            "DATABASE_URL": server.url("app_rw", "draftroom"),
            "DIRECT_URL": url.replace("postgresql://", DIRECT_SCHEME, 1),
            "POOL_TIMEOUT": str(POOL_TIMEOUT),
        }

        def ended() -> int:
            with psycopg.connect(url) as look:
                query = "SELECT count(*) FROM operations.task_runs WHERE ended_at IS NOT NULL"
                return int(look.execute(query).fetchall()[0][0])

        with psycopg.connect(url) as look:
            look.execute(MAKE_EFFECTS.encode())
        with started(environ, tmp_path) as [worker]:
            wait_until(ended)
            embedded._run(server.bin_path / "pg_ctl", "stop", "-D", server.data, "-m", "immediate")
            wait_until(lambda: "the database is away" in worker.log.read_text())
            time.sleep(
                2 * POOL_TIMEOUT + 2
            )  # until the webhooks have been looked for more than once
            embedded.start(server.data, options=scratch.UNSAFE)
            before = ended()
            wait_until(lambda: ended() > before + 1)
            assert worker.stop() == 0
            log = worker.log.read_text()
        assert log.count(" WARNING service.commands.worker the database is away") == 1
        assert log.count("webhooks cannot be looked for") <= 1
        assert "the worker goes on" in log
        assert "Traceback" not in log


# What is claimed ---------------------------------------------------------------------------------------


def claimed(database: Database, *names: str, lease: str = "1 minute") -> list[Any]:
    bound = queries.operations.claim_tasks(names=[*names], worker="w", lease=lease)
    return database.session(NOBODY).rows(bound)


def test_one_worker_has_the_present_period_and_those_that_passed_are_not_made_up_for(
    as_owner: Database, look: Sql
) -> None:
    look.execute(MAKE_EFFECTS.encode())
    look.execute("UPDATE operations.tasks SET every = '1 hour' WHERE name = 'effects'")
    look.execute(
        "INSERT INTO operations.task_runs (task, period, worker, lease_id, ended_at)"
        " VALUES ('effects', date_bin('1 hour', now(), '2000-01-01') - interval '5 hours', 'w',"
        " gen_random_uuid(), now())"
    )
    got = at_once(8, lambda _: claimed(as_owner, "effects", "unknown"))
    [run] = [run for runs in got for run in runs]
    assert rows(look, "SELECT date_bin('1 hour', now(), '2000-01-01') AS period") == [
        {"period": run.period}
    ]
    assert len(rows(look, "SELECT FROM operations.task_runs")) == 2


def test_a_lost_run_is_begun_five_times_and_the_next_period_waits_for_it(
    as_owner: Database, look: Sql
) -> None:
    look.execute(MAKE_EFFECTS.encode())
    look.execute(
        "INSERT INTO operations.task_runs (task, period, worker, lease_id, lease_expires_at)"
        " VALUES ('effects', '2026-01-01 00:00:00+00', 'w', gen_random_uuid(), now() + interval '1 hour')"
    )
    assert claimed(as_owner, "effects") == []
    leases = set()
    for _ in range(4):
        look.execute("UPDATE operations.task_runs SET lease_expires_at = now()")
        [run] = claimed(as_owner, "effects")
        leases.add(run.lease_id)
        assert f"{run.period:%Y-%m-%d}" == "2026-01-01"
        assert claimed(as_owner, "effects") == []
    assert len(leases) == 4
    session = as_owner.session(NOBODY)
    mine = {"task": "effects", "period": run.period}
    for lease_id in leases - {run.lease_id}:  # who lost it is told so
        extended = queries.operations.extend_task_run(lease="1 hour", lease_id=lease_id, **mine)
        assert session.maybe_row(extended) is None
        ended = queries.operations.end_task_run(
            tenants=1, failed=0, done=1, lease_id=lease_id, **mine
        )
        assert session.maybe_row(ended) is None
    look.execute("UPDATE operations.task_runs SET lease_expires_at = now()")
    [next_] = claimed(as_owner, "effects")
    assert next_.period > run.period


def test_a_disabled_task_is_not_claimed(as_owner: Database, environ: dict[str, str]) -> None:
    assert flask(environ, "tasks", "disable", "retention").returncode == 0
    assert claimed(as_owner, "retention") == []
    assert "disabled" in flask(environ, "tasks", "list").stdout
    assert flask(environ, "tasks", "enable", "retention").returncode == 0
    assert len(claimed(as_owner, "retention")) == 1


def test_the_service_reads_the_schedule_and_writes_nothing_of_it(own: Settings, look: Sql) -> None:
    assert own.database_url
    with psycopg.connect(own.database_url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM operations.tasks").fetchone()
        for statement in (
            "SELECT operations.claim_task_run('retention', now(), 'w', '1 hour')",
            "SELECT operations.enable_task('retention', false)",
            "SELECT operations.forget_task_runs('0')",
            "UPDATE operations.tasks SET enabled = false",
            "INSERT INTO operations.task_runs (task, period, worker, lease_id, lease_expires_at)"
            " VALUES ('retention', now(), 'w', gen_random_uuid(), now())",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


@pytest.mark.parametrize("every", ["0.5 seconds", "1 month", "1 year", "-1 day"])
def test_a_period_has_one_length(look: Sql, every: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="tasks_every_check"):
        look.execute(
            "UPDATE operations.tasks SET every = %s::interval WHERE name = 'retention'", [every]
        )


# Tenants -----------------------------------------------------------------------------------------------


def test_every_task_of_the_schedule_is_known_and_each_runs(
    look: Sql, environ: dict[str, str], tenants: list[Tenant]
) -> None:
    scheduled = rows(look, "SELECT name FROM operations.tasks ORDER BY name")
    assert [row["name"] for row in scheduled] == sorted(TASKS)
    for _ in range(2):  # the second time nothing is due of what is daily
        done = flask(environ, "worker", "--once")
        assert done.returncode == 0, done.stderr
    found = rows(
        look,
        "SELECT task, bool_and(ended_at IS NOT NULL) AS ended, sum(failed) AS failed"
        " FROM operations.task_runs GROUP BY task ORDER BY task",
    )
    assert [row["task"] for row in found] == [row["name"] for row in scheduled]
    assert all(row["ended"] and row["failed"] == 0 for row in found)
    listed = flask(environ, "tasks", "list").stdout.splitlines()[1:]
    assert [line.split()[0] for line in listed] == [row["name"] for row in scheduled]
    assert all(" ended " in line for line in listed)


def test_tenants_take_turns_and_the_failure_of_one_stops_no_other(
    as_owner: Database,
    tenants: list[Tenant],
    look: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = [tenant.id for tenant in tenants]
    turns = []

    def work(database: Database, caller: Caller) -> Iterator[int]:
        for number in range(3 if caller.tenant_id == first else 1):
            turns.append((caller.tenant_id, number))
            if caller.tenant_id == second:
                database.session(caller).execute(queries.drafts.remind(limit=10**30))
            yield 10

    monkeypatch.setitem(schedule.TASKS, "work", Task(work))
    logged = []
    monkeypatch.setattr(schedule.log, "exception", lambda text, *told: logged.append(text % told))
    look.execute(
        "UPDATE identity.tenants SET suspended_at = now() WHERE id <> ALL (%s)",
        [[first, second, third]],
    )
    *_, last = steps(as_owner, "work", "test")
    assert turns == [(first, 0), (second, 0), (third, 0), (first, 1), (first, 2)]
    assert (last.tenants, last.through, last.failed, last.done) == (3, 3, 1, 40)
    assert logged == [f"task work failed for tenant {second}"]
    # Suspended tenants are passed over.
    look.execute("UPDATE identity.tenants SET suspended_at = now() WHERE id <> %s", [third])
    *_, last = steps(as_owner, "work", "test")
    assert (last.tenants, last.done) == (1, 10)


def test_a_task_is_run_by_hand(environ: dict[str, str]) -> None:
    done = flask(environ, "tasks", "run", "partitions")
    assert (done.returncode, done.stdout) == (0, "partitions: 0 done, 0 of 1 tenants failed\n")
    assert flask(environ, "tasks", "run", "nothing").returncode == 2
    refused = flask(environ | {"DIRECT_URL": ""}, "worker")
    assert "DIRECT_URL is missing" in refused.stderr


def test_readiness_warns_of_tasks_that_no_worker_runs(own: Settings, look: Sql) -> None:
    with Gunicorn(environment(own)) as running:

        def warnings() -> list[str]:
            told: list[str] = requests.get(f"{running.url}/readyz", timeout=30).json()["warnings"]
            return told

        assert warnings() == []
        look.execute("UPDATE operations.tasks SET created_at = now() - interval '4 hours'")
        [warning] = warnings()
        assert "No worker has ended backlog, draft-reminders, " in warning
        assert "retention" not in warning
        look.execute(
            "INSERT INTO operations.task_runs (task, period, worker, lease_id, ended_at)"
            " SELECT name, now() - 2 * every, 'w', gen_random_uuid(), now() FROM operations.tasks"
        )
        assert warnings() == []
