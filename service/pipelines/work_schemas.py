"""What goes in and out of the routes of the work on runs."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from service.claims import Claim, Heartbeat, Report
from service.pipelines.card_schemas import (
    CARDS,
    CARDS_OF_AN_EXAMPLE,
    NewPipelineCard,
    each_number_once,
)
from service.pipelines.run_schemas import PipelineRunReport, PipelineRunStage
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
    AN_ID,
    Answer,
    BoundedList,
    count,
    example,
    flag,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)


@example(worker="pipeline-1")
class PipelineRunClaim(Claim):
    pipeline_version = optional(
        words_of(100, metadata={"description": "Of the pipeline that will work on it"})
    )


class ClaimedPipelineRun(Answer):
    id = fields.UUID()
    user_id = fields.UUID()
    company_id = fields.String()
    company_name = fields.String()
    document_name = fields.String()
    document_url = fields.String()
    document_type = one_of(DOCUMENT_TYPES, allow_none=True)
    document_size = count(allow_none=True)
    current_stage = fields.Integer()
    completed_stages = fields.List(
        fields.Integer(), metadata={"description": "Which an attempt before completed"}
    )
    attempts = count()
    max_attempts = count()
    lease_id = fields.UUID()
    lease_expires_at = moment()


@example(
    lease_id=AN_ID,
    stage_number=1,
    status="completed",
    markdown_output="# What the document says",
)
class PipelineStageReport(Heartbeat):
    stage_number = whole(1, 5, required=True)
    name = words_of(
        100,
        metadata={"description": f"By itself {', '.join(STAGES[:-1])} or {STAGES[-1]}"},
    )
    status = one_of(STAGE_STATUSES, required=True)
    markdown_output = optional(prose(MAX_OUTPUT))
    json_output = parsed()

    @validates_schema
    def _output_of_a_completed_stage(self, data: dict[str, Any], **_: object) -> None:
        if data["status"] == "completed" and data["markdown_output"] is None:
            raise ValidationError("is required of a completed stage", "markdown_output")

    @post_load
    def _with_a_name(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data.setdefault("name", STAGES[data["stage_number"] - 1])
        return data


class PipelineStageOutput(PipelineRunStage):
    id = fields.UUID()
    run_id = fields.UUID()
    revision = fields.Integer()


@example(
    lease_id=AN_ID,
    inspiration1_title="Milk in bottles",
    inspiration1_content="They come back.",
    inspiration2_title="Cheese by post",
    inspiration2_content="It keeps.",
)
class NewInspirationReport(Heartbeat, InspirationContent):
    pass


class InspirationReport(PipelineRunReport):
    run_id = fields.UUID()
    revision = fields.Integer()


@example(lease_id=AN_ID, markdown_output="# Five opportunities", cards=CARDS_OF_AN_EXAMPLE)
class PipelineRunCompletion(Report):
    name = words_of(100, load_default=STAGES[-1])
    markdown_output = prose(MAX_OUTPUT, required=True)
    json_output = parsed()
    cards = BoundedList(
        fields.Nested(NewPipelineCard),
        at_least=1,
        at_most=CARDS,
        required=True,
        validate=[each_number_once],
        metadata={
            "description": "The five cards that were read from the output. Who cannot read them reports a failure"
        },
    )


@example(lease_id=AN_ID, error_message="The document cannot be read.", retry=True)
class PipelineRunFailure(Report):
    error_message = prose(8192, required=True)
    retry = flag(
        load_default=False,
        metadata={"description": "true when trying again may help; otherwise it is final"},
    )
