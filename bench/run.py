"""Draftroom, its peers and PostgreSQL alone, side by side: `python -m bench.run`, or `make bench`.

All of them run at once on one database, and are asked in turn: round after round, each workload, each contestant, in
another order each time. Before that all must answer the same. Printed by workload and contestant: the median of the
rounds in requests per second, with the lowest and the highest; the median over the rounds of p50 and p99, in
milliseconds; and the CPU that a request costs the application and the database, in microseconds.
"""

import argparse
import itertools
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psutil

from bench import compare, load, report
from bench.contestants import (
    CONNECTIONS,
    FLASK,
    NODE,
    PATH,
    PEERS,
    PGBENCH,
    Peer,
    Running,
    pgbench,
    started,
)
from bench.database import Database, server, tree_cpu
from bench.workloads import WORKLOADS, Workload


@dataclass(frozen=True)
class Sample:
    """One measurement."""

    rate: float  # requests per second
    p50: float  # milliseconds
    p99: float
    app_cpu: float  # microseconds a request
    db_cpu: float


def main() -> int:
    options = _options()
    peers = _available([PEERS[0], FLASK] if options.quick else list(PEERS))
    workloads = [w for w in WORKLOADS if w.name in options.workloads]
    machine, begun = _machine(), time.monotonic()
    with ExitStack() as stack:
        print(f"filling a database with {options.rows:,} rows of each kind", flush=True)
        database = Database.create(stack.enter_context(server()), options.rows, options.tenants)
        running = [stack.enter_context(started(peer, database)) for peer in peers]
        for workload in workloads:
            compare.check(workload, running, database)
        print(f"all {len(running)} answer the same", flush=True)
        if options.check:
            return 0
        others = _others(database)
        samples = _rounds(options, database, running, workloads)
        machine["others"] = others()
        floor = _floor(database, running, options.seconds)
        generator = _generator(database, running[-1], options.seconds)
    found = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "machine": machine,
        "options": vars(options) | {"connections": CONNECTIONS},
        "workloads": {w.name: w.title for w in workloads},
        "contestants": {p.name: p.title for p in peers} | {PGBENCH: "PostgreSQL alone (pgbench)"},
        "peers": {name: medians(of) for name, of in samples.items()},
        "generator": generator,
        "floor": floor,
    }
    _show(found)
    if options.write:
        report.write("run", found)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="only what needs no Node, in two minutes"
    )
    parser.add_argument("--check", action="store_true", help="only whether all answer the same")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument(
        "--seconds", type=float, help="of one measurement, after half a second to warm up"
    )
    parser.add_argument("--rows", type=int, help="of each kind: tweets, conversations, runs")
    parser.add_argument("--tenants", type=int, default=10)
    parser.add_argument("--workloads", nargs="+", default=[w.name for w in WORKLOADS])
    parser.add_argument(
        "--write", action="store_true", help="to docs/: the JSON, the chart, the tables"
    )
    options = parser.parse_args()
    options.rows = options.rows or (20_000 if options.quick else 100_000)
    options.rounds = options.rounds or (2 if options.quick else 3)
    options.seconds = options.seconds or (2.0 if options.quick else 2.5)
    return options


def _available(peers: list[Peer]) -> list[Peer]:
    """Without those that cannot run here, with a word on why."""
    found = []
    for peer in peers:
        missing = None
        if peer.node and shutil.which("node", path=PATH) is None:
            missing = "there is no node"
        elif peer.node and not (NODE / "node_modules" / ".ready").exists():
            missing = "its packages are not there: `make bench` installs them"
        if missing:
            print(f"without {peer.title}: {missing}", file=sys.stderr)
        else:
            found.append(peer)
    return found


def _rounds(
    options: argparse.Namespace,
    database: Database,
    running: list[Running],
    workloads: list[Workload],
) -> dict[str, dict[str, list[Sample]]]:
    """Samples by workload and contestant."""
    samples: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    contestants: list[Running | None] = [*running, None]
    for number in range(options.rounds):
        for workload in workloads:
            for contestant in contestants:
                name = contestant.peer.name if contestant else PGBENCH
                sample = _measure(workload, contestant, database, options.seconds)
                samples[workload.name][name].append(sample)
                print(
                    f"round {number + 1} {workload.name} {name:20} {sample.rate:8.0f}/s"
                    f"  p99 {sample.p99:6.1f} ms  CPU {sample.app_cpu:5.0f} + {sample.db_cpu:5.0f} us",
                    flush=True,
                )
        contestants = contestants[1:] + contestants[:1]
        database.vacuum()
    return samples


