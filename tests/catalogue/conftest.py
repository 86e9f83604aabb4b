"""The service as the catalogue needs it: with a connection as app_ro to try queries on."""

from collections.abc import Callable, Iterator

import pytest

from service.config import Settings
from tests.catalogue.pages import Browser
from tests.client import Gunicorn, Tenant
from tests.commands import environment
from tests.postgres import Server


@pytest.fixture(scope="session")
def gunicorn(settings: Settings, server: Server) -> Iterator[Gunicorn]:
    """On the same database as the service that most tests share."""
    more = {"DATABASE_URL_RO": server.url("app_ro", "draftroom"), "WEB_CONCURRENCY": "2"}
    with Gunicorn(environment(settings) | more) as running:
        yield running


@pytest.fixture(scope="session")
def dba(gunicorn: Gunicorn, platform_key: str) -> Browser:
    """Whoever may see and try all, in a tenant without data."""
    return Browser(gunicorn.url, platform_key)


@pytest.fixture
def browser_of() -> Callable[[Tenant], Browser]:
    return lambda tenant: Browser(tenant.service.url, tenant.service.credential)
