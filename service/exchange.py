"""Statements sent together in one libpq pipeline, without a cursor for each: what almost every request runs on.

psycopg's own `pipeline()` makes a cursor, a queue and several passes of its event loop for what is sent once and
read once; that took a third of a request's CPU time. This does the same with the calls beneath, which
`psycopg.pq` publishes. What psycopg would have seen to is here:

- A statement is prepared when the connection first meets it, in the same round trip. When the server has lost it
  (DISCARD ALL), or a migration has changed what it returns, all of them are prepared again.
- Sending and waiting are psycopg's generators, run by `Connection.wait`: they never block, so other threads run,
  a Ctrl-C cancels the statement, and a broken socket is an OperationalError.
- An error of the server is raised as psycopg's. Before that, everything up to the pipeline's end is read, so that
  the connection is idle and out of pipeline mode again, whatever went wrong; if it cannot be, it is closed or busy,
  and the pool gives it up.
"""

from collections.abc import Generator, Sequence
from itertools import count
from typing import Any

import psycopg
from psycopg import errors, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

# With its values for `$1, $2, ...`: text, bytes, or lists of these.
Statement = tuple[str, Sequence[Any]]

LOST = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)


class Connection(psycopg.Connection[Any]):
    """A connection that knows the statements which it has prepared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = count(1)  # never used twice: a name may still be taken on the server
        self._prepared_as: dict[str, bytes] = {}
        self._dumper = Transformer(self)  # making one for each exchange took a quarter of it

    def run(self, statements: Sequence[Statement]) -> PGresult:
        """Runs the statements as one transaction, in one round trip; the result of the last."""
        with self.lock:
            prepared = bool(self._prepared_as)
            try:
                return self.wait(self._exchange(statements))
            except LOST:
                if not prepared:
                    raise
                # Nothing was done: whatever one of them fails with, all of them fail.
                self._prepared_as.clear()
                return self.wait(self._exchange(statements))

    def _exchange(self, statements: Sequence[Statement]) -> Generator[Any, Any, PGresult]:
        pgconn, dumper = self.pgconn, self._dumper
        # Text, and no types: the statement itself says `$1::uuid`. A value that cannot be sent fails here.
        ready = [
            (text, dumper.dump_sequence(values, [PyFormat.TEXT] * len(values)))
            for text, values in statements
        ]
        sent: list[tuple[str, bytes] | None] = []  # each message: what it prepares, if it does
        results: list[PGresult] = []
        pgconn.enter_pipeline_mode()
        try:
            for text, values in ready:
                name = self._prepared_as.get(text)
                if name is None:
                    name = b"draftroom_%d" % next(self._names)
                    pgconn.send_prepare(name, text.encode())
                    sent.append((text, name))
                pgconn.send_query_prepared(name, values)
                sent.append(None)
            pgconn.pipeline_sync()
            yield from generators.send(pgconn)
            for prepares in sent:
                found = yield from generators.fetch_many(pgconn)
                results += found
                if prepares and found and found[0].status == ExecStatus.COMMAND_OK:
                    text, name = prepares
                    self._prepared_as[text] = name
            yield from generators.fetch_many(pgconn)  # of the Sync
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
        if len(results) < len(sent):
            raise psycopg.OperationalError("the connection is lost")
        return results[-1]
