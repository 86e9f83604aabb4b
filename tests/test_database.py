"""Transactions: one network round trip each, tried again when they may be, bounded in time."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from service import claims, embedded, errors
from service.caller import Caller
from service.config import Settings
from service.database import RETRIED, TRIES, Database, Session, Transaction
from service.queries import queries
from service.queries.query import parse
from tests.client import Client, Gunicorn, Tenant, wait_until
from tests.commands import environment
from tests.postgres import WAITING, Server, with_options

# Round trips ---------------------------------------------------------------------------------------


@dataclass
class Proxy:
    """Stands between the service and PostgreSQL, and counts how often the service speaks anew."""

    url: str
    round_trips: int = 0
    loses_commits: bool = False  # the answer to a COMMIT does not arrive


@contextmanager
def proxy(server: Server, folder: Path) -> Iterator[Proxy]:
    # The socket's name is what libpq expects of a server.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / f".s.PGSQL.{embedded.PORT}"))
    listener.listen()
    url = server.url("app_rw", "draftroom")
    counting = Proxy(make_conninfo(url, host=str(folder), port=embedded.PORT))

    def forward(client: socket.socket) -> None:
        upstream = connected(server)
        with client, upstream, DefaultSelector() as selector:
            selector.register(client, EVENT_READ, upstream)
            selector.register(upstream, EVENT_READ, client)
            speaker = None
            commits = False
            while True:
                for key, _ in selector.select():
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if commits and key.fileobj is upstream:
                        return
                    commits = counting.loses_commits and b"COMMIT" in data
                    counting.round_trips += key.fileobj is client and speaker is not client
                    speaker = key.fileobj
                    key.data.sendall(data)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=forward, args=[client], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield counting
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def connected(server: Server) -> socket.socket:
    host, port = server.address
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{host}/.s.PGSQL.{port}")
    return connection


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path is short enough for a socket."""
    return tmp_path_factory.mktemp("p")


@pytest.mark.parametrize("prepare", [True, False])
def test_a_transaction_is_one_round_trip_from_its_first_use_on(
    server: Server, settings: Settings, caller: Caller, short_path: Path, prepare: bool
) -> None:
    claim = queries.operations.claim_jobs(
        type="draft", worker="w", lease_id=uuid4(), lease="60 seconds", limit=10
    )
    rescue = queries.operations.rescue_jobs(jitter=claims.some_jitter())
    uses: dict[str, Callable[[Session], Any]] = {
        "json": lambda s: s.json(queries.identity.get_tenant()),
        "rows": lambda s: s.rows(queries.identity.get_tenant()),
        "no row": lambda s: s.maybe_json(queries.inbox.get_channel(id=uuid4())),
        "two statements": lambda s: s.json(claim, first=rescue),
    }
    with proxy(server, short_path) as counting:
        database = Database(
            replace(settings, pool_size=1, prepare_statements=prepare), counting.url
        )
        database.open()
        try:
            database._primary.wait()
            assert counting.round_trips > 0  # to connect: the proxy is in between
            seen = {}
            for name, use in uses.items():
                for turn in ("first", "second", "third"):
                    before = counting.round_trips
                    use(database.session(caller))
                    seen[name, turn] = counting.round_trips - before
            assert set(seen.values()) == {1}, seen

            before = counting.round_trips
            database.atomically(caller, lambda tx: tx.json(queries.identity.get_tenant()))
            assert counting.round_trips - before > 1  # so that more than one is seen
        finally:
            database.close()


# Tried again ---------------------------------------------------------------------------------------


@pytest.mark.not_on_citus("there the node that finds the deadlock is not told who gives way")
def test_a_deadlock_is_tried_again_until_it_is_gone(
    server: Server, database: Database, caller: Caller, tenant: Tenant
) -> None:
    first, second = (tenant.receive()["conversation_id"] for _ in range(2))
    started = threading.Event()
    # As a superuser it may say that the other one is to give way.
    with psycopg.connect(server.url("postgres", "draftroom")) as other:
        other.execute("SET deadlock_timeout = '1h'")
        lock = "SELECT FROM inbox.conversations WHERE id = %s FOR UPDATE"
        other.execute(lock, [second])

        def take_first() -> None:
            started.wait(60)
            other.execute(lock, [first])
            other.rollback()

        tries = []

        def take_both(tx: Transaction) -> None:
            tries.append(1)
            if len(tries) > 1:
                taken.result()  # the cause is gone
            tx.execute(queries.inbox.lock_conversation(id=first))
            started.set()
            if len(tries) == 1:
                wait_until(lambda: waits(server, other.info.backend_pid))
            tx.execute(queries.inbox.lock_conversation(id=second))

        with ThreadPoolExecutor(1) as pool:
            taken = pool.submit(take_first)
            database.atomically(caller, take_both)
    assert len(tries) == 2


