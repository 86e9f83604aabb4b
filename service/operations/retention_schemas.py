"""What goes in and out of the routes of retention rules."""

from marshmallow import Schema, fields

from service.schemas import Answer, Choice, example, moment, one_of, whole

SUBJECTS = Choice(
    "RetentionSubject",
    "open_conversations",
    "closed_conversations",
    "archived_conversations",
    "model_runs",
    "notifications",
    "jobs",
)
DAYS = "0 keeps it for ever, null leaves it to the settings of the service"


@example(subject="closed_conversations", days=365)
class RetentionRuleState(Schema):
    subject = one_of(SUBJECTS, required=True)
    days = whole(0, 36500, required=True, allow_none=True, metadata={"description": DAYS})


class RetentionRule(Answer):
    id = fields.UUID()
    subject = one_of(SUBJECTS)
    days = whole(0, 36500, allow_none=True, metadata={"description": DAYS})
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()
