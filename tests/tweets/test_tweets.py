"""Tweets: listed and searched page by page, classified once, changed as the table of changes allows."""

from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.facts import rewriting
from tests.tweets.helpers import episode, etag, events, ids, reply, tweet
from tests.writer import violated

STATUSES = ["unclassified", "skipped", "relevant", "drafted", "posted"]
FIELDS = [
    "id",
    "external_id",
    "author_handle",
    "text_preview",
    "created_at",
    "relevance_score",
    "status",
    "has_draft",
    "flags",
]
# How to come to a status in the database; only a reply that was sent makes a tweet posted.
WAY = {
    "unclassified": [],
    "skipped": ["skipped"],
    "relevant": ["relevant"],
    "drafted": ["relevant", "drafted"],
    "posted": ["relevant"],
}


def bring(sql: psycopg.Connection[Any], tweet_ids: list[str], status: str) -> None:
    """Brings unclassified tweets to this status."""
    for step in WAY[status]:
        sql.execute("UPDATE tweets.tweets SET status = %s WHERE id = ANY (%s)", [step, tweet_ids])
    if status == "posted":
        reply(sql, tweet_ids)
    sql.commit()


def in_status(api: Client, sql: psycopg.Connection[Any], status: str, **fields: Any) -> Any:
    """A tweet that came to this status."""
    stored = tweet(api, **fields)
    bring(sql, [stored["id"]], status)
    return api.get(f"/v1/tweets/{stored['id']}")


def fill(
    sql: psycopg.Connection[Any], tenant: Tenant, count: int, at: str, about: str | None = None
) -> None:
    """Tweets of one moment, of all statuses in turn."""
    filled = sql.execute(
        "INSERT INTO tweets.tweets"
        " (tenant_id, external_id, author_handle, full_text, episode_id, created_at)"
        " SELECT %s, 't-' || n, 'listener', 'Tweet ' || n, %s, %s FROM generate_series(1, %s) AS n"
        " RETURNING id",
        [tenant.id, about, at, count],
    ).fetchall()
    for n, status in enumerate(STATUSES):
        bring(sql, [row["id"] for row in filled[n :: len(STATUSES)]], status)


