"""Every file in sql/ is what psql and pgbench run, unchanged, with the samples of its header."""

import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Callable

import psycopg
import pytest

from service.commands import demo
from service.config import Settings
from service.queries import ROOT, Query, load
from tests.commands import SECRET_KEY
from tests.postgres import PROGRAMS, Server

pytestmark = pytest.mark.not_on_citus("make psql and pgbench set the tenant for their session only")

QUERIES = load()
WRITES = ("INSERT INTO", "UPDATE ", "DELETE FROM", "FOR UPDATE")
READS = [
    name
    for name, query in QUERIES.items()
    if not any(word in query.source for word in WRITES)
    # A new id, a new time, with each.
    and name
    not in (
        *("identity.new_tenant_id", "operations.new_id", "pipelines.get_webhook_id"),
        *("models.quota_snapshot", "operations.end_of_events", "operations.list_task_ages"),
        *("studio.list_alerts", "operations.count_jobs", "operations.get_backend_pid"),
    )
]

# What the samples may meet among the demo's rows. Nothing else may stop a file.
DATA_ERRORS = {
    "23503": "a sample references a row that is not there",
    "23505": "create_tenant: the demo's tenant is there",
}


@pytest.fixture(scope="module")
def demo_settings(server: Server, clone: Callable[[str], str]) -> Settings:
    """Of a database that holds the demo data."""
    settings = Settings(
        database_url=server.url("app_rw", clone("psql_files")), secret_key=SECRET_KEY
    )
    demo.load(settings)
    return settings


def psql(
    server: Server, settings: Settings, query: Query, samples: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs the file in a transaction that is rolled back, with the tenant set as another writer sets it."""
    assert settings.database_url
    variables = [f"--set={name}={sample}" for name, sample in samples.items()]
    steps = ["BEGIN", f"\\i {ROOT.parent / query.path}", "ROLLBACK"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    done = subprocess.run(
        [
            *(PROGRAMS / "psql", "--no-psqlrc", "--quiet", "--csv", settings.database_url),
            *("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose", *variables),
            *(f"--command={step}" for step in steps),
        ],
        env=environment | {"PGOPTIONS": demo.PGOPTIONS},
        capture_output=True,
    )
    # Not as text: that would change line breaks within values.
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, stdout, stderr)


def samples_of(query: Query) -> dict[str, str]:
    """The samples, as literals, in the tenant of the demo data."""
    samples = {name: parameter.sample for name, parameter in query.parameters.items()}
    return samples | {"tenant_id": f"'{demo.TENANT_ID}'"}


@pytest.mark.parametrize("name", QUERIES)
def test_psql_runs_the_file_as_it_is(server: Server, demo_settings: Settings, name: str) -> None:
    query = QUERIES[name]
    done = psql(server, demo_settings, query, samples_of(query))
    if done.returncode == 0:
        assert done.stderr == ""
        return
    sqlstate = done.stderr.partition("ERROR:")[2].split(":")[0].strip()
    assert sqlstate in DATA_ERRORS, done.stderr


@pytest.mark.parametrize("name", READS)
def test_psql_and_the_service_read_the_same_rows(
    server: Server, demo_settings: Settings, name: str
) -> None:
    query = QUERIES[name]
    done = psql(server, demo_settings, query, samples_of(query))
    assert done.returncode == 0, done.stderr
    header, *rows = csv.reader(io.StringIO(done.stdout, newline=""))

    assert demo_settings.database_url
    arguments = {
        n: json.loads(p.sample_value) if p.type == "jsonb" and p.sample_value else p.sample_value
        for n, p in query.parameters.items()
        if n != "tenant_id"
    }
    with psycopg.connect(
        demo_settings.database_url, cursor_factory=psycopg.RawCursor
    ) as connection:
        connection.execute(
            "SELECT operations.set_local('app.tenant_id', $1::text), operations.set_local('app.user_id', 'any')",
            [demo.TENANT_ID],
        )
        cursor = connection.execute(query.text, query(**arguments).values(demo.TENANT_ID))
        result = cursor.pgresult
    assert result is not None
    assert header == [column.name for column in cursor.description or []]
    # A line that is empty is a row of one value that is.
    assert [row or [""] for row in rows] == [
        [(result.get_value(row, column) or b"").decode() for column in range(result.nfields)]
        for row in range(result.ntuples)
    ]


# pgbench has no NULL; and no types, so that a file must let the server find them out.
INSTEAD_OF_NULL = {
    "bigint": "1",
    "boolean": "true",
    "bytea": r"\x00",
    "int": "10",
    "jsonb": "{}",
    "text": "open",
    "text[]": "{}",
    "timestamptz": "2026-01-01",
    "uuid": "00000000-0000-7000-8000-000000000099",
}


@pytest.fixture(scope="module")
def pgbench_url(server: Server, clone: Callable[[str], str]) -> str:
    """Of a database with the demo data, in which pgbench may leave what it likes."""
    url = server.url("app_rw", clone("pgbench_files"))
    demo.load(Settings(database_url=url, secret_key=SECRET_KEY))
    return url


@pytest.mark.parametrize("name", QUERIES)
def test_pgbench_prepares_the_file_as_it_is(server: Server, pgbench_url: str, name: str) -> None:
    query = QUERIES[name]
    samples = {
        parameter.name: parameter.sample_value or INSTEAD_OF_NULL[parameter.type]
        for parameter in query.parameters.values()
    }
    if "tenant_id" in samples:
        samples["tenant_id"] = demo.TENANT_ID
    done = subprocess.run(
        [
            *(
                PROGRAMS / "pgbench",
                "--no-vacuum",
                "--protocol=prepared",
                "--transactions=1",
            ),
            *("--file", ROOT.parent / query.path),
            *(f"--define={name}={value}" for name, value in samples.items()),
            pgbench_url,
        ],
        env=os.environ | {"PGOPTIONS": demo.PGOPTIONS},
        capture_output=True,
        encoding="utf-8",
    )
    # What the statement does with the data at hand is another matter.
    refused = r"violates (\w+ )*constraint|cannot go from"
    assert done.returncode == 0 or re.search(refused, done.stderr), done.stderr
