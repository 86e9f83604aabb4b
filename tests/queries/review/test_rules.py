"""What is found by reading a query file; and that no statement is proven to be one row that returns several."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service import embedded
from service.queries import Query, load
from service.queries.findings import Finding
from service.queries.query import parse
from service.queries.review.rules import review
from service.queries.review.schema import Schema, read_schema, unexplained_constraints

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


@pytest.fixture(scope="module")
def connection(server: embedded.Server, clone: Callable[[str], str]) -> Iterator[Connection]:
    """A superuser's, whom row-level security does not hold, on a migrated database with one schema more."""
    url = server.url("postgres", clone("review_rules"))
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor) as opened:
        opened.execute(SCRATCH)
        yield opened


@pytest.fixture(scope="module")
def schema(connection: Connection) -> Schema:
    return read_schema(connection)


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


# The tenant ------------------------------------------------------------------------------------------


@statements("""
SELECT i.id
FROM scratch.items AS i -- here

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.id = :id

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id = :other_id

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id = '00000000-0000-7000-8000-0000000000aa'

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id <> :tenant_id

SELECT i.id
FROM scratch.items AS i -- here
WHERE NOT i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id = :tenant_id OR i.id = :id

SELECT i.id
FROM scratch.items AS i -- here
WHERE (i.tenant_id = :tenant_id) IS NOT TRUE

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id = ANY (ARRAY[:tenant_id, i.tenant_id])

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.tenant_id = coalesce(i.id, :tenant_id)

SELECT i.id
FROM scratch.items AS i -- here
WHERE i.id = :tenant_id

SELECT i.id, i.tenant_id = :tenant_id
FROM scratch.items AS i -- here

SELECT i.tenant_id
FROM scratch.items AS i -- here
GROUP BY i.tenant_id
HAVING i.tenant_id = :tenant_id

-- Without a qualifier it is of the one table that there is; with several it must have one.
SELECT i.id
FROM scratch.items AS i -- here
CROSS JOIN scratch.labels AS l
WHERE tenant_id = :tenant_id

-- Locations are in characters, whatever they are in UTF-8 or UTF-16.
SELECT 'é🐘é🐘é🐘'
/* 🐘 */ FROM
-- é
scratch.items AS i -- here

-- Columns with other names: this tenant_id is the sixth.
SELECT i.id
FROM scratch.items AS i (id, a, b, c, d, tenant_id) -- here
WHERE i.tenant_id = :tenant_id::text

SELECT i.id
FROM scratch.items AS i
INNER JOIN scratch.items AS j ON j.tenant_id = i.tenant_id -- here
WHERE i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.items AS i
INNER JOIN scratch.items AS j USING (tenant_id) -- here
WHERE i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.items AS i -- here
NATURAL JOIN scratch.items AS j
WHERE j.tenant_id = :tenant_id

SELECT i.id
FROM
    scratch.items AS i,
    scratch.items AS j -- here
WHERE i.tenant_id = :tenant_id

-- An outer join keeps the rows of the one side, whatever its condition is.
SELECT i.id
FROM scratch.items AS i -- here
LEFT JOIN scratch.labels AS l ON i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.labels AS l
RIGHT JOIN scratch.items AS i ON i.tenant_id = :tenant_id -- here

SELECT i.id
FROM scratch.labels AS l
FULL JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND l.id = 1 -- here

SELECT i.id
FROM scratch.items AS i -- here
FULL JOIN scratch.labels AS l ON i.tenant_id = :tenant_id AND l.id = 1

SELECT l.id
FROM (
    scratch.items AS i -- here
    LEFT JOIN scratch.labels AS l ON i.tenant_id = :tenant_id
) INNER JOIN scratch.labels AS m ON m.id = l.id

-- A join with a name hides those within: the condition is for the other table.
SELECT i.id
FROM (
    (SELECT 1 AS x) AS one
    CROSS JOIN scratch.items AS i -- here
) AS j
CROSS JOIN scratch.items AS i
WHERE i.tenant_id = :tenant_id

-- Conditions are for the tables of their own level.
SELECT (
    SELECT max(j.name)
    FROM scratch.items AS j -- here
    WHERE j.tenant_id = i.tenant_id
)
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND EXISTS (
    SELECT 1
    FROM scratch.items AS j -- here
    WHERE i.tenant_id = :tenant_id
)

SELECT items.id
FROM scratch.items
WHERE items.tenant_id = :tenant_id AND EXISTS (
    SELECT 1
    FROM scratch.items AS i -- here
    WHERE scratch.items.tenant_id = :tenant_id
)

SELECT s.id
FROM (
    SELECT i.id, i.tenant_id
    FROM scratch.items AS i -- here
) AS s
WHERE s.tenant_id = :tenant_id

SELECT s.id
FROM scratch.items AS i -- here
CROSS JOIN LATERAL (SELECT i.id WHERE i.tenant_id = :tenant_id) AS s

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id
UNION ALL
SELECT i.id FROM scratch.items AS i -- here

SELECT 1 ORDER BY (
    SELECT i.id FROM scratch.items AS i -- here
)

SELECT 1 AS a ORDER BY a LIMIT (
    SELECT count(*) FROM scratch.items AS i -- here
)

SELECT x FROM unnest(ARRAY(
    SELECT i.id FROM scratch.items AS i -- here
)) AS x

SELECT l.id FROM scratch.labels AS l TABLESAMPLE system ((
    SELECT i.n FROM scratch.items AS i -- here
))

SELECT i.id
FROM scratch.items AS i TABLESAMPLE system (1) -- here

SELECT i.id
FROM ONLY scratch.items AS i -- here

SELECT t.name
FROM identity.tenants AS t -- here

-- A common table expression is none for a name with a schema, outside its statement, before it, or as a target.
WITH items AS (SELECT 1 AS id)
SELECT i.id
FROM scratch.items AS i -- here

WITH a AS (
    WITH items AS (SELECT 1 AS id) SELECT items.id FROM items
)
SELECT a.id
FROM a
CROSS JOIN items -- here

WITH a AS (
    SELECT items.id FROM items -- here
), items AS (SELECT 1 AS id)
SELECT a.id FROM a

WITH items AS (
    SELECT items.id FROM items -- here
)
SELECT items.id FROM items

WITH items AS (SELECT 1 AS id)
UPDATE items AS i -- here
SET name = ''
RETURNING i.id

WITH items AS (SELECT 1 AS id)
INSERT INTO items AS i (id) -- here
VALUES (:id)
RETURNING i.id

UPDATE scratch.items AS i -- here
SET name = ''
WHERE i.id = :id
RETURNING i.id

UPDATE scratch.items AS i
SET name = ''
FROM scratch.items AS j -- here
WHERE i.tenant_id = :tenant_id AND j.id = i.id
RETURNING i.id

DELETE FROM scratch.items AS i -- here
WHERE i.id = :id
RETURNING i.id

DELETE FROM scratch.labels AS l
USING scratch.items AS i -- here
WHERE l.label = i.name
RETURNING l.id

INSERT INTO scratch.items AS i (id) -- here
VALUES (:id)
RETURNING i.id

INSERT INTO scratch.items AS i -- here
VALUES (:tenant_id, :id)
RETURNING i.id

INSERT INTO scratch.items AS i DEFAULT VALUES -- here
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id) -- here
VALUES (:id, :tenant_id)
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id) -- here
VALUES (DEFAULT, :id)
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id) -- here
VALUES (:tenant_id, :id), (:id, :id)
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id) -- here
SELECT j.tenant_id, :id FROM scratch.items AS j WHERE j.tenant_id = :tenant_id
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id) -- here
SELECT :tenant_id, :id UNION ALL SELECT :id, :id
RETURNING i.id

INSERT INTO identity.tenants AS t (id, name) -- here
VALUES (:id, 'x')
RETURNING t.id
""")
def test_a_tenants_table_without_its_tenant_is_found(schema: Schema, text: str) -> None:
    [(line, message)] = errors(query(text), schema)
    assert [line] == marked(text)
    assert re.match(r"(scratch\.items: .*tenant_id|identity\.tenants: .*id)", message)


