"""What every table must have, read from PostgreSQL's catalog: a table that is added later is held to it too."""

import re
from typing import Any

import psycopg
import pytest

from service.auth import SCOPES, SCOPES_OF_ROLE

SCHEMAS = [
    "identity",
    "inbox",
    "drafts",
    "operations",
    "models",
    "tweets",
    "pipelines",
    "studio",
    "library",
    "webhooks",
]

# Tables without a tenant: the same for all of them.
SHARED = {
    "operations.status_transitions",
    "operations.epochs",
    "operations.applied_migrations",
    "operations.tasks",
    "operations.task_runs",
    "operations.backlog",
    "operations.job_types",
}

# Tables of tenants that write no events.
WITHOUT_EVENTS = {
    "operations.events": "the log itself",
    "operations.jobs": "high volume: a job's own columns tell what became of it",
    "operations.job_attempts": "high volume: why attempts failed, which nobody changes",
    "models.model_runs": "high volume, and never changed: a run tells itself all that there is to tell",
    "models.quota_usage": "high volume: a row per day, which is counted up",
    "operations.notification_reads": "high volume, and nobody else's concern",
    "operations.notification_preferences": "a user's own taste, and nobody else's concern",
    "operations.system_metrics": "high volume, and never changed",
    "operations.api_usage": "high volume: counts of requests",
    "operations.idempotency_keys": "high volume, gone after a day, and never a subject of anything",
    "identity.user_words": "made of the users, whose events tell all",
    "tweets.tweet_words": "made of the tweets, whose events tell all",
    "studio.concept_words": "made of the concepts, whose events tell all",
    "library.resource_words": "made of the translations, whose events tell all",
    "studio.concept_days": "counts of the concepts, whose events tell all",
    "studio.analytics_snapshots": "high volume, and never changed",
    "studio.video_totals": "high volume: the latest of the analytics",
    "studio.analytics_days": "high volume: sums of the analytics",
    "studio.post_attempts": "a log of its own, written when the post's event is",
    "identity.user_stats": "high volume: sums of what happens",
    "identity.team_stats": "high volume: sums of what happens",
    "library.resource_views": "high volume, and never changed",
    "library.run_counts": "high volume: sums of what the runs' own events tell",
    "webhooks.deliveries": "high volume: of events, which it would add to",
}

# Tables of words: a trigger on what they are made of keeps them, also when a tenant is erased. A foreign key would be
# looked up for each word.
WORDS = {
    "identity.user_words",
    "library.resource_words",
    "tweets.tweet_words",
    "studio.concept_words",
}

# Constraints that no input can violate, so that nothing must be explained to a client.
NEVER_VIOLATED = {
    "identity.chats_team_key": "contains the primary key: there for foreign keys to point to",
    "inbox.messages_conversation_key": "contains the primary key: there for foreign keys to point to",
    "drafts.drafts_conversation_key": "contains the primary key: there for foreign keys to point to",
    "drafts.drafts_tweet_key": "contains the primary key: there for foreign keys to point to",
    "drafts.draft_actions_draft_key": "contains the primary key: there for foreign keys to point to",
    "studio.concepts_category_key": "contains the primary key: there for foreign keys to point to",
    "pipelines.runs_user_key": "contains the primary key: there for foreign keys to point to",
}

# Tables without a key to the tenant, which would cost each write a lookup: their rows go with others of the tenant.
IMPLIED = {
    "operations.notification_reads",
    "operations.notification_preferences",
    "operations.job_attempts",
    "inbox.messages",
    "inbox.message_versions",
    "inbox.attachments",
    "tweets.ingestion_steps",
    "drafts.scheduled_replies",
    "drafts.learning_samples",
    "pipelines.runs",
    "pipelines.stage_outputs",
    "pipelines.inspiration_reports",
    "pipelines.opportunity_cards",
    "studio.concepts",
    "studio.videos",
    "identity.team_members",
    "identity.chat_participants",
    "identity.user_stats",
    "identity.team_stats",
    "library.resource_versions",
    "library.resource_translations",
    "library.bookmarks",
    "library.resource_views",
    "library.run_steps",
    "library.run_io",
    "library.run_counts",
    "webhooks.deliveries",
}

