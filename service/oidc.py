"""The OIDC issuer, and what its tokens say.

Its keys are fetched by a thread: at the start, from time to time, and soon after a token names one that is not known.
So there is one fetch at a time, a pause after each, and no request ever waits for the issuer, whatever tokens come.
"""

import json
import logging
import math
import subprocess
import sys
import threading
import time
from typing import Any

import jwt

from service import errors, fetch
from service.config import Settings

log = logging.getLogger(__name__)

LEEWAY = 30  # seconds that the clocks of the issuer and the service may differ
LAST_SECOND = 253_402_300_799  # of the year 9999
PAUSE = 5.0  # seconds after a fetch, failed or not
MAX_AGE = 300.0  # seconds after which known keys are fetched again
KEPT = 24 * 3600.0  # seconds that they are good for while that fails


class Keys:
    """The issuer's public keys, fetched as long as the process lives."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: tuple[dict[str, jwt.PyJWK], float] = ({}, -math.inf)
        self._wanted = threading.Event()
        threading.Thread(target=self._keep, name="oidc-keys", daemon=True).start()

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """None if the issuer has no such key; raises UNAVAILABLE while nobody can tell."""
        keys, fetched_at = self._known
        age = time.monotonic() - fetched_at
        if key_id in keys and age < KEPT:
            return keys[key_id]
        if age < PAUSE:
            return None
        self._wanted.set()
        raise errors.unavailable("the OIDC issuer's keys are not there yet")

    def _keep(self) -> None:
        while True:
            self._wanted.clear()
            try:
                self._known = self._fetched(), time.monotonic()
            except Exception as error:  # whatever the issuer sends: the next attempt may go well
                log.warning("the OIDC issuer's keys could not be fetched: %s", error)
            time.sleep(PAUSE)
            self._wanted.wait(MAX_AGE)

    def _fetched(self) -> dict[str, jwt.PyJWK]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", fetch.__file__, self._url],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=fetch.SECONDS,
        )
        if done.returncode != 0:
            raise OSError(done.stderr.decode(errors="replace").strip())
        keys = {
            key.key_id: key
            for key in jwt.PyJWKSet.from_dict(json.loads(done.stdout))
            if isinstance(key.key_id, str) and key.public_key_use in ("sig", None)
        }
        if not keys:
            raise ValueError("there are none for signatures")
        return keys


class Issuer:
    """Says whose a token is."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys

    def claims(self, token: str) -> dict[str, Any]:
        """Those of a good token; raises UNAUTHENTICATED, or UNAVAILABLE while nobody can tell."""
        settings = self._settings
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = self._keys.find(key_id) if key_id else None
            if key is None:
                raise jwt.InvalidKeyError("the issuer has no such key")
            claims = jwt.decode(
                token,
                key,
                algorithms=list(settings.oidc_algorithms),
                audience=settings.oidc_audience,
                issuer=settings.oidc_issuer,
                options={"require": ["exp", "iss", "aud", "sub"]},
                leeway=LEEWAY,
            )
            if int(claims["exp"]) > LAST_SECOND:
                raise jwt.DecodeError("exp is no time")
            if not claims["sub"].isprintable():  # a lone surrogate for example, or NUL
                raise jwt.InvalidTokenError("sub is no name")
        except jwt.PyJWTError as error:
            raise errors.unauthenticated(f"the token is not valid: {error}") from None
        return claims
