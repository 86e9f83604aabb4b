"""The one event log: who changed what, whoever wrote it; in order, nothing skipped, nothing changed afterwards."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import requests

from service.config import Settings
from tests.client import Client, Tenant, at_once, wait_until
from tests.writer import Writer

IP = "127.0.0.1"


def events(tenant: Tenant, entity: str, entity_id: str, count: int) -> list[dict[str, Any]]:
    """The events of an entity once there are `count`: they wait for all older transactions."""
    params = {"entity": entity, "entity_id": entity_id, "limit": 100}

    def found() -> Any:
        items = tenant.service.get("/v1/events", params=params)["items"]
        return items if len(items) >= count else None

    items: list[dict[str, Any]] = wait_until(found)
    assert len(items) == count
    return items


def stored(sql: psycopg.Connection[Any], **where: Any) -> list[dict[str, Any]]:
    """Events as they are in the table, of transactions that are not yet below the horizon too."""
    conditions = " AND ".join(f"{name} = %({name})s" for name in where)
    found = sql.execute(f"SELECT * FROM operations.events WHERE {conditions} ORDER BY id", where)
    rows = found.fetchall()
    sql.commit()
    return rows


def test_a_change_is_told_with_who_did_what_to_which_columns(tenant: Tenant) -> None:
    api, agent = tenant.service, tenant.users["agent"]
    [key] = api.all("/v1/api-keys")
    user = api.request(
        "POST",
        "/v1/users",
        {"email": "ann@b.example", "display_name": "Ann"},
        expect=201,
        headers={"X-Request-Id": "create-1"},
    ).json()
    path = f"/v1/users/{user['id']}"
    admin = tenant.acting("admin")
    headers = {"X-Request-Id": "rename-1"}
    changes = {"display_name": "Anne", "role": "approver"}
    admin.request("PATCH", path, changes, expect=200, headers=headers)

    inserted, updated = events(tenant, "identity.users", user["id"], 2)
    assert (inserted["action"], inserted["actor"]) == ("INSERT", f"key:{key['id']}")
    assert (inserted["role"], inserted["request_id"], inserted["ip"]) == (None, "create-1", IP)
    assert inserted["changes"]["email"] == ["masked", "masked"]
    assert inserted["changes"]["role"] == [None, "agent"]
    assert not {"id", "tenant_id", "revision", "updated_at"} & inserted["changes"].keys()
    actor = f"user:{tenant.users['admin']}"
    assert inserted["key_id"] == updated["key_id"] == key["id"]
    assert (updated["action"], updated["actor"]) == ("UPDATE", actor)
    assert (updated["role"], updated["request_id"]) == ("admin", "rename-1")
    assert updated["changes"] == {
        "display_name": ["masked", "masked"],
        "role": ["agent", "approver"],
    }
    assert (inserted["revision"], updated["revision"]) == (1, 2)
    assert agent not in actor


def changed_over_http(tenant: Tenant) -> dict[str, set[str]]:
    """What the main job changed: ids by entity, as its answers told them."""
    api, agent = tenant.service, tenant.agent
    received = tenant.receive()
    draft = tenant.draft(received["conversation_id"])
    api.post(
        f"/v1/drafts/{draft['id']}/attachments",
        {"file_name": "a", "mime_type": "a/b", "size_bytes": 1, "object_key": "k"},
    )
    [attachment] = api.get(f"/v1/drafts/{draft['id']}/attachments")["items"]
    decision = agent.post(
        f"/v1/drafts/{draft['id']}/edit", {"mode": "now", "final_text": "Tomorrow."}
    )
    [reply] = tenant.claim()
    body = {"lease_id": reply["lease_id"], "external_id": "OUT"}
    sent = api.post(f"/v1/scheduled-replies/{reply['id']}/confirm", body)
    [notification] = api.get("/v1/notifications")["items"]
    body = {"source_url": "u", "indexed_at": "2026-01-01T00:00:00Z"}
    return {
        "identity.tenants": {tenant.id},
        "identity.users": set(tenant.users.values()),
        "identity.api_keys": {key["id"] for key in api.all("/v1/api-keys")},
        "inbox.channels": {received["channel_id"]},
        "inbox.conversations": {received["conversation_id"]},
        "inbox.messages": {received["message_id"], sent["message_id"]},
        "inbox.attachments": {attachment["id"]},
        "drafts.drafts": {draft["id"]},
        "drafts.draft_actions": {decision["action"]["id"]},
        "drafts.scheduled_replies": {reply["id"]},
        "drafts.learning_samples": {decision["learning_sample_id"]},
        "operations.notifications": {notification["id"]},
        "operations.source_documents": {api.put("/v1/source-documents", body)["id"]},
    }


def test_every_mutation_of_the_main_job_is_in_the_log(tenant: Tenant) -> None:
    changed = changed_over_http(tenant)
    expected = {(entity, id_) for entity, ids in changed.items() for id_ in ids}

    def logged() -> set[tuple[str, str]]:
        return {(e["entity"], e["entity_id"]) for e in tenant.service.all("/v1/events", limit=100)}

    wait_until(lambda: expected <= logged())
    assert logged() == expected


def test_every_table_of_a_tenant_is_logged_but_those_with_high_volume(
    owner: psycopg.Connection[Any],
) -> None:
    rows = owner.execute(
        """
        SELECT c.oid::regclass::text AS name, p.prosrc AS source
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        LEFT OUTER JOIN pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = 'record_event'
        LEFT OUTER JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text <> 'public'
            AND NOT c.relispartition
        """
    ).fetchall()
    quiet = {
        *("operations.events", "operations.jobs", "operations.idempotency_keys"),
        *("operations.notification_reads", "operations.notification_preferences"),
        *("operations.system_metrics", "operations.api_usage"),
        "operations.job_attempts",
        *("models.model_runs", "models.quota_usage"),
        *("studio.analytics_snapshots", "studio.video_totals", "studio.analytics_days"),
        *(
            "studio.concept_words",
            "studio.concept_days",
            "studio.post_attempts",
            "tweets.tweet_words",
        ),
        *("identity.user_words", "identity.user_stats", "identity.team_stats"),
        *("library.resource_words", "library.resource_views", "library.run_counts"),
        "webhooks.deliveries",
    }
    assert {row["name"] for row in rows if row["source"] is None} == quiet
    for row in rows:
        if row["source"] is not None:
            # As a literal: TG_TABLE_NAME is the shard's name on a sharded cluster.
            assert f"\n        '{row['name']}',\n" in row["source"]


def test_a_decision_is_told_in_the_words_of_the_business(tenant: Tenant) -> None:
    def actions(entity: str, id_: str, count: int) -> list[str]:
        return [event["action"] for event in events(tenant, entity, id_, count)]

    approved = tenant.approved()
    rejected = tenant.draft()
    tenant.agent.post(f"/v1/drafts/{rejected['id']}/reject", {"reason": "no"})
    reply_id = approved["scheduled_reply"]["id"]
    tenant.agent.post(f"/v1/scheduled-replies/{reply_id}/cancel")
    assert actions("drafts.drafts", approved["id"], 2) == ["INSERT", "APPROVE"]
    assert actions("drafts.scheduled_replies", reply_id, 2) == ["APPROVE", "CANCEL"]
    assert actions("drafts.drafts", rejected["id"], 2) == ["INSERT", "REJECT"]
    action_id = approved["action"]["id"]
    assert actions("drafts.draft_actions", action_id, 1) == ["APPROVE"]
    # The word ends with its transaction, though the connection lives on.
    tenant.service.patch("/v1/tenant", {"name": "B"})
    assert actions("identity.tenants", tenant.id, 2) == ["INSERT", "UPDATE"]


def test_a_change_made_in_plain_sql_is_told_too(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    user = tenant.users["agent"]
    sql.execute("UPDATE identity.users SET display_name = 'SQL' WHERE id = %s", [user])
    sql.execute("SELECT operations.set_local('app.actor', 'nightly import')")
    sql.execute("SELECT operations.set_local('app.action', 'IMPORT')")
    sql.execute("UPDATE identity.users SET role = 'viewer' WHERE id = %s", [user])
    sql.commit()
    _, renamed, imported = events(tenant, "identity.users", user, 3)
    assert (renamed["actor"], renamed["action"]) == ("app_rw", "UPDATE")
    assert renamed["changes"] == {"display_name": ["masked", "masked"]}
    assert (imported["actor"], imported["action"]) == ("nightly import", "IMPORT")
    assert imported["changes"] == {"role": ["agent", "viewer"]}

    indexed_at = "2026-01-01T00:00:00+00:00"
    body = {"source_url": "https://example.com", "indexed_at": indexed_at}
    document = tenant.service.put("/v1/source-documents", body)["id"]
    sql.execute("DELETE FROM operations.source_documents WHERE id = %s", [document])
    sql.commit()
    _, deleted = events(tenant, "operations.source_documents", document, 2)
    assert (deleted["actor"], deleted["action"]) == ("app_rw", "DELETE")
    assert deleted["changes"]["indexed_at"] == [indexed_at, None]
    assert deleted["changes"]["source_url"] == ["masked", "masked"]


def test_what_changes_nothing_is_no_event(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    user = tenant.users["agent"]
    tenant.service.patch(f"/v1/users/{user}", {"display_name": "Agent"})
    sql.execute("UPDATE identity.users SET revision = revision + 1 WHERE id = %s", [user])
    sql.commit()
    assert len(stored(sql, entity_id=user)) == 1


def test_what_is_undone_is_no_event(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    user = tenant.users["agent"]
    sql.execute("UPDATE identity.users SET display_name = 'SQL' WHERE id = %s", [user])
    sql.rollback()
    assert len(stored(sql, entity_id=user)) == 1


def test_secrets_and_bodies_are_masked(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    private = "nobody shall read this in the log"
    channel = {"type": "email", "external_id": "mailbox", "name": "A", "signing_secret": private}
    api = tenant.service
    channel_id = api.post("/v1/channels", channel)["id"]
    api.patch(f"/v1/channels/{channel_id}", {"signing_secret": None})
    received = tenant.receive(
        body_text=private, body_html=private, subject="A", metadata={"private": private}
    )
    draft = tenant.draft(
        received["conversation_id"],
        suggested_text=private,
        suggested_html=private,
        top_sources=[{"private": private}],
    )
    body = {"mode": "now", "final_text": f"{private}!", "final_html": private}
    tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)
    key = api.post("/v1/api-keys", {"name": "a", "scopes": ["identity:read"]})

    logged = stored(sql, tenant_id=tenant.id)
    assert private not in str(logged)
    assert key["key"].split("_", 3)[3] not in str(logged)
    masked = {
        (event["entity"], column)
        for event in logged
        for column, change in event["changes"].items()
        if change == ["masked", "masked"]
    }
    assert masked >= {
        ("identity.api_keys", "secret_hash"),
        ("inbox.channels", "signing_secret"),
        ("inbox.messages", "body_text"),
        ("inbox.messages", "body_html"),
        ("inbox.messages", "metadata"),
        ("drafts.drafts", "suggested_text"),
        ("drafts.drafts", "suggested_html"),
        ("drafts.drafts", "top_sources"),
        ("drafts.draft_actions", "final_text"),
        ("drafts.draft_actions", "diff"),
        ("drafts.scheduled_replies", "final_text"),
        ("drafts.learning_samples", "suggested_text"),
        ("drafts.learning_samples", "final_text"),
    }


def test_names_and_addresses_of_customers_are_masked(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive(
        subject="Divorce", customer_email="kim@example.com", customer_name="Kim Novak"
    )
    path = f"/v1/conversations/{received['conversation_id']}"
    tenant.service.patch(path, {"customer_name": "Kim N.", "subject": "Private"})
    logged = stored(sql, entity="inbox.conversations")
    assert [event["action"] for event in logged] == ["INSERT", "UPDATE"]
    assert logged[1]["changes"] == {
        "customer_name": ["masked", "masked"],
        "subject": ["masked", "masked"],
    }
    told = str(stored(sql, tenant_id=tenant.id))
    for private in ("Divorce", "Private", "kim@example.com", "Kim N"):
        assert private not in told


@pytest.mark.parametrize("role", ["app_rw", "app_owner"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE operations.events SET actor = 'nobody'", "DELETE FROM operations.events"],
)
def test_the_log_is_append_only_whoever_asks(
    tenant: Tenant,
    sql: psycopg.Connection[Any],
    owner: psycopg.Connection[Any],
    role: str,
    statement: str,
) -> None:
    before = stored(sql, tenant_id=tenant.id)
    assert before
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        (sql if role == "app_rw" else owner).execute(
            f"{statement} WHERE tenant_id = %s", [tenant.id]
        )
    sql.rollback()
    assert stored(sql, tenant_id=tenant.id) == before


def test_pages_of_the_log_have_each_event_once_in_order(tenant: Tenant) -> None:
    def rename(number: int) -> None:
        api = Client(tenant.service.url, tenant.service.credential)
        for n in range(5):
            api.patch(f"/v1/users/{tenant.users['agent']}", {"display_name": f"{number}.{n}"})

    at_once(8, rename)
    events(tenant, "identity.users", tenant.users["agent"], 1 + 8 * 5)
    listed = tenant.service.all("/v1/events", limit=7)
    order = [(event["epoch"], int(event["xid"]), event["id"]) for event in listed]
    assert order == sorted(set(order))
    of_agent = [e for e in listed if e["entity_id"] == tenant.users["agent"]]
    assert len(of_agent) == 41
    params = {"entity": "identity.users", "entity_id": tenant.users["agent"]}
    assert tenant.service.all("/v1/events", limit=7, **params) == of_agent


def test_an_open_transaction_holds_back_later_ones_so_that_none_is_skipped(
    tenant: Tenant, sql: psycopg.Connection[Any], settings: Settings
) -> None:
    early, late = tenant.users["agent"], tenant.users["viewer"]
    events(tenant, "identity.users", late, 1)
    sql.execute("UPDATE identity.users SET display_name = 'early' WHERE id = %s", [early])
    tenant.service.patch(f"/v1/users/{late}", {"display_name": "late"})

    def changes() -> list[Any]:
        found = tenant.service.all("/v1/events", limit=100)
        return [e["entity_id"] for e in found if e["action"] == "UPDATE"]

    # The later change is committed: its user shows it. Its event waits for the open transaction.
    assert tenant.service.get(f"/v1/users/{late}")["display_name"] == "late"
    assert changes() == []
    sql.commit()
    wait_until(lambda: len(changes()) == 2)
    assert changes() == [early, late]


def test_the_log_is_of_the_tenant_only(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    other = new_tenant()
    events(other, "identity.users", other.users["viewer"], 1)
    listed = tenant.service.all("/v1/events", limit=100)
    assert not {e["entity_id"] for e in listed} & {other.id, *other.users.values()}
    params = {"entity": "identity.users", "entity_id": other.users["viewer"]}
    assert tenant.service.get("/v1/events", params=params)["items"] == []


@pytest.mark.parametrize("role", ["viewer", "agent", "approver"])
def test_only_administrators_read_the_log(tenant: Tenant, role: str) -> None:
    tenant.acting(role).get("/v1/events", expect=403)
    tenant.acting("admin").get("/v1/events")


@pytest.mark.parametrize("params", [{"entity_id": "x"}, {"entity": ""}])
def test_what_is_no_entity_is_refused(tenant: Tenant, params: dict[str, str]) -> None:
    refused: requests.Response = tenant.service.request("GET", "/v1/events", params=params)
    assert refused.status_code == 400
    assert refused.json()["errors"].keys() <= {"entity", "entity_id"}


def test_the_events_of_a_table_are_read_through_a_long_log_of_others(
    tenant: Tenant, sql: Writer
) -> None:
    api = tenant.service

    def document(number: int) -> str:
        body = {"source_url": f"https://{number}.example", "indexed_at": "2026-01-01T00:00:00Z"}
        api.put("/v1/source-documents", body)
        return "operations.source_documents"

    entity = document(1)
    # More than two pages look through; a cluster takes its time for so many.
    sql.set("statement_timeout", "120s")
    sql.execute(
        "INSERT INTO operations.notifications (tenant_id, type)"
        " SELECT %s, 'draft_ready' FROM generate_series(1, 20500) RETURNING id",
        [tenant.id],
    )
    sql.commit()
    document(2)
    found, empty, cursor = [], 0, None

    def two() -> bool:
        nonlocal empty, cursor
        params = {"entity": entity, "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = api.get("/v1/events", params=params)
        found.extend(page["items"])
        empty += not page["items"] and page["next_cursor"] is not None
        cursor = page["resume_cursor"]
        return len(found) == 2

    wait_until(two)
    assert {event["entity"] for event in found} == {entity}
    assert len({event["entity_id"] for event in found}) == 2
    assert empty == 1
    # And from the end on: nothing again, nothing missed.
    assert api.get("/v1/events", params={"entity": entity, "cursor": cursor})["items"] == []
    document(3)
    again = wait_until(
        lambda: api.get("/v1/events", params={"entity": entity, "cursor": cursor})["items"]
    )
    assert len(again) == 1


def test_a_cursor_of_a_table_is_for_that_table(tenant: Tenant) -> None:
    params = {"entity": "identity.users"}
    cursor = tenant.service.get("/v1/events", params=params)["resume_cursor"]
    for other in ({"entity": "inbox.messages"}, {}):
        problem = tenant.service.get("/v1/events", params={**other, "cursor": cursor}, expect=400)
        assert "cursor" in problem["errors"]
    row = {"entity_id": tenant.users["agent"]}
    assert "entity_id" in tenant.service.get("/v1/events", params=row, expect=400)["errors"]
