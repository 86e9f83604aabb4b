"""Idempotency-Key: a POST that is sent again is answered again, not done again."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from tests.client import Client, Tenant, at_once

JOB = {"type": "crawl", "payload": {"url": "https://example.com/é"}}


def post(
    api: Client, key: str, body: Any = None, path: str = "/v1/jobs", **kwargs: Any
) -> requests.Response:
    headers = {"Idempotency-Key": key, **kwargs.pop("headers", {})}
    return api.request("POST", path, JOB if body is None else body, headers=headers, **kwargs)


def is_replayed(response: requests.Response) -> bool:
    return response.headers.get("Idempotency-Replayed") == "true"


def stored(sql: psycopg.Connection[Any]) -> list[Any]:
    found = sql.execute("SELECT * FROM operations.idempotency_keys ORDER BY key").fetchall()
    sql.commit()
    return found


def test_the_same_request_gets_the_same_answer_and_is_done_once(api: Client) -> None:
    body = {"email": "a@b.example", "display_name": "Ä"}
    first = post(api, "1", body, "/v1/users", expect=201)
    assert not is_replayed(first)
    for _ in range(2):
        again = post(api, "1", body, "/v1/users", expect=201)
        assert is_replayed(again)
        assert again.content == first.content
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        assert again.headers["ETag"] == first.headers["ETag"] == '"1"'
        assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len([u for u in api.all("/v1/users") if u["email"] == "a@b.example"]) == 1


def test_without_a_key_a_request_is_done_again(api: Client) -> None:
    assert api.post("/v1/jobs", JOB)["id"] != api.post("/v1/jobs", JOB)["id"]


def test_a_decision_is_replayed_and_not_in_conflict_with_itself(tenant: Tenant) -> None:
    draft = tenant.draft()
    path, headers = f"/v1/drafts/{draft['id']}/approve", {"If-Match": f'"{draft["revision"]}"'}
    body = {"mode": "now"}
    first = post(tenant.agent, "1", body, path, headers=headers, expect=200)
    again = post(tenant.agent, "1", body, path, headers=headers, expect=200)
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    post(tenant.agent, "2", body, path, headers=headers, expect=409)


def test_a_post_without_a_body_is_replayed(api: Client) -> None:
    job = api.post("/v1/jobs", JOB)
    headers = {"Idempotency-Key": "1"}
    path = f"/v1/jobs/{job['id']}/cancel"
    first = api.request("POST", path, headers=headers, expect=200)
    assert api.request("POST", path, headers=headers, expect=200).content == first.content


def test_the_key_with_another_request_is_refused(api: Client) -> None:
    first = post(api, "1", expect=201)
    for path, body in (
        ("/v1/jobs", {"type": "draft"}),
        ("/v1/jobs", {**JOB, "priority": 0}),
        ("/v1/jobs?", {"type": "draft"}),
        ("/v1/jobs/claim", {"type": "crawl", "worker": "w"}),
    ):
        refused = post(api, "1", body, path, expect=422)
        assert refused.json()["code"] == "IDEMPOTENCY_MISMATCH"
        assert not is_replayed(refused)
    assert [job["id"] for job in api.all("/v1/jobs")] == [first.json()["id"]]


def test_duplicates_at_the_same_time_are_done_once_and_all_get_the_answer(tenant: Tenant) -> None:
    def send(_: int) -> requests.Response:
        return post(Client(tenant.service.url, tenant.service.credential), "1")

    answers = at_once(20, send)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum(not is_replayed(a) for a in answers) == 1
    assert len(tenant.service.all("/v1/jobs")) == 1


@pytest.mark.parametrize(
    ("body", "status"), [({"type": "nothing"}, 400), ({**JOB, "unique_key": "taken"}, 409)]
)
def test_a_failed_request_stores_nothing_and_may_be_tried_again(
    api: Client, sql: psycopg.Connection[Any], body: Any, status: int
) -> None:
    taken = api.post("/v1/jobs", {**JOB, "unique_key": "taken"})
    for _ in range(2):
        assert not is_replayed(post(api, "1", body, expect=status))
    assert stored(sql) == []
    done = post(api, "1", {**JOB, "unique_key": "free"}, expect=201)
    assert {job["id"] for job in api.all("/v1/jobs")} == {taken["id"], done.json()["id"]}


def test_a_key_belongs_to_its_caller(tenant: Tenant, new_tenant: Callable[[], Tenant]) -> None:
    body = {"email": "a@b.example", "display_name": "A"}
    other_key = Client(
        tenant.service.url,
        tenant.service.post("/v1/api-keys", {"name": "b", "scopes": ["identity:write"]})["key"],
    )
    callers = [tenant.service, tenant.acting("admin"), other_key, new_tenant().service]
    answers = [
        post(caller, "1", {**body, "email": f"{n % 3}@b.example"}, "/v1/users", expect=201)
        for n, caller in enumerate(callers)
    ]
    assert not any(is_replayed(answer) for answer in answers)
    assert len({answer.json()["id"] for answer in answers}) == 4


@pytest.mark.parametrize("user", [None, "admin"])
def test_a_key_outlives_the_rotation_of_its_callers_api_key(
    tenant: Tenant, user: str | None
) -> None:
    scopes = ["identity:write", "jobs:write", "users:act"]
    made = tenant.service.post("/v1/api-keys", {"name": "worker", "scopes": scopes})
    other = tenant.service.post("/v1/api-keys", {"name": "worker", "scopes": scopes})
    acts_for = user and tenant.users[user]
    body = {"email": "a@b.example", "display_name": "A"}
    first = post(
        Client(tenant.service.url, made["key"], acts_for), "1", body, "/v1/users", expect=201
    )
    for _ in range(2):  # the second time it is the key of the key
        made = tenant.service.post(f"/v1/api-keys/{made['id']}/rotate", {"grace_seconds": 0})
        rotated = Client(tenant.service.url, made["key"], acts_for)
        again = post(rotated, "1", body, "/v1/users", expect=201)
        assert (again.content, is_replayed(again)) == (first.content, True)
        post(rotated, "1", {**body, "display_name": "B"}, "/v1/users", expect=422)
        # From another caller it is another request, which fails because the address is taken.
        strangers = [
            Client(tenant.service.url, other["key"], acts_for),
            Client(tenant.service.url, made["key"], None if user else tenant.users["admin"]),
        ]
        for stranger in strangers:
            assert post(stranger, "1", body, "/v1/users").status_code == 409


def test_an_expired_key_is_taken_over(api: Client, sql: psycopg.Connection[Any]) -> None:
    first = post(api, "1", expect=201)
    [row] = stored(sql)
    assert (row["expires_at"] - row["created_at"]).total_seconds() == 24 * 3600
    almost = "UPDATE operations.idempotency_keys SET expires_at = now() + interval '1 minute'"
    sql.execute(almost)
    sql.commit()
    assert is_replayed(post(api, "1", expect=201))
    sql.execute("UPDATE operations.idempotency_keys SET expires_at = now()")
    sql.commit()

    second = post(api, "1", {"type": "draft"}, expect=201)
    assert not is_replayed(second)
    assert second.json()["id"] != first.json()["id"]
    assert is_replayed(post(api, "1", {"type": "draft"}, expect=201))
    post(api, "1", expect=422)
    assert len(stored(sql)) == 1


@pytest.fixture
def failing_answer(owner: psycopg.Connection[Any]) -> Iterator[str]:
    """A key whose answer cannot be stored, as when the database fails midway."""
    key = uuid4().hex
    owner.execute(
        """
        CREATE FUNCTION operations.fail_midway() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'midway' USING ERRCODE = 'disk_full'; END $$
        """
    )
    owner.execute(
        f"""
        CREATE TRIGGER fail_midway BEFORE UPDATE ON operations.idempotency_keys
        FOR EACH ROW WHEN (new.key = '{key}') EXECUTE FUNCTION operations.fail_midway()
        """
    )
    yield key
    owner.execute("DROP FUNCTION operations.fail_midway CASCADE")


def test_key_change_and_answer_are_stored_together_or_not_at_all(
    api: Client, sql: psycopg.Connection[Any], failing_answer: str
) -> None:
    failed = post(api, failing_answer, expect=503)
    assert failed.headers["Retry-After"]
    assert stored(sql) == []
    assert api.all("/v1/jobs") == []
    post(api, "another", expect=201)
    assert len(api.all("/v1/jobs")) == len(stored(sql)) == 1


@pytest.fixture
def failing_once(owner: psycopg.Connection[Any]) -> Iterator[str]:
    """The external id of a channel whose first INSERT ends in a serialization failure."""
    external_id = uuid4().hex
    owner.execute(
        f"""
        CREATE SEQUENCE operations.tries;
        CREATE FUNCTION operations.fail_once() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF nextval('operations.tries') = 1 THEN
                RAISE EXCEPTION 'once' USING ERRCODE = 'serialization_failure';
            END IF;
            RETURN NEW;
        END
        $$;
        CREATE TRIGGER fail_once BEFORE INSERT ON inbox.channels
        FOR EACH ROW WHEN (new.external_id = '{external_id}') EXECUTE FUNCTION operations.fail_once()
        """
    )
    yield external_id
    owner.execute("DROP FUNCTION operations.fail_once CASCADE; DROP SEQUENCE operations.tries")


@pytest.mark.not_on_citus(
    "a sequence is on the coordinator, and the trigger that asks it on another node"
)
def test_a_transaction_that_is_tried_again_does_what_was_asked(
    tenant: Tenant, failing_once: str
) -> None:
    channel = {"type": "email", "external_id": failing_once, "name": "Mail"}
    secret = "a secret of the channel"
    created = post(
        tenant.service, "1", {**channel, "signing_secret": secret}, "/v1/channels", expect=201
    )
    assert created.json()["is_signed"]
    assert is_replayed(
        post(tenant.service, "1", {**channel, "signing_secret": secret}, "/v1/channels")
    )


def test_stored_answers_are_encrypted(api: Client, sql: psycopg.Connection[Any]) -> None:
    body = {"name": "secret", "scopes": ["inbox:read"]}
    issued = post(api, "1", body, "/v1/api-keys", expect=201).json()
    [row] = stored(sql)
    told = b" ".join([bytes(row["body"]), str(row["headers"]).encode(), bytes(row["request_hash"])])
    for part in (issued["key"], issued["key"].split("_", 3)[3], issued["prefix"], "secret"):
        assert part.encode() not in told
    assert post(api, "1", body, "/v1/api-keys", expect=201).json() == issued


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_malformed_key_is_refused(api: Client, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    refused = api.request("POST", "/v1/jobs", JOB, headers=headers, expect=400)
    assert list(refused.json()["errors"]) == ["Idempotency-Key"]
    assert api.all("/v1/jobs") == []


def test_the_longest_key_is_taken(api: Client) -> None:
    key = "~ !" * 85
    assert is_replayed(post(api, key)) is False
    assert is_replayed(post(api, key)) is True
