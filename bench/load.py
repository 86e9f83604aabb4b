"""The load: some keep-alive connections, each sending its next request when it has the whole answer.

One process, one loop over non-blocking sockets, nothing parsed but the status and the length: a request costs it about
as much CPU as it costs wrk (a run measures both, if wrk is there). Each latency is kept, from the first byte sent to
the last one received, so percentiles are exact. As with wrk a slow answer delays the next request of its connection.
"""

import gc
import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
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
) -> Load:
    """Sends requests for so many seconds after the warm-up, or until there are no more; `begin` is called between.

    Raises LoadError at the first answer that is no success.
    """
    selector = selectors.DefaultSelector()
    lines = [_Line(port) for _ in range(connections)]
    for line in lines:
        selector.register(line.socket, selectors.EVENT_READ, line)
    latencies: list[float] = []
    clock = time.perf_counter
    begun = clock()
    started, warm = begun + warm_up, False
    gc.disable()
    try:
        open_lines = sum(line.send(next(requests, None), begun) for line in lines)
        while open_lines:
            for key, _ in selector.select():
                line = key.data
                if not line.receive():
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
    finally:
        gc.enable()
        selector.close()
        for line in lines:
            line.socket.close()
    latencies.sort()
    return Load(len(latencies), ended - started, latencies)


class _Line:
    """A connection, and what it has of the answer that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.sent = 0.0
        self.parts: list[bytes] = []
        self.missing = 0  # bytes of the body; 0 while the head is awaited

    def send(self, message: bytes | None, now: float) -> bool:
        """False if there is nothing to send."""
        if message is None:
            return False
        self.sent = now
        self.socket.sendall(message)
        return True

    def receive(self) -> bool:
        """Takes what has come; whether the answer is complete. Raises LoadError if it is no success."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise LoadError("the server closed the connection")
        if self.missing == 0:
            data = b"".join([*self.parts, data])
            head_end = data.find(b"\r\n\r\n")
            if head_end < 0:
                self.parts = [data]
                return False
            self.parts = []
            found = LENGTH.search(data, 0, head_end)
            if not data.startswith(b"HTTP/1.1 2") or found is None:
                raise LoadError(data[:1000].decode(errors="replace"))
            self.missing = int(found[1]) - (len(data) - head_end - 4)
        else:
            self.missing -= len(data)
        return self.missing == 0
