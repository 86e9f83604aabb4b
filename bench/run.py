"""Draftroom, its peers and PostgreSQL alone, side by side: `python -m bench.run`, or `make bench`.

All of them run at once on one server, and are asked in turn: round after round, each workload, each contestant, in
another order each time. Before that all on the same schema must answer the same. Printed by workload and contestant:
the median of the rounds in requests per second, with the lowest and the highest; the median over the rounds of p50 and
p99, in milliseconds; the CPU that a request costs the application and the database, in microseconds; and what a write
adds to the write-ahead log. Then p99 once more, at half the rate that the slowest of them reaches.

With --base a revision of Draftroom runs as well, with its own schema, and at the end stands what share of its costs
today's has.
"""

import argparse
import itertools
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import psutil

from bench import compare, load, report, revision
from bench.contestants import (
    CONNECTIONS,
    DRAFTROOM,
    FLASK,
    NODE,
    PATH,
    PEERS,
    PGBENCH,
    Alone,
    Peer,
    Running,
    started,
)
from bench.database import Database, server, used_by_others
from bench.measure import Sample, measure, measured, medians
from bench.workloads import OWN_WORKLOADS, WORKLOADS, Shared, Workload

SHARES = {
    "db_cpu": "database CPU",
    "app_cpu": "app CPU",
    "wal_bytes": "WAL bytes",
    "wal_records": "WAL records",
    "rate": "requests/s",
}


def main() -> int:
    options = _options()
    peers = _available([peer for peer in PEERS if peer.name in options.contestants])
    workloads = [w for w in (*WORKLOADS, *OWN_WORKLOADS) if w.name in options.workloads]
    machine, begun = _machine(), time.monotonic()
    with ExitStack() as stack:
        contestants = _started(options, peers, stack)
        running = [of for of in contestants if isinstance(of, Running)]
        for workload in workloads:
            if isinstance(workload, Shared):
                compare.check(workload, running)
        print(f"all {len(running)} answer the same", flush=True)
        if options.check:
            return 0
        others = used_by_others(running[0].database)
        samples = _rounds(options, contestants, workloads)
        peers_found = {name: medians(of) for name, of in samples.items()}
        paced = _paced(options, running, workloads, peers_found)
        machine["others"] = others()
        floor = _floor(running, options.seconds)
        generator = _generator(running[-1], options.seconds)
    found = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "machine": machine,
        "options": vars(options) | {"connections": CONNECTIONS},
        "workloads": {w.name: w.title for w in workloads},
        "contestants": {of.name: of.title for of in contestants},
        "peers": peers_found,
        "paced": paced,
        "generator": generator,
        "floor": floor,
    }
    _show(found)
    if options.base:
        _show_shares(found)
    if options.write:
        report.write("run", revision.without(found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="only what needs no Node, in three minutes"
    )
    parser.add_argument("--check", action="store_true", help="only whether all answer the same")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument(
        "--seconds", type=float, help="of one measurement, after half a second to warm up"
    )
    parser.add_argument("--rows", type=int, help="of each kind: tweets, conversations, runs")
    parser.add_argument("--tenants", type=int, default=10)
    names = [workload.name for workload in (*WORKLOADS, *OWN_WORKLOADS)]
    parser.add_argument("--workloads", nargs="+", choices=names, default=names)
    names = [*(peer.name for peer in PEERS), PGBENCH]
    parser.add_argument("--contestants", nargs="+", choices=names)
    parser.add_argument("--base", help="a revision to run as well")
    parser.add_argument(
        "--write", action="store_true", help="to docs/: the JSON, the chart, the tables"
    )
    options = parser.parse_args()
    quick = [DRAFTROOM.name, FLASK.name, PGBENCH]
    options.contestants = options.contestants or (quick if options.quick else names)
    options.rows = options.rows or (20_000 if options.quick else 100_000)
    options.rounds = options.rounds or (2 if options.quick else 3)
    options.seconds = options.seconds or 2.0
    return options


def _started(
    options: argparse.Namespace, peers: list[Peer], stack: ExitStack
) -> list[Running | Alone]:
    """All contestants, each on its database, which is filled."""
    print(f"filling databases with {options.rows:,} rows of each kind", flush=True)
    postgres = stack.enter_context(server())
    contestants: list[Running | Alone] = []
    limits: list[Alone] = []
    if options.base:
        base = stack.enter_context(revision.checked_out(options.base))
        older = base.database(postgres, options.rows, options.tenants)
        contestants.append(stack.enter_context(started(base.peer, older)))
        limits.append(base.alone(older))
    database = Database.create(postgres, options.rows, options.tenants)
    limits.append(Alone(database))
    plain = database.plain() if any(peer.plain for peer in peers) else database
    contestants += [
        stack.enter_context(started(peer, plain if peer.plain else database)) for peer in peers
    ]
    return [*contestants, *limits] if PGBENCH in options.contestants else contestants


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
    options: argparse.Namespace, contestants: list[Running | Alone], workloads: list[Workload]
) -> dict[str, dict[str, list[Sample]]]:
    """Samples by workload and contestant."""
    samples: dict[str, dict[str, list[Sample]]] = {
        workload.name: {of.name: [] for of in contestants if _takes_part(of, workload)}
        for workload in workloads
    }
    for number in range(options.rounds):
        for workload in workloads:
            for contestant in contestants:
                if not _takes_part(contestant, workload):
                    continue
                sample = measure(workload, contestant, options.seconds)
                samples[workload.name][contestant.name].append(sample)
                print(
                    f"round {number + 1} {workload.name} {contestant.name:20} {sample.rate:8.0f}/s"
                    f"  p99 {sample.p99:6.1f} ms  CPU {sample.app_cpu:5.0f} + {sample.db_cpu:5.0f} us",
                    flush=True,
                )
        contestants = contestants[1:] + contestants[:1]
        for database in {of.database.name: of.database for of in contestants}.values():
            database.vacuum()
    return samples


