"""/metrics, as Prometheus asks for it."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from service.config import Settings
from tests.client import Gunicorn, wait_until
from tests.commands import environment

TOKEN = "the token of prometheus"
WORKERS = 3


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Gunicorn]:
    given = {"METRICS_TOKEN": TOKEN, "WEB_CONCURRENCY": str(WORKERS)}
    with Gunicorn(environment(settings) | given) as running:
        yield running


def scrape(service: Gunicorn) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    # A connection of its own each time: any worker answers.
    answer = requests.get(
        f"{service.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests_of(service: Gunicorn, route: str, status: str) -> float:
    labels = (("method", "GET"), ("route", route), ("status", status))
    return scrape(service).get(("draftroom_request_seconds_count", labels), 0)


def test_any_worker_tells_what_all_of_them_counted(service: Gunicorn) -> None:
    before = requests_of(service, "/readyz", "200")
    refused = requests_of(service, "/v1/users/<public_id:user_id>", "401")
    for _ in range(20):
        assert requests.get(f"{service.url}/readyz", timeout=30).status_code == 200
        path = "/v1/users/00000000-0000-7000-8000-000000000000"
        assert requests.get(f"{service.url}{path}", timeout=30).status_code == 401
    for _ in range(2 * WORKERS):
        assert requests_of(service, "/readyz", "200") == before + 20
        assert requests_of(service, "/v1/users/<public_id:user_id>", "401") == refused + 20
    # What has no route is counted together, however many paths are tried.
    for path in "abc":
        requests.post(f"{service.url}/{path}", timeout=30)
    labels = (("method", "-"), ("route", "-"), ("status", "404"))
    assert scrape(service)["draftroom_request_seconds_count", labels] >= 3


def test_a_worker_that_died_leaves_its_counts_and_takes_its_connections(service: Gunicorn) -> None:
    for _ in range(20):
        requests.get(f"{service.url}/readyz", timeout=30)
    counted = requests_of(service, "/readyz", "200")

    def connections() -> float:
        told = scrape(service)
        return sum(
            told.get(("draftroom_pool_connections", (("state", state),)), 0)
            for state in ("idle", "busy")
        )

    assert 0 < connections() <= WORKERS * 8
    [master] = [p for p in psutil.process_iter() if p.pid == service.process.pid]
    victims = master.children()
    for victim in victims:
        os.kill(victim.pid, signal.SIGKILL)
    wait_until(
        lambda: len({p.pid for p in master.children()} - {v.pid for v in victims}) == WORKERS
    )
    wait_until(lambda: _answers(service))
    assert requests_of(service, "/readyz", "200") >= counted
    assert connections() <= WORKERS


def _answers(service: Gunicorn) -> bool:
    try:
        return requests.get(f"{service.url}/healthz", timeout=30).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("credential", [None, "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_who_lacks_the_token_is_refused(service: Gunicorn, credential: str | None) -> None:
    headers = {"Authorization": credential} if credential else {}
    answer = requests.get(f"{service.url}/metrics", headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert "draftroom_" not in answer.text


def test_without_a_token_there_is_nothing(settings: Settings) -> None:
    with Gunicorn(environment(settings)) as service:
        for headers in ({}, {"Authorization": "Bearer "}):
            answer = requests.get(f"{service.url}/metrics", headers=headers, timeout=30)
            assert answer.status_code == 404
