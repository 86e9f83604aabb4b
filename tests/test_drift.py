"""`flask db drift`, against a database that was changed by hand."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from service.config import Settings
from tests.client import ROOT
from tests.commands import environment, flask
from tests.postgres import PROGRAMS, Server

pytestmark = pytest.mark.not_on_citus("flask db drift is for one PostgreSQL")

Drift = Callable[..., str]
SAME = "The database has the schema of the migrations."
PATH = f"{PROGRAMS}:{os.environ['PATH']}"


@pytest.fixture
def drift(server: Server, settings: Settings, clone: Callable[[str], str]) -> Drift:
    """Runs the command on a database, with a shadow database unless told otherwise; what it printed."""
    server.create("shadow")
    shadow = server.direct_url("shadow")

    def run(database: str, code: int, shadow_url: str = shadow) -> str:
        given = environment(settings) | {
            "DIRECT_URL": server.direct_url(database),
            "SHADOW_DATABASE_URL": shadow_url,
            "PATH": PATH,
            "LOG_LEVEL": "",  # as it is by default
        }
        done = flask(given, "db", "drift")
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return run


def test_what_was_changed_by_hand_is_shown(
    drift: Drift, server: Server, clone: Callable[[str], str]
) -> None:
    name = clone("drifted")
    assert drift(name, 0).strip() == SAME
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("CREATE TABLE studio.elsewhere (id uuid)")
        owner.execute("DROP POLICY tenant_isolation ON inbox.channels")
        owner.execute("GRANT DELETE ON drafts.drafts TO app_rw")
    told = drift(name, 1)
    assert "+CREATE TABLE studio.elsewhere (" in told
    assert "-CREATE POLICY tenant_isolation ON inbox.channels" in told
    assert "-GRANT SELECT,INSERT,UPDATE ON TABLE drafts.drafts TO app_rw;" in told
    assert "+GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.drafts TO app_rw;" in told
    # The months have partitions of their own in every database.
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("DROP TABLE studio.elsewhere")
        owner.execute("REVOKE DELETE ON drafts.drafts FROM app_rw")
        owner.execute(
            "CREATE POLICY tenant_isolation ON inbox.channels"
            " USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)"
        )
        owner.execute("SELECT operations.make_partitions('2001-01-01', '2001-03-01')")
    assert drift(name, 0).strip() == SAME


def test_a_restored_database_has_the_schema_of_the_migrations(
    drift: Drift, server: Server, clone: Callable[[str], str], tmp_path: Path
) -> None:
    dump, name = str(tmp_path / "draftroom.dump"), "restored"
    server.create(name)
    for arguments in (
        ("dump", server.url("app_backup", clone("dumped")), dump),
        ("restore", dump, server.url("postgres", name)),
    ):
        backup = [sys.executable, "-m", "service.commands.backup", *arguments]
        subprocess.run(backup, cwd=ROOT, env={**os.environ, "PATH": PATH}, check=True)
    assert drift(name, 0).strip() == SAME
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("DROP INDEX inbox.conversations_status")
    _, _, *told = [line for line in drift(name, 1).splitlines() if re.match(r"[+-].", line)]
    assert told == [
        "-CREATE INDEX conversations_status ON inbox.conversations USING btree (tenant_id, status, id);"
    ]


def test_a_shadow_with_something_in_it_is_left_alone(
    drift: Drift, server: Server, clone: Callable[[str], str]
) -> None:
    name = clone("shadowed")
    assert "the shadow database is not empty" in drift(name, 1, server.direct_url(name))
    with psycopg.connect(server.url("app_owner", name)) as owner:
        owner.execute("SELECT FROM identity.tenants")
    wrong = drift(name, 1, server.url("app_owner", "shadow"))
    assert "SHADOW_DATABASE_URL is wrong" in wrong


def test_the_embedded_postgresql_is_a_shadow_too(
    drift: Drift, server: Server, clone: Callable[[str], str]
) -> None:
    name = clone("without_a_shadow")
    if server.version in (16, 18):
        assert "has the schema" in drift(name, 0, "")
    else:
        assert "name an empty database" in drift(name, 1, "")
