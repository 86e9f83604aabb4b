"""How much memory a worker takes: `python -m bench.memory`, in MB of resident memory, the larger of the two workers.

Idle; after each tenth of 100,000 requests of all workloads; and the most that it had while it exported the event log as
NDJSON, and while it took in tweets a thousand at a time: 100,000 rows each, or what --rows says.
"""

import argparse
import itertools
import json
import threading
import time
import urllib.request
from typing import Any

import psutil

from bench import database, load, report
from bench.contestants import CONNECTIONS, DRAFTROOM, Running, started
from bench.workloads import WORKLOADS

STEPS = 10
BATCH = 1000  # tweets that one request may bring

FILL_EVENTS = """
INSERT INTO operations.events (tenant_id, id, epoch, xid, entity, entity_id, action, changes, actor)
SELECT %(tenant)s, operations.first_id(timestamptz '2025-01-01' + n * interval '1 second'), 1, pg_current_xact_id(),
    'drafts.drafts', operations.new_id(), 'UPDATE', '{"status": ["pending", "approved"]}', 'bench'
FROM generate_series(1, %(rows)s) AS n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=100_000, help="to export, and to take in")
    options = parser.parse_args()
    with database.server() as server:
        bench = database.Database.create(server, 10_000, 10)
        with bench.superuser() as connection:
            values = {"tenant": database.tenant_id(1), "rows": options.rows}
            connection.execute(FILL_EVENTS, values)
        with started(DRAFTROOM, bench) as running:
            found = measure(options, bench, running)
    report.write("memory", vars(options) | found)
    print(json.dumps(found, indent=1))


def measure(
    options: argparse.Namespace, bench: database.Database, running: Running
) -> dict[str, Any]:
    idle = resident(running)
    under_load = []
    for _ in range(STEPS):
        for workload in WORKLOADS:
            count = options.requests // STEPS // len(WORKLOADS)
            requests = workload.requests(bench, count / 1000)
            limited = itertools.islice(requests, count)
            load.drive(running.port, limited, CONNECTIONS, seconds=600, warm_up=0)
        under_load.append(resident(running))
    return {
        "idle": idle,
        "under_load": under_load,
        "export": peak(running, lambda: export(bench, running, options.rows)),
        "upload": peak(running, lambda: upload(bench, running, options.rows)),
    }


def workers(running: Running) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children()


def resident(running: Running) -> float:
    return round(max(worker.memory_info().rss for worker in workers(running)) / 2**20, 1)


def peak(running: Running, work: Any) -> float:
    """The most memory of a worker while it works, looked at every 20 ms."""
    thread = threading.Thread(target=work)
    thread.start()
    most = 0.0
    while thread.is_alive():
        most = max(most, resident(running))
        time.sleep(0.02)
    return most


def export(bench: database.Database, running: Running, rows: int) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{running.port}/v1/audit/export",
        headers={"Authorization": f"Bearer {bench.key}"},
    )
    with urllib.request.urlopen(asked, timeout=600) as response:
        count = sum(1 for _ in response)
    assert count >= rows, f"{count} lines"


def upload(bench: database.Database, running: Running, rows: int) -> None:
    for first in range(0, rows, BATCH):
        tweets = [
            {
                "external_id": f"upload-{number}",
                "author_handle": "someone",
                "full_text": f"Number {number}: the episode on fuel lines.",
            }
            for number in range(first, first + BATCH)
        ]
        asked = urllib.request.Request(
            f"http://127.0.0.1:{running.port}/v1/tweets/batch",
            data=json.dumps({"tweets": tweets}).encode(),
            headers={"Authorization": f"Bearer {bench.key}", "Content-Type": "application/json"},
        )
        urllib.request.urlopen(asked, timeout=60).close()


if __name__ == "__main__":
    main()
