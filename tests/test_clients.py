"""Clients that others' generators make of the OpenAPI document: they compile, and do what the documentation does."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.client import Gunicorn, Tenant, openapi
from tests.node import CLIENTS, installed, needs_node, prepare, run

pytestmark = pytest.mark.not_on_citus("about clients in TypeScript, whatever the database")

DONE = {
    "tour": [
        "Hi Kim, it ships on Tuesday.",
        "approved",
        "sent",
        4,
        ["message", "draft", "action", "delivery", "message"],
    ],
    "desk": [
        *("running", "success", 9970, "relevant", 5500, True),
        *("posted", 5500, 1, 30),
    ],
    "pipeline": ["completed", 5, "Milk in bottles", ["Card 1"]],
}


@pytest.fixture
def folder(tmp_path: Path, gunicorn: Gunicorn) -> Path:
    """With the document, and what the generators and compilers need."""
    (tmp_path / "openapi.json").write_text(json.dumps(openapi(gunicorn.url)))
    prepare(tmp_path)
    for name in ("openapi-ts.config.mjs", ".spectral.yaml"):
        shutil.copy(CLIENTS / name, tmp_path)
    return tmp_path


def walk(folder: Path, tenant: Tenant, *command: str, **environment: str) -> Any:
    """What the client found out on its way through the documentation."""
    environment |= {
        "URL": tenant.service.url,
        "KEY": tenant.service.credential,
        "PERSON": tenant.users["agent"],
    }
    return json.loads(run(folder, *command, **environment).stdout)


def test_a_client_by_openapi_python_client(folder: Path, tenant: Tenant) -> None:
    generated = run(
        folder,
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", "openapi.json", "--output-path", "draftroom_client"),
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # of ruff
    )
    # It leaves out what it does not know: lines, of exports and of an import, which are no JSON document.
    unknown = "Unsupported content_type application/x-ndjson"
    assert generated.stderr.count(unknown) == 4
    assert "WARNING parsing POST /v1/resources/import" in generated.stderr
    assert generated.stderr.count("WARNING") == 5
    walked = walk(
        folder, tenant, sys.executable, str(CLIENTS / "walk.py"), PYTHONPATH=with_own_path(folder)
    )
    assert walked == DONE


def with_own_path(folder: Path) -> str:
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


@needs_node
def test_a_client_by_hey_api_with_zod(folder: Path, tenant: Tenant) -> None:
    run(folder, installed("openapi-ts"))
    assert compiled_and_walked(folder, tenant, "hey-api") == DONE


@needs_node
def test_a_client_with_the_types_of_openapi_typescript(folder: Path, tenant: Tenant) -> None:
    run(folder, installed("openapi-typescript"), "openapi.json", "-o", "openapi-typescript.gen.ts")
    assert compiled_and_walked(folder, tenant, "openapi-typescript") == DONE


def compiled_and_walked(folder: Path, tenant: Tenant, name: str) -> Any:
    shutil.copy(CLIENTS / f"{name}.ts", folder)
    run(folder, installed("tsc"))
    return walk(folder, tenant, "node", f"out/{name}.js")


@needs_node
def test_spectral_finds_no_error(folder: Path) -> None:
    run(folder, installed("spectral"), "lint", "openapi.json", "--fail-severity", "error")


@needs_node
def test_redocly_finds_no_error(folder: Path) -> None:
    run(folder, installed("redocly"), "lint", "openapi.json", "--extends", "recommended")
