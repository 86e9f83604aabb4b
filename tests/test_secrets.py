"""Stored secrets: readable in their own cell only, and encrypted anew while the service runs."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from service.commands.secrets import BATCH, TABLES
from service.secrets import Cell, Secrets
from tests.client import ROOT, Client, Gunicorn, Tenant, at_once
from tests.commands import SECRET_KEY, flask, make_platform_key
from tests.postgres import Server
from tests.writer import Writer

Sql = psycopg.Connection[Any]

OLD, NEW = SECRET_KEY, "the next secret key, at least 32 characters"
CELL = Cell(str(uuid4()), "inbox.channels.signing_secret", str(uuid4()))
CHANNELS = 20 * BATCH


def test_a_secret_is_read_in_its_own_cell_only() -> None:
    secrets = Secrets(OLD)
    stored = secrets.encrypt(b"hunter2", CELL)
    assert secrets.decrypt(stored, CELL) == b"hunter2"
    for other in (
        replace(CELL, tenant_id=str(uuid4())),
        replace(CELL, column="pipelines.webhooks.secret"),
        replace(CELL, row=str(uuid4())),
    ):
        assert secrets.decrypt(stored, other) is None


def test_what_is_not_as_it_was_stored_is_not_read() -> None:
    secrets = Secrets(OLD)
    stored = secrets.encrypt(b"hunter2", CELL)
    changed = [stored[:n] + bytes([stored[n] ^ 1]) + stored[n + 1 :] for n in range(len(stored))]
    shortened = [stored[:n] for n in range(len(stored))]
    assert all(secrets.decrypt(other, CELL) is None for other in changed + shortened)


def test_the_same_secret_is_never_stored_as_the_same_bytes() -> None:
    secrets = Secrets(OLD)
    assert len({secrets.encrypt(b"hunter2", CELL) for _ in range(100)}) == 100


def test_the_previous_key_still_reads_and_the_present_one_writes() -> None:
    old, rotated, new = Secrets(OLD), Secrets(NEW, OLD), Secrets(NEW)
    stored = old.encrypt(b"hunter2", CELL)
    assert rotated.decrypt(stored, CELL) == b"hunter2"
    assert new.decrypt(stored, CELL) is None
    assert new.decrypt(rotated.encrypt(b"hunter2", CELL), CELL) == b"hunter2"


def test_every_encrypted_column_is_rotated(owner: Sql) -> None:
    """What is binary is encrypted, but for the two columns of hashes."""
    found = owner.execute(
        """
        SELECT table_schema || '.' || table_name AS name, column_name
        FROM information_schema.columns
        WHERE data_type = 'bytea' AND column_name NOT LIKE '%hash'
            AND table_schema NOT IN ('pg_catalog', 'information_schema')
        """
    ).fetchall()
    assert {(row["name"], row["column_name"]) for row in found} == {
        (table.name, column) for table in TABLES for column in table.columns
    }


# Rotation -------------------------------------------------------------------------------------------


@pytest.fixture
def environ(server: Server, clone: Callable[[str], str]) -> dict[str, str]:
    """Of a service under the new key, on a database of its own whose secrets are under the old one."""
    name = clone(f"rotation_{uuid4().hex[:8]}")
    return {
        "DATABASE_URL": server.url("app_rw", name),
        "DIRECT_URL": server.direct_url(name),
        "SECRET_KEY": NEW,
        "SECRET_KEY_PREVIOUS": OLD,
        "LOG_LEVEL": "WARNING",
        "WEB_CONCURRENCY": "1",
    }


@pytest.fixture
def rotated(environ: dict[str, str]) -> Iterator[Tenant]:
    """A tenant of that service."""
    with Gunicorn(environ) as running:
        yield Tenant.create(running.url, make_platform_key(environ))


@pytest.fixture
def rows(environ: dict[str, str], rotated: Tenant) -> Iterator[Writer]:
    """The tenant's rows, as another writer sees them, in transactions."""
    with Writer.connect(environ["DATABASE_URL"], autocommit=True) as connection:
        connection.set("app.tenant_id", rotated.id)
        yield connection


def fill(sql: Writer, tenant: Tenant) -> dict[str, str]:
    """Many channels whose secrets are under the old key; the secrets by the channels' ids."""
    made = sql.execute("SELECT operations.new_id() FROM generate_series(1, %s)", [CHANNELS])
    ids = [str(channel_id) for (channel_id,) in made]
    secrets, expected = Secrets(OLD), {id_: f"the secret of {id_}" for id_ in ids}
    stored = [
        secrets.encrypt(secret.encode(), Cell(tenant.id, "inbox.channels.signing_secret", id_))
        for id_, secret in expected.items()
    ]
    with sql.transaction():
        sql.execute(
            """
            INSERT INTO inbox.channels (tenant_id, id, type, external_id, name, signing_secret)
            SELECT %s, new.id, 'email', new.id::text, 'mailbox', new.secret
            FROM unnest(%s::uuid [], %s::bytea []) AS new (id, secret)
            RETURNING id
            """,
            [tenant.id, ids, stored],
        )
    return expected


