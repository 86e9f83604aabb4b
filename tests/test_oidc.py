"""OIDC tokens of users: really signed, checked against keys that are really fetched over HTTP."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization

from service import errors, fetch, oidc
from service.config import Settings
from service.secrets import Secrets
from service.webhooks.sending import secret_cell
from tests.client import Client, Gunicorn, Tenant, at_once, wait_until
from tests.commands import SECRET_KEY
from tests.issuer import AUDIENCE, LEEWAY, Issuer, ask, ask_once, subject_of_agent, trusting
from tests.problems import refused, untold


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer that stays as it is."""
    with Issuer() as started:
        yield started


@pytest.fixture(scope="module")
def service(settings: Settings, issuer: Issuer) -> Iterator[Gunicorn]:
    with trusting(settings, issuer) as running:
        yield running


@pytest.fixture
def own_issuer() -> Iterator[Issuer]:
    """An issuer that a test may change or end."""
    with Issuer() as started:
        yield started


@pytest.fixture
def own_service(settings: Settings, own_issuer: Issuer) -> Iterator[Gunicorn]:
    with trusting(settings, own_issuer) as running:
        yield running


@pytest.fixture
def subject(tenant: Tenant, issuer: Issuer) -> str:
    return subject_of_agent(tenant, issuer)


def test_a_good_token_has_the_rights_of_the_users_role(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str
) -> None:
    token = issuer.token(tenant, subject)
    assert ask(service, token).ok  # the keys are there
    agent = Client(service.url, token)
    assert agent.get("/v1/tenant")["id"] == tenant.id
    draft = tenant.draft()
    decision = agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    assert decision["action"]["user_id"] == tenant.users["agent"]
    assert agent.request("PATCH", "/v1/tenant", {"name": "A"}).status_code == 403

    tenant.service.patch(f"/v1/users/{tenant.users['agent']}", {"role": "admin"})
    assert agent.patch("/v1/tenant", {"name": "A"})["name"] == "A"
    # A user is who the token says, whomever a header names.
    acting = agent.acting_for(tenant.users["approver"])
    draft = tenant.draft()
    decision = acting.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    assert decision["action"]["user_id"] == tenant.users["agent"]


def test_what_is_encrypted_for_a_tenant_is_read_however_a_token_spells_its_id(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str, sql: psycopg.Connection[Any]
) -> None:
    token = issuer.token(tenant, subject, tenant_id=tenant.id.upper())
    assert ask(service, token).ok
    tenant.service.patch(f"/v1/users/{tenant.users['agent']}", {"role": "admin"})
    admin = Client(service.url, token)
    made = admin.post("/v1/webhook-endpoints", {"url": "https://example.com/hook"})
    [row] = sql.execute("SELECT secret FROM webhooks.endpoints").fetchall()
    cell = secret_cell(tenant.id, UUID(made["id"]))
    assert Secrets(SECRET_KEY).decrypt(row["secret"], cell) is not None


def test_a_list_of_audiences_may_name_others_too(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str
) -> None:
    assert ask(service, issuer.token(tenant, subject, aud=["other", AUDIENCE])).ok


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": []},
        {"aud": None},
        {"exp": 0},
        {"exp": -LEEWAY - 5},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**15},
        {"exp": 10**400},
        {"exp": str(10**400)},
        {"nbf": 10**400},
        {"iat": 10**400},
        {"sub": "\ud800"},
        {"sub": "a\x00b"},
        {"sub": "\ufeff"},
        {"sub": {}},
        {"tenant_id": "\udfff"},
        {"nbf": LEEWAY + 60},
        {"iat": LEEWAY + 60},
        {"sub": None},
        {"sub": "another subject"},
        {"sub": 7},
        {"tenant_id": None},
        {"tenant_id": ""},
        {"tenant_id": 7},
        {"tenant_id": "%"},
        {"tenant_id": "00000000-0000-0000-0000-000000000000"},
    ],
    ids=lambda changed: ascii(changed)[:40],
)
def test_a_token_with_a_wrong_claim_is_refused(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str, changed: dict[str, Any]
) -> None:
    now = int(time.time())
    for name in ("exp", "nbf", "iat"):
        if isinstance(changed.get(name), int) and 0 < abs(changed[name]) < 10**9:
            changed = {name: now + changed[name]}
    claims = issuer.claims(tenant, subject, **changed)
    # PyJWT itself refuses to write some of these.
    token = jwt.api_jws.encode(
        json.dumps(claims).encode(), issuer.keys["first"], "RS256", headers={"kid": "first"}
    )
    refused(ask(service, token))
    assert ask(service, issuer.token(tenant, subject)).ok


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_a_token_with_a_wrong_signature_is_refused(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str
) -> None:
    good = issuer.token(tenant, subject)
    head, body, signature = good.split(".")
    claims = issuer.claims(tenant, subject)
    with Issuer() as stranger:
        pass
    by_stranger = jwt.encode(claims, stranger.keys["first"], "RS256", headers={"kid": "first"})
    other_body = encoded(json.dumps({**claims, "sub": "another"}).encode())

    none_head = encoded(b'{"alg":"none","typ":"JWT","kid":"first"}')
    hs_head = encoded(b'{"alg":"HS256","typ":"JWT","kid":"first"}')
    public = issuer.keys["first"].public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forged = encoded(hmac.digest(pem, f"{hs_head}.{body}".encode(), "sha256"))
    rs512 = jwt.encode(claims, issuer.keys["first"], "RS512", headers={"kid": "first"})
    for token in (
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{other_body}.{signature}",
        f"{none_head}.{body}.",
        f"{none_head}.{body}.{signature}",
        f"{hs_head}.{body}.{forged}",
        by_stranger,
        rs512,
        f"{head}.{body}",
        f"{head}.{body}.{signature}.{signature}",
        "not.a.token",
        encoded(b"[" * 5000) + f".{body}.{signature}",
    ):
        refused(ask(service, token))
    assert ask(service, good).ok


