"""What the event log tells of resources: before and after of public ones, of private ones ids, statuses and times."""

from typing import Any

from tests.client import Client, Tenant
from tests.library.helpers import ENGLISH, RESOURCES, VERSIONS, resource

TOLD = {"is_private", "has_complete_version", "completed_at", "deleted_at", "created_at"}
MASKED = ["masked", "masked"]


def events(api: Client, entity: str, entity_id: str) -> list[Any]:
    found: list[Any] = api.all("/v1/events", entity=f"library.{entity}", entity_id=entity_id)
    return found


def test_changes_of_a_public_resource_are_told_with_before_and_after(tenant: Tenant) -> None:
    made = resource(tenant.agent)
    path = f"{RESOURCES}/{made['id']}"
    for score in (2**31 - 1, -(2**31)):
        tenant.acting("admin").patch(path, {"score": score})
    tenant.agent.post(f"{path}/views")
    tenant.agent.put(f"{path}/bookmark", None)
    tenant.agent.request("DELETE", path, expect=200)
    created, first, second, deleted = events(tenant.service, "resources", made["id"])
    assert [e["action"] for e in (created, first, second, deleted)] == ["INSERT", *["UPDATE"] * 3]
    assert created["changes"]["resource_type"] == [None, "Routine"]
    assert created["changes"]["owned_by_user_id"] == [None, tenant.users["agent"]]
    # Every number is exact.
    assert first["changes"] == {"score": [0, 2**31 - 1]}
    assert second["changes"] == {"score": [2**31 - 1, -(2**31)]}
    assert set(deleted["changes"]) == {"deleted_at", "deleted_by_id"}
    assert deleted["changes"]["deleted_by_id"] == [None, tenant.users["agent"]]
    assert [e["revision"] for e in (created, first, second, deleted)] == [1, 2, 3, 4]
    assert created["actor"] == f"user:{tenant.users['agent']}"


def test_a_change_that_changes_nothing_is_no_event(tenant: Tenant) -> None:
    made = resource(tenant.agent, {"config": {"b": 1, "a": [1.0, "x"]}})
    tenant.agent.patch(f"{RESOURCES}/{made['id']}", {"is_private": False})
    latest = made["latest_version"]["id"]
    tenant.agent.patch(f"{VERSIONS}/{latest}", {"config": {"a": [1.0, "x"], "b": 1}})
    assert len(events(tenant.service, "resources", made["id"])) == 1
    assert len(events(tenant.service, "resource_versions", latest)) == 1


def test_of_a_private_resource_only_ids_statuses_and_times_are_told(tenant: Tenant) -> None:
    made = resource(tenant.agent, is_private=True)
    path = f"{RESOURCES}/{made['id']}"
    tenant.acting("admin").patch(path, {"score": 7})
    created, scored = events(tenant.service, "resources", made["id"])
    assert scored["changes"] == {"score": MASKED}
    for name, change in created["changes"].items():
        assert (change == MASKED) is (name not in TOLD), name
    latest = made["latest_version"]
    [created] = events(tenant.service, "resource_versions", latest["id"])
    for name in ("version_label", "config"):
        assert created["changes"][name] == MASKED
    assert created["changes"]["root_id"] == [None, made["id"]]
    [created] = events(tenant.service, "resource_translations", latest["translations"][0]["id"])
    for name in ("language", "name", "description"):
        assert created["changes"][name] == MASKED


def test_what_turns_private_is_told_no_more(tenant: Tenant) -> None:
    made = resource(tenant.agent)
    path, latest = f"{RESOURCES}/{made['id']}", made["latest_version"]
    of_version = f"{VERSIONS}/{latest['id']}"
    admin = tenant.acting("admin")
    admin.patch(path, {"is_private": True, "score": 3})
    admin.patch(of_version, {"version_label": "2"})
    admin.put(f"{of_version}/translations/en", {**_texts("Secret")})
    admin.patch(path, {"is_private": False, "score": 4})
    admin.patch(of_version, {"version_label": "3"})
    admin.put(f"{of_version}/translations/en", {**_texts("Open")})
    _, hidden, shown = events(tenant.service, "resources", made["id"])
    # Neither the step into the private, nor the one out of it.
    assert hidden["changes"] == {"is_private": [False, True], "score": MASKED}
    assert shown["changes"] == {"is_private": [True, False], "score": MASKED}
    created, masked, told = events(tenant.service, "resource_versions", latest["id"])
    assert created["changes"]["version_label"] == [None, "1.0.0"]
    assert masked["changes"] == {"version_label": MASKED}
    assert told["changes"] == {"version_label": ["2", "3"]}
    created, masked, told = events(
        tenant.service, "resource_translations", latest["translations"][0]["id"]
    )
    assert created["changes"]["name"] == [None, ENGLISH["name"]]
    assert masked["changes"] == {"name": MASKED}
    assert told["changes"] == {"name": ["Secret", "Open"]}


def _texts(name: str) -> dict[str, Any]:
    return {"name": name, "description": ENGLISH["description"]}
