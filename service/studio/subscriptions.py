"""What a tenant pays for over REST: shown to it, told by the platform."""

from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.database import Transaction
from service.queries import queries
from service.rest import answer, atomically, one, operation, page
from service.schemas import PageQuery
from service.studio import blueprint
from service.studio import subscription_schemas as schemas


@blueprint.get("/v1/subscription")
@operation("studio:read", returns=schemas.Subscription)
def get_subscription() -> Response:
    """Show the tenant's tier, and how many concepts it has left."""
    return one(queries.studio.get_subscription())


@blueprint.get("/v1/subscription-events")
@operation("studio:read", query=PageQuery, returns=schemas.SubscriptionEvent, many=True)
def list_subscription_events(query: dict[str, Any]) -> Response:
    """List what was told of the tenant's subscription, the latest to come first; not all of it had an effect."""
    return page(queries.studio.list_subscription_events, query)


@blueprint.post("/v1/tenants/<uuid:tenant_id>/subscription-events")
@operation(
    "tenants:bill",
    body=schemas.NewSubscriptionEvent,
    returns=schemas.Subscription,
    status=(200, 201),
)
def record_subscription_event(tenant_id: UUID, body: dict[str, Any]) -> Response:
    """Record what the billing provider told of a tenant, or what a person of the platform decided.

    201 when the event is new, 200 when it was known; 409 if it was known to say something else. The subscription is as
    the latest event says, by `occurred_at`, in whatever order they come.
    """

    def work(tx: Transaction) -> Response:
        with tx.in_tenant(str(tenant_id)) as there:
            there.json(queries.identity.get_tenant())
            event = there.maybe_row(queries.studio.record_subscription_event(**body))
            known = there.row(queries.studio.matches_subscription_event(**body))
            if not known.matches:
                raise errors.conflict("event_id: is known, and said something else")
            return answer(there.json(queries.studio.get_subscription()), 201 if event else 200)

    return atomically(work)
