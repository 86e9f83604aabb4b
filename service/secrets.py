"""API keys and the secrets that the database keeps: made, hashed, encrypted.

Both uses derive their own key from SECRET_KEY. To rotate it, move it to SECRET_KEY_PREVIOUS: what was hashed or
encrypted under that one still works.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

# dr_<tenant>_<prefix>_<secret>. The tenant is in the key, so that even the look-up of a key runs under
# row-level security.
API_KEY = re.compile(r"dr_(?P<tenant>[0-9a-f]{32})_(?P<prefix>[0-9a-f]{12})_(?P<secret>[\w-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    tenant_id: str
    prefix: str
    secret: str

    @classmethod
    def new(cls, tenant_id: str) -> "ApiKey":
        return cls(str(UUID(tenant_id)), secrets.token_hex(6), secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> "ApiKey | None":
        match = API_KEY.fullmatch(text)
        return match and cls(str(UUID(match["tenant"])), match["prefix"], match["secret"])

    def __str__(self) -> str:
        return f"dr_{UUID(self.tenant_id).hex}_{self.prefix}_{self.secret}"


class Secrets:
    """What SECRET_KEY is used for."""

    def __init__(self, *secret_keys: str) -> None:
        """The present key first, then the previous one, if any."""
        self._pepper = [_derive(key, b"draftroom api keys") for key in secret_keys]
        self._box = MultiFernet(
            [
                Fernet(base64.urlsafe_b64encode(_derive(key, b"draftroom stored secrets")))
                for key in secret_keys
            ]
        )

    def hash(self, key: ApiKey) -> bytes:
        return self._hash(key, self._pepper[0])

    def matches(self, key: ApiKey, stored: bytes) -> bool:
        """Whether `stored` is the key's hash, compared in constant time."""
        return any(hmac.compare_digest(self._hash(key, p), stored) for p in self._pepper)

    def encrypt(self, data: bytes) -> bytes:
        return self._box.encrypt(data)

    def decrypt(self, stored: bytes) -> bytes | None:
        """None when it was encrypted under a key that is neither the present nor the previous one."""
        try:
            return self._box.decrypt(stored)
        except InvalidToken:
            return None

    @staticmethod
    def _hash(key: ApiKey, pepper: bytes) -> bytes:
        return hmac.digest(pepper, str(key).encode(), "sha256")


def signature_matches(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether `signature`, `sha256=<hex>`, is the HMAC-SHA256 of the raw bytes; in constant time."""
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return hmac.digest(secret_key.encode(), purpose, "sha256")
