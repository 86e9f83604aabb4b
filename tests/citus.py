"""A Citus cluster under the tests: DRAFTROOM_TEST_URL is then a database of its coordinator that knows the nodes."""

import subprocess
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from service import embedded

SHARDS = 4  # of each table: fewer are made sooner
NODES = """
    SELECT nodename, nodeport, groupid, shouldhaveshards
    FROM pg_dist_node
    ORDER BY groupid
"""


@cache
def nodes(superuser_url: str) -> list[Any]:
    """The nodes of the cluster, the coordinator first; none where the server has no Citus."""
    with psycopg.connect(superuser_url) as connection:
        found = connection.execute("SELECT to_regclass('pg_dist_node') IS NOT NULL").fetchall()
        return connection.execute(NODES).fetchall() if found[0][0] else []


def workers(superuser_url: str, database: str) -> list[str]:
    """The database's URLs on the other nodes."""
    user, _, _ = urlsplit(superuser_url).netloc.rpartition("@")
    return [
        f"postgresql://{user}@{host}:{port}/{database}"
        for host, port, group, _ in nodes(superuser_url)
        if group
    ]


def drop(superuser_url: str, database: str) -> None:
    """Drops the database's parts on the other nodes."""
    for url in workers(superuser_url, "postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            _execute(connection, "SET citus.enable_ddl_propagation = off")
            _execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def promote(superuser_url: str, database: str, timeline: int) -> None:
    """Makes the other nodes tell a timeline, as if each were a replica that was promoted."""
    for url in workers(superuser_url, database):
        with psycopg.connect(url, autocommit=True) as connection:
            _execute(connection, "SET citus.enable_ddl_propagation = off")
            connection.execute(
                "CREATE OR REPLACE FUNCTION operations.timeline() RETURNS integer"
                f" LANGUAGE sql STABLE AS 'SELECT {timeline}'"
            )


def spread(superuser_url: str, database: str) -> None:
    """Makes the parts of a migrated database on the other nodes, and distributes its tables."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # One at a time: each touches the roles, which all databases share.
        connection.execute("SELECT pg_advisory_lock(20)")
        _spread(superuser_url, database)


def _spread(superuser_url: str, database: str) -> None:
    drop(superuser_url, database)
    for url in workers(superuser_url, "postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            _execute(connection, "SET citus.enable_create_database_propagation = off")
            _execute(connection, "CREATE DATABASE {} OWNER app_owner", database)
        embedded.restrict(url, database)
    coordinator = _named(superuser_url, database)
    for url in [*workers(superuser_url, database), coordinator]:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION citus")
    with psycopg.connect(coordinator, autocommit=True) as connection:
        for host, port, group, has_shards in nodes(superuser_url):
            add = "citus_add_node(%s, %s)" if group else "citus_set_coordinator_host(%s, %s)"
            connection.execute(f"SELECT {add}", [host, port])
            connection.execute(
                "SELECT citus_set_node_property(%s, %s, 'shouldhaveshards', %s)",
                [host, port, has_shards],
            )
        connection.execute(f"ALTER DATABASE {database} SET citus.shard_count = {SHARDS}")
    script = embedded.SETUP / "citus.sql"
    subprocess.run(["psql", "-qXf", script, coordinator], check=True, capture_output=True)


def _execute(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
