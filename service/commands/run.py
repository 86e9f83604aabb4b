"""What `make run` starts: the service with a worker, and without DATABASE_URL a PostgreSQL with demo data too."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg

from service import embedded, migrations
from service.commands import demo
from service.config import DIRECT_SCHEME, ConfigError, HttpSettings, Settings
from service.start import check_free

DATABASE = "draftroom"
WORKER_PATIENCE = 90  # seconds for the worker to stop: a step may take 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunError(Exception):
    """The service could not be started; the text says why and what to do."""


def main() -> int:
    """Returns 0 after a stop by a signal, otherwise what to exit with."""
    # A stop while it is still starting up unwinds, and so stops PostgreSQL.
    for number in STOP_SIGNALS:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        settings = Settings.from_environment(os.environ)
        http = HttpSettings.from_environment(os.environ)
        check_free(http)
        if settings.database_url is not None:
            with worker({}) if settings.direct_url else contextlib.nullcontext():
                return serve(http, {}, pages)
        with only_one(settings.data_dir), database(settings) as settings:
            return serve_with_demo(settings, http)
    except (ConfigError, RunError, embedded.EmbeddedError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Holds the data directory, until the process ends however it ends.

    Raises RunError if another process holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"Draftroom already runs with {data_dir.resolve()}. Stop it first, or give this"
                " one another folder: make run DATA_DIR=.data-2 PORT=8001"
            ) from None
        yield


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """Runs the embedded PostgreSQL, migrated; yields the settings to use it with."""
    server = embedded.start(settings.data_dir / "postgres")
    try:
        check_schema(server, settings.data_dir)
        embedded.create_database(server.superuser_url, DATABASE)
        direct_url = server.url("app_owner", DATABASE).replace("postgresql://", DIRECT_SCHEME, 1)
        migrations.apply(direct_url, alone=True)
        yield replace(
            settings,
            database_url=server.url("app_rw", DATABASE),
            database_url_ro=server.url("app_ro", DATABASE),
            direct_url=direct_url,
            secret_key=settings.secret_key
            or kept(settings.data_dir / "secret-key", lambda: secrets.token_urlsafe(48)),
        )
    finally:
        server.stop()


def check_schema(server: embedded.Server, data_dir: Path) -> None:
    """Raises RunError if the data was made by migrations that are not these: nothing is changed then."""
    try:
        with psycopg.connect(server.url("postgres", DATABASE)) as connection:
            applied = connection.execute(
                "SELECT migration_id, checksum FROM operations.applied_migrations"
            ).fetchall()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return  # there is no such database yet, or nothing in it
    if migrations.edited(migrations.checksums(), dict(applied)):
        raise RunError(
            f"The data in {data_dir.resolve()} has the schema of another version of Draftroom. Nothing was changed."
            " Remove it with make clean, or keep it and choose another folder: make run DATA_DIR=.data-2"
        )


def kept(path: Path, make: Callable[[], str | None]) -> str | None:
    """The secret in the file, which only its owner can read; `make` makes it at first."""
    if path.exists():
        return path.read_text().strip()
    secret = make()
    if secret is not None:
        unfinished = path.with_name(f"{path.name}.new")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(f"{secret}\n")
        unfinished.rename(path)
    return secret


def serve_with_demo(settings: Settings, http: HttpSettings) -> int:
    assert settings.database_url
    assert settings.database_url_ro
    assert settings.direct_url
    assert settings.secret_key
    key_file = settings.data_dir / "demo-key"
    fresh_key = demo.load(settings)
    if fresh_key is not None:
        key_file.unlink(missing_ok=True)
    key = kept(key_file, lambda: fresh_key)
    environment = {
        "DATABASE_URL": settings.database_url,
        "DATABASE_URL_RO": settings.database_url_ro,
        "CATALOGUE_TENANT_ID": settings.catalogue_tenant_id or demo.TENANT_ID,
        "DIRECT_URL": settings.direct_url,
        "SECRET_KEY": settings.secret_key,
    }
    with worker(environment):
        return serve(http, environment, lambda url: pages(url) + first_call(url, key, key_file))


def pages(url: str) -> str:
    return f"""
Draftroom runs on   {url}
Its documentation   {url}/docs
Queries and tables  {url}/catalogue
"""


def first_call(url: str, key: str | None, key_file: Path) -> str:
    header = f"Authorization: Bearer {key or '<the key>'}"
    return f"""\
The demo's API key  {key or f"was made at the first start and is no longer in {key_file}"}

  curl -s -H '{header}' {url}/v1/conversations

Ctrl-C stops it; the data stays in {key_file.parent}.
"""


@contextlib.contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[None]:
    """Runs Draftroom's own tasks meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "worker"],
        env={**os.environ, **environment},
        start_new_session=True,  # as gunicorn
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(WORKER_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def serve(http: HttpSettings, environment: Mapping[str, str], welcome: Callable[[str], str]) -> int:
    """Runs gunicorn until it ends or a signal stops it; a second signal cuts requests short.

    Once it answers, prints the `welcome` to its URL. Returns an exit code: 0 only if a signal stopped it.
    """
    gunicorn: subprocess.Popen[bytes] | None = None
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        if gunicorn is not None:
            gunicorn.send_signal(signal.SIGQUIT if asked else signal.SIGTERM)
        asked = True

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        env={**os.environ, **environment},
        # Ctrl-C reaches a whole process group at once; here gunicorn comes first, then PostgreSQL.
        start_new_session=True,
    )
    if asked:
        gunicorn.terminate()
    # What listens on every address is called by that of this machine.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(http.host, http.host)
    address = replace(http, host=host).address
    if answers(address, gunicorn):
        print(welcome(f"http://{address}"), flush=True)
    code = gunicorn.wait()
    if asked:
        return 0
    print(f"gunicorn ended by itself with exit code {code}.", file=sys.stderr)
    return code if code > 0 else 1


def answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Waits until the service answers; False if the process ends first."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{address}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
