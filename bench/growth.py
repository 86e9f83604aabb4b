"""What grows with the data: `python -m bench.growth`.

Each list and detail at 10,000 and at 1,000,000 rows of each kind (--sizes says which), as the service's role and with
row-level security: the time of a call on one connection, in microseconds, by random ids, the first page and one from
the middle; each for the second time, so that its rows are in memory. A call that asks for nothing (`SELECT 1`) is the
least that can be measured. And whether the plan stays the same. A pipeline run has ten rows of its own: with --runs-to
there are none of them at larger sizes, and the disk need not hold them.

Of the pipelines' five queries also p99, and the same over HTTP on one connection, in milliseconds.
"""

import argparse
import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench import load, report
from bench.contestants import DRAFTROOM, Running, started
from bench.database import Database, run_id, server, tenant_id, user_id
from service.caller import enter_to_explain
from service.queries import Query
from service.queries import load as load_queries
from service.queries.plans import Node, explain

# Lists by creation, which are also measured in their middle.
MIDDLE = [("id",), ("created_at", "id")]

CALLS = 300
TENANTS = 10

LISTED = """
    tweets.list_tweets tweets.list_tweets_by_status tweets.get_tweet tweets.get_tweet_thread
    inbox.list_conversations inbox.list_conversations_by_status inbox.get_conversation
    inbox.list_messages inbox.timeline
    drafts.feed drafts.list_drafts drafts.list_drafts_by_status drafts.get_draft drafts.list_conversation_drafts
    drafts.list_replies drafts.list_replies_by_status
    pipelines.list_runs pipelines.list_runs_by_status pipelines.list_runs_by_company pipelines.get_run
    pipelines.count_starred_cards pipelines.list_cards pipelines.list_starred_cards
""".split()

