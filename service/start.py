"""What is looked at before the first worker starts."""

import psycopg

from service import migrations
from service.config import Settings
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
