"""Whether the peers do what Draftroom does: the same answers, and after a write the same rows.

Compared are values: an instant is the same in any notation, to the millisecond (JavaScript has no less), 1 is 1.0, and
`flags` may be null where Draftroom leaves it out. A cursor is opaque: both have one, or none. Of what a write makes,
new ids and times are only compared by kind.
"""

import json
import re
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bench.contestants import Running
from bench.workloads import Workload

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|c[0-9a-z]{24}")  # a UUID or a cuid


class Differs(Exception):
    """A peer answers otherwise; the text says where."""


def check(workload: Workload, contestants: list[Running]) -> None:
    """Raises Differs unless all contestants answer as the first one of the same database does."""
    expected_of: dict[str, list[Any]] = {}
    for running in contestants:
        told = _answers(workload, running)
        expected = expected_of.setdefault(running.database.name, told)
        for n, (left, right) in enumerate(zip(expected, told, strict=True)):
            where = f"{workload.name} of {running.peer.name}, answer {n}"
            same(where, left, right, exact=not workload.writes)


def _answers(workload: Workload, running: Running) -> list[Any]:
    """The first answers, and for a write the events that they left behind."""
    begun = datetime.now(UTC)
    some = islice(workload.requests(running.database, 0.01), 3)
    try:
        answers = [_send(running.port, request) for request in some]
    except urllib.error.HTTPError as error:
        raise Differs(
            f"{workload.name} of {running.peer.name}: {error}: {error.read()!r}"
        ) from None
    if workload.writes:
        answers.append(running.database.left_behind(begun))
    return answers


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
        if ID.fullmatch(value):
            return value if exact else "an id"
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            return at.replace(microsecond=at.microsecond // 1000 * 1000) if exact else "a time"
    return value
