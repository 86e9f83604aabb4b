"""The pool, and the transaction of a tenant: one round trip for one statement.

Every statement runs for a `Caller`. Tenant and actor are settings of the transaction only: row-level security
reads the tenant, the event log the rest. They travel with the statements in one libpq pipeline, which
PostgreSQL runs as one transaction.

Statement, lock and idle timeouts, the time zone and the planning mode belong to the role in PostgreSQL
(migrations/setup/roles.sql), so that they hold through a pooler as well.
"""

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
from psycopg import RawCursor, RawServerCursor
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

from service import errors
from service.config import Settings
from service.queries import Bound, queries

T = TypeVar("T")
Step = tuple[str, Bound]  # the text to send, and the query that it is of

RETRIED = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
TRIES = 3
FIRST_DELAY = 0.02  # seconds; doubled for each further try, with jitter
LINES_PER_FETCH = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a transaction runs, as the credential says."""

    tenant_id: str
    actor: str  # key:<id>, user:<id>, or the name of a command
    scopes: frozenset[str] = frozenset()
    role: str | None = None  # of the user, if one acts
    user_id: str | None = None
    request_id: str | None = None
    ip: str | None = None


# For what belongs to no tenant. Under row-level security it sees and changes no row of any.
NOBODY = Caller(tenant_id="00000000-0000-0000-0000-000000000000", actor="service")


@dataclass(frozen=True, slots=True)
class Json:
    """What PostgreSQL built. `extra` is the revision of a single row, or a page's keys if more follow."""

    body: bytes
    extra: bytes | None


class Session(ABC):
    """Runs statements for a caller; how they share transactions is up to the kind of session."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def json(self, *steps: Bound) -> Json:
        """Runs the steps in one round trip; the JSON of the last. NOT_FOUND if there is no row."""
        found = self.maybe_json(*steps)
        if found is None:
            raise errors.not_found()
        return found

    def maybe_json(self, *steps: Bound) -> Json | None:
        """As `json`, but None if there is no row."""
        *before, last = steps
        cursor = self._run([*map(_rows_of, before), (last.query.json_text, last)])
        if cursor.rowcount > 1:
            raise psycopg.errors.CardinalityViolation(f"{last.query.name}: more than one row")
        if cursor.rowcount == 0 or cursor.pgresult is None:
            return None
        # The bytes as they came: fetchone() would parse them.
        body, extra = cursor.pgresult.get_value(0, 0), cursor.pgresult.get_value(0, 1)
        return Json(body or b"null", extra)

    def rows(self, *steps: Bound) -> list[Any]:
        """Runs the steps in one round trip; the rows of the last as named tuples."""
        return self._run([*map(_rows_of, steps)]).fetchall()

    def execute(self, *steps: Bound) -> int:
        """Runs the steps in one round trip; how many rows the last one changed."""
        return self._run([*map(_rows_of, steps)]).rowcount

    @abstractmethod
    def _run(self, steps: list[Step]) -> RawCursor[Any]:
        """Sends the steps together; the cursor of the last, with its result."""


class Transaction(Session):
    """A session whose statements take effect together, or not at all."""

    def __init__(self, connection: psycopg.Connection[Any], caller: Caller, prepare: bool) -> None:
        super().__init__(caller)
        self._connection = connection
        self._prepare = prepare

    @contextmanager
    def in_tenant(self, tenant_id: str) -> Iterator["Transaction"]:
        """The same transaction in another tenant, for what a caller may do to one that is not its own."""
        caller = replace(self.caller, tenant_id=tenant_id)
        there = Transaction(self._connection, caller, self._prepare)
        there.execute(_enter(caller))
        yield there
        self.execute(_enter(self.caller))

    def lines(self, step: Bound) -> Iterator[bytes]:
        """The rows as JSON, one by one from a server-side cursor, however many there are."""
        with RawServerCursor(self._connection, "lines") as cursor:
            cursor.itersize = LINES_PER_FETCH
            cursor.execute(step.query.lines_text, step.values(self.caller.tenant_id))
            for (line,) in cursor:
                yield line.encode()

    def _run(self, steps: list[Step]) -> RawCursor[Any]:
        cursors = []
        with self._connection.pipeline():
            for text, step in steps:
                cursor = RawCursor(self._connection, row_factory=namedtuple_row)
                values = step.values(self.caller.tenant_id)
                cursors.append(cursor.execute(text, values, prepare=self._prepare))
        return cursors[-1]


class Autocommit(Session):
    """A session whose every call is a transaction of its own, in one round trip, tried again if need be."""

    def __init__(self, database: "Database", caller: Caller) -> None:
        super().__init__(caller)
        self._database = database

    def _run(self, steps: list[Step]) -> RawCursor[Any]:
        def attempt() -> RawCursor[Any]:
            with self._database.connection() as connection:
                transaction = Transaction(connection, self.caller, self._database.prepare)
                return transaction._run([_rows_of(_enter(self.caller)), *steps])

        return _retried(attempt)


class Database:
    """A pool of connections, one per process."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.prepare = settings.prepare_statements
        self._pool = ConnectionPool(
            url,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0 if self.prepare else None,
                "application_name": "draftroom",
                "connect_timeout": 3,
            },
            min_size=1,
            max_size=settings.pool_size,
            timeout=settings.pool_timeout,
            # A database that is away is asked again for as long as the process lives.
            reconnect_timeout=float("inf"),
            name="draftroom",
            open=False,
        )
        self._explanations: dict[str, str] | None = None

    def open(self) -> None:
        """Starts to connect, without waiting: a service may start before its database."""
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close()

    def session(self, caller: Caller) -> Session:
        """For requests of one transaction each."""
        return Autocommit(self, caller)

    def atomically(self, caller: Caller, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction, for what needs an answer before the next statement.

        `work` runs again after a serialization failure or a deadlock: it must change nothing else.
        """

        def attempt() -> T:
            with self.transaction(caller) as transaction:
                return work(transaction)

        return _retried(attempt)

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Transaction]:
        """A transaction, not tried again."""
        with self.connection() as connection, connection.transaction():
            transaction = Transaction(connection, caller, self.prepare)
            transaction.execute(_enter(caller))
            yield transaction

    def explanations(self) -> dict[str, str]:
        """What the comments on constraints say, "field: message", by "schema.constraint"; read once."""
        if self._explanations is None:
            found = self.session(NOBODY).rows(queries.operations.list_constraint_comments())
            self._explanations = {row.name: row.comment for row in found}
        return self._explanations

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the pool; raises PoolTimeout if none is free in time."""
        with self._pool.connection() as connection:
            try:
                yield connection
            except psycopg.OperationalError:
                if connection.broken:
                    # The server went away: the other idle connections are as dead as this one.
                    self._pool.check()
                raise


def _rows_of(step: Bound) -> Step:
    return step.query.text, step


def _enter(caller: Caller) -> Bound:
    bound: Bound = queries.operations.enter_transaction(
        actor=caller.actor, role=caller.role, request_id=caller.request_id, ip=caller.ip
    )
    return bound


def _retried(attempt: Callable[[], T]) -> T:
    delay = FIRST_DELAY
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except RETRIED:
            time.sleep(delay * random.uniform(0.5, 1.5))
            delay *= 2
    return attempt()
