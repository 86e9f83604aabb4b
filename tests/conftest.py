"""A real PostgreSQL, a real gunicorn and real HTTP for every test; each test has tenants of its own.

Each pytest worker has a server of its own. DRAFTROOM_TEST_PG=16 runs the tests on that version.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

from service import embedded
from service.caller import Caller
from service.commands import scratch
from service.config import Settings
from service.database import Database
from tests.client import Client, Gunicorn, Tenant

ROOT = Path(__file__).parent.parent
# However busy the machine is: a test never fails by its time.
hypothesis.settings.register_profile("draftroom", deadline=None)
hypothesis.settings.load_profile("draftroom")

SECRET_KEY = "the tests' own secret key, at least 32 characters"


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """The PostgreSQL server of this pytest worker."""
    with scratch.server(int(os.environ.get("DRAFTROOM_TEST_PG", "18"))) as running:
        scratch.create_migrated(running, "template_draftroom")
        yield running


@pytest.fixture(scope="session")
def clone(server: embedded.Server) -> Callable[[str], str]:
    """Makes a migrated, empty database from the template; returns its name."""

    def make(name: str) -> str:
        with psycopg.connect(server.superuser_url, autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE template_draftroom OWNER app_owner"
            )
        embedded.restrict(server.superuser_url, name)
        return name

    return make


@pytest.fixture(scope="session")
def settings(server: embedded.Server, clone: Callable[[str], str]) -> Settings:
    """Of the service that most tests share; it connects as app_rw."""
    return Settings(
        database_url=server.url("app_rw", clone("draftroom")),
        secret_key=SECRET_KEY,
        log_level="WARNING",
        event_stream_seconds=1,  # for tests that wait for the end of every answer
    )


@pytest.fixture(scope="session")
def gunicorn(settings: Settings) -> Iterator[Gunicorn]:
    """The service that most tests share."""
    with Gunicorn(environment(settings)) as running:
        yield running


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives these settings."""
    assert settings.database_url
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": settings.log_level,
        "EVENT_STREAM_SECONDS": str(settings.event_stream_seconds),
        # What a test changes in plain SQL, or through one worker, counts at once everywhere.
        "CREDENTIAL_CACHE_SECONDS": "0",
    }


@pytest.fixture(scope="session")
def platform_key(settings: Settings) -> str:
    """An API key that may create tenants, as an operator makes it."""
    return make_platform_key(environment(settings))


def make_platform_key(environ: dict[str, str]) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "flask",
            "tenants",
            "create",
            "Platform",
            "ops@example.com",
            "--platform",
        ],
        env={**os.environ, **environ},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.split()[-1]


@pytest.fixture
def new_tenant(gunicorn: Gunicorn, platform_key: str) -> Callable[[], Tenant]:
    """Makes tenants, each with an administrator, an approver, two agents and a viewer."""
    return lambda: Tenant.create(gunicorn.url, platform_key)


@pytest.fixture
def tenant(new_tenant: Callable[[], Tenant]) -> Tenant:
    return new_tenant()


@pytest.fixture
def api(tenant: Tenant) -> Client:
    """The tenant's service key, acting for nobody."""
    return tenant.service


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """The service's own access to the database."""
    assert settings.database_url
    opened = Database(settings, settings.database_url)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def caller(tenant: Tenant) -> Caller:
    return Caller(tenant_id=tenant.id, actor="test", role="admin")


@pytest.fixture
def sql(settings: Settings, tenant: Tenant) -> Iterator[psycopg.Connection[Any]]:
    """A connection as app_rw with the tenant set, as another writer has it; nothing is committed by itself."""
    assert settings.database_url
    with psycopg.connect(settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [tenant.id])
        connection.commit()
        yield connection


@pytest.fixture
def owner(server: embedded.Server, settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection as app_owner, to look at the catalog."""
    assert settings.database_url  # its database is there
    with psycopg.connect(
        server.url("app_owner", "draftroom"), row_factory=psycopg.rows.dict_row, autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def no_deadlocks(server: embedded.Server) -> Iterator[None]:
    """Fails a test in which requests waited for each other until PostgreSQL broke it up."""

    def count() -> int:
        return (server.data / "server.log").read_text(errors="replace").count("deadlock detected")

    before = count()
    yield
    assert count() == before
