"""Notifications: for one person or for everyone; what each has read and muted; posted, and made by what happens."""

from typing import Any

import psycopg
import pytest

from service.operations.notification_schemas import NOTIFICATION_TYPES
from tests.client import Client, Tenant, at_once
from tests.library.helpers import resource
from tests.library.run_helpers import RUNS, executed, run
from tests.pipelines.helpers import claimed_run, completed_run
from tests.pipelines.helpers import run as pipeline_run
from tests.studio.helpers import CONCEPT, generation

Sql = psycopg.Connection[Any]


@pytest.fixture
def notifications(tenant: Tenant, sql: psycopg.Connection[Any]) -> dict[str, str]:
    """Ids of three notifications, by for whom they are; each newer than the one before."""
    found = {}
    for name, user in (("everyone", None), ("agent", "agent"), ("agent2", "agent2")):
        [row] = sql.execute(
            "INSERT INTO operations.notifications (tenant_id, user_id, type, payload)"
            " VALUES (%s, %s, 'draft_ready', '{\"a\": 1}') RETURNING id",
            [tenant.id, user and tenant.users[user]],
        ).fetchall()
        sql.commit()
        found[name] = str(row["id"])
    return found


def seen(api: Client, **params: Any) -> list[str]:
    return [item["id"] for item in api.all("/v1/notifications", **params)]


