"""What serves: slow clients keep nobody waiting, and what is no HTTP is a problem too."""

import hashlib
import inspect
import json
import select
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import psutil
import psycopg
import pytest
import requests
from gunicorn.asgi.parser import PythonProtocol
from gunicorn.http import wsgi
from gunicorn.http.body import LengthReader
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.workers.gthread import PollableMethodQueue, ThreadWorker

from service import embedded
from service.config import Settings
from service.rest import MB
from service.server import worker
from service.server.worker import HEALTH, BufferingWorker
from tests.client import Client, Gunicorn, Tenant, Wire, at_once, wait_until
from tests.commands import environment
from tests.problems import UNTOLD
from tests.slow import (
    JSON,
    MANY,
    READERS,
    WRITERS,
    Large,
    send_half_a_body,
    send_half_a_chunk,
    send_half_a_head,
    send_nothing,
    send_nothing_more,
)

pytestmark = pytest.mark.not_on_citus("about slow clients and HTTP, whatever the database")

ONE = {"WEB_CONCURRENCY": "1", "THREADS": "4"}
# Nobody is given up while a test lasts: a thread that waits for a client is lost.
PATIENT = ONE | {
    "HEAD_TIMEOUT": "3600",
    "BODY_TIMEOUT": "3600",
    "SEND_TIMEOUT": "3600",
    "EXPORTS": "9",
    "EXPORTS_PER_TENANT": "9",
}
IMPATIENT = ONE | {"HEAD_TIMEOUT": "1", "BODY_TIMEOUT": "1", "SEND_TIMEOUT": "1", "KEEP_ALIVE": "1"}
BODY = b'{"type": "crawl"}'
LIMITS = [
    ("/v1/jobs", MB),
    ("/v1/intake/messages", 8 * MB),
    ("/internal/conversations/a%2Fb%20c/messages", 8 * MB),
    ("/v1/pipeline-runs/00000000-0000-7000-8000-000000000021/stages", 8 * MB),
    ("/v1/pipeline-runs/import", 16 * MB),
]


@pytest.fixture(scope="module")
def patient(settings: Settings) -> Iterator[Gunicorn]:
    with Gunicorn(environment(settings) | PATIENT) as running:
        yield running


@pytest.fixture(scope="module")
def impatient(settings: Settings) -> Iterator[Gunicorn]:
    with Gunicorn(environment(settings) | IMPATIENT) as running:
        yield running


@pytest.fixture
def wire(patient: Gunicorn) -> Iterator[Wire]:
    with Wire(patient.url) as connected:
        yield connected


@pytest.fixture
def large(tenant: Tenant, sql: psycopg.Connection[Any]) -> Large:
    return Large.of(tenant, sql)


# Slow clients -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("be_slow", [*WRITERS, *READERS])
def test_slow_clients_keep_nobody_waiting(
    patient: Gunicorn, large: Large, be_slow: Callable[[Wire, Tenant], None]
) -> None:
    def ask(_: int) -> None:
        client = Client(patient.url, large.service.credential)
        for path in HEALTH:
            assert requests.get(f"{patient.url}{path}", timeout=30).ok
        client.get("/v1/tenant")
        client.post("/v1/jobs", {"type": "crawl"}, expect=201)

    with ExitStack() as stack:
        for _ in range(MANY):
            be_slow(stack.enter_context(Wire(patient.url)), large)
        at_once(8, ask)


def is_connected(gunicorn: Gunicorn, wire: Wire) -> bool:
    """Whether a worker still has the connection."""
    port = wire.socket.getsockname()[1]
    [worker] = psutil.Process(gunicorn.process.pid).children()
    return any(found.raddr and found.raddr.port == port for found in worker.net_connections())


@pytest.mark.parametrize("be_slow", [send_half_a_head, send_half_a_body, send_half_a_chunk])
def test_a_request_that_does_not_come_in_time_is_a_problem(
    impatient: Gunicorn, tenant: Tenant, be_slow: Callable[[Wire, Tenant], None]
) -> None:
    with Wire(impatient.url) as wire:
        be_slow(wire, tenant)
        refused(wire, 408, "TIMEOUT")


def test_a_little_now_and_then_is_not_in_time(impatient: Gunicorn) -> None:
    with Wire(impatient.url) as wire:
        wire.socket.sendall(b"GET / HTTP/1.1\r\n")

        def drip() -> bool:
            wire.socket.sendall(b"A: b\r\n")
            return bool(select.select([wire.socket], [], [], 0.1)[0])

        wait_until(drip)
        refused(wire, 408, "TIMEOUT")


@pytest.mark.parametrize("be_slow", [send_nothing, send_nothing_more])
def test_a_connection_without_a_request_is_closed(
    impatient: Gunicorn, tenant: Tenant, be_slow: Callable[[Wire, Tenant], None]
) -> None:
    with Wire(impatient.url) as wire:
        be_slow(wire, tenant)
        assert wire.is_over()


