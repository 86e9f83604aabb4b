"""The pool, and the transaction of a tenant: one round trip for one statement.

Every statement runs for a `Caller`. Tenant and actor are settings of the transaction only: row-level security
reads the tenant, the event log the rest. They travel with the statements in one libpq pipeline, which
PostgreSQL runs as one transaction.

Statement, lock and idle timeouts, the time zone and the planning mode belong to the role in PostgreSQL
(migrations/setup/roles.sql), so that they hold through a pooler as well.
"""

import logging
import random
import time
from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import RawServerCursor
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult
from psycopg_pool import ConnectionPool, PoolTimeout

from service import errors, metrics, tracing
from service.caller import NOBODY, Caller, enter
from service.config import Settings
from service.exchange import STALE, Connection
from service.queries import Bound, queries

T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])
AnyBound = Bound[Any, Any]
WithRows = Bound[Any, tuple[Any, ...]]
Pool = ConnectionPool[Connection]
First = AnyBound | Sequence[AnyBound] | None  # what goes before a statement in the same round trip

log = logging.getLogger(__name__)

RETRIED: dict[type[Exception], str] = {
    psycopg.errors.SerializationFailure: "serialization_failure",
    psycopg.errors.DeadlockDetected: "deadlock",
}
TRIES = 3
FIRST_DELAY = 0.02  # seconds; doubled for each further try, with jitter
LINES_PER_FETCH = 500
RECONNECT = 5.0  # seconds
REPLICA_PATIENCE = 0.5  # seconds that a query waits for a replica before the primary answers it
REPLICA_PAUSE = 5.0  # seconds in which the primary then answers without another wait
BEGINNING = "0/0"  # the position in the WAL that every server has reached

SHARED_STATEMENTS = (
    "A pooler in front of PostgreSQL shares prepared statements between its clients, which costs round trips: set"
    " max_prepared_statements in PgBouncer 1.21 or newer, or else PREPARE_STATEMENTS=false here, and restart."
)


@dataclass(frozen=True, slots=True)
class Json:
    """What PostgreSQL built."""

    body: bytes
    revision: int | None = None  # of a single row that has one
    last_keys: bytes | None = None  # of a page that has rows, as JSON
    more: bool = False  # follow after the page