def test_people_see_what_is_for_them_or_for_everyone(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    n = notifications
    assert seen(tenant.agent) == [n["agent"], n["everyone"]]
    assert seen(tenant.agent, limit=1) == [n["agent"], n["everyone"]]
    assert seen(tenant.acting("agent2")) == [n["agent2"], n["everyone"]]
    for api in (tenant.acting("admin"), tenant.acting("viewer"), tenant.service):
        assert seen(api) == [n["everyone"]]


def test_what_is_for_somebody_else_is_not_there(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    for api in (tenant.agent, tenant.acting("admin")):
        for what in ("read", "unread"):
            api.post(f"/v1/notifications/{notifications['agent2']}/{what}", expect=404)
    assert seen(tenant.acting("agent2"), unread="true")[0] == notifications["agent2"]


def test_reading_takes_it_from_the_unread_ones_and_unreading_puts_it_back(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    agent, n = tenant.agent, notifications
    path = f"/v1/notifications/{n['agent']}"
    read = agent.post(f"{path}/read", expect=200)
    assert read["read_at"]
    assert agent.post(f"{path}/read", expect=200) == read
    assert seen(agent, unread="true") == [n["everyone"]]
    assert seen(agent, unread="false") == seen(agent) == [n["agent"], n["everyone"]]
    unread = agent.post(f"{path}/unread", expect=200)
    assert unread["read_at"] is None
    assert agent.post(f"{path}/unread", expect=200) == unread
    assert seen(agent, unread="true", limit=1) == [n["agent"], n["everyone"]]


def test_each_reads_for_themselves_what_is_for_everyone(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    n = notifications
    viewer = tenant.acting("viewer")
    assert viewer.post(f"/v1/notifications/{n['everyone']}/read", expect=200)["read_at"]
    assert seen(viewer, unread="true") == []
    assert seen(tenant.agent, unread="true") == [n["agent"], n["everyone"]]
    assert [item["read_at"] for item in tenant.agent.all("/v1/notifications")] == [None, None]


def test_a_service_that_acts_for_nobody_reads_for_nobody(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    path = f"/v1/notifications/{notifications['everyone']}"
    for what, body in ((f"{path}/read", None), ("/v1/notifications/read-all", {})):
        refused = tenant.service.post(what, body, expect=403)
        assert "Draftroom-User" in refused["detail"]
    tenant.service.get("/v1/notification-preferences", expect=403)
    assert seen(tenant.service, unread="true") == [notifications["everyone"]]


def test_nobody_is_notified_who_is_not_of_the_tenant(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        sql.execute(
            "INSERT INTO operations.notifications (tenant_id, user_id, type)"
            " VALUES (%s, gen_random_uuid(), 'draft_ready')",
            [tenant.id],
        )


# Counted, and read all together ----------------------------------------------------------------------


def put(sql: Sql, tenant: Tenant, count: int, user: str | None = None) -> None:
    sql.execute(
        "INSERT INTO operations.notifications (tenant_id, user_id, type)"
        " SELECT %s, %s, 'draft_ready' FROM generate_series(1, %s) RETURNING id",
        [tenant.id, user and tenant.users[user], count],
    )
    sql.commit()


def unread(api: Client) -> tuple[int, bool]:
    counted = api.get("/v1/notifications/unread-count")
    return counted["unread"], counted["has_more"]


def test_what_is_unread_is_counted_to_a_hundred(tenant: Tenant, sql: Sql) -> None:
    assert unread(tenant.agent) == (0, False)
    put(sql, tenant, 60)
    put(sql, tenant, 40, "agent")
    assert unread(tenant.agent) == (100, False)
    assert unread(tenant.acting("viewer")) == unread(tenant.service) == (60, False)
    put(sql, tenant, 1)
    assert unread(tenant.agent) == (100, True)
    [newest] = tenant.agent.get("/v1/notifications", params={"limit": 1})["items"]
    tenant.agent.post(f"/v1/notifications/{newest['id']}/read")
    assert unread(tenant.agent) == (100, False)


def test_unread_are_the_newest_five_hundred_of_a_type(tenant: Tenant, sql: Sql) -> None:
    put(sql, tenant, 501)
    every = seen(tenant.agent, limit=100)
    assert len(every) == 501
    assert seen(tenant.agent, unread="true", limit=100) == every[:500]
    for _ in range(2):  # what was read does not make room for older ones
        tenant.agent.post("/v1/notifications/read-all", {})
        assert seen(tenant.agent, unread="true") == []


def test_all_are_read_at_once_for_the_caller_alone(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    assert tenant.agent.post("/v1/notifications/read-all", {}) == {"read": 2, "has_more": False}
    assert tenant.agent.post("/v1/notifications/read-all", {}) == {"read": 0, "has_more": False}
    assert unread(tenant.agent) == (0, False)
    assert unread(tenant.acting("agent2")) == (2, False)


def test_what_is_newer_than_what_was_shown_stays_unread(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    n = notifications
    done = tenant.agent.post("/v1/notifications/read-all", {"up_to": n["everyone"]})
    assert done == {"read": 1, "has_more": False}
    assert seen(tenant.agent, unread="true") == [n["agent"]]


def test_a_thousand_are_read_at_most(tenant: Tenant, sql: Sql) -> None:
    put(sql, tenant, 500)
    put(sql, tenant, 500, "agent")
    body = {"user_id": tenant.users["agent"], "payload": {"title": "t"}}
    tenant.service.post("/v1/notifications", body)
    read = [tenant.agent.post("/v1/notifications/read-all", {}) for _ in range(2)]
    assert read == [{"read": 1000, "has_more": True}, {"read": 1, "has_more": False}]


def test_read_by_many_requests_at_once_it_is_read_once(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    read = at_once(8, lambda _: tenant.agent.post("/v1/notifications/read-all", {})["read"])
    assert sum(read) == 2


# Muted ---------------------------------------------------------------------------------------------


def test_what_is_muted_is_neither_listed_nor_counted_for_the_user(
    tenant: Tenant, notifications: dict[str, str]
) -> None:
    agent, path = tenant.agent, "/v1/notification-preferences"
    assert agent.get(path) == {"muted": []}
    tenant.service.post("/v1/notifications", {"payload": {"title": "t"}})
    assert agent.put(path, {"muted": ["draft_ready"]}) == {"muted": ["draft_ready"]}
    assert agent.get(path) == {"muted": ["draft_ready"]}
    for params in ({}, {"unread": "true"}):
        assert [item["type"] for item in agent.all("/v1/notifications", **params)] == ["custom"]
    assert unread(agent) == (1, False)
    assert agent.post("/v1/notifications/read-all", {})["read"] == 1
    # Only for them; and what they muted was not read.
    assert unread(tenant.acting("agent2")) == (3, False)
    agent.put(path, {"muted": []})
    assert unread(agent) == (2, False)


def test_only_known_types_are_muted(tenant: Tenant, sql: Sql) -> None:
    path = "/v1/notification-preferences"
    tenant.agent.put(path, {"muted": list(NOTIFICATION_TYPES)})
    for muted in (["birthdays"], ["custom"] * (len(NOTIFICATION_TYPES) + 1), None):
        refused = tenant.agent.put(path, {"muted": muted}, expect=400)
        assert list(refused["errors"]) == ["muted"]
    viewer = tenant.users["viewer"]
    for muted in (["a"] * 101, [None], [["a"]], ["a" * 9000]):
        sql.execute("SELECT operations.set_local('app.user_id', 'any')")
        with pytest.raises(psycopg.errors.CheckViolation):
            sql.execute(
                "INSERT INTO operations.notification_preferences (tenant_id, user_id, muted)"
                " VALUES (%s, %s, %s)",
                [tenant.id, viewer, muted],
            )
        sql.rollback()


# Posted --------------------------------------------------------------------------------------------


def test_a_service_notifies_a_user_or_everyone(tenant: Tenant) -> None:
    payload = {"title": "The import is done", "text": "4 rows were left out.", "rows": 4}
    posted = tenant.service.post("/v1/notifications", {"payload": payload}, expect=201)
    assert (posted["user_id"], posted["type"], posted["payload"]) == (None, "custom", payload)
    body = {"user_id": tenant.users["agent"], "type": "ingest_failed", "payload": {"feed": "x"}}
    own = tenant.service.post("/v1/notifications", body, expect=201)
    assert body.items() <= own.items()
    assert seen(tenant.agent) == [own["id"], posted["id"]]
    assert seen(tenant.acting("viewer")) == [posted["id"]]
    tenant.agent.post("/v1/notifications", {"payload": payload}, expect=403)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("payload", {}),
        ("payload", {"payload": {"title": " "}}),
        ("payload", {"payload": {"title": 1}}),
        ("payload", {"payload": {"title": "x" * 201}}),
        ("payload", {"payload": {"title": "x", "text": "x" * 4001}}),
        ("payload", {"payload": {"title": "x", "text": None}}),
        ("payload", {"payload": {"title": "x", "more": "x" * 65536}}),
        ("type", {"type": "birthday", "payload": {"title": "x"}}),
        ("user_id", {"user_id": "me", "payload": {"title": "x"}}),
        (
            "user_id",
            {"user_id": "01980000-0000-7000-8000-000000000000", "payload": {"title": "x"}},
        ),
    ],
)
def test_a_wrong_field_is_refused_by_name(api: Client, field: str, body: dict[str, Any]) -> None:
    refused = api.post("/v1/notifications", body, expect=400)
    assert list(refused["errors"]) == [field]


@pytest.mark.parametrize(
    "payload",
    ["{}", '{"title": " "}', '{"title": null}', '{"title": 1}', '{"title": "x", "text": 1}', "[]"],
)
def test_another_writer_names_what_is_custom_as_well(
    tenant: Tenant, sql: Sql, payload: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(
            "INSERT INTO operations.notifications (tenant_id, type, payload)"
            " VALUES (%s, 'custom', %s)",
            [tenant.id, payload],
        )


def test_the_types_are_those_of_the_schema(owner: Sql) -> None:
    [row] = owner.execute(
        "SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint"
        " WHERE conname = 'notifications_type_check'"
    ).fetchall()
    for word in NOTIFICATION_TYPES:
        assert f"'{word}'" in row["rule"]
    assert row["rule"].count("::text") == len(NOTIFICATION_TYPES)


# Quotas --------------------------------------------------------------------------------------------


def told(api: Client, *types: str) -> list[tuple[str, Any]]:
    return [
        (item["type"], item["payload"])
        for item in reversed(api.all("/v1/notifications"))
        if item["type"].startswith(types)
    ]


def test_the_quota_is_told_of_at_80_and_95_percent_once(tenant: Tenant, api: Client) -> None:
    api.put("/v1/quota/limit", {"allowed": 100, "period_days": 30})

    def used(count: int, how: str = "reserve") -> list[tuple[str, int]]:
        api.post(f"/v1/quota/{how}", {"kind": "search", "count": count})
        return [(type_, payload["used"]) for type_, payload in told(api, "quota")]

    assert used(79) == []
    assert used(1) == [("quota_warning", 80)]
    assert used(14, "increment") == [("quota_warning", 80)]
    assert used(1) == [("quota_warning", 80), ("quota_danger", 95)]
    assert used(5) == [("quota_warning", 80), ("quota_danger", 95)]
    [_, (_, payload)] = told(api, "quota")
    assert payload == {"quota": "reads", "used": 95, "allowed": 100}


def test_another_writer_who_counts_reads_tells_of_it_as_well(
    tenant: Tenant, api: Client, sql: Sql
) -> None:
    day = "(now() AT TIME ZONE 'UTC')::date"
    sql.execute(
        f"INSERT INTO models.quota_usage (tenant_id, day, search_reads) VALUES"
        f" (%s, {day} - 30, 9000), (%s, {day} - 29, 7999)".encode(),
        [tenant.id, tenant.id],
    )
    sql.commit()
    assert told(api, "quota") == []
    sql.execute(
        f"INSERT INTO models.quota_usage (tenant_id, day, search_reads) VALUES (%s, {day}, 1)".encode(),
        [tenant.id],
    )
    sql.commit()
    assert told(api, "quota") == [
        ("quota_warning", {"quota": "reads", "used": 8000, "allowed": 10000})
    ]


def test_many_who_reach_the_quota_at_once_tell_of_it_once(tenant: Tenant, api: Client) -> None:
    api.put("/v1/quota/limit", {"allowed": 100, "period_days": 30})
    api.post("/v1/quota/reserve", {"kind": "search", "count": 79})
    body = {"kind": "search", "count": 1}
    at_once(8, lambda _: api.post("/v1/quota/increment", body))
    assert [type_ for type_, _ in told(api, "quota")] == ["quota_warning"]


def test_the_quota_of_concepts_is_told_of_as_well(api: Client) -> None:
    generation(api, *[CONCEPT] * 5)
    generation(api, *[CONCEPT] * 2)
    assert told(api, "quota") == []
    generation(api)
    [(type_, payload)] = told(api, "quota")
    assert payload.pop("resets_at")
    assert (type_, payload) == ("quota_warning", {"quota": "concepts", "used": 8, "allowed": 10})
    generation(api)
    assert len(told(api, "quota")) == 1
    generation(api)
    assert [type_ for type_, _ in told(api, "quota")] == ["quota_warning", "quota_danger"]


# Runs ----------------------------------------------------------------------------------------------


def test_the_user_of_a_pipeline_run_is_told_how_it_ended(tenant: Tenant) -> None:
    done = completed_run(tenant)
    claimed = claimed_run(tenant)
    body = {"lease_id": claimed["lease_id"], "error_message": "e", "retry": False}
    tenant.service.post(f"/v1/pipeline-runs/{claimed['id']}/fail", body)
    cancelled = pipeline_run(tenant.agent)
    tenant.agent.post(f"/v1/pipeline-runs/{cancelled['id']}/cancel")
    assert told(tenant.agent, "run") == [
        ("run_finished", {"pipeline_run_id": done}),
        ("run_failed", {"pipeline_run_id": claimed["id"]}),
    ]
    assert told(tenant.acting("admin"), "run") == told(tenant.service, "run") == []


def test_the_user_of_a_resources_run_is_told_if_a_worker_ended_it(tenant: Tenant) -> None:
    agent = tenant.agent
    version_id = resource(agent)["latest_version"]["id"]
    executed(agent, version_id)
    assert told(agent, "run") == []
    runs = [run(agent, version_id, was_run_automatically=True) for _ in range(2)]
    body = {"worker": "w", "limit": 10}
    claimed = tenant.service.post(f"{RUNS}/claim", body)["items"]
    assert {item["id"] for item in claimed} == {item["id"] for item in runs}
    first, second = claimed
    tenant.service.post(f"{RUNS}/{first['id']}/complete", {"lease_id": first["lease_id"]})
    fail = {"lease_id": second["lease_id"], "error": "e", "retry": False}
    tenant.service.post(f"{RUNS}/{second['id']}/fail", fail)
    assert told(agent, "run") == [
        ("run_finished", {"resource_run_id": first["id"]}),
        ("run_failed", {"resource_run_id": second["id"]}),
    ]
    assert told(tenant.acting("admin"), "run") == []