@pytest.mark.parametrize("be_slow", READERS)
def test_a_client_that_takes_nothing_is_given_up(
    impatient: Gunicorn, large: Large, be_slow: Callable[[Wire, Tenant], None]
) -> None:
    with Wire(impatient.url) as wire:
        be_slow(wire, large)
        wait_until(lambda: not is_connected(impatient, wire))


def test_a_client_that_takes_a_little_now_and_then_gets_all(
    impatient: Gunicorn, large: Large
) -> None:
    with Wire(impatient.url) as wire:
        wire.send("GET", large.list, large.service.credential)
        status, _, body = wire.answer()
        assert (status, len(json.loads(body)["items"])) == (200, 51)
        wire.send("GET", "/healthz")
        assert wire.answer()[0] == 200


def test_health_checks_have_threads_of_their_own(
    patient: Gunicorn, tenant: Tenant, sql: psycopg.Connection[Any]
) -> None:
    path = f"/v1/users/{tenant.users['agent']}"
    lock = "SELECT 1 FROM identity.users WHERE tenant_id = %s AND id = %s FOR UPDATE"
    sql.execute(lock, [tenant.id, tenant.users["agent"]])

    def change(_: int) -> int:
        headers = {"Authorization": f"Bearer {tenant.service.credential}"}
        body = {"display_name": "Waits"}
        return requests.patch(
            patient.url + path, json=body, headers=headers, timeout=60
        ).status_code

    with ThreadPoolExecutor(MANY) as pool:
        waiting = [pool.submit(change, n) for n in range(MANY)]
        futures.wait(waiting, return_when=futures.FIRST_COMPLETED)  # so all threads are taken
        for check in HEALTH:
            assert requests.get(f"{patient.url}{check}", timeout=30).ok
        assert not all(change.done() for change in waiting)
        sql.rollback()
        assert {change.result() for change in waiting} <= {200, 503}


def test_exports_have_places_in_all_and_for_each_tenant(
    settings: Settings, large: Large, new_tenant: Callable[[], Tenant]
) -> None:
    other, third = new_tenant(), new_tenant()
    with (
        Gunicorn(
            environment(settings) | PATIENT | {"EXPORTS": "2", "EXPORTS_PER_TENANT": "1"}
        ) as gunicorn,
        Wire(gunicorn.url) as wire,
    ):

        def export(tenant: Tenant) -> requests.Response:
            client = Client(gunicorn.url, tenant.service.credential)
            return client.request("GET", "/v1/audit/export")

        wire.send("GET", "/v1/audit/export", large.service.credential)
        assert wire.status() == 200
        refused = export(large)
        assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
        assert int(refused.headers["Retry-After"]) > 0
        assert export(other).status_code == export(third).status_code == 200
        wire.socket.close()
        wire.received.close()
        wait_until(lambda: export(large).ok)


def test_when_the_connections_are_used_up_the_one_that_has_waited_longest_goes(
    patient: Gunicorn,
) -> None:
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(patient.url)) for _ in range(450)]
        assert requests.get(f"{patient.url}/healthz", timeout=30).ok
        assert wires[0].is_over()
        wires[-1].send("GET", "/healthz")
        assert wires[-1].answer()[0] == 200


