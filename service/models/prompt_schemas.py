"""What goes in and out of the routes of prompts."""

from marshmallow import Schema, fields

from service.schemas import Answer, PageQuery, count, example, moment, optional, text, words_of


def _label() -> fields.String:
    return optional(
        text(
            200,
            metadata={
                "description": "Once in the tenant; if not given it is `reply_v3`, for example, or"
                " `reply_v3_2` where that is taken"
            },
        )
    )


@example(kind="reply", system_prompt="Be brief.", user_template="{tweet}")
class NewPrompt(Schema):
    kind = text(50, required=True, metadata={"description": "`reply`, `summary` or any other"})
    label = _label()
    system_prompt = text(65536, required=True)
    user_template = text(65536, required=True)
    notes = optional(text(2000))


class PromptSummary(Answer):
    id = fields.UUID()
    kind = fields.String()
    version = count(metadata={"description": "1, 2, 3 within the kind, without gap"})
    label = fields.String()
    notes = fields.String(allow_none=True)
    author_user_id = fields.UUID(allow_none=True)
    restores_id = fields.UUID(
        allow_none=True, metadata={"description": "The version that a rollback brought back"}
    )
    active = fields.Boolean()
    drafts_count = count()
    decided_count = count(metadata={"description": "Drafts that were approved or rejected"})
    approvals_count = count()
    approval_rate = fields.Float(
        metadata={"description": "approvals_count of decided_count; 0 while nothing is decided"}
    )
    average_edit_distance = fields.Float(
        allow_none=True, metadata={"description": "Of the approvals; 0 is for one without an edit"}
    )
    metrics_at = moment(
        allow_none=True, metadata={"description": "When the metrics were computed; null is never"}
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class Prompt(PromptSummary):
    system_prompt = fields.String()
    user_template = fields.String()


class PromptQuery(PageQuery):
    kind = optional(text(50))


class ActivePromptQuery(Schema):
    kind = text(50, required=True)


@example(reason="Shorter replies.")
class NewPromptActivation(Schema):
    reason = optional(text(2000))


@example(reason="The new one makes promises.")
class PromptRollback(Schema):
    label = _label()
    # It becomes the notes of the new version, and a client does not know them by this name.
    reason = words_of(2000, required=True, metadata={"description": "The new version's notes, too"})


class PromptActivation(Answer):
    id = fields.UUID()
    kind = fields.String()
    prompt_version_id = fields.UUID(metadata={"description": "The prompt that became active"})
    label = fields.String()
    version = count()
    replaced_prompt_version_id = fields.UUID(
        allow_none=True, metadata={"description": "The prompt that was active before"}
    )
    actor = fields.String()
    reason = fields.String(allow_none=True)
    activated_at = moment()
