"""/healthz: the process answers. /readyz: it can serve, with the schema that it was written for."""

import json
import logging

import psycopg
from flask import Response

from service import epochs, migrations
from service.caller import NOBODY
from service.database import Json
from service.operations import blueprint
from service.operations import health_schemas as schemas
from service.queries import queries
from service.rest import answer, operation
from service.state import state

log = logging.getLogger(__name__)

EXPECTED = migrations.checksums()
OPEN_TO_ALL = (
    "Every role may make temporary or large objects in this database:"
    " run migrations/setup/database.sql in it."
)


@blueprint.get("/healthz")
@operation(None, returns=schemas.Health)
def healthz() -> Response:
    """Tell that the process answers."""
    return answer(Json(b'{"status":"ok"}'))


@blueprint.get("/readyz")
@operation(None, returns=schemas.Readiness, status=(200, 503))
def readyz() -> Response:
    """Tell whether requests can be served, and if not, why; and what an operator should change although they can."""
    warnings = [*state().database.warnings]
    try:
        session = state().database.session(NOBODY)
        rows = session.rows(queries.operations.list_applied_migrations())
        problems = migrations.compare(EXPECTED, {r.migration_id: r.checksum for r in rows})
        public = session.row(queries.operations.get_public_rights())
        if public.temporary or public.large_objects:
            problems.append(OPEN_TO_ALL)
        latest = state().epochs.latest()
        if (problem := epochs.other_cluster(latest)) is not None:
            problems.append(problem)
        if (warning := epochs.other_timeline(latest)) is not None:
            warnings.append(warning)
            log.warning(warning)
        for table in session.rows(queries.operations.list_missing_partitions()):
            warnings.append(
                f"{table.name} has no partition for next month: run flask partitions make."
            )
        if stale := [row.name for row in session.rows(queries.operations.list_stale_tasks())]:
            warnings.append(
                f"No worker has ended {', '.join(stale)} for hours: start flask worker, or read its log."
            )
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        problems = ["No migration was applied."]
    except psycopg.Error:
        problems = ["The database is away."]
    status = "unavailable" if problems else "ok"
    if not state().settings.public_details:
        if problems:
            log.warning("not ready: %s", " ".join(problems))
            problems = ["The log says why."]
        if warnings:
            warnings = ["The log has them."]
    body = json.dumps({"status": status, "problems": problems, "warnings": warnings})
    return answer(Json(body.encode()), 503 if problems else 200)
