"""Functions of the database: who may execute them, and that nobody gets another's rights by one."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Literal

from tests.client import Tenant
from tests.postgres import Server

Sql = psycopg.Connection[Any]

# What defaults, CHECKs, triggers and statements call. Nothing else is executed by anybody but its owner.
EXECUTED_BY = {
    "operations.new_id()": {"app_rw", "app_ro", "app_log"},
    "operations.time_of(uuid)": {"app_log"},
    "operations.event_type(text,jsonb)": {"app_rw", "app_ro"},
    "operations.first_id(timestamp with time zone)": {"app_rw", "app_ro"},
    "operations.timeline()": {"app_rw", "app_ro", "app_log"},
    "operations.current_epoch()": {"app_rw", "app_ro"},
    "operations.horizon(uuid)": {"app_rw"},
    "operations.statement_statistics()": {"app_rw", "app_ro"},
    "identity.tenant_ids()": {"app_rw", "app_ro"},
    "identity.active_tenant_ids()": {"app_rw", "app_ro"},
    # Of what only the owner may do, as its caller: who lacks the right is refused.
    "operations.forget_api_usage(uuid,timestamp with time zone)": {"app_rw"},
    "operations.forget_events(uuid,uuid[])": {"app_rw"},
    "operations.raise_epoch(text,integer)": {"app_rw"},
    "operations.claim_task_run(text,timestamp with time zone,text,interval)": {"app_rw"},
    "operations.extend_task_run(text,timestamp with time zone,uuid,interval)": {"app_rw"},
    "operations.end_task_run(text,timestamp with time zone,uuid,integer,integer,bigint)": {
        "app_rw"
    },
    "operations.enable_task(text,boolean)": {"app_rw"},
    "operations.forget_task_runs(interval)": {"app_rw"},
    "operations.store_backlog(jsonb)": {"app_rw"},
    "operations.make_partitions(date,date)": {"app_rw"},
    "operations.drop_partitions(date,boolean)": {"app_rw"},
    "models.forget_runs(uuid,uuid[])": {"app_rw"},
    "models.redact_runs(uuid,uuid[])": {"app_rw"},
    "inbox.forget_conversations(uuid,uuid[])": {"app_rw"},
    "models.lock_prompts(uuid)": {"app_rw"},
    "operations.is_blank(text)": {"app_rw", "app_ro"},
    "operations.trimmed(text)": {"app_rw", "app_ro"},
    "drafts.tweet_length(text)": {"app_rw"},
    "drafts.shorten_links(text)": {"app_rw"},
    "drafts.top_level_domains()": {"app_rw"},
    "drafts.international_domains()": {"app_rw"},
    "drafts.apply_diff(jsonb,text)": {"app_rw"},
    "drafts.hold_reply(uuid,uuid,text)": {"app_rw"},
    "drafts.set_aside(uuid,uuid,text)": {"app_rw"},
    "drafts.status_after(text)": {"app_rw"},
    "operations.set_local(text,text)": {"app_rw", "app_ro"},
    "operations.check_constraints()": {"app_rw"},
    "operations.new_public_id()": {"app_rw"},
    "identity.periods(timestamp with time zone)": {"app_rw", "app_ro"},
    "identity.may(uuid,text)": {"app_rw", "app_ro"},
    "library.may_change(uuid,uuid,text)": {"app_rw", "app_ro"},
    "library.lock_run_counts(uuid)": {"app_rw"},
    "library.lock_runs(uuid,uuid[])": {"app_rw"},
    "library.require_run(uuid,uuid,text[])": {"app_rw"},
    "library.require_change(uuid,uuid)": {"app_rw"},
    "studio.engagement_rate(bigint,bigint,bigint,bigint)": {"app_rw", "app_ro"},
    "studio.virality_score(numeric)": {"app_rw", "app_ro"},
    "studio.gap_percent(numeric,numeric)": {"app_rw", "app_ro"},
    "studio.gap_direction(numeric,numeric)": {"app_rw", "app_ro"},
    "studio.pattern_hash(text)": {"app_rw", "app_ro"},
    "studio.adjusted_weight(numeric,text,numeric)": {"app_rw"},
    "library.words_of(text,text)": {"app_rw", "app_ro"},
    **{
        f"{area}.tenants_with_work()": {"app_rw", "app_ro"}
        for area in ("operations", "drafts", "pipelines", "studio", "library")
    },
    "webhooks.tenant_ids()": {"app_rw", "app_ro"},
    "webhooks.is_recorded(text)": {"app_rw"},
    "webhooks.forget_deliveries(uuid,uuid[])": {"app_rw"},
}


@pytest.mark.usefixtures("settings")
def test_only_who_needs_a_function_may_execute_it(server: Server) -> None:
    for url in server.everywhere("draftroom"):
        with psycopg.connect(url) as node:
            found = node.execute(
                """
                SELECT p.oid::regprocedure::text, array_agg(r.role)
                FROM pg_proc AS p, unnest('{app_rw,app_ro,app_log,public}'::text[]) AS r (role)
                WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
                    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
                    AND pg_get_userbyid(p.proowner) <> r.role
                    AND has_function_privilege(r.role, p.oid, 'EXECUTE')
                GROUP BY p.oid
                """
            ).fetchall()
        assert {name: set(roles) for name, roles in found} == EXECUTED_BY


def test_a_function_with_its_owners_rights_writes_the_event_log_and_is_app_logs(owner: Sql) -> None:
    found = owner.execute(
        """
        SELECT p.oid::regprocedure::text AS name, pg_get_userbyid(p.proowner) AS owner, p.proconfig AS config,
            p.prorettype::regtype::text AS returns, array_agg(DISTINCT t.tgrelid::regclass::text) AS tables
        FROM pg_proc AS p
        LEFT JOIN pg_trigger AS t ON t.tgfoid = p.oid
        WHERE p.prosecdef AND p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
        GROUP BY p.oid
        """
    ).fetchall()
    assert len(found) > 15
    for row in found:
        [table] = row["tables"]
        area, _, name = table.partition(".")
        assert row == {
            "name": f"{area}.record_{name}()",
            "owner": "app_log",
            "config": ["search_path=pg_catalog, pg_temp"],
            "returns": "trigger",
            "tables": [table],
        }


def test_app_log_has_no_other_right(owner: Sql) -> None:
    role = owner.execute(
        "SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication AS more"
        " FROM pg_roles WHERE rolname = 'app_log'"
    ).fetchone()
    assert role == {"more": False}
    creates = owner.execute(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege('app_log', oid, 'CREATE')"
        " AND nspname NOT LIKE 'pg\\_temp%'"
    ).fetchall()
    assert creates == []
    tables = owner.execute(
        """
        SELECT c.oid::regclass::text AS name, array_agg(p.privilege) AS may
        FROM pg_class AS c, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
        WHERE c.relkind IN ('r', 'p', 'v', 'S') AND c.relnamespace::regnamespace::text
            NOT IN ('pg_catalog', 'information_schema')
            AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
            AND has_table_privilege('app_log', c.oid, p.privilege)
        GROUP BY c.oid
        """
    ).fetchall()
    assert {row["name"]: set(row["may"]) for row in tables} == {
        "operations.events": {"INSERT"},
        "operations.epochs": {"SELECT"},
        "identity.tenants": {"SELECT"},
    }


# A temporary type whose cast to json is somebody's own code, a temporary table with it, and on that the trigger of
# another: an INSERT would call the cast with the rights of the trigger's owner.
ATTACK = """
    CREATE TYPE pg_temp.mood AS ENUM ('bad');
    CREATE FUNCTION pg_temp.to_json(pg_temp.mood) RETURNS json LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE identity.users SET display_name = 'Mallory';
        RETURN '{{}}';
    END $$;
    CREATE CAST (pg_temp.mood AS json) WITH FUNCTION pg_temp.to_json(pg_temp.mood);
    CREATE TEMPORARY TABLE lure (tenant_id uuid, id uuid, revision bigint, mood pg_temp.mood);
    CREATE TRIGGER t AFTER INSERT ON lure FOR EACH ROW EXECUTE FUNCTION {function}('identity.users');
    INSERT INTO lure (tenant_id, id, mood) VALUES ({tenant}, {tenant}, 'bad');
