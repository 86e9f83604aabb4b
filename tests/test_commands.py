"""The commands of `flask`, as an operator runs them."""

import os
import subprocess
import sys

import pytest

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
