"""Another revision of Draftroom as a contestant: its own code, schema and data, on the same PostgreSQL.

What it needs of that revision is bench/data/ with the files that fill a database, and the same requests and API keys.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

from bench.contestants import ROOT, Alone, Peer
from bench.database import Database
from bench.workloads import Script, Shared
from service import embedded

NAME = "base"
ALONE = "base-pgbench"
REQUIREMENTS = "requirements.txt"

MIGRATE = """
import sys
from pathlib import Path
from typing import Any
from service.commands.scratch import create_migrated
from service.embedded import Server

data, bin_path, socket_dir = map(Path, sys.argv[1:4])
create_migrated(Server(data, bin_path, socket_dir), sys.argv[4])
"""

# What it sends itself, and how many drafts to decide on that needs. A script's rows depend on how many came before it.
SCRIPT = """
import json, sys
from types import SimpleNamespace
from bench.workloads import WORKLOADS

told = json.load(sys.stdin)
pending = []

def add_pending(count):
    pending.append(count)
    return range(told["first"], told["first"] + count)

database = SimpleNamespace(**told["database"], add_pending=add_pending)
[workload] = [workload for workload in WORKLOADS if workload.name == told["workload"]]
for _ in range(told["times"]):
    script = workload.script(database, told["seconds"])
json.dump([script.text, script.variables, max(pending, default=0)], sys.stdout)
"""


@dataclass(frozen=True)
class Revision:
    commit: str
    root: Path
    python: str

    @property
    def peer(self) -> Peer:
        return Peer(
            NAME,
            f"Draftroom at {self.commit}",
            lambda port: [self.python, *("-m", "gunicorn", "--log-level", "warning", "wsgi:app")],
            own=True,
            root=self.root,
        )

    def database(self, server: embedded.Server, rows: int, tenants: int) -> Database:
        """To be made before today's: both set up the same roles, and the settings of these roles are kept for it."""
        made = Database.create(
            server,
            rows,
            tenants,
            name=f"bench_{NAME}",
            data=self.root / "bench" / "data",
            migrate=self._migrate,
        )
        with made.superuser() as connection:
            roles = connection.execute(
                "SELECT rolname, rolconfig FROM pg_roles WHERE rolname LIKE 'app\\_%' AND rolconfig IS NOT NULL"
            ).fetchall()
            for role, settings in roles:
                alter = sql.SQL("ALTER ROLE {} ").format(sql.Identifier(role))
                for setting in settings:
                    name, _, value = setting.partition("=")
                    kept = sql.SQL("IN DATABASE {} SET {} = {}").format(
                        sql.Identifier(made.name), sql.Identifier(name), sql.Literal(value)
                    )
                    connection.execute(alter + kept)
                connection.execute(alter + sql.SQL("RESET ALL"))
        return made

    def alone(self, database: Database) -> "RevisionAlone":
        return RevisionAlone(database, ALONE, f"PostgreSQL alone at {self.commit}", revision=self)

    def run(self, program: str, *arguments: str | Path, told: str = "") -> str:
        """What the Python program says, in this revision's code."""
        return subprocess.run(
            [self.python, "-c", program, *arguments],
            cwd=self.root,
            input=told,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def _migrate(self, server: embedded.Server, name: str) -> None:
        self.run(MIGRATE, server.data, server.bin_path, server.socket_dir, name)


@dataclass(kw_only=True)
class RevisionAlone(Alone):
    """pgbench with that revision's statements."""

    revision: Revision
    times: Counter[str] = field(default_factory=Counter)

    def script(self, workload: Shared, seconds: float) -> Script:
        self.times[workload.name] += 1
        told = {
            "workload": workload.name,
            "seconds": seconds,
            "times": self.times[workload.name],
            "first": self.database.next_row,
            "database": {"rows": self.database.rows, "tenants": self.database.tenants},
        }
        text, variables, pending = json.loads(self.revision.run(SCRIPT, told=json.dumps(told)))
        if pending:
            self.database.add_pending(pending)
        return Script(text, variables)


@contextmanager
def checked_out(revision: str) -> Iterator[Revision]:
    """The revision in a folder of its own, gone afterwards; with a virtual environment if it needs other packages."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run(
        [*git, "rev-parse", "--short", f"{revision}^{{commit}}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    folder = Path(tempfile.mkdtemp(prefix=f"draftroom-{commit}-"))
    subprocess.run(
        [*git, "worktree", "add", "--quiet", "--detach", str(folder), commit], check=True
    )
    try:
        python = sys.executable
        if (folder / REQUIREMENTS).read_bytes() != (ROOT / REQUIREMENTS).read_bytes():
            subprocess.run([python, "-m", "venv", str(folder / ".venv")], check=True)
            python = str(folder / ".venv" / "bin" / "python")
            install = ["install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]
            subprocess.run([python, "-m", "pip", *install], cwd=folder, check=True)
        yield Revision(commit, folder, python)
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def without(found: dict[str, Any]) -> dict[str, Any]:
    """For the page, which says how Draftroom is and not how it was."""
    own = (NAME, ALONE)
    contestants = {name: title for name, title in found["contestants"].items() if name not in own}
    peers = {
        workload: {name: row for name, row in rows.items() if name in contestants}
        for workload, rows in found["peers"].items()
    }
    floor = {name: cpu for name, cpu in found["floor"].items() if name in contestants}
    return found | {"contestants": contestants, "peers": peers, "floor": floor}
