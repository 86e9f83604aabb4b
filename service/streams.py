"""Answers that stay open: how many a process may have at a time, for each takes a thread as long as it lasts."""

import threading
from collections.abc import Callable

from service import errors


class Streams:
    """The places for streams in one process."""

    def __init__(self, places: int) -> None:
        self._count = places
        self._places = threading.BoundedSemaphore(places)
        self.may_go_on: Callable[[], bool] = lambda: True

    def serve_with(self, threads: int, may_go_on: Callable[[], bool]) -> None:
        """Before the first request: leaves one of the process's threads free, and ends streams when it stops."""
        self._places = threading.BoundedSemaphore(min(self._count, threads - 1))
        self.may_go_on = may_go_on

    def take_place(self) -> None:
        """Raises UNAVAILABLE when all places are taken."""
        if not self._places.acquire(blocking=False):
            raise errors.unavailable("as many streams are open as there may be")

    def give_place_back(self) -> None:
        self._places.release()
