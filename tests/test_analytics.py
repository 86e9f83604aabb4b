"""docs/analytics.md: each recipe runs as it stands."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest

from service.config import Settings
from tests.client import ROOT, Tenant
from tests.commands import environment
from tests.postgres import Server

PAGE = (ROOT / "docs/analytics.md").read_text()


def recipe(language: str, containing: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    [found] = [block for block in blocks if containing in block]
    return str(found)


def run(program: str, environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def environ(settings: Settings, server: Server, tenant: Tenant) -> dict[str, str]:
    return environment(settings) | {
        "DATABASE_URL_RO": server.url("app_ro", "draftroom"),
        "TENANT_ID": tenant.id,
    }


@pytest.fixture
def analyst(server: Server, settings: Settings) -> Iterator[str]:
    """The URL of the role that sees all tenants."""
    assert settings.database_url  # its database is there
    with psycopg.connect(server.url("postgres", "draftroom"), autocommit=True) as superuser:
        superuser.execute(recipe("sql", "BYPASSRLS").encode())
        try:
            yield server.url("analyst", "draftroom")
        finally:
            superuser.execute("DROP ROLE analyst")


def test_an_analyst_reads_all_tenants_and_no_secrets(
    analyst: str, new_tenant: Callable[[], Tenant]
) -> None:
    tenants = [new_tenant(), new_tenant()]
    for tenant in tenants:
        tenant.draft()
    with psycopg.connect(analyst, autocommit=True) as connection:
        found = connection.execute("SELECT DISTINCT tenant_id::text FROM drafts.drafts").fetchall()
        assert {(tenant.id,) for tenant in tenants} <= set(found)
        assert connection.execute("SHOW statement_timeout").fetchall() == [("1min",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT secret_hash FROM identity.api_keys")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("UPDATE drafts.drafts SET status = status")
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE drafts.drafts SET status = status")


def test_a_bi_tool_finds_the_tables_and_their_comments(analyst: str) -> None:
    with psycopg.connect(analyst, autocommit=True) as connection:
        found = connection.execute(
            """
            SELECT DISTINCT c.relnamespace::regnamespace::text
            FROM pg_class AS c
            WHERE has_table_privilege(c.oid, 'SELECT')
                AND has_schema_privilege(c.relnamespace, 'USAGE')
                AND obj_description(c.oid, 'pg_class') IS NOT NULL
                AND c.relkind IN ('r', 'p')
            """
        ).fetchall()
        partitions = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND has_table_privilege(oid, 'SELECT')"
        ).fetchall()
    [areas] = re.findall(r"The schemas are the areas: (.*?)\.", PAGE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", areas)) <= {schema for (schema,) in found}
    assert partitions == [(0,)]


def test_psycopg_reads_one_tenant(environ: dict[str, str], tenant: Tenant) -> None:
    tenant.draft()
    assert run(recipe("python", "import psycopg"), environ) == "pending 1\n"


def test_sqlalchemy_writes_as_the_database_wants_it(
    environ: dict[str, str], tenant: Tenant
) -> None:
    pytest.importorskip(
        "sqlalchemy", reason="SQLAlchemy is not installed: pip install -r requirements-dev.txt"
    )
    assert run(recipe("python", "import MetaData"), environ) == "1\n"
    assert "imported" in {one["external_id"] for one in tenant.service.all("/v1/channels")}
    wait = tenant.service.all("/v1/audit")
    assert "nightly import" in {event["actor"] for event in wait}
