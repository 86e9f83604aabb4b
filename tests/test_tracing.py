"""The trace that a request is part of, in the log and as spans that a collector gets."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any, Self

import pytest
import requests

from service import tracing
from service.config import Settings
from tests.client import ROOT, Client, Gunicorn, Tenant, free_port, wait_until
from tests.commands import environment

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE}-{PARENT}-01"
OTEL = pytest.mark.skipif(
    find_spec("opentelemetry") is None,
    reason="opentelemetry is not installed (requirements-otel.txt): no test of spans",
)
MALFORMED = [
    "",
    "mine",
    GIVEN.upper(),
    f"00-{TRACE}-{PARENT}",
    f"00-{TRACE}-{PARENT}-1",
    f"{GIVEN}-more",
    f"ff-{TRACE}-{PARENT}-01",
    f"00-{'0' * 32}-{PARENT}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"{GIVEN}\n",
]


@pytest.mark.parametrize("given", [GIVEN, f"00-{TRACE}-{PARENT}-00", f"01-{TRACE}-{PARENT}-01-x"])
def test_the_id_of_the_trace_is_read(given: str) -> None:
    assert tracing.begin(given, "").id == TRACE


@pytest.mark.parametrize("given", MALFORMED)
def test_what_is_not_well_formed_is_no_trace(given: str) -> None:
    assert tracing.begin(given, "").id is None


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_has_the_trace(
    settings: Settings, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    given = {"LOG_FORMAT": form, "LOG_LEVEL": "INFO"}
    with Gunicorn(environment(settings) | given) as service:
        for trace in (GIVEN, "mine"):
            requests.get(f"{service.url}/readyz", headers={"traceparent": trace}, timeout=30)
    with_it, without = [li for li in capfd.readouterr().err.splitlines() if "/readyz" in li]
    if form == "json":
        assert json.loads(with_it)["trace_id"] == TRACE
        assert json.loads(without)["trace_id"] is None
    else:
        assert with_it.endswith(f" trace_id={TRACE}")
        assert "trace_id" not in without


def test_without_a_collector_nothing_that_makes_spans_is_loaded(settings: Settings) -> None:
    program = (
        "import sys; from service import create_app; create_app()\n"
        # redis loads its metrics, where they are installed.
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk.trace', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


# Spans -------------------------------------------------------------------------------------------------


class Collector:
    """Takes what is sent as OTLP over HTTP."""

    def __init__(self) -> None:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.bodies: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def resources(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        return [
            resource
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        ]

    def spans(self, trace: str) -> list[Any]:
        """Those of a trace, in the order in which they began."""
        found = [
            span
            for resource in self.resources()
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == trace
        ]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


def attributes(described: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in described.attributes}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def traced(settings: Settings, collector: Collector) -> Iterator[Gunicorn]:
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with Gunicorn(environment(settings) | given) as running:
        yield running


def parent(trace: str, flags: str = "01") -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{PARENT}-{flags}", "X-Request-Id": f"of {trace}"[:128]}


def ended(collector: Collector, trace: str) -> tuple[Any, list[Any]]:
    """The span of the trace's request, and those of its queries."""

    def request_span() -> Any:
        return next((s for s in collector.spans(trace) if s.kind == s.SPAN_KIND_SERVER), None)

    found = wait_until(request_span)
    return found, [span for span in collector.spans(trace) if span is not found and span.kind == 3]


@OTEL
def test_a_request_and_its_queries_have_spans_below_those_of_the_client(
    traced: Gunicorn, collector: Collector, tenant: Tenant
) -> None:
    trace = "1" * 32
    api = Client(traced.url, tenant.service.credential)
    headers = {**parent(trace), "X-Request-Id": "mine"}
    api.request("GET", "/v1/tenant", headers=headers, expect=200)
    found, below = ended(collector, trace)
    assert found.name == "GET /v1/tenant"
    assert found.parent_span_id.hex() == PARENT
    assert attributes(found) == {
        "http.request.method": "GET",
        "http.route": "/v1/tenant",
        "http.response.status_code": 200,
        "draftroom.request_id": "mine",
        "draftroom.tenant_id": tenant.id,
    }
    # The credential is looked up first, then what was asked for.
    assert below[-1].name == "identity.get_tenant"
    assert len(below) > 1
    for query in below:
        assert query.parent_span_id == found.span_id
        assert found.start_time_unix_nano <= query.start_time_unix_nano
        assert query.end_time_unix_nano <= found.end_time_unix_nano
        expected = {"db.system.name": "postgresql", "db.query.summary": query.name}
        assert attributes(query) == expected
    service = attributes(collector.resources()[0].resource)
    assert service["service.name"] == "draftroom"


@OTEL
def test_spans_hold_no_content_also_when_a_query_fails(
    traced: Gunicorn, collector: Collector, tenant: Tenant
) -> None:
    trace = "2" * 32
    api = Client(traced.url, tenant.service.credential)
    user = {"email": "kim@private.example", "display_name": "Private Kim", "role": "agent"}
    api.post("/v1/users", user)
    api.request("POST", "/v1/users?x=private", user, headers=parent(trace), expect=409)
    found, below = ended(collector, trace)
    assert attributes(found)["http.response.status_code"] == 409
    [failed] = [span for span in below if span.status.code == span.status.STATUS_CODE_ERROR]
    assert attributes(failed)["error.type"] == "23505"
    assert failed.status.message == ""
    for span in (found, *below):
        assert not span.events
    sent = b"".join(collector.bodies).lower()
    assert b"private" not in sent
    assert tenant.service.credential.encode().lower() not in sent


@OTEL
def test_who_wants_no_spans_has_none_and_who_sends_no_trace_begins_one(
    traced: Gunicorn, collector: Collector
) -> None:
    unwanted, malformed = "3" * 32, "4" * 32
    requests.get(f"{traced.url}/readyz", headers=parent(unwanted, "00"), timeout=30)
    wrong = {"traceparent": f"00-{malformed}-{PARENT}", "X-Request-Id": "without"}
    requests.get(f"{traced.url}/v1/nothing", headers=wrong, timeout=30)

    def without() -> list[Any]:
        return [
            span
            for resource in collector.resources()
            for scope in resource.scope_spans
            for span in scope.spans
            if attributes(span).get("draftroom.request_id") == "without"
        ]

    [span] = wait_until(without)
    assert (span.name, span.parent_span_id) == ("HTTP", b"")
    assert span.trace_id.hex() != malformed
    assert not collector.spans(unwanted)


@OTEL
def test_a_collector_that_is_away_keeps_nobody_waiting(settings: Settings) -> None:
    given = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        "OTEL_BSP_SCHEDULE_DELAY": "10",
    }
    with Gunicorn(environment(settings) | given) as service:
        for _ in range(20):
            assert requests.get(f"{service.url}/readyz", timeout=30).ok
    assert service.process.returncode == 0
