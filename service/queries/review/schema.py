"""What the review of a query must know of the database, read from its catalog; and what it lacks itself."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import namedtuple_row

from service.queries import ROOT
from service.queries.findings import Finding
from service.queries.review.functions import Function, read_functions, using

# The column is that of the tenant, of those that the policy compares: PostgreSQL notes on which it depends.
TENANT_COLUMNS = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    a.attname AS column_name
FROM pg_policy AS p
INNER JOIN pg_class AS c ON c.oid = p.polrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_depend AS d
    ON d.classid = 'pg_policy'::regclass
    AND d.objid = p.oid
    AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid = c.oid
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE p.polname = 'tenant_isolation'
    AND c.relrowsecurity
    AND a.attname IN ('tenant_id', 'id')
"""

COLUMN_TYPES = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    a.attname AS column_name,
    t.typname AS type
FROM pg_attribute AS a
INNER JOIN pg_class AS c ON c.oid = a.attrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p')
    AND a.attnum > 0
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""

# Those that hold at any time, for all rows of the table, by what `=` means for its columns: so none that is
# deferrable, of columns without overlaps, of a table with others that inherit from it, or of another collation.
UNIQUE_KEYS = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    array_agg(a.attname::text) AS columns,
    pg_get_expr(i.indpred, i.indrelid) AS predicate
FROM pg_index AS i
INNER JOIN pg_class AS c ON c.oid = i.indrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
    WITH ORDINALITY AS k (attnum, opclass, collation_id, position)
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
INNER JOIN pg_opclass AS o ON o.oid = k.opclass
WHERE i.indisunique
    AND i.indisvalid
    AND i.indimmediate
    AND NOT i.indisexclusion
    AND i.indexprs IS NULL
    AND k.position <= i.indnkeyatts
    AND (c.relkind = 'p' OR NOT c.relhassubclass)
GROUP BY i.indexrelid, i.indrelid, i.indpred, n.nspname, c.relname
HAVING bool_and(o.opcdefault AND k.collation_id IN (0, a.attcollation))
"""

# Which schemas a foreign key connects.
LINKS = """
SELECT DISTINCT
    n.nspname AS referencing,
    m.nspname AS referenced
FROM pg_constraint AS k
INNER JOIN pg_class AS c ON c.oid = k.conrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_class AS r ON r.oid = k.confrelid
INNER JOIN pg_namespace AS m ON m.oid = r.relnamespace
WHERE k.contype = 'f'
"""

# Several functions may have the same name: each answer is the one from which less follows.
FUNCTIONS = """
SELECT
    p.proname AS name,
    bool_and(p.prokind = 'a') AS is_aggregate,
    bool_or(p.proretset) AS returns_set,
    bool_or(p.provolatile = 'v') AS is_volatile,
    bool_and(p.provolatile <> 'i') AS is_mutable
FROM pg_proc AS p
GROUP BY p.proname
"""

# What of PostgreSQL's own functions is of the server that they run on: its answers; and the locks that it alone knows.
ANSWERS_OF_ONE_SERVER = re.compile(
    r"pg_current_(xact_id\w*|snapshot)|txid_current\w*|pg_current_wal_\w+|pg_last_wal_\w+"
)
LOCKS_OF_ONE_SERVER = re.compile(r"pg_(try_)?advisory_\w+")

# What a write can violate. Not NOT NULL, which names its column itself; not a key that contains the primary key, which
# is there for foreign keys to point to; and not those of a partition, which are named as its table's.
CONSTRAINTS = """
SELECT
    n.nspname || '.' || c.relname AS table_name,
    k.name,
    k.comment,
    k.type,
    ARRAY(
        SELECT a.attname::text
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum = ANY (k.columns)
    ) AS columns
FROM (
    SELECT
        conrelid AS table_id,
        conname AS name,
        contype AS type,
        conkey AS columns,
        obj_description(oid, 'pg_constraint') AS comment
    FROM pg_constraint
    WHERE contype IN ('c', 'f', 'u', 'x')
    UNION ALL
    SELECT
        i.indrelid,
        c.relname,
        'u',
        (i.indkey::int2[])[0:i.indnkeyatts - 1],
        obj_description(c.oid, 'pg_class')
    FROM pg_index AS i
    INNER JOIN pg_class AS c ON c.oid = i.indexrelid
    WHERE i.indisunique
        AND NOT EXISTS (
            SELECT FROM pg_constraint AS k
            WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
        )
) AS k
INNER JOIN pg_class AS c ON c.oid = k.table_id
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
WHERE (k.type <> 'u' OR NOT coalesce(k.columns @> p.conkey, false))
    AND NOT c.relispartition
