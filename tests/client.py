"""A client of the service under test. It checks every answer against the OpenAPI document."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import uuid4

import jsonschema
import requests

from tests import postgres

ROOT = Path(__file__).parent.parent

# They end below the oldest open transaction of the server, whoever's that is.
FEEDS = ("/v1/events", "/v1/learning-samples", "/v1/generations/export")


class Gunicorn:
    """A running gunicorn, as an operator starts it, on a free port."""

    command = ("-m", "gunicorn", "--log-level", "warning", "wsgi:app")

    def __init__(
        self, environment: dict[str, str], folder: Path = ROOT, log: int | None = None
    ) -> None:
        """`log` is a descriptor for what it logs, instead of the test's own standard error."""
        port = free_port()
        self.folder = folder
        self.log = log
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "PORT": str(port), **environment}

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, *self.command],
            cwd=self.folder,
            env=self.environment,
            stderr=self.log,
        )
        wait_until(lambda: self._answers() or self.process.poll() is not None)
        assert self.process.poll() is None, "it ended at its start"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _answers(self) -> bool:
        try:
            # Asked every few milliseconds: requests would take a good part of the machine for it.
            with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Wire:
    """A connection whose bytes the test sends and reads itself, with little room for what it does not read."""

    def __init__(self, url: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(30)
        parts = urlsplit(url)
        self.socket.connect((parts.hostname, parts.port))
        self.received = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.received.close()
        self.socket.close()

    def send(
        self,
        method: str,
        path: str,
        credential: str | None = None,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: draftroom"]
        lines += [f"Authorization: Bearer {credential}"] if credential else []
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def status(self) -> int:
        """Of the next answer, of which nothing else is read."""
        return int(self.received.readline().split()[1])

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer's status, headers with names in lower case, and body of known length."""
        status, headers = self.status(), {}
        while line := self.received.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return status, headers, self.received.read(int(headers["content-length"]))

    def is_over(self) -> bool:
        """Whether the server has nothing more to say: waits until it has closed."""
        return self.received.read() == b""


class Granian(Gunicorn):
    command = ("granian_server.py",)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Any, seconds: float = 60) -> Any:
    """Waits for something that happens by itself; the time only bounds a failing test."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return value


@cache
def openapi(url: str) -> dict[str, Any]:
    document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=30).json()
    return document


@cache
def schemas(url: str) -> dict[str, Any]:
    """The schemas of the document, closed: the service itself must not tell what the document does not have."""
    return {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema
        for name, schema in openapi(url)["components"]["schemas"].items()
    }


def new_id() -> str:
    """A UUID of version 7, as another writer makes it."""
    random = str(uuid4())
    return f"{random[:14]}7{random[15:]}"


def new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # it would look for proxies and .netrc at every request
    return session


@dataclass
class Client:
    """Calls the service with one credential."""

    url: str
    credential: str
    user: str | None = None
    session: requests.Session = field(default_factory=new_session)

    def acting_for(self, user: str) -> "Client":
        return Client(self.url, self.credential, user)

    def request(
        self, method: str, path: str, body: Any = None, expect: int | None = None, **kwargs: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.credential}", **kwargs.pop("headers", {})}
        if self.user is not None:
            headers.setdefault("Draftroom-User", self.user)
        if body is not None:
            kwargs["json"] = body
        if method == "GET" and path.startswith(FEEDS) and (before := postgres.others()):
            wait_until(lambda: not before & postgres.others())
        response = self.session.request(
            method, f"{self.url}{path}", headers=headers, timeout=60, **kwargs
        )
        if expect is not None:
            assert response.status_code == expect, f"{response.status_code}: {response.text}"
        check_answer(self.url, method, path, response)
        return response

    def get(self, path: str, expect: int = 200, **kwargs: Any) -> Any:
        return self.request("GET", path, expect=expect, **kwargs).json()

    def post(self, path: str, body: Any = None, expect: int | None = None, **kwargs: Any) -> Any:
        response = self.request("POST", path, body, expect=expect, **kwargs)
        if expect is None:
            assert response.ok, f"{response.status_code}: {response.text}"
        return response.json()

    def patch(self, path: str, body: Any, expect: int = 200, **kwargs: Any) -> Any:
        return self.request("PATCH", path, body, expect=expect, **kwargs).json()

    def put(self, path: str, body: Any, expect: int = 200, **kwargs: Any) -> Any:
        return self.request("PUT", path, body, expect=expect, **kwargs).json()

    def all(self, path: str, cursor: str | None = None, **params: Any) -> list[Any]:
        """All items of a list, or those from the cursor on, page by page."""
        items: list[Any] = []
        cursors = [cursor]
        while True:
            page = self.get(path, params={**params, "cursor": cursors[-1]})
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            assert page["next_cursor"] not in cursors, "the list goes round in circles"
            cursors.append(page["next_cursor"])


def check_answer(url: str, method: str, path: str, response: requests.Response) -> None:
    """Fails on a status or a body that the OpenAPI document does not have."""
    document = openapi(url)
    operation = find_operation(document, method, path.partition("?")[0])
    if operation is None:
        return
    described = operation["responses"].get(str(response.status_code))
    assert described, f"{method} {path}: status {response.status_code} is not documented"
    described = resolved(document, described)
    for name, reference in described["headers"].items():
        required = resolved(document, reference)["required"]
        assert name in response.headers or not required, f"{method} {path}: there is no {name}"
    media_type = response.headers["Content-Type"].partition(";")[0]
    assert media_type in described["content"], f"{method} {path}: {media_type} is not documented"
    schema = {
        **described["content"][media_type]["schema"],
        "components": {"schemas": schemas(url)},
    }
    for body in json_values(media_type, response.text):
        jsonschema.Draft202012Validator(schema).validate(body)


def resolved(document: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """What a reference of the document leads to, or what is described as it is."""
    if "$ref" not in described:
        return described
    _, kind, name = described["$ref"].removeprefix("#/").split("/")
    found: dict[str, Any] = document["components"][kind][name]
    return found


def json_values(media_type: str, text: str) -> list[Any]:
    """The JSON values of an answer: of a stream of lines or events there are many."""
    if media_type == "text/plain":
        return [text]
    if media_type == "application/x-ndjson":
        return [json.loads(line) for line in text.splitlines()]
    if media_type == "text/event-stream":
        data = (line.partition("data: ") for line in text.splitlines())
        return [json.loads(value) for before, found, value in data if found and not before]
    return [json.loads(text)]


def lists_within(
    document: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every list that a schema has, at any depth, with the names of the fields that lead to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from lists_within(document, document["components"]["schemas"][name], path)
    for part in ("allOf", "anyOf", "oneOf"):
        for choice in schema.get(part, []):
            yield from lists_within(document, choice, path)
    if "items" in schema:
        yield path, schema
        yield from lists_within(document, schema["items"], (*path, "[]"))
    for name, inner in schema.get("properties", {}).items():
        yield from lists_within(document, inner, (*path, name))


def find_operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The operation at a path; a path without parameters goes first, as it does in the service."""
    for template in sorted(document["paths"], key=lambda template: template.count("{")):
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in document["paths"][template]:
            found: dict[str, Any] = document["paths"][template][method.lower()]
            return found
    return None


class Users(dict[str, str]):
    """Ids by role, and agent2 for a second agent; all but the administrator are made when asked for."""

    def __init__(self, service: Client, domain: str, admin: str) -> None:
        super().__init__(admin=admin)
        self._service = service
        self._domain = domain
        self._making = Lock()

    def __missing__(self, user: str) -> str:
        body = {
            "email": f"{user}@{self._domain}",
            "display_name": user.title(),
            "role": user.rstrip("2"),
        }
        with self._making:
            if user not in self:
                self[user] = self._service.post("/v1/users", body)["id"]
            return self[user]


@dataclass
class Tenant:
    """A tenant with its service key and people."""

    id: str
    service: Client
    users: Users

    @classmethod
    def create(cls, url: str, platform_key: str) -> "Tenant":
        name = uuid4().hex[:8]
        domain = f"{name}.example"
        created = Client(url, platform_key).post(
            "/v1/tenants",
            {"name": name, "admin": {"email": f"admin@{domain}", "display_name": "Admin"}},
        )
        service = Client(url, created["key"])
        return cls(created["id"], service, Users(service, domain, created["admin_id"]))

    def acting(self, user: str) -> Client:
        return self.service.acting_for(self.users[user])

    @property
    def agent(self) -> Client:
        return self.acting("agent")

    def receive(self, conversation: str | None = None, **fields: Any) -> dict[str, Any]:
        """A new inbound message, in a new conversation unless one is named."""
        body = {
            "channel_type": "email",
            "channel_external_id": "mailbox",
            "conversation_external_id": conversation or uuid4().hex,
            "external_id": uuid4().hex,
            "body_text": "Where is my order?",
            **fields,
        }
        received: dict[str, Any] = self.service.post("/v1/intake/messages", body)
        return received

    def draft(self, conversation_id: str | None = None, **fields: Any) -> dict[str, Any]:
        """A new draft, of a new conversation unless one is named."""
        if conversation_id is None:
            conversation_id = self.receive()["conversation_id"]
        body = {
            "model_key": "gpt-4o-mini",
            "prompt_version": "v1",
            "suggested_text": "It is on its way.",
            **fields,
        }
        drafted: dict[str, Any] = self.service.post(
            f"/v1/conversations/{conversation_id}/drafts", body
        )
        return drafted

    def approved(self, **fields: Any) -> dict[str, Any]:
        """A new draft that was approved; the decision."""
        draft = self.draft(**fields)
        decision: dict[str, Any] = self.agent.post(
            f"/v1/drafts/{draft['id']}/approve", {"mode": "now"}
        )
        return decision

    def claim(self, **fields: Any) -> list[dict[str, Any]]:
        """Replies that are due, claimed."""
        body = {"worker": "poster", "limit": 100, **fields}
        claimed: list[dict[str, Any]] = self.service.post("/v1/scheduled-replies/claim", body)[
            "items"
        ]
        return claimed


def at_once(count: int, call: Any) -> list[Any]:
    """What `call(n)` returned for n in 0..count-1, all at the same time."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))
