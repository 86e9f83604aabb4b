"""What only the owner can do, and says so: rewrite what is fixed, so that a test has a past."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def rewriting(owner: psycopg.Connection[Any], table: str, trigger: str = "fixed") -> Iterator[None]:
    """A transaction in which fixed columns of the table, or those that another trigger keeps, may change."""
    with owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
        yield
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}".encode())


def before(interval: str, column: str) -> str:
    """The time in the column moved back: in UTC, because an UPDATE on a cluster calls only what is immutable."""
    return f"({column} AT TIME ZONE 'UTC' - {interval}) AT TIME ZONE 'UTC'"


def earlier(interval: str, *columns: str) -> str:
    """Assignments for an UPDATE that moves the times back."""
    return ", ".join(f"{column} = {before(interval, column)}" for column in columns)
