"""What the worker does again and again: posts and tokens that somebody has to hear of, analytics that are due."""

from collections.abc import Iterator

from service import claims
from service.caller import Caller
from service.database import Database
from service.queries import queries

BATCH = 100  # accounts that one run tells of
SNAPSHOTS = 50  # jobs that one run asks for


def sweep_posts(database: Database, caller: Caller) -> Iterator[int]:
    """As each claim of posts does: gives up leases, tries failed posts again; how many it told people of."""
    session = database.session(caller)
    yield from claims.rescued(lambda: session.execute(queries.studio.rescue_posts()))
    session.execute(queries.studio.retry_posts())
    yield session.execute(queries.studio.tell_overdue_posts())


def tell_expired_tokens(database: Database, caller: Caller) -> int:
    return database.session(caller).execute(queries.studio.tell_expired_tokens(limit=BATCH))


def request_snapshots(database: Database, caller: Caller) -> int:
    return len(database.session(caller).rows(queries.studio.request_snapshots(limit=SNAPSHOTS)))


def measure(database: Database, caller: Caller) -> int:
    """Writes system metrics of the hours that are over, each once; how many. Once an hour is enough."""
    session = database.session(caller)
    return (
        len(session.rows(queries.studio.measure_videos()))
        + len(session.rows(queries.studio.measure_posts()))
        + len(session.rows(queries.studio.measure_critiques()))
    )
