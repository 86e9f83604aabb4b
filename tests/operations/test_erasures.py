"""A customer who is erased is nowhere any more, and nobody else is touched."""

import json
import os
import stat
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.operations import erasing
from service.operations.tasks import erase_people
from service.secrets import Cell, Secrets
from tests import postgres
from tests.client import Client, Tenant, at_once
from tests.commands import SECRET_KEY, environment, flask
from tests.full import name
from tests.postgres import PROGRAMS, Server

# What ends a wait for a row: on a cluster its shard knows nothing of the session's lock_timeout.
GIVES_UP = (
    psycopg.errors.QueryCanceled if postgres.on_cluster() else psycopg.errors.LockNotAvailable
)

Sql = psycopg.Connection[Any]


@pytest.fixture
def environ(server: Server, settings: Settings) -> dict[str, str]:
    direct = server.direct_url("draftroom")
    return environment(settings) | {"DIRECT_URL": direct}


@pytest.fixture
def owners(server: Server, settings: Settings) -> Iterator[Database]:
    """The database as the worker has it, with less patience."""
    timeouts = "-c statement_timeout=10s -c lock_timeout=1s"
    url = make_conninfo(server.url("app_owner", "draftroom"), options=timeouts)
    opened = Database(settings, url)
    opened.open()
    yield opened
    opened.close()


class Person:
    """A customer, whose address, name and words are nobody else's."""

    def __init__(self) -> None:
        self.mark = f"Xyzzy{uuid4().hex[:12]}"
        self.email = f"Kim.{self.mark}+shop@Example.com"
        self.name = f"Kim Name{self.mark}"

    def fill(self, tenant: Tenant, owner: Sql) -> dict[str, Any]:
        """Leaves traces wherever something of a customer may be; the message that came first."""
        api, mark = tenant.service, self.mark
        message = {
            "customer_email": self.email,
            "customer_name": self.name,
            "subject": f"About {mark}",
            "metadata": {"from": self.email},
            "external_id": f"<{mark}@example.com>",
        }
        keyed = {"Idempotency-Key": uuid4().hex}
        received = api.post(
            "/v1/intake/messages",
            {
                "channel_type": "email",
                "channel_external_id": "mailbox",
                "conversation_external_id": f"T-{mark}",
                "body_text": f"{mark} asks",
                **message,
            },
            headers=keyed,
        )
        tenant.receive(f"T-{mark}", body_text=f"{mark} asks again", **message)
        conversation = received["conversation_id"]
        # The drafting worker fails once, and says of what.
        first = "UPDATE operations.jobs SET priority = 100 WHERE id = %s"
        owner.execute(first, [received["job_id"]])
        [job] = api.post("/v1/jobs/claim", {"type": "draft", "worker": "w"})["items"]
        failure = {"lease_id": job["lease_id"], "error": f"cannot answer '{mark} asks'"}
        api.post(f"/v1/jobs/{job['id']}/fail", failure)
        file = {
            "mime_type": "text/plain",
            "size_bytes": 1,
            "file_name": f"{mark}.txt",
            "object_key": f"k/{mark}",
        }
        api.post(f"/v1/messages/{received['message_id']}/attachments", file)
        for decision in ("supersede", "reject", "edit"):
            draft = tenant.draft(
                conversation,
                suggested_text=f"Dear {mark}",
                suggested_html=f"<p>{mark}",
                top_sources=[{"quote": mark}],
            )
            path = f"/v1/drafts/{draft['id']}"
            if decision == "reject":
                tenant.agent.post(f"{path}/reject", {"reason": f"Too kind to {mark}"})
            if decision == "edit":
                api.post(f"{path}/attachments", file)
                edit = {"mode": "now", "final_text": f"Hello {mark}", "final_html": f"<b>{mark}"}
                keyed = {"Idempotency-Key": f"answer to {self.email}"}
                tenant.agent.post(f"{path}/edit", edit, headers=keyed)
                [claimed] = tenant.claim()
                confirmation = {"lease_id": claimed["lease_id"], "external_id": f"OUT-{mark}"}
                api.post(f"/v1/scheduled-replies/{claimed['id']}/confirm", confirmation)
        waiting = tenant.draft(conversation, suggested_text=f"PS {mark}")
        tenant.agent.post(f"/v1/drafts/{waiting['id']}/approve", {"mode": "hold"})
        for run in (
            {"input_ref": received["message_id"], "meta": {"prompt": f"{mark} asks"}},
            {"input_ref": self.email.lower()},
            {"error": f"bounced:\n{self.email}", "success": False},
        ):
            body = {"run_type": "DRAFT_REPLY", "model": "m", "cost_micros": 7, **run}
            api.post("/v1/model-runs", body)
        api.post("/v1/jobs", {"type": "crawl", "payload": {"note": f"mail\n{self.email}"}})
        # This job succeeds in the end: only its attempts still say why it failed.
        tried = api.post("/v1/jobs", {"type": "crawl", "priority": 100})
        for error in (f"{self.email} bounced", f"asked '{mark}'", None):
            again = "UPDATE operations.jobs SET run_at = now() WHERE id = %s"
            owner.execute(again, [tried["id"]])
            [job] = api.post("/v1/jobs/claim", {"type": "crawl", "worker": "w"})["items"]
            report = {"lease_id": job["lease_id"]} | ({"error": error} if error else {})
            api.post(f"/v1/jobs/{tried['id']}/{'fail' if error else 'complete'}", report)
        owner.execute(
            "INSERT INTO operations.notifications (tenant_id, type, unique_key, payload)"
            " VALUES (%(tenant)s, 'job_failed', NULL, jsonb_build_object('to', %(email)s::text)),"
            " (%(tenant)s, 'custom', 'mail:' || %(email)s, '{\"title\": \"Mail\"}')",
            {"tenant": tenant.id, "email": self.email.upper()},
        )
        return dict(received)