# Tables whose rows are a user's own.
OF_A_USER = {
    "operations.notification_reads",
    "operations.notification_preferences",
    "pipelines.runs",
    "pipelines.stage_outputs",
    "pipelines.inspiration_reports",
    "pipelines.opportunity_cards",
    "library.bookmarks",
    "library.resource_views",
    "library.run_counts",
}
# Tables whose rows are for an audience. One's own are where the table has a user.
OF_A_TEAM = {
    "identity.teams": "audience",
    "identity.team_members": "user_id",
    "identity.chats": "audience",
    "identity.chat_participants": "user_id",
    "identity.team_stats": "audience",
    "library.resources": "audience",
    "library.resource_versions": "audience",
    "library.resource_translations": "audience",
    "library.runs": "user_id",
    "library.run_steps": "audience",
    "library.run_io": "audience",
    "library.imports": "audience",
}

Owner = psycopg.Connection[Any]


def rows(owner: Owner, query: str, *arguments: Any) -> list[dict[str, Any]]:
    found = owner.execute(query, arguments).fetchall()
    assert found, "the catalog query found nothing: it would let everything pass"
    return found


@pytest.fixture
def tenant_tables(owner: Owner) -> dict[str, int]:
    """The tables with a tenant_id: their oids by name."""
    found = rows(
        owner,
        """
        SELECT c.oid, n.nspname || '.' || c.relname AS name
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            AND NOT a.attisdropped AND NOT c.relispartition
        """,
    )
    return {row["name"]: row["oid"] for row in found}


def test_every_table_belongs_to_a_tenant_or_to_all(
    owner: Owner, tenant_tables: dict[str, int]
) -> None:
    found = rows(
        owner,
        """
        SELECT n.nspname || '.' || c.relname AS name
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind NOT IN ('i', 'I', 'S', 't', 'c') AND NOT c.relispartition AND n.nspname = ANY (%s)
        """,
        SCHEMAS,
    )
    assert {row["name"] for row in found} == {*tenant_tables, *SHARED, "identity.tenants"}


def test_row_level_security_is_forced_on_every_tenants_table(
    owner: Owner, tenant_tables: dict[str, int]
) -> None:
    found = rows(
        owner,
        """
        SELECT
            c.oid::regclass::text AS name,
            c.relrowsecurity AS enabled,
            c.relforcerowsecurity AS forced,
            array_agg(pg_get_expr(p.polqual, c.oid)) AS visible,
            array_agg(pg_get_expr(p.polwithcheck, c.oid)) AS writable,
            bool_and(p.polcmd = '*' AND p.polroles = '{0}') AS for_everything_and_everyone
        FROM pg_class AS c
        LEFT JOIN pg_policy AS p ON p.polrelid = c.oid AND p.polpermissive AND p.polname <> 'log_of_owner'
        WHERE c.oid = ANY (%s) OR c.oid = 'identity.tenants'::regclass
        GROUP BY c.oid
        """,
        list(tenant_tables.values()),
    )
    assert len(found) == len(tenant_tables) + 1
    for row in found:
        column = "id" if row["name"] == "identity.tenants" else "tenant_id"
        tenant = (
            f"({column} = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
        )
        [visible] = row["visible"]
        if row["name"] in OF_A_USER | OF_A_TEAM.keys():
            assert visible.startswith(f"({tenant} AND")  # and more, see below
        else:
            assert visible == tenant
        assert row == {
            "name": row["name"],
            "enabled": True,
            "forced": True,
            "visible": [visible],
            "writable": [None],  # the same for what is written
            "for_everything_and_everyone": True,
        }


def test_who_reads_a_partition_directly_sees_nothing(owner: Owner) -> None:
    found = rows(
        owner,
        """
        SELECT
            p.inhrelid::regclass::text AS name,
            c.relrowsecurity AND c.relforcerowsecurity AS isolated,
            c.relacl IS NULL AND c.relowner = 'app_owner'::regrole AS granted_to_nobody,
            ARRAY(
                SELECT pg_get_expr(own.polqual, own.polrelid)
                FROM pg_policy AS own
                WHERE own.polrelid = c.oid AND own.polwithcheck IS NULL AND own.polcmd = '*' AND own.polroles = '{0}'
            ) = ARRAY(
                SELECT pg_get_expr(of_table.polqual, of_table.polrelid)
                FROM pg_policy AS of_table
                WHERE of_table.polrelid = p.inhparent
            ) AS has_the_policies_of_its_table
        FROM pg_inherits AS p
        INNER JOIN pg_class AS c ON c.oid = p.inhrelid AND c.relkind = 'r'
        """,
    )
    for row in found:
        assert [*row.values()][1:] == [True, True, True], row["name"]


