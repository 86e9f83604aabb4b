"""docs/runbooks.md: what its steps say can be done as it stands."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from service.config import DIRECT_SCHEME, Settings
from tests.client import ROOT
from tests.commands import environment, flask
from tests.postgres import Server

PAGE = (ROOT / "docs/runbooks.md").read_text()
TENANTS = ("0190d3a0-0000-7000-8000-000000000001", "0190d3a0-0000-7000-8000-000000000002")
ROWS = 1200  # of each tenant: more than a batch


def block(containing: str) -> str:
    [found] = [one for one in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) if containing in one]
    return str(found)


@pytest.fixture
def owner_url(server: Server, clone: Callable[[str], str]) -> str:
    """A database with two tenants and their channels."""
    name = clone("runbooks")
    url = server.url("app_owner", name)
    with psycopg.connect(url, autocommit=True) as owner:
        for tenant_id in TENANTS:
            owner.execute("INSERT INTO identity.tenants (id, name) VALUES (%s, 'T')", [tenant_id])
            owner.execute(
                """
                INSERT INTO inbox.channels (tenant_id, type, external_id, name)
                SELECT %s, 'email', n::text, repeat('x', 30) FROM generate_series(1, %s) AS n
                """,
                [tenant_id, ROWS],
            )
    return url


def value(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        [(found,)] = connection.execute(query.encode()).fetchall()
    return found


def test_a_backfill_goes_in_batches_and_can_be_repeated(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE inbox.channels ADD COLUMN short_name text")
        for _ in range(2):
            owner.execute(block("short_name").encode())
    assert value(owner_url, "SELECT count(*) FROM inbox.channels WHERE short_name IS NULL") == 0
    transactions = "SELECT count(DISTINCT xmin::text) FROM inbox.channels"
    assert value(owner_url, transactions) == -(-len(TENANTS) * ROWS // 1000)


def test_a_tenant_is_all_that_is_left_in_the_database_of_its_own(owner_url: str) -> None:
    [statement] = re.findall(r"`(DELETE FROM identity.tenants WHERE id <> .*?)`", PAGE)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(statement.replace("TENANT_ID", TENANTS[0]).encode())
    assert value(owner_url, "SELECT count(*) FROM inbox.channels") == ROWS
    assert value(owner_url, "SELECT min(tenant_id::text) FROM inbox.channels") == TENANTS[0]


def test_a_lock_that_was_left_behind_is_broken(owner_url: str) -> None:
    def yoyo(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("yoyo"), *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DIRECT_URL": owner_url.replace("postgresql://", DIRECT_SCHEME, 1),
            },
            capture_output=True,
            text=True,
        )

    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO public.yoyo_lock (locked, ctime, pid) VALUES (1, now()::timestamp, 1)"
        )
        owner.execute(block("pg_stat_activity").encode())
    assert yoyo("break-lock").returncode == 0
    done = yoyo("apply")
    assert done.returncode == 0, done.stderr
    assert value(owner_url, "SELECT count(*) FROM public.yoyo_lock") == 0


def test_leases_that_ran_out_are_found(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        assert owner.execute(block("lease_expires_at").encode()).fetchall() == []


def test_its_commands_and_routes_are_there(settings: Settings) -> None:
    commands = set(re.findall(r"`flask ([a-z]+ [a-z]+)", PAGE))
    assert len(commands) > 5
    for command in commands:
        done = flask(environment(settings), *command.split(), "--help")
        assert done.returncode == 0, command
    source = "".join(path.read_text() for path in (ROOT / "service").glob("*/*.py"))
    for route in re.findall(r"`(?:GET|POST) (/[\w/{}-]+)", PAGE):
        pattern = re.sub(r"\{\w+\}", "<[^>]+>", route)
        assert re.search(rf'"{pattern}"', source), route