def rows(owner: Sql, tenant: Tenant) -> dict[str, list[str]]:
    """All rows of a tenant as text, by table, but for the log, the erasure itself, and counts of requests."""
    tables = owner.execute(
        "SELECT c.oid::regclass::text AS name FROM pg_attribute AS a"
        " INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
        " WHERE a.attname = 'tenant_id' AND NOT c.relispartition"
    ).fetchall()
    found = {}
    for table in {row["name"] for row in tables} - {
        *("operations.events", "operations.erasures", "operations.api_usage")
    }:
        query = psycopg.sql.SQL("SELECT t::text AS row FROM {} AS t WHERE tenant_id = %s")
        listed = owner.execute(query.format(name(table)), [tenant.id]).fetchall()
        found[table] = sorted(row["row"] for row in listed)
    return found


def dump(server: Server) -> str:
    """The whole database as plain SQL."""
    done = subprocess.run(
        [PROGRAMS / "pg_dump", server.url("postgres", "draftroom")],
        capture_output=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
        check=True,
    )
    return done.stdout.decode()


def answers(owner: Sql, tenant: Tenant) -> list[str]:
    """The stored answers of a tenant, decrypted."""
    secrets, found = Secrets(SECRET_KEY), []
    for row in owner.execute(
        "SELECT caller, key, body FROM operations.idempotency_keys"
        " WHERE tenant_id = %s AND body IS NOT NULL",
        [tenant.id],
    ).fetchall():
        cell = Cell(tenant.id, "operations.idempotency_keys.body", f"{row['caller']}\n{row['key']}")
        opened = secrets.decrypt(row["body"], cell)
        assert opened is not None
        found.append(opened.decode())
    return found


def told(output: str) -> Counter[str]:
    """The counts that the command prints."""
    lines = (line.split() for line in output.splitlines())
    return Counter({line[0]: int(line[1]) for line in lines if len(line) == 2 and "." in line[0]})


