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


def concept_of(api: Client, **fields: Any) -> str:
    """The id of a new concept, predicted to score 80 on TikTok unless told otherwise."""
    made = generation(api, concept(**{"virality": {"tiktok": 80}, **fields}))
    concept_id: str = made["concepts"][0]["id"]
    return concept_id


def requested(api: Client, concept_id: str | None = None, **fields: Any) -> Any:
    """A video that is asked for, of a new concept unless one is named."""
    body = {"platform": "tiktok", "provider": "sora", **fields}
    return api.post(f"/v1/concepts/{concept_id or concept_of(api)}/videos", body, expect=201)


def claimed_job(api: Client) -> Any:
    """The job of a video that was asked for, claimed."""
    [job] = api.post("/v1/jobs/claim", {"type": "generate-video", "worker": "maker"})["items"]
    return job


def video(api: Client, concept_id: str | None = None, **fields: Any) -> Any:
    """A video that was made, of a new concept unless one is named."""
    asked = requested(api, concept_id, **fields)
    job = claimed_job(api)
    assert job["payload"]["video_id"] == asked["id"]
    body = {"lease_id": job["lease_id"], "object_key": "videos/1.mp4", "cost_micros": 2_500_000}
    return api.post(f"/v1/videos/{asked['id']}/complete", body, expect=200)


def feedback(api: Client, concept_id: str, **fields: Any) -> Any:
    """A report of an engagement rate of 2 percent, which is a score of 40, unless told otherwise."""
    body = {"platform": "tiktok", "views": 1000, "likes": 20, "comments": 0, "shares": 0, **fields}
    return api.post(f"/v1/concepts/{concept_id}/performance-feedback", body, expect=201)


def criticize(api: Client, feedback: dict[str, Any], expect: int = 200, **fields: Any) -> Any:
    """The critique of a concept, made of a report, with medium confidence unless told otherwise."""
    body = {
        "feedback_id": feedback["id"],
        "critique": "The hook came too late.",
        "adjustment_plan": "Weigh the first two seconds more.",
        "confidence": "medium",
        **fields,
    }
    return api.put(f"/v1/concepts/{feedback['concept_id']}/critique", body, expect=expect)
