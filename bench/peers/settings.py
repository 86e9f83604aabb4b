"""What every Python peer is told: the same as the Node peers, by the same variables."""

import base64
import hmac
import json
import os
from typing import Any

DATABASE_URL = os.environ["BENCH_DATABASE_URL"]
TENANT_ID = os.environ["BENCH_TENANT_ID"]
PORT = int(os.environ["PORT"])
POOL_SIZE = 8  # connections of each of the two processes, as Draftroom's POOL_SIZE

_credential = f"Bearer {os.environ['BENCH_KEY']}".encode()


def is_allowed(authorization: str | None) -> bool:
    """All the authentication that a peer does."""
    return hmac.compare_digest((authorization or "").encode(), _credential)


def encode_cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(key) for key in keys]).encode()).decode()


def decode_cursor(cursor: str | None) -> tuple[str, str]:
    """The keys of the last row before the page; of the first page, what is greater than any."""
    if cursor is None:
        return "infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"
    at, id_ = json.loads(base64.urlsafe_b64decode(cursor))
    return at, id_
