"""At most one row is proven, and never of a statement that returns several."""

import pytest

from service.queries.review.rules import review
from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection, prepare, query, rows, statements


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