def test_a_person_who_is_erased_is_nowhere_any_more(
    full: Tenant,
    new_tenant: Callable[[], Tenant],
    owner: Sql,
    server: Server,
    environ: dict[str, str],
    tmp_path: Path,
) -> None:
    person, other, elsewhere = Person(), Person(), new_tenant()
    other.email = f"x{person.email}"  # which has the person's address in it
    others = [(full, other), (elsewhere, Person())]
    for tenant, somebody in others:
        somebody.fill(tenant, owner)
    kept = [rows(owner, tenant) for tenant, _ in others]
    person.fill(full, owner)
    samples = full.service.all("/v1/learning-samples")
    costs = full.service.all("/v1/model-runs")
    before = dump(server)
    assert before.count(person.mark) > 40
    assert any(person.mark in answer for answer in answers(owner, full))

    command = ("erase", "person", f" {person.email.lower()} ", "--tenant", full.id)
    rehearsed = flask(environ, *command, "--dry-run")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert person.mark in dump(server)
    path = tmp_path / "person.ndjson"
    done = flask(environ, *command, "--export", str(path))
    assert done.returncode == 0, done.stderr
    counts = told(done.stdout)
    assert counts == told(rehearsed.stdout)
    assert counts == {
        "inbox.conversations": 1,
        "inbox.messages": 2,
        "inbox.message_versions": 1,
        "inbox.attachments": 2,
        "drafts.drafts": 4,
        "drafts.draft_actions": 3,
        "drafts.scheduled_replies": 2,
        "drafts.learning_samples": 1,
        "models.model_runs": 3,
        "operations.jobs": counts["operations.jobs"],
        "operations.job_attempts": 3,
        "operations.notifications": counts["operations.notifications"],
        "operations.idempotency_keys": counts["operations.idempotency_keys"],
    }

    # What went is in the export, which is for the operator's eyes only.
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    exported = [json.loads(line) for line in path.read_text().splitlines()]
    del counts["operations.idempotency_keys"]
    assert Counter(row["entity"] for row in exported) == counts
    assert {row["data"]["body_text"] for row in exported if "body_text" in row["data"]} >= {
        f"{person.mark} asks",
        f"{person.mark} asks again",
    }

    # Nothing is left, in whatever spelling; nor in what is encrypted.
    after = dump(server).lower()
    for trace in (person.mark, person.email, person.name):
        assert trace.lower() not in after.replace(other.email.lower(), "")
    assert not [answer for answer in answers(owner, full) if person.mark in answer]

    # Who else is there has what they had; the costs still count, and what was learned of others is still there.
    for (tenant, _), rows_before in zip(others, kept, strict=True):
        left = rows(owner, tenant)
        for table, known in rows_before.items():
            if (tenant, table) != (full, "operations.idempotency_keys"):
                assert set(known) <= set(left[table]), table
    assert sum(run["cost_micros"] or 0 for run in full.service.all("/v1/model-runs")) == sum(
        run["cost_micros"] or 0 for run in costs
    )
    left_samples = full.service.all("/v1/learning-samples")
    assert left_samples == [s for s in samples if person.mark not in s["suggested_text"]]
    assert left_samples

    # What is left tells when, by whom and how much.
    report = full.service.get("/v1/erasures")["items"][0]
    assert report["requested_by"] == "erase person"
    assert report["finished_at"]
    assert told(done.stdout) == report["counts"]
    deleted = full.service.all("/v1/audit", entity="inbox.conversations", action="DELETE")
    assert [event["actor"] for event in deleted] == ["erase person"]


