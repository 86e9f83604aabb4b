"""What keeps it running: jobs, notifications, source documents, system metrics, the event log, health."""

from flask import Blueprint

blueprint = Blueprint("operations", __name__)

from service.operations import (
    audit,
    events,
    health,
    jobs,
    notifications,
    prometheus,
    source_documents,
    stream,
    system_metrics,
)
