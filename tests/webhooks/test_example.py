"""What docs/webhooks.md shows works, and arrives, as it stands there."""

import base64
import json
import re
import textwrap
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from service.caller import Caller
from service.database import Database
from service.drafts import tasks
from service.webhooks.sending import signed
from tests.client import ROOT, Tenant
from tests.facts import earlier, rewriting

TEXT = (ROOT / "docs/webhooks.md").read_text()


def test_the_documented_verification_takes_what_is_signed_and_nothing_else() -> None:
    [example] = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    names: dict[str, Any] = {}
    exec(textwrap.dedent(example), names)
    body, secrets = b'{"type": "test"}', [b"n" * 32, b"o" * 32]
    headers = signed("an id", body, secrets)

    def verified(secret: bytes, headers: dict[str, str] = headers, body: bytes = body) -> bool:
        shown = f"whsec_{base64.b64encode(secret).decode()}"
        return bool(names["verified"](shown, headers, body))

    assert all(verified(secret) for secret in secrets)
    assert not verified(b"x" * 32)
    assert not verified(secrets[0], body=b"{}")
    assert not verified(secrets[0], headers={**headers, "webhook-id": "another"})
    old = str(int(headers["webhook-timestamp"]) - 600)
    assert not verified(secrets[0], headers={**headers, "webhook-timestamp": old})


# What becomes of a draft --------------------------------------------------------------------------------

WHAT_HAPPENED: dict[str, Callable[[Tenant], Any]] = {
    "a draft waits for a decision": lambda tenant: tenant.draft(),
    "it was approved": lambda tenant: tenant.approved(),
    "it was approved with another text": lambda tenant: decide(
        tenant, "edit", mode="now", final_text="It left."
    ),
    "it was rejected": lambda tenant: decide(tenant, "reject", reason="no"),
    "it was withdrawn": lambda tenant: decide(tenant, "supersede"),
    "a newer draft took its place": lambda tenant: tenant.draft(tenant.draft()["conversation_id"]),
    "its reply was taken back": lambda tenant: tenant.agent.post(
        f"/v1/scheduled-replies/{tenant.approved()['scheduled_reply']['id']}/cancel", expect=200
    ),
    "its reply was sent": lambda tenant: send(tenant),
    "it was escalated": lambda tenant: tenant.draft(),
}


def decide(tenant: Tenant, how: str, **body: Any) -> None:
    tenant.agent.post(f"/v1/drafts/{tenant.draft()['id']}/{how}", body)


def send(tenant: Tenant) -> None:
    tenant.approved()
    [reply] = tenant.claim()
    body = {"lease_id": reply["lease_id"], "external_id": "1"}
    tenant.service.post(f"/v1/scheduled-replies/{reply['id']}/confirm", body)


def escalate(
    tenant: Tenant, owner: psycopg.Connection[Any], database: Database, caller: Caller
) -> None:
    with rewriting(owner, "drafts.drafts"):
        days = earlier("interval '4 days'", "created_at")
        owner.execute(
            f"UPDATE drafts.drafts SET {days}, reminders = 2, reminded_at = now() - interval '1 day'"
            " WHERE tenant_id = %s".encode(),
            [tenant.id],
        )
    assert sum(tasks.remind(database, caller)) == 1


def documented() -> list[list[str]]:
    """The rows of the table, without its head."""
    table = TEXT.partition("## What becomes of a draft")[2]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("row", documented(), ids=lambda row: row[0])
def test_what_becomes_of_a_draft_arrives_as_documented(
    tenant: Tenant,
    sql: psycopg.Connection[Any],
    owner: psycopg.Connection[Any],
    database: Database,
    caller: Caller,
    row: list[str],
) -> None:
    happened, type_, entity, action, changes = row
    WHAT_HAPPENED[happened](tenant)
    if happened == "it was escalated":
        escalate(tenant, owner, database, caller)
    events = sql.execute(
        "SELECT entity_id, action, changes FROM operations.events"
        " WHERE entity = %s AND operations.event_type(entity, changes) = %s",
        [entity, type_],
    ).fetchall()
    expected = json.loads(changes).items()
    found = [e for e in events if e["action"] == action and expected <= e["changes"].items()]
    assert len(found) == 1, events
    if entity == "operations.notifications":
        told = {n["id"]: n["payload"] for n in tenant.service.all("/v1/notifications")}
        assert "draft_id" in told[str(found[0]["entity_id"])]


def test_all_that_becomes_of_a_draft_is_tried() -> None:
    assert [row[0] for row in documented()] == list(WHAT_HAPPENED)
