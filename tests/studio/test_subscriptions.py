"""What a tenant pays for: told by the platform once, counted by the database, refused when it is used up."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.client import Client, Tenant, at_once
from tests.facts import earlier, rewriting
from tests.studio.helpers import concept, generation, subscribe

Sql = psycopg.Connection[Any]
FREE = {
    "tier": "FREE",
    "status": "active",
    "allowed": 10,
    "used": 0,
    "remaining": 10,
    "resets_at": None,
}
UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"


def pass_days(owner: Sql, tenant: Tenant, days: int) -> None:
    """As if so much time had passed."""
    with rewriting(owner, "studio.subscriptions"):
        so_long = earlier("make_interval(days => %s)", "resets_at")
        owner.execute(
            f"UPDATE studio.subscriptions SET {so_long} WHERE tenant_id = %s".encode(),
            [days, tenant.id],
        )


def test_each_concept_costs_a_unit_of_the_tier(api: Client, tenant: Tenant) -> None:
    assert api.get("/v1/subscription") == FREE
    generation(api, *[concept()] * 7)
    after = api.get("/v1/subscription")
    assert (after["used"], after["remaining"]) == (7, 3)
    refused = api.request("POST", "/v1/generations", {"concepts": [concept()] * 4}, expect=429)
    told = {"allowed": 10, "used": 7, "remaining": 3, "requested": 4, "code": "QUOTA_EXCEEDED"}
    assert told.items() <= refused.json().items()
    assert refused.json()["resets_at"] == after["resets_at"]
    assert 29 * 86400 < int(refused.headers["Retry-After"]) <= 30 * 86400
    # More than it has in all does not fit later, either.
    never = api.request("POST", "/v1/generations", {"concepts": [concept()] * 11}, expect=429)
    assert "Retry-After" not in never.headers
    assert api.get("/v1/subscription") == after
    assert len(api.all("/v1/generations")) == 1
    generation(api, *[concept()] * 3)
    assert api.get("/v1/subscription")["remaining"] == 0


@pytest.mark.parametrize(
    ("tier", "status", "allowed"),
    [
        ("FREE", "active", 10),
        ("STARTER", "active", 10),
        ("PRO", "past_due", 50),
        ("AGENCY", "active", 500),
        ("AGENCY", "canceled", 10),
    ],
)
def test_what_a_tier_has(
    tenant: Tenant, platform_key: str, tier: str, status: str, allowed: int
) -> None:
    told = subscribe(tenant, platform_key, tier, status=status)
    assert told == {
        **FREE,
        "tier": tier,
        "status": status,
        "allowed": allowed,
        "remaining": allowed,
    }
    assert tenant.service.get("/v1/subscription") == told


def test_after_thirty_days_all_of_it_is_left_again_without_any_job(
    api: Client, tenant: Tenant, owner: Sql
) -> None:
    generation(api, *[concept()] * 10)
    pass_days(owner, tenant, 29)
    api.post("/v1/generations", {"concepts": [concept()]}, expect=429)
    pass_days(owner, tenant, 1)
    assert api.get("/v1/subscription") == FREE
    generation(api, *[concept()] * 4)
    after = api.get("/v1/subscription")
    assert (after["used"], after["resets_at"] > "2026") == (4, True)


def test_of_many_at_once_no_more_fit_than_there_is_room_for(api: Client) -> None:
    answers = at_once(
        20, lambda _: api.request("POST", "/v1/generations", {"concepts": [concept()] * 3})
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 17
    assert api.get("/v1/subscription")["used"] == 9
    assert len(api.all("/v1/concepts")) == 9


def test_who_tries_again_pays_once(api: Client) -> None:
    body = {"concepts": [concept()]}
    headers = {"Idempotency-Key": uuid4().hex}
    first = api.post("/v1/generations", body, headers=headers)
    assert api.post("/v1/generations", body, headers=headers) == first
    assert api.get("/v1/subscription")["used"] == 1


def test_another_writer_pays_as_well(api: Client, sql: Sql) -> None:
    insert = (
        "INSERT INTO studio.generations (tenant_id, concept_count)"
        " VALUES (current_setting('app.tenant_id')::uuid, %s)"
    )
    sql.execute(insert, [8])
    sql.commit()
    assert api.get("/v1/subscription")["used"] == 8
    with pytest.raises(
        psycopg.DatabaseError, match="3 concepts are requested, 2 remain"
    ) as refused:
        sql.execute(insert, [3])
    assert refused.value.sqlstate == "DR002"
    assert json.loads(refused.value.diag.message_detail or "")["remaining"] == 2


def test_another_writers_insert_that_ends_as_an_update_costs_nothing(api: Client, sql: Sql) -> None:
    made = generation(api)
    for action in ("NOTHING", "UPDATE SET favorite = true"):
        sql.execute(
            "INSERT INTO studio.generations (tenant_id, id, concept_count)"
            " VALUES (current_setting('app.tenant_id')::uuid, %s, 1)"
            f" ON CONFLICT (tenant_id, id) DO {action}".encode(),
            [made["id"]],
        )
    sql.commit()
    assert api.get(f"/v1/generations/{made['id']}")["favorite"]
    assert api.get("/v1/subscription")["used"] == 1


@pytest.mark.parametrize("column", ["tier = 'AGENCY'", "used = 0", "resets_at = now()"])
def test_nobody_sets_the_subscription_but_by_an_event(api: Client, sql: Sql, column: str) -> None:
    generation(api)
    with pytest.raises(InsufficientPrivilege, match="nobody rewrites"):
        sql.execute(f"UPDATE studio.subscriptions SET {column}".encode())


def test_who_inserts_a_subscription_gets_the_defaults(sql: Sql) -> None:
    made = sql.execute(
        "INSERT INTO studio.subscriptions (tenant_id, tier, used, resets_at)"
        " VALUES (current_setting('app.tenant_id')::uuid, 'AGENCY', -5, now()) RETURNING tier, used, resets_at"
    ).fetchone()
    assert made == {"tier": "FREE", "used": 0, "resets_at": None}


# Events of the billing provider --------------------------------------------------------------------------


def event(n: int, tier: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": f"evt_{n}",
        "occurred_at": f"2026-01-0{n}T00:00:00Z",
        "tier": tier,
        "status": "active",
        **fields,
    }


def test_an_event_that_comes_again_or_late_changes_nothing(
    tenant: Tenant, platform_key: str, sql: Sql
) -> None:
    platform = Client(tenant.service.url, platform_key)
    path = f"/v1/tenants/{tenant.id}/subscription-events"
    first, second, third = event(1, "STARTER"), event(2, "AGENCY"), event(3, "PRO")
    generation(tenant.service, *[concept()] * 5)
    for body, status, tier in (
        (second, 201, "AGENCY"),
        (second, 200, "AGENCY"),
        (first, 201, "AGENCY"),  # an earlier one
        (third, 201, "PRO"),
        (second, 200, "PRO"),
        (first, 200, "PRO"),
    ):
        told = platform.post(path, body, expect=status)
        assert (told["tier"], told["used"]) == (tier, 5)
    stored = sql.execute("SELECT count(*) AS n FROM studio.subscription_events").fetchone()
    assert stored == {"n": 3}
    for limit in (1, 100):
        listed = tenant.service.all("/v1/subscription-events", limit=limit)
        assert [item["event_id"] for item in listed] == ["evt_3", "evt_1", "evt_2"]
    assert (listed[0]["occurred_at"], listed[0]["tier"]) == ("2026-01-03T00:00:00+00:00", "PRO")
    refused = platform.post(path, {**first, "tier": "AGENCY"}, expect=409)
    assert "event_id" in refused["detail"]
    assert tenant.service.get("/v1/subscription")["tier"] == "PRO"


def test_events_of_one_moment_apply_in_the_same_order_however_they_come(
    tenant: Tenant, platform_key: str
) -> None:
    for n in (5, 3, 4):
        at = {"occurred_at": "2026-01-01T00:00:00Z"}
        tier = {3: "FREE", 4: "STARTER", 5: "PRO"}[n]
        told = subscribe(tenant, platform_key, **event(n, tier, **at))
    assert told["tier"] == "PRO"


def test_the_same_event_at_once_is_stored_once(tenant: Tenant, platform_key: str) -> None:
    platform = Client(tenant.service.url, platform_key)
    path = f"/v1/tenants/{tenant.id}/subscription-events"
    answers = at_once(10, lambda _: platform.request("POST", path, event(1, "PRO")))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]


def test_only_the_platform_tells_what_a_tenant_pays_for(tenant: Tenant, platform_key: str) -> None:
    path = f"/v1/tenants/{tenant.id}/subscription-events"
    for api in (tenant.service, tenant.acting("admin")):
        assert "tenants:bill" in api.post(path, event(1, "AGENCY"), expect=403)["detail"]
    platform = Client(tenant.service.url, platform_key)
    platform.post(path.replace(tenant.id, UNKNOWN_ID), event(1, "AGENCY"), expect=404)
    future = {"occurred_at": "2999-01-01T00:00:00Z"}
    refused = platform.post(path, event(1, "AGENCY", **future), expect=400)
    assert list(refused["errors"]) == ["occurred_at"]
    assert tenant.service.get("/v1/subscription") == FREE
