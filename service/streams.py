"""Answers that take long, exports, imports, streams and claims that wait: how many a process may have, for each takes
a thread.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import socket
from typing import Literal

from service import errors, metrics
from service.caller import Caller
from service.config import Settings
from service.server.connection import ClientSocket

Kind = Literal["export", "import", "stream", "wait"]
LOOK = 1.0  # seconds from one look at the client to the next


class Place:
    """Where an answer stays open."""

    def __init__(
        self, kind: Kind, caller: Caller, client: socket | None, may_go_on: Callable[[], bool]
    ) -> None:
        self.kind = kind
        self.tenant_id = caller.tenant_id
        self.credential = (caller.actor, caller.key_id)
        # Another server's socket may wait where this one does not.
        self._client = client if isinstance(client, ClientSocket) else None
        self._may_go_on = may_go_on
        self._is_ended = False
        self._signal = threading.Event()  # to who waits: look again

    def wait(self, seconds: float) -> bool:
        """Waits, or until it is woken; False as soon as the answer has to end, or nobody is there to take it."""
        over = time.monotonic() + seconds
        while self._may_go_on() and not self._is_ended and self._is_open():
            if (left := over - time.monotonic()) <= 0:
                return True
            if self._signal.wait(min(left, LOOK)) and not self._is_ended:
                self._signal.clear()
                return self._may_go_on() and self._is_open()
        return False

    def wake(self) -> None:
        self._signal.set()

    def goes_on(self) -> bool:
        """Whether the process does not stop."""
        return self._may_go_on()

    def end(self) -> None:
        self._is_ended = True
        self._signal.set()
        if self._client is not None:
            self._client.give_up()

    def _is_open(self) -> bool:
        return self._client is None or self._client.is_open()


class StreamPlaces:
    """The places in one process: for each kind in all and for a tenant, and one thread is left for other requests."""

    def __init__(self, settings: Settings) -> None:
        self._limits = {
            "export": (settings.exports, settings.exports_per_tenant),
            "import": (settings.imports, settings.imports_per_tenant),
            "stream": (settings.event_streams, settings.event_streams_per_tenant),
            "wait": (settings.claim_waits, settings.claim_waits_per_tenant),
        }
        self._threads = settings.threads - 1
        self._taken: list[Place] = []  # the oldest first
        self._lock = threading.Lock()
        self.may_go_on: Callable[[], bool] = lambda: True  # until the process stops
        for kind in self._limits:
            self._count(kind)

    @contextmanager
    def take(self, kind: Kind, caller: Caller, client: socket | None = None) -> Iterator[Place]:
        """A place for as long as the answer lasts; UNAVAILABLE when all are taken.

        A new stream ends the oldest one of the same credential instead. A tenant without a wait ends the oldest one of
        a tenant that has several, so that a few tenants never take all places.
        """
        place = Place(kind, caller, client, lambda: self.may_go_on())
        with self._lock:
            self._make_room(place)
            self._taken.append(place)
            self._count(kind)
        try:
            yield place
        finally:
            with self._lock, suppress(ValueError):  # it may have been ended
                self._taken.remove(place)
                self._count(kind)

    def _count(self, kind: str) -> None:
        taken = sum(place.kind == kind for place in self._taken)
        metrics.observe_places(kind, taken, self._limits[kind][0])

    def _make_room(self, place: Place) -> None:
        in_all, for_tenant = self._limits[place.kind]
        same = [other for other in self._taken if other.kind == place.kind]
        tenants = [other for other in same if other.tenant_id == place.tenant_id]
        if len(same) < in_all and len(tenants) < for_tenant and len(self._taken) < self._threads:
            return
        if place.kind == "stream":
            may_end = [other for other in tenants if other.credential == place.credential]
        elif place.kind == "wait" and not tenants:
            waits = Counter(other.tenant_id for other in same)
            may_end = [other for other in same if waits[other.tenant_id] > 1]
        else:
            may_end = []
        if not may_end:
            raise errors.unavailable(f"as many {place.kind}s are open as there may be")
        self._taken.remove(may_end[0])
        may_end[0].end()
