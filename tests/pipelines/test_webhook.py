"""The webhook: executors without a key report with the tenant's secret, under the lease of the claim."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import requests

from service.rest import MB
from tests.client import Client, Tenant, check_answer
from tests.pipelines.helpers import (
    FINDINGS,
    claimed_run,
    completed_run,
    completion,
    detail,
    finished_run,
)

WEBHOOK = "/v1/pipeline-webhook"
SECRET = "the-executors-secret-of-32-or-more"
OTHER = SECRET.upper()


@pytest.fixture
def hooked(tenant: Tenant) -> Tenant:
    tenant.acting("admin").put(WEBHOOK, {"secret": SECRET})
    return tenant


def report(
    tenant: Tenant, run_id: str, what: str, body: Any, secret: str | None = SECRET, **headers: str
) -> requests.Response:
    path = f"/hooks/tenants/{tenant.id}/pipeline-runs/{run_id}/{what}"
    if secret is not None:
        headers["X-Webhook-Secret"] = secret
    url = tenant.service.url
    answer = requests.post(f"{url}{path}", json=body, headers=headers, timeout=60)
    check_answer(url, "POST", path, answer)
    return answer


def test_an_executor_reports_a_run_from_its_first_stage_to_its_cards(hooked: Tenant) -> None:
    claimed = claimed_run(hooked)
    lease = {"lease_id": claimed["lease_id"]}
    for number in range(1, 5):
        stage = {**lease, "stage_number": number}
        assert report(hooked, claimed["id"], "stages", {**stage, "status": "running"}).ok
        done = {**stage, "status": "completed", "markdown_output": f"# {number}"}
        assert report(hooked, claimed["id"], "stages", done).ok
    assert report(hooked, claimed["id"], "report", {**lease, **FINDINGS}).ok
    for _ in range(2):
        answer = report(hooked, claimed["id"], "complete", completion(claimed))
        assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    shown = detail(hooked, claimed["id"])
    assert (len(shown["cards"]), len(shown["stages"])) == (5, 5)
    assert FINDINGS.items() <= shown["report"].items()


def test_an_executor_reports_a_megabyte(hooked: Tenant) -> None:
    claimed = finished_run(hooked)
    output = {"lease_id": claimed["lease_id"], "markdown_output": "漢" * (MB // 3)}
    stage = {**output, "stage_number": 1, "status": "completed"}
    assert report(hooked, claimed["id"], "stages", stage).ok
    assert report(hooked, claimed["id"], "complete", completion(claimed) | output).ok


def test_an_executor_reports_a_failure(hooked: Tenant, sql: psycopg.Connection[Any]) -> None:
    claimed = claimed_run(hooked)
    body = {"lease_id": claimed["lease_id"], "error_message": "no credit"}
    assert report(hooked, claimed["id"], "fail", body).json()["status"] == "failed"
    told = sql.execute(
        "SELECT actor FROM operations.events WHERE entity_id = %s ORDER BY id DESC LIMIT 1",
        [claimed["id"]],
    ).fetchone()
    assert told == {"actor": "webhook"}


@pytest.mark.parametrize("what", ["stages", "report", "complete", "fail"])
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", OTHER, "é" * 40])
def test_without_the_secret_nothing_is_reported(
    hooked: Tenant, what: str, secret: str | None
) -> None:
    claimed = claimed_run(hooked)
    encoded = secret if secret is None else secret.encode().decode("latin-1")
    body = {"lease_id": claimed["lease_id"], "error_message": "stolen"}
    answer = report(hooked, claimed["id"], what, body, encoded)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert detail(hooked, claimed["id"])["status"] == "running"


def test_a_key_is_no_secret_and_the_secret_no_key(hooked: Tenant) -> None:
    claimed = claimed_run(hooked)
    body = {"lease_id": claimed["lease_id"], "error_message": "e"}
    bearer = f"Bearer {hooked.service.credential}"
    answer = report(hooked, claimed["id"], "fail", body, None, Authorization=bearer)
    assert answer.status_code == 401
    api = Client(hooked.service.url, SECRET)
    api.post(f"/v1/pipeline-runs/{claimed['id']}/fail", body, expect=401)


def test_the_secret_is_of_one_tenant_and_opens_no_other(
    hooked: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    other, without = new_tenant(), new_tenant()
    other.service.put(WEBHOOK, {"secret": OTHER})
    theirs = claimed_run(other)
    body = {"lease_id": theirs["lease_id"], "error_message": "stolen"}
    assert report(other, theirs["id"], "fail", body, SECRET).status_code == 401
    # Under one's own tenant another's run is not there.
    assert report(hooked, theirs["id"], "fail", body).status_code == 404
    assert report(without, claimed_run(without)["id"], "fail", body).status_code == 401
    assert detail(other, theirs["id"])["status"] == "running"


def test_an_executor_without_the_lease_is_too_late(hooked: Tenant) -> None:
    done = completed_run(hooked)
    claimed = claimed_run(hooked)
    body = {"lease_id": claimed["lease_id"], "error_message": "e"}
    assert report(hooked, done, "fail", body).status_code == 409
    assert report(hooked, claimed["id"], "fail", {"error_message": "e"}).status_code == 400


def test_a_webhook_that_is_sent_again_with_its_key_is_answered_again(hooked: Tenant) -> None:
    claimed = claimed_run(hooked)
    body = {"lease_id": claimed["lease_id"], "error_message": "no credit"}
    key = {"Idempotency-Key": "one"}
    first = report(hooked, claimed["id"], "fail", body, **key)
    again = report(hooked, claimed["id"], "fail", body, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    # The answer is not replayed to who does not show the secret.
    assert report(hooked, claimed["id"], "fail", body, "wrong", **key).status_code == 401


# The secret ------------------------------------------------------------------------------------------


def test_the_secret_is_never_shown(
    hooked: Tenant, owner: psycopg.Connection[Any], sql: psycopg.Connection[Any]
) -> None:
    shown = hooked.acting("admin").get(WEBHOOK)
    assert shown.keys() == {"previous_expires_at", "created_at", "updated_at", "revision"}
    stored = owner.execute(
        "SELECT secret FROM pipelines.webhooks WHERE tenant_id = %s", [hooked.id]
    ).fetchone()
    assert stored
    assert SECRET.encode() not in stored["secret"]
    [event] = sql.execute(
        "SELECT changes FROM operations.events WHERE entity = 'pipelines.webhooks'"
    ).fetchall()
    assert event["changes"]["secret"] == ["masked", "masked"]


def test_a_rotated_secret_works_on_for_as_long_as_was_said(
    hooked: Tenant, sql: psycopg.Connection[Any]
) -> None:
    admin = hooked.acting("admin")
    claimed = claimed_run(hooked)
    body = {"lease_id": claimed["lease_id"], "stage_number": 1, "status": "running"}

    def takes(secret: str) -> bool:
        return report(hooked, claimed["id"], "stages", body, secret).ok

    rotated = admin.put(WEBHOOK, {"secret": OTHER, "grace_seconds": 3600})
    assert rotated["previous_expires_at"] is not None
    assert (takes(SECRET), takes(OTHER)) == (True, True)
    sql.execute("UPDATE pipelines.webhooks SET previous_expires_at = now()")
    sql.commit()
    assert (takes(SECRET), takes(OTHER)) == (False, True)
    assert admin.put(WEBHOOK, {"secret": SECRET})["previous_expires_at"] is None
    assert (takes(SECRET), takes(OTHER)) == (True, False)
    admin.request("DELETE", WEBHOOK, expect=200)
    assert (takes(SECRET), takes(OTHER)) == (False, False)
    admin.request("DELETE", WEBHOOK, expect=404)
    admin.get(WEBHOOK, expect=404)


def test_only_administrators_set_the_secret(tenant: Tenant) -> None:
    for role in ("viewer", "agent", "approver"):
        tenant.acting(role).put(WEBHOOK, {"secret": SECRET}, expect=403)
        tenant.acting(role).request("DELETE", WEBHOOK, expect=403)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("secret", "short"),
        ("secret", "x" * 201),
        ("secret", "with spaces " * 5),
        ("secret", "é" * 40),
        ("secret", None),
        ("grace_seconds", -1),
        ("grace_seconds", 30 * 24 * 3600 + 1),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tenant: Tenant, field: str, value: Any) -> None:
    body = {"secret": SECRET, field: value}
    refused = tenant.service.put(WEBHOOK, body, expect=400)
    assert list(refused["errors"]) == [field]
    assert SECRET not in str(refused)
