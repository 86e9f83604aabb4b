"""How long a tenant keeps what gets old, where that differs from the settings."""

from typing import Any

from flask import Response

from service.operations import blueprint
from service.operations import retention_schemas as schemas
from service.queries import queries
from service.rest import one, operation, page
from service.schemas import PageQuery


@blueprint.get("/v1/retention-rules")
@operation("identity:read", query=PageQuery, returns=schemas.RetentionRule, many=True)
def list_retention_rules(query: dict[str, Any]) -> Response:
    """List the rules of the tenant, newest first; what has none is kept as the settings say."""
    return page(queries.operations.list_retention_rules, query)


@blueprint.put("/v1/retention-rules")
@operation("identity:write", body=schemas.RetentionRuleState, returns=schemas.RetentionRule)
def set_retention_rule(body: dict[str, Any]) -> Response:
    """Say for how many days something is kept.

    Open and closed conversations in which nothing happens for so long are archived, which removes their texts. Archived
    ones are then deleted with everything in them, learning samples too; so are old model runs and notifications, and
    jobs that succeeded or were cancelled.
    """
    return one(queries.operations.set_retention_rule(**body))
