"""`Draftroom-Position`: a client reads what it wrote, although a replica may answer its reads.

A request that has the header, `0/0` at first, asks for positions in the WAL of the primary: the answer to a write then
tells the one after its commit. The client sends it with what it reads, and a replica answers only if it has replayed so
much, else the primary does. Without the header nothing is asked of the database.
"""

import re
from contextlib import suppress

import psycopg
from flask import Request, Response

from service import errors
from service.caller import NOBODY
from service.queries import queries
from service.state import state

HEADER = "Draftroom-Position"
POSITION = re.compile(r"[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}", re.ASCII)


def sent(request: Request) -> str | None:
    """The position that a request names; raises VALIDATION if it is none."""
    position: str | None = request.environ.get("HTTP_DRAFTROOM_POSITION")
    if position is not None and not POSITION.fullmatch(position):
        raise errors.invalid({HEADER: ["must be what an answer told, or 0/0"]})
    return position


def tell(response: Response) -> Response:
    """The answer to a write with the position after its commit; without it if that cannot be had: it was done."""
    if response.status_code < 400:
        with suppress(psycopg.Error):
            row = state().database.session(NOBODY).row(queries.operations.get_position())
            response.headers[HEADER] = row.wal_position
    return response