def test_the_event_log_is_written_for_another_tenant_only_behind_the_owner(owner: Owner) -> None:
    found = rows(
        owner,
        """
        SELECT
            p.polrelid::regclass::text AS name,
            p.polcmd AS command,
            p.polroles = ARRAY['app_log'::regrole::oid] AS of_app_log,
            coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) AS condition
        FROM pg_policy AS p
        WHERE p.polname = 'log_of_owner'
        ORDER BY name
        """,
    )
    condition = "pg_has_role(SESSION_USER, 'app_owner'::name, 'MEMBER'::text)"
    assert [tuple(row.values()) for row in found] == [
        ("identity.tenants", "r", True, condition),
        ("operations.events", "a", True, condition),
    ]


def test_rows_of_a_user_or_a_team_are_kept_to_them_on_top_of_the_tenant(
    owner: Owner, tenant_tables: dict[str, int]
) -> None:
    found = rows(
        owner,
        """
        SELECT
            p.polrelid::regclass::text AS name,
            pg_get_expr(p.polqual, p.polrelid) AS visible,
            p.polwithcheck IS NULL AND p.polcmd = '*' AND p.polroles = '{0}' AS for_everything_and_everyone
        FROM pg_policy AS p
        WHERE p.polname = 'tenant_isolation' AND strpos(pg_get_expr(p.polqual, p.polrelid), 'app.user_id') > 0
        """,
    )
    tenant = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
    assert {row["name"] for row in found} == OF_A_USER | OF_A_TEAM.keys()
    for row in found:
        assert row["for_everything_and_everyone"]
        if row["name"] in OF_A_TEAM:
            own = OF_A_TEAM[row["name"]]
            assert re.sub(r"\s+", " ", row["visible"]).strip() == (
                f"({tenant} AND "
                "((audience = tenant_id) OR (current_setting('app.user_id'::text, true) = 'any'::text) OR"
                f" ({own} = (NULLIF(NULLIF(current_setting('app.user_id'::text, true), 'any'::text), ''::text))::uuid)"
                " OR (audience = ANY ((string_to_array(current_setting('app.team_ids'::text, true),"
                " ','::text))::uuid[]))))"
            )
            continue
        assert re.sub(r"\s+", " ", row["visible"]).strip() == (
            f"({tenant} AND "
            "CASE WHEN (current_setting('app.user_id'::text, true) = 'any'::text) THEN true ELSE (user_id ="
            " (NULLIF(NULLIF(current_setting('app.user_id'::text, true), 'any'::text), ''::text))::uuid) END)"
        )
    # On a sharded cluster a restrictive policy would let in what it should keep out.
    [policies] = rows(
        owner, "SELECT bool_and(p.polpermissive) AS all_permissive FROM pg_policy AS p"
    )
    assert policies["all_permissive"]
    with_a_run = rows(
        owner,
        """
        SELECT conrelid::regclass::text AS name, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE confrelid = 'pipelines.runs'::regclass AND conparentid = 0
        """,
    )
    assert {row["name"] for row in with_a_run} == {
        name for name in OF_A_USER - {"pipelines.runs"} if name.startswith("pipelines.")
    }
    for row in with_a_run:
        assert (
            "REFERENCES pipelines.runs(tenant_id, id, user_id) ON DELETE CASCADE"
            in row["definition"]
        )


def test_keys_and_references_hold_the_tenant(owner: Owner, tenant_tables: dict[str, int]) -> None:
    indexes = rows(
        owner,
        """
        SELECT
            i.indrelid AS table_id,
            i.indexrelid::regclass::text AS name,
            i.indisprimary AS is_primary,
            ARRAY(
                SELECT a.attname::text
                FROM unnest(i.indkey::int[]) WITH ORDINALITY AS k (attnum, position)
                INNER JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                ORDER BY k.position
            ) AS columns
        FROM pg_index AS i
        WHERE i.indrelid = ANY (%s) AND i.indisunique
        """,
        list(tenant_tables.values()),
    )
    assert [row["name"] for row in indexes if "tenant_id" not in row["columns"]] == []
    primary = {row["table_id"]: row["columns"] for row in indexes if row["is_primary"]}
    assert primary.keys() == set(tenant_tables.values())
    for columns in primary.values():
        assert columns[0] == "tenant_id"
        assert len(columns) > 1

    references = rows(
        owner,
        """
        SELECT
            k.conrelid AS table_id,
            k.conname AS name,
            k.confrelid = 'identity.tenants'::regclass AS to_tenant,
            ARRAY(
                SELECT (a.attname || ' -> ' || b.attname)
                FROM unnest(k.conkey, k.confkey) AS pair (from_column, to_column)
                INNER JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = pair.from_column
                INNER JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = pair.to_column
            ) AS pairs
        FROM pg_constraint AS k
        WHERE k.contype = 'f' AND (k.conrelid = ANY (%s) OR k.confrelid = ANY (%s))
            AND k.confrelid::regclass::text <> ALL (%s)
        """,
        list(tenant_tables.values()),
        list(tenant_tables.values()),
        list(SHARED),
    )
    for row in references:
        expected = "tenant_id -> id" if row["to_tenant"] else "tenant_id -> tenant_id"
        assert expected in row["pairs"], row["name"]


