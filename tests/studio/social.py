"""What the tests of social accounts and posts share."""

from itertools import count
from typing import Any
from uuid import uuid4

from tests.client import Client, Tenant
from tests.studio.helpers import concept_of, video

ACCOUNTS, POSTS = "/v1/social-accounts", "/v1/social-posts"
TOKENS = {"access_token": "act.Zx81secret", "refresh_token": "rft.Qy29secret"}
numbers = count()


def account(api: Client, **fields: Any) -> Any:
    """An account on which posts may follow each other at once."""
    body = {
        "platform": "tiktok",
        "username": f"toaster_{next(numbers)}",
        "min_distance_minutes": 0,
        **TOKENS,
        **fields,
    }
    return api.post(ACCOUNTS, body, expect=201)


def videos(tenant: Tenant, number: int, platform: str = "tiktok") -> list[str]:
    """Completed videos of one concept; their ids."""
    concept = concept_of(tenant.service)
    return [video(tenant.service, concept, platform=platform)["id"] for _ in range(number)]


def posts(tenant: Tenant, number: int, **fields: Any) -> list[Any]:
    """Drafts, each of a video of its own."""
    return [
        tenant.service.post(POSTS, {"video_id": id_, **fields}, expect=201)
        for id_ in videos(tenant, number)
    ]


def schedule(api: Client, post: dict[str, Any], expect: int | None = 200, **fields: Any) -> Any:
    body = {"mode": "at" if "schedule_at" in fields else "now", **fields}
    return api.post(f"{POSTS}/{post['id']}/schedule", body, expect=expect)


def scheduled(tenant: Tenant, **fields: Any) -> Any:
    """A new post that is due now."""
    [post] = posts(tenant, 1)
    return schedule(tenant.service, post, **fields)


def claim(api: Client, **fields: Any) -> list[Any]:
    body = {"worker": "poster", "limit": 100, **fields}
    items: list[Any] = api.post(f"{POSTS}/claim", body)["items"]
    return items


def report(api: Client, post: dict[str, Any], what: str, **fields: Any) -> Any:
    expect = fields.pop("expect", None)
    body = {"lease_id": post["lease_id"], **fields}
    return api.post(f"{POSTS}/{post['id']}/{what}", body, expect=expect)


def confirm(api: Client, post: dict[str, Any], **fields: Any) -> Any:
    return report(api, post, "confirm", **{"external_id": uuid4().hex, **fields})


def fail(api: Client, post: dict[str, Any], outcome: str = "not_posted", **fields: Any) -> Any:
    return report(api, post, "fail", **{"outcome": outcome, "error": "503", **fields})


def used(api: Client, account: dict[str, Any]) -> int:
    places: int = api.get(f"{ACCOUNTS}/{account['id']}")["used_today"]
    return places
