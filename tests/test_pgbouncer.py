"""Behind a PgBouncer in transaction mode that knows nothing of prepared statements.

It hands each transaction any of its server connections, with what other clients prepared there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from service import embedded, wakeups
from service.caller import Caller
from service.config import Settings
from service.database import SHARED_STATEMENTS, Database, Session
from service.exchange import Connection
from service.operations.health import NO_TRANSACTIONS
from service.queries import Bound, queries
from service.queries.query import parse
from tests.client import ROOT, Client, Gunicorn, Tenant, at_once, new_id
from tests.commands import environment
from tests.pgbouncer import AWARE, MISSING, PROGRAM, own_folder, pooling, running, version
from tests.postgres import Server

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason=MISSING),
    pytest.mark.not_on_citus("about how PgBouncer hands on the connections of one PostgreSQL"),
]


@pytest.fixture(params=[1, 3], ids=["one connection", "three connections"])
def pooler(request: pytest.FixtureRequest, server: Server, settings: Settings) -> Iterator[str]:
    """The URL of a PgBouncer with so many server connections."""
    assert settings.database_url  # its database is there
    with pooling(server, "draftroom", size=request.param) as url:
        yield url


@pytest.fixture
def connect(pooler: str, settings: Settings) -> Iterator[Callable[..., Database]]:
    """Makes clients of the pooler, each with its own knowledge of what is prepared."""
    clients = []

    def make(**changes: Any) -> Database:
        database = Database(replace(settings, pool_size=1, **changes), pooler)
        clients.append(database)
        database.open()
        database._primary.wait()
        return database

    yield make
    for database in clients:
        database.close()


def one(database: Database, caller: Caller, bound: Bound[Any, Any]) -> Any:
    return database.session(caller).rows(bound)


def together(database: Database, caller: Caller, bound: Bound[Any, Any]) -> Any:
    return database.atomically(caller, lambda tx: tx.rows(bound))


def numbered(number: int) -> Bound[Any, Any]:
    """A statement of its own for each number."""
    text = f"-- name: test.numbered :many\n-- Why.\nSELECT {number} AS number"
    return parse(text, "test.numbered", Path("test"))()


@pytest.mark.parametrize("path", [one, together])
def test_a_client_never_runs_a_statement_of_another(
    connect: Callable[..., Database], caller: Caller, path: Callable[..., Any]
) -> None:
    clients = [connect() for _ in range(4)]

    def use(client: int) -> None:
        for turn in range(40):
            # Each begins with another statement: a name that was counted would mean each time something else.
            number = (client + turn) % 7
            assert path(clients[client], caller, numbered(number)) == [(number,)]

    at_once(len(clients), use)
    assert any(client.warnings == [SHARED_STATEMENTS] for client in clients)
    assert all(client.warnings in ([], [SHARED_STATEMENTS]) for client in clients)


def test_nothing_is_done_twice_by_trying_again(
    connect: Callable[..., Database], caller: Caller
) -> None:
    def channels(session: Session, client: int, turn: int) -> None:
        session.json(
            queries.inbox.create_channel(
                id=new_id(),
                type="email",
                external_id=f"{client} {turn}",
                name="A",
                signing_secret=None,
                metadata={},
            )
        )

    clients = [connect() for _ in range(4)]

    def use(client: int) -> None:
        for turn in range(10):
            channels(clients[client].session(caller), client, turn)
            clients[client].atomically(caller, lambda tx: channels(tx, client, turn + 10))  # noqa: B023

    at_once(len(clients), use)
    text = (
        "-- name: test.channels :one\n-- Why.\n-- param: tenant_id uuid = NULL\n"
        "SELECT count(*) AS number FROM inbox.channels WHERE tenant_id = :tenant_id"
    )
    count = parse(text, "test.channels", Path("test"))
    assert clients[0].session(caller).row(count()) == (4 * 20,)


def test_without_prepared_statements_there_is_nothing_to_warn_of(
    connect: Callable[..., Database], caller: Caller
) -> None:
    clients = [connect(prepare_statements=False) for _ in range(2)]
    for turn in range(6):
        assert one(clients[turn % 2], caller, numbered(turn)) == [(turn,)]
        assert together(clients[turn % 2], caller, numbered(turn)) == [(turn,)]
    assert [client.warnings for client in clients] == [[], []]


@pytest.mark.parametrize(
    ("public_details", "told"), [("true", SHARED_STATEMENTS), ("false", "The log has them.")]
)
def test_the_log_and_readiness_name_the_setting(
    pooler: str,
    settings: Settings,
    tenant: Tenant,
    tmp_path: Path,
    public_details: str,
    told: str,
) -> None:
    behind = environment(replace(settings, database_url=pooler))
    behind |= {"WEB_CONCURRENCY": "1", "PUBLIC_DETAILS": public_details}
    with (tmp_path / "log").open("w") as log, Gunicorn(behind, log=log.fileno()) as gunicorn:
        before = requests.get(f"{gunicorn.url}/readyz", timeout=30)
        assert (before.status_code, before.json()["status"]) == (200, "ok")

        def use(_: int) -> None:
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {tenant.service.credential}"
                for _ in range(10):
                    made = session.post(
                        f"{gunicorn.url}/v1/jobs", json={"type": "crawl"}, timeout=60
                    )
                    assert made.status_code == 201
                    assert session.get(f"{gunicorn.url}/v1/conversations", timeout=60).ok

        at_once(8, use)
        after = requests.get(f"{gunicorn.url}/readyz", timeout=30)
        assert after.status_code == 200
        assert after.json() == {"status": "ok", "problems": [], "warnings": [told]}
        for name in ("max_prepared_statements", "PREPARE_STATEMENTS"):
            assert name in SHARED_STATEMENTS
    assert (tmp_path / "log").read_text().count(SHARED_STATEMENTS) == 1
    assert len(tenant.service.all("/v1/jobs", type="crawl")) == 80


def test_a_statement_whose_result_changed_runs_through_the_pooler(
    connect: Callable[..., Database], caller: Caller, server: Server
) -> None:
    table = "operations.changing"
    url = server.url("postgres", "draftroom")
    text = f"-- name: test.changing :many\n-- Why.\nSELECT * FROM {table}"
    read = parse(text, "test.changing", Path("test"))()
    clients = [connect() for _ in range(2)]
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE TABLE {table} (a int)")
        try:
            owner.execute(f"GRANT SELECT ON {table} TO app_rw")
            owner.execute(f"INSERT INTO {table} VALUES (1)")
            for path in (one, together):
                for client in clients:
                    assert path(client, caller, read) == [(1,)]
            owner.execute(f"ALTER TABLE {table} ALTER a TYPE text")
            for path in (together, one):
                for client in clients:
                    assert path(client, caller, read) == [("1",)]
        finally:
            owner.execute(f"DROP TABLE {table}")


def test_nobody_listens_through_the_pooler_and_who_waits_for_work_finds_it(
    pooler: str, settings: Settings, tenant: Tenant
) -> None:
    """What a shared connection listened to would come to whoever has it next."""
    assert settings.database_url
    for url, is_direct in ((pooler, False), (settings.database_url, True)):
        with Connection.connect(url, autocommit=True, prepare_threshold=None) as connection:
            assert wakeups._is_direct(connection) == is_direct
    behind = environment(replace(settings, database_url=pooler)) | {"CLAIM_POLL_SECONDS": "0.05"}
    body = {"type": "crawl", "worker": "w", "wait": 20}
    with Gunicorn(behind) as gunicorn, ThreadPoolExecutor(1) as pool:
        api = Client(gunicorn.url, tenant.service.credential)
        claimed = pool.submit(api.post, "/v1/jobs/claim", body)
        job = tenant.service.post("/v1/jobs", {"type": "crawl"})
        assert [found["id"] for found in claimed.result(60)["items"]] == [job["id"]]


def test_one_that_knows_prepared_statements_costs_nothing_and_is_not_warned_of(
    server: Server, settings: Settings, caller: Caller
) -> None:
    if version() < AWARE:
        pytest.skip("this PgBouncer is older than 1.21, and knows no prepared statements")
    with pooling(server, "draftroom", size=2, prepared_statements=200) as url:
        clients = [Database(replace(settings, pool_size=1), url) for _ in range(3)]
        try:
            for client in clients:
                client.open()

            def use(client: int) -> None:
                for turn in range(40):
                    number = (client + turn) % 7
                    for path in (one, together):
                        assert path(clients[client], caller, numbered(number)) == [(number,)]

            at_once(len(clients), use)
            assert [client.warnings for client in clients] == [[], [], []]
        finally:
            for client in clients:
                client.close()


def test_the_sample_configuration_works(server: Server, settings: Settings, caller: Caller) -> None:
    if version() < AWARE:
        pytest.skip("this PgBouncer is older than 1.21: the sample is not for it")
    host, port = server.address
    with own_folder() as folder:
        (folder / "users.txt").write_text('"app_rw" ""\n')
        configuration = (ROOT / "deploy/pgbouncer.ini").read_text()
        for there, here in {
            "host=postgres port=5432": f"host={host} port={port} dbname={server.name('draftroom')}",
            "listen_addr = *": f"unix_socket_dir = {folder}",
            "listen_port = 6432": f"listen_port = {embedded.PORT}",
            "auth_type = scram-sha-256": "auth_type = trust",
            "/etc/pgbouncer/users.txt": str(folder / "users.txt"),
        }.items():
            assert there in configuration
            configuration = configuration.replace(there, here)
        with running(folder, configuration) as url:
            client = Database(settings, url)
            client.open()
            try:
                for turn in range(6):
                    assert one(client, caller, numbered(turn)) == [(turn,)]
                    assert together(client, caller, numbered(turn)) == [(turn,)]
                assert client.warnings == []
            finally:
                client.close()


def test_one_that_allows_no_transactions_is_named(server: Server, settings: Settings) -> None:
    with pooling(server, "draftroom", size=2, pool_mode="statement") as url:
        behind = environment(replace(settings, database_url=url)) | {"LOG_LEVEL": "CRITICAL"}
        with Gunicorn(behind) as gunicorn:
            answer = requests.get(f"{gunicorn.url}/readyz", timeout=30)
        assert answer.status_code == 503
        assert answer.json()["problems"] == [NO_TRANSACTIONS]