# Lists -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, 250),
        ({"status": "relevant"}, 50),
        ({"status": "relevant|drafted|posted"}, 150),
        ({"status": ["skipped", "unclassified"]}, 100),
        ({"status": "|".join(STATUSES)}, 250),
        ({"episode": True}, 250),
        ({"episode": True, "status": "posted|skipped"}, 100),
    ],
    ids=["all", "one", "three", "repeated", "every", "episode", "both"],
)
def test_tweets_of_one_moment_are_each_seen_once_in_both_directions(
    tenant: Tenant,
    api: Client,
    sql: psycopg.Connection[Any],
    filters: dict[str, Any],
    expected: int,
) -> None:
    about = episode(api)["id"]
    fill(sql, tenant, 250, "2026-01-01T00:00:00.123456Z", about)
    params = dict(filters)
    if params.pop("episode", False):
        params["episode_id"] = about
    oldest_first = ids(api.all("/v1/tweets", limit=7, order="asc", **params))
    assert len(oldest_first) == len(set(oldest_first)) == expected
    assert oldest_first == sorted(oldest_first)
    assert ids(api.all("/v1/tweets", limit=7, **params)) == oldest_first[::-1]
    assert ids(api.all("/v1/tweets", limit=100, **params)) == oldest_first[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("status", [None, "relevant|skipped|drafted|unclassified|posted"])
def test_tweets_come_in_the_order_of_their_ids_whatever_their_times_say(
    tenant: Tenant,
    api: Client,
    sql: psycopg.Connection[Any],
    owner: psycopg.Connection[Any],
    order: str,
    status: str | None,
) -> None:
    fill(sql, tenant, 60, "2026-01-01T00:00:00Z")
    with rewriting(owner, "tweets.tweets"):
        owner.execute(
            "UPDATE tweets.tweets SET created_at = to_timestamp(substr(external_id, 3)::int * 7 %% 60)"
            " WHERE tenant_id = %s",
            [tenant.id],
        )
    params = {"status": status} if status else {}
    listed = ids(api.all("/v1/tweets", limit=7, order=order, **params))
    assert len(set(listed)) == 60
    assert listed == sorted(listed, reverse=order == "desc")


def test_a_page_holds_what_was_asked_for_and_the_limit_is_clamped(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    fill(sql, tenant, 120, "2026-01-01T00:00:00Z")
    for asked, given in ((None, 30), (1, 1), (0, 1), (-5, 1), (100, 100), (101, 100), (10**9, 100)):
        page = api.get("/v1/tweets", params={} if asked is None else {"limit": asked})
        assert len(page["items"]) == given
        assert page["next_cursor"]
    whole = api.get("/v1/tweets", params={"limit": 24, "status": "posted"})
    assert (len(whole["items"]), whole["next_cursor"]) == (24, None)
    for wrong in ("NaN", "x", "", "1.5"):
        assert list(api.get("/v1/tweets", expect=400, params={"limit": wrong})["errors"]) == [
            "limit"
        ]


def test_an_item_has_what_a_list_needs_and_flags_only_where_there_are_any(api: Client) -> None:
    plain = tweet(api, full_text="x" * 200)
    flagged = tweet(api, flags={"toxicity": 0.125, "duplicate": True})
    api.post(f"/v1/tweets/{flagged['id']}/classify", {"score": 0.1, "status": "skipped"})
    one, other = api.get("/v1/tweets")["items"]
    assert one == {
        **{name: flagged[name] for name in FIELDS if name != "has_draft"},
        "has_draft": False,
        "status": "skipped",
        "relevance_score": 0.1,
    }
    known = {name: plain[name] for name in FIELDS if name not in ("flags", "has_draft")}
    assert other == {**known, "has_draft": False}
    assert other["text_preview"] == "x" * 140
    told = 'what the JSON of an item ends with: "a","flags":null}'
    tweet(api, full_text=told, author_handle="end")
    assert api.get("/v1/tweets?limit=1")["items"][0]["text_preview"] == told


def test_a_list_shows_the_fields_that_were_asked_for(api: Client) -> None:
    about = episode(api)["id"]
    tweet(api, flags={"duplicate": True}, episode_id=about)
    tweet(api, episode_id=about)
    everywhere: list[dict[str, Any]] = [
        {},
        {"order": "asc"},
        {"status": "unclassified"},
        {"status": "unclassified", "order": "asc"},
        {"episode_id": about},
        {"episode_id": about, "order": "asc"},
    ]
    for params in everywhere:
        for name in FIELDS:
            for item in api.get("/v1/tweets", params={**params, "fields": name})["items"]:
                assert list(item) == [name] or (name == "flags" and item == {})
        flags = api.get("/v1/tweets", params={**params, "fields": "flags"})["items"]
        assert sorted(flags, key=len) == [{}, {"flags": {"duplicate": True}}]
        both: list[Any] = ["id,status", ["status", "id"], "status,,id,id"]
        for names in both:
            found = api.all("/v1/tweets", limit=1, fields=names, **params)
            assert [sorted(item) for item in found] == [["id", "status"]] * 2
        assert api.get("/v1/tweets", params={**params, "fields": ""}) == api.get(
            "/v1/tweets", params=params
        )
    search = api.get("/v1/tweets/search", params={"q": "episode", "fields": "status"})
    assert search["items"] == [{"status": "unclassified"}] * 2
    for wrong in ("full_text", "id,search_words", "ID", "id status"):
        refused = api.get("/v1/tweets", expect=400, params={"fields": wrong})
        assert list(refused["errors"]) == ["fields"]


def test_filters_are_told_apart(api: Client, sql: psycopg.Connection[Any]) -> None:
    about, other = episode(api)["id"], episode(api)["id"]
    made = {
        (status, of): in_status(api, sql, status, episode_id=of)["id"]
        for status, of in product(STATUSES, (about, other, None))
    }

    def expected(statuses: list[str], of: str | None) -> list[str]:
        return [
            made[status, found]
            for status, found in made
            if status in statuses and of in (None, found)
        ]

    for statuses in (["posted"], ["relevant", "drafted"], ["drafted", "relevant"], STATUSES):
        for of in (None, about):
            params = {} if of is None else {"episode_id": of}
            for order in ("asc", "desc"):
                found = ids(
                    api.all("/v1/tweets", limit=2, status="|".join(statuses), order=order, **params)
                )
                wanted = expected(statuses, of)
                assert found == (wanted if order == "asc" else wanted[::-1])
    # An empty filter is none, and a status twice is one.
    assert len(api.all("/v1/tweets", status="")) == 15
    assert len(api.all("/v1/tweets", status="posted|posted|")) == 3
    assert api.all("/v1/tweets", episode_id=str(uuid4())) == []


def test_a_list_refuses_what_it_does_not_know(api: Client) -> None:
    for name, value in {
        "status": "new",
        "order": "up",
        "episode_id": "1",
        "cursor": "%%%",
        "fields": "x",
    }.items():
        refused = api.get("/v1/tweets", expect=400, params={name: value})
        assert (refused["code"], list(refused["errors"])) == ("VALIDATION", [name])
    api.get("/v1/tweets", expect=400, params={"author_handle": "x"})
    api.get("/v1/tweets", expect=400, params={"status": "relevant|nothing"})
    api.get("/v1/tweets", expect=400, params={"status": "relevant,skipped"})


def test_a_cursor_belongs_to_its_list(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    fill(sql, tenant, 20, "2026-01-01T00:00:00Z")
    cursor = api.get("/v1/tweets", params={"limit": 1, "status": "posted|skipped"})["next_cursor"]
    params = {"status": "skipped|posted", "cursor": cursor}
    assert len(api.get("/v1/tweets", params=params)["items"]) == 7
    for other in (
        {"status": "posted"},
        {"order": "asc"},
        {"episode_id": str(uuid4())},
    ):
        refused = api.get("/v1/tweets", expect=400, params={**params, **other})
        assert list(refused["errors"]) == ["cursor"]
    for wrong in ("x", "AAAA", cursor[:-3], cursor + "x", "bm8gc2VwYXJhdG9y", "{}", "é"):
        refused = api.get("/v1/tweets", expect=400, params={**params, "cursor": wrong})
        assert list(refused["errors"]) == ["cursor"]


# Search ----------------------------------------------------------------------------------------------


def test_the_search_finds_words_newest_first(api: Client) -> None:
    texts = [
        "The new episode about fuel lines was great",
        "Fuel prices are rising, and no line is in sight",
        "Does the shop ship fittings to Canada?",
        "They were shipping my fitting on Tuesday",
    ]
    one, two, three, four = (tweet(api, full_text=text)["id"] for text in texts)

    def found(q: str, **params: Any) -> list[str]:
        return ids(api.all("/v1/tweets/search", q=q, **params))

    assert found("fuel") == [two, one]
    assert found("FUEL lines") == [two, one]
    assert found('"fuel lines"') == [one]
    assert found("ships") == [four, three]
    assert found("fitting -canada") == [four]
    assert found("canada or great") == [three, one]
    assert found("canada great") == []
    assert found("zebra") == []
    # Nothing but words that all texts have.
    assert found("the") == []
    for limit in (1, 2):
        assert found("fuel or fitting", limit=limit) == [four, three, two, one]
    for odd in ("'", '"', "!&|()", "a:*", "\\", "-", "<->", "ü", "%", "');"):
        found(odd)


def test_the_search_follows_the_text(api: Client) -> None:
    stored = tweet(api, full_text="About fittings")
    same = {"external_id": stored["external_id"], "author_handle": "a", "full_text": "About hoses"}
    api.post("/v1/tweets", same, expect=200)
    assert api.all("/v1/tweets/search", q="fittings") == []
    assert ids(api.all("/v1/tweets/search", q="hose")) == [stored["id"]]


@pytest.mark.parametrize("q", [None, "", " ", "x" * 201])
def test_a_search_without_words_is_refused(api: Client, q: str | None) -> None:
    params = {} if q is None else {"q": q}
    assert list(api.get("/v1/tweets/search", expect=400, params=params)["errors"]) == ["q"]


def test_a_search_of_one_moment_shows_each_once(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    fill(sql, tenant, 250, "2026-01-01T00:00:00Z")
    found = ids(api.all("/v1/tweets/search", q="tweet", limit=7))
    assert len(found) == 250
    assert found == sorted(set(found), reverse=True)
    cursor = api.get("/v1/tweets/search", params={"q": "tweet"})["next_cursor"]
    refused = api.get("/v1/tweets/search", expect=400, params={"q": "other", "cursor": cursor})
    assert list(refused["errors"]) == ["cursor"]


def test_a_tenant_sees_its_own_tweets(new_tenant: Callable[[], Tenant]) -> None:
    mine, other = new_tenant().service, new_tenant().service
    theirs = tweet(other)
    about = episode(other)["id"]
    assert mine.all("/v1/tweets") == []
    assert mine.all("/v1/tweets", status="unclassified") == []
    assert mine.all("/v1/tweets", episode_id=about) == []
    assert mine.all("/v1/tweets/search", q="episode") == []
    path = f"/v1/tweets/{theirs['id']}"
    mine.get(path, expect=404)
    mine.patch(path, {"status": "skipped"}, expect=404)
    mine.patch(path, {"status": "skipped"}, expect=404, headers=etag(1))
    mine.post(f"{path}/classify", {"score": 1, "status": "skipped"}, expect=404)
    own = tweet(mine)
    refused = mine.patch(f"/v1/tweets/{own['id']}", {"episode_id": about}, expect=400)
    assert refused["code"] == "INVALID_REFERENCE"
    assert other.get(path)["revision"] == 1


# Changes ---------------------------------------------------------------------------------------------

LEGAL = {
    ("unclassified", "relevant"),
    ("unclassified", "skipped"),
    ("relevant", "drafted"),
    ("relevant", "skipped"),
    ("drafted", "relevant"),
    ("drafted", "skipped"),
    ("skipped", "relevant"),
}
# Legal, once a reply was sent.
POSTED = {("unclassified", "posted"), ("relevant", "posted"), ("drafted", "posted")}


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)))
def test_a_status_changes_as_the_table_allows(
    api: Client, sql: psycopg.Connection[Any], before: str, after: str
) -> None:
    stored = in_status(api, sql, before)
    change = "UPDATE tweets.tweets SET status = %s WHERE id = %s"
    if before == after or (before, after) in LEGAL:
        assert sql.execute(change, [after, stored["id"]]).rowcount == 1
    else:
        why = f"cannot go from {before} to {after}"
        if (before, after) in POSTED:
            why = "a tweet is posted when a reply to it was sent"
        with pytest.raises(psycopg.Error, match=why) as refused:
            sql.execute(change, [after, stored["id"]])
        assert refused.value.sqlstate == "DR001"
    sql.rollback()

    path = f"/v1/tweets/{stored['id']}"
    if after not in ("relevant", "skipped"):
        refusal = api.patch(path, {"status": after}, expect=400)
        assert list(refusal["errors"]) == ["status"]
    elif before == after:
        assert api.patch(path, {"status": after})["revision"] == stored["revision"]
    elif (before, after) in LEGAL:
        changed = api.patch(path, {"status": after})
        assert (changed["status"], changed["revision"]) == (after, stored["revision"] + 1)
        action, changes = events(sql, stored["id"])[-1]
        assert (action, changes) == ("UPDATE", {"status": [before, after]})
    else:
        refusal = api.patch(path, {"status": after}, expect=409)
        assert (refusal["code"], before in refusal["detail"]) == ("CONFLICT", True)
        assert api.get(path) == stored


def test_a_tweet_begins_unclassified(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    for status in STATUSES[1:]:
        with pytest.raises(psycopg.Error, match=f"cannot go from new to {status}"):
            sql.execute(
                "INSERT INTO tweets.tweets (tenant_id, external_id, author_handle, full_text, status)"
                " VALUES (%s, '1', 'a', 'b', %s)",
                [tenant.id, status],
            )
        sql.rollback()


def test_a_change_needs_the_present_revision(api: Client) -> None:
    path = f"/v1/tweets/{tweet(api)['id']}"
    assert api.request("GET", path).headers["ETag"] == '"1"'
    response = api.request("PATCH", path, {"status": "relevant"}, expect=200, headers=etag(1))
    assert response.headers["ETag"] == '"2"'
    # Stale is not missing, also where the change would not be legal.
    for body in ({"status": "skipped"}, {"status": "relevant"}, {"episode_id": None}, {}):
        assert api.patch(path, body, expect=412, headers=etag(1))["code"] == "STALE"
    unknown = f"/v1/tweets/{uuid4()}"
    assert api.patch(unknown, {}, expect=404, headers=etag(1))["code"] == "NOT_FOUND"
    assert api.patch(path, {}, headers=etag(2))["revision"] == 2


def test_the_episode_of_a_tweet_is_set_and_taken_away(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    stored = tweet(api)
    path, about = f"/v1/tweets/{stored['id']}", episode(api)["id"]
    assert api.patch(path, {"episode_id": about})["episode_id"] == about
    assert api.patch(path, {"status": "relevant"})["episode_id"] == about
    assert api.patch(path, {"episode_id": None})["episode_id"] is None
    assert api.get(path)["status"] == "relevant"
    refused = api.patch(path, {"episode_id": str(uuid4())}, expect=400)
    assert (refused["code"], list(refused["errors"])) == ("INVALID_REFERENCE", ["episode_id"])
    assert [changes for _, changes in events(sql, stored["id"])][1:] == [
        {"episode_id": [None, about]},
        {"status": ["unclassified", "relevant"]},
        {"episode_id": [about, None]},
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", None),
        ("status", "new"),
        ("status", 1),
        ("episode_id", "x"),
        ("relevance_score", 1),
        ("full_text", "x"),
    ],
)
def test_a_wrong_change_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    stored = tweet(api)
    path = f"/v1/tweets/{stored['id']}"
    assert list(api.patch(path, {field: value}, expect=400)["errors"]) == [field]
    assert api.get(path)["revision"] == 1


@pytest.mark.parametrize("status", ["relevant", "skipped"])
def test_a_tweet_is_classified_once(api: Client, sql: psycopg.Connection[Any], status: str) -> None:
    stored = tweet(api)
    path = f"/v1/tweets/{stored['id']}/classify"
    body = {"score": 0.3, "status": status, "model_key": "classifier-2"}
    response = api.request("POST", path, body, expect=200)
    classified = response.json()
    assert response.headers["ETag"] == '"2"'
    assert (classified["status"], classified["relevance_score"]) == (status, 0.3)
    assert (classified["model_key"], classified["revision"]) == ("classifier-2", 2)
    for other in ("relevant", "skipped"):
        refused = api.post(path, {"score": 1, "status": other}, expect=409)
        assert (refused["code"], refused["current"]) == ("CONFLICT", classified)
    assert [changes for _, changes in events(sql, stored["id"])][1:] == [
        {
            "status": ["unclassified", status],
            "relevance_score": [None, 0.3],
            "model_key": [None, "classifier-2"],
        }
    ]


def test_what_a_person_decided_is_not_classified_over(api: Client) -> None:
    stored = tweet(api)
    api.patch(f"/v1/tweets/{stored['id']}", {"status": "skipped"})
    path = f"/v1/tweets/{stored['id']}/classify"
    refused = api.post(path, {"score": 0.9, "status": "relevant"}, expect=409)
    assert refused["current"]["status"] == "skipped"
    assert refused["current"]["relevance_score"] is None


def test_of_classifications_at_once_one_is_made(api: Client, sql: psycopg.Connection[Any]) -> None:
    stored = tweet(api)
    path = f"/v1/tweets/{stored['id']}/classify"

    def classify(n: int) -> Any:
        status = "relevant" if n % 2 else "skipped"
        return api.request("POST", path, {"score": n / 50, "status": status})

    answers = at_once(50, classify)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    [made] = [answer.json() for answer in answers if answer.ok]
    assert all(a.json()["current"] == made for a in answers if not a.ok)
    assert len(events(sql, stored["id"])) == 2
    assert api.get("/v1/tweets/by-external-id/" + stored["external_id"]) == made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", -0.01),
        ("score", 1.01),
        ("score", None),
        ("score", "high"),
        ("status", "drafted"),
        ("status", "posted"),
        ("status", "unclassified"),
        ("status", None),
        ("model_key", ""),
        ("model_key", "x" * 201),
        ("flags", {}),
    ],
)
def test_a_wrong_classification_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    stored = tweet(api)
    path = f"/v1/tweets/{stored['id']}/classify"
    body = {"score": 0.5, "status": "relevant", field: value}
    assert list(api.post(path, body, expect=400)["errors"]) == [field]
    api.post(path, {"score": 0.5}, expect=400)
    api.post(path, {"status": "relevant"}, expect=400)
    assert api.get(f"/v1/tweets/{stored['id']}")["status"] == "unclassified"
    for score in (0, 1):
        body = {"score": score, "status": "relevant"}
        assert api.post(f"/v1/tweets/{tweet(api)['id']}/classify", body)["relevance_score"] == score


