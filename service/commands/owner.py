"""What only app_owner may do, whom nobody but these commands connects as."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import psycopg

from service.config import libpq_url
from service.database import Database
from service.state import state


@contextmanager
def as_owner() -> Iterator[Database]:
    """The database at DIRECT_URL. What PostgreSQL refuses is a ClickException."""
    settings = state().settings
    if settings.direct_url is None:
        raise click.ClickException("DIRECT_URL is missing: only app_owner may do this")
    database = Database(settings, libpq_url(settings.direct_url))
    database.open()
    try:
        yield database
    except psycopg.Error as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()
