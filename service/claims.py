"""Claims: the one model for everything that workers work on.

A worker claims what is due under a lease, extends it by a heartbeat, and reports under the lease's id; who
lost the lease is told so, and who reports the same again is answered as before. What failed, or lost its worker,
comes again after a delay that doubles, with jitter. A claim that finds nothing may wait for work.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, after_this_request, g, request
from marshmallow import Schema, fields, post_load

from service import errors
from service.auth import caller
from service.database import AnyBound, First, Json
from service.rest import answer, session
from service.schemas import AN_ID, example, text, whole
from service.state import state

FIRST_DELAY = 30  # seconds, doubled after each failure
MAX_DELAY = 3600
MAX_WAIT = 20  # seconds: proxies often give up after 30
MAX_BATCHES = 1000  # of leases that ran out, of a tenant in one go


class Lease(Schema):
    lease_seconds = whole(1, 3600, load_default=60)

    @post_load
    def _as_interval(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data["lease"] = f"{data.pop('lease_seconds')} seconds"
        return data


class Claim(Lease):
    worker = text(200, required=True, metadata={"description": "Who claims, for people to read"})
    limit = whole(1, 100, load_default=1)
    wait = whole(
        0,
        MAX_WAIT,
        load_default=0,
        metadata={
            "description": "Seconds to wait for work if there is none; not with an Idempotency-Key. 503 if as many wait"
            " as may"
        },
    )


@example(lease_id=AN_ID, lease_seconds=60)
class Heartbeat(Lease):
    lease_id = fields.UUID(required=True)


class Report(Schema):
    lease_id = fields.UUID(
        required=True, metadata={"description": "Proves that the claim is the worker's"}
    )


def backoff(first: float = FIRST_DELAY, longest: float = MAX_DELAY) -> dict[str, Any]:
    """The first and the longest delay after a failure, in seconds, as intervals."""
    jitter = some_jitter()
    return {"delay": f"{first * jitter} seconds", "max_delay": f"{longest * jitter} seconds"}


def some_jitter() -> float:
    """By which a delay is multiplied, so that what failed together does not come again together."""
    return random.uniform(0.8, 1.2)


def rescued(rescue: Callable[[], int]) -> Iterator[int]:
    """Repeats `rescue`, which is a transaction that does some, until there is no more; how many of each batch.

    A claim does it once, so that it never takes long, however many leases have run out.
    """
    for _ in range(MAX_BATCHES):
        done = rescue()
        yield done
        if not done:
            break


def waited(claim: Callable[[dict[str, Any]], Json], body: dict[str, Any], *work: str) -> Json:
    """What `claim` finds: asked again until it finds something, or for as long as the body says.

    Whoever makes `work` calls `announce` with the same words. The claim must be a transaction of its own each time.
    """
    over = time.monotonic() + body["wait"]
    arguments = {name: value for name, value in body.items() if name != "wait"}
    found = claim(arguments)
    # In the transaction of an Idempotency-Key a wait would hold a connection.
    if found.body != b"[]" or not body["wait"] or "transaction" in g:
        return found
    service, client = state(), request.environ.get("gunicorn.socket")
    with (
        service.places.take("wait", caller(), client) as place,
        service.wakeups.waiting(_topic(work), place),
    ):
        # What came since the first look would wake nobody.
        found = claim(arguments)
        while found.body == b"[]":
            left = over - time.monotonic()
            # What is claimed for a client that has left would wait for its lease to run out.
            if not place.wait(min(left, service.settings.claim_poll_seconds)):
                break
            if time.monotonic() >= over:
                break
            found = claim(arguments)
    return found


def announce(*work: str) -> None:
    """Tells those who wait for such work of the tenant that there may be some, once the request is done."""
    wakeups, topic = state().wakeups, _topic(work)

    def tell(response: Response) -> Response:
        if response.status_code < 400:
            wakeups.announce(topic)
        return response

    after_this_request(tell)


def _topic(work: tuple[str, ...]) -> str:
    return "/".join((caller().tenant_id, *work))


def reported(
    report: AnyBound,
    current: AnyBound,
    *,
    again: AnyBound | None = None,
    first: First = None,
) -> Response:
    """The row that a worker's report changed, or that the same report left before, which `again` finds.

    Without either the lease is lost. Raises NOT_FOUND without a `current` row.
    """
    row = session().maybe_json(report, first=first)
    if row is None and again is not None:
        row = session().maybe_json(again, first=first)
    if row is None:
        now = json.loads(session().json(current, first=first).body)
        raise errors.conflict(
            "the lease is lost: it ran out, or something else was reported", current=now
        )
    return answer(row)