# Another writer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("external_id", "a b", "tweets_external_id_check"),
        ("author_handle", " ", "tweets_author_handle_check"),
        ("full_text", "\n", "tweets_full_text_check"),
        ("full_text", "x" * 25001, "tweets_full_text_check"),
        ("relevance_score", 1.5, "tweets_relevance_score_check"),
        ("relevance_score", float("nan"), "tweets_relevance_score_check"),
        ("flags", "[]", "tweets_flags_check"),
        ("model_key", "", "tweets_model_key_check"),
        ("in_reply_to_external_id", "1", "tweets_in_reply_to_external_id_check"),
        ("in_reply_to_external_id", "", "tweets_in_reply_to_external_id_check"),
    ],
)
def test_the_database_refuses_what_is_wrong(
    tenant: Tenant, sql: psycopg.Connection[Any], column: str, value: Any, constraint: str
) -> None:
    row = {"external_id": "1", "author_handle": "a", "full_text": "b", column: value}
    names = ", ".join(row)
    places = ", ".join(["%s"] * len(row))
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            f"INSERT INTO tweets.tweets (tenant_id, {names}) VALUES (%s, {places})".encode(),
            [tenant.id, *row.values()],
        )
    assert violated(refused.value) == constraint


def test_the_preview_is_the_databases(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.GeneratedAlways):
        sql.execute(
            "INSERT INTO tweets.tweets (tenant_id, external_id, author_handle, full_text, text_preview)"
            " VALUES (%s, '1', 'a', 'b', 'c')",
            [tenant.id],
        )
