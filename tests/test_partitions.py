"""`flask partitions`: months made ahead by the owner, dropped with their rows, and missed by readiness."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import requests

from service.config import DIRECT_SCHEME, Settings
from tests.client import Gunicorn
from tests.commands import environment, flask
from tests.postgres import Server

Sql = psycopg.Connection[Any]

TABLES = ("operations.api_usage", "operations.system_metrics", "studio.analytics_snapshots")
NAMES = """
    SELECT i.inhrelid::regclass::text AS name
    FROM pg_inherits AS i
    INNER JOIN pg_class AS c ON c.oid = i.inhrelid AND c.relkind = 'r'
    ORDER BY i.inhrelid::regclass::text COLLATE "C"
"""


def names(owner: Sql) -> list[str]:
    return [row["name"] for row in owner.execute(NAMES).fetchall()]


Run = Callable[..., str]


@pytest.fixture
def partitions(server: Server, settings: Settings) -> Run:
    """Runs the command, as the owner unless told otherwise; what it printed."""

    def run(*arguments: str, code: int = 0, role: str = "app_owner") -> str:
        direct = server.url(role, "draftroom").replace("postgresql://", DIRECT_SCHEME, 1)
        given = environment(settings) | {"DIRECT_URL": direct}
        done = flask(given, "partitions", *arguments)
        assert done.returncode == code, done.stderr
        return (done.stdout + done.stderr).strip()

    return run


def test_partitions_are_made_once_and_dropped(partitions: Run, owner: Sql) -> None:
    before = names(owner)
    old = [f"{table}_p2001{month}" for table in TABLES for month in ("11", "12")]
    new = [f"{table}_p200201" for table in TABLES]
    made = sorted(old + new)
    try:
        told = partitions("make", "--from", "2001-11", "--to", "2002-01")
        assert told.splitlines() == made
        assert names(owner) == sorted(made + before)
        again = partitions("make", "--from", "2001-11", "--to", "2002-01")
        assert again == "none is missing"
        assert partitions("drop", "2002-01", "--dry-run").splitlines() == old
        assert names(owner) == sorted(made + before)
        assert partitions("drop", "2002-01").splitlines() == old
        assert names(owner) == sorted(new + before)
    finally:
        partitions("drop", "2002-02")
    assert names(owner) == before


@pytest.mark.parametrize("arguments", [["drop", "2999-01"], ["drop", "x"], ["make", "--from", "1"]])
def test_a_month_that_is_none_or_to_come_is_refused(
    partitions: Run, owner: Sql, arguments: list[str]
) -> None:
    before = names(owner)
    assert "Invalid value" in partitions(*arguments, code=2)
    assert names(owner) == before


def test_only_the_owner_makes_and_drops_partitions(
    partitions: Run, settings: Settings, owner: Sql
) -> None:
    before = names(owner)
    done = flask(environment(settings) | {"DIRECT_URL": ""}, "partitions", "make")
    assert "DIRECT_URL is missing" in done.stderr
    for arguments in (["make", "--from", "2001-01"], ["drop", f"{datetime.now(UTC):%Y-%m}"]):
        refused = partitions(*arguments, code=1, role="app_rw")
        assert "only app_owner may do this" in refused
    assert names(owner) == before


def test_readiness_warns_before_the_month_is_missing(gunicorn: Gunicorn, owner: Sql) -> None:
    year, month = divmod(datetime.now(UTC).year * 12 + datetime.now(UTC).month, 12)
    next_month = f"studio.analytics_snapshots_p{year}{month + 1:02}"
    assert next_month in names(owner)
    owner.execute(f"ALTER TABLE {next_month} RENAME TO elsewhere".encode())
    try:
        answer = requests.get(f"{gunicorn.url}/readyz", timeout=30)
    finally:
        owner.execute(
            f"ALTER TABLE studio.elsewhere RENAME TO {next_month.partition('.')[2]}".encode()
        )
    assert answer.status_code == 200
    assert answer.json()["warnings"] == [
        "studio.analytics_snapshots has no partition for next month: run flask partitions make."
    ]
