"""A tenant that is erased takes all that it has with it, and nothing of another."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.client import Tenant
from tests.identity.people_helpers import people, team, team_id
from tests.pipelines.helpers import completed_run
from tests.studio.helpers import generation
from tests.tweets.helpers import tweet


def rows_of(owner: psycopg.Connection[Any], tenant: Tenant) -> dict[str, int]:
    """How many rows a tenant has, by table."""
    tables = owner.execute(
        """
        SELECT c.oid::regclass::text AS name
        FROM pg_attribute AS a
        INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r'
        WHERE a.attname = 'tenant_id'
        """
    ).fetchall()
    counts = {}
    for table in tables:
        counted = owner.execute(
            f"SELECT count(*) AS n FROM {table['name']} WHERE tenant_id = %s", [tenant.id]
        ).fetchone()
        assert counted is not None
        counts[table["name"]] = counted["n"]
    return counts


def of_others(rows: dict[str, int]) -> dict[str, int]:
    """Without the counts of requests, which come by themselves."""
    return {table: n for table, n in rows.items() if not table.startswith("operations.api_usage")}


def test_a_tenant_is_erased_with_all_that_it_has(
    new_tenant: Callable[[], Tenant], owner: psycopg.Connection[Any]
) -> None:
    erased, kept = new_tenant(), new_tenant()
    for tenant in (erased, kept):
        draft = tenant.draft()
        body = {"mode": "now", "final_text": "Another text."}
        tenant.agent.post(f"/v1/drafts/{draft['id']}/edit", body)
        [reply] = tenant.claim()
        confirmation = {"lease_id": reply["lease_id"], "external_id": "OUT-1"}
        tenant.service.post(f"/v1/scheduled-replies/{reply['id']}/confirm", confirmation)
        completed_run(tenant)
        generation(tenant.service)
        tweet(tenant.service)
        above = team(tenant.agent, *people(tenant, 2), is_private=True)["team"]["id"]
        team_id(tenant.agent, parent_id=above)
    before = of_others(rows_of(owner, kept))
    for table in (
        "inbox.messages",
        "drafts.learning_samples",
        "pipelines.opportunity_cards",
        "tweets.tweet_words",
        "studio.concept_words",
        "identity.user_words",
        "identity.team_members",
        "identity.chat_participants",
        "identity.team_stats",
        "studio.concept_days",
    ):
        assert before[table]

    owner.execute("DELETE FROM identity.tenants WHERE id = %s", [erased.id])

    assert set(rows_of(owner, erased).values()) == {0}
    assert of_others(rows_of(owner, kept)) == before
    assert erased.service.request("GET", "/v1/conversations").status_code == 401


def test_the_service_cannot_erase_its_tenant(tenant: Tenant, sql: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("DELETE FROM identity.tenants WHERE id = %s", [tenant.id])
