"""API usage: how often and how fast the API answered the tenant, as `service/api_usage.py` counts it."""

from typing import Any

from flask import Response

from service.operations import blueprint
from service.operations import usage_schemas as schemas
from service.queries import queries
from service.rest import items, operation, session


@blueprint.get("/v1/usage")
@operation("usage:read", query=schemas.ApiUsageQuery, returns=schemas.ApiUsage, many=True)
def sum_api_usage(query: dict[str, Any]) -> Response:
    """Sum up requests by hour, day, caller, endpoint or status, with how long they took.

    Hours and days are those of UTC, the latest first; of all else what has the most requests is first. At most a
    thousand sums. A request is counted within a minute.
    """
    return items(session().json(queries.operations.sum_api_usage(**query)).body)
