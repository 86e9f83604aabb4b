"""A message that is known by its id and says something else is kept beside the first, and told."""

from typing import Any

import psycopg
import pytest

from tests.client import Client, Tenant, at_once


def versions(api: Client, received: dict[str, Any]) -> list[Any]:
    return api.all(f"/v1/messages/{received['message_id']}/versions")


def latest(api: Client, received: dict[str, Any]) -> Any:
    return api.get(f"/v1/messages/{received['message_id']}")["latest_version"]


def test_another_text_is_kept_once_and_told(tenant: Tenant, api: Client) -> None:
    first = tenant.receive("T", external_id="M", body_text="Two fittings, please.")
    assert (first["version"], latest(api, first), versions(api, first)) == (1, 1, [])

    edited = tenant.receive("T", external_id="M", body_text="Cancel it.", subject="New")
    assert edited["message_id"] == first["message_id"]
    assert (edited["created"], edited["job_id"], edited["version"]) == (False, None, 2)
    [warning] = edited["warnings"]
    assert (warning["field"], warning["given"]) == ("external_id", "M")
    assert "version 2" in warning["message"]

    # Either text again is known.
    for text in ("Cancel it.", "Two fittings, please."):
        again = tenant.receive("T", external_id="M", body_text=text)
        assert (again["created"], again["version"], again["warnings"]) == (False, 1, [])
    third = tenant.receive("T", external_id="M", body_text="Cancel it.", body_html="<p>Now.</p>")
    assert third["version"] == 3

    message = api.get(f"/v1/messages/{first['message_id']}")
    assert (message["body_text"], message["latest_version"]) == ("Two fittings, please.", 3)
    kept = versions(api, first)
    assert [(v["version"], v["body_text"], v["body_html"]) for v in kept] == [
        (3, "Cancel it.", "<p>Now.</p>"),
        (2, "Cancel it.", None),
    ]
    assert (kept[1]["subject"], kept[1]["warnings"]) == ("New", edited["warnings"])
    [event] = [e for e in api.all("/v1/events") if e["entity"] == "inbox.message_versions"][:1]
    assert event["changes"]["body_text"] == ["masked", "masked"]


@pytest.mark.parametrize("known", [True, False])
def test_other_texts_at_once_are_each_kept_once(tenant: Tenant, api: Client, known: bool) -> None:
    if known:
        tenant.receive("T", external_id="M", body_text="0")

    def deliver(n: int) -> Any:
        return tenant.receive("T", external_id="M", body_text=str(n % 5))

    answers = at_once(20, deliver)
    assert sum(answer["created"] for answer in answers) == (not known)
    [found] = {answer["message_id"] for answer in answers}
    first = api.get(f"/v1/messages/{found}")
    kept = versions(api, answers[0])
    assert [version["version"] for version in kept] == [5, 4, 3, 2]
    assert {first["body_text"], *(v["body_text"] for v in kept)} == set("01234")


def test_the_archive_keeps_no_text_of_any_version(tenant: Tenant, api: Client) -> None:
    received = tenant.receive("T", external_id="M", body_text="MARK one")
    tenant.receive("T", external_id="M", body_text="MARK two", metadata={"MARK": 1})
    api.post(f"/v1/conversations/{received['conversation_id']}/archive")
    [version] = versions(api, received)
    assert "MARK" not in str(version)
    assert version["redacted_at"] is not None

    # Nobody can tell any more whether it is another text.
    again = tenant.receive("T", external_id="M", body_text="MARK three")
    assert (again["version"], again["conversation_status"]) == (1, "archived")
    assert versions(api, received) == [version]


def test_no_writer_keeps_a_text_twice_or_for_an_archived_message(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    received = tenant.receive("T", external_id="M", body_text="one")

    def insert(text: str) -> list[Any]:
        return sql.execute(
            "INSERT INTO inbox.message_versions (tenant_id, message_id, version, body_text)"
            " VALUES (%s, %s, 77, %s) RETURNING version",
            [tenant.id, received["message_id"], text],
        ).fetchall()

    assert [insert(text) for text in ("one", "two", "two", "three")] == [
        [],
        [{"version": 2}],
        [],
        [{"version": 3}],
    ]
    sql.commit()
    tenant.service.post(f"/v1/conversations/{received['conversation_id']}/archive")
    with pytest.raises(psycopg.Error, match="takes no other text"):
        insert("four")
    sql.rollback()
    received["message_id"] = tenant.id
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        insert("five")