"""


@pytest.mark.parametrize("role", ["app_rw", "app_ro"])
@pytest.mark.parametrize(
    ("temporary", "why"),
    [
        (False, "permission denied to create temporary tables"),
        (True, "permission denied for function"),
    ],
    ids=["as it is", "with temporary objects"],
)
def test_no_function_lends_its_owners_rights(
    server: Server,
    clone: Callable[[str], str],
    role: str,
    temporary: bool,
    why: str,
) -> None:
    database = clone(f"attacked_{role}_{int(temporary)}")
    with psycopg.connect(server.url("postgres", database), autocommit=True) as superuser:
        if temporary:  # the second lock alone
            superuser.execute(
                f"GRANT TEMPORARY ON DATABASE {server.name(database)} TO {role}".encode()
            )
    with psycopg.connect(server.url("app_owner", database), autocommit=True) as owner:
        [(tenant_id,)] = owner.execute(
            "INSERT INTO identity.tenants (name) VALUES ('Victim') RETURNING id"
        ).fetchall()
        owner.execute(
            "INSERT INTO identity.users (tenant_id, email, display_name) VALUES (%s, 'a@example.com', 'Alice')",
            [tenant_id],
        )
        functions = owner.execute(
            "SELECT oid::regproc::text FROM pg_proc"
            " WHERE prosecdef AND prorettype = 'trigger'::regtype AND pronamespace <> 'pg_catalog'::regnamespace"
        ).fetchall()
        logged = owner.execute("SELECT count(*) FROM operations.events").fetchone()
        assert functions
        for (function,) in functions:
            attack = SQL(ATTACK).format(function=SQL(function), tenant=Literal(tenant_id))
            with psycopg.connect(server.url(role, database), autocommit=True) as attacker:
                attacker.execute("SET default_transaction_read_only = off")
                with pytest.raises(InsufficientPrivilege, match=why):
                    attacker.execute(attack)
        named = owner.execute("SELECT display_name FROM identity.users").fetchall()
        assert named == [("Alice",)]
        assert owner.execute("SELECT count(*) FROM operations.events").fetchone() == logged


def test_no_function_looks_for_rows_by_what_hides_their_index(owner: Sql) -> None:
    """Row-level security goes before a comparison with coalesce() or with a function of another row's columns."""
    hidden = r"\m\w+\.\w+ = (coalesce\(|ANY \(\w+\.\w+\([a-z]\.)"
    assert (
        owner.execute(
            """
            SELECT p.oid::regprocedure::text
            FROM pg_proc AS p
            WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
                AND p.prosrc ~ %s
            """,
            [hidden],
        ).fetchall()
        == []
    )


