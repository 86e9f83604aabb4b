"""The audit: the event log newest first, by table, row, actor, action and time; and its export."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant

USERS = "identity.users"
AUDIT = "/v1/audit"


@pytest.fixture
def history(tenant: Tenant, sql: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """What happened in a tenant in which services, people and plain SQL changed things; newest first."""
    decided = tenant.approved()
    tenant.acting("admin").patch(
        f"/v1/users/{tenant.users['viewer']}", {"display_name": "By an administrator"}
    )
    sql.execute(
        "UPDATE identity.users SET display_name = 'By a script' WHERE id = %s",
        [tenant.users["viewer"]],
    )
    sql.commit()
    found = tenant.service.all(AUDIT, limit=100)
    assert decided["id"] in {event["entity_id"] for event in found}
    return found


def test_it_is_newest_first_in_pages_without_gap_or_double(
    tenant: Tenant, history: list[dict[str, Any]]
) -> None:
    order = [(event["occurred_at"], event["id"]) for event in history]
    assert order == sorted(set(order), reverse=True)
    assert tenant.service.all(AUDIT, limit=3) == history
    stored = tenant.service.all("/v1/events", limit=100)
    assert {event["id"] for event in stored} == {event["id"] for event in history}


def test_it_tells_who_in_which_role_from_where_did_what(
    tenant: Tenant, history: list[dict[str, Any]]
) -> None:
    by_script, by_admin = [e for e in history if e["action"] == "UPDATE" and e["entity"] == USERS][
        :2
    ]
    assert by_script["actor"] == "app_rw"
    assert by_script["changes"] == {"display_name": ["masked", "masked"]}
    assert (by_admin["revision"], by_script["revision"]) == (2, 3)
    assert by_admin["actor"] == f"user:{tenant.users['admin']}"
    [key] = tenant.service.all("/v1/api-keys")
    assert (by_admin["key_id"], by_script["key_id"]) == (key["id"], None)
    assert (by_admin["role"], by_admin["ip"]) == ("admin", "127.0.0.1")
    assert by_admin["request_id"]


def test_it_finds_a_person_whichever_key_they_used(tenant: Tenant) -> None:
    scopes = ["identity:write", "users:act"]
    other = tenant.service.post("/v1/api-keys", {"name": "other", "scopes": scopes})
    admin = tenant.users["admin"]
    for credential in (tenant.service.credential, other["key"]):
        client = Client(tenant.service.url, credential, admin)
        client.patch("/v1/tenant", {"name": credential[-8:]})
    [first] = [key["id"] for key in tenant.service.all("/v1/api-keys") if key["id"] != other["id"]]
    found = tenant.service.all(AUDIT, actor=f"user:{admin}")
    assert [event["key_id"] for event in found] == [other["id"], first]
    [by_other] = tenant.service.all(AUDIT, key_id=other["id"])
    assert by_other == found[0]


@pytest.mark.parametrize(
    "names",
    [
        ["entity"],
        ["entity", "entity_id"],
        ["actor"],
        ["action"],
        ["key_id"],
        ["key_id", "action"],
        ["entity", "action"],
        ["actor", "action"],
        ["entity", "actor"],
        ["entity", "entity_id", "actor", "key_id", "action"],
    ],
    ids=" ".join,
)
def test_filters_leave_what_they_say_and_nothing_out(
    tenant: Tenant, history: list[dict[str, Any]], names: list[str]
) -> None:
    sample = next(event for event in history if event["action"] == "APPROVE")
    wanted = {name: sample[name] for name in names}
    expected = [event for event in history if wanted.items() <= event.items()]
    assert 0 < len(expected) < len(history)
    assert tenant.service.all(AUDIT, limit=1, **wanted) == expected
    exported = tenant.service.request("GET", f"{AUDIT}/export", params=wanted, expect=200)
    assert [json.loads(line) for line in exported.text.splitlines()] == expected[::-1]


def test_a_time_is_half_open(tenant: Tenant, history: list[dict[str, Any]]) -> None:
    times = sorted({event["occurred_at"] for event in history})
    since, until = times[1], times[-1]
    expected = [event for event in history if since <= event["occurred_at"] < until]
    assert 0 < len(expected) < len(history)
    span = {"since": since, "until": until}
    assert tenant.service.all(AUDIT, limit=4, **span) == expected
    assert tenant.service.all(AUDIT, limit=4, actor=expected[0]["actor"], **span) == [
        event for event in expected if event["actor"] == expected[0]["actor"]
    ]
    assert tenant.service.all(AUDIT, since=until, until=since) == []


def test_the_export_is_lines_and_may_be_empty(tenant: Tenant) -> None:
    answer = tenant.service.request(
        "GET", f"{AUDIT}/export", params={"actor": "nobody"}, expect=200
    )
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.content == b""


@pytest.mark.parametrize("path", [AUDIT, f"{AUDIT}/export"])
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"entity_id": "00000000-0000-7000-8000-000000000007"}, "entity_id"),
        ({"entity": USERS, "entity_id": "7"}, "entity_id"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-01-01T00:00:00"}, "until"),
        ({"action": ""}, "action"),
        ({"role": "admin"}, "role"),
    ],
    ids=["no entity", "no id", "no time", "no zone", "empty", "unknown"],
)
def test_a_wrong_filter_is_named(
    tenant: Tenant, path: str, params: dict[str, str], field: str
) -> None:
    refused = tenant.service.request("GET", path, params=params, expect=400)
    assert refused.json()["errors"].keys() == {field}


def test_it_is_of_the_tenant_only(
    tenant: Tenant, new_tenant: Callable[[], Tenant], history: list[dict[str, Any]]
) -> None:
    other = new_tenant()
    assert not {e["id"] for e in other.service.all(AUDIT, limit=100)} & {e["id"] for e in history}
    params = {"entity": USERS, "entity_id": tenant.users["viewer"]}
    assert other.service.all(AUDIT, **params) == []


@pytest.mark.parametrize("role", ["viewer", "agent", "approver"])
@pytest.mark.parametrize("path", [AUDIT, f"{AUDIT}/export"])
def test_only_administrators_read_it(tenant: Tenant, role: str, path: str) -> None:
    tenant.acting(role).request("GET", path, expect=403)
