"""The one PostgreSQL of a run, embedded, and the databases on it: Draftroom's, migrated as users do it, and beside it
a plain one, as somebody might design it without Draftroom. The files in bench/data/ fill them.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from service import embedded
from service.commands.scratch import create_migrated
from service.secrets import ApiKey, Secrets

DATA = Path(__file__).parent / "data"
NAME = "bench"
PLAIN = "bench_plain"
PEER = "bench_peer"  # the peers' role: app_rw's rights and settings, and no row-level security

# fsync, checksums and durable commits are as PostgreSQL has them. These keep what happens now and then (a
# checkpoint, a vacuum) out of some measurements and not of others; the tables are vacuumed between rounds.
OPTIONS = {
    "max_connections": "400",
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}

SCOPES = (
    "{intake:write,inbox:read,drafts:read,drafts:write,drafts:decide,drafts:deliver,"
    "tweets:read,tweets:write,runs:read,events:read,users:act}"
)


def tenant_id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012x}"


def user_id(number: int) -> str:
    """The one user of a tenant."""
    return f"01890000-0000-7000-8000-{number:012x}"


def conversation_id(number: int) -> str:
    """The one with the draft of that number."""
    return f"01910000-0000-7000-8000-{number:012x}"


def draft_id(number: int) -> str:
    return f"01930000-0000-7000-8000-{number:012x}"


def run_id(number: int) -> str:
    return f"01960000-0000-7000-8000-{number:012x}"


@dataclass
class Database:
    server: embedded.Server
    name: str
    data: Path  # the folder of its files
    rows: int  # tweets, conversations, and runs, each
    tenants: int
    secret_key: str
    key: ApiKey  # of the first tenant
    next_row: int  # the number of the next draft to decide on

    @classmethod
    def create(
        cls,
        server: embedded.Server,
        rows: int,
        tenants: int,
        runs: int | None = None,
        *,
        name: str = NAME,
        data: Path = DATA,
        migrate: Callable[[embedded.Server, str], None] = create_migrated,
    ) -> "Database":
        migrate(server, name)
        secret_key = secrets.token_hex()
        key = ApiKey.new(tenant_id(1))
        made = cls(server, name, data, rows, tenants, secret_key, key, rows + 1)
        with made.superuser() as connection:
            if name == NAME:
                _create_peer(connection)
            made._run("fill.sql", rows=rows, tenants=tenants)
            made._run("runs.sql", runs=rows if runs is None else runs, tenants=tenants)
            made.add_key(connection, key)
        made.vacuum()
        return made

    @classmethod
    def studio(cls, server: embedded.Server, rows: int, name: str = NAME) -> "Database":
        """A year of a campaign studio instead: so many posts, a few more concepts, ten times as many snapshots."""
        create_migrated(server, name)
        key = ApiKey.new(tenant_id(1))
        made = cls(server, name, DATA, rows, 600, secrets.token_hex(), key, next_row=1)
        made._run(
            *(f"year/{name}.sql" for name in ("desk", "studio", "studio_posts", "studio_videos")),
            # Of fifteen videos one has failed, of four of the others one has snapshots, in each of eight months.
            generations=rows * 3 // 14,
            concepts_per_video=1,
            snapshots=5,
        )
        made.vacuum()
        return made

    @classmethod
    def library(cls, server: embedded.Server, rows: int, name: str = NAME) -> "Database":
        """A library instead: so many resources, people and runs in proportion."""
        create_migrated(server, name)
        key = ApiKey.new(tenant_id(1))
        made = cls(server, name, DATA, rows, 2, secrets.token_hex(), key, next_row=1)
        made._run("library.sql", rows=rows)
        made.vacuum()
        return made

    def plain(self) -> "Database":
        """The plain schema with as many rows, for the same key; the peers' role owns it."""
        with self.superuser() as connection:
            connection.execute(f"CREATE DATABASE {PLAIN} OWNER {PEER}")
            # Here the peers are nobody's guests: PostgreSQL chooses plans as it does by default.
            connection.execute(f"ALTER ROLE {PEER} IN DATABASE {PLAIN} SET plan_cache_mode = auto")
        made = replace(self, name=PLAIN, data=DATA / "plain", next_row=self.rows + 1)
        made._run("schema.sql")
        made._run("fill.sql", rows=self.rows, tenants=self.tenants)
        made.vacuum()
        return made

    @property
    def service_url(self) -> str:
        return self.server.url("app_rw", self.name)

    @property
    def peer_url(self) -> str:
        # Node wants a host in every URL; the parameter `host`, the socket's folder, goes before it.
        return self.server.url(PEER, self.name).replace("@:", "@localhost:", 1)

    def superuser(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url("postgres", self.name), autocommit=True)

    def vacuum(self) -> None:
        with self.superuser() as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def add_key(self, connection: psycopg.Connection[Any], key: ApiKey) -> None:
        connection.execute(
            "INSERT INTO identity.api_keys (tenant_id, name, prefix, secret_hash, scopes)"
            " VALUES (%s, 'bench', %s, %s, %s)",
            [key.tenant_id, key.prefix, Secrets(self.secret_key).hash(key), SCOPES],
        )

    def add_pending(self, count: int) -> range:
        """Makes drafts to decide on; their numbers."""
        added = range(self.next_row, self.next_row + count)
        self._run("pending.sql", first=added.start, count=count)
        self.next_row = added.stop
        return added

    def set_due(self, count: int) -> int:
        """Makes so many of the first tenant's scheduled replies due, and no others; how many there were of them."""
        self._run("due.sql", count=count)
        with self.superuser() as connection:
            [(due,)] = connection.execute(
                "SELECT count(*) FROM drafts.scheduled_replies"
                " WHERE tenant_id = %s AND status = 'scheduled' AND scheduled_for <= now()",
                [tenant_id(1)],
            ).fetchall()
            return int(due)

    def left_behind(self, since: datetime) -> list[dict[str, Any]]:
        """What the writes since then left in the log of events, but for the ids."""
        with self.superuser() as connection:
            connection.execute("SELECT set_config('bench.since', %s, false)", [since.isoformat()])
            query = self._file("left_behind.sql").read_bytes()
            return connection.cursor(row_factory=dict_row).execute(query).fetchall()

    def wal_position(self) -> str:
        """Where the next record goes."""
        with self.superuser() as connection:
            [(position,)] = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchall()
            return str(position)

    def wal_since(self, position: str) -> tuple[int, int]:
        """Records and their bytes, without the whole pages that are logged at their first change after a checkpoint.

        From the log itself: a backend adds what it wrote to pg_stat_wal once a second, or when it has been idle for
        ten, which is too coarse for a few seconds.
        """
        program = self.server.bin_path / "pg_waldump"
        folder = self.server.data / "pg_wal"
        with self.superuser() as connection:
            [(flushed,)] = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchall()
        ends = f"--start={position}", f"--end={flushed}"
        done = subprocess.run(
            [program, "--stats", f"--path={folder}", *ends],
            capture_output=True,
            text=True,
            check=True,
        )
        [total] = [line.split() for line in done.stdout.splitlines() if line.startswith("Total ")]
        return int(total[1]), int(total[2])

    def cpu(self) -> float:
        """Seconds of CPU that the server used since it was started, its ended backends included."""
        return tree_cpu(int((self.server.data / "postmaster.pid").read_text().split("\n")[0]))

    def _run(self, *files: str, **settings: int) -> None:
        with self.superuser() as connection, connection.transaction():
            connection.execute("SET LOCAL synchronous_commit = off")
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, true)", [f"bench.{name}", str(value)])
            for file in ("functions.sql", *files):
                connection.execute(self._file(file).read_bytes())
        with self.superuser() as connection:
            # A durable commit, which waits for all of it to be on disk: or the first one that is measured would.
            connection.execute("SELECT pg_logical_emit_message(true, 'bench', '')")

    def _file(self, name: str) -> Path:
        # An older revision may lack a file.
        return self.data / name if (self.data / name).exists() else DATA / name


