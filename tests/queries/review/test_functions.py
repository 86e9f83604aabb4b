"""Functions, defaults and privileges fit shards: what does not is found in the catalog, wherever it comes from."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.queries.review.catalog import wrong_functions, wrong_tables
from service.queries.review.functions import Function, read_functions
from service.queries.review.schema import Schema
from tests.queries.review.helpers import Connection

# Statements that break a rule say which, on the line that they begin on.
BROKEN = """
CREATE FUNCTION scratch.other_tenants() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known CONSTANT bigint := (SELECT count(*) FROM scratch.items AS i); -- rule 9
BEGIN
    SELECT i.n INTO NEW.n -- rule 9
    FROM scratch.items AS i
    WHERE i.id = NEW.id;
    IF NEW.n > (SELECT max(i.n) FROM scratch.items AS i) THEN -- rule 9
        UPDATE scratch.items AS i -- rule 9
        SET n = 1
        FROM scratch.items AS o
        WHERE o.tenant_id = NEW.tenant_id
            AND i.tenant_id = o.tenant_id;
    END IF;
    NEW.name := (SELECT i.name FROM scratch.items AS i WHERE i.tenant_id = i.parent_id); -- rule 9
    INSERT INTO scratch.items (id, n) -- rule 9
    VALUES (NEW.id, known);
    DELETE FROM scratch.items AS i -- rule 9
    WHERE i.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
    RETURN NEW;
END
$$;

CREATE FUNCTION scratch.of_no_tenant() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    -- all tenants:
    RETURN (SELECT count(*) FROM scratch.items AS i); -- rule 9
END
$$;

CREATE FUNCTION scratch.sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.actor', 'x', true); -- rule 10
    NEW.name := set_config('app.actor', 'x', true); -- rule 10
    RETURN NEW;
END
$$;

CREATE FUNCTION scratch.sets_as_a_trigger_may() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- set_config: read where the row is.
    PERFORM set_config('app.actor', 'x', true); -- rule 10
END
$$;

CREATE FUNCTION scratch.answers(tenant uuid) RETURNS xid8 LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scratch.items (tenant_id, id, note) -- rule 22
    VALUES (tenant, tenant, scratch.transaction_of(tenant));
    RETURN pg_snapshot_xmin(pg_current_snapshot()); -- rule 35
END
$$;

CREATE FUNCTION scratch.computes(tenant uuid) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
BEGIN
    UPDATE scratch.items AS i -- rule 12
    SET note = concat(i.note, moment)
    WHERE i.tenant_id = tenant;
    UPDATE scratch.items AS i -- rule 12
    SET deleted_at = coalesce(moment, now())
    WHERE i.tenant_id = tenant;
    DELETE FROM scratch.items AS i -- rule 13
    WHERE i.tenant_id = tenant
    RETURNING now() INTO moment;
    INSERT INTO scratch.items (tenant_id, id, n) -- rule 14
    VALUES (tenant, tenant, (SELECT count(*) FROM scratch.labels));
    INSERT INTO scratch.items (tenant_id, id) -- rule 14
    VALUES (tenant, tenant)
    ON CONFLICT (tenant_id, id) DO UPDATE SET deleted_at = now();
    PERFORM scratch.label_of(1) -- rule 23
    FROM scratch.items AS i
    WHERE i.tenant_id = tenant;
    DELETE FROM scratch.items AS i -- rule 24
    WHERE i.tenant_id = tenant
        AND i.n = CASE i.kind WHEN 'a' THEN 1 END;
    PERFORM -- rule 25
    FROM scratch.items AS i
    LEFT OUTER JOIN scratch.labels AS l ON l.id = i.n
    WHERE i.tenant_id = tenant
        AND NOT EXISTS (SELECT FROM scratch.messages);
    INSERT INTO scratch.items (tenant_id, id) -- rule 28
    SELECT
        tenant,
        u.id
    FROM unnest(ARRAY[tenant]) AS u (id);
    RETURN moment;
END
$$;

CREATE FUNCTION scratch.in_sql() RETURNS bigint LANGUAGE sql AS $$ -- rule 23
    SELECT count(*) FROM scratch.labels;
$$;

-- What a migration generates is in no file.
DO $do$
BEGIN
    EXECUTE format(
        'CREATE FUNCTION scratch.%I() RETURNS void LANGUAGE plpgsql AS %L',
        'generated',
        'BEGIN DELETE FROM scratch.items AS i; END -- rule 9'
    );
END
$do$;
"""

# These have no source of their own.
PARSED = """
CREATE FUNCTION scratch.returned() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM scratch.labels);
CREATE FUNCTION scratch.atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC; SELECT count(*) FROM scratch.labels; END;
CREATE FUNCTION scratch.setting() RETURNS text LANGUAGE sql RETURN set_config('app.actor', 'x', true);
CREATE FUNCTION scratch.of_an_item(item scratch.items) RETURNS void LANGUAGE plpgsql AS 'BEGIN RETURN; END';
"""

RIGHT = """
CREATE FUNCTION scratch.right_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    other CONSTANT scratch.items := coalesce(NEW, OLD);
    tenant uuid = NEW.tenant_id;
    labels bigint;
