"""What keeps it running: jobs, notifications, source documents, the event log, API usage, system metrics, health."""

from flask import Blueprint

blueprint = Blueprint("operations", __name__)

from service.operations import (
    audit,
    erasures,
    events,
    health,
    job_types,
    jobs,
    notifications,
    prometheus,
    retention_rules,
    source_documents,
    stream,
    system_metrics,
    usage,
)
