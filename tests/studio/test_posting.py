"""Posting: claimed once, out only when confirmed, never tried blindly again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.config import Settings
from tests.client import Client, Tenant, at_once
from tests.commands import environment, flask
from tests.facts import rewriting
from tests.postgres import Server
from tests.problems import problem
from tests.studio.social import (
    ACCOUNTS,
    POSTS,
    TOKENS,
    account,
    claim,
    confirm,
    fail,
    posts,
    report,
    schedule,
    scheduled,
    used,
    videos,
)

Sql = psycopg.Connection[Any]


def change(sql: Sql, assignment: str) -> None:
    """What time would do."""
    sql.execute(f"UPDATE studio.social_posts SET {assignment}".encode())
    sql.commit()


def plan(sql: Sql, post: dict[str, Any], minutes: int) -> None:
    """As if it had been scheduled for then, as seen from now."""
    moment = f"now() + interval '{minutes} minutes'"
    change(sql, f"scheduled_for = {moment} WHERE id = '{post['id']}'")


def let_the_worker_die(sql: Sql) -> None:
    change(sql, "lease_expires_at = now() WHERE status = 'claimed'")


def make_due(sql: Sql) -> None:
    change(sql, "retry_at = now() WHERE retry_at IS NOT NULL")


def told(tenant: Tenant) -> list[tuple[str, str]]:
    found = tenant.agent.all("/v1/notifications")
    return [(n["type"], n["payload"]["social_post_id"]) for n in found]


def soon(minutes: int) -> str:
    return (datetime.now().astimezone() + timedelta(minutes=minutes)).isoformat()


# Claims -------------------------------------------------------------------------------------------------


def test_a_claim_has_all_that_is_needed_to_post(tenant: Tenant) -> None:
    made = account(tenant.service, username="toaster")
    post = scheduled(tenant)
    answer = tenant.service.request("POST", f"{POSTS}/claim", {"worker": "w"}, expect=200)
    assert answer.headers["Cache-Control"] == "no-store"
    [claimed] = answer.json()["items"]
    assert (claimed["id"], claimed["video_id"]) == (post["id"], post["video_id"])
    assert (claimed["account_id"], claimed["username"]) == (made["id"], "toaster")
    assert {name: claimed[name] for name in TOKENS} == TOKENS
    assert (claimed["caption"], claimed["attempts"]) == (post["caption"], 1)
    assert claimed["idempotency_key"] == post["idempotency_key"]
    assert claimed["object_key"] == "videos/1.mp4"
    assert claimed["refresh_is_due"] is False


def test_the_answer_to_a_claim_is_never_kept(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    scheduled(tenant)
    path, headers = f"{POSTS}/claim", {"Idempotency-Key": "one"}
    refused = tenant.service.request("POST", path, {"worker": "w"}, headers=headers)
    assert list(problem(refused, 400, "VALIDATION")["errors"]) == ["Idempotency-Key"]
    assert sql.execute("SELECT key FROM operations.idempotency_keys").fetchall() == []
    assert len(claim(tenant.service)) == 1


def test_who_got_the_tokens_is_in_the_log(tenant: Tenant) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    claim(tenant.service)
    [event] = tenant.service.all("/v1/audit", entity="studio.social_posts", action="CLAIM")
    assert event["entity_id"] == post["id"]
    assert event["actor"].startswith("key:")
    assert event["changes"]["status"] == ["scheduled", "claimed"]


def test_each_post_is_claimed_by_one_worker(tenant: Tenant) -> None:
    for _ in range(12):
        account(tenant.service, daily_limit=2)
    drafts = posts(tenant, 24)
    for post in drafts:
        schedule(tenant.service, post)
    clients = [Client(tenant.service.url, tenant.service.credential) for _ in range(8)]
    claims = at_once(8, lambda n: claim(clients[n], worker=f"poster-{n}", limit=5))
    while more := claim(tenant.service):
        claims.append(more)
    claimed = [post["id"] for post in chain.from_iterable(claims)]
    assert sorted(claimed) == sorted(post["id"] for post in drafts)


def test_an_account_gives_one_post_out_at_a_time(tenant: Tenant, sql: Sql, owner: Sql) -> None:
    made = account(tenant.service, min_distance_minutes=30)
    drafts = posts(tenant, 2)
    schedule(tenant.service, drafts[0], schedule_at=soon(31))
    schedule(tenant.service, drafts[1], schedule_at=soon(62))
    # Nobody came for an hour.
    owner.execute("ALTER TABLE studio.social_posts DISABLE TRIGGER check_schedule_on_update")
    try:
        plan(sql, drafts[0], -32)
        plan(sql, drafts[1], -1)
    finally:
        owner.execute("ALTER TABLE studio.social_posts ENABLE TRIGGER check_schedule_on_update")
    [first] = claim(tenant.service)
    assert first["id"] == drafts[0]["id"]
    confirm(tenant.service, first)
    assert claim(tenant.service) == []
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET last_claimed_at = now() - interval '31 minutes' WHERE id = %s",
            [made["id"]],
        )
    assert [post["id"] for post in claim(tenant.service)] == [drafts[1]["id"]]


def test_a_post_that_was_planned_takes_a_place_when_it_is_claimed(
    tenant: Tenant, sql: Sql, owner: Sql
) -> None:
    made = account(tenant.service, daily_limit=2)
    drafts = posts(tenant, 3)
    for post in drafts[:2]:
        schedule(tenant.service, post, schedule_at=soon(48 * 60))
    schedule(tenant.service, drafts[2])
    change(sql, "scheduled_for = now() WHERE reserved_on IS NULL")
    assert used(tenant.service, made) == 1
    # The one that has a place is not held up by those that wait for one.
    claimed = [post["id"] for _ in range(3) for post in claim(tenant.service)]
    assert len(claimed) == 2
    assert drafts[2]["id"] in claimed
    assert used(tenant.service, made) == 2
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET used_on = used_on - 1 WHERE id = %s", [made["id"]]
        )
    assert len(claim(tenant.service)) == 1
    assert used(tenant.service, made) == 1


def test_a_place_of_the_day_before_is_taken_anew(tenant: Tenant, sql: Sql, owner: Sql) -> None:
    made = account(tenant.service)
    scheduled(tenant)
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET used_on = used_on - 1 WHERE id = %s", [made["id"]]
        )
    owner.execute("ALTER TABLE studio.social_posts DISABLE TRIGGER keep_places_on_update")
    try:
        change(sql, "reserved_on = reserved_on - 1")
    finally:
        owner.execute("ALTER TABLE studio.social_posts ENABLE TRIGGER keep_places_on_update")
    assert len(claim(tenant.service)) == 1
    assert used(tenant.service, made) == 1


def test_an_account_that_is_not_active_keeps_its_posts_waiting(tenant: Tenant) -> None:
    made = account(tenant.service)
    scheduled(tenant)
    path = f"{ACCOUNTS}/{made['id']}"
    tenant.service.patch(path, {"is_active": False})
    assert claim(tenant.service) == []
    tenant.service.patch(path, {"is_active": True})
    assert len(claim(tenant.service)) == 1


def test_claims_and_schedules_of_one_account_never_wait_in_a_circle(
    tenant: Tenant, no_deadlocks: None
) -> None:
    made = [account(tenant.service, daily_limit=100) for _ in range(3)]
    drafts = posts(tenant, 24)
    clients = [Client(tenant.service.url, tenant.service.credential) for _ in range(6)]

    def work(n: int) -> None:
        if n < 3:
            for post in drafts[n::3]:
                schedule(clients[n], post)
        else:
            for _ in range(10):
                for post in claim(clients[n], limit=3):
                    outcome = "not_posted" if n == 4 else "unknown"
                    fail(clients[n], post, outcome)

    at_once(6, work)
    while claimed := claim(tenant.service):
        for post in claimed:
            confirm(tenant.service, post)
    places = sum(used(tenant.service, one) for one in made)
    held = [p for p in tenant.service.all(POSTS) if p["reserved_on"] is not None]
    assert places == len(held)


# Reports ------------------------------------------------------------------------------------------------


def test_only_confirmation_makes_a_post_posted(tenant: Tenant) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    longer = report(tenant.service, claimed, "heartbeat", lease_seconds=600)
    assert longer["lease_expires_at"] > claimed["lease_expires_at"]
    url = "https://example.com/@toaster/video/7301"
    posted = confirm(tenant.service, claimed, external_id="7301", post_url=url)
    assert (posted["status"], posted["external_id"], posted["post_url"]) == ("posted", "7301", url)
    assert posted["posted_at"] is not None
    [attempt] = tenant.service.all(f"{POSTS}/{post['id']}/attempts")
    assert (attempt["outcome"], attempt["attempt"], attempt["worker"]) == ("posted", 1, "poster")


def test_it_was_posted_after_it_was_made_but_for_clocks_that_differ(tenant: Tenant) -> None:
    account(tenant.service)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    now = datetime.now(UTC)
    for minutes in (-6, 24 * 60 + 6):
        wrong = (now + timedelta(minutes=minutes)).isoformat()
        refused = confirm(tenant.service, claimed, posted_at=wrong, expect=400)
        assert list(refused["errors"]) == ["posted_at"]
    behind = now - timedelta(minutes=1)
    posted = confirm(tenant.service, claimed, posted_at=behind.isoformat())
    assert datetime.fromisoformat(posted["posted_at"]) == behind


def test_a_confirmation_can_be_repeated_but_not_changed(tenant: Tenant) -> None:
    account(tenant.service)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    answers = at_once(8, lambda _: confirm(tenant.service, claimed, external_id="1"))
    assert all(answer == answers[0] for answer in answers)
    confirm(tenant.service, claimed, external_id="2", expect=409)
    fail(tenant.service, claimed, expect=409)
    assert len(tenant.service.all(f"{POSTS}/{claimed['id']}/attempts")) == 1


def test_a_platforms_id_is_one_post_of_an_account(tenant: Tenant) -> None:
    first, second = account(tenant.service), account(tenant.service)
    for made in (first, first, second):
        scheduled(tenant, account_id=made["id"])
    [one, other] = claim(tenant.service)
    confirm(tenant.service, one, external_id="7301")
    confirm(tenant.service, other, external_id="7301")
    [again] = claim(tenant.service)
    refused = confirm(tenant.service, again, external_id="7301", expect=409)
    assert list(refused["errors"]) == ["external_id"]


def test_reports_under_another_lease_or_on_nothing_are_refused(tenant: Tenant) -> None:
    account(tenant.service)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    other = {**claimed, "lease_id": str(uuid4())}
    for what, fields in (
        ("heartbeat", {}),
        ("confirm", {"external_id": "1"}),
        ("fail", {"outcome": "not_posted", "error": "e"}),
    ):
        refused = report(tenant.service, other, what, **fields, expect=409)
        assert refused["current"]["status"] == "claimed"
        report(tenant.service, {**claimed, "id": str(uuid4())}, what, **fields, expect=404)


def test_what_was_not_posted_is_tried_again_later_each_time_with_its_caption(
    tenant: Tenant, sql: Sql
) -> None:
    made = account(tenant.service)
    post = scheduled(tenant)
    delays = []
    for attempt in range(1, 6):
        assert used(tenant.service, made) == int(attempt == 1)
        [claimed] = claim(tenant.service)
        assert (claimed["attempts"], claimed["caption"]) == (attempt, post["caption"])
        assert used(tenant.service, made) == 1
        failed = fail(tenant.service, claimed, error=f"refused {attempt}")
        assert fail(tenant.service, claimed, error=f"refused {attempt}") == failed
        assert (failed["status"], failed["error"]) == ("failed", f"refused {attempt}")
        assert used(tenant.service, made) == 0
        assert claim(tenant.service) == []
        if attempt < 5:
            due = datetime.fromisoformat(failed["retry_at"])
            delays.append((due - datetime.fromisoformat(failed["updated_at"])).total_seconds())
            make_due(sql)
    for delay, hours in zip(delays, (2, 4, 6, 6), strict=True):
        assert 0.8 * hours * 3600 <= delay <= 1.2 * hours * 3600
    assert sum(delays) < 24 * 3600

    assert failed["retry_at"] is None
    assert told(tenant) == [("post_failed", post["id"])]
    attempts = tenant.service.all(f"{POSTS}/{post['id']}/attempts", limit=2)
    assert [(a["attempt"], a["error"]) for a in attempts] == [
        (n, f"refused {n}") for n in (5, 4, 3, 2, 1)
    ]
    assert {a["outcome"] for a in attempts} == {"not_posted"}

    again = schedule(tenant.service, post)
    assert (again["status"], again["attempts"], again["error"]) == ("scheduled", 0, None)
    [claimed] = claim(tenant.service)
    confirm(tenant.service, claimed)


def test_nothing_is_tried_again_a_day_after_its_first_failure(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    fail(tenant.service, claimed)
    change(sql, "retry_at = now(), first_failed_at = now() - interval '23 hours'")
    [claimed] = claim(tenant.service)
    failed = fail(tenant.service, claimed)
    assert (failed["status"], failed["retry_at"]) == ("failed", None)


def test_twenty_are_tried_again_at_a_time(tenant: Tenant, sql: Sql) -> None:
    for _ in range(25):
        account(tenant.service, daily_limit=1)
    for post in posts(tenant, 25):
        schedule(tenant.service, post)
    for claimed in claim(tenant.service):
        fail(tenant.service, claimed)
    make_due(sql)
    assert [len(claim(tenant.service)) for _ in range(3)] == [20, 5, 0]


def test_a_retry_waits_until_its_account_has_a_place(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service, daily_limit=1)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    fail(tenant.service, claimed)
    scheduled(tenant)
    make_due(sql)
    [other] = claim(tenant.service)
    assert other["id"] != claimed["id"]
    fail(tenant.service, other)
    assert [post["id"] for post in claim(tenant.service)] == [claimed["id"]]


# Outcomes that nobody knows -----------------------------------------------------------------------------


def test_an_unknown_outcome_waits_for_a_person(tenant: Tenant) -> None:
    made = account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    unknown = fail(tenant.service, claimed, "unknown", error="timeout after sending")
    path = f"{POSTS}/{post['id']}"
    assert (unknown["status"], unknown["retry_at"]) == ("unknown", None)
    assert claim(tenant.service) == []
    assert told(tenant) == [("post_unknown", post["id"])]
    schedule(tenant.service, post, 409)
    tenant.service.post(f"{path}/cancel", expect=409)
    tenant.service.post(f"{path}/resolve", {"outcome": "not_posted"}, expect=403)
    assert used(tenant.service, made) == 1

    resolved = tenant.agent.post(f"{path}/resolve", {"outcome": "posted", "external_id": "1"})
    assert (resolved["status"], resolved["external_id"]) == ("posted", "1")
    tenant.agent.post(f"{path}/resolve", {"outcome": "not_posted"}, expect=409)
    [attempt] = tenant.service.all(f"{path}/attempts")
    assert (attempt["outcome"], attempt["error"]) == ("unknown", "timeout after sending")


def test_what_a_person_found_not_posted_goes_out_only_when_somebody_schedules_it(
    tenant: Tenant,
) -> None:
    made = account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    fail(tenant.service, claimed, "unknown")
    body = {"outcome": "not_posted"}
    resolved = tenant.agent.post(f"{POSTS}/{post['id']}/resolve", body)
    assert (resolved["status"], resolved["retry_at"]) == ("failed", None)
    assert used(tenant.service, made) == 0
    assert claim(tenant.service) == []
    schedule(tenant.service, post)
    assert [again["id"] for again in claim(tenant.service)] == [post["id"]]


def test_a_post_whose_worker_died_is_unknown_and_nobody_elses(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    let_the_worker_die(sql)
    assert claim(tenant.service) == []
    assert tenant.service.get(f"{POSTS}/{post['id']}")["status"] == "unknown"
    assert told(tenant) == [("post_unknown", post["id"])]
    report(tenant.service, claimed, "heartbeat", expect=409)


@pytest.mark.parametrize("noticed", [False, True])
def test_the_late_worker_is_believed(tenant: Tenant, sql: Sql, noticed: bool) -> None:
    account(tenant.service)
    scheduled(tenant)
    [claimed] = claim(tenant.service)
    let_the_worker_die(sql)
    if noticed:
        claim(tenant.service)
    assert confirm(tenant.service, claimed)["status"] == "posted"


def test_a_late_report_that_it_was_not_posted_is_left_to_a_person(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    [claimed] = claim(tenant.service)
    let_the_worker_die(sql)
    claim(tenant.service)
    failed = fail(tenant.service, claimed)
    assert (failed["status"], failed["retry_at"]) == ("failed", None)
    assert told(tenant) == [("post_failed", post["id"]), ("post_unknown", post["id"])]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": "posted"},
        {"outcome": "not_posted", "external_id": "1"},
        {"outcome": "maybe"},
        {"outcome": "posted", "external_id": "1", "post_url": "javascript:alert(1)"},
    ],
)
def test_a_resolution_must_be_consistent(tenant: Tenant, body: dict[str, Any]) -> None:
    tenant.agent.post(f"{POSTS}/{uuid4()}/resolve", body, expect=400)


# Overdue ------------------------------------------------------------------------------------------------


def test_an_overdue_post_is_listed_and_told_once(tenant: Tenant, sql: Sql) -> None:
    made = account(tenant.service)
    first, second = [scheduled(tenant) for _ in range(2)]
    assert tenant.service.all(f"{POSTS}/overdue") == []
    tenant.service.patch(f"{ACCOUNTS}/{made['id']}", {"is_active": False})
    plan(sql, second, -16)
    plan(sql, first, -17)
    listed = tenant.service.all(f"{POSTS}/overdue", limit=1)
    assert [post["id"] for post in listed] == [first["id"], second["id"]]
    before = tenant.service.get(f"{POSTS}/{first['id']}")
    for _ in range(2):
        claim(tenant.service)
    assert sorted(told(tenant)) == sorted(("post_overdue", p["id"]) for p in (first, second))
    assert tenant.service.get(f"{POSTS}/{first['id']}") == before


def test_an_overdue_post_is_told_where_no_worker_claims(
    tenant: Tenant, sql: Sql, server: Server, settings: Settings
) -> None:
    account(tenant.service)
    first, second = [scheduled(tenant) for _ in range(2)]
    change(sql, "scheduled_for = now() - interval '16 minutes'")
    direct = server.direct_url("draftroom")
    for _ in range(2):
        done = flask(environment(settings) | {"DIRECT_URL": direct}, "tasks", "run", "social-posts")
        assert done.returncode == 0, done.stderr
        assert sorted(told(tenant)) == sorted(("post_overdue", p["id"]) for p in (first, second))


# Other writers ------------------------------------------------------------------------------------------


def test_other_writers_keep_to_the_rules(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: Sql
) -> None:
    account(tenant.service)
    post = scheduled(tenant)
    foreign = account(new_tenant().service)
    refused: list[tuple[str, type[psycopg.Error]]] = [
        ("status = 'posted'", psycopg.Error),
        ("status = 'claimed'", psycopg.errors.CheckViolation),
        ("attempts = 6", psycopg.errors.CheckViolation),
        ("max_attempts = 6", psycopg.errors.CheckViolation),
        ("retry_at = now()", psycopg.errors.CheckViolation),
        ("caption = ' '", psycopg.errors.CheckViolation),
        ("video_id = id", psycopg.errors.InsufficientPrivilege),
        ("account_id = NULL", psycopg.errors.CheckViolation),
        (f"account_id = '{foreign['id']}'", psycopg.errors.ForeignKeyViolation),
        ("post_url = 'https://example.com'", psycopg.errors.CheckViolation),
    ]
    for assignment, error in refused:
        with pytest.raises(error):
            sql.execute(f"UPDATE studio.social_posts SET {assignment}".encode())
        sql.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("DELETE FROM studio.social_posts")
    sql.rollback()
    sql.execute(
        """
        UPDATE studio.social_posts
        SET status = 'claimed', locked_by = 'cron', lease_id = id, claimed_at = now(),
            lease_expires_at = now() + interval '1 minute', attempts = attempts + 1
        """
    )
    # Tried again for 24 hours after a first failure only, which must be told.
    with pytest.raises(psycopg.errors.CheckViolation), sql.transaction():
        sql.execute(
            """
            UPDATE studio.social_posts
            SET status = 'failed', error = 'refused', reserved_on = NULL, lease_expires_at = NULL,
                retry_at = now() + interval '30 days'
            """
        )
    sql.execute(
        """
        UPDATE studio.social_posts
        SET status = 'failed', error = 'refused', reserved_on = NULL, lease_expires_at = NULL
        """
    )
    sql.commit()
    [attempt] = tenant.service.all(f"{POSTS}/{post['id']}/attempts")
    assert (attempt["worker"], attempt["outcome"], attempt["error"]) == (
        "cron",
        "not_posted",
        "refused",
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("UPDATE studio.post_attempts SET error = 'no'")


def test_nobody_rewrites_what_is_given_to_a_worker_nor_what_is_out(
    tenant: Tenant, sql: Sql
) -> None:
    account(tenant.service)
    scheduled(tenant)
    given = ("caption = 'other'", "scheduled_for = now()", "account_id = NULL")
    came = ("external_id = 'other'", "posted_at = now()", "post_url = 'https://a.b'")
    [claimed] = claim(tenant.service)
    for assignment in given:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody rewrites"):
            change(sql, assignment)
        sql.rollback()
    confirm(tenant.service, claimed)
    for assignment in given + came:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nobody rewrites"):
            change(sql, assignment)
        sql.rollback()


def test_a_post_that_has_no_attempts_left_is_in_nobodys_way(tenant: Tenant, sql: Sql) -> None:
    account(tenant.service)
    scheduled(tenant)
    change(sql, "attempts = max_attempts")
    other = scheduled(tenant)
    assert [post["id"] for post in claim(tenant.service)] == [other["id"]]


def test_videos_are_of_the_platforms_accounts(tenant: Tenant) -> None:
    account(tenant.service, platform="youtube")
    [video_id] = videos(tenant, 1, "youtube-shorts")
    post = tenant.service.post(POSTS, {"video_id": video_id})
    assert schedule(tenant.service, post)["platform"] == "youtube"
