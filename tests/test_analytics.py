"""docs/analytics.md: each recipe runs as it stands."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from service.config import Settings
from tests import node
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


def test_an_analyst_reads_all_tenants_and_no_keys(
    analyst: str, new_tenant: Callable[[], Tenant]
) -> None:
    tenants = [new_tenant(), new_tenant()]
    for tenant in tenants:
        tenant.draft()
    with psycopg.connect(analyst, autocommit=True) as connection:
        found = connection.execute("SELECT DISTINCT tenant_id::text FROM drafts.drafts").fetchall()
        assert {(tenant.id,) for tenant in tenants} <= set(found)
        assert connection.execute("SHOW statement_timeout").fetchall() == [("1min",)]
        for hidden in ("identity.api_keys", "operations.idempotency_keys"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"TABLE {hidden}".encode())
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


# What the recipe's clients see, and why they may not do more.
PROBES = """
const told = (work: Promise<unknown>) => work.then(() => "", (error) => String(error));
console.log(JSON.stringify({
  seen: (await inTenant(replica, (tx) => tx.channels.findMany())).map((one) => one.external_id).sort(),
  without_a_tenant: await primary.channels.count(),
  of_another: await inTenant(primary, (tx) =>
    told(tx.channels.create({ data: { ...data, tenant_id: "00000000-0000-7000-8000-000000000000" } }))),
  deletion: await inTenant(primary, (tx) => told(tx.channels.deleteMany({ where }))),
  fixed: await inTenant(primary, (tx) => told(tx.channels.updateMany({ where, data: { type: "chat" } }))),
  replica: await inTenant(replica, (tx) => told(tx.channels.create({ data: { ...data, external_id: "two" } }))),
}));
await primary.$disconnect();
await replica.$disconnect();
"""


@node.needs_node
def test_prisma_reads_and_writes_as_the_database_wants_it(
    tmp_path: Path, environ: dict[str, str], tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    for one in (tenant, new_tenant()):
        one.receive(channel_external_id="mailbox")
    node.prepare(tmp_path)
    (tmp_path / "schema.prisma").write_text(recipe("prisma", "model channels"))
    (tmp_path / "recipe.ts").write_text(recipe("ts", "PrismaPg") + PROBES)
    node.run(tmp_path, node.installed("prisma"), "generate")
    node.run(tmp_path, node.installed("tsc"))
    # node-postgres wants a host before the port; that of the query counts.
    urls = {name: environ[name].replace("@:", "@localhost:") for name in environ if "URL" in name}
    said = node.run(tmp_path, "node", "out/recipe.js", **environ | urls).stdout

    channels = {one["external_id"]: one for one in tenant.service.all("/v1/channels")}
    imported = channels["imported"]
    assert said.startswith(f"{imported['id']} 1n {imported['created_at'][:19]}")
    assert "nightly import" in {event["actor"] for event in tenant.service.all("/v1/audit")}
    found = json.loads(said.splitlines()[-1])
    assert found.pop("seen") == ["imported", "mailbox"]
    assert found.pop("without_a_tenant") == 0
    # A cluster names the shard, too.
    refusals = {
        name: re.sub(r'_\d+"$', '"', refusal.partition(": ")[2]) for name, refusal in found.items()
    }
    assert refusals == {
        "of_another": 'new row violates row-level security policy for table "channels"',
        "deletion": "permission denied for table channels",
        "fixed": "inbox.channels: nobody rewrites type",
        "replica": "cannot execute INSERT in a read-only transaction",
    }