def test_an_export_that_fails_midway_has_no_end(
    settings: Settings,
    server: embedded.Server,
    large: Large,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Gunicorn(environment(settings) | PATIENT) as gunicorn, Wire(gunicorn.url) as wire:
        wire.send("GET", "/v1/audit/export", large.service.credential)
        assert wire.status() == 200
        with psycopg.connect(server.url("postgres", "draftroom"), autocommit=True) as superuser:
            wait_until(
                lambda: superuser.execute(
                    """
                    SELECT pg_terminate_backend(pid, 10000)
                    FROM pg_stat_activity
                    WHERE state = 'idle in transaction'
                        AND query LIKE '%FETCH%'
                    """
                ).fetchall()
            )
        assert not wire.received.read().endswith(b"0\r\n\r\n")
        assert requests.get(f"{gunicorn.url}/healthz", timeout=30).ok
    assert "Error with a connection" not in capfd.readouterr().err


# What is no HTTP ----------------------------------------------------------------------------------------


def refused(wire: Wire, status: int, code: str) -> dict[str, Any]:
    """The problem document that the server itself answers, and the end of the connection."""
    answered, headers, body = wire.answer()
    document: dict[str, Any] = json.loads(body)
    assert (answered, document["status"], document["code"]) == (status, status, code), document
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert document["request_id"] == headers["x-request-id"]
    assert document["title"]
    assert document["detail"]
    assert not UNTOLD.search(body.decode())
    assert wire.is_over()
    return document


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"HELLO", 400, "VALIDATION"),
        (b"GET /\x80 HTTP/1.1", 400, "VALIDATION"),
        (b"get / HTTP/1.1", 400, "VALIDATION"),
        (b"GET / HTTP/9.1", 400, "VALIDATION"),
        (b"GET / HTTP/1.1\nHost: draftroom\n", 400, "VALIDATION"),
        (b"GET / HTTP/1.1\r\nno header", 400, "VALIDATION"),
        (b"GET / HTTP/1.1\r\nA: \x00", 400, "VALIDATION"),
        (b"GET / HTTP/1.1\r\nExpect: something", 400, "VALIDATION"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1", 400, "VALIDATION"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1", 400, "VALIDATION"),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
            400,
            "VALIDATION",
        ),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip", 400, "VALIDATION"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: rot13, chunked", 501, "NOT_IMPLEMENTED"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding:", 501, "NOT_IMPLEMENTED"),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1", 414, "URI_TOO_LONG"),
        (b"GET /" + b"x" * 100_000, 414, "URI_TOO_LONG"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 9000, 431, "HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1" + b"\r\nA: b" * 101, 431, "HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 200_000, 431, "HEADERS_TOO_LARGE"),
    ],
)
def test_a_head_that_is_none_is_a_problem(wire: Wire, head: bytes, status: int, code: str) -> None:
    with suppress(ConnectionError):  # it need not read all of it
        wire.socket.sendall(head + b"\r\n\r\n")
    refused(wire, status, code)


@pytest.mark.parametrize(
    "chunks",
    [
        b"xyz\r\n",
        b"-1\r\n",
        b"\r\n",
        b"1;\x00\r\nx\r\n",
        b"1\nx\n0\n\n",
        b"1\r\nxyz\r\n",
        b"0\r\nContent-Length: 1\r\n\r\n",
        b"1" * 9000,
    ],
)
def test_a_broken_chunked_body_is_a_problem(wire: Wire, tenant: Tenant, chunks: bytes) -> None:
    headers = JSON | {"Transfer-Encoding": "chunked"}
    wire.send("POST", "/v1/jobs", tenant.service.credential, headers, chunks)
    refused(wire, 400, "VALIDATION")


# What is HTTP -------------------------------------------------------------------------------------------


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "body",
    [
        chunked(BODY),
        chunked(*(bytes([byte]) for byte in BODY)),
        b"11;a=b;c\r\n" + BODY + b"\r\n0\r\nTrailer-Field: x\r\n\r\n",
        chunked(BODY, *[b" " * 65536] * 15, b" " * (65536 - len(BODY))),  # as large as it may be
    ],
)
def test_a_chunked_body_is_read(wire: Wire, tenant: Tenant, body: bytes) -> None:
    headers = JSON | {"Transfer-Encoding": "chunked"}
    for _ in range(2):  # the next request begins where this ends
        wire.send("POST", "/v1/jobs", tenant.service.credential, headers, body)
        assert wire.answer()[0] == 201


def test_a_request_may_come_byte_by_byte(wire: Wire, tenant: Tenant) -> None:
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"POST /v1/jobs HTTP/1.1\r\nAuthorization: Bearer {tenant.service.credential}\r\n"
    body = f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    for byte in head.encode() + body:
        wire.socket.sendall(bytes([byte]))
    assert wire.answer()[0] == 201


def test_requests_that_come_together_are_answered_in_turn(wire: Wire, tenant: Tenant) -> None:
    wire.send("GET", "/healthz", body=b"")
    for path in ("/v1/nothing", "/healthz", "/v1/tenant"):
        wire.send("GET", path, tenant.service.credential)
    headers = JSON | {"Content-Length": str(len(BODY))}
    wire.send("POST", "/v1/jobs", tenant.service.credential, headers, BODY)
    wire.send("GET", "/healthz", None, {"Connection": "close"})
    answers = [wire.answer() for _ in range(6)]
    assert [status for status, _, _ in answers] == [200, 404, 200, 200, 201, 200]
    assert [headers["connection"] for _, headers, _ in answers] == ["keep-alive"] * 5 + ["close"]
    assert wire.is_over()


def test_a_body_is_invited_when_the_client_waits_for_that(wire: Wire, tenant: Tenant) -> None:
    headers = JSON | {"Content-Length": str(len(BODY)), "Expect": "100-continue"}
    wire.send("POST", "/v1/jobs", tenant.service.credential, headers)
    assert wire.status() == 100
    assert wire.received.readline() == b"\r\n"
    wire.socket.sendall(BODY)
    assert wire.answer()[0] == 201


