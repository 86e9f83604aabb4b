"""The event log as server-sent events: in order, nothing skipped, and no thread kept longer than it may be."""

import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
import pytest

from service.caller import Caller
from service.config import Settings
from service.server.connection import AHEAD, ClientSocket
from service.streams import StreamPlaces
from tests.client import Gunicorn, Tenant, wait_until
from tests.commands import environment
from tests.operations.helpers import (
    QUICK,
    Stream,
    another_key,
    is_free,
    names,
    post_tweet,
    read_to_the_end,
    settled,
)
from tests.tweets.helpers import tweet


@pytest.fixture(scope="module")
def quick(settings: Settings) -> Iterator[Gunicorn]:
    """A service that looks often at the log, with places for the streams that others have just left."""
    places = {"THREADS": "40", "EVENT_STREAMS": "32"}
    with Gunicorn(environment(settings) | QUICK | places) as running:
        yield running


# The same by another writer, in a transaction that may be slow.
TWEET = """
    INSERT INTO tweets.tweets (tenant_id, external_id, author_handle, full_text)
    VALUES (%s, %s, 'listener', 'Nice episode.')
"""


def test_what_happens_from_now_on_comes_in_order_as_the_list_has_it(
    quick: Gunicorn, tenant: Tenant
) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service) as stream:
        for n in range(5):
            post_tweet(tenant, str(n))
        followed = stream.events(5)
    assert names(followed) == ["0", "1", "2", "3", "4"]
    assert {event["type"] for event in followed} == {"change"}
    assert stream.response.headers["Content-Type"].startswith("text/event-stream")
    listed = tenant.service.all("/v1/events", limit=100)[-5:]
    added = ("type", "tweet_id", "new_status", "draft_id")
    assert [{k: v for k, v in e.items() if k not in added} for e in followed] == listed


def test_more_than_one_batch_comes_whole(
    quick: Gunicorn, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service) as stream:
        for n in range(250):
            sql.execute(TWEET, [tenant.id, str(n)])
        sql.commit()
        assert names(stream.events(250)) == [str(n) for n in range(250)]


def test_who_comes_again_gets_what_was_missed_and_nothing_twice(
    quick: Gunicorn, tenant: Tenant
) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service) as stream:
        beginning = stream.last_id
    post_tweet(tenant, "missed")
    with Stream(quick.url, tenant.service, after=beginning) as stream:
        assert names(stream.events(1)) == ["missed"]
        first = stream.last_id
        post_tweet(tenant, "seen")
        assert names(stream.events(1)) == ["seen"]
    post_tweet(tenant, "last")
    with Stream(quick.url, tenant.service, after=first) as stream:
        assert names(stream.events(2)) == ["seen", "last"]


def test_a_cursor_of_the_list_is_a_place_to_begin(quick: Gunicorn, tenant: Tenant) -> None:
    settled(tenant)
    page = tenant.service.get("/v1/events", params={"limit": 2})
    listed = tenant.service.all("/v1/events", limit=100)
    with Stream(quick.url, tenant.service, after=page["next_cursor"]) as stream:
        rest = stream.events(len(listed) - 2)
        cursor = stream.last_id
    assert [event["id"] for event in rest] == [event["id"] for event in listed[2:]]
    assert tenant.service.get("/v1/events", params={"cursor": cursor})["items"] == []


@pytest.mark.parametrize("wrong", ["7", "%%%", "WzEsMl0"])
def test_a_place_that_is_none_is_refused_by_the_name_of_its_header(
    tenant: Tenant, wrong: str
) -> None:
    headers = {"Last-Event-ID": wrong}
    refused = tenant.service.get("/v1/events/stream", expect=400, headers=headers)
    assert list(refused["errors"]) == ["Last-Event-ID"]


def test_a_slow_transaction_holds_back_later_ones_so_that_none_is_skipped(
    quick: Gunicorn, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service) as stream:
        sql.execute(TWEET, [tenant.id, "early"])
        post_tweet(tenant, "late")
        assert [stream.message() for _ in range(3)] == [None] * 3
    # Also for who comes in between: its place is before both.
    with Stream(quick.url, tenant.service) as stream:
        assert stream.message() is None
        sql.commit()
        assert names(stream.events(2)) == ["early", "late"]


def test_heartbeats_take_the_place_along_over_what_was_not_asked_for(
    quick: Gunicorn, tenant: Tenant
) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service, type="draft_ready") as stream:
        beginning = stream.last_id
        post_tweet(tenant, "not-asked-for")
        while stream.last_id == beginning:
            assert stream.message() is None
    with Stream(quick.url, tenant.service, after=stream.last_id) as stream:
        post_tweet(tenant, "next")
        assert names(stream.events(1)) == ["next"]


