"""Episodes, what the ingestion finds out about them, and its steps."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once
from tests.tweets.helpers import episode, etag, events, ids
from tests.writer import violated

DEFAULT_STEPS = ["chunking", "embedding", "summary", "keywords"]
TRANSCRIPT = "What was said in the episode about shipping, word for word."
VECTOR = [0.5, -0.25, 0, 1e-3] * 384


def names(steps: list[dict[str, Any]]) -> list[str]:
    return [step["name"] for step in steps]


def test_an_episode_is_kept_as_it_was_sent(tenant: Tenant, api: Client) -> None:
    body = {
        "title": "How it ships",
        "raw_transcript": TRANSCRIPT,
        "transcript_url": "https://example.com/1.txt?a=b",
        "published_at": "2026-01-02T03:04:05+00:00",
        "steps": ["summary", "chunking"],
    }
    response = tenant.agent.request("POST", "/v1/episodes", body, expect=201)
    made = response.json()
    assert response.headers["ETag"] == '"1"'
    assert (made["title"], made["transcript_url"]) == (body["title"], body["transcript_url"])
    assert made["published_at"] == body["published_at"]
    assert made["created_by_id"] == tenant.users["agent"]
    assert (made["has_transcript"], made["keywords"], made["summary_text"]) == (True, {}, None)
    assert [(step["name"], step["position"], step["status"]) for step in made["steps"]] == [
        ("summary", 1, "pending"),
        ("chunking", 2, "pending"),
    ]
    detail = api.get(f"/v1/episodes/{made['id']}")
    assert detail == {**made, "raw_transcript": TRANSCRIPT, "summary_embedding": None}


def test_what_is_not_told_of_an_episode_is_null(api: Client) -> None:
    made = api.post("/v1/episodes", {"title": "T", "raw_transcript": TRANSCRIPT}, expect=201)
    for name in ("transcript_url", "published_at", "created_by_id", "summary_text"):
        assert made[name] is None
    assert made["steps"] == []


WRONG = [
    ("title", ""),
    ("title", "  "),
    ("title", "x" * 301),
    ("title", None),
    ("raw_transcript", "x" * 49),
    ("raw_transcript", ""),
    ("raw_transcript", " " * 60),
    ("transcript_url", "ftp://example.com/1"),
    ("transcript_url", "javascript:alert(1)"),
    ("transcript_url", "example.com/1"),
    ("transcript_url", "https://example.com/" + "x" * 2048),
    ("published_at", "2026-01-01"),
    ("steps", ["a", "a"]),
    ("steps", ["a b"]),
    ("steps", [""]),
    ("steps", ["x" * 51]),
    ("steps", "chunking"),
    ("steps", [str(n) for n in range(51)]),
    ("created_by_id", str(uuid4())),
    ("keywords", {}),
]


@pytest.mark.parametrize(
    ("field", "value"), WRONG, ids=[f"{name}-{n}" for n, (name, _) in enumerate(WRONG)]
)
def test_a_wrong_episode_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    body = {"title": "T", "transcript_url": "https://example.com/1.txt", field: value}
    assert list(api.post("/v1/episodes", body, expect=400)["errors"]) == [field]
    assert api.all("/v1/episodes") == []


def test_an_episode_needs_a_transcript_or_where_it_is(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    for body in ({}, {"raw_transcript": None, "transcript_url": None}):
        refused = api.post("/v1/episodes", {"title": "T", **body}, expect=400)
        assert list(refused["errors"]) == ["raw_transcript"]
    with pytest.raises(psycopg.errors.CheckViolation) as raised:
        sql.execute("INSERT INTO tweets.episodes (tenant_id, title) VALUES (%s, 'T')", [tenant.id])
    assert violated(raised.value) == "episodes_transcript_check"


def test_a_long_transcript_is_kept_and_one_over_a_megabyte_is_refused(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    transcript = "word " * 180_000
    made = episode(api, raw_transcript=transcript, transcript_url=None)
    assert api.get(f"/v1/episodes/{made['id']}")["raw_transcript"] == transcript
    api.post("/v1/episodes", {"title": "T", "raw_transcript": "x" * 1_048_577}, expect=413)
    insert = "INSERT INTO tweets.episodes (tenant_id, title, raw_transcript) VALUES (%s, 'T', %s)"
    sql.execute(insert, [tenant.id, "x" * 1_048_576])
    with pytest.raises(psycopg.errors.CheckViolation) as raised:
        sql.execute(insert, [tenant.id, "x" * 1_048_577])
    assert violated(raised.value) == "episodes_raw_transcript_check"


def test_episodes_are_listed_newest_first_without_what_is_long(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    one = episode(api, raw_transcript=TRANSCRIPT)
    two = episode(api, steps=["summary"])
    found = api.all("/v1/episodes")
    assert found == [{k: v for k, v in made.items() if k != "steps"} for made in (two, one)]
    assert [item["has_transcript"] for item in found] == [False, True]
    sql.execute(
        "INSERT INTO tweets.episodes (tenant_id, title, transcript_url, created_at)"
        " SELECT %s, 'T', 'http://example.com', '2026-01-01' FROM generate_series(1, 250)"
        " RETURNING id",
        [tenant.id],
    )
    sql.commit()
    listed = ids(api.all("/v1/episodes", limit=7))
    assert len(listed) == len(set(listed)) == 252
    assert listed[2:] == sorted(listed[2:], reverse=True)
    for params in ({"cursor": "x"}, {"limit": "x"}, {"status": "x"}):
        api.get("/v1/episodes", expect=400, params=params)


def test_another_tenants_episode_is_not_there(new_tenant: Callable[[], Tenant]) -> None:
    mine, other = new_tenant().service, new_tenant().service
    path = f"/v1/episodes/{episode(other, steps=DEFAULT_STEPS)['id']}"
    assert mine.all("/v1/episodes") == []
    for where in (path, f"/v1/episodes/{uuid4()}"):
        mine.get(where, expect=404)
        mine.patch(f"{where}/summary", {"summary_text": "Mine"}, expect=404)
        mine.patch(f"{where}/summary", {"summary_text": "Mine"}, expect=404, headers=etag(1))
        mine.post(f"{where}/steps", {"names": ["mine"]}, expect=404)
        mine.post(f"{where}/steps/summary/start", expect=404)
        mine.post(f"{where}/steps/summary/finish", {"ok": True}, expect=404)
        mine.post(f"{where}/steps/summary/retry", expect=404)
    found = other.get(path)
    assert names(found["steps"]) == DEFAULT_STEPS
    assert {step["revision"] for step in found["steps"]} == {found["revision"]} == {1}


def test_episodes_need_their_scopes(tenant: Tenant, api: Client) -> None:
    body = {"name": "k", "scopes": ["episodes:read"]}
    reader = Client(api.url, api.post("/v1/api-keys", body)["key"])
    path = f"/v1/episodes/{episode(api)['id']}"
    reader.get(path)
    for where, sent in (
        ("/v1/episodes", {"title": "T", "raw_transcript": TRANSCRIPT}),
        (f"{path}/steps", {}),
        (f"{path}/steps/summary/start", None),
        (f"{path}/steps/summary/finish", {"ok": True}),
        (f"{path}/steps/summary/retry", None),
    ):
        reader.post(where, sent, expect=403)
    reader.patch(f"{path}/summary", {}, expect=403)
    tenant.acting("viewer").post(f"{path}/steps", {}, expect=403)
    tenant.acting("viewer").get(path)
    writer = Client(
        api.url, api.post("/v1/api-keys", {**body, "scopes": ["episodes:write"]})["key"]
    )
    writer.get("/v1/episodes", expect=403)
    writer.get(path, expect=403)


# Summary ---------------------------------------------------------------------------------------------


def test_summary_keywords_and_embedding_are_set_and_what_is_not_named_stays(
    api: Client, sql: psycopg.Connection[Any]
) -> None:
    made = episode(api)
    path = f"/v1/episodes/{made['id']}"
    first = {
        "summary_text": "About shipping.",
        "keywords": {"list": ["shipping"], "meta": {"model": "m"}, "weights": [0.5]},
        "summary_embedding": VECTOR,
    }
    changed = api.patch(f"{path}/summary", first)
    assert changed["revision"] == 2
    assert changed["keywords"] == first["keywords"]
    second = {"summary_text": "About hoses.", "keywords": {"list": ["hose", "shipping"]}}
    changed = api.patch(f"{path}/summary", second)
    assert changed["summary_text"] == "About hoses."
    assert changed["keywords"] == {**first["keywords"], "list": ["hose", "shipping"]}
    assert api.get(path)["summary_embedding"] == VECTOR
    assert api.patch(f"{path}/summary", {}) == changed
    assert api.patch(f"{path}/summary", {"summary_embedding": None}) == changed
    assert api.patch(f"{path}/summary", {"keywords": {}}) == changed
    assert api.patch(f"{path}/summary", second) == changed
    logged = events(sql, made["id"])
    assert [action for action, _ in logged] == ["INSERT", "UPDATE", "UPDATE"]
    assert logged[1][1]["summary_embedding"] == ["masked", "masked"]
    assert logged[2][1]["summary_text"] == ["masked", "masked"]
    assert "summary_embedding" not in logged[2][1]


def test_a_summary_needs_the_present_revision(api: Client) -> None:
    path = f"/v1/episodes/{episode(api)['id']}/summary"
    response = api.request("PATCH", path, {"summary_text": "One"}, expect=200, headers=etag(1))
    assert response.headers["ETag"] == '"2"'
    stale = api.patch(path, {"summary_text": "Two"}, expect=412, headers=etag(1))
    assert stale["code"] == "STALE"

    def change(n: int) -> int:
        body = {"summary_text": f"Summary {n}"}
        return api.request("PATCH", path, body, headers=etag(2)).status_code

    assert sorted(at_once(10, change)) == [200] + [412] * 9


def test_keys_that_are_set_at_once_are_all_kept(api: Client) -> None:
    path = f"/v1/episodes/{episode(api)['id']}"
    at_once(50, lambda n: api.patch(f"{path}/summary", {"keywords": {f"key_{n}": n}}))
    assert api.get(path)["keywords"] == {f"key_{n}": n for n in range(50)}


WRONG_SUMMARIES = [
    ("summary_text", ""),
    ("summary_text", " "),
    ("summary_text", None),
    ("summary_text", "ü" * 20000),
    ("keywords", ["shipping"]),
    ("keywords", {"list": "shipping"}),
    ("keywords", {"list": [1]}),
    ("keywords", {"list": [""]}),
    ("keywords", {"meta": "x" * 65536}),
    ("keywords", None),
    ("summary_embedding", VECTOR[:-1]),
    ("summary_embedding", [*VECTOR, 1]),
    ("summary_embedding", []),
    ("summary_embedding", [None, *VECTOR[1:]]),
    ("summary_embedding", ["x", *VECTOR[1:]]),
    ("summary_embedding", [1e39, *VECTOR[1:]]),
    ("title", "x"),
]


@pytest.mark.parametrize(
    ("field", "value"),
    WRONG_SUMMARIES,
    ids=[f"{name}-{n}" for n, (name, _) in enumerate(WRONG_SUMMARIES)],
)
def test_a_wrong_summary_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    path = f"/v1/episodes/{episode(api)['id']}"
    assert list(api.patch(f"{path}/summary", {field: value}, expect=400)["errors"]) == [field]
    assert api.get(path)["revision"] == 1


@pytest.mark.parametrize(
    "embedding",
    [
        "array_fill(0::real, ARRAY[1535])",
        "array_fill(0::real, ARRAY[1537])",
        "array_fill(NULL::real, ARRAY[1536])",
        "array_fill('NaN'::real, ARRAY[1536])",
        "'{}'",
    ],
)
def test_the_database_refuses_an_embedding_that_is_none(
    api: Client, sql: psycopg.Connection[Any], embedding: str
) -> None:
    made = episode(api)
    with pytest.raises(psycopg.errors.CheckViolation) as raised:
        sql.execute(
            f"UPDATE tweets.episodes SET summary_embedding = {embedding} WHERE id = %s".encode(),
            [made["id"]],
        )
    assert violated(raised.value) == "episodes_summary_embedding_check"


# Steps -----------------------------------------------------------------------------------------------


def test_steps_are_added_once_and_in_order(api: Client, sql: psycopg.Connection[Any]) -> None:
    path = f"/v1/episodes/{episode(api, steps=['embedding'])['id']}"
    api.post(f"{path}/steps/embedding/start")
    added = api.post(f"{path}/steps", {}, expect=200)["items"]
    assert names(added) == ["embedding", "chunking", "summary", "keywords"]
    assert [step["position"] for step in added] == [1, 2, 3, 4]
    assert [step["status"] for step in added] == ["running", "pending", "pending", "pending"]
    assert api.post(f"{path}/steps", {})["items"] == added
    more = api.post(f"{path}/steps", {"names": ["keywords", "Z_9", "embedding", "a"]})["items"]
    assert more[:4] == added
    assert names(more[4:]) == ["Z_9", "a"]
    assert api.get(path)["steps"] == more
    assert api.post(f"{path}/steps", {"names": []})["items"] == more
    for step in more[1:]:
        assert [action for action, _ in events(sql, step["id"])] == ["INSERT"]


def test_steps_that_are_added_at_once_are_each_there_once(api: Client) -> None:
    path = f"/v1/episodes/{episode(api)['id']}"
    answers = at_once(50, lambda n: api.post(f"{path}/steps", {"names": ["same", f"own_{n}"]}))
    steps = api.get(path)["steps"]
    assert sorted(names(steps)) == sorted(["same", *(f"own_{n}" for n in range(50))])
    assert [step["position"] for step in steps] == list(range(1, 52))
    # Each saw those before, and its own.
    for n, answer in enumerate(answers):
        items = answer["items"]
        assert items == steps[: len(items)]
        assert f"own_{n}" in names(items)


@pytest.mark.parametrize("wrong", [["a", "a"], ["a-b"], ["é"], [""], ["x" * 51], [1], "a", None])
def test_wrong_names_of_steps_are_refused(api: Client, wrong: Any) -> None:
    path = f"/v1/episodes/{episode(api)['id']}"
    assert list(api.post(f"{path}/steps", {"names": wrong}, expect=400)["errors"]) == ["names"]
    assert api.get(path)["steps"] == []


def test_an_episode_has_a_hundred_steps_at_most(api: Client) -> None:
    path = f"/v1/episodes/{episode(api)['id']}"
    for n in range(2):
        api.post(f"{path}/steps", {"names": [f"s_{n}_{k}" for k in range(50)]})
    refused = api.post(f"{path}/steps", {"names": ["one_more"]}, expect=400)
    assert list(refused["errors"]) == ["position"]
    assert len(api.get(path)["steps"]) == 100


def step_in(api: Client, status: str) -> tuple[str, Any]:
    """The path of a step that came to this status, and the step."""
    made = episode(api, steps=["summary", "keywords"])
    path = f"/v1/episodes/{made['id']}/steps/summary"
    step = made["steps"][0]
    if status != "pending":
        step = api.post(f"{path}/start")
    if status in ("success", "failed"):
        error = None if status == "success" else "timeout"
        step = api.post(f"{path}/finish", {"ok": status == "success", "error": error})
    assert step["status"] == status
    return path, step


def test_a_step_runs_succeeds_and_stays_so(api: Client, sql: psycopg.Connection[Any]) -> None:
    path, pending = step_in(api, "pending")
    assert (pending["started_at"], pending["finished_at"], pending["attempts"]) == (None, None, 0)
    running = api.post(f"{path}/start")
    assert (running["status"], running["attempts"], running["error"]) == ("running", 1, None)
    assert running["started_at"]
    assert running["finished_at"] is None
    done = api.post(f"{path}/finish", {"ok": True})
    assert (done["status"], done["error"]) == ("success", None)
    assert done["started_at"] == running["started_at"]
    assert done["finished_at"] >= done["started_at"]
    assert [changes["status"] for _, changes in events(sql, done["id"])] == [
        [None, "pending"],
        ["pending", "running"],
        ["running", "success"],
    ]


def test_a_step_that_failed_begins_anew_without_its_error(api: Client) -> None:
    path, failed = step_in(api, "failed")
    assert failed["error"] == "timeout"
    assert failed["finished_at"]
    again = api.post(f"{path}/start")
    assert (again["status"], again["attempts"]) == ("running", 2)
    assert (again["error"], again["finished_at"]) == (None, None)
    assert again["started_at"] > failed["started_at"]
    api.post(f"{path}/finish", {"ok": False, "error": "again"})
    waiting = api.post(f"{path}/retry")
    assert (waiting["status"], waiting["attempts"]) == ("pending", 2)
    for name in ("error", "started_at", "finished_at"):
        assert waiting[name] is None


CALLS: dict[str, Any] = {
    "start": None,
    "finish": {"ok": True},
    "retry": None,
}
FROM = {"start": ("pending", "failed"), "finish": ("running",), "retry": ("failed",)}


@pytest.mark.parametrize(
    ("call", "status"), list(product(CALLS, ["pending", "running", "success", "failed"]))
)
def test_a_step_takes_only_the_changes_that_there_are(api: Client, call: str, status: str) -> None:
    path, step = step_in(api, status)
    if status in FROM[call]:
        assert api.post(f"{path}/{call}", CALLS[call])["revision"] == step["revision"] + 1
    else:
        refused = api.post(f"{path}/{call}", CALLS[call], expect=409)
        assert (refused["code"], refused["current"]) == ("CONFLICT", step)
    stale = api.post(f"{path}/{call}", CALLS[call], expect=412, headers=etag(99))
    assert stale["code"] == "STALE"


@pytest.mark.parametrize("call", CALLS)
def test_a_step_that_is_not_there_is_not_found(api: Client, call: str) -> None:
    path = f"/v1/episodes/{episode(api, steps=['summary'])['id']}/steps"
    for name in ("keywords", "Summary", "x" * 500, "%20"):
        api.post(f"{path}/{name}/{call}", CALLS[call], expect=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ok": False}, "error"),
        ({"ok": False, "error": None}, "error"),
        ({"ok": False, "error": ""}, "error"),
        ({"ok": False, "error": " "}, "error"),
        ({"ok": False, "error": "x" * 8193}, "error"),
        ({"ok": True, "error": "x"}, "error"),
        ({}, "ok"),
        ({"ok": "yes"}, "ok"),
        ({"ok": None}, "ok"),
        ({"ok": True, "status": "success"}, "status"),
    ],
    ids=range(10),
)
def test_a_wrong_report_is_refused_by_name(api: Client, body: dict[str, Any], field: str) -> None:
    path, _ = step_in(api, "running")
    assert list(api.post(f"{path}/finish", body, expect=400)["errors"]) == [field]
    assert api.post(f"{path}/finish", {"ok": True})["status"] == "success"


def test_of_starts_at_once_one_is_made_and_only_that_one_can_report(api: Client) -> None:
    path, _ = step_in(api, "pending")
    answers = at_once(50, lambda n: api.request("POST", f"{path}/start"))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    [started] = [answer for answer in answers if answer.ok]
    mine = {"If-Match": started.headers["ETag"]}
    api.post(f"{path}/finish", {"ok": False, "error": "reset"})
    api.post(f"{path}/start")
    api.post(f"{path}/finish", {"ok": True}, expect=412, headers=mine)
    assert api.post(f"{path}/finish", {"ok": True})["attempts"] == 2


def test_of_reports_at_once_one_counts(api: Client) -> None:
    path, _ = step_in(api, "running")

    def finish(n: int) -> int:
        body = {"ok": True} if n % 2 else {"ok": False, "error": f"error {n}"}
        return api.request("POST", f"{path}/finish", body).status_code

    assert sorted(at_once(50, finish)) == [200] + [409] * 49


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("status = 'running'", "ingestion_steps_started_check"),
        ("started_at = now()", "ingestion_steps_started_check"),
        ("finished_at = now()", "ingestion_steps_finished_check"),
        ("error = 'x'", "ingestion_steps_error_check"),
        ("attempts = -1", "ingestion_steps_attempts_check"),
    ],
)
def test_the_database_keeps_a_step_in_itself_consistent(
    api: Client, sql: psycopg.Connection[Any], change: str, constraint: str
) -> None:
    _, step = step_in(api, "pending")
    with pytest.raises(psycopg.errors.IntegrityError) as raised:
        sql.execute(
            f"UPDATE tweets.ingestion_steps SET {change} WHERE id = %s".encode(), [step["id"]]
        )
    assert violated(raised.value) == constraint


@pytest.mark.parametrize(
    ("name", "position", "constraint"),
    [
        ("other", 0, "ingestion_steps_position_check"),
        ("a b", 3, "ingestion_steps_name_check"),
        ("two", 3, "ingestion_steps_name_key"),
        ("other", 2, "ingestion_steps_position_key"),
    ],
)
def test_another_writer_adds_no_step_in_the_place_of_another(
    tenant: Tenant, sql: psycopg.Connection[Any], name: str, position: int, constraint: str
) -> None:
    made = episode(tenant.service, steps=["one", "two"])
    with pytest.raises(psycopg.errors.IntegrityError) as raised:
        sql.execute(
            "INSERT INTO tweets.ingestion_steps (tenant_id, episode_id, name, position)"
            " VALUES (%s, %s, %s, %s)",
            [tenant.id, made["id"], name, position],
        )
    assert violated(raised.value) == constraint


@pytest.mark.parametrize(
    ("before", "after"), list(product(["pending", "running", "success", "failed"], repeat=2))
)
def test_another_writer_is_held_to_the_same_changes(
    api: Client, sql: psycopg.Connection[Any], before: str, after: str
) -> None:
    legal = {
        ("pending", "running"),
        ("running", "success"),
        ("running", "failed"),
        ("failed", "running"),
        ("failed", "pending"),
    }
    _, step = step_in(api, before)
    change = (
        "UPDATE tweets.ingestion_steps SET status = %s, started_at = %s, finished_at = %s, error = %s"
        " WHERE id = %s"
    )
    now = datetime.now(UTC)
    arguments = [
        after,
        None if after == "pending" else now,
        now if after in ("success", "failed") else None,
        "x" if after == "failed" else None,
        step["id"],
    ]
    if before == after or (before, after) in legal:
        assert sql.execute(change, arguments).rowcount == 1
    else:
        with pytest.raises(psycopg.Error, match=f"cannot go from {before} to {after}") as refused:
            sql.execute(change, arguments)
        assert refused.value.sqlstate == "DR001"


def test_steps_go_with_their_episode(api: Client, owner: psycopg.Connection[Any]) -> None:
    made = episode(api, steps=DEFAULT_STEPS)
    owner.execute("DELETE FROM tweets.episodes WHERE id = %s", [made["id"]])
    left = owner.execute(
        "SELECT FROM tweets.ingestion_steps WHERE episode_id = %s", [made["id"]]
    ).fetchall()
    assert left == []


# Steps that hang -------------------------------------------------------------------------------------

RESET = "/v1/episodes/reset-stuck-steps"


def started(tenant: Tenant, sql: psycopg.Connection[Any], hours: float) -> dict[str, Any]:
    """A step of a new episode that was started so long ago."""
    made = episode(tenant.service, steps=["summary", "keywords"])
    tenant.service.post(f"/v1/episodes/{made['id']}/steps/summary/start")
    row = sql.execute(
        "UPDATE tweets.ingestion_steps SET started_at = now() - make_interval(secs => %s)"
        " WHERE episode_id = %s AND name = 'summary' RETURNING id, episode_id",
        [hours * 3600, made["id"]],
    ).fetchone()
    sql.commit()
    assert row
    return {"id": str(row["id"]), "episode_id": made["id"]}


def step_of(api: Client, step: dict[str, Any]) -> dict[str, Any]:
    steps = api.get(f"/v1/episodes/{step['episode_id']}")["steps"]
    found: dict[str, Any] = next(s for s in steps if s["id"] == step["id"])
    return found


def test_steps_that_have_been_running_for_too_long_are_reset(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    stuck, recent = started(tenant, sql, 25), started(tenant, sql, 23)
    before = step_of(api, recent)
    [reset] = api.post(RESET, {}, expect=200)["items"]
    assert (reset["id"], reset["status"]) == (stuck["id"], "failed")
    assert reset["error"] == "was running for more than 24 hours, and was reset"
    assert step_of(api, stuck) == reset
    assert step_of(api, recent) == before
    assert api.post(RESET, {})["items"] == []
    [reset] = api.post(RESET, {"older_than_hours": 22})["items"]
    assert reset["id"] == recent["id"]
    # Who worked on it is told; and it can be started again.
    path = f"/v1/episodes/{stuck['episode_id']}/steps/summary"
    assert api.post(f"{path}/finish", {"ok": True}, expect=409)["current"]["status"] == "failed"
    assert api.post(f"{path}/start")["attempts"] == 2


def test_a_dry_run_tells_which_steps_and_changes_none(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    stuck = [started(tenant, sql, hours) for hours in (30, 50, 40)]
    before = [step_of(api, step) for step in stuck]
    found = api.post(RESET, {"dry_run": True}, expect=200)["items"]
    assert found == [before[1], before[2], before[0]]
    assert [step_of(api, step) for step in stuck] == before
    assert ids(api.post(RESET, {"older_than_hours": 35})["items"]) == ids(found[:2])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("older_than_hours", 0),
        ("older_than_hours", 169),
        ("older_than_hours", "24"),
        ("older_than_hours", None),
        ("dry_run", "yes"),
        ("dry_run", None),
        ("episode_id", "all"),
    ],
)
def test_a_wrong_reset_is_refused_by_name(api: Client, field: str, value: Any) -> None:
    assert list(api.post(RESET, {field: value}, expect=400)["errors"]) == [field]
    for hours in (1, 168):
        assert api.post(RESET, {"older_than_hours": hours})["items"] == []


def test_another_tenants_stuck_steps_stay(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: psycopg.Connection[Any]
) -> None:
    stuck = started(tenant, sql, 100)
    before = step_of(tenant.service, stuck)
    other = new_tenant()
    for dry_run in (True, False):
        assert other.service.post(RESET, {"dry_run": dry_run})["items"] == []
    assert step_of(tenant.service, stuck) == before


def test_who_is_just_finishing_a_step_wins(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    finished, stuck = started(tenant, sql, 100), started(tenant, sql, 100)
    sql.execute(
        "UPDATE tweets.ingestion_steps SET status = 'success', finished_at = now() WHERE id = %s",
        [finished["id"]],
    )
    assert ids(api.post(RESET, {})["items"]) == [stuck["id"]]
    sql.commit()
    assert step_of(api, finished)["status"] == "success"


def test_resets_at_once_reset_each_step_once(
    tenant: Tenant, api: Client, sql: psycopg.Connection[Any]
) -> None:
    stuck = [started(tenant, sql, 100)["id"] for _ in range(5)]
    answers = at_once(4, lambda _: Client(api.url, api.credential).post(RESET, {})["items"])
    assert sorted(step["id"] for items in answers for step in items) == sorted(stuck)


def test_only_who_may_change_episodes_resets_steps(tenant: Tenant) -> None:
    tenant.acting("viewer").post(RESET, {"dry_run": True}, expect=403)
    tenant.agent.post(RESET, {"dry_run": True}, expect=200)
