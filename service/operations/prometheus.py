"""/metrics: what the service counts of itself, for Prometheus."""

import hmac

from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service import errors, metrics
from service.operations import blueprint
from service.rest import operation
from service.state import state


@blueprint.get("/metrics")
@operation(None, media_type="text/plain", problems=("UNAUTHENTICATED", "NOT_FOUND"))
def get_metrics() -> Response:
    """Tell Prometheus what all processes counted: queries, requests, connections.

    Only with METRICS_TOKEN, which is sent as a bearer token.
    """
    token = state().settings.metrics_token
    if token is None:
        raise errors.not_found()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
        raise errors.unauthenticated("send Authorization: Bearer with METRICS_TOKEN")
    return Response(generate_latest(metrics.registry()), content_type=CONTENT_TYPE_LATEST)