def test_a_tenant_is_erased_with_every_table(owner: Owner, tenant_tables: dict[str, int]) -> None:
    """By a key to the tenant, or by keys to what is erased with the tenant, which imply it."""
    found = rows(
        owner,
        """
        SELECT
            k.conrelid AS child,
            k.confrelid AS parent,
            k.confdeltype = 'c' AS cascades,
            -- Of several subjects a row has exactly one.
            bool_and(a.attnotnull) OR EXISTS (
                SELECT FROM pg_constraint AS c
                WHERE c.conrelid = k.conrelid AND pg_get_constraintdef(c.oid) LIKE 'CHECK ((num_nonnulls(%%) = 1))'
            ) AS always
        FROM pg_constraint AS k
        INNER JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
        WHERE k.contype = 'f' AND k.conrelid = ANY (%s)
        GROUP BY k.oid
        """,
        list(tenant_tables.values()),
    )
    [tenants] = rows(owner, "SELECT 'identity.tenants'::regclass::oid AS oid")
    # Words go by the trigger that keeps them.
    tenant_tables = {name: oid for name, oid in tenant_tables.items() if name not in WORDS}
    # How many deletions lead from the tenant to a table.
    steps = {tenants["oid"]: 0}
    while waiting := set(tenant_tables.values()) - steps.keys():
        cascading = {
            child: [
                r["parent"] for r in found if r["child"] == child and r["cascades"] and r["always"]
            ]
            for child in waiting
        }
        next_ = {
            child: 1
            + (0 if tenants["oid"] in parents else max(steps[parent] for parent in parents))
            for child, parents in cascading.items()
            if parents and (tenants["oid"] in parents or all(p in steps for p in parents))
        }
        assert next_, f"no key leads from these to a tenant: {waiting}"
        steps |= next_
    names = {oid: name for name, oid in tenant_tables.items()}
    # What a row refers to without going with it is looked at one deletion later: the row must be gone by then.
    assert [
        f"{names[row['child']]} to {names[row['parent']]}"
        for row in found
        if not row["cascades"] and steps[row["child"]] > steps.get(row["parent"], len(steps))
    ] == []
    # A key to the tenant itself is what only these need.
    assert {name for name, oid in tenant_tables.items() if steps[oid] > 1} == IMPLIED


def triggers(owner: Owner, function: str) -> dict[str, list[dict[str, Any]]]:
    """The triggers that call a function, by table."""
    found = rows(
        owner,
        """
        SELECT
            t.tgrelid::regclass::text AS table_name,
            t.tgtype AS type,
            t.tgenabled AS enabled,
            split_part(encode(t.tgargs, 'escape'), '\\000', 1) AS first_argument,
            pg_get_triggerdef(t.oid) AS definition
        FROM pg_trigger AS t
        WHERE t.tgfoid = %s::regproc
        """,
        function,
    )
    by_table: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_table.setdefault(row["table_name"], []).append(row)
    return by_table


ROW, BEFORE, INSERT, DELETE, UPDATE = 1, 2, 4, 8, 16  # bits of tgtype


