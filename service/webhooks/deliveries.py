"""Webhook deliveries over REST: what became of each event, tests, and those that are sent again."""

import json
from typing import Any
from uuid import UUID

from flask import Response

from service import errors
from service.database import Transaction
from service.queries import queries
from service.rest import answer, atomically, one, operation, page
from service.webhooks import blueprint
from service.webhooks import delivery_schemas as schemas


@blueprint.get("/v1/webhook-endpoints/<uuid:endpoint_id>/deliveries")
@operation(
    "webhooks:read",
    query=schemas.WebhookDeliveryQuery,
    returns=schemas.WebhookDelivery,
    many=True,
    problems=("NOT_FOUND",),
)
def list_webhook_deliveries(endpoint_id: UUID, query: dict[str, Any]) -> Response:
    """List the deliveries to a webhook endpoint, those of the newest events first."""
    return page(
        (queries.webhooks.list_deliveries, queries.webhooks.list_deliveries_by_status),
        query,
        {"endpoint_id": endpoint_id},
        of=queries.webhooks.get_endpoint(id=endpoint_id),
    )


@blueprint.get("/v1/webhook-deliveries/<uuid:delivery_id>")
@operation("webhooks:read", returns=schemas.WebhookDelivery)
def get_webhook_delivery(delivery_id: UUID) -> Response:
    """Show a delivery."""
    return one(queries.webhooks.get_delivery(id=delivery_id))


@blueprint.post("/v1/webhook-endpoints/<uuid:endpoint_id>/test")
@operation("webhooks:write", returns=schemas.WebhookDelivery, status=201)
def test_webhook_endpoint(endpoint_id: UUID) -> Response:
    """Send a test to a webhook endpoint that is enabled; the delivery tells what became of it."""

    def work(tx: Transaction) -> Response:
        made = tx.maybe_row(queries.webhooks.create_test(endpoint_id=endpoint_id))
        if made is None:
            now = tx.json(queries.webhooks.get_endpoint(id=endpoint_id))
            raise errors.conflict("the endpoint is disabled", current=json.loads(now.body))
        return answer(tx.json(queries.webhooks.get_delivery(id=made.id)), 201)

    return atomically(work)


@blueprint.post("/v1/webhook-deliveries/<uuid:delivery_id>/redrive")
@operation("webhooks:write", returns=schemas.WebhookDelivery)
def redrive_webhook_delivery(delivery_id: UUID) -> Response:
    """Send a delivery anew that was delivered, or is dead; or send one now that is pending.

    One that is pending keeps its attempts, and its place among those of the same row.
    """

    def work(tx: Transaction) -> Response:
        redriven = tx.maybe_row(queries.webhooks.redrive_delivery(id=delivery_id))
        now = tx.json(queries.webhooks.get_delivery(id=delivery_id))
        if redriven is None:
            raise errors.conflict(
                "the delivery is under way, or waits for an earlier one of the same row",
                current=json.loads(now.body),
            )
        return answer(now)

    return atomically(work)
