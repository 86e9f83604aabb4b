"""A tenant says for how long it keeps what gets old; what comes of it is in tests/test_retention.py."""

from typing import Any

import pytest

from tests.client import Client, Tenant


def test_a_rule_is_set_and_changed(tenant: Tenant) -> None:
    admin = tenant.acting("admin")
    assert admin.all("/v1/retention-rules") == []
    first = admin.put("/v1/retention-rules", {"subject": "jobs", "days": 30})
    assert (first["subject"], first["days"], first["revision"]) == ("jobs", 30, 1)
    second = admin.put("/v1/retention-rules", {"subject": "jobs", "days": None})
    assert (second["id"], second["days"], second["revision"]) == (first["id"], None, 2)
    admin.put("/v1/retention-rules", {"subject": "closed_conversations", "days": 0})
    listed = tenant.acting("viewer").all("/v1/retention-rules")
    assert [rule["subject"] for rule in listed] == ["closed_conversations", "jobs"]


def test_only_administrators_set_rules(tenant: Tenant) -> None:
    for role in ("viewer", "agent", "approver"):
        rule = {"subject": "jobs", "days": 1}
        tenant.acting(role).put("/v1/retention-rules", rule, expect=403)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "jobs"}, "days"),
        ({"subject": "jobs", "days": -1}, "days"),
        ({"subject": "jobs", "days": 36501}, "days"),
        ({"subject": "jobs", "days": "30"}, "days"),
        ({"days": 30}, "subject"),
        # Who administers a tenant does not shorten the record of what they did.
        ({"subject": "events", "days": 30}, "subject"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(api: Client, body: Any, field: str) -> None:
    assert list(api.put("/v1/retention-rules", body, expect=400)["errors"]) == [field]
