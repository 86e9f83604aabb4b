"""One measurement of one contestant: how fast it answers, what CPU that takes, and what a write adds to the WAL."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from bench import load
from bench.contestants import CONNECTIONS, Alone, Running, pgbench
from bench.workloads import Shared, Workload


@dataclass(frozen=True)
class Sample:
    """One measurement."""

    rate: float  # requests per second
    p50: float  # milliseconds
    p99: float
    app_cpu: float  # microseconds a request
    db_cpu: float
    wal_records: float = 0.0  # a request
    wal_bytes: float = 0.0


def measure(workload: Workload, contestant: Running | Alone, seconds: float) -> Sample:
    """At full load: each of the connections sends its next request when it has the answer to the last."""
    if isinstance(contestant, Running):
        return measured(
            contestant,
            workload.requests(contestant.database, seconds + 0.5),
            seconds,
            CONNECTIONS,
            writes=workload.writes,
            follow=workload.follow,
        )
    assert isinstance(workload, Shared)
    database, script = contestant.database, contestant.script(workload, seconds)
    wal, before = database.wal_position(), database.cpu()
    found, app_cpu = pgbench(database, script, seconds)
    db_cpu = database.cpu() - before
    return _sample(found, app_cpu, db_cpu, database.wal_since(wal) if workload.writes else (0, 0))


def measured(
    contestant: Running,
    requests: Iterator[bytes],
    seconds: float,
    connections: int,
    *,
    writes: bool = False,
    follow: Callable[[bytes], bytes | None] = lambda _: None,
) -> Sample:
    """Drives the contestant, and notes what CPU it and the database use meanwhile, and what they add to the WAL."""
    database, wal = contestant.database, ""
    app_cpu = db_cpu = 0.0

    def begin() -> None:
        nonlocal wal, app_cpu, db_cpu
        wal, app_cpu, db_cpu = database.wal_position(), contestant.cpu(), database.cpu()

    found = load.drive(contestant.port, requests, connections, seconds, begin=begin, follow=follow)
    app_cpu, db_cpu = contestant.cpu() - app_cpu, database.cpu() - db_cpu
    return _sample(found, app_cpu, db_cpu, database.wal_since(wal) if writes else (0, 0))


def _sample(found: load.Load, app_cpu: float, db_cpu: float, wal: tuple[int, int]) -> Sample:
    return Sample(
        rate=found.count / found.seconds,
        p50=found.percentile(0.5),
        p99=found.percentile(0.99),
        app_cpu=1e6 * app_cpu / found.count,
        db_cpu=1e6 * db_cpu / found.count,
        wal_records=wal[0] / found.count,
        wal_bytes=wal[1] / found.count,
    )


def medians(samples: dict[str, list[Sample]]) -> dict[str, dict[str, float]]:
    """By contestant, with the lowest and the highest rate."""
    found = {}
    for name, taken in samples.items():
        columns = [asdict(sample) for sample in taken]
        medians = {c: statistics.median(row[c] for row in columns) for c in columns[0]}
        rates = [sample.rate for sample in taken]
        found[name] = {
            c: round(value, 2)
            for c, value in (medians | {"low": min(rates), "high": max(rates)}).items()
        }
    return found
