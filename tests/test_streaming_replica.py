"""A real streaming replica: what it answers, what it is not asked, and what happens while it is behind or away."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from service import create_app, embedded
from service.caller import NOBODY
from service.commands import scratch
from service.config import Settings
from service.database import Database
from service.operations import health
from service.positions import HEADER
from service.queries.query import parse
from tests import postgres
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.commands import SECRET_KEY, environment, make_platform_key

pytestmark = pytest.mark.not_on_citus(
    "starts servers of its own, and there DATABASE_URL_RO is not set"
)

DATABASE = "draftroom"
COSTS = "/v1/model-runs/costs"  # answered by the replica
RUN = {"run_type": "DRAFT_REPLY", "model": "gpt-4o-mini"}
OPTIONS = {"max_connections": "300"}  # a replica has as many as its primary, or does not start
IS_REPLICA = parse(
    "-- name: test.is_replica :one\n-- Why.\nSELECT pg_is_in_recovery() AS found",
    "test.is_replica",
    Path("test"),
)()
LEFT_OUT = "DELETE FROM public._yoyo_migration WHERE migration_id = %s"
PUT_BACK = "INSERT INTO public._yoyo_migration (migration_hash, migration_id) VALUES ('x', %s)"


@dataclass
class Pair:
    primary: embedded.Server
    replica: embedded.Server

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.primary.url("app_rw", DATABASE),
            database_url_ro=self.replica.url("app_ro", DATABASE),
            secret_key=SECRET_KEY,
            log_level="CRITICAL",
        )

    def ask(self, server: embedded.Server, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(server.url("postgres", DATABASE), autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def catch_up(self) -> None:
        """Waits until the replica has all that the primary committed."""
        [(position,)] = self.ask(self.primary, "SELECT pg_current_wal_insert_lsn()::text")
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        # What ends a page of the WAL is followed by the next record only.
        self.ask(self.primary, "SELECT pg_logical_emit_message(false, 'test', '')")
        wait_until(lambda: self.ask(self.replica, replayed, position) == [(True,)])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The replica replays nothing meanwhile."""
        self.catch_up()
        self.ask(self.replica, "SELECT pg_wal_replay_pause()")
        state = "SELECT pg_get_wal_replay_pause_state()"
        wait_until(lambda: self.ask(self.replica, state) == [("paused",)])
        try:
            yield
        finally:
            self.ask(self.replica, "SELECT pg_wal_replay_resume()")


@contextmanager
def streaming(primary: embedded.Server, data: Path) -> Iterator[embedded.Server]:
    """A replica of the primary in the folder."""
    programs = primary.bin_path
    if not (programs / "pg_basebackup").exists():
        pytest.skip(f"{programs} has no pg_basebackup: no replica")
    data.mkdir(mode=0o700)
    embedded._own(data)
    embedded._run(
        *(programs / "pg_basebackup", "-D", data, "-X", "stream", "-c", "fast", "-R"),
        *("-d", make_conninfo(primary.superuser_url)),
    )
    (data / f".s.PGSQL.{embedded.PORT}.lock").unlink(missing_ok=True)  # of the primary's socket
    server = embedded.start(data, postgres.VERSION, OPTIONS)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with scratch.server(postgres.VERSION) as primary:
        scratch.create_migrated(primary, DATABASE)
        with streaming(primary, primary.data.parent / "replica") as replica:
            yield Pair(primary, replica)


@pytest.fixture(scope="module")
def service(pair: Pair) -> Iterator[Gunicorn]:
    given = environment(pair.settings)
    given["DATABASE_URL_RO"] = str(pair.settings.database_url_ro)
    with Gunicorn(given) as running:
        yield running


@pytest.fixture(scope="module")
def tenant_there(pair: Pair, service: Gunicorn) -> Tenant:
    return Tenant.create(service.url, make_platform_key(environment(pair.settings)))


@pytest.fixture
def there(tenant_there: Tenant) -> Client:
    return tenant_there.service


def recorded(api: Client, **headers: str) -> str | None:
    """Records a run; the position that the answer tells."""
    answer = api.request("POST", "/v1/model-runs", RUN, expect=201, headers=headers)
    return answer.headers.get(HEADER)


def count(api: Client, **headers: str) -> int:
    """How many runs there are, as far as who answers knows."""
    return sum(day["runs"] for day in api.get(COSTS, headers=headers)["items"])


def lines(api: Client, **headers: str) -> int:
    """How many samples there are to export, as far as who answers knows."""
    answer = api.request("GET", "/v1/learning-samples/export", expect=200, headers=headers)
    return len(answer.text.splitlines())


def readiness(settings: Settings) -> dict[str, Any]:
    app = create_app(settings)
    database = app.extensions["draftroom"].database
    try:
        database._primary.wait()
        if database.has_replica:
            with suppress(PoolTimeout):
                database._replica.wait(5)  # unless it is away
        answer = app.test_client().get("/readyz")
        told: dict[str, Any] = answer.get_json()
        assert (answer.status_code == 200) == (told["status"] == "ok")
        return told
    finally:
        database.close()