def _measure(
    workload: Workload, contestant: Running | None, database: Database, seconds: float
) -> Sample:
    if contestant is not None:
        requests = workload.requests(database, seconds + 0.5)
        return measured(contestant, database, requests, seconds, CONNECTIONS)
    script = workload.script(database, seconds)
    before = database.cpu()
    found, app_cpu = pgbench(database, script, seconds)
    return _sample(found, app_cpu, database.cpu() - before)


def measured(
    contestant: Running,
    database: Database,
    requests: Iterator[bytes],
    seconds: float,
    connections: int,
) -> Sample:
    """Drives the contestant, and notes what CPU it and the database use meanwhile."""
    before: list[float] = []
    found = load.drive(
        contestant.port,
        requests,
        connections,
        seconds,
        begin=lambda: before.extend((contestant.cpu(), database.cpu())),
    )
    return _sample(found, contestant.cpu() - before[0], database.cpu() - before[1])


def _sample(found: load.Load, app_cpu: float, db_cpu: float) -> Sample:
    return Sample(
        rate=found.count / found.seconds,
        p50=found.percentile(0.5),
        p99=found.percentile(0.99),
        app_cpu=1e6 * app_cpu / found.count,
        db_cpu=1e6 * db_cpu / found.count,
    )


def medians(samples: dict[str, list[Sample]]) -> dict[str, dict[str, float]]:
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


def _floor(database: Database, running: list[Running], seconds: float) -> dict[str, float]:
    """The application's CPU for a request that asks for nothing, the health check, in microseconds: HTTP and Flask."""
    health = itertools.repeat(load.request("GET", "/healthz", {}))
    return {
        of.peer.name: round(measured(of, database, health, seconds, CONNECTIONS).app_cpu)
        for of in running
        if of.peer.own
    }


def _generator(database: Database, contestant: Running, seconds: float) -> dict[str, Any] | None:
    """One draft by wrk, if it is there, and by our own generator: whether ours costs more. Requests per second."""
    if (wrk := shutil.which("wrk")) is None:
        return None
    [workload] = [workload for workload in WORKLOADS if workload.name == "W4"]
    path = next(workload.requests(database, 1)).split(b" ")[1].decode()
    done = subprocess.run(
        [
            *(
                wrk,
                "--threads=1",
                f"--connections={CONNECTIONS}",
                f"--duration={max(1, round(seconds))}s",
            ),
            *("--header", f"Authorization: Bearer {database.key}"),
            f"http://127.0.0.1:{contestant.port}{path}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    [rate] = [float(line.split()[1]) for line in done.stdout.splitlines() if "Requests/sec" in line]
    own = _measure(workload, contestant, database, seconds)
    return {"contestant": contestant.peer.name, "wrk": round(rate), "own": round(own.rate)}


def _others(database: Database) -> Callable[[], float]:
    """Asked later, which share of the CPUs other programs used since now."""

    def used() -> tuple[float, float]:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0)
        return sum(times) - idle, sum(times)

    def own() -> float:
        return tree_cpu(os.getpid()) + database.cpu()

    (busy, total), mine = used(), own()

    def share() -> float:
        now_busy, now_total = used()
        return round(max(0.0, now_busy - busy - own() + mine) / (now_total - total), 3)

    return share


def _machine() -> dict[str, Any]:
    node = shutil.which("node", path=PATH)
    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "node": node
        and subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip(),
    }


def _show(found: dict[str, Any]) -> None:
    for workload, title in found["workloads"].items():
        print(f"\n{workload} {title}")
        print(
            f"{'':22}{'requests/s':>11}{'from':>8}{'to':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU app':>9}{'db us':>7}"
        )
        for name, row in found["peers"][workload].items():
            print(
                f"  {name:20}{row['rate']:11.0f}{row['low']:8.0f}{row['high']:8.0f}{row['p50']:8.2f}"
                f"{row['p99']:8.2f}{row['app_cpu']:9.0f}{row['db_cpu']:7.0f}"
            )


if __name__ == "__main__":
    sys.exit(main())