class Session(ABC):
    """Runs statements for a caller; how they share transactions is up to the kind of session."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def json(self, bound: WithRows, *, first: First = None) -> Json:
        """Runs the statement, after `first` in the same round trip; its JSON. NOT_FOUND if there is no row."""
        document = self.maybe_json(bound, first=first)
        if document is None:
            raise errors.not_found()
        return document

    def maybe_json(self, bound: WithRows, *, first: First = None) -> Json | None:
        """As `json`, but None if there is no row."""
        result = self._run([*_statements(first), bound], as_json=True)
        if not _is_one(result, bound):
            return None
        # The bytes as they came: a loader would parse them.
        body, beside = result.get_value(0, 0) or b"null", result.get_value(0, 1)
        if bound.query.cardinality == "page":
            return Json(body, last_keys=beside, more=result.get_value(0, 3) == b"t")
        return Json(body, int(beside) if beside else None)

    def row(self, bound: Bound[Literal["one"], Row]) -> Row:
        """The one row as a named tuple. NOT_FOUND if there is none."""
        row = self._row(bound)
        if row is None:
            raise errors.not_found()
        return row

    def maybe_row(self, bound: Bound[Literal["maybe"], Row], *, first: First = None) -> Row | None:
        """The row as a named tuple, or None; the statement runs after `first` in the same round trip."""
        return self._row(bound, first)

    def rows(self, bound: Bound[Any, Row]) -> list[Row]:
        """The rows as named tuples, however many."""
        return _loaded(self._run([bound]))

    def execute(self, bound: AnyBound) -> int:
        """How many rows the statement changed, or returned."""
        return _count(self._run([bound]))

    def _row(self, bound: Bound[Any, Row], first: First = None) -> Row | None:
        result = self._run([*_statements(first), bound])
        if not _is_one(result, bound):
            return None
        rows: list[Row] = _loaded(result)
        return rows[0]

    @abstractmethod
    def _run(self, together: list[AnyBound], *, as_json: bool = False) -> PGresult:
        """Sends the statements together; the result of the last."""

    def _send(
        self, connection: Connection, together: list[AnyBound], *, as_json: bool, prepare: bool
    ) -> PGresult:
        """Sends the statements together, and counts the last: those before it only lead up to it."""
        begun = time.perf_counter()
        last = together[-1]
        statements = [(bound.query.text, bound.values(self.caller.tenant_id)) for bound in together]
        if as_json:
            statements[-1] = (last.query.json_text, statements[-1][1])
        check = None
        if connection.is_sharded and any(bound.query.may_write for bound in together):
            checked = queries.operations.check_constraints()
            check = checked.query.text, checked.values(self.caller.tenant_id)
        with tracing.query(last.query.name):
            result = connection.run(statements, prepare=prepare, check=check)
        # The JSON of many rows is one row, which tells how many there are.
        rows = int(result.get_value(0, 2) or 0) if as_json and result.ntuples else _count(result)
        seconds = time.perf_counter() - begun
        metrics.observe(last.query.name, seconds, rows, self.caller.request_id)
        return result


class Transaction(Session):
    """A session whose statements take effect together, or not at all."""

    def __init__(self, connection: Connection, caller: Caller, prepare: bool) -> None:
        super().__init__(caller)
        self._connection = connection
        self._prepare = prepare

    def enter(self) -> None:
        """Says for whom the transaction runs, before anything else."""
        self._run(enter(self.caller))

    @contextmanager
    def in_tenant(self, tenant_id: str) -> Iterator["Transaction"]:
        """The same transaction in another tenant, for what a caller may do to one that is not its own."""
        caller = replace(self.caller, tenant_id=tenant_id)
        there = Transaction(self._connection, caller, self._prepare)
        there.enter()
        yield there
        self.enter()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what runs within it, and no more, if that fails."""
        with self._connection.transaction():
            yield

    def lines(self, bound: WithRows) -> Iterator[bytes]:
        """The rows as JSON, one by one from a server-side cursor, however many there are."""
        begun = time.perf_counter()
        with RawServerCursor(self._connection, "lines") as cursor:
            cursor.itersize = LINES_PER_FETCH
            cursor.execute(bound.query.lines_text, bound.values(self.caller.tenant_id))
            for (line,) in cursor:
                yield line.encode()
            seconds, rows = time.perf_counter() - begun, cursor.rownumber or 0
            metrics.observe(bound.query.name, seconds, rows, self.caller.request_id)

    def _run(self, together: list[AnyBound], *, as_json: bool = False) -> PGresult:
        return self._send(self._connection, together, as_json=as_json, prepare=self._prepare)


class Autocommit(Session):
    """A session whose every call is a transaction of its own, in one round trip, tried again if need be."""

    def __init__(self, database: "Database", caller: Caller) -> None:
        super().__init__(caller)
        self._database = database

    def _run(self, together: list[AnyBound], *, as_json: bool = False) -> PGresult:
        replica = self._database.has_replica and all(bound.query.replica for bound in together)
        entered = [*enter(self.caller), *together]

        def attempt(prepare: bool, replica: bool = False) -> PGresult:
            position = self.caller.position
            with self._database.connection(replica=replica, position=position) as connection:
                return self._send(connection, entered, as_json=as_json, prepare=prepare)

        if replica:
            try:
                return self._database.retried(partial(attempt, replica=True))
            except (PoolTimeout, psycopg.errors.QueryCanceled):
                raise  # the primary's pool was asked already; what took too long would there, too
            except psycopg.OperationalError:
                pass  # the replica went away, or what it replays was in the way of the query
        return self._database.retried(attempt)