# Reading what one wrote ---------------------------------------------------------------------------------


def test_a_replica_answers_and_may_be_behind(pair: Pair, there: Client) -> None:
    before = count(there)
    with pair.paused():
        before = count(there)
        assert recorded(there) is None, "no position is told to who did not ask"
        assert count(there) == before
    pair.catch_up()
    assert count(there) == before + 1


def test_who_sends_the_position_of_a_write_reads_it(pair: Pair, there: Client) -> None:
    with pair.paused():
        before = count(there)
        position = recorded(there, **{HEADER: "0/0"})
        assert position is not None
        assert count(there, **{HEADER: position}) == before + 1, "the primary answers"
        assert count(there, **{HEADER: "0/0"}) == before, "the replica answers"
    pair.catch_up()
    with pair.paused():
        recorded(there)
        assert count(there, **{HEADER: position}) == before + 1, "the replica answers again"


def test_an_export_has_the_write_whose_position_is_sent(pair: Pair, there: Client) -> None:
    def is_replica(position: str | None) -> bool:
        with database.transaction(replace(NOBODY, position=position), replica=True) as transaction:
            return bool(transaction.row(IS_REPLICA).found)

    database = Database(pair.settings, pair.primary.url("app_rw", DATABASE))
    database.open()
    try:
        with pair.paused():
            wait_until(lambda: is_replica(None))
            position = recorded(there, **{HEADER: "0/0"})
            assert not is_replica(position)
            assert is_replica("0/0")
        pair.catch_up()
        wait_until(lambda: is_replica(position))
    finally:
        database.close()


@pytest.mark.parametrize("position", ["", "0", "0/", "x/0", "0/123456789", "0/0 OR 1"])
def test_what_is_no_position_is_refused(there: Client, position: str) -> None:
    answer = there.get(COSTS, expect=400, headers={HEADER: position})
    assert HEADER in answer["errors"]


def test_a_write_that_failed_tells_no_position(there: Client) -> None:
    answer = there.request("POST", "/v1/model-runs", {}, expect=400, headers={HEADER: "0/0"})
    assert HEADER not in answer.headers


# A replica that goes away -------------------------------------------------------------------------------


def test_connections_that_the_replica_closed_fail_no_request(pair: Pair, there: Client) -> None:
    pair.catch_up()
    before = count(there), lines(there)
    closed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_ro'"
    for read in (count, lines):
        wait_until(lambda: pair.ask(pair.replica, closed))
        assert read(there) in before


def test_while_the_replica_is_away_the_primary_answers(pair: Pair, there: Client) -> None:
    before = count(there)
    embedded._run(pair.replica.bin_path / "pg_ctl", "stop", "-D", pair.replica.data, "-m", "fast")
    try:
        recorded(there)
        assert count(there) == before + 1
        assert lines(there) >= 0
        told = readiness(pair.settings)
        assert told["problems"] == []
        assert told["warnings"] == ["The replica is away: the primary answers."]
    finally:
        embedded.start(pair.replica.data, postgres.VERSION, OPTIONS)
    pair.catch_up()
    wait_until(lambda: readiness(pair.settings)["warnings"] == [])


def test_a_url_of_all_hosts_leads_to_the_one_that_takes_writes(pair: Pair) -> None:
    folders = ",".join(quote(str(one.socket_dir), safe="") for one in (pair.replica, pair.primary))
    both = f"postgresql://app_rw@/{DATABASE}?host={folders}&port={embedded.PORT}"
    settings = replace(pair.settings, database_url=f"{both}&target_session_attrs=read-write")
    assert readiness(settings) == {"status": "ok", "problems": [], "warnings": []}


# Readiness ----------------------------------------------------------------------------------------------


def test_a_replica_that_is_behind_is_warned_of(
    pair: Pair, there: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MAX_LAG", 0)
    pair.catch_up()
    # The primary writes now and then by itself.
    wait_until(lambda: readiness(pair.settings)["warnings"] == [])
    with pair.paused():
        recorded(there)
        [told] = readiness(pair.settings)["warnings"]
        assert told.startswith("The replica is ")
        assert told.endswith(" seconds behind.")


def test_a_replica_without_a_migration_is_not_ready(pair: Pair) -> None:
    last = max(health.EXPECTED)
    pair.ask(pair.primary, LEFT_OUT, last)
    try:
        with pair.paused():
            pair.ask(pair.primary, PUT_BACK, last)
            told = readiness(pair.settings)
            assert told["problems"] == [f"On the replica: Migration {last} was not applied."]
    finally:
        pair.ask(pair.primary, LEFT_OUT, last)
        pair.ask(pair.primary, PUT_BACK, last)
    pair.catch_up()


def test_the_replica_of_another_cluster_is_none(pair: Pair, server: postgres.Server) -> None:
    if postgres.GIVEN:
        pytest.skip("the server that is given may want another password")
    server.clone("elsewhere")
    other = replace(pair.settings, database_url_ro=server.url("app_ro", "elsewhere"))
    [told] = readiness(other)["problems"]
    assert told.startswith("DATABASE_URL_RO leads to cluster ")
