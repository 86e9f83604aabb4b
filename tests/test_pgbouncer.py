"""Behind a PgBouncer in transaction mode that knows nothing of prepared statements.

It hands each transaction any of its server connections, with what other clients prepared there.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import requests

from service import embedded, wakeups
from service.caller import Caller
from service.config import Settings
from service.database import SHARED_STATEMENTS, Database, Session
from service.exchange import Connection
from service.queries import Bound, queries
from service.queries.query import parse
from tests.client import Client, Gunicorn, Tenant, at_once, new_id, wait_until
from tests.commands import environment
from tests.postgres import Server

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="this machine has no pgbouncer: apt-get install pgbouncer"
)

CONFIGURATION = """
[databases]
draftroom = host={host} port={port} dbname={database} user=app_rw

[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
listen_addr =
listen_port = {listen}
unix_socket_dir = {folder}
auth_type = any
"""


def version() -> tuple[int, ...]:
    assert PROGRAM
    told = subprocess.run([PROGRAM, "--version"], check=True, stdout=subprocess.PIPE, text=True)
    return tuple(map(int, told.stdout.split()[1].split(".")))


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PgBouncer's user can reach: pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="draftroom-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(params=[1, 3], ids=["one connection", "three connections"])
def pooler(
    request: pytest.FixtureRequest, server: Server, settings: Settings, folder: Path
) -> Iterator[str]:
    """The URL of a PgBouncer with so many server connections."""
    assert PROGRAM
    assert settings.database_url  # its database is there
    host, port = server.address
    configuration = CONFIGURATION.format(
        host=host,
        port=port,
        database=server.name("draftroom"),
        listen=embedded.PORT,
        size=request.param,
        folder=folder,
    )
    if version() >= (1, 21):
        configuration += "max_prepared_statements = 0\n"
    file = folder / "pgbouncer.ini"
    file.write_text(configuration)
    # It refuses to run as root.
    user = pwd.getpwnam(embedded.UNPRIVILEGED) if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    process = subprocess.Popen(
        [PROGRAM, "--quiet", file],
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    try:
        wait_until(lambda: (folder / f".s.PGSQL.{embedded.PORT}").exists() or process.poll())
        assert process.poll() is None
        url = f"postgresql://app_rw@:{embedded.PORT}/draftroom?host={quote(str(folder), safe='')}"
        yield url
    finally:
        process.terminate()
        process.wait(60)


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
