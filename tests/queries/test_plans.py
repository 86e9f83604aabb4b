"""The plans of the queries, on a database filled with realistic rows: each as it is kept in tests/plans, none that
reads a table without an index and does not say why."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from service.caller import enter_to_explain
from service.commands.explain import explain_command
from service.queries import Query, load, plans
from service.queries.plans import (
    Node,
    indexes,
    lines,
    scanned,
    tables_read,
    tables_written,
    unexplained_scans,
)
from service.queries.query import parse
from service.queries.review import snapshots
from tests.commands import SECRET_KEY
from tests.postgres import Server

pytestmark = pytest.mark.not_on_citus("there a plan is only a Custom Scan")

QUERIES = load()
SAMPLE_TENANT = "00000000-0000-7000-8000-000000000001"

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Filled:
    """A database with the rows of bench/data/year, and the plans on it."""

    version: int
    superuser_url: str
    url: str
    plans: dict[str, Node]


@pytest.fixture(scope="module")
def filled(server: Server, clone: Callable[[str], str]) -> Filled:
    name = clone("plans")
    superuser_url, url = server.url("postgres", name), server.url("app_rw", name)
    snapshots.fill(superuser_url)
    plans = snapshots.make(url, QUERIES.values(), enter_to_explain())
    return Filled(server.version, superuser_url, url, plans)


@pytest.fixture
def connection(filled: Filled) -> Iterator[Connection]:
    with psycopg.connect(filled.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def superuser(filled: Filled) -> Iterator[Connection]:
    """Sees the rows of all tenants; nothing is committed."""
    with psycopg.connect(filled.superuser_url) as connection:
        yield connection
        connection.rollback()


def query(text: str, header: str = "", cardinality: str = "many") -> Query[Any]:
    source = f"-- name: area.name :{cardinality}\n-- Why.\n{header}{text}"
    return parse(source, "area.name", Path("sql/area/name.sql"))


def explain(connection: Connection, query: Query[Any], **options: Any) -> Node:
    return plans.explain(connection, query, enter_to_explain(), **options)


TENANT = f"-- param: tenant_id uuid = '{SAMPLE_TENANT}'\n"


# The snapshots --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUERIES)
def test_the_plan_is_the_one_that_is_kept(filled: Filled, name: str) -> None:
    if filled.version != snapshots.VERSION:
        pytest.skip(f"the kept plans are those of PostgreSQL {snapshots.VERSION}")
    path = snapshots.path(name)
    kept = path.read_text() if path.exists() else ""
    changed = difflib.unified_diff(
        kept.splitlines(),
        snapshots.snapshot(filled.plans[name]).splitlines(),
        str(path.relative_to(snapshots.FOLDER.parent.parent)),
        "the plan now; make sql keeps it",
        lineterm="",
    )
    assert "\n".join(changed) == ""


def test_no_plan_is_kept_of_a_query_that_is_gone() -> None:
    assert set(snapshots.FOLDER.glob("*/*")) <= {snapshots.path(name) for name in QUERIES}


def test_snapshots_are_written_anew(filled: Filled, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "gone.txt").write_text("Result\n")
    some = {name: filled.plans[name] for name in ("drafts.feed", "inbox.timeline")}
    expected = [
        tmp_path / name for name in ("drafts/feed.txt", "inbox/gone.txt", "inbox/timeline.txt")
    ]

    assert snapshots.write(some, tmp_path) == expected
    assert snapshots.write(some, tmp_path) == []
    assert set(tmp_path.glob("*/*")) == {expected[0], expected[2]}
    assert expected[0].read_text() == "\n".join(lines(some["drafts.feed"])) + "\n"


# The rows -------------------------------------------------------------------------------------------


def test_every_table_has_rows_and_all_are_counted(superuser: Connection) -> None:
    counted = superuser.execute(
        """
        SELECT
            c.oid::regclass::text,
            c.reltuples
        FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text IN ('identity', 'inbox', 'drafts', 'operations')
            AND c.relkind = 'r'
        """
    ).fetchall()
    assert counted
    sampled = 300 * snapshots.STATISTICS_TARGET
    assert [found for found in counted if not 0 < found[1] <= sampled] == []


def test_every_reference_leads_to_a_row(superuser: Connection) -> None:
    """The rows came in without the checks of foreign keys; a key that is added anew checks them."""
    keys = superuser.execute(
        "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
    ).fetchall()
    assert keys
    for table, definition in keys:
        superuser.execute(f"ALTER TABLE {table} ADD {definition}")


def test_the_rows_are_as_the_triggers_would_have_made_them(superuser: Connection) -> None:
    wrong = superuser.execute(
        """
        SELECT c.external_id
        FROM inbox.conversations AS c
        LEFT OUTER JOIN (
            SELECT conversation_id, max(sent_at) FILTER (WHERE direction = 'inbound') AS inbound_at
            FROM inbox.messages
            GROUP BY conversation_id
        ) AS m ON m.conversation_id = c.id
        LEFT OUTER JOIN (
            SELECT conversation_id, count(*) AS drafts, max(version) AS latest
            FROM drafts.drafts
            GROUP BY conversation_id
        ) AS d ON d.conversation_id = c.id
        WHERE c.last_inbound_at IS DISTINCT FROM m.inbound_at
            OR c.draft_count <> coalesce(d.drafts, 0)
            OR c.draft_count <> coalesce(d.latest, 0)
        UNION ALL
        SELECT t.external_id
        FROM tweets.tweets AS t
        WHERE t.has_draft <> EXISTS (
            SELECT FROM drafts.drafts AS d
            WHERE d.tweet_id = t.id AND d.status IN ('pending', 'approved')
        )
        """
    ).fetchall()
    assert wrong == []


# The rules ------------------------------------------------------------------------------------------


def test_every_index_is_unique_or_of_use_to_a_query_or_to_a_foreign_key(
    filled: Filled, superuser: Connection
) -> None:
    if filled.version != snapshots.VERSION:
        pytest.skip(f"the kept plans are those of PostgreSQL {snapshots.VERSION}")
    for_nothing_else = superuser.execute(
        """
        SELECT c.relname
        FROM pg_index AS i
        INNER JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE c.relnamespace::regnamespace::text NOT LIKE 'pg_%'
            AND NOT i.indisunique
            -- By it the rows are found that refer to one that is deleted.
            AND NOT EXISTS (
                SELECT FROM pg_constraint AS k
                WHERE k.contype = 'f' AND k.conrelid = i.indrelid AND i.indkey[1] = ANY (k.conkey)
            )
        """
    ).fetchall()
    assert len(for_nothing_else) > 20
    named = {name for plan in filled.plans.values() for name in indexes(plan)}
    assert {name for (name,) in for_nothing_else} - named == set()


@pytest.mark.parametrize("name", QUERIES)
def test_who_reads_a_table_without_an_index_says_why(filled: Filled, name: str) -> None:
    assert unexplained_scans(QUERIES[name], filled.plans[name]) == []


BODIES = "SELECT m.id FROM inbox.messages AS m WHERE m.tenant_id = :tenant_id AND m.body_text = 'a'"
ALL_BODIES = "SELECT m.id FROM inbox.messages AS m WHERE m.body_text = 'a'"
SAYS_WHY = "-- scan: inbox.messages: nobody waits for it\n"


def test_a_scan_without_a_reason_is_found(superuser: Connection) -> None:
    bad = query(ALL_BODIES)
    assert unexplained_scans(bad, explain(superuser, bad)) == [
        "sql/area/name.sql: reads inbox.messages without an index, or all of a tenant;"
        " if it must, say why: -- scan: inbox.messages: reason"
    ]


def test_an_index_that_only_leads_to_the_tenant_is_none(connection: Connection) -> None:
    all_of_a_tenant = query(BODIES, TENANT)
    assert len(unexplained_scans(all_of_a_tenant, explain(connection, all_of_a_tenant))) == 1
    one = query(f"{BODIES} AND m.id = :tenant_id", TENANT)
    assert unexplained_scans(one, explain(connection, one)) == []


def test_a_scan_with_a_reason_is_none(superuser: Connection) -> None:
    good = query(ALL_BODIES, SAYS_WHY)
    assert unexplained_scans(good, explain(superuser, good)) == []


def test_a_reason_without_a_scan_is_stale(connection: Connection) -> None:
    stale = query(f"{BODIES} AND m.id = :tenant_id", SAYS_WHY + TENANT)
    assert unexplained_scans(stale, explain(connection, stale)) == [
        "sql/area/name.sql: says -- scan: inbox.messages, but does not read it so"
    ]


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("SELECT c.oid FROM pg_class AS c WHERE c.relpages = 7", set()),
        (
            "SELECT m.id FROM inbox.messages AS m TABLESAMPLE bernoulli (1)",
            {"inbox.messages"},
        ),
        (
            "DELETE FROM operations.jobs AS j WHERE j.error = 'a'",
            {"operations.jobs"},
        ),
        (
            "SELECT c.id, (SELECT count(*) FROM drafts.drafts AS d WHERE d.latency_ms > c.revision) AS n"
            " FROM inbox.conversations AS c WHERE c.tenant_id = NULL AND c.id = NULL",
            {"drafts.drafts"},
        ),
    ],
)
def test_scans_are_found_wherever_they_are(
    superuser: Connection, text: str, tables: set[str]
) -> None:
    assert scanned(explain(superuser, query(text))) == tables


def test_a_parallel_scan_is_one(superuser: Connection) -> None:
    superuser.execute("SET parallel_setup_cost = 0")
    superuser.execute("SET min_parallel_table_scan_size = 0")
    plan = explain(
        superuser, query("SELECT sum(m.created_at - m.sent_at) FROM inbox.messages AS m")
    )
    assert "Parallel Seq Scan on inbox.messages m" in lines(plan)[-1]
    assert scanned(plan) == {"inbox.messages"}


# Plans ----------------------------------------------------------------------------------------------


# Queries that read partitions, and of which tables.
PARTITIONED = {
    "operations.forget_api_usage": ["operations.api_usage"],
    "operations.list_latest_system_metrics": ["operations.system_metrics"],
    "operations.sum_api_usage": ["operations.api_usage"],
    "operations.sum_system_metrics": ["operations.system_metrics"],
    "studio.measure_critiques": ["operations.system_metrics"],
    "studio.measure_posts": ["operations.system_metrics"],
    "studio.measure_videos": ["operations.system_metrics"],
    "studio.list_snapshots": ["studio.analytics_snapshots"],
    "studio.video_series": ["studio.analytics_snapshots"],
}


def test_lines_are_what_postgresql_prints(filled: Filled, connection: Connection) -> None:
    for name, found in QUERIES.items():
        as_printed = printed(connection, found)
        if name not in PARTITIONED:
            assert lines(filled.plans[name]) == as_printed, name


def test_what_is_done_to_each_partition_is_told_once_as_of_the_table(
    filled: Filled, connection: Connection
) -> None:
    for name, tables in PARTITIONED.items():
        as_printed = "\n".join(printed(connection, QUERIES[name]))
        assert all(as_printed.count(f" on {table}_p") > 5 for table in tables)
        told = "\n".join(lines(filled.plans[name]))
        assert not re.search(r"_p\d{6}", told)
        for table in tables:
            scan = rf"using {table.partition('.')[2]}_pkey on {table} \w\n"
            assert told.count(f" on {table} ") == len(re.findall(scan, told)) == 1
            assert tables_read(filled.plans[name]) >= {table}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT DISTINCT c.status FROM inbox.conversations AS c FULL JOIN inbox.messages AS m"
        " ON m.id = c.id",
        "SELECT c.id FROM inbox.conversations AS c WHERE NOT EXISTS (SELECT FROM inbox.messages AS m"
        " WHERE m.conversation_id = c.id) EXCEPT SELECT d.id FROM drafts.drafts AS d",
        "SELECT c.id, rank() OVER (ORDER BY c.created_at) FROM inbox.conversations AS c"
        " WHERE c.id IN (SELECT m.conversation_id FROM inbox.messages AS m)",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT n.i + 1 FROM n WHERE n.i < 9) SELECT n.i FROM n",
        "SELECT c.name FROM inbox.channels AS c WHERE c.name > ALL (SELECT u.email FROM identity.users AS u)",
        "SELECT c.status, count(*) FROM inbox.conversations AS c GROUP BY c.status ORDER BY c.status",
        "SELECT c.id FROM inbox.channels AS c WHERE c.id = '00000000-0000-7000-8000-000000000004'"
        " UNION SELECT u.id FROM identity.users AS u ORDER BY id LIMIT 3",
        "SELECT c.id FROM inbox.conversations AS c WHERE c.ctid = '(0,1)'",
        "INSERT INTO operations.epochs (epoch, reason) VALUES (1, 'a') ON CONFLICT (epoch) DO UPDATE"
        " SET reason = 'b' WHERE epochs.reason <> 'b'",
    ],
)
def test_lines_of_rare_nodes_are_what_postgresql_prints(superuser: Connection, text: str) -> None:
    rare = query(text)
    assert lines(explain(superuser, rare)) == printed(superuser, rare)


def printed(connection: Connection, of: Query[Any]) -> list[str]:
    """What EXPLAIN prints of the generic plan, without what is not kept of a plan."""
    arguments = ", ".join(parameter.sample for parameter in of.parameters.values())
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.execute(f"SET LOCAL app.tenant_id = '{SAMPLE_TENANT}'")
        connection.execute(f"PREPARE printed AS {of.text}")
        shown = connection.execute(
            f"EXPLAIN (VERBOSE, COSTS OFF) EXECUTE printed {f'({arguments})' if arguments else ''}"
        ).fetchall()
        connection.execute("DEALLOCATE printed")
    # A line that begins with a quote is the rest of an output, which has a line break in a literal.
    unkept = re.compile(r" *(Output|Inner Unique|Workers Planned): |'")
    # The text puts names such as "*SELECT* 1" into quotes, JSON does not.
    return [re.sub(r'(?<= on )"(.+)"$', r"\1", line) for (line,) in shown if not unkept.match(line)]


def test_a_plan_has_names_roles_and_conditions(filled: Filled) -> None:
    plan = filled.plans["drafts.feed"]
    assert (plan.type, plan.role, plan.children[0].role) == ("Limit", "", "Outer")
    [messages] = [node for node in plan.walk() if node.relation == "inbox.messages"]
    assert messages.type == "Index Scan Backward"
    assert (messages.alias, messages.index) == ("m", "messages_conversation_sent")
    assert messages.conditions == (
        ("Index Cond", "((m.tenant_id = $1) AND (m.conversation_id = c.id))"),
        ("Filter", "(m.direction = 'inbound'::text)"),
    )
    assert messages.actual is None
    assert {"Nested Loop Left Join"} <= {node.type for node in plan.walk()}


def test_a_plan_knows_what_it_reads_and_writes(filled: Filled) -> None:
    plan = filled.plans["drafts.decide"]
    assert tables_written(plan) == {
        *("drafts.drafts", "drafts.draft_actions"),
        *("drafts.scheduled_replies", "drafts.learning_samples", "tweets.tweets"),
    }
    assert tables_read(plan) == {
        *("drafts.drafts", "inbox.conversations", "identity.tenants", "tweets.tweets"),
    }
    assert indexes(plan) >= {"drafts_pkey", "tenants_pkey", "tweets_pkey"}
    ctes = {node.name: node.type for node in plan.walk() if node.role == "InitPlan"}
    assert ctes["CTE conversation"] == "LockRows"
    assert (ctes["CTE decided"], ctes["CTE action"]) == ("Update", "Insert")
    assert "conversation" in {node.relation for node in plan.walk() if node.type == "CTE Scan"}


def test_subplans_and_functions_are_no_tables(connection: Connection) -> None:
    plan = explain(
        connection,
        query(
            "SELECT s, (SELECT max(t.name) FROM identity.tenants AS t WHERE t.id = :tenant_id)"
            " FROM generate_series(1, 3) AS s",
            TENANT,
        ),
    )
    assert tables_read(plan) == {"identity.tenants"}
    assert "pg_catalog.generate_series" in {node.relation for node in plan.walk()}
    assert any((node.name or "").startswith("InitPlan 1") for node in plan.walk())


# What is left behind --------------------------------------------------------------------------------

FAILS_LATE = """
WITH note AS (
    INSERT INTO operations.notifications (tenant_id, type)
    VALUES (:tenant_id, 'job_failed')
    RETURNING id
)

