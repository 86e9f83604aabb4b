"""How gunicorn's workers do: threads, as many as users get and half of them, and gevent. `python -m bench.workers`.

All workloads, interleaved as in `bench.run`, of Draftroom only: requests per second, p99 in milliseconds, and the
application's CPU in microseconds a request, medians of the rounds.
"""

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace

from bench import report
from bench.contestants import CONNECTIONS, DRAFTROOM, GUNICORN, started
from bench.database import Database, server
from bench.measure import Sample, measured, medians
from bench.workloads import WORKLOADS

ROWS = 100_000
ROUNDS = 3
SECONDS = 2.5

GEVENT = replace(
    DRAFTROOM, command=lambda port: [*GUNICORN, "--config", "bench/gunicorn_gevent.py", "wsgi:app"]
)
WORKERS = {
    "8 threads": (DRAFTROOM, {}),
    "4 threads": (DRAFTROOM, {"THREADS": "4"}),
    "gevent": (GEVENT, {}),
}


def main() -> None:
    samples: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    with server() as postgres, ExitStack() as stack:
        database = Database.create(postgres, ROWS, tenants=10)
        running = {
            name: stack.enter_context(started(peer, database, settings))
            for name, (peer, settings) in WORKERS.items()
        }
        for _ in range(ROUNDS):
            for workload in WORKLOADS:
                for name, contestant in running.items():
                    requests = workload.requests(database, SECONDS + 0.5)
                    sample = measured(contestant, requests, SECONDS, CONNECTIONS)
                    samples[workload.name][name].append(sample)
                    print(f"{workload.name} {name:10} {sample.rate:8.0f}/s", flush=True)
            running = dict([*running.items()][1:] + [*running.items()][:1])
            database.vacuum()
    report.write("workers", {workload: medians(of) for workload, of in samples.items()})


if __name__ == "__main__":
    main()
