"""Keyset cursors: exact, opaque, and bound to the query and filters that they came from."""

import base64
import hashlib
import json
from typing import Any, Literal

from service import errors
from service.queries import Bound, Query

DEFAULT_LIMIT = 30
MAX_LIMIT = 100


def first_or_after(
    query: Query[Literal["page"]], cursor: str | None, limit: int, filters: dict[str, Any]
) -> Bound[Literal["page"], Any]:
    """The query for the first page, or for the one after `cursor`; `limit` is clamped to 1..100.

    Raises VALIDATION for a cursor that is none, or of another list.
    """
    keys: list[Any]
    if cursor is None:
        keys = [query.parameters[f"after_{key}"].sample_value for key in query.page_keys]
    else:
        keys = decode(cursor, query, filters)
    return query(
        limit=max(1, min(limit, MAX_LIMIT)),
        **{f"after_{name}": value for name, value in zip(query.page_keys, keys, strict=True)},
        **filters,
    )


def encode(query: Query[Literal["page"]], filters: dict[str, Any], keys: list[Any]) -> str:
    """The cursor of the page after the row with these keys."""
    document = json.dumps([_fingerprint(query, filters, keys), *keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def decode(
    cursor: str, query: Query[Literal["page"]], filters: dict[str, Any], *, field: str = "cursor"
) -> list[Any]:
    """The keys of the row after which the cursor goes on; raises VALIDATION, naming the field that it came in."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        fingerprint, *keys = json.loads(text)
        json.dumps(keys, ensure_ascii=False).encode()  # refuses a lone surrogate
    except (ValueError, TypeError, RecursionError):
        raise errors.invalid({field: ["is not a cursor of this service"]}) from None
    if fingerprint != _fingerprint(query, filters, keys):
        raise errors.invalid({field: ["belongs to another list or other filters, or was changed"]})
    if len(keys) != len(query.page_keys) or not all(isinstance(k, str | int) for k in keys):
        raise errors.invalid({field: ["is not a cursor of this service"]})
    return list(keys)


def _fingerprint(query: Query[Literal["page"]], filters: dict[str, Any], keys: list[Any]) -> str:
    told = json.dumps([query.name, filters, keys], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
