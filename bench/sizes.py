"""What the benchmarks share that call an area's queries on databases of several sizes."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from bench.database import NAME, Database, server, tenant_id
from bench.growth import CALLS, connected, measure, shape
from service.caller import enter_to_explain
from service.queries import Query
from service.queries.plans import explain

Connection = psycopg.Connection[Any]
Call = Callable[[], list[Any]]
Databases = dict[int, tuple[Database, Connection]]  # by size


def parsed(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--write", action="store_true", help="the results to docs/")
    return parser.parse_args()


@contextmanager
def filled(
    sizes: list[int], of: str, fill: Callable[[Any, int, str], Database]
) -> Iterator[Databases]:
    """A database of each size, on one server, with a connection to it."""
    with server({"max_wal_size": "4GB"}) as running, ExitStack() as stack:
        databases = {}
        for size in sizes:
            begun = time.monotonic()
            database = fill(running, size, f"{NAME}_{size}")
            databases[size] = database, stack.enter_context(connected(database))
            print(f"{size:,} {of}, filled in {time.monotonic() - begun:.0f} s", flush=True)
        yield databases


def compare(of_sizes: dict[int, Iterator[tuple[str, Call]]], times: int = CALLS) -> dict[str, Any]:
    """How long each call takes. One at each size, then the next: what else the machine does slows all of them."""
    found: dict[str, Any] = {}
    for named in zip(*of_sizes.values(), strict=True):
        name = named[0][0]
        taken = [measure(call, times) for _, call in named]
        found[name] = {
            column: {str(size): each[column] for size, each in zip(of_sizes, taken, strict=True)}
            for column in ("p50", "p95")
        }
        print(f"  {name:60}" + "".join(f"{each['p50']:12,.0f} us" for each in taken), flush=True)
    return found


def note_plans(found: dict[str, Any], databases: Databases, queries: dict[str, Query[Any]]) -> None:
    """Notes of each call whether its query has the same plan at all sizes."""
    plans = {
        name: [
            shape(explain(connection, query, enter_to_explain()))
            for _, connection in databases.values()
        ]
        for name, query in queries.items()
    }
    for name, row in found.items():
        shapes = plans.get(name.partition(",")[0], [[]])
        row["same_plan"] = all(each == shapes[0] for each in shapes)


def run(connection: Connection, query: Query[Any], **given: Any) -> list[Any]:
    """The query as the service runs it, with its samples where nothing else is given."""
    samples = {
        name: json.loads(p.sample_value) if p.type == "jsonb" and p.sample_value else p.sample_value
        for name, p in query.parameters.items()
        if name != "tenant_id"
    }
    text = query.text if query.cardinality == "exec" else query.json_text
    cursor = connection.execute(text, query(**samples | given).values(tenant_id(1)))
    return cursor.fetchall() if cursor.description else []


def chosen(connection: Connection, select: str, limit: int = CALLS) -> list[str]:
    """Some of the values of its one column, from everywhere."""
    rows = connection.execute(
        f"SELECT made.of::text FROM ({select}) AS made (of) ORDER BY md5(made.of::text) LIMIT {limit}".encode()
    ).fetchall()
    return [row[0] for row in rows]
