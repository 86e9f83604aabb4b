"""Request ids and the log: one line per request, without query string, headers or bodies.

A layer around the application: so every answer has its id and its line, and neither passes through Flask's hooks.
"""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import has_request_context, request

from service import metrics, tracing
from service.redaction import redacted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from service.api_usage import ApiUsage

GIVEN_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)

# What the layer and the application tell each other, in the WSGI environment.
REQUEST_ID = "draftroom.request_id"
CALLER = "draftroom.caller"  # who calls, once that is known
ROUTE = "draftroom.route"  # the rule of the route, once it is found
TRACE_ID = "draftroom.trace_id"  # as the traceparent has it, or the request's own span; or None


class Text(logging.Formatter):
    """A line for people, and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class Json(logging.Formatter):
    """An object in a line, with the request and whose it is, if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": _moment(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if query := getattr(record, "query", None):
            told["query"] = query
        if has_request_context():
            told |= _whose(request.environ)
        if record.exc_info:
            told["exception"] = redacted(self.formatException(record.exc_info))
        return json.dumps(told)


def configure(level: str, form: str) -> None:
    """The log of the process, on standard error: "text" or "json"."""
    handler = logging.StreamHandler()
    text = Text("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(Json() if form == "json" else text)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # psycopg sets a level of its own, WARNING, which a stricter one here must not undercut; yoyo tells each step.
    quiet = max(logging.getLevelNamesMapping()[level], logging.WARNING)
    for name in ("psycopg", "yoyo"):
        logging.getLogger(name).setLevel(quiet)


def request_id() -> str:
    """Of the present request."""
    found: str = request.environ[REQUEST_ID]
    return found


class Telemetry:
    """Gives each request an id; writes its line, and counts it, when the answer begins."""

    def __init__(
        self, application: "WSGIApplication", *, counts: bool, usage: "ApiUsage", form: str
    ) -> None:
        """With `counts`, requests are counted for Prometheus; `usage` counts those of tenants in any case.

        The lines of the log have the form "text" or "json".
        """
        self._application = application
        self._counts = counts
        self._usage = usage
        self._line = _json_line if form == "json" else _text_line
        self._logs = logging.getLogger("service.requests").isEnabledFor(logging.INFO)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        begun = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        known = environ[REQUEST_ID] = given if GIVEN_ID.fullmatch(given) else str(uuid.uuid4())
        trace = tracing.begin(
            environ.get("HTTP_TRACEPARENT", ""), environ.get("HTTP_TRACESTATE", "")
        )
        environ[TRACE_ID] = trace.id

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            headers += [("X-Request-Id", known), ("X-Content-Type-Options", "nosniff")]
            seconds = time.perf_counter() - begun
            route = environ.get(ROUTE, "-")
            method = environ["REQUEST_METHOD"] if ROUTE in environ else "-"
            if ROUTE in environ and CALLER in environ:
                self._usage.count(environ[CALLER], method, route, status[:3], seconds)
            if self._counts:
                metrics.observe_request(method, route, status[:3], seconds)
            trace.end(method, route, int(status[:3]), _ids(environ))
            if self._logs:
                with suppress(OSError):  # a log that nobody reads any more fails no request
                    sys.stderr.write(self._line(environ, status[:3], seconds))
            return start_response(status, headers, *error)

        return self._application(environ, start)


def _text_line(environ: "WSGIEnvironment", status: str, seconds: float) -> str:
    """As `logging` would write it, for a third of what that takes."""
    now = time.time()
    caller, trace = environ.get(CALLER), environ[TRACE_ID]
    return (
        f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))},{int(now * 1000) % 1000:03}"
        f" INFO service.requests {environ['REQUEST_METHOD']} {_path(environ)} {status}"
        f" {seconds * 1000:.1f}ms request_id={environ[REQUEST_ID]}"
        f" actor={caller.actor if caller else '-'}{f' trace_id={trace}' if trace else ''}\n"
    )


def _json_line(environ: "WSGIEnvironment", status: str, seconds: float) -> str:
    told = {
        "time": _moment(time.time()),
        "level": "INFO",
        "logger": "service.requests",
        "method": environ["REQUEST_METHOD"],
        "path": _path(environ),
        "route": environ.get(ROUTE),
        "status": int(status),
        "milliseconds": round(seconds * 1000, 1),
        **_whose(environ),
    }
    return json.dumps(told) + "\n"


def _path(environ: "WSGIEnvironment") -> str:
    """Quoted, for a line break in it would forge a line."""
    return redacted(quote(environ["PATH_INFO"].encode("latin-1")))


def _whose(environ: "WSGIEnvironment") -> dict[str, str | None]:
    caller = environ.get(CALLER)
    return {
        **_ids(environ),
        "trace_id": environ[TRACE_ID],
        "actor": caller.actor if caller else None,
    }


def _ids(environ: "WSGIEnvironment") -> dict[str, str | None]:
    caller = environ.get(CALLER)
    return {
        "request_id": environ[REQUEST_ID],
        "tenant_id": caller.tenant_id if caller else None,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