def test_an_export_walks_through_the_conversations_and_has_each_model_run_once(
    tenant: Tenant, owners: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "CONVERSATIONS", 2)
    person = Person()
    for n in range(5):
        received = tenant.receive(f"T-{person.mark}-{n}", customer_email=person.email)
        body = {"run_type": "DRAFT_REPLY", "model": "m", "input_ref": received["message_id"]}
        tenant.service.post("/v1/model-runs", body | {"meta": {"to": person.email} if n else {}})
    tenant.receive("T-other", customer_email=Person().email)
    with owners.transaction(Caller(tenant_id=tenant.id, actor="test")) as tx:
        exported = [json.loads(line) for line in erasing.export(tx, person.email)]
    found = Counter(row["entity"] for row in exported)
    assert (found["inbox.conversations"], found["models.model_runs"]) == (5, 5)
    assert len({row["data"]["id"] for row in exported if row["entity"] == "models.model_runs"}) == 5


def test_what_was_done_is_not_done_again_though_its_answer_is_gone(
    tenant: Tenant, owner: Sql, environ: dict[str, str]
) -> None:
    body = {"kind": "reply", "system_prompt": "Be brief.", "user_template": "{tweet}"}
    keyed = {"Idempotency-Key": "one"}
    tenant.service.post("/v1/prompts", body, headers=keyed)
    done = flask(environ, "erase", "person", "kim@example.com", "--tenant", tenant.id)
    assert done.returncode == 0, done.stderr
    refused = tenant.service.post("/v1/prompts", body, headers=keyed, expect=409)
    assert refused["detail"] == "it was done, but its answer can no longer be read"
    other = {**body, "system_prompt": "Be long."}
    refused = tenant.service.post("/v1/prompts", other, headers=keyed, expect=422)
    assert refused["code"] == "IDEMPOTENCY_MISMATCH"
    assert len(tenant.service.all("/v1/prompts")) == 1


def test_an_administrator_asks_and_the_worker_erases(
    tenant: Tenant, owner: Sql, owners: Database, server: Server
) -> None:
    person = Person()
    person.fill(tenant, owner)
    admin, worker = tenant.acting("admin"), Caller(tenant_id=tenant.id, actor="worker")
    asked = {"email": f" {person.email.upper()} "}
    for role in ("viewer", "agent", "approver"):
        tenant.acting(role).post("/v1/erasures", asked, expect=403)
        tenant.acting(role).post("/v1/customers/export", asked, expect=403)

    exported = admin.request("POST", "/v1/customers/export", asked, expect=200)
    assert exported.headers["Cache-Control"] == "no-store"
    lines = [json.loads(line) for line in exported.text.splitlines()]
    assert {line["entity"] for line in lines} >= {"inbox.messages", "models.model_runs"}
    assert "lease_id" not in exported.text

    rehearsed = admin.post("/v1/erasures", {**asked, "dry_run": True}, expect=201)
    pending = admin.post("/v1/erasures", asked, expect=201)
    assert pending["person"] == rehearsed["person"]
    assert (pending["finished_at"], pending["counts"]) == (None, {})
    assert pending["requested_by"] == f"user:{tenant.users['admin']}"
    refused = admin.post("/v1/erasures", asked, expect=409)
    assert refused["errors"] == {"email": ["is being erased already"]}

    assert sum(erase_people(owners, worker)) == 2
    assert sum(erase_people(owners, worker)) == 0
    first, second = (admin.get(f"/v1/erasures/{e['id']}") for e in (rehearsed, pending))
    assert first["finished_at"]
    assert second["finished_at"]
    assert first["counts"] == second["counts"]
    assert second["counts"]["inbox.messages"] == 2
    assert person.mark.lower() not in dump(server).lower()


