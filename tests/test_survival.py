"""What is acknowledged survives: a database that goes away, workers that are killed, leases that run out."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest
import requests

from service import embedded
from service.commands import scratch
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.commands import SECRET_KEY, make_platform_key
from tests.operations.helpers import Stream
from tests.postgres import WAITING

pytestmark = pytest.mark.not_on_citus("kills a server of its own")

# What keeps an acknowledged write through a crash is as PostgreSQL ships it.
DURABLE = {"max_connections": "100"}


@dataclass
class Cluster:
    """A PostgreSQL that the tests may stop, with a service of its own."""

    server: embedded.Server
    environment: dict[str, str] = field(init=False)
    platform_key: str = field(init=False)

    def __post_init__(self) -> None:
        self.environment = {
            "DATABASE_URL": self.server.url("app_rw", "draftroom"),
            "SECRET_KEY": SECRET_KEY,
            "POOL_TIMEOUT": "0.5",
            "LOG_LEVEL": "CRITICAL",
            "WEB_CONCURRENCY": "2",
        }
        self.platform_key = make_platform_key(self.environment)

    def stop(self, mode: str) -> None:
        embedded._run(self.server.bin_path / "pg_ctl", "stop", "-D", self.server.data, "-m", mode)

    def start(self) -> None:
        embedded.start(self.server.data, options=DURABLE)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        url = self.server.url("postgres", "draftroom")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with scratch.server() as server:
        scratch.create_migrated(server, "draftroom")
        server.stop()
        started = Cluster(embedded.start(server.data, options=DURABLE))
        yield started
        started.stop("immediate")  # its data are thrown away: nothing need be safe on disk


def workers(gunicorn: Gunicorn) -> set[int]:
    """The process ids of gunicorn's workers, once all are there."""
    master = psutil.Process(gunicorn.process.pid)
    count = int(gunicorn.environment["WEB_CONCURRENCY"])
    wait_until(lambda: len(master.children()) == count and gunicorn._answers())
    return {child.pid for child in master.children()}


@dataclass
class Traffic:
    """Channels that deliver messages, each until it is acknowledged, and people who read."""

    tenant: Tenant
    acknowledged: list[str] = field(default_factory=list)
    answers: list[requests.Response] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def deliver(self, conversation: str) -> None:
        client = Client(self.tenant.service.url, self.tenant.service.credential)
        while not self.over.is_set():
            message = {
                "channel_type": "email",
                "channel_external_id": "mailbox",
                "conversation_external_id": conversation,
                "external_id": uuid4().hex,
                "body_text": "Where is my order?",
            }
            while True:
                answer = client.request("POST", "/v1/intake/messages", message)
                self.answers.append(answer)
                if answer.ok:
                    self.acknowledged.append(message["external_id"])
                    break

    def read(self, path: str) -> None:
        client = Client(self.tenant.service.url, self.tenant.service.credential)
        while not self.over.is_set():
            self.answers.append(client.request("GET", path))

    def seen(self, status: int) -> int:
        return sum(answer.status_code == status for answer in self.answers)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_database_that_goes_away_under_traffic_loses_nothing_that_was_acknowledged(
    cluster: Cluster, mode: str
) -> None:
    with Gunicorn(cluster.environment) as gunicorn, ThreadPoolExecutor(7) as pool:
        processes = workers(gunicorn)
        tenant = Tenant.create(gunicorn.url, cluster.platform_key)
        traffic = Traffic(tenant)
        threads = [pool.submit(traffic.deliver, f"T-{n}") for n in range(4)]
        threads += [
            pool.submit(traffic.read, path)
            for path in ("/v1/conversations", "/v1/drafts/feed", "/v1/events?limit=5")
        ]
        try:
            wait_until(lambda: len(traffic.acknowledged) > 50)
            # So that one request at least is under way when it happens.
            blocker = psycopg.connect(cluster.server.url("postgres", "draftroom"))
            blocker.execute("SELECT 1 FROM inbox.conversations FOR UPDATE")
            wait_until(lambda: cluster.ask(WAITING))
            cluster.stop(mode)
            blocker.close()
            wait_until(lambda: traffic.seen(503) > 30)
            ready = requests.get(f"{gunicorn.url}/readyz", timeout=30)
            assert (ready.status_code, ready.json()["problems"]) == (503, ["The database is away."])
            assert requests.get(f"{gunicorn.url}/healthz", timeout=30).status_code == 200
            before = len(traffic.acknowledged)
            cluster.start()
            wait_until(lambda: len(traffic.acknowledged) > before + 50)
        finally:
            traffic.over.set()
        for thread in threads:
            thread.result(60)  # raises what a connection or an undocumented answer raised

        assert {answer.status_code for answer in traffic.answers} == {200, 201, 503}
        for answer in traffic.answers:
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) > 0
                assert answer.json()["code"] == "UNAVAILABLE"
        stored = cluster.ask(
            "SELECT external_id FROM inbox.messages WHERE tenant_id = %s", tenant.id
        )
        assert sorted(name for (name,) in stored) == sorted(traffic.acknowledged)
        jobs = cluster.ask("SELECT status FROM operations.jobs WHERE tenant_id = %s", tenant.id)
        assert len(jobs) == len(stored)
        # The first to ask may still find one of the connections that broke.
        wait_until(lambda: requests.get(f"{gunicorn.url}/readyz", timeout=30).ok)
        assert workers(gunicorn) == processes, "the service was restarted"


