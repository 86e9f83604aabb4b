"""Claims that wait for work: who waits is woken by whichever process the work comes to, and nobody waits for ever."""

import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import requests

from service.caller import Caller
from service.config import Settings
from service.server.connection import ClientSocket
from service.streams import StreamPlaces
from tests.client import Client, Gunicorn, Tenant, Wire, wait_until
from tests.commands import environment
from tests.library.run_helpers import RUNS, for_worker, version
from tests.pipelines.helpers import run
from tests.studio import social
from tests.studio.helpers import requested

Sql = psycopg.Connection[Any]

# The looks are further apart than a wait is long: only who is woken finds what came meanwhile.
TOKEN = "the tests' own token for metrics"
WOKEN = {"CLAIM_POLL_SECONDS": "60", "CLAIM_WAITS_PER_TENANT": "1", "METRICS_TOKEN": TOKEN}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def woken(settings: Settings) -> Iterator[Gunicorn]:
    with Gunicorn(environment(settings) | WOKEN) as running:
        yield running


def at(gunicorn: Gunicorn, tenant: Tenant) -> Tenant:
    """The tenant, as it calls this service."""
    service = Client(gunicorn.url, tenant.service.credential)
    return Tenant(tenant.id, service, tenant.users)


def claim(api: Client, path: str = "/v1/jobs", wait: int = 20, **fields: Any) -> Any:
    return api.post(f"{path}/claim", {"worker": "w", "wait": wait, **fields}, expect=200)["items"]


def has_place(api: Client) -> bool:
    body = {"type": "corrections_sync", "worker": "another", "wait": 1}
    return api.request("POST", "/v1/jobs/claim", body).status_code == 200


