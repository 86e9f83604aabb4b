"""API keys and the secrets that the database keeps: made, hashed, encrypted; fingerprints of what it does not keep.

Each use derives its own key from SECRET_KEY. To rotate it, move it to SECRET_KEY_PREVIOUS: what was hashed or
encrypted under that one still works. `flask secrets rotate` encrypts anew what the database keeps.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# dr_<tenant>_<prefix>_<secret>. The tenant is in the key, so that even the look-up of a key runs under
# row-level security.
API_KEY = re.compile(r"dr_(?P<tenant>[0-9a-f]{32})_(?P<prefix>[0-9a-f]{12})_(?P<secret>[\w-]{43})")

KEY_ID, NONCE, TAG = 8, 12, 16  # bytes


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


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a secret is stored. Copied to another row, column or tenant, it cannot be read."""

    tenant_id: str
    column: str  # with its schema and table
    row: str  # its id, or what else the table knows it by

    def __bytes__(self) -> bytes:
        # Neither of the first two has a line break in it, so no two cells have the same bytes.
        return "\n".join((self.tenant_id, self.column, self.row)).encode()


class Secrets:
    """What SECRET_KEY is used for.

    A stored secret is the id of its key, a nonce, and what AES-GCM made of it with its cell as associated data.
    """

    def __init__(self, *secret_keys: str) -> None:
        """The present key first, then the previous one, if any."""
        self._prints = _derive(secret_keys[0], b"draftroom fingerprints")
        self._pepper = [_derive(key, b"draftroom api keys") for key in secret_keys]
        derived = [_derive(key, b"draftroom stored secrets, AES-256-GCM") for key in secret_keys]
        self._keys = {hashlib.sha256(key).digest()[:KEY_ID]: key for key in derived}
        self.key_id = next(iter(self._keys))  # of what is encrypted from now on

    def hash(self, key: ApiKey) -> bytes:
        return self._hash(key, self._pepper[0])

    def matches(self, key: ApiKey, stored: bytes) -> bool:
        """Whether `stored` is the key's hash, compared in constant time."""
        return any(hmac.compare_digest(self._hash(key, p), stored) for p in self._pepper)

    def fingerprint(self, text: str, tenant_id: str) -> str:
        """By which a text of a tenant that is not kept is known again, as long as SECRET_KEY is the same."""
        return hmac.digest(self._prints, f"{tenant_id}\n{text}".encode(), "sha256").hex()

    def encrypt(self, data: bytes, cell: Cell) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        sealed = _cipher(self._keys[self.key_id], cell).encrypt(nonce, data, bytes(cell))
        return self.key_id + nonce + sealed

    def decrypt(self, stored: bytes, cell: Cell) -> bytes | None:
        """None when it is of another cell, or under a key that is neither the present nor the previous one."""
        key = self._keys.get(stored[:KEY_ID])
        nonce, sealed = stored[KEY_ID : KEY_ID + NONCE], stored[KEY_ID + NONCE :]
        if key is None or len(sealed) < TAG:
            return None
        try:
            return _cipher(key, cell).decrypt(nonce, sealed, bytes(cell))
        except InvalidTag:
            return None

    @staticmethod
    def _hash(key: ApiKey, pepper: bytes) -> bytes:
        return hmac.digest(pepper, str(key).encode(), "sha256")


def signature_matches(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether `signature`, `sha256=<hex>`, is the HMAC-SHA256 of the raw bytes; in constant time."""
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def _cipher(key: bytes, cell: Cell) -> AESGCM:
    # A key of its own for each cell: under one for all, some of the nonces, which are random, would meet after some
    # billions of stored answers.
    return AESGCM(hmac.digest(key, bytes(cell), "sha256"))


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return hmac.digest(secret_key.encode(), purpose, "sha256")
