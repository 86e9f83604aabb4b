from collections.abc import Iterator
from typing import Any

import psycopg
import pytest


@pytest.fixture
def no_deadlocks(sql: psycopg.Connection[Any]) -> Iterator[None]:
    """Fails a test in which requests waited for each other until PostgreSQL broke it up."""

    def count() -> int:
        sql.rollback()
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        found = sql.execute(query).fetchone()
        assert found
        sql.rollback()
        return int(found["deadlocks"])

    before = count()
    yield
    assert count() == before
