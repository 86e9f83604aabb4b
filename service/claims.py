"""Claims: the one model for everything that workers work on.

A worker claims what is due under a lease, extends it by a heartbeat, and reports under the lease's id; who
lost the lease is told so, and who reports the same again is answered as before. What failed, or lost its worker,
comes again after a delay that doubles, with jitter.
"""

import json
import random
from typing import Any

from flask import Response
from marshmallow import Schema, fields, post_load

from service import errors
from service.database import AnyBound, First
from service.rest import answer, session
from service.schemas import AN_ID, example, text, whole

FIRST_DELAY = 30  # seconds, doubled after each failure
MAX_DELAY = 3600


class Lease(Schema):
    lease_seconds = whole(1, 3600, load_default=60)

    @post_load
    def _as_interval(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data["lease"] = f"{data.pop('lease_seconds')} seconds"
        return data


class Claim(Lease):
    worker = text(200, required=True, metadata={"description": "Who claims, for people to read"})
    limit = whole(1, 100, load_default=1)


@example(lease_id=AN_ID, lease_seconds=60)
class Heartbeat(Lease):
    lease_id = fields.UUID(required=True)


class Report(Schema):
    lease_id = fields.UUID(
        required=True, metadata={"description": "Proves that the claim is the worker's"}
    )


def backoff(first: float = FIRST_DELAY, longest: float = MAX_DELAY) -> dict[str, Any]:
    """The first and the longest delay after a failure, in seconds, as intervals."""
    jitter = random.uniform(0.8, 1.2)
    return {"delay": f"{first * jitter} seconds", "max_delay": f"{longest * jitter} seconds"}


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
