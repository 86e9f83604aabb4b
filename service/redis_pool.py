"""Connections to a Redis that nobody waits for: whoever uses it does without it when it is away."""

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

TIMEOUT = 0.1  # seconds, for connecting and for each answer: more would cost more than Redis saves
LOG_EVERY = 60  # seconds: that it is away is said no more often


def connections(url: str) -> ConnectionPool:
    """To the Redis at a URL. Whatever that says of these: nobody shall wait longer."""
    options = parse_url(url) | {  # type: ignore[no-untyped-call]
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,  # what every Redis speaks
        "decode_responses": False,
    }
    return ConnectionPool(**options)
