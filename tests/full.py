"""What the tests of all tables share."""

from psycopg.sql import Identifier

from tests.client import Tenant, wait_until
from tests.identity.people_helpers import team
from tests.library.helpers import RESOURCES, resource
from tests.library.run_helpers import executed
from tests.pipelines.helpers import FINDINGS, completion, finished_run
from tests.studio import social
from tests.studio.helpers import criticize, feedback, subscribe, video


def fill(tenant: Tenant, platform_key: str) -> None:
    """Gives the tenant rows in every table."""
    api = tenant.service
    draft = tenant.draft()
    tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", {"final_text": "Sorry!", "mode": "now"})
    [reply] = tenant.claim()
    confirmation = {"lease_id": reply["lease_id"], "external_id": "OUT-1"}
    api.post(f"/v1/scheduled-replies/{reply['id']}/confirm", confirmation)
    received = tenant.receive("T", external_id="M")
    tenant.receive("T", external_id="M", body_text="Another text.")
    file = {"file_name": "a.png", "mime_type": "image/png", "size_bytes": 1, "object_key": "a"}
    headers = {"Idempotency-Key": "one"}
    path = f"/v1/messages/{received['message_id']}/attachments"
    api.post(path, file, headers=headers)
    document = {"source_url": "https://example.com", "indexed_at": "2026-01-01T00:00:00Z"}
    api.put("/v1/source-documents", document)
    tenant.agent.post("/v1/notifications/read-all", {})
    tenant.agent.put("/v1/notification-preferences", {"muted": ["custom"]})
    api.put("/v1/retention-rules", {"subject": "jobs", "days": 30})
    api.post("/v1/erasures", {"email": "nobody@example.com"})
    episode = {"title": "T", "transcript_url": "https://example.com/1", "steps": ["summary"]}
    api.post("/v1/episodes", episode)
    api.put("/v1/job-types/crawl/limits", {"concurrency": 5})
    api.post("/v1/jobs", {"type": "crawl"})
    [job] = api.post("/v1/jobs/claim", {"type": "crawl", "worker": "w"})["items"]
    api.post(f"/v1/jobs/{job['id']}/fail", {"lease_id": job["lease_id"], "error": "e"})
    api.post("/v1/tweets", {"external_id": "1", "author_handle": "a", "full_text": "b"})
    prompt = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    api.post(f"/v1/prompts/{api.post('/v1/prompts', prompt)['id']}/activate", {})
    api.post("/v1/model-runs", {"run_type": "DRAFT_REPLY", "model": "gpt-4o-mini"})
    api.post("/v1/quota/reserve", {"kind": "search", "count": 1})
    run = finished_run(tenant)
    path = f"/v1/pipeline-runs/{run['id']}"
    api.post(f"{path}/report", {"lease_id": run["lease_id"], **FINDINGS})
    api.post(f"{path}/complete", completion(run))
    api.put("/v1/pipeline-webhook", {"secret": "x" * 32})
    ndjson = {"Content-Type": "application/x-ndjson"}
    api.request("POST", "/v1/resources/import", data=b"{}", headers=ndjson, expect=200)
    subscribe(tenant, platform_key)
    posted = video(api)
    criticize(api, feedback(api, posted["concept_id"]), confidence="high")
    snapshot = {"video_id": posted["id"], "snapshot_at": posted["created_at"], "views": 1}
    api.post("/v1/analytics-snapshots/batch", {"snapshots": [snapshot]})
    about = {"category": "tech", "platform": "tiktok"}
    insight = {**about, "pattern": "p", "impact": "neutral", "recommendation": "r"}
    api.post("/v1/insights/batch", {"insights": [insight]})
    at = posted["created_at"]
    metric = {"type": "cost_per_video", "measured_at": at, "source": "s", "cases": 2, "total": 1}
    api.post("/v1/system-metrics/batch", {"metrics": [metric]})
    sound = {"platform": "tiktok", "sound_id": "1", "sound_name": "s", "usage_count": 1}
    api.post(
        "/v1/audio-trends/batch", {"trends": [{**sound, "trend_score": 1, "last_seen_at": at}]}
    )
    other = {**about, "external_id": "1", "creator_username": "c", "views": 1, "likes": 1}
    other |= {"comments": 0, "published_at": at, "scraped_at": at}
    api.post("/v1/competitor-videos/batch", {"videos": [other]})
    social.account(api)
    social.scheduled(tenant)
    [post] = social.claim(api)
    social.fail(api, post)
    team(tenant.agent)
    kept = resource(tenant.agent)
    path = f"{RESOURCES}/{kept['id']}"
    tenant.agent.post(f"{path}/views", expect=200)
    tenant.agent.put(f"{path}/bookmark", None)
    hook = api.post("/v1/webhook-endpoints", {"url": "https://example.com/hook"})
    api.post(f"/v1/webhook-endpoints/{hook['id']}/test")
    executed(tenant.agent, kept["latest_version"]["id"])
    wait_until(lambda: api.get("/v1/usage")["items"])


def name(table: str) -> Identifier:
    return Identifier(*table.split("."))
