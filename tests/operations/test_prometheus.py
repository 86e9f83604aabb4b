"""/metrics, as Prometheus asks for it; and what is made of it: a dashboard and alerts."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from service.commands.schedule import TASKS, steps
from service.config import Settings
from service.database import Database
from tests.client import ROOT, Client, Gunicorn, Tenant, free_port, wait_until
from tests.commands import environment
from tests.operations.helpers import Stream
from tests.postgres import Server

DEPLOY = ROOT / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
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


def one(
    told: dict[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: str
) -> float:
    return told[name, tuple(sorted(labels.items()))]


@pytest.fixture
def measured(server: Server, settings: Settings, tenant: Tenant) -> None:
    """What waits was measured while a job did."""
    tenant.service.post("/v1/jobs", {"type": "crawl"})
    of_owner = Database(settings, server.url("app_owner", "draftroom"))
    of_owner.open()
    for _ in steps(of_owner, "backlog", "test"):
        pass
    of_owner.close()


@pytest.mark.usefixtures("measured")
def test_what_the_database_tells(service: Gunicorn) -> None:
    told = scrape(service)
    assert one(told, "draftroom_database_up") == 1
    assert one(told, "draftroom_backlog", kind="jobs", state="due") >= 1
    before = one(told, "draftroom_backlog_oldest_seconds", kind="jobs", state="due")
    assert before > 0
    # It gets older without being measured again.
    now = one(scrape(service), "draftroom_backlog_oldest_seconds", kind="jobs", state="due")
    assert now > before
    assert one(told, "draftroom_backlog", kind="replies", state="expired") >= 0
    for task in TASKS:
        assert one(told, "draftroom_task_age_seconds", task=task) >= 0
        assert one(told, "draftroom_task_failed_tenants", task=task) == 0
    assert one(told, "draftroom_task_period_seconds", task="retention") == 86400


def test_while_the_database_is_away_the_rest_is_told(settings: Settings) -> None:
    away = replace(settings, database_url=f"postgresql://app_rw@127.0.0.1:{free_port()}/draftroom")
    given = {"METRICS_TOKEN": TOKEN, "POOL_TIMEOUT": "0.2"}
    with Gunicorn(environment(away) | given) as running:
        assert requests.get(f"{running.url}/readyz", timeout=30).status_code == 503
        told = scrape(running)
        assert one(told, "draftroom_database_up") == 0
        assert requests_of(running, "/readyz", "503") == 1
        assert not [
            name for name, _ in told if name.startswith(("draftroom_backlog", "draftroom_task"))
        ]


def test_places_are_taken_and_given_back(service: Gunicorn, tenant: Tenant) -> None:
    def streams(state: str) -> float:
        return one(scrape(service), "draftroom_places", kind="stream", state=state)

    wait_until(lambda: streams("taken") == 0)
    free = streams("free")
    assert free == 4 * WORKERS
    with Stream(service.url, tenant.service):
        wait_until(lambda: (streams("taken"), streams("free")) == (1, free - 1))
    wait_until(lambda: (streams("taken"), streams("free")) == (0, free))


def test_who_is_remembered_is_a_hit(settings: Settings, tenant: Tenant) -> None:
    given = {"METRICS_TOKEN": TOKEN, "CREDENTIAL_CACHE_SECONDS": "60"}
    with Gunicorn(environment(settings) | given) as running:
        api = Client(running.url, tenant.service.credential)
        for _ in range(5):
            api.get("/v1/tenant")
        told = scrape(running)
        assert one(told, "draftroom_cache_lookups_total", cache="credentials", result="miss") == 1
        assert one(told, "draftroom_cache_lookups_total", cache="credentials", result="hit") == 4


# The dashboard and the alerts -------------------------------------------------------------------------


def expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "draftroom.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    alerts = re.findall(r"^ +expr: '(.+)'$", ALERTS.read_text(), re.MULTILINE)
    assert len(shown) > 20
    assert len(alerts) == len(re.findall(r"- alert:", ALERTS.read_text()))
    return shown + [alert.replace("''", "'") for alert in alerts]


@pytest.mark.usefixtures("measured")
def test_what_dashboard_and_alerts_name_is_exported(service: Gunicorn, tenant: Tenant) -> None:
    Client(service.url, tenant.service.credential).get("/v1/tenant")
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, labels in scrape(service):
        values[name]["instance"].add("added by Prometheus")
        for label, value in labels:
            values[name][label].add(value)
    used = set()
    for expression in expressions():
        named = re.findall(r"(draftroom_\w+)(?:\{(.*?)\})?", expression)
        for name, matchers in named:
            assert name in values, expression
            used.add(re.sub("_(bucket|sum|count)$", "", name))
            for label, operator, value in re.findall(r'(\w+)(=~|!~|!=|=)"(.*?)"', matchers):
                assert label in values[name], expression
                if label in ("kind", "state", "task", "cache", "result", "reason"):
                    for word in value.split("|"):
                        assert word in values[name][label], f"{expression}: {operator} {word}"
        known = set().union(*(values[name] for name, _ in named)) | {"job"}
        for listed in re.findall(r"by \((.*?)\)", expression):
            assert set(listed.split(", ")) <= known, expression
    # And nothing is exported that is not shown.
    exported = {re.sub("_(bucket|sum|count)$", "", n) for n in values if n.startswith("draftroom_")}
    assert exported == used


def test_each_alert_has_been_on_and_off() -> None:
    alerts = re.findall(r"- alert: (\w+)", ALERTS.read_text())
    tried = re.findall(r"- name: (\w+)", ALERTS.with_name("alerts.test.yml").read_text())
    assert tried == alerts
    promtool = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool on the PATH, nor named by PROMTOOL: the alerts were not tried")
    for arguments in (
        ("check", "rules", "alerts.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
        ("test", "rules", "alerts.test.yml"),
    ):
        done = subprocess.run(
            [promtool, *arguments], cwd=ALERTS.parent, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_documentation_has_each_metric_and_each_alert(service: Gunicorn) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    for alert in re.findall(r"- alert: (\w+)", ALERTS.read_text()):
        assert f"`{alert}`" in text, alert
    for name, _ in scrape(service):
        if name.startswith("draftroom_"):
            assert re.sub("_(bucket|sum|count)$", "", name) in text, name
