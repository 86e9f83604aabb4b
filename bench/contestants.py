"""Who answers: Draftroom and its peers, each with two processes and 16 connections to PostgreSQL; and pgbench.

The peers authenticate with a comparison of strings, check no role and no row-level security, and log no requests.
Draftroom does all that it does by default. Two of the peers run a second time on the plain schema, where they write
their own audit.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.database import Database, tenant_id, tree_cpu
from bench.load import Load
from bench.workloads import Script, Shared

ROOT = Path(__file__).parent.parent
NODE = ROOT / "bench" / "peers" / "node"
CONNECTIONS = 16
# node may be a package of the benchmark's own environment.
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
GUNICORN = [sys.executable, "-m", "gunicorn", "--log-level", "warning"]


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    command: Callable[[int], list[str]]  # of its port
    own: bool = False  # Draftroom itself
    node: bool = False
    plain: bool = False  # on the plain schema
    root: Path = ROOT  # of its code

    def environment(self, database: Database, port: int) -> dict[str, str]:
        if self.own:
            own = {"DATABASE_URL": database.service_url, "SECRET_KEY": database.secret_key}
        else:
            own = {
                "BENCH_DATABASE_URL": database.peer_url,
                "BENCH_TENANT_ID": tenant_id(1),
                "BENCH_KEY": str(database.key),
                "NODE_ENV": "production",
            }
        return {**os.environ, **own, "PORT": str(port), "PYTHONPATH": str(self.root), "PATH": PATH}


DRAFTROOM = Peer(
    "draftroom", "Draftroom (gunicorn)", lambda port: [*GUNICORN, "wsgi:app"], own=True
)
GRANIAN = Peer(
    "draftroom-granian",
    "Draftroom (granian)",
    lambda port: [sys.executable, "granian_server.py"],
    own=True,
)
FLASK = Peer(
    "flask-rows",
    "Flask, rows and jsonify",
    lambda port: [
        *GUNICORN,
        *("--config", os.devnull, "--bind", f"127.0.0.1:{port}", "--reuse-port"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "75"),
        "bench.peers.flask_rows:app",
    ],
)
FASTAPI = Peer(
    "fastapi-sqlalchemy",
    "FastAPI, SQLAlchemy, asyncpg",
    lambda port: [sys.executable, "-m", "bench.peers.fastapi_sqlalchemy"],
)
PRISMA = Peer(
    "prisma", "Fastify, Prisma 7", lambda port: ["node", str(NODE / "prisma.js")], node=True
)
NODE_PG = Peer("node-pg", "Fastify, node-pg", lambda port: ["node", str(NODE / "pg.js")], node=True)
PRISMA_PLAIN = Peer(
    "prisma-plain",
    "Fastify, Prisma 7, plain schema",
    lambda port: ["node", str(NODE / "plain_prisma.js")],
    node=True,
    plain=True,
)
NODE_PG_PLAIN = Peer(
    "node-pg-plain",
    "Fastify, node-pg, plain schema",
    lambda port: ["node", str(NODE / "plain_pg.js")],
    node=True,
    plain=True,
)
PEERS = (DRAFTROOM, GRANIAN, PRISMA, FASTAPI, FLASK, NODE_PG, PRISMA_PLAIN, NODE_PG_PLAIN)
PGBENCH = "pgbench"


@dataclass
class Running:
    peer: Peer
    database: Database
    port: int
    process: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        return self.peer.name

    @property
    def title(self) -> str:
        return self.peer.title

    def cpu(self) -> float:
        """Seconds, of all its processes."""
        return tree_cpu(self.process.pid)


@dataclass
class Alone:
    """The limit: PostgreSQL without an application, with Draftroom's statements and row-level security."""

    database: Database
    name: str = PGBENCH
    title: str = "PostgreSQL alone (pgbench)"

    def script(self, workload: Shared, seconds: float) -> Script:
        return workload.script(self.database, seconds)


@contextmanager
def started(
    peer: Peer, database: Database, settings: dict[str, str] | None = None
) -> Iterator[Running]:
    """The peer, answering. What it logs goes to a file; when something fails, the end of it is shown."""
    port = free_port()
    # gunicorn's configuration makes such a folder itself; on granian, Draftroom's two processes count in this one.
    metrics = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").exists() else None)
    with tempfile.TemporaryFile("w+") as log, metrics as folder:
        process = subprocess.Popen(
            peer.command(port),
            cwd=peer.root,
            env=peer.environment(database, port)
            | {"PROMETHEUS_MULTIPROC_DIR": folder}
            | (settings or {}),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(peer, process, port)
            yield Running(peer, database, port, process)
        except Exception:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 9000))
            print(f"\n{peer.title} logged last:\n{log.read()}", file=sys.stderr)
            raise
        finally:
            # The group: not every peer's processes end with the first of them.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(peer: Peer, process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return  # it refuses, so it is there
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{peer.title} did not start") from None
            time.sleep(0.05)
        else:
            return


def pgbench(database: Database, script: Script, seconds: float) -> tuple[Load, float]:
    """Runs the script on 16 connections as the service's role; the load, and pgbench's own CPU in seconds."""
    folder = Path(tempfile.mkdtemp(prefix="draftroom-pgbench-"))
    try:
        (folder / "script.sql").write_text(script.text)
        definitions = [
            argument
            for name, value in {"i": "0", **script.variables}.items()
            for argument in ("-D", f"{name}={value}")
        ]
        before = _children_cpu()
        done = subprocess.run(
            [
                *(str(database.server.bin_path / "pgbench"), "--no-vacuum", "--protocol=prepared"),
                *(f"--client={CONNECTIONS}", "--jobs=2", f"--time={max(1, round(seconds))}"),
                *(
                    "--log",
                    "--file",
                    str(folder / "script.sql"),
                    *definitions,
                    database.service_url,
                ),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        used = _children_cpu() - before
        if done.returncode != 0 or "number of failed transactions: 0 (" not in done.stdout:
            raise RuntimeError(f"pgbench failed:\n{done.stdout}{done.stderr}")
        latencies = sorted(
            int(line.split(" ", 3)[2]) / 1e6
            for log in folder.glob("pgbench_log.*")
            for line in log.read_text().splitlines()
        )
        [rate] = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("tps")]
        return Load(len(latencies), len(latencies) / float(rate), latencies), used
    finally:
        shutil.rmtree(folder)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