def test_a_stream_outlasts_a_database_that_goes_away(cluster: Cluster) -> None:
    often = {"EVENT_POLL_SECONDS": "0.05", "EVENT_HEARTBEAT_SECONDS": "0.05"}
    # One worker: of two the other may be a little later in finding the database again.
    with Gunicorn(cluster.environment | often | {"WEB_CONCURRENCY": "1"}) as gunicorn:
        tenant = Tenant.create(gunicorn.url, cluster.platform_key)
        with Stream(gunicorn.url, tenant.service, type="draft_ready") as stream:
            cluster.stop("fast")
            try:
                for _ in range(5):
                    assert stream.message() is None
            finally:
                cluster.start()
            wait_until(lambda: requests.get(f"{gunicorn.url}/readyz", timeout=30).ok)
            draft = tenant.draft()
            assert [event["draft_id"] for event in stream.events(1)] == [draft["id"]]


def test_the_service_starts_before_its_database(cluster: Cluster) -> None:
    cluster.stop("fast")
    try:
        with Gunicorn(cluster.environment | {"WEB_CONCURRENCY": "1"}) as gunicorn:
            client = Client(gunicorn.url, cluster.platform_key)
            answer = client.request("GET", "/v1/conversations", expect=503)
            assert int(answer.headers["Retry-After"]) > 0
            assert requests.get(f"{gunicorn.url}/readyz", timeout=30).status_code == 503
            cluster.start()
            wait_until(lambda: requests.get(f"{gunicorn.url}/readyz", timeout=30).ok)
            assert Tenant.create(gunicorn.url, cluster.platform_key).receive()["created"]
    finally:
        cluster.start()


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_confirmation_whose_worker_was_killed_can_be_repeated_and_nothing_is_sent_twice(
    cluster: Cluster, took_effect: bool
) -> None:
    with Gunicorn(cluster.environment) as gunicorn, ThreadPoolExecutor(1) as pool:
        tenant = Tenant.create(gunicorn.url, cluster.platform_key)
        approved = tenant.approved()
        [claimed] = tenant.claim()
        path = f"/v1/scheduled-replies/{claimed['id']}"
        confirmation = {"lease_id": claimed["lease_id"], "external_id": "OUT-1"}

        def confirm(external_id: str = "OUT-1") -> requests.Response:
            client = Client(gunicorn.url, tenant.service.credential)
            body = confirmation | {"external_id": external_id}
            return client.request("POST", f"{path}/confirm", body)

        url = cluster.server.url("postgres", "draftroom")
        with psycopg.connect(url) as blocker:
            blocker.execute(
                "SELECT 1 FROM drafts.scheduled_replies WHERE id = %s FOR UPDATE", [claimed["id"]]
            )
            unanswered = pool.submit(confirm)
            [(backend,)] = wait_until(lambda: cluster.ask(WAITING))
            killed = workers(gunicorn)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                unanswered.result(60)
            if not took_effect:
                cluster.ask("SELECT pg_terminate_backend(%s, 10000)", backend)
        status = "SELECT status FROM drafts.scheduled_replies WHERE id = %s"
        expected = "sent" if took_effect else "claimed"
        wait_until(lambda: cluster.ask(status, claimed["id"]) == [(expected,)])

        wait_until(lambda: not killed & workers(gunicorn))
        api = Client(gunicorn.url, tenant.service.credential)
        assert api.post("/v1/scheduled-replies/claim", {"worker": "other"})["items"] == []
        answers = [confirm() for _ in range(3)]
        assert {answer.status_code for answer in answers} == {200}
        assert [answer.json() for answer in answers] == [answers[0].json()] * 3
        assert confirm("OUT-2").status_code == 409
        assert api.post("/v1/scheduled-replies/claim", {"worker": "other"})["items"] == []
        assert api.get(f"/v1/drafts/{approved['id']}")["status"] == "sent"
        messages = api.all(f"/v1/conversations/{approved['conversation_id']}/messages")
        assert [m["external_id"] for m in messages if m["direction"] == "outbound"] == ["OUT-1"]
        [reply] = api.all("/v1/scheduled-replies")
        assert (reply["status"], reply["external_id"], reply["attempts"]) == ("sent", "OUT-1", 1)


