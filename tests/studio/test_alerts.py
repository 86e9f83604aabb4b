"""What is measured of the studio's own rows, and the alerts, each at its edge."""

from typing import Any

import psycopg
import pytest

from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.studio import tasks
from tests.client import Client, Tenant
from tests.facts import before, earlier
from tests.postgres import Server
from tests.studio import social
from tests.studio.helpers import claimed_job, concept_of, criticize, feedback, requested, video

Sql = psycopg.Connection[Any]


def alert(api: Client, name: str) -> Any:
    [found] = [item for item in api.get("/v1/alerts")["items"] if item["name"] == name]
    return found


def state(api: Client, name: str) -> tuple[bool, float | None, int]:
    found = alert(api, name)
    return found["is_on"], found["value"], found["cases"]


def failed_video(api: Client, concept_id: str) -> None:
    requested(api, concept_id)
    job = claimed_job(api)
    body = {"lease_id": job["lease_id"], "error": "refused", "retry": False}
    api.post(f"/v1/jobs/{job['id']}/fail", body)


def age(owner: Sql, tenant: Tenant, hours: float) -> None:
    """What ended, ended so much longer ago."""
    with owner.transaction():
        for table, times in (
            ("studio.videos", ("ended_at",)),
            ("studio.post_attempts", ("started_at", "finished_at")),
            ("studio.self_critiques", ("created_at",)),
        ):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            interval = "%(hours)s * interval '1 hour'"
            changes = earlier(interval, *times)
            # The id of an attempt or a critique is of the time when it was made.
            if table != "studio.videos":
                changes += (
                    ", id = overlay(id::text PLACING"
                    f" left(operations.first_id({before(interval, times[-1])})::text, 13) FROM 1)::uuid"
                )
            owner.execute(
                f"UPDATE {table} SET {changes} WHERE tenant_id = %(tenant)s".encode(),
                {"hours": hours, "tenant": tenant.id},
            )
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


# Alerts --------------------------------------------------------------------------------------------


def test_without_cases_no_alert_is_on(tenant: Tenant) -> None:
    found = tenant.acting("viewer").get("/v1/alerts")["items"]
    assert [
        (a["name"], a["severity"], a["is_on"], a["value"], a["threshold"], a["cases"])
        for a in found
    ] == [
        ("cost_per_video", "warning", False, None, 10_000_000, 0),
        ("generation_failures", "critical", False, None, 0.1, 0),
        ("posting_failures", "warning", False, None, 0.05, 0),
    ]


def test_more_than_ten_percent_of_the_videos_failed(
    tenant: Tenant, api: Client, owner: Sql
) -> None:
    concept_id = concept_of(api)
    for _ in range(9):
        video(api, concept_id)
    failed_video(api, concept_id)
    assert state(api, "generation_failures") == (False, 0.1, 10)
    failed_video(api, concept_id)
    assert state(api, "generation_failures") == (True, 2 / 11, 11)
    age(owner, tenant, 1)
    assert state(api, "generation_failures") == (False, None, 0)


def test_more_than_five_percent_of_the_attempts_to_post_failed(
    tenant: Tenant, api: Client, owner: Sql
) -> None:
    social.account(api, daily_limit=25)
    for post in social.posts(tenant, 21):
        social.schedule(api, post)
    claimed: list[Any] = []
    for number in range(21):
        [post] = social.claim(api)
        if number == 0:
            social.fail(api, post)
        elif number < 20:
            social.confirm(api, post)
        claimed.append(post)
    assert state(api, "posting_failures") == (False, 0.05, 20)
    social.fail(api, claimed[-1], "unknown")
    assert state(api, "posting_failures") == (True, 2 / 21, 21)
    age(owner, tenant, 24)
    assert state(api, "posting_failures") == (False, None, 0)


def test_videos_cost_more_than_ten_on_average(tenant: Tenant, api: Client, owner: Sql) -> None:
    concept_id = concept_of(api)

    def made(cost: int | None) -> None:
        asked = requested(api, concept_id)
        body = {"lease_id": claimed_job(api)["lease_id"], "object_key": "k", "cost_micros": cost}
        api.post(f"/v1/videos/{asked['id']}/complete", body)

    made(9_000_000)
    made(11_000_000)
    made(None)
    assert state(api, "cost_per_video") == (False, 10_000_000, 2)
    made(10_000_001)
    assert state(api, "cost_per_video")[::2] == (True, 3)
    age(owner, tenant, 24)
    assert state(api, "cost_per_video") == (False, None, 0)


# Metrics -------------------------------------------------------------------------------------------


@pytest.fixture
def owners_database(server: Server, settings: Settings) -> Any:
    database = Database(settings, server.url("app_owner", "draftroom"))
    database.open()
    yield database
    database.close()


def measured(api: Client) -> dict[str, tuple[int, float]]:
    found = api.get("/v1/system-metrics", params={"by": "day"})["items"]
    return {
        type_: (
            sum(step["cases"] for step in found if step["type"] == type_),
            sum(step["total"] for step in found if step["type"] == type_),
        )
        for type_ in {step["type"] for step in found}
    }


def test_the_hours_that_are_over_are_measured_once(
    tenant: Tenant, api: Client, owner: Sql, owners_database: Database
) -> None:
    worker = Caller(tenant_id=tenant.id, actor="worker")
    concept_id = concept_of(api)
    social.account(api)
    for outcome in ("posted", "not_posted", "unknown"):
        post = api.post(social.POSTS, {"video_id": video(api, concept_id)["id"]}, expect=201)
        social.schedule(api, post)
        [claimed] = social.claim(api)
        if outcome == "posted":
            social.confirm(api, claimed)
        else:
            social.fail(api, claimed, outcome)
    failed_video(api, concept_id)
    criticize(api, feedback(api, concept_id))  # predicted 80, scored 40
    other = concept_of(api, virality={"tiktok": 40})
    criticize(api, feedback(api, other))
    # Nothing of an hour that is not over.
    age(owner, tenant, -2)
    assert tasks.measure(owners_database, worker) == 0
    age(owner, tenant, 2 + 3)
    assert tasks.measure(owners_database, worker) >= 4  # more if an hour began meanwhile
    assert measured(api) == {
        "video_generation_rate": (4, 3),
        "posting_success_rate": (3, 1),
        "reflexion_accuracy": (2, 1),
        "cost_per_video": (3, 7_500_000),
    }
    assert tasks.measure(owners_database, worker) == 0
    # What ends later is measured later, and what is too old never.
    age(owner, tenant, 24 * 8)
    video(api, concept_id)
    age(owner, tenant, 2)
    assert tasks.measure(owners_database, worker) == 2
    assert measured(api)["video_generation_rate"] == (5, 4)


def test_nothing_is_measured_where_nothing_happened(
    tenant: Tenant, api: Client, owners_database: Database
) -> None:
    assert tasks.measure(owners_database, Caller(tenant_id=tenant.id, actor="worker")) == 0
    assert measured(api) == {}
