"""What each tenant uses of the API: counted in memory, and added to operations.api_usage once a minute.

Counts, never requests: by hour, caller, route and status. A process has a thread of its own for it, which adds what is
left when the process ends. While the database is away the counts wait, and go on growing up to a bound; a process that
is killed takes those of its last minute with it. If a connection breaks just when counts were committed, they are
added once more.
"""

import logging
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

import psycopg

from service.caller import Caller
from service.database import Database
from service.queries import queries

log = logging.getLogger(__name__)

MOST = 10_000  # counts of a process that wait, each of about half a kilobyte
BATCH = 1_000  # counts that one statement adds

# Up to which milliseconds the columns of the table count.
BOUNDS = {
    "within_2_ms": 2.0,
    "within_5_ms": 5.0,
    "within_10_ms": 10.0,
    "within_25_ms": 25.0,
    "within_50_ms": 50.0,
    "within_100_ms": 100.0,
    "within_250_ms": 250.0,
    "within_1_s": 1000.0,
    "within_5_s": 5000.0,
}
LIMITS = tuple(BOUNDS.values())

Key = tuple[str, int, str, str, str, str]  # tenant, hour, caller, method, route, status


@dataclass(slots=True)
class Count:
    """Of requests that have all in common that is told of them."""

    requests: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    latencies: list[int] = field(default_factory=lambda: [0] * (len(LIMITS) + 1))

    def add(self, milliseconds: float) -> None:
        self.requests += 1
        self.total_ms += milliseconds
        if milliseconds > self.max_ms:
            self.max_ms = milliseconds
        self.latencies[bisect_left(LIMITS, milliseconds)] += 1

    def merge(self, other: "Count") -> None:
        self.requests += other.requests
        self.total_ms += other.total_ms
        self.max_ms = max(self.max_ms, other.max_ms)
        self.latencies = [a + b for a, b in zip(self.latencies, other.latencies, strict=True)]

    def row(self) -> dict[str, Any]:
        within = accumulate(self.latencies)
        return {
            "requests": self.requests,
            # Rounded sums of many times could come out below the longest of them.
            "total_ms": max(self.total_ms, self.max_ms),
            "max_ms": self.max_ms,
            **dict(zip(BOUNDS, within, strict=False)),
        }


class ApiUsage:
    """The counts of one process."""

    def __init__(self, database: Database, seconds: int) -> None:
        """The counts are added every so many seconds, once there are any."""
        self._database = database
        self._seconds = seconds
        self._lock = threading.Lock()
        self._counts: dict[Key, Count] = {}
        self._uncounted = 0
        self._thread: threading.Thread | None = None

    def count(self, caller: Caller, method: str, route: str, status: str, seconds: float) -> None:
        """Counts an answer that begins now."""
        key = (caller.tenant_id, int(time.time()) // 3600, _kind(caller), method, route, status)
        with self._lock:
            count = self._counts.get(key)
            if count is None:
                if len(self._counts) >= MOST:
                    self._uncounted += 1
                    return
                count = self._counts[key] = Count()
                if self._thread is None:
                    # Not before there is something to add: a command, or a process that forks, has none.
                    # Said, for it would be a daemon like granian's threads.
                    self._thread = threading.Thread(
                        target=self._run, name="api-usage", daemon=False
                    )
                    self._thread.start()
            count.add(seconds * 1000)

    def flush(self) -> None:
        """Adds what was counted to what the database has; what it does not take is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, {}
            uncounted, self._uncounted = self._uncounted, 0
        if uncounted:
            log.warning("%s requests were not counted: too many counts wait", uncounted)
        tenants: dict[str, list[Key]] = {}
        for key in counts:
            tenants.setdefault(key[0], []).append(key)
        batches = [
            (tenant_id, keys[start : start + BATCH])
            for tenant_id, keys in tenants.items()
            for start in range(0, len(keys), BATCH)
        ]
        for number, (tenant_id, keys) in enumerate(batches):
            try:
                self._add(tenant_id, {key: counts[key] for key in keys})
            except psycopg.errors.ForeignKeyViolation:
                pass  # the tenant was erased
            except psycopg.OperationalError as error:
                log.warning("counts of requests wait, the database is away: %s", error)
                self._keep({key: counts[key] for _, rest in batches[number:] for key in rest})
                return
            except Exception as error:
                log.error("counts of requests wait", exc_info=error)
                self._keep({key: counts[key] for key in keys})

    def _add(self, tenant_id: str, counts: dict[Key, Count]) -> None:
        rows = [
            {
                "hour": datetime.fromtimestamp(hour * 3600, UTC).isoformat(),
                "caller": caller,
                "method": method,
                "route": route,
                "status": int(status),
                **count.row(),
            }
            for (_, hour, caller, method, route, status), count in counts.items()
        ]
        session = self._database.session(Caller(tenant_id=tenant_id, actor="api usage"))
        session.execute(queries.operations.add_api_usage(counts=rows))

    def _keep(self, counts: dict[Key, Count]) -> None:
        with self._lock:
            for key, count in counts.items():
                if (newer := self._counts.get(key)) is not None:
                    count.merge(newer)
                self._counts[key] = count

    def _run(self) -> None:
        """Until the process ends, and once more then: as no daemon, this thread is waited for."""
        main = threading.main_thread()
        while main.is_alive():
            main.join(self._seconds)
            self.flush()


def _kind(caller: Caller) -> str:
    """Users are counted together: what one of them does is nobody's business here."""
    if caller.key_id is not None:
        return f"key:{caller.key_id}"
    return "user" if caller.user_id is not None else "webhook"
