"""A database with tables to review statements on."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from service.queries.review.schema import Schema, read_schema
from tests.postgres import Server
from tests.queries.review.helpers import SCRATCH, Connection


@pytest.fixture(scope="session")
def connection(server: Server, clone: Callable[[str], str]) -> Iterator[Connection]:
    """A superuser's, whom row-level security does not hold, on a migrated database with one schema more."""
    url = server.url("postgres", clone("review_rules"))
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor) as opened:
        opened.execute(SCRATCH)
        yield opened


@pytest.fixture(scope="session")
def schema(connection: Connection) -> Schema:
    return read_schema(connection)