BEGIN
    -- set_config: read where the row is.
    PERFORM set_config('app.actor', 'x', true);
    PERFORM scratch.lock(tenant);
    NEW.code := pg_snapshot_xmin(pg_current_snapshot())::text;
    SELECT count(*) INTO labels FROM scratch.labels AS l;
    NEW.name := CASE NEW.kind WHEN 'a' THEN scratch.name_of(1) END;
    INSERT INTO scratch.items (tenant_id, id, n, note, deleted_at)
    VALUES (coalesce(NEW.tenant_id, OLD.tenant_id), NEW.id, labels, concat(NEW.note, 'x'), now());
    INSERT INTO scratch.items (tenant_id, id)
    SELECT
        NEW.tenant_id,
        u.id
    FROM unnest(ARRAY[NEW.id]) AS u (id)
    ON CONFLICT DO NOTHING;
    UPDATE scratch.items AS i
    SET
        note = concat(NEW.note, 'x'),
        deleted_at = now() + other.slot::interval,
        n = CASE WHEN i.kind = 'a' THEN labels END
    WHERE i.tenant_id = other.tenant_id
        AND i.id = NEW.id;
    DELETE FROM scratch.items AS i
    WHERE i.tenant_id = tenant
        AND i.deleted_at < now() - interval '1 day';
    RETURN NEW;
END
$$;

CREATE FUNCTION scratch.right_rows(tenant_id uuid, other uuid) RETURNS SETOF scratch.items LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT i.* FROM scratch.items AS i WHERE i.tenant_id = right_rows.tenant_id;
    RETURN QUERY SELECT i.* FROM scratch.items AS i WHERE i.tenant_id = other;
END
$$;

CREATE FUNCTION scratch.right_count() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN (SELECT count(*) FROM scratch.items AS i);
END
$$;

CREATE FUNCTION scratch.right_horizon(tenant_id uuid) RETURNS xid8 LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- snapshot: that of the server with the row whose column is the argument.
    RETURN pg_snapshot_xmin(pg_current_snapshot());
END
$$;

CREATE FUNCTION scratch.right_in_sql(n bigint) RETURNS text LANGUAGE sql
RETURN CASE n WHEN 1 THEN concat('a', 'b') END;
"""


@pytest.fixture(scope="module")
def functions(connection: Connection) -> Iterator[list[Function]]:
    """Those of the scratch schema."""
    with connection.transaction(force_rollback=True):
        for text in (BROKEN, PARSED, RIGHT):
            connection.execute(text)
        yield [found for found in read_functions(connection) if found.name.startswith("scratch.")]


def test_what_breaks_a_rule_is_found_at_its_statement(
    functions: list[Function], schema: Schema
) -> None:
    marked = {
        (function.name, line, rule)
        for function in functions
        for line, text in enumerate(function.source.split("\n"), start=1)
        for rule in re.findall(r"-- (rule \d+)$", text)
    }
    found = {
        (str(finding.path), finding.line, rule)
        for finding in wrong_functions(functions, schema)
        for rule in re.findall(r"docs/scale-out.md, (rule \d+)\)$", finding.message)
    }
    of_parsed = {
        ("scratch.returned", 1, "rule 23"),
        ("scratch.atomic", 1, "rule 23"),
        ("scratch.setting", 1, "rule 10"),
    }
    assert len(marked) > 15
    assert found == marked | of_parsed


def test_what_cannot_be_read_is_found(functions: list[Function], schema: Schema) -> None:
    [found] = (f for f in wrong_functions(functions, schema) if "rule" not in f.message)
    assert str(found).startswith("scratch.of_an_item:1: error: cannot be read: ")


def test_defaults_and_privileges_that_do_not_fit_shards(
    connection: Connection, schema: Schema, tmp_path: Path
) -> None:
    (tmp_path / "0001.scratch.sql").write_text(
        "\nCREATE TABLE scratch.items (\n    xid xid8\n);\nCREATE TABLE scratch.labels ("
    )
    (tmp_path / "0002.more.sql").write_text(
        "COMMENT ON TABLE scratch.items IS 'line';\n\nALTER TABLE scratch.items\nADD COLUMN line integer;"
    )
    with connection.transaction(force_rollback=True):
        connection.execute(
            """
            CREATE DOMAIN scratch.transaction AS xid8 DEFAULT pg_current_xact_id();
            ALTER TABLE scratch.items
            ADD COLUMN xid xid8 DEFAULT pg_current_xact_id(),
            ADD COLUMN horizon xid8 DEFAULT pg_snapshot_xmin(pg_current_snapshot()),
            ADD COLUMN line integer DEFAULT operations.timeline(),
            ADD COLUMN around text DEFAULT scratch.transaction(),
            ADD COLUMN typed scratch.transaction,
            ADD COLUMN made_at timestamptz DEFAULT now();
            ALTER TABLE scratch.labels ADD COLUMN xid xid8 DEFAULT pg_current_xact_id();
            GRANT UPDATE (note) ON scratch.items TO app_rw;
            GRANT SELECT (label) ON scratch.labels TO app_rw;
            """
        )
        found = [
            (
                f"{finding.path.name}:{finding.line}",
                finding.message.rpartition(": ")[0],
                finding.message[-3:-1],
            )
            for finding in wrong_tables(connection, schema, tmp_path)
            if "scratch." in finding.message
        ]
    assert found == [
        ("0001.scratch.sql:3", "scratch.items: the default of xid", "22"),
        (f"{tmp_path.name}:1", "scratch.items: the default of horizon", "22"),
        ("0002.more.sql:4", "scratch.items: the default of line", "22"),
        (f"{tmp_path.name}:1", "scratch.items: the default of around", "22"),
        (f"{tmp_path.name}:1", "scratch.items: the default of typed", "22"),
        ("0001.scratch.sql:2", "scratch.items: a privilege on note", "27"),
        ("0001.scratch.sql:5", "scratch.labels: a privilege on label", "27"),
    ]


def test_the_functions_and_tables_of_the_service_are_as_they_should_be(
    connection: Connection, schema: Schema
) -> None:
    found = [*wrong_functions(schema.functions, schema), *wrong_tables(connection, schema)]
    assert [str(finding) for finding in found] == []
