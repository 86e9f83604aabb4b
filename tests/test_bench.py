"""The benchmark still fits the schema and the service: its data, its peers, its statements, its page."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

import pytest

from bench import compare, library, load, report, revision, studio
from bench.contestants import DRAFTROOM, FLASK, ROOT, Running, pgbench, started
from bench.database import Database, draft_id
from bench.growth import connected
from bench.workloads import OWN_WORKLOADS, WORKLOADS, Shared, Workload
from service import embedded
from service.queries import load as load_queries

pytestmark = pytest.mark.not_on_citus("the benchmark starts servers of its own")

OWN_PYTHON = ROOT / ".venv-bench" / "bin" / "python"

workloads = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)


@pytest.fixture(scope="module")
def bench(own_server: embedded.Server) -> Database:
    return Database.create(own_server, rows=1000, tenants=2)


@pytest.fixture(scope="module")
def contestants(bench: Database) -> Iterator[list[Running]]:
    """Those that need no further packages."""
    with ExitStack() as stack:
        yield [stack.enter_context(started(peer, bench)) for peer in (DRAFTROOM, FLASK)]


@workloads
def test_a_peer_answers_as_the_service_does(workload: Shared, contestants: list[Running]) -> None:
    compare.check(workload, contestants)


@pytest.mark.parametrize("workload", WORKLOADS + OWN_WORKLOADS, ids=lambda workload: workload.name)
def test_the_load_reaches_the_service(
    workload: Workload, contestants: list[Running], bench: Database
) -> None:
    requests = islice(workload.requests(bench, 0.1), 50)
    found = load.drive(
        contestants[0].port,
        requests,
        connections=4,
        seconds=60,
        warm_up=0,
        follow=workload.follow,
    )
    assert found.count == 49  # the first one only starts the clock


@workloads
def test_the_statements_run_in_pgbench(workload: Shared, bench: Database) -> None:
    found, _ = pgbench(bench, workload.script(bench, 1), 1)
    assert found.count > 0


def test_an_approval_in_pgbench_approves(bench: Database) -> None:
    def approved() -> int:
        with bench.superuser() as connection:
            [(count,)] = connection.execute(
                "SELECT count(*) FROM drafts.drafts WHERE status = 'approved'"
            ).fetchall()
            return int(count)

    before = approved()
    [workload] = [workload for workload in WORKLOADS if workload.name == "W3"]
    found, _ = pgbench(bench, workload.script(bench, 1), 1)
    assert approved() - before == found.count


def test_every_call_of_the_studio_finds_rows(own_server: embedded.Server) -> None:
    """But for the list of what is due now: the data are a year's that has passed."""
    database = Database.studio(own_server, 1400, name="bench_studio")
    with connected(database) as connection:
        empty = {
            name
            for name, call in studio.calls(connection, load_queries(), 1400)
            if not call()[0][0]
        }
    assert empty == {"studio.list_due_videos"}


def test_every_call_of_the_library_finds_rows(own_server: embedded.Server) -> None:
    database = Database.library(own_server, 10_000, name="bench_library")
    known = load_queries()
    with connected(database) as user, connected(database, user="any") as manager:
        callers = library.entered(user, manager)
        empty = {
            name
            for calls, _ in library.KINDS_OF_CALLS.values()
            for name, call in calls(callers, known, 10_000)
            if not call()[0][0]
        }
    assert empty == {"library.search_resources, two that none has both"}


@pytest.mark.parametrize(
    ("left", "right", "differs"),
    [
        ({"at": "2025-01-01T00:00:00+00:00"}, {"at": "2025-01-01T00:00:00.000Z"}, False),
        ({"at": "2025-01-01T00:00:00+00:00"}, {"at": "2025-01-01T00:00:01Z"}, True),
        ({"n": 1, "flags": None}, {"n": 1.0}, False),
        ({"n": 1}, {"n": 2}, True),
        ({"n": 1}, {}, True),
        ([1], [1, 2], True),
        ({"next_cursor": "a"}, {"next_cursor": "b"}, False),
        ({"next_cursor": "a"}, {"next_cursor": None}, True),
    ],
)
def test_a_difference_is_found(left: object, right: object, differs: bool) -> None:
    if differs:
        with pytest.raises(compare.Differs):
            compare.same("answer", left, right, exact=True)
    else:
        compare.same("answer", left, right, exact=True)


def test_an_answer_that_is_no_success_stops_the_load(contestants: list[Running]) -> None:
    request = load.request("GET", "/v1/tweets", {})
    with pytest.raises(load.LoadError, match="401"):
        load.drive(contestants[0].port, iter([request]), connections=1, seconds=60, warm_up=0)


def test_the_load_keeps_a_pace(contestants: list[Running], bench: Database) -> None:
    [workload] = [workload for workload in WORKLOADS if workload.name == "W4"]
    requests = workload.requests(bench, 1)
    found = load.pace(contestants[0].port, requests, 4, seconds=1, rate=50, warm_up=0.2)
    assert found.count == 50  # those of the second after the warm-up


def test_an_answer_leads_to_a_second_request(contestants: list[Running], bench: Database) -> None:
    def sent() -> int:
        with bench.superuser() as connection:
            [(count,)] = connection.execute(
                "SELECT count(*) FROM drafts.scheduled_replies WHERE status = 'sent'"
            ).fetchall()
            return int(count)

    before = sent()
    [workload] = [workload for workload in OWN_WORKLOADS if workload.name == "W8"]
    requests = islice(workload.requests(bench, 1), 10)
    load.drive(contestants[0].port, requests, 2, seconds=60, warm_up=0, follow=workload.follow)
    assert sent() - before == 10


def test_the_wal_of_a_write_is_counted(bench: Database) -> None:
    position = bench.wal_position()
    with bench.superuser() as connection:
        connection.execute("SET synchronous_commit = on")  # the log is read as far as it is on disk
        connection.execute("SELECT pg_logical_emit_message(true, 'bench', repeat('x', 5000))")
    records, size = bench.wal_since(position)
    assert records >= 2  # the message and the commit
    assert size > 5000


def test_the_plain_schema_has_as_much_in_it(bench: Database) -> None:
    plain = bench.plain()
    added = plain.add_pending(10)
    with plain.superuser() as connection:
        [(drafts, pending)] = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE id = ANY (%s)) FROM drafts",
            [[draft_id(number) for number in added]],
        ).fetchall()
    assert drafts == bench.rows + 10
    assert pending == 10


def test_the_page_shows_the_results() -> None:
    page = report.PAGE.read_text()
    assert report.rendered(page, json.loads(report.RESULTS.read_text())) == page


def test_the_page_is_of_today_only() -> None:
    cpu = {DRAFTROOM.name: 245, revision.NAME: 247, revision.ALONE: 30}
    measured = {"contestants": cpu, "peers": {"W1": cpu, "W2": cpu}, "floor": cpu, "minutes": 3}
    today = {DRAFTROOM.name: 245}
    assert revision.without(measured) == {
        "contestants": today,
        "peers": {"W1": today, "W2": today},
        "floor": today,
        "minutes": 3,
    }


@pytest.mark.skipif(not OWN_PYTHON.exists(), reason="make bench makes the peers' environment")
def test_all_peers_answer_the_same_beside_another_revision() -> None:
    done = subprocess.run(
        [OWN_PYTHON, "-m", "bench.run", "--check", "--rows", "1000", "--base", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "answer the same" in done.stdout
