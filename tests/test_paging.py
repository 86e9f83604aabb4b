"""Keyset pages: each row exactly once in either direction, whatever is written meanwhile; cursors fit one list."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from service import paging
from service.errors import Problem
from service.queries import Query
from service.queries.query import parse
from tests.client import Client, Tenant, at_once, wait_until
from tests.writer import violated

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
SQL = psycopg.Connection[Any]


def new_channel(sql: SQL, tenant: Tenant) -> UUID:
    found = sql.execute(
        "INSERT INTO inbox.channels (tenant_id, type, external_id, name)"
        " VALUES (%s, 'email', 'mailbox', 'Mailbox') RETURNING id",
        [tenant.id],
    ).fetchone()
    sql.commit()
    assert found
    channel: UUID = found["id"]
    return channel


def new_conversations(
    sql: SQL, tenant: Tenant, channel: UUID, times: list[datetime], status: str = "open"
) -> list[str]:
    """The ids of new conversations that are dated so, in the order of time, then id."""
    rows: list[tuple[datetime, str]] = []
    with sql.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO inbox.conversations (tenant_id, channel_id, external_id, status, created_at)"
            " VALUES (%s, %s, gen_random_uuid(), %s, %s) RETURNING created_at, id",
            [(tenant.id, channel, status, time) for time in times],
            returning=True,
        )
        for result in cursor.results():
            rows += [(row["created_at"], str(row["id"])) for row in result.fetchall()]
    sql.commit()
    return [row_id for _, row_id in sorted(rows)]


@pytest.mark.parametrize("filters", [{}, {"status": "open"}])
def test_rows_of_one_moment_come_once_each_in_both_directions(
    sql: SQL, tenant: Tenant, api: Client, filters: dict[str, str]
) -> None:
    ids = new_conversations(sql, tenant, new_channel(sql, tenant), [MOMENT] * 250)
    for order, expected in (("asc", ids), ("desc", ids[::-1])):
        seen = api.all("/v1/conversations", limit=7, order=order, **filters)
        assert [row["id"] for row in seen] == expected


def test_rows_that_differ_by_microseconds_come_once_each_in_both_directions(
    sql: SQL, tenant: Tenant, api: Client
) -> None:
    times = [MOMENT + timedelta(microseconds=n) for n in range(12)]
    ids = new_conversations(sql, tenant, new_channel(sql, tenant), times)
    for order, expected in (("asc", ids), ("desc", ids[::-1])):
        for limit in (1, 5):
            seen = api.all("/v1/conversations", limit=limit, order=order)
            assert [row["id"] for row in seen] == expected


def test_a_full_last_page_has_no_cursor(sql: SQL, tenant: Tenant, api: Client) -> None:
    new_conversations(sql, tenant, new_channel(sql, tenant), [MOMENT] * 14)
    first = api.get("/v1/conversations", params={"limit": 7})
    second = api.get("/v1/conversations", params={"limit": 7, "cursor": first["next_cursor"]})
    assert (len(first["items"]), len(second["items"])) == (7, 7)
    assert second["next_cursor"] is None


def test_rows_that_are_inserted_meanwhile_shift_no_page(
    sql: SQL, tenant: Tenant, api: Client
) -> None:
    channel = new_channel(sql, tenant)
    ids = new_conversations(sql, tenant, channel, [MOMENT] * 20)
    seen: list[str] = []
    cursor = None
    while True:
        page = api.get("/v1/conversations", params={"limit": 7, "cursor": cursor})
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        later = [MOMENT + timedelta(microseconds=1), MOMENT + timedelta(days=1)]
        new_conversations(sql, tenant, channel, later)
    assert seen == ids[::-1]


def test_a_row_that_is_inserted_ahead_is_met_and_none_twice(
    sql: SQL, tenant: Tenant, api: Client
) -> None:
    channel = new_channel(sql, tenant)
    ids = new_conversations(sql, tenant, channel, [MOMENT] * 10)
    params = {"limit": 7, "order": "asc"}
    page = api.get("/v1/conversations", params=params)
    # Whatever time a writer gives it: the order is that of the ids.
    added = new_conversations(sql, tenant, channel, [MOMENT - timedelta(days=1)])
    page2 = api.get("/v1/conversations", params={**params, "cursor": page["next_cursor"]})
    assert [row["id"] for row in page["items"] + page2["items"]] == ids + added


def test_beside_writers_at_once_a_walk_meets_each_row_that_was_there_once(
    sql: SQL, tenant: Tenant, api: Client
) -> None:
    before = [tenant.receive()["conversation_id"] for _ in range(20)]

    def write_or_walk(n: int) -> list[str]:
        if n < 4:
            return [tenant.receive()["conversation_id"] for _ in range(15)]
        order = "asc" if n % 2 else "desc"
        walker = Client(api.url, api.credential)
        return [row["id"] for row in walker.all("/v1/conversations", limit=3, order=order)]

    written, walked = [], []
    for n, ids in enumerate(at_once(8, write_or_walk)):
        (written if n < 4 else walked).append(ids)
    for ids in walked:
        assert len(ids) == len(set(ids))
        assert set(before) <= set(ids)
    everything = {*before, *(row for ids in written for row in ids)}
    for order in ("asc", "desc"):
        found = [row["id"] for row in api.all("/v1/conversations", limit=7, order=order)]
        assert len(found) == len(everything)
        assert set(found) == everything
        assert found == sorted(found, reverse=order == "desc")


def test_an_id_of_another_version_is_refused(sql: SQL, tenant: Tenant) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sql.execute(
            "INSERT INTO inbox.channels (tenant_id, id, type, external_id, name)"
            " VALUES (%s, gen_random_uuid(), 'email', 'mailbox', 'Mailbox')",
            [tenant.id],
        )
    assert violated(refused.value) == "channels_id_check"


def test_events_come_once_each_in_order(sql: SQL, tenant: Tenant, api: Client) -> None:
    channel = new_channel(sql, tenant)
    new_conversations(sql, tenant, channel, [MOMENT] * 60)  # one transaction
    new_conversations(sql, tenant, channel, [MOMENT] * 5)
    expected = [
        str(row["id"])
        for row in sql.execute("SELECT id FROM operations.events ORDER BY epoch, xid, id")
    ]
    sql.rollback()
    assert len(expected) > 66
    # The log ends below the oldest transaction of the whole server: ANALYZE in the background may be one.
    wait_until(
        lambda: api.get("/v1/events", params={"limit": 100})["items"][-1]["id"] == expected[-1]
    )
    seen = [event["id"] for event in api.all("/v1/events", limit=7)]
    assert seen == expected


def test_the_timeline_comes_once_each_in_order(sql: SQL, tenant: Tenant, api: Client) -> None:
    channel = new_channel(sql, tenant)
    [conversation] = new_conversations(sql, tenant, channel, [MOMENT])
    with sql.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO inbox.messages (tenant_id, conversation_id, direction, body_text, sent_at)"
            " VALUES (%s, %s, 'inbound', 'Hello', %s)",
            [(tenant.id, conversation, MOMENT + timedelta(microseconds=n // 9)) for n in range(40)],
        )
        # Drafts of the same moment, merged from another table.
        cursor.executemany(
            "INSERT INTO drafts.drafts"
            " (tenant_id, conversation_id, version, model_key, prompt_version, suggested_text, created_at)"
            " VALUES (%s, %s, 1, 'm', 'v1', 'Hello', %s)",
            [(tenant.id, conversation, MOMENT + timedelta(microseconds=n // 9)) for n in range(20)],
        )
    expected = sql.execute(
        "SELECT id FROM (SELECT sent_at AS at, id FROM inbox.messages"
        " UNION ALL SELECT created_at, id FROM drafts.drafts) AS entry ORDER BY at, id"
    ).fetchall()
    sql.commit()
    path = f"/v1/conversations/{conversation}/timeline"
    for limit in (7, 100):
        seen = [item["id"] for item in api.all(path, limit=limit)]
        assert seen == [str(row["id"]) for row in expected]
    assert len(seen) == 60


# Variants ------------------------------------------------------------------------------------------


def variant(name: str, parameters: str, order: str = "DESC") -> Query[Any]:
    """A list by the parameters, of which `?` marks those that may be NULL."""
    header = "".join(
        f"-- param: {p.removesuffix('?')} int{' NULL' * p.endswith('?')} = 1\n"
        for p in (*parameters.split(), "after_id", "limit")
    )
    used = ", ".join(f":{p.removesuffix('?')}" for p in parameters.split()) or "1"
    text = f"SELECT {used} WHERE 1 > :after_id ORDER BY 1 {order} LIMIT :limit + 1"
    return parse(f"-- name: area.{name} :page\n-- Why.\n{header}{text}", f"area.{name}", Path("x"))


VARIANTS = (
    variant("all", "owner"),
    variant("all_oldest_first", "owner", "ASC"),
    variant("by_a_and_perhaps_b", "owner a b?"),
    variant("by_b", "owner b"),
    variant("by_b_and_perhaps_a", "owner a? b"),
    variant("by_c_and_d", "owner c d"),
)


@pytest.mark.parametrize(
    ("asked", "name", "filters"),
    [
        ({}, "all", {}),
        ({"a": None, "b": None, "order": "desc"}, "all", {}),
        ({"order": "asc"}, "all_oldest_first", {}),
        ({"a": 1}, "by_a_and_perhaps_b", {"a": 1, "b": None}),
        ({"a": 1, "b": 0, "order": "desc"}, "by_a_and_perhaps_b", {"a": 1, "b": 0}),
        ({"b": False}, "by_b", {"b": False}),
        ({"c": 1, "d": 2}, "by_c_and_d", {"c": 1, "d": 2}),
    ],
)
def test_a_list_is_the_first_with_the_filters_and_the_order(
    asked: dict[str, Any], name: str, filters: dict[str, Any]
) -> None:
    request = {"limit": 30, "cursor": None, **asked}
    found = paging.choose(VARIANTS, request, {"owner": 7})
    assert (found[0].name, found[1]) == (f"area.{name}", {"owner": 7, **filters})


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({"c": 1}, {"c": ["cannot be used alone"]}),
        (
            {"a": 1, "c": 1},
            {"a": ["cannot be used together with c"], "c": ["cannot be used together with a"]},
        ),
        (
            {"b": 1, "c": 1, "d": 1},
            {
                "b": ["cannot be used together with c and d"],
                "c": ["cannot be used together with b and d"],
                "d": ["cannot be used together with b and c"],
            },
        ),
        ({"e": 1}, {"e": ["cannot be used alone"]}),
        ({"a": 1, "order": "asc"}, {"order": ["must be desc together with a"]}),
    ],
)
def test_what_no_list_has_is_refused_by_name(
    asked: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    with pytest.raises(Problem) as raised:
        paging.choose(VARIANTS, {"limit": 30, "cursor": None, **asked}, {"owner": 7})
    assert (raised.value.code, raised.value.errors) == ("VALIDATION", errors)


# Cursors -------------------------------------------------------------------------------------------


@pytest.fixture
def cursor(sql: SQL, tenant: Tenant, api: Client) -> str:
    """Of the list of conversations that are open, newest first."""
    new_conversations(sql, tenant, new_channel(sql, tenant), [MOMENT] * 3)
    page = api.get("/v1/conversations", params={"limit": 1, "status": "open"})
    found: str = page["next_cursor"]
    return found


def refused(api: Client, path: str, cursor: str, **params: Any) -> bool:
    """Whether the cursor is refused by its name."""
    answer = api.request("GET", path, params={"cursor": cursor, **params})
    if answer.status_code == 200:
        return False
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "VALIDATION")
    return list(problem["errors"]) == ["cursor"]


def test_a_cursor_fits_its_own_list_only(api: Client, cursor: str) -> None:
    assert not refused(api, "/v1/conversations", cursor, status="open")
    assert not refused(api, "/v1/conversations", cursor, status="open", limit=50)
    assert refused(api, "/v1/conversations", cursor)
    assert refused(api, "/v1/conversations", cursor, status="closed")
    assert refused(api, "/v1/conversations", cursor, status="open", order="asc")
    assert refused(api, "/v1/conversations", cursor, status="open", external_id="x")
    assert refused(api, "/v1/channels", cursor)
    assert refused(api, "/v1/events", cursor)


def test_a_cursor_that_was_changed_is_refused(api: Client, cursor: str) -> None:
    def changed(*keys: Any) -> str:
        fingerprint = json.loads(base64.urlsafe_b64decode(cursor + "=="))[0]
        return base64.urlsafe_b64encode(json.dumps([fingerprint, *keys]).encode()).decode()

    one_off = [
        cursor[:n] + ("A" if c != "A" else "B") + cursor[n + 1 :] for n, c in enumerate(cursor)
    ]
    for wrong in [
        *one_off[:: max(1, len(one_off) // 20)],
        cursor[:-4],
        cursor + "AAAA",
        cursor.swapcase(),
        "",
        "null",
        "%00",
        changed("2026-01-01T00:00:00+00:00", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        changed("never", "x"),
        changed("2026-01-01T00:00:00+00:00"),
        changed(None, None),
        changed([], {}),
        changed("\ud800", "\x00"),
    ]:
        assert refused(api, "/v1/conversations", wrong, status="open"), wrong


def test_another_tenants_cursor_opens_nothing(
    sql: SQL, api: Client, cursor: str, new_tenant: Any
) -> None:
    other: Tenant = new_tenant()
    page = other.service.get("/v1/conversations", params={"cursor": cursor, "status": "open"})
    assert page == {"items": [], "next_cursor": None}


# Limits --------------------------------------------------------------------------------------------


def test_the_limit_is_clamped(sql: SQL, tenant: Tenant, api: Client) -> None:
    new_conversations(sql, tenant, new_channel(sql, tenant), [MOMENT] * 105)
    for limit, expected in ((0, 1), (-5, 1), (1, 1), (99, 99), (100, 100), (1000, 100), (None, 30)):
        page = api.get("/v1/conversations", params={"limit": limit})
        assert len(page["items"]) == expected


@pytest.mark.parametrize(
    "limit", ["abc", "NaN", "Infinity", "1.5", "", "1e3", "0x10", "9" * 50 + "x", "1 OR 1"]
)
def test_a_limit_that_is_no_number_is_refused(api: Client, limit: str) -> None:
    answer = api.request("GET", "/v1/conversations", params={"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION")
    assert list(answer.json()["errors"]) == ["limit"]
