"""What docs/prisma.md says to those who come from Prisma: its commands run, and its codes are those of the service."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.config import Settings
from service.errors import STATUS
from tests.client import ROOT
from tests.commands import environment
from tests.postgres import PROGRAMS, Server

pytestmark = pytest.mark.not_on_citus("its commands are for one PostgreSQL")

PAGE = (ROOT / "docs/prisma.md").read_text()
[SCRIPT] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = SCRIPT.splitlines()


@pytest.fixture(scope="module")
def environ(server: Server, settings: Settings, clone: Callable[[str], str]) -> dict[str, str]:
    """The settings that the page names, for a database and an empty one."""
    database = clone("from_prisma")
    server.create("prisma_shadow")
    direct, shadow = (server.direct_url(name) for name in (database, "prisma_shadow"))
    return {
        **os.environ,
        **environment(settings),
        "DATABASE_URL": server.url("app_rw", database),
        "DIRECT_URL": direct,
        "SHADOW_DATABASE_URL": shadow,
        "PATH": f"{Path(sys.executable).parent}:{PROGRAMS}:{os.environ['PATH']}",
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_as_it_stands(command: str, environ: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 5


def test_its_codes_are_those_of_the_service() -> None:
    named = {(code, int(status)) for status, code in re.findall(r"(\d{3}) `([A-Z_]+)`", PAGE)}
    assert len(named) > 3
    assert named <= STATUS.items()


def test_its_make_targets_and_settings_are_there() -> None:
    makefile, example = (ROOT / "Makefile").read_text(), (ROOT / ".env.example").read_text()
    for target in set(re.findall(r"`make ([a-z-]+)`", PAGE)):
        assert f"\n{target}:" in makefile
    urls = ("DATABASE_URL", "DATABASE_URL_RO", "DIRECT_URL", "SHADOW_DATABASE_URL")
    for name in (*urls, "POOL_SIZE", "POOL_TIMEOUT"):
        assert name in PAGE
        assert f"\n{name}=" in example or f"\n# {name}=" in example
