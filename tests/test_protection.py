"""What operations.protect() makes of a table: who may read and write it, what nobody rewrites, what the log tells."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier, Literal

from service.migrations import FOLDER
from tests.client import Client, Tenant
from tests.full import name
from tests.postgres import Server
from tests.writer import Writer

Sql = psycopg.Connection[Any]

# Of which app_rw may delete rows: work, notes and copies of what lies elsewhere, and what is a user's own.
DELETABLE = {
    "operations.jobs",
    "operations.job_attempts",
    "operations.notifications",
    "operations.notification_reads",
    "operations.source_documents",
    "operations.idempotency_keys",
    "pipelines.runs",
    "pipelines.webhooks",
    "webhooks.endpoints",
    "identity.user_words",
    "tweets.tweet_words",
    "studio.concept_words",
    "identity.teams",
    "identity.team_members",
    "identity.chat_participants",
    "library.resource_translations",
    "library.bookmarks",
    "library.resource_words",
}
GROWS_ONLY = {
    "operations.notifications",
    "operations.notification_reads",
    "operations.system_metrics",
    "operations.job_attempts",
    "inbox.attachments",
    "drafts.learning_samples",
    "models.prompt_activations",
    "models.model_runs",
    "identity.user_words",
    "tweets.tweet_words",
    "studio.concept_words",
    "library.resource_words",
    "studio.subscription_events",
    "studio.analytics_snapshots",
    "studio.scoring_adjustments",
    "studio.post_attempts",
    "library.bookmarks",
    "library.resource_views",
}
# Made of other rows, by triggers: nobody inserts or deletes them.
DERIVED = {
    "operations.job_attempts",
    "tweets.tweet_words",
    "studio.concept_words",
    "studio.concept_days",
    "studio.post_attempts",
    "studio.video_totals",
    "studio.analytics_days",
    "identity.user_words",
    "identity.user_stats",
    "identity.team_stats",
    "library.resource_words",
    "library.run_counts",
}
# What app_ro does not read.
HIDDEN = {"identity.api_keys", "operations.idempotency_keys"}

# Columns of text that the event log shows: codes, and names that are given out once. Everything else that people or
# models write is masked.
SHOWN_TEXTS = {
    "identity.tenants": {"decision_role", "overtaken_replies"},
    "identity.users": {"role"},
    "identity.api_keys": {"prefix", "scopes"},
    "operations.notifications": {"type"},
    "operations.job_limits": {"type"},
    "operations.retention_rules": {"subject"},
    "operations.erasures": {"person", "requested_by"},
    "inbox.channels": {"type"},
    "inbox.conversations": {"status"},
    "inbox.messages": {"direction"},
    "tweets.ingestion_steps": {"name", "status"},
    "tweets.tweets": {"external_id", "in_reply_to_external_id", "model_key", "status"},
    "models.prompt_versions": {"kind", "label"},
    "models.prompt_activations": {"kind"},
    "drafts.drafts": {"model_key", "prompt_version", "status", "superseded_reason"},
    "drafts.draft_actions": {"type"},
    "drafts.scheduled_replies": {"hold_reason", "status"},
    "pipelines.runs": {"document_type", "pipeline_version", "status"},
    "pipelines.stage_outputs": {"status"},
    "studio.concepts": {"category"},
    "studio.subscriptions": {"tier", "subscription_status", "told_by"},
    "studio.subscription_events": {"event_id", "tier", "subscription_status"},
    "studio.videos": {"platform", "provider", "status"},
    "studio.performance_feedback": {"category", "platform", "source"},
    "studio.self_critiques": {"category", "confidence", "platform"},
    "studio.reflexion_insights": {"category", "impact", "platform"},
    "studio.scoring_adjustments": {"category", "platform", "type"},
    "studio.audio_trends": {"category", "platform"},
    "studio.competitor_videos": {"category", "platform"},
    "studio.social_accounts": {"platform"},
    "studio.social_posts": {"platform", "status"},
    # Of public ones.
    "library.resources": {"resource_type"},
    "library.resource_versions": {"version_label"},
    "library.resource_translations": {"language", "name", "description"},
    "library.runs": {"status"},
    "library.run_steps": {"status"},
    "library.run_io": {"side"},
    "library.imports": {"status"},
    "webhooks.endpoints": {"types", "entities", "status", "disabled_reason"},
}

# What a writer changes at will, within the table's other rules: nothing else may change after the insert.
CHANGEABLE = {
    "drafts.draft_actions": "redacted_at",
    "drafts.drafts": (
        "status superseded_by_id superseded_reason reminders reminded_at redacted_at"
    ),
    "drafts.scheduled_replies": (
        "status hold_reason to_closed scheduled_for attempts max_attempts locked_by lease_id lease_expires_at error "
        "external_id message_id sent_at redacted_at"
    ),
    "identity.api_keys": "expires_at revoked_at last_used_at",
    "identity.tenants": (
        "name decision_role self_approval toxicity_threshold overtaken_replies suspended_at"
    ),
    "identity.users": (
        "email display_name handle role is_bot is_private languages auth_provider auth_subject disabled_at "
        "last_active_at"
    ),
    "identity.teams": (
        "name handle description is_private is_open_to_new_members languages config parent_id counted_at"
    ),
    "identity.team_members": "is_admin permissions",
    "identity.chats": "open_to_anyone_with_invite config",
    "identity.chat_participants": "has_unread",
    "library.resources": (
        "is_private owned_by_user_id owned_by_team_id score counted_at deleted_at deleted_by_id"
    ),
    "library.run_counts": "counted_at",
    "library.resource_versions": "version_label config is_complete version_notes",
    "library.resource_translations": "name description details instructions",
    "inbox.channels": "name metadata signing_secret",
    "inbox.conversations": "subject status customer_email customer_name",
    "inbox.messages": "redacted_at",
    "inbox.message_versions": "redacted_at",
    "library.runs": (
        "name is_private status data due_at attempts max_attempts locked_by lease_id lease_expires_at error started_at "
        "completed_at time_elapsed completed_complexity context_switches"
    ),
    "library.run_steps": "status started_at completed_at time_elapsed",
    "library.run_io": "value",
    "models.prompt_versions": (
        "drafts_count decided_count approvals_count approval_rate average_edit_distance metrics_at"
    ),
    "models.quota_limits": "period_days allowed",
    "models.quota_usage": (
        "stream_reads search_reads thread_lookups stream_reserved search_reserved thread_reserved"
    ),
    "operations.api_usage": (
        "requests total_ms max_ms within_2_ms within_5_ms within_10_ms within_25_ms within_50_ms within_100_ms "
        "within_250_ms within_1_s within_5_s"
    ),
    "operations.erasures": "email counts finished_at",
    "operations.retention_rules": "days",
    "operations.idempotency_keys": "request_hash status headers body created_at expires_at",
    "operations.job_limits": "concurrency queue_length time_limit_seconds paused",
    "operations.jobs": (
        "status priority run_at attempts max_attempts locked_by lease_id lease_expires_at "
        "started_at times_out_at finished_at error progress metrics"
    ),
    "operations.notification_preferences": "muted",
    "operations.source_documents": "title hash indexed_at next_refresh_at metadata",
    "pipelines.inspiration_reports": (
        "inspiration1_title inspiration1_content inspiration1_elements inspiration2_title "
        "inspiration2_content inspiration2_elements"
    ),
    "pipelines.opportunity_cards": (
        "title tagline problem solution why_now target_segment quick_win starred"
    ),
    "pipelines.runs": (
        "pipeline_version status current_stage due_at attempts max_attempts locked_by lease_id "
        "lease_expires_at error_message started_at completed_at"
    ),
    "library.imports": "status lines done skipped failed failures finished_at",
    "pipelines.stage_outputs": "name status markdown_output json_output",
    "pipelines.webhooks": "secret previous_secret previous_expires_at",
    "studio.concepts": (
        "title caption hashtags script prompts why_it_works monetization variants post_time trend_source trend_topic"
    ),
    "studio.generations": "favorite",
    "studio.performance_feedback": "views likes comments shares saves",
    "studio.self_critiques": (
        "feedback_id critique hypothesized_reasons scoring_issues adjustment_plan confidence"
    ),
    "studio.reflexion_insights": (
        "evidence_count impact recommendation applied_to_scoring last_seen_at"
    ),
    "studio.audio_trends": (
        "sound_name artist_name usage_count trend_score category is_active last_seen_at"
    ),
    "studio.competitor_videos": (
        "category title views likes comments duration_seconds hashtags sound_id hook_text scraped_at"
    ),
    "studio.videos": (
        "status object_key cdn_url thumbnail_url error metadata cost_micros generated_at ended_at"
    ),
    "tweets.episodes": (
        "title raw_transcript transcript_url published_at summary_text keywords summary_embedding"
    ),
    "tweets.ingestion_steps": "status attempts started_at finished_at error",
    "tweets.tweets": (
        "author_handle full_text posted_at status relevance_score model_key flags "
        "in_reply_to_external_id episode_id"
    ),
    "webhooks.endpoints": (
        "url description types entities status disabled_reason failing_since secret previous_secret "
        "previous_expires_at after_epoch after_xid after_id"
    ),
    "webhooks.deliveries": (
        "status attempts next_attempt_at lease_id lease_expires_at response_status duration_ms error finished_at"
    ),
    "studio.social_accounts": (
        "username access_token refresh_token token_expires_at expiry_told_at niche is_active daily_limit "
        "min_distance_minutes metadata"
    ),
    "studio.social_posts": (
        "account_id caption status scheduled_for reserved_on attempts max_attempts first_failed_at retry_at locked_by "
        "lease_id lease_expires_at claimed_at error external_id post_url posted_at overdue_told_at"
    ),
}

NO_TEXT = [
    "uuid",
    "bigint",
    "integer",
    "boolean",
    "double precision",
    "numeric",
    "timestamp with time zone",
    "date",
    "xid8",
]

PROTECTION = """
    SELECT 'function' AS kind, p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS definition,
        pg_get_userbyid(p.proowner) || coalesce(p.proacl::text, '') AS rights
    FROM pg_proc AS p
    WHERE p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace
    UNION ALL
    SELECT 'trigger', t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid), ''
    FROM pg_trigger AS t
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'policy', p.polrelid::regclass || '.' || p.polname, pg_get_expr(p.polqual, p.polrelid), ''
    FROM pg_policy AS p
    UNION ALL
    SELECT 'table', c.oid::regclass::text, c.relrowsecurity || ' ' || c.relforcerowsecurity,
        array(SELECT unnest(c.relacl)::text ORDER BY 1)::text
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2
"""


def lines_of_protection(folder: Path = FOLDER) -> dict[str, str]:
    """The last CALL for each table, as the migrations have it."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        for line in re.findall(r"^CALL operations\.protect\(.*?\);", path.read_text(), re.M | re.S):
            [table] = re.findall(r"\A[^']*'([\w.]+)'", line)
            found[table] = line
    return found


