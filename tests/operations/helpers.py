"""What the tests of operations share."""

import json
from collections.abc import Iterator
from typing import Any, Self
from uuid import uuid4

import pytest
import requests

from tests.client import Client, Tenant, wait_until

# Of a service whose streams tell soon what they have to tell.
QUICK = {
    "WEB_CONCURRENCY": "1",
    "EVENT_STREAM_SECONDS": "300",
    "EVENT_POLL_SECONDS": "0.05",
    "EVENT_HEARTBEAT_SECONDS": "0.2",
}


class Stream:
    """An open stream, as an EventSource reads it."""

    def __init__(self, url: str, client: Client, after: str | None = None, **params: Any) -> None:
        headers = {"Authorization": f"Bearer {client.credential}"}
        if after is not None:
            headers["Last-Event-ID"] = after
        self.response = requests.get(
            f"{url}/v1/events/stream", headers=headers, params=params, stream=True, timeout=60
        )
        assert self.response.status_code == 200, self.response.text
        self.blocks = self._blocks()
        [(_, retry), (_, self.last_id)] = next(self.blocks)
        assert int(retry) > 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()

    def _blocks(self) -> Iterator[list[tuple[str, str]]]:
        block: list[tuple[str, str]] = []
        for line in self.response.iter_lines(chunk_size=1, decode_unicode=True):
            if line:
                name, _, value = line.partition(": ")
                block.append((name, value))
            elif block:
                yield block
                block = []

    def message(self) -> dict[str, Any] | None:
        """The next message, None for a heartbeat."""
        found = dict(next(self.blocks))
        self.last_id = found["id"]
        if "data" not in found:
            assert found[""] == "heartbeat"
            return None
        data: dict[str, Any] = json.loads(found["data"])
        assert data["type"] == found["event"]
        return data

    def events(self, count: int) -> list[dict[str, Any]]:
        """The next events, whatever heartbeats come between."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            if (message := self.message()) is not None:
                found.append(message)
        return found


def read_to_the_end(stream: Stream) -> None:
    with pytest.raises(StopIteration):
        stream.events(1)


def post_tweet(tenant: Tenant, name: str) -> None:
    """One event, whose changes have the name."""
    body = {"external_id": name, "author_handle": "listener", "full_text": "Nice episode."}
    tenant.service.post("/v1/tweets", body)


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["changes"]["external_id"][1] for event in events]


def settled(tenant: Tenant) -> None:
    """Waits until all that happened to the tenant can be read."""
    post_tweet(tenant, name := uuid4().hex)

    def told() -> bool:
        events = tenant.service.all("/v1/events", limit=100)
        return bool(events) and events[-1]["changes"].get("external_id", [None, None])[1] == name

    wait_until(told)


def another_key(tenant: Tenant, url: str) -> Client:
    """With the same rights, for what a credential has for itself."""
    scopes = ["events:read", "identity:read"]
    issued = tenant.service.post("/v1/api-keys", {"name": "dashboard", "scopes": scopes})
    return Client(url, issued["key"])


def is_free(client: Client) -> bool:
    """Whether there is a place; a HEAD has no body and gives it back at once."""
    return client.request("HEAD", "/v1/events/stream").status_code == 200
