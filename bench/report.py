"""The results: docs/bench.json, and what docs/performance.md shows of it. `python -m bench.report` writes that anew.

The page's text is written by hand; what stands between `<!-- bench: name -->` and `<!-- /bench -->` comes from it.
"""

import json
import re
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import chart

DOCS = Path(__file__).parent.parent / "docs"
RESULTS = DOCS / "bench.json"
PAGE = DOCS / "performance.md"
CHART = DOCS / "bench.svg"
BLOCK = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

# Two contestants, and what was to be reached in W1 and after: how many times as many requests for the same CPU.
Pairs = dict[tuple[str, str], tuple[float, ...]]
PAIRS: Pairs = {
    ("draftroom", "prisma"): (2.1, 1.7, 1.85, 1.5, 2.3, 2.1),
    ("draftroom", "fastapi-sqlalchemy"): (),
    ("draftroom", "flask-rows"): (),
    ("draftroom", "node-pg"): (),
    ("draftroom-granian", "node-pg"): (0.7, 1.0, 1.15, 0.65, 1.05, 1.15),
}
PLAIN_PAIRS: Pairs = {
    ("draftroom", "prisma-plain"): (),
    ("draftroom", "node-pg-plain"): (),
    ("draftroom-granian", "node-pg-plain"): (),
}
PLAIN = {"prisma": "prisma-plain", "node-pg": "node-pg-plain"}
NOT_MEASURED = "Not measured.\n"
QUIET = 0.05  # the share of the CPUs that other programs may use
GREW = 1.15  # times as long: less is noise
FLOOR = "SELECT 1"
CREATED = 3000  # resources a second, by two connections

# What 95 of 100 calls of a library are to stay below, in milliseconds.
TARGETS = {"reads": 100, "aggregations": 500, "writes": 200, "of a thousand rows": 2000}
PYTHON_PEERS = ("fastapi-sqlalchemy", "flask-rows")


