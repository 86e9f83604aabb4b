"""Where webhooks may go, how long they may take, and how they are signed."""

import base64
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from service.webhooks import sending
from service.webhooks.sending import Outcome, Refused, Target, is_public, send, signed
from tests.webhooks.receiver import Receiver

SECRET, OTHER = b"s" * 32, b"o" * 32


@contextmanager
def talking(*lines: bytes, pause: float = 0, then: float = 0) -> Iterator[str]:
    """A server that says these lines to whoever connects; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                try:
                    for line in lines:
                        connection.sendall(line)
                        time.sleep(pause)
                    time.sleep(then)
                except OSError:
                    pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def post(url: str, *, private: bool = True) -> Outcome:
    return send(url, b"{}", {}, private=private)


# Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_others_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "0"],
)
def test_nothing_is_sent_to_this_machine_however_it_is_called(
    receiver: Receiver, host: str
) -> None:
    before = len(receiver.received)
    outcome = post(f"https://{host}:{receiver.port}/", private=False)
    assert outcome.status is None
    assert outcome.error == "the address must not be a private address"
    assert len(receiver.received) == before


def test_a_name_is_resolved_once_and_what_it_means_is_looked_at(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that says something else to each question."""
    asked = []
    answers = [("93.184.216.34", 443), ("127.0.0.1", receiver.port)]

    def resolve(*arguments: Any, **_: Any) -> list[Any]:
        asked.append(arguments[0])
        both = answers[len(asked) - 1 :]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", one) for one in both]

    monkeypatch.setattr(sending.socket, "getaddrinfo", resolve)
    # One of two is private: neither is connected to.
    outcome = post("https://rebinding.example/", private=False)
    assert outcome.error == "the address must not be a private address"
    assert asked == ["rebinding.example"]
    # The second answer is where the request goes: there is no third question.
    assert post(f"http://rebinding.example:{receiver.port}/once").status == 204
    assert asked == ["rebinding.example"] * 2
    [came] = receiver.at("/once")
    assert came.headers["host"] == f"rebinding.example:{receiver.port}"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https:///hook",
        "https://user:password@example.com/",
        "https://example.com/#fragment",
        "https://example.com:99999/",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_what_is_no_address_for_webhooks_is_refused_before(url: str) -> None:
    with pytest.raises(Refused):
        Target.of(url, private=False)


def test_a_certificate_is_asked_for(receiver: Receiver) -> None:
    outcome = post(f"https://127.0.0.1:{receiver.port}/")
    assert outcome.status is None
    assert outcome.error


# Answers ------------------------------------------------------------------------------------------------


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers["/moved"] = lambda _: (302, {"Location": receiver.url("/elsewhere")})
    outcome = post(receiver.url("/moved"))
    assert (outcome.status, outcome.error) == (302, "HTTP 302: no redirect is followed")
    assert receiver.at("/elsewhere") == []


@pytest.mark.parametrize(
    ("lines", "pause"),
    [
        ([], 0),
        ([b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: yes\r\n"] * 100], 0.05),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 200], 0.05),
        ([b"HTTP/1.1 100 Continue\r\n\r\n"] * 200, 0.05),
    ],
    ids=["silence", "head by drops", "body by drops", "always about to"],
)
def test_an_answer_has_its_time_however_it_passes(
    lines: list[bytes], pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    with talking(*lines, pause=pause, then=10) as url:
        outcome = post(url)
    assert outcome.error == "no answer within 0.5 seconds"
    assert 500 <= outcome.milliseconds < 4000


def test_a_name_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    over, resolved = threading.Event(), threading.Event()

    def resolve(*_: Any, **__: Any) -> list[Any]:
        over.wait(30)
        resolved.set()
        return []

    monkeypatch.setattr(sending.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    outcome = post("http://slow.example/")
    assert outcome.error == "no answer within 0.5 seconds"
    assert not resolved.is_set()
    over.set()


def test_no_more_is_read_of_an_answer_than_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MAX_ANSWER", 100)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    with talking(head, b"x" * 100, then=10) as url:
        outcome = post(url)
    assert (outcome.status, outcome.error) == (200, None)


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99999]
)
def test_what_is_no_answer_is_told(said: bytes) -> None:
    with talking(said) as url:
        outcome = post(url)
    assert outcome.status is None
    assert outcome.error


@pytest.mark.parametrize(
    "said", [b"no\x00nsense\r\n\r\n", b"\x00\r\n\r\n", b"HTTP/9\x00 200 OK\r\n\r\n"]
)
def test_what_is_told_can_be_stored(said: bytes) -> None:
    with talking(said) as url:
        outcome = post(url)
    assert outcome.error
    assert "\x00" not in outcome.error


def test_who_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in (post(f"http://127.0.0.1:{port}/").error or "")


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("120", 120, 120),
        ("9999999", 86400, 86400),
        ("9" * 400, 86400, 86400),
        ("9" * 5000, 86400, 86400),
        ("Fri, 31 Dec 2100 23:59:59 +99999999999999999", 0, 0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 86400, 86400),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0, 0),
        ("-5", 0, 0),
        ("soon", 0, 0),
    ],
)
def test_when_to_come_again_is_read(
    receiver: Receiver, value: str, low: float, high: float
) -> None:
    receiver.answers["/busy"] = lambda _: (503, {"Retry-After": value})
    assert low <= post(receiver.url("/busy")).retry_after <= high


# Signatures ---------------------------------------------------------------------------------------------


def test_each_secret_signs_as_the_standard_says() -> None:
    body = '{"name": "Kim Sørensen"}'.encode()
    headers = signed("an id", body, [SECRET, OTHER])
    content = b"an id." + headers["webhook-timestamp"].encode() + b"." + body
    assert headers["webhook-signature"].split(" ") == [
        "v1," + base64.b64encode(hmac.digest(secret, content, "sha256")).decode()
        for secret in (SECRET, OTHER)
    ]
    for secret in (SECRET, OTHER):
        verifier = Webhook(f"whsec_{base64.b64encode(secret).decode()}")
        assert verifier.verify(body, headers) == {"name": "Kim Sørensen"}
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"n" * 32).verify(body, headers)
