"""What the tests of the studio share."""

from typing import Any
from uuid import uuid4

from tests.client import Client, Tenant

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


def subscribe(tenant: Tenant, platform_key: str, tier: str = "AGENCY", **fields: Any) -> Any:
    """What the platform tells of a tenant's subscription; the subscription then."""
    body = {
        "event_id": uuid4().hex,
        "occurred_at": "2026-01-01T00:00:00Z",
        "tier": tier,
        "status": "active",
        **fields,
    }
    path = f"/v1/tenants/{tenant.id}/subscription-events"
    return Client(tenant.service.url, platform_key).post(path, body)
