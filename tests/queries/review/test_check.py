"""`flask sql check`, as a compiler: what it finds, and where."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service import create_app
from service.caller import enter_to_explain
from service.commands.sql import returned
from service.config import Settings
from service.queries import QueryError
from service.queries.prepare import connect
from service.queries.review.check import check, check_against
from tests.client import ROOT
from tests.commands import environment, flask
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus("flask sql check is for one PostgreSQL")

HEAD = "-- name: area.name :many\n-- Why.\n"
USED = "from service.queries import queries\n\nqueries.area.name\n"


@pytest.fixture(scope="module")
def connection(server: Server, clone: Callable[[str], str]) -> Iterator[Any]:
    with connect(server.url("app_rw", clone("checked"))) as opened:
        yield opened


def found_in(
    connection: psycopg.Connection[Any], folder: Path, files: dict[str, str], code: str = USED
) -> list[str]:
    """What is found in a project that holds these queries and this code."""
    for name, text in files.items():
        path = folder / "sql" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "service").mkdir()
    (folder / "service" / "__init__.py").touch()
    (folder / "service" / "code.py").write_text(code)
    return [
        str(finding)
        for finding in check(connection, enter_to_explain(), {}, folder / "sql", folder / "service")
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            HEAD + "SELECT\n    s.entity,\n    s.nome\nFROM operations.status_transitions AS s",
            5,
            "error: column s.nome does not exist",
        ),
        (
            HEAD + "\nSELECT\n    1\nFROM identity.nothing",
            6,
            'error: relation "identity.nothing" does not exist',
        ),
        (HEAD + "\n-- Not one.\nSELECT 'é:x',\n    now() + 2", 6, "error: operator does not exist"),
        (
            HEAD + "-- param: a int = 1\n-- param: b int = 'x'\nSELECT :a + :b",
            4,
            "error: sample of b: invalid input syntax",
        ),
        (
            HEAD + "-- param: a int = NULL\nSELECT :a",
            3,
            "error: sample of a: NULL, but the type is not declared as NULL",
        ),
        (
            HEAD + "-- not null: a, c\nSELECT 1 AS a, 2 AS b",
            1,
            "error: not null: there is no column c",
        ),
        (
            "-- name: area.name :page\n-- Why.\n-- param: after_id int = 0\n-- param: limit int = 1\n"
            "SELECT :after_id AS other\nLIMIT :limit",
            6,
            "error: column result.id does not exist",
        ),
        (HEAD + "SELECT c.id\nFROM inbox.channels AS c", 4, "error: "),
    ],
)
def test_it_points_to_the_line(
    connection: psycopg.Connection[Any], tmp_path: Path, text: str, line: int, message: str
) -> None:
    found = found_in(connection, tmp_path, {"area/name": text})
    assert any(f.startswith(f"sql/area/name.sql:{line}: {message}") for f in found), found


def test_what_is_right_is_not_found(connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    assert found_in(connection, tmp_path, {"area/name": HEAD + "SELECT 1 AS one"}) == []


def test_a_file_that_nothing_uses_and_a_name_without_a_file(
    connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    found = found_in(
        connection,
        tmp_path,
        {
            "area/name": HEAD + "SELECT 1 AS one",
            "area/other": "-- name: area.other :many\n-- Why.\nSELECT 2 AS two",
        },
        USED + "\n\ndef use() -> None:\n    queries.area.nome()\n    queries.place.name()\n",
    )
    assert found == [
        "service/code.py:7: error: there is no query area.nome",
        "service/code.py:8: error: there is no query place.name",
        "sql/area/other.sql:1: error: nothing uses area.other",
    ]


def test_a_file_that_is_no_query_is_named_with_its_line(
    connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    with pytest.raises(QueryError, match=r"sql/area/name\.sql:3: parameter a is not declared"):
        found_in(connection, tmp_path, {"area/name": HEAD + "SELECT :a"})


def test_a_constraint_that_no_message_explains(
    server: Server, clone: Callable[[str], str], tmp_path: Path
) -> None:
    name = clone("silent_constraint")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("COMMENT ON CONSTRAINT channels_type_check ON inbox.channels IS NULL")
    with connect(server.url("app_rw", name)) as connection:
        [found] = found_in(connection, tmp_path, {"area/name": HEAD + "SELECT 1 AS one"})
    path, line, severity, message = found.split(":", 3)
    assert "channels_type_check" in (ROOT / path).read_text().split("\n")[int(line) - 1]
    assert (severity, "channels_type_check" in message) == (" error", True)


def test_the_service_passes_without_a_warning(
    connection: psycopg.Connection[Any], settings: Settings
) -> None:
    app = create_app(settings)
    try:
        assert check(connection, enter_to_explain(), returned(app)) == []
    finally:
        app.extensions["draftroom"].database.close()


# Old code, new schema ------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a release of the queries, and a later commit without them."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", tmp_path, *identity, *arguments], check=True)

    git("init", "--quiet")
    shutil.copytree(ROOT / "sql", tmp_path / "sql")
    git("add", "sql")
    git("commit", "--quiet", "--message", "Release")
    git("tag", "v1.0.0")
    shutil.rmtree(tmp_path / "sql")
    git("commit", "--quiet", "--all", "--message", "Later")
    return tmp_path


def test_the_queries_of_a_release_fit_a_schema_that_only_grew(
    connection: psycopg.Connection[Any], repository: Path
) -> None:
    assert check_against(connection, "v1.0.0", repository) == []


def test_a_column_that_a_release_still_reads_is_found(
    server: Server, clone: Callable[[str], str], repository: Path
) -> None:
    name = clone("dropped_column")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as owner:
        owner.execute("ALTER TABLE inbox.attachments DROP COLUMN url")
    with connect(server.url("app_rw", name)) as connection:
        found = check_against(connection, "v1.0.0", repository)
    told = {str(finding.path): finding for finding in found}["sql/inbox/attach_to_draft.sql"]
    assert told.severity == "error"
    assert told.message == 'column "url" of relation "attachments" does not exist'


def test_a_revision_that_git_does_not_know(
    connection: psycopg.Connection[Any], repository: Path
) -> None:
    with pytest.raises(QueryError, match=r"v9\.9\.9"):
        check_against(connection, "v9.9.9", repository)


# As a command --------------------------------------------------------------------------------------


def test_the_command_passes_on_the_migrated_schema(settings: Settings) -> None:
    done = flask(environment(settings), "sql", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "queries are right" in done.stdout


def test_the_command_fails_with_what_it_found(
    settings: Settings, server: Server, clone: Callable[[str], str]
) -> None:
    name = clone("renamed_column")
    with psycopg.connect(server.url("app_owner", name), autocommit=True) as connection:
        connection.execute("ALTER TABLE inbox.attachments RENAME COLUMN url TO link")
    done = flask(
        environment(replace(settings, database_url=server.url("app_rw", name))), "sql", "check"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "sql/inbox/attach_to_draft.sql:" in done.stderr
    assert 'error: column "url" of relation "attachments" does not exist' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", [[], ["--against", "no-such-revision"]])
def test_the_command_says_what_kept_it_from_checking(settings: Settings, option: list[str]) -> None:
    away = replace(settings, database_url="postgresql://app_rw@127.0.0.1:1/nowhere")
    done = flask(environment(settings if option else away), "sql", "check", *option)
    assert done.returncode == 1
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