@pytest.fixture
def protected(owner: Sql) -> list[str]:
    """Every table with rows of tenants, and the tenants."""
    found = owner.execute(
        "SELECT c.oid::regclass::text AS name FROM pg_class AS c"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
    ).fetchall()
    assert len(found) > 20
    return [row["name"] for row in found] + ["identity.tenants"]


def test_every_table_has_its_line(protected: list[str]) -> None:
    assert sorted(lines_of_protection()) == sorted(protected)


def test_what_the_lines_make_is_there_and_of_todays_columns(owner: Sql) -> None:
    before = owner.execute(PROTECTION).fetchall()
    assert len(before) > 200
    with owner.transaction(force_rollback=True):
        for line in lines_of_protection().values():
            owner.execute(line.encode())
        assert owner.execute(PROTECTION).fetchall() == before


def test_a_column_that_is_added_is_told_of_and_masked_once_the_line_is_repeated(
    owner: Sql, tenant: Tenant
) -> None:
    def changed() -> Any:
        owner.execute("UPDATE inbox.channels SET note = coalesce(note, '') || 'x'")
        found = owner.execute(
            "SELECT changes -> 'note' AS note FROM operations.events"
            " WHERE entity = 'inbox.channels' ORDER BY id DESC LIMIT 1"
        ).fetchone()
        assert found
        return found["note"]

    tenant.receive()
    with owner.transaction(force_rollback=True):
        owner.execute("ALTER TABLE inbox.channels ADD COLUMN note text")
        assert changed() is None
        owner.execute(lines_of_protection()["inbox.channels"].encode())
        assert changed() == ["masked", "masked"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("rows => 'tenant', shown => '{nme}'", "inbox.channels has no column nme"),
        ("rows => 'tenant', fixed => '{name,nme}'", "inbox.channels has no column nme"),
        ("rows => 'tenant', shown => '{metadata}'", "neither is shown"),
        ("rows => 'everybody'", "rows are self, tenant, user or team, not everybody"),
    ],
)
def test_a_line_that_is_wrong_is_refused(owner: Sql, line: str, why: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=why), owner.transaction():
        owner.execute(f"CALL operations.protect('inbox.channels', {line})".encode())