def test_an_error_about_a_constraint_names_it_in_the_message(owner: Sql) -> None:
    """By itself the name does not leave the node of a cluster."""
    raised = owner.execute(
        """
        SELECT
            p.oid::regprocedure::text AS function,
            m[1] AS said
        FROM pg_proc AS p
        CROSS JOIN LATERAL regexp_matches(p.prosrc, 'RAISE EXCEPTION ([^;]*)CONSTRAINT = ', 'g') AS m
        WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
        """
    ).fetchall()
    assert len(raised) > 10
    assert [row for row in raised if 'violates constraint "' not in row["said"]] == []


@pytest.mark.parametrize("role", ["app_rw", "app_ro"])
def test_large_objects_and_temporary_tables_are_not_for_the_services_roles(
    server: Server, tenant: Tenant, role: str
) -> None:
    with psycopg.connect(server.url(role, "draftroom"), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for statement in (
            "CREATE TEMPORARY TABLE t (id integer)",
            "SELECT lo_creat(-1)",
            "SELECT lo_from_bytea(0, 'x')",
            "SELECT lo_unlink(1)",
        ):
            with pytest.raises(InsufficientPrivilege, match="permission denied"):
                connection.execute(statement.encode())


# Ids ----------------------------------------------------------------------------------------------------


def test_an_id_tells_when_it_was_made(owner: Sql) -> None:
    [row] = owner.execute(
        "SELECT count(*) AS n FROM (SELECT clock_timestamp() AS before, operations.new_id() AS id,"
        " clock_timestamp() AS after FROM generate_series(1, 1000)) AS made"
        " WHERE operations.time_of(id) BETWEEN before - interval '10 ms' AND after + interval '10 ms'"
    ).fetchall()
    assert row["n"] == 1000


def test_the_first_id_of_a_moment_divides_the_ids_before_it_from_the_others(owner: Sql) -> None:
    # Each microsecond of three milliseconds, and the last id before it.
    [row] = owner.execute(
        """
        SELECT
            bool_and(operations.time_of(first.id) = m.moment) AS starts,
            bool_and(operations.time_of(latest.id) < m.moment) AS ends
        FROM generate_series(0, 2999) AS n
        CROSS JOIN LATERAL (
            SELECT timestamptz '2026-01-01 00:00:00.998Z' + n * interval '1 microsecond' AS moment
        ) AS m
        CROSS JOIN LATERAL (SELECT operations.first_id(m.moment) AS id) AS first
        CROSS JOIN LATERAL (
            SELECT (
                substr(hex, 1, 12) || '7' || substr(hex, 13) || repeat('f', 16)
            )::uuid AS id
            FROM (
                SELECT lpad(
                    to_hex(
                        ('x' || substr(first.id::text, 1, 8) || substr(first.id::text, 10, 4)
                        || substr(first.id::text, 16, 3))::bit(60)::bigint - 1
                    ),
                    15,
                    '0'
                ) AS hex
            ) AS before
        ) AS latest
        """
    ).fetchall()
    assert row == {"starts": True, "ends": True}


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("-infinity", "00000000-0000-0000-0000-000000000000"),
        ("1969-12-31", "00000000-0000-0000-0000-000000000000"),
        ("1970-01-01 00:00Z", "00000000-0000-7000-0000-000000000000"),
        ("9999-12-31 23:59:59.999999Z", "e677d21f-dbff-7ffc-0000-000000000000"),
        ("10001-01-01", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ],
)
def test_every_moment_has_a_first_id(owner: Sql, moment: str, first: str) -> None:
    [row] = owner.execute("SELECT operations.first_id(%s)::text AS id", [moment]).fetchall()
    assert row["id"] == first
