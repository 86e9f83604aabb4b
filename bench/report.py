"""The results: docs/bench.json, and what docs/performance.md shows of it. `python -m bench.report` writes that anew.

The page's text is written by hand; what stands between `<!-- bench: name -->` and `<!-- /bench -->` comes from it.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import chart

DOCS = Path(__file__).parent.parent / "docs"
RESULTS = DOCS / "bench.json"
PAGE = DOCS / "performance.md"
CHART = DOCS / "bench.svg"
BLOCK = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

# What was to be reached: how many times as many requests per second as the other.
GOALS = {
    ("draftroom", "prisma"): {"W1": 2.5, "W2": 1.6, "W3": 2.8, "W4": 0.9},
    ("draftroom-granian", "prisma"): {"W1": 3.5, "W2": 2.4, "W3": 3.6, "W4": 1.2},
    ("draftroom", "fastapi-sqlalchemy"): {"W1": 5.5, "W2": 3.5, "W3": 4.2, "W4": 1.8},
    ("draftroom", "pgbench"): {"W1": 0.34, "W5": 0.34},
    ("draftroom-granian", "pgbench"): {"W1": 0.45, "W5": 0.45},
}
QUIET = 0.05  # the share of the CPUs that other programs may use
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


def ratios(run: dict[str, Any]) -> list[tuple[str, str, str, float, float, float | None]]:
    """Workload, own name, other's name, how many times as many requests, a second and for the same CPU; the goal."""
    found = []
    for (own, other), goals in GOALS.items():
        for workload, rows in run["peers"].items():
            if own in rows and other in rows:
                rate = rows[own]["rate"] / rows[other]["rate"]
                cpu = _cpu(rows[other]) / _cpu(rows[own])
                found.append((workload, own, other, rate, cpu, goals.get(workload)))
    return found


def _cpu(row: dict[str, float]) -> float:
    """Microseconds a request, of the application and the database."""
    return row["app_cpu"] + row["db_cpu"]


def _machine(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return "Not measured.\n"
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
        return "Not measured.\n"
    parts = []
    for workload, title in run["workloads"].items():
        rows = run["peers"][workload]
        parts.append(f"\n**{workload}**: {title}\n\n")
        parts.append(
            table(
                ("", "requests/s", "from", "to", "p50 ms", "p99 ms", "CPU µs app", "database"),
                (
                    (
                        run["contestants"][name],
                        *(f"{row[c]:,.0f}" for c in ("rate", "low", "high")),
                        *(f"{row[c]:.1f}" for c in ("p50", "p99")),
                        *(f"{row[c]:,.0f}" for c in ("app_cpu", "db_cpu")),
                    )
                    for name, row in rows.items()
                ),
            )
        )
    return "".join(parts).lstrip()


def _ratios(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None:
        return "Not measured.\n"
    titles, quiet = run["contestants"], run["machine"]["others"] <= QUIET

    def verdict(met: bool) -> str:
        return ("met" if met else "missed") if quiet else "undecided"

    lines = [
        (
            f"{workload}: {titles[own]} / {titles[other]}",
            f"{rate:.2f}",
            f"{cpu:.2f}",
            "" if goal is None else f"{goal:g}",
            "" if goal is None else verdict(rate >= goal),
        )
        for workload, own, other, rate, cpu, goal in ratios(run)
    ]
    for workload, rows in run["peers"].items():
        worst = [rows[name]["p99"] for name in PYTHON_PEERS if name in rows]
        own = rows["draftroom"]["p99"]
        if worst:
            lines.append(
                (
                    f"{workload}: p99 of {titles['draftroom']}, ms",
                    f"{own:.1f}",
                    "",
                    f"{min(worst):.1f}",
                    verdict(own <= min(worst)),
                )
            )
    return table(("", "measured", "for the same CPU", "goal", ""), lines)


def _profile(found: dict[str, Any]) -> str:
    run = found.get("run")
    if run is None or "floor" not in run:
        return "Not measured.\n"
    return table(
        ("", "HTTP server, Flask, request log", "the rest of the application", "PostgreSQL"),
        (
            (
                f"{workload}: {run['contestants'][own]}",
                f"{floor:,}",
                f"{rows[own]['app_cpu'] - floor:,.0f}",
                f"{rows[own]['db_cpu']:,.0f}",
            )
            for own, floor in run["floor"].items()
            for workload, rows in run["peers"].items()
        ),
    )


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
        return "Not measured.\n"
    step = memory["requests"] // len(memory["under_load"])
    rows = [("idle", memory["idle"])]
    rows += [(f"after {step * n:,} requests", mb) for n, mb in enumerate(memory["under_load"], 1)]
    rows += [
        (f"at most, exporting {memory['rows']:,} events", memory["export"]),
        (f"at most, taking in {memory['rows']:,} tweets", memory["upload"]),
    ]
    return table(("", "MB"), rows)


def _growth(found: dict[str, Any]) -> str:
    growth = found.get("growth")
    if growth is None:
        return "Not measured.\n"
    sizes = [str(size) for size in growth["sizes"]]
    return table(
        ("", *(f"p50 µs at {int(size):,}" for size in sizes), "times", "plan", "indexes"),
        (
            (
                name,
                *(f"{row['p50'][size]:,.0f}" if size in row["p50"] else "" for size in sizes),
                f"{list(row['p50'].values())[-1] / row['p50'][sizes[0]]:.2f}",
                "the same" if row["same_plan"] else "**changed**",
                ", ".join(row["indexes"]),
            )
            for name, row in growth["queries"].items()
        ),
    )


def _five(found: dict[str, Any]) -> str:
    five = found.get("five")
    if five is None:
        return "Not measured.\n"
    return table(
        ("", "runs", "p50 ms", "p99 ms", "over HTTP p50", "p99", "expected", "index"),
        (
            (
                name,
                f"{int(size):,}",
                *(f"{row[c]:.2f}" for c in ("p50", "p99")),
                *(f"{row[c]:.1f}" for c in ("http_p50", "http_p99")),
                f"{row['expected']} ms",
                ", ".join(row["indexes"]),
            )
            for name, sizes in five.items()
            for size, row in sizes.items()
        ),
    )


def _workers(found: dict[str, Any]) -> str:
    workers = found.get("workers")
    if workers is None:
        return "Not measured.\n"
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
        return "Not measured.\n"
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
    "ratios": _ratios,
    "profile": _profile,
    "layer": _layer,
    "start": _start,
    "memory": _memory,
    "growth": _growth,
    "five": _five,
    "scale": _scale,
    "workers": _workers,
}


if __name__ == "__main__":
    main()