def waits(server: Server, pid: int) -> bool:
    """Whether a server process waits for a lock."""
    with psycopg.connect(server.superuser_url) as connection:
        found = connection.execute(
            "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid]
        ).fetchone()
    return bool(found and found[0])


def test_a_serialization_failure_is_tried_again_until_it_is_gone(
    settings: Settings, caller: Caller, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    conversation = tenant.receive()["conversation_id"]
    assert settings.database_url
    options = "-cdefault_transaction_isolation=serializable"
    database = Database(settings, with_options(settings.database_url, options))
    database.open()
    tries = []

    def rename(tx: Transaction) -> Any:
        tries.append(1)
        tx.rows(queries.inbox.get_conversation(id=conversation))  # what it sees is settled
        if len(tries) < TRIES:
            sql.execute("UPDATE inbox.conversations SET subject = %s", [f"theirs {len(tries)}"])
            sql.commit()
        changes = {"subject": "ours"}
        return tx.rows(
            queries.inbox.update_conversation(id=conversation, changes=changes, revision=None)
        )

    try:
        [row] = database.atomically(caller, rename)
        assert (row.subject, len(tries)) == ("ours", TRIES)
    finally:
        database.close()


@pytest.fixture
def failing(
    owner: psycopg.Connection[Any], tenant: Tenant
) -> Iterator[Callable[..., Callable[[], int]]]:
    """Makes the tenant's new channels fail with a SQLSTATE, some times; returns how to count the tries."""
    name = f"fail_{uuid4().hex}"
    owner.execute(f"CREATE SEQUENCE operations.{name}")  # it counts what is rolled back as well
    owner.execute(f"GRANT USAGE ON SEQUENCE operations.{name} TO app_rw")

    def fail(sqlstate: str, times: int, message: str = "told to") -> Callable[[], int]:
        owner.execute(f"""
            CREATE FUNCTION operations.{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.tenant_id = '{tenant.id}' AND nextval('operations.{name}') <= {times} THEN
                    RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER {name} BEFORE INSERT ON inbox.channels
            FOR EACH ROW EXECUTE FUNCTION operations.{name}();
        """)

        def count() -> int:
            row = owner.execute(f"SELECT last_value AS n FROM operations.{name}").fetchone()
            assert row
            return int(row["n"])

        return count

    yield fail
    owner.execute(f"DROP FUNCTION operations.{name} CASCADE")
    owner.execute(f"DROP SEQUENCE operations.{name}")


CHANNEL = {"type": "email", "external_id": "a", "name": "A"}
OWN_TRIGGER = pytest.mark.not_on_citus("there no trigger of the test's own counts in a sequence")


@OWN_TRIGGER
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_what_fails_twice_succeeds_at_the_third_try(
    api: Client, failing: Any, sqlstate: str, headers: dict[str, str]
) -> None:
    tries = failing(sqlstate, TRIES - 1)
    api.post("/v1/channels", CHANNEL, expect=201, headers=headers)
    assert tries() == TRIES == 3
    assert len(api.get("/v1/channels")["items"]) == 1


@OWN_TRIGGER
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_what_keeps_failing_is_unavailable_after_three_tries(
    api: Client, failing: Any, sqlstate: str, headers: dict[str, str]
) -> None:
    tries = failing(sqlstate, 1000)
    is_unavailable(api.request("POST", "/v1/channels", CHANNEL, headers=headers))
    assert tries() == TRIES
    assert api.get("/v1/channels")["items"] == []


# As Citus says it, with the number of a shard.
ON_CLUSTER = [
    "could not commit transaction for shard 102008 on at least one active node",
    "could not find valid entry for shard 102008",
]


@OWN_TRIGGER
@pytest.mark.parametrize("message", ON_CLUSTER)
def test_what_gets_in_the_way_on_a_cluster_is_tried_again(
    api: Client, failing: Any, message: str
) -> None:
    tries = failing("XX000", TRIES - 1, message)
    api.post("/v1/channels", CHANNEL, expect=201)
    assert tries() == TRIES


@OWN_TRIGGER
@pytest.mark.parametrize("message", ON_CLUSTER)
def test_what_does_not_pass_on_a_cluster_is_unavailable(
    api: Client, failing: Any, message: str
) -> None:
    tries = failing("XX000", 1000, message)
    is_unavailable(api.request("POST", "/v1/channels", CHANNEL))
    assert tries() == TRIES


@OWN_TRIGGER
@pytest.mark.parametrize(
    "message",
    ["failure on connection marked as essential: db2:5432", "postmaster was shut down, exiting"],
)
def test_a_node_of_a_cluster_that_is_lost_is_unavailable(
    api: Client, failing: Any, message: str
) -> None:
    tries = failing("XX000", 1000, message)
    is_unavailable(api.request("POST", "/v1/channels", CHANNEL))
    assert tries() == 1


@OWN_TRIGGER
@pytest.mark.parametrize("sqlstate", ["55006", "XX000"])
def test_nothing_else_is_tried_again(api: Client, failing: Any, sqlstate: str) -> None:
    tries = failing(sqlstate, 1000)
    assert api.request("POST", "/v1/channels", CHANNEL).status_code == 500
    assert tries() == 1


@pytest.mark.parametrize(
    ("sqlstate", "message", "said"),
    [
        (
            "23514",
            'new row for relation "channels_102044" violates check constraint "channels_type_check"',
            "type: ",
        ),
        (
            "23503",
            'insert or update on table "conversations_102204" violates foreign key constraint'
            ' "conversations_channel_fkey_102204"',
            "channel_id: ",
        ),
        (
            "23505",
            'duplicate key value violates unique constraint "channels_external_id_key_102044"',
            "external_id: ",
        ),
        (
            "23502",
            'null value in column "external_id" of relation "channels_102044" violates not-null constraint',
            "external_id: is required",
        ),
        (
            "23514",
            'no partition of relation "analytics_snapshots_102364" found for row',
            "snapshot_at: ",
        ),
        (
            "23503",
            'update or delete on table "teams_102092" violates foreign key constraint'
            ' "teams_parent_fkey_102092" on table "teams_102092"',
            "parent_id: ",
        ),
        ("23514", 'in a circle: violates constraint "require_hierarchy_102092"', "parent_id: "),
        # In two areas, for different reasons.
        (
            "23514",
            'new row for relation "runs_102301" violates check constraint "runs_status_check"',
            "a value does not fit its type",
        ),
    ],
)
def test_what_a_shard_refuses_is_told_by_its_message(
    owner: psycopg.Connection[Any], database: Database, sqlstate: str, message: str, said: str
) -> None:
    with pytest.raises(psycopg.Error) as refused:
        owner.execute(f"DO $$ BEGIN RAISE '{message}' USING ERRCODE = '{sqlstate}'; END $$")
    assert refused.value.diag.constraint_name is None
    problem = errors.from_database(refused.value, database.explanations())
    assert problem.detail.startswith(said)


@pytest.mark.not_on_citus(
    "there every exchange ends in a COMMIT, so that the proxy loses the first one"
)
def test_a_commit_whose_answer_is_lost_is_not_tried_again_but_safely_sent_again_with_a_key(
    server: Server, settings: Settings, tenant: Tenant, short_path: Path
) -> None:
    """Nobody knows whether it took effect: only who sent the request can tell whether it may be done twice."""
    with proxy(server, short_path) as lossy:
        name = server.name("draftroom")
        url = f"postgresql://app_rw@/{name}?host={quote(str(short_path))}&port={embedded.PORT}"
        with Gunicorn(environment(settings) | {"DATABASE_URL": url}) as gunicorn:
            api = Client(gunicorn.url, tenant.service.credential)
            key = {"Idempotency-Key": "one"}
            lossy.loses_commits = True
            is_unavailable(api.request("POST", "/v1/jobs", {"type": "crawl"}, headers=key))
            lossy.loses_commits = False
            [job] = api.get("/v1/jobs")["items"]
            again = api.request("POST", "/v1/jobs", {"type": "crawl"}, headers=key)
            assert again.headers["Idempotency-Replayed"] == "true"
            assert again.json()["id"] == job["id"]
            assert len(api.get("/v1/jobs")["items"]) == 1


def is_unavailable(answer: Any, detail: str = "") -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) > 0
    assert detail in problem["detail"]