@pytest.mark.parametrize("column", ["nme", "metadata"])
def test_only_texts_are_searched(owner: Sql, column: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=f"has no text {column}"):
        owner.execute(
            "CALL operations.index_words('inbox.channels', words => 'tweets.tweet_words', columns => %s)",
            [["name", column]],
        )


def test_what_is_there_when_a_table_becomes_searched_is_found(owner: Sql, tenant: Tenant) -> None:
    tenant.receive(customer_name="Kim Sørensen")
    with owner.transaction(force_rollback=True):
        owner.execute("DROP TRIGGER index_words ON tweets.tweets")
        owner.execute(
            "CALL operations.index_words('inbox.conversations', words => 'tweets.tweet_words',"
            " columns => '{customer_name,subject}', language => 'simple')"
        )
        found = owner.execute(
            "SELECT word FROM tweets.tweet_words WHERE tenant_id = %s", [tenant.id]
        ).fetchall()
        assert [row["word"] for row in found] == ["kim", "sørensen"]


def test_who_may_do_what_with_a_table(owner: Sql, protected: list[str]) -> None:
    rights = owner.execute(
        """
        SELECT t.name, r.role, array_agg(p.privilege) AS may
        FROM unnest(%s::text[]) AS t (name),
            unnest('{app_rw,app_ro,app_log,public}'::text[]) AS r (role),
            unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
        WHERE has_table_privilege(r.role, t.name, p.privilege)
        GROUP BY t.name, r.role
        """,
        [protected],
    ).fetchall()
    found = {(row["name"], row["role"]): set(row["may"]) for row in rights}
    expected = {("operations.events", "app_log"): {"INSERT"}}
    expected["identity.tenants", "app_log"] = {"SELECT"}
    for table in protected:
        expected[table, "app_rw"] = {"SELECT", "INSERT", "UPDATE"}
        if table in DELETABLE:
            expected[table, "app_rw"].add("DELETE")
        if table in GROWS_ONLY:
            expected[table, "app_rw"].remove("UPDATE")
        if table not in HIDDEN:
            expected[table, "app_ro"] = {"SELECT"}
    expected["operations.events", "app_rw"] = {"SELECT"}
    assert found == expected
    # None on single columns, which would not reach the shards of a cluster.
    columns = owner.execute(
        "SELECT attrelid FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid > 16384"
    )
    assert columns.fetchall() == []


