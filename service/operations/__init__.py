"""What keeps it running: jobs, notifications, source documents, the event log, health."""

from flask import Blueprint

blueprint = Blueprint("operations", __name__)

from service.operations import audit, health, jobs, routes, stream  # noqa: E402, F401 - they need the blueprint
