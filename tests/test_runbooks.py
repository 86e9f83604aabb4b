"""docs/runbooks.md: what its steps say can be done as it stands."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import requests
from psycopg import sql

from service import embedded
from service.commands import scratch
from service.config import DIRECT_SCHEME, Settings
from tests import postgres
from tests.client import ROOT, Client, Gunicorn, Tenant, wait_until
from tests.commands import SECRET_KEY, environment, flask, make_platform_key
from tests.full import fill, name
from tests.postgres import PROGRAMS, Server
from tests.test_streaming_replica import DATABASE, Pair, streaming

pytestmark = pytest.mark.not_on_citus("the runbooks are for one PostgreSQL")

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


def printed(pattern: str, **values: str) -> str:
    """What the page has between backquotes, with values in the place of its words in capitals."""
    [found] = set(re.findall(f"`({pattern})`", PAGE))
    for word, instead in values.items():
        found = found.replace(word, instead)
    return str(found)


def done(completed: subprocess.CompletedProcess[str]) -> str:
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout


def direct(url: str) -> str:
    return url.replace("postgresql://", DIRECT_SCHEME, 1)


def yoyo(url: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("yoyo"), *arguments],
        cwd=folder,
        env={**os.environ, "DIRECT_URL": direct(url)},
        capture_output=True,
        text=True,
    )


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


# Three releases, of which the first brings what code that writes the column would: its default.
RELEASES = {
    "9001.expand": [
        "ALTER TABLE inbox.channels ADD COLUMN short_name text",
        "ALTER TABLE inbox.channels ALTER COLUMN short_name SET DEFAULT 'new'",
    ],
    "9002.index": ["CREATE INDEX CONCURRENTLY channels_short_name ON inbox.channels (short_name)"],
    "9003.check": [
        "ALTER TABLE inbox.channels ADD CONSTRAINT channels_short_name_check"
        " CHECK (short_name IS NOT NULL) NOT VALID"
    ],
    "9004.contract": [
        "ALTER TABLE inbox.channels VALIDATE CONSTRAINT channels_short_name_check",
        "ALTER TABLE inbox.channels ALTER COLUMN short_name SET NOT NULL",
        "ALTER TABLE inbox.channels DROP CONSTRAINT channels_short_name_check",
    ],
}


def test_a_migration_takes_place_while_requests_do(
    owner_url: str, server: Server, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    (tmp_path / "service").symlink_to(ROOT / "service")
    shutil.copy(ROOT / "yoyo.ini", tmp_path)
    environ = environment(
        Settings(database_url=server.url("app_rw", "runbooks"), secret_key=SECRET_KEY)
    )
    over = threading.Event()
    with Gunicorn(environ | {"WEB_CONCURRENCY": "2"}) as service, ThreadPoolExecutor() as threads:
        tenant = Tenant.create(service.url, make_platform_key(environ))

        def write() -> int:
            api, received = Client(tenant.service.url, tenant.service.credential), 0
            while not over.is_set():
                # Each in a channel of its own, which is what is migrated.
                tenant.receive(channel_external_id=uuid4().hex)
                api.get("/v1/channels")
                received += 1
            return received

        writers = [threads.submit(write) for _ in range(4)]
        try:
            for release, steps in RELEASES.items():
                head = "-- transactional: false\n" if "CONCURRENTLY" in steps[0] else ""
                file = tmp_path / "migrations" / f"{release}.sql"
                file.write_text(f"-- {release}\n{head}" + "".join(f"{step};\n" for step in steps))
                done(yoyo(owner_url, "apply", folder=tmp_path))
                with psycopg.connect(owner_url, autocommit=True) as owner:
                    owner.execute(block("short_name").encode())
        finally:
            over.set()
        assert all(writer.result() for writer in writers)
        assert requests.get(f"{service.url}/readyz", timeout=60).status_code == 200
    kept = "SELECT count(*) FROM inbox.channels WHERE short_name = repeat('x', 20)"
    assert value(owner_url, kept) == len(TENANTS) * ROWS


def test_a_lock_that_was_left_behind_is_broken(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO public.yoyo_lock (locked, ctime, pid) VALUES (1, now()::timestamp, 1)"
        )
        owner.execute(block("pg_stat_activity").encode())
    done(yoyo(owner_url, "break-lock"))
    done(yoyo(owner_url, "apply"))
    assert value(owner_url, "SELECT count(*) FROM public.yoyo_lock") == 0


def test_leases_that_ran_out_are_found(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        assert owner.execute(block("lease_expires_at").encode()).fetchall() == []


def test_its_commands_and_routes_are_there(settings: Settings) -> None:
    commands = set(re.findall(r"`flask ([a-z]+ [a-z]+)", PAGE))
    assert len(commands) > 5
    for command in commands:
        done(flask(environment(settings), *command.split(), "--help"))
    source = "".join(path.read_text() for path in (ROOT / "service").glob("*/*.py"))
    for route in re.findall(r"`(?:GET|POST) (/[\w/{}-]+)", PAGE):
        pattern = re.sub(r"\{\w+\}", "<[^>]+>", route)
        assert re.search(rf'"{pattern}"', source), route


# Passwords ----------------------------------------------------------------------------------------------


@contextmanager
def asking_for_a_password(own_server: embedded.Server, database: str) -> Iterator[None]:
    """The server asks app_rw for its password in this database only."""
    rules = own_server.data / "pg_hba.conf"
    before = rules.read_text()

    def load(text: str) -> None:
        rules.write_text(text)
        value(own_server.superuser_url, "SELECT pg_reload_conf()")

    load(f"local {database} app_rw scram-sha-256\n{before}")
    try:
        yield
    finally:
        load(before)


def test_the_password_of_a_role_is_changed_while_the_service_runs(
    server: Server, own_server: embedded.Server, clone: Callable[[str], str], tmp_path: Path
) -> None:
    if postgres.GIVEN:
        pytest.skip("the server that is given must ask for no password")
    url = server.url("app_rw", clone("rotation"))
    passwords = tmp_path / "pgpass"
    passwords.touch(0o600)
    passwords.write_text("*:*:*:app_rw:old\n")
    psql = [PROGRAMS / "psql", server.url("postgres", "rotation"), "-c"]
    environ = environment(Settings(database_url=url, secret_key=SECRET_KEY))
    environ |= {"PGPASSFILE": str(passwords), "POOL_TIMEOUT": "60"}

    def change(password: str) -> None:
        command = printed(r"\\password \w+")
        # In a session without a terminal psql asks its standard input.
        subprocess.run(
            [*psql, command],
            input=f"{password}\n" * 2,
            text=True,
            start_new_session=True,
            check=True,
        )

    def refusals() -> int:
        return (own_server.data / "server.log").read_text().count("password authentication failed")

    change("old")
    with (
        asking_for_a_password(own_server, "rotation"),
        Gunicorn(environ) as service,
        ThreadPoolExecutor() as threads,
    ):
        tenant = Tenant.create(service.url, make_platform_key(environ))
        before = refusals()
        change("new")
        tenant.receive()
        service.process.send_signal(signal.SIGHUP)  # begins anew with what does not fit
        wait_until(lambda: refusals() > before)
        waiting = threads.submit(tenant.receive)
        passwords.write_text("*:*:*:app_rw:new\n")
        assert waiting.result()["created"]


# Failover -----------------------------------------------------------------------------------------------


def test_after_a_failover_consumers_lose_and_repeat_nothing() -> None:
    def ready(service: Gunicorn) -> Any:
        return requests.get(f"{service.url}/readyz", timeout=60).json()

    with (
        scratch.server(postgres.VERSION) as primary,
        scratch_replica(primary) as replica,
    ):
        pair = Pair(primary, replica)
        folders = ",".join(quote(str(one.socket_dir), safe="") for one in (primary, replica))
        [options] = re.findall(r"postgresql://app_rw:\.\.\.@db1,db2/draftroom\?(\S+)`", PAGE)
        both = f"postgresql://app_rw@/{DATABASE}?host={folders}&port={embedded.PORT}&{options}"
        environ = environment(pair.settings) | {"LOG_LEVEL": "CRITICAL"}
        with Gunicorn(environ | {"DATABASE_URL": both}) as service:
            tenant = Tenant.create(service.url, make_platform_key(environ))
            tenant.draft()
            first = tenant.service.get("/v1/events", params={"limit": 3})
            cursor = first["resume_cursor"]
            rest = tenant.service.all("/v1/events", cursor=cursor)
            assert len(rest) > 3
            pair.catch_up()

            embedded._run(
                primary.bin_path / "pg_ctl", "stop", "-D", primary.data, "-m", "immediate"
            )
            pair.ask(replica, printed(r"SELECT pg_promote\(\)"))
            wait_until(lambda: ready(service)["status"] == "ok")
            tenant.draft()

            environ["DATABASE_URL"] = replica.url("app_rw", DATABASE)
            environ["DIRECT_URL"] = direct(replica.url("app_owner", DATABASE))
            with Gunicorn(environ) as anew:
                api = Client(anew.url, tenant.service.credential)
                assert ready(anew)["warnings"]
                api.get("/v1/events", expect=503)
                command = printed('flask epochs raise "failover to db2"')
                done(flask(environ, *shlex.split(command)[1:]))
                wait_until(lambda: ready(anew) == {"status": "ok", "problems": [], "warnings": []})
                wait_until(lambda: api.request("GET", "/v1/events").ok)
                later = api.all("/v1/events", cursor=cursor)
        assert later[: len(rest)] == rest
        read = [event["id"] for event in first["items"] + later]
        assert len(read) == len(set(read))
        stored = "SELECT id::text FROM operations.events WHERE tenant_id = %s"
        assert sorted(read) == sorted(id_ for (id_,) in pair.ask(replica, stored, tenant.id))
        assert {event["epoch"] for event in later[len(rest) :]} == {2}


@contextmanager
def scratch_replica(primary: embedded.Server) -> Iterator[embedded.Server]:
    scratch.create_migrated(primary, DATABASE)
    with streaming(primary, primary.data.parent / "replica") as replica:
        yield replica


# A tenant that moves ------------------------------------------------------------------------------------


def rows_of(url: str, tenant_id: str) -> dict[str, int]:
    """How many rows the tenant has in each table."""
    with psycopg.connect(url) as owner:
        tables = owner.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class AS c
            INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            """
        ).fetchall()
        query = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s")
        return {
            table: owner.execute(query.format(name(table)), [tenant_id]).fetchall()[0][0]
            for (table,) in tables
        }


