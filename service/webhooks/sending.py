"""One request to a webhook endpoint: signed, to an address that was looked at, and over within seconds.

The name is resolved once and the connection goes to what was resolved, so nobody can answer a second question
differently. No redirect is followed and no proxy asked. The standard library does it: a library around it would
resolve the name itself, and its time limit is for each read, not for all of them.
"""

import base64
import hmac
import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread, Timer
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from service.secrets import Cell

SECONDS = 5.0  # for all of it: name, connection, TLS, request and answer
MAX_ANSWER = 16 * 1024  # bytes that are read of it
MAX_ERROR = 500  # characters
MAX_RETRY_AFTER = 24 * 3600.0  # seconds
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what the secrets of Standard Webhooks begin with

GLOBAL_UNICAST = IPv6Network("2000::/3")
# Addresses within it that stand for addresses of IPv4: Teredo and 6to4.
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
# Public by their numbers, but of the clouds: machines ask there about themselves. Older versions of Python take the
# second for public.
OF_CLOUDS = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))


class Refused(Exception):
    """Nothing is sent there; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads, as far as it says so itself."""

    tls: bool
    host: str
    port: int
    authority: str  # for the Host header
    path: str

    @classmethod
    def of(cls, url: str, *, private: bool) -> Self:
        """Raises Refused. Http, and addresses that are not public, are for where `private` ones are allowed."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Refused("is not a URL") from None
        if parts.scheme != "https" and not (private and parts.scheme == "http"):
            raise Refused("must be https")
        if not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise Refused("must have a host, and neither a user nor a fragment")
        if not private and _is_address(parts.hostname) and not is_public(parts.hostname):
            raise Refused("must not be a private address")
        tls = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(tls, parts.hostname, port or (443 if tls else 80), parts.netloc, path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    status: int | None  # of the answer
    error: str | None  # None: the endpoint took it
    milliseconds: int
    retry_after: float = 0.0  # seconds that the endpoint asks for


def secret_cell(tenant_id: str, endpoint_id: UUID) -> Cell:
    """Where the secrets of an endpoint are stored: the one before, too, for it is moved as it is."""
    return Cell(tenant_id, "webhooks.endpoints.secret", str(endpoint_id))


def signed(message_id: str, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of Standard Webhooks: a signature by each secret."""
    timestamp = str(int(time.time()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, content, "sha256")) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature.decode()}" for signature in signatures),
    }


def send(url: str, body: bytes, headers: dict[str, str], *, private: bool) -> Outcome:
    """Posts the body; never raises for what the endpoint, the network or the URL does."""
    begun = time.monotonic()
    deadline = begun + SECONDS
    status, retry_after = None, 0.0
    try:
        target = Target.of(url, private=private)
        with _connected(target, deadline, private=private) as connection:
            client = http.client.HTTPConnection(target.host, target.port)
            client.sock = connection
            headers = {
                "Host": target.authority,
                "Content-Type": "application/json",
                "User-Agent": "Draftroom",
                "Connection": "close",
                **headers,
            }
            client.request("POST", target.path, body, headers)
            answer = client.getresponse()
            answer.read(MAX_ANSWER)
            status, retry_after = answer.status, _retry_after(answer.getheader("Retry-After"))
        error = _refusal(status)
    except (OSError, http.client.HTTPException, ValueError, Refused) as failure:
        error = f"the address {failure}" if isinstance(failure, Refused) else _told(failure)
    if time.monotonic() >= deadline:
        error = f"no answer within {SECONDS:g} seconds"
    return Outcome(
        status,
        error and error[:MAX_ERROR],
        int(1000 * (time.monotonic() - begun)),
        retry_after,
    )


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, whatever way it is written."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        # Outside of it lie those that stand for addresses of IPv4, mapped or for NAT64, among others.
        if ip not in GLOBAL_UNICAST or any(ip in tunnel for tunnel in TUNNELS):
            return False
    elif any(ip in network for network in OF_CLOUDS):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _is_address(host: str) -> bool:
    with suppress(ValueError):
        ip_address(host)
        return True
    return False


@contextmanager
def _connected(target: Target, deadline: float, *, private: bool) -> Iterator[socket.socket]:
    """A connection to the target, which is shut at the deadline whatever it waits for. Raises OSError or Refused."""
    connection = _connect(_resolved(target, deadline, private=private), deadline)
    try:
        if target.tls:
            # The handshake as a whole has the time that the socket has.
            connection.settimeout(_left(deadline))
            connection = _tls().wrap_socket(connection, server_hostname=target.host)
        connection.settimeout(_left(deadline))
        # A timeout is for each read: who sends a byte now and then is stopped by the clock.
        clock = Timer(_left(deadline), _shut, (connection,))
        clock.daemon = True
        clock.start()
        try:
            yield connection
        finally:
            clock.cancel()
    finally:
        connection.close()


def _resolved(target: Target, deadline: float, *, private: bool) -> list[Any]:
    """All that the name resolves to; Refused if any of it is not public."""
    # The resolver's own time limit may be longer. It is left alone with the name then.
    answer: Future[list[Any]] = Future()
    Thread(target=_resolve, args=(target, answer), daemon=True).start()
    found = answer.result(_left(deadline))
    if not private and not all(is_public(str(address[0]).split("%")[0]) for *_, address in found):
        raise Refused("must not be a private address")
    return found


def _resolve(target: Target, answer: Future[list[Any]]) -> None:
    try:
        answer.set_result(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except Exception as error:
        answer.set_exception(error)


def _connect(found: list[Any], deadline: float) -> socket.socket:
    for number, (family, kind, protocol, _, address) in enumerate(found):
        connection = socket.socket(family, kind, protocol)
        try:
            # Some of the time for each, for of several some may be out of reach.
            connection.settimeout(_left(deadline) / (len(found) - number))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _shut(connection: socket.socket) -> None:
    # Not the method of an SSLSocket, which another thread is reading from.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _refusal(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"HTTP {status}: no redirect is followed"
    return f"HTTP {status}"


def _retry_after(value: str | None) -> float:
    """Seconds, as a number or until a date; 0 if there is nothing of the kind."""
    if value is None:
        return 0.0
    with suppress(ValueError, OverflowError):
        return min(float(value), MAX_RETRY_AFTER) if value.isdecimal() else _until(value)
    return 0.0


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, min((moment - datetime.now(UTC)).total_seconds(), MAX_RETRY_AFTER))


def _told(failure: Exception) -> str:
    # It may quote what the endpoint said, and the database stores no NUL.
    return str(failure).replace("\0", "") or type(failure).__name__
