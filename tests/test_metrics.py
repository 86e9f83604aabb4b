"""What the service counts of its queries."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from service.caller import Caller
from service.database import Database
from service.queries import queries
from tests.client import Tenant


def counted(query: str) -> tuple[float, float]:
    """Calls, and rows, of a query so far."""
    labels = {"query": query}
    return (
        REGISTRY.get_sample_value("draftroom_query_seconds_count", labels) or 0,
        REGISTRY.get_sample_value("draftroom_query_rows_total", labels) or 0,
    )


USERS = ("admin", "approver", "agent", "agent2", "viewer")


@pytest.mark.parametrize(
    ("query", "use", "rows"),
    [
        ("identity.list_users", lambda s, q: s.rows(q(**FIRST_PAGE)), 3),
        ("identity.list_users", lambda s, q: s.json(q(**FIRST_PAGE)), 2),
        ("identity.list_users", lambda s, q: s.json(q(**{**FIRST_PAGE, "limit": 9})), len(USERS)),
        ("identity.get_tenant", lambda s, q: s.row(q()), 1),
        ("identity.get_tenant", lambda s, q: s.json(q()), 1),
        ("drafts.rescue_replies", lambda s, q: s.execute(q()), 0),
    ],
)
def test_each_call_counts_with_its_rows(
    database: Database, caller: Caller, tenant: Tenant, query: str, use: Any, rows: int
) -> None:
    for user in USERS:
        assert tenant.users[user]
    area, _, name = query.partition(".")
    asked = getattr(getattr(queries, area), name)
    before = counted(query)
    use(database.session(caller), asked)
    database.atomically(caller, lambda tx: use(tx, asked))
    assert counted(query) == (before[0] + 2, before[1] + 2 * rows)


FIRST_PAGE: dict[str, Any] = {
    f"after_{key}": queries.identity.list_users.parameters[f"after_{key}"].sample_value
    for key in queries.identity.list_users.page_keys
} | {"limit": 2}


def test_the_statement_before_is_not_counted_for_itself(database: Database, caller: Caller) -> None:
    before = counted("operations.name_action")
    database.session(caller).json(
        queries.identity.get_tenant(), first=queries.operations.name_action(action="X")
    )
    assert counted("operations.name_action") == before
