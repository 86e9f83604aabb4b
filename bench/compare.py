"""Whether the peers do what Draftroom does: the same answers, and after a write the same rows.

Compared are values: an instant is the same in any notation, to the millisecond (JavaScript has no less), 1 is 1.0, and
`flags` may be null where Draftroom leaves it out. A cursor is opaque: both have one, or none. Of what a write makes,
new ids and times are only compared by kind.
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bench.contestants import Running
from bench.database import Database
from bench.workloads import Workload

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What a write leaves behind, but for the ids: whose event it is differs, for only Draftroom says.
LEFT_BEHIND = """
SELECT e.entity, e.action = 'DELETE' AS deleted, array_agg(k.name ORDER BY k.name) AS changed
FROM operations.events AS e
CROSS JOIN LATERAL jsonb_object_keys(e.changes) AS k (name)
WHERE e.occurred_at > %s
GROUP BY e.id, e.entity, e.action
ORDER BY e.entity, changed
"""


class Differs(Exception):
    """A peer answers otherwise; the text says where."""


def check(workload: Workload, contestants: list[Running], database: Database) -> None:
    """Raises Differs unless all contestants answer as the first one does."""
    expected: list[Any] | None = None
    for running in contestants:
        told = _answers(workload, running, database)
        if expected is None:
            expected = told
        for n, (left, right) in enumerate(zip(expected, told, strict=True)):
            where = f"{workload.name} of {running.peer.name}, answer {n}"
            same(where, left, right, exact=not workload.writes)


def _answers(workload: Workload, running: Running, database: Database) -> list[Any]:
    """The first answers, and for a write the events that they left behind."""
    with database.superuser() as connection:
        [(begun,)] = connection.execute("SELECT clock_timestamp()").fetchall()
        some = islice(workload.requests(database, 0.01), 3)
        try:
            answers = [_send(running.port, request) for request in some]
        except urllib.error.HTTPError as error:
            raise Differs(
                f"{workload.name} of {running.peer.name}: {error}: {error.read()!r}"
            ) from None
        if workload.writes:
            answers.append(list(_events(connection, begun)))
    return answers


def _events(connection: psycopg.Connection[Any], since: datetime) -> Iterator[dict[str, Any]]:
    yield from connection.cursor(row_factory=dict_row).execute(LEFT_BEHIND, [since])


def _send(port: int, request: bytes) -> Any:
    """The status and the JSON of the answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=body or None,
        headers=dict(line.split(": ", 1) for line in lines),
        method=method,
    )
    with urllib.request.urlopen(asked, timeout=30) as response:
        return [response.status, json.load(response)]


def same(where: str, left: Any, right: Any, *, exact: bool) -> None:
    """Raises Differs unless both have the same values; if not `exact`, ids and times are only alike."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() - {"flags"} != right.keys() - {"flags"}:
            raise Differs(f"{where}: {sorted(left)} and {sorted(right)}")
        for name in left.keys() | right.keys():
            same(f"{where}.{name}", left.get(name), right.get(name), exact=exact)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for n, (one, other) in enumerate(zip(left, right, strict=True)):
            same(f"{where}[{n}]", one, other, exact=exact)
    elif _kind(where, left, exact) != _kind(where, right, exact):
        raise Differs(f"{where}: {left!r} and {right!r}")


def _kind(where: str, value: Any, exact: bool) -> Any:
    """What of a value is compared."""
    if isinstance(value, str):
        if where.endswith("next_cursor"):
            return "a cursor"
        if UUID.fullmatch(value):
            return value if exact else "an id"
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            return at.replace(microsecond=at.microsecond // 1000 * 1000) if exact else "a time"
    return value
