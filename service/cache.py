"""Copies in Redis that spare the database work. They are never missed: without Redis all is made anew.

A copy is made under a lease, a token in its place. Who changes what was copied forgets the copy after the commit,
and with it the lease: what was read before is not kept then. So a copy is as old as its seconds say only if another
writer changed the original, or if Redis was away when it was to be forgotten.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from flask import current_app
from redis import Redis

from service import metrics
from service.redis_pool import LOG_EVERY, connections
from service.state import state

log = logging.getLogger(__name__)

LEASE = 10  # seconds in which a copy must be made

# Keeps the copy if the lease in its place is still the same.
KEEP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
"""


class Cache:
    """The Redis at a URL. Whatever goes wrong with it is logged now and then, and no caller's problem."""

    def __init__(self, url: str) -> None:
        self._redis = Redis(connection_pool=connections(url))
        self._making: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._guard = threading.Lock()
        self._logged_at = -float("inf")

    def get(
        self,
        key: str,
        make: Callable[[], bytes],
        *,
        seconds: int,
        is_valid: Callable[[bytes], bool],
    ) -> bytes:
        """The copy if there is a valid one, else what `make` returns; the threads here make it once.

        How often there was one is counted by the first word of the key.
        """
        kind, _, _ = key.partition(":")
        try:
            found = self._valid(key, is_valid)
        except Exception as error:
            self._failed(error)
            metrics.observe_lookup(kind, "error")
            return make()
        metrics.observe_lookup(kind, "miss" if found is None else "hit")
        if found is not None:
            return found
        with self._alone(key):
            token = None
            try:
                # Another thread may have made it meanwhile.
                if (found := self._valid(key, is_valid)) is not None:
                    return found
                token = self._lease(key)
            except Exception as error:
                self._failed(error)
            made = make()
            if token is not None:
                try:
                    self._redis.eval(KEEP, 1, key, token, made, str(seconds))
                except Exception as error:
                    self._failed(error)
            return made

    def forget(self, key: str) -> None:
        """Removes the copy, and keeps those who are making it from keeping it."""
        try:
            self._redis.delete(key)
        except Exception as error:
            self._failed(error)

    def _valid(self, key: str, is_valid: Callable[[bytes], bool]) -> bytes | None:
        found = self._redis.get(key)
        if isinstance(found, bytes) and not _is_lease(found):
            if is_valid(found):
                return found
            self._redis.delete(key)
        return None

    def _lease(self, key: str) -> bytes | None:
        """A token that is now in the copy's place; None while another process makes the copy."""
        token = b"lease:" + secrets.token_hex(16).encode()
        return token if self._redis.set(key, token, nx=True, ex=LEASE) else None

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        with self._guard:
            lock = self._making.setdefault(key, threading.Lock())
        with lock:
            yield

    def _failed(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._logged_at >= LOG_EVERY:
            self._logged_at = now
            log.warning("Redis is away or broken, and done without: %s", error)


def _is_lease(value: bytes) -> bool:
    return value.startswith(b"lease:")


def cache() -> Cache | None:
    """The cache of the present application, if REDIS_URL is set."""
    url = state().settings.redis_url
    if url is None:
        return None
    found: Cache | None = current_app.extensions.get("draftroom.cache")
    # Of two threads that make it at once the first is kept: setdefault() is atomic.
    return found or current_app.extensions.setdefault("draftroom.cache", Cache(url))
