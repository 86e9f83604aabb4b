"""What goes in and out of the routes of learning samples."""

from marshmallow import Schema, fields

from service.schemas import Answer, Matches, PageQuery, count, metadata, moment, optional


class LearningSampleQuery(PageQuery):
    since = optional(
        moment(
            metadata={"description": "Where to begin without a cursor; by default, 24 hours ago"}
        )
    )


class ExportQuery(Schema):
    after = optional(
        fields.String(
            validate=Matches(
                r"^[0-9]{1,9}\.[0-9]{1,19}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
            ),
            metadata={"description": "The watermark of the last line that was kept"},
        )
    )


class LearningSample(Answer):
    id = fields.UUID()
    epoch = fields.Integer()
    xid = fields.String()
    draft_id = fields.UUID()
    action_id = fields.UUID()
    model_key = fields.String()
    prompt_version = fields.String()
    suggested_text = fields.String()
    final_text = fields.String()
    diff = fields.List(metadata())
    edit_distance = count()
    embeddings = fields.List(fields.Float(), allow_none=True)
    created_at = moment()


class ExportedSample(LearningSample):
    watermark = fields.String()
