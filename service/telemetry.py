"""Request ids and the log: one line per request, without query string, headers or bodies."""

import logging
import re
import time
import uuid
from urllib.parse import quote

from flask import Flask, Response, g, request

log = logging.getLogger("service.requests")

REQUEST_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


def register(app: Flask, level: str) -> None:
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    # It sets a level of its own, WARNING, which a stricter one here must not undercut.
    quiet = max(logging.getLevelNamesMapping()[level], logging.WARNING)
    logging.getLogger("psycopg").setLevel(quiet)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    log.info(
        "%s %s %s %.1fms request_id=%s actor=%s",
        request.method,
        quote(request.path),  # a line break in it would forge a line
        response.status_code,
        (time.perf_counter() - g.started) * 1000,
        g.request_id,
        g.caller.actor if "caller" in g else "-",
    )
    return response
