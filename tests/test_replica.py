"""Queries that a replica may answer: who answers them. The replica is another database here, so that it shows."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from service.caller import NOBODY
from service.config import Settings
from service.database import Database, Transaction
from service.queries import Bound, queries
from service.queries.query import parse
from tests.commands import SECRET_KEY
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus("there DATABASE_URL_RO is not set")

WHERE = "SELECT current_database()::text AS name, current_user::text AS role"


def asked(header: str = "", text: str = WHERE) -> Bound[Any, Any]:
    source = f"-- name: area.name :many\n-- Why.\n{header}{text}"
    return parse(source, "area.name", Path("sql/area/name.sql"))()


MARKED = asked("-- replica: it may be old\n")


@pytest.fixture(scope="module")
def primary_url(server: Server, clone: Callable[[str], str]) -> str:
    return server.url("app_rw", clone("the_primary"))


@pytest.fixture(scope="module")
def replica_url(server: Server, clone: Callable[[str], str]) -> str:
    return server.url("app_ro", clone("the_replica"))


def reached(url: str) -> tuple[Any, Any]:
    """The row of WHERE at the database of the URL."""
    parts = conninfo_to_dict(url)
    return parts["dbname"], parts["user"]


def opened(primary_url: str, replica_url: str | None) -> Iterator[Database]:
    database = Database(
        Settings(database_url=primary_url, database_url_ro=replica_url, secret_key=SECRET_KEY),
        primary_url,
    )
    database.open()
    yield database
    database.close()


@pytest.fixture
def database(primary_url: str, replica_url: str) -> Iterator[Database]:
    yield from opened(primary_url, replica_url)


def test_what_is_marked_is_answered_by_the_replica(database: Database, replica_url: str) -> None:
    name, role = reached(replica_url)
    assert database.session(NOBODY).rows(MARKED) == [(name, role)]
    with database.transaction(NOBODY, replica=True) as transaction:
        assert transaction.rows(MARKED) == [(name, role)]
        assert [*transaction.lines(MARKED)] == [f'{{"name":"{name}","role":"{role}"}}'.encode()]


def test_all_else_is_answered_by_the_primary(database: Database, primary_url: str) -> None:
    primary = reached(primary_url)
    assert database.session(NOBODY).rows(asked()) == [primary]
    first = queries.operations.name_action(action="X")
    found = database.session(NOBODY).json(MARKED, first=first)
    assert primary[0].encode() in found.body, "the step before might write"
    assert database.atomically(NOBODY, lambda tx: tx.rows(MARKED)) == [primary]


def test_without_a_replica_the_primary_answers(primary_url: str) -> None:
    primary = reached(primary_url)
    for database in opened(primary_url, None):
        assert database.session(NOBODY).rows(MARKED) == [primary]


def test_a_replica_that_is_away_is_not_missed(primary_url: str) -> None:
    primary = reached(primary_url)
    for database in opened(primary_url, "postgresql://app_ro@127.0.0.1:1/nowhere"):
        assert database.session(NOBODY).rows(MARKED) == [primary]


def test_nothing_is_written_to_a_replica(database: Database) -> None:
    def write(transaction: Transaction) -> None:
        transaction.execute(queries.drafts.rescue_replies())

    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        database.transaction(NOBODY, replica=True) as transaction,
    ):
        write(transaction)
