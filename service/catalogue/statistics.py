"""How the queries do: as the service itself counts, and as pg_stat_statements does where it is there.

The service's times hold the round trip, PostgreSQL's only the execution; one JSON document that the service
fetches is one row to PostgreSQL.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from service import metrics
from service.caller import NOBODY
from service.queries import queries
from service.state import state


@dataclass(frozen=True, slots=True)
class Statistics:
    counted_by: str
    calls: int
    rows: float  # per call
    mean: float  # seconds, as all that follow
    median: float | None
    p99: float | None
    longest: float | None


def of(query: str) -> list[Statistics]:
    """By each that counts, if it has counted the query."""
    return [*by_service(query), *by_postgresql(query)]


def by_service(query: str) -> list[Statistics]:
    """Since gunicorn was started, over all of its workers."""
    buckets: dict[float, float] = {}
    counted: dict[str, float] = {}
    for metric in metrics.registry().collect():
        for sample in metric.samples:
            if sample.labels.get("query") != query:
                continue
            if "le" in sample.labels:
                buckets[float(sample.labels["le"])] = sample.value
            else:
                counted[sample.name] = sample.value
    calls = buckets.get(math.inf, 0)
    if not calls:
        return []
    return [
        Statistics(
            counted_by="the service",
            calls=int(calls),
            rows=counted["draftroom_query_rows_total"] / calls,
            mean=counted["draftroom_query_seconds_sum"] / calls,
            median=quantile(buckets, 0.5),
            p99=quantile(buckets, 0.99),
            longest=None,
        )
    ]


def by_postgresql(query: str) -> list[Statistics]:
    """Since its statistics were reset, for the service's role."""
    rows = state().database.session(NOBODY).rows(queries.catalogue.list_statement_statistics())
    return [
        Statistics(
            counted_by="pg_stat_statements",
            calls=row.calls,
            rows=row.rows / row.calls,
            mean=row.mean_seconds,
            median=None,
            p99=None,
            longest=row.max_seconds,
        )
        for row in rows
        if row.query == query
    ]


def quantile(buckets: dict[float, float], q: float) -> float | None:
    """The value below which the share `q` lies, taken as evenly spread within a bucket.

    `buckets` says how many values are at most as large as each bound; the last bound is infinite.
    """
    wanted = q * buckets[math.inf]
    for (low, below), (high, up_to) in pairwise([(0.0, 0.0), *sorted(buckets.items())]):
        if up_to >= wanted:
            if math.isinf(high):
                return None  # longer than the last bound
            return low + (high - low) * (wanted - below) / (up_to - below)
    return None
