"""Social accounts: their tokens go out with a claim only, and what may be posted on them is what they say."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant, at_once
from tests.commands import environment
from tests.facts import rewriting
from tests.problems import problem
from tests.studio.social import (
    ACCOUNTS,
    POSTS,
    TOKENS,
    account,
    claim,
    fail,
    schedule,
    scheduled,
    used,
    videos,
)

Sql = psycopg.Connection[Any]

SECRETS = [*TOKENS.values(), "act.later", "rft.later"]


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def test_an_account_is_shown_without_its_tokens(api: Client) -> None:
    made = account(api, username="toaster", niche="tech", metadata={"a": 1})
    assert (made["platform"], made["username"], made["niche"]) == ("tiktok", "toaster", "tech")
    assert (made["daily_limit"], made["used_today"], made["is_active"]) == (10, 0, True)
    assert made["has_refresh_token"]
    assert api.get(f"{ACCOUNTS}/{made['id']}") == made
    assert api.all(ACCOUNTS) == [made]


def test_an_account_gives_places_and_distance_by_default(api: Client) -> None:
    made = api.post(ACCOUNTS, {"platform": "youtube", "username": "t", "access_token": "x"})
    assert (made["daily_limit"], made["min_distance_minutes"]) == (10, 15)


def test_tokens_are_in_nothing_but_the_answer_to_a_claim(
    tenant: Tenant, sql: Sql, settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
    with Gunicorn(environment(settings) | {"LOG_LEVEL": "DEBUG"}, log=descriptor) as running:
        api = Client(running.url, tenant.service.credential)
        headers = {"Idempotency-Key": "one"}
        body = {"platform": "tiktok", "username": "toaster", **TOKENS}
        told = [api.post(ACCOUNTS, body, headers=headers) for _ in range(2)]
        path = f"{ACCOUNTS}/{told[0]['id']}"
        post = api.post(POSTS, {"video_id": videos(tenant, 1)[0]})
        told += [schedule(api, post)]
        [claimed] = claim(api)
        later = {"access_token": "act.later", "refresh_token": "rft.later"}
        told += [api.put(f"{path}/tokens", later)]
        told += [fail(api, claimed), api.get(path), api.all(ACCOUNTS), api.all(POSTS)]
        # Also not the one that is refused.
        told += [api.post(ACCOUNTS, body, expect=409)]
        told += [api.post(ACCOUNTS, {**body, "platform": "x"}, expect=400)]
        told += [api.post(ACCOUNTS, {**body, "refresh_token": [SECRETS[1]]}, expect=400)]
        told += [api.post(ACCOUNTS, {**body, "access_token": f"{SECRETS[0]}\0"}, expect=400)]
        told += [api.put(f"{ACCOUNTS}/{uuid4()}/tokens", later, expect=404)]
        told += [api.all("/v1/events"), api.all("/v1/audit"), api.all("/v1/notifications")]
    os.close(descriptor)

    stored = sql.execute("SELECT * FROM studio.social_accounts").fetchall()
    kept = sql.execute("SELECT * FROM operations.idempotency_keys").fetchall()
    everything = json.dumps(told) + log.read_text() + str([stored, kept])
    assert log.stat().st_size > 0
    for secret in SECRETS:
        assert secret not in everything
        assert secret.encode().hex() not in everything
    tokens = stored[0]["access_token"], stored[0]["refresh_token"]
    for token in tokens:
        assert token.hex() not in json.dumps(told)
        assert not any(secret.encode() in token for secret in SECRETS)
    assert (claimed["access_token"], claimed["refresh_token"]) == tuple(TOKENS.values())


def test_a_token_works_in_its_own_row_only(tenant: Tenant, sql: Sql) -> None:
    mine, other = account(tenant.service), account(tenant.service)
    scheduled(tenant, account_id=mine["id"])
    sql.execute(
        """
        UPDATE studio.social_accounts AS a
        SET access_token = b.access_token
        FROM studio.social_accounts AS b
        WHERE a.id = %s AND b.id = %s
        """,
        [mine["id"], other["id"]],
    )
    sql.commit()
    refused = tenant.service.request("POST", f"{POSTS}/claim", {"worker": "w"})
    assert mine["username"] in problem(refused, 503, "UNAVAILABLE")["detail"]
    # And nothing was claimed.
    assert tenant.service.all(POSTS, status="claimed") == []
    tenant.service.put(f"{ACCOUNTS}/{mine['id']}/tokens", TOKENS)
    assert len(claim(tenant.service)) == 1


def test_a_platform_has_an_account_once(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    account(api, username="toaster")
    body = {"platform": "tiktok", "username": "toaster", **TOKENS}
    refused = problem(api.request("POST", ACCOUNTS, body), 409, "CONFLICT")
    assert refused["errors"] == {"username": ["the platform has this account already"]}
    account(api, username="toaster", platform="youtube")
    account(new_tenant().service, username="toaster")


def test_accounts_of_a_platform_are_listed_by_name(api: Client) -> None:
    for name in "bca":
        account(api, username=name)
    account(api, username="d", platform="youtube")
    listed = api.all(ACCOUNTS, platform="tiktok", limit=2)
    assert [found["username"] for found in listed] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "@toaster"),
        ("username", "to aster"),
        ("username", "x" * 101),
        ("platform", "myspace"),
        ("access_token", ""),
        ("access_token", "x" * 8001),
        ("access_token", "😀" * 8000),
        ("refresh_token", "😀" * 8000),
        ("username", "\u200b"),
        ("access_token", None),
        ("niche", " "),
        ("daily_limit", 0),
        ("daily_limit", 1001),
        ("daily_limit", "10"),
        ("min_distance_minutes", -1),
        ("min_distance_minutes", 1441),
        ("token_expires_at", "2027-01-01T00:00:00"),
    ],
)
def test_a_wrong_field_is_named(api: Client, field: str, value: Any) -> None:
    body = {"platform": "tiktok", "username": "toaster", **TOKENS, field: value}
    refused = problem(api.request("POST", ACCOUNTS, body), 400, "VALIDATION")
    assert set(refused["errors"]) == {field}


def test_an_account_is_changed_under_its_revision(api: Client) -> None:
    made = account(api, niche="tech")
    path, headers = f"{ACCOUNTS}/{made['id']}", {"If-Match": f'"{made["revision"]}"'}
    changed = api.patch(path, {"niche": None, "daily_limit": 3}, headers=headers)
    assert (changed["niche"], changed["daily_limit"]) == (None, 3)
    assert changed["username"] == made["username"]
    api.patch(path, {"niche": "food"}, 412, headers=headers)
    api.patch(path, {"platform": "youtube"}, 400)


def test_tokens_to_refresh_are_listed_5_minutes_before_they_expire(api: Client) -> None:
    soon = account(api, token_expires_at=in_minutes(4))
    over = account(api, token_expires_at=in_minutes(-60))
    account(api, token_expires_at=in_minutes(6))
    account(api)
    idle = account(api, token_expires_at=in_minutes(-60))
    api.patch(f"{ACCOUNTS}/{idle['id']}", {"is_active": False})
    listed = api.all(f"{ACCOUNTS}/to-refresh", limit=1)
    assert [found["id"] for found in listed] == [over["id"], soon["id"]]
    later = {**TOKENS, "token_expires_at": in_minutes(60)}
    api.put(f"{ACCOUNTS}/{over['id']}/tokens", later)
    assert [found["id"] for found in api.all(f"{ACCOUNTS}/to-refresh")] == [soon["id"]]


def test_of_two_who_refresh_at_once_one_is_told(tenant: Tenant) -> None:
    made = account(tenant.service, token_expires_at=in_minutes(1))
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    assert claimed["refresh_is_due"]
    headers = {"If-Match": f'"{claimed["account_revision"]}"'}
    path = f"{ACCOUNTS}/{made['id']}/tokens"

    def refresh(n: int) -> int:
        body = {"access_token": f"act.{n}", "token_expires_at": in_minutes(60)}
        return tenant.service.request("PUT", path, body, headers=headers).status_code

    assert sorted(at_once(4, refresh)) == [200, 412, 412, 412]
    # The refresh token that was not given stays.
    assert tenant.service.get(f"{ACCOUNTS}/{made['id']}")["has_refresh_token"]


def test_without_tokens_an_account_is_not_active(tenant: Tenant) -> None:
    made = account(tenant.service)
    scheduled(tenant)
    path = f"{ACCOUNTS}/{made['id']}"
    gone = tenant.service.request("DELETE", f"{path}/tokens", expect=200).json()
    assert (gone["is_active"], gone["has_refresh_token"]) == (False, False)
    assert claim(tenant.service) == []
    refused = tenant.service.patch(path, {"is_active": True}, 400)
    assert refused["errors"] == {"access_token": ["an active account has one"]}
    tenant.service.put(f"{path}/tokens", TOKENS)
    tenant.service.patch(path, {"is_active": True})
    assert len(claim(tenant.service)) == 1


def test_a_limit_is_never_less_than_what_is_used_on_the_day(tenant: Tenant, owner: Sql) -> None:
    made = account(tenant.service)
    for _ in range(3):
        scheduled(tenant)
    path = f"{ACCOUNTS}/{made['id']}"
    refused = tenant.service.patch(path, {"daily_limit": 2}, 400)
    assert list(refused["errors"]) == ["daily_limit"]
    assert tenant.service.patch(path, {"daily_limit": 3})["used_today"] == 3
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET used_on = used_on - 1 WHERE id = %s", [made["id"]]
        )
    assert used(tenant.service, made) == 0
    assert tenant.service.patch(path, {"daily_limit": 1})["used_today"] == 0


def test_only_services_handle_tokens(tenant: Tenant) -> None:
    made = account(tenant.service)
    admin = tenant.acting("admin")
    for method, path, body in (
        ("POST", f"{POSTS}/claim", {"worker": "w"}),
        ("PUT", f"{ACCOUNTS}/{made['id']}/tokens", TOKENS),
    ):
        refused = problem(admin.request(method, path, body), 403, "FORBIDDEN")
        assert "studio:post" in refused["detail"]


def test_another_tenant_has_no_such_account(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    made, other = account(tenant.service), new_tenant().service
    path = f"{ACCOUNTS}/{made['id']}"
    other.get(path, 404)
    other.patch(path, {"niche": "food"}, 404)
    other.put(f"{path}/tokens", TOKENS, 404)
    other.request("DELETE", f"{path}/tokens", expect=404)
    assert other.all(ACCOUNTS) == []
    scheduled(tenant)
    assert claim(other) == []


def test_what_triggers_keep_nobody_writes(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    for change in (
        "used_today = 5, used_on = now()",
        "last_claimed_at = now()",
        "platform = 'youtube'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.execute(f"UPDATE studio.social_accounts SET {change}".encode())
        sql.rollback()