@pytest.mark.parametrize("kid", [None, "", "unknown", "FIRST"])
def test_a_token_of_an_unknown_key_is_refused(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str, kid: str | None
) -> None:
    headers = {} if kid is None else {"kid": kid}
    claims = issuer.claims(tenant, subject)
    refused(ask(service, jwt.encode(claims, issuer.keys["first"], "RS256", headers=headers)))


def test_a_subject_counts_only_in_its_own_tenant(
    service: Gunicorn,
    issuer: Issuer,
    tenant: Tenant,
    subject: str,
    new_tenant: Callable[[], Tenant],
) -> None:
    other = new_tenant()
    refused(ask(service, issuer.token(other, subject)))
    # The same person in both tenants: each token opens one.
    changes = {"auth_provider": issuer.url, "auth_subject": subject}
    other.service.patch(f"/v1/users/{other.users['viewer']}", changes)
    for there in (tenant, other):
        assert ask(service, issuer.token(there, subject)).json()["id"] == there.id
    # The subject of another issuer is another person.
    changes = {"auth_provider": "https://other.example", "auth_subject": subject}
    other.service.patch(f"/v1/users/{other.users['viewer']}", changes)
    refused(ask(service, issuer.token(other, subject)))
    # Nor may our issuer's key speak for that one.
    refused(ask(service, issuer.token(other, subject, iss="https://other.example")))


def test_a_disabled_user_is_refused(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str
) -> None:
    token = issuer.token(tenant, subject)
    assert ask(service, token).ok
    tenant.service.patch(f"/v1/users/{tenant.users['agent']}", {"disabled": True})
    refused(ask(service, token))


