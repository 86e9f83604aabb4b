"""What goes in and out of the routes of subscriptions."""

from marshmallow import Schema, fields

from service.schemas import Answer, Choice, count, example, moment, one_of, words_of

TIERS = Choice("SubscriptionTier", "FREE", "STARTER", "PRO", "AGENCY")
STATUSES = Choice("SubscriptionStatus", "active", "past_due", "canceled")


class Subscription(Answer):
    tier = one_of(TIERS)
    status = one_of(STATUSES)
    allowed = count(
        metadata={"description": "Concepts in 30 days; a canceled subscription has what FREE has"}
    )
    used = count()
    remaining = count(metadata={"description": "0 when more is used than allowed"})
    resets_at = moment(
        allow_none=True,
        metadata={"description": "When all of it is left again; null if it is all left"},
    )


class SubscriptionEvent(Answer):
    id = fields.UUID()
    event_id = fields.String(metadata={"description": "As the billing provider calls it"})
    occurred_at = moment(
        metadata={"description": "As the provider says; the latest by this time is in effect"}
    )
    tier = one_of(TIERS)
    status = one_of(STATUSES)
    created_at = moment()


@example(event_id="evt_1", occurred_at="2026-01-01T00:00:00Z", tier="PRO", status="active")
class NewSubscriptionEvent(Schema):
    event_id = words_of(
        200,
        required=True,
        metadata={
            "description": "As the billing provider calls it: sent again, it changes nothing"
        },
    )
    occurred_at = moment(
        required=True,
        metadata={
            "description": "As the provider says. One that comes after a later one changes nothing"
        },
    )
    tier = one_of(TIERS, required=True)
    status = one_of(STATUSES, required=True)