def test_what_broke_off_goes_on_and_counts_each_row_once(
    tenant: Tenant, owner: Sql, owners: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "CONVERSATIONS", 1)
    for _ in range(5):
        tenant.receive(customer_email="kim@example.com")
    who = Caller(tenant_id=tenant.id, actor="worker")
    asked = tenant.service.post("/v1/erasures", {"email": "kim@example.com"}, expect=201)
    batches = 0

    def breaks(*arguments: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise KeyboardInterrupt
        return whole(*arguments)

    whole = erasing._batch
    with monkeypatch.context() as broken:
        broken.setattr(erasing, "_batch", breaks)
        with pytest.raises(KeyboardInterrupt):
            sum(erase_people(owners, who))
    path = f"/v1/erasures/{asked['id']}"
    assert tenant.service.get(path)["counts"]["inbox.conversations"] == 2
    assert tenant.service.get(path)["finished_at"] is None
    assert sum(erase_people(owners, who)) == 1
    done = tenant.service.get(path)
    assert done["counts"]["inbox.conversations"] == 5
    assert done["finished_at"]


def test_one_that_cannot_be_done_keeps_no_other_waiting(
    tenant: Tenant, owner: Sql, owners: Database
) -> None:
    first, second = (
        tenant.service.post("/v1/erasures", {"email": email}, expect=201)["id"]
        for email in ("kim@example.com", "lee@example.com")
    )
    with owner.transaction():
        owner.execute(
            "SELECT FROM operations.erasures WHERE tenant_id = %s AND id = %s FOR UPDATE",
            [tenant.id, first],
        )
        with pytest.raises(GIVES_UP):
            list(erase_people(owners, Caller(tenant_id=tenant.id, actor="worker")))
    finished = {e["id"]: e["finished_at"] is not None for e in tenant.service.all("/v1/erasures")}
    assert finished == {first: False, second: True}


@pytest.mark.usefixtures("no_deadlocks")
def test_a_message_that_comes_meanwhile_is_taken_in(tenant: Tenant, owners: Database) -> None:
    who = Caller(tenant_id=tenant.id, actor="worker")
    email = "kim@example.com"

    def race(n: int) -> int:
        if n == 0:
            return sum(erase_people(owners, who))
        return len(tenant.receive("T", customer_email=email))

    for _ in range(5):
        tenant.receive("T", customer_email=email)
        asked = tenant.service.post("/v1/erasures", {"email": email}, expect=201)
        assert all(at_once(6, race))
        assert tenant.service.get(f"/v1/erasures/{asked['id']}")["finished_at"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("kim@example.com", True),
        ("To: <KIM@EXAMPLE.COM>.", True),
        (json.dumps({"to": "a\nkim@example.com\nb"}), True),
        ("mailto:kim@example.com?subject=x", True),
        ("kim@example.com.", True),
        ("kim@example.com-1", True),
        ("kim@example.com-2026-01-01", True),
        ("kim@example.com_2026", True),
        ("kim@example.com_2026.eml", True),
        ("kim@example.com.2026", True),
        ("kim@example.com-1.", True),
        ("kim@example.com--", True),
        ("kim%40example.com", True),
        ("https://example.com/?to=KIM%40example.com&x=1", True),
        ("?next=%2F%3Fto%3Dkim%40example.com%26x", True),
        ("akim@example.com", False),
        ("a.kim@example.com", False),
        ("kim@example.com.au", False),
        ("kim@example-com", False),
        ("kim@example.community", False),
        ("kim+a@example.com", False),
        ("x-kim@example.com", False),
        ("order_kim@example.com", False),
        ("a%2Bkim%40example.com", False),
        ("a%2Ekim%40example.com", False),
        ("kim@example.com-op.org", False),
        ("kim@example.com-1.example.org", False),
        ("kim@example.com.1und1.de", False),
        ("kim@example.co", False),
        # The name of a file, but it could as well be a host's.
        ("kim@example.com.eml", False),
        ("kim@example.com-1.eml", False),
    ],
)
def test_an_address_is_found_but_not_within_another(owner: Sql, text: str, names: bool) -> None:
    found = owner.execute(
        "SELECT %s ~* %s AS names", [text, erasing.mention("kim@example.com")]
    ).fetchone()
    assert found == {"names": names}


@pytest.mark.parametrize(
    "email", ["kim+shop@example.com", "kim_l~e=e@example.com", "zoë@example.com"]
)
def test_an_address_is_found_in_a_url(owner: Sql, email: str) -> None:
    url = f"https://example.com/?{urlencode({'to': email})}"
    found = owner.execute("SELECT %s ~* %s AS names", [url, erasing.mention(email)]).fetchone()
    assert found == {"names": True}