@pytest.mark.parametrize("expect", [{}, {"Expect": "100-continue"}])
@pytest.mark.parametrize(("path", "limit"), LIMITS)
def test_a_body_that_is_too_large_is_neither_invited_nor_awaited(
    wire: Wire, tenant: Tenant, expect: dict[str, str], path: str, limit: int
) -> None:
    headers = JSON | {"Content-Length": str(limit + 1)} | expect
    wire.send("POST", path, tenant.service.credential, headers)
    refused(wire, 413, "TOO_LARGE")


@pytest.mark.parametrize(("path", "limit"), LIMITS)
def test_a_chunked_body_without_end_is_refused_when_it_is_too_large(
    wire: Wire, tenant: Tenant, path: str, limit: int
) -> None:
    headers = JSON | {"Transfer-Encoding": "chunked"}
    wire.send("POST", path, tenant.service.credential, headers)
    with suppress(ConnectionError):
        for _ in range(limit // 65536 + 1):
            wire.socket.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
    refused(wire, 413, "TOO_LARGE")


def test_a_large_body_that_is_allowed_comes_whole(settings: Settings, tenant: Tenant) -> None:
    with Gunicorn(environment(settings) | {"MAX_BODY_BYTES": "10000000"}) as gunicorn:
        client = Client(gunicorn.url, tenant.service.credential)
        body = BODY.decode().ljust(9_999_999)
        client.request("POST", "/v1/jobs", data=body, headers=JSON, expect=201)


# Stopping -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_who_has_begun_a_request_is_answered_by_a_worker_that_stops(
    settings: Settings, tenant: Tenant, stop: signal.Signals
) -> None:
    with (
        Gunicorn(environment(settings) | PATIENT | {"GRACEFUL_TIMEOUT": "3600"}) as gunicorn,
        Wire(gunicorn.url) as wire,
        Wire(gunicorn.url) as silent,
        Wire(gunicorn.url) as idle,
    ):
        send_nothing_more(idle, tenant)
        headers = JSON | {"Content-Length": str(len(BODY))}
        wire.send("POST", "/v1/jobs", tenant.service.credential, headers, BODY[:5])
        [worker] = psutil.Process(gunicorn.process.pid).children()
        wait_until(lambda: is_connected(gunicorn, wire))
        gunicorn.process.send_signal(stop)
        assert silent.is_over()
        assert idle.is_over()
        wire.socket.sendall(BODY[5:])
        status, headers, _ = wire.answer()
        assert (status, headers["connection"]) == (201, "close")
        wire.socket.close()
        worker.wait(60)
        if stop == signal.SIGHUP:
            wait_until(gunicorn._answers)
        else:
            assert gunicorn.process.wait(60) == 0


# What it is written against -----------------------------------------------------------------------------

# Beside what it overrides: what calls that, and what it takes over as it is.
BUILT_ON = (
    ThreadWorker.init_process,
    ThreadWorker.run,
    ThreadWorker.handle_request,
    PollableMethodQueue,
    wsgi.create,
    wsgi.Response,
    Request,
    IterUnreader,
    LengthReader,
    PythonProtocol,
)
WRITTEN_AGAINST = {
    "ThreadWorker.__init__": "5681b8b542ea91bf",
    "ThreadWorker.check_config": "677dafbcca4e7fb4",
    "ThreadWorker.accept": "f8dcead3dce5c851",
    "ThreadWorker.murder_pending": "7bf11f46454296e1",
    "ThreadWorker._cap_keepalive": "745c8ac37108c74d",
    "ThreadWorker.enqueue_req": "c9f428953d24acef",
    "ThreadWorker.handle": "ca85c9be3df75da4",
    "ThreadWorker.finish_request": "616e7bb15a009ff7",
    "ThreadWorker.init_process": "e4fc63a1a68e4f48",
    "ThreadWorker.run": "f92c7394d85715a4",
    "ThreadWorker.handle_request": "6d0de5b919102efc",
    "PollableMethodQueue": "5b4a78bd3cfb9745",
    "create": "2c35d4a2dc629ede",
    "Response": "d67f8e6b29d76622",
    "Request": "5fb06ef65d3b892b",
    "IterUnreader": "fa4b976b31bd8948",
    "LengthReader": "3b01bc7c21a27066",
    "PythonProtocol": "fe72402943fb078d",
}


def digest(thing: Any) -> str:
    return hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()[:16]


def test_gunicorn_is_as_the_worker_was_written_against() -> None:
    overridden = [
        getattr(ThreadWorker, name)
        for name in vars(BufferingWorker)
        if inspect.isroutine(getattr(ThreadWorker, name, None))
    ]
    assert all(f"`{thing.__name__}`" in str(worker.__doc__) for thing in overridden)
    found = {thing.__qualname__: digest(thing) for thing in (*overridden, *BUILT_ON)}
    changed = dict(found.items() - WRITTEN_AGAINST.items())
    assert not changed, (
        "gunicorn changed what service/server/ is written against: read the difference, adapt, and write it down here"
    )
