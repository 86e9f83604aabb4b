"""Who a credential belongs to is remembered: for a bounded time, and never past what the service itself changes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from service import caller_cache
from service.caller import Caller
from service.caller_cache import CallerCache
from service.config import Settings
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.commands import environment
from tests.issuer import LEEWAY, Issuer, ask, subject_of_agent, trusting
from tests.problems import forbidden, refused


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Gunicorn]:
    """One process that remembers for longer than a test takes."""
    remembering = {"CREDENTIAL_CACHE_SECONDS": "60", "WEB_CONCURRENCY": "1"}
    with Gunicorn(environment(settings) | remembering) as running:
        yield running


@pytest.fixture
def here(service: Gunicorn, tenant: Tenant) -> Tenant:
    """The tenant, asked through that process."""
    return replace(tenant, service=Client(service.url, tenant.service.credential))


def new_key(tenant: Tenant, *scopes: str, **fields: Any) -> tuple[Client, str]:
    """A key that was used already, and its id."""
    body = {"name": "key", "scopes": scopes, **fields}
    made = tenant.service.post("/v1/api-keys", body)
    key = Client(tenant.service.url, made["key"])
    key.get("/v1/tenant")
    return key, made["id"]


def test_who_was_found_is_not_asked_for_again(
    here: Tenant, sql: psycopg.Connection[Any], tenant: Tenant
) -> None:
    key, id_ = new_key(here, "identity:read")
    sql.execute("UPDATE identity.api_keys SET revoked_at = now() WHERE id = %s", [id_])
    sql.commit()
    key.get("/v1/tenant")
    refused(Client(tenant.service.url, key.credential).request("GET", "/v1/tenant"))


def test_what_another_changed_counts_after_the_bound(
    settings: Settings, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    bound = {"CREDENTIAL_CACHE_SECONDS": "0.5", "WEB_CONCURRENCY": "2"}
    with Gunicorn(environment(settings) | bound) as running:
        there = replace(tenant, service=Client(running.url, tenant.service.credential))
        key, id_ = new_key(there, "identity:read")
        tenant.service.post(f"/v1/api-keys/{id_}/revoke")
        wait_until(lambda: key.request("GET", "/v1/tenant").status_code == 401)
        agent = there.acting("agent")
        agent.get("/v1/tenant")
        tenant.service.patch(f"/v1/users/{tenant.users['agent']}", {"disabled": True})
        wait_until(lambda: agent.request("GET", "/v1/tenant").status_code == 403)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
def test_a_key_that_is_revoked_or_rotated_here_is_refused_at_once(
    here: Tenant, headers: dict[str, str]
) -> None:
    for number, change in enumerate(("revoke", "rotate")):
        key, id_ = new_key(here, "identity:read")
        once = {name: f"{value} {number}" for name, value in headers.items()}
        here.service.post(f"/v1/api-keys/{id_}/{change}", {}, headers=once)
        refused(key.request("GET", "/v1/tenant"))


def test_a_new_role_and_a_disabled_user_count_at_once(here: Tenant) -> None:
    path = f"/v1/users/{here.users['viewer']}"
    viewer = here.acting("viewer")
    forbidden(viewer.request("GET", "/v1/learning-samples"))
    here.service.patch(path, {"role": "agent"})
    viewer.get("/v1/learning-samples")
    here.service.patch(path, {"disabled": True})
    forbidden(viewer.request("GET", "/v1/tenant"))
    here.service.patch(path, {"disabled": False})
    viewer.get("/v1/tenant")


def test_a_key_does_not_outlive_its_own_end(here: Tenant, sql: psycopg.Connection[Any]) -> None:
    key, id_ = new_key(here, "identity:read")
    [end] = sql.execute("SELECT now() + interval '2 seconds' AS at").fetchall()
    sql.execute("UPDATE identity.api_keys SET expires_at = %s WHERE id = %s", [end["at"], id_])
    sql.commit()
    here.service.post("/v1/api-keys", {"name": "other", "scopes": ["identity:read"]})  # forgets
    wait_until(lambda: key.request("GET", "/v1/tenant").status_code == 401)
    [now] = sql.execute("SELECT clock_timestamp() AS at").fetchall()
    assert now["at"] >= end["at"]


def test_for_whom_a_key_acts_is_remembered_with_it(here: Tenant) -> None:
    assert here.service.get("/v1/tenant")
    for user in ("None", "", "nobody@example.com"):
        forbidden(here.service.acting_for(user).request("GET", "/v1/tenant"))
    here.acting("admin").get("/v1/users")
    forbidden(here.acting("viewer").request("GET", "/v1/learning-samples"))
    here.acting("agent").get("/v1/learning-samples")


def test_a_wrong_secret_is_refused_however_well_its_key_is_known(here: Tenant) -> None:
    here.service.get("/v1/tenant")
    good = here.service.credential
    wrong = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]
    refused(Client(here.service.url, wrong).request("GET", "/v1/tenant"))


def test_each_request_is_logged_as_its_own(here: Tenant, sql: psycopg.Connection[Any]) -> None:
    for request_id in ("first", "second"):
        body = {"type": "email", "external_id": request_id, "name": "A"}
        here.service.post("/v1/channels", body, headers={"X-Request-Id": request_id})
    events = sql.execute("SELECT request_id FROM operations.events WHERE entity = 'inbox.channels'")
    assert {event["request_id"] for event in events} == {"first", "second"}


def test_a_token_is_remembered_too_and_not_past_its_end(
    settings: Settings, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    with Issuer() as issuer, trusting(settings, issuer, remembered=60) as running:
        subject = subject_of_agent(tenant, issuer)
        token = issuer.token(tenant, subject)
        ends_soon = issuer.token(tenant, subject, exp=int(time.time()) - LEEWAY + 3)
        wait_until(lambda: ask(running, ends_soon).status_code == 401)
        assert ask(running, token).ok
        sql.execute("UPDATE identity.users SET disabled_at = now()")
        sql.commit()
        assert ask(running, token).ok


# The memory itself ------------------------------------------------------------------------------------------


def found(name: str, good_for: float | None = None) -> Callable[[], tuple[Caller, float | None]]:
    return lambda: (Caller("", name), good_for)


def test_zero_seconds_are_no_memory() -> None:
    known = CallerCache(0)
    assert [known.find("c", None, found(name)).actor for name in "ab"] == ["a", "b"]


def test_a_refusal_is_not_remembered() -> None:
    known = CallerCache(60)
    for _ in range(2):
        with pytest.raises(LookupError):
            known.find("c", None, lambda: {}["c"])
    assert known.find("c", None, found("a")).actor == "a"


def test_who_was_looked_up_before_a_change_is_not_remembered_after_it() -> None:
    known = CallerCache(60)

    def changed_meanwhile() -> tuple[Caller, float | None]:
        known.forget()
        return Caller("", "old"), None

    assert known.find("c", None, changed_meanwhile).actor == "old"
    assert known.find("c", None, found("new")).actor == "new"


def test_the_memory_is_bounded_and_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_cache, "MOST", 10)
    known = CallerCache(60)
    for n in range(35):
        known.find(f"secret {n}", None, found("a"))
        assert len(known._found) <= 10
    assert "secret" not in str(known._found)
