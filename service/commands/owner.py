"""What only app_owner may do, whom nobody but these commands connects as."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
import psycopg
from psycopg.conninfo import make_conninfo

from service.config import libpq_url
from service.database import Database
from service.state import state


@contextmanager
def as_owner(*, connections: int | None = None, options: str | None = None) -> Iterator[Database]:
    """The database at DIRECT_URL. What PostgreSQL refuses is a ClickException.

    With at most so many connections, instead of POOL_SIZE, and with settings of PostgreSQL's for each.
    """
    settings = state().settings
    if settings.direct_url is None:
        raise click.ClickException("DIRECT_URL is missing: only app_owner may do this")
    url = make_conninfo(libpq_url(settings.direct_url), options=options)
    database = Database(replace(settings, pool_size=connections or settings.pool_size), url)
    database.open()
    try:
        yield database
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()
