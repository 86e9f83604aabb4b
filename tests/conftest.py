"""A real PostgreSQL, a real gunicorn and real HTTP for every test; each test has tenants of its own."""

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import hypothesis
import psycopg
import pytest
import requests
from prometheus_client import REGISTRY

from service import embedded
from service.caller import Caller
from service.commands import scratch
from service.config import Settings
from service.database import Database
from tests import pgbouncer, postgres
from tests.client import Client, Gunicorn, Tenant
from tests.commands import SECRET_KEY, environment, make_platform_key
from tests.full import fill
from tests.postgres import RUN, Server
from tests.writer import Writer

# However busy the machine is: a test never fails by its time.
hypothesis.settings.register_profile("draftroom", deadline=None)
hypothesis.settings.load_profile("draftroom")

# The files that take longest. They come first, so that no worker is left alone with one of them at the end.
LONGEST = (
    "backup docs epochs killed migrations nginx openapi plans run server survival worker".split()
)

METRICS_TOKEN = "the token of the service that most tests share"

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores: a good part of the time a test waits, for a process or for a clock."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in LONGEST)
    if postgres.on_cluster():
        for item in items:
            for marker in item.iter_markers("not_on_citus"):
                item.add_marker(pytest.mark.skip(reason=f"not on Citus: {marker.args[0]}"))


def pytest_runtest_teardown() -> None:
    """The level of the log is as before, whatever application a test has made in this process."""
    logging.getLogger().setLevel(logging.WARNING)


def pytest_configure(config: pytest.Config) -> None:
    """On a server that is given, what all pytest workers share is made before they start."""
    if postgres.GIVEN and not hasattr(config, "workerinput"):
        stack = ExitStack()
        os.environ[RUN] = stack.enter_context(postgres.shared(postgres.GIVEN))
        config.add_cleanup(stack.close)


@pytest.fixture(scope="session")
def own_server() -> Iterator[embedded.Server]:
    """An embedded server of this pytest worker."""
    with scratch.server(postgres.VERSION) as running:
        yield running


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, worker_id: str) -> Server:
    """The server that this pytest worker has its databases on."""
    if postgres.GIVEN:
        run = os.environ[RUN]
        return Server(postgres.GIVEN, f"{run}_{worker_id}", f"{postgres.TEMPLATE}{run}")
    server = postgres.prepared(request.getfixturevalue("own_server"))
    server.create_migrated(postgres.TEMPLATE)
    return server


@pytest.fixture(scope="session")
def clone(server: Server) -> Callable[[str], str]:
    """Makes a migrated, empty database from the template; returns its name."""

    def make(name: str) -> str:
        server.clone(name)
        return name

    return make


@pytest.fixture(scope="session")
def settings(server: Server, clone: Callable[[str], str]) -> Settings:
    """Of the service that most tests share; it connects as app_rw."""
    return Settings(
        database_url=server.url("app_rw", clone("draftroom")),
        secret_key=SECRET_KEY,
        log_level="WARNING",
        event_stream_seconds=1,  # for tests that wait for the end of every answer
    )


@pytest.fixture(scope="session")
def pooled(server: Server, settings: Settings) -> Iterator[Settings]:
    """The settings, through a PgBouncer where DRAFTROOM_TEST_PGBOUNCER says so."""
    if not pgbouncer.MODE:
        yield settings
        return
    count = 200 if pgbouncer.MODE == "aware" else 0
    with pgbouncer.pooling(server, "draftroom", size=8, prepared_statements=count) as url:
        yield replace(settings, database_url=url, prepare_statements=pgbouncer.MODE != "off")


@pytest.fixture(scope="session")
def gunicorn(pooled: Settings) -> Iterator[Gunicorn]:
    """The service that most tests share."""
    given = {"WEB_CONCURRENCY": "2", "METRICS_TOKEN": METRICS_TOKEN}
    with Gunicorn(environment(pooled) | given) as running:
        yield running


@pytest.fixture(scope="session")
def platform_key(settings: Settings) -> str:
    """An API key that may create tenants, as an operator makes it."""
    return make_platform_key(environment(settings))


@pytest.fixture
def new_tenant(gunicorn: Gunicorn, platform_key: str) -> Callable[[], Tenant]:
    """Makes tenants, each with an administrator; its other users are made when they are asked for."""
    return lambda: Tenant.create(gunicorn.url, platform_key)


@pytest.fixture
def tenant(new_tenant: Callable[[], Tenant]) -> Tenant:
    return new_tenant()


@pytest.fixture
def full(tenant: Tenant, platform_key: str) -> Tenant:
    """A tenant that has rows in every table."""
    fill(tenant, platform_key)
    return tenant


@pytest.fixture
def api(tenant: Tenant) -> Client:
    """The tenant's service key, acting for nobody."""
    return tenant.service


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: no test in a browser"
    )
    named = [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM)]
    if not (program := next(filter(None, named), None)):
        pytest.skip("no chromium on the PATH, nor named by CHROMIUM: no test in a browser")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def database(pooled: Settings) -> Iterator[Database]:
    """The service's own access to the database."""
    assert pooled.database_url
    opened = Database(pooled, pooled.database_url)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def caller(tenant: Tenant) -> Caller:
    return Caller(tenant_id=tenant.id, actor="test", role="admin")


@pytest.fixture
def sql(settings: Settings, tenant: Tenant) -> Iterator[Writer]:
    """A connection as app_rw with the tenant set, as another writer has it; nothing is committed by itself."""
    assert settings.database_url
    with Writer.connect(settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
        connection.set("app.tenant_id", tenant.id)
        yield connection


@pytest.fixture
def owner(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection as app_owner, to look at the catalog."""
    assert settings.database_url
    with psycopg.connect(
        settings.database_url,
        user="app_owner",
        row_factory=psycopg.rows.dict_row,
        autocommit=True,
    ) as connection:
        yield connection


@pytest.fixture
def no_deadlocks(gunicorn: Gunicorn) -> Iterator[None]:
    """Fails a test in which requests waited for each other until the database broke it up, and were run once more."""

    def count() -> float:
        headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        told = requests.get(f"{gunicorn.url}/metrics", headers=headers, timeout=30).text
        [served] = re.findall(r'^draftroom_retries_total{reason="deadlock"} (.+)$', told, re.M)
        here = REGISTRY.get_sample_value("draftroom_retries_total", {"reason": "deadlock"})
        return float(served) + (here or 0)

    before = count()
    yield
    assert count() == before
