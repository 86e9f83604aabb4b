"""What the service counts of itself: queries, requests, connections; over all of its processes, since its start."""

import logging
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from psycopg_pool import ConnectionPool

log = logging.getLogger("service.queries")

# The folder in which the processes of one service share their counts; gunicorn.conf.py makes it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_slow = float("inf")  # seconds from which on a query is told of in the log
GAUGE_PERIOD = 1.0  # seconds for which the numbers of a pool are not read again

SECONDS = Histogram(
    "draftroom_query_seconds",
    "From sending a query to having its result, the round trip included",
    ["query"],
    buckets=(0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
ROWS = Counter("draftroom_query_rows", "Rows that a query returned or changed", ["query"])
REQUESTS = Histogram(
    "draftroom_request_seconds",
    "From having a request to the beginning of its answer",
    ["method", "route", "status"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
CONNECTIONS = Gauge(
    "draftroom_pool_connections",
    "Connections to the database, and requests that wait for one",
    ["state"],
    multiprocess_mode="livesum",
)
PLACES = Gauge(
    "draftroom_places",
    "Places for answers that take long: exports, imports, streams, claims that wait",
    ["kind", "state"],
    multiprocess_mode="livesum",
)
LOOKUPS = Counter(
    "draftroom_cache_lookups",
    "What was looked for in a cache, and found or not",
    ["cache", "result"],
)
RETRIES = Counter(
    "draftroom_retries", "Statements and transactions that were run once more", ["reason"]
)
# There from the start, as 0: Prometheus takes no rate of what it sees for the first time.
for _cache in ("credentials", "quota"):
    for _result in ("hit", "miss", "error"):
        LOOKUPS.labels(_cache, _result)
# Rate limits are counted in Redis, so nothing is hit or missed.
LOOKUPS.labels("rate_limits", "error")
for _reason in ("serialization_failure", "deadlock", "stale_statement", "commit", "shard_move"):
    RETRIES.labels(_reason)


@cache
def _of(query: str) -> tuple[Histogram, Counter]:
    return SECONDS.labels(query), ROWS.labels(query)


@cache
def _answered(method: str, route: str, status: str) -> Histogram:
    return REQUESTS.labels(method, route, status)


@cache
def _looked_up(of: str, result: str) -> Counter:
    return LOOKUPS.labels(of, result)


def configure(slow_query_seconds: float) -> None:
    """From when on a query is slow; with 0 none is."""
    global _slow
    _slow = slow_query_seconds or float("inf")


def observe(query: str, seconds: float, rows: int, request_id: str | None) -> None:
    took, brought = _of(query)
    took.observe(seconds)
    brought.inc(rows)
    log.debug("%s %.1fms rows=%s", query, seconds * 1000, rows)
    if seconds > _slow:
        told = {"query": query}
        log.warning(
            "slow: %s %.1fms rows=%s request_id=%s",
            query,
            seconds * 1000,
            rows,
            request_id,
            extra=told,
        )


def observe_request(method: str, route: str, status: str, seconds: float) -> None:
    """`route` is a rule, never a path, of which there are as many as there are ids."""
    _answered(method, route, status).observe(seconds)


def observe_lookup(of: str, result: str) -> None:
    """In a cache; the result is hit, miss, or error if the cache is away."""
    _looked_up(of, result).inc()


def observe_retry(reason: str) -> None:
    RETRIES.labels(reason).inc()


def observe_places(kind: str, taken: int, of: int) -> None:
    PLACES.labels(kind, "taken").set(taken)
    PLACES.labels(kind, "free").set(of - taken)


class PoolGauge:
    """How a pool does, as of a second ago at most, while it is used."""

    def __init__(self) -> None:
        self._read_at = 0.0

    def read(self, pool: ConnectionPool[Any]) -> None:
        now = time.monotonic()
        if now < self._read_at + GAUGE_PERIOD:
            return
        self._read_at = now
        told = pool.get_stats()
        size, idle = told.get("pool_size", 0), told.get("pool_available", 0)
        CONNECTIONS.labels("idle").set(idle)
        CONNECTIONS.labels("busy").set(size - idle)
        CONNECTIONS.labels("waiting").set(told.get("requests_waiting", 0))


def registry() -> CollectorRegistry:
    """What all processes counted, or this one if it is alone."""
    if SHARED not in os.environ:
        return REGISTRY
    _forget_the_dead(Path(os.environ[SHARED]))
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _forget_the_dead(folder: Path) -> None:
    """What a process counted stays; what it held is gone with it."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
        except PermissionError:
            pass  # it lives, as another user