@statements("""
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i WHERE :tenant_id = i.tenant_id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id::text::uuid

SELECT items.id FROM scratch.items WHERE items.tenant_id = :tenant_id

SELECT items.id FROM scratch.items WHERE scratch.items.tenant_id = :tenant_id

SELECT id FROM scratch.items WHERE tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i WHERE (i.n > 1 OR i.n < 0) AND (i.n <> 2 AND (i.tenant_id = :tenant_id))

SELECT i.id FROM scratch.items AS i TABLESAMPLE system (1) WHERE i.tenant_id = :tenant_id

SELECT t.name FROM identity.tenants AS t WHERE t.id = :tenant_id

-- Shared tables, also one with the name of a tenants' table elsewhere.
SELECT m.id FROM scratch.messages AS m

SELECT l.id FROM scratch.labels AS l

SELECT c.relname FROM pg_catalog.pg_class AS c

SELECT i.id
FROM scratch.items AS i
INNER JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.id = i.parent_id
WHERE i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i INNER JOIN scratch.labels AS l ON i.tenant_id = :tenant_id

-- Of an outer join's other side only rows that fulfil the condition take part.
SELECT i.id FROM scratch.labels AS l LEFT JOIN scratch.items AS i ON i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i RIGHT JOIN scratch.labels AS l ON i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i FULL JOIN scratch.labels AS l ON i.n = l.id WHERE i.tenant_id = :tenant_id

SELECT i.id
FROM scratch.labels AS l
LEFT JOIN (scratch.items AS i CROSS JOIN scratch.items AS j) ON i.tenant_id = :tenant_id AND j.tenant_id = :tenant_id

SELECT l.id
FROM scratch.labels AS m
LEFT JOIN (scratch.items AS i LEFT JOIN scratch.labels AS l ON l.label = i.name) ON i.tenant_id = :tenant_id

SELECT j.id FROM (scratch.items AS i INNER JOIN (SELECT 1 AS x) AS s ON i.tenant_id = :tenant_id) AS j

SELECT s.id
FROM scratch.labels AS l
CROSS JOIN LATERAL (SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.n = l.id) AS s

-- A common table expression is no table, wherever it is in scope.
WITH items AS (SELECT 1 AS id) SELECT items.id FROM items

WITH items AS (SELECT 1 AS id) SELECT s.id FROM (SELECT i.id FROM items AS i) AS s

WITH items AS (SELECT 1 AS id), a AS (SELECT items.id FROM items) SELECT a.id FROM a

WITH RECURSIVE items AS (SELECT 1 AS n UNION ALL SELECT items.n + 1 FROM items WHERE items.n < 3)
SELECT items.n FROM items

WITH RECURSIVE a AS (SELECT items.id FROM items), items AS (SELECT 1 AS id) SELECT a.id FROM a

UPDATE scratch.items AS i SET name = '' WHERE i.tenant_id = :tenant_id RETURNING i.id

UPDATE scratch.items SET name = '' WHERE tenant_id = :tenant_id RETURNING id

UPDATE scratch.items AS i SET name = l.label FROM scratch.labels AS l
WHERE i.tenant_id = :tenant_id AND i.n = l.id RETURNING i.id

DELETE FROM scratch.items AS i WHERE i.tenant_id = :tenant_id RETURNING i.id

INSERT INTO scratch.items AS i (id, tenant_id) VALUES (:id, :tenant_id), (:id, :tenant_id::uuid) RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id)
SELECT :tenant_id, j.id FROM scratch.items AS j WHERE j.tenant_id = :tenant_id
ON CONFLICT (tenant_id, id) DO UPDATE SET name = i.name
RETURNING i.id

INSERT INTO scratch.items AS i (tenant_id, id)
SELECT :tenant_id, :id UNION ALL SELECT :tenant_id, :id
RETURNING i.id

INSERT INTO scratch.labels AS l DEFAULT VALUES RETURNING l.id

INSERT INTO identity.tenants AS t (id, name) VALUES (:tenant_id, 'x') RETURNING t.id
""")
def test_a_tenants_table_with_its_tenant_is_not_found(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []


INTO_ITEMS = "MERGE INTO scratch.items AS i USING scratch.labels AS l"
FROM_ITEMS = "MERGE INTO scratch.labels AS l USING scratch.items AS i"
OF_TENANT = "ON i.tenant_id = :tenant_id AND i.n = l.id"
MATCHED = "WHEN MATCHED THEN DELETE"
NEW_ITEM = "WHEN NOT MATCHED THEN INSERT (tenant_id, id) VALUES (:tenant_id, :id)"
NEW_LABEL = "WHEN NOT MATCHED THEN INSERT VALUES (i.n, i.name)"
GONE = "WHEN NOT MATCHED BY SOURCE THEN DELETE"


@pytest.mark.parametrize(
    ("merge", "is_right"),
    [
        (f"{INTO_ITEMS} {OF_TENANT} {MATCHED}", True),
        (f"{INTO_ITEMS} {OF_TENANT} {MATCHED} {NEW_ITEM}", True),
        (f"{INTO_ITEMS} {OF_TENANT} {NEW_ITEM.replace(':tenant_id', ':other_id')}", False),
        (f"{INTO_ITEMS} {OF_TENANT} {MATCHED} {GONE}", False),
        (f"{INTO_ITEMS} ON i.n = l.id {MATCHED}", False),
        (f"{FROM_ITEMS} {OF_TENANT} {MATCHED}", True),
        (f"{FROM_ITEMS} {OF_TENANT} {GONE}", True),
        (f"{FROM_ITEMS} {OF_TENANT} {NEW_LABEL}", False),
        (f"{FROM_ITEMS} ON i.n = l.id {MATCHED}", False),
    ],
)
def test_a_merge_is_a_join_with_its_target(schema: Schema, merge: str, is_right: bool) -> None:
    asked = query(f"WITH merged AS ({merge} RETURNING 1 AS one) SELECT merged.one FROM merged")
    assert len(errors(asked, schema)) == (0 if is_right else 1)


# Columns and order -----------------------------------------------------------------------------------


@statements("""
SELECT
    * -- here
FROM scratch.labels AS l

SELECT
    l.id,
    l.* -- here
FROM scratch.labels AS l

SELECT
    (l).* -- here
FROM scratch.labels AS l

SELECT 1 AS x
FROM scratch.labels AS l
WHERE EXISTS (SELECT * FROM scratch.labels AS m) -- here

WITH a AS (
    SELECT * FROM scratch.labels AS l -- here
)
SELECT a.id FROM a

SELECT * FROM (SELECT 1 AS id) AS s -- here
UNION ALL
SELECT 2

SELECT 1 AS id
UNION ALL
SELECT * FROM (SELECT 2 AS id) AS s -- here

INSERT INTO scratch.labels AS l (id)
VALUES (3)
RETURNING * -- here

UPDATE scratch.labels AS l
SET label = ''
RETURNING l.* -- here

DELETE FROM scratch.labels AS l
RETURNING
    * -- here
""")
def test_a_star_for_columns_is_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == [(*marked(text), "`*` for columns: name them")]


@statements("""
SELECT count(*) FROM scratch.labels AS l

SELECT count(l.*) FROM scratch.labels AS l

SELECT 2 * 3 AS six

SELECT row_to_json(l) AS label FROM scratch.labels AS l

SELECT row_to_json(l.*) AS label FROM scratch.labels AS l

SELECT (l).id FROM scratch.labels AS l
""")
def test_another_star_is_not_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []


@statements("""
SELECT l.id
FROM scratch.labels AS l
LIMIT :limit -- here

SELECT 1 AS id
UNION ALL
SELECT 2
LIMIT :limit -- here

SELECT l.id
FROM scratch.labels AS l
WHERE l.id IN (
    SELECT m.id
    FROM scratch.labels AS m
    LIMIT :limit -- here
)
ORDER BY l.id
LIMIT :limit

SELECT s.id
FROM (SELECT l.id FROM scratch.labels AS l ORDER BY l.id LIMIT :limit) AS s
LIMIT :limit -- here

-- The parser does not tell where a constant is: the SELECT is found instead.
SELECT
    l.id -- here
FROM scratch.labels AS l
LIMIT 1

SELECT l.id -- here
FROM scratch.labels AS l
FETCH FIRST ROW ONLY
""")
def test_a_limit_without_order_is_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == [(*marked(text), "LIMIT without ORDER BY")]


@statements("""
SELECT l.id FROM scratch.labels AS l ORDER BY l.id LIMIT :limit

SELECT 1 AS id UNION ALL SELECT 2 ORDER BY id LIMIT 1

SELECT s.id FROM ((SELECT 1 AS id ORDER BY id LIMIT 1) UNION ALL (SELECT 2 ORDER BY 1 LIMIT 1)) AS s

SELECT l.id FROM scratch.labels AS l ORDER BY l.id FETCH FIRST 2 ROWS WITH TIES
""")
def test_a_limit_with_order_is_not_found(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text)
    prepare(connection, asked.text)
    assert errors(asked, schema) == []


# Replicas --------------------------------------------------------------------------------------------

REPLICA = "-- replica: an answer that is a little old will do\n"


@statements("""
INSERT INTO
    scratch.labels AS l (id) -- here
VALUES (3)
RETURNING l.id

UPDATE scratch.labels AS l -- here
SET label = ''
RETURNING l.id

WITH a AS (
    DELETE FROM scratch.labels AS l RETURNING l.id -- here
)
SELECT a.id FROM a

SELECT l.id -- here
FROM scratch.labels AS l
FOR UPDATE

SELECT l.id -- here
FROM scratch.labels AS l
FOR KEY SHARE OF l SKIP LOCKED

SELECT s.id
FROM (
    SELECT l.id FROM scratch.labels AS l FOR SHARE -- here
) AS s

SELECT
    nextval('x') AS n -- here

SELECT
    pg_catalog.setval('x', 1) AS n -- here

SELECT 1 AS n
WHERE pg_current_xact_id() IS NULL -- here

SELECT txid_current() AS n -- here

SELECT pg_notify('x', 'y') AS n -- here

SELECT pg_advisory_xact_lock(1) AS n -- here

SELECT pg_try_advisory_lock_shared(1) AS n -- here

SELECT lo_create(0) AS n -- here
""")
def test_what_a_replica_cannot_do_is_found(schema: Schema, text: str) -> None:
    [(line, message)] = errors(query(text, header=REPLICA), schema)
    assert [line] == marked(text)
    assert message.startswith("a replica cannot ")
    assert errors(query(text), schema) == []


@statements("""
SELECT l.id FROM scratch.labels AS l

SELECT set_config('app.tenant_id', '', true) AS tenant, now() AS time

SELECT pg_current_xact_id_if_assigned() AS id, pg_snapshot_xmin(pg_current_snapshot()) AS oldest

SELECT 'nextval' AS nextval
""")
def test_what_a_replica_can_do_is_not_found(schema: Schema, text: str) -> None:
    assert errors(query(text, header=REPLICA), schema) == []


# Cardinalities ---------------------------------------------------------------------------------------

INSERT = "INSERT INTO scratch.labels AS l (id) VALUES (3)"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (INSERT, "rowcount exec"),
        ("UPDATE scratch.labels AS l SET label = ''", "rowcount exec"),
        ("WITH a AS (SELECT 1 AS id) DELETE FROM scratch.labels AS l", "rowcount exec"),
        (f"{INSERT} RETURNING l.id", "one maybe many value"),
        (f"{INSERT} RETURNING l.id, l.label", "one maybe many"),
        ("SELECT 1 AS id", "one maybe many exec"),
        ("SELECT 1 AS id, 2 AS label", "one maybe many exec"),
        ("VALUES (1)", "one maybe many exec"),
        ("VALUES (1, 2)", "one maybe many exec"),
        ("SELECT 1 AS id UNION ALL SELECT 2", "one maybe many exec"),
        ("SELECT FROM scratch.labels AS l", "exec"),
    ],
)
@pytest.mark.parametrize("cardinality", ["one", "maybe", "many", "rowcount", "exec"])
def test_a_cardinality_that_cannot_hold_is_found(
    schema: Schema, text: str, cardinality: str, right: str
) -> None:
    if cardinality in right.split():
        assert errors(query(text, cardinality), schema) == []
    else:
        [finding] = review(query(text, cardinality), schema)
        assert (finding.line, finding.severity) == (1, "error")
        assert finding.message.startswith(f"`:{cardinality}` of a ")


