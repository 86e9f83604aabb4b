"""Tenants: made by the platform only; what is of one is not there for another."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from service.auth import FOR_THE_PLATFORM, SCOPES
from tests.client import Client, Tenant, at_once, openapi
from tests.identity.people_helpers import team
from tests.library.helpers import resource
from tests.library.run_helpers import executed
from tests.pipelines.helpers import FINDINGS, completed_run, completion, detail
from tests.studio import social
from tests.studio.helpers import criticize, feedback, generation, video
from tests.tweets.helpers import episode, tweet

ADMIN = {"email": "owner@b.example", "display_name": "Owner"}
UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"


def test_a_tenant_comes_with_an_administrator_and_a_key(api: Client, platform_key: str) -> None:
    platform = Client(api.url, platform_key)
    body = {"name": "Hot Rod AN", "admin": {**ADMIN, "auth_provider": "i", "auth_subject": "s"}}
    created = platform.post("/v1/tenants", body, expect=201)
    assert (created["decision_role"], created["self_approval"]) == ("agent", True)

    first = Client(api.url, created["key"])
    assert first.get("/v1/tenant").items() <= created.items()
    [admin] = first.all("/v1/users")
    expected = {**body["admin"], "id": created["admin_id"], "role": "admin"}
    assert expected.items() <= admin.items()
    [key] = first.all("/v1/api-keys")
    assert set(key["scopes"]) == SCOPES.keys() - FOR_THE_PLATFORM
    first.post("/v1/tenants", {"name": "B", "admin": ADMIN}, expect=403)


def test_two_tenants_may_have_one_name(api: Client, platform_key: str) -> None:
    platform = Client(api.url, platform_key)
    body = {"name": "A", "admin": ADMIN}
    assert len({platform.post("/v1/tenants", body)["id"] for _ in range(2)}) == 2


def test_an_organization_gets_one_tenant_whoever_asks_first(
    api: Client, platform_key: str, owner: psycopg.Connection[Any]
) -> None:
    platform = Client(api.url, platform_key)
    organization = uuid4().hex

    def sign_in(n: int) -> requests.Response:
        admin = {"email": f"user-{n}@b.example", "display_name": f"User {n}"}
        body = {"name": f"B {n}", "admin": admin, "external_id": organization}
        return platform.request("POST", "/v1/tenants", body)

    answers = at_once(10, sign_in)
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    [made] = [answer.json() for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer.status_code == 200:
            assert answer.json() == {**made, "key": None}
    first = Client(api.url, made["key"])
    assert [user["id"] for user in first.all("/v1/users")] == [made["admin_id"]]
    assert len(first.all("/v1/api-keys")) == 1
    # Once it is erased, it begins anew.
    owner.execute("DELETE FROM identity.tenants WHERE id = %s", [made["id"]])
    assert sign_in(11).status_code == 201
    other = {"name": "C", "admin": ADMIN, "external_id": f"{organization} "}
    assert platform.post("/v1/tenants", other, expect=201)["id"] != made["id"]


def test_only_the_platform_creates_tenants(tenant: Tenant) -> None:
    for api in (tenant.service, tenant.acting("admin")):
        refused = api.post("/v1/tenants", {"name": "A", "admin": ADMIN}, expect=403)
        assert "tenants:create" in refused["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"admin": ADMIN}, "name"),
        ({"name": " ", "admin": ADMIN}, "name"),
        ({"name": "A"}, "admin"),
        ({"name": "A", "admin": {**ADMIN, "email": "nobody"}}, "admin"),
        ({"name": "A", "admin": {**ADMIN, "role": "viewer"}}, "admin"),
        ({"name": "A", "admin": {**ADMIN, "auth_subject": "s"}}, "admin"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    api: Client, platform_key: str, body: Any, field: str
) -> None:
    refused = Client(api.url, platform_key).post("/v1/tenants", body, expect=400)
    assert list(refused["errors"]) == [field]


def test_the_rules_of_a_tenant_are_changed(tenant: Tenant) -> None:
    before = tenant.service.get("/v1/tenant")
    changes = {"name": "B", "decision_role": "approver", "self_approval": False}
    changed = tenant.service.patch("/v1/tenant", changes)
    assert changes.items() <= changed.items()
    assert changed["revision"] == before["revision"] + 1
    assert tenant.service.get("/v1/tenant") == changed
    assert (
        tenant.service.patch("/v1/tenant", {"self_approval": True})["decision_role"] == "approver"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("decision_role", "viewer"),
        ("self_approval", "yes"),
        ("toxicity_threshold", 1.1),
        ("name", ""),
        ("id", UNKNOWN_ID),
    ],
)
def test_a_wrong_rule_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    refused = tenant.service.patch("/v1/tenant", {field: value}, expect=400)
    assert list(refused["errors"]) == [field]


def test_only_administrators_change_the_rules(tenant: Tenant) -> None:
    for role in ("viewer", "agent", "approver"):
        tenant.acting(role).get("/v1/tenant")
        tenant.acting(role).patch("/v1/tenant", {"self_approval": False}, expect=403)
    tenant.acting("admin").patch("/v1/tenant", {"self_approval": False})


# Another tenant's things --------------------------------------------------------------------------------


def things(tenant: Tenant) -> dict[str, str]:
    """One of each kind, by the name of its path parameter."""
    api = tenant.service
    received = tenant.receive()
    draft = tenant.draft(received["conversation_id"])
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "hold"})
    key = api.post("/v1/api-keys", {"name": "a", "scopes": ["identity:read"]})
    [reply] = api.get("/v1/scheduled-replies")["items"]
    prompt = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    prompt_id = api.post("/v1/prompts", prompt)["id"]
    api.post(f"/v1/prompts/{prompt_id}/activate", {})
    run = {"run_type": "DRAFT_REPLY", "model": "m", "prompt_version_id": prompt_id}
    pipeline_run_id = completed_run(tenant, "admin")
    made = generation(api)
    posted = video(api)
    told = feedback(api, posted["concept_id"])
    critique = criticize(api, told, confidence="high")
    api.put("/v1/pipeline-webhook", {"secret": "x" * 32})
    formed = team(tenant.acting("admin"), tenant.users["agent2"])
    kept = resource(tenant.acting("admin"))
    lines = tenant.acting("admin").request(
        "POST",
        "/v1/resources/import",
        data=b"",
        headers={"Content-Type": "application/x-ndjson"},
        expect=200,
    )
    hook = api.post("/v1/webhook-endpoints", {"url": "https://example.com/hook"})
    return {
        "endpoint_id": hook["id"],
        "delivery_id": api.post(f"/v1/webhook-endpoints/{hook['id']}/test")["id"],
        "resource_id": kept["id"],
        "version_id": kept["latest_version"]["id"],
        "resource_run_id": executed(tenant.acting("admin"), kept["latest_version"]["id"])["id"],
        "import_id": json.loads(lines.text.splitlines()[-1])["id"],
        "pipeline_run_id": pipeline_run_id,
        "opportunity_card_id": detail(tenant, pipeline_run_id, "admin")["cards"][0]["id"],
        "user_id": tenant.users["agent2"],
        "api_key_id": key["id"],
        "channel_id": received["channel_id"],
        "conversation_id": received["conversation_id"],
        "message_id": received["message_id"],
        "draft_id": draft["id"],
        "reply_id": reply["id"],
        "job_id": received["job_id"],
        "notification_id": api.get("/v1/notifications")["items"][0]["id"],
        "source_document_id": api.put("/v1/source-documents", DOCUMENT)["id"],
        "prompt_id": prompt_id,
        "run_id": api.post("/v1/model-runs", run)["id"],
        "tweet_id": tweet(api)["id"],
        "episode_id": episode(api)["id"],
        "generation_id": made["id"],
        "concept_id": posted["concept_id"],
        "video_id": posted["id"],
        "account_id": social.account(api)["id"],
        "post_id": social.posts(tenant, 1)[0]["id"],
        "feedback_id": told["id"],
        "critique_id": critique["id"],
        "adjustment_id": api.get("/v1/scoring-adjustments")["items"][0]["id"],
        "insight_id": api.post("/v1/insights/batch", {"insights": [INSIGHT]})["items"][0]["id"],
        "team_id": formed["team"]["id"],
        "erasure_id": api.post("/v1/erasures", {"email": "kim@example.com"})["id"],
        "chat_id": formed["chat"]["id"],
    }


INSIGHT = {
    "category": "tech",
    "platform": "tiktok",
    "pattern": "p",
    "impact": "neutral",
    "recommendation": "r",
}
DOCUMENT = {"source_url": "https://example.com/1", "indexed_at": "2026-01-01T00:00:00Z"}
TWEET = {"external_id": "9", "author_handle": "a", "full_text": "b"}
COUNTS = {"views": 100, "likes": 1, "comments": 1, "shares": 1}
LEASE = {"lease_id": str(uuid4())}
ATTACHMENT = {"file_name": "a", "mime_type": "a/b", "size_bytes": 1, "object_key": "k"}
# A body that each operation takes: without it the request would fail before the thing is looked for.
BODIES: dict[str, Any] = {
    "update_user": {"display_name": "stolen"},
    "rotate_api_key": {},
    "update_channel": {"name": "stolen"},
    "update_conversation": {"subject": "stolen"},
    "create_draft": {"model_key": "m", "prompt_version": "v", "suggested_text": "stolen"},
    "create_tweet_draft": {"model_key": "m", "prompt_version": "v", "suggested_text": "stolen"},
    "attach_to_message": ATTACHMENT,
    "attach_to_draft": ATTACHMENT,
    "approve_draft": {"mode": "now"},
    "edit_draft": {"mode": "now", "final_text": "stolen"},
    "reject_draft": {"reason": "stolen"},
    "supersede_draft": {},
    "archive_draft": {},
    "schedule_reply": {"mode": "now"},
    "extend_reply_lease": LEASE,
    "confirm_reply": {**LEASE, "external_id": "1"},
    "fail_reply": {**LEASE, "outcome": "not_sent", "error": "e"},
    "resolve_reply": {"outcome": "not_sent"},
    "extend_job_lease": LEASE,
    "complete_job": LEASE,
    "fail_job": {**LEASE, "error": "e"},
    "refresh_source_document": {"indexed_at": "2026-01-02T00:00:00Z"},
    "activate_prompt": {},
    "roll_back_prompt": {"reason": "stolen"},
    "classify_tweet": {"status": "relevant", "score": 0.5},
    "update_tweet": {"episode_id": None},
    "update_episode_summary": {"summary_text": "stolen"},
    "add_episode_steps": {"names": ["chunking"]},
    "finish_episode_step": {"ok": True},
    "extend_pipeline_run_lease": LEASE,
    "report_pipeline_stage": {**LEASE, "stage_number": 1, "status": "running"},
    "report_pipeline_inspirations": {**LEASE, **FINDINGS},
    "complete_pipeline_run": completion(LEASE),
    "fail_pipeline_run": {**LEASE, "error_message": "e"},
    "star_opportunity_card": {"starred": True},
    "mark_generation": {"favorite": True},
    "update_concept": {"title": "stolen"},
    "request_video": {"platform": "youtube-shorts", "provider": "sora"},
    "update_video": {"cdn_url": "https://stolen.example.com"},
    "complete_video": {**LEASE, "object_key": "stolen"},
    "record_feedback": {"platform": "tiktok", **COUNTS},
    "correct_feedback": {"views": 5000},
    "put_critique": {"critique": "stolen", "adjustment_plan": "stolen", "confidence": "low"},
    "apply_critique": {"reason": "stolen"},
    "revert_adjustment": {"reason": "stolen"},
    "update_insight": {"applied_to_scoring": True},
    "update_social_account": {"daily_limit": 5},
    "replace_social_tokens": {"access_token": "stolen"},
    "update_social_post": {"caption": "stolen"},
    "schedule_social_post": {"mode": "now"},
    "extend_social_post_lease": LEASE,
    "confirm_social_post": {**LEASE, "external_id": "1"},
    "fail_social_post": {**LEASE, "outcome": "not_posted", "error": "e"},
    "resolve_social_post": {"outcome": "not_posted"},
    "update_resource": {"is_private": False},
    "create_resource_version": {},
    "update_resource_version": {"version_label": "2.0.0"},
    "put_resource_translation": {"name": "stolen"},
    "update_resource_run": {"name": "stolen"},
    "execute_resource_run": {"steps": [{"name": "stolen"}]},
    "complete_resource_run_step": {},
    "put_resource_run_outputs": {"outputs": [{"key": "k", "value": 1}]},
    "extend_resource_run_lease": LEASE,
    "complete_resource_run": LEASE,
    "fail_resource_run": {**LEASE, "error": "e"},
    "update_team": {"name": "stolen"},
    "update_member": {"permissions": []},
    "update_webhook_endpoint": {"description": "stolen"},
    "rotate_webhook_secret": {},
    "enable_webhook_endpoint": {},
    "replay_webhook_events": {"since": "2026-01-01T00:00:00Z"},
}
# No user, not even an administrator, may do these.
BY_SERVICES = {
    "extend_pipeline_run_lease",
    "report_pipeline_stage",
    "report_pipeline_inspirations",
    "complete_pipeline_run",
    "fail_pipeline_run",
    "extend_social_post_lease",
    "confirm_social_post",
    "fail_social_post",
    "replace_social_tokens",
    "extend_resource_run_lease",
    "complete_resource_run",
    "fail_resource_run",
}
# Of an operation on something within another, and of a list that must be told what of.
STEP = {"name": "chunking", "step": "1", "language": "en"}
ASKED = {"kind": "reply", "q": "episode"}
# What is listed within something else only, or not at all.
WITHIN = {"version_id", "chat_id", "import_id", "delivery_id"}
# What a list asks for though none of it is required by itself.
ASKED_OF = {"/v1/resources": {"resource_type": "Routine"}}


def operations_on_things(url: str) -> list[tuple[str, str, str]]:
    """Method, path template and id of each operation on something that has an id of ours."""
    found = []
    for template, operations in openapi(url)["paths"].items():
        # A path that names the tenant, of a webhook or for the platform: who may go there, its own tests tell.
        if template.startswith(("/hooks/", "/v1/tenants/")):
            continue
        if "_id}" in template and "external_id}" not in template:
            found += [(m.upper(), template, o["operationId"]) for m, o in operations.items()]
    # A DELETE leaves nothing of what it is about, nor of what is within that.
    return sorted(found, key=lambda o: len(o[1]) if o[0] != "DELETE" else 1000 - len(o[1]))


def body_of(name: str, ids: dict[str, str]) -> Any:
    if name == "add_members":
        return {"user_ids": [ids["user_id"]]}
    body = BODIES.get(name)
    return {**body, "feedback_id": ids["feedback_id"]} if name == "put_critique" else body


def test_another_tenants_things_are_not_there(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    other = new_tenant()
    mine, theirs = things(tenant), things(other)
    admin = tenant.acting("admin")
    unknown = dict.fromkeys(mine, UNKNOWN_ID)
    operations = operations_on_things(admin.url)
    assert len(operations) > 30
    before = other.service.all("/v1/jobs"), other.service.get("/v1/scheduled-replies")
    for method, template, name in operations:
        caller = tenant.service if name in BY_SERVICES else admin
        answers = [
            caller.request(
                method, template.format(**ids, **STEP), body_of(name, ids), expect=404
            ).json()
            for ids in (theirs, unknown)
        ]
        for answer in answers:
            answer.pop("request_id")
        assert answers[0] == answers[1], f"{name} tells what is there from what is not"
        assert answers[0]["code"] == "NOT_FOUND"
    assert (other.service.all("/v1/jobs"), other.service.get("/v1/scheduled-replies")) == before
    # The same requests find one's own things: it was not the request that was wrong.
    for method, template, name in operations:
        caller = tenant.service if name in BY_SERVICES else admin
        answer = caller.request(method, template.format(**mine, **STEP), body_of(name, mine))
        assert answer.status_code in (200, 201, 409), f"{name}: {answer.text}"


def test_another_tenants_things_cannot_be_referred_to(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    mine, theirs = things(tenant), things(new_tenant())
    pending = tenant.draft(mine["conversation_id"])["id"]
    message = {"conversation_external_id": "1", "body_text": "A"}
    draft = BODIES["create_draft"]
    run = {"run_type": "DRAFT_REPLY", "model": "m"}
    for path, body, field in (
        (
            f"/v1/conversations/{mine['conversation_id']}/drafts",
            {**draft, "trigger_message_id": theirs["message_id"]},
            "trigger_message_id",
        ),
        (
            f"/v1/drafts/{pending}/supersede",
            {"superseded_by_id": theirs["draft_id"]},
            "superseded_by_id",
        ),
        ("/v1/intake/messages", {**message, "channel_id": theirs["channel_id"]}, "channel_id"),
        (
            f"/v1/conversations/{mine['conversation_id']}/drafts",
            {**draft, "prompt_version_id": theirs["prompt_id"]},
            "prompt_version_id",
        ),
        (
            "/v1/model-runs",
            {**run, "prompt_version_id": theirs["prompt_id"]},
            "prompt_version_id",
        ),
        ("/v1/tweets", {**TWEET, "episode_id": theirs["episode_id"]}, "episode_id"),
    ):
        refused = tenant.acting("admin").post(path, body, expect=400)
        assert (refused["code"], list(refused["errors"])) == ("INVALID_REFERENCE", [field])


def test_lists_have_only_ones_own_things(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    mine, theirs = (
        {id_ for name, id_ in things(owner).items() if name not in WITHIN}
        for owner in (tenant, new_tenant())
    )
    document = openapi(tenant.service.url)
    lists = [
        path
        for path, operations in document["paths"].items()
        if "{" not in path and path.startswith("/v1/") and "get" in operations
    ]
    assert len(lists) > 10
    seen: set[str] = set()
    for path in lists:
        if path.endswith(("/export", "/stream", "/prometheus")):
            continue
        needed = {
            parameter["name"]: ASKED[parameter["name"]]
            for parameter in document["paths"][path]["get"]["parameters"]
            if parameter.get("required")
        }
        found = tenant.acting("admin").get(path, params=needed | ASKED_OF.get(path, {}))
        seen |= {item.get("id") for item in found.get("items", [])}
    assert not seen & theirs
    assert mine <= seen | {tenant.service.get("/v1/tenant")["id"]} | messages(tenant)


def messages(tenant: Tenant) -> set[str]:
    """The ids of all messages: they are listed by conversation only."""
    return {
        message["id"]
        for conversation in tenant.service.all("/v1/conversations")
        for message in tenant.service.all(f"/v1/conversations/{conversation['id']}/messages")
    }
