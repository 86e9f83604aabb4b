"""What only app_owner may do, whom nobody but these commands connects as."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from service.caller import NOBODY
from service.commands.failures import of_database
from service.config import libpq_url
from service.database import Database
from service.queries import queries
from service.state import state

# What waits for a lock for long has failed. Both are well within the lease of a worker's task, so that a worker that
# lives does not lose it.
TIMEOUTS = "-c statement_timeout=60s -c lock_timeout=5s"


@contextmanager
def as_owner(*, connections: int | None = None) -> Iterator[Database]:
    """The database at DIRECT_URL. What PostgreSQL refuses is a ClickException.

    With at most so many connections, instead of POOL_SIZE. `options` in the URL come after the timeouts, and win.
    """
    settings = state().settings
    if settings.direct_url is None:
        raise click.ClickException("DIRECT_URL is missing: only app_owner may do this")
    url = libpq_url(settings.direct_url)
    url = make_conninfo(url, options=f"{TIMEOUTS} {conninfo_to_dict(url).get('options', '')}")
    database = Database(replace(settings, pool_size=connections or settings.pool_size), url)
    database.open()
    try:
        _require_owner(database)
        yield database
    except psycopg.Error as error:
        raise of_database(error) from None
    finally:
        database.close()


def _require_owner(database: Database) -> None:
    # To any other role all tables are empty: the command would find nothing to do, and say that it is done. While the
    # database is away a worker waits for it, and the others fail at their first statement.
    with suppress(psycopg.OperationalError):
        owner = queries.operations.get_session(role="app_owner")
        connected = database.session(NOBODY).row(owner)
        if not connected.has_rights:
            raise click.ClickException(
                f"DIRECT_URL connects as {connected.role}: only app_owner may do this"
            )
