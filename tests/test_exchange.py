"""Statements sent together give the same, and survive the same, prepared or not."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from service.caller import Caller
from service.config import Settings
from service.database import TRIES, Database
from service.exchange import name_of
from service.queries import Bound, queries
from service.queries.query import parse
from tests import postgres
from tests.client import Tenant, new_id, wait_until
from tests.postgres import Server
from tests.writer import violated

NAME = uuid4().hex  # so that a statement of this test process is told from others


def bound(statement: str, kind: str = "many", params: str = "", **values: Any) -> Bound[Any, Any]:
    """A statement that is in no file."""
    text = f"-- name: test.{NAME} :{kind}\n-- Why.\n{params}{statement}"
    return parse(text, f"test.{NAME}", Path("test"))(**values)


# One connection of another kind each.
WITHOUT_BEGIN = pytest.mark.not_on_citus("there a transaction begins with BEGIN")
KINDS = [
    pytest.param("prepared", marks=WITHOUT_BEGIN),
    pytest.param("not prepared", marks=WITHOUT_BEGIN),
    "as on a cluster",
]


@pytest.fixture(params=KINDS)
def one(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """Access to the database over a single connection."""
    assert settings.database_url
    prepares, is_sharded = request.param != "not prepared", request.param == "as on a cluster"
    monkeypatch.setattr(
        "service.database._ask_whether_sharded",
        lambda made: setattr(made, "is_sharded", is_sharded),
    )
    database = Database(
        replace(settings, pool_size=1, prepare_statements=prepares), settings.database_url
    )
    database.open()
    database._primary.wait()
    yield database
    database.close()


def backend(database: Database) -> int:
    """The server process of the one connection, which must be ready for the next statement."""
    with database.connection() as connection:
        assert connection.pgconn.transaction_status == TransactionStatus.IDLE
        assert connection.pgconn.pipeline_status == psycopg.pq.PipelineStatus.OFF
        return connection.info.backend_pid


@pytest.fixture
def server_side(server: Server, settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection to the same database."""
    with psycopg.connect(server.url("postgres", "draftroom"), autocommit=True) as connection:
        yield connection


def running(server_side: psycopg.Connection[Any]) -> int | None:
    """The server process that runs a statement of these tests."""
    found = server_side.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE %s",
        [f"/* test.{NAME} */%"],
    ).fetchone()
    return found and found[0]


def test_values_of_all_kinds_come_back_as_they_went(one: Database, caller: Caller) -> None:
    long = "ß" * 3_000_000  # more than a socket takes at once, in both directions
    id_ = uuid4()
    when = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    params = (
        "-- param: long text = 'a'\n-- param: id uuid = NULL\n-- param: at timestamptz = NULL\n"
        "-- param: ids uuid[] = NULL\n-- param: words text[] = NULL\n-- param: none text NULL = NULL\n"
        "-- param: doc jsonb = NULL\n-- param: raw bytea = NULL\n-- param: yes boolean = NULL\n"
    )
    words = ["", "NULL", 'a"b', "c,d", "{}", "\\", None, "é"]
    for _ in range(2):  # prepared, and used again
        [row] = one.session(caller).rows(
            bound(
                "SELECT :long AS long, :id AS id, :at AS at, :ids AS ids, :words AS words,"
                " :none AS none, :doc AS doc, :raw AS raw, :yes AS yes",
                params=params,
                long=long,
                id=id_,
                at=when.isoformat(),
                ids=[id_, str(id_)],
                words=words,
                none=None,
                doc={"a": [1, None, "\\u0041"]},
                raw=bytes(range(256)),
                yes=True,
            )
        )
        assert row.long == long
        assert (row.id, row.at, row.ids) == (id_, when, [id_, id_])
        assert isinstance(row.id, UUID)
        assert (row.words, row.none, row.yes) == (words, None, True)
        assert (row.doc, row.raw) == ({"a": [1, None, "\\u0041"]}, bytes(range(256)))


def test_a_text_with_nul_is_refused_and_not_cut_off(one: Database, caller: Caller) -> None:
    before = backend(one)
    with pytest.raises(psycopg.DataError, match="NUL"):
        one.session(caller).rows(
            bound("SELECT :a AS a", params="-- param: a text = ''\n", a="b\0c")
        )
    assert backend(one) == before


