"""The main job, end to end: from an inbound message to a learned correction."""

from tests.client import Tenant


def test_from_message_to_learned_correction(tenant: Tenant) -> None:
    api, agent = tenant.service, tenant.agent
    received = tenant.receive(body_text="When will order 1042 ship?", subject="Order 1042")
    assert received["created"]

    [job] = api.post("/v1/jobs/claim", {"type": "draft", "worker": "drafter"})["items"]
    assert job["id"] == received["job_id"]
    assert job["payload"]["message_id"] == received["message_id"]
    draft = api.post(
        f"/v1/conversations/{received['conversation_id']}/drafts",
        {
            "trigger_message_id": received["message_id"],
            "model_key": "gpt-4o-mini",
            "prompt_version": "v1",
            "suggested_text": "It ships on Tuesday.",
            "top_sources": [{"url": "https://example.com/shipping", "score": 0.8}],
            "tokens_in": 1200,
            "tokens_out": 110,
            "cost_micros": 5500,
            "latency_ms": 1420,
            "job_id": job["id"],
            "lease_id": job["lease_id"],
        },
        expect=201,
    )
    assert (draft["version"], draft["status"]) == (1, "pending")
    assert api.get(f"/v1/jobs/{job['id']}")["status"] == "succeeded"
    [ready] = agent.get("/v1/notifications", params={"unread": "true"})["items"]
    assert (ready["type"], ready["payload"]["draft_id"]) == ("draft_ready", draft["id"])

    [waiting] = agent.get("/v1/drafts/feed")["items"]
    assert waiting["message"]["body_text"] == "When will order 1042 ship?"
    assert waiting["draft"]["id"] == draft["id"]

    decision = agent.post(
        f"/v1/drafts/{draft['id']}/edit",
        {"final_text": "It ships on Wednesday. Sorry for the wait!", "mode": "now"},
        headers={"If-Match": f'"{draft["revision"]}"'},
    )
    assert decision["status"] == "approved"

    [reply] = tenant.claim()
    assert reply["final_text"] == "It ships on Wednesday. Sorry for the wait!"
    assert reply["channel_external_id"] == "mailbox"
    lease = {"lease_id": reply["lease_id"]}
    api.post(f"/v1/scheduled-replies/{reply['id']}/heartbeat", lease)
    assert api.get(f"/v1/drafts/{draft['id']}")["status"] == "approved"
    sent = api.post(
        f"/v1/scheduled-replies/{reply['id']}/confirm", {**lease, "external_id": "OUT-1"}
    )
    assert sent["status"] == "sent"
    assert api.get(f"/v1/drafts/{draft['id']}")["status"] == "sent"
    assert api.get(f"/v1/messages/{sent['message_id']}")["direction"] == "outbound"

    [sample] = api.get("/v1/learning-samples")["items"]
    assert sample["id"] == decision["learning_sample_id"]
    assert sample["suggested_text"] == "It ships on Tuesday."

    timeline = api.get(f"/v1/conversations/{received['conversation_id']}/timeline")["items"]
    assert [item["kind"] for item in timeline] == [
        "message",
        "draft",
        "action",
        "delivery",
        "message",
    ]
