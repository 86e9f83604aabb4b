"""The commands of `flask`, as an operator runs them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from service import embedded
from service.config import Settings
from tests.client import ROOT
from tests.conftest import environment


def flask(settings: Settings, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        env={**os.environ, **environment(settings), **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_sql_check_passes_on_the_migrated_schema(settings: Settings) -> None:
    done = flask(settings, "sql", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "queries fit the schema" in done.stdout


def test_sql_check_names_file_line_and_what_does_not_fit(
    settings: Settings, server: embedded.Server, clone: Callable[[str], str]
) -> None:
    name = clone("renamed_column")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as connection:
        connection.execute("ALTER TABLE inbox.attachments RENAME COLUMN url TO link")
    done = flask(replace(settings, database_url=server.url("app_rw", name)), "sql", "check")
    assert done.returncode == 1
    assert "sql/inbox/attach_to_draft.sql:" in done.stderr
    assert 'column "url" of relation "attachments" does not exist' in done.stderr


@pytest.mark.parametrize(
    ("name", "email", "field"), [("", "a@b.example", "name"), ("A", "nobody", "email")]
)
def test_a_tenant_needs_a_name_and_an_address(
    settings: Settings, name: str, email: str, field: str
) -> None:
    done = flask(settings, "tenants", "create", name, email)
    assert done.returncode == 1
    assert field in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_stops_a_command_with_its_name(settings: Settings) -> None:
    done = flask(settings, "sql", "check", POOL_SIZE="0")
    assert done.returncode == 1
    assert done.stderr.startswith("POOL_SIZE is wrong: expected a whole number")