class Database:
    """The pools of connections of one process: to the primary, and to a replica if there is one."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.warnings: list[str] = []  # what an operator should change, though all works
        self._prepare = settings.prepare_statements
        self._primary = _pool(settings, url)
        self._replica = settings.database_url_ro and _pool(settings, settings.database_url_ro)
        self._replica_paused_until = -float("inf")
        self._explanations: dict[str, str] | None = None
        self._gauge = metrics.PoolGauge()

    @property
    def has_replica(self) -> bool:
        return bool(self._replica)

    def open(self) -> None:
        """Starts to connect, without waiting: a service may start before its database."""
        self._primary.open(wait=False)
        if self._replica:
            self._replica.open(wait=False)

    def close(self) -> None:
        self._primary.close()
        if self._replica:
            self._replica.close()

    def session(self, caller: Caller) -> Session:
        """For requests of one transaction each."""
        return Autocommit(self, caller)

    def atomically(self, caller: Caller, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in a transaction, for what needs an answer before the next statement.

        `work` may run again, see `retried`: it must change nothing else.
        """

        def attempt(prepare: bool) -> T:
            with self._transaction(caller, prepare) as transaction:
                return work(transaction)

        return self.retried(attempt)

    def retried(self, attempt: Callable[[bool], T]) -> T:
        """Runs `attempt` until nothing of RETRIED ends it, three times at most.

        It is told whether to prepare its statements; where they are STALE it runs once more without.
        """
        prepare, delay, tries = self._prepare, FIRST_DELAY, 1
        while True:
            try:
                return attempt(prepare)
            except STALE as error:
                if not prepare:
                    raise
                prepare = False
                metrics.observe_retry("stale_statement")
                if isinstance(error, psycopg.errors.DuplicatePreparedStatement):
                    self._warn(SHARED_STATEMENTS)
            except psycopg.Error as error:
                reason = _why_retried(error)
                if reason is None or tries == TRIES:
                    raise
                metrics.observe_retry(reason)
                tries += 1
                time.sleep(delay * random.uniform(0.5, 1.5))
                delay *= 2

    def _warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)
            log.warning(warning)

    @contextmanager
    def transaction(self, caller: Caller, *, replica: bool = False) -> Iterator[Transaction]:
        """A transaction, not tried again: so it prepares nothing, lest that be STALE."""
        with self._transaction(caller, prepare=False, replica=replica) as transaction:
            yield transaction

    @contextmanager
    def _transaction(
        self, caller: Caller, prepare: bool, *, replica: bool = False
    ) -> Iterator[Transaction]:
        # Nothing is tried again, so a replica is asked first whether it answers at all.
        position = caller.position or BEGINNING
        with (
            self.connection(replica=replica, position=position) as connection,
            self._entered(connection, caller, prepare) as transaction,
        ):
            yield transaction

    @contextmanager
    def for_nobody(self) -> Iterator[Transaction]:
        """A transaction that enters no tenant, for what can be read of a database whose migrations are missing."""
        with self.connection() as connection, connection.transaction():
            yield Transaction(connection, NOBODY, prepare=False)

    @contextmanager
    def for_nobody_on_replica(self) -> Iterator[Transaction]:
        """The same on the replica, for what only it can tell; raises PoolTimeout where the primary would answer."""
        assert self._replica
        connection = self._replica.getconn(REPLICA_PATIENCE)
        with self._lent(self._replica, connection), connection.transaction():
            yield Transaction(connection, NOBODY, prepare=False)

    @contextmanager
    def _entered(
        self, connection: Connection, caller: Caller, prepare: bool
    ) -> Iterator[Transaction]:
        with connection.transaction():
            transaction = Transaction(connection, caller, prepare)
            transaction.enter()
            yield transaction

    def explanations(self, session: Session | None = None) -> dict[str, str]:
        """What the comments on constraints say, "field: message", by "schema.constraint"; read once.

        Who has a connection hands its session in: waiting for another, all could wait for each other.
        """
        if self._explanations is None:
            session = session or self.session(NOBODY)
            constraints = session.rows(queries.operations.list_constraint_comments())
            self._explanations = {row.name: row.comment for row in constraints}
        return self._explanations

    @contextmanager
    def connection(
        self, *, replica: bool = False, position: str | None = None
    ) -> Iterator[Connection]:
        """A connection of the pool; raises PoolTimeout if none is free in time.

        With `replica` it is to the replica, if there is one that answers and has replayed the WAL up to `position`.
        """
        caught_up = self._caught_up(position) if replica else None
        pool = self._replica if caught_up and self._replica else self._primary
        with self._lent(pool, caught_up or pool.getconn()) as connection:
            yield connection

    @contextmanager
    def _lent(self, pool: Pool, connection: Connection) -> Iterator[Connection]:
        try:
            yield connection
        except psycopg.OperationalError:
            if connection.broken:
                # The server went away: the other idle connections are as dead as this one.
                pool.check()
            raise
        finally:
            pool.putconn(connection)
            self._gauge.read(self._primary)

    def _caught_up(self, position: str | None) -> Connection | None:
        """A connection to the replica, unless the primary has to answer."""
        if not self._replica or time.monotonic() < self._replica_paused_until:
            return None
        try:
            connection = self._replica.getconn(REPLICA_PATIENCE)
        except PoolTimeout:
            self._replica_paused_until = time.monotonic() + REPLICA_PAUSE
            return None
        if position is None:
            return connection
        asked = queries.operations.has_replayed(position=position)
        statement = asked.query.text, asked.values(NOBODY.tenant_id)
        with suppress(psycopg.OperationalError):
            if connection.run([statement], prepare=False).get_value(0, 0) == b"t":
                return connection
        self._replica.putconn(connection)
        return None


