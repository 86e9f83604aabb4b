"""What goes in and out of the routes of runs."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from service.pipelines.card_schemas import (
    CARDS,
    CARDS_OF_AN_EXAMPLE,
    NewPipelineCard,
    PipelineRunCard,
    each_number_once,
)
from service.pipelines.schemas import (
    DOCUMENT_TYPES,
    MAX_OUTPUT,
    STAGE_STATUSES,
    STAGES,
    InspirationContent,
    parsed,
    prose,
)
from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    address,
    count,
    example,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)

RUN_STATUSES = Choice("PipelineRunStatus", "pending", "running", "completed", "failed", "cancelled")
MAX_DOCUMENT_SIZE = 25 * 1024 * 1024  # bytes


@example(
    company_id="lactalis-canada",
    company_name="Lactalis Canada",
    document_name="trends.pdf",
    document_url="https://example.com/trends.pdf",
    document_type="application/pdf",
)
class NewPipelineRun(Schema):
    company_id = words_of(
        100, required=True, metadata={"description": "As you call it, such as lactalis-canada"}
    )
    company_name = words_of(200, required=True)
    document_name = words_of(300, required=True)
    document_url = address(required=True)
    document_type = optional(one_of(DOCUMENT_TYPES))
    document_size = optional(
        fields.Integer(
            strict=True,
            validate=validate.Range(1, MAX_DOCUMENT_SIZE, error="must be from 1 byte to 25 MB"),
            metadata={"description": "In bytes"},
        )
    )


class PipelineRun(Answer):
    id = fields.UUID()
    user_id = fields.UUID()
    external_id = fields.String(allow_none=True)
    company_id = fields.String()
    company_name = fields.String()
    document_name = fields.String()
    document_url = fields.String()
    document_type = one_of(DOCUMENT_TYPES, allow_none=True)
    document_size = count(allow_none=True)
    pipeline_version = fields.String(allow_none=True)
    status = one_of(RUN_STATUSES)
    current_stage = fields.Integer(metadata={"description": "The furthest that it reached, 0 to 5"})
    attempts = count()
    max_attempts = count()
    error_message = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    due_at = moment()
    started_at = moment(allow_none=True)
    completed_at = moment(allow_none=True)
    duration_ms = fields.Integer(
        allow_none=True,
        metadata={
            "description": "From the last claim to the end; null before, or if it is unknown"
        },
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class PipelineRunItem(Answer):
    id = fields.UUID()
    document_name = fields.String()
    created_at = moment()
    status = one_of(RUN_STATUSES)
    card_count = count()


class PipelineRunQuery(PageQuery):
    status = optional(one_of(RUN_STATUSES))
    company_id = optional(words_of(100))


class PipelineCompanyQuery(PageQuery):
    all_users = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Those of all users of the tenant"},
    )


class PipelineCompany(Answer):
    company_id = fields.String()
    company_name = fields.String()
    runs = count(metadata={"description": "All of them, whatever their status"})
    pending = count()
    running = count()
    completed = count()
    failed = count()
    cancelled = count()


class PipelineRunReport(Answer):
    id = fields.UUID()
    inspiration1_title = fields.String()
    inspiration1_content = fields.String()
    inspiration1_elements = fields.List(fields.String())
    inspiration2_title = fields.String()
    inspiration2_content = fields.String()
    inspiration2_elements = fields.List(fields.String())
    created_at = moment()
    updated_at = moment()


class PipelineRunStage(Answer):
    stage_number = fields.Integer()
    name = fields.String()
    status = one_of(STAGE_STATUSES)
    markdown_output = fields.String(allow_none=True)
    json_output = parsed()
    created_at = moment()
    updated_at = moment()


class PipelineRunDetail(PipelineRun):
    cards = fields.List(
        fields.Nested(PipelineRunCard), metadata={"description": "By their numbers"}
    )
    report = fields.Nested(PipelineRunReport, allow_none=True)
    stages = fields.List(
        fields.Nested(PipelineRunStage), metadata={"description": "By their numbers"}
    )


class ImportedPipelineStage(Schema):
    stage_number = whole(1, 5, required=True)
    name = words_of(100)
    markdown_output = prose(MAX_OUTPUT, required=True)
    json_output = parsed()

    @post_load
    def _with_a_name(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data.setdefault("name", STAGES[data["stage_number"] - 1])
        return data


@example(
    external_id="legacy-17",
    company_id="lactalis-canada",
    company_name="Lactalis Canada",
    document_name="trends.pdf",
    document_url="https://example.com/trends.pdf",
    status="completed",
    created_at="2026-01-31T08:30:00Z",
    completed_at="2026-01-31T08:42:00Z",
    cards=CARDS_OF_AN_EXAMPLE,
)
class PipelineRunImport(NewPipelineRun):
    external_id = words_of(
        200, required=True, metadata={"description": "What it is called there: imported once"}
    )
    pipeline_version = optional(words_of(100))
    status = one_of(Choice("ImportedRunStatus", "completed", "failed"), required=True)
    error_message = optional(prose(8192))
    created_at = moment(required=True)
    completed_at = moment(required=True)
    stages = BoundedList(
        fields.Nested(ImportedPipelineStage), at_most=len(STAGES), load_default=list
    )
    report = optional(fields.Nested(InspirationContent))
    cards = BoundedList(
        fields.Nested(NewPipelineCard),
        at_most=CARDS,
        load_default=list,
        validate=[each_number_once],
    )

    @validates_schema
    def _agrees(self, data: dict[str, Any], **_: object) -> None:
        completed = data["status"] == "completed"
        if completed != bool(data["cards"]):
            raise ValidationError(
                "are required of a completed run, and a failed one has none", "cards"
            )
        if completed == (data["error_message"] is not None):
            raise ValidationError(
                "is required of a failed run, and a completed one has none", "error_message"
            )
        if data["completed_at"] < data["created_at"]:
            raise ValidationError("must not be before created_at", "completed_at")
        numbers = [stage["stage_number"] for stage in data["stages"]]
        if len(set(numbers)) < len(numbers):
            raise ValidationError("has a stage twice", "stages")

    @post_load
    def _with_its_stage(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        reached = [stage["stage_number"] for stage in data["stages"]]
        data["current_stage"] = 5 if data["status"] == "completed" else max(reached, default=0)
        return data
