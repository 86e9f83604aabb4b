"""A service with a database of its own, so that nothing is sent to the endpoints of other tests."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.config import DIRECT_SCHEME
from tests.client import Gunicorn, Tenant
from tests.commands import SECRET_KEY, make_platform_key
from tests.postgres import Server


@pytest.fixture(scope="module")
def environ(server: Server, clone: Callable[[str], str]) -> dict[str, str]:
    name = clone(f"webhooks_{uuid4().hex[:8]}")
    return {
        **os.environ,
        "DATABASE_URL": server.url("app_rw", name),
        "DIRECT_URL": server.direct_url(name),
        "SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": "WARNING",
        "WEB_CONCURRENCY": "1",
        "CREDENTIAL_CACHE_SECONDS": "0",
        "WEBHOOK_PRIVATE_ADDRESSES": "true",
        "WEBHOOK_RETRY_DELAYS": "0.1 0.1",
    }


@pytest.fixture(scope="module")
def gunicorn(environ: dict[str, str]) -> Iterator[Gunicorn]:
    with Gunicorn(environ) as running:
        yield running


@pytest.fixture(scope="module")
def platform_key(environ: dict[str, str]) -> str:
    return make_platform_key(environ)


@pytest.fixture
def tenant(gunicorn: Gunicorn, platform_key: str) -> Tenant:
    return Tenant.create(gunicorn.url, platform_key)


@pytest.fixture
def owner(environ: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    url = environ["DIRECT_URL"].replace(DIRECT_SCHEME, "postgresql://", 1)
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        yield connection