def test_the_log_shows_texts_only_where_they_are_listed(owner: Sql, protected: list[str]) -> None:
    texts: dict[str, set[str]] = {}
    for row in owner.execute(
        "SELECT attrelid::regclass::text AS table_name, attname AS name FROM pg_attribute"
        " WHERE attrelid::regclass::text = ANY (%s) AND attnum > 0 AND NOT attisdropped"
        " AND NOT atttypid::regtype::text = ANY (%s)",
        [
            protected,
            NO_TEXT,
        ],
    ):
        texts.setdefault(row["table_name"], set()).add(row["name"])
    shown: dict[str, set[str]] = {}
    recorders = owner.execute(
        "SELECT prosrc FROM pg_proc WHERE prosecdef AND prorettype = 'trigger'::regtype"
    ).fetchall()
    assert len(recorders) > 15
    for row in recorders:
        [table] = re.findall(r"^\s+'(\w+\.\w+)',$", row["prosrc"], re.M)
        told = re.findall(r"jsonb_build_array\(OLD\.(\w+), NEW\.(\w+)\)", row["prosrc"])
        assert told, table
        shown[table] = {before for before, _ in told} & texts.get(table, set())
        assert all(before == after for before, after in told)
    assert {table: names for table, names in shown.items() if names} == SHOWN_TEXTS


