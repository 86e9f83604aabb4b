"""/healthz: the process answers. /readyz: it can serve, with the schema that it was written for."""

import json
import logging
from typing import TYPE_CHECKING

import psycopg
from flask import Response

from service import epochs, migrations
from service.database import Json
from service.operations import blueprint
from service.operations import health_schemas as schemas
from service.queries import queries
from service.rest import answer, operation
from service.state import state

if TYPE_CHECKING:
    from service.stubs.operations import GetSessionRow

log = logging.getLogger(__name__)

EXPECTED = migrations.checksums()
OPEN_TO_ALL = (
    "Every role may make temporary or large objects in this database:"
    " run migrations/setup/database.sql in it."
)

# What PgBouncer says when a transaction begins, and what to tell of it.
STATEMENT_POOLING = "statement pooling mode"
NO_TRANSACTIONS = "PgBouncer allows no transactions: set pool_mode = transaction there."
MAX_LAG = 30  # seconds that a replica may be behind before that is worth a warning


@blueprint.get("/healthz")
@operation(None, returns=schemas.Health)
def healthz() -> Response:
    """Tell that the process answers."""
    return answer(Json(b'{"status":"ok"}'))


@blueprint.get("/readyz")
@operation(None, returns=schemas.Readiness, status=(200, 503))
def readyz() -> Response:
    """Tell whether requests can be served, and if not, why; and what an operator should change although they can."""
    database, warnings = state().database, [*state().database.warnings]
    problems: list[str] = []
    try:
        # In a transaction, as requests need it: a pooler may allow none.
        with database.for_nobody() as session:
            connected = session.row(queries.operations.get_session(role="app_rw"))
            if not _fits(connected):
                problems.append(f"DATABASE_URL connects as {connected.role}: it should be app_rw.")
            rows = session.rows(queries.operations.list_applied_migrations())
            problems += migrations.compare(EXPECTED, {r.migration_id: r.checksum for r in rows})
            public = session.row(queries.operations.get_public_rights())
            partitions = session.rows(queries.operations.list_missing_partitions())
            latest = session.row(queries.operations.get_epoch())
            position = session.row(queries.operations.get_position()).wal_position
            stale = [] if problems else session.rows(queries.operations.list_stale_tasks())
        if public.temporary or public.large_objects:
            problems.append(OPEN_TO_ALL)
        if (problem := epochs.other_cluster(latest)) is not None:
            problems.append(problem)
        if (warning := epochs.other_timeline(latest)) is not None:
            warnings.append(warning)
            log.warning(warning)
        for table in partitions:
            warnings.append(
                f"{table.name} has no partition for next month: run flask partitions make."
            )
        if stale:
            names = ", ".join(task.name for task in stale)
            warnings.append(
                f"No worker has ended {names} for hours: start flask worker, or read its log."
            )
        if database.has_replica and not problems:
            more, replica_warnings = _look_at_replica(latest.cluster, connected.database, position)
            problems += more
            warnings += replica_warnings
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        problems = problems or ["No migration was applied."]
    except psycopg.Error as error:
        problems = [NO_TRANSACTIONS if STATEMENT_POOLING in str(error) else "The database is away."]
    status = "unavailable" if problems else "ok"
    if not state().settings.public_details:
        if problems:
            log.warning("not ready: %s", " ".join(problems))
            problems = ["The log says why."]
        if warnings:
            warnings = ["The log has them."]
    body = json.dumps({"status": status, "problems": problems, "warnings": warnings})
    return answer(Json(body.encode()), 503 if problems else 200)


def _fits(connected: "GetSessionRow") -> bool:
    return connected.has_rights and not connected.sees_all_tenants


def _look_at_replica(cluster: int, database: int, position: str) -> tuple[list[str], list[str]]:
    """Problems and warnings of the replica: it should copy the database, up to the position in its WAL."""
    try:
        with state().database.for_nobody_on_replica() as session:
            connected = session.row(queries.operations.get_session(role="app_ro"))
            if not _fits(connected):
                return [f"DATABASE_URL_RO connects as {connected.role}: it should be app_ro."], []
            replica = session.row(queries.operations.get_replica(position=position))
            if replica.cluster != cluster:
                return [
                    f"DATABASE_URL_RO leads to cluster {replica.cluster}, and DATABASE_URL to {cluster}."
                ], []
            if connected.database != database:
                return ["DATABASE_URL_RO leads to another database than DATABASE_URL."], []
            rows = session.rows(queries.operations.list_applied_migrations())
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return ["The replica has no migration."], []
    except psycopg.Error:
        return [], ["The replica is away: the primary answers."]
    behind = migrations.compare(EXPECTED, {r.migration_id: r.checksum for r in rows})
    warnings = []
    if replica.seconds_behind is not None and replica.seconds_behind >= MAX_LAG:
        warnings.append(f"The replica is {replica.seconds_behind} seconds behind.")
    return [f"On the replica: {problem}" for problem in behind], warnings
