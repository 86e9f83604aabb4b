"""Rate limits: of callers, tenants and addresses; in memory, and in a real Redis for several processes."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from random import randrange
from typing import Any
from uuid import uuid4

import pytest
import requests
from limits import parse
from prometheus_client import REGISTRY

from service import create_app, errors, rate_limits
from service.config import Settings
from service.errors import Problem
from service.rate_limits import RateLimits
from tests.client import Client, Gunicorn, Tenant, at_once
from tests.commands import SECRET_KEY, environment
from tests.models.test_quota_cache import RedisServer, needs_redis
from tests.problems import problem

ADDRESS = "X-Forwarded-For"
FAILED = {"cache": "rate_limits", "result": "error"}
HOUR = {
    "RATE_LIMIT_CALLER": "10/hour",
    "RATE_LIMIT_TENANT": "15/hour",
    "RATE_LIMIT_ADDRESS": "5/hour",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture(scope="module")
def limited(settings: Settings) -> Iterator[Gunicorn]:
    """One process, which counts in memory."""
    with Gunicorn(environment(settings) | HOUR) as running:
        yield running


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def shared(redis_server: RedisServer, settings: Settings) -> Iterator[Gunicorn]:
    """Two processes, which count in Redis."""
    more = {"REDIS_URL": redis_server.url, "WEB_CONCURRENCY": "2"}
    with Gunicorn(environment(settings) | HOUR | more) as running:
        yield running


@pytest.fixture(params=["limited", pytest.param("shared", marks=needs_redis)])
def service(request: pytest.FixtureRequest) -> Gunicorn:
    running: Gunicorn = request.getfixturevalue(request.param)
    return running


def there(service: Gunicorn, tenant: Tenant, user: str | None = None) -> Client:
    """The tenant's key, on a connection of its own."""
    return Client(service.url, tenant.service.credential, user)