def test_every_change_of_a_tenants_table_is_an_event(
    owner: Owner, tenant_tables: dict[str, int]
) -> None:
    found = rows(
        owner,
        """
        SELECT
            t.tgrelid::regclass::text AS table_name,
            t.tgname AS name,
            t.tgtype AS type,
            t.tgenabled AS enabled,
            t.tgfoid::regproc::text AS function,
            t.tgqual IS NOT NULL AS conditional
        FROM pg_trigger AS t
        INNER JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE p.proowner = 'app_log'::regrole
        """,
    )
    recording: dict[str, dict[str, dict[str, Any]]] = {}
    for row in found:
        recording.setdefault(row.pop("table_name"), {})[row.pop("name")] = row
    assert recording.keys() == {*tenant_tables, "identity.tenants"} - WITHOUT_EVENTS.keys()
    assert tenant_tables.keys() > WITHOUT_EVENTS.keys()
    columns = rows(
        owner,
        "SELECT attrelid::regclass::text AS table_name, array_agg(attname::text) AS names FROM pg_attribute"
        " WHERE attrelid = ANY (%s) OR attrelid = 'identity.tenants'::regclass GROUP BY attrelid",
        list(tenant_tables.values()),
    )
    with_revision = {
        row["table_name"] for row in columns if {"revision", "updated_at"} <= {*row["names"]}
    }
    for table, its in recording.items():
        area, _, name = table.partition(".")
        # A tenant that is deleted takes its log with it.
        deleted = 0 if table == "identity.tenants" else DELETE
        expected = {
            "record_event": {"type": ROW | INSERT | deleted, "conditional": False},
            "record_update": {"type": ROW | UPDATE, "conditional": True},
        }
        if table not in with_revision:  # rows that never change
            del expected["record_update"]
        assert its == {
            trigger: {"enabled": "O", "function": f"{area}.record_{name}", **row}
            for trigger, row in expected.items()
        }


def test_every_status_is_guarded_and_its_changes_are_of_its_statuses(owner: Owner) -> None:
    columns = rows(
        owner,
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.columns"
        " WHERE column_name = 'status' AND table_schema = ANY (%s) AND data_type = 'text'",
        SCHEMAS,
    )
    guarded = {row["name"] for row in columns}
    transitions = rows(
        owner,
        "SELECT entity, from_status, to_status FROM operations.status_transitions"
        " ORDER BY entity, from_status, to_status",
    )
    checking = triggers(owner, "operations.refuse_transition")
    assert checking.keys() == guarded
    for table, found in checking.items():
        assert {row["first_argument"] for row in found} == {table}
        assert {row["enabled"] for row in found} == {"O"}
        by_type = {row["type"] & ~(ROW | BEFORE): row["definition"] for row in found}
        assert by_type.keys() == {INSERT, UPDATE}
        assert {row["type"] & (ROW | BEFORE) for row in found} == {ROW | BEFORE}
        # They have the rows as they are now.
        own = [row for row in transitions if row["entity"] == table]
        first = [row["to_status"] for row in own if row["from_status"] == "new"]
        changes = [
            f"{row['from_status']} -> {row['to_status']}"
            for row in own
            if row["from_status"] != "new"
        ]
        refused = {
            INSERT: (first, "(new.status <> ALL (legal))"),
            UPDATE: (
                changes,
                "((old.status <> new.status)"
                " AND (((old.status || ' -> '::text) || new.status) <> ALL (legal)))",
            ),
        }
        for kind, (legal, condition) in refused.items():
            [told] = re.findall(r"'{(.*)}'::text\[\]", by_type[kind])
            assert told.replace('"', "").split(",") == legal
            written = by_type[kind].replace(f"'{{{told}}}'::text[]", "legal")
            assert f" WHEN ({condition}) EXECUTE" in written
    assert {row["entity"] for row in transitions} == guarded
    for table in guarded:
        [check] = rows(
            owner,
            "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND conname = %s",
            table,
            f"{table.partition('.')[2]}_status_check",
        )
        admitted = set(re.findall(r"'(\w+)'::text", check["definition"]))
        own = [row for row in transitions if row["entity"] == table]
        assert "new" not in admitted
        assert {row["from_status"] for row in own} - {"new"} <= admitted
        assert {row["to_status"] for row in own} == admitted, "a status that nothing leads to"
        assert any(row["from_status"] == "new" for row in own)


def test_every_json_column_is_limited(owner: Owner) -> None:
    columns = rows(
        owner,
        """
        SELECT
            c.table_schema || '.' || c.table_name AS table_name,
            c.column_name AS name,
            ARRAY(
                SELECT pg_get_constraintdef(k.oid)
                FROM pg_constraint AS k
                WHERE k.contype = 'c' AND k.convalidated
                    AND k.conrelid = (c.table_schema || '.' || c.table_name)::regclass
            ) AS checks
        FROM information_schema.columns AS c
        WHERE c.data_type IN ('json', 'jsonb') AND c.table_schema = ANY (%s)
        """,
        SCHEMAS,
    )
    for row in columns:
        size = re.compile(rf"octet_length\(\({row['name']}\)::text\) (?:<|<=) ([0-9]+)")
        limits = [int(limit) for check in row["checks"] for limit in size.findall(check)]
        assert limits, (row["table_name"], row["name"])
        assert min(limits) <= 65536


