"""Who a credential was just found to be, so that not every request asks the database again.

Short, and in this process only: what another process or plain SQL changes counts after CREDENTIAL_CACHE_SECONDS at the
latest, what this process changes at once, because it then forgets everybody.
"""

import hashlib
import time
from collections.abc import Callable

from service import metrics
from service.caller import Caller

MOST = 10_000  # callers, each of about a kilobyte

Seconds = float | None  # for which the credential is good by itself; None: for ever
Found = dict[tuple[bytes, str | None], tuple[float, Caller]]


class CallerCache:
    """Keeps the hashes of credentials, never themselves; only of those that are good."""

    def __init__(self, seconds: float) -> None:
        """How long a caller is remembered; 0: not at all."""
        self._seconds = seconds
        self._found: Found = {}

    def find(
        self,
        credential: str,
        acting_user: str | None,
        look_up: Callable[[], tuple[Caller, Seconds]],
    ) -> Caller:
        """Who was found a moment ago, or else by `look_up`, whose refusals are raised and not remembered."""
        found = self._found
        key = (hashlib.sha256(credential.encode()).digest(), acting_user)
        now = time.monotonic()
        until, caller = found.get(key, (now, None))
        known = caller is not None and until > now
        metrics.observe_lookup("credentials", "hit" if known else "miss")
        if caller is None or not known:
            caller, good_for = look_up()
            until = now + (self._seconds if good_for is None else min(self._seconds, good_for))
            if len(found) >= MOST:
                found.clear()
            # If it was forgotten meanwhile, this dictionary is no longer asked.
            found[key] = (until, caller)
        return caller

    def forget(self) -> None:
        """After what may have changed a key or a user, once it is committed."""
        self._found = {}