def test_the_keys_are_kept_and_a_new_one_is_found(
    own_service: Gunicorn, own_issuer: Issuer, tenant: Tenant
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    old = own_issuer.token(tenant, subject)
    assert ask(own_service, old).ok
    fetches = len(own_issuer.fetches)
    assert [ask_once(own_service, old).status_code for _ in range(3)] == [200] * 3
    assert len(own_issuer.fetches) == fetches

    own_issuer.add_key("second")
    new = own_issuer.token(tenant, subject, "second")
    wait_until(lambda: ask(own_service, new).ok)
    assert len(own_issuer.fetches) > fetches
    assert ask(own_service, old).ok

    del own_issuer.keys["first"]
    own_issuer.add_key("third")
    wait_until(lambda: ask(own_service, own_issuer.token(tenant, subject, "third")).ok)
    refused(ask(own_service, old))


# An issuer that fails ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (404, b"{}"),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": {"kid": "first"}}'),
        (200, b'{"keys": [{"kid": ["first"], "kty": "oct", "k": "eA"}]}'),
    ],
)
def test_without_the_issuers_keys_nobody_can_tell(
    settings: Settings, own_issuer: Issuer, tenant: Tenant, status: int, body: bytes
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    own_issuer.status, own_issuer.body = status, body
    with trusting(settings, own_issuer) as service:
        wait_until(lambda: own_issuer.fetches)
        untold(ask_once(service, own_issuer.token(tenant, subject)))
        # Services do not need the issuer.
        assert ask_once(service, tenant.service.credential).ok
        own_issuer.status, own_issuer.body = 200, None
        assert ask(service, own_issuer.token(tenant, subject)).ok


def test_an_answer_is_not_read_beyond_a_size(
    settings: Settings, own_issuer: Issuer, tenant: Tenant
) -> None:
    token = own_issuer.token(tenant, subject_of_agent(tenant, own_issuer))
    own_issuer.body = own_issuer.jwks().ljust(fetch.MAX_BYTES + 1)
    with trusting(settings, own_issuer) as service:
        wait_until(lambda: own_issuer.fetches)
        untold(ask_once(service, token))
        own_issuer.body = own_issuer.jwks().ljust(fetch.MAX_BYTES)
        assert ask(service, token).ok


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_comes_byte_by_byte_is_given_up(
    settings: Settings, own_issuer: Issuer, tenant: Tenant, part: str
) -> None:
    token = own_issuer.token(tenant, subject_of_agent(tenant, own_issuer))
    own_issuer.drips = part
    with trusting(settings, own_issuer) as service:
        wait_until(own_issuer.left_alone.is_set)
        untold(ask_once(service, token))
        own_issuer.drips = ""
        assert ask(service, token).ok


def test_the_keys_are_where_the_setting_says_and_nowhere_else(
    settings: Settings, own_issuer: Issuer, tenant: Tenant
) -> None:
    with Issuer() as elsewhere:
        own_issuer.status, own_issuer.headers = 302, {"Location": f"{elsewhere.url}/jwks"}
        with trusting(settings, own_issuer) as service:
            token = own_issuer.token(tenant, "nobody")
            wait_until(lambda: untold(ask_once(service, token)) or len(own_issuer.fetches) >= 2)
        assert elsewhere.fetches == []


def unknown_keys(issuer: Issuer, tenant: Tenant, count: int) -> list[str]:
    """Tokens that anyone can make."""
    claims = issuer.claims(tenant, "nobody")
    return [
        jwt.encode(claims, "x" * 32, "HS256", headers={"kid": f"unknown {n}"}) for n in range(count)
    ]


def test_forty_unknown_keys_hold_nobody_up_while_the_issuer_does_not_answer(
    settings: Settings, own_issuer: Issuer, tenant: Tenant
) -> None:
    tokens = unknown_keys(own_issuer, tenant, 40)
    own_issuer.answering.clear()
    try:
        with trusting(settings, own_issuer) as service:
            for response in at_once(40, lambda n: ask_once(service, tokens[n])):
                untold(response)
            assert ask_once(service, tenant.service.credential).ok
            # As many fetches as have time, not as many as tokens.
            assert len(own_issuer.fetches) < 10
    finally:
        own_issuer.answering.set()


@pytest.mark.parametrize("status", [200, 500])
def test_between_two_fetches_is_a_pause_whatever_came(
    settings: Settings, own_issuer: Issuer, tenant: Tenant, status: int
) -> None:
    tokens = unknown_keys(own_issuer, tenant, 8)
    own_issuer.status = status
    with trusting(settings, own_issuer) as service:

        def come_again() -> bool:
            for response in at_once(8, lambda n: ask_once(service, tokens[n])):
                assert response.status_code in (401, 503)
            return len(own_issuer.fetches) >= 3

        wait_until(come_again)
    for before, after in pairwise(own_issuer.fetches):
        assert after - before >= oidc.PAUSE


def test_keys_are_kept_while_the_issuer_is_away_and_not_for_ever(
    own_issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(oidc, "PAUSE", 0.1)
    monkeypatch.setattr(oidc, "MAX_AGE", 0.1)
    keys = oidc.Keys(f"{own_issuer.url}/jwks")
    wait_until(lambda: keys._known[0])
    fetches = len(own_issuer.fetches)
    wait_until(lambda: len(own_issuer.fetches) > fetches)  # also when nobody asks
    own_issuer.end()
    caplog.clear()
    wait_until(lambda: "could not be fetched" in caplog.text)
    assert keys.find("first")
    monkeypatch.setattr(oidc, "KEPT", 0)
    with pytest.raises(errors.Problem) as raised:
        keys.find("first")
    assert raised.value.code == "UNAVAILABLE"


def test_an_issuer_that_is_down_does_not_lock_out_whose_keys_are_known(
    own_service: Gunicorn, own_issuer: Issuer, tenant: Tenant
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    token = own_issuer.token(tenant, subject)
    assert ask(own_service, token).ok
    own_issuer.end()
    # Nor do keys that it does not have.
    for unknown in unknown_keys(own_issuer, tenant, 3):
        ask_once(own_service, unknown)
    assert ask_once(own_service, token).ok


def test_an_issuer_that_is_down_from_the_start_is_503(
    settings: Settings, own_issuer: Issuer, tenant: Tenant
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    own_issuer.end()
    with trusting(settings, own_issuer) as service:
        answer = ask_once(service, own_issuer.token(tenant, subject))
    untold(answer)
    assert own_issuer.url not in answer.text


def test_without_an_issuer_no_token_is_taken(
    issuer: Issuer, tenant: Tenant, subject: str, gunicorn: Gunicorn
) -> None:
    refused(ask(gunicorn, issuer.token(tenant, subject)))
