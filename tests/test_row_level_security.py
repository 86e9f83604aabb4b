"""Tenants are apart in the database itself, and its roles can do no more than they are for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import (
    ForeignKeyViolation,
    InsufficientPrivilege,
    InvalidTextRepresentation,
    ReadOnlySqlTransaction,
)
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.queries import queries
from tests.client import Tenant, new_id
from tests.full import name
from tests.postgres import Server
from tests.test_protection import DERIVED
from tests.writer import Writer, violated

Sql = psycopg.Connection[Any]

# What app_rw may only read.
READ_ONLY = [
    "operations.status_transitions",
    "operations.epochs",
    "operations.applied_migrations",
    "operations.tasks",
    "operations.job_types",
]


@pytest.fixture
def tables(owner: Sql) -> list[str]:
    """Every table with rows of tenants; a partition is read by its table alone."""
    found = owner.execute(
        "SELECT c.oid::regclass::text AS name FROM pg_attribute AS a"
        " INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
        " WHERE a.attname = 'tenant_id' AND NOT c.relispartition"
    ).fetchall()
    assert len(found) > 10
    return sorted(row["name"] for row in found)


@pytest.fixture
def connect(settings: Settings) -> Iterator[Callable[..., Writer]]:
    """Connects as app_rw, by itself without a tenant."""
    opened: list[Writer] = []

    def make(tenant_id: str | None = None, url: str = str(settings.database_url)) -> Writer:
        connection = Writer.connect(url, row_factory=psycopg.rows.dict_row)
        opened.append(connection)
        if tenant_id is not None:
            connection.set("app.tenant_id", tenant_id)
            connection.set("app.user_id", "any")
        return connection

    yield make
    for connection in opened:
        connection.close()


def count(connection: Sql, table: str) -> int:
    row = connection.execute(SQL("SELECT count(*) AS n FROM {}").format(name(table))).fetchone()
    assert row
    return int(row["n"])


def may(connection: Sql, table: str, privilege: str) -> bool:
    found = connection.execute("SELECT has_table_privilege(%s, %s) AS may", [table, privilege])
    row = found.fetchone()
    assert row
    return bool(row["may"])


def copy_of_a_row(owner: Sql, table: str, tenant_id: str) -> dict[str, Any]:
    """A row of the tenant, as if it were new."""
    query = SQL("SELECT to_jsonb(t) AS row FROM {} AS t WHERE tenant_id = %s LIMIT 1")
    found = owner.execute(query.format(name(table)), [tenant_id]).fetchone()
    assert found, f"{table} is empty: it would prove nothing"
    row: dict[str, Any] = found["row"]
    generated = owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''",
        [table],
    ).fetchall()
    for column in generated:
        del row[column["attname"]]
    for column in ("last_message_id", "last_message_at", "last_inbound_at"):
        row.pop(column, None)  # a copied conversation has no messages
    if "id" in row:
        row["id"] = new_id()
    status = owner.execute(
        "SELECT min(to_status) AS first FROM operations.status_transitions"
        " WHERE entity = %s AND from_status = 'new'",
        [table],
    ).fetchone()
    return row | ({"status": status["first"]} if status and status["first"] else {})


def insert(connection: Sql, table: str, row: dict[str, Any]) -> None:
    query = SQL(
        "INSERT INTO {t} ({c}) SELECT {c} FROM jsonb_populate_record(NULL::{t}, %s) RETURNING tenant_id"
    ).format(t=name(table), c=SQL(", ").join(map(Identifier, row)))
    with connection.transaction():
        connection.execute(query, [Jsonb(row)])


def test_without_a_tenant_nothing_is_seen_and_nothing_can_be_added(
    full: Tenant, tables: list[str], owner: Sql, connect: Callable[..., Writer]
) -> None:
    nobody = connect()
    # Otherwise triggers ask what the user may do before the policies are asked.
    nobody.set("app.user_id", "any")
    own = connect(full.id)
    for table in [*tables, "identity.tenants"]:
        assert count(own, table) > 0
        assert count(nobody, table) == 0
    for table in tables:
        with pytest.raises((InsufficientPrivilege, ForeignKeyViolation)) as refused:
            insert(nobody, table, copy_of_a_row(owner, table, full.id))
        assert_refused_for_the_tenant(refused.value, table)


def assert_refused_for_the_tenant(error: psycopg.Error, table: str) -> None:
    # Triggers that look for what the row belongs to go first, and do not see it.
    unseen = {
        "drafts.drafts": "drafts_conversation_fkey",
        "models.prompt_activations": "prompt_activations_prompt_version_fkey",
        "inbox.message_versions": "message_versions_message_fkey",
        "library.bookmarks": "bookmarks_resource_fkey",
        "library.runs": "runs_version_fkey",
        "library.resource_views": "resource_views_resource_fkey",
    }
    if table in unseen:
        assert violated(error) == unseen[table]
    elif table in DERIVED:
        assert "only triggers write its rows" in str(error)
    elif table == "operations.events":
        assert "permission denied" in str(error)
    else:
        assert "violates row-level security policy" in str(error)


def test_another_tenants_rows_can_be_neither_read_nor_changed_nor_added(
    full: Tenant,
    new_tenant: Callable[[], Tenant],
    tables: list[str],
    owner: Sql,
    connect: Callable[..., Writer],
) -> None:
    other = connect(new_tenant().id)
    for table in tables:
        before = owner.execute(
            SQL("SELECT * FROM {} WHERE tenant_id = %s").format(name(table)), [full.id]
        )
        rows_before = before.fetchall()
        for privilege, query in (
            ("SELECT", "SELECT * FROM {} WHERE tenant_id = %s"),
            ("UPDATE", "UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = %s"),
            ("DELETE", "DELETE FROM {} WHERE tenant_id = %s"),
        ):
            if may(other, table, privilege):
                assert other.execute(SQL(query).format(name(table)), [full.id]).rowcount == 0
        with pytest.raises((InsufficientPrivilege, ForeignKeyViolation)) as refused:
            insert(other, table, copy_of_a_row(owner, table, full.id))
        assert_refused_for_the_tenant(refused.value, table)
        after = owner.execute(
            SQL("SELECT * FROM {} WHERE tenant_id = %s").format(name(table)), [full.id]
        )
        assert after.fetchall() == rows_before
    renamed = other.execute("UPDATE identity.tenants SET name = 'x' WHERE id = %s", [full.id])
    assert renamed.rowcount == 0


@pytest.mark.not_on_citus("Citus itself refuses to change the column that a table is sharded by")
def test_no_row_can_be_given_to_another_tenant(
    full: Tenant, new_tenant: Callable[[], Tenant], connect: Callable[..., Writer]
) -> None:
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites tenant_id"):
        connect(full.id).execute(
            "UPDATE operations.source_documents SET tenant_id = %s", [new_tenant().id]
        )


@pytest.mark.parametrize(
    ("table", "column", "foreign"),
    [
        ("inbox.conversations", "channel_id", "inbox.channels"),
        ("inbox.messages", "conversation_id", "inbox.conversations"),
        ("inbox.attachments", "message_id", "inbox.messages"),
        ("drafts.drafts", "conversation_id", "inbox.conversations"),
        ("drafts.drafts", "author_user_id", "identity.users"),
        ("operations.notifications", "user_id", "identity.users"),
    ],
)
def test_no_row_can_point_into_another_tenant(
    full: Tenant,
    new_tenant: Callable[[], Tenant],
    owner: Sql,
    connect: Callable[..., Writer],
    table: str,
    column: str,
    foreign: str,
) -> None:
    other = new_tenant()
    draft = other.draft()
    other.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "hold"})
    message = other.receive()["message_id"]
    other.service.post(
        f"/v1/messages/{message}/attachments",
        {"file_name": "a.png", "mime_type": "image/png", "size_bytes": 1, "object_key": "a"},
    )
    own = connect(other.id)
    row = copy_of_a_row(owner, table, other.id)
    unique = [column for column in ("external_id", "object_key") if column in row]
    row |= {column: uuid4().hex for column in unique}
    insert(own, table, row)  # a copy with another id is fine
    foreign_id = copy_of_the_id(owner, foreign, full.id)
    again = row | {"id": new_id(), column: foreign_id}
    again |= {column: uuid4().hex for column in unique}
    with pytest.raises(ForeignKeyViolation):
        insert(own, table, again)


def copy_of_the_id(owner: Sql, table: str, tenant_id: str) -> str:
    query = SQL("SELECT id FROM {} WHERE tenant_id = %s LIMIT 1").format(name(table))
    found = owner.execute(query, [tenant_id]).fetchone()
    assert found
    return str(found["id"])


def test_after_a_commit_the_connection_belongs_to_no_tenant(
    settings: Settings, full: Tenant, caller: Caller
) -> None:
    assert settings.database_url
    database = Database(replace(settings, pool_size=1), settings.database_url)
    database.open()
    try:
        step = queries.identity.get_tenant()
        uses: list[Callable[[], list[Any]]] = [
            lambda: database.session(caller).rows(step),
            lambda: database.atomically(caller, lambda tx: tx.rows(step)),
        ]
        for use in uses:
            assert len(use()) == 1
            with database.connection() as connection:
                shown = connection.execute(
                    "SELECT current_setting('app.tenant_id'), current_setting('app.actor'),"
                    " (SELECT count(*) FROM identity.users)"
                ).fetchone()
            assert shown == ("", "", 0)
    finally:
        database.close()


def test_a_tenant_that_is_none_shows_nothing(connect: Callable[..., Writer]) -> None:
    with pytest.raises(InvalidTextRepresentation):
        count(connect("' OR true"), "identity.users")
    assert count(connect(str(uuid4())), "identity.users") == 0


def test_the_service_cannot_change_the_schema_or_leave_its_role(
    connect: Callable[..., Writer],
) -> None:
    service = connect()
    for statement in (
        "CREATE TABLE {schema}.t (id int)",
        "CREATE FUNCTION {schema}.f() RETURNS int LANGUAGE sql RETURN 1",
    ):
        for schema in ("public", "identity", "inbox", "drafts", "operations"):
            refused(service, statement.format(schema=schema))
    for statement in (
        "CREATE SCHEMA mine",
        "ALTER TABLE inbox.messages ADD COLUMN a int",
        "ALTER TABLE inbox.messages DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE inbox.messages DISABLE TRIGGER record_event",
        "DROP POLICY tenant_isolation ON inbox.messages",
        "DROP TABLE inbox.messages",
        "TRUNCATE inbox.messages",
        "CREATE INDEX ON inbox.messages (id)",
        "CREATE OR REPLACE FUNCTION inbox.record_messages() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "SET ROLE app_owner",
        "SET session_replication_role = replica",
        "ALTER ROLE app_rw BYPASSRLS",
        "UPDATE public._yoyo_migration SET migration_id = 'x'",
        "DELETE FROM public._yoyo_migration",
        "TRUNCATE operations.events",
        "DELETE FROM identity.tenants",
    ):
        refused(service, statement)


def refused(connection: Sql, statement: str, why: str | None = None) -> None:
    with pytest.raises(InsufficientPrivilege, match=why), connection.transaction():
        connection.execute(statement.encode())


@pytest.mark.parametrize("table", READ_ONLY)
def test_the_service_only_reads_what_governs_it(
    connect: Callable[..., Writer], full: Tenant, table: str
) -> None:
    service = connect(full.id)
    assert count(service, table) > 0
    refused(service, f"INSERT INTO {table} SELECT * FROM {table}")
    refused(service, f"DELETE FROM {table}")
    row = service.execute(SQL("SELECT * FROM {} LIMIT 1").format(name(table))).fetchone()
    assert row
    column = next(iter(row))
    refused(service, f"UPDATE {table} SET {column} = {column}")


def test_the_event_log_is_only_added_to(
    connect: Callable[..., Writer], full: Tenant, owner: Sql
) -> None:
    for statement in (
        "UPDATE operations.events SET action = 'x'",
        "DELETE FROM operations.events",
    ):
        refused(connect(full.id), statement, "permission denied")
        # Not even its owner, unless the whole tenant goes.
        refused(owner, statement, "append-only")


def test_analytics_reads_its_tenant_and_writes_nothing(
    connect: Callable[..., Writer],
    server: Server,
    full: Tenant,
    tables: list[str],
    owner: Sql,
) -> None:
    url = server.url("app_ro", "draftroom")
    nobody, own = connect(None, url), connect(full.id, url)
    writable = connect(full.id, url)
    writable.execute("SET default_transaction_read_only = off")
    writable.commit()
    hidden = [table for table in tables if not may(own, table, "SELECT")]
    assert hidden == ["identity.api_keys", "operations.idempotency_keys"]
    for table in tables:
        if table not in hidden:
            assert count(nobody, table) == 0
            assert count(own, table) > 0
        row = copy_of_a_row(owner, table, full.id)
        with pytest.raises(ReadOnlySqlTransaction):
            insert(own, table, row)
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            insert(writable, table, row)
        for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):
            refused(writable, statement)
