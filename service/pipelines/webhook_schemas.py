"""What goes in and out of the routes of the webhook."""

from typing import Any

from marshmallow import Schema, fields, post_load

from service.schemas import Answer, Matches, example, moment, whole


@example(secret="only-an-example-take-a-long-random-one")  # noqa: S106
class NewPipelineWebhook(Schema):
    secret = fields.String(
        required=True,
        load_only=True,
        validate=Matches(
            r"^[\x21-\x7e]{32,200}$",
            error="must have 32 to 200 characters of ASCII without spaces",
        ),
    )
    grace_seconds = whole(
        0,
        30 * 24 * 3600,
        load_default=0,
        metadata={"description": "How long the secret before goes on working"},
    )

    @post_load
    def _as_interval(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data["grace"] = f"{data.pop('grace_seconds')} seconds"
        return data


class PipelineWebhook(Answer):
    previous_expires_at = moment(
        allow_none=True, metadata={"description": "Until when the secret before works"}
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()
