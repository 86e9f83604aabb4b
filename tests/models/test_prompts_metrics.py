"""The metrics of a prompt: of the drafts that were made with it, by its id, as people decided on them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant
from tests.problems import problem

PROMPT = {"kind": "reply", "system_prompt": "You answer.", "user_template": "{{message}}"}
DRAFT = {"model_key": "m", "suggested_text": "Hello."}


def new_prompt(api: Client, **fields: Any) -> dict[str, Any]:
    prompt: dict[str, Any] = api.post("/v1/prompts", {**PROMPT, **fields})
    return prompt


def draft(tenant: Tenant, prompt: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return tenant.draft(prompt_version_id=prompt["id"], **fields)


def decide(tenant: Tenant, drafted: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    decision: dict[str, Any] = tenant.agent.post(f"/v1/drafts/{drafted['id']}/{action}", body)
    return decision


def recompute(api: Client, prompt: dict[str, Any]) -> dict[str, Any]:
    counted: dict[str, Any] = api.post(f"/v1/prompts/{prompt['id']}/recompute-metrics", expect=200)
    return counted


def metrics(prompt: dict[str, Any]) -> tuple[int, int, int, float, float | None]:
    return (
        prompt["drafts_count"],
        prompt["decided_count"],
        prompt["approvals_count"],
        prompt["approval_rate"],
        prompt["average_edit_distance"],
    )


# The prompt of a draft -------------------------------------------------------------------------------


def test_a_draft_keeps_its_prompt_and_the_label_of_it(tenant: Tenant) -> None:
    prompt = new_prompt(tenant.service, label="friendly")
    conversation = tenant.receive()["conversation_id"]
    path = f"/v1/conversations/{conversation}/drafts"

    drafted = tenant.service.post(path, {**DRAFT, "prompt_version_id": prompt["id"]})

    told = {"prompt_version": "friendly", "prompt_version_id": prompt["id"]}
    for shown in (
        drafted,
        tenant.service.get(f"/v1/drafts/{drafted['id']}"),
        tenant.service.get(path)["items"][0],
        tenant.service.get("/v1/drafts")["items"][0],
        tenant.service.get("/v1/drafts?status=pending")["items"][0],
        tenant.service.get("/v1/drafts/feed")["items"][0]["draft"],
    ):
        assert shown | told == shown

    renamed = tenant.service.post(
        path, {**DRAFT, "prompt_version_id": prompt["id"], "prompt_version": "mine"}
    )
    assert (renamed["prompt_version"], renamed["prompt_version_id"]) == ("mine", prompt["id"])


def test_a_draft_without_a_prompt_of_ours_has_only_what_it_is_called(tenant: Tenant) -> None:
    drafted = tenant.draft(prompt_version="v7")
    assert (drafted["prompt_version"], drafted["prompt_version_id"]) == ("v7", None)


def test_a_draft_names_its_prompt_in_one_way_or_the_other(tenant: Tenant) -> None:
    path = f"/v1/conversations/{tenant.receive()['conversation_id']}/drafts"
    document = problem(tenant.service.request("POST", path, DRAFT), 400, "VALIDATION")
    assert list(document["errors"]) == ["prompt_version"]


@pytest.mark.parametrize("label", [None, "v1"])
def test_a_prompt_that_is_not_the_tenants_is_no_reference(
    tenant: Tenant, new_tenant: Callable[[], Tenant], label: str | None
) -> None:
    theirs = new_prompt(new_tenant().service)
    path = f"/v1/conversations/{tenant.receive()['conversation_id']}/drafts"
    for prompt_id in (theirs["id"], str(uuid4())):
        body = {**DRAFT, "prompt_version_id": prompt_id, "prompt_version": label}
        document = problem(tenant.service.request("POST", path, body), 400, "INVALID_REFERENCE")
        assert list(document["errors"]) == ["prompt_version_id"]
    assert tenant.service.get(path)["items"] == []


# What became of the drafts ---------------------------------------------------------------------------


def test_a_prompt_without_drafts_has_counts_of_zero(tenant: Tenant) -> None:
    counted = recompute(tenant.service, new_prompt(tenant.service))
    assert metrics(counted) == (0, 0, 0, 0, None)
    assert counted["metrics_at"] is not None


def test_only_decided_drafts_are_in_the_rate(tenant: Tenant) -> None:
    prompt = new_prompt(tenant.service)
    draft(tenant, prompt)  # waits
    conversation = tenant.receive()["conversation_id"]
    for _ in range(3):  # two of them are superseded, the third waits
        draft(tenant, prompt, conversation_id=conversation)
    decide(tenant, draft(tenant, prompt), "supersede")
    assert metrics(recompute(tenant.service, prompt)) == (5, 0, 0, 0, None)

    decide(tenant, draft(tenant, prompt), "approve", mode="hold")
    decide(tenant, draft(tenant, prompt), "edit", mode="hold", final_text="Hello!")
    decide(tenant, draft(tenant, prompt), "reject", reason="No.")

    counted = recompute(tenant.service, prompt)
    distance = tenant.service.get("/v1/learning-samples")["items"][0]["edit_distance"]
    assert metrics(counted) == (8, 3, 2, pytest.approx(2 / 3), distance / 2)
    assert distance > 0
    assert tenant.service.get(f"/v1/prompts/{prompt['id']}") == counted


def test_what_was_sent_and_what_was_archived_counts_as_it_was_decided(tenant: Tenant) -> None:
    prompt = new_prompt(tenant.service)
    sent = draft(tenant, prompt)
    decide(tenant, sent, "edit", mode="now", final_text="It is on its way!")
    [reply] = tenant.claim()
    tenant.service.post(
        f"/v1/scheduled-replies/{reply['id']}/confirm",
        {"lease_id": reply["lease_id"], "external_id": "OUT-1"},
    )
    rejected, superseded = draft(tenant, prompt), draft(tenant, prompt)
    decide(tenant, rejected, "reject", reason="No.")
    decide(tenant, superseded, "supersede")

    before = recompute(tenant.service, prompt)
    assert metrics(before) == (3, 2, 1, 0.5, 1)
    assert tenant.service.get(f"/v1/drafts/{sent['id']}")["status"] == "sent"

    for drafted in (sent, rejected, superseded):
        decide(tenant, drafted, "archive")
        assert tenant.service.get(f"/v1/drafts/{drafted['id']}")["status"] == "archived"
    assert metrics(recompute(tenant.service, prompt)) == metrics(before)


def test_drafts_count_by_the_prompts_id_and_not_by_what_it_is_called(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    prompt, other = new_prompt(tenant.service, label="v1"), new_prompt(tenant.service, label="v2")
    theirs = new_tenant()
    decide(theirs, draft(theirs, new_prompt(theirs.service, label="v1")), "approve", mode="hold")
    decide(tenant, tenant.draft(prompt_version="v1"), "approve", mode="hold")
    decide(tenant, draft(tenant, other, prompt_version="v1"), "approve", mode="hold")
    decide(tenant, draft(tenant, prompt, prompt_version="v9"), "reject", reason="No.")

    assert metrics(recompute(tenant.service, prompt)) == (1, 1, 0, 0, None)
    assert metrics(recompute(tenant.service, other)) == (1, 1, 1, 1, 0)


def test_an_unknown_prompt_counts_no_drafts_at_all(tenant: Tenant) -> None:
    tenant.approved()
    prompt = new_prompt(tenant.service)
    path = f"/v1/prompts/{uuid4()}/recompute-metrics"
    problem(tenant.service.request("POST", path), 404, "NOT_FOUND")
    assert tenant.service.get(f"/v1/prompts/{prompt['id']}") == prompt


@pytest.mark.parametrize(
    "changes",
    [
        "decided_count = 2",
        "decided_count = -1, approvals_count = -1",
        "drafts_count = 3, decided_count = 2, approvals_count = 3",
        "approval_rate = 1.5",
        "average_edit_distance = -1",
    ],
)
def test_metrics_that_contradict_each_other_are_refused(
    tenant: Tenant, sql: psycopg.Connection[Any], changes: str
) -> None:
    prompt = new_prompt(tenant.service)
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(f"UPDATE models.prompt_versions SET {changes} WHERE id = %s", [prompt["id"]])


def test_counting_changes_no_etag_and_is_no_event(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    prompt = new_prompt(tenant.service)
    draft(tenant, prompt)

    counted = recompute(tenant.service, prompt)

    assert (counted["drafts_count"], counted["revision"]) == (1, prompt["revision"])
    told = sql.execute(
        "SELECT action FROM operations.events WHERE tenant_id = %s AND entity_id = %s",
        [tenant.id, prompt["id"]],
    ).fetchall()
    assert len(told) == 1