def _takes_part(contestant: Running | Alone, workload: Workload) -> bool:
    if isinstance(workload, Shared):
        return True
    return isinstance(contestant, Running) and contestant.peer.own


def _paced(
    options: argparse.Namespace,
    running: list[Running],
    workloads: list[Workload],
    found: dict[str, dict[str, dict[str, float]]],
) -> dict[str, dict[str, Any]]:
    """p99 in milliseconds, at half the rate that the slowest reached: one that all on Draftroom's schema can serve."""
    paced: dict[str, dict[str, Any]] = {}
    contestants = [of for of in running if not of.peer.plain and of.name != revision.NAME]
    for workload in workloads:
        if not isinstance(workload, Shared):
            continue
        rate = round(min(found[workload.name][of.name]["rate"] for of in contestants) / 2)
        latencies: dict[str, list[float]] = defaultdict(list)
        for _ in range(max(1, options.rounds - 1)):
            for of in contestants:
                requests = workload.requests(of.database, options.seconds + 0.5)
                taken = load.pace(of.port, requests, CONNECTIONS, options.seconds, rate)
                latencies[of.name] += taken.latencies
            contestants = contestants[1:] + contestants[:1]
        p99 = {
            name: round(load.Load(len(all_), 0, sorted(all_)).percentile(0.99), 2)
            for name, all_ in latencies.items()
        }
        paced[workload.name] = {"rate": rate, "p99": p99}
        print(f"{workload.name} p99 at {rate}/s: {p99}", flush=True)
    return paced


def _floor(running: list[Running], seconds: float) -> dict[str, float]:
    """The application's CPU for a request that asks for nothing, the health check, in microseconds: HTTP and Flask."""
    health = itertools.repeat(load.request("GET", "/healthz", {}))
    return {
        of.name: round(measured(of, health, seconds, CONNECTIONS).app_cpu)
        for of in running
        if of.peer.own
    }


def _generator(contestant: Running, seconds: float) -> dict[str, Any] | None:
    """One draft by wrk, if it is there, and by our own generator: whether ours costs more. Requests per second."""
    if (wrk := shutil.which("wrk")) is None:
        return None
    [workload] = [workload for workload in WORKLOADS if workload.name == "W4"]
    database = contestant.database
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
    own = measure(workload, contestant, seconds)
    return {"contestant": contestant.name, "wrk": round(rate), "own": round(own.rate)}


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
            f"{'WAL bytes':>11}{'records':>9}"
        )
        for name, row in found["peers"][workload].items():
            print(
                f"  {name:20}{row['rate']:11.0f}{row['low']:8.0f}{row['high']:8.0f}{row['p50']:8.2f}"
                f"{row['p99']:8.2f}{row['app_cpu']:9.0f}{row['db_cpu']:7.0f}"
                f"{row['wal_bytes']:11.0f}{row['wal_records']:9.1f}"
            )


def _show_shares(found: dict[str, Any]) -> None:
    """What today's Draftroom has of the costs of the revision before, and of its requests per second."""
    for now, before in ((DRAFTROOM.name, revision.NAME), (PGBENCH, revision.ALONE)):
        if now not in found["contestants"] or before not in found["contestants"]:
            continue
        print(f"\n{found['contestants'][now]} / {found['contestants'][before]}")
        print(f"{'':6}" + "".join(f"{title:>13}" for title in SHARES.values()))
        for workload, rows in found["peers"].items():
            if now in rows:
                shares = (
                    f"{rows[now][c] / rows[before][c]:13.2f}" if rows[before][c] else f"{'':13}"
                    for c in SHARES
                )
                print(f"  {workload:4}" + "".join(shares))


if __name__ == "__main__":
    sys.exit(main())
