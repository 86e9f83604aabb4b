"""Imports: line by line over a real connection, which may break at any time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.config import Settings
from tests.client import Client, Gunicorn, Tenant, Wire, new_id, wait_until
from tests.commands import environment, flask
from tests.library.bulk_helpers import BAD, Sql, as_any, count, ndjson, row

PATH = "/v1/resources/import"
NDJSON = {"Content-Type": "application/x-ndjson"}
CHUNKED = NDJSON | {"Transfer-Encoding": "chunked"}


@pytest.fixture(scope="module")
def impatient(settings: Settings) -> Iterator[Gunicorn]:
    """A line has a second to come, and may have 4 KB."""
    given = environment(settings) | {
        "BODY_TIMEOUT": "1",
        "MAX_BODY_BYTES": "4096",
        "THREADS": "4",
        "IMPORTS": "2",
        "IMPORTS_PER_TENANT": "1",
    }
    with Gunicorn(given) as running:
        yield running


@pytest.fixture(scope="module")
def generous(settings: Settings) -> Iterator[Gunicorn]:
    """A tenant may have two imports at a time."""
    with Gunicorn(environment(settings) | {"IMPORTS_PER_TENANT": "2"}) as running:
        yield running


def named(number: int, **fields: Any) -> dict[str, Any]:
    return row(f"Number {number}", public_id=f"import{number:06}", **fields)


def send(api: Client, body: Any, expect: int = 200, **params: Any) -> list[Any]:
    answered = api.request("POST", PATH, data=body, headers=NDJSON, params=params, expect=expect)
    if expect != 200:
        return [answered.json()]
    return [json.loads(line) for line in answered.text.splitlines()]


def numbers(progress: dict[str, Any]) -> tuple[int, ...]:
    return tuple(progress[name] for name in ("lines", "done", "skipped", "failed"))


def test_an_import_is_known_before_its_first_line(tenant: Tenant) -> None:
    api = tenant.agent
    made = api.post("/v1/imports", expect=201)
    assert (made["status"], made["lines"], made["created_by_id"]) == (
        "running",
        0,
        tenant.users["agent"],
    )
    *_, outcome = send(api, ndjson([named(1), named(2)]), import_id=made["id"])
    assert (outcome["id"], outcome["status"], outcome["done"]) == (made["id"], "completed", 2)
    assert tenant.acting("viewer").post("/v1/imports", expect=403)["code"] == "FORBIDDEN"


def test_each_line_becomes_a_resource_or_a_failure_with_its_number(tenant: Tenant) -> None:
    api = tenant.agent
    lines: list[Any] = [named(number) for number in range(250)]
    lines[3] = BAD
    lines[120] = "{no JSON"
    lines[130] = ""
    lines[140] = named(1)
    lines[249] = named(249, owned_by_user_id=tenant.users["agent2"])
    first, outcome = send(api, ndjson(lines))
    assert (first["status"], numbers(first)) == ("running", (0, 0, 0, 0))
    assert (outcome["status"], outcome["problem"]) == ("completed", None)
    assert numbers(outcome) == (250, 245, 2, 3)
    told = [(failure["line"], failure["code"]) for failure in outcome["failures"]]
    assert told == [(4, "VALIDATION"), (121, "VALIDATION"), (250, "FORBIDDEN")]
    known = api.get(f"/v1/imports/{outcome['id']}")
    assert (known["status"], numbers(known)) == ("completed", numbers(outcome))
    assert known["failures"] == outcome["failures"]
    assert known["finished_at"]
    problem = send(api, ndjson(lines), expect=409, import_id=outcome["id"])[0]
    assert problem["detail"] == "the import is completed"


def test_an_import_is_for_who_began_it_to_see(tenant: Tenant) -> None:
    _, outcome = send(tenant.agent, ndjson([named(1)]))
    other = tenant.acting("agent2")
    other.get(f"/v1/imports/{outcome['id']}", expect=404)
    send(other, b"", expect=404, import_id=outcome["id"])
    tenant.agent.get(f"/v1/imports/{new_id()}", expect=404)


def test_nobody_else_goes_on_with_the_import_of_a_service(tenant: Tenant, sql: Sql) -> None:
    as_any(sql, "")
    begin = "INSERT INTO library.imports (tenant_id, created_by_id) VALUES (%s, %s) RETURNING id"
    [made] = sql.execute(begin.encode(), [tenant.id, None]).fetchall()
    sql.commit()
    send(tenant.agent, ndjson([named(1)]), expect=403, import_id=str(made["id"]))
    as_any(sql, tenant.users["agent"])
    for statement in (begin, "UPDATE library.imports SET lines = 1, done = 1"):
        with pytest.raises(psycopg.Error) as refused:
            sql.execute(statement.encode(), [tenant.id, None] if statement == begin else None)
        assert refused.value.sqlstate == "DR003"
        sql.rollback()
    *_, outcome = send(tenant.service, ndjson([named(1)]), import_id=str(made["id"]))
    assert outcome["status"] == "completed"


def test_only_the_first_failures_are_kept(tenant: Tenant) -> None:
    _, outcome = send(tenant.agent, ndjson([{"resource_type": "é" * 5000}] * 400))
    assert numbers(outcome) == (400, 0, 0, 400)
    assert [failure["line"] for failure in outcome["failures"]] == [*range(1, 51)]


def begin(url: str, tenant: Tenant, path: str = PATH) -> Wire:
    """An import whose body the test sends chunk by chunk."""
    wire = Wire(url)
    headers = CHUNKED | {"Draftroom-User": tenant.users["agent"]}
    wire.send("POST", path, tenant.service.credential, headers)
    return wire


def send_chunk(wire: Wire, data: bytes) -> None:
    wire.socket.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def progress_of(wire: Wire) -> Iterator[dict[str, Any]]:
    """The lines of an answer in chunks, as they come."""
    assert wire.status() == 200
    while wire.received.readline().strip():
        pass
    while size := int(wire.received.readline(), 16):
        yield json.loads(wire.received.read(size))
        wire.received.readline()
    wire.received.readline()


def test_a_connection_that_breaks_is_gone_on_from_and_nothing_is_written_twice(
    generous: Gunicorn, tenant: Tenant, sql: Sql
) -> None:
    api = Client(generous.url, tenant.service.credential, tenant.users["agent"])
    # Without public ids a line that is written twice would be two resources.
    lines = [row(f"Number {number}") for number in range(500)]
    body = ndjson(lines)
    with begin(generous.url, tenant) as wire:
        import_id = next(progress_of(wire))["id"]
        send_chunk(wire, ndjson(lines[:230]) + b'{"resource_type": "Rout')
    known = wait_until(
        lambda: (found := api.get(f"/v1/imports/{import_id}"))["status"] == "interrupted" and found
    )
    assert numbers(known) == (230, 230, 0, 0)
    # A gap is refused; what was sent before is skipped.
    problem = send(api, body, expect=400, import_id=import_id, from_line=232)[0]
    assert list(problem["errors"]) == ["from_line"]
    with begin(generous.url, tenant, f"{PATH}?import_id={import_id}") as wire:
        assert next(progress_of(wire))["lines"] == 230
        send_chunk(wire, ndjson(lines[:330]))
    wait_until(lambda: api.get(f"/v1/imports/{import_id}")["lines"] == 330)
    *_, outcome = send(api, ndjson(lines[300:]), import_id=import_id, from_line=301)
    assert (outcome["status"], numbers(outcome)) == ("completed", (500, 500, 0, 0))
    as_any(sql)
    assert count(sql, "library.resources") == 500
    assert count(sql, "library.resource_translations WHERE name = 'Number 229'") == 1


def test_of_two_that_go_on_with_the_same_import_one_is_told(
    generous: Gunicorn, tenant: Tenant, sql: Sql
) -> None:
    with begin(generous.url, tenant) as wire:
        told = progress_of(wire)
        import_id = next(told)["id"]
        *_, outcome = send(
            Client(generous.url, tenant.service.credential, tenant.users["agent"]),
            ndjson([named(1), named(2)]),
            import_id=import_id,
        )
        assert outcome["status"] == "completed"
        send_chunk(wire, ndjson([named(3)] * 200))
        *_, late = told
        assert late["problem"]["code"] == "CONFLICT"
    as_any(sql)
    assert count(sql, "library.resources") == 2


def test_a_line_has_a_limit_and_the_body_has_none(impatient: Gunicorn, tenant: Tenant) -> None:
    api = Client(impatient.url, tenant.service.credential, tenant.users["agent"])
    long = row(details="x")
    long["version"]["translations"][0]["details"] = "x" * 9000
    lines = [named(1), long, *(named(number) for number in range(2, 102))]
    body = ndjson(lines)
    assert len(body) > 4 * 4096
    *_, outcome = send(api, body)
    assert numbers(outcome) == (102, 101, 0, 1)
    assert (outcome["failures"][0]["line"], outcome["failures"][0]["code"]) == (2, "VALIDATION")
    assert "4096" in outcome["failures"][0]["detail"]


def test_a_client_that_falls_silent_keeps_what_it_sent(
    impatient: Gunicorn, tenant: Tenant, sql: Sql
) -> None:
    with begin(impatient.url, tenant) as wire:
        send_chunk(wire, ndjson([named(1), named(2)]) + b'{"resource')
        *_, outcome = progress_of(wire)
        assert (outcome["status"], numbers(outcome)) == ("interrupted", (2, 2, 0, 0))
        assert outcome["problem"] == {"code": "TIMEOUT", "detail": "line 3 did not come in time"}
        assert wire.is_over()


def test_a_line_that_comes_byte_by_byte_is_not_in_time(impatient: Gunicorn, tenant: Tenant) -> None:
    with begin(impatient.url, tenant) as wire:
        wire.socket.settimeout(0.1)

        def drip() -> bool:
            with pytest.MonkeyPatch.context():
                send_chunk(wire, b" ")
            try:
                return b"interrupted" in wire.socket.recv(65536)
            except TimeoutError:
                return False

        wait_until(drip)


def test_a_tenant_has_so_many_imports_at_a_time(impatient: Gunicorn, tenant: Tenant) -> None:
    api = Client(impatient.url, tenant.service.credential, tenant.users["agent"])
    with begin(impatient.url, tenant) as wire:
        told = progress_of(wire)
        next(told)
        assert send(api, b"", expect=503)[0]["code"] == "UNAVAILABLE"
        wire.socket.sendall(b"0\r\n\r\n")
        *_, outcome = told
        assert (outcome["status"], numbers(outcome)) == ("completed", (0, 0, 0, 0))
    wait_until(lambda: api.request("POST", PATH, data=b"", headers=NDJSON).status_code == 200)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "application/json"}, "UNSUPPORTED"),
        (NDJSON | {"Content-Encoding": "gzip"}, "UNSUPPORTED"),
        (NDJSON | {"Idempotency-Key": "one"}, "VALIDATION"),
    ],
)
def test_what_an_import_does_not_take_is_refused(
    tenant: Tenant, headers: dict[str, str], code: str
) -> None:
    answered = tenant.agent.request("POST", PATH, data=b"{}", headers=headers)
    assert answered.json()["code"] == code


def test_a_client_that_waits_to_be_invited_is(gunicorn: Gunicorn, tenant: Tenant) -> None:
    with Wire(gunicorn.url) as wire:
        body = ndjson([named(1)])
        headers = NDJSON | {"Expect": "100-continue", "Content-Length": str(len(body))}
        wire.send("POST", PATH, tenant.service.credential, headers)
        assert wire.received.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert wire.received.readline() == b"\r\n"
        wire.socket.sendall(body)
        *_, outcome = progress_of(wire)
        assert numbers(outcome) == (1, 1, 0, 0)


# The command ---------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "resources.ndjson"
    path.write_bytes(ndjson([*(named(number) for number in range(120)), BAD]))
    return path


def test_the_command_imports_a_file_and_tells_it_in_lines(
    settings: Settings, tenant: Tenant, file: Path, sql: Sql
) -> None:
    options = ["--tenant", tenant.id, "--user", tenant.users["agent"]]
    done = flask(environment(settings), "library", "import", str(file), *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith(
        "completed: 121 lines, 120 done, 0 skipped, 1 failed"
    )
    assert "line 121: VALIDATION" in done.stderr
    assert "%" not in done.stdout
    as_any(sql)
    user = tenant.users["agent"]
    assert count(sql, "library.resources WHERE owned_by_user_id = %s", user) == 120


def test_the_command_goes_on_with_an_import(
    gunicorn: Gunicorn, settings: Settings, tenant: Tenant, file: Path
) -> None:
    with begin(gunicorn.url, tenant) as wire:
        import_id = next(progress_of(wire))["id"]
        send_chunk(wire, ndjson(named(number) for number in range(50)))
    path = f"/v1/imports/{import_id}"
    wait_until(lambda: tenant.agent.get(path)["status"] == "interrupted")
    options = ["--tenant", tenant.id, "--user", tenant.users["agent"], "--import-id", import_id]
    done = flask(environment(settings), "library", "import", str(file), *options)
    assert done.returncode == 0, done.stderr
    assert numbers(tenant.agent.get(path)) == (121, 120, 0, 1)


def test_the_command_draws_a_bar_on_a_terminal(
    settings: Settings, tenant: Tenant, file: Path
) -> None:
    import os
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "flask", "library", "import", str(file), "--tenant", tenant.id]
    with subprocess.Popen(
        command, env={**os.environ, **environment(settings)}, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                shown += (part := os.read(master, 4096))
            except OSError:  # closed at the other end
                break
            if not part:
                break
    os.close(master)
    assert process.returncode == 0, shown
    assert b"Importing" in shown
    assert b"100%" in shown
    assert b"120 done" in shown