def test_new_drafts_and_what_becomes_of_a_tweet_have_types_of_their_own(
    quick: Gunicorn, tenant: Tenant
) -> None:
    api = tenant.service
    path = f"/v1/tweets/{(tweet_id := tweet(api)['id'])}"
    conversation = tenant.receive()["conversation_id"]
    body = {"model_key": "m", "prompt_version": "v", "suggested_text": "Episode 12."}
    settled(tenant)
    with Stream(quick.url, api, type=["draft_ready", "tweet_status"]) as stream:
        api.post(f"{path}/classify", {"status": "relevant", "score": 0.9})
        told = stream.events(1)
        first = api.post(f"{path}/drafts", body)["id"]
        told += stream.events(2)
        second = api.post(f"{path}/drafts", body)[
            "id"
        ]  # supersedes it, which is no news of the tweet
        told += stream.events(1)
        tenant.agent.post(f"/v1/drafts/{second}/approve", {"mode": "now"})
        [reply] = tenant.claim()
        sent = {"lease_id": reply["lease_id"], "external_id": "1"}
        api.post(f"/v1/scheduled-replies/{reply['id']}/confirm", sent)
        told += stream.events(1)
        answer = tenant.draft(conversation)["id"]
        told += stream.events(1)
    by_type = sorted(
        (e["type"], e["new_status"] or "", e["draft_id"], e["tweet_id"]) for e in told[1:3]
    )
    assert by_type == [
        ("draft_ready", "", first, tweet_id),
        ("tweet_status", "drafted", first, tweet_id),
    ]
    assert [
        (e["type"], e["new_status"], e["draft_id"], e["tweet_id"]) for e in (told[0], *told[3:])
    ] == [
        ("tweet_status", "relevant", None, tweet_id),
        ("draft_ready", None, second, tweet_id),
        ("tweet_status", "posted", second, tweet_id),
        ("draft_ready", None, answer, None),
    ]


def test_events_of_one_table_only(quick: Gunicorn, tenant: Tenant) -> None:
    settled(tenant)
    with Stream(quick.url, tenant.service, entity="tweets.tweets") as stream:
        tenant.receive()
        post_tweet(tenant, "1")
        [event] = stream.events(1)
    assert event["entity"] == "tweets.tweets"


def test_another_tenant_sees_nothing_of_it(
    quick: Gunicorn, new_tenant: Callable[[], Tenant]
) -> None:
    mine, other = new_tenant(), new_tenant()
    settled(mine)
    settled(other)
    with (
        Stream(quick.url, mine.service) as my_stream,
        Stream(quick.url, other.service) as other_stream,
    ):
        post_tweet(other, "theirs")
        assert names(other_stream.events(1)) == ["theirs"]
        post_tweet(mine, "mine")
        assert names(my_stream.events(1)) == ["mine"]


def test_the_stream_needs_the_scope_of_the_log_and_a_type_that_there_is(tenant: Tenant) -> None:
    for role in ("viewer", "agent", "approver"):
        tenant.acting(role).get("/v1/events/stream", expect=403)
    for wrong in ("quota_update", "", ["change", "x"]):
        refused = tenant.service.get("/v1/events/stream", expect=400, params={"type": wrong})
        assert list(refused["errors"]) == ["type"]


def test_places_are_limited_in_all_and_for_each_tenant(
    settings: Settings, new_tenant: Callable[[], Tenant]
) -> None:
    places = {"EVENT_STREAMS": "3", "EVENT_STREAMS_PER_TENANT": "2"}
    mine, other = new_tenant(), new_tenant()
    with Gunicorn(environment(settings) | QUICK | places) as gunicorn:
        first, second = (another_key(mine, gunicorn.url) for _ in range(2))
        third, fourth = (another_key(other, gunicorn.url) for _ in range(2))
        # A place is free again after a HEAD, which has no body; and after a failure.
        for _ in range(5):
            assert is_free(first)
            first.get("/v1/events/stream", expect=400, headers={"Last-Event-ID": "x"})
        with Stream(gunicorn.url, first), Stream(gunicorn.url, first):
            refused = second.request("GET", "/v1/events/stream", expect=503)
            assert refused.json()["code"] == "UNAVAILABLE"
            assert int(refused.headers["Retry-After"]) > 0
            with Stream(gunicorn.url, third):
                fourth.request("GET", "/v1/events/stream", expect=503)
                fourth.get("/v1/events")  # others are answered as ever
            wait_until(lambda: is_free(fourth))
            second.request("GET", "/v1/events/stream", expect=503)
        wait_until(lambda: is_free(second))


