"""How each query does, counted by the service itself: over all of gunicorn's workers, since its start."""

import logging
import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger("service.queries")

# The folder in which the processes of one service share their counts; gunicorn.conf.py makes it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

SECONDS = Histogram(
    "draftroom_query_seconds",
    "From sending a query to having its result, the round trip included",
    ["query"],
    buckets=(0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
ROWS = Counter("draftroom_query_rows", "Rows that a query returned or changed", ["query"])


def observe(query: str, seconds: float, rows: int) -> None:
    SECONDS.labels(query).observe(seconds)
    ROWS.labels(query).inc(max(rows, 0))
    log.debug("%s %.1fms rows=%s", query, seconds * 1000, rows)


def registry() -> CollectorRegistry:
    """What all processes counted, or this one if it is alone."""
    if SHARED not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
