"""What goes in and out of the routes of webhook endpoints."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    Matches,
    example,
    flag,
    moment,
    one_of,
    optional,
    text,
    whole,
    words_of,
)

# As in the stream of events.
WEBHOOK_TYPES = Choice("WebhookType", "change", "draft_ready", "tweet_status")
ENDPOINT_STATUSES = Choice("WebhookEndpointStatus", "enabled", "disabled")
DISABLED_REASONS = Choice("WebhookDisabledReason", "administrator", "failing", "gone")
MAX_ENTITIES = 50
MAX_REPLAY = 1000  # events that one request reads

URL = Matches(
    r"^https?://[!-~]{1,2040}$", error="must be an http or https URL of ASCII without spaces"
)
ENTITY = Matches(
    r"^[a-z_]{1,50}\.[a-z_]{1,50}$", error="must be a table with its schema, such as drafts.drafts"
)


def types(**arguments: Any) -> BoundedList:
    return BoundedList(one_of(WEBHOOK_TYPES), at_least=1, at_most=len(WEBHOOK_TYPES), **arguments)


def entities(**arguments: Any) -> BoundedList:
    return BoundedList(
        fields.String(validate=ENTITY),
        at_least=1,
        at_most=MAX_ENTITIES,
        allow_none=True,
        metadata={"description": "Only events of these tables; null for all"},
        **arguments,
    )


class WebhookEndpoint(Answer):
    id = fields.UUID()
    url = fields.String()
    description = fields.String(allow_none=True)
    types = fields.List(one_of(WEBHOOK_TYPES))
    entities = fields.List(fields.String(), allow_none=True)
    status = one_of(ENDPOINT_STATUSES)
    disabled_reason = one_of(
        DISABLED_REASONS,
        allow_none=True,
        metadata={"description": "`failing` for days without a success, `gone` after a 410"},
    )
    failing_since = moment(
        allow_none=True,
        metadata={"description": "When the first delivery failed since the latest success"},
    )
    previous_expires_at = moment(
        allow_none=True, metadata={"description": "Until when the previous secret signs as well"}
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class IssuedWebhookEndpoint(WebhookEndpoint):
    secret = fields.String(
        metadata={"description": "`whsec_...`, as Standard Webhooks have it; shown this once only"}
    )


@example(description="The data warehouse")
class WebhookEndpointChanges(Schema):
    url = fields.String(validate=URL)
    description = words_of(1000, allow_none=True)
    types = types()
    entities = entities()


@example(url="https://example.com/draftroom", types=["draft_ready"])
class NewWebhookEndpoint(WebhookEndpointChanges):
    url = fields.String(required=True, validate=URL)
    description = optional(words_of(1000))
    types = types(load_default=list(WEBHOOK_TYPES))
    entities = entities(load_default=None)


@example(grace_seconds=86400)
class WebhookSecretRotation(Schema):
    grace_seconds = whole(
        0,
        30 * 24 * 3600,
        load_default=24 * 3600,
        metadata={"description": "How long the secret before signs as well"},
    )

    @post_load
    def _as_interval(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"grace": f"{data['grace_seconds']} seconds"}


@example(skip=False)
class WebhookEnabling(Schema):
    skip = flag(
        load_default=False,
        metadata={
            "description": "Begin with what happens from now on, instead of where it was in the log"
        },
    )


@example(since="2026-01-01T00:00:00Z", until="2026-01-02T00:00:00Z")
class WebhookReplay(Schema):
    since = optional(moment(metadata={"description": "From this time on"}))
    until = optional(
        moment(metadata={"description": "Before this time; without it, until now. With `since`"})
    )
    after = optional(
        text(1000, metadata={"description": "A cursor of GET /v1/events, instead of `since`"})
    )
    limit = whole(
        1,
        MAX_REPLAY,
        load_default=MAX_REPLAY,
        metadata={
            "description": "Events to read at the most; with `since` also those of the last one's microsecond"
        },
    )

    @validates_schema
    def _one_range(self, data: dict[str, Any], **_: object) -> None:
        if (data["since"] is None) == (data["after"] is None):
            raise ValidationError("say either since or after", "since")
        if data["until"] is not None and data["since"] is None:
            raise ValidationError("goes with since", "until")


class WebhookReplayed(Answer):
    read = fields.Integer(metadata={"description": "Events of the range"})
    queued = fields.Integer(
        metadata={
            "description": "Of them, those that are sent: what is under way is not sent twice"
        }
    )
    next_since = moment(
        allow_none=True, metadata={"description": "The `since` to go on with, if there may be more"}
    )
    next_after = fields.String(
        allow_none=True, metadata={"description": "The `after` to go on with, if there may be more"}
    )


class WebhookRedriven(Answer):
    redriven = fields.Integer(
        metadata={"description": "At most 1000 in one request: go on as long as it is 1000"}
    )