def looks(api: Client) -> float:
    """How often claims have looked for work: once as they came, and again when they would be woken."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    told = requests.get(f"{api.url}/metrics", headers=headers, timeout=30).text
    counted = re.findall(
        r'^draftroom_query_seconds_count{query="\w+\.claim_\w+"} (.+)$', told, re.M
    )
    return sum(map(float, counted))


@contextmanager
def waiting(tenant: Tenant, path: str = "/v1/jobs", **fields: Any) -> Iterator[Future[Any]]:
    """Somebody who has found nothing, and waits in the only place of the tenant."""
    api = Client(tenant.service.url, tenant.service.credential)
    before = looks(api)
    with ThreadPoolExecutor(1) as pool:
        claimed = pool.submit(claim, api, path, **fields)
        wait_until(lambda: claimed.done() or looks(api) >= before + 2)
        assert not claimed.done()
        yield claimed


def listening(sql: Sql) -> int:
    """How many processes of the service listen to the others."""
    sql.rollback()  # within a transaction it would be told the same again
    found = sql.execute(
        "SELECT count(*) AS processes FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'draftroom wake-ups' AND query LIKE 'LISTEN%' AND state = 'idle'"
    ).fetchone()
    assert found
    return int(found["processes"])


def test_who_waits_is_woken_by_what_comes_to_another_process(
    settings: Settings, tenant: Tenant, sql: Sql
) -> None:
    before = listening(sql)
    with (
        Gunicorn(environment(settings) | WOKEN) as one,
        Gunicorn(environment(settings) | WOKEN) as other,
        waiting(at(one, tenant), type="crawl") as claimed,
    ):
        wait_until(lambda: listening(sql) > before)
        job = at(other, tenant).service.post("/v1/jobs", {"type": "crawl"}, expect=201)
        assert [found["id"] for found in claimed.result(60)] == [job["id"]]


def retry(tenant: Tenant, type_: str = "crawl") -> None:
    [job] = tenant.service.get("/v1/jobs", params={"type": type_})["items"]
    tenant.service.post(f"/v1/jobs/{job['id']}/retry", expect=200)


def retry_all(tenant: Tenant) -> None:
    body = {"filter": {"type": "crawl"}, "expected": 1}
    tenant.service.post("/v1/jobs/retry", body, expect=200)


def dead_job(tenant: Tenant) -> None:
    tenant.service.post("/v1/jobs", {"type": "crawl"})
    [job] = claim(tenant.service, type="crawl", wait=0)
    body = {"lease_id": job["lease_id"], "error": "e", "retry": False}
    tenant.service.post(f"/v1/jobs/{job['id']}/fail", body, expect=200)


def paused_job(tenant: Tenant) -> None:
    tenant.service.put("/v1/job-types/crawl/limits", {"paused": True})
    tenant.service.post("/v1/jobs", {"type": "crawl"})


def held_reply(tenant: Tenant) -> None:
    draft = tenant.draft()
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "hold"})


def schedule_reply(tenant: Tenant) -> None:
    [reply] = tenant.agent.get("/v1/scheduled-replies")["items"]
    tenant.agent.post(f"/v1/scheduled-replies/{reply['id']}/schedule", {"mode": "now"})


def nothing(_: Tenant) -> None:
    pass


def social_account(tenant: Tenant) -> None:
    social.account(tenant.service)


JOBS = "/v1/jobs"
REPLIES = "/v1/scheduled-replies"
Work = tuple[str, dict[str, str], Callable[[Tenant], Any], Callable[[Tenant], Any]]
# Where it is claimed, with what; what is there before, and what comes of which who waits is woken.
WORK: dict[str, Work] = {
    "a message": (JOBS, {"type": "draft"}, nothing, lambda tenant: tenant.receive()),
    "a video": (
        JOBS,
        {"type": "generate-video"},
        nothing,
        lambda tenant: requested(tenant.service),
    ),
    "a retry": (JOBS, {"type": "crawl"}, dead_job, retry),
    "a redrive": (JOBS, {"type": "crawl"}, dead_job, retry_all),
    "the end of a pause": (
        JOBS,
        {"type": "crawl"},
        paused_job,
        lambda tenant: tenant.service.put("/v1/job-types/crawl/limits", {}),
    ),
    "an approval": (REPLIES, {}, nothing, lambda tenant: tenant.approved()),
    "a release": (REPLIES, {}, held_reply, schedule_reply),
    "a document": ("/v1/pipeline-runs", {}, nothing, lambda tenant: run(tenant.agent)),
    "a post": (social.POSTS, {}, social_account, social.scheduled),
}


@pytest.mark.parametrize("what", WORK)
def test_who_waits_is_woken_by_the_work(woken: Gunicorn, tenant: Tenant, what: str) -> None:
    path, fields, before, come = WORK[what]
    here = at(woken, tenant)
    before(here)
    with waiting(here, path, **fields) as claimed:
        come(here)
        assert len(claimed.result(60)) == 1


def test_who_waits_for_a_resource_run_is_woken(woken: Gunicorn, tenant: Tenant, sql: Sql) -> None:
    here = at(woken, tenant)
    version_id = version(sql, tenant)
    with waiting(here, RUNS) as claimed:
        for_worker(here.agent, version_id)
        assert len(claimed.result(60)) == 1


def test_what_another_writer_adds_is_found_by_looking(
    settings: Settings, tenant: Tenant, sql: Sql
) -> None:
    often = WOKEN | {"CLAIM_POLL_SECONDS": "0.05"}
    with (
        Gunicorn(environment(settings) | often) as gunicorn,
        waiting(at(gunicorn, tenant), type="crawl") as claimed,
    ):
        sql.execute(
            "INSERT INTO operations.jobs (tenant_id, type) VALUES (%s, 'crawl')", [tenant.id]
        )
        sql.commit()
        assert len(claimed.result(60)) == 1


def test_a_wait_for_nothing_ends_with_nothing(woken: Gunicorn, tenant: Tenant) -> None:
    assert claim(at(woken, tenant).service, type="crawl", wait=1) == []
    refused = tenant.service.post(
        "/v1/jobs/claim", {"type": "crawl", "worker": "w", "wait": 21}, expect=400
    )
    assert list(refused["errors"]) == ["wait"]


def test_places_to_wait_are_limited_for_each_tenant(
    woken: Gunicorn, tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    here, other = at(woken, tenant), at(woken, new_tenant())
    with waiting(here, type="crawl") as claimed:
        body = {"type": "draft", "worker": "w", "wait": 20}
        refused = here.service.request("POST", "/v1/jobs/claim", body, expect=503)
        assert int(refused.headers["Retry-After"]) > 0
        assert claim(other.service, type="crawl", wait=1) == []
        # Who need not wait takes no place.
        assert claim(here.service, type="draft", wait=0) == []
        here.receive()
        assert len(claim(here.service, type="draft")) == 1
        here.service.post("/v1/jobs", {"type": "crawl"})
        assert len(claimed.result(60)) == 1


def test_a_tenant_that_comes_last_gets_a_place_of_one_that_has_several(
    settings: Settings, tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    two = WOKEN | {"CLAIM_WAITS": "2", "CLAIM_WAITS_PER_TENANT": "2"}
    with Gunicorn(environment(settings) | two) as gunicorn:
        here, other, third = (at(gunicorn, one) for one in (tenant, new_tenant(), new_tenant()))
        with (
            waiting(here, type="draft") as oldest,
            waiting(here, type="crawl") as newer,
            waiting(other, type="crawl") as late,
        ):
            assert oldest.result(60) == []
            # Each has one now, and keeps it.
            body = {"type": "draft", "worker": "w", "wait": 20}
            for one in (here, other, third):
                one.service.post("/v1/jobs/claim", body, expect=503)
            for one, claimed in ((here, newer), (other, late)):
                job = one.service.post("/v1/jobs", {"type": "crawl"}, expect=201)
                assert [found["id"] for found in claimed.result(60)] == [job["id"]]


def test_in_the_transaction_of_an_idempotency_key_nobody_waits(
    settings: Settings, tenant: Tenant
) -> None:
    body = {"type": "crawl", "worker": "w", "wait": 20}
    with Gunicorn(environment(settings) | {"CLAIM_WAITS": "0"}) as gunicorn:
        api = at(gunicorn, tenant).service
        api.post("/v1/jobs/claim", body, expect=503)
        api.post("/v1/jobs/claim", body, expect=200, headers={"Idempotency-Key": "1"})


def test_nothing_is_claimed_for_a_client_that_has_left(woken: Gunicorn, tenant: Tenant) -> None:
    here = at(woken, tenant)
    with Wire(woken.url) as wire:
        body = b'{"type": "crawl", "worker": "gone", "wait": 20}'
        headers = {**JSON, "Content-Length": str(len(body))}
        before = looks(here.service)
        wire.send("POST", "/v1/jobs/claim", here.service.credential, headers, body)
        wait_until(lambda: looks(here.service) >= before + 2)
    here.service.post("/v1/jobs", {"type": "crawl"})
    wait_until(lambda: has_place(here.service))
    [job] = claim(here.service, type="crawl", wait=0)
    assert job["attempts"] == 1


def test_a_wait_ends_when_the_process_stops_or_the_client_leaves() -> None:
    places, whose = StreamPlaces(Settings()), Caller("tenant", "key:1")
    here, there = socket.socketpair()
    client = ClientSocket(here, send_timeout=3600)
    with (
        client,
        ThreadPoolExecutor(2) as pool,
        places.take("wait", whose, client) as of_client,
        places.take("wait", whose) as other,
    ):
        leaves = pool.submit(of_client.wait, 3600)
        there.close()
        assert leaves.result(60) is False
        stops = pool.submit(other.wait, 3600)
        places.may_go_on = lambda: False
        assert stops.result(60) is False
