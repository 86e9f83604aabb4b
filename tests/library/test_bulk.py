"""Many resources in one request: what became of each, and when nothing happens at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once, new_id, wait_until
from tests.library.bulk_helpers import (
    BAD,
    as_any,
    count,
    create,
    make_runs,
    make_team,
    row,
)
from tests.postgres import BLOCKED

Sql = psycopg.Connection[Any]


def outcomes(answered: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in answered["items"]]


# Created -------------------------------------------------------------------------------------------


def test_rows_are_counted_and_not_batches(tenant: Tenant, sql: Sql) -> None:
    rows = [row(f"Number {number}") for number in range(250)]
    rows[7] = rows[130] = BAD
    answered = tenant.agent.post("/v1/resources/bulk", {"resources": rows}, expect=200)
    assert (answered["done"], answered["skipped"], answered["failed"]) == (248, 0, 2)
    assert [item["index"] for item in answered["items"]] == [*range(250)]
    assert [i for i, outcome in enumerate(outcomes(answered)) if outcome == "failed"] == [7, 130]
    assert list(answered["items"][7]["problem"]["errors"]) == ["resource_type"]
    user = tenant.users["agent"]
    as_any(sql)
    assert count(sql, "library.resources WHERE owned_by_user_id = %s", user) == 248
    assert count(sql, "library.resources WHERE completed_at = created_at") == 248
    assert count(sql, "library.resource_versions WHERE is_latest AND version_index = 0") == 248
    assert count(sql, "library.resource_translations WHERE language = 'en'") == 248
    assert count(sql, "operations.events WHERE entity LIKE 'library.%%' AND action = 'INSERT'") == (
        3 * 248
    )
    # Nothing is changed again to say what the row could say itself.
    assert count(sql, "operations.events WHERE entity LIKE 'library.%%' AND action = 'UPDATE'") == 0


def test_what_has_a_public_id_that_is_taken_is_skipped(tenant: Tenant) -> None:
    [known] = create(tenant.agent, [row(public_id="abcdefGHIJ12")])
    rows = [
        row(public_id="abcdefGHIJ12"),
        row(public_id="zzzzzzzzzzz1"),
        row(public_id="zzzzzzzzzzz1"),
        row(public_id="no"),
    ]
    answered = tenant.agent.post("/v1/resources/bulk", {"resources": rows}, expect=200)
    assert outcomes(answered) == ["skipped", "done", "skipped", "failed"]
    assert (answered["done"], answered["skipped"], answered["failed"]) == (1, 2, 1)
    ids = [item["id"] for item in answered["items"]]
    assert ids[0] == known
    assert ids[1] == ids[2] != known


def test_a_public_id_of_what_one_does_not_see_is_taken_as_well(tenant: Tenant) -> None:
    create(tenant.agent, [row(public_id="privateeeee1", is_private=True)])
    rows = [row(public_id="privateeeee1")]
    answered = tenant.acting("agent2").post("/v1/resources/bulk", {"resources": rows}, expect=200)
    assert (outcomes(answered), answered["items"][0]["id"]) == (["skipped"], None)


def test_a_row_that_the_database_refuses_leaves_the_others_of_its_batch(tenant: Tenant) -> None:
    rows = [row() for _ in range(10)]
    rows[3] = row(owned_by_team_id=new_id())
    rows[8] = row(owned_by_user_id=tenant.users["agent2"])
    rows[9] = row(parent_id=new_id())
    answered = tenant.agent.post("/v1/resources/bulk", {"resources": rows}, expect=200)
    assert (answered["done"], answered["failed"]) == (7, 3)
    codes = [answered["items"][index]["problem"]["code"] for index in (3, 8, 9)]
    assert codes == ["FORBIDDEN", "FORBIDDEN", "INVALID_REFERENCE"]


def test_at_most_a_thousand_rows_are_taken_at_once(tenant: Tenant) -> None:
    for rows in ([], [row()] * 1001):
        tenant.agent.post("/v1/resources/bulk", {"resources": rows}, expect=400)


def test_lists_with_the_same_public_ids_in_opposite_orders_do_not_wait_for_each_other_in_turn(
    tenant: Tenant, no_deadlocks: None
) -> None:
    ids = [f"thesame{number:05}" for number in range(400)]
    lists = [[row(public_id=public_id) for public_id in order] for order in (ids, ids[::-1])]

    def send(turn: int) -> dict[str, Any]:
        body = {"resources": lists[turn % 2]}
        answered: dict[str, Any] = tenant.agent.post("/v1/resources/bulk", body, expect=200)
        return answered

    answers = at_once(4, send)
    assert sum(answered["done"] for answered in answers) == 400


# With children -------------------------------------------------------------------------------------


def nested(tenant: Tenant, good: int, bad: int, expect: int, **parent: Any) -> Any:
    children: list[Any] = [row(f"Child {number}") for number in range(good)]
    # Some that the schema refuses, and some that only the database does.
    refused = [BAD, row(owned_by_user_id=tenant.users["agent2"])]
    children[1:1] = [refused[number % 2] for number in range(bad)]
    body = {"parent": row("Parent", **parent), "children": children}
    return tenant.agent.post("/v1/resources/nested", body, expect=expect)


def test_of_ten_children_four_bad_ones_are_left_out(tenant: Tenant, sql: Sql) -> None:
    answered = nested(tenant, good=6, bad=4, expect=201)
    children = answered["children"]
    assert (children["done"], children["failed"]) == (6, 4)
    assert outcomes(children) == ["done", *["failed"] * 4, *["done"] * 5]
    as_any(sql)
    assert count(sql, "library.resources WHERE parent_id = %s", answered["id"]) == 6
    assert count(sql, "library.resources") == 7
    shown = tenant.agent.get(f"/v1/resources/{children['items'][-1]['id']}")
    assert shown["parent_id"] == answered["id"]


def test_of_ten_children_six_bad_ones_undo_it_all(tenant: Tenant, sql: Sql) -> None:
    problem = nested(tenant, good=4, bad=6, expect=409)
    assert problem["code"] == "CONFLICT"
    assert "6 of 10" in problem["detail"]
    assert [failure["index"] for failure in problem["failures"]] == [*range(1, 7)]
    as_any(sql)
    assert count(sql, "library.resources") == 0


def test_exactly_half_of_the_children_is_kept(tenant: Tenant, sql: Sql) -> None:
    assert nested(tenant, good=5, bad=5, expect=201)["children"]["done"] == 5
    as_any(sql)
    assert count(sql, "library.resources") == 6


def test_children_without_a_parent_are_not_created(tenant: Tenant, sql: Sql) -> None:
    create(tenant.agent, [row(public_id="abcdefGHIJ12")])
    assert nested(tenant, 2, 0, 409, public_id="abcdefGHIJ12")["code"] == "CONFLICT"
    assert nested(tenant, 2, 0, 403, owned_by_user_id=tenant.users["agent2"])
    as_any(sql)
    assert count(sql, "library.resources") == 1


def test_a_parent_must_be_visible_to_who_writes_and_not_deleted(tenant: Tenant, sql: Sql) -> None:
    private, deleted = create(tenant.agent, [row(is_private=True), row()])
    tenant.agent.post("/v1/resources/bulk/delete", {"ids": [deleted]})
    insert = (
        "INSERT INTO library.resources (tenant_id, resource_type, owned_by_user_id, parent_id)"
        " VALUES (%s, 'Api', %s, %s)"
    )
    other = tenant.users["agent2"]
    as_any(sql, other)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        sql.execute(insert, [tenant.id, other, private])
    sql.rollback()
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(insert, [tenant.id, other, deleted])
    assert refused.value.sqlstate == "DR001"
    sql.rollback()


# Changed -------------------------------------------------------------------------------------------


def change(resource: str, revision: int = 1, **changes: Any) -> dict[str, Any]:
    return {"id": resource, "revision": revision, "changes": changes or {"is_private": True}}


def update(api: Client, rows: list[dict[str, Any]], expect: int = 200) -> Any:
    return api.post("/v1/resources/bulk/update", {"resources": rows}, expect=expect)


def test_each_change_tells_its_new_revision_or_what_was_in_its_way(tenant: Tenant) -> None:
    ids = create(tenant.agent, [row() for _ in range(10)])
    [others] = create(tenant.acting("agent2"), [row()])
    update(tenant.agent, [change(ids[0])])
    rows = [change(row_id) for row_id in ids] + [change(others), change(new_id())]
    answered = update(tenant.agent, rows)
    assert (answered["done"], answered["failed"]) == (9, 3)
    assert [item["revision"] for item in answered["items"]] == [None, *[2] * 9, None, None]
    stale, forbidden, missing = (answered["items"][index]["problem"] for index in (0, 10, 11))
    assert (stale["code"], stale["expected"], stale["actual"]) == ("STALE", 1, 2)
    assert (forbidden["code"], missing["code"]) == ("FORBIDDEN", "NOT_FOUND")


def test_up_to_three_in_ten_conflicts_leave_the_others_and_more_undo_them(
    tenant: Tenant, sql: Sql
) -> None:
    ids = create(tenant.agent, [row() for _ in range(10)])
    rows = [change(row_id, 9 if index < 3 else 1) for index, row_id in enumerate(ids)]
    assert update(tenant.agent, rows)["done"] == 7
    rows = [
        change(row_id, 9 if index < 4 else 2, is_private=False) for index, row_id in enumerate(ids)
    ]
    problem = update(tenant.agent, rows, expect=409)
    assert "4 of 10" in problem["detail"]
    assert [failure["id"] for failure in problem["failures"]] == ids[:4]
    assert {failure["problem"]["code"] for failure in problem["failures"]} == {"STALE"}
    as_any(sql)
    assert count(sql, "library.resources WHERE is_private AND revision = 2") == 7


def test_a_refused_change_leaves_the_others(tenant: Tenant, sql: Sql) -> None:
    ids = create(tenant.agent, [row() for _ in range(8)])
    rows = [change(row_id) for row_id in ids]
    rows[2] = change(ids[2], owned_by_user_id=tenant.users["agent2"])
    rows[5] = change(ids[5], score=7)
    answered = update(tenant.agent, rows)
    assert outcomes(answered) == [*["done"] * 2, "failed", *["done"] * 2, "failed", *["done"] * 2]
    problems = [answered["items"][index]["problem"]["code"] for index in (2, 5)]
    assert problems == ["FORBIDDEN", "FORBIDDEN"]
    assert update(tenant.acting("admin"), [change(ids[5], score=7)])["done"] == 1


def test_the_same_resource_twice_is_changed_once(tenant: Tenant) -> None:
    ids = create(tenant.agent, [row() for _ in range(4)])
    rows = [*(change(row_id) for row_id in ids), change(ids[0], 2, is_private=False)]
    answered = update(tenant.agent, rows)
    assert outcomes(answered) == [*["done"] * 4, "failed"]
    assert answered["items"][4]["problem"]["code"] == "CONFLICT"


def test_of_changes_at_once_that_read_the_same_revision_one_wins(tenant: Tenant, sql: Sql) -> None:
    ids = create(tenant.agent, [row() for _ in range(20)])

    codes = at_once(
        4,
        lambda _: (
            tenant.agent.request(
                "POST",
                "/v1/resources/bulk/update",
                {"resources": [change(row_id) for row_id in ids]},
            ).status_code
        ),
    )
    assert sorted(codes) == [200, 409, 409, 409]
    as_any(sql)
    assert count(sql, "library.resources WHERE revision = 2") == 20


def test_changes_in_opposite_orders_do_not_wait_for_each_other_in_turn(
    tenant: Tenant, sql: Sql, no_deadlocks: None
) -> None:
    ids = create(tenant.agent, [row() for _ in range(200)])
    barrier = threading.Barrier(4)

    def send(turn: int) -> None:
        order = ids if turn % 2 else ids[::-1]
        for _ in range(5):
            barrier.wait(60)
            rows = [change(row_id, 10**6) for row_id in order]
            update(tenant.agent, rows, expect=409)  # it locks them all the same
            answered = tenant.agent.request(
                "POST",
                "/v1/resources/bulk/update",
                {"resources": [change(row_id, is_private=bool(turn % 2)) for row_id in order]},
            )
            assert answered.status_code in (200, 409)

    at_once(4, send)


# Deleted and restored ------------------------------------------------------------------------------


def delete(api: Client, *ids: str, expect: int = 200, **body: Any) -> Any:
    return api.post("/v1/resources/bulk/delete", body or {"ids": [*ids]}, expect=expect)


def restore(api: Client, *ids: str, expect: int = 200, **body: Any) -> Any:
    return api.post("/v1/resources/bulk/restore", body or {"ids": [*ids]}, expect=expect)


def test_deleting_cancels_the_runs_of_these_resources_and_counts_exactly(
    tenant: Tenant, sql: Sql
) -> None:
    first, second, other = create(tenant.agent, [row() for _ in range(3)])
    theirs = tenant.users["agent2"]
    runs = make_runs(sql, tenant, first, theirs, "scheduled", "in_progress", "paused")
    over = make_runs(sql, tenant, second, theirs, "failed", "in_progress")
    [untouched] = make_runs(sql, tenant, other, theirs, "in_progress")
    sql.execute("UPDATE library.runs SET status = 'cancelled' WHERE id = %s", [over[1]])
    sql.commit()
    answered = delete(tenant.agent, first, second)
    assert (answered["deleted_count"], answered["cancelled_runs"]) == (2, 3)
    assert outcomes(answered) == ["done", "done"]
    as_any(sql)
    assert count(sql, "library.runs WHERE id = ANY(%s) AND status = 'cancelled'", runs) == 3
    assert count(sql, "library.runs WHERE id = ANY(%s) AND completed_at IS NOT NULL", runs) == 3
    assert count(sql, "library.runs WHERE id = %s AND status = 'in_progress'", untouched) == 1
    # Again, there is nothing to do.
    answered = delete(tenant.agent, first, second)
    assert (answered["deleted_count"], answered["cancelled_runs"]) == (0, 0)
    assert outcomes(answered) == ["skipped", "skipped"]


PERIODS = {"hourly", "daily", "weekly", "monthly", "yearly"}


def test_deletions_count_for_who_deletes_and_for_the_owning_team_in_every_period(
    tenant: Tenant, sql: Sql
) -> None:
    user = tenant.users["agent"]
    team = make_team(
        sql, tenant, tenant.users["admin"], agent=["write-resources", "delete-resources"]
    )
    ids = create(tenant.agent, [row(), row(), row(owned_by_team_id=team)])
    assert delete(tenant.agent, *ids)["deleted_count"] == 3
    [more] = create(tenant.agent, [row(owned_by_team_id=team)])
    delete(tenant.agent, more)
    as_any(sql)
    of_user = sql.execute(
        "SELECT period_type, sum(resources_deleted)::integer AS n FROM identity.user_stats"
        " WHERE user_id = %s GROUP BY period_type",
        [user],
    ).fetchall()
    of_team = sql.execute(
        "SELECT period_type, sum(resources_deleted)::integer AS n FROM identity.team_stats"
        " WHERE team_id = %s GROUP BY period_type",
        [team],
    ).fetchall()
    assert {found["period_type"]: found["n"] for found in of_user} == dict.fromkeys(PERIODS, 4)
    assert {found["period_type"]: found["n"] for found in of_team} == dict.fromkeys(PERIODS, 2)


def test_what_is_not_ones_own_is_told_and_stays(tenant: Tenant, sql: Sql) -> None:
    team = make_team(sql, tenant, tenant.users["admin"], agent=["write-resources"])
    [mine] = create(tenant.agent, [row()])
    others, hidden = create(tenant.acting("agent2"), [row(), row(is_private=True)])
    [of_team] = create(tenant.agent, [row(owned_by_team_id=team)])
    answered = delete(tenant.agent, others, mine, hidden, of_team)
    assert outcomes(answered) == ["failed", "done", "failed", "failed"]
    codes = [item["problem"] and item["problem"]["code"] for item in answered["items"]]
    assert codes == ["FORBIDDEN", None, "NOT_FOUND", "FORBIDDEN"]
    assert answered["deleted_count"] == 1
    as_any(sql)
    assert count(sql, "library.resources WHERE NOT is_deleted") == 3
    # Who manages the library deletes and restores anybody's.
    assert delete(tenant.acting("admin"), others, hidden)["deleted_count"] == 2
    assert restore(tenant.acting("admin"), others, hidden)["restored_count"] == 2


def test_what_matches_a_filter_is_deleted_if_it_is_as_much_as_expected(
    tenant: Tenant, sql: Sql
) -> None:
    ids = create(tenant.agent, [row() for _ in range(120)])
    create(tenant.agent, [{**row(), "resource_type": "Api"}])
    create(tenant.acting("agent2"), [row()])
    chosen = {"owned_by_user_id": tenant.users["agent"], "resource_type": "Routine"}
    problem = delete(tenant.agent, expect=409, filter=chosen, expected=119)
    assert (problem["code"], problem["matches"]) == ("CONFLICT", 120)
    as_any(sql)
    assert count(sql, "library.resources WHERE is_deleted") == 0
    answered = delete(tenant.agent, filter=chosen, expected=120)
    assert answered["deleted_count"] == 120
    assert [item["id"] for item in answered["items"]] == sorted(ids)
    assert count(sql, "library.resources WHERE is_deleted") == 120
    assert restore(tenant.agent, filter=chosen, expected=120)["restored_count"] == 120


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filter": {"owned_by_user_id": str(uuid4())}},
        {"expected": 1, "ids": [str(uuid4())]},
        {"filter": {"resource_type": "Api"}, "expected": 1},
        {"ids": [str(uuid4())] * 1001},
    ],
)
def test_what_is_chosen_must_be_clear(tenant: Tenant, body: dict[str, Any]) -> None:
    tenant.agent.post("/v1/resources/bulk/delete", body, expect=400)


def test_a_deleted_resource_is_restored_and_its_runs_stay_cancelled(
    tenant: Tenant, sql: Sql
) -> None:
    first, second = create(tenant.agent, [row(), row()])
    [run] = make_runs(sql, tenant, first, tenant.users["agent"], "scheduled")
    delete(tenant.agent, first)
    answered = restore(tenant.agent, first, second, new_id())
    assert outcomes(answered) == ["done", "skipped", "failed"]
    assert answered["restored_count"] == 1
    as_any(sql)
    live = "library.resources WHERE deleted_at IS NULL AND deleted_by_id IS NULL"
    assert count(sql, live) == 2
    assert count(sql, "library.runs WHERE id = %s AND status = 'cancelled'", run) == 1


def test_plain_sql_deletes_with_the_same_consequences(tenant: Tenant, sql: Sql) -> None:
    [mine, others] = create(tenant.agent, [row(), row()])
    [run] = make_runs(sql, tenant, mine, tenant.users["agent2"], "in_progress")
    delete = "UPDATE library.resources SET deleted_at = now(), deleted_by_id = %s WHERE id = %s"
    as_any(sql, tenant.users["agent"])
    sql.execute(delete, [tenant.users["agent"], mine])
    sql.commit()
    as_any(sql, tenant.users["agent2"])
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(delete, [tenant.users["agent2"], others])
    assert refused.value.sqlstate == "DR003"
    sql.rollback()
    as_any(sql)
    assert count(sql, "library.runs WHERE id = %s AND status = 'cancelled'", run) == 1
    stats = "identity.user_stats WHERE user_id = %s AND resources_deleted = 1"
    assert count(sql, stats, tenant.users["agent"]) == 5


def test_of_the_deleted_resources_of_others_nothing_is_told(tenant: Tenant) -> None:
    [gone] = create(tenant.agent, [row()])
    delete(tenant.agent, gone)
    other, agent = tenant.acting("agent2"), tenant.users["agent"]
    for answered in (delete(other, gone), restore(other, gone)):
        assert answered["items"][0]["problem"]["code"] == "NOT_FOUND"
    assert not restore(other, filter={"owned_by_user_id": agent}, expected=0)["items"]
    assert restore(tenant.agent, filter={"owned_by_user_id": agent}, expected=1)["restored_count"]


def test_a_deletion_of_many_and_a_change_of_their_runs_do_not_wait_for_each_other_in_turn(
    tenant: Tenant, sql: Sql, no_deadlocks: None
) -> None:
    made = create(tenant.agent, [row(), row()])
    [_, run] = [make_runs(sql, tenant, one, tenant.users["agent2"], "scheduled")[0] for one in made]
    as_any(sql)
    lock = "SELECT FROM library.runs WHERE tenant_id = %s AND id = %s FOR UPDATE"
    sql.execute(lock, [tenant.id, run])
    with ThreadPoolExecutor(1) as pool:
        deleting = pool.submit(delete, tenant.agent, *made)
        wait_until(lambda: sql.execute(BLOCKED, [tenant.id]).fetchall())
        sql.execute("UPDATE library.runs SET status = 'in_progress' WHERE id = %s", [run])
        sql.commit()
        assert deleting.result()["cancelled_runs"] == 2
