"""The example that the OpenAPI document has for each body works when it is sent."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from service.auth import FOR_SERVICES, FOR_THE_PLATFORM
from service.openapi import describe
from service.schemas import AN_ID
from tests.client import Client, Tenant, new_id
from tests.document import application, described_operations
from tests.identity import people_helpers
from tests.library import run_helpers
from tests.library.helpers import resource
from tests.pipelines.helpers import completed_run, detail, finished_run
from tests.studio import social
from tests.studio.helpers import claimed_job as claimed_video_job
from tests.studio.helpers import concept_of, criticize, feedback, generation, requested, video
from tests.tweets.helpers import episode, tweet

# Ids for the path, and for what the example names of its kind; `named` is for the id that stands in it.
Prepared = dict[str, Any]

SECRET = "the-secret-of-the-webhook-of-the-tests"

DOCUMENT = describe(application())
WITH_BODY = {
    operation["operationId"]: (method, path, operation)
    for method, path, operation in described_operations(DOCUMENT)
    if "requestBody" in operation
}


def claimed_reply(tenant: Tenant) -> Prepared:
    tenant.approved()
    [reply] = tenant.claim()
    return {"reply_id": reply["id"], "lease_id": reply["lease_id"]}


def unknown_reply(tenant: Tenant) -> Prepared:
    found = claimed_reply(tenant)
    body = {"lease_id": found["lease_id"], "outcome": "unknown", "error": "timeout"}
    tenant.service.post(f"/v1/scheduled-replies/{found['reply_id']}/fail", body)
    return found


def rejected_draft(tenant: Tenant) -> Prepared:
    draft = tenant.draft()
    tenant.agent.post(f"/v1/drafts/{draft['id']}/reject", {"reason": "No."})
    return {"draft_id": draft["id"]}


def claimed_job(tenant: Tenant) -> Prepared:
    tenant.service.post("/v1/jobs", {"type": "crawl"})
    [job] = tenant.service.post("/v1/jobs/claim", {"type": "crawl", "worker": "w"})["items"]
    return {"job_id": job["id"], "lease_id": job["lease_id"]}


def claimed_pipeline_run(tenant: Tenant) -> Prepared:
    claimed = finished_run(tenant)
    tenant.acting("admin").put("/v1/pipeline-webhook", {"secret": SECRET})
    return {
        "tenant_id": tenant.id,
        "pipeline_run_id": claimed["id"],
        "lease_id": claimed["lease_id"],
    }


def card(tenant: Tenant) -> Prepared:
    run_id = completed_run(tenant, "admin")
    return {"opportunity_card_id": detail(tenant, run_id, "admin")["cards"][0]["id"]}


def classified_tweet(tenant: Tenant) -> Prepared:
    found = tweet(tenant.service)
    body = {"score": 0.9, "status": "relevant"}
    tenant.service.post(f"/v1/tweets/{found['id']}/classify", body)
    return {"tweet_id": found["id"], "external_id": found["external_id"]}


def running_step(tenant: Tenant) -> Prepared:
    found = episode(tenant.service, steps=["chunking"])
    tenant.service.post(f"/v1/episodes/{found['id']}/steps/chunking/start")
    return {"episode_id": found["id"], "name": "chunking"}


def reserved_quota(tenant: Tenant) -> Prepared:
    body = {"kind": "search", "count": 30}
    return {"day": tenant.service.post("/v1/quota/reserve", body)["day"]}


def prompt(tenant: Tenant) -> Prepared:
    body = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    return {"prompt_id": tenant.service.post("/v1/prompts", body)["id"]}


def api_key(tenant: Tenant) -> Prepared:
    body = {"name": "spare", "scopes": ["inbox:read"]}
    return {"api_key_id": tenant.service.post("/v1/api-keys", body)["id"]}


def concept(tenant: Tenant) -> Prepared:
    made = generation(tenant.service)
    return {"generation_id": made["id"], "concept_id": made["concepts"][0]["id"]}


def social_account(tenant: Tenant) -> Prepared:
    return {"account_id": social.account(tenant.service)["id"]}


def social_post(tenant: Tenant) -> Prepared:
    """A draft, and an account for it."""
    social.account(tenant.service)
    [post] = social.posts(tenant, 1)
    return {"post_id": post["id"], "video_id": post["video_id"]}


def claimed_post(tenant: Tenant) -> Prepared:
    social.account(tenant.service)
    social.scheduled(tenant)
    [post] = social.claim(tenant.service)
    return {"post_id": post["id"], "lease_id": post["lease_id"]}


def unknown_post(tenant: Tenant) -> Prepared:
    prepared = claimed_post(tenant)
    post = {"id": prepared["post_id"], "lease_id": prepared["lease_id"]}
    social.fail(tenant.service, post, "unknown")
    return prepared


def claimed_video(tenant: Tenant) -> Prepared:
    asked = requested(tenant.service)
    return {"video_id": asked["id"], "lease_id": claimed_video_job(tenant.service)["lease_id"]}


def concept_with_feedback(tenant: Tenant) -> Prepared:
    told = feedback(tenant.service, concept_of(tenant.service))
    return {"concept_id": told["concept_id"], "feedback_id": told["id"]}


def critique(tenant: Tenant) -> Prepared:
    prepared = concept_with_feedback(tenant)
    told = {"id": prepared["feedback_id"], "concept_id": prepared["concept_id"]}
    return {**prepared, "critique_id": criticize(tenant.service, told)["id"]}


def adjustment(tenant: Tenant) -> Prepared:
    path = f"/v1/critiques/{critique(tenant)['critique_id']}/apply"
    return {"adjustment_id": tenant.service.post(path, {"reason": "I agree."})["id"]}


def insight(tenant: Tenant) -> Prepared:
    body = WITH_BODY["record_insights"][2]["requestBody"]["content"]["application/json"]["example"]
    [recorded] = tenant.service.post("/v1/insights/batch", body)["items"]
    return {"insight_id": recorded["id"]}


def team_with_member(tenant: Tenant) -> Prepared:
    """Of the administrator, and somebody who may be added."""
    member, other = people_helpers.people(tenant, 2)
    found = people_helpers.team_id(tenant.acting("admin"), member)
    return {"team_id": found, "user_id": member, "named": other}


def library_resource(tenant: Tenant) -> Prepared:
    found = resource(tenant.acting("admin"))
    version_id = found["latest_version"]["id"]
    return {"resource_id": found["id"], "version_id": version_id, "named": found["id"]}


def version_to_run(tenant: Tenant) -> Prepared:
    return {"named": library_resource(tenant)["version_id"]}


def scheduled_resource_run(tenant: Tenant) -> Prepared:
    run = run_helpers.run(tenant.acting("admin"), version_to_run(tenant)["named"])
    return {"resource_run_id": run["id"]}


def executed_resource_run(tenant: Tenant) -> Prepared:
    run = run_helpers.executed(tenant.acting("admin"), version_to_run(tenant)["named"])
    return {"resource_run_id": run["id"], "step": 1}


def claimed_resource_run(tenant: Tenant) -> Prepared:
    run_helpers.for_worker(tenant.acting("admin"), version_to_run(tenant)["named"])
    [run] = run_helpers.claim(tenant)
    return {"resource_run_id": run["id"], "lease_id": run["lease_id"]}


def webhook(tenant: Tenant) -> Prepared:
    body = {"url": "https://example.com/hook"}
    return {"endpoint_id": tenant.service.post("/v1/webhook-endpoints", body)["id"]}


def disabled_webhook(tenant: Tenant) -> Prepared:
    prepared = webhook(tenant)
    tenant.service.post(f"/v1/webhook-endpoints/{prepared['endpoint_id']}/disable", expect=200)
    return prepared


def source_document(tenant: Tenant) -> Prepared:
    body = {"source_url": f"https://example.com/{new_id()}", "indexed_at": "2026-01-01T00:00:00Z"}
    return {"source_document_id": tenant.service.put("/v1/source-documents", body)["id"]}


# By the end of an operation's path, or by its whole; `received` does for the others.
PREPARE: dict[str, Callable[[Tenant], Prepared]] = {
    "/v1/social-posts/{post_id}/resolve": unknown_post,
    "/v1/social-posts/{post_id}/schedule": social_post,
    "/v1/social-posts/{post_id}/": claimed_post,
    "/v1/social-posts": social_post,
    "/v1/drafts/{draft_id}/archive": rejected_draft,
    "/v1/drafts/{draft_id}/": lambda tenant: {"draft_id": tenant.draft()["id"]},
    "/v1/scheduled-replies/{reply_id}/resolve": unknown_reply,
    "/v1/scheduled-replies/{reply_id}/schedule": lambda tenant: {
        "reply_id": tenant.approved()["scheduled_reply"]["id"]
    },
    "/v1/scheduled-replies/{reply_id}/": claimed_reply,
    "/v1/jobs/{job_id}/": claimed_job,
    "/v1/job-types/": lambda _: {"job_type": "crawl"},
    "/v1/pipeline-runs/{pipeline_run_id}/": claimed_pipeline_run,
    "/hooks/": claimed_pipeline_run,
    "/v1/opportunity-cards/": card,
    "/v1/tweets/{tweet_id}/classify": lambda tenant: {"tweet_id": tweet(tenant.service)["id"]},
    "/v1/tweets/": classified_tweet,
    "/v1/episodes/{episode_id}": running_step,
    "/v1/quota/release": reserved_quota,
    "/v1/prompts/{prompt_id}/": prompt,
    "/v1/api-keys/{api_key_id}/": api_key,
    "/v1/concepts/{concept_id}/": concept_with_feedback,
    "/v1/performance-feedback/": concept_with_feedback,
    "/v1/videos/{video_id}/complete": claimed_video,
    "/v1/videos/": lambda tenant: {"video_id": video(tenant.service)["id"]},
    "/v1/critiques/": critique,
    "/v1/scoring-adjustments/{adjustment_id}/": adjustment,
    "/v1/insights/{insight_id}": insight,
    "/v1/source-documents/{source_document_id}/": source_document,
    "/v1/users/{user_id}": lambda tenant: {"user_id": tenant.users["viewer"]},
    "/v1/generations/{generation_id}/": concept,
    "/v1/concepts/": concept,
    "/v1/tenants/{tenant_id}/": lambda tenant: {"tenant_id": tenant.id},
    "/v1/social-accounts/{account_id}": social_account,
    "/v1/teams/": team_with_member,
    "/v1/resource-versions/": library_resource,
    "/v1/resource-runs/{resource_run_id}/execute": scheduled_resource_run,
    "/v1/resource-runs/{resource_run_id}/steps/": executed_resource_run,
    "/v1/resource-runs/{resource_run_id}/": claimed_resource_run,
    "/v1/resource-runs/{resource_run_id}": scheduled_resource_run,
    "/v1/resource-runs": version_to_run,
    "/v1/resources/": library_resource,
    "/v1/webhook-endpoints/{endpoint_id}/enable": disabled_webhook,
    "/v1/webhook-endpoints/": webhook,
    "/internal/": lambda tenant: {"conversation_external_id": "TICKET-7"},
    "/": lambda tenant: tenant.receive(),
}


@pytest.mark.parametrize("operation_id", WITH_BODY)
def test_an_example_works_when_it_is_sent(
    tenant: Tenant, platform_key: str, operation_id: str
) -> None:
    method, path, operation = WITH_BODY[operation_id]
    [(content_type, content)] = operation["requestBody"]["content"].items()
    prepare = next(prepare for start, prepare in PREPARE.items() if path.startswith(start))
    prepared = prepare(tenant)
    body = json.loads(json.dumps(content["example"]).replace(AN_ID, prepared.get("named", AN_ID)))
    names = ("lease_id", "day", "video_id", "feedback_id")
    body |= {name: prepared[name] for name in names if name in body}
    scope = operation["description"].partition("Scope `")[2].partition("`")[0]
    client = tenant.service if scope in FOR_SERVICES else tenant.acting("admin")
    if scope in FOR_THE_PLATFORM:
        client = Client(client.url, platform_key)
    headers = {"Content-Type": content_type}
    if path.startswith("/hooks/"):
        headers["X-Webhook-Secret"] = SECRET
    path = path.format(**{"language": "en", **prepared})
    client.request(method.upper(), path, data=json.dumps(body), headers=headers).raise_for_status()