def read(sql: Writer, tenant: Tenant, *keys: str) -> dict[str, str | None]:
    """The channels' secrets, None where none of the keys reads it."""
    secrets = Secrets(*keys)
    found = {}
    with sql.transaction():
        rows = sql.execute("SELECT id, signing_secret FROM inbox.channels").fetchall()
    for channel_id, stored in rows:
        cell = Cell(tenant.id, "inbox.channels.signing_secret", str(channel_id))
        secret = secrets.decrypt(stored, cell)
        found[str(channel_id)] = secret and secret.decode()
    return found


def rotate(environ: dict[str, str]) -> str:
    done = flask(environ, "secrets", "rotate")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_rotation_that_is_killed_goes_on_while_others_write(
    environ: dict[str, str], rotated: Tenant, rows: Writer
) -> None:
    expected = fill(rows, rotated)
    ids, stop = list(expected), Event()

    def write(n: int) -> None:
        if n == 0:
            try:
                interrupted_rotation()
                rotate(environ)
            finally:
                stop.set()
            return
        api = Client(rotated.service.url, rotated.service.credential)
        for channel_id in ids[n::97]:
            if stop.is_set():
                break
            secret = f"set by {n} anew: {channel_id}"
            api.patch(f"/v1/channels/{channel_id}", {"signing_secret": secret})
            expected[channel_id] = secret

    def interrupted_rotation() -> None:
        command = [sys.executable, "-m", "flask", "secrets", "rotate"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            for line in process.stdout:
                if "inbox.channels" in line and " 0 done" not in line:
                    process.kill()
                    break
        under_new = [secret for secret in read(rows, rotated, NEW).values() if secret]
        assert any(secret.startswith("the secret of") for secret in under_new)
        assert len(under_new) < len(expected)

    at_once(4, write)
    assert read(rows, rotated, NEW) == expected
    assert "0 done, 0 overtaken, 0 unreadable" in rotate(environ)


def test_every_kind_of_secret_works_under_the_new_key_alone(
    environ: dict[str, str], rotated: Tenant, rows: Writer
) -> None:
    under_old = {**environ, "SECRET_KEY": OLD, "SECRET_KEY_PREVIOUS": NEW}
    answered = {}
    with Gunicorn(under_old) as running:
        api = Client(running.url, rotated.service.credential)
        for secret in ("a" * 40, "b" * 40):
            api.put("/v1/pipeline-webhook", {"secret": secret, "grace_seconds": 3600})
        headers = {"Idempotency-Key": "one"}
        answered = api.post("/v1/jobs", {"type": "crawl"}, headers=headers)
    rotate(environ)
    environ.pop("SECRET_KEY_PREVIOUS")
    hook = f"/hooks/tenants/{rotated.id}/pipeline-runs/{uuid4()}/fail"
    with Gunicorn(environ) as running:
        nobody = Client(running.url, "")
        report = {"lease_id": str(uuid4()), "error_message": "none"}
        for secret in ("a" * 40, "b" * 40):
            nobody.request("POST", hook, report, headers={"X-Webhook-Secret": secret}, expect=404)
        nobody.request("POST", hook, report, headers={"X-Webhook-Secret": "c" * 40}, expect=401)
        api = Client(running.url, rotated.service.credential)
        assert api.post("/v1/jobs", {"type": "crawl"}, headers=headers) == answered
    with rows.transaction():
        told = rows.execute(
            "SELECT actor, action, changes FROM operations.events WHERE action = 'ROTATE'"
        ).fetchall()
    assert told
    assert {actor for actor, _, _ in told} == {"secrets rotate"}
    assert "masked" in json.dumps(told[0][2])


def test_what_no_key_reads_is_told_and_stays(
    environ: dict[str, str], rotated: Tenant, rows: Writer
) -> None:
    made = rotated.service.post(
        "/v1/channels",
        {"type": "email", "external_id": "1", "name": "1", "signing_secret": "s" * 20},
    )
    other = Secrets("a secret key that nobody remembers").encrypt(b"s", CELL)
    with rows.transaction():
        rows.execute("UPDATE inbox.channels SET signing_secret = %s", [other])
    done = flask(environ, "secrets", "rotate")
    assert done.returncode == 1
    assert "1 rows are under a key" in done.stderr
    assert read(rows, rotated, NEW, OLD) == {made["id"]: None}
