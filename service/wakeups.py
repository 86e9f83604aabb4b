"""Wake-ups: who waits for work is told as soon as there may be some, whichever process of the service it came to.

A message goes out by NOTIFY after the commit, from a thread with a connection of its own, which listens for those of
the other processes; so no request waits for it, and many for the same work go as one. It is a hint and no more: who
waits looks again every few moments anyway. Where the connection leads through a pooler nobody can listen, and that has
to do.
"""

import logging
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector

import psycopg
from psycopg import Notify
from psycopg.pq.abc import PGresult

from service.caller import NOBODY
from service.database import AnyBound
from service.exchange import Connection
from service.queries import queries
from service.streams import Place

log = logging.getLogger(__name__)

LISTEN = b"LISTEN draftroom_work"  # to sql/operations/wake_claims.sql; no file, which is prepared
TOGETHER = 0.02  # seconds in which messages are collected
RECONNECT = 5.0  # seconds from one try to connect to the next
BATCH = 1000  # messages that one statement sends


class Wakeups:
    """Those in this process who wait, by topic, and the thread that talks to the other processes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[Place]] = defaultdict(set)
        self._unsent: set[str] = set()
        self._thread: threading.Thread | None = None
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)

    @contextmanager
    def waiting(self, topic: str, place: Place) -> Iterator[None]:
        """Within it, the place is woken by what is announced."""
        with self._lock:
            self._start()
            self._waiting[topic].add(place)
        try:
            yield
        finally:
            with self._lock:
                self._waiting[topic].discard(place)
                if not self._waiting[topic]:
                    del self._waiting[topic]

    def announce(self, topic: str) -> None:
        """Wakes who waits for the topic: here at once, in other processes soon. Never waits itself."""
        self._wake(topic)
        with self._lock:
            self._start()
            self._unsent.add(topic)
        with suppress(BlockingIOError):  # then it rings already
            self._ringer.send(b"!")

    def _wake(self, topic: str) -> None:
        with self._lock:
            places = [*self._waiting.get(topic, ())]
        for place in places:
            place.wake()

    def _start(self) -> None:
        """With the first who needs it: by then the process is the one that stays."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="wakeups", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                with Connection.connect(
                    self._url,
                    autocommit=True,
                    prepare_threshold=None,
                    application_name="draftroom wake-ups",
                    connect_timeout=3,
                ) as connection:
                    self._exchange(connection)
            except psycopg.Error as error:
                log.info("no wake-ups for a while: %s", error)
            time.sleep(RECONNECT)

    def _exchange(self, connection: Connection) -> None:
        """Sends and receives until the connection breaks."""
        own = connection.info.backend_pid

        def receive(message: Notify) -> None:
            if message.pid != own:  # else it was woken when it was announced
                self._wake(message.payload)

        connection.add_notify_handler(receive)
        if _is_direct(connection):
            connection.execute(LISTEN)
        with DefaultSelector() as selector:
            selector.register(connection.fileno(), EVENT_READ)
            selector.register(self._bell, EVENT_READ)
            while True:
                self._send(connection)
                selector.select()
                time.sleep(TOGETHER)
                with suppress(BlockingIOError):
                    while self._bell.recv(4096):
                        pass
                connection.pgconn.consume_input()
                while found := connection.pgconn.notifies():
                    receive(Notify(found.relname.decode(), found.extra.decode(), found.be_pid))

    def _send(self, connection: Connection) -> None:
        while self._unsent:
            with self._lock:
                topics = [*self._unsent][:BATCH]
                self._unsent.difference_update(topics)
            _run(connection, queries.operations.wake_claims(topics=topics))


def _is_direct(connection: Connection) -> bool:
    """Whether no pooler is in between: it would give the connection to the server to others, with what that listens to.

    A pooler tells its clients a process id of its own making.
    """
    found = _run(connection, queries.operations.get_backend_pid())
    return found.get_value(0, 0) == str(connection.info.backend_pid).encode()


def _run(connection: Connection, bound: AnyBound) -> PGresult:
    statement = (bound.query.text, bound.values(NOBODY.tenant_id))
    return connection.run([statement], prepare=False)