ORDER BY table_name, name
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables are named with their schemas, columns and functions without."""

    tenant_columns: Mapping[str, str]  # of each table with row-level security
    types: Mapping[str, Mapping[str, str]]  # of the columns of each table
    unique_keys: Mapping[str, Sequence[frozenset[str]]]
    partial_keys: Mapping[str, Sequence[tuple[frozenset[str], str]]]  # with their predicates
    aggregates: frozenset[str]
    set_returning: frozenset[str]
    volatile: frozenset[str]
    mutable: frozenset[str]  # volatile or stable
    functions: Sequence[Function]  # of the migrations
    reading: frozenset[str]  # of these, with their schemas, the ones that use a table of no tenant
    # Of these, and of PostgreSQL's, those that answer for the server that they run on, and those that lock or set
    # something there.
    answering: frozenset[str]
    acting: frozenset[str]
    links: frozenset[frozenset[str]]  # schemas that a foreign key connects, in either direction


def read_schema(connection: psycopg.Connection[Any]) -> Schema:
    types: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows(connection, COLUMN_TYPES):
        types[row.table_name][row.column_name] = row.type
    unique_keys: dict[str, list[frozenset[str]]] = defaultdict(list)
    partial_keys: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    for row in rows(connection, UNIQUE_KEYS):
        if row.predicate is None:
            unique_keys[row.table_name].append(frozenset(row.columns))
        else:
            partial_keys[row.table_name].append((frozenset(row.columns), row.predicate))
    named = rows(connection, FUNCTIONS)
    functions = read_functions(connection)
    answering = {row.name for row in named if ANSWERS_OF_ONE_SERVER.fullmatch(row.name)}
    acting = {row.name for row in named if LOCKS_OF_ONE_SERVER.fullmatch(row.name)}
    acting |= {function.name for function in functions if function.is_setting}
    links = rows(connection, LINKS)
    tenant_columns = {row.table_name: row.column_name for row in rows(connection, TENANT_COLUMNS)}
    return Schema(
        tenant_columns=tenant_columns,
        types=dict(types),
        unique_keys=dict(unique_keys),
        partial_keys=dict(partial_keys),
        aggregates=frozenset(row.name for row in named if row.is_aggregate),
        set_returning=frozenset(row.name for row in named if row.returns_set),
        volatile=frozenset(row.name for row in named if row.is_volatile),
        mutable=frozenset(row.name for row in named if row.is_mutable),
        functions=functions,
        reading=using(functions, types.keys() - tenant_columns.keys()),
        answering=using(functions, answering) | answering,
        acting=using(functions, acting) | acting,
        links=frozenset(frozenset((row.referencing, row.referenced)) for row in links),
    )


def unexplained_constraints(
    connection: psycopg.Connection[Any],
    schema: Schema,
    migrations: Path = ROOT.parent / "migrations",
) -> list[Finding]:
    """Constraints of tenants' tables of whose violation a client would not be told what is wrong in which field."""
    findings = []
    for constraint in rows(connection, CONSTRAINTS):
        if problem := _unexplained(constraint, schema):
            path, line = where_named(constraint.name, migrations)
            findings.append(Finding(path, line, "error", f"{constraint.table_name}: {problem}"))
    return findings


def _unexplained(constraint: Any, schema: Schema) -> str | None:
    tenant_column = schema.tenant_columns.get(constraint.table_name)
    if tenant_column is None:
        return None
    if constraint.type == "f" and constraint.columns == [tenant_column]:
        return None  # the caller's own tenant is there
    if constraint.comment is None:
        return f"no comment says `field: message` of {constraint.name}"
    field, _, message = constraint.comment.partition(": ")
    columns = schema.types[constraint.table_name]
    if field not in columns or not message.strip() or "\n" in constraint.comment:
        return f"the comment on {constraint.name} is not `field: message`, of a column, in one line"
    return None


def where_named(name: str, migrations: Path) -> tuple[Path, int]:
    """The file and the line in which a migration first says it."""
    found = _said(rf"\b{re.escape(name)}\b", migrations)
    return next(found, (Path(migrations.name), 1))


def where_defined(table: str, column: str, migrations: Path) -> tuple[Path, int]:
    """The file and the line in which a migration last creates or alters the column."""
    statement = rf"\b(CREATE|ALTER) TABLE {re.escape(table)}\b[^;]*?\b{re.escape(column)}\b"
    return [(Path(migrations.name), 1), *_said(statement, migrations)][-1]


def _said(pattern: str, migrations: Path) -> Iterator[tuple[Path, int]]:
    """The files, and the lines in which what the migrations say ends."""
    for path in sorted(migrations.glob("*.sql")):
        if not path.name.endswith(".rollback.sql"):
            text = path.read_text("utf-8")
            for match in re.finditer(pattern, text):
                yield path.relative_to(migrations.parent), text.count("\n", 0, match.end()) + 1


def rows(connection: psycopg.Connection[Any], sql: LiteralString) -> list[Any]:
    """As named tuples, whatever rows the connection gives otherwise."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(sql).fetchall()
