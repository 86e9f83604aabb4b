"""What only the owner can do, and says so: rewrite what is fixed, so that a test has a past."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


@contextmanager
def rewriting(owner: psycopg.Connection[Any], table: str) -> Iterator[None]:
    """A transaction in which fixed columns of the table may change."""
    with owner.transaction():
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER fixed".encode())
        yield
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER fixed".encode())