def expire(sql: psycopg.Connection[Any], table: str) -> None:
    """Waits until the leases in the table have run out."""

    def none_left() -> bool:
        sql.rollback()  # now() is the time of the transaction
        return not sql.execute(f"SELECT 1 FROM {table} WHERE lease_expires_at > now()").fetchall()

    wait_until(none_left)


@pytest.mark.parametrize("outcome", ["sent", "not_sent"])
def test_a_reply_whose_worker_died_waits_for_a_person(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any], outcome: str
) -> None:
    approved = tenant.approved()
    [claimed] = tenant.claim(lease_seconds=1)
    path = f"/v1/scheduled-replies/{claimed['id']}"
    lease = {"lease_id": claimed["lease_id"]}
    expire(sql, "drafts.scheduled_replies")
    late = api.post(f"{path}/heartbeat", lease, expect=409)
    assert late["current"]["status"] == "claimed"

    assert [tenant.claim(worker=f"other-{n}") for n in range(3)] == [[], [], []]
    lost = api.get(path)
    assert lost["status"] == "unknown"
    assert lost["lease_expires_at"] is None
    assert lost["error"] == "the lease ran out before the worker reported"
    noted = [n for n in api.all("/v1/notifications") if n["type"] == "delivery_unknown"]
    assert [n["payload"] for n in noted] == [
        {
            "scheduled_reply_id": claimed["id"],
            "draft_id": approved["id"],
            "conversation_id": approved["conversation_id"],
        }
    ]
    late = api.post(f"{path}/heartbeat", lease, expect=409)
    assert late["current"]["status"] == "unknown"
    # Of what it does not know, there is nothing new.
    unknown = lease | {"outcome": "unknown", "error": "late"}
    assert api.post(f"{path}/fail", unknown, expect=200) == api.get(path) == lost
    tenant.agent.post(f"{path}/schedule", {"mode": "now"}, expect=409)
    tenant.agent.post(f"{path}/cancel", expect=409)

    api.post(f"{path}/resolve", {"outcome": "not_sent"}, expect=403)  # not a person
    # Once a person has looked, the late worker is no longer believed.
    reports = [
        (f"{path}/heartbeat", lease),
        (f"{path}/confirm", lease | {"external_id": "LATE"}),
        (f"{path}/fail", lease | {"outcome": "not_sent", "error": "late"}),
        (f"{path}/fail", lease | {"outcome": "unknown", "error": "late"}),
    ]
    if outcome == "sent":
        resolved = {"outcome": "sent", "external_id": "OUT-1"}
        assert tenant.agent.post(f"{path}/resolve", resolved)["status"] == "sent"
    else:
        assert tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"})["status"] == "held"
        assert tenant.claim() == []
        tenant.agent.post(f"{path}/schedule", {"mode": "now"})
        [again] = tenant.claim()
        assert again["id"] == claimed["id"]
        assert again["lease_id"] != claimed["lease_id"]
        for report, body in reports:
            assert api.post(report, body, expect=409)["current"]["status"] == "claimed"
        api.post(f"{path}/confirm", {"lease_id": again["lease_id"], "external_id": "OUT-1"})
    tenant.agent.post(f"{path}/resolve", {"outcome": "not_sent"}, expect=409)
    for report, body in reports:
        assert api.post(report, body, expect=409)["current"]["status"] == "sent"
    assert api.get(f"/v1/drafts/{approved['id']}")["status"] == "sent"
    messages = api.all(f"/v1/conversations/{approved['conversation_id']}/messages")
    assert [m["external_id"] for m in messages if m["direction"] == "outbound"] == ["OUT-1"]


