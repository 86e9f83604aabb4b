"""OIDC tokens of users: really signed, checked against keys that are really fetched over HTTP."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.issuer import AUDIENCE, Issuer

LEEWAY = 30  # seconds that the service grants to clocks


def trusting(settings: Settings, issuer: Issuer, remembered: float = 0) -> Gunicorn:
    """A service of one process, so that one cache of keys answers, which trusts the issuer."""
    assert settings.database_url
    assert settings.secret_key
    return Gunicorn(
        {
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "LOG_LEVEL": "WARNING",
            "WEB_CONCURRENCY": "1",
            "CREDENTIAL_CACHE_SECONDS": str(remembered),
            "OIDC_ISSUER": issuer.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "OIDC_JWKS_URL": f"{issuer.url}/jwks",
        }
    )


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


def subject_of_agent(tenant: Tenant, issuer: Issuer) -> str:
    """The OIDC subject of the tenant's agent."""
    name = uuid4().hex
    changes = {"auth_provider": issuer.url, "auth_subject": name}
    tenant.service.patch(f"/v1/users/{tenant.users['agent']}", changes)
    return name


@pytest.fixture
def subject(tenant: Tenant, issuer: Issuer) -> str:
    return subject_of_agent(tenant, issuer)


def ask(service: Gunicorn, token: str, path: str = "/v1/tenant") -> requests.Response:
    return Client(service.url, token).request("GET", path)


def refused(response: requests.Response) -> None:
    assert response.status_code == 401, response.text
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "UNAUTHENTICATED"


def test_a_good_token_has_the_rights_of_the_users_role(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str
) -> None:
    agent = Client(service.url, issuer.token(tenant, subject))
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
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(
    service: Gunicorn, issuer: Issuer, tenant: Tenant, subject: str, changed: dict[str, Any]
) -> None:
    now = int(time.time())
    for name in ("exp", "nbf", "iat"):
        if isinstance(changed.get(name), int) and changed[name] != 0:
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
    assert [ask(own_service, old).status_code for _ in range(3)] == [200] * 3
    assert own_issuer.fetches == 1

    own_issuer.add_key("second")
    new = own_issuer.token(tenant, subject, "second")
    # Between two fetches lie 5 seconds at least, whatever key ids a stranger makes up.
    wait_until(lambda: ask(own_service, new).ok)
    assert own_issuer.fetches == 2
    assert ask(own_service, old).ok

    del own_issuer.keys["first"]
    own_issuer.add_key("third")
    wait_until(lambda: ask(own_service, own_issuer.token(tenant, subject, "third")).ok)
    refused(ask(own_service, old))


@pytest.mark.parametrize(("status", "body"), [(500, b""), (404, b"{}"), (200, b"<html>")])
def test_without_the_issuers_keys_nobody_can_tell(
    own_service: Gunicorn, own_issuer: Issuer, tenant: Tenant, status: int, body: bytes
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    own_issuer.status, own_issuer.body = status, body
    answer = ask(own_service, own_issuer.token(tenant, subject))
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"]
    # Services do not need the issuer.
    assert ask(own_service, tenant.service.credential).ok
    own_issuer.status, own_issuer.body = 200, None
    assert ask(own_service, own_issuer.token(tenant, subject)).ok


def test_an_issuer_that_is_down_does_not_lock_out_whose_keys_are_known(
    own_service: Gunicorn, own_issuer: Issuer, tenant: Tenant
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    token = own_issuer.token(tenant, subject)
    assert ask(own_service, token).ok
    own_issuer.end()
    assert ask(own_service, token).ok


def test_an_issuer_that_is_down_from_the_start_is_503(
    own_service: Gunicorn, own_issuer: Issuer, tenant: Tenant
) -> None:
    subject = subject_of_agent(tenant, own_issuer)
    own_issuer.end()
    answer = ask(own_service, own_issuer.token(tenant, subject))
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert own_issuer.url not in answer.text


def test_without_an_issuer_no_token_is_taken(
    issuer: Issuer, tenant: Tenant, subject: str, gunicorn: Gunicorn
) -> None:
    refused(ask(gunicorn, issuer.token(tenant, subject)))
