"""What goes out of the route of alerts."""

from marshmallow import fields

from service.schemas import Answer, Choice, count, flag, moment, one_of


class Alert(Answer):
    name = one_of(Choice("AlertName", "cost_per_video", "generation_failures", "posting_failures"))
    severity = one_of(Choice("AlertSeverity", "warning", "critical"))
    is_on = flag(metadata={"description": "Whether value is above threshold"})
    value = fields.Float(
        allow_none=True,
        metadata={
            "description": "Of failures their share, 0 to 1; of costs the mean in millionths of the currency unit."
            " null without cases"
        },
    )
    threshold = fields.Float()
    cases = count(metadata={"description": "That value is of"})
    since = moment(metadata={"description": "From when on cases count"})
