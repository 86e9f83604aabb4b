"""Self-critiques and scoring adjustments: compared by the database, applied once, reverted by a new row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, GeneratedAlways, InsufficientPrivilege

from tests.client import Client, Tenant, at_once
from tests.studio.helpers import concept_of, criticize, feedback
from tests.writer import violated

Sql = psycopg.Connection[Any]


def critique(api: Client, predicted: float, rate: float, **fields: Any) -> Any:
    """A critique of a new concept, with a prediction and an engagement rate in percent."""
    concept_id = concept_of(api, virality={"tiktok": predicted})
    views = 10_000
    likes, shares = min(views, round(rate * 100)), max(0, round(rate * 100) - views)
    told = feedback(api, concept_id, views=views, likes=likes, shares=shares)
    assert told["engagement_rate"] == rate
    return criticize(api, told, **fields)


def adjustments(api: Client) -> Any:
    return api.get("/v1/scoring-adjustments")["items"]


def weight(api: Client, at: str | None = None, **about: str) -> float:
    params = {"at": at, "type": about.pop("type", "category-weight")}
    about = {"category": "tech", "platform": "tiktok", **about}
    found = api.get("/v1/scoring-weights", params={k: v for k, v in params.items() if v})["items"]
    [row] = [row for row in found if about.items() <= row.items()]
    value: float = row["weight"]
    return value


# Scores --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "score"),
    [
        (0, 10),
        (0.01, 10.15),
        (1, 25),
        (2, 40),
        (2.01, 40.1),
        (5, 70),
        (7.5, 80),
        (10, 90),
        (12.5, 95),
        (14.99, 99.98),
        (15, 100),
        (15.01, 100),
        (200, 100),
    ],
)
def test_an_engagement_rate_is_a_score_on_a_line(sql: Sql, rate: float, score: float) -> None:
    row = sql.execute("SELECT studio.virality_score(%s) AS score", [str(rate)]).fetchone()
    assert row is not None
    assert float(row["score"]) == score


@pytest.mark.parametrize(
    ("predicted", "rate", "gap", "percent", "direction"),
    [
        (80, 2, 40, 50, "over-predicted"),
        (50, 2, 10, 20, "accurate"),
        (50.1, 2, 10.1, 20.16, "over-predicted"),
        (40, 2, 0, 0, "accurate"),
        (75, 10, -15, -20, "accurate"),
        (74, 10, -16, -21.62, "under-predicted"),
        (100, 6.65, 23.4, 23.4, "over-predicted"),
        # To be rounded this would be 20 percent.
        (100, 7.4, 20.4, 20.4, "over-predicted"),
        (0, 0, -10, None, "under-predicted"),
        (5e-324, 0, -10, None, "under-predicted"),
    ],
)
def test_the_database_compares(
    api: Client, predicted: float, rate: float, gap: float, percent: float | None, direction: str
) -> None:
    made = critique(api, predicted, rate)
    assert (made["predicted_score"], made["engagement_rate"]) == (predicted, rate)
    assert (made["gap"], made["direction"]) == (gap, direction)
    assert made["gap_percent"] == (percent and pytest.approx(percent, abs=0.005))
    assert (made["category"], made["platform"]) == ("tech", "tiktok")
    assert (made["applied_at"], made["is_outdated"], made["revision"]) == (None, False, 1)
    assert api.get(f"/v1/critiques/{made['id']}") == made
    assert api.get(f"/v1/concepts/{made['concept_id']}/critique") == made


def test_the_database_compares_for_every_writer(api: Client, sql: Sql, tenant: Tenant) -> None:
    concept_id = concept_of(api)
    told = feedback(api, concept_id)
    of_another = feedback(api, concept_of(api))
    of_shorts = feedback(api, concept_id, platform="youtube-shorts")
    insert = (
        "INSERT INTO studio.self_critiques (tenant_id, concept_id, feedback_id, critique,"
        " adjustment_plan, confidence, predicted_score, engagement_rate, applied_at)"
        " VALUES (%s, %s, %s, 'c', 'a', 'high', 40, 2, now())"
        " RETURNING predicted_score, actual_score, applied_at"
    )
    for wrong, constraint in (
        (of_another, "self_critiques_feedback_check"),
        (of_shorts, "self_critiques_predicted_score_check"),
    ):
        with pytest.raises(CheckViolation) as refused, sql.transaction():
            sql.execute(insert, [tenant.id, concept_id, wrong["id"]])
        assert violated(refused.value) == constraint
        again = criticize(api, {**wrong, "concept_id": concept_id}, expect=400)
        assert list(again["errors"]) == ["feedback_id"]
    row = sql.execute(insert, [tenant.id, concept_id, told["id"]]).fetchone()
    assert row == {"predicted_score": 80, "actual_score": 40, "applied_at": None}
    sql.commit()
    for column in ("predicted_score", "engagement_rate", "category", "platform", "applied_at"):
        with pytest.raises(InsufficientPrivilege), sql.transaction():
            sql.execute(f"UPDATE studio.self_critiques SET {column} = NULL".encode())
    with pytest.raises(GeneratedAlways):
        sql.execute("UPDATE studio.self_critiques SET direction = 'accurate'")
    # Of high confidence and half off: applied by itself.
    sql.rollback()
    [adjustment] = adjustments(api)
    assert (adjustment["new_value"], weight(api)) == (0.8, 0.8)
    assert api.get(f"/v1/concepts/{concept_id}/critique")["applied_at"] == adjustment["applied_at"]


# Once, and anew ------------------------------------------------------------------------------------


def test_a_concept_has_one_critique_however_many_make_it(api: Client) -> None:
    told = feedback(api, concept_of(api))
    made = at_once(8, lambda n: criticize(api, told, critique=f"No. {n}", confidence="high"))
    assert len({one["id"] for one in made}) == 1
    assert sorted(one["revision"] for one in made) == list(range(2, 10))
    assert len(api.get("/v1/critiques")["items"]) == len(adjustments(api)) == 1


def test_a_critique_is_made_anew_when_its_feedback_changes(api: Client) -> None:
    concept_id = concept_of(api)
    told = feedback(api, concept_id)
    made = criticize(api, told, confidence="high")
    assert made["applied_at"]
    path = f"/v1/concepts/{concept_id}/critique"
    # Other words about the same numbers: it stays applied.
    again = criticize(api, told, confidence="high", critique="It rained.")
    assert (again["applied_at"], again["id"]) == (made["applied_at"], made["id"])
    assert len(adjustments(api)) == 1
    # Another platform is another matter.
    feedback(api, concept_id, platform="youtube-shorts")
    assert not api.get(path)["is_outdated"]

    api.patch(f"/v1/performance-feedback/{told['id']}", {"likes": 50})
    outdated = api.get(path)
    assert (outdated["is_outdated"], outdated["actual_score"]) == (True, 40)
    anew = criticize(api, told)
    assert (anew["is_outdated"], anew["actual_score"], anew["applied_at"]) == (False, 70, None)
    later = feedback(api, concept_id, likes=100)
    assert api.get(path)["is_outdated"]
    anew = criticize(api, later)
    assert (anew["is_outdated"], anew["actual_score"]) == (False, 90)
    assert (anew["id"], len(adjustments(api))) == (made["id"], 1)


def test_a_critique_is_replaced_by_its_revision(api: Client) -> None:
    told = feedback(api, concept_of(api))
    path = f"/v1/concepts/{told['concept_id']}/critique"
    body = {
        "feedback_id": told["id"],
        "critique": "c",
        "adjustment_plan": "a",
        "confidence": "low",
    }
    api.put(path, body, expect=404, headers={"If-Match": '"1"'})
    made = api.put(path, body)
    body["critique"] = "d"
    made = api.put(path, body, headers={"If-Match": f'"{made["revision"]}"'})
    api.put(path, body, expect=412, headers={"If-Match": '"1"'})
    assert api.get(path) == made
    missing = "/v1/concepts/01980000-0000-7000-8000-000000000000/critique"
    api.put(missing, body, expect=404)
    api.get(missing, expect=404)
    for field, wrong in (
        ("confidence", "sure"),
        ("critique", " "),
        ("hypothesized_reasons", ["r"] * 21),
        ("scoring_issues", [""]),
        ("gap", 5),
    ):
        assert list(api.put(path, {**body, field: wrong}, expect=400)["errors"]) == [field]


def test_critiques_are_listed(api: Client) -> None:
    high = critique(api, 80, 2, confidence="high")
    low = critique(api, 40, 2, confidence="low")

    def ids(path: str = "/v1/critiques", **params: Any) -> list[str]:
        return [item["id"] for item in api.all(path, **params)]

    for limit in (1, 100):
        assert ids(limit=limit) == [low["id"], high["id"]]
        assert ids(limit=limit, confidence="high") == [high["id"]]
        assert ids("/v1/critiques/unapplied", limit=limit) == [low["id"]]


# Applied -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("predicted", "rate", "value"),
    [
        (80, 2, 0.8),  # 40 points, 50 percent
        (100, 4, 0.85),  # 40 points, 40 percent: not above 40
        (90, 4, 0.85),  # 30 points, 33 percent
        (100, 7.4, 0.9),  # 20.4 points and percent: lower, though it might be rounded to 20
        (92, 5, 0.9),  # 22 points, 23.9 percent
        (60, 10, 1.2),  # -30 points, -50 percent
        (69, 10, 1.15),  # -21 points, -30.4 percent
        (0, 10, 1.2),
    ],
)
def test_what_is_far_off_and_sure_is_applied(
    api: Client, predicted: float, rate: float, value: float
) -> None:
    made = critique(api, predicted, rate, confidence="high")
    [adjustment] = adjustments(api)
    assert (adjustment["old_value"], adjustment["new_value"]) == (1, value)
    assert adjustment["critique_id"] == made["id"]
    assert adjustment["applied_at"] == made["applied_at"]
    assert made["direction"] in adjustment["reason"]
    assert weight(api) == value
    assert weight(api, platform="youtube-shorts") == weight(api, category="food") == 1


@pytest.mark.parametrize(
    ("predicted", "rate", "confidence"),
    [
        (60, 2, "high"),  # exactly 20 points, 33 percent
        (50, 2, "high"),  # accurate
        (99.9, 7.5, "high"),  # 19.9 points
        (80, 2, "medium"),
        (80, 2, "low"),
    ],
)
def test_nothing_else_is_applied_by_itself(
    api: Client, predicted: float, rate: float, confidence: str
) -> None:
    made = critique(api, predicted, rate, confidence=confidence)
    assert made["applied_at"] is None
    assert adjustments(api) == []


def test_a_person_applies_what_was_not_once(api: Client) -> None:
    made = critique(api, 80, 2)
    path = f"/v1/critiques/{made['id']}/apply"
    answers = at_once(8, lambda _: api.request("POST", path, {"reason": "I agree."}))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    [adjustment] = adjustments(api)
    assert (adjustment["new_value"], adjustment["reason"]) == (0.8, "I agree.")
    assert api.get(f"/v1/critiques/{made['id']}")["applied_at"] == adjustment["applied_at"]
    refused = api.post(path, {"reason": "Again."}, expect=409)
    assert refused["detail"] == "the critique is applied already"
    accurate = critique(api, 50, 2)
    refused = api.post(f"/v1/critiques/{accurate['id']}/apply", {"reason": "Why not."}, expect=409)
    assert "accurate" in refused["detail"]


def test_weights_stay_between_a_half_and_two(api: Client) -> None:
    for _ in range(4):
        critique(api, 80, 2, confidence="high")
    assert [a["new_value"] for a in adjustments(api)] == [0.5, 0.512, 0.64, 0.8]
    assert list(
        api.post(
            "/v1/scoring-adjustments",
            {**MANUAL, "new_value": 2.01},
            expect=400,
        )["errors"]
    ) == ["new_value"]


MANUAL = {
    "category": "tech",
    "platform": "tiktok",
    "type": "hook-effectiveness",
    "new_value": 2,
    "reason": "Hooks work.",
}


def test_adjustments_at_once_build_on_each_other(api: Client, new_tenant: Any) -> None:
    made = [critique(api, 80, 2) for _ in range(3)]
    made += [critique(api, 60, 10) for _ in range(3)]

    def apply(one: dict[str, Any]) -> Any:
        return api.post(f"/v1/critiques/{one['id']}/apply", {"reason": "r"}, expect=201)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(apply, made))
    history = adjustments(api)
    by_time = sorted(history, key=lambda a: a["applied_at"])
    for before, after in zip([{"new_value": 1}, *by_time], by_time, strict=False):
        assert after["old_value"] == before["new_value"]
    assert weight(api) == by_time[-1]["new_value"]


# Reverted ------------------------------------------------------------------------------------------


def test_an_adjustment_is_reverted_by_a_new_row_the_latest_first(api: Client) -> None:
    for _ in range(2):
        critique(api, 80, 2, confidence="high")
    second, first = adjustments(api)
    assert weight(api) == 0.64

    def revert(adjustment: dict[str, Any], expect: int = 201) -> Any:
        path = f"/v1/scoring-adjustments/{adjustment['id']}/revert"
        return api.post(path, {"reason": "It was a holiday."}, expect=expect)

    assert "later adjustment" in revert(first, expect=409)["detail"]
    path = f"/v1/scoring-adjustments/{second['id']}/revert"
    answers = at_once(8, lambda _: api.request("POST", path, {"reason": "r"}))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    [back] = [answer.json() for answer in answers if answer.status_code == 201]
    assert (back["old_value"], back["new_value"], back["reverts_id"]) == (0.64, 0.8, second["id"])
    assert back["critique_id"] == second["critique_id"]
    assert "revert itself" in revert(back, expect=409)["detail"]
    assert revert(first)["new_value"] == 1
    assert weight(api) == 1
    # What was in effect remains known.
    times = [a["applied_at"] for a in sorted(adjustments(api), key=lambda a: a["applied_at"])]
    assert [weight(api, at=at) for at in times] == [0.8, 0.64, 0.8, 1]
    assert weight(api, at="2020-01-01T00:00:00Z") == 1
    critique(api, 80, 2, confidence="high")
    assert weight(api) == 0.8
    assert len(api.all("/v1/scoring-adjustments", limit=2, category="tech")) == 5
    assert api.all("/v1/scoring-adjustments", category="food") == []
    assert api.get(f"/v1/scoring-adjustments/{back['id']}") == back


def test_a_weight_is_set_by_hand(api: Client) -> None:
    made = api.post("/v1/scoring-adjustments", MANUAL, expect=201)
    assert (made["old_value"], made["critique_id"]) == (1, None)
    assert weight(api, type="hook-effectiveness") == 2
    assert weight(api) == 1
    for field, wrong in (("type", "luck"), ("category", "sports"), ("reason", " ")):
        body = {**MANUAL, field: wrong}
        assert list(api.post("/v1/scoring-adjustments", body, expect=400)["errors"]) == [field]


def test_feedback_is_applied_once_however_often_a_critique_is_made_of_it(api: Client) -> None:
    concept = concept_of(api)
    one, other = feedback(api, concept), feedback(api, concept, reported_at="2026-01-01T00:00:00Z")
    applied = [
        criticize(api, report, confidence="high")["applied_at"]
        for report in (one, other, one, other)
    ]
    assert applied[:2] == applied[2:]
    assert len(api.all("/v1/scoring-adjustments")) == 2
    # Corrected, it is other feedback.
    api.patch(f"/v1/performance-feedback/{one['id']}", {"likes": 21})
    criticize(api, one, confidence="high")
    assert len(api.all("/v1/scoring-adjustments")) == 3


def test_no_writer_bends_the_history(api: Client, sql: Sql, tenant: Tenant) -> None:
    critique(api, 80, 2, confidence="high")
    row = sql.execute(
        "WITH made AS (INSERT INTO studio.scoring_adjustments"
        " (tenant_id, category, platform, old_value, new_value, reason, applied_at)"
        " VALUES (%s, 'tech', 'tiktok', 2, 1.5, 'r', '2020-01-01') RETURNING old_value, applied_at)"
        " SELECT old_value, applied_at > now() - interval '1 minute' AS is_now FROM made",
        [tenant.id],
    ).fetchone()
    assert row is not None
    assert (float(row["old_value"]), row["is_now"]) == (0.8, True)
    sql.commit()
    for change in (
        "UPDATE studio.scoring_adjustments SET new_value = 1",
        "DELETE FROM studio.scoring_adjustments",
    ):
        with pytest.raises(InsufficientPrivilege), sql.transaction():
            sql.execute(change.encode())


# Measured ------------------------------------------------------------------------------------------


def test_the_statistics_are_measured(api: Client, owner: Sql) -> None:
    nothing = api.get("/v1/critiques/statistics")
    assert (nothing["critiques"], nothing["average_gap"], nothing["accuracy_rate"]) == (
        0,
        None,
        None,
    )
    critique(api, 80, 2, confidence="high", scoring_issues=["hook", "sound", "hook"])
    critique(api, 60, 10, scoring_issues=["sound"])
    old = critique(api, 45, 2, scoring_issues=["hook", "sound"])
    owner.execute("ALTER TABLE studio.self_critiques DISABLE TRIGGER fixed")
    owner.execute(
        "UPDATE studio.self_critiques SET created_at = now() - interval '8 days' WHERE id = %s",
        [old["id"]],
    )
    owner.execute("ALTER TABLE studio.self_critiques ENABLE TRIGGER fixed")
    assert api.get("/v1/critiques/statistics") == {
        "critiques": 3,
        "recent_critiques": 2,
        "accurate_critiques": 1,
        "average_gap": 25,
        "accuracy_rate": 0.3333,
        "insights": 0,
        "adjustments": 1,
        "top_issue": "sound",
        "top_issue_critiques": 3,
    }


def test_critiques_and_adjustments_are_the_tenants_own(
    api: Client, new_tenant: Callable[[], Tenant]
) -> None:
    made = critique(api, 80, 2, confidence="high")
    [adjustment] = adjustments(api)
    others = new_tenant().service
    others.get(f"/v1/critiques/{made['id']}", expect=404)
    others.get(f"/v1/concepts/{made['concept_id']}/critique", expect=404)
    others.post(f"/v1/critiques/{made['id']}/apply", {"reason": "r"}, expect=404)
    others.get(f"/v1/scoring-adjustments/{adjustment['id']}", expect=404)
    others.post(f"/v1/scoring-adjustments/{adjustment['id']}/revert", {"reason": "r"}, expect=404)
    told = {"id": made["feedback_id"], "concept_id": made["concept_id"]}
    criticize(others, told, expect=404)
    criticize(others, {**told, "concept_id": concept_of(others)}, expect=400)
    assert others.get("/v1/critiques")["items"] == adjustments(others) == []
    assert weight(others) == 1
