"""A PgBouncer in front of the tests' PostgreSQL.

DRAFTROOM_TEST_PGBOUNCER=unaware makes the service that most tests share go through one that knows nothing of prepared
statements; `aware` through one that does, which takes version 1.21; `off` makes the service prepare nothing. PGBOUNCER
names another program than the one on the PATH.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from service import embedded
from tests.client import wait_until
from tests.postgres import Server

PROGRAM = os.environ.get("PGBOUNCER") or shutil.which(
    "pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin"
)
MISSING = "this machine has no pgbouncer: apt-get install pgbouncer"
MODE = os.environ.get("DRAFTROOM_TEST_PGBOUNCER")
AWARE = (1, 21)  # the version from which it knows of prepared statements

CONFIGURATION = """
[databases]
draftroom = host={host} port={port} dbname={database} user=app_rw

[pgbouncer]
pool_mode = {pool_mode}
default_pool_size = {size}
listen_addr =
listen_port = {listen}
unix_socket_dir = {folder}
auth_type = any
"""


@cache
def version() -> tuple[int, ...]:
    assert PROGRAM
    told = subprocess.run([PROGRAM, "--version"], check=True, stdout=subprocess.PIPE, text=True)
    return tuple(map(int, told.stdout.split()[1].split(".")))


@contextmanager
def pooling(
    server: Server,
    database: str,
    *,
    size: int,
    pool_mode: str = "transaction",
    prepared_statements: int = 0,
) -> Iterator[str]:
    """The URL of a PgBouncer with so many connections to the database; it runs meanwhile."""
    host, port = server.address
    with own_folder() as folder:
        configuration = CONFIGURATION.format(
            host=host,
            port=port,
            database=server.name(database),
            listen=embedded.PORT,
            size=size,
            pool_mode=pool_mode,
            folder=folder,
        )
        if version() >= AWARE:
            configuration += f"max_prepared_statements = {prepared_statements}\n"
        with running(folder, configuration) as url:
            yield url


@contextmanager
def own_folder() -> Iterator[Path]:
    """One that PgBouncer's user can reach: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="draftroom-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def running(folder: Path, configuration: str) -> Iterator[str]:
    """The URL of a PgBouncer that listens in the folder; it runs meanwhile."""
    assert PROGRAM
    file = folder / "pgbouncer.ini"
    file.write_text(configuration)
    # It refuses to run as root.
    user = pwd.getpwnam(embedded.UNPRIVILEGED) if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    process = subprocess.Popen(
        [PROGRAM, "--quiet", file],
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    try:
        wait_until(lambda: (folder / f".s.PGSQL.{embedded.PORT}").exists() or process.poll())
        assert process.poll() is None
        yield f"postgresql://app_rw@:{embedded.PORT}/draftroom?host={quote(str(folder), safe='')}"
    finally:
        process.terminate()
        process.wait(60)
