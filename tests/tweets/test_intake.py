"""Tweets as they are taken in: each once, whatever the order and however often."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests import postgres
from tests.client import Client, Tenant, at_once
from tests.tweets.helpers import episode, events, tweet

NEW = {"external_id": "1", "author_handle": "listener", "full_text": "Which episode was that?"}


def batch(api: Client, tweets: list[dict[str, Any]], expect: int = 200) -> Any:
    return api.post("/v1/tweets/batch", {"tweets": tweets}, expect=expect)


def many(*external_ids: str, **fields: Any) -> list[dict[str, Any]]:
    return [{**NEW, "external_id": external_id, **fields} for external_id in external_ids]


def test_a_tweet_is_stored_as_it_was_found(api: Client) -> None:
    about = episode(api)["id"]
    body = {
        "external_id": "1790000000000000001",
        "author_handle": "listener",
        "full_text": "ü" * 300,
        "posted_at": "2026-01-02T03:04:05.678901+00:00",
        "flags": {"toxicity": 0.25, "duplicate": False, "seen_by": ["a"]},
        "in_reply_to_external_id": "1780000000000000001",
        "episode_id": about,
    }
    response = api.request("POST", "/v1/tweets", body, expect=201)
    stored = response.json()
    assert body.items() <= stored.items()
    assert stored["text_preview"] == "ü" * 140
    assert stored["status"] == "unclassified"
    assert (stored["relevance_score"], stored["model_key"], stored["revision"]) == (None, None, 1)
    assert response.headers["ETag"] == '"1"'
    assert api.get("/v1/tweets/by-external-id/1790000000000000001") == stored
    detail = api.get(f"/v1/tweets/{stored['id']}")
    assert stored.items() <= detail.items()
    assert (detail["thread_children"], detail["more_children"]) == ([], False)
    assert detail["in_reply_to_id"] is None


def test_a_tweet_that_is_sent_again_is_known_and_nothing_changes(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    stored = tweet(api, flags={"toxicity": 0.5}, posted_at="2026-01-02T03:04:05Z")
    same = {key: stored[key] for key in ("external_id", "author_handle", "full_text")}
    assert api.post("/v1/tweets", same, expect=200) == stored
    full = {**same, "flags": stored["flags"], "posted_at": stored["posted_at"]}
    assert api.post("/v1/tweets", full, expect=200) == stored
    assert batch(api, [full]) == {
        "done": 0,
        "skipped": 1,
        "failed": 0,
        "items": [{"index": 0, "outcome": "skipped", "id": stored["id"], "problem": None}],
    }
    written = sql.execute(
        "SELECT xmin::text AS writer FROM tweets.tweets WHERE id = %s", [stored["id"]]
    ).fetchone()
    api.post("/v1/tweets", full, expect=200)
    sql.rollback()
    assert (
        written
        == sql.execute(
            "SELECT xmin::text AS writer FROM tweets.tweets WHERE id = %s", [stored["id"]]
        ).fetchone()
    )
    assert [action for action, _ in events(sql, stored["id"])] == ["INSERT"]


def test_what_is_new_about_a_known_tweet_is_kept_and_its_status_and_score_stay(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    first = tweet(api, flags={"toxicity": 0.5})
    about, other = episode(api)["id"], episode(api)["id"]
    api.post(f"/v1/tweets/{first['id']}/classify", {"score": 0.75, "status": "relevant"})
    body = {
        "external_id": first["external_id"],
        "author_handle": "renamed",
        "full_text": "Which one was it?",
        "flags": {"duplicate": True},
        "posted_at": "2026-01-02T03:04:05+00:00",
        "episode_id": about,
        "in_reply_to_external_id": "9",
    }
    known = api.post("/v1/tweets", body, expect=200)
    assert body.items() <= known.items()
    assert known["text_preview"] == "Which one was it?"
    assert (known["status"], known["relevance_score"]) == ("relevant", 0.75)
    assert (known["id"], known["revision"]) == (first["id"], 3)
    assert known["created_at"] == first["created_at"]
    # What is not told stays; and so does the episode that it has.
    less = {key: body[key] for key in ("external_id", "author_handle", "full_text")}
    assert api.post("/v1/tweets", {**less, "flags": None}, expect=200) == known
    assert api.post("/v1/tweets", {**less, "episode_id": other}, expect=200) == known
    *_, (action, changes) = events(sql, first["id"])
    assert action == "UPDATE"
    # Texts are not kept in the log.
    assert changes["full_text"] == ["masked", "masked"]
    assert changes["author_handle"] == ["masked", "masked"]
    assert not changes.keys() & {"status", "relevance_score", "created_at"}


def test_a_batch_is_answered_in_the_order_of_the_request(api: Client) -> None:
    known = [tweet(api, external_id=name) for name in ("b", "d")]
    found = batch(api, many("e", "d", "c", "b", "a"))["items"]
    assert [item["outcome"] for item in found] == ["done", "skipped", "done", "skipped", "done"]
    assert [item["index"] for item in found] == [0, 1, 2, 3, 4]
    assert (found[3]["id"], found[1]["id"]) == (known[0]["id"], known[1]["id"])
    for item, name in zip(found, "edcba", strict=True):
        assert api.get(f"/v1/tweets/{item['id']}")["external_id"] == name
    again = batch(api, many("e", "d", "c", "b", "a"))["items"]
    assert again == [{**item, "outcome": "skipped"} for item in found]
    [changed] = batch(api, [{**many("e")[0], "author_handle": "renamed"}])["items"]
    assert (changed["id"], changed["outcome"]) == (found[0]["id"], "done")


def test_a_thousand_tweets_are_taken_in_at_once_and_one_more_is_refused(api: Client) -> None:
    names = [f"t-{n}" for n in range(1000)]
    first = batch(api, many(*names))
    assert (first["done"], first["skipped"], first["failed"]) == (1000, 0, 0)
    again = batch(api, many(*names[::-1]))
    assert (again["done"], again["skipped"], again["failed"]) == (0, 1000, 0)
    assert [item["id"] for item in again["items"]] == [item["id"] for item in first["items"]][::-1]
    refused = batch(api, many(*names, "one-more"), expect=400)
    assert list(refused["errors"]) == ["tweets"]
    batch(api, [], expect=400)


def test_an_external_id_twice_in_a_batch_is_taken_in_once(api: Client) -> None:
    answered = batch(api, many("a", "b", "c", "b"))
    assert (answered["done"], answered["failed"]) == (3, 1)
    problem = answered["items"][3]["problem"]
    assert problem["errors"] == {"external_id": ["is that of 1 too"]}
    assert sorted(item["external_id"] for item in api.all("/v1/tweets")) == ["a", "b", "c"]


def test_what_is_wrong_with_one_tweet_of_a_batch_keeps_no_other_out(api: Client) -> None:
    names = [f"t-{n}" for n in range(20)]
    tweets = many(*names)
    tweets[3]["full_text"] = "  "
    tweets[7]["episode_id"] = str(uuid4())
    tweets[8]["episode_id"] = str(uuid4())
    tweets[18] = "t-18"
    tweets[19] = {"external_id": "t-19", "text": "Hm?"}
    answered = batch(api, tweets)
    assert (answered["done"], answered["skipped"], answered["failed"]) == (15, 0, 5)
    problems = {
        item["index"]: (item["problem"]["code"], sorted(item["problem"]["errors"]))
        for item in answered["items"]
        if item["outcome"] == "failed"
    }
    assert problems == {
        3: ("VALIDATION", ["full_text"]),
        7: ("INVALID_REFERENCE", ["episode_id"]),
        8: ("INVALID_REFERENCE", ["episode_id"]),
        18: ("VALIDATION", ["body"]),
        19: ("VALIDATION", ["author_handle", "full_text", "text"]),
    }
    kept = {item["external_id"]: item["id"] for item in api.all("/v1/tweets")}
    assert kept == {
        names[item["index"]]: item["id"] for item in answered["items"] if item["outcome"] == "done"
    }


WRONG = [
    ("external_id", ""),
    ("external_id", "x" * 65),
    ("external_id", "12/3"),
    ("external_id", "1\n"),
    ("external_id", "é"),
    ("external_id", 12),
    ("external_id", None),
    ("author_handle", ""),
    ("author_handle", "x" * 101),
    ("author_handle", "   "),
    ("full_text", ""),
    ("full_text", " \n\t"),
    ("full_text", "x" * 25001),
    ("full_text", "a\x00b"),
    ("full_text", "\ud800"),
    ("posted_at", "2026-01-01T00:00:00"),
    ("posted_at", "yesterday"),
    ("flags", []),
    ("flags", {"a": "x" * 65536}),
    ("in_reply_to_external_id", "1"),
    ("in_reply_to_external_id", ""),
    ("episode_id", "1"),
    ("status", "relevant"),
    ("created_at", "2026-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: ascii(value)[:20])
def test_a_wrong_tweet_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    refused = api.post("/v1/tweets", {**NEW, field: value}, expect=400)
    assert list(refused["errors"]) == [field]
    assert api.all("/v1/tweets") == []


@pytest.mark.parametrize("field", sorted(NEW))
def test_a_tweet_without_what_it_needs_is_refused(api: Client, field: str) -> None:
    body = {key: value for key, value in NEW.items() if key != field}
    assert list(api.post("/v1/tweets", body, expect=400)["errors"]) == [field]


def test_of_one_tweet_delivered_at_once_one_is_stored(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    answers = at_once(50, lambda n: api.request("POST", "/v1/tweets", NEW))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    [stored] = {answer.json()["id"] for answer in answers}
    assert [action for action, _ in events(sql, stored)] == ["INSERT"]
    assert api.get(f"/v1/tweets/{stored}")["revision"] == 1


def test_batches_that_overlap_do_not_wait_for_each_other_in_turn(
    api: Client, no_deadlocks: None
) -> None:
    # On a cluster fifty batches of a hundred would take longer than a statement may.
    names = [f"t-{n}" for n in range(50 if postgres.on_cluster() else 100)]

    def deliver(n: int) -> list[Any]:
        turned = names[n:] + names[:n]
        order = turned if n % 2 else turned[::-1]
        found: list[Any] = batch(api, many(*order, full_text=f"Text {n}"))["items"]
        return found

    answers = at_once(50, deliver)
    stored = {item["external_id"]: item["id"] for item in api.all("/v1/tweets", limit=100)}
    assert len(stored) == len(names)
    for found in answers:
        assert {item["id"] for item in found} == set(stored.values())


def test_a_thread_holds_together_whichever_tweet_came_first(api: Client) -> None:
    early = tweet(api, external_id="child-1", in_reply_to_external_id="parent", full_text="One")
    assert api.get(f"/v1/tweets/{early['id']}")["in_reply_to_id"] is None
    parent = tweet(api, external_id="parent")
    late = tweet(api, external_id="child-2", in_reply_to_external_id="parent", full_text="Two")
    within = batch(
        api,
        [
            {**NEW, "external_id": "child-4", "in_reply_to_external_id": "child-3"},
            {**NEW, "external_id": "child-3", "in_reply_to_external_id": "parent"},
        ],
    )["items"]
    detail = api.get(f"/v1/tweets/{parent['id']}")
    assert detail["thread_children"] == [
        {
            key: child[key]
            for key in (
                "id",
                "external_id",
                "author_handle",
                "full_text",
                "posted_at",
                "created_at",
            )
        }
        for child in (early, late, api.get(f"/v1/tweets/{within[1]['id']}"))
    ]
    assert detail["more_children"] is False
    for child in (early["id"], late["id"], within[1]["id"]):
        assert api.get(f"/v1/tweets/{child}")["in_reply_to_id"] == parent["id"]
    assert api.get(f"/v1/tweets/{within[0]['id']}")["in_reply_to_id"] == within[1]["id"]
    # Nobody was changed by it.
    assert api.get(f"/v1/tweets/{early['id']}")["revision"] == 1


@pytest.mark.parametrize("children", [100, 101, 250])
def test_a_thread_shows_a_hundred_and_says_that_there_are_more(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any], children: int
) -> None:
    parent = tweet(api, external_id="parent")
    sql.execute(
        "INSERT INTO tweets.tweets"
        " (tenant_id, external_id, author_handle, full_text, in_reply_to_external_id, created_at)"
        " SELECT %s, 'child-' || n, 'a', 'b', 'parent', '2026-01-01'::timestamptz + n / 3 * interval '1 s'"
        " FROM generate_series(1, %s) AS n RETURNING id",
        [tenant.id, children],
    )
    sql.commit()
    detail = api.get(f"/v1/tweets/{parent['id']}")
    shown = detail["thread_children"]
    assert (len(shown), detail["more_children"]) == (100, children > 100)
    assert shown == sorted(shown, key=lambda child: (child["created_at"], child["id"]))
    assert shown[0]["created_at"] == "2026-01-01T00:00:00+00:00"
    assert shown[-1]["created_at"] == "2026-01-01T00:00:33+00:00"


def test_tenants_have_tweets_of_their_own(new_tenant: Callable[[], Tenant]) -> None:
    mine, other = new_tenant().service, new_tenant().service
    one = mine.post("/v1/tweets", NEW, expect=201)
    child = {**NEW, "external_id": "2", "in_reply_to_external_id": "1"}
    other_child = other.post("/v1/tweets", child, expect=201)
    another = other.post("/v1/tweets", NEW, expect=201)
    assert one["id"] != another["id"]
    assert mine.get(f"/v1/tweets/{one['id']}")["thread_children"] == []
    assert other.get(f"/v1/tweets/{other_child['id']}")["in_reply_to_id"] == another["id"]
    for path in (f"/v1/tweets/{another['id']}", "/v1/tweets/by-external-id/2"):
        assert mine.get(path, expect=404)["code"] == "NOT_FOUND"
    theirs = episode(other)["id"]
    refused = mine.post("/v1/tweets", {**NEW, "external_id": "3", "episode_id": theirs}, expect=400)
    assert refused["code"] == "INVALID_REFERENCE"


def test_a_delivery_with_an_idempotency_key_is_answered_again(api: Client) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = api.request("POST", "/v1/tweets", NEW, expect=201, headers=headers)
    again = api.request("POST", "/v1/tweets", NEW, expect=201, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content
    body = {"tweets": many("1", "2")}
    key = {"Idempotency-Key": uuid4().hex}
    for _ in range(2):
        answer = api.request("POST", "/v1/tweets/batch", body, expect=200, headers=key)
        assert [item["outcome"] for item in answer.json()["items"]] == ["skipped", "done"]


def test_taking_in_needs_its_scope(api: Client, tenant: Tenant) -> None:
    body = {"name": "reader", "scopes": ["tweets:read"]}
    reader = Client(api.url, api.post("/v1/api-keys", body)["key"])
    for path, sent in (
        ("/v1/tweets", NEW),
        ("/v1/tweets/batch", {"tweets": [NEW]}),
        (f"/v1/tweets/{uuid4()}/classify", {"score": 1, "status": "relevant"}),
    ):
        assert reader.post(path, sent, expect=403)["code"] == "FORBIDDEN"
    assert reader.all("/v1/tweets") == []
    tenant.acting("viewer").post("/v1/tweets", NEW, expect=403)
    tenant.acting("agent").post("/v1/tweets", NEW, expect=201)
    tenant.acting("viewer").get("/v1/tweets")
    writer = Client(api.url, api.post("/v1/api-keys", {**body, "scopes": ["tweets:write"]})["key"])
    for path in (
        "/v1/tweets",
        "/v1/tweets/search?q=x",
        f"/v1/tweets/{uuid4()}",
        "/v1/tweets/by-external-id/1",
    ):
        writer.get(path, expect=403)


def test_a_thread_is_in_the_order_of_posting(api: Client) -> None:
    asked = tweet(api, external_id="asked")
    for name, hour in (("third", "12"), ("first", "10"), ("second", "11")):
        posted = {"posted_at": f"2026-01-02T{hour}:00:00Z", "in_reply_to_external_id": "asked"}
        tweet(api, external_id=name, **posted)
    tweet(api, external_id="now", in_reply_to_external_id="asked")

    shown = api.get(f"/v1/tweets/{asked['id']}")["thread_children"]

    assert [child["external_id"] for child in shown] == ["first", "second", "third", "now"]
    assert shown[0]["posted_at"].startswith("2026-01-02T10:00:00")
    assert shown[3]["posted_at"] is None