INSERT INTO operations.notifications (tenant_id, type)
SELECT :tenant_id, 'no such type'
FROM note
"""


def rows(superuser: Connection) -> dict[str, tuple[int, int]]:
    """Of each table how many rows there are, and a sum that tells whether one was written anew."""
    superuser.rollback()
    tables = superuser.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace::regnamespace::text IN ('identity', 'inbox', 'drafts', 'operations')"
    ).fetchall()
    return {
        table: superuser.execute(
            f"SELECT count(*), sum(xmin::text::bigint) FROM {table}"
        ).fetchone()
        for (table,) in tables
    }


def prepared(connection: Connection) -> list[Any]:
    return connection.execute("SELECT name FROM pg_prepared_statements").fetchall()


def test_samples_run_and_leave_nothing_behind(
    connection: Connection, superuser: Connection
) -> None:
    before = rows(superuser)
    for name, found in QUERIES.items():
        plan = explain(connection, found, analyze=True)
        assert plan.actual is not None, name
    assert rows(superuser) == before
    assert prepared(connection) == []


def test_analyze_tells_what_happened(connection: Connection) -> None:
    plan = explain(connection, QUERIES["drafts.decide"], analyze=True)
    [action] = [node for node in plan.walk() if node.relation == "drafts.draft_actions"]
    assert action.actual is not None
    assert (action.actual.rows, action.actual.loops) == (1, 1)
    assert action.actual.milliseconds > 0
    assert re.search(
        r"Insert on drafts.draft_actions a \([\d.]+ ms, rows=1 loops=1\)", "\n".join(lines(plan))
    )

    nobody = "00000000-0000-7000-8000-0000000000ff"
    plan = explain(connection, QUERIES["drafts.decide"], analyze=True, tenant_id=nobody)
    assert plan.actual is not None
    assert plan.actual.rows == 0
    assert "(never executed)" in "\n".join(lines(plan))


def test_a_failing_write_leaves_nothing_behind(
    connection: Connection, superuser: Connection
) -> None:
    before = rows(superuser)
    failing = query(FAILS_LATE, TENANT, "exec")
    explain(connection, failing)
    for _ in range(2):
        with pytest.raises(psycopg.errors.CheckViolation):
            explain(connection, failing, analyze=True)
    assert rows(superuser) == before
    assert prepared(connection) == []


@pytest.mark.parametrize("analyze", [False, True])
def test_a_transaction_goes_on_as_if_nothing_had_happened(filled: Filled, analyze: bool) -> None:
    settings = "SELECT current_setting('app.tenant_id', true), current_setting('plan_cache_mode')"
    with psycopg.connect(filled.url) as connection:
        connection.execute("SET LOCAL app.tenant_id = 'mine'")
        connection.execute("SET LOCAL plan_cache_mode = auto")
        connection.execute("DECLARE mine CURSOR FOR SELECT 7")
        explain(connection, QUERIES["inbox.update_conversation"], analyze=analyze)
        with pytest.raises(psycopg.errors.UndefinedTable):
            explain(connection, query("SELECT n.id FROM nowhere AS n"), analyze=analyze)
        assert connection.execute(settings).fetchone() == ("mine", "auto")
        assert connection.execute("FETCH mine").fetchone() == (7,)
        assert prepared(connection) == []
        connection.rollback()


def test_a_plan_is_generic_whatever_the_connection_says(superuser: Connection) -> None:
    superuser.execute("SET plan_cache_mode = force_custom_plan")
    plan = explain(superuser, QUERIES["inbox.get_message"])
    assert "(m.id = $2)" in "\n".join(lines(plan))


# The command ----------------------------------------------------------------------------------------


@pytest.fixture
def flask_sql_explain(filled: Filled) -> Callable[..., Result]:
    environment = {"DATABASE_URL": filled.url, "SECRET_KEY": SECRET_KEY}
    return lambda *arguments: CliRunner(env=environment).invoke(explain_command, arguments)


def test_the_command_shows_a_plan(filled: Filled, flask_sql_explain: Callable[..., Result]) -> None:
    done = flask_sql_explain("drafts.feed")
    assert done.exit_code == 0
    assert done.output.splitlines() == ["drafts.feed", *lines(filled.plans["drafts.feed"])]


def test_the_command_shows_all_plans(
    filled: Filled, flask_sql_explain: Callable[..., Result]
) -> None:
    # As of now: what other tests wrote and took back is in the way of some index-only scans.
    plans = snapshots.make(filled.url, QUERIES.values(), enter_to_explain())
    done = flask_sql_explain()
    assert done.exit_code == 0
    expected = [line for name, plan in plans.items() for line in (name, *lines(plan))]
    assert done.output.splitlines() == expected


def test_the_command_runs_the_samples(
    flask_sql_explain: Callable[..., Result], superuser: Connection
) -> None:
    before = rows(superuser)
    done = flask_sql_explain("drafts.decide", "--analyze")
    assert done.exit_code == 0
    assert "rows=1 loops=1)" in done.stdout
    assert rows(superuser) == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("decide", " Did you mean drafts.decide?"),
        ("draft.fed", " Did you mean drafts.feed"),
        ("zzz", ""),
    ],
)
def test_an_unknown_name_is_told_with_those_like_it(
    flask_sql_explain: Callable[..., Result], name: str, hint: str
) -> None:
    done = flask_sql_explain(name)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: There is no query {name}.{hint}")


def test_a_query_that_fails_does_not_hide_the_others(
    filled: Filled, flask_sql_explain: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = query("SELECT n.id FROM nowhere AS n")
    feed = QUERIES["drafts.feed"]
    monkeypatch.setattr(
        "service.commands.explain.load", lambda: {"area.name": broken, "drafts.feed": feed}
    )
    done = flask_sql_explain()
    assert done.exit_code == 1
    assert 'relation "nowhere" does not exist' in done.stderr
    assert lines(filled.plans["drafts.feed"])[-1] in done.stdout


def test_a_database_that_is_away_is_told() -> None:
    url = "postgresql://app_rw@127.0.0.1:1/nowhere"
    done = CliRunner(env={"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}).invoke(explain_command)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.output
