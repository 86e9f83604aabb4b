"""How a query does: what the service counts over its workers, and what pg_stat_statements does."""

import math
import re
from collections.abc import Iterator

import psycopg
import pytest
import requests

from service.catalogue.statistics import quantile
from service.config import Settings
from tests.catalogue.pages import Browser
from tests.client import Gunicorn, Tenant, wait_until
from tests.commands import SECRET_KEY, environment, make_platform_key
from tests.postgres import installed

pytestmark = pytest.mark.not_on_citus(
    "the catalogue shows plans, and there a plan is only a Custom Scan"
)

NOTHING = "\N{EN DASH}"
BUCKETS = {0.1: 10.0, 0.2: 50.0, 1.0: 100.0, math.inf: 100.0}


@pytest.mark.parametrize(
    ("q", "value"), [(0.05, 0.05), (0.1, 0.1), (0.3, 0.15), (0.5, 0.2), (0.75, 0.6), (1.0, 1.0)]
)
def test_a_quantile_lies_within_its_bucket(q: float, value: float) -> None:
    assert quantile(BUCKETS, q) == pytest.approx(value)


def test_what_is_beyond_the_last_bound_is_not_known() -> None:
    assert quantile({0.1: 1.0, math.inf: 2.0}, 0.99) is None


def production(browser: Browser, query: str) -> list[list[str]]:
    """The rows of the table under In production."""
    shown = browser.get(f"/queries/{query}").source.split('id="production"')[1].split("<h2")[0]
    rows = re.findall(r"<tr>\s*(<th scope=\"row\".*?)</tr>", shown, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_the_service_counts_over_all_of_its_workers(dba: Browser, tenant: Tenant) -> None:
    [before] = production(dba, "identity.get_tenant") or [["the service", "0"]]
    for _ in range(20):  # on new connections, so that both workers get some
        requests.get(
            f"{dba.url}/v1/tenant",
            headers={"Authorization": f"Bearer {tenant.service.credential}"},
            timeout=30,
        ).raise_for_status()
    [after] = production(dba, "identity.get_tenant")
    counted_by, calls, rows, mean, median, p99, longest = after
    assert counted_by == "the service"
    assert int(calls.replace(",", "")) >= int(before[1].replace(",", "")) + 20
    assert rows == "1.0"
    assert all(value.endswith(" ms") for value in (mean, median, p99))
    assert longest == NOTHING


@pytest.fixture(scope="module")
def with_extension() -> Iterator[Gunicorn]:
    """The service on a server that has pg_stat_statements, which the embedded one lacks."""
    with installed(15, shared_preload_libraries="pg_stat_statements") as server:
        server.create_migrated("counted")
        with psycopg.connect(server.url("postgres", "counted"), autocommit=True) as connection:
            connection.execute("CREATE SCHEMA monitoring")
            connection.execute("GRANT USAGE ON SCHEMA monitoring TO app_rw")
            connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA monitoring")
        settings = Settings(database_url=server.url("app_rw", "counted"), secret_key=SECRET_KEY)
        with Gunicorn(environment(settings)) as running:
            yield running


def test_postgresql_counts_too_where_the_extension_is(with_extension: Gunicorn) -> None:
    key = make_platform_key(with_extension.environment)
    browser = Browser(with_extension.url, key)
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(3):
        requests.get(
            f"{with_extension.url}/v1/users", headers=headers, timeout=30
        ).raise_for_status()
    wait_until(lambda: len(production(browser, "identity.list_users")) == 2)
    service, postgresql = production(browser, "identity.list_users")
    assert service[:2] == ["the service", "3"]
    assert postgresql[:3] == ["pg_stat_statements", "3", "1.0"]
    assert postgresql[3].endswith(" ms")
    assert postgresql[4:6] == [NOTHING, NOTHING]
    assert postgresql[6].endswith(" ms")
