"""The snapshot in a real Redis: kept, forgotten after each change, and never missed."""

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
import redis

from service.cache import Cache
from service.config import ConfigError, Settings
from tests.client import Client, Gunicorn, Tenant, at_once, free_port, wait_until
from tests.commands import environment

PROGRAM = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(
    PROGRAM is None, reason="this machine has no redis-server: apt-get install redis-server"
)


class RedisServer:
    """A Redis on a free port, without anything on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)

    def __enter__(self) -> Self:
        assert PROGRAM
        self.process = subprocess.Popen(
            [
                *(PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


@pytest.fixture(scope="module")
def server_of_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def cached(server_of_copies: RedisServer, settings: Settings) -> Iterator[Gunicorn]:
    """The service with a Redis; two processes."""
    more = {"REDIS_URL": server_of_copies.url, "WEB_CONCURRENCY": "2"}
    with Gunicorn(environment(settings) | more) as running:
        yield running


@pytest.fixture
def copies(server_of_copies: RedisServer) -> redis.Redis:
    return server_of_copies.client


@pytest.fixture
def api(cached: Gunicorn, tenant: Tenant) -> Client:
    return Client(cached.url, tenant.service.credential)


def key(tenant: Tenant) -> str:
    return f"quota:snapshot:v1:{tenant.id}"


def increment(api: Client, count: int = 1) -> Any:
    return api.post("/v1/quota/increment", {"kind": "stream", "count": count})


# The service --------------------------------------------------------------------------------------------


@needs_redis
def test_the_snapshot_is_kept_for_300_seconds(
    api: Client, tenant: Tenant, copies: redis.Redis
) -> None:
    first = api.get("/v1/quota")
    assert json.loads(copies.get(key(tenant)) or b"") == first
    assert 200 < copies.ttl(key(tenant)) <= 300
    # From both processes, and it says truthfully when it was made.
    assert [api.get("/v1/quota") for _ in range(20)] == [first] * 20


@needs_redis
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "1"}], ids=["plain", "keyed"])
def test_every_change_is_seen_at_once(
    api: Client, tenant: Tenant, copies: redis.Redis, headers: dict[str, str]
) -> None:
    assert api.get("/v1/quota")["used"] == 0
    body: dict[str, Any] = {"kind": "stream", "count": 100}
    reserved = api.post("/v1/quota/reserve", body, headers=headers)
    assert not copies.exists(key(tenant))
    assert api.get("/v1/quota")["used"] == 100
    api.post("/v1/quota/increment", body | {"count": 7}, headers=dict.fromkeys(headers, "2"))
    assert api.get("/v1/quota")["used"] == 107
    release = body | {"count": 60, "day": reserved["day"]}
    api.post("/v1/quota/release", release, headers=dict.fromkeys(headers, "3"))
    assert api.get("/v1/quota")["used"] == 47
    api.put("/v1/quota/limit", {"period_days": 7, "allowed": 50})
    assert api.get("/v1/quota")["level"] == "warning"
    # An answer that is replayed changes nothing.
    if headers:
        before = api.get("/v1/quota")
        api.post("/v1/quota/reserve", body, headers=headers)
        assert api.get("/v1/quota") == before


@needs_redis
def test_what_is_refused_costs_no_snapshot(api: Client) -> None:
    first = api.get("/v1/quota")
    body = {"kind": "stream", "count": 10001}
    api.post("/v1/quota/reserve", body, expect=429)
    api.post("/v1/quota/reserve", body | {"kind": "x"}, expect=400)
    api.post("/v1/quota/release", body | {"day": "2001-01-01"}, expect=404)
    stale = {"If-Match": '"9"'}
    api.put("/v1/quota/limit", {"period_days": 1, "allowed": 1}, expect=412, headers=stale)
    assert api.get("/v1/quota") == first


@needs_redis
def test_a_change_in_plain_sql_is_seen_when_the_copy_is_gone(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any], copies: redis.Redis
) -> None:
    increment(api, 5)
    assert api.get("/v1/quota")["used"] == 5
    sql.execute("UPDATE models.quota_usage SET stream_reads = 6")
    sql.commit()
    assert api.get("/v1/quota")["used"] == 5
    copies.delete(key(tenant))
    assert api.get("/v1/quota")["used"] == 6


@needs_redis
def test_each_tenant_has_its_own_copy(
    cached: Gunicorn, tenant: Tenant, api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    other = Client(cached.url, new_tenant().service.credential)
    increment(api, 3)
    assert (api.get("/v1/quota")["used"], other.get("/v1/quota")["used"]) == (3, 0)
    before = api.get("/v1/quota")
    increment(other)
    assert api.get("/v1/quota") == before


@needs_redis
def test_nobody_reads_less_than_was_acknowledged_before(api: Client) -> None:
    acknowledged: list[int] = []

    def use(_: int) -> None:
        client = Client(api.url, api.credential)
        for _ in range(10):
            increment(client)
            acknowledged.append(1)
            known = len(acknowledged)
            assert client.get("/v1/quota")["used"] >= known

    at_once(16, use)
    assert api.get("/v1/quota")["used"] == 160


GARBAGE = [
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"{}",
    b'{"used": 1}',
    b"[" * 100_000,
    b'{"used":',
    b"x" * 1_000_000,
]


@needs_redis
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: repr(value[:10]))
def test_what_is_no_snapshot_is_replaced(
    api: Client, tenant: Tenant, copies: redis.Redis, garbage: bytes
) -> None:
    increment(api, 9)
    copies.set(key(tenant), garbage)
    found = api.get("/v1/quota")
    assert found["used"] == 9
    assert json.loads(copies.get(key(tenant)) or b"") == found


@needs_redis
def test_a_snapshot_with_a_field_more_or_less_or_of_another_type_is_replaced(
    api: Client, tenant: Tenant, copies: redis.Redis
) -> None:
    snapshot = api.get("/v1/quota")
    wrong = [{**snapshot, name: [1]} for name in snapshot] + [{**snapshot, "more": 1}]
    wrong += [{n: v for n, v in snapshot.items() if n != name} for name in snapshot]
    for value in wrong:
        copies.set(key(tenant), json.dumps(value))
        assert api.get("/v1/quota")["used"] == 0


@needs_redis
def test_a_key_of_another_type_is_done_without(
    api: Client, tenant: Tenant, copies: redis.Redis
) -> None:
    copies.rpush(key(tenant), "1")
    assert api.get("/v1/quota")["used"] == 0
    increment(api, 2)
    assert api.get("/v1/quota")["used"] == 2
    assert copies.type(key(tenant)) == b"string"


@needs_redis
def test_while_another_process_makes_the_copy_it_is_answered_without(
    api: Client, tenant: Tenant, copies: redis.Redis
) -> None:
    copies.set(key(tenant), b"lease:another", ex=10)
    assert api.get("/v1/quota")["used"] == 0
    assert copies.get(key(tenant)) == b"lease:another"
    increment(api)
    assert not copies.exists(key(tenant))


@contextmanager
def accepting(answer: bytes | None) -> Iterator[str]:
    """The URL of a server that takes every connection and answers this, or nothing at all."""
    held: list[socket.socket] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is not None:
                    threading.Thread(target=reply, args=[connection], daemon=True).start()

        def reply(connection: socket.socket) -> None:
            try:
                while connection.recv(65536):
                    connection.sendall(answer or b"")
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    for connection in held:
        connection.close()


@contextmanager
def closed_port() -> Iterator[str]:
    yield f"redis://127.0.0.1:{free_port()}/0"


@contextmanager
def unresolvable() -> Iterator[str]:
    yield "redis://redis.invalid:6379/0"


BROKEN: dict[str, Callable[[], Any]] = {
    "dead port": closed_port,
    "no such host": unresolvable,
    "never answers": lambda: accepting(None),
    "speaks HTTP": lambda: accepting(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "answers OK to all": lambda: accepting(b"+OK\r\n"),
    "answers with numbers": lambda: accepting(b":1\r\n"),
    "answers with a broken length": lambda: accepting(b"$x\r\n"),
    "answers with a part": lambda: accepting(b"$100\r\nabc"),
    "answers with bytes": lambda: accepting(b"\xff\x00\r\n"),
    "answers with a snapshot that is none": lambda: accepting(b"$2\r\n{}\r\n"),
    "wants a password": lambda: accepting(b"-NOAUTH Authentication required.\r\n"),
    "is full": lambda: accepting(b"-OOM command not allowed\r\n"),
    "is read-only": lambda: accepting(b"-READONLY You can't write against a replica.\r\n"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_redis_is_done_without(broken: str) -> None:
    with BROKEN[broken]() as url:
        cache = Cache(url)
        for n in range(3):
            assert get(cache, "k", lambda n=n: b"v%d" % n) == b"v%d" % n
            cache.forget("k")
        assert at_once(5, lambda n: get(cache, "k", lambda: b"v")) == [b"v"] * 5


@pytest.mark.parametrize("broken", ["dead port", "never answers", "answers with numbers"])
def test_with_a_broken_redis_the_service_is_as_with_none(
    settings: Settings, tenant: Tenant, broken: str
) -> None:
    with BROKEN[broken]() as url, Gunicorn(environment(settings) | {"REDIS_URL": url}) as gunicorn:
        api = Client(gunicorn.url, tenant.service.credential)
        assert api.get("/v1/quota")["used"] == 0
        reserved = api.post("/v1/quota/reserve", {"kind": "stream", "count": 10})
        assert api.get("/v1/quota")["used"] == 10
        body = {"kind": "stream", "count": 4, "day": reserved["day"]}
        api.post("/v1/quota/release", body, headers={"Idempotency-Key": "1"})
        increment(api)
        api.put("/v1/quota/limit", {"period_days": 30, "allowed": 100})
        answers = at_once(10, lambda n: Client(api.url, api.credential).get("/v1/quota"))
        assert [answer["used"] for answer in answers] == [7] * 10


@needs_redis
def test_a_redis_that_is_killed_and_comes_back(
    settings: Settings, tenant: Tenant, tmp_path: Path
) -> None:
    server = RedisServer(tmp_path)
    with server, Gunicorn(environment(settings) | {"REDIS_URL": server.url}) as gunicorn:
        api = Client(gunicorn.url, tenant.service.credential)
        increment(api)
        assert [api.get("/v1/quota")["used"] for _ in range(10)] == [1] * 10
        server.kill()
        for n in range(2, 7):
            assert api.get("/v1/quota")["used"] == n - 1
            increment(api)
        with server:  # the same port, with nothing in it
            assert [api.get("/v1/quota")["used"] for _ in range(10)] == [6] * 10
            # A connection that broke is noticed once in each thread; then it is kept again.
            wait_until(lambda: api.get("/v1/quota") and server.client.exists(key(tenant)))
            increment(api)
            assert api.get("/v1/quota")["used"] == 7
            # Stopped, not dead: the connections are there, and nothing answers.
            server.process.send_signal(signal.SIGSTOP)
            try:
                assert api.get("/v1/quota")["used"] == 7
                increment(api)
                assert api.get("/v1/quota")["used"] == 8
            finally:
                server.process.send_signal(signal.SIGCONT)


def test_without_a_redis_it_is_made_each_time(tenant: Tenant) -> None:
    first, second = (tenant.service.get("/v1/quota") for _ in range(2))
    assert first.pop("last_sync") < second.pop("last_sync")
    assert first == second


# The cache by itself ------------------------------------------------------------------------------------


@pytest.fixture
def cache(server_of_copies: RedisServer) -> Cache:
    return Cache(server_of_copies.url)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}:{os.getpid()}"


def get(cache: Cache, name: str, make: Callable[[], bytes], seconds: int = 300) -> bytes:
    return cache.get(name, make, seconds=seconds, is_valid=lambda value: value.startswith(b"v"))


@needs_redis
def test_what_was_read_before_a_change_is_not_kept(
    cache: Cache, server_of_copies: RedisServer, name: str
) -> None:
    process = Cache(server_of_copies.url)  # another one, which makes the change

    def make() -> bytes:
        value = b"v1"  # read, and then:
        process.forget(name)
        return value

    assert get(cache, name, make) == b"v1"
    assert not server_of_copies.client.exists(name)
    assert get(cache, name, lambda: b"v2") == b"v2"
    assert get(cache, name, lambda: b"v3") == b"v2"


@needs_redis
def test_what_was_read_before_a_change_does_not_replace_what_was_read_after(
    cache: Cache, server_of_copies: RedisServer, name: str
) -> None:
    process = Cache(server_of_copies.url)

    def make() -> bytes:
        process.forget(name)
        assert get(process, name, lambda: b"v2") == b"v2"
        return b"v1"

    assert get(cache, name, make) == b"v1"
    assert get(cache, name, lambda: b"v3") == b"v2"


@needs_redis
def test_what_was_read_before_a_change_does_not_take_the_lease_of_another(
    cache: Cache, server_of_copies: RedisServer, name: str
) -> None:
    process = Cache(server_of_copies.url)

    def later() -> bytes:
        # Both have read, and there was a change between.
        assert get(cache, name, first) == b"v1"
        return b"v2"

    def first() -> bytes:
        return b"v1"

    assert get(process, name, later) == b"v2"
    assert get(cache, name, lambda: b"v3") == b"v2"


@needs_redis
@pytest.mark.parametrize("lost", ["expired", "flushed"])
def test_without_its_lease_nothing_is_kept(
    cache: Cache, server_of_copies: RedisServer, name: str, lost: str
) -> None:
    def make() -> bytes:
        if lost == "expired":
            server_of_copies.client.pexpire(name, 1)
            wait_until(lambda: not server_of_copies.client.exists(name))
        else:
            server_of_copies.client.delete(name)
        return b"v1"

    assert get(cache, name, make) == b"v1"
    assert not server_of_copies.client.exists(name)


@needs_redis
def test_a_maker_that_fails_raises_and_leaves_a_short_lease(
    cache: Cache, server_of_copies: RedisServer, name: str
) -> None:
    def fail() -> bytes:
        raise KeyError("it")

    with pytest.raises(KeyError):
        get(cache, name, fail)
    assert 0 < server_of_copies.client.ttl(name) <= 10
    assert get(cache, name, lambda: b"v1") == b"v1"
    # Nobody waits for the lock of the one that failed.
    assert at_once(5, lambda n: get(cache, name, lambda: b"v1")) == [b"v1"] * 5


@needs_redis
def test_it_is_made_once_for_many_threads(cache: Cache, name: str) -> None:
    made: list[int] = []
    there = threading.Barrier(20)

    def make() -> bytes:
        made.append(1)
        return b"v1"

    def call(_: int) -> bytes:
        there.wait(60)
        return get(cache, name, make)

    assert at_once(20, call) == [b"v1"] * 20
    assert made == [1]
    assert dict(cache._making) == {}


@needs_redis
def test_making_one_keeps_no_other_waiting(cache: Cache, name: str) -> None:
    other_made = threading.Event()

    def slow() -> bytes:
        assert other_made.wait(60)
        return b"v1"

    def call(n: int) -> bytes:
        if n == 0:
            return get(cache, name, slow)
        found = get(cache, f"{name}:other", lambda: b"v2")
        other_made.set()
        return found

    assert at_once(2, call) == [b"v1", b"v2"]


@needs_redis
def test_it_ends_when_its_seconds_are_over(
    cache: Cache, server_of_copies: RedisServer, name: str
) -> None:
    assert get(cache, name, lambda: b"v1", seconds=1) == b"v1"
    assert 0 < server_of_copies.client.pttl(name) <= 1000
    wait_until(lambda: not server_of_copies.client.exists(name))
    assert get(cache, name, lambda: b"v2", seconds=1) == b"v2"


def test_what_goes_wrong_is_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    with closed_port() as url, caplog.at_level(logging.WARNING):
        cache = Cache(url)
        for _ in range(5):
            assert get(cache, "k", lambda: b"v1") == b"v1"
            cache.forget("k")
        assert len(caplog.records) == 1
        assert "Redis" in caplog.text
        cache._logged_at -= 60
        cache.forget("k")
        assert len(caplog.records) == 2


def test_no_url_makes_it_wait_longer() -> None:
    cache = Cache("redis://127.0.0.1:1/0?socket_timeout=60&socket_connect_timeout=60&protocol=3")
    options = cache._redis.connection_pool.connection_kwargs
    assert options["socket_timeout"] <= 0.2
    assert options["socket_connect_timeout"] <= 0.2


# The setting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["redis://:secret@redis.example:6379/1", "rediss://redis.example", "unix:///run/redis"]
)
def test_the_setting_is_optional_and_never_shown(url: str) -> None:
    assert Settings.from_environment({}).redis_url is None
    assert Settings.from_environment({"REDIS_URL": ""}).redis_url is None
    settings = Settings.from_environment({"REDIS_URL": url})
    assert settings.redis_url == url
    assert url not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://redis.example",
        "redis.example:6379",
        "redis://:hunter2@redis.example:many",
        "redis://[::1/0",
        "redis://redis.example?socket_timeout=x",
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_environment({"REDIS_URL": url})
    assert str(refused.value).startswith("REDIS_URL is wrong: expected a URL redis://")
    assert "hunter2" not in str(refused.value)
