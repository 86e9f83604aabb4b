"""Outgoing webhooks: endpoints that the event log is sent to, and what became of each delivery."""

from flask import Blueprint

blueprint = Blueprint("webhooks", __name__)

from service.webhooks import deliveries, endpoints
