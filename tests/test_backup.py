"""A dump and its restore in another cluster: every table is the same, and consumers lose and repeat nothing."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from service import embedded
from service.commands import backup, scratch
from tests.client import ROOT, Client, Gunicorn, Tenant
from tests.commands import SECRET_KEY, make_platform_key
from tests.full import fill, name

pytestmark = pytest.mark.not_on_citus("make backup and make restore are for one PostgreSQL")

DATABASE = "draftroom"
TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace > 16384 AND oid <> 'operations.epochs'::regclass
    ORDER BY 1
"""


def environment(server: embedded.Server) -> dict[str, str]:
    return {
        "DATABASE_URL": server.url("app_rw", DATABASE),
        "SECRET_KEY": SECRET_KEY,
        "WEB_CONCURRENCY": "1",
        "USAGE_FLUSH_SECONDS": "1",  # else a minute goes by until the first call is counted
    }


def run(server: embedded.Server, *arguments: str, path: Path | None = None, code: int = 0) -> str:
    """The command, with the server's own programs, or those in another folder; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "service.commands.backup", *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{path or server.bin_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def checksums(server: embedded.Server) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of all of them."""
    found = {}
    with psycopg.connect(server.url("app_owner", DATABASE)) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            rows = sql.SQL(
                "SELECT count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM {} AS t"
            ).format(name(table))
            [found[table]] = connection.execute(rows).fetchall()
    return found


@pytest.fixture(scope="module")
def primary() -> Iterator[embedded.Server]:
    with scratch.server() as server:
        scratch.create_migrated(server, DATABASE)
        yield server


@pytest.fixture(scope="module")
def history(primary: embedded.Server) -> tuple[str, str, list[Any]]:
    """A key of a tenant with rows in every table; a cursor in its feed, and what follows there."""
    with Gunicorn(environment(primary)) as service:
        platform_key = make_platform_key(environment(primary))
        tenant = Tenant.create(service.url, platform_key)
        fill(tenant, platform_key)
        first = tenant.service.get("/v1/events", params={"limit": 10})
        rest = tenant.service.all("/v1/events", cursor=first["next_cursor"], limit=100)
        assert len(rest) > 20
        return tenant.service.credential, first["resume_cursor"], rest


