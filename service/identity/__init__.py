"""Who: tenants, their users, and the API keys of services."""

from flask import Blueprint

blueprint = Blueprint("identity", __name__)

from service.identity import api_keys, tenants, users
