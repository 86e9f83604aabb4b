"""Alerts: what goes wrong more often, or costs more, than it should."""

from flask import Response

from service.queries import queries
from service.rest import items, operation, session
from service.studio import alert_schemas as schemas
from service.studio import blueprint


@blueprint.get("/v1/alerts")
@operation("metrics:read", returns=schemas.Alert, many=True)
def list_alerts() -> Response:
    """List the alerts, and which are on now.

    `generation_failures` (critical): of the videos that ended within an hour, more than 10 % failed.
    `posting_failures` (warning): of the attempts to post within 24 hours, more than 5 % failed, or nobody knows.
    `cost_per_video` (warning): the videos of 24 hours cost more than 10 units of the currency on average.
    """
    return items(session().json(queries.studio.list_alerts()).body)
