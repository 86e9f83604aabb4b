"""Lists: the variant that has the filters asked for; and keyset cursors, exact, opaque, and bound to both."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from service import errors
from service.queries import Bound, Query

List = Query[Literal["page"]]

DEFAULT_LIMIT = 30
MAX_LIMIT = 100

# What the schema of a list has beside its filters.
NO_FILTERS = ("limit", "cursor", "order")


def choose(
    variants: Iterable[List], arguments: Mapping[str, Any], fixed: Mapping[str, Any]
) -> tuple[List, dict[str, Any]]:
    """The first variant of a list that has the filters asked for and the order; with the filters that it takes.

    `arguments` are those of the request, in which None is not asked for; `fixed` is what the list is always
    filtered by. Raises VALIDATION for what no variant has, naming the fields.
    """
    asked = {
        name: value
        for name, value in arguments.items()
        if value is not None and name not in NO_FILTERS
    }
    order = arguments.get("order")
    given = {**fixed, **asked}
    fitting = [v for v in variants if v.required <= given.keys() <= v.filters]
    for variant in fitting:
        if order in (None, variant.order):
            return variant, {name: given.get(name) for name in variant.filters}
    if fitting:
        message = f"must be {fitting[0].order}"
        raise errors.invalid(
            {"order": [f"{message} {_together_with(asked)}" if asked else message]}
        )
    raise errors.invalid(
        {
            name: [f"cannot be used {_together_with(others) if others else 'alone'}"]
            for name in asked
            for others in [asked.keys() - {name}]
        }
    )


def _together_with(names: Iterable[str]) -> str:
    return f"together with {' and '.join(sorted(names))}"


def first_or_after(
    query: List, cursor: str | None, limit: int, filters: Mapping[str, Any]
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


def keys(step: Bound[Literal["page"], Any]) -> list[Any]:
    """After which the page begins."""
    return [step.arguments[f"after_{name}"] for name in step.query.page_keys]


def encode(query: List, filters: Mapping[str, Any], keys: list[Any]) -> str:
    """The cursor of the page after the row with these keys."""
    document = json.dumps([_fingerprint(query, filters, keys), *keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def decode(
    cursor: str, query: List, filters: Mapping[str, Any], *, field: str = "cursor"
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
    if len(keys) != len(query.page_keys) or not all(isinstance(k, str | int | float) for k in keys):
        raise errors.invalid({field: ["is not a cursor of this service"]})
    return list(keys)


def _fingerprint(query: List, filters: Mapping[str, Any], keys: list[Any]) -> str:
    told = json.dumps([query.name, filters, keys], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