def test_a_tenant_moves_into_a_database_of_its_own(
    server: Server, clone: Callable[[str], str], tmp_path: Path
) -> None:
    def environ(database: str) -> dict[str, str]:
        given = environment(
            Settings(database_url=server.url("app_rw", database), secret_key=SECRET_KEY)
        )
        return given | {"DIRECT_URL": direct(server.url("app_owner", database))}

    def backup(*arguments: str) -> None:
        command = [sys.executable, "-m", "service.commands.backup", *arguments]
        path = f"{PROGRAMS}:{os.environ['PATH']}"
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=True)

    old, new, dump = environ(clone("shared")), environ("own"), str(tmp_path / "draftroom.dump")
    server.create("own")
    owner_of_old, owner_of_new = (server.url("app_owner", one) for one in ("shared", "own"))
    job, once = {"type": "crawl"}, {"Idempotency-Key": "once"}
    with Gunicorn(old) as service:
        platform_key = make_platform_key(old)
        tenant, stays = (Tenant.create(service.url, platform_key) for _ in range(2))
        fill(tenant, platform_key)
        stays.draft()
        asked = tenant.service.post("/v1/jobs", job, headers=once)
        cursor = tenant.service.get("/v1/events", params={"limit": 10})["resume_cursor"]
        rest = tenant.service.all("/v1/events", cursor=cursor, limit=100)

        values = {"TENANT_ID": tenant.id}
        done(flask(old, *printed("flask tenants suspend TENANT_ID", **values).split()[1:]))
        tenant.service.get("/v1/tenant", expect=403)
        before, others = (rows_of(owner_of_old, one.id) for one in (tenant, stays))
        backup("dump", server.url("app_backup", "shared"), dump)
        backup("restore", dump, server.url("postgres", "own"))
        with psycopg.connect(owner_of_new, autocommit=True) as owner:
            owner.execute(
                printed("DELETE FROM identity.tenants WHERE id <> .*?", **values).encode()
            )
            owner.execute(printed("VACUUM ANALYZE").encode())
        assert value(owner_of_new, "SELECT array_agg(id::text) FROM identity.tenants") == [
            tenant.id
        ]
        assert rows_of(owner_of_new, tenant.id) == before
        assert sum(before.values()) > 100

        with Gunicorn(new) as own:
            api = Client(own.url, tenant.service.credential)
            api.get("/v1/tenant", expect=403)
            done(flask(new, *printed("flask tenants resume TENANT_ID", **values).split()[1:]))
            assert api.all("/v1/events", cursor=cursor, limit=100)[: len(rest)] == rest
            assert api.post("/v1/jobs", job, headers=once) == asked, "the kept answer can be read"
            assert api.post("/v1/jobs", job)["id"] != asked["id"]

        with psycopg.connect(owner_of_old, autocommit=True) as owner:
            owner.execute(printed("DELETE FROM identity.tenants WHERE id = .*?", **values).encode())
        assert not any(rows_of(owner_of_old, tenant.id).values())
        assert rows_of(owner_of_old, stays.id) == others
        stays.draft()