def test_a_heartbeat_keeps_the_lease(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    tenant.approved()
    [claimed] = tenant.claim(lease_seconds=1)
    path = f"/v1/scheduled-replies/{claimed['id']}"
    lease = {"lease_id": claimed["lease_id"]}
    api.post(f"{path}/heartbeat", lease | {"lease_seconds": 600})
    wait_until(
        lambda: (
            sql.rollback()
            or sql.execute("SELECT now() > %s AS over", [claimed["lease_expires_at"]]).fetchone()
            == {"over": True}
        )
    )
    assert tenant.claim() == []
    assert api.get(path)["status"] == "claimed"
    assert api.post(f"{path}/confirm", lease | {"external_id": "OUT-1"})["status"] == "sent"


def test_a_job_whose_worker_died_goes_to_another_and_the_late_one_is_told(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive()
    claim = {"type": "draft", "worker": "first", "lease_seconds": 1}
    [first] = api.post("/v1/jobs/claim", claim)["items"]
    path = f"/v1/jobs/{first['id']}"
    drafts = f"/v1/conversations/{received['conversation_id']}/drafts"
    lease = {"lease_id": first["lease_id"]}
    draft = {"model_key": "m", "prompt_version": "v", "suggested_text": "Late."}
    reports = [
        (f"{path}/heartbeat", lease),
        (f"{path}/complete", lease),
        (f"{path}/fail", lease | {"error": "late"}),
        (drafts, draft | lease | {"job_id": first["id"]}),
    ]
    expire(sql, "operations.jobs")
    for late, body in reports:
        assert api.post(late, body, expect=409)["code"] == "CONFLICT"

    assert api.post("/v1/jobs/claim", claim)["items"] == []
    for late, body in reports:
        assert api.post(late, body, expect=409)["code"] == "CONFLICT"
    sql.execute("UPDATE operations.jobs SET run_at = now() WHERE id = %s", [first["id"]])
    sql.commit()
    [second] = api.post("/v1/jobs/claim", claim | {"worker": "second", "lease_seconds": 60})[
        "items"
    ]
    assert (second["id"], second["attempts"]) == (first["id"], 2)
    assert second["lease_id"] != first["lease_id"]
    for late, body in reports:
        api.post(late, body, expect=409)
    assert api.get(path)["locked_by"] == "second"
    assert api.all(drafts) == []
    body = draft | {"job_id": first["id"], "lease_id": second["lease_id"]}
    assert api.post(drafts, body, expect=201)["version"] == 1
    assert api.get(path)["status"] == "succeeded"
    for late, body in reports:
        api.post(late, body, expect=409)
    assert len(api.all(drafts)) == 1