# The pipelines' five queries: what the original expected at 10,000 runs, in milliseconds, and the route.
FIVE = {
    "a user's runs, page 1": ("pipelines.list_runs", 15, "/v1/pipeline-runs"),
    "a run with its cards": ("pipelines.get_run", 25, "/v1/pipeline-runs/{run}"),
    "count of starred cards": (
        "pipelines.count_starred_cards",
        10,
        "/v1/opportunity-cards/starred/count",
    ),
    "runs of a company": (
        "pipelines.list_runs_by_company",
        20,
        "/v1/pipeline-runs?company_id=company-3",
    ),
    "runs by status": ("pipelines.list_runs_by_status", 15, "/v1/pipeline-runs?status=completed"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--runs-to", type=int, help="the largest size with pipeline runs")
    parser.add_argument("--write", action="store_true", help="the results to docs/")
    options = parser.parse_args()
    growth: dict[str, Any] = {}
    five: dict[str, dict[str, Any]] = {name: {} for name in FIVE}
    plans: dict[str, list[list[Any]]] = {}
    for size in options.sizes:
        with server({"max_wal_size": "4GB"}) as running:
            begun = time.monotonic()
            with_runs = size <= (options.runs_to or size)
            database = Database.create(running, size, TENANTS, runs=size if with_runs else 0)
            print(
                f"{size:,} rows of each kind, filled in {time.monotonic() - begun:.0f} s",
                flush=True,
            )
            with connected(database) as connection:
                known = queries(with_runs)
                for name, call in calls(connection, known, size):
                    times = measure(call)
                    growth.setdefault(name, {"p50": {}})["p50"][str(size)] = times["p50"]
                    print(f"  {name:50}{times['p50']:9.0f} us", flush=True)
                for listed in known.values():
                    plans.setdefault(listed.name, []).append(
                        shape(explain(connection, listed, enter_to_explain()))
                    )
                if not with_runs:
                    continue
                at_database = {
                    name: measure(call_of(connection, known[query], size))
                    for name, (query, _, _) in FIVE.items()
                }
            with started(DRAFTROOM, database) as service:
                for name, (query, expected, path) in FIVE.items():
                    plan_indexes = sorted({index for _, _, index in plans[query][-1] if index})
                    five[name][str(size)] = {
                        **{n: round(at_database[name][n] / 1000, 3) for n in ("p50", "p99")},
                        **over_http(service, database, path),
                        "expected": expected,
                        "indexes": plan_indexes,
                    }
                    print(f"  {name:50}{five[name][str(size)]}", flush=True)
    for name, row in growth.items():
        shapes = plans.get(name.partition(",")[0], [[]])
        row["same_plan"] = all(found == shapes[0] for found in shapes)
        row["indexes"] = sorted({index for _, _, index in shapes[-1] if index})
    if options.write:
        report.write("growth", {"sizes": options.sizes, "queries": growth})
        report.write("five", five)


def queries(with_runs: bool) -> dict[str, Query[Any]]:
    known = load_queries()
    return {name: known[name] for name in LISTED if with_runs or not name.startswith("pipelines.")}


@contextmanager
def connected(database: Database, user: str = user_id(1)) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the service's role, for the first tenant and its user as long as it lasts."""
    with psycopg.connect(
        database.service_url, autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=0
    ) as connection:
        for name, value in {"app.tenant_id": tenant_id(1), "app.user_id": user}.items():
            connection.execute("SELECT set_config($1, $2, false)", [name, value])
        yield connection


def calls(
    connection: psycopg.Connection[Any], known: dict[str, Query[Any]], size: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "SELECT 1", lambda: connection.execute("SELECT 1").fetchall()
    for name, query in known.items():
        yield name, call_of(connection, query, size)
        if query.page_keys in MIDDLE and "conversation_id" not in query.parameters:
            yield f"{name}, middle", call_of(connection, query, size, middle=True)


def call_of(
    connection: psycopg.Connection[Any], query: Query[Any], size: int, *, middle: bool = False
) -> Callable[[], object]:
    """A call of the query, each time for another of CALLS rows of the first tenant, and then for them again."""
    chance = random.Random(1)
    own = {
        "tweets": "01900000",
        "inbox": "01910000",
        "drafts": "01930000",
        "pipelines": "01960000",
    }[query.name.partition(".")[0]]
    given = {name: p.sample_value for name, p in query.parameters.items() if name != "tenant_id"}
    if "user_id" in given:
        given["user_id"] = user_id(1)
    if "company_id" in given:
        given["company_id"] = "company-3"
    if middle:
        half = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=size // 2)
        given["after_created_at"] = half.isoformat()
        given["after_id"] = f"{own}-0000-7000-8000-{size // 2:012x}"
        given = {name: value for name, value in given.items() if name in query.parameters}
    kinds = {"id": own, "conversation_id": "01910000", "run_id": "01960000"}
    of_rows = {name: kind for name, kind in kinds.items() if name in given}
    numbers = itertools.cycle(
        [TENANTS * chance.randint(1, size // TENANTS - 1) for _ in range(CALLS)]
    )

    def call() -> object:
        number = next(numbers)
        for name, kind in of_rows.items():
            given[name] = f"{kind}-0000-7000-8000-{number:012x}"
        return connection.execute(query.json_text, query(**given).values(tenant_id(1))).fetchall()

    return call


def measure(call: Callable[[], object], calls: int = CALLS) -> dict[str, float]:
    """Percentiles in microseconds of calls that were made once before: of the way to the rows, not of the disk."""
    for _ in range(calls):
        call()
    times = []
    for _ in range(calls):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    times.sort()
    return {f"p{of}": round(1e6 * times[calls * of // 100], 1) for of in (50, 95, 99)}


def shape(plan: Node) -> list[Any]:
    """What makes it the same plan: its steps, and what they read by which index."""
    return [[node.type, node.relation, node.index] for node in plan.walk()]


def over_http(service: Running, database: Database, path: str) -> dict[str, float]:
    chance = random.Random(1)
    headers = {"Authorization": f"Bearer {database.key}", "Draftroom-User": user_id(1)}

    def requests() -> Iterator[bytes]:
        for _ in range(CALLS + 20):
            run = run_id(TENANTS * chance.randint(1, database.rows // TENANTS - 1))
            yield load.request("GET", path.format(run=run), headers)

    found = load.drive(service.port, requests(), 1, seconds=60, warm_up=0.05)
    return {
        "http_p50": round(found.percentile(0.5), 2),
        "http_p99": round(found.percentile(0.99), 2),
    }


if __name__ == "__main__":
    main()
