"""gunicorn's thread worker, with threads for those requests only that are there whole.

What a client does slowly is left to the poller, in the worker's main thread: it waits for the head and the body of a
request, each with a deadline; hands the request to a thread; and sends what the client has not taken of an answer when
the thread is done with it. So a slow client costs a connection, and no thread. Health checks have threads of their
own. When the connections are used up, the one that has waited longest goes.

Of gunicorn's ThreadWorker it overrides `__init__`, `check_config`, `accept`, `enqueue_req`, `handle`, `finish_request`,
`murder_pending` and `_cap_keepalive`; its `keepalived_conns` and `pending_conns` stay empty. TLS and HTTP/2 are for a
proxy in front.
"""

import errno
import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR
from typing import Any
from urllib.parse import unquote

from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.util import http_date
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from service import errors, rest
from service.config import HttpSettings, Settings
from service.errors import Problem
from service.server.connection import (
    CONTINUE,
    PIECE,
    ClientSocket,
    Incoming,
    Lines,
    Malformed,
    explain,
)

HEALTH = ("/healthz", "/readyz")
ALL_UNSENT = 64 * 1024 * 1024  # bytes of answers that wait for their clients
LINGER = 2  # seconds for a client to take the end of its last answer
LOOK = 0.5  # seconds from one look at the deadlines to the next
USED_UP = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Connection:
    """A client's connection, as gunicorn's ThreadWorker knows it, and what it waits for."""

    def __init__(self, sock: ClientSocket, client: Any, server: Any) -> None:
        self.sock = sock
        self.client = client
        self.server = server
        self.incoming: Incoming
        self.keep = False  # for another request, when the answer is sent
        self.deadline = 0.0
        self.ready: Callable[[Connection], None]
        self.expired: Callable[[Connection], None]


class BufferingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.http = HttpSettings.from_environment(os.environ)
        self.max_body = Settings.from_environment(os.environ).max_body_bytes
        self.health = {path: ThreadPoolExecutor(1) for path in HEALTH}
        self.connections: set[Connection] = set()
        self.waiting: dict[
            Connection, None
        ] = {}  # those that the poller watches, the longest first
        self.next_look = 0.0

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise RuntimeError("TLS is for a proxy in front: set no certfile and no keyfile")

    # Connections come, wait and go: all this is in the main thread ------------------------------------------

    def accept(self, listener: Any) -> None:
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno in USED_UP:
                self._drop_longest()
            return
        conn = Connection(
            ClientSocket(accepted, self.http.send_timeout), client, listener.getsockname()
        )
        self.connections.add(conn)
        self.nr_conns = len(self.connections)
        if self.nr_conns >= self.worker_connections:
            self._drop_longest()
        self._await_request(conn, b"", self.http.head_timeout)

    def _watch(
        self,
        conn: Connection,
        event: int,
        seconds: float,
        ready: Callable[[Connection], None],
        expired: Callable[[Connection], None],
    ) -> None:
        """Calls `ready` whenever the socket is, and `expired` when the time is over, until unwatched."""
        conn.deadline = time.monotonic() + seconds
        conn.ready, conn.expired = ready, expired
        self.poller.register(conn.sock, event, partial(self._on_event, conn))
        self.waiting[conn] = None

    def _unwatch(self, conn: Connection) -> None:
        del self.waiting[conn]
        self.poller.unregister(conn.sock)

    def _on_event(self, conn: Connection, _: ClientSocket) -> None:
        if conn in self.waiting:  # what came with the same look at the poller may have dropped it
            self._guarded(conn.ready, conn)

    def _guarded(self, step: Callable[[Connection], None], conn: Connection) -> None:
        """Whatever fails ends the connection, never the worker."""
        try:
            step(conn)
        except BlockingIOError:
            pass  # it seemed to be ready
        except OSError as error:
            self.log.debug("A connection broke: %s", error)
            self._drop(conn)
        except Exception:
            self.log.exception("Error with a connection")
            self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        if conn in self.waiting:
            self._unwatch(conn)
        self.connections.discard(conn)
        self.nr_conns = len(self.connections)
        conn.sock.close()

    def _drop_longest(self) -> None:
        if conn := next(iter(self.waiting), None):
            self._drop(conn)

    def murder_pending(self) -> None:
        """The deadlines; gunicorn calls this once a second at least."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + LOOK
        for conn in [conn for conn in self.waiting if conn.deadline <= now]:
            self._guarded(conn.expired, conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: who has begun no request has until then to begin one."""
        for conn in self.waiting:
            if not conn.incoming.has_begun:
                conn.deadline = min(conn.deadline, deadline)

    # A request comes in -------------------------------------------------------------------------------------

    def _await_request(self, conn: Connection, rest: bytes, seconds: float) -> None:
        conn.incoming = Incoming(
            self.cfg, conn.client, self._is_too_large, partial(self._lines_of, conn)
        )
        self._watch(conn, EVENT_READ, seconds, self._receive, self._time_out)
        if rest:
            self._feed(conn, rest)

    def _is_too_large(self, request: Request, size: int) -> bool:
        """Whether the application refuses a body of this size; the route is looked up for a large one only."""
        return size > self.max_body and size > rest.largest_body(
            self.wsgi, request.method, unquote(request.path)
        )

    def _lines_of(
        self, conn: Connection, request: Request, length: int | None, data: bytes
    ) -> Lines | None:
        """The body, if it is one that the application reads as it comes."""
        is_ndjson = any(
            name == "CONTENT-TYPE" and value.lower().startswith(rest.NDJSON)
            for name, value in request.headers
        )
        if is_ndjson and rest.takes_lines(self.wsgi, request.method, unquote(request.path)):
            return Lines(conn.sock, self.http.body_timeout, length, data)
        return None

    def _receive(self, conn: Connection) -> None:
        if data := conn.sock.recv(PIECE):
            self._feed(conn, data)
        else:
            self._drop(conn)

    def _feed(self, conn: Connection, data: bytes) -> None:
        incoming, had_head = conn.incoming, conn.incoming.request is not None
        try:
            if incoming.feed(data):
                self._unwatch(conn)
                if incoming.expects_continue and incoming.awaits_body:
                    conn.sock.sendall(CONTINUE)
                self.enqueue_req(conn)
                return
        except Malformed as error:
            self._refuse(conn, explain(error))
            return
        except OSError as error:
            self.log.error("A body cannot be kept in a temporary file: %s", error)
            self._refuse(conn, errors.unavailable("the body cannot be kept"))
            return
        if incoming.request is None:
            conn.deadline = min(conn.deadline, time.monotonic() + self.http.head_timeout)
        elif not had_head:
            conn.deadline = time.monotonic() + self.http.body_timeout
            if incoming.expects_continue:
                conn.sock.sendall(CONTINUE)

    def _time_out(self, conn: Connection) -> None:
        if conn.incoming.has_begun:
            self._refuse(conn, Problem("TIMEOUT", "the request did not come in time"))
        else:
            self._drop(conn)

    def _refuse(self, conn: Connection, problem: Problem) -> None:
        """Answers for the application, which does not get to see the request."""
        self._unwatch(conn)
        self.log.info("Refused a request of %s: %s", conn.client, problem.code)
        conn.keep = False
        conn.sock.sendall(_answer(problem))
        self._answered(conn)

    # A thread answers it ------------------------------------------------------------------------------------

    def enqueue_req(self, conn: Connection) -> None:
        assert conn.incoming.request is not None
        pool: ThreadPoolExecutor = self.health.get(conn.incoming.request.path) or self.tpool
        pool.submit(self.handle, conn).add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def handle(self, conn: Connection) -> bool:
        """In a thread. Whether the client may send another request."""
        request = conn.incoming.request
        assert request is not None
        try:
            return bool(self.handle_request(request, conn))
        except StopIteration:
            pass  # it failed when the answer had begun: gunicorn has logged it, and closed the socket
        except OSError as error:
            if not isinstance(error, ConnectionError | TimeoutError):
                self.log.exception("Error sending an answer")
            conn.sock.unsent.clear()  # nobody takes it, or it has no end
        except Exception:
            self.log.exception("Error handling request %s %s", request.method, request.path)
            conn.sock.sendall(_answer(Problem("INTERNAL", "an error that is not yours")))
        finally:
            conn.incoming.close()
        return False

    def finish_request(self, conn: Connection, done: "Future[bool]") -> None:
        conn.keep = not done.cancelled() and done.exception() is None and done.result()
        self._guarded(self._answered, conn)

    # The answer goes out ------------------------------------------------------------------------------------

    def _answered(self, conn: Connection) -> None:
        """Sends what is left of the answer; then waits for another request, or says goodbye."""
        if conn.sock.fileno() < 0:
            self._drop(conn)
        elif conn.sock.unsent:
            self._watch(conn, EVENT_WRITE, self.http.send_timeout, self._send, self._drop)
            while sum(len(other.sock.unsent) for other in self.waiting) > ALL_UNSENT:
                self._drop(next(other for other in self.waiting if other.sock.unsent))
        elif conn.keep:
            linger = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
            self._await_request(conn, bytes(conn.incoming.rest), linger)
        else:
            with suppress(OSError):
                conn.sock.shutdown(SHUT_WR)
            self._watch(conn, EVENT_READ, LINGER, self._drain, self._drop)

    def _send(self, conn: Connection) -> None:
        conn.sock.flush()
        conn.deadline = time.monotonic() + self.http.send_timeout
        if not conn.sock.unsent:
            self._unwatch(conn)
            self._answered(conn)

    def _drain(self, conn: Connection) -> None:
        """To close with something unread would take the answer from the client."""
        if not conn.sock.recv(PIECE):
            self._drop(conn)


def _answer(problem: Problem) -> bytes:
    """The whole answer, after which the connection ends."""
    request_id = str(uuid.uuid4())
    status, body = errors.document(problem, request_id)
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Date: {http_date()}",
        "Connection: close",
        f"Content-Type: {errors.MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in problem.headers.items()),
        f"X-Request-Id: {request_id}",
        "X-Content-Type-Options: nosniff",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body.encode()