def test_an_error_of_the_server_is_told_as_it_is_and_undoes_all(
    one: Database, caller: Caller
) -> None:
    before = backend(one)
    create = new_channel()
    one.session(caller).json(create)
    with pytest.raises(psycopg.errors.UniqueViolation) as failed:
        one.session(caller).json(create, first=queries.operations.name_action(action="X"))
    assert violated(failed.value)
    assert failed.value.diag.schema_name == (None if postgres.on_cluster() else "inbox")
    with pytest.raises(psycopg.errors.SyntaxError):
        one.session(caller).rows(bound("SELECT FROM WHERE"))
    with pytest.raises(psycopg.errors.DivisionByZero):
        one.session(caller).json(new_channel(), first=bound("SELECT 1 / 0 AS one"))
    with pytest.raises(psycopg.errors.CardinalityViolation):
        one.session(caller).row(bound("VALUES (1), (2)", "one"))
    assert len(one.session(caller).rows(all_channels())) == 1
    assert backend(one) == before


def test_an_error_that_comes_with_the_commit_is_told(
    one: Database, caller: Caller, tenant: Tenant
) -> None:
    before = backend(one)
    reject = bound(
        "UPDATE drafts.drafts SET status = 'rejected' WHERE tenant_id = :tenant_id AND id = :id RETURNING id",
        params="-- param: tenant_id uuid = NULL\n-- param: id uuid = NULL\n",
        id=tenant.draft()["id"],
    )
    # Its trigger defers all constraints.
    defer = bound(
        "INSERT INTO drafts.drafts (tenant_id, conversation_id, model_key, prompt_version, suggested_text)"
        " VALUES (:tenant_id, :conversation_id, 'm', 'v1', 'It is on its way.')",
        "exec",
        "-- param: tenant_id uuid = NULL\n-- param: conversation_id uuid = NULL\n",
        conversation_id=tenant.receive()["conversation_id"],
    )
    for _ in range(2):  # prepared, and used again
        with pytest.raises(psycopg.errors.CheckViolation) as failed:
            one.session(caller).json(reject, first=defer)
        assert violated(failed.value) == "drafts_decision_check"
    assert backend(one) == before


def new_channel() -> Bound[Any, Any]:
    return queries.inbox.create_channel(
        id=new_id(),
        type="email",
        external_id=uuid4().hex,
        name="A",
        signing_secret=None,
        metadata={},
    )


def all_channels() -> Bound[Any, Any]:
    tenant = "-- param: tenant_id uuid = NULL\n"
    return bound("SELECT id FROM inbox.channels WHERE tenant_id = :tenant_id", params=tenant)


def test_a_cancelled_statement_leaves_the_connection_as_it_was(
    one: Database, caller: Caller, server_side: psycopg.Connection[Any]
) -> None:
    before = backend(one)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(one.session(caller).rows, bound("SELECT pg_sleep(9)::text AS slept"))
        pid = wait_until(lambda: running(server_side))
        server_side.execute("SELECT pg_cancel_backend(%s::integer)", [pid])
        with pytest.raises(psycopg.errors.QueryCanceled):
            slow.result(60)
    assert backend(one) == before == pid