def write(name: str, part: Any) -> None:
    """Puts a part into the file of results, and renders the page; the other parts stay."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(known | {name: part}, indent=1) + "\n")
    main()


def main() -> None:
    found = json.loads(RESULTS.read_text())
    if "run" in found:
        CHART.write_text(chart.svg(found["run"], without="pgbench"))
    PAGE.write_text(rendered(PAGE.read_text(), found))


def rendered(page: str, found: dict[str, Any]) -> str:
    def block(match: re.Match[str]) -> str:
        return match[1] + BLOCKS[match[2]](found) + match[3]

    return BLOCK.sub(block, page)


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = list(header)
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def ratios(run: dict[str, Any], pairs: Pairs) -> dict[tuple[str, str], dict[str, float]]:
    """How many times as many requests for the same CPU, by pair and workload."""
    return {
        (own, other): {
            workload: _cpu(rows[other]) / _cpu(rows[own])
            for workload, rows in run["peers"].items()
            if own in rows and other in rows
        }
        for own, other in pairs
        if {own, other} <= run["contestants"].keys()
    }


def _cpu(row: dict[str, float]) -> float:
    """Microseconds a request, of the application and the database."""
    return row["app_cpu"] + row["db_cpu"]


def _machine(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    machine, options = run["machine"], run["options"]
    text = (
        f"{run['made'][:10]}, {machine['cpus']} CPUs, {machine['memory_gb']} GB, {machine['system']}, Python"
        f" {machine['python']}, Node {machine['node']}; {options['rounds']} rounds of {options['seconds']:g} s,"
        f" {options['connections']} connections, {options['rows']:,} rows of each kind."
        f" Other programs used {machine['others']:.0%} of the CPUs meanwhile.\n"
    )
    if machine["others"] > QUIET:
        text += (
            "\n**The machine was not quiet: rates, latencies and their ratios are worth nothing,"
            " and the CPU by request is a hint.**\n"
        )
    if generator := run["generator"]:
        text += (
            f"\nThe same W4 by wrk: {generator['wrk']:,} requests/s, by the benchmark's own generator:"
            f" {generator['own']:,}.\n"
        )
    return text


def _peers(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    parts = []
    for workload, title in run["workloads"].items():
        rows, paced = run["peers"][workload], run["paced"].get(workload)
        writes = any(row["wal_records"] for row in rows.values())
        header = ["", "requests/s", "p50 ms", "p99 ms"]
        header += [f"p99 at {paced['rate']}/s"] if paced else []
        header += ["CPU µs app", "database", "requests per s of CPU"]
        header += ["WAL bytes", "records"] if writes else []
        lines = []
        for name, row in rows.items():
            line = [run["contestants"][name], f"{row['rate']:,.0f}"]
            line += [f"{row[c]:.1f}" for c in ("p50", "p99")]
            if paced:
                line.append(f"{paced['p99'][name]:.1f}" if name in paced["p99"] else "")
            line += [f"{row[c]:,.0f}" for c in ("app_cpu", "db_cpu")]
            line.append(f"{1e6 / _cpu(row):,.0f}")
            if writes:
                line += [f"{row['wal_bytes']:,.0f}", f"{row['wal_records']:.0f}"]
            lines.append(line)
        parts.append(f"\n**{workload}**: {title}\n\n{table(header, lines)}")
    return "".join(parts).lstrip()


def _slower(found: dict[str, Any]) -> str:
    """Where Draftroom needs more CPU than another, in words."""
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    lines = []
    for (own, other), of in ratios(run, PAIRS | PLAIN_PAIRS).items():
        slower = [f"{workload} ({ratio:.2f})" for workload, ratio in of.items() if ratio < 1]
        if slower:
            titles = run["contestants"]
            lines.append(f"- {titles[own]} than {titles[other]}: {', '.join(slower)}\n")
    return "".join(lines) or "Nowhere.\n"


def _ratios(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    titles, quiet = run["contestants"], run["machine"]["others"] <= QUIET
    workloads = list(run["paced"])
    lines = _pairs(run, PAIRS, workloads)
    python = [name for name in PYTHON_PEERS if name in titles]
    if python:
        own = {w: run["paced"][w]["p99"]["draftroom"] for w in workloads}
        best = {w: min(run["paced"][w]["p99"][name] for name in python) for w in workloads}
        lines.append([f"p99 of {titles['draftroom']}, ms", *(f"{own[w]:.1f}" for w in workloads)])
        lines.append(
            [
                "goal: the best Python peer's",
                *(f"{best[w]:.1f} {_verdict(own[w] <= best[w], quiet)}" for w in workloads),
            ]
        )
    return table(("", *workloads), lines)


def _pairs(run: dict[str, Any], pairs: Pairs, workloads: list[str]) -> list[list[str]]:
    titles, quiet = run["contestants"], run["machine"]["others"] <= QUIET
    lines = []
    for pair, of in ratios(run, pairs).items():
        goals = {f"W{number}": goal for number, goal in enumerate(pairs[pair], 1)}
        name = f"{titles[pair[0]]} / {titles[pair[1]]}"
        lines.append([name, *(f"{of[w]:.2f}" for w in workloads)])
        if goals:
            told = (f"{goals[w]:g} {_verdict(of[w] >= goals[w], quiet)}" for w in workloads)
            lines.append(["goal", *told])
    return lines


def _verdict(met: bool, quiet: bool) -> str:
    return ("met" if met else "missed") if quiet else "undecided"


def _plain(found: dict[str, Any]) -> str:
    """What the schema costs a peer, and Draftroom beside the peers that do without it."""
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    titles, workloads = run["contestants"], list(run["paced"])
    lines = []
    for here, plain in PLAIN.items():
        if plain not in titles:
            continue
        for column, unit in (("db_cpu", "database CPU µs"), ("wal_bytes", "WAL bytes")):
            for name in (here, plain):
                values = [run["peers"][w][name][column] for w in workloads]
                shown = (f"{value:,.0f}" if value else "" for value in values)
                lines.append([f"{titles[name]}: {unit}", *shown])
    return table(("", *workloads), [*lines, *_pairs(run, PLAIN_PAIRS, workloads)])


def _profile(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return NOT_MEASURED
    lines, workloads = [], list(run["paced"])
    for own, floor in run["floor"].items():
        rows = [run["peers"][workload][own] for workload in workloads]
        parts = {
            "HTTP server, Flask, request log": [floor] * len(rows),
            "the rest of the application": [row["app_cpu"] - floor for row in rows],
            "PostgreSQL": [row["db_cpu"] for row in rows],
        }
        for part, values in parts.items():
            title = f"{run['contestants'][own]}: {part}"
            lines.append([title, *(f"{value:,.0f}" for value in values)])
    return table(("", *workloads), lines)


def _layer(found: dict[str, Any]) -> str:
    return table(
        ("", "one row, µs", "each further row, µs", "client's CPU of 50 rows, µs"),
        (
            (name, row["call"], row["row"], row["cpu"])
            for name, row in found.get("layer", {}).items()
        ),
    )


def _start(found: dict[str, Any]) -> str:
    return table(("", "seconds to the first answer"), found.get("start", {}).items())


def _memory(found: dict[str, Any]) -> str:
    memory = found.get("memory")
    if memory is None:
        return NOT_MEASURED
    steps = len(memory["under_load"])
    rows = [("idle", memory["idle"])]
    rows += [
        (f"after {memory['requests'] * n // steps:,} requests", memory["under_load"][n - 1])
        for n in (1, steps)
    ]
    rows += [
        (f"at most, exporting {memory['rows']:,} events", memory["export"]),
        (f"at most, taking in {memory['rows']:,} tweets", memory["upload"]),
    ]
    return table(("", "MB"), rows)


def _growth(found: dict[str, Any]) -> str:
    return _grown(found.get("growth"), always=lambda name: name == FLOOR)


def _studio(found: dict[str, Any]) -> str:
    """The lists if they grow, and of all others how much."""
    return _grown(found.get("studio"), always=lambda name: not name.startswith("studio.list_"))


def _library(found: dict[str, Any]) -> str:
    """The lists and details if they grow, and of all others how much."""
    usual = ("list_", "get_", "find_")
    return _grown(
        found.get("library"), always=lambda name: not name.partition(".")[2].startswith(usual)
    )


def _targets(found: dict[str, Any]) -> str:
    """The slowest of each kind of call at the largest size, beside what was to be reached there."""
    library = found.get("library")
    if library is None:
        return NOT_MEASURED
    size = str(library["sizes"][-1])
    lines, missed = [], []
    for kind, target in TARGETS.items():
        of_kind = {
            name: row["p95"][size] / 1000
            for name, row in library["queries"].items()
            if row["kind"] == kind
        }
        slowest = max(of_kind, key=lambda name: of_kind[name])
        p95 = of_kind[slowest]
        met = "met tenfold" if 10 * p95 <= target else "met" if p95 <= target else "**missed**"
        lines.append((kind, len(of_kind), slowest, f"{p95:,.1f}", f"{target:,}", met))
        missed += [
            f"- {name}: {ms:,.1f} ms, {target / ms:.1f} times as fast as the target\n"
            for name, ms in of_kind.items()
            if 10 * ms > target
        ]
    rates = ", ".join(
        f"{rate:,} at {int(of):,} ({'met' if rate >= CREATED else 'missed'})"
        for of, rate in library["created"].items()
    )
    return (
        table(("", "calls", "the slowest", "p95 ms", "target", "verdict"), lines)
        + (
            "\nNot ten times as fast as the target:\n\n"
            if missed
            else "\nAll are ten times as fast as that.\n"
        )
        + "".join(missed)
        + f"\nResources created a second, of which {CREATED:,} is the goal: {rates}."
        + f" Other programs used {library['others']:.0%} of the CPUs meanwhile.\n"
    )


def _grown(growth: dict[str, Any] | None, always: Callable[[str], bool]) -> str:
    if growth is None:
        return NOT_MEASURED
    sizes = [str(size) for size in growth["sizes"]]
    grown = {
        name: list(row["p50"].values())[-1] / row["p50"][sizes[0]]
        for name, row in growth["queries"].items()
    }
    shown = {
        name: row
        for name, row in growth["queries"].items()
        if grown[name] >= GREW or not row["same_plan"] or always(name)
    }
    return (
        f"{len(grown)} calls; the median takes {statistics.median(grown.values()):.2f} times as long. Those that take"
        f" {GREW:g} times as long or more, or change their plan:\n\n"
    ) + table(
        ("", *(f"p50 µs at {int(size):,}" for size in sizes), "times", "plan"),
        (
            (
                name,
                *(f"{row['p50'][size]:,.0f}" if size in row["p50"] else "" for size in sizes),
                f"{grown[name]:.2f}",
                "the same" if row["same_plan"] else "**changed**",
            )
            for name, row in shown.items()
        ),
    )


def _five(found: dict[str, Any]) -> str:
    five = found.get("five")
    if five is None:
        return NOT_MEASURED
    return table(
        ("", "runs", "p50 ms", "p99 ms", "over HTTP p50", "p99", "expected"),
        (
            (
                name,
                f"{int(size):,}",
                *(f"{row[c]:.2f}" for c in ("p50", "p99")),
                *(f"{row[c]:.1f}" for c in ("http_p50", "http_p99")),
                f"{row['expected']} ms",
            )
            for name, sizes in five.items()
            for size, row in sizes.items()
        ),
    )


def _workers(found: dict[str, Any]) -> str:
    workers = found.get("workers")
    if workers is None:
        return NOT_MEASURED
    names = sorted(next(iter(workers.values())))
    return table(
        ("", *(f"{name}: {column}" for name in names for column in ("requests/s", "p99", "CPU"))),
        (
            (
                workload,
                *(
                    f"{of[name][c]:,.{digits}f}"
                    for name in names
                    for c, digits in (("rate", 0), ("p99", 1), ("app_cpu", 0))
                ),
            )
            for workload, of in workers.items()
        ),
    )


def _scale(found: dict[str, Any]) -> str:
    scale = found.get("scale")
    if scale is None:
        return NOT_MEASURED
    return table(
        ("", "requests/s", "p50 ms", "p99 ms", "CPU µs app", "database"),
        (
            (name, *(f"{row[c]:,.1f}" for c in ("rate", "p50", "p99", "app_cpu", "db_cpu")))
            for name, row in scale.items()
        ),
    )


BLOCKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "machine": _machine,
    "peers": _peers,
    "slower": _slower,
    "ratios": _ratios,
    "plain": _plain,
    "profile": _profile,
    "layer": _layer,
    "start": _start,
    "memory": _memory,
    "growth": _growth,
    "studio": _studio,
    "library": _library,
    "targets": _targets,
    "five": _five,
    "scale": _scale,
    "workers": _workers,
}


if __name__ == "__main__":
    main()
