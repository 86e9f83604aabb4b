"""Webhooks as a receiver sees them: what comes, in which order, how often, and when nothing comes any more."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.client import Client, Tenant, wait_until
from tests.webhooks.receiver import Receiver, sender
from tests.writer import Writer

Sql = psycopg.Connection[Any]

ENDPOINTS = "/v1/webhook-endpoints"


@pytest.fixture(scope="module", autouse=True)
def sending(environ: dict[str, str]) -> Iterator[None]:
    """The process that sends."""
    process = sender(environ)
    yield
    process.terminate()
    assert process.wait(30) == 0


@pytest.fixture
def path() -> str:
    """Of the receiver, for one endpoint of one test."""
    return f"/{uuid4()}"


def endpoint(api: Client, receiver: Receiver, path: str, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post(ENDPOINTS, {"url": receiver.url(path), **body})
    return made


def channel(api: Client, name: str = "A") -> str:
    """A row, whose insert is one event."""
    body = {"type": "email", "external_id": str(uuid4()), "name": name}
    return str(api.post("/v1/channels", body)["id"])


def rename(api: Client, channel_id: str, name: str) -> None:
    api.patch(f"/v1/channels/{channel_id}", {"name": name})


def deliveries(api: Client, of: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.all(f"{ENDPOINTS}/{of['id']}/deliveries", **params)
    return found


CHANNELS: dict[str, Any] = {"entities": ["inbox.channels"]}


# What comes ---------------------------------------------------------------------------------------------


def test_an_event_comes_signed_and_as_the_feed_shows_it(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    made = endpoint(api, receiver, path, **CHANNELS)
    channel_id = channel(api)
    wait_until(lambda: receiver.at(path))
    [came] = receiver.at(path)
    document = Webhook(made["secret"]).verify(came.body, came.headers)
    [event] = [e for e in api.all("/v1/events") if e["entity_id"] == channel_id]
    more = {"type": "change", "tweet_id": None, "new_status": None, "draft_id": None}
    assert document == {
        "type": "change",
        "timestamp": event["occurred_at"],
        "data": {**event, **more},
    }
    assert came.id == event["id"]
    assert came.headers["content-type"] == "application/json"
    wait_until(lambda: deliveries(api, made, status="delivered"))
    [delivery] = deliveries(api, made)
    assert delivery["event_id"] == event["id"]
    assert (delivery["attempts"], delivery["response_status"]) == (1, 204)
    assert delivery["duration_ms"] < 5000
    assert delivery["error"] is None
    assert api.get(f"/v1/webhook-deliveries/{delivery['id']}") == delivery
    assert "secret" not in api.get(f"{ENDPOINTS}/{made['id']}")


def test_only_what_is_wanted_comes(tenant: Tenant, receiver: Receiver, path: str) -> None:
    api = tenant.service
    endpoint(api, receiver, path, types=["draft_ready", "tweet_status"])
    channel(api)
    draft = tenant.draft()
    wait_until(lambda: receiver.at(path))
    tweet = api.post("/v1/tweets", {"external_id": "1", "author_handle": "a", "full_text": "b"})
    api.post(f"/v1/tweets/{tweet['id']}/classify", {"score": 0.9, "status": "relevant"})
    wait_until(lambda: len(receiver.at(path)) > 1)
    first, second = [came.data for came in receiver.at(path)]
    assert (first["type"], first["draft_id"]) == ("draft_ready", draft["id"])
    assert (second["type"], second["tweet_id"]) == ("tweet_status", tweet["id"])
    assert second["new_status"] == "relevant"


def test_what_is_not_committed_does_not_come(
    tenant: Tenant, receiver: Receiver, path: str, environ: dict[str, str]
) -> None:
    api = tenant.service
    endpoint(api, receiver, path, **CHANNELS)
    insert = "INSERT INTO inbox.channels (tenant_id, type, external_id, name) VALUES (%s, 'email', %s, %s)"
    with Writer.connect(environ["DATABASE_URL"]) as writer:
        writer.set("app.tenant_id", tenant.id)
        writer.execute(insert, [tenant.id, "1", "open"])
        later = channel(api)
        time.sleep(1.5)  # longer than from one look to the next
        assert receiver.at(path) == []
        writer.commit()
        writer.execute(insert, [tenant.id, "2", "never"])
        writer.rollback()
    wait_until(lambda: len(receiver.at(path)) == 2)
    assert later in {came.data["entity_id"] for came in receiver.at(path)}


def test_both_secrets_sign_while_one_replaces_the_other(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    old = endpoint(api, receiver, path, **CHANNELS)
    rotate = f"{ENDPOINTS}/{old['id']}/rotate"
    new = api.post(rotate, {"grace_seconds": 3600}, expect=200)
    assert new["previous_expires_at"]
    channel(api)
    wait_until(lambda: receiver.at(path))
    [came] = receiver.at(path)
    for issued in (old, new):
        Webhook(issued["secret"]).verify(came.body, came.headers)
    newest = api.post(rotate, {"grace_seconds": 0}, expect=200)
    channel(api)
    wait_until(lambda: len(receiver.at(path)) == 2)
    came = receiver.at(path)[1]
    Webhook(newest["secret"]).verify(came.body, came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new["secret"]).verify(came.body, came.headers)


def test_a_test_comes_and_says_that_it_is_one(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    made = endpoint(api, receiver, path, **CHANNELS)
    delivery = api.post(f"{ENDPOINTS}/{made['id']}/test")
    wait_until(lambda: receiver.at(path))
    [came] = receiver.at(path)
    assert came.id == delivery["event_id"]
    document = Webhook(made["secret"]).verify(came.body, came.headers)
    assert (document["type"], document["data"]) == ("test", {"endpoint_id": made["id"]})


def test_a_test_of_an_endpoint_that_fails_waits_for_none_of_its_events(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: (429, {"Retry-After": "3000"})
    made = endpoint(api, receiver, path, entities=["webhooks.endpoints"])
    at = f"{ENDPOINTS}/{made['id']}"
    api.patch(at, {"description": "repaired soon"})
    wait_until(lambda: any(d["attempts"] for d in deliveries(api, made, status="pending")))
    tests = [api.post(f"{at}/test") for _ in range(2)]
    wait_until(lambda: len([c for c in receiver.at(path) if c.document["type"] == "test"]) == 2)
    assert {c.id for c in receiver.at(path)} >= {test["event_id"] for test in tests}


# Failures -----------------------------------------------------------------------------------------------


def test_what_fails_comes_again_until_it_is_dead_and_then_when_asked_for(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: 500
    made = endpoint(api, receiver, path, **CHANNELS)
    channel(api), channel(api)
    wait_until(lambda: len(deliveries(api, made, status="dead")) == 2)
    dead = deliveries(api, made)
    for delivery in dead:
        assert (delivery["attempts"], delivery["response_status"]) == (3, 500)
        assert delivery["error"] == "HTTP 500"
    assert len(receiver.at(path)) == 6
    assert {came.id for came in receiver.at(path)} == {d["event_id"] for d in dead}
    assert api.get(f"{ENDPOINTS}/{made['id']}")["failing_since"]
    del receiver.answers[path]
    again = api.post(f"/v1/webhook-deliveries/{dead[0]['id']}/redrive", expect=200)
    assert again["attempts"] == 0
    wait_until(lambda: len(receiver.taken(path)) == 1)
    redrive = f"{ENDPOINTS}/{made['id']}/redrive"
    assert api.post(redrive, expect=200) == {"redriven": 1}
    wait_until(lambda: len(deliveries(api, made, status="delivered")) == 2)
    assert api.post(redrive, expect=200) == {"redriven": 0}
    assert api.get(f"{ENDPOINTS}/{made['id']}")["failing_since"] is None


def test_what_a_process_is_lost_over_counts_as_a_failure_and_is_dead_in_the_end(
    tenant: Tenant, receiver: Receiver, path: str, owner: psycopg.Connection[Any]
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: (429, {"Retry-After": "3000"})
    made = endpoint(api, receiver, path, **CHANNELS)
    channel(api)
    wait_until(lambda: any(d["attempts"] for d in deliveries(api, made, status="pending")))
    lost = """
        UPDATE webhooks.deliveries
        SET status = 'delivering', lease_id = id, lease_expires_at = now() - interval '1 second'
        WHERE tenant_id = %s
    """
    owner.execute(lost, [tenant.id])
    wait_until(lambda: deliveries(api, made)[0]["attempts"] >= 2)
    wait_until(lambda: deliveries(api, made, status="pending"))
    owner.execute(lost, [tenant.id])
    [dead] = wait_until(lambda: deliveries(api, made, status="dead"))
    assert dead["attempts"] == 3
    assert dead["error"] == "the process that sent it is gone, and nobody knows the outcome"


def test_who_says_when_to_come_again_is_heard(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: (429, {"Retry-After": "3000"})
    made = endpoint(api, receiver, path, **CHANNELS)
    channel(api)
    wait_until(lambda: any(d["attempts"] for d in deliveries(api, made, status="pending")))
    [row] = deliveries(api, made)
    moment = datetime.fromisoformat
    waited = moment(row["next_attempt_at"]) - moment(row["created_at"])
    assert waited.total_seconds() >= 3000


def test_what_is_put_off_comes_as_soon_as_it_is_asked_for(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: (429, {"Retry-After": "3000"})
    made = endpoint(api, receiver, path, **CHANNELS)
    renamed, other = channel(api), channel(api)
    wait_until(lambda: sum(d["attempts"] for d in deliveries(api, made, status="pending")) == 2)
    rename(api, renamed, "later")
    [waiting] = wait_until(lambda: deliveries(api, made, status="waiting"))
    api.post(f"/v1/webhook-deliveries/{waiting['id']}/redrive", expect=409)
    [one] = [d for d in deliveries(api, made, status="pending") if d["entity_id"] == other]
    del receiver.answers[path]
    now = api.post(f"/v1/webhook-deliveries/{one['id']}/redrive", expect=200)
    assert (now["status"], now["attempts"]) == ("pending", 1)
    wait_until(lambda: receiver.taken(path))
    redrive = f"{ENDPOINTS}/{made['id']}/redrive"
    assert api.post(redrive, expect=200) == {"redriven": 1}
    wait_until(lambda: len(deliveries(api, made, status="delivered")) == 3)
    came = [c.data for c in receiver.taken(path)]
    assert [c["entity_id"] for c in came] == [other, renamed, renamed]
    assert [c["revision"] for c in came] == [1, 1, 2]
    assert api.post(redrive, expect=200) == {"redriven": 0}


def test_an_endpoint_that_is_gone_is_disabled_and_goes_on_where_it_was(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: 410
    made = endpoint(api, receiver, path, **CHANNELS)
    first = channel(api)
    at = f"{ENDPOINTS}/{made['id']}"
    wait_until(lambda: api.get(at)["status"] == "disabled")
    assert api.get(at)["disabled_reason"] == "gone"
    [told] = [n for n in api.all("/v1/notifications") if n["type"] == "webhook_disabled"]
    assert told["payload"] == {"endpoint_id": made["id"], "reason": "gone"}
    assert api.post(f"{at}/test", expect=409)["current"]["status"] == "disabled"
    del receiver.answers[path]
    second = channel(api)
    api.post(f"{at}/enable", {}, expect=200)
    wait_until(lambda: len(receiver.taken(path)) == 2)
    assert {came.data["entity_id"] for came in receiver.taken(path)} == {first, second}
    # Unless it is told to skip what it missed.
    api.post(f"{at}/disable", expect=200)
    channel(api)
    api.get("/v1/events?limit=1")  # once no transaction is open that the log would wait for
    api.post(f"{at}/enable", {"skip": True}, expect=200)
    third = channel(api)
    wait_until(lambda: third in {came.data["entity_id"] for came in receiver.taken(path)})
    assert len(receiver.taken(path)) == 3


def test_an_endpoint_is_disabled_after_days_without_a_success(
    tenant: Tenant, receiver: Receiver, path: str, owner: Sql
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: 500
    made = endpoint(api, receiver, path, **CHANNELS)
    at = f"{ENDPOINTS}/{made['id']}"
    channel(api)
    wait_until(lambda: deliveries(api, made, status="dead"))
    assert api.get(at)["status"] == "enabled"
    revision = api.get(at)["revision"]
    assert revision == made["revision"], "it does not change while it only fails"
    owner.execute(
        "UPDATE webhooks.endpoints SET failing_since = now() - interval '6 days' WHERE id = %s",
        [made["id"]],
    )
    channel(api)
    wait_until(lambda: api.get(at)["status"] == "disabled")
    assert api.get(at)["disabled_reason"] == "failing"
    told = [n["payload"] for n in api.all("/v1/notifications") if n["type"] == "webhook_disabled"]
    assert told == [{"endpoint_id": made["id"], "reason": "failing"}]


def test_events_of_a_row_wait_for_each_other_and_for_no_other(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    refused = {"n": 0}
    held = channel(api)

    def answer(came: Any) -> int:
        if came.data["entity_id"] == held and came.data["action"] == "UPDATE":
            refused["n"] += 1
            return 500 if refused["n"] <= 2 else 204
        return 204

    receiver.answers[path] = answer
    api.get("/v1/events?limit=1")  # once no transaction is open that the log would wait for
    endpoint(api, receiver, path, **CHANNELS)
    for n in range(5):
        rename(api, held, f"name {n}")
    other = channel(api)
    wait_until(lambda: len(receiver.taken(path)) >= 6)
    taken = [came.data for came in receiver.taken(path)]
    revisions = [data["revision"] for data in taken if data["entity_id"] == held]
    assert revisions == sorted(revisions)
    assert len(revisions) >= 5
    assert other in {data["entity_id"] for data in taken}


def test_who_does_not_answer_holds_nobody_else_up(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    receiver.answers[path] = lambda _: time.sleep(20)
    slow = endpoint(api, receiver, path, **CHANNELS)
    quick = f"{path}/quick"
    endpoint(api, receiver, quick, **CHANNELS)
    for _ in range(20):
        channel(api)
    wait_until(lambda: len(receiver.at(quick)) == 20)
    # Which takes more than a minute, one after another once it fails.
    assert [d for d in deliveries(api, slow) if not d["attempts"]]
    wait_until(lambda: any(d["attempts"] for d in deliveries(api, slow)))
    tried = [d for d in deliveries(api, slow) if d["attempts"]]
    assert {d["error"] for d in tried} == {"no answer within 5 seconds"}
    assert all(d["duration_ms"] >= 5000 for d in tried)
    api.request("DELETE", f"{ENDPOINTS}/{slow['id']}", expect=200)


# Replays ------------------------------------------------------------------------------------------------


def test_a_range_of_the_log_comes_again(tenant: Tenant, receiver: Receiver, path: str) -> None:
    api = tenant.service
    before = [channel(api) for _ in range(3)]
    wait_until(lambda: before[-1] in {e["entity_id"] for e in api.all("/v1/events")})
    made = endpoint(api, receiver, path, **CHANNELS)
    replay = f"{ENDPOINTS}/{made['id']}/replay"
    since = next(e["occurred_at"] for e in api.all("/v1/events") if e["entity_id"] == before[1])
    told = api.post(replay, {"since": since}, expect=200)
    assert told["queued"] == 2
    assert told["next_since"] is None
    wait_until(lambda: len(receiver.taken(path)) == 2)
    assert {came.data["entity_id"] for came in receiver.taken(path)} == set(before[1:])
    wait_until(lambda: len(deliveries(api, made, status="delivered")) == 2)
    # By the cursor, some at a time: what was delivered comes again, with its id.
    after = api.get("/v1/events?limit=1")["next_cursor"]
    queued = 0
    while after:
        told = api.post(replay, {"after": after, "limit": 2}, expect=200)
        queued, after = queued + told["queued"], told["next_after"]
    assert queued == 3
    wait_until(lambda: len(receiver.taken(path)) == 5)
    assert len({came.id for came in receiver.taken(path)}) == 3


def test_a_time_comes_again_in_steps_however_small(
    tenant: Tenant, receiver: Receiver, path: str
) -> None:
    api = tenant.service
    made = endpoint(api, receiver, path, **CHANNELS)
    first, *_ = [channel(api) for _ in range(5)]
    wait_until(lambda: len(deliveries(api, made, status="delivered")) == 5)
    [since] = [e["occurred_at"] for e in api.all("/v1/events") if e["entity_id"] == first]
    queued = []
    while since and len(queued) < 10:
        body = {"since": since, "limit": 1}
        told = api.post(f"{ENDPOINTS}/{made['id']}/replay", body, expect=200)
        queued.append(told["queued"])
        since = told["next_since"]
    assert (since, sum(queued)) == (None, 5)
    wait_until(lambda: len(receiver.taken(path)) == 10)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "since"),
        ({"since": "2026-01-01T00:00:00Z", "after": "x"}, "since"),
        ({"after": "x"}, "after"),
        ({"after": "x", "until": "2026-01-01T00:00:00Z"}, "until"),
        ({"since": "2026-01-01T00:00:00Z", "limit": 1001}, "limit"),
    ],
)
def test_a_range_that_is_none_is_refused(
    tenant: Tenant, receiver: Receiver, path: str, body: dict[str, Any], field: str
) -> None:
    made = endpoint(tenant.service, receiver, path)
    replay = f"{ENDPOINTS}/{made['id']}/replay"
    assert list(tenant.service.post(replay, body, expect=400)["errors"]) == [field]
