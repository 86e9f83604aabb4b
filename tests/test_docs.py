"""The examples in the documentation run as they stand."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from service import embedded
from service.commands import demo
from service.commands.demo import TENANT_ID
from service.commands.run import DATABASE
from service.config import Settings
from service.errors import STATUS
from service.identity.permissions import DEFAULT_MEMBER_PERMISSIONS, PERMISSIONS
from service.queries.prepare import connect, misfits, wrong_samples
from service.queries.query import parse
from service.queries.review.rules import review
from service.queries.review.schema import read_schema
from tests import postgres
from tests.client import ROOT, free_port, wait_until
from tests.commands import SECRET_KEY, environment
from tests.postgres import Server
from tests.writer import Writer

OWN_DATABASE = pytest.mark.not_on_citus("make psql is for the database that make run makes")


class Running(NamedTuple):
    """A `make run` that answers."""

    port: int
    data: Path
    writer_url: str  # as app_rw


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Has a database of its own; on a cluster it is given one with the demo data."""
    data, port = Path(tempfile.mkdtemp(prefix="draftroom-")), free_port()
    data.chmod(0o711)
    given = _given(request, data) if postgres.on_cluster() else {}
    process = subprocess.Popen(
        ["make", "run", f"PORT={port}", f"DATA_DIR={data}"],
        cwd=ROOT,
        env={**os.environ, **given},
        start_new_session=True,
    )
    try:
        wait_until(lambda: (data / "demo-key").exists() or process.poll() is not None)
        wait_until(lambda: _answers(port))
        yield Running(port, data, given.get("DATABASE_URL") or _own_url(data))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
        shutil.rmtree(data)


def _given(request: pytest.FixtureRequest, data: Path) -> dict[str, str]:
    server, name = request.getfixturevalue("server"), request.getfixturevalue("clone")("tours")
    settings = Settings(database_url=server.url("app_rw", name), secret_key=SECRET_KEY)
    key = demo.load(settings)
    assert key
    (data / "demo-key").write_text(key)
    return environment(settings) | {"DIRECT_URL": server.direct_url(name)}


def _own_url(data: Path) -> str:
    server = embedded.attach(data / "postgres")
    assert server
    return server.url("app_rw", DATABASE)


def _answers(port: int) -> bool:
    done = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/readyz"], capture_output=True)
    return done.returncode == 0


