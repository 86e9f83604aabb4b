"""The embedded PostgreSQL, started for real as whoever runs the tests."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from service import embedded, migrations
from service.config import DIRECT_SCHEME

pytestmark = pytest.mark.not_on_citus("about the embedded server")

REPOSITORY = Path(__file__).parent.parent
# Durability is PostgreSQL's own business; without it the tests are quicker.
QUICK = {"fsync": "off", "max_connections": "10", "shared_buffers": "1MB"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can reach: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="draftroom-test-"))
    folder.chmod(0o711)
    yield folder
    for data in folder.rglob("postgres"):
        if (server := embedded.attach(data)) is not None:
            server.stop()
        shutil.rmtree(data.resolve(), ignore_errors=True)
    shutil.rmtree(folder)


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return None if cursor.description is None else cursor.fetchall()[0][0]


def direct(server: embedded.Server) -> str:
    return server.url("app_owner", "draftroom").replace("postgresql://", DIRECT_SCHEME, 1)


def postmaster(server: embedded.Server) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))


@pytest.mark.parametrize("version", [16, 18])
def test_a_second_start_finds_its_data(folder: Path, version: int) -> None:
    server = embedded.start(folder / "postgres", version, QUICK)
    embedded.create_database(server.superuser_url, "draftroom")
    embedded.create_database(server.superuser_url, "draftroom")
    ask(server.url("app_owner", "draftroom"), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert embedded.attach(folder / "postgres", version) is None
    with pytest.raises(psycopg.OperationalError):
        ask(server.superuser_url, "SELECT 1")

    server = embedded.start(folder / "postgres", version, QUICK)
    assert ask(server.url("app_owner", "draftroom"), "SELECT answer FROM kept") == 42
    assert ask(server.superuser_url, "SHOW server_version").startswith(f"{version}.")
    assert ask(server.superuser_url, "SELECT lower('ÄÖ')") == "äö"
    with pytest.raises(embedded.EmbeddedError, match=f"made by PostgreSQL {version}"):
        embedded.start(folder / "postgres", 34 - version)


def test_a_start_adopts_a_server_that_already_runs(folder: Path) -> None:
    first = embedded.start(folder / "postgres", options=QUICK)
    assert embedded.start(folder / "postgres") == first == embedded.attach(folder / "postgres")


def test_only_the_servers_own_user_reaches_it(folder: Path) -> None:
    server = embedded.start(folder / "postgres", options=QUICK)
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    assert ask(server.superuser_url, "SHOW listen_addresses") == ""


def test_a_killed_server_starts_again(folder: Path) -> None:
    server = embedded.start(folder / "postgres", options=QUICK)
    process = postmaster(server)
    children = process.children()
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process, *children])
    # The worst case: by now another program of the same user has the number in the file.
    pid_file = server.data / "postmaster.pid"
    rest = pid_file.read_text().split("\n", 1)[1]
    pid_file.write_text(f"{os.getpid()}\n{rest}")

    server = embedded.start(folder / "postgres", options=QUICK)
    assert ask(server.superuser_url, "SELECT 1") == 1


def test_an_interrupted_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = embedded.start(folder / "postgres", options=QUICK)
    assert ask(server.superuser_url, "SELECT 1") == 1
    assert not (folder / "postgres.new").exists()


def test_a_path_may_be_long_and_strange(folder: Path) -> None:
    parent = folder / ("it's a (long) 100%" + "g" * 90)
    server = embedded.start(parent / "postgres", options=QUICK)
    assert server.socket_dir != server.data
    embedded.create_database(server.superuser_url, "draftroom")
    migrations.apply(direct(server))
    assert embedded.attach(parent / "postgres") == server
    server.stop()
    assert not server.socket_dir.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_folders_that_are_closed_stay_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = folder / "state"
    monkeypatch.setattr(embedded, "STATE", state)
    home = folder / "home"
    home.mkdir(mode=0o700)
    server = embedded.start(home / "postgres", options=QUICK)
    assert server.data.parent == state
    assert (home / "postgres").resolve() == server.data
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    server.stop()
    assert embedded.start(home / "postgres", options=QUICK).data == server.data

    # The programs as well: here the installed ones are taken for closed.
    monkeypatch.setattr(embedded, "_reachable", lambda _: False)
    copy = embedded._programs(16)
    assert copy.is_relative_to(state)
    assert subprocess.run([copy / "psql", "--version"], user="nobody", cwd="/").returncode == 0
    server.stop()
    shutil.rmtree(state)


def test_a_failed_start_says_what_postgresql_said(folder: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="unrecognized configuration parameter"):
        embedded.start(folder / "postgres", options={"nonsense": "1"})


def test_migrations_record_what_they_were_when_applied(folder: Path) -> None:
    server = embedded.start(folder / "postgres", options=QUICK)
    embedded.create_database(server.superuser_url, "draftroom")
    migrations.apply(direct(server))
    on_disk = migrations.checksums()

    def applied() -> dict[str, str]:
        with psycopg.connect(server.url("app_rw", "draftroom")) as connection:
            return dict(
                connection.execute(
                    "SELECT migration_id, checksum FROM operations.applied_migrations"
                ).fetchall()
            )

    assert applied() == on_disk

    # `yoyo` alone, from the repository and with nothing but DIRECT_URL: the same result.
    def yoyo(*arguments: str) -> None:
        subprocess.run(
            [Path(sys.executable).with_name("yoyo"), *arguments],
            cwd=REPOSITORY,
            env={"DIRECT_URL": direct(server), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )

    yoyo("rollback", "--all")
    yoyo("apply")
    assert applied() == on_disk

    # What a killed process leaves behind: its lock, and a migration that was not recorded yet.
    owner = server.url("app_owner", "draftroom")
    ask(owner, "INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)")
    ask(owner, "DELETE FROM operations.applied_migrations")
    migrations.apply(direct(server), alone=True)
    assert applied() == on_disk
