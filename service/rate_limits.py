"""How many requests a caller or a tenant may send in a time, and how often an address may fail to authenticate.

The window moves: in no stretch of its length are there more. With REDIS_URL all processes count together. Without it,
or while Redis is away, each counts for itself: then a client that reaches all of them has as many times the limit.
"""

import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, after_this_request
from limits import RateLimitItem, WindowStats
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from service import errors, metrics
from service.caller import Caller
from service.config import Settings
from service.redis_pool import LOG_EVERY, connections

log = logging.getLogger(__name__)

MOST = 10_000  # callers, as many tenants, and as many addresses, that a process counts for itself
PAUSE = 5.0  # seconds after a failure of Redis until it is asked again
IPV6_NETWORK = 64  # bits: what lies behind them is one client's

CALLER, TENANT, ADDRESS = "caller", "tenant", "address"
State = tuple[str, RateLimitItem, WindowStats]


class RateLimits:
    """The limits that are set, as one process holds callers to them."""

    def __init__(self, settings: Settings) -> None:
        given = {
            CALLER: settings.rate_limit_caller,
            TENANT: settings.rate_limit_tenant,
            ADDRESS: settings.rate_limit_address,
        }
        self._limits = {name: limit for name, limit in given.items() if limit is not None}
        if not self._limits:
            return
        self._memory = MovingWindowRateLimiter(MemoryStorage())
        # The keys in memory, by limit, so that addresses never push out callers; the latest one last.
        self._known: dict[str, OrderedDict[str, None]] = {
            name: OrderedDict() for name in self._limits
        }
        self._lock = threading.Lock()
        self._redis = None
        if settings.redis_url is not None:
            pool = connections(settings.redis_url)
            storage = RedisStorage(settings.redis_url, pool, key_prefix="rate-limits:v1")
            self._redis = MovingWindowRateLimiter(storage)
        self._redis_again_at = self._logged_at = -math.inf

    def admit(self, caller: Caller) -> None:
        """Counts a request of the caller; raises RATE_LIMITED if it is one too many. Its answer tells what is left."""
        who = caller.user_id or caller.key_family or caller.actor
        states = []
        for name, key in ((CALLER, f"{caller.tenant_id} {who}"), (TENANT, caller.tenant_id)):
            if name in self._limits:
                # The caller's own comes first: what it refuses costs the tenant nothing.
                states.append(self._take(name, key))
        if states:
            _tell(states)

    @contextmanager
    def attempt(self, address: str | None) -> Iterator[None]:
        """While a credential is looked up: counts a failure; raises RATE_LIMITED where the address has too many."""
        if ADDRESS not in self._limits:
            yield
            return
        key = _network(address)
        _, stats = self._ask(ADDRESS, key, hit=False)
        if stats.remaining <= 0:
            raise _refusal((ADDRESS, self._limits[ADDRESS], stats))
        try:
            yield
        except errors.Problem as problem:
            if problem.code == "UNAUTHENTICATED":
                # Of many at once, those that are too many are not told whether they were right.
                self._take(ADDRESS, key)
            raise

    def _take(self, name: str, key: str) -> State:
        """Counts one; raises RATE_LIMITED if it is one too many."""
        taken, stats = self._ask(name, key, hit=True)
        state = name, self._limits[name], stats
        if not taken:
            raise _refusal(state)
        return state

    def _ask(self, name: str, key: str, *, hit: bool) -> tuple[bool, WindowStats]:
        """Counts one for a `hit`, and whether there was a place for it; and what is left."""

        def ask(limiter: MovingWindowRateLimiter) -> tuple[bool, WindowStats]:
            limit = self._limits[name]
            taken = not hit or limiter.hit(limit, name, key)
            return taken, limiter.get_window_stats(limit, name, key)

        now = time.monotonic()
        if self._redis is not None and now >= self._redis_again_at:
            try:
                return ask(self._redis)
            except Exception as error:
                self._redis_again_at = now + PAUSE
                metrics.observe_lookup("rate_limits", "error")
                if now >= self._logged_at + LOG_EVERY:
                    self._logged_at = now
                    log.warning("Redis is away or broken: each process limits alone: %s", error)
        # A lock of our own: the storage may drop one of its locks while a thread waits for it.
        with self._lock:
            self._remember(name, key, hit)
            return ask(self._memory)

    def _remember(self, name: str, key: str, hit: bool) -> None:
        """Keeps the memory bounded, for the storage keeps every key: who has been silent for longest is forgotten.

        So whoever goes on stays limited, however many others come.
        """
        known = self._known[name]
        if key in known:
            known.move_to_end(key)
        elif hit:
            known[key] = None
        if len(known) > MOST:
            silent, _ = known.popitem(last=False)
            self._memory.clear(self._limits[name], name, silent)


def _refusal(state: State) -> errors.Problem:
    name, limit, stats = state
    _tell([state])
    what = "failed attempts" if name == ADDRESS else "requests"
    return errors.Problem(
        "RATE_LIMITED",
        f"this {name} has {limit.amount} {what} in {limit.get_expiry()} seconds",
        headers={"Retry-After": str(_seconds_left(stats))},
    )


def _tell(states: list[State]) -> None:
    """Has the answer say how much is left: of the limit with least, and as the IETF's draft has it, of each."""
    _, limit, stats = min(states, key=lambda state: state[2].remaining)
    told = {
        "X-RateLimit-Limit": str(limit.amount),
        "X-RateLimit-Remaining": str(stats.remaining),
        "X-RateLimit-Reset": str(math.ceil(stats.reset_time)),
        "RateLimit-Policy": ", ".join(
            f'"{name}";q={limit.amount};w={limit.get_expiry()}' for name, limit, _ in states
        ),
        "RateLimit": ", ".join(
            f'"{name}";r={stats.remaining};t={_seconds_left(stats)}' for name, _, stats in states
        ),
    }

    def add(response: Response) -> Response:
        response.headers.update(told)
        return response

    after_this_request(add)


def _seconds_left(stats: WindowStats) -> int:
    """Until the next request has a place again."""
    return max(1, math.ceil(stats.reset_time - time.time()))


def _network(address: str | None) -> str:
    """The address as it is limited: an IPv6 client has a whole network of them."""
    if address is None or ":" not in address:
        return address or "unknown"
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