def _pool(settings: Settings, url: str) -> Pool:
    return ConnectionPool(
        url,
        connection_class=Connection,
        configure=_ask_whether_sharded,
        kwargs={
            "autocommit": True,
            "prepare_threshold": None,  # psycopg prepares nothing: the exchange does
            "application_name": "draftroom",
            "connect_timeout": 3,
        },
        min_size=1,
        max_size=settings.pool_size,
        timeout=settings.pool_timeout,
        # A database that is away is asked again with delays that double. After so long the pool gives up, and the next
        # request asks at once: so the service is back soon after its database, however long that was away.
        reconnect_timeout=RECONNECT,
        name="draftroom",
        open=False,
    )


def _why_retried(error: psycopg.Error) -> str | None:
    """Why the transaction is tried again, if it is."""
    return RETRIED.get(type(error)) or next(iter(errors.passing_on_cluster(error)), None)


def _ask_whether_sharded(connection: Connection) -> None:
    """Notes for a new connection whether it is to a sharded cluster, as setup/citus.sql has set it up."""
    asked = queries.operations.is_sharded()
    statement = asked.query.text, asked.values(NOBODY.tenant_id)
    connection.is_sharded = connection.run([statement], prepare=False).get_value(0, 0) == b"t"


def _statements(first: First) -> Sequence[AnyBound]:
    """What goes before a statement, as a list."""
    return [first] if isinstance(first, Bound) else first or []


def _count(result: PGresult) -> int:
    """How many rows came, or changed."""
    return result.ntuples or result.command_tuples or 0


def _is_one(result: PGresult, bound: AnyBound) -> bool:
    """Whether there is a row; raises if there are more."""
    if result.ntuples > 1:
        raise psycopg.errors.CardinalityViolation(f"{bound.query.name}: more than one row")
    return result.ntuples == 1


def _loaded(result: PGresult) -> list[Any]:
    """The rows as named tuples."""
    names = [result.fname(column) or b"" for column in range(result.nfields)]
    loader = Transformer()  # without a connection: another thread may have it by now
    loader.set_pgresult(result)
    return loader.load_rows(0, result.ntuples, _row_type(*names)._make)


@cache
def _row_type(*names: bytes) -> type[Any]:
    return namedtuple("Row", [name.decode() for name in names])