@pytest.fixture(scope="module")
def dumped(
    primary: embedded.Server,
    history: tuple[str, str, list[Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    path = tmp_path_factory.mktemp("backup") / "draftroom.dump"
    told = run(primary, "dump", primary.url("app_backup", DATABASE), str(path))
    assert told.strip() == f"{path}: {path.stat().st_size} bytes"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path


def test_a_restore_brings_every_row_back_and_the_feeds_go_on(
    primary: embedded.Server, history: tuple[str, str, list[Any]], dumped: Path
) -> None:
    key, cursor, rest = history
    with scratch.server() as other:
        embedded.create_database(other.superuser_url, DATABASE)
        told = run(other, "restore", str(dumped), other.url("postgres", DATABASE))
        assert told.strip() == f"{dumped} is restored; epoch 2 has begun"
        before, after = checksums(primary), checksums(other)
        assert after == before
        assert sum(rows for rows, _ in after.values()) > 100
        with Gunicorn(environment(other)) as service:
            api = Client(service.url, key)
            assert api.all("/v1/events", cursor=cursor, limit=100) == rest
            api.patch("/v1/tenant", {"name": "Restored"})
            last = api.all("/v1/events", cursor=cursor, limit=100)[len(rest) :]
            assert [(event["epoch"], event["entity"]) for event in last] == [
                (2, "identity.tenants")
            ]
        again = run(other, "restore", str(dumped), other.url("postgres", DATABASE), code=1)
        assert "not empty" in again


def test_half_a_dump_restores_nothing(
    primary: embedded.Server, dumped: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half.dump"
    half.write_bytes(dumped.read_bytes()[: dumped.stat().st_size // 2])
    with psycopg.connect(primary.superuser_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE half OWNER app_owner")
    url = primary.url("postgres", "half")
    run(primary, "restore", str(half), url, code=1)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regnamespace('operations')").fetchone()
        assert found == (None,)
    run(primary, "restore", "--at-least", "7", str(dumped), url)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT max(epoch), count(*) FROM operations.epochs").fetchone()
        assert found == (7, 2)


def test_what_goes_wrong_leaves_no_dump(
    primary: embedded.Server, dumped: Path, tmp_path: Path
) -> None:
    missing = primary.url("app_backup", "missing")
    told = run(primary, "dump", missing, str(tmp_path / "a.dump"), code=1)
    assert "does not exist" in told
    assert list(tmp_path.iterdir()) == []
    assert "is there already" in run(primary, "dump", missing, str(dumped), code=1)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app_backup:hunter2@db/draftroom",  # as DIRECT_URL has it
        "postgresql://app_backup:hunter2@[db/draftroom",
        "host=db password=hunter2",
    ],
)
def test_what_is_no_url_is_refused_and_not_repeated(
    primary: embedded.Server, dumped: Path, tmp_path: Path, url: str
) -> None:
    told = run(primary, "dump", url, str(tmp_path / "x.dump"), code=1)
    assert told == f"Error: the URL is wrong: {backup.BACKUP}\n"
    told = run(primary, "restore", str(dumped), url, code=1)
    assert told == f"Error: the URL is wrong: {backup.RESTORE}\n"


def test_what_was_left_out_is_told(primary: embedded.Server, dumped: Path) -> None:
    url = primary.url("app_backup", DATABASE)
    for given in (("", ""), ("", str(dumped)), (url, "")):
        told = run(primary, "dump", *given, code=1)
        assert told == f"Error: say from where and to where: {backup.BACKUP}\n"
    told = run(primary, "restore", "", "", code=1)
    assert told == f"Error: say from where and to where: {backup.RESTORE}\n"
    assert "No such file" in run(primary, "restore", "missing.dump", url, code=1)


def test_the_makefile_tells_the_same_usage() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for usage in (backup.BACKUP, backup.RESTORE):
        _, _, arguments = usage.split(maxsplit=2)
        assert f": {arguments}\n" in makefile


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_the_password_is_in_no_argument(
    primary: embedded.Server, dumped: Path, tmp_path: Path, program: str
) -> None:
    """A program in its place notes its arguments and its password, and fails."""
    stub, noted = tmp_path / program, tmp_path / "noted"
    stub.write_text(f"""#!/bin/sh\necho "$PGPASSWORD" "$@" > {noted}\nexit 1\n""")
    stub.chmod(0o755)
    with psycopg.connect(primary.superuser_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS noted")
        connection.execute("CREATE DATABASE noted OWNER app_owner")
    url = f"{primary.url('postgres', 'noted')}&password=hunter2"
    arguments = {
        "pg_dump": ("dump", url, str(tmp_path / "x.dump")),
        "pg_restore": ("restore", str(dumped), url),
    }
    assert run(primary, *arguments[program], path=tmp_path, code=1) == ""
    password, *options = noted.read_text().split()
    assert password == "hunter2"
    assert "dbname=noted" in options
    assert "hunter2" not in " ".join(options)


def test_it_does_not_wait_for_ever_for_a_table(primary: embedded.Server, tmp_path: Path) -> None:
    url, path = primary.url("app_backup", DATABASE), tmp_path / "x.dump"
    with psycopg.connect(primary.url("app_owner", DATABASE)) as migration:
        migration.execute("LOCK TABLE inbox.messages IN ACCESS EXCLUSIVE MODE")
        told = run(primary, "dump", "--lock-wait-timeout=100ms", url, str(path), code=1)
    assert "canceling statement" in told
    assert list(tmp_path.iterdir()) == []


def test_the_role_of_the_backup_writes_nothing(primary: embedded.Server) -> None:
    with psycopg.connect(primary.url("app_backup", DATABASE), autocommit=True) as connection:
        found = connection.execute("SELECT count(*) FROM identity.tenants").fetchone()
        assert found != (0,)
        connection.execute("SET default_transaction_read_only = off")
        for statement in (
            "UPDATE identity.users SET display_name = 'x'",
            "DELETE FROM inbox.channels",
            "SELECT operations.raise_epoch('x')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
