"""The log as JSON, slow queries, and what is left out of each line."""

import json
import logging
import sys
from typing import Any

import pytest
import requests

from service import metrics, telemetry
from service.config import Settings
from service.redaction import redacted
from tests.client import Client, Gunicorn, Tenant
from tests.commands import environment

KEY = "dr_0190d3a0-0000-7000-8000-000000000001_k3yPrefix_s3cr3tS3cr3tS3cr3t"
SECRETS = [
    (f"refused {KEY}.", "refused [key]."),
    ("got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3In0.c2ln", "got [token]"),
    ("Authorization: Bearer abc.def-123", "Authorization: Bearer [token]"),
    ("Authorization: Basic YTpi, more", "Authorization: Basic [token], more"),
    ("at postgresql://app_rw:hunter2@db:5432/x", "at postgresql://app_rw:[password]@db:5432/x"),
    ("redis://:hunter2@redis/0", "redis://:[password]@redis/0"),
    ("of kim.o'neil+x@mail.example.co.uk, today", "of [email], today"),
    ("/v1/conversations/kim%40example.com/x", "/v1/conversations/[email]/x"),
    ("call +49 170 1234567 now", "call [phone] now"),
    ("call +4917012345678", "call [phone]"),
    ("call (555) 123-4567", "call [phone]"),
    ("call 555-123-4567.", "call [phone]."),
]


@pytest.mark.parametrize(("text", "told"), SECRETS)
def test_what_is_nobodys_business_is_left_out(text: str, told: str) -> None:
    assert redacted(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/drafts/01980000-0000-7000-8000-000000000000 200 1.4ms",
        "2026-11-26 07:12:07,123 INFO service.requests",
        "at 2026-11-26T07:12:07.123+00:00, rows=1234567",
        "request_id=d9428888-122b-11e1-b85c-61cd3cbb3210 actor=key:01980000-0000-7000-8000-0000000000a1",
        "127.0.0.1:5432, port 5433",
    ],
)
def test_what_a_line_is_for_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("form", [telemetry.Json(), telemetry.Text("%(message)s")])
def test_messages_and_tracebacks_are_redacted(form: logging.Formatter) -> None:
    try:
        raise ValueError(f"no such key: {KEY}")
    except ValueError:
        exception: Any = sys.exc_info()
    record = logging.LogRecord("x", 40, "x.py", 1, "for %s", ("kim@example.com",), exception)
    line = form.format(record)
    assert "ValueError" in line
    assert "[email]" in line
    assert "s3cr3t" not in line
    assert "kim" not in line


def test_each_line_is_an_object_with_its_request(
    settings: Settings, tenant: Tenant, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "SLOW_QUERY_SECONDS": "0.000001"}
    with Gunicorn(environment(settings) | given) as running:
        api = Client(running.url, tenant.service.credential)
        api.request("GET", "/v1/tenant", headers={"X-Request-Id": "mine"}, expect=200)
        requests.get(f"{running.url}/v1/x/kim%40example.com%0A", timeout=30)
    # All of them, gunicorn's as well.
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [li for li in lines if li.get("message", "").startswith(f"Listening at: {running.url} ")]
    [known] = [li for li in lines if li.get("path") == "/v1/tenant"]
    [key] = tenant.service.all("/v1/api-keys")
    whose = {"request_id": "mine", "tenant_id": tenant.id, "actor": f"key:{key['id']}"}
    assert whose.items() <= known.items()
    assert (known["status"], known["method"], known["route"]) == (200, "GET", "/v1/tenant")
    assert known["milliseconds"] > 0
    [slow] = [
        li for li in lines if li.get("query") == "identity.get_tenant" and li["level"] == "WARNING"
    ]
    assert whose.items() <= slow.items()
    assert "request_id=mine" in slow["message"]
    [unknown] = [li for li in lines if "/v1/x/" in li.get("path", "")]
    assert unknown["path"] == "/v1/x/[email]%0A"
    assert (unknown["actor"], unknown["tenant_id"]) == (None, None)


def test_only_what_is_slow_is_told(caplog: pytest.LogCaptureFixture) -> None:
    try:
        metrics.configure(0.5)
        metrics.observe("inbox.get_message", 0.4, 1, "mine")
        assert "slow" not in caplog.text
        metrics.observe("inbox.get_message", 0.6, 1, "mine")
        assert "slow: inbox.get_message 600.0ms rows=1 request_id=mine" in caplog.text
        caplog.clear()
        metrics.configure(0)
        metrics.observe("inbox.get_message", 100, 1, None)
        assert "slow" not in caplog.text
    finally:
        metrics.configure(0)
