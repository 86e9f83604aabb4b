"""Videos: asked for once, made under the lease of a job, and ended with it, whoever ends it."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege, UniqueViolation

from tests.client import Client, Tenant, at_once
from tests.studio.helpers import claimed_job, concept_of, requested, video
from tests.writer import violated

Sql = psycopg.Connection[Any]


def report(job: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"lease_id": job["lease_id"], "object_key": "videos/1.mp4", **fields}


def shown(api: Client, asked: dict[str, Any]) -> Any:
    return api.get(f"/v1/videos/{asked['id']}")


# Made ----------------------------------------------------------------------------------------------


def test_a_video_is_made_by_the_job_that_is_asked_for_with_it(api: Client) -> None:
    asked = requested(api, variant="b", priority=7)
    assert (asked["status"], asked["variant"], asked["cost_micros"]) == ("generating", "b", None)
    [job] = api.get("/v1/jobs", params={"type": "generate-video"})["items"]
    assert (job["priority"], job["max_attempts"], job["unique_key"]) == (7, 3, asked["id"])
    claimed = claimed_job(api)
    assert claimed["payload"] == {
        "video_id": asked["id"],
        "concept_id": asked["concept_id"],
        "platform": "tiktok",
        "provider": "sora",
        "variant": "b",
    }
    urls = {"cdn_url": "https://cdn.example/1.mp4", "thumbnail_url": "https://cdn.example/1.png"}
    told = report(claimed, cost_micros=2_500_000, metadata={"seconds": 8}, **urls)
    made = api.post(f"/v1/videos/{asked['id']}/complete", told, expect=200)
    del told["lease_id"]
    assert told.items() <= made.items()
    assert (made["status"], made["error"], made["revision"]) == ("completed", None, 2)
    assert made["generated_at"]
    done = api.get(f"/v1/jobs/{claimed['id']}")
    assert (done["status"], done["finished_at"]) == ("succeeded", made["generated_at"])
    # Again it is what it was before.
    assert api.post(f"/v1/videos/{asked['id']}/complete", report(claimed)) == made


def lose(sql: Sql) -> None:
    sql.execute("UPDATE operations.jobs SET lease_expires_at = now() WHERE status = 'running'")
    sql.commit()


def make_due(api: Client, sql: Sql) -> None:
    """Notices the lost lease, and lets the backoff pass."""
    claim = {"type": "generate-video", "worker": "maker"}
    assert api.post("/v1/jobs/claim", claim)["items"] == []
    sql.execute("UPDATE operations.jobs SET run_at = now() WHERE status = 'queued'")
    sql.commit()


def test_who_lost_the_lease_completes_nothing(api: Client, sql: Sql) -> None:
    asked = requested(api)
    first = claimed_job(api)
    lose(sql)
    late = api.post(f"/v1/videos/{asked['id']}/complete", report(first), expect=409)
    assert late["current"]["status"] == "generating"
    make_due(api, sql)
    second = claimed_job(api)
    api.post(f"/v1/videos/{asked['id']}/complete", report(first), expect=409)
    assert api.post(f"/v1/videos/{asked['id']}/complete", report(second))["object_key"]


def test_the_job_alone_is_not_done(api: Client) -> None:
    asked = requested(api)
    job = claimed_job(api)
    refused = api.post(f"/v1/jobs/{job['id']}/complete", {"lease_id": job["lease_id"]}, expect=409)
    assert refused["detail"] == "the job is done when the video is completed"
    assert shown(api, asked)["status"] == "generating"
    assert api.get(f"/v1/jobs/{job['id']}")["status"] == "running"


def test_a_video_is_asked_for_once_while_it_is_made(api: Client, new_tenant: Any) -> None:
    concept_id = concept_of(api)
    body = {"platform": "tiktok", "provider": "sora"}
    path = f"/v1/concepts/{concept_id}/videos"
    answers = at_once(8, lambda _: api.request("POST", path, body))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused = api.post(path, body, expect=409)
    assert list(refused["errors"]) == ["concept_id"]
    # What differs is another video.
    for other in ({"provider": "veo"}, {"platform": "youtube-shorts"}, {"variant": "b"}):
        requested(api, concept_id, **other)
    assert len(api.all("/v1/jobs", type="generate-video")) == 4


def test_no_job_is_queued_for_what_is_refused(api: Client) -> None:
    body = {"platform": "tiktok", "provider": "sora"}
    api.post("/v1/concepts/01980000-0000-7000-8000-000000000000/videos", body, expect=404)
    path = f"/v1/concepts/{concept_of(api)}/videos"
    for field, wrong in (
        ("platform", "tv"),
        ("provider", "me"),
        ("variant", " "),
        ("priority", 101),
        ("priority", "5"),
    ):
        refused = api.post(path, {**body, field: wrong}, expect=400)
        assert list(refused["errors"]) == [field]
    assert api.get("/v1/jobs")["items"] == []


# Failed --------------------------------------------------------------------------------------------


def test_a_video_fails_with_its_job_and_may_be_asked_for_again(api: Client) -> None:
    asked = requested(api)
    job = claimed_job(api)
    fail = {"lease_id": job["lease_id"], "error": "the provider refused it"}
    assert api.post(f"/v1/jobs/{job['id']}/fail", fail)["status"] == "queued"
    assert shown(api, asked)["status"] == "generating"
    job_id = job["id"]
    api.post(f"/v1/jobs/{job_id}/cancel", {})
    failed = shown(api, asked)
    assert (failed["status"], failed["error"]) == ("failed", "the job was cancelled")
    again = requested(api, asked["concept_id"])
    job = claimed_job(api)
    assert job["payload"]["video_id"] == again["id"]
    fail = {"lease_id": job["lease_id"], "error": "the provider refused it", "retry": False}
    api.post(f"/v1/jobs/{job['id']}/fail", fail)
    failed = shown(api, again)
    assert (failed["status"], failed["error"]) == ("failed", "the provider refused it")
    told = api.get("/v1/notifications")["items"]
    assert [(n["type"], n["payload"]["job_id"]) for n in told] == [("job_failed", job["id"])]
    # A video that failed is not made any more.
    refused = api.post(f"/v1/jobs/{job['id']}/retry", expect=409)
    assert refused["detail"] == "no video waits for this job: ask for another one"


def test_a_worker_that_dies_leaves_the_video_failed(api: Client, sql: Sql) -> None:
    asked = requested(api)
    for attempt in range(3):
        claimed_job(api)
        assert shown(api, asked)["status"] == "generating", attempt
        lose(sql)
        make_due(api, sql)
    failed = shown(api, asked)
    assert failed["status"] == "failed"
    assert failed["error"] == "the lease ran out before the worker reported"
    requested(api, asked["concept_id"])


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        (
            "UPDATE operations.jobs SET status = 'cancelled', finished_at = now()",
            "the job was cancelled",
        ),
        ("DELETE FROM operations.jobs", "the job was deleted"),
    ],
)
def test_another_writer_who_ends_the_job_ends_the_video(
    api: Client, sql: Sql, statement: str, error: str
) -> None:
    asked = requested(api)
    sql.execute(statement.encode())
    sql.commit()
    failed = shown(api, asked)
    assert (failed["status"], failed["error"]) == ("failed", error)


def test_a_job_may_fail_with_any_error(api: Client, sql: Sql) -> None:
    for error, told in (("", "the job failed"), ("ä" * 2000, "ä" * 2000)):
        asked = requested(api)
        claimed_job(api)
        sql.execute(
            "UPDATE operations.jobs SET status = 'failed', finished_at = now(), error = %s,"
            " lease_expires_at = NULL WHERE status = 'running'",
            [error],
        )
        sql.commit()
        assert shown(api, asked)["error"] == told


def test_videos_and_jobs_go_together_for_another_writer(
    api: Client, sql: Sql, tenant: Tenant
) -> None:
    concept_id = concept_of(api)
    columns = "studio.videos (tenant_id, concept_id, platform, provider)"

    def refused(error: type[psycopg.Error], statement: str, *values: Any) -> str:
        with pytest.raises(error) as found, sql.transaction():
            sql.execute(statement.encode(), values)
        return violated(found.value) or str(found.value.diag.message_primary)

    assert (
        refused(
            CheckViolation,
            f"INSERT INTO {columns} VALUES (%s, %s, 'tiktok', 'sora')",
            tenant.id,
            concept_id,
        )
        == "videos_job_check"
    )
    requested(api, concept_id)
    completed = "status = 'completed', generated_at = now(), object_key = 'k'"
    for change in (completed, "status = 'failed', error = 'e'"):
        assert refused(CheckViolation, f"UPDATE studio.videos SET {change}") == "videos_job_check"
    claimed_job(api)
    done = "status = 'succeeded', finished_at = now(), lease_expires_at = NULL"
    told = refused(psycopg.DatabaseError, f"UPDATE operations.jobs SET {done}")
    assert told == "the job is done when the video is completed"
    told = refused(
        psycopg.DatabaseError,
        "INSERT INTO operations.jobs (tenant_id, type, unique_key) VALUES (%s, 'generate-video', %s)",
        tenant.id,
        concept_id,
    )
    assert told == "no video waits for this job: ask for another one"
    # Both in one statement.
    sql.execute(
        f"WITH job AS (UPDATE operations.jobs SET {done} WHERE tenant_id = %(tenant)s RETURNING unique_key)"
        f" UPDATE studio.videos SET {completed} FROM job"
        " WHERE tenant_id = %(tenant)s AND id = job.unique_key::uuid".encode(),
        {"tenant": tenant.id},
    )
    sql.commit()
    [made] = api.get("/v1/videos")["items"]
    assert made["status"] == "completed"
    for change in ("object_key = 'other'", "cost_micros = 0", "generated_at = '2026-01-01'"):
        refused(InsufficientPrivilege, f"UPDATE studio.videos SET {change}")
    sql.execute("SET CONSTRAINTS ALL DEFERRED")
    insert = f"INSERT INTO {columns} VALUES (%s, %s, 'tiktok', 'veo')".encode()
    sql.execute(insert, [tenant.id, concept_id])
    with pytest.raises(UniqueViolation):
        sql.execute(insert, [tenant.id, concept_id])


def test_a_video_is_asked_for_and_made_in_one_transaction(
    api: Client, sql: Sql, tenant: Tenant
) -> None:
    """Checked at its end, as what it is then; and refused at its end if the job is not done."""
    concept_id = concept_of(api)
    ask = (
        "WITH video AS (INSERT INTO studio.videos (tenant_id, concept_id, platform, provider)"
        " VALUES (%s, %s, 'tiktok', 'sora') RETURNING tenant_id, id)"
        " INSERT INTO operations.jobs (tenant_id, type, unique_key)"
        " SELECT tenant_id, 'generate-video', id::text FROM video RETURNING id"
    )
    complete = (
        "UPDATE studio.videos SET status = 'completed', generated_at = now(), object_key = 'k'"
    )
    claim = (
        "UPDATE operations.jobs SET status = 'running', lease_expires_at = now() + interval '1 minute',"
        " lease_id = id, locked_by = 'maker', started_at = now(),"
        " times_out_at = now() + interval '1 minute'"
    )
    done = "UPDATE operations.jobs SET status = 'succeeded', finished_at = now(), lease_expires_at = NULL"

    def write(*statements: str) -> None:
        with sql.transaction():
            sql.execute("SET CONSTRAINTS ALL DEFERRED")
            sql.execute(ask, [tenant.id, concept_id])
            for statement in statements:
                sql.execute(statement.encode())

    with pytest.raises(CheckViolation, match="the video does not fit its job"):
        write(complete)
    write(claim, complete, done)
    [made] = api.get("/v1/videos")["items"]
    assert made["status"] == "completed"


def test_a_tenant_is_erased_while_a_video_is_made(
    new_tenant: Callable[[], Tenant], owner: Sql
) -> None:
    erased = new_tenant()
    requested(erased.service)
    owner.execute("DELETE FROM identity.tenants WHERE id = %s", [erased.id])
    for table in ("studio.videos", "operations.jobs", "operations.events"):
        left = owner.execute(f"SELECT FROM {table} WHERE tenant_id = %s".encode(), [erased.id])
        assert left.fetchall() == [], table


# Listed and changed --------------------------------------------------------------------------------


def test_videos_are_listed_newest_first_by_status_and_by_concept(api: Client) -> None:
    first = video(api)
    second = requested(api, first["concept_id"], provider="veo")
    third = requested(api)

    def ids(**params: Any) -> list[str]:
        return [item["id"] for item in api.all("/v1/videos", **params)]

    for limit in (1, 100):
        assert ids(limit=limit) == [third["id"], second["id"], first["id"]]
        assert ids(limit=limit, status="generating") == [third["id"], second["id"]]
        assert ids(limit=limit, concept_id=first["concept_id"]) == [second["id"], first["id"]]
    both = {"status": "failed", "concept_id": first["concept_id"]}
    assert list(api.get("/v1/videos", expect=400, params=both)["errors"]) == [
        "status",
        "concept_id",
    ]


def test_where_a_video_is_delivered_from_may_change(api: Client) -> None:
    asked = requested(api)
    path = f"/v1/videos/{asked['id']}"
    change = {"cdn_url": "https://cdn.example/1.mp4"}
    api.patch(path, change, expect=409)
    api.post(f"{path}/complete", report(claimed_job(api), metadata={"seconds": 8}))
    changed = api.patch(path, change, headers={"If-Match": '"2"'})
    assert (changed["cdn_url"], changed["metadata"], changed["revision"]) == (
        change["cdn_url"],
        {"seconds": 8},
        3,
    )
    api.patch(path, change, expect=412, headers={"If-Match": '"2"'})
    # What is not told stays.
    changed = api.patch(path, {"metadata": {"seconds": 9}})
    assert (changed["cdn_url"], changed["metadata"]) == (change["cdn_url"], {"seconds": 9})
    assert api.patch(path, {"cdn_url": None})["cdn_url"] is None
    for wrong in ("ftp://cdn.example", "https://", "https://a b", f"https://{'x' * 2048}", 1):
        refused = api.patch(path, {"cdn_url": wrong}, expect=400)
        assert list(refused["errors"]) == ["cdn_url"]


def test_another_tenant_sees_and_changes_no_video(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    asked = requested(api)
    job = claimed_job(api)
    others = new_tenant().service
    path = f"/v1/videos/{asked['id']}"
    others.get(path, expect=404)
    others.patch(path, {"metadata": {}}, expect=404)
    others.post(f"{path}/complete", report(job), expect=404)
    others.post(
        f"/v1/concepts/{asked['concept_id']}/videos",
        {"platform": "tiktok", "provider": "veo"},
        expect=404,
    )
    assert others.get("/v1/videos")["items"] == []
    assert shown(api, asked) == asked