def test_an_interrupt_cancels_the_statement(
    one: Database, caller: Caller, server_side: psycopg.Connection[Any]
) -> None:
    main = threading.main_thread().ident
    assert main

    def interrupt() -> None:
        wait_until(lambda: running(server_side))
        signal.pthread_kill(main, signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        interrupted = pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            one.session(caller).rows(bound("SELECT pg_sleep(9)::text AS slept"))
        interrupted.result(60)
    wait_until(lambda: running(server_side) is None)
    assert backend(one)


def test_an_interrupt_amid_the_sending_does_too(
    one: Database,
    caller: Caller,
    server_side: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: Any) -> None:
        wait_until(lambda: running(server_side))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("service.exchange.generators.send", interrupted)
        with pytest.raises(KeyboardInterrupt):
            one.session(caller).rows(bound("SELECT pg_sleep(9)::text AS slept"))
    wait_until(lambda: running(server_side) is None)
    assert backend(one)


def test_a_connection_that_breaks_is_told_as_such_and_replaced(
    one: Database, caller: Caller, server_side: psycopg.Connection[Any]
) -> None:
    before = backend(one)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(one.session(caller).rows, bound("SELECT pg_sleep(9)::text AS slept"))
        pid = wait_until(lambda: running(server_side))
        server_side.execute("SELECT pg_terminate_backend(%s::integer)", [pid])
        with pytest.raises(psycopg.OperationalError):
            slow.result(60)
    # One that broke while nobody used it is found out by its next user.
    for _ in range(2):
        assert len(one.session(caller).rows(queries.identity.get_tenant())) == 1
        after = backend(one)
        assert after != before
        server_side.execute("SELECT pg_terminate_backend(%s::integer, 10000)", [after])
        with pytest.raises(psycopg.OperationalError):
            one.session(caller).rows(queries.identity.get_tenant())
        before = after


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_others_got_in_the_way_of_is_tried_again(
    one: Database, caller: Caller, server_side: psycopg.Connection[Any], sqlstate: str
) -> None:
    name = f"tries_{uuid4().hex}"
    server_side.execute(f"CREATE SEQUENCE operations.{name}")
    server_side.execute(f"GRANT USAGE ON SEQUENCE operations.{name} TO app_rw")
    server_side.execute(f"""
        CREATE FUNCTION operations.f_{name}(times int) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE tried bigint := nextval('operations.{name}');
        BEGIN
            IF tried <= times THEN RAISE EXCEPTION 'told to' USING ERRCODE = '{sqlstate}'; END IF;
            RETURN tried;
        END $$""")
    times = f"SELECT operations.f_{name}(%s) AS tried"
    [row] = one.session(caller).rows(bound(times % (TRIES - 1)))
    assert row.tried == TRIES
    with pytest.raises(psycopg.OperationalError):
        one.session(caller).rows(bound(times % 1000))
    [(tried,)] = server_side.execute(f"SELECT last_value FROM operations.{name}").fetchall()
    assert tried == 2 * TRIES
    server_side.execute(f"DROP FUNCTION operations.f_{name}; DROP SEQUENCE operations.{name}")


@pytest.fixture
def table(server_side: psycopg.Connection[Any]) -> Iterator[str]:
    name = f"operations.t_{uuid4().hex}"
    server_side.execute(f"CREATE TABLE {name} (a int)")
    server_side.execute(f"GRANT SELECT, INSERT ON {name} TO app_rw")
    yield name
    server_side.execute(f"DROP TABLE {name}")


def alone(database: Database, caller: Caller, *statements: Bound[Any, Any]) -> list[Any]:
    """The rows of the last of the statements, each a transaction of its own."""
    return [database.session(caller).rows(statement) for statement in statements][-1]


def together(database: Database, caller: Caller, *statements: Bound[Any, Any]) -> list[Any]:
    """The rows of the last of the statements, all one transaction."""
    return database.atomically(
        caller, lambda tx: [tx.rows(statement) for statement in statements][-1]
    )


@pytest.mark.parametrize("run", [alone, together])
@pytest.mark.parametrize("lost", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_prepared_statements_that_are_lost_are_prepared_again(
    one: Database, caller: Caller, table: str, run: Callable[..., list[Any]], lost: str
) -> None:
    insert = bound(f"INSERT INTO {table} VALUES (1) RETURNING a")
    read = bound(f"SELECT a FROM {table}")
    before = backend(one)
    for turn in range(1, 4):
        assert len(run(one, caller, insert, read)) == turn
        with one.connection() as connection:
            connection.execute(lost, prepare=False)
    for turn in range(4, 9):
        assert len(run(one, caller, insert, read)) == turn
    with one.connection() as connection:
        prepared = connection.execute("SELECT name FROM pg_prepared_statements").fetchall()
    names = {name_of(statement.query.text).decode() for statement in (insert, read)}
    assert names & {name for (name,) in prepared} == (names if one._prepare else set())
    assert (backend(one), one.warnings) == (before, [])


@pytest.mark.parametrize("run", [alone, together])
def test_a_prepared_statement_whose_result_changed_runs_as_it_now_is(
    one: Database,
    caller: Caller,
    server_side: psycopg.Connection[Any],
    table: str,
    run: Callable[..., list[Any]],
) -> None:
    insert = bound(f"INSERT INTO {table} VALUES (1)")
    read = bound(f"SELECT * FROM {table}")
    before = backend(one)
    assert run(one, caller, insert, read) == [(1,)]
    server_side.execute(f"ALTER TABLE {table} ALTER a TYPE text, ADD b int")
    assert run(one, caller, read) == [("1", None)]
    server_side.execute(f"ALTER TABLE {table} DROP b")
    assert run(one, caller, insert, read) == [("1",)] * 2
    assert (backend(one), one.warnings) == (before, [])


def test_no_two_statements_have_one_name_and_none_is_cut_off() -> None:
    texts = {
        text
        for area in vars(queries).values()
        for q in vars(area).values()
        for text in (q.text, q.json_text)
    }
    assert len({name_of(text) for text in texts}) == len(texts)
    assert {len(name_of(text)) <= 63 for text in texts} == {True}


def test_a_notice_is_no_answer(
    one: Database, caller: Caller, server_side: psycopg.Connection[Any]
) -> None:
    name = f"operations.notice_{uuid4().hex}"
    server_side.execute(f"""
        CREATE FUNCTION {name}() RETURNS int LANGUAGE plpgsql AS $$
        BEGIN RAISE WARNING 'mind this'; NOTIFY anyone; RETURN 7; END $$""")
    [row] = one.session(caller).rows(bound(f"SELECT {name}() AS seven"))
    assert row.seven == 7
    server_side.execute(f"DROP FUNCTION {name}")