# Facts ---------------------------------------------------------------------------------------------


# Another value than a column has, by its type; of others the next number.
OTHER = {
    "uuid": "'00000000-0000-7000-8000-000000000000'",
    "xid8": "'99999'",
    "text": "coalesce({}, '') || 'x'",
    "text[]": "{} || 'x:y'::text",
    "bytea": "{} || 'x'::bytea",
    "jsonb": """'{{"other": 1}}'""",
    "timestamp with time zone": "'2001-01-01 00:00Z'",
    "boolean": "NOT {}",
}


def other(column: str, type_name: str) -> str:
    expression = OTHER.get(type_name, "coalesce({}, 0) + 1" if type_name != "date" else "{} + 1")
    return expression.format(column)


def fixed_columns(owner: Sql) -> list[tuple[str, str, str]]:
    """Table, column and type of what the triggers keep."""
    found = owner.execute(
        """
        SELECT t.tgrelid::regclass::text AS table_name, a.attname AS name, a.atttypid::regtype::text AS type
        FROM pg_trigger AS t
        CROSS JOIN string_to_array(encode(t.tgargs, 'escape'), '\\000') AS argument
        CROSS JOIN unnest(argument[2]::text[] || argument[3]::text[] || argument[4]::text[]) AS c (name)
        INNER JOIN pg_attribute AS a ON a.attrelid = t.tgrelid AND a.attname = c.name
        -- A partition has those of its table.
        WHERE t.tgname = 'fixed' AND t.tgnargs = 4 AND t.tgparentid = 0
        """
    ).fetchall()
    assert len(found) > 100
    return [(row["table_name"], row["name"], row["type"]) for row in found]


def test_what_may_change_is_stated(owner: Sql, protected: list[str]) -> None:
    kept = {(table, column) for table, column, _ in fixed_columns(owner)}
    columns = owner.execute(
        "SELECT attrelid::regclass::text AS table_name, attname AS name FROM pg_attribute"
        " WHERE attrelid::regclass::text = ANY (%s) AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' AND NOT attname = ANY ('{revision,updated_at}')",
        [sorted(set(protected) - GROWS_ONLY - {"operations.events"})],
    ).fetchall()
    found: dict[str, set[str]] = {}
    for row in columns:
        if (row["table_name"], row["name"]) not in kept:
            found.setdefault(row["table_name"], set()).add(row["name"])
    assert found == {table: set(names.split()) for table, names in CHANGEABLE.items()}


def test_who_changes_nothing_else_moves_no_revision(
    full: Tenant, sql: Writer, protected: list[str]
) -> None:
    """Also of what one sees and may not change: its ETag is for its owner."""
    sql.set("app.user_id", "any")
    tried = 0
    for table in protected:
        columns = sql.execute(SQL("SELECT * FROM {} LIMIT 0").format(name(table))).description
        if table in GROWS_ONLY or "updated_at" not in {c.name for c in columns or []}:
            continue
        key = Identifier("id" if table == "identity.tenants" else "tenant_id")
        rows = SQL("SELECT id, revision, updated_at FROM {} WHERE {} = %s ORDER BY id")
        before = sql.execute(rows.format(name(table), key), [full.id]).fetchall()
        change = SQL("UPDATE {} SET revision = revision + 5, updated_at = now() WHERE {} = %s")
        # A trigger refuses each change of a run that is over.
        with suppress(psycopg.DatabaseError), sql.transaction():
            sql.execute(change.format(name(table), key), [full.id])
        assert sql.execute(rows.format(name(table), key), [full.id]).fetchall() == before
        tried += len(before)
    assert tried > 40


