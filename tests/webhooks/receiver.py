"""A receiver of webhooks, and the process that sends them."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.client import ROOT

Answer = Callable[["Received"], int | tuple[int, dict[str, str]] | None]


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    taken: bool  # answered with 2xx

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.document["data"]
        return data


@dataclass
class Receiver:
    """Takes what comes, unless `answers` has something else for its path."""

    answers: dict[str, Answer] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed over it
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                came = Received(self.path, headers, body, taken=False)
                answer = receiver.answers.get(self.path, lambda _: 204)(came)
                if answer is None:  # closed without an answer
                    self.close_connection = True
                    return
                status, more = answer if isinstance(answer, tuple) else (answer, {})
                with receiver.lock:
                    receiver.received.append(Received(self.path, headers, body, taken=status < 300))
                self.send_response(status)
                for name, value in {"Content-Length": "0", **more}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Received]:
        with self.lock:
            return [one for one in self.received if one.path == path]

    def taken(self, path: str) -> list[Received]:
        return [one for one in self.at(path) if one.taken]


def sender(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """`flask webhooks deliver`, as an operator runs it."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "webhooks", "deliver"], cwd=ROOT, env=environ
    )