PAGE = """SELECT
    i.id,
    i.name
FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id
    AND (i.name, i.id) > (:after_name, :after_id)
ORDER BY i.name, i.id
LIMIT :limit + 1"""
DOWN = PAGE.replace(") > (", ") < (").replace("BY i.name, i.id", "BY i.name DESC, i.id DESC")
BY_ID = (
    PAGE.replace("(i.name, i.id)", "i.id")
    .replace("(:after_name, :after_id)", ":after_id")
    .replace("BY i.name, i.id", "BY i.id")
)
MERGED = """SELECT
    entry.name,
    entry.id
FROM (
    SELECT
        i.code AS name,
        i.id
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
        AND (i.code, i.id) > (:after_name, :after_id)
    UNION ALL
    SELECT
        i.note AS name,
        i.id
    FROM scratch.items AS i
    WHERE i.tenant_id = :tenant_id
        AND (i.note, i.id) > (:after_name, :after_id)
) AS entry
ORDER BY entry.name, entry.id
LIMIT :limit + 1"""


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        DOWN,
        BY_ID,
        MERGED,
        PAGE.replace("BY i.name, i.id", "BY name ASC, id"),
        MERGED.replace("entry.name,\n", "entry.name AS name,\n"),
    ],
)
def test_a_page_that_is_right_is_not_found(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text, "page")
    prepare(connection, asked.json_text)
    assert errors(asked, schema) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (PAGE.replace("BY i.name, i.id", "BY i.id, i.name"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name, i.id, i.n"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.name, i.id DESC"), 7, "in one direction"),
        (PAGE.replace("BY i.name, i.id", "BY lower(i.name), i.id"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY i.code, i.id"), 7, "ORDER BY name, id"),
        (PAGE.replace("BY i.name, i.id", "BY 2, 1"), 1, "ORDER BY name, id"),
        (PAGE.replace(":limit + 1", ":limit"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(":limit + 1", ":limit + 2"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(":limit + 1", ":limit - 1"), 8, "LIMIT :limit + 1"),
        (PAGE.replace(") > (", ") < ("), 6, "(name, id) > (:after_name, :after_id)"),
        (PAGE.replace(") > (", ") >= ("), 6, "(name, id) > (:after_name, :after_id)"),
        (DOWN.replace(") < (", ") > ("), 6, "(name, id) < (:after_name, :after_id)"),
        (PAGE.replace("(i.name, i.id)", "(i.code, i.id)"), 6, "(name, id) > "),
        (PAGE.replace("(i.name, i.id)", "(lower(i.name), i.id)"), 6, "(name, id) > "),
        (PAGE.replace("(:after_name,", "(coalesce(:after_name),"), 6, "(name, id) > "),
        (BY_ID.replace("i.id > :after_id", "NOT i.id > :after_id"), 6, "(id) > (:after_id)"),
        (MERGED.replace("(i.note, i.id)", "(i.code, i.id)"), 0, "(name, id) > "),
        (MERGED.replace("i.note AS name", "i.kind AS name"), 0, "(name, id) > "),
    ],
)
def test_a_page_that_would_skip_or_repeat_rows_is_found(
    schema: Schema, text: str, line: int, message: str
) -> None:
    [(at, found)] = errors(query(text, "page"), schema)
    assert (at, message in found) == (line, True), found


def test_a_page_returns_its_keyset(schema: Schema) -> None:
    found = errors(query(PAGE.replace("    i.name\n", "    i.kind\n"), "page"), schema)
    assert [line for line, _ in found] == [6, 7]


@statements("""
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id LIMIT :limit + 1

UPDATE scratch.items AS i SET n = :limit WHERE i.tenant_id = :tenant_id AND i.id > :after_id RETURNING i.id
""")
def test_a_page_has_a_keyset(schema: Schema, text: str) -> None:
    [(line, message)] = errors(query(text, "page"), schema)
    assert (line, message) == (0, "`:page` is a SELECT with a keyset, parameters after_<column>")


# At most one row -------------------------------------------------------------------------------------


@statements("""
SELECT 1 AS id

VALUES (1)

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT i.id FROM scratch.items AS i WHERE :tenant_id = i.tenant_id AND :id = i.id AND (i.n > 1 OR i.n < 1)

SELECT id FROM scratch.items WHERE tenant_id = :tenant_id AND id = :id FOR UPDATE SKIP LOCKED

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.name = 'x'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.n = 9007199254740992

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.n = :number

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.code = :text

SELECT l.id FROM scratch.labels AS l WHERE l.id = 1

-- Partial keys, with what they say.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status = 'pending'

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status = 'pending'::text

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.kind = 'a' AND i.status IN ('held', 'sent') AND i.deleted_at IS NULL

-- Limits, aggregates.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id LIMIT 1

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id FETCH FIRST ROW ONLY

SELECT 1 AS id UNION ALL SELECT 2 ORDER BY id LIMIT 1

SELECT count(*) AS n FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT coalesce(json_agg(i.id ORDER BY i.id) FILTER (WHERE i.n > 1), '[]') AS ids
FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT sum(count(*)) OVER () AS n FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT 1 AS id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id HAVING true

-- Joins.
SELECT j.id FROM scratch.items AS i
INNER JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.id = i.parent_id
WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT j.id FROM scratch.items AS j
INNER JOIN scratch.items AS i ON j.tenant_id = :tenant_id AND j.id = i.parent_id AND i.id = :id
WHERE i.tenant_id = :tenant_id

SELECT j.id FROM scratch.items AS i
LEFT JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.id = i.parent_id
WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT j.id FROM scratch.items AS j
RIGHT JOIN scratch.items AS i ON j.tenant_id = :tenant_id AND j.id = i.parent_id
WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT i.id FROM scratch.items AS i, scratch.labels AS l WHERE i.tenant_id = :tenant_id AND i.id = :id AND l.id = 2

-- Subqueries, functions.
SELECT s.x FROM (VALUES (1)) AS s (x)

SELECT e FROM scratch.echo(:text) AS e

SELECT s.id FROM (SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id) AS s

SELECT s.id FROM LATERAL (SELECT id FROM scratch.items WHERE tenant_id = :tenant_id AND id = :id) AS s

SELECT i.id FROM (SELECT id FROM scratch.items WHERE tenant_id = :tenant_id AND id = :id) AS s
INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.id = s.id

SELECT s.n FROM scratch.items AS i
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM scratch.items AS j WHERE j.tenant_id = :tenant_id AND j.parent_id = i.id
) AS s
WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT p.id FROM scratch.items AS i
LEFT JOIN LATERAL (
    SELECT j.parent_id FROM scratch.items AS j WHERE j.tenant_id = :tenant_id AND j.id = i.parent_id
) AS s ON true
LEFT JOIN scratch.items AS p ON p.tenant_id = :tenant_id AND p.id = s.parent_id
WHERE i.tenant_id = :tenant_id AND i.id = :id

SELECT j.id FROM scratch.items AS i
CROSS JOIN scratch.echo(i.name) AS e (name)
INNER JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.name = e.name
WHERE i.tenant_id = :tenant_id AND i.id = :id

-- Common table expressions.
WITH a AS (SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id), b AS (SELECT a.id FROM a)
SELECT b.id FROM b CROSS JOIN a

WITH a AS (SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id)
SELECT i.id FROM a
INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.parent_id = a.id AND i.status = 'pending'

WITH RECURSIVE a AS (SELECT 1 AS id) SELECT a.id FROM a

-- Changes: a row is changed once, however many it is joined with.
INSERT INTO scratch.labels AS l (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET label = '' RETURNING l.id

INSERT INTO scratch.labels AS l (id)
SELECT 7 FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id
RETURNING l.id

UPDATE scratch.items AS i SET note = '' WHERE i.tenant_id = :tenant_id AND i.id = :id RETURNING i.id

UPDATE scratch.items AS i SET note = l.label FROM scratch.labels AS l
WHERE i.tenant_id = :tenant_id AND i.id = :id RETURNING i.id

DELETE FROM scratch.items AS i USING scratch.labels AS l
WHERE i.tenant_id = :tenant_id AND i.id = :id RETURNING l.id

WITH a AS (
    UPDATE scratch.items AS i SET note = '' WHERE i.tenant_id = :tenant_id AND i.id = :id RETURNING i.parent_id
), b AS (INSERT INTO scratch.labels AS l (id) SELECT 7 FROM a RETURNING l.id)
UPDATE scratch.items AS i SET note = '' FROM a CROSS JOIN b
WHERE i.tenant_id = :tenant_id AND i.id = a.parent_id RETURNING i.id
""")
def test_one_row_is_proven(connection: Connection, schema: Schema, text: str) -> None:
    asked = query(text, "maybe")
    assert rows(connection, asked) == 1
    assert review(asked, schema) == []


@statements("""
VALUES (1), (2)

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id >= :id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND NOT i.id = :id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND (i.id = :id OR i.kind = 'a')

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id OR i.kind = 'a'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.name IN ('x', 'y')

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.name = ANY ('{x,y}')

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND (i.id = :id) IS NOT NULL

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = i.id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.name = i.code

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.name IS NOT DISTINCT FROM NULL

-- Not a column of the key, nor the column that it seems to be.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.note = 'same'

SELECT i.id FROM scratch.items AS i (tenant_id, x, id) WHERE i.tenant_id = :tenant_id AND i.id = 'a'

-- Those that inherit from it have keys of their own.
SELECT p.id FROM scratch.parents AS p WHERE p.id = 1

-- Two of bigint are equal to one of double precision.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.n = :float

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.n = '9007199254740992'::float8

WITH a AS (SELECT :float AS x)
SELECT i.id FROM a INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.n = a.x

-- Partial keys, without all that they say.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.status = 'pending'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.parent_id = :id

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status = 'pend'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status <> 'pending'

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND (i.status = 'pending' OR i.status = 'pend')

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status = 'pending'::varchar(4)

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.kind = 'a' AND i.status NOT IN ('held', 'sent') AND i.deleted_at IS NULL

SELECT i.id FROM scratch.items AS i
WHERE i.tenant_id = :tenant_id AND i.kind = 'a' AND i.status IN ('held', 'pend') AND i.deleted_at IS NULL

SELECT i.id FROM scratch.items AS i
INNER JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.name = 'y' AND j.status = 'pending'
WHERE i.tenant_id = :tenant_id AND i.parent_id = :id

-- Limits, aggregates, groups, sets, functions.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id LIMIT 2

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.id LIMIT :limit

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id ORDER BY i.note FETCH FIRST ROW WITH TIES

SELECT lower(i.kind) AS kind FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT count(*) OVER () AS n FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT count(*) AS n FROM scratch.items AS i WHERE i.tenant_id = :tenant_id GROUP BY i.kind HAVING count(*) > 0

SELECT (SELECT count(*) FROM scratch.labels AS l) AS n FROM scratch.items AS i WHERE i.tenant_id = :tenant_id

SELECT i.kind FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id
GROUP BY GROUPING SETS ((i.kind), ())

SELECT 1 AS id UNION ALL SELECT 1

SELECT generate_series(1, 3) AS id

SELECT count(*) + generate_series(1, 3) AS id FROM scratch.labels AS l

SELECT 1 AS id ORDER BY generate_series(1, 3)

SELECT DISTINCT ON (generate_series(1, 3)) 1 AS id

SELECT count(*) OVER (ORDER BY generate_series(1, 3)) AS n

SELECT row_number() OVER w AS n WINDOW w AS (ORDER BY generate_series(1, 3))

SELECT n FROM generate_series(1, 3) AS n

SELECT s FROM scratch.several() AS s

SELECT f.a FROM ROWS FROM (scratch.echo('x'), scratch.several()) AS f (a, b)

-- Joins.
SELECT l.id FROM (SELECT 1 AS x) AS s CROSS JOIN scratch.labels AS l

SELECT l.id FROM (SELECT 1 AS x) AS s LEFT JOIN scratch.labels AS l ON true

SELECT i.id FROM scratch.items AS i
LEFT JOIN scratch.labels AS l ON l.id = 1 AND i.id = :id
WHERE i.tenant_id = :tenant_id

SELECT i.id FROM scratch.labels AS l
RIGHT JOIN scratch.items AS i ON l.id = 1 AND i.id = :id
WHERE i.tenant_id = :tenant_id

SELECT a.x FROM (SELECT 1 AS x) AS a FULL JOIN (SELECT 2 AS y) AS b ON a.x = b.y

-- Each would be known if the other was.
SELECT i.id FROM scratch.items AS i
INNER JOIN scratch.items AS j ON j.tenant_id = :tenant_id AND j.id = i.parent_id AND i.id = j.parent_id
WHERE i.tenant_id = :tenant_id

SELECT i.id FROM scratch.items AS i CROSS JOIN LATERAL (SELECT i.name) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name

SELECT i.id FROM scratch.items AS i CROSS JOIN LATERAL (SELECT kind, code AS name) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name

SELECT i.id FROM scratch.items AS i CROSS JOIN LATERAL (SELECT to_jsonb(i.*) ->> 'name' AS name) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name

SELECT i.id FROM scratch.items AS i CROSS JOIN LATERAL (SELECT to_jsonb(i) ->> 'name' AS name) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name

SELECT items.id FROM scratch.items CROSS JOIN LATERAL (SELECT scratch.items.name) AS s
WHERE items.tenant_id = :tenant_id AND items.name = s.name

SELECT i.id FROM scratch.items AS i CROSS JOIN scratch.echo(i.name) AS e (name)
WHERE i.tenant_id = :tenant_id AND i.name = e.name

SELECT i.id FROM scratch.items AS i
CROSS JOIN LATERAL (SELECT t.name FROM (SELECT 1 AS x) AS one CROSS JOIN LATERAL (SELECT i.name) AS t) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name

UPDATE scratch.items AS i SET note = ''
FROM generate_series(120, 121) CROSS JOIN LATERAL (SELECT chr(generate_series.generate_series) AS name) AS s
WHERE i.tenant_id = :tenant_id AND i.name = s.name
RETURNING i.id

UPDATE scratch.items AS i SET note = ''
FROM (scratch.items AS a INNER JOIN scratch.items AS b USING (tenant_id, id) AS u)
CROSS JOIN LATERAL (SELECT u.id) AS s
WHERE a.tenant_id = :tenant_id AND b.tenant_id = :tenant_id AND i.tenant_id = :tenant_id AND i.id = s.id
RETURNING i.id

-- The same name is of something else there.
SELECT s.id FROM (SELECT 1 AS parent_id) AS o
CROSS JOIN LATERAL (
    SELECT i.id FROM scratch.items AS i
    INNER JOIN scratch.items AS o ON o.tenant_id = :tenant_id AND i.id = o.parent_id
    WHERE i.tenant_id = :tenant_id
) AS s

UPDATE scratch.items AS i SET note = ''
FROM ((SELECT 1 AS x) AS o CROSS JOIN (SELECT 2 AS y) AS p) AS j CROSS JOIN scratch.items AS o
WHERE o.tenant_id = :tenant_id AND i.tenant_id = :tenant_id AND i.id = o.parent_id
RETURNING i.id

WITH labels AS (SELECT 1 AS id) SELECT l.id FROM scratch.labels AS l

WITH a AS (SELECT 1 AS n) SELECT s.n FROM (WITH a (n) AS (VALUES (1), (2)) SELECT a.n FROM a) AS s

WITH a AS (SELECT 1 AS n)
SELECT s.n FROM (WITH RECURSIVE b AS (SELECT a.n FROM a), a (n) AS (VALUES (1), (2)) SELECT b.n FROM b) AS s

-- Common table expressions.
WITH a AS (SELECT l.id FROM scratch.labels AS l) SELECT a.id FROM a

WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT a.n + 1 FROM a WHERE a.n < 3) SELECT a.n FROM a

WITH RECURSIVE b AS (SELECT a.n FROM a), a (n) AS (VALUES (1), (2)) SELECT b.n FROM b

WITH a AS (UPDATE scratch.labels AS l SET label = '' RETURNING l.id) SELECT a.id FROM a

-- Changes.
INSERT INTO scratch.labels AS l (id) VALUES (3), (4) RETURNING l.id

INSERT INTO scratch.labels AS l (id) VALUES (generate_series(3, 5)) RETURNING l.id

INSERT INTO scratch.labels AS l (id) SELECT m.id + 5 FROM scratch.labels AS m RETURNING l.id

UPDATE scratch.labels AS l SET label = '' FROM (SELECT 1 AS x) AS s WHERE s.x = 1 RETURNING l.id

UPDATE scratch.items AS i SET note = '' FROM scratch.items AS j
WHERE i.tenant_id = :tenant_id AND i.id = j.parent_id AND j.tenant_id = :tenant_id RETURNING i.id

DELETE FROM scratch.items AS i USING scratch.items AS j
WHERE i.tenant_id = :tenant_id AND i.id = j.id AND j.tenant_id = :tenant_id RETURNING i.id
""")
def test_several_rows_are_never_proven_to_be_one(
    connection: Connection, schema: Schema, text: str
) -> None:
    asked = query(text, "maybe")
    assert rows(connection, asked) > 1
    assert [finding for finding in review(asked, schema) if finding.severity == "warning"]


@statements("""
WITH a AS (
    MERGE INTO scratch.labels AS l USING scratch.messages AS m ON l.id = 1 WHEN MATCHED THEN DELETE RETURNING l.id
)
SELECT a.id FROM a

SELECT t.n FROM json_table('[1, 2]', '$[*]' COLUMNS (n int PATH '$')) AS t

SELECT t.n FROM xmltable('/a/b' PASSING '<a><b>1</b><b>2</b></a>' COLUMNS n int PATH '.') AS t
""")
def test_what_not_every_server_has_is_not_proven(schema: Schema, text: str) -> None:
    assert [finding.severity for finding in review(query(text, "one"), schema)] == ["warning"]


@statements("""
-- Deferred, a transaction may have two of them until it ends.
SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.slot = 'x'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND lower(i.email) = 'x'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id::text = 'x'

SELECT i.id FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.parent_id = :id AND i.status = :text

SELECT i.kind FROM scratch.items AS i WHERE i.tenant_id = :tenant_id AND i.id = :id GROUP BY i.kind

SELECT 1 AS id WHERE false UNION ALL SELECT 2

-- It may be another each time that the join runs it.
SELECT i.id
FROM (SELECT 'x' AS name) AS s
CROSS JOIN LATERAL format(s.name, random()) AS f (name)
INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.name = f.name

SELECT i.id
FROM (SELECT 'x' AS name) AS s
CROSS JOIN LATERAL (SELECT format(s.name, random()) AS name) AS f
INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.name = f.name

SELECT i.id
FROM (SELECT j.id FROM scratch.items AS j WHERE j.tenant_id = :tenant_id ORDER BY random() LIMIT 1) AS s
INNER JOIN scratch.items AS i ON i.tenant_id = :tenant_id AND i.id = s.id
""")
@pytest.mark.parametrize("cardinality", ["one", "maybe"])
def test_what_is_not_proven_is_a_warning_unless_the_header_says_why(
    connection: Connection, schema: Schema, cardinality: str, text: str
) -> None:
    asked = query(text, cardinality)
    prepare(connection, asked.text)
    [warning] = review(asked, schema)
    assert str(warning) == (
        f"sql/area/name.sql:1: warning: `:{cardinality}` without a unique predicate:"
        " say `-- single: why` if there is at most one row"
    )
    assert review(query(text, cardinality, "-- single: there is no other\n"), schema) == []
    assert review(query(text, "many"), schema) == []


# Files -----------------------------------------------------------------------------------------------


def test_what_is_no_statement_is_found_with_its_line(schema: Schema) -> None:
    found = review(query("SELECT 'é',\n    1 FROM\n    FROM"), schema)
    assert found == [Finding(PATH, 5, "error", 'syntax error at or near "FROM"')]
    found = review(query("SELECT 1 FROM"), schema)
    assert found == [Finding(PATH, 3, "error", "syntax error at end of input")]


def test_findings_come_in_the_order_of_their_lines(schema: Schema) -> None:
    text = "SELECT 1\nFROM scratch.items AS i\nORDER BY (\nSELECT *\nFROM scratch.items AS j\nLIMIT :limit)"
    assert [line for line, _ in errors(query(text), schema)] == [2, 4, 5, 6]


def test_every_query_of_the_service_is_as_it_should_be(schema: Schema) -> None:
    found = [finding for query in load().values() for finding in review(query, schema)]
    assert [str(finding) for finding in found] == []


# The schema ------------------------------------------------------------------------------------------


def test_the_schema_is_what_the_catalog_says(schema: Schema) -> None:
    assert schema.tenant_columns["scratch.items"] == "tenant_id"
    assert schema.tenant_columns["identity.tenants"] == "id"
    assert "scratch.labels" not in schema.tenant_columns
    assert sorted(sorted(key) for key in schema.unique_keys["scratch.items"]) == [
        ["code", "tenant_id"],
        ["id", "tenant_id"],
        ["n", "tenant_id"],
        ["name", "tenant_id"],
    ]
    assert "scratch.parents" not in schema.unique_keys
    assert schema.types["scratch.items"]["n"] == "int8"
    assert {"count", "json_agg"} <= schema.aggregates
    assert schema.aggregates.isdisjoint({"lower", "row_number", "rank"})
    assert {"generate_series", "several"} <= schema.set_returning


CONSTRAINTS = """
CREATE SCHEMA constrained;
CREATE TABLE constrained.things (
    tenant_id uuid NOT NULL CONSTRAINT things_tenant_fkey REFERENCES identity.tenants (id),
    id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT things_reference_key UNIQUE (tenant_id, parent_id, id),
    CONSTRAINT things_parent_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES constrained.things,
    CONSTRAINT things_name_key UNIQUE (tenant_id, name),
    CONSTRAINT things_name_check CHECK (name <> ''),
    CONSTRAINT things_length_check CHECK (length(name) < 9),
    CONSTRAINT things_blank_check CHECK (name <> ' '),
    CONSTRAINT things_field_check CHECK (name <> 'x'),
    CONSTRAINT things_lines_check CHECK (name <> 'y')
);
CREATE UNIQUE INDEX things_lower_key ON constrained.things (tenant_id, lower(name));
CREATE UNIQUE INDEX things_covering_key ON constrained.things (name) INCLUDE (tenant_id, id);
CREATE UNIQUE INDEX things_both_key ON constrained.things (id, tenant_id);
CREATE INDEX things_name ON constrained.things (name);
COMMENT ON CONSTRAINT things_length_check ON constrained.things IS 'name: must be short';
COMMENT ON CONSTRAINT things_blank_check ON constrained.things IS 'name:  ';
COMMENT ON CONSTRAINT things_field_check ON constrained.things IS 'title: must be another';
COMMENT ON CONSTRAINT things_lines_check ON constrained.things IS E'name: must\nbe another';
ALTER TABLE constrained.things ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON constrained.things USING (tenant_id IS NOT NULL);
CREATE TABLE constrained.shared (
    id integer PRIMARY KEY CHECK (id > 0),
    label text UNIQUE REFERENCES constrained.things (name)
);
"""


def test_constraints_that_tell_a_client_nothing_are_found_where_they_are_made(
    connection: Connection, tmp_path: Path
) -> None:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    for name, text in {
        "0001.things.sql": "-- things_name_key2\n\nthings_name_key, é\nthings_lower_key",
        "0001.things.rollback.sql": "things_name_check",
        "0002.more.sql": "\nthings_name_check\nthings_name_key",
    }.items():
        (migrations / name).write_text(text)
    with connection.transaction(force_rollback=True):
        connection.execute(CONSTRAINTS)
        found = unexplained_constraints(connection, migrations)
    silent = "error: constrained.things: no comment says `field: message` of"
    wrong = "is not `field: message`, of a column, in one line"
    assert [str(finding) for finding in found if "constrained" in finding.message] == [
        f"migrations:1: error: constrained.things: the comment on things_blank_check {wrong}",
        f"migrations:1: {silent} things_covering_key",
        f"migrations:1: error: constrained.things: the comment on things_field_check {wrong}",
        f"migrations:1: error: constrained.things: the comment on things_lines_check {wrong}",
        f"migrations/0001.things.sql:4: {silent} things_lower_key",
        f"migrations/0002.more.sql:2: {silent} things_name_check",
        f"migrations/0001.things.sql:3: {silent} things_name_key",
        f"migrations:1: {silent} things_parent_fkey",
    ]


def test_every_constraint_of_the_service_tells_a_client_what_is_wrong(
    connection: Connection,
) -> None:
    found = unexplained_constraints(connection)
    assert [str(finding) for finding in found if "scratch" not in finding.message] == []