def example(document: str, language: str, containing: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    [found] = [block for block in blocks if containing in block]
    return str(found)


def run(script: str, running: Running) -> list[str]:
    """What an example of the documentation prints, line by line."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**os.environ, "PORT": str(running.port), "DATA_DIR": str(running.data)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_the_tour_in_the_readme_runs_as_often_as_one_likes(running: Running) -> None:
    for _ in range(2):
        said = run(example("README.md", "sh", "intake/messages"), running)
        suggested, operations, status, distance, *timeline = said
        assert suggested == "Hi Kim, it ships on Tuesday."
        assert "{'op': 'insert', 'text': 'Friday'}" in operations
        assert (status, distance) == ("sent", "4")
        assert "".join(timeline).count('"kind":"message"') == 2


def test_the_studio_runs_as_documented(running: Running) -> None:
    for turn in (1, 2):
        said = run(example("docs/studio.md", "sh", "api generations"), running)
        assert said == [
            *("FREE", "['#smarthome', '#toast']"),
            *("True", "1", "The toaster that knows you"),
            *("tech", "smart kitchens"),
            *("smart kitchens", "None"),
            "completed",
            "1",
            *("act.", "posted"),
            *("done", "1.5"),
            "45.5",
            str(turn),
            *("0.8", "45.5"),
            "1",
        ]


def test_the_library_runs_as_documented(running: Running) -> None:
    for _ in range(2):
        said = run(example("docs/library.md", "sh", "api resource-runs"), running)
        assert said == [
            "Kim Gardner",
            *("2", "False", "Gardeners", "[]"),
            *("True", "[]", "2"),
            *("1", "1.1.0", "Routine"),
            "8",
            *("True", "False"),
            *("True", "1", "1", "8"),
            *("1", "in_progress", "completed", "completed", "[{'key': 'litres', 'value': 8}]"),
            "completed",
            *("450000.0", "2", "1"),
            *("skipped", "VALIDATION"),
            *("2", "STALE"),
            *("2", "[]", "2"),
            "2",
            *("completed", "2"),
        ]


def test_the_permissions_of_the_library_page_are_those_of_a_team() -> None:
    text = (ROOT / "docs/library.md").read_text()
    named = re.findall(r"^\| `([a-z]+-[a-z]+)` \|.*\| (yes)? ?\|$", text, re.MULTILINE)
    assert [name for name, _ in named] == list(PERMISSIONS)
    assert [name for name, usual in named if usual] == DEFAULT_MEMBER_PERMISSIONS


@pytest.mark.parametrize("document", ["docs/studio.md", "docs/library.md"])
def test_the_codes_in_the_tours_are_those_of_the_service(document: str) -> None:
    named = re.findall(r"(\d{3}) `([A-Z_]+)`", (ROOT / document).read_text())
    assert len(named) > 5
    assert {(code, int(status)) for status, code in named} <= STATUS.items()


def test_the_reply_desk_runs_as_documented(running: Running) -> None:
    for turn in (1, 2):
        said = run(example("docs/reply-desk.md", "sh", "tweets/batch"), running)
        assert said == [
            *("running", "success"),
            *(str(10_000 - 30 * turn), "done", "relevant"),
            *("5500", "True"),
            *("drafted", "posted"),
            *(str(5500 * turn), "1", str(30 * turn)),
        ]


@OWN_DATABASE
def test_psql_opens_a_query_and_keeps_nothing_by_itself(running: Running) -> None:
    def opened(query: str, then: str) -> str:
        done = subprocess.run(
            ["make", "--silent", "psql", f"q={query}", f"DATA_DIR={running.data}"],
            cwd=ROOT,
            input=then,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    shown = opened("inbox.list_conversations", "SELECT 'limit ' || :limit, :after_id;")
    assert "TICKET-122" in shown
    assert "A transaction is open" in shown
    assert "limit 30 | ffffffff-ffff-ffff-ffff-ffffffffffff" in shown

    elsewhere = r"\set external_id '''elsewhere'''" + "\n" + r"\i sql/inbox/ensure_channel.sql"
    count = "\nSELECT count(*) || ' there' FROM inbox.channels WHERE external_id = 'elsewhere';"
    assert "1 there" in opened("inbox.ensure_channel", elsewhere + count)
    assert "0 there" in opened("inbox.list_channels", count)


@OWN_DATABASE
def test_psql_knows_which_queries_there_are(running: Running) -> None:
    done = subprocess.run(
        ["make", "--silent", "psql", "q=inbox.nothing", f"DATA_DIR={running.data}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("There is no query inbox.nothing\n")


def test_another_writer_writes_as_the_documentation_says(running: Running) -> None:
    with Writer.connect(running.writer_url, autocommit=True) as connection:
        connection.execute(example("docs/sql.md", "sql", "nightly import").encode())
        connection.set("app.tenant_id", TENANT_ID)
        with connection.transaction():
            found = connection.execute(
                """
                SELECT d.version, d.status
                FROM drafts.drafts AS d
                INNER JOIN inbox.conversations AS c
                    ON (c.tenant_id, c.id) = (%(tenant_id)s, d.conversation_id)
                WHERE d.tenant_id = %(tenant_id)s AND c.external_id = 'TICKET-123'
                ORDER BY d.version
                """,
                {"tenant_id": TENANT_ID},
            ).fetchall()
    assert found == [(1, "superseded"), (2, "pending")]


def test_the_query_in_the_documentation_is_right(settings: Settings) -> None:
    text = example("docs/sql.md", "sql", "-- name: inbox.get_message")
    query = parse(text, "inbox.get_message", Path("sql/inbox/get_message.sql"))
    assert settings.database_url
    with connect(settings.database_url) as connection:
        assert [*misfits(connection, [query]), *wrong_samples(connection, query)] == []
        assert review(query, read_schema(connection)) == []


def test_env_example_names_every_setting() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name.upper() for name in Settings.__dataclass_fields__} <= named


def test_a_commit_is_checked_by_what_checks_all() -> None:
    config = ROOT / ".pre-commit-config.yaml"
    hooks = re.findall(r"^ +entry: make (\S+)$", config.read_text(), re.MULTILINE)
    checks = re.search(r"^check: (.*?) ##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert checks
    assert hooks == checks[1].split()
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", config], check=True)


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *map(str, Path("docs").glob("*.md"))]
)
def test_links_and_make_targets_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    for link in re.findall(r"\]\((?!https:)([^)#]+)\)", text):
        assert ((ROOT / document).parent / link).exists(), link
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets


@pytest.mark.not_on_citus("there a restrictive policy is permissive, as docs/scale-out.md says")
def test_a_role_of_the_security_page_sees_its_tenant_and_no_other(
    server: Server, clone: Callable[[str], str]
) -> None:
    name = clone("a_tenants_reader")
    other = "0190d3a0-0000-7000-8000-000000000002"
    superuser_url = server.url("postgres", name)
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        for tenant_id in (TENANT_ID, other):
            superuser.execute(
                "INSERT INTO identity.tenants (id, name) VALUES (%s, 'T')", [tenant_id]
            )
            superuser.execute(
                "INSERT INTO inbox.channels (tenant_id, type, external_id, name)"
                " VALUES (%s, 'email', 'mailbox', 'Mailbox')",
                [tenant_id],
            )
        try:
            superuser.execute(example("docs/security.md", "sql", "AS RESTRICTIVE").encode())
            bound = superuser.execute(
                "SELECT count(*) FROM pg_policies WHERE %s = ANY (roles)", ["acme_reader"]
            ).fetchone()
            readable = superuser.execute(
                "SELECT count(*) FROM information_schema.table_privileges WHERE grantee = %s",
                ["acme_reader"],
            ).fetchone()
            assert bound == readable
            with psycopg.connect(server.url("acme_reader", name), autocommit=True) as reader:
                seen = "SELECT tenant_id::text FROM inbox.channels"
                assert reader.execute(seen).fetchall() == [(TENANT_ID,)]
                reader.execute("SELECT set_config('app.tenant_id', %s, false)", [other])
                assert reader.execute(seen).fetchall() == []
                for statement in ("SET ROLE app_ro", "DELETE FROM inbox.channels"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        reader.execute(statement.encode())
        finally:
            superuser.execute("DROP OWNED BY acme_reader")
            superuser.execute("DROP ROLE acme_reader")
