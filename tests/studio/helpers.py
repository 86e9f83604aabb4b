"""What the tests of the studio share."""

from typing import Any

from tests.client import Client

CONCEPT = {
    "category": "tech",
    "title": "The toaster that knows you",
    "caption": "It burned my name into the bread.",
    "hashtags": ["#smarthome", "#toast"],
}


def concept(**fields: Any) -> dict[str, Any]:
    return {**CONCEPT, **fields}


def generation(api: Client, *concepts: dict[str, Any], **fields: Any) -> Any:
    """A new generation, of one concept unless some are given."""
    body = {"concepts": list(concepts) or [CONCEPT], **fields}
    return api.post("/v1/generations", body, expect=201)
