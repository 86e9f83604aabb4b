"""nginx in front of the service, as docs/nginx.conf has it; skipped where it is not installed."""

import getpass
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from service.config import Settings
from service.rest import NDJSON
from tests.client import (
    ROOT,
    Client,
    Granian,
    Gunicorn,
    Tenant,
    Wire,
    at_once,
    free_port,
    wait_until,
)
from tests.commands import environment
from tests.library.bulk_helpers import ndjson
from tests.operations.helpers import Stream, names, post_tweet, settled
from tests.problems import problem
from tests.slow import (
    JSON,
    MANY,
    Large,
    read_no_export,
    read_no_list,
    send_half_a_body,
    send_half_a_head,
)

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
    pytest.mark.not_on_citus("about slow clients and HTTP, whatever the database"),
]

# As the installed nginx.conf has it around the sample, in a folder of the test.
AROUND = """
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {sample}
}}
"""
FEW = {
    "WEB_CONCURRENCY": "1",
    "THREADS": "2",
    "TRUSTED_PROXIES": "1",
    "EVENT_STREAM_SECONDS": "300",
    "EVENT_POLL_SECONDS": "0.05",
    "EVENT_HEARTBEAT_SECONDS": "1",
}
SLOW = [send_half_a_head, send_half_a_body, read_no_list, read_no_export]


@pytest.fixture(scope="module", params=[Gunicorn, Granian])
def service(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Gunicorn]:
    with request.param(environment(settings) | FEW) as running:
        yield running


@pytest.fixture(scope="module")
def nginx(service: Gunicorn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an nginx in front of the service."""
    with in_front(service, tmp_path_factory.mktemp("nginx")) as url:
        yield url


@contextmanager
def in_front(service: Gunicorn, folder: Path) -> Iterator[str]:
    port = free_port()
    sample = (ROOT / "docs" / "nginx.conf").read_text()
    for old, new in (
        ("server 127.0.0.1:8000;", f"server {urlsplit(service.url).netloc};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
    ):
        assert old in sample
        sample = sample.replace(old, new)
    user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + AROUND.format(folder=folder, sample=sample))
    process = subprocess.Popen([str(NGINX), "-p", folder, "-c", folder / "nginx.conf"])
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or answers(url))
        assert process.poll() is None, "it ended at its start"
        yield url
    finally:
        process.terminate()
        process.wait(60)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=30).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def there(nginx: str, tenant: Tenant) -> Tenant:
    return replace(tenant, service=Client(nginx, tenant.service.credential))


def test_it_serves_and_tells_the_clients_address(there: Tenant) -> None:
    forged = {"X-Forwarded-For": "203.0.113.7"}
    there.service.post("/v1/jobs", {"type": "crawl"}, expect=201, headers=forged)
    there.service.patch("/v1/tenant", {"name": "Renamed"}, headers=forged)
    [renamed] = there.service.get("/v1/audit", params={"entity": "identity.tenants", "limit": 1})[
        "items"
    ]
    assert renamed["ip"] == "127.0.0.1"


@pytest.mark.parametrize("be_slow", SLOW)
def test_slow_clients_keep_nobody_waiting(
    there: Tenant, sql: psycopg.Connection[Any], be_slow: Callable[[Wire, Tenant], None]
) -> None:
    large, url = Large.of(there, sql), there.service.url

    def ask(_: int) -> None:
        assert requests.get(f"{url}/readyz", timeout=30).ok
        client = Client(url, large.service.credential)
        client.get("/v1/tenant")
        client.post("/v1/jobs", {"type": "crawl"}, expect=201)

    with ExitStack() as stack:
        for _ in range(MANY):
            be_slow(stack.enter_context(Wire(url)), large)
        at_once(8, ask)


def test_events_come_at_once(there: Tenant) -> None:
    settled(there)
    with Stream(there.service.url, there.service) as stream:
        post_tweet(there, "told")
        assert names(stream.events(1)) == ["told"]


def test_an_import_is_as_long_as_it_is(there: Tenant) -> None:
    def send(data: bytes) -> requests.Response:
        headers = {"Content-Type": NDJSON}
        return there.agent.request("POST", "/v1/resources/import", data=data, headers=headers)

    # A stream of another test has the only place until granian notices that its client has gone.
    wait_until(lambda: send(b"").ok)
    rows = [{"resource_type": "Seed", "version": {"config": {"notes": "x" * 50_000}}}] * 450
    answer = send(ndjson(rows))
    outcome = json.loads(answer.text.splitlines()[-1])
    assert outcome["status"] == "completed", answer.text
    assert outcome["done"] == 450


def test_a_body_that_is_too_large_is_a_problem_whoever_refuses_it(there: Tenant) -> None:
    for size in (1024 * 1024 + 1, 20 * 1024 * 1024 + 1):
        answer = there.service.request("POST", "/v1/jobs", data=" " * size, headers=JSON)
        problem(answer, 413, "TOO_LARGE")


def test_a_service_that_is_away_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    with Gunicorn(environment(settings) | FEW) as service, in_front(service, tmp_path) as url:
        service.process.terminate()
        service.process.wait(60)
        answer = requests.get(f"{url}/v1/tenant", timeout=30)
        problem(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