@pytest.mark.parametrize(
    "names_tenant",
    [
        False,
        pytest.param(True, marks=pytest.mark.not_on_citus("Citus itself refuses to change that")),
    ],
)
def test_nobody_rewrites_what_is_fixed(
    owner: Sql, full: Tenant, sql: Writer, protected: list[str], names_tenant: bool
) -> None:
    key = {"identity.tenants": "id"}
    columns = fixed_columns(owner)
    assert {table for table, _, _ in columns} == set(protected) - GROWS_ONLY - {"operations.events"}
    sql.set("app.user_id", "any")
    for table, column, type_name in columns:
        tenant_column = key.get(table, "tenant_id")
        if (column == tenant_column) != names_tenant:
            continue
        update = SQL("UPDATE {} SET {} = {} WHERE {} = %s").format(
            name(table),
            Identifier(column),
            SQL(other(column, type_name)),  # type: ignore[arg-type]
            Identifier(tenant_column),
        )
        for connection in (sql, owner):
            with pytest.raises(InsufficientPrivilege) as refused, connection.transaction():
                connection.execute(update, [full.id])
            assert str(refused.value.diag.message_primary) == f"{table}: nobody rewrites {column}"


@pytest.mark.parametrize("table", sorted(GROWS_ONLY | {"operations.events"}))
def test_what_grows_only_is_not_rewritten_by_its_owner_either(
    owner: Sql, full: Tenant, table: str
) -> None:
    with pytest.raises(InsufficientPrivilege, match=f"{table} is append-only"):
        owner.execute(
            SQL("UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = {}").format(
                name(table), Literal(full.id)
            )
        )


def test_what_is_derived_is_for_triggers_to_write(sql: Writer, owner: Sql, full: Tenant) -> None:
    found = owner.execute(
        "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = 'derived'"
    ).fetchall()
    assert {row["name"] for row in found} == DERIVED
    sql.set("app.tenant_id", full.id)
    sql.commit()
    for table in DERIVED:
        for connection in (sql, owner):
            writes = ["INSERT INTO {0} (tenant_id) VALUES ({1})"]
            if connection is owner or table in DELETABLE:
                writes.append("DELETE FROM {0} WHERE tenant_id = {1}")
            for write in writes:
                with pytest.raises(InsufficientPrivilege) as refused, connection.transaction():
                    connection.execute(SQL(write).format(name(table), Literal(full.id)))
                assert (
                    refused.value.diag.message_primary == f"{table}: only triggers write its rows"
                )


def test_a_fixed_text_goes_only_when_it_is_redacted(sql: Sql, tenant: Tenant) -> None:
    received = tenant.receive()
    message = received["message_id"]

    def update(changes: str) -> int:
        with sql.transaction():
            return sql.execute(
                f"UPDATE inbox.messages SET {changes} WHERE id = %s".encode(), [message]
            ).rowcount

    for changes in (
        "body_text = 'We owe you 1,000,000.'",
        "body_text = 'Redacted.', redacted_at = now()",
        "body_text = NULL",
        "metadata = '{}', body_html = 'x'",
        "body_text = NULL, body_html = NULL, metadata = '{\"a\": 1}', redacted_at = now()",
    ):
        with pytest.raises(InsufficientPrivilege, match="nobody rewrites"):
            update(changes)
    gone = "body_text = NULL, body_html = NULL, metadata = '{}', redacted_at = now()"
    assert update(gone) == 1
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites body_text"):
        update("body_text = 'It was never said.', redacted_at = NULL")


def test_facts_are_not_deleted(sql: Sql, full: Tenant, protected: list[str]) -> None:
    for table in set(protected) - DELETABLE:
        with pytest.raises(InsufficientPrivilege, match="permission denied"), sql.transaction():
            sql.execute(SQL("DELETE FROM {}").format(name(table)))


# The log -------------------------------------------------------------------------------------------


def events_of(sql: Sql, entity: str) -> list[dict[str, Any]]:
    return sql.execute(
        "SELECT action, revision, changes FROM operations.events WHERE entity = %s ORDER BY id",
        [entity],
    ).fetchall()