# Bounded in time -----------------------------------------------------------------------------------


def test_settings_hold_for_every_session_of_the_service(database: Database, caller: Caller) -> None:
    shown = parse(
        "-- name: test.settings :one\n-- What is in force.\n"
        "SELECT current_setting('statement_timeout') AS statement,"
        " current_setting('lock_timeout') AS lock,"
        " current_setting('idle_in_transaction_session_timeout') AS idle,"
        " current_setting('TimeZone') AS zone, current_setting('jit') AS jit, session_user::text AS role",
        "test.settings",
        Path("test"),
    )
    [found] = database.session(caller).rows(shown())
    assert tuple(found) == ("10s", "3s", "30s", "UTC", "off", "app_rw")


@pytest.fixture
def locked(tenant: Tenant, sql: psycopg.Connection[Any]) -> Iterator[str]:
    """The path of a conversation that another transaction has locked."""
    conversation = tenant.receive()["conversation_id"]
    lock = "SELECT FROM inbox.conversations WHERE tenant_id = %s AND id = %s FOR UPDATE"
    sql.execute(lock, [tenant.id, conversation])
    yield f"/v1/conversations/{conversation}"
    sql.rollback()


def test_a_lock_that_is_not_given_is_unavailable(
    api: Client, locked: str, sql: psycopg.Connection[Any]
) -> None:
    is_unavailable(api.request("PATCH", locked, {"subject": "new"}), "could not answer in time")
    sql.rollback()
    assert api.patch(locked, {"subject": "new"})["subject"] == "new"


