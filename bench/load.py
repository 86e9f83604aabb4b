"""The load: some keep-alive connections, each sending its next request when it has the whole answer.

One process, one loop over non-blocking sockets, nothing parsed but the status and the length: a request costs it about
as much CPU as it costs wrk (a run measures both, if wrk is there). Each latency is kept, from the first byte sent to
the last one received, so percentiles are exact. As with wrk a slow answer delays the next request of its connection;
`pace` instead sends at a fixed rate, as people do who know nothing of each other.
"""

import gc
import itertools
import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class LoadError(Exception):
    """An answer that is no success: the text is the answer."""


@dataclass
class Load:
    count: int
    seconds: float
    latencies: list[float]  # seconds, sorted

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return 1000 * self.latencies[min(int(share * self.count), self.count - 1)]


def request(method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def drive(
    port: int,
    requests: Iterator[bytes],
    connections: int,
    seconds: float,
    warm_up: float = 0.5,
    begin: Callable[[], None] = lambda: None,
    follow: Callable[[bytes], bytes | None] = lambda _: None,
) -> Load:
    """Sends requests for so many seconds after the warm-up, or until there are no more; `begin` is called between.

    If `follow` makes a second request from an answer, the two count as one. Raises LoadError at the first answer that
    is no success.
    """
    latencies: list[float] = []
    clock = time.perf_counter
    requests = _prepared(requests)
    with _lines(port, connections) as (lines, selector):
        begun = clock()
        started, warm = begun + warm_up, False
        open_lines = sum(line.send(next(requests, None), begun) for line in lines)
        while open_lines:
            for key, _ in selector.select():
                line = key.data
                if not line.receive():
                    continue
                if not line.followed and (second := follow(line.body())) is not None:
                    line.send(second, line.sent, followed=True)
                    continue
                now = clock()
                if not warm and now >= started:
                    begin()
                    warm, started = True, clock()
                    latencies.clear()
                elif warm:
                    latencies.append(now - line.sent)
                over = warm and now >= started + seconds
                open_lines -= not line.send(None if over else next(requests, None), now)
        ended = clock()
    latencies.sort()
    return Load(len(latencies), ended - started, latencies)


def pace(
    port: int,
    requests: Iterator[bytes],
    connections: int,
    seconds: float,
    rate: float,
    warm_up: float = 0.5,
) -> Load:
    """Sends so many requests per second. A latency counts from when the request was due, so waiting for a connection
    that a slow answer holds is part of it. Raises LoadError at the first answer that is no success.
    """
    latencies: list[float] = []
    clock = time.perf_counter
    requests = _prepared(requests)
    with _lines(port, connections) as (lines, selector):
        idle = list(lines)
        begun = clock()
        count = int(rate * (warm_up + seconds))
        sent = done = 0
        while done < count:
            while idle and sent < count and begun + sent / rate <= clock():
                idle.pop(0).send(next(requests), begun + sent / rate)
                sent += 1
            wait = begun + sent / rate - clock() if idle and sent < count else None
            for key, _ in selector.select(wait and max(0, wait)):
                line = key.data
                if line.receive():
                    if line.sent >= begun + warm_up:
                        latencies.append(clock() - line.sent)
                    idle.append(line)
                    done += 1
    latencies.sort()
    return Load(len(latencies), seconds, latencies)


def _prepared(requests: Iterator[bytes]) -> Iterator[bytes]:
    """The same; the rows that they are about are made before the first, and so before the clock runs."""
    first = list(itertools.islice(requests, 1))
    return itertools.chain(first, requests)


@contextmanager
def _lines(port: int, count: int) -> "Iterator[tuple[list[_Line], selectors.BaseSelector]]":
    """So many connections, and the selector that knows when one of them has something to read."""
    lines = [_Line(port) for _ in range(count)]
    with selectors.DefaultSelector() as selector:
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        gc.disable()
        try:
            yield lines, selector
        finally:
            gc.enable()
            for line in lines:
                line.socket.close()


class _Line:
    """A connection, and what it has of the answer that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.sent = 0.0
        self.followed = False  # whether this is the second request of two
        self.parts: list[bytes] = []
        self.missing = 0  # bytes of the body; 0 while the head is awaited

    def send(self, message: bytes | None, now: float, followed: bool = False) -> bool:
        """False if there is nothing to send."""
        if message is None:
            return False
        self.sent, self.followed, self.parts = now, followed, []
        self.socket.sendall(message)
        return True

    def receive(self) -> bool:
        """Takes what has come; whether the answer is complete. Raises LoadError if it is no success."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise LoadError("the server closed the connection")
        self.parts.append(data)
        if self.missing == 0:
            if len(self.parts) > 1:
                data = b"".join(self.parts)
                self.parts = [data]
            head_end = data.find(b"\r\n\r\n")
            if head_end < 0:
                return False
            found = LENGTH.search(data, 0, head_end)
            if not data.startswith(b"HTTP/1.1 2") or found is None:
                raise LoadError(data[:1000].decode(errors="replace"))
            self.missing = int(found[1]) - (len(data) - head_end - 4)
        else:
            self.missing -= len(data)
        return self.missing == 0

    def body(self) -> bytes:
        """Of the complete answer."""
        return b"".join(self.parts).partition(b"\r\n\r\n")[2]
