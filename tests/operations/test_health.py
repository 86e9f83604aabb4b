"""/healthz: the process answers. /readyz: it can serve, and if not, why."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import requests
from psycopg.conninfo import conninfo_to_dict

from service import embedded
from service.config import Settings
from tests.client import Gunicorn, check_answer
from tests.postgres import Server
from tests.test_streaming_replica import readiness

READY = {"status": "ok", "problems": [], "warnings": []}


def ask(service: Gunicorn, path: str) -> requests.Response:
    """The answer to someone without a credential, as a load balancer asks."""
    response = requests.get(f"{service.url}{path}", timeout=30)
    check_answer(service.url, "GET", path, response)
    return response


def running(settings: Settings) -> Gunicorn:
    assert settings.database_url
    assert settings.secret_key
    environment = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "LOG_LEVEL": "CRITICAL",
        "WEB_CONCURRENCY": "1",
        "POOL_TIMEOUT": "1",
    }
    return Gunicorn(environment)


def test_a_service_on_its_schema_is_alive_and_ready(gunicorn: Gunicorn) -> None:
    assert (ask(gunicorn, "/healthz").status_code, ask(gunicorn, "/readyz").status_code) == (
        200,
        200,
    )
    assert ask(gunicorn, "/readyz").json() == READY


def unready(service: Gunicorn) -> str:
    """Why the service is alive and not ready."""
    assert ask(service, "/healthz").json() == {"status": "ok"}
    answer = ask(service, "/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    [told] = answer.json()["problems"]
    return str(told)


def test_why_it_is_not_ready_can_be_left_to_the_log(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    nowhere = replace(settings, database_url="postgresql://app_rw@127.0.0.1:1/nowhere")
    service = running(nowhere)
    service.environment |= {"PUBLIC_DETAILS": "false", "LOG_LEVEL": "WARNING"}
    with service:
        answer = requests.get(f"{service.url}/readyz", timeout=30)
    assert answer.json() == {
        "status": "unavailable",
        "problems": ["The log says why."],
        "warnings": [],
    }
    assert "not ready: The database is away." in capfd.readouterr().err


def test_without_a_database_it_is_alive_and_not_ready(settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql://app_rw@127.0.0.1:1/nowhere")
    with running(nowhere) as service:
        assert unready(service) == "The database is away."
        answer = requests.get(
            f"{service.url}/v1/tenant",
            headers={"Authorization": f"Bearer dr_{'0' * 32}_{'0' * 12}_{'0' * 43}"},
            timeout=30,
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0


def test_without_a_schema_it_is_alive_and_not_ready(settings: Settings, server: Server) -> None:
    server.create("empty")
    with running(replace(settings, database_url=server.url("app_rw", "empty"))) as service:
        assert unready(service) == "No migration was applied."


@pytest.mark.parametrize(
    ("statement", "database"),
    [
        ("DELETE FROM public._yoyo_migration WHERE migration_id = %s", "behind"),
        (
            "UPDATE operations.applied_migrations SET checksum = '' WHERE migration_id = %s",
            "edited",
        ),
    ],
)
def test_on_another_schema_than_its_own_it_is_not_ready_and_names_the_migration(
    settings: Settings,
    server: Server,
    clone: Callable[[str], str],
    statement: str,
    database: str,
) -> None:
    clone(database)
    with psycopg.connect(server.url("app_owner", database), autocommit=True) as connection:
        [last] = connection.execute(
            "SELECT max(migration_id) FROM operations.applied_migrations"
        ).fetchall()
        assert connection.execute(statement, last).rowcount == 1
    with running(replace(settings, database_url=server.url("app_rw", database))) as service:
        assert last[0] in unready(service)


@pytest.mark.parametrize(
    ("granted", "database"),
    [
        ("TEMPORARY ON DATABASE {}", "open_to_all_1"),
        ("EXECUTE ON FUNCTION pg_catalog.lo_creat(integer)", "open_to_all_2"),
    ],
)
def test_in_a_database_whose_rights_a_dump_left_out_it_is_not_ready(
    settings: Settings,
    server: Server,
    clone: Callable[[str], str],
    granted: str,
    database: str,
) -> None:
    clone(database)
    with psycopg.connect(server.url("postgres", database), autocommit=True) as superuser:
        superuser.execute(f"GRANT {granted.format(server.name(database))} TO PUBLIC".encode())
    with running(replace(settings, database_url=server.url("app_rw", database))) as service:
        assert "run migrations/setup/database.sql" in unready(service)
        embedded.restrict(server.superuser_url, server.name(database))
        assert ask(service, "/readyz").json() == READY


# Who it connects as -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["app_ro", "app_owner", "app_backup", "postgres"])
def test_as_another_role_than_its_own_it_is_not_ready(
    settings: Settings, server: Server, role: str
) -> None:
    url = server.url(role, "draftroom")
    name = conninfo_to_dict(url)["user"]
    told = readiness(replace(settings, database_url=url))
    assert told["problems"] == [f"DATABASE_URL connects as {name}: it should be app_rw."]


@pytest.mark.parametrize("role", ["app_rw", "app_owner", "app_backup", "postgres"])
def test_with_a_replica_as_another_role_than_app_ro_it_is_not_ready(
    settings: Settings, server: Server, role: str
) -> None:
    url = server.url(role, "draftroom")
    name = conninfo_to_dict(url)["user"]
    told = readiness(replace(settings, database_url_ro=url))
    assert told["problems"] == [f"DATABASE_URL_RO connects as {name}: it should be app_ro."]


def test_a_role_of_its_own_that_has_the_rights_will_do(settings: Settings, server: Server) -> None:
    suffix = secrets.token_hex(4)
    with psycopg.connect(server.superuser_url, autocommit=True) as superuser:

        def execute(statement: str) -> None:
            superuser.execute(statement.format(writer, reader).encode())

        writer, reader = f"service_{suffix}", f"reader_{suffix}"
        execute("CREATE ROLE {} LOGIN IN ROLE app_rw")
        execute("CREATE ROLE {1} LOGIN IN ROLE app_ro")
        own = replace(
            settings,
            database_url=server.url(writer, "draftroom"),
            database_url_ro=server.url(reader, "draftroom"),
        )
        try:
            assert readiness(own) == READY
            execute("ALTER ROLE {} BYPASSRLS")
            [told] = readiness(own)["problems"]
            assert told == f"DATABASE_URL connects as {writer}: it should be app_rw."
            execute("ALTER ROLE {} NOBYPASSRLS")
            execute("GRANT app_owner TO {}")
            [told] = readiness(own)["problems"]
            assert told == f"DATABASE_URL connects as {writer}: it should be app_rw."
        finally:
            execute("DROP ROLE {}, {}")


def test_another_database_of_the_cluster_is_no_replica(
    settings: Settings, server: Server, clone: Callable[[str], str]
) -> None:
    same = replace(settings, database_url_ro=server.url("app_ro", "draftroom"))
    assert readiness(same) == READY
    other = replace(settings, database_url_ro=server.url("app_ro", clone("no_replica")))
    told = readiness(other)
    assert told["problems"] == ["DATABASE_URL_RO leads to another database than DATABASE_URL."]


def test_a_missing_table_is_a_schema_that_is_behind(
    settings: Settings, server: Server, clone: Callable[[str], str], platform_key: str
) -> None:
    clone("without_keys")
    with running(replace(settings, database_url=server.url("app_rw", "without_keys"))) as service:
        owner_url = server.url("app_owner", "without_keys")
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("DROP TABLE identity.api_keys")
        answer: Any = requests.get(
            f"{service.url}/v1/tenant",
            headers={"Authorization": f"Bearer {platform_key}"},
            timeout=30,
        )
    assert (answer.status_code, answer.json()["code"]) == (500, "SCHEMA_BEHIND")
    assert "api_keys" not in answer.text
