"""W3C trace context, and spans for an OpenTelemetry collector where one is set.

A span has names, ids and codes: no path, no parameter, and no message of an error, which may quote one. That of a
request lasts until its answer begins, and each query before that has one below it. Without a collector all that
happens is that the id of the trace is read, for the log.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import psycopg

# Version 00 ends here; a later one may go on.
PARENT = "(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
TRACEPARENT = re.compile(f"00-{PARENT}|(?!00|ff)[0-9a-f]{{2}}-{PARENT}(?:-.*)?")

_UNTRACED: AbstractContextManager[None] = nullcontext()


@dataclass(slots=True)
class Trace:
    """What a request is part of."""

    id: str | None

    def end(self, method: str, route: str, status: int, ids: dict[str, str | None]) -> None:
        """The answer begins."""


class Tracer:
    """Makes spans, and sends them in the background: those that a collector does not take in time are lost."""

    def __init__(self, endpoint: str) -> None:
        # Only here: these packages are there where somebody wants spans.
        from opentelemetry import context, trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._context, self._trace = context, trace
        self._propagator = TraceContextTextMapPropagator()
        # What the environment says of the resource goes before our name.
        named = Resource.create({"service.name": "draftroom"})
        provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = provider.get_tracer("draftroom")

    def begin(self, traceparent: str, tracestate: str) -> Trace:
        carrier = {"traceparent": traceparent, "tracestate": tracestate}
        parent = self._propagator.extract(carrier, self._context.Context())
        span = self._tracer.start_span("HTTP", parent, self._trace.SpanKind.SERVER)
        # Never detached: the next request of this thread has another, and one that has ended has no queries.
        self._context.attach(self._trace.set_span_in_context(span))
        found = self._trace.format_trace_id(span.get_span_context().trace_id)
        return _Spanned(found, span, self._trace.StatusCode.ERROR)

    def query(self, name: str) -> AbstractContextManager[None]:
        return self._query(name) if self._trace.get_current_span().is_recording() else _UNTRACED

    @contextmanager
    def _query(self, name: str) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name,
            kind=self._trace.SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql", "db.query.summary": name},
            record_exception=False,  # its message may quote values
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except psycopg.Error as error:
                span.set_status(self._trace.StatusCode.ERROR)
                span.set_attribute("error.type", error.sqlstate or type(error).__name__)
                raise


@dataclass(slots=True)
class _Spanned(Trace):
    span: Any
    error: Any

    def end(self, method: str, route: str, status: int, ids: dict[str, str | None]) -> None:
        if route != "-":
            self.span.update_name(f"{method} {route}")
            self.span.set_attribute("http.request.method", method)
            self.span.set_attribute("http.route", route)
        self.span.set_attribute("http.response.status_code", status)
        for name, value in ids.items():
            if value is not None:
                self.span.set_attribute(f"draftroom.{name}", value)
        if status >= 500:
            self.span.set_status(self.error)
            self.span.set_attribute("error.type", str(status))
        self.span.end()


_tracer: Tracer | None = None


def configure(endpoint: str | None) -> None:
    """Where spans go; None: there are none."""
    global _tracer
    _tracer = Tracer(endpoint) if endpoint else None


def begin(traceparent: str, tracestate: str) -> Trace:
    """Of a request, by what its headers say; whose traceparent is not well-formed has sent none."""
    if _tracer is not None:
        return _tracer.begin(traceparent, tracestate)
    return Trace(traceparent[3:35] if TRACEPARENT.fullmatch(traceparent) else None)


def query(name: str) -> AbstractContextManager[None]:
    """A span for a query of the request that is under way."""
    return _UNTRACED if _tracer is None else _tracer.query(name)