@pytest.mark.parametrize(
    "email", ['"kim lee"@example.com', '"a\\\\b"@example.com', '"a\\"b"@example.com']
)
def test_an_address_with_quotes_is_found_as_it_is_and_in_json(owner: Sql, email: str) -> None:
    for text in (f"<{email}>", json.dumps({"to": email})):
        found = owner.execute("SELECT %s ~* %s AS names", [text, erasing.mention(email)]).fetchone()
        assert found == {"names": True}


def test_what_is_no_address_is_not_looked_for_in_texts(owner: Sql) -> None:
    found = owner.execute("SELECT 'order x' ~* %s AS names", [erasing.mention("order")]).fetchone()
    assert found == {"names": False}


def test_the_service_cannot_erase_by_itself(tenant: Tenant, sql: Sql) -> None:
    received = tenant.receive()
    run = tenant.service.post("/v1/model-runs", {"run_type": "DRAFT_REPLY", "model": "m"})
    for function, row in (
        ("inbox.forget_conversations", received["conversation_id"]),
        ("models.redact_runs", run["id"]),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), sql.transaction():
            sql.execute(f"SELECT {function}(%s, ARRAY[%s]::uuid[])".encode(), [tenant.id, row])


def test_only_who_erases_says_that_it_is_done(tenant: Tenant, sql: Sql) -> None:
    tenant.service.post("/v1/erasures", {"email": "kim@example.com"}, expect=201)
    ask = "INSERT INTO operations.erasures (tenant_id, person, dry_run, requested_by, email, counts, finished_at)"
    for forged in (
        "UPDATE operations.erasures SET email = NULL, finished_at = now()",
        "UPDATE operations.erasures SET email = 'lee@example.com'",
        f"{ask} SELECT tenant_id, person, true, 'me', NULL, '{{}}', now() FROM operations.erasures",
        f"{ask} SELECT tenant_id, person, true, 'me', 'a', '{{\"a.b\": 1}}', NULL FROM operations.erasures",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), sql.transaction():
            sql.execute(forged.encode())
    sql.execute(
        f"{ask} SELECT tenant_id, person, true, 'me', 'a', '{{}}', NULL FROM operations.erasures".encode()
    )


@pytest.mark.parametrize(
    ("body", "field"), [({}, "email"), ({"email": " "}, "email"), ({"email": "a" * 321}, "email")]
)
def test_a_wrong_field_is_refused_by_name(api: Client, body: Any, field: str) -> None:
    for path in ("/v1/erasures", "/v1/customers/export"):
        assert list(api.post(path, body, expect=400)["errors"]) == [field]


def test_the_command_needs_a_tenant_that_is_there(environ: dict[str, str]) -> None:
    done = flask(environ, "erase", "person", "a@example.com", "--tenant", str(uuid4()))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    without = flask(
        environ | {"DIRECT_URL": ""}, "erase", "person", "a@example.com", "--tenant", str(uuid4())
    )
    assert "DIRECT_URL is missing" in without.stderr


@pytest.mark.parametrize("file", ["there.ndjson", "no-such-folder/new.ndjson"])
def test_nobody_is_erased_without_the_export_that_was_asked_for(
    tenant: Tenant, environ: dict[str, str], tmp_path: Path, file: str
) -> None:
    tenant.receive(customer_email="kim@example.com")
    (tmp_path / "there.ndjson").write_text("precious")
    command = ("erase", "person", "kim@example.com", "--tenant", tenant.id)
    done = flask(environ, *command, "--export", str(tmp_path / file))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: {tmp_path / file}: ")
    assert "Traceback" not in done.stderr
    assert (tmp_path / "there.ndjson").read_text() == "precious"
    assert len(tenant.service.all("/v1/conversations")) == 1
    assert tenant.service.all("/v1/erasures") == []
