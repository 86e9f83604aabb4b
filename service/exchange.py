"""Statements sent together in one libpq pipeline, without a cursor for each: what every request runs on.

psycopg's own `pipeline()` makes a cursor, a queue and several passes of its event loop for what is sent once and
read once; that took a third of a request's CPU time. This does the same with the calls beneath, which
`psycopg.pq` publishes. What psycopg would have seen to is here:

- A statement is prepared when the connection first meets it, in the same round trip. Its name is a hash of its text,
  which says the types of its parameters, too: behind a PgBouncer that hands a server connection, with all that was
  prepared there, from one client to the next, a name never means another statement.
- What a connection knows of the server's statements can be wrong: see STALE.
- Sending and waiting are psycopg's generators, run by `Connection.wait`: they never block, so other threads run,
  a Ctrl-C cancels the statement, and a broken socket is an OperationalError.
- An error of the server is raised as psycopg's. Before that, everything up to the pipeline's end is read, so that
  the connection is idle and out of pipeline mode again, whatever went wrong; if it cannot be, it is closed or busy,
  and the pool gives it up.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from typing import Any

import psycopg
from psycopg import errors, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

# With its values for `$1, $2, ...`: text, bytes, or lists of these.
Statement = tuple[str, Sequence[Any]]

# A prepared statement is not what the connection took it for. Nothing was done; run unprepared, it will be.
STALE = (
    errors.InvalidSqlStatementName,  # it is gone: after DISCARD ALL, or behind PgBouncer on another server connection
    errors.DuplicatePreparedStatement,  # it is there: another client of PgBouncer prepared it
    errors.FeatureNotSupported,  # a migration changed the types of its result
)


class Connection(psycopg.Connection[Any]):
    """A connection that knows which statements the server has prepared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: set[str] = set()  # what the server has prepared
        self._outdated: set[str] = set()  # whose names this connection uses no more
        # Whether the server passes settings on to others, see `operations.set_local()`.
        self.is_sharded = False
        self._dumper = Transformer(self)  # making one for each exchange took a quarter of it

    def run(
        self, statements: Sequence[Statement], *, prepare: bool, check: Statement | None = None
    ) -> PGresult:
        """Runs the statements, and `check` after them, in one round trip; the result of the last of the statements.

        They are one transaction, unless one is under way. A sharded cluster passes the settings of a transaction on
        only if it begins with BEGIN, so there BEGIN and COMMIT go with them. Raises STALE only with `prepare`, or for
        a statement that asks for what the server does not support.
        """
        with self.lock:
            return self.wait(self._exchange(statements, prepare, check))

    def _exchange(
        self, statements: Sequence[Statement], prepare: bool, check: Statement | None
    ) -> Generator[Any, Any, PGresult]:
        pgconn, dumper = self.pgconn, self._dumper
        in_block = self.is_sharded and pgconn.transaction_status == TransactionStatus.IDLE
        # Text, and no types: the statement itself says `$1::uuid`. A value that cannot be sent fails here.
        ready = [
            (text, dumper.dump_sequence(values, [PyFormat.TEXT] * len(values)))
            for text, values in [*statements, *([check] if check else [])]
        ]
        sent: list[tuple[str, bool]] = []  # each message: its statement, and whether it prepares it
        places: list[int] = []  # of the messages that run the statements
        results: list[PGresult] = []
        pgconn.enter_pipeline_mode()
        try:
            if in_block:
                pgconn.send_query_params(b"BEGIN", None)
                sent.append(("BEGIN", False))
            for text, values in ready:
                if not prepare or text in self._outdated:
                    pgconn.send_query_params(text.encode(), values)
                else:
                    if text not in self._known:
                        pgconn.send_prepare(name_of(text), text.encode())
                        sent.append((text, True))
                    pgconn.send_query_prepared(name_of(text), values)
                places.append(len(sent))
                sent.append((text, False))
            pgconn.pipeline_sync()
            if in_block:
                # Behind the Sync, so that after an error it is reached, and rolls back.
                pgconn.send_query_params(b"COMMIT", None)
                pgconn.pipeline_sync()
            yield from generators.send(pgconn)
            for text, prepares in sent:
                fetched = yield from generators.fetch_many(pgconn)
                results += fetched
                if prepares and fetched and fetched[0].status == ExecStatus.COMMAND_OK:
                    self._known.add(text)
            ended = yield from generators.fetch_many(pgconn)  # of the Sync
            if ended and ended[0].status == ExecStatus.FATAL_ERROR:
                # It commits: constraints that are deferred are checked only now.
                yield from generators.fetch_many(pgconn)
            if in_block:
                ended = yield from generators.fetch_many(pgconn)  # of the COMMIT
                yield from generators.fetch_many(pgconn)
        finally:
            if pgconn.transaction_status == TransactionStatus.ACTIVE:
                # Interrupted between two messages: nobody knows any more which result is whose.
                with suppress(psycopg.Error):
                    self.cancel()
                pgconn.finish()
            elif pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        for (text, _), result in zip(sent, results, strict=False):  # fewer if the connection broke
            if result.status == ExecStatus.FATAL_ERROR:
                error = errors.error_from_result(result)
                self._learn(text, error)
                raise error
        if ended and ended[0].status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(ended[0])
        if len(results) < len(sent):
            raise psycopg.OperationalError("the connection is lost")
        return results[places[len(statements) - 1]]

    def _learn(self, text: str, error: psycopg.Error) -> None:
        """Notes what an error tells about the statement on the server."""
        if isinstance(error, errors.InvalidSqlStatementName):
            self._known.discard(text)
        elif isinstance(error, errors.DuplicatePreparedStatement):
            self._known.add(text)
        elif isinstance(error, errors.FeatureNotSupported):
            # Its name is taken, and PgBouncer may keep what it means for longer than this connection lives.
            self._outdated.add(text)


@cache
def name_of(text: str) -> bytes:
    """Under which a statement is prepared: at most 63 bytes, or PostgreSQL would cut it off."""
    return b"draftroom_" + blake2b(text.encode(), digest_size=24).hexdigest().encode()
