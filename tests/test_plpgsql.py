"""The functions in plpgsql, as the extension plpgsql_check reads them: PostgreSQL itself looks only at what is run."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus(
    "reads the functions of the migrations, which are the same everywhere"
)

Connection = psycopg.Connection[Any]

# What is found and is as it should be.
KNOWN = {
    # Their parts are quoted, each by a format() of its own, or are expressions of the catalog: the defaults of columns.
    f"{function}: text type variable is not sanitized: The EXECUTE expression is SQL injection vulnerable."
    for function in (
        "operations.create_recorder(regclass,text,text[],text[],text[])",
        "operations.index_words(regclass,regclass,text[],regconfig,boolean)",
        "operations.protect(regclass,text,text[],text[],text[],text[],text[],text[],text[],text[],boolean,boolean,boolean)",
    )
} | {
    # It says where the function is evaluated: where the tenant's rows are.
    'operations.horizon(uuid): unused parameter "tenant_id"'
}

# A trigger's function is read once for each table that it is on, and a function that is on none, once.
# What dynamic SQL returns nobody can tell.
FINDINGS = """
    SELECT
        p.oid::regprocedure::text || coalesce(' on ' || t.tgrelid::regclass::text, '')
            || coalesce(', line ' || f.lineno, '') || ': ' || f.message || coalesce(': ' || f.detail, '') AS found
    FROM pg_proc AS p
    INNER JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
    LEFT OUTER JOIN (
        SELECT DISTINCT tgfoid, tgrelid, tgoldtable, tgnewtable FROM pg_trigger WHERE NOT tgisinternal
    ) AS t ON t.tgfoid = p.oid
    CROSS JOIN LATERAL plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, all_warnings => true,
        oldtable => t.tgoldtable, newtable => t.tgnewtable
    ) AS f
    WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'public')
        AND (p.prorettype <> 'trigger'::regtype OR t.tgrelid IS NOT NULL)
        AND coalesce(f.detail, '') NOT LIKE '%dynamic SQL'
    ORDER BY found
"""


@pytest.fixture(scope="module")
def connection(server: Server, clone: Callable[[str], str]) -> Iterator[Connection]:
    """A superuser's, on a migrated database."""
    url = server.url("postgres", clone("functions"))
    with psycopg.connect(url, autocommit=True) as opened:
        try:
            opened.execute("CREATE EXTENSION plpgsql_check SCHEMA public")
        except psycopg.errors.FeatureNotSupported:
            pytest.skip(
                "the server has no plpgsql_check: see DRAFTROOM_TEST_URL in CONTRIBUTING.md"
            )
        yield opened


def findings(connection: Connection) -> list[str]:
    return [found for (found,) in connection.execute(FINDINGS).fetchall()]


def test_nothing_is_wrong_with_the_functions_of_the_migrations(connection: Connection) -> None:
    assert {re.sub(r", line \d+:", ":", found) for found in findings(connection)} == KNOWN


def test_every_trigger_function_is_on_a_table(connection: Connection) -> None:
    """On none it would not be read, nor run."""
    assert (
        connection.execute(
            """
            SELECT p.oid::regprocedure::text
            FROM pg_proc AS p
            WHERE p.prorettype = 'trigger'::regtype
                AND p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'public')
                AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid)
            """
        ).fetchall()
        == []
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("BEGIN NEW.subjekt := 'a'; RETURN NEW; END", 'record "new" has no field "subjekt"'),
        ("DECLARE n int; BEGIN RETURN NEW; END", 'unused variable "n"'),
        (
            "BEGIN PERFORM 1 FROM inbox.nothing; RETURN NEW; END",
            'relation "inbox.nothing" does not exist',
        ),
        (
            "BEGIN EXECUTE 'SELECT ' || NEW.subject; RETURN NEW; END",
            "text type variable is not sanitized",
        ),
    ],
)
def test_what_is_wrong_in_a_trigger_is_found(
    connection: Connection, body: str, message: str
) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(
            f"CREATE FUNCTION inbox.wrong() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
        connection.execute(
            "CREATE TRIGGER wrong BEFORE INSERT ON inbox.messages"
            " FOR EACH ROW EXECUTE FUNCTION inbox.wrong()"
        )
        found = [one for one in findings(connection) if one.startswith("inbox.wrong()")]
    assert found
    assert f"inbox.wrong() on inbox.messages, line 1: {message}" in "\n".join(found)
