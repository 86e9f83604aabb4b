"""Programs in TypeScript, with the packages of tests/clients, which `make test` installs where it finds npm."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.client import ROOT

CLIENTS = ROOT / "tests" / "clients"
PACKAGES = CLIENTS / "node_modules"

# Prisma wants to download an engine that its client does not need: a program that does nothing will do.
QUIET = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "CHECKPOINT_DISABLE": "1",
    "PRISMA_SCHEMA_ENGINE_BINARY": "/usr/bin/true",
    "NO_COLOR": "1",
}

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (PACKAGES / ".ready").exists(),
    reason="needs Node.js 20.19 or newer, and the packages that `make test` installs with npm",
)


def prepare(folder: Path) -> None:
    """Puts into the folder what a compiler needs."""
    (folder / "node_modules").symlink_to(PACKAGES)
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(CLIENTS / name, folder)


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program, which must succeed, and neither look for updates nor tell anyone what it does."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **QUIET, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def installed(name: str) -> str:
    return f"node_modules/.bin/{name}"
