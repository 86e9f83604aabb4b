"""Who: tenants, their users, and the API keys of services."""

from flask import Blueprint

blueprint = Blueprint("identity", __name__)

from service.identity import routes  # noqa: E402, F401 - the routes need the blueprint
