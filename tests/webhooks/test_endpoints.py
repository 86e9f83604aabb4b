"""Webhook endpoints over REST and in SQL: who may have them, how many, and with what."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.queries import queries
from service.webhooks.delivery import ROOM
from tests.client import Client, Gunicorn, Tenant, at_once, wait_until
from tests.commands import environment
from tests.postgres import BLOCKED
from tests.writer import Writer

Sql = psycopg.Connection[Any]

ENDPOINTS = "/v1/webhook-endpoints"
HOOK = {"url": "https://example.com/hook"}

# Whether nothing that is still to come is before the endpoint's position, and little that has come after it.
AT_THE_END = """
    SELECT
        e.after_epoch = operations.current_epoch()
        AND e.after_xid <= operations.horizon(e.tenant_id)
        AND e.after_xid > '0' AS is_at_the_end
    FROM webhooks.endpoints AS e
    WHERE e.tenant_id = %s
"""


def test_only_administrators_have_webhooks(tenant: Tenant) -> None:
    made = tenant.acting("admin").post(ENDPOINTS, HOOK)
    for role in ("viewer", "agent", "approver"):
        for path in (ENDPOINTS, f"{ENDPOINTS}/{made['id']}/deliveries"):
            tenant.acting(role).get(path, expect=403)
        tenant.acting(role).post(ENDPOINTS, HOOK, expect=403)


def test_an_endpoint_is_changed(api: Client) -> None:
    made = api.post(ENDPOINTS, HOOK)
    assert made["types"] == ["change", "draft_ready", "tweet_status"]
    assert made["entities"] is None
    at = f"{ENDPOINTS}/{made['id']}"
    changes = {
        "url": "https://example.com/other",
        "types": ["draft_ready"],
        "entities": ["drafts.drafts", "library.resources"],
        "description": "Ours",
    }
    changed = api.patch(at, changes)
    assert changes.items() <= changed.items()
    assert changed["revision"] == 2
    assert api.get(at) == changed
    back = api.patch(at, {"entities": None, "description": None})
    assert (back["entities"], back["description"]) == (None, None)
    assert back["types"] == ["draft_ready"]
    api.request("PATCH", at, {"description": "x"}, headers={"If-Match": '"1"'}, expect=412)
    assert api.all(ENDPOINTS) == [back]
    assert api.request("DELETE", at, expect=200).json() == back
    api.get(at, expect=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": "https://user@example.com/"}, "url"),
        ({"url": "https://example.com/a b"}, "url"),
        ({"url": f"https://example.com/{'x' * 2048}"}, "url"),
        ({**HOOK, "types": []}, "types"),
        ({**HOOK, "types": ["nonsense"]}, "types"),
        ({**HOOK, "entities": []}, "entities"),
        ({**HOOK, "entities": ["drafts"]}, "entities"),
        ({**HOOK, "entities": ["a.b"] * 51}, "entities"),
        ({**HOOK, "description": " "}, "description"),
        ({**HOOK, "secret": "whsec_x"}, "secret"),
    ],
)
def test_a_wrong_field_is_refused_by_name(api: Client, body: Any, field: str) -> None:
    assert list(api.post(ENDPOINTS, body, expect=400)["errors"]) == [field]


@pytest.mark.parametrize("silent", ["nope.nope", "drafts.draft", "operations.api_usage"])
def test_tables_without_events_are_refused_whoever_names_them(
    tenant: Tenant, sql: Sql, silent: str
) -> None:
    api, entities = tenant.service, ["drafts.drafts", silent]
    refused = api.post(ENDPOINTS, {**HOOK, "entities": entities}, expect=400)
    assert list(refused["errors"]["entities"]) == ["1"]
    made = api.post(ENDPOINTS, {**HOOK, "entities": entities[:1]})
    refused = api.patch(f"{ENDPOINTS}/{made['id']}", {"entities": entities}, expect=400)
    assert list(refused["errors"]["entities"]) == ["1"]
    with (
        pytest.raises(psycopg.errors.CheckViolation, match=f"no events of {silent}"),
        sql.transaction(),
    ):
        sql.execute("UPDATE webhooks.endpoints SET entities = %s", [entities])


def test_every_table_with_events_can_be_named(
    tenant: Tenant, owner: psycopg.Connection[Any], database: Database, caller: Caller
) -> None:
    recorded = owner.execute(
        "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = 'record_event'"
        " AND tgparentid = 0"
    )
    entities = [row["name"] for row in recorded]
    assert len(entities) > 50
    silent = queries.webhooks.list_unrecorded(entities=entities)
    assert database.session(caller).rows(silent) == []


def test_a_tenant_has_twenty_at_most_whoever_adds_them(tenant: Tenant, sql: Sql) -> None:
    def add(_: int) -> int:
        api = Client(tenant.service.url, tenant.service.credential)
        return api.request("POST", ENDPOINTS, HOOK).status_code

    assert sorted(at_once(25, add)) == [201] * 20 + [409] * 5
    with pytest.raises(psycopg.errors.DatabaseError, match="at most 20") as refused:
        sql.execute(
            "INSERT INTO webhooks.endpoints (tenant_id, url, secret) VALUES (%s, 'https://x.y/', '')",
            [tenant.id],
        )
    assert refused.value.sqlstate == "DR001"


def test_an_endpoint_begins_at_the_end_of_the_log_whatever_its_writer_says(
    tenant: Tenant, sql: Sql
) -> None:
    sql.execute(
        "INSERT INTO webhooks.endpoints (tenant_id, url, secret, after_epoch, after_xid, after_id)"
        " VALUES (%s, 'https://x.y/', '', 0, '0', %s)",
        [tenant.id, tenant.id],
    )
    [row] = sql.execute(AT_THE_END, [tenant.id]).fetchall()
    assert row["is_at_the_end"]


@pytest.mark.parametrize(
    "lists",
    [
        "types = array_fill('change'::text, ARRAY[4])",
        "types = ARRAY[ARRAY['change']]",
        "entities = ARRAY[ARRAY['a.b']]",
    ],
)
def test_other_writers_are_held_to_lists_that_routes_take(
    tenant: Tenant, sql: Sql, lists: str
) -> None:
    tenant.service.post(ENDPOINTS, HOOK)
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(f"UPDATE webhooks.endpoints SET {lists}".encode())


@pytest.mark.parametrize(
    "position",
    [
        "after_epoch = after_epoch - 1",
        "after_epoch = after_epoch + 1",
        "after_xid = '0'",
        "after_xid = '9223372036854775807'",
    ],
)
def test_a_position_only_moves_on_and_not_beyond_the_log(
    tenant: Tenant, sql: Sql, position: str
) -> None:
    tenant.service.post(ENDPOINTS, HOOK)
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(f"UPDATE webhooks.endpoints SET {position}".encode())
    assert refused.value.sqlstate == "DR001"


def test_one_delivery_of_a_row_is_due_at_a_time_whoever_writes(tenant: Tenant, sql: Sql) -> None:
    made = tenant.service.post(ENDPOINTS, HOOK)

    def queue(count: int, first: int = 0) -> None:
        sql.execute(
            "INSERT INTO webhooks.deliveries"
            " (tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id)"
            " SELECT %s, %s, operations.new_id(), 1, (%s::integer - n)::text::xid8, 'change', 'a.b', %s"
            " FROM generate_series(1, %s) AS n RETURNING id",
            [tenant.id, made["id"], 1000 - first, made["id"], count],
        )

    def statuses() -> list[tuple[str, str]]:
        found = sql.execute(
            "SELECT xid::text AS xid, status FROM webhooks.deliveries ORDER BY epoch, xid"
        ).fetchall()
        return [(row["xid"], row["status"]) for row in found]

    # However they come, the first of the log's order is due first.
    queue(3)
    assert statuses() == [("997", "pending"), ("998", "waiting"), ("999", "waiting")]
    queue(1, first=10)
    assert statuses()[:2] == [("989", "waiting"), ("997", "pending")]
    end = (
        "UPDATE webhooks.deliveries SET status = 'delivering', lease_id = id,"
        " lease_expires_at = now() WHERE status = 'pending'",
        "UPDATE webhooks.deliveries SET status = 'dead', lease_id = NULL, lease_expires_at = NULL,"
        " error = 'e', finished_at = now() WHERE status = 'delivering'",
    )
    for statement in end:
        sql.execute(statement)
    assert [status for _, status in statuses()] == ["pending", "dead", "waiting", "waiting"]
    with pytest.raises(psycopg.errors.UniqueViolation), sql.transaction():
        sql.execute("UPDATE webhooks.deliveries SET status = 'pending' WHERE status = 'waiting'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), sql.transaction():
        sql.execute("DELETE FROM webhooks.deliveries")


def test_nothing_is_sent_again_while_as_many_deliveries_wait_as_may(
    tenant: Tenant, sql: Writer
) -> None:
    sql.set("statement_timeout", "120s")  # a cluster takes its time for so many rows
    api = tenant.service
    made, other = (api.post(ENDPOINTS, HOOK) for _ in range(2))
    queue = (
        "INSERT INTO webhooks.deliveries"
        " (tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id)"
        " SELECT %s, %s, operations.new_id(), 1, '1', 'change', 'a.b', {}"
        " FROM generate_series(1, %s) AS n RETURNING id"
    )
    # Of one row, so that they wait for each other; and of many, which are all due.
    for entity_id, status in (("%s::uuid", "waiting"), ("operations.new_id()", "pending")):
        hook = made if status == "waiting" else other
        rows = [tenant.id, hook["id"], *([hook["id"]] if status == "waiting" else []), ROOM + 2]
        sql.execute(queue.format(entity_id).encode(), rows)
        sql.commit()
        url = f"{ENDPOINTS}/{hook['id']}"
        cursor = api.get("/v1/events", params={"limit": 1})["next_cursor"]
        for request, body in (
            ("replay", {"since": "2026-01-01T00:00:00Z"}),
            ("replay", {"after": cursor}),
            ("redrive", None),
        ):
            refused = api.post(f"{url}/{request}", body, expect=409)
            assert refused["code"] == "CONFLICT"
            assert str(ROOM) in refused["detail"]
        counted = sql.execute(
            "SELECT count(*) AS n FROM webhooks.deliveries WHERE endpoint_id = %s", [hook["id"]]
        ).fetchone()
        assert counted == {"n": ROOM + 2}
    api.post(f"{ENDPOINTS}/{tenant.id}/redrive", expect=404)


def test_a_delivery_that_comes_while_the_one_before_ends_waits_for_the_next(
    tenant: Tenant, sql: Sql, settings: Settings
) -> None:
    made = tenant.service.post(ENDPOINTS, HOOK)

    def queue(connection: Sql, *positions: int) -> None:
        connection.execute(
            "INSERT INTO webhooks.deliveries"
            " (tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id)"
            " SELECT %s, %s, operations.new_id(), 1, n::text::xid8, 'change', 'a.b', %s"
            " FROM unnest(%s::integer[]) AS n RETURNING id",
            [tenant.id, made["id"], made["id"], list(positions)],
        )

    queue(sql, 1, 2)
    sql.execute(
        "UPDATE webhooks.deliveries SET status = 'delivering', lease_id = id,"
        " lease_expires_at = now() WHERE status = 'pending'"
    )
    sql.commit()
    sql.execute(
        "UPDATE webhooks.deliveries SET status = 'delivered', lease_id = NULL, lease_expires_at = NULL,"
        " finished_at = now() WHERE status = 'delivering'"
    )
    assert settings.database_url
    with Writer.connect(settings.database_url) as other, ThreadPoolExecutor(1) as thread:
        other.set("app.tenant_id", tenant.id)
        other.commit()
        queued = thread.submit(queue, other, 3)
        wait_until(lambda: sql.execute(BLOCKED, [tenant.id]).fetchall())
        sql.commit()
        queued.result()
    found = sql.execute("SELECT status FROM webhooks.deliveries ORDER BY xid").fetchall()
    assert [row["status"] for row in found] == ["delivered", "pending", "waiting"]


def test_a_look_rescues_some_of_very_many_deliveries(
    tenant: Tenant, sql: Sql, database: Database, caller: Caller
) -> None:
    made = tenant.service.post(ENDPOINTS, HOOK)
    sql.execute(
        "INSERT INTO webhooks.deliveries"
        " (tenant_id, endpoint_id, event_id, epoch, xid, type, entity, entity_id)"
        " SELECT %s, %s, operations.new_id(), 1, '1', 'change', 'a.b', operations.new_id()"
        " FROM generate_series(1, 101) RETURNING id",
        [tenant.id, made["id"]],
    )
    sql.execute(
        "UPDATE webhooks.deliveries SET status = 'delivering', lease_id = id,"
        " lease_expires_at = now() WHERE status = 'pending'"
    )
    sql.commit()
    rescue = queries.webhooks.rescue_deliveries(delays=[5.0])
    assert [database.session(caller).execute(rescue) for _ in range(3)] == [100, 1, 0]


def test_private_addresses_are_for_where_they_are_allowed(settings: Any, tenant: Tenant) -> None:
    allowed = environment(settings) | {"WEBHOOK_PRIVATE_ADDRESSES": "true"}
    with Gunicorn(allowed) as running:
        Client(running.url, tenant.service.credential).post(
            ENDPOINTS, {"url": "http://127.0.0.1:1/"}
        )
