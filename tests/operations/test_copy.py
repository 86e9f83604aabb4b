"""Who keeps a copy of the tables by the event log has what is in them, in whatever order the events of a row come."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from service.config import Settings
from tests.client import Client, Tenant
from tests.writer import Writer

WRITERS = 12
ROUNDS = 4
MASKED = ["masked", "masked"]


class Copy:
    """What docs/operations.md tells a consumer to keep."""

    def __init__(self) -> None:
        # By table, row and column: the revision, and the value that it left.
        self.rows: dict[str, dict[str, dict[str, tuple[int, Any]]]] = defaultdict(dict)
        self.deleted: set[tuple[str, str]] = set()
        self.seen: set[str] = set()
        self.latest: dict[str, int] = {}
        self.late = 0  # events that came after a later one of their row

    def apply(self, event: dict[str, Any]) -> None:
        assert event["id"] not in self.seen, "an event came twice"
        self.seen.add(event["id"])
        entity, id_, revision = event["entity"], event["entity_id"], event["revision"] or 0
        self.late += revision < self.latest.get(id_, 0)
        self.latest[id_] = max(revision, self.latest.get(id_, 0))
        if event["action"] == "DELETE":
            self.deleted.add((entity, id_))
        row = self.rows[entity].setdefault(id_, {})
        for column, change in event["changes"].items():
            if change != MASKED and revision >= row.get(column, (0, None))[0]:
                row[column] = revision, change[1]

    def shown(self, entity: str) -> dict[str, dict[str, Any]]:
        """What is not NULL, by row."""
        return {
            id_: {column: value for column, (_, value) in row.items() if value is not None}
            for id_, row in self.rows[entity].items()
            if (entity, id_) not in self.deleted
        }


def follow(api: Client, copy: Copy, last: Callable[[], str | None]) -> None:
    """Applies page after page, each where the one before said to go on, until the last event was told."""
    cursor = None
    while last() not in copy.seen:
        page = api.get("/v1/events", params={"limit": 50, "cursor": cursor})
        for event in page["items"]:
            copy.apply(event)
        cursor = page["resume_cursor"]


def write(tenant: Tenant, settings: Settings, number: int) -> None:
    """Decides over HTTP, and meanwhile in plain SQL, by transactions that had begun before the rows were there."""
    assert settings.database_url
    agent = Client(tenant.service.url, tenant.service.credential, tenant.users["agent"])
    with Writer.connect(settings.database_url) as sql:
        sql.set("app.tenant_id", tenant.id)
        sql.commit()
        for n in range(ROUNDS):
            # On a cluster a transaction has an id on each node: it begins where the tenant is.
            sql.execute(
                "SELECT pg_current_xact_id() FROM identity.tenants WHERE id = %s", [tenant.id]
            )
            draft = tenant.draft(tenant.receive()["conversation_id"])
            body = {
                "source_url": f"https://{uuid4()}.example",
                "indexed_at": "2026-01-01T00:00:00Z",
            }
            document = tenant.service.put("/v1/source-documents", body)["id"]
            path = f"/v1/drafts/{draft['id']}"
            match (number + n) % 3:
                case 0:
                    agent.post(f"{path}/approve", {"mode": "now"})
                case 1:
                    agent.post(f"{path}/edit", {"mode": "now", "final_text": "Tomorrow."})
                case 2:
                    agent.post(f"{path}/reject", {"reason": "no"})
            sql.execute(
                "UPDATE inbox.conversations SET status = 'closed' WHERE tenant_id = %s AND id = %s",
                [tenant.id, draft["conversation_id"]],
            )
            if n % 2:
                sql.execute(
                    "DELETE FROM operations.source_documents WHERE tenant_id = %s AND id = %s",
                    [tenant.id, document],
                )
            sql.commit()


def test_a_copy_that_follows_the_log_by_revision_has_what_is_in_the_tables(
    tenant: Tenant, settings: Settings, sql: psycopg.Connection[Any]
) -> None:
    copy, last = Copy(), None
    assert tenant.users["agent"]
    with ThreadPoolExecutor() as pool:
        following = pool.submit(follow, tenant.service, copy, lambda: last)
        try:
            with ThreadPoolExecutor(WRITERS) as writers:
                [*writers.map(lambda number: write(tenant, settings, number), range(WRITERS))]
        finally:
            tenant.service.patch("/v1/tenant", {"name": "The end"})
            found = sql.execute(
                "SELECT id::text FROM operations.events WHERE entity = 'identity.tenants' ORDER BY id DESC LIMIT 1"
            ).fetchone()
            assert found
            last = found["id"]
        following.result(60)
    assert copy.late >= WRITERS * ROUNDS, "no event overtook another: nothing was shown"
    assert len(copy.rows) > 8
    for entity in copy.rows:
        rows = sql.execute(
            SQL("SELECT to_jsonb(t) AS row FROM {} AS t").format(Identifier(*entity.split(".")))
        ).fetchall()
        told = {column for row in copy.rows[entity].values() for column in row}
        stored = {
            row["id"]: {c: value for c, value in row.items() if c in told and value is not None}
            for row in (found["row"] for found in rows)
        }
        assert copy.shown(entity) == stored, entity
