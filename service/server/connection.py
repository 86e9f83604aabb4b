"""A client's socket, which waits for nobody, and a request on its way in, piece by piece."""

import re
import select
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from gunicorn.asgi.parser import ParseError, PythonProtocol
from gunicorn.config import Config
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from service.errors import Problem

PIECE = 64 * 1024  # bytes that are read at a time
MAX_HEAD = 64 * 1024  # bytes; gunicorn has limits for each line
IN_MEMORY = 64 * 1024  # bytes of a body; a larger one is in a temporary file
AHEAD = 64 * 1024  # bytes that an answer in pieces may be ahead of its client

# A bare LF too: gunicorn refuses it, where waiting for more would help nobody.
END_OF_HEAD = re.compile(rb"\n\r?\n")
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# What is raised for a request that is none.
Malformed = (ParseException, ParseError, NoMoreData)


def explain(error: Exception) -> Problem:
    """The problem of a malformed request."""
    if isinstance(error, LimitRequestLine):
        return Problem("URI_TOO_LONG", "the request line is too long")
    if isinstance(error, LimitRequestHeaders):
        return Problem("HEADERS_TOO_LARGE", "a header is too long, or there are too many")
    if isinstance(error, UnsupportedTransferCoding):
        return Problem("NOT_IMPLEMENTED", "chunked is the only transfer coding")
    return Problem("VALIDATION", f"this is no HTTP request: {error}")


