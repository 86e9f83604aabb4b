"""After a restore, a failover or a recovery to a point in time the feeds are closed until the epoch is raised."""

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from service import embedded
from service.commands import scratch
from service.config import DIRECT_SCHEME
from tests import citus, postgres
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.commands import SECRET_KEY, flask, make_platform_key
from tests.postgres import Server

DATABASE = "draftroom"
FEEDS = (
    "/v1/events",
    "/v1/events/stream",
    "/v1/learning-samples",
    "/v1/learning-samples/export",
)


@dataclass
class Cluster:
    """A PostgreSQL, and what a service on it needs."""

    server: embedded.Server
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        direct_url = self.server.url("app_owner", DATABASE)
        self.environment = {
            "DATABASE_URL": self.server.url("app_rw", DATABASE),
            "DIRECT_URL": direct_url.replace("postgresql://", DIRECT_SCHEME, 1),
            "SECRET_KEY": SECRET_KEY,
            "LOG_LEVEL": "CRITICAL",
            "WEB_CONCURRENCY": "1",
            "EVENT_STREAM_SECONDS": "1",
        }

    def connect(self, role: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url(role, DATABASE), autocommit=True)

    def value(self, query: str) -> Any:
        with self.connect("app_rw") as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row
        return row[0]

    def program(self, name: str, *arguments: str | Path) -> None:
        embedded._run(self.server.bin_path / name, *arguments)

    def raise_epoch(self, *arguments: str) -> str:
        done = flask(self.environment, "epochs", "raise", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with scratch.server() as server:
        scratch.create_migrated(server, DATABASE)
        yield Cluster(server)


@pytest.fixture(scope="module")
def history(primary: Cluster) -> tuple[Tenant, str]:
    """A tenant with events, and a cursor behind all of them."""
    with Gunicorn(primary.environment) as service:
        tenant = Tenant.create(service.url, make_platform_key(primary.environment))
        rename(tenant.service, 3)
        wait_until(lambda: tenant.service.get("/v1/events")["items"][2:])
        cursor = tenant.service.get("/v1/events", params={"limit": 100})["resume_cursor"]
    return tenant, cursor


@pytest.fixture
def standby(primary: Cluster, history: tuple[Tenant, str]) -> Iterator[Cluster]:
    """A replica of the primary, as it was a moment ago: it is connected to nothing."""
    data = primary.server.data.parent / "standby"
    data.mkdir(mode=0o700)
    embedded._own(data)
    primary.program(
        *("pg_basebackup", "-D", data, "-X", "stream", "-c", "fast"),
        *("-d", primary.server.superuser_url),
    )
    (data / f".s.PGSQL.{embedded.PORT}.lock").unlink(missing_ok=True)  # of the primary's socket
    (data / "standby.signal").touch()
    server = embedded.start(data, options={"max_connections": "300"})
    yield Cluster(server)
    server.stop()


@pytest.fixture
def restored(primary: Cluster, history: tuple[Tenant, str], tmp_path: Path) -> Iterator[Cluster]:
    """A dump of the primary in another cluster."""
    with scratch.server() as server:
        embedded.create_database(server.superuser_url, DATABASE)
        programs = primary.server.bin_path
        url = primary.server.url("postgres", DATABASE)
        dump = subprocess.run([programs / "pg_dump", url], capture_output=True, check=True)
        subprocess.run(
            [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", server.url("postgres", DATABASE)],
            input=dump.stdout,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield Cluster(server)


def rename(api: Client, times: int) -> None:
    for n in range(times):
        api.patch("/v1/tenant", {"name": f"{n} of {times}"})


def readiness(api: Client) -> tuple[int, str, str]:
    answer = requests.get(f"{api.url}/readyz", timeout=30)
    told = answer.json()
    return answer.status_code, " ".join(told["problems"]), " ".join(told["warnings"])


def assert_closed(api: Client) -> None:
    for path in FEEDS:
        refused = api.request("GET", path, expect=503)
        assert refused.json()["code"] == "UNAVAILABLE"
        assert "epoch" in refused.json()["detail"]
        assert int(refused.headers["Retry-After"]) > 0


def assert_open(api: Client) -> None:
    for path in FEEDS:
        api.request("GET", path, expect=200)


def test_after_a_failover_the_feeds_wait_for_the_next_epoch_and_hide_nothing(
    primary: Cluster, standby: Cluster, history: tuple[Tenant, str]
) -> None:
    tenant, _ = history
    assert standby.value("SELECT operations.timeline()") is None
    assert standby.value("SELECT operations.current_epoch()") == 1
    with Gunicorn(primary.environment) as service:
        lost = Client(service.url, tenant.service.credential)
        rename(lost, 30)
        wait_until(lambda: lost.all("/v1/events", limit=100)[-1]["changes"].get("name"))
        assert_open(lost)
        cursor = lost.get("/v1/events", params={"limit": 100})["resume_cursor"]

    with standby.connect("postgres") as connection:
        assert connection.execute("SELECT pg_promote()").fetchone() == (True,)
    with Gunicorn(standby.environment) as service:
        api = Client(service.url, tenant.service.credential)
        assert_closed(api)
        status, problems, warning = readiness(api)
        assert (status, problems) == (200, "")
        assert "timeline 1, and this is 2" in warning
        # The rest serves. Its transactions have the numbers of those that were lost.
        rename(api, 2)
        assert standby.value("SELECT operations.current_epoch()") == 2

        assert standby.raise_epoch("failover").startswith("epoch 2: ")
        assert_open(api)
        assert readiness(api) == (200, "", "")

        def told() -> list[Any]:
            found = api.get("/v1/events", params={"limit": 100, "cursor": cursor})["items"]
            return [(event["epoch"], event["revision"]) for event in found]

        wait_until(lambda: len(told()) == 2)
        assert {epoch for epoch, _ in told()} == {2}
        # Again, without any need, and to a number of one's own.
        assert standby.raise_epoch("to be sure").startswith("epoch 3: ")
        assert standby.raise_epoch("consumers have read 6", "--at-least", "7").startswith("epoch 7")
        rename(api, 1)
        wait_until(lambda: len(told()) == 3)
        assert told()[-1][0] == 7


def test_a_dump_in_another_cluster_is_not_ready_before_the_next_epoch(
    restored: Cluster, history: tuple[Tenant, str]
) -> None:
    tenant, cursor = history
    with Gunicorn(restored.environment) as service:
        api = Client(service.url, tenant.service.credential)
        status, problem, _ = readiness(api)
        assert status == 503
        identifiers = restored.value(
            "SELECT format('%s, and this is %s', e.system_identifier, c.system_identifier)"
            " FROM operations.epochs AS e, pg_control_system() AS c"
        )
        assert f"Epoch 1 is of cluster {identifiers}: run `flask epochs raise" in problem
        assert_closed(api)
        assert restored.raise_epoch("restored").startswith("epoch 2: ")
        assert readiness(api) == (200, "", "")
        assert_open(api)
        rename(api, 1)
        after = {"cursor": cursor, "limit": 100}
        wait_until(lambda: api.get("/v1/events", params=after)["items"][-1]["epoch"] == 2)


RENAME = "UPDATE identity.tenants SET name = %s"
WAITS = "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def test_an_epoch_begins_between_transactions(
    primary: Cluster, history: tuple[Tenant, str]
) -> None:
    tenant, _ = history
    with primary.connect("app_rw") as writer, primary.connect("app_owner") as owner:
        writer.execute("SELECT set_config('app.tenant_id', %s, false)", [tenant.id])
        with writer.transaction():
            writer.execute(RENAME, ["By a script"])
            with pytest.raises(psycopg.errors.LockNotAvailable):
                owner.execute("SELECT operations.raise_epoch('too early')")
        with ThreadPoolExecutor() as pool:
            owner.execute("BEGIN")
            owner.execute("SELECT operations.raise_epoch('in time')")
            writing = pool.submit(writer.execute, RENAME, ["By another"])
            with primary.connect("postgres") as superuser:
                wait_until(lambda: superuser.execute(WAITS).fetchone() == (True,))
            owner.execute("COMMIT")
            writing.result()
        last = "SELECT epoch FROM operations.events WHERE entity = %s ORDER BY id DESC LIMIT 1"
        assert writer.execute(last, ["identity.tenants"]).fetchone() == (2,)


def test_nobody_but_the_owner_raises_it(primary: Cluster) -> None:
    with (
        primary.connect("app_rw") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT operations.raise_epoch('mine')")


@pytest.mark.skipif(not postgres.on_cluster(), reason="it is about the nodes of a cluster")
def test_on_a_cluster_an_epoch_is_later_than_all_that_a_promoted_node_wrote(
    server: Server, clone: Callable[[str], str]
) -> None:
    database = clone("promoted")
    with psycopg.connect(server.url("app_owner", database), autocommit=True) as owner:
        before = owner.execute("SELECT timeline, epoch FROM operations.raise_epoch('before')")
        timeline, epoch = before.fetchall()[0]
        citus.promote(server.superuser_url, server.name(database), timeline + 2)
        owner.execute("INSERT INTO identity.tenants (name) VALUES ('Hot Rod AN')")
        written = owner.execute("SELECT DISTINCT epoch FROM operations.events").fetchall()
        assert written == [(epoch + 2,)]
        # Each node counts its own transactions, and a shard that moves goes on with another one's.
        raised = owner.execute("SELECT epoch FROM operations.raise_epoch('a move')").fetchall()
    assert raised > written
