"""Who: tenants, their users, the API keys of services, and teams."""

from flask import Blueprint

blueprint = Blueprint("identity", __name__)

from service.identity import api_keys, chats, people, teams, tenants, users
