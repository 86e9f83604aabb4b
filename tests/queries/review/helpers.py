"""Statements over tables of their own, and what a review finds in them."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.queries import Query
from service.queries.query import parse
from service.queries.review.rules import review
from service.queries.review.schema import Schema

Connection = psycopg.Connection[Any]

PATH = Path("sql/area/name.sql")

# Declared in the header of a statement that has them.
PARAMETERS = {
    "tenant_id": ("uuid", "'00000000-0000-7000-8000-0000000000aa'"),
    "other_id": ("uuid", "'00000000-0000-7000-8000-0000000000bb'"),
    "id": ("uuid", "'00000000-0000-7000-8000-000000000001'"),
    "text": ("text", "'x'"),
    "number": ("bigint", "9007199254740992"),
    "float": ("float8", "9007199254740992"),
    "after_name": ("text", "''"),
    "after_id": ("uuid", "'00000000-0000-0000-0000-000000000000'"),
    "limit": ("int", "10"),
}

SCRATCH = """
CREATE SCHEMA scratch;

CREATE TABLE scratch.items (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text,
    name text,
    n bigint,
    status text,
    parent_id uuid,
    code text,
    note text,
    slot text,
    email text,
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, n),
    UNIQUE (tenant_id, slot) DEFERRABLE
);
CREATE UNIQUE INDEX ON scratch.items (tenant_id, code) INCLUDE (note);
CREATE UNIQUE INDEX ON scratch.items (tenant_id, lower(email));
CREATE UNIQUE INDEX ON scratch.items (tenant_id, parent_id) WHERE status = 'pending';
CREATE UNIQUE INDEX ON scratch.items (tenant_id, kind)
WHERE status IN ('held', 'sent') AND deleted_at IS NULL;
ALTER TABLE scratch.items ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON scratch.items
USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE scratch.labels (id integer PRIMARY KEY, label text);
CREATE TABLE scratch.messages (id integer PRIMARY KEY);
CREATE TABLE scratch.parents (id integer PRIMARY KEY);
CREATE TABLE scratch.heirs () INHERITS (scratch.parents);

CREATE FUNCTION scratch.several() RETURNS SETOF integer LANGUAGE sql STABLE AS 'VALUES (1), (2)';
CREATE FUNCTION scratch.echo(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION scratch.label_of(integer) RETURNS text LANGUAGE plpgsql STABLE
AS 'BEGIN RETURN (SELECT l.label FROM scratch.labels AS l WHERE l.id = $1); END';
CREATE FUNCTION scratch.name_of(integer) RETURNS text LANGUAGE plpgsql STABLE
AS 'BEGIN RETURN upper(scratch.label_of($1)); END';
CREATE FUNCTION scratch.kind_of(tenant uuid, item uuid) RETURNS text LANGUAGE plpgsql STABLE
AS 'BEGIN RETURN (SELECT i.kind FROM scratch.items AS i WHERE i.tenant_id = tenant AND i.id = item); END';
CREATE FUNCTION scratch.transaction() RETURNS text LANGUAGE plpgsql STABLE
AS 'BEGIN RETURN pg_current_xact_id_if_assigned()::text; END';
CREATE FUNCTION scratch.transaction_of(tenant uuid) RETURNS text LANGUAGE plpgsql STABLE
AS 'BEGIN RETURN scratch.transaction(); END';
CREATE FUNCTION scratch.lock(tenant uuid) RETURNS void LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_advisory_xact_lock(hashtext(tenant::text)); END';
CREATE FUNCTION scratch.lock_all(tenant uuid) RETURNS void LANGUAGE plpgsql
AS 'BEGIN PERFORM scratch.lock(tenant); END';
CREATE FUNCTION scratch.count_all(tenant uuid) RETURNS bigint LANGUAGE plpgsql SET app.user_id = 'any'
AS 'BEGIN RETURN (SELECT count(*) FROM scratch.items AS i WHERE i.tenant_id = tenant); END';

INSERT INTO scratch.items (tenant_id, id, kind, name, n, status, parent_id, code, note)
SELECT
    '00000000-0000-7000-8000-0000000000aa',
    ('00000000-0000-7000-8000-00000000000' || id)::uuid,
    kind,
    name,
    n,
    status,
    ('00000000-0000-7000-8000-00000000000' || parent)::uuid,
    name,
    'same'
FROM (
    VALUES
    (1, 'a', 'x', 9007199254740992, 'held', 2),
    (2, 'a', 'y', 9007199254740993, 'pending', 1),
    (3, 'a', NULL, NULL, 'pend', 1),
    (4, 'b', NULL, NULL, 'pend', 1),
    (5, 'c', NULL, NULL, 'pending', 4)
) AS item (id, kind, name, n, status, parent);
INSERT INTO scratch.labels (id, label) VALUES (1, 'same'), (2, 'same');
INSERT INTO scratch.parents (id) VALUES (1);
INSERT INTO scratch.heirs (id) VALUES (1);
"""


def statements(text: str) -> Any:
    """A parametrization by statements: an empty line between them, comments before them."""
    found = [
        "\n".join(line for line in part.splitlines() if not line.startswith("--"))
        for part in text.strip().split("\n\n")
    ]
    return pytest.mark.parametrize(
        "text", found, ids=[" ".join(part.split())[:80] for part in found]
    )


def query(text: str, cardinality: str = "many", header: str = "") -> Query[Any]:
    used = re.findall(r"(?<!:):([a-z_]+)", text)
    declared = [
        f"-- param: {name} {type_} = {sample}\n"
        for name, (type_, sample) in PARAMETERS.items()
        if name in used
    ]
    source = f"-- name: area.name :{cardinality}\n-- Why.\n{''.join(declared)}{header}{text}"
    return parse(source, "area.name", PATH)


def errors(asked: Query[Any], schema: Schema) -> list[tuple[int, str]]:
    """With their lines in the statement, from 1; those of the header are on line 0."""
    return [
        (max(finding.line - asked.first_line + 1, 0), finding.message)
        for finding in review(asked, schema)
        if finding.severity == "error"
    ]


def marked(text: str) -> list[int]:
    """The lines at which something is to be found."""
    return [n for n, line in enumerate(text.split("\n"), start=1) if line.endswith("-- here")]


def prepare(connection: Connection, text: str) -> None:
    """That nothing is found in what is no statement would prove nothing."""
    prepared = connection.pgconn.prepare(b"", text.encode())
    assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, prepared.error_message


def rows(connection: Connection, asked: Query[Any]) -> int:
    """How many rows the statement returns of what is in the tables."""
    samples = [parameter.sample_value for parameter in asked.parameters.values()]
    with connection.transaction(force_rollback=True):
        return len(connection.execute(asked.text.encode(), samples).fetchall())