COMMENTS = {
    "schema": """
        SELECT n.nspname AS name, obj_description(n.oid, 'pg_namespace') AS comment
        FROM pg_namespace AS n
        WHERE n.nspname = ANY (%s)
        """,
    "table or view": """
        SELECT c.oid::regclass::text AS name, obj_description(c.oid, 'pg_class') AS comment
        FROM pg_class AS c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace::regnamespace::text = ANY (%s)
        """,
    "column": """
        SELECT c.oid::regclass || '.' || a.attname AS name, col_description(c.oid, a.attnum) AS comment
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace::regnamespace::text = ANY (%s)
            AND a.attnum > 0 AND NOT a.attisdropped AND NOT c.relispartition
        """,
    "function": """
        SELECT p.oid::regprocedure::text AS name, obj_description(p.oid, 'pg_proc') AS comment
        FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text = ANY (%s)
        """,
}


@pytest.mark.parametrize("kind", COMMENTS)
def test_everything_in_the_catalog_says_what_it_is_for(owner: Owner, kind: str) -> None:
    found = rows(owner, COMMENTS[kind], SCHEMAS)
    assert [row["name"] for row in found if not (row["comment"] or "").strip()] == []


def test_every_constraint_says_what_is_wrong_and_in_which_field(
    owner: Owner, tenant_tables: dict[str, int]
) -> None:
    found = rows(
        owner,
        """
        SELECT
            k.connamespace::regnamespace || '.' || k.conname AS name,
            k.conrelid AS table_id,
            obj_description(k.oid, 'pg_constraint') AS comment
        FROM pg_constraint AS k
        WHERE k.contype IN ('c', 'f', 'u', 'x', 't') AND k.confrelid <> 'identity.tenants'::regclass
            AND (k.conrelid = ANY (%s) OR k.conrelid = 'identity.tenants'::regclass)
        UNION ALL
        SELECT
            c.relnamespace::regnamespace || '.' || c.relname,
            i.indrelid,
            obj_description(c.oid, 'pg_class')
        FROM pg_index AS i
        INNER JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indisunique AND i.indrelid = ANY (%s)
            AND NOT EXISTS (
                SELECT FROM pg_constraint AS k
                WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
            )
        """,
        list(tenant_tables.values()),
        list(tenant_tables.values()),
    )
    columns: dict[int, set[str]] = {}
    for row in rows(owner, "SELECT attrelid, attname FROM pg_attribute WHERE attnum > 0"):
        columns.setdefault(row["attrelid"], set()).add(row["attname"])
    silent = {row["name"] for row in found if row["comment"] is None}
    assert silent == NEVER_VIOLATED.keys()
    for row in found:
        if row["comment"] is not None:
            field, _, message = row["comment"].partition(": ")
            assert field in columns[row["table_id"]], row["name"]
            assert message.strip(), row["name"]
            assert "\n" not in row["comment"], row["name"]


def test_the_database_takes_every_scope_of_the_service_and_nothing_of_another_shape(
    owner: Owner,
) -> None:
    [check] = rows(
        owner,
        "SELECT pg_get_expr(conbin, conrelid) AS expression FROM pg_constraint"
        " WHERE conname = 'api_keys_scopes_check'",
    )

    def takes(scopes: list[str | None]) -> bool:
        query = f"SELECT {check['expression']} AS takes FROM (VALUES (%s::text[])) AS k (scopes)"
        [row] = rows(owner, query, scopes)
        return bool(row["takes"])

    assert takes([*SCOPES])
    for wrong in (
        [],
        [None],
        ["inbox"],
        ["inbox:read", ""],
        ["a:b,c:d"],
        ["Inbox:read"],
        ["a:b c:d"],
    ):
        assert not takes(wrong)


def test_roles_are_the_same_in_the_service_and_in_the_database_and_have_known_scopes(
    owner: Owner,
) -> None:
    [check] = rows(
        owner,
        "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint"
        " WHERE conname = 'users_role_check'",
    )
    assert set(re.findall(r"'(\w+)'::text", check["definition"])) == SCOPES_OF_ROLE.keys()
    for scopes in SCOPES_OF_ROLE.values():
        assert scopes <= SCOPES.keys()