def statuses(answers: list[requests.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def client_address() -> str:
    """One that no other test has."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


def test_of_many_at_once_exactly_as_many_pass(service: Gunicorn, tenant: Tenant) -> None:
    answers = at_once(20, lambda _: there(service, tenant).request("GET", "/v1/tenant"))
    assert statuses(answers) == {200: 10, 429: 10}
    left = sorted(int(a.headers["X-RateLimit-Remaining"]) for a in answers if a.ok)
    assert left[0] == 0
    assert left[-1] <= 9


def test_answers_tell_what_is_left(service: Gunicorn, tenant: Tenant) -> None:
    api = there(service, tenant)
    now = time.time()
    first = api.request("GET", "/v1/tenant", expect=200).headers
    assert first["X-RateLimit-Limit"] == "10"
    assert first["X-RateLimit-Remaining"] == "9"
    assert now + 3000 < int(first["X-RateLimit-Reset"]) < now + 3700
    assert first["RateLimit-Policy"] == '"caller";q=10;w=3600, "tenant";q=15;w=3600'
    caller, of_tenant = first["RateLimit"].split(", ")
    assert caller.startswith('"caller";r=9;t=3')
    assert of_tenant.startswith('"tenant";r=14;t=3')
    # A failure counts, too.
    refused = api.request("GET", "/v1/drafts?limit=x", expect=400)
    assert refused.headers["X-RateLimit-Remaining"] == "8"
    for _ in range(8):
        api.request("GET", "/v1/tenant", expect=200)
    refused = api.request("GET", "/v1/tenant", expect=429)
    problem(refused, 429, "RATE_LIMITED")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["RateLimit"].startswith('"caller";r=0;t=3')
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600


def test_users_and_keys_are_callers_of_their_own_and_share_the_tenants(
    service: Gunicorn, tenant: Tenant
) -> None:
    user = tenant.users["agent"]
    for _ in range(10):
        there(service, tenant).get("/v1/tenant")
    there(service, tenant).get("/v1/tenant", expect=429)
    # What was refused has cost the tenant nothing.
    for _ in range(5):
        there(service, tenant, user).get("/v1/tenant")
    refused = there(service, tenant, user).request("GET", "/v1/tenant", expect=429)
    assert '"tenant";r=0' in refused.headers["RateLimit"]


def test_a_rotated_key_is_the_same_caller(service: Gunicorn, tenant: Tenant) -> None:
    for _ in range(9):
        there(service, tenant).get("/v1/tenant")
    [key] = tenant.service.all("/v1/api-keys")
    rotated = tenant.service.post(f"/v1/api-keys/{key['id']}/rotate", {"grace_seconds": 60})
    fresh = Client(service.url, rotated["key"])
    fresh.get("/v1/tenant")
    fresh.get("/v1/tenant", expect=429)


def test_one_tenant_never_slows_another(
    service: Gunicorn, new_tenant: Callable[[], Tenant]
) -> None:
    mine, other = new_tenant(), new_tenant()
    at_once(20, lambda _: there(service, mine).request("GET", "/v1/tenant"))
    for _ in range(10):
        there(service, other).get("/v1/tenant")


def test_health_is_never_limited(service: Gunicorn, tenant: Tenant) -> None:
    at_once(20, lambda _: there(service, tenant).request("GET", "/v1/tenant"))
    for path in ("/healthz", "/readyz"):
        for _ in range(20):
            answer = requests.get(f"{service.url}{path}", timeout=30)
            assert answer.status_code == 200
            assert "X-RateLimit-Limit" not in answer.headers


# Addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["nothing", "wrong key", "wrong token", "webhook"])
def test_failed_attempts_are_limited_by_address(
    service: Gunicorn, tenant: Tenant, kind: str
) -> None:
    address = client_address()
    key = tenant.service.credential
    credential = {"nothing": "", "wrong key": f"{key[:-4]}xxxx", "wrong token": "a.b.c"}.get(kind)
    path, headers = "/v1/tenant", {"Authorization": f"Bearer {credential}"}
    if kind == "webhook":
        run = "01980000-0000-7000-8000-000000000000"
        path = f"/hooks/tenants/{tenant.id}/pipeline-runs/{run}/report"
        headers = {"X-Webhook-Secret": "x"}

    def attempt(address: str) -> requests.Response:
        method = "POST" if kind == "webhook" else "GET"
        given = {**headers, ADDRESS: address}
        return requests.request(method, f"{service.url}{path}", headers=given, json={}, timeout=30)

    answers = at_once(12, lambda _: attempt(address))
    assert statuses(answers) == {401: 5, 429: 7}
    refused = next(answer for answer in answers if answer.status_code == 429)
    problem(refused, 429, "RATE_LIMITED")
    assert int(refused.headers["Retry-After"]) > 0
    # The same client has many addresses; another one has not failed.
    assert attempt(address.replace("::1", "::2")).status_code == 429
    assert attempt(client_address()).status_code == 401
    # Now what is right is not told from what is wrong; elsewhere it counts.
    right = {"Authorization": f"Bearer {key}"}
    url = f"{service.url}/v1/tenant"
    assert requests.get(url, headers={**right, ADDRESS: address}, timeout=30).status_code == 429
    answer = requests.get(url, headers={**right, ADDRESS: client_address()}, timeout=30)
    assert answer.status_code == 200


def test_an_ipv4_client_of_a_socket_of_ipv6_has_its_own_limit(service: Gunicorn) -> None:
    def attempt(address: str) -> int:
        headers = {ADDRESS: f"::ffff:{address}"}
        return requests.get(f"{service.url}/v1/tenant", headers=headers, timeout=30).status_code

    first, second = (f"198.51.{randrange(256)}.{randrange(128) + n}" for n in (0, 128))
    assert [attempt(first) for _ in range(6)] == [401] * 5 + [429]
    assert attempt(second) == 401


def test_who_authenticates_is_not_limited_by_address(
    service: Gunicorn, new_tenant: Callable[[], Tenant]
) -> None:
    address = client_address()
    for tenant in (new_tenant() for _ in range(7)):
        there(service, tenant).request("GET", "/v1/tenant", expect=200, headers={ADDRESS: address})


# By itself ------------------------------------------------------------------------------------------------


def test_without_settings_nothing_is_limited_or_told(gunicorn: Gunicorn, tenant: Tenant) -> None:
    for _ in range(30):
        answer = there(gunicorn, tenant).request("GET", "/v1/tenant", expect=200)
        assert "RateLimit" not in answer.headers
    for _ in range(30):
        assert requests.get(f"{gunicorn.url}/v1/tenant", timeout=30).status_code == 401


def limits_of(limit: str, redis_url: str | None = None) -> RateLimits:
    return RateLimits(Settings(rate_limit_tenant=parse(limit), redis_url=redis_url))


def take(limits: RateLimits, key: str) -> bool:
    try:
        limits._take("tenant", key)
    except Problem:
        return False
    return True


@pytest.fixture
def in_request(settings: Settings) -> Iterator[None]:
    """Where answers are made."""
    app = create_app(replace(settings, secret_key=SECRET_KEY))
    with app.test_request_context():
        yield
    app.extensions["draftroom"].database.close()


@pytest.mark.usefixtures("in_request")
def test_the_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000_009.0
    monkeypatch.setattr("time.time", lambda: now)
    limits = limits_of("10/10 seconds")
    assert [take(limits, "a") for _ in range(11)] == [True] * 10 + [False]
    # At the edge of a fixed window there would be ten more.
    now += 2
    assert not take(limits, "a")
    now += 7.9
    assert not take(limits, "a")
    now += 0.2
    assert [take(limits, "a") for _ in range(11)] == [True] * 10 + [False]


@pytest.mark.usefixtures("in_request")
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST", 10)
    limits = limits_of("1/hour")
    kept: Any = limits._memory.storage
    assert take(limits, "goes on")
    for n in range(100):
        assert take(limits, str(n))
        assert len(kept.events) <= 10
        # Whoever goes on is never forgotten; who has been silent while many came is.
        assert not take(limits, "goes on")
    assert not take(limits, "99")
    assert take(limits, "0")


@pytest.mark.usefixtures("in_request")
def test_addresses_make_nobody_else_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST", 10)
    hour = parse("1/hour")
    limits = RateLimits(Settings(rate_limit_tenant=hour, rate_limit_address=hour))
    assert take(limits, "a")
    for n in range(100):
        fails(limits, f"192.0.2.{n}")
    assert not take(limits, "a")
    # Addresses that do not fail push out none that did.
    for n in range(100):
        with limits.attempt(f"198.51.100.{n}"):
            pass
    with pytest.raises(Problem, match="failed attempts"), limits.attempt("192.0.2.99"):
        pass


def fails(limits: RateLimits, address: str) -> None:
    with suppress(Problem), limits.attempt(address):
        raise errors.unauthenticated("wrong")


@needs_redis
@pytest.mark.usefixtures("in_request")
def test_without_redis_each_process_limits_alone(
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limits, "PAUSE", 0.0)
    before = REGISTRY.get_sample_value("draftroom_cache_lookups_total", FAILED) or 0
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        one, two = (limits_of("4/hour", server.url) for _ in range(2))
        assert [take(one, "a"), take(two, "a"), take(one, "a"), take(two, "a")] == [True] * 4
        assert not take(one, "a")
        assert not take(two, "a")
    for limits in (one, two):
        assert [take(limits, "a") for _ in range(5)] == [True] * 4 + [False]
    assert caplog.text.count("Redis is away") == 2
    assert REGISTRY.get_sample_value("draftroom_cache_lookups_total", FAILED) == before + 10
