"""What is looked at before the first worker starts."""

import socket

import psycopg

from service import migrations
from service.config import ConfigError, HttpSettings, Settings
from service.queries import load, queries
from service.queries.findings import Finding
from service.queries.prepare import connect, misfits


def check_start(settings: Settings) -> list[Finding]:
    """What keeps the service from starting: files that do not fit a schema which is not behind them.

    A database that is away, or waits for migrations, is no such thing: the service starts and is not ready.
    """
    url, _ = settings.for_database()
    applied = queries.operations.list_applied_migrations.text
    try:
        with connect(url) as connection:
            on_server = dict(connection.execute(applied.encode()).fetchall())
            if migrations.compare(migrations.checksums(), on_server):
                return []
            return list(misfits(connection, load().values()))
    except psycopg.Error:
        return []


def check_free(http: HttpSettings) -> None:
    """Raises ConfigError if something listens there already: with SO_REUSEPORT both would silently share the port."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            http.host, http.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {http.address}: {error.strerror}."
            " Stop what listens there, or set another port: PORT=8001"
        ) from None
