"""Social posts: each on an account that has a place for it, none too near to another, none twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.facts import rewriting
from tests.problems import problem
from tests.studio.helpers import requested
from tests.studio.social import (
    ACCOUNTS,
    POSTS,
    account,
    claim,
    confirm,
    posts,
    schedule,
    scheduled,
    used,
    videos,
)

Sql = psycopg.Connection[Any]


def at(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


def status(api: Client, post: dict[str, Any], **fields: Any) -> int:
    body = {"mode": "at" if "schedule_at" in fields else "now", **fields}
    return api.request("POST", f"{POSTS}/{post['id']}/schedule", body).status_code


# Drafts -------------------------------------------------------------------------------------------------


def test_a_post_has_the_concepts_caption_unless_it_has_its_own(tenant: Tenant) -> None:
    video_id = videos(tenant, 1)[0]
    post = tenant.service.post(POSTS, {"video_id": video_id}, expect=201)
    assert post["caption"] == "It burned my name into the bread. #smarthome #toast"
    assert (post["status"], post["platform"], post["account_id"]) == ("draft", "tiktok", None)
    own = {"video_id": video_id, "caption": "Toast!", "platform": "instagram"}
    other = tenant.service.post(POSTS, {**own, "idempotency_key": "k"}, expect=201)
    assert (other["caption"], other["platform"]) == ("Toast!", "instagram")
    assert other["idempotency_key"] == "k" != post["idempotency_key"]
    assert tenant.service.get(f"{POSTS}/{post['id']}") == post
    refused = tenant.service.post(POSTS, {**own, "idempotency_key": "k"}, expect=409)
    assert list(refused["errors"]) == ["idempotency_key"]


@pytest.mark.parametrize(
    ("made_for", "expected"),
    [("tiktok", "tiktok"), ("youtube-shorts", "youtube"), ("instagram-reels", "instagram")],
)
def test_a_post_goes_to_the_platform_that_the_video_is_cut_for(
    tenant: Tenant, made_for: str, expected: str
) -> None:
    [video_id] = videos(tenant, 1, made_for)
    assert tenant.service.post(POSTS, {"video_id": video_id})["platform"] == expected


def test_a_post_needs_a_video_of_the_tenant(
    tenant: Tenant, new_tenant: Callable[[], Tenant]
) -> None:
    for api, video_id in (
        (tenant.service, str(uuid4())),
        (new_tenant().service, videos(tenant, 1)[0]),
    ):
        refused = api.request("POST", POSTS, {"video_id": video_id})
        assert list(problem(refused, 400, "INVALID_REFERENCE")["errors"]) == ["video_id"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("video_id", "1"),
        ("caption", ""),
        ("caption", " \u200b"),
        ("caption", "x" * 2201),
        ("platform", "tiktok-lite"),
        ("idempotency_key", ""),
        ("idempotency_key", "x" * 201),
        ("status", "posted"),
    ],
)
def test_a_wrong_field_is_named(tenant: Tenant, field: str, value: Any) -> None:
    body = {"video_id": str(uuid4()), field: value}
    refused = problem(tenant.service.request("POST", POSTS, body), 400, "VALIDATION")
    assert set(refused["errors"]) == {field}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "at"},
        {"mode": "now", "schedule_at": "2030-01-01T00:00:00Z"},
        {"mode": "at", "schedule_at": "2020-01-01T00:00:00Z"},
        {"mode": "at", "schedule_at": "2099-01-01T00:00:00Z"},
    ],
)
def test_a_schedule_must_be_consistent(tenant: Tenant, body: dict[str, Any]) -> None:
    path = f"{POSTS}/{uuid4()}/schedule"
    problem(tenant.service.request("POST", path, body), 400, "VALIDATION")


# Places -------------------------------------------------------------------------------------------------


def test_of_a_hundred_at_once_ten_get_the_ten_places(tenant: Tenant) -> None:
    made = account(tenant.service)
    drafts = posts(tenant, 100)
    clients = [Client(tenant.service.url, tenant.service.credential) for _ in drafts]
    answers = at_once(100, lambda n: status(clients[n], drafts[n]))
    assert sorted(answers) == [200] * 10 + [429] * 90
    assert used(tenant.service, made) == 10
    listed = tenant.service.all(POSTS, status="scheduled")
    assert [post["account_id"] for post in listed] == [made["id"]] * 10


def test_nobody_is_refused_while_an_account_has_a_place(tenant: Tenant) -> None:
    limits = [1, 2, 3, 4]
    made = [account(tenant.service, daily_limit=limit) for limit in limits]
    drafts = posts(tenant, 13)
    assert at_once(10, lambda n: status(tenant.service, drafts[n])) == [200] * 10
    assert [used(tenant.service, one) for one in made] == limits
    refused = tenant.service.request(
        "POST", f"{POSTS}/{drafts[10]['id']}/schedule", {"mode": "now"}
    )
    problem(refused, 429, "QUOTA_EXCEEDED")
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600


def test_places_are_taken_and_given_back_at_once_and_never_lost(
    tenant: Tenant, no_deadlocks: None
) -> None:
    """Five post at a time on two accounts of three places each, so that nobody may ever be refused."""
    made = [account(tenant.service, daily_limit=3) for _ in range(2)]
    drafts = posts(tenant, 50)
    clients = [Client(tenant.service.url, tenant.service.credential) for _ in range(5)]

    def take_and_give_back(n: int) -> None:
        for post in drafts[n::5]:
            schedule(clients[n], post)
            clients[n].post(f"{POSTS}/{post['id']}/cancel")

    at_once(5, take_and_give_back)
    assert [used(tenant.service, one) for one in made] == [0, 0]


def test_the_days_places_come_back_at_midnight_by_themselves(tenant: Tenant, owner: Sql) -> None:
    made = account(tenant.service, daily_limit=1)
    first, second, third = posts(tenant, 3)
    schedule(tenant.service, first)
    schedule(tenant.service, second, 429)
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET used_on = used_on - 1 WHERE id = %s", [made["id"]]
        )
    assert used(tenant.service, made) == 0
    schedule(tenant.service, second)
    schedule(tenant.service, third, 429)
    # What was taken yesterday is not given back today.
    owner.execute("ALTER TABLE studio.social_posts DISABLE TRIGGER keep_places_on_update")
    try:
        owner.execute(
            "UPDATE studio.social_posts SET reserved_on = reserved_on - 1 WHERE id = %s",
            [first["id"]],
        )
    finally:
        owner.execute("ALTER TABLE studio.social_posts ENABLE TRIGGER keep_places_on_update")
    tenant.service.post(f"{POSTS}/{first['id']}/cancel")
    assert used(tenant.service, made) == 1


def test_a_later_day_has_its_own_places(tenant: Tenant) -> None:
    made = account(tenant.service, daily_limit=2)
    drafts = posts(tenant, 6)
    noon = datetime.now(UTC).replace(hour=12) + timedelta(days=2)
    for hour, post in enumerate(drafts[:2]):
        planned = schedule(
            tenant.service, post, schedule_at=(noon + timedelta(hours=hour)).isoformat()
        )
        assert planned["reserved_on"] is None
    schedule(tenant.service, drafts[2], 429, schedule_at=noon.isoformat())
    assert used(tenant.service, made) == 0
    for post in drafts[3:5]:
        assert schedule(tenant.service, post)["reserved_on"] == str(datetime.now(UTC).date())
    schedule(tenant.service, drafts[5], 429)
    # To another day, and the place is free again.
    schedule(tenant.service, drafts[4], schedule_at=at(days=5))
    assert used(tenant.service, made) == 1
    schedule(tenant.service, drafts[5])


def test_a_post_keeps_its_place_when_it_is_scheduled_anew(tenant: Tenant) -> None:
    made = account(tenant.service, daily_limit=1)
    post = scheduled(tenant)
    assert schedule(tenant.service, post)["status"] == "scheduled"
    other = account(tenant.service, daily_limit=1)
    assert schedule(tenant.service, post, account_id=other["id"])["account_id"] == other["id"]
    assert [used(tenant.service, one) for one in (made, other)] == [0, 1]


def test_no_other_writer_takes_more_places_than_there_are(tenant: Tenant, sql: Sql) -> None:
    made = account(tenant.service, daily_limit=2)
    drafts = videos(tenant, 3)
    insert = """
        INSERT INTO studio.social_posts (
            tenant_id, video_id, platform, account_id, caption, status, scheduled_for, reserved_on
        )
        VALUES (%s, %s, 'tiktok', %s, 'Toast!', 'scheduled', now(), (now() AT TIME ZONE 'UTC')::date + %s)
    """
    for video_id in drafts[:2]:
        sql.execute(insert, [tenant.id, video_id, made["id"], 0])
    sql.commit()
    assert used(tenant.service, made) == 2
    with pytest.raises(psycopg.errors.CheckViolation, match="social_accounts_used_check"):
        sql.execute(insert, [tenant.id, drafts[2], made["id"], 0])
    sql.rollback()
    with pytest.raises(psycopg.Error, match="on the day itself"):
        sql.execute(insert, [tenant.id, drafts[2], made["id"], 1])


# The best account ---------------------------------------------------------------------------------------


def days_old(owner: Sql, made: dict[str, Any], days: int) -> None:
    with rewriting(owner, "studio.social_accounts"):
        owner.execute(
            "UPDATE studio.social_accounts SET created_at = now() - make_interval(days => %s) WHERE id = %s",
            [days, made["id"]],
        )


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"niche": "tech"}, {"niche": None}),
        ({"niche": "Tech"}, {"niche": "tech gadgets"}),
        ({"niche": "tech gadgets"}, {"niche": "food"}),
        ({"niche": None}, {"niche": "food"}),
    ],
)
def test_the_account_of_the_concepts_niche_is_best(
    tenant: Tenant, better: dict[str, Any], worse: dict[str, Any]
) -> None:
    account(tenant.service, **worse)
    best = account(tenant.service, **better)
    account(tenant.service, **worse)
    assert scheduled(tenant)["account_id"] == best["id"]


def test_an_account_that_is_a_month_old_is_as_good_as_an_older_one(
    tenant: Tenant, owner: Sql
) -> None:
    made = [account(tenant.service) for _ in range(3)]
    for one, days in zip(made, (29, 31, 300), strict=True):
        days_old(owner, one, days)
    assert scheduled(tenant)["account_id"] == made[1]["id"]


def test_the_account_with_more_places_left_is_best(tenant: Tenant) -> None:
    fewer = account(tenant.service, daily_limit=4)
    scheduled(tenant)
    more = account(tenant.service, daily_limit=10)
    scheduled(tenant, account_id=more["id"])
    # 9 of 10 are left there, 3 of 4 here.
    assert scheduled(tenant)["account_id"] == more["id"]
    assert used(tenant.service, fewer) == 1


def test_the_account_where_fewer_posts_wait_is_best(tenant: Tenant) -> None:
    busy, free = account(tenant.service), account(tenant.service)
    scheduled(tenant, account_id=busy["id"], schedule_at=at(days=3))
    assert scheduled(tenant)["account_id"] == free["id"]


def test_an_account_is_chosen_among_those_of_the_platform_that_are_active(tenant: Tenant) -> None:
    account(tenant.service, platform="youtube")
    idle = account(tenant.service)
    tenant.service.patch(f"{ACCOUNTS}/{idle['id']}", {"is_active": False})
    [post] = posts(tenant, 1)
    assert "no account on tiktok" in schedule(tenant.service, post, 409)["detail"]
    assert schedule(tenant.service, post, 409, account_id=idle["id"])["detail"]
    assert schedule(tenant.service, post, 409, account_id=str(uuid4()))["detail"]


# Conflicts ----------------------------------------------------------------------------------------------


def test_two_posts_of_an_account_are_never_nearer_than_its_distance(tenant: Tenant) -> None:
    made = account(tenant.service, min_distance_minutes=30)
    first, second = posts(tenant, 2)
    noon = datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=2)
    planned = schedule(tenant.service, first, schedule_at=noon.isoformat())
    for minutes in (-29, 0, 29):
        when = (noon + timedelta(minutes=minutes)).isoformat()
        refused = schedule(tenant.service, second, 409, schedule_at=when)
        assert refused["conflicts_with"] == planned
    for minutes in (-30, 30):
        when = (noon + timedelta(minutes=minutes)).isoformat()
        assert schedule(tenant.service, second, schedule_at=when)["account_id"] == made["id"]
    # Another account is free at that time.
    other = account(tenant.service, min_distance_minutes=30)
    again = schedule(tenant.service, second, schedule_at=noon.isoformat())
    assert again["account_id"] == other["id"]


def test_of_many_at_the_same_time_one_is_scheduled(tenant: Tenant) -> None:
    account(tenant.service, min_distance_minutes=5)
    drafts, when = posts(tenant, 10), at(days=2)
    answers = at_once(10, lambda n: status(tenant.service, drafts[n], schedule_at=when))
    assert sorted(answers) == [200] + [409] * 9


def test_no_other_writer_schedules_posts_too_near(tenant: Tenant, sql: Sql) -> None:
    made = account(tenant.service, min_distance_minutes=30)
    first, second = posts(tenant, 2)
    schedule(tenant.service, first, schedule_at=at(days=2))
    update = """
        UPDATE studio.social_posts
        SET status = 'scheduled', account_id = %s, scheduled_for = now() + %s * interval '1 minute'
        WHERE id = %s
    """
    with pytest.raises(psycopg.Error, match=first["id"]) as refused:
        sql.execute(update, [made["id"], 48 * 60 + 10, second["id"]])
    assert refused.value.sqlstate == "DR001"
    sql.rollback()
    sql.execute(update, [made["id"], 48 * 60 + 40, second["id"]])


def test_a_video_goes_out_with_a_caption_once_on_an_account(tenant: Tenant) -> None:
    first_account = account(tenant.service)
    video_id = videos(tenant, 1)[0]
    same = {"video_id": video_id, "caption": "Toast!"}
    first, second = [tenant.service.post(POSTS, same) for _ in range(2)]
    schedule(tenant.service, first)
    [claimed] = claim(tenant.service)
    posted = confirm(tenant.service, claimed)
    refused = schedule(tenant.service, second, 409)
    assert refused["conflicts_with"] == posted
    # With another caption it is another post, until it gets the first one's.
    path = f"{POSTS}/{second['id']}"
    tenant.service.patch(path, {"caption": "More toast!"})
    schedule(tenant.service, second)
    refused = tenant.service.patch(path, {"caption": "Toast!"}, 409)
    assert refused["conflicts_with"]["id"] == first["id"]
    # On another account it may.
    other = account(tenant.service)
    third = tenant.service.post(POSTS, same)
    assert schedule(tenant.service, third)["account_id"] == other["id"] != first_account["id"]


def test_of_many_that_are_the_same_one_is_scheduled(tenant: Tenant) -> None:
    account(tenant.service)
    same = {"video_id": videos(tenant, 1)[0], "caption": "Toast!"}
    drafts = [tenant.service.post(POSTS, same) for _ in range(8)]
    answers = at_once(8, lambda n: status(tenant.service, drafts[n]))
    assert sorted(answers) == [200] + [409] * 7


def test_a_cancelled_post_is_in_nobodys_way(tenant: Tenant) -> None:
    account(tenant.service, min_distance_minutes=30, daily_limit=1)
    same = {"video_id": videos(tenant, 1)[0], "caption": "Toast!"}
    first, second = [tenant.service.post(POSTS, same) for _ in range(2)]
    schedule(tenant.service, first)
    tenant.service.post(f"{POSTS}/{first['id']}/cancel")
    assert schedule(tenant.service, second)["status"] == "scheduled"
    schedule(tenant.service, first, 409)


def test_only_a_completed_video_is_scheduled(tenant: Tenant, sql: Sql) -> None:
    made = account(tenant.service)
    post = tenant.service.post(POSTS, {"video_id": requested(tenant.service)["id"]})
    assert "not completed" in schedule(tenant.service, post, 409)["detail"]
    with pytest.raises(psycopg.Error, match="not completed"):
        sql.execute(
            "UPDATE studio.social_posts SET status = 'scheduled', account_id = %s, scheduled_for = now()",
            [made["id"]],
        )


# Changes and lists --------------------------------------------------------------------------------------


def test_a_post_is_changed_under_its_revision(tenant: Tenant) -> None:
    account(tenant.service)
    [post] = posts(tenant, 1)
    path, headers = f"{POSTS}/{post['id']}", {"If-Match": f'"{post["revision"]}"'}
    changed = tenant.service.patch(path, {"caption": "Toast!"}, headers=headers)
    assert changed["caption"] == "Toast!"
    tenant.service.patch(path, {"caption": "No"}, 412, headers=headers)
    for what, body in (("schedule", {"mode": "now"}), ("cancel", None)):
        tenant.service.post(f"{path}/{what}", body, expect=412, headers=headers)
    headers = {"If-Match": f'"{changed["revision"]}"'}
    tenant.service.post(f"{path}/schedule", {"mode": "now"}, headers=headers)
    assert tenant.service.post(f"{path}/cancel")["status"] == "cancelled"
    for what, body in (("schedule", {"mode": "now"}), ("cancel", None)):
        refused = tenant.service.post(f"{path}/{what}", body, expect=409)
        assert refused["current"]["status"] == "cancelled"
    tenant.service.patch(path, {"caption": "No"}, 409)


def test_posts_are_listed_by_what_is_asked_for(tenant: Tenant) -> None:
    made, api = account(tenant.service), tenant.service
    first, second, third, fourth = posts(tenant, 4)
    schedule(api, second)
    schedule(api, first)
    for _ in range(2):
        [claimed] = claim(api)
        confirm(api, claimed)
    schedule(api, third)

    def listed(**query: Any) -> list[str]:
        return [post["id"] for post in api.all(POSTS, limit=1, **query)]

    assert listed() == [post["id"] for post in (fourth, third, second, first)]
    assert listed(status="posted") == [second["id"], first["id"]]
    assert listed(video_id=third["video_id"]) == [third["id"]]
    assert listed(account_id=made["id"], status="scheduled") == [third["id"]]
    assert listed(account_id=made["id"], status="posted") == [first["id"], second["id"]]
    assert listed(posted_on="tiktok") == [first["id"], second["id"]]
    assert listed(posted_on="youtube") == []
    api.get(POSTS, 400, params={"account_id": made["id"]})


def test_another_tenant_has_no_such_post(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    account(tenant.service)
    post, other = scheduled(tenant), new_tenant().service
    path = f"{POSTS}/{post['id']}"
    other.get(path, 404)
    other.get(f"{path}/attempts", 404)
    other.patch(path, {"caption": "No"}, 404)
    for what, body in (("schedule", {"mode": "now"}), ("cancel", None)):
        other.post(f"{path}/{what}", body, expect=404)
    assert other.all(POSTS) == []