@contextmanager
def server(options: dict[str, str] | None = None) -> Iterator[embedded.Server]:
    """A server with nothing in it, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="draftroom-bench-", dir=os.environ.get("BENCH_DIR")))
    folder.chmod(0o755)
    running = None
    try:
        running = embedded.start(folder / "postgres", options=OPTIONS | (options or {}))
        yield running
    finally:
        if running is not None:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def tree_cpu(pid: int) -> float:
    """Seconds of CPU, user and system, of a process, its descendants, and those of them that ended."""
    total = 0.0
    parent = psutil.Process(pid)
    for process in [parent, *parent.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def used_by_others(database: Database) -> Callable[[], float]:
    """Asked later, which share of the CPUs other programs used since now."""

    def used() -> tuple[float, float]:
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0)
        return sum(times) - idle, sum(times)

    def own() -> float:
        return tree_cpu(os.getpid()) + database.cpu()

    (busy, total), mine = used(), own()

    def share() -> float:
        now_busy, now_total = used()
        return round(max(0.0, now_busy - busy - own() + mine) / (now_total - total), 3)

    return share


def _create_peer(connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"CREATE ROLE {PEER} LOGIN BYPASSRLS IN ROLE app_rw")
    [(settings,)] = connection.execute(
        "SELECT rolconfig FROM pg_roles WHERE rolname = 'app_rw'"
    ).fetchall()
    # The event log is written for the tenant that is set, whoever passes row-level security.
    for setting in (*settings, f"app.tenant_id={tenant_id(1)}"):
        name, _, value = setting.partition("=")
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(PEER), sql.Identifier(name), sql.Literal(value)
            )
        )
