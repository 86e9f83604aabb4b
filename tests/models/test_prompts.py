"""Prompts: numbered without gap, never rewritten, at most one of a kind active, with the whole history of that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.client import Client, Tenant, at_once, wait_until
from tests.postgres import BLOCKED
from tests.problems import problem

TEMPLATES = {"system_prompt": "You answer customers.", "user_template": "Answer: {{message}}"}


def write(api: Client, kind: str = "reply", **fields: Any) -> dict[str, Any]:
    prompt: dict[str, Any] = api.post(
        "/v1/prompts", {"kind": kind, **TEMPLATES, **fields}, expect=201
    )
    return prompt


def activate(api: Client, prompt: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    activation: dict[str, Any] = api.post(
        f"/v1/prompts/{prompt['id']}/activate", {"reason": reason}, expect=200
    )
    return activation


def active(api: Client, kind: str = "reply") -> dict[str, Any]:
    prompt: dict[str, Any] = api.get("/v1/prompts/active", params={"kind": kind})
    return prompt


def history(api: Client, kind: str = "reply") -> list[dict[str, Any]]:
    """The activations of a kind, the first one first."""
    return api.all("/v1/prompt-activations", kind=kind, limit=7)[::-1]


# Versions --------------------------------------------------------------------------------------------


def test_a_prompt_is_shown_as_it_was_written(tenant: Tenant) -> None:
    admin = tenant.acting("admin")
    written = write(admin, label="friendly", notes="Shorter.")

    assert written["kind"] == "reply"
    assert (written["version"], written["label"], written["notes"]) == (1, "friendly", "Shorter.")
    assert {name: written[name] for name in TEMPLATES} == TEMPLATES
    assert written["author_user_id"] == tenant.users["admin"]
    assert (written["active"], written["restores_id"], written["metrics_at"]) == (False, None, None)
    assert (written["drafts_count"], written["approval_rate"]) == (0, 0)
    response = admin.request("GET", f"/v1/prompts/{written['id']}", expect=200)
    assert response.json() == written
    assert response.headers["ETag"] == f'"{written["revision"]}"'


def test_concurrent_versions_of_a_kind_are_numbered_without_gap_or_double(api: Client) -> None:
    written = at_once(20, lambda n: write(api, "reply" if n < 15 else "summary"))

    for kind, count in (("reply", 15), ("summary", 5)):
        of_kind = [prompt for prompt in written if prompt["kind"] == kind]
        assert sorted(p["version"] for p in of_kind) == list(range(1, count + 1))
        assert all(p["label"] == f"{kind}_v{p['version']}" for p in of_kind)


def test_a_version_that_is_rolled_back_leaves_no_gap(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    assert insert_prompt(sql, tenant)["version"] == 1
    sql.rollback()
    assert write(api)["version"] == 1
    assert insert_prompt(sql, tenant)["label"] == "reply_v2"


def insert_prompt(sql: psycopg.Connection[Any], tenant: Tenant, **fields: Any) -> Any:
    row = {"tenant_id": tenant.id, "kind": "reply", **TEMPLATES, **fields}
    names, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    return sql.execute(
        f"INSERT INTO models.prompt_versions ({names}) VALUES ({places}) RETURNING id, version, label",
        row,
    ).fetchone()


def test_a_refused_prompt_takes_no_number(api: Client) -> None:
    write(api, label="taken")
    document = problem(
        api.request("POST", "/v1/prompts", {"kind": "reply", **TEMPLATES, "label": "taken"}),
        409,
        "CONFLICT",
    )
    assert list(document["errors"]) == ["label"]
    # Unique in the tenant, whatever the kind.
    api.post("/v1/prompts", {"kind": "summary", **TEMPLATES, "label": "taken"}, expect=409)
    assert write(api)["version"] == 2


def test_a_prompt_without_a_label_gets_one_that_is_free(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    for taken in ("reply_v1", "reply_v1_2", "reply_v3"):
        write(api, "summary", label=taken)
    assert [write(api)["label"] for _ in range(2)] == ["reply_v1_3", "reply_v2"]
    assert insert_prompt(sql, tenant)["label"] == "reply_v3_2"
    sql.commit()
    first = api.all("/v1/prompts", kind="reply")[-1]
    write(api, "summary", label="reply_v4")
    body = {"reason": "Back."}
    back = api.post(f"/v1/prompts/{first['id']}/rollback", body, expect=201)
    assert back["label"] == "reply_v4_2"


def test_labels_that_are_taken_at_once_block_no_prompt_without_one(api: Client) -> None:
    def post(n: int) -> tuple[int, Any]:
        label = None if n % 2 else f"reply_v{1 + n // 2}"
        kind = "reply" if n % 2 else "summary"
        response = api.request("POST", "/v1/prompts", {"kind": kind, **TEMPLATES, "label": label})
        return response.status_code, response.json()

    answers = at_once(20, post)
    assert {status for status, _ in answers[1::2]} == {201}
    # Who names a label finds it free or taken.
    assert {status for status, _ in answers[::2]} <= {201, 409}
    assert sorted(prompt["version"] for _, prompt in answers[1::2]) == list(range(1, 11))
    written = api.all("/v1/prompts")
    assert len({prompt["label"] for prompt in written}) == len(written)


def test_a_label_that_is_not_committed_yet_is_taken(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    insert_prompt(sql, tenant, kind="summary", label="reply_v1")
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(write, api)
        wait_until(lambda: sql.execute(BLOCKED, [tenant.id]).fetchall())
        sql.commit()
        assert waiting.result()["label"] == "reply_v1_2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("kind", "  "),
        ("kind", "x" * 51),
        ("kind", None),
        ("label", ""),
        ("label", "x" * 201),
        ("system_prompt", " \n"),
        ("system_prompt", None),
        ("system_prompt", "ä" * 40000),
        ("user_template", ""),
        ("user_template", "x" * 65537),
        ("notes", "x" * 2001),
        ("version", 7),
        ("active", True),
        ("author_user_id", "00000000-0000-7000-8000-000000000001"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bad_input_names_its_field(api: Client, field: str, value: Any) -> None:
    body = {"kind": "reply", **TEMPLATES, field: value}
    document = problem(api.request("POST", "/v1/prompts", body), 400, "VALIDATION")
    assert list(document["errors"]) == [field]
    assert api.all("/v1/prompts") == []


def test_a_post_that_is_sent_again_writes_no_second_version(api: Client) -> None:
    again = [
        api.post("/v1/prompts", {"kind": "reply", **TEMPLATES}, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert again[0] == again[1]
    assert len(api.all("/v1/prompts")) == 1


def test_prompts_are_listed_newest_first_and_by_kind_without_templates(api: Client) -> None:
    written = [write(api, kind) for kind in ("reply", "summary", "reply", "other", "reply")]
    listed = api.all("/v1/prompts", limit=2)
    assert [prompt["id"] for prompt in listed] == [prompt["id"] for prompt in written[::-1]]
    assert not TEMPLATES.keys() & listed[0].keys()
    replies = api.all("/v1/prompts", kind="reply", limit=1)
    assert [prompt["version"] for prompt in replies] == [3, 2, 1]
    assert api.all("/v1/prompts", kind="nothing") == []


def test_many_prompts_of_one_moment_are_each_listed_once(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    ids = {str(insert_prompt(sql, tenant)["id"]) for _ in range(40)}
    sql.commit()
    listed = [prompt["id"] for prompt in api.all("/v1/prompts", limit=7)]
    assert len(listed) == 40
    assert set(listed) == ids


REWRITES = {
    "label": "'other'",
    "kind": "'summary'",
    "version": "9",
    "system_prompt": "'other'",
    "user_template": "'other'",
    "notes": "'other'",
    "author_user_id": "NULL",
    "created_at": "'2020-01-01'",
}


@pytest.mark.parametrize("column", REWRITES)
@pytest.mark.parametrize("role", ["app_rw", "app_owner"])
def test_a_prompt_is_never_rewritten(
    tenant: Tenant,
    sql: psycopg.Connection[Any],
    owner: psycopg.Connection[Any],
    column: str,
    role: str,
) -> None:
    prompt = write(tenant.acting("admin"), notes="As it was.")
    connection = sql if role == "app_rw" else owner
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            f"UPDATE models.prompt_versions SET {column} = {REWRITES[column]} WHERE id = %s",
            [prompt["id"]],
        )
    sql.rollback()
    assert tenant.service.get(f"/v1/prompts/{prompt['id']}") == prompt


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE models.prompt_versions SET active = NOT active",
        "DELETE FROM models.prompt_versions",
        "UPDATE models.prompt_activations SET reason = 'other'",
        "DELETE FROM models.prompt_activations",
    ],
    ids=["flag", "prompt", "history", "deleted history"],
)
def test_the_flag_and_the_history_are_only_changed_together(
    api: Client, sql: psycopg.Connection[Any], statement: str
) -> None:
    activate(api, write(api))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(statement)


def test_whatever_a_writer_says_a_prompt_starts_inactive_and_an_activation_is_the_writers(
    tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    prompt = sql.execute(
        """
        INSERT INTO models.prompt_versions (
            tenant_id, kind, system_prompt, user_template, version, active, drafts_count, decided_count, approval_rate
        )
        VALUES (%s, 'reply', 'a', 'a', 7, true, 9, 9, 0.9)
        RETURNING id, version, active, drafts_count, decided_count, approval_rate
        """,
        [tenant.id],
    ).fetchone()
    assert prompt
    prompt_id = prompt.pop("id")
    assert [*prompt.values()] == [1, False, 0, 0, 0]
    activation = sql.execute(
        """
        INSERT INTO models.prompt_activations (
            tenant_id, prompt_version_id, kind, replaced_prompt_version_id, actor, activated_at
        )
        VALUES (%s, %s, 'other', gen_random_uuid(), 'another', '2020-01-01')
        RETURNING kind, replaced_prompt_version_id, actor, activated_at
        """,
        [tenant.id, prompt_id],
    ).fetchone()
    assert activation
    assert activation.pop("activated_at") > datetime.now(UTC) - timedelta(minutes=1)
    assert [*activation.values()] == ["reply", None, "app_rw"]


# Activation ------------------------------------------------------------------------------------------


def test_an_activation_replaces_the_one_before_of_the_same_kind(api: Client) -> None:
    first, second, other = write(api), write(api), write(api, "summary")
    activate(api, other)

    begun = activate(api, first)
    assert (begun["prompt_version_id"], begun["replaced_prompt_version_id"]) == (first["id"], None)
    moved = activate(api, second, "It is shorter.")

    assert moved["kind"] == "reply"
    assert (moved["label"], moved["version"]) == ("reply_v2", 2)
    assert moved["replaced_prompt_version_id"] == first["id"]
    assert moved["reason"] == "It is shorter."
    assert active(api)["id"] == second["id"]
    assert active(api, "summary")["id"] == other["id"]
    assert not api.get(f"/v1/prompts/{first['id']}")["active"]
    assert history(api) == [begun, moved]
    assert api.all(f"/v1/prompts/{second['id']}/activations") == [moved]
    everything = api.all("/v1/prompt-activations", limit=1)
    assert [found["prompt_version_id"] for found in everything] == [
        second["id"],
        first["id"],
        other["id"],
    ]


def test_a_kind_without_an_active_prompt_has_none(api: Client) -> None:
    write(api)
    problem(api.request("GET", "/v1/prompts/active?kind=reply"), 404, "NOT_FOUND")
    document = problem(api.request("GET", "/v1/prompts/active"), 400, "VALIDATION")
    assert list(document["errors"]) == ["kind"]


def test_what_is_active_already_is_not_activated_again(api: Client) -> None:
    prompt = write(api)
    activate(api, prompt)
    response = api.request("POST", f"/v1/prompts/{prompt['id']}/activate", {})
    assert problem(response, 409, "CONFLICT")["current"]["active"] is True
    assert len(history(api)) == 1


def test_a_prompt_is_only_activated_as_it_was_seen(api: Client) -> None:
    prompt = write(api)
    path = f"/v1/prompts/{prompt['id']}/activate"
    problem(api.request("POST", path, {}, headers={"If-Match": '"7"'}), 412, "STALE")
    assert history(api) == []
    api.post(path, {}, expect=200, headers={"If-Match": f'"{prompt["revision"]}"'})


def assert_chain(api: Client, activations: list[dict[str, Any]]) -> None:
    """Each activation replaced what the one before it made active, and the last one is still so."""
    replaced = [found["replaced_prompt_version_id"] for found in activations]
    assert replaced == [None, *(found["prompt_version_id"] for found in activations[:-1])]
    moments = [found["activated_at"] for found in activations]
    assert moments == sorted(moments)
    assert [p["id"] for p in api.all("/v1/prompts") if p["active"]] == [
        activations[-1]["prompt_version_id"]
    ]
    assert active(api)["id"] == activations[-1]["prompt_version_id"]


def test_of_fifty_activations_at_once_one_is_active_and_the_history_is_a_chain(
    api: Client,
) -> None:
    prompts = [write(api) for _ in range(50)]

    answers = at_once(50, lambda n: activate(api, prompts[n], f"attempt {n}"))

    found = history(api)
    assert sorted(found, key=lambda a: a["id"]) == sorted(answers, key=lambda a: a["id"])
    assert {a["prompt_version_id"] for a in found} == {p["id"] for p in prompts}
    assert_chain(api, found)


def test_two_prompts_fought_over_are_never_both_active(api: Client) -> None:
    prompts = [write(api) for _ in range(2)]

    answers = at_once(
        50, lambda n: api.request("POST", f"/v1/prompts/{prompts[n % 2]['id']}/activate", {})
    )

    assert {answer.status_code for answer in answers} <= {200, 409}
    found = history(api)
    assert len(found) == sum(answer.status_code == 200 for answer in answers) >= 1
    assert_chain(api, found)


def test_an_activation_in_sql_does_all_that_belongs_to_it(
    api: Client, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    first, second = write(api), write(api)
    activate(api, first)

    insert = "INSERT INTO models.prompt_activations (tenant_id, prompt_version_id) VALUES (%s, %s)"
    sql.execute("SELECT operations.set_local('app.actor', 'nightly')")
    sql.execute(insert, [tenant.id, second["id"]])
    sql.commit()

    assert_chain(api, history(api))
    assert active(api)["id"] == second["id"]
    assert history(api)[-1]["actor"] == "nightly"
    with pytest.raises(psycopg.Error) as refused:
        sql.execute(insert, [tenant.id, second["id"]])
    assert refused.value.sqlstate == "DR001"
    sql.rollback()
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        sql.execute(insert, [tenant.id, uuid4()])
    sql.rollback()
    # Of two in one statement neither would know of the other.
    with pytest.raises(psycopg.errors.UniqueViolation):
        sql.execute(
            "INSERT INTO models.prompt_activations (tenant_id, prompt_version_id)"
            " SELECT tenant_id, id FROM models.prompt_versions WHERE id = ANY (%s)",
            [[first["id"], write(api)["id"]]],
        )
    sql.rollback()
    assert_chain(api, history(api))


def test_no_prompt_of_another_tenant_is_activated_in_sql(
    tenant: Tenant, new_tenant: Callable[[], Tenant], sql: psycopg.Connection[Any]
) -> None:
    other = new_tenant()
    prompt = write(other.service)
    for tenant_id in (tenant.id, other.id):
        with pytest.raises(psycopg.Error) as refused:
            sql.execute(
                "INSERT INTO models.prompt_activations (tenant_id, prompt_version_id) VALUES (%s, %s)",
                [tenant_id, prompt["id"]],
            )
        assert refused.value.sqlstate in ("23503", "42501")
        sql.rollback()
    assert history(other.service) == []
    assert other.service.get(f"/v1/prompts/{prompt['id']}") == prompt


def test_the_event_log_has_the_word_for_it(tenant: Tenant) -> None:
    admin = tenant.acting("admin")
    first, second = write(admin), write(admin)
    activate(admin, first)
    moved = activate(admin, second)
    assert moved["actor"] == f"user:{tenant.users['admin']}"

    def told(entity: str, entity_id: str, count: int) -> list[tuple[str, Any]]:
        """Actions and changes of `active`, once all are below the oldest running transaction."""
        params = {"entity": entity, "entity_id": entity_id}
        items = wait_until(
            lambda: (
                (found := tenant.service.get("/v1/events", params=params)["items"])
                and len(found) >= count
                and found
            )
        )
        return [(item["action"], item["changes"].get("active")) for item in items]

    assert told("models.prompt_versions", first["id"], 3) == [
        ("INSERT", [None, False]),
        ("ACTIVATE", [False, True]),
        ("ACTIVATE", [True, False]),
    ]
    assert told("models.prompt_activations", moved["id"], 1) == [("ACTIVATE", None)]

    back = admin.post(f"/v1/prompts/{first['id']}/rollback", {"reason": "Back."}, expect=201)
    assert told("models.prompt_versions", back["prompt_version_id"], 2) == [
        ("ROLLBACK", [None, False]),
        ("ROLLBACK", [False, True]),
    ]


# Rollback --------------------------------------------------------------------------------------------


def test_a_rollback_is_a_new_version_with_the_old_templates_active_at_once(tenant: Tenant) -> None:
    admin = tenant.acting("admin")
    old = write(admin, system_prompt="As it was.", notes="The first.")
    new = write(admin)
    activate(admin, old)
    activate(admin, new)

    path = f"/v1/prompts/{old['id']}/rollback"
    back = admin.post(path, {"reason": "Too long answers."}, expect=201)

    assert (back["version"], back["label"], back["reason"]) == (3, "reply_v3", "Too long answers.")
    assert back["replaced_prompt_version_id"] == new["id"]
    prompt = active(admin)
    assert prompt["id"] == back["prompt_version_id"] not in (old["id"], new["id"])
    assert (prompt["system_prompt"], prompt["user_template"]) == (
        old["system_prompt"],
        old["user_template"],
    )
    assert (prompt["notes"], prompt["restores_id"]) == ("Too long answers.", old["id"])
    assert prompt["author_user_id"] == tenant.users["admin"]
    assert_chain(admin, history(admin))

    named = admin.post(path, {"reason": "Again.", "label": "as before"}, expect=201)
    assert (named["label"], named["version"]) == ("as before", 4)


def test_what_is_active_is_not_rolled_back_to(api: Client) -> None:
    prompt = write(api)
    activate(api, prompt)
    path = f"/v1/prompts/{prompt['id']}/rollback"
    problem(api.request("POST", path, {"reason": "Why not."}), 409, "CONFLICT")
    assert len(api.all("/v1/prompts")) == len(history(api)) == 1


def test_a_rollback_says_why(api: Client) -> None:
    path = f"/v1/prompts/{write(api)['id']}/rollback"
    for body in ({}, {"reason": " "}, {"reason": "x" * 2001}):
        document = problem(api.request("POST", path, body), 400, "VALIDATION")
        assert list(document["errors"]) == ["reason"]
    assert history(api) == []


def test_an_activation_may_say_why(api: Client) -> None:
    path = f"/v1/prompts/{write(api)['id']}/activate"
    for reason in ("", " ", "x" * 2001, 7):
        document = problem(api.request("POST", path, {"reason": reason}), 400, "VALIDATION")
        assert list(document["errors"]) == ["reason"]
    assert api.post(path, {}, expect=200)["reason"] is None


def test_a_rollback_that_fails_writes_nothing(api: Client) -> None:
    old, new = write(api), write(api, label="taken")
    activate(api, new)
    path = f"/v1/prompts/{old['id']}/rollback"
    body = {"reason": "Back.", "label": "taken"}
    problem(api.request("POST", path, body), 409, "CONFLICT")
    headers = {"If-Match": '"9"'}
    problem(api.request("POST", path, {"reason": "Back."}, headers=headers), 412, "STALE")
    assert len(api.all("/v1/prompts")) == 2
    assert active(api)["id"] == new["id"]
    assert len(history(api)) == 1


def test_rollbacks_and_activations_at_once_leave_one_active_and_a_chain(api: Client) -> None:
    prompts = [write(api) for _ in range(10)]

    def move(n: int) -> int:
        prompt = prompts[n % 10]
        if n % 3:
            response = api.request("POST", f"/v1/prompts/{prompt['id']}/activate", {})
        else:
            body = {"reason": f"attempt {n}"}
            response = api.request("POST", f"/v1/prompts/{prompt['id']}/rollback", body)
        return response.status_code

    statuses = at_once(50, move)

    assert set(statuses) <= {200, 201, 409}
    versions = [prompt["version"] for prompt in api.all("/v1/prompts", kind="reply")]
    assert versions == list(range(10 + statuses.count(201), 0, -1))
    found = history(api)
    assert len(found) == statuses.count(200) + statuses.count(201)
    assert_chain(api, found)


# Who may, and what is not there ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/activate", {}),
        ("POST", "/rollback", {"reason": "Back."}),
        ("POST", "/recompute-metrics", None),
        ("GET", "/activations", None),
    ],
    ids=["show", "activate", "rollback", "recompute", "history"],
)
def test_an_unknown_prompt_and_one_of_another_tenant_are_not_found(
    api: Client, new_tenant: Callable[[], Tenant], method: str, path: str, body: Any
) -> None:
    other = new_tenant().service
    prompt = write(other)
    for prompt_id in (uuid4(), prompt["id"]):
        response = api.request(method, f"/v1/prompts/{prompt_id}{path}", body)
        problem(response, 404, "NOT_FOUND")
    assert other.get(f"/v1/prompts/{prompt['id']}") == prompt
    assert len(other.all("/v1/prompts")) == 1


def test_a_tenant_sees_its_own_prompts_only(api: Client, new_tenant: Callable[[], Tenant]) -> None:
    other = new_tenant().service
    activate(other, write(other, label="theirs"))
    assert api.all("/v1/prompts") == api.all("/v1/prompt-activations") == []
    problem(api.request("GET", "/v1/prompts/active?kind=reply"), 404, "NOT_FOUND")
    assert write(api, label="theirs")["version"] == 1


def test_readers_do_not_write_and_strangers_do_not_read(tenant: Tenant) -> None:
    prompt = write(tenant.service)
    for user in ("viewer", "agent", "approver"):
        reader = tenant.acting(user)
        reader.get(f"/v1/prompts/{prompt['id']}")
        for path, body in (
            ("", {"kind": "reply", **TEMPLATES}),
            (f"/{prompt['id']}/activate", {}),
            (f"/{prompt['id']}/rollback", {"reason": "Back."}),
            (f"/{prompt['id']}/recompute-metrics", None),
        ):
            problem(reader.request("POST", f"/v1/prompts{path}", body), 403, "FORBIDDEN")
    key = tenant.service.post("/v1/api-keys", {"name": "k", "scopes": ["models:read"]})["key"]
    stranger = Client(tenant.service.url, key)
    for path in ("/v1/prompts", f"/v1/prompts/{prompt['id']}", "/v1/prompt-activations"):
        problem(stranger.request("GET", path), 403, "FORBIDDEN")