def test_a_new_stream_ends_the_oldest_of_its_credential(settings: Settings, tenant: Tenant) -> None:
    places = {"EVENT_STREAMS": "2", "EVENT_STREAMS_PER_TENANT": "2"}
    with Gunicorn(environment(settings) | QUICK | places) as gunicorn:
        dashboard = another_key(tenant, gunicorn.url)
        settled(tenant)
        with (
            Stream(gunicorn.url, tenant.service) as oldest,
            Stream(gunicorn.url, dashboard) as other,
            Stream(gunicorn.url, tenant.service) as newest,
        ):
            read_to_the_end(oldest)
            post_tweet(tenant, "told")
            assert names(other.events(1)) == names(newest.events(1)) == ["told"]


@pytest.mark.parametrize("leaves", [True, False])
def test_a_page_that_is_loaded_again_and_again_always_has_its_stream(
    settings: Settings, tenant: Tenant, leaves: bool
) -> None:
    settled(tenant)
    with Gunicorn(environment(settings) | QUICK) as gunicorn, ExitStack() as stack:
        for _ in range(100):
            stream = stack.enter_context(Stream(gunicorn.url, tenant.service))
            if leaves:
                stream.response.close()
        with Stream(gunicorn.url, tenant.service) as last:
            post_tweet(tenant, "told")
            assert names(last.events(1)) == ["told"]


def test_a_client_that_left_frees_its_place_before_there_is_something_to_tell(
    settings: Settings, tenant: Tenant
) -> None:
    one = {"EVENT_STREAMS": "1", "EVENT_POLL_SECONDS": "10", "EVENT_HEARTBEAT_SECONDS": "300"}
    with Gunicorn(environment(settings) | QUICK | one) as gunicorn:
        other = another_key(tenant, gunicorn.url)
        with Stream(gunicorn.url, tenant.service):
            assert not is_free(other)
        wait_until(lambda: is_free(other))


def test_a_stream_that_nobody_reads_gives_its_thread_back_to_the_next_one() -> None:
    places = StreamPlaces(Settings(event_streams=1))
    here, there = socket.socketpair()
    client, whose = ClientSocket(here, send_timeout=3600), Caller("tenant", "key:1")

    def stream() -> None:
        with places.take("stream", whose, client), suppress(BrokenPipeError):
            while True:
                client.sendall(b"event" * 1000)

    with there, client, ThreadPoolExecutor(1) as pool:
        unread = pool.submit(stream)
        wait_until(lambda: len(client.unsent) > AHEAD)
        with places.take("stream", whose):
            unread.result(60)


def test_what_a_stream_could_not_send_goes_out_while_it_waits_for_more() -> None:
    places = StreamPlaces(Settings())
    here, there = socket.socketpair()
    client, told = ClientSocket(here, send_timeout=3600), b"event" * 1_000_000
    with there, client, ThreadPoolExecutor(1) as pool:
        with places.take("stream", Caller("tenant", "key:1"), client) as place:
            client.sendall(told)
            assert client.unsent
            read = pool.submit(there.recv, len(told), socket.MSG_WAITALL)
            wait_until(lambda: place.wait(0) and not client.unsent)
        assert read.result(60) == told


def test_streams_and_exports_leave_a_thread_to_others(settings: Settings, tenant: Tenant) -> None:
    few = {"THREADS": "2", "EVENT_STREAMS": "9", "EVENT_STREAMS_PER_TENANT": "9"}
    with Gunicorn(environment(settings) | QUICK | few) as gunicorn:
        client = another_key(tenant, gunicorn.url)
        with Stream(gunicorn.url, tenant.service):
            client.request("GET", "/v1/events/stream", expect=503)
            client.request("GET", "/v1/audit/export", expect=503)
            client.get("/v1/events")


def test_a_stream_ends_after_its_time(settings: Settings, tenant: Tenant) -> None:
    brief = QUICK | {"EVENT_STREAM_SECONDS": "1"}
    with Gunicorn(environment(settings) | brief) as gunicorn:
        stream = Stream(gunicorn.url, tenant.service)
        read_to_the_end(stream)


def test_a_stream_ends_when_the_service_stops(settings: Settings, tenant: Tenant) -> None:
    # It would wait longer for a request than this test waits for it.
    patient = QUICK | {"GRACEFUL_TIMEOUT": "3600"}
    with Gunicorn(environment(settings) | patient) as gunicorn:
        with Stream(gunicorn.url, tenant.service) as stream:
            gunicorn.process.send_signal(signal.SIGTERM)
            read_to_the_end(stream)
        assert gunicorn.process.wait(60) == 0
