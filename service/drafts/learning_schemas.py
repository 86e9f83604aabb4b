"""What goes in and out of the routes of learning samples."""

from marshmallow import fields

from service.schemas import Answer, PageQuery, count, metadata, moment, optional


class LearningSampleQuery(PageQuery):
    since = optional(
        moment(
            metadata={"description": "Where to begin without a cursor; by default, 24 hours ago"}
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