class ClientSocket(socket.socket):
    """A socket whose `sendall` keeps what the client does not take at once: `flush` sends it."""

    def __init__(self, accepted: socket.socket, send_timeout: float) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, accepted.detach())
        self.setblocking(False)
        self.send_timeout = send_timeout
        self.unsent = bytearray()

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Waits only in an answer of many pieces, whose client is too far behind; TimeoutError if it takes nothing."""
        self.flush()
        while len(self.unsent) > AHEAD:
            self._wait(select.POLLOUT, self.send_timeout, "the client does not take its answer")
            self.flush()
        sent = 0 if self.unsent else self._send(data)
        if sent < len(data):
            self.unsent += memoryview(data)[sent:]

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """In one piece, as an answer that is no file."""
        file.seek(offset)
        data = file.read(count)
        self.sendall(data)
        return len(data)

    def flush(self) -> None:
        """Sends what the client takes without waiting."""
        while self.unsent and (sent := self._send(self.unsent)):
            del self.unsent[:sent]

    def is_open(self) -> bool:
        """Whether the client has not left; for who has nothing to send at present."""
        try:
            self.flush()
            return bool(self.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def give_up(self) -> None:
        """For another thread: ends the wait of `sendall` for a client that takes nothing."""
        if self.unsent:
            with suppress(OSError):
                self.shutdown(socket.SHUT_RDWR)

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self.send(data)
        except BlockingIOError:
            return 0

    def receive(self, deadline: float) -> bytes:
        """Waits for what comes next; TimeoutError at the deadline, ConnectionError if the client has left."""
        while True:
            self.flush()
            self._wait(select.POLLIN, deadline - time.monotonic(), "the client sends nothing")
            with suppress(BlockingIOError):
                if data := self.recv(PIECE):
                    return data
                raise ConnectionError("the client has left")

    def _wait(self, event: int, seconds: float, failure: str) -> None:
        poll = select.poll()
        poll.register(self, event)
        if not poll.poll(max(0, seconds) * 1000):
            raise TimeoutError(failure)


class Lines:
    """A body that a thread reads line by line while it comes: `wsgi.input`. Each line has some seconds to come."""

    def __init__(self, sock: ClientSocket, seconds: float, length: int | None, data: bytes) -> None:
        self._sock = sock
        self._seconds = seconds
        self._missing = length  # None: chunked
        self._kept = bytearray()
        self._chunks: PythonProtocol | None = None
        if length is None:
            self._chunks = PythonProtocol(on_body=self._kept.extend)
            self._chunks.feed(CHUNKED)
        self._take(data)

    def readline(self, size: int = -1, /) -> bytes:
        """The next line with its end, or its first bytes; nothing when all is read.

        Raises TimeoutError when it does not come in time, ConnectionError when the client has left, or sends what is no
        body.
        """
        deadline = time.monotonic() + self._seconds
        searched = 0
        while True:
            end = self._kept.find(b"\n", searched) + 1
            if end or self._is_whole or 0 <= size <= len(self._kept):
                end = end or len(self._kept)
                line = bytes(self._kept[: end if size < 0 else min(end, size)])
                del self._kept[: len(line)]
                return line
            searched = len(self._kept)
            self._take(self._sock.receive(deadline))

    @property
    def _is_whole(self) -> bool:
        return self._missing == 0 if self._chunks is None else bool(self._chunks.is_complete)

    def _take(self, data: bytes) -> None:
        if self._chunks is not None:
            try:
                self._chunks.feed(data)
            except Malformed as error:
                raise ConnectionError(f"the body is not chunked: {error}") from None
        elif self._missing:
            self._kept += data[: self._missing]
            self._missing -= min(self._missing, len(data))


class Incoming:
    """A request on its way in."""

    def __init__(
        self,
        config: Config,
        client: Any,
        is_too_large: Callable[[Request, int], bool],
        lines_of: Callable[[Request, int | None, bytes], Lines | None],
    ) -> None:
        self.request: Request | None = None  # once its head is there
        self.rest = bytearray()  # what came and is not yet, or no more, of this request
        self.expects_continue = False
        self._config = config
        self._client = client
        self._is_too_large = is_too_large
        self._lines_of = lines_of
        self._body: IO[bytes] | None = None
        self._missing = 0  # bytes of a body whose length is known
        self._chunks: PythonProtocol | None = None

    @property
    def awaits_body(self) -> bool:
        """Whether the application reads the body, and not the poller."""
        return self.request is not None and isinstance(self.request.body, Lines)

    @property
    def has_begun(self) -> bool:
        return self.request is not None or bool(self.rest)

    def close(self) -> None:
        if self._body is not None:
            self._body.close()

    def feed(self, data: bytes) -> bool:
        """Takes what came; whether the request is there whole. Raises one of Malformed.

        A body that is too large is not read any further: the application refuses it by its length, and the
        connection ends. So it does after one whose lines the application reads: that request is there with its head.
        """
        if self.request is None:
            known = max(len(self.rest) - 3, 0)
            self.rest += data
            if not (end := END_OF_HEAD.search(self.rest, known)):
                self._refuse_endless_head()
                return False
            data = bytes(self.rest[end.end() :])
            head = bytes(self.rest[: end.end()])
            self.rest.clear()
            if self._read_head(head, data):
                return True
        whole = self._read_chunks(data) if self._chunks else self._read_body(data)
        if whole and self._body is not None:
            self._body.seek(0)
        return whole

    def _refuse_endless_head(self) -> None:
        if len(self.rest) > MAX_HEAD:
            if b"\n" not in self.rest:
                raise LimitRequestLine(len(self.rest), MAX_HEAD)
            raise LimitRequestHeaders(f"more than {MAX_HEAD} bytes")

    def _read_head(self, head: bytes, data: bytes) -> bool:
        """Whether the application reads the body, of which `data` is here."""
        request = self.request = Request(self._config, IterUnreader([head]), self._client)
        self.expects_continue = request._expected_100_continue
        request._expected_100_continue = False  # a thread would invite a body that has come
        reader = request.body.reader
        is_chunked = isinstance(reader, ChunkedReader)
        if lines := self._lines_of(request, None if is_chunked else reader.length, data):
            request.body = lines
            request.force_close()
            return True
        if is_chunked:
            self._chunks = PythonProtocol(on_body=self._keep)
            self._chunks.feed(CHUNKED)
            self._keep(b"")
        elif self._is_too_large(request, reader.length):
            request.force_close()
        else:
            self._missing = reader.length
        return False

    def _read_body(self, data: bytes) -> bool:
        if self._missing:
            part = data[: self._missing]
            self._keep(part)
            self._missing -= len(part)
            data = data[len(part) :]
        self.rest += data
        return not self._missing

    def _read_chunks(self, data: bytes) -> bool:
        """The application sees a body with a length, as behind a proxy that buffers."""
        assert self.request is not None
        assert self._chunks is not None
        assert self._body is not None
        self._chunks.feed(data)
        size = self._body.tell()
        if self._is_too_large(self.request, size):
            self.request.force_close()
        elif not self._chunks.is_complete:
            return False
        self.rest += self._chunks.remaining()
        headers = [header for header in self.request.headers if header[0] != "TRANSFER-ENCODING"]
        self.request.headers = [*headers, ("CONTENT-LENGTH", str(size))]
        return True

    def _keep(self, data: bytes) -> None:
        if self._body is None:
            assert self.request is not None
            self._body = self.request.body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._body.write(data)
