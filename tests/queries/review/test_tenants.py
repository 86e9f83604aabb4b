"""A statement touches rows of the caller's tenant only."""

import re

from service.queries.review.schema import Schema
from tests.queries.review.helpers import (
    Connection,
    errors,
    marked,
    prepare,
    query,
    statements,
)


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
