"""Drafts for tweets: the one workflow, with what it does to the tweet."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.tweets.helpers import etag, events, reply, tweet

NOW = {"mode": "now"}
UNKNOWN_ID = "00000000-0000-7000-8000-00000000dead"
DRAFT = {"model_key": "claude-3.5", "prompt_version": "reply_v1", "suggested_text": "Episode 12."}


def relevant(api: Client, **fields: Any) -> Any:
    """A tweet that deserves a reply."""
    stored = tweet(api, **fields)
    return api.post(f"/v1/tweets/{stored['id']}/classify", {"score": 0.9, "status": "relevant"})


def drafted(api: Client, of: Any, expect: int = 201, **fields: Any) -> Any:
    return api.post(f"/v1/tweets/{of['id']}/drafts", {**DRAFT, **fields}, expect=expect)


def status_of(api: Client, of: Any) -> str:
    status: str = api.get(f"/v1/tweets/{of['id']}")["status"]
    return status


def decide(client: Client, draft: Any, action: str, body: Any = NOW, expect: int = 200) -> Any:
    return client.post(f"/v1/drafts/{draft['id']}/{action}", body, expect=expect)


def confirm(client: Client, claimed: Any, external_id: str, expect: int = 200) -> Any:
    return client.post(
        f"/v1/scheduled-replies/{claimed['id']}/confirm",
        {"lease_id": claimed["lease_id"], "external_id": external_id},
        expect=expect,
    )


# A draft ---------------------------------------------------------------------------------------------


def test_a_draft_makes_a_relevant_tweet_a_drafted_one(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    stored = relevant(api)
    first = drafted(api, stored, style_score=0.8, tokens_in=1200, tokens_out=110, cost_micros=5500)
    assert (first["tweet_id"], first["conversation_id"]) == (stored["id"], None)
    assert (first["version"], first["status"], first["revision"]) == (1, "pending", 1)
    assert (first["prompt_version"], first["cost_micros"]) == ("reply_v1", 5500)
    now = api.get(f"/v1/tweets/{stored['id']}")
    assert (now["status"], now["revision"]) == ("drafted", stored["revision"] + 1)

    second = api.post(f"/v1/tweets/by-external-id/{stored['external_id']}/drafts", DRAFT)
    assert second["version"] == 2
    superseded = api.get(f"/v1/drafts/{first['id']}")
    assert (superseded["status"], superseded["superseded_by_id"]) == ("superseded", second["id"])
    # The second changes nothing about the tweet: it was never without a live draft.
    assert [change for _, change in events(sql, stored["id"])][-1] == {
        "status": ["relevant", "drafted"]
    }
    assert [item["payload"] for item in api.get("/v1/notifications")["items"]] == [
        {"draft_id": d["id"], "tweet_id": stored["id"], "version": d["version"]}
        for d in (second, first)
    ]


def test_a_draft_leaves_an_unclassified_tweet_unclassified(api: Client) -> None:
    stored = tweet(api)
    drafted(api, stored)
    assert status_of(api, stored) == "unclassified"
    path = f"/v1/tweets/{stored['id']}/classify"
    # It has a draft that somebody may approve: it is not put away over their head.
    assert api.post(path, {"score": 0.1, "status": "skipped"}, expect=409)["code"] == "CONFLICT"
    assert api.post(path, {"score": 0.9, "status": "relevant"})["status"] == "drafted"


def test_a_tweet_that_was_drafted_for_is_drafted_whoever_finds_it_relevant(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    api = tenant.service
    rejected, live = tweet(api), tweet(api)
    decide(tenant.agent, drafted(api, rejected), "reject", {"reason": "no"})
    drafted(api, live)
    sql.execute("UPDATE tweets.tweets SET status = 'relevant' WHERE tenant_id = %s", [tenant.id])
    sql.commit()
    assert (status_of(api, rejected), status_of(api, live)) == ("relevant", "drafted")


def test_a_skipped_or_posted_tweet_takes_no_drafts(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    for status in ("skipped", "posted"):
        stored = tweet(api)
        if status == "skipped":
            api.patch(f"/v1/tweets/{stored['id']}", {"status": "skipped"})
        else:
            reply(sql, [stored["id"]])
            sql.commit()
        before = api.get(f"/v1/tweets/{stored['id']}")
        refused = drafted(api, stored, expect=409)
        assert refused["detail"] == f"a tweet that is {status} takes no drafts"
        assert api.get(f"/v1/tweets/{stored['id']}") == before


def test_of_twenty_drafts_at_once_each_has_a_version_and_the_last_is_pending(api: Client) -> None:
    stored = relevant(api)
    at_once(20, lambda _: drafted(api, stored))
    drafts = api.all(f"/v1/tweets/{stored['id']}/drafts", limit=7)
    assert [draft["version"] for draft in drafts] == list(range(20, 0, -1))
    assert [draft["status"] for draft in drafts] == ["pending"] + ["superseded"] * 19


def test_a_tweet_that_is_not_there_takes_no_drafts(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    theirs = tweet(new_tenant().service, external_id="theirs")
    for path in (str(uuid4()), theirs["id"], "by-external-id/none", "by-external-id/theirs"):
        api.post(f"/v1/tweets/{path}/drafts", DRAFT, expect=404)
    api.get(f"/v1/tweets/{theirs['id']}/drafts", expect=404)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("suggested_text", "x" * 281),
        ("suggested_text", "日" * 141),
        ("suggested_text", " \n"),
        ("suggested_html", "<p>x</p>"),
        ("trigger_message_id", UNKNOWN_ID),
        ("conversation_id", UNKNOWN_ID),
        ("style_score", 1.1),
        ("prompt_version_id", UNKNOWN_ID),
        ("lease_id", UNKNOWN_ID),
        ("model_key", None),
    ],
)
def test_a_wrong_draft_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    stored = relevant(api)
    refused = drafted(api, stored, expect=400, **{field: value})
    assert list(refused["errors"]) == [field]
    assert status_of(api, stored) == "relevant"


def test_a_text_may_be_as_long_as_the_platform_takes_it(tenant: Tenant) -> None:
    link = "https://example.com/" + "x" * 500  # counts 23
    stored = relevant(tenant.service)
    drafted(tenant.service, stored, suggested_text="x" * 280)
    draft = drafted(tenant.service, stored, suggested_text="x" * 256 + " " + link)
    edit = {**NOW, "final_text": "x" * 257 + " " + link}
    assert list(decide(tenant.agent, draft, "edit", edit, expect=400)["errors"]) == ["final_text"]
    assert tenant.service.get(f"/v1/drafts/{draft['id']}")["status"] == "pending"
    edit = {**NOW, "final_text": "👩‍👩‍👧" * 140}
    decision = decide(tenant.agent, draft, "edit", edit)
    assert decision["scheduled_reply"]["final_text"] == edit["final_text"]
    assert decision["learning_sample_id"]


def test_a_draft_finishes_the_job_that_asked_for_it(api: Client) -> None:
    stored, other = relevant(api), relevant(api)
    api.post("/v1/jobs", {"type": "draft", "payload": {"tweet_id": stored["id"]}})
    [job] = api.post("/v1/jobs/claim", {"type": "draft", "worker": "drafter"})["items"]
    lease = {"job_id": job["id"], "lease_id": job["lease_id"]}
    drafted(api, other, expect=409, **lease)
    assert status_of(api, other) == "relevant"
    draft = drafted(api, stored, **lease)
    assert api.get(f"/v1/jobs/{job['id']}")["status"] == "succeeded"
    assert drafted(api, stored, **lease) == draft
    path = f"/v1/tweets/by-external-id/{stored['external_id']}/drafts"
    assert api.post(path, {**DRAFT, **lease}, expect=201) == draft
    drafted(api, other, expect=409, **lease)


# Decisions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "body"), [("reject", {"reason": "wrong tone"}), ("supersede", {})]
)
def test_a_tweet_without_a_live_draft_is_relevant_again(
    tenant: Tenant, sql: psycopg.Connection[Any], action: str, body: Any
) -> None:
    stored = relevant(tenant.service)
    decision = decide(tenant.agent, drafted(tenant.service, stored), action, body)
    assert (decision["tweet_id"], decision["conversation_id"]) == (stored["id"], None)
    assert status_of(tenant.service, stored) == "relevant"
    told = events(sql, stored["id"])[-1]
    assert told == (action.upper(), {"status": ["drafted", "relevant"]})
    # And takes another.
    assert drafted(tenant.service, stored)["version"] == 2
    assert status_of(tenant.service, stored) == "drafted"


def test_a_tweet_with_another_live_draft_stays_drafted(tenant: Tenant) -> None:
    stored = relevant(tenant.service)
    approved = drafted(tenant.service, stored)
    held = decide(tenant.agent, approved, "approve", {"mode": "hold"})["scheduled_reply"]
    decide(tenant.agent, drafted(tenant.service, stored), "reject", {"reason": "one is enough"})
    assert status_of(tenant.service, stored) == "drafted"
    tenant.agent.post(f"/v1/scheduled-replies/{held['id']}/cancel")
    assert status_of(tenant.service, stored) == "drafted"
    decide(tenant.agent, approved, "archive", {})
    assert status_of(tenant.service, stored) == "relevant"


@pytest.mark.not_on_citus("there the tweet is relevant in between, as docs/scale-out.md says")
def test_a_tweet_is_skipped_in_one_step(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    stored = relevant(tenant.service)
    draft = drafted(tenant.service, stored)
    decide(tenant.agent, draft, "reject", {"reason": "spam", "skip_tweet": True})
    assert events(sql, stored["id"])[-1] == (
        "REJECT",
        {"status": ["drafted", "skipped"], "relevance_score": [0.9, 0]},
    )


def test_a_rejection_may_skip_the_tweet(tenant: Tenant) -> None:
    stored = relevant(tenant.service)
    draft = drafted(tenant.service, stored)
    decide(tenant.agent, draft, "reject", {"reason": "spam", "skip_tweet": True})
    now = tenant.service.get(f"/v1/tweets/{stored['id']}")
    assert (now["status"], now["relevance_score"]) == ("skipped", 0)
    of_a_conversation = tenant.draft()
    body = {"reason": "spam", "skip_tweet": True}
    refused = decide(tenant.agent, of_a_conversation, "reject", body, expect=400)
    assert list(refused["errors"]) == ["skip_tweet"]
    assert tenant.service.get(f"/v1/drafts/{of_a_conversation['id']}")["status"] == "pending"


def test_a_tweet_with_a_live_draft_is_not_put_away(tenant: Tenant) -> None:
    api = tenant.service
    stored = relevant(api)
    draft = drafted(api, stored)
    path = f"/v1/tweets/{stored['id']}"
    for status in ("skipped", "relevant"):
        refused = api.patch(path, {"status": status}, expect=409)
        assert refused["detail"] == "the tweet has a draft that is pending or approved"
    decide(tenant.agent, draft, "reject", {"reason": "off topic"})
    assert api.patch(path, {"status": "skipped"})["status"] == "skipped"


def test_of_fifty_decisions_at_once_one_counts_and_one_reply_goes_out(tenant: Tenant) -> None:
    draft = drafted(tenant.service, relevant(tenant.service))
    people = [tenant.acting(user) for user in ("agent", "agent2", "approver", "admin")]

    def attempt(n: int) -> int:
        path = f"/v1/drafts/{draft['id']}/approve"
        return people[n % 4].request("POST", path, NOW).status_code

    assert sorted(at_once(50, attempt)) == [200] + [409] * 49
    detail = tenant.service.get(f"/v1/drafts/{draft['id']}")
    assert len(detail["actions"]) == 1
    assert len(tenant.service.get("/v1/scheduled-replies")["items"]) == 1


def test_one_reply_to_a_tweet_is_on_its_way_out(tenant: Tenant) -> None:
    stored = relevant(tenant.service)
    decide(tenant.agent, drafted(tenant.service, stored), "approve", {"mode": "hold"})
    second = drafted(tenant.service, stored)
    refused = decide(tenant.agent, second, "approve", expect=409)
    assert list(refused["errors"]) == ["tweet_id"]
    assert tenant.service.get(f"/v1/drafts/{second['id']}")["status"] == "pending"
    [only] = tenant.service.get("/v1/scheduled-replies")["items"]
    tenant.agent.post(f"/v1/scheduled-replies/{only['id']}/cancel")
    decide(tenant.agent, second, "approve")


def test_drafting_deciding_and_confirming_at_once_leave_a_whole_tweet(tenant: Tenant) -> None:
    """Whoever comes when: no deadlock, no error, and a tweet that agrees with its drafts."""
    api, agent = tenant.service, tenant.agent
    for _ in range(5):
        stored = relevant(api)
        decide(agent, drafted(api, stored), "approve")
        [claimed] = tenant.claim()
        pending = drafted(api, stored)

        def attempt(
            n: int, stored: Any = stored, claimed: Any = claimed, draft: Any = pending
        ) -> int:
            if n == 0:
                path = f"/v1/scheduled-replies/{claimed['id']}/confirm"
                body = {"lease_id": claimed["lease_id"], "external_id": uuid4().hex}
                return api.request("POST", path, body).status_code
            if n % 3 == 0:
                return api.request("POST", f"/v1/tweets/{stored['id']}/drafts", DRAFT).status_code
            action, body = ("reject", {"reason": "late"}) if n % 3 == 1 else ("approve", NOW)
            return agent.request("POST", f"/v1/drafts/{draft['id']}/{action}", body).status_code

        statuses = at_once(16, attempt)
        assert statuses[0] == 200
        assert set(statuses) <= {200, 201, 409}
        detail = api.get(f"/v1/tweets/{stored['id']}")
        assert detail["status"] == "posted"
        assert [draft["version"] for draft in detail["drafts"]] == list(
            range(1, len(detail["drafts"]) + 1)
        )
        assert sum(draft["status"] == "sent" for draft in detail["drafts"]) == 1


# Toxicity --------------------------------------------------------------------------------------------


def test_a_toxic_draft_is_approved_by_who_says_that_it_is_toxic(tenant: Tenant) -> None:
    stored = relevant(tenant.service)
    draft = drafted(tenant.service, stored, toxicity_score=0.5)
    for action, body in (("approve", NOW), ("edit", {**NOW, "final_text": "Still rude."})):
        refused = decide(tenant.agent, draft, action, body, expect=409)
        assert "toxicity_score is 0.5" in refused["detail"]
        assert "confirm_toxicity" in refused["detail"]
    assert decide(tenant.agent, draft, "approve", {**NOW, "confirm_toxicity": True})[
        "scheduled_reply"
    ]
    harmless = tenant.draft(toxicity_score=0.49)
    decide(tenant.agent, harmless, "approve")
    # It may be rejected without more ado, and the limit is the tenant's.
    decide(tenant.agent, tenant.draft(toxicity_score=1), "reject", {"reason": "rude"})
    tenant.service.patch("/v1/tenant", {"toxicity_threshold": 0.2})
    decide(tenant.agent, tenant.draft(toxicity_score=0.2), "approve", expect=409)
    tenant.service.patch("/v1/tenant", {"toxicity_threshold": 0})
    decide(tenant.agent, tenant.draft(toxicity_score=0), "approve", expect=409)
    decide(tenant.agent, tenant.draft(), "approve")


# Deliveries ------------------------------------------------------------------------------------------


def test_a_tweet_is_posted_when_the_reply_was_sent_and_not_before(tenant: Tenant) -> None:
    api = tenant.service
    stored = relevant(api)
    decision = decide(tenant.agent, drafted(api, stored), "approve")
    assert decision["scheduled_reply"]["tweet_id"] == stored["id"]
    assert status_of(api, stored) == "drafted"
    [claimed] = tenant.claim()
    assert (claimed["tweet_id"], claimed["conversation_id"]) == (stored["id"], None)
    assert claimed["in_reply_to_external_id"] == stored["external_id"]
    assert (claimed["author_handle"], claimed["channel_type"]) == ("listener", None)
    failure = {"lease_id": claimed["lease_id"], "outcome": "unknown", "error": "timeout"}
    api.post(f"/v1/scheduled-replies/{claimed['id']}/fail", failure)
    assert status_of(api, stored) == "drafted"
    [told, _] = api.get("/v1/notifications")["items"]
    assert (told["type"], told["payload"]["tweet_id"]) == ("delivery_unknown", stored["id"])
    assert "conversation_id" not in told["payload"]

    resolution = {"outcome": "sent", "external_id": "X-1"}
    sent = tenant.agent.post(f"/v1/scheduled-replies/{claimed['id']}/resolve", resolution)
    assert (sent["status"], sent["external_id"], sent["message_id"]) == ("sent", "X-1", None)
    assert status_of(api, stored) == "posted"
    assert api.get(f"/v1/drafts/{decision['id']}")["status"] == "sent"


def test_a_draft_that_is_pending_when_its_tweet_is_posted_is_superseded(tenant: Tenant) -> None:
    api = tenant.service
    stored = relevant(api)
    approved = decide(tenant.agent, drafted(api, stored), "approve")
    pending = drafted(api, stored)
    [claimed] = tenant.claim()

    confirm(api, claimed, "X-1")

    found = api.get(f"/v1/drafts/{pending['id']}")
    assert (found["status"], found["superseded_by_id"]) == ("superseded", approved["id"])
    assert status_of(api, stored) == "posted"


def test_a_confirmation_posts_the_tweet_and_says_so_again(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    stored = relevant(tenant.service)
    decide(tenant.agent, drafted(tenant.service, stored), "approve")
    [claimed] = tenant.claim()
    sent = confirm(tenant.service, claimed, "X-2")
    assert (sent["status"], sent["message_id"]) == ("sent", None)
    assert confirm(tenant.service, claimed, "X-2") == sent
    assert events(sql, stored["id"])[-1] == ("POST", {"status": ["drafted", "posted"]})


def test_what_was_sent_under_a_name_was_sent_once(tenant: Tenant) -> None:
    for _ in range(2):
        decide(tenant.agent, drafted(tenant.service, relevant(tenant.service)), "approve")
    first, second = tenant.claim()
    confirm(tenant.service, first, "X-3")
    refused = confirm(tenant.service, second, "X-3", expect=409)
    assert list(refused["errors"]) == ["external_id"]
    assert status_of(tenant.service, {"id": second["tweet_id"]}) == "drafted"
    confirm(tenant.service, second, "X-4")


# What is shown ---------------------------------------------------------------------------------------


def test_a_tweet_shows_its_drafts_with_their_decisions(tenant: Tenant) -> None:
    api = tenant.service
    stored = relevant(api)
    assert api.get(f"/v1/tweets/{stored['id']}")["drafts"] == []
    first = drafted(api, stored)
    decide(tenant.agent, first, "reject", {"reason": "wrong tone"})
    second = drafted(api, stored)
    edit = {**NOW, "final_text": "Episode 13."}
    decided = decide(tenant.agent, second, "edit", edit)
    detail = api.get(f"/v1/tweets/{stored['id']}")
    rejected, edited = detail["drafts"]
    assert (detail["more_drafts"], rejected["version"], edited["version"]) == (False, 1, 2)
    [action] = rejected["actions"]
    assert (action["type"], action["reason"]) == ("reject", "wrong tone")
    assert rejected["scheduled_reply"] is None
    [action] = edited["actions"]
    assert (action["edit_distance"], action["user_id"]) == (1, tenant.users["agent"])
    assert action.items() <= decided["action"].items()
    assert edited["scheduled_reply"].items() <= decided["scheduled_reply"].items()
    assert (
        edited.items()
        <= {
            **api.get(f"/v1/drafts/{second['id']}"),
            "actions": edited["actions"],
            "scheduled_reply": edited["scheduled_reply"],
        }.items()
    )


def test_a_tweet_shows_its_latest_hundred_drafts(api: Client, sql: psycopg.Connection[Any]) -> None:
    stored = relevant(api)
    for _ in range(101):
        sql.execute(
            "INSERT INTO drafts.drafts (tenant_id, tweet_id, model_key, prompt_version, suggested_text)"
            " SELECT tenant_id, id, 'm', 'v1', 'Episode 12.' FROM tweets.tweets WHERE id = %s",
            [stored["id"]],
        )
    sql.commit()
    detail = api.get(f"/v1/tweets/{stored['id']}")
    assert detail["more_drafts"] is True
    assert [draft["version"] for draft in detail["drafts"]] == list(range(2, 102))


def test_lists_say_which_tweets_have_a_draft(tenant: Tenant) -> None:
    """Pending or approved: what was rejected, superseded or sent is none."""
    api = tenant.service
    without, pending, approved, rejected, sent = (relevant(api) for _ in range(5))
    drafted(api, pending)
    decide(tenant.agent, drafted(api, sent), "approve")
    [claimed] = tenant.claim()
    confirm(api, claimed, "X-5")
    decide(tenant.agent, drafted(api, approved), "approve", {"mode": "hold"})
    decide(tenant.agent, drafted(api, rejected), "reject", {"reason": "no"})
    expected = {
        without["id"]: False,
        pending["id"]: True,
        approved["id"]: True,
        rejected["id"]: False,
        sent["id"]: False,
    }
    for order in ("desc", "asc"):
        for status in ({}, {"status": "relevant|drafted|posted"}):
            items = api.all("/v1/tweets", order=order, **status)
            assert {item["id"]: item["has_draft"] for item in items} == expected
    found = api.all("/v1/tweets/search", q="episode", fields="id,has_draft")
    assert {item["id"]: item["has_draft"] for item in found} == expected


def test_whether_a_tweet_has_a_draft_is_kept_whoever_writes(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    api = tenant.service
    tweet = relevant(api)
    of_tweet = {"tenant": tenant.id, "tweet": tweet["id"], "user": tenant.users["agent"]}

    def has_draft(*statements: str) -> bool:
        for statement in statements:
            sql.execute(statement.encode(), of_tweet)
        row = sql.execute("SELECT has_draft FROM tweets.tweets WHERE id = %(tweet)s", of_tweet)
        [found] = row.fetchall()
        return bool(found["has_draft"])

    deferred = "SET CONSTRAINTS ALL DEFERRED"
    insert = (
        "INSERT INTO drafts.drafts (tenant_id, tweet_id, model_key, prompt_version, suggested_text)"
        " VALUES (%(tenant)s, %(tweet)s, 'm', 'v1', 'Episode 12.')"
    )
    decided = (
        "INSERT INTO drafts.draft_actions (tenant_id, draft_id, user_id, type, reason, final_text)"
        " SELECT tenant_id, id, %(user)s, '{}', 'Why.', {} FROM drafts.drafts WHERE status = 'pending'"
    )
    update = "UPDATE drafts.drafts SET status = '{}' WHERE status = '{}'"
    assert not has_draft()
    assert has_draft(insert)
    assert has_draft(insert)  # which supersedes the first
    assert not has_draft(
        deferred, decided.format("reject", "NULL"), update.format("rejected", "pending")
    )
    assert has_draft(insert)
    approved = (decided.format("approve", "suggested_text"), update.format("approved", "pending"))
    reply = (
        "INSERT INTO drafts.scheduled_replies (tenant_id, tweet_id, draft_id, status, final_text, scheduled_for)"
        " SELECT tenant_id, tweet_id, id, 'scheduled', suggested_text, now() FROM drafts.drafts"
        " WHERE status = 'approved'"
    )
    assert has_draft(deferred, *approved, reply)
    sql.commit()
    # One is pending when the other is sent.
    drafted(api, tweet)
    tenant.claim()
    sent = (
        "UPDATE drafts.scheduled_replies SET status = 'sent', sent_at = now(), external_id = 'X',"
        " lease_expires_at = NULL"
    )
    assert not has_draft(deferred, sent, update.format("sent", "approved"))
    sql.commit()
    assert api.get(f"/v1/tweets/{tweet['id']}")["status"] == "posted"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody rewrites has_draft"):
        sql.execute("UPDATE tweets.tweets SET has_draft = true")


def test_drafts_of_both_kinds_are_in_one_list(tenant: Tenant) -> None:
    for_a_tweet = drafted(tenant.service, relevant(tenant.service))
    for_a_conversation = tenant.draft()
    listed = tenant.service.get("/v1/drafts", params={"status": "pending"})["items"]
    assert listed == [for_a_conversation, for_a_tweet]
    [item] = tenant.service.get("/v1/drafts/feed")["items"]
    assert item["draft"]["id"] == for_a_conversation["id"]


# Another writer --------------------------------------------------------------------------------------

INSERT = (
    "INSERT INTO drafts.drafts (tenant_id, conversation_id, tweet_id, model_key, prompt_version,"
    " suggested_text) VALUES (%s, %s, %s, 'm', 'v1', %s)"
)


def test_the_rules_hold_for_another_writer(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    stored, other = relevant(tenant.service), relevant(tenant.service)
    draft, of_another = drafted(tenant.service, stored), drafted(tenant.service, other)
    conversation = tenant.receive()["conversation_id"]
    reply_to = (
        "INSERT INTO drafts.scheduled_replies (tenant_id, tweet_id, draft_id, status, final_text)"
        " VALUES (%s, %s, %s, 'held', %s)"
    )
    skip = "UPDATE tweets.tweets SET status = 'skipped' WHERE id = %s"
    for statement, values, code in (
        (INSERT, [tenant.id, conversation, stored["id"], "x"], "23514"),
        (INSERT, [tenant.id, None, None, "x"], "23503"),
        (INSERT, [tenant.id, None, stored["id"], "x" * 281], "23514"),
        (INSERT, [tenant.id, None, str(uuid4()), "x"], "23503"),
        (reply_to, [tenant.id, stored["id"], of_another["id"], "x"], "23503"),
        (reply_to, [tenant.id, stored["id"], draft["id"], "x" * 281], "23514"),
        (skip, [stored["id"]], "DR001"),
    ):
        with pytest.raises(psycopg.Error) as refused:
            sql.execute(statement, values)
        assert refused.value.sqlstate == code, (statement, values)
        sql.rollback()
    sql.execute("SET CONSTRAINTS ALL DEFERRED")
    sql.execute("UPDATE drafts.drafts SET status = 'rejected' WHERE id = %s", [draft["id"]])
    sql.execute(skip, [stored["id"]])
    with pytest.raises(psycopg.Error, match="a tweet that is skipped takes no replies"):
        sql.execute(reply_to, [tenant.id, stored["id"], draft["id"], "x"])
    sql.rollback()


def test_a_draft_superseded_by_a_person_is_of_the_same_tweet(tenant: Tenant) -> None:
    api = tenant.service
    stored, other = relevant(api), drafted(api, relevant(api))
    draft = drafted(api, stored)
    for wrong in (other["id"], draft["id"], str(uuid4())):
        refused = decide(tenant.agent, draft, "supersede", {"superseded_by_id": wrong}, expect=400)
        assert list(refused["errors"]) == ["superseded_by_id"]
    headers = etag(draft["revision"])
    tenant.agent.post(f"/v1/drafts/{draft['id']}/supersede", {}, headers=headers, expect=200)
