"""The start of the service: what it takes, and what a broken SQL file does to it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from service.commands.demo import TENANT_ID
from service.config import Settings
from tests.client import ROOT, Granian, Gunicorn, free_port, wait_until
from tests.commands import environment
from tests.postgres import Server


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the service runs on, to be broken."""
    for name in ("service", "sql", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name)  # with its bytecode: what is broken is SQL
    for name in ("wsgi.py", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def start(checkout: Path, settings: Settings, **more: str) -> subprocess.CompletedProcess[str]:
    """Starts the service, which must end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        cwd=checkout,
        env={"PATH": "", "PORT": str(free_port()), **environment(settings), **more},
        capture_output=True,
        text=True,
        timeout=60,
    )


def broken(checkout: Path, old: str, new: str) -> Path:
    path = checkout / "sql" / "inbox" / "get_message.sql"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "line_with", "message"),
    [
        ("    m.subject,", "    m.subjekt,", "m.subjekt", "error: column m.subjekt does not exist"),
        (
            "FROM inbox.messages",
            "FRM inbox.messages",
            "FRM",
            'error: syntax error at or near "inbox"',
        ),
        (
            "    AND m.id = :id",
            "    AND m.id = :ident",
            ":ident",
            "parameter ident is not declared",
        ),
    ],
)
def test_it_stops_the_start_with_file_line_and_message(
    checkout: Path, settings: Settings, old: str, new: str, line_with: str, message: str
) -> None:
    path = broken(checkout, old, new)
    line = next(n for n, text in enumerate(path.read_text().split("\n"), 1) if line_with in text)
    done = start(checkout, settings)
    assert done.returncode != 0
    assert f"sql/inbox/get_message.sql:{line}: {message}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "tenant_id", "warned"),
    [("0.0.0.0", TENANT_ID, True), ("127.0.0.1", TENANT_ID, False), ("0.0.0.0", "", False)],
)
def test_it_warns_of_a_catalogue_that_is_open_to_others(
    checkout: Path, settings: Settings, host: str, tenant_id: str, warned: bool
) -> None:
    broken(checkout, "    m.subject,", "    m.subjekt,")  # it ends before it listens
    done = start(checkout, settings, HOST=host, CATALOGUE_TENANT_ID=tenant_id)
    assert ("CATALOGUE_TENANT_ID opens /catalogue" in done.stderr) == warned


def test_a_sample_that_does_not_fit_stops_nothing(checkout: Path, settings: Settings) -> None:
    path = checkout / "sql" / "inbox" / "get_message.sql"
    path.write_text(path.read_text().replace("000006'", "00000x'"))
    with running(checkout, settings) as service:
        assert requests.get(f"{service.url}/readyz", timeout=30).json()["status"] == "ok"


def test_a_schema_that_waits_for_migrations_does_not_stop_the_start(
    checkout: Path, server: Server, clone: Callable[[str], str], settings: Settings
) -> None:
    name = clone("waits_for_migrations")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("ALTER TABLE inbox.messages DROP COLUMN subject CASCADE")
        owner.execute("DELETE FROM public._yoyo_migration WHERE migration_id = '0010.library'")
        owner.execute(
            "DELETE FROM operations.applied_migrations WHERE migration_id = '0010.library'"
        )
    behind = replace(settings, database_url=server.url("app_rw", name))
    with running(checkout, behind) as service:
        answer = requests.get(f"{service.url}/readyz", timeout=30)
    assert (answer.status_code, answer.json()["problems"]) == (
        503,
        ["Migration 0010.library was not applied."],
    )


def test_a_database_that_is_away_does_not_stop_the_start(
    checkout: Path, settings: Settings
) -> None:
    away = replace(
        settings, database_url="postgresql://app_rw@127.0.0.1:1/nowhere", log_level="ERROR"
    )
    with running(checkout, away) as service:
        assert requests.get(f"{service.url}/readyz", timeout=30).status_code == 503


@pytest.mark.parametrize("second", [Gunicorn, Granian])
def test_a_second_one_does_not_share_the_port_of_the_first(
    settings: Settings, second: type[Gunicorn]
) -> None:
    with Gunicorn(environment(settings)) as first:
        done = subprocess.run(
            [sys.executable, *second.command],
            cwd=ROOT,
            env=first.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode != 0
        assert f"Cannot listen on {first.url.removeprefix('http://')}" in done.stderr
        assert "Traceback" not in done.stderr
        assert first._answers()


class Script(Gunicorn):
    """As the script that pip installs: `python -m gunicorn` cannot run itself again."""

    command = (str(Path(sys.executable).with_name("gunicorn")), *Gunicorn.command[2:])


def test_a_new_master_takes_the_port_over_from_the_old(settings: Settings) -> None:
    with Script(environment(settings)) as old:
        master = psutil.Process(old.process.pid)
        [worker] = master.children()
        master.send_signal(signal.SIGUSR2)
        [new] = wait_until(lambda: [child for child in master.children() if child != worker])
        wait_until(new.children)
        try:
            old.process.send_signal(signal.SIGTERM)
            assert old.process.wait(60) == 0
            wait_until(old._answers)
            assert new.is_running()
        finally:
            new.terminate()
            psutil.wait_procs([new], 60)


def imported(settings: Settings, program: str) -> set[str]:
    """The modules that are imported when a program has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        cwd=ROOT,
        env={**os.environ, **environment(settings)},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(done.stdout.split())


def test_the_settings_of_gunicorn_import_no_area(settings: Settings) -> None:
    modules = imported(settings, "import runpy; runpy.run_path('gunicorn.conf.py')")
    areas = {f"service.{path.parent.name}" for path in (ROOT / "sql").glob("*/*.sql")}
    assert "service.queries" in modules
    assert modules & {*areas, "service.commands"} == set()


def test_the_application_imports_neither_demo_data_nor_what_reviews_queries(
    settings: Settings,
) -> None:
    modules = imported(settings, "import wsgi")
    assert "service.commands.cli" in modules
    assert modules & {"service.commands.demo", "service.queries.review", "pglast"} == set()


def running(checkout: Path, settings: Settings) -> Gunicorn:
    return Gunicorn(environment(settings), folder=checkout)
