"""What a review knows of the schema, and what the schema lacks."""

from pathlib import Path

from service.queries.review.schema import Schema, read_schema, unexplained_constraints
from tests.queries.review.helpers import Connection


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
        found = unexplained_constraints(connection, read_schema(connection), migrations)
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
    connection: Connection, schema: Schema
) -> None:
    found = unexplained_constraints(connection, schema)
    assert [str(finding) for finding in found if "scratch" not in finding.message] == []
