"""What the worker does again and again: leases of replies, and drafts that nobody decides on."""

from collections.abc import Iterator

from service import claims
from service.caller import Caller
from service.database import Database
from service.queries import queries

BATCH = 100  # drafts that one transaction reminds of


def rescue_replies(database: Database, caller: Caller) -> Iterator[int]:
    """As each claim of replies does; how many people have to look at."""
    session = database.session(caller)
    return claims.rescued(lambda: session.execute(queries.drafts.rescue_replies()))


def remind(database: Database, caller: Caller) -> Iterator[int]:
    told = BATCH
    while told == BATCH:
        told = database.session(caller).execute(queries.drafts.remind(limit=BATCH))
        yield told
