"""An OIDC issuer for the tests, and a service that trusts it: real keys, real signatures, served over HTTP."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from uuid import uuid4

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant, wait_until

AUDIENCE = "draftroom"
LEEWAY = 30  # seconds that the service grants to clocks


class Issuer:
    """An OIDC issuer: signs tokens, and serves its public keys while it is up."""

    def __init__(self) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.fetches: list[float] = []  # when each came
        self.answering = threading.Event()  # until it is set, whoever fetches waits
        self.drips = ""  # what comes a byte at a time and has no end: the head or the body
        self.left_alone = threading.Event()  # whoever fetched that has gone
        self.answering.set()
        self.add_key("first")
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetches.append(time.monotonic())
                issuer.answering.wait()
                if issuer.drips:
                    self.drip()
                    return
                self.send_response(issuer.status)
                for header in issuer.headers.items():
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(issuer.jwks() if issuer.body is None else issuer.body)

            def drip(self) -> None:
                self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                if issuer.drips == "body":
                    self.wfile.write(b"no\r\n\r\n")
                with suppress(OSError):
                    while issuer.drips:
                        self.wfile.write(b" ")
                        time.sleep(0.1)
                issuer.left_alone.set()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Closes the door; whoever knocks is refused."""
        self.server.shutdown()
        self.server.server_close()

    def add_key(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwks(self) -> bytes:
        return json.dumps(
            {
                "keys": [
                    {
                        **jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
                        "kid": kid,
                        "use": "sig",
                    }
                    for kid, key in self.keys.items()
                ]
            }
        ).encode()

    def claims(self, tenant: Tenant, subject: str, **changed: Any) -> dict[str, Any]:
        """Those of a good token; a claim that is changed to None is left out."""
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "tenant_id": tenant.id,
            "exp": int(time.time()) + 600,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, tenant: Tenant, subject: str, kid: str = "first", **changed: Any) -> str:
        claims = self.claims(tenant, subject, **changed)
        return jwt.encode(claims, self.keys[kid], algorithm="RS256", headers={"kid": kid})


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


def subject_of_agent(tenant: Tenant, issuer: Issuer) -> str:
    """The OIDC subject of the tenant's agent."""
    name = uuid4().hex
    changes = {"auth_provider": issuer.url, "auth_subject": name}
    tenant.service.patch(f"/v1/users/{tenant.users['agent']}", changes)
    return name


def ask(service: Gunicorn, token: str) -> requests.Response:
    """As clients ask: again, while nobody can tell."""

    def told() -> list[requests.Response]:
        response = ask_once(service, token)
        return [] if response.status_code == 503 else [response]

    [response] = wait_until(told)
    return response


def ask_once(service: Gunicorn, token: str) -> requests.Response:
    return Client(service.url, token).request("GET", "/v1/tenant")
