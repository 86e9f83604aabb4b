"""The service on granian: what it has in common with gunicorn's, which all other tests use."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
import requests

from service.config import Settings
from tests.client import ROOT, Client, Granian, Tenant, free_port, wait_until
from tests.commands import environment
from tests.operations.helpers import QUICK, Stream, another_key, is_free, read_to_the_end

pytestmark = pytest.mark.not_on_citus("about granian, whatever the database")


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Granian]:
    with Granian(environment(settings) | {"WEB_CONCURRENCY": "2"}) as running:
        yield running


@pytest.fixture
def there(service: Granian, tenant: Tenant) -> Tenant:
    return replace(tenant, service=Client(service.url, tenant.service.credential))


def test_it_serves(there: Tenant, service: Granian) -> None:
    assert requests.get(f"{service.url}/readyz", timeout=30).json()["status"] == "ok"
    draft = there.draft()
    assert there.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    shown = there.service.request("GET", f"/v1/drafts/{draft['id']}")
    assert shown.json()["status"] == "approved"
    assert shown.headers["ETag"]
    assert there.service.get("/v1/drafts?limit=1")["items"][0]["id"] == draft["id"]
    there.service.get(f"/v1/drafts/{there.id}", expect=404)
    there.service.post("/v1/channels", {"type": "email"}, expect=400)
    assert requests.get(f"{service.url}/v1/drafts", timeout=30).status_code == 401


def test_a_body_that_is_too_large_is_refused(there: Tenant) -> None:
    job = {"type": "crawl", "payload": {"text": "x" * 1024 * 1024}}
    assert there.service.post("/v1/jobs", job, expect=413)["code"] == "TOO_LARGE"


def test_an_export_is_streamed(there: Tenant) -> None:
    there.draft()
    answer = there.service.request("GET", "/v1/audit/export", expect=200)
    assert len(answer.text.splitlines()) > 5


def test_streams_have_their_places_and_leave_a_thread(settings: Settings, tenant: Tenant) -> None:
    places = {"THREADS": "3", "EVENT_STREAMS": "9", "EVENT_STREAMS_PER_TENANT": "9"}
    with Granian(environment(settings) | QUICK | places) as running:
        dashboard, other = (another_key(tenant, running.url) for _ in range(2))
        with Stream(running.url, tenant.service) as oldest, Stream(running.url, dashboard):
            other.request("GET", "/v1/events/stream", expect=503)
            other.get("/v1/events")
            with Stream(running.url, tenant.service):
                read_to_the_end(oldest)
        wait_until(lambda: is_free(other))


def test_its_workers_count_together_and_end_together(settings: Settings, tenant: Tenant) -> None:
    with Granian(environment(settings) | {"WEB_CONCURRENCY": "2"}) as running:
        master = psutil.Process(running.process.pid)
        wait_until(lambda: len(master.children()) >= 2)
        api = Client(running.url, tenant.service.credential)
        for _ in range(20):
            api.get("/v1/tenant")
        page = requests.get(
            f"{running.url}/catalogue/queries/identity.get_tenant",
            auth=("any", tenant.service.credential),
            timeout=30,
        )
        assert page.ok
        assert '<td class="number">20</td>' in page.text
        children = master.children()
    assert running.process.returncode == 0
    assert not any(child.is_running() for child in children)


def test_a_wrong_setting_stops_the_start(settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "granian_server.py"],
        cwd=ROOT,
        env={**environment(settings), "PORT": str(free_port()), "THREADS": "none"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert "THREADS is wrong" in done.stderr
    assert "Traceback" not in done.stderr