def test_an_event_has_the_revision_of_its_row(sql: Sql, api: Client) -> None:
    document = {"source_url": "https://example.com/1", "indexed_at": "2026-01-01T00:00:00Z"}
    api.put("/v1/source-documents", document)
    api.put("/v1/source-documents", document | {"title": "One"})
    sql.execute("DELETE FROM operations.source_documents")
    found = events_of(sql, "operations.source_documents")
    assert [(event["action"], event["revision"]) for event in found] == [
        ("INSERT", 1),
        ("UPDATE", 2),
        ("DELETE", 3),
    ]
    assert found[1]["changes"] == {"title": ["masked", "masked"]}
    # Over REST it is the same.
    sql.commit()
    listed = api.get("/v1/audit?entity=operations.source_documents")["items"]
    assert [event["revision"] for event in listed] == [3, 2, 1]
    feed = api.get("/v1/events?limit=200")["items"]
    assert [e["revision"] for e in feed if e["entity"] == "operations.source_documents"] == [
        1,
        2,
        3,
    ]


def test_a_lease_is_not_in_the_log(tenant: Tenant, sql: Sql) -> None:
    draft = tenant.draft()
    tenant.agent.post(f"/v1/drafts/{draft['id']}/approve", {"mode": "now"})
    [reply] = tenant.claim()
    sql.commit()
    logged = sql.execute("SELECT changes::text AS told FROM operations.events").fetchall()
    assert logged
    assert not [row for row in logged if reply["lease_id"] in row["told"]]
    claimed = events_of(sql, "drafts.scheduled_replies")[-1]
    assert claimed["changes"]["lease_id"] == ["masked", "masked"]
    assert "lease_expires_at" not in claimed["changes"]


@pytest.mark.not_on_citus("app_log cannot log in to the node that keeps the rows")
def test_the_log_is_written_for_the_tenant_that_is_set_and_behind_the_owner_for_any(
    owner: Sql, tenant: Tenant, sql: Sql, server: Server
) -> None:
    row = SQL(
        "INSERT INTO operations.events (tenant_id, epoch, xid, entity, entity_id, action, changes, actor)"
        " VALUES ({}, 1, '1', 'x.y', {}, 'INSERT', '{{}}', 'nobody')"
    )
    forged = row.format(Literal(tenant.id), Literal(uuid4()))
    # The service's role has not the right, and cannot become who has.
    for statement in (forged, "SET ROLE app_log"):
        with pytest.raises(InsufficientPrivilege, match="permission denied"), sql.transaction():
            sql.execute(statement)
    # As in a function of app_log's, in a session of the service's.
    with psycopg.connect(server.url("postgres", "draftroom")) as session:
        session.execute("GRANT app_log TO app_rw")
        session.execute("SET LOCAL SESSION AUTHORIZATION app_rw")
        session.execute("SET LOCAL ROLE app_log")
        with (
            pytest.raises(InsufficientPrivilege, match="row-level security"),
            session.transaction(),
        ):
            session.execute(forged)
        session.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant.id])
        session.execute(forged)
        session.rollback()
    with owner.transaction(force_rollback=True):
        owner.execute("SET LOCAL ROLE app_log")
        owner.execute(forged)
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            owner.execute("SELECT * FROM operations.events")


def test_the_owner_changes_rows_of_any_tenant_and_the_log_tells_of_it(
    owner: Sql, sql: Sql, tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    others = new_tenant()
    for one in (tenant, others):
        one.receive()
    # A backfill: without a tenant that is set.
    owner.execute(
        "UPDATE inbox.channels SET name = 'Backfilled' WHERE tenant_id = ANY (%s::uuid[])",
        [[tenant.id, others.id]],
    )
    told = owner.execute(
        "SELECT tenant_id::text, actor FROM operations.events WHERE entity = 'inbox.channels'"
        " AND action = 'UPDATE' AND tenant_id = ANY (%s::uuid[])",
        [[tenant.id, others.id]],
    ).fetchall()
    assert {row["tenant_id"] for row in told} == {tenant.id, others.id}
    assert {row["actor"] for row in told} == {"app_owner"}
    owner.execute("DELETE FROM inbox.attachments WHERE tenant_id = %s", [others.id])
    owner.execute("DELETE FROM identity.tenants WHERE id = %s", [others.id])
    left = owner.execute("SELECT FROM operations.events WHERE tenant_id = %s", [others.id])
    assert left.fetchall() == []
