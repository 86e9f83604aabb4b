"""What the tests of pipelines share."""

from typing import Any

from tests.client import Client, Tenant

INPUT = {
    "company_id": "lactalis-canada",
    "company_name": "Lactalis",
    "document_name": "trend-report.pdf",
    "document_url": "https://example.com/trend-report.pdf",
    "document_type": "application/pdf",
    "document_size": 1048576,
}
TEXTS = ("title", "tagline", "problem", "solution", "why_now", "target_segment", "quick_win")
FINDINGS = {
    "inspiration1_title": "Oat milk",
    "inspiration1_content": "Why oats.",
    "inspiration1_elements": ["oats", "barista"],
    "inspiration2_title": "Refill",
    "inspiration2_content": "Why refill.",
    "inspiration2_elements": ["shops"],
}


def run(api: Client, **fields: Any) -> Any:
    """A new run of whom the client acts for."""
    return api.post("/v1/pipeline-runs", {**INPUT, **fields}, expect=201)


def claim(tenant: Tenant, **fields: Any) -> list[Any]:
    """Runs that are due, claimed by a service that acts for nobody."""
    body = {"worker": "pipeline-1", "limit": 100, **fields}
    items: list[Any] = tenant.service.post("/v1/pipeline-runs/claim", body)["items"]
    return items


def cards(word: str = "Oat", **fields: Any) -> list[dict[str, Any]]:
    return [
        {"number": number, **{name: f"{word} {name} {number}" for name in TEXTS}, **fields}
        for number in range(1, 6)
    ]


def completion(claimed: dict[str, Any], word: str = "Oat") -> dict[str, Any]:
    return {
        "lease_id": claimed["lease_id"],
        "markdown_output": f"# {word}",
        "json_output": {"opportunities": 5},
        "cards": cards(word),
    }


def claimed_run(tenant: Tenant, user: str = "agent", **fields: Any) -> Any:
    """A new run of the user, claimed: what the worker got."""
    created = run(tenant.acting(user))
    [claimed] = claim(tenant, **fields)
    assert claimed["id"] == created["id"]
    return claimed


def report_stages(tenant: Tenant, claimed: dict[str, Any], *numbers: int) -> None:
    """Reports stages of a claimed run as completed."""
    for number in numbers:
        stage = {"stage_number": number, "status": "completed", "markdown_output": f"# {number}"}
        body = {"lease_id": claimed["lease_id"], **stage}
        tenant.service.post(f"/v1/pipeline-runs/{claimed['id']}/stages", body, expect=200)


def finished_run(tenant: Tenant, user: str = "agent") -> Any:
    """A new run of the user, claimed, whose stages are completed but for the last: what the worker got."""
    claimed = claimed_run(tenant, user)
    report_stages(tenant, claimed, 1, 2, 3, 4)
    return claimed


def completed_run(tenant: Tenant, user: str = "agent", word: str = "Oat") -> str:
    """A new run of the user that was completed with five cards; its id."""
    claimed = finished_run(tenant, user)
    path = f"/v1/pipeline-runs/{claimed['id']}"
    tenant.service.post(f"{path}/complete", completion(claimed, word), expect=200)
    return str(claimed["id"])


def detail(tenant: Tenant, run_id: str, user: str = "agent") -> Any:
    return tenant.acting(user).get(f"/v1/pipeline-runs/{run_id}")