@pytest.mark.not_on_citus(
    "there it waits on another node, which the options in the URL do not reach"
)
def test_a_statement_that_takes_too_long_and_a_busy_pool_are_unavailable(
    settings: Settings, server: Server, api: Client, locked: str
) -> None:
    # Long enough for the second request to meet the first one on a busy machine.
    assert settings.database_url
    url = with_options(settings.database_url, "-cstatement_timeout=4000 -clock_timeout=20000")
    small = {"POOL_SIZE": "1", "POOL_TIMEOUT": "0.2", "WEB_CONCURRENCY": "1", "THREADS": "4"}
    with (
        Gunicorn(environment(replace(settings, database_url=url)) | small) as gunicorn,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = Client(gunicorn.url, api.credential)
        # However busy the machine is: its connection is there.
        wait_until(lambda: slow.request("GET", "/v1/channels").ok)
        stuck = threads.submit(slow.request, "PATCH", locked, {"subject": "new"})
        wait_until(lambda: waiting_updates(server) == 1)
        busy = Client(gunicorn.url, api.credential).request("GET", "/v1/channels")
        is_unavailable(busy, "all database connections are busy")
        is_unavailable(stuck.result(), "could not answer in time")
        slow.get("/v1/channels")


def waiting_updates(server: Server) -> int:
    with psycopg.connect(server.url("postgres", "draftroom")) as connection:
        found = connection.execute(
            f"SELECT count(*) FROM ({WAITING}) AS w INNER JOIN pg_stat_activity AS a USING (pid)"
            " WHERE a.query LIKE '/* inbox.update_conversation */%'"
        ).fetchone()
    assert found
    return int(found[0])


def test_every_cause_of_unavailability_is_told_as_one(settings: Settings, caller: Caller) -> None:
    """The real errors of the driver, raised here by the same means as in the service."""
    assert settings.database_url
    database = Database(replace(settings, pool_size=1, pool_timeout=0.1), settings.database_url)
    database.open()
    try:
        database._primary.wait()  # for its connection, however busy the machine is
        with database.transaction(caller), pytest.raises(PoolTimeout) as exhausted:
            database.session(caller).rows(queries.identity.get_tenant())
    finally:
        database.close()
    with pytest.raises(psycopg.OperationalError) as absent:
        psycopg.connect("postgresql://app_rw@:1/draftroom?host=/nowhere")
    for error in (exhausted.value, absent.value, *(cause("told to") for cause in RETRIED)):
        problem = errors.from_database(error, {})
        assert problem.code == "UNAVAILABLE"
        assert problem.headers["Retry-After"] == str(errors.RETRY_AFTER)


def test_a_database_is_found_again_however_long_it_was_away(
    settings: Settings, server: Server, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> bool:
        with suppress(psycopg.OperationalError):
            return database.session(caller).row(queries.operations.get_position()) is not None
        return False

    # As if it had been away for days: after the second failure the next attempt would be hours ahead.
    monkeypatch.setattr("psycopg_pool.base.AttemptWithBackoff.DELAY_BACKOFF", 10_000)
    late = replace(settings, pool_timeout=0.5)
    database = Database(late, server.url("app_rw", "comes_late"))
    database.open()
    try:
        assert not answers()
        wait_until(lambda: database._primary.get_stats()["connections_errors"] >= 2)
        server.clone("comes_late")
        wait_until(answers)
    finally:
        database.close()
