"""Another revision of Draftroom as a contestant: its own code, schema and data, on the same PostgreSQL.

What it needs of that revision is bench/data/ with the files that fill a database, and the same requests and API keys.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.contestants import ROOT, Peer
from bench.database import Database
from service import embedded

NAME = "base"
REQUIREMENTS = "requirements.txt"

MIGRATE = """
import sys
from pathlib import Path
from service.commands.scratch import create_migrated
from service.embedded import Server

data, bin_path, socket_dir = map(Path, sys.argv[1:4])
create_migrated(Server(data, bin_path, socket_dir), sys.argv[4])
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

    def _migrate(self, server: embedded.Server, name: str) -> None:
        subprocess.run(
            [self.python, "-c", MIGRATE, server.data, server.bin_path, server.socket_dir, name],
            cwd=self.root,
            check=True,
        )


@contextmanager
def checked_out(revision: str) -> Iterator[Revision]:
    """The revision in a folder of its own, gone afterwards; with a virtual environment if it needs other packages."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run(
        [*git, "rev-parse", "--short", f"{revision}^{{commit}}"],
        check=True,
        capture_output=True,
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
