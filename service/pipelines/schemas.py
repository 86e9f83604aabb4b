"""What goes in and out of the routes of pipelines."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from service.claims import Claim, Heartbeat, Report
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    Matches,
    PageQuery,
    count,
    example,
    flag,
    metadata,
    moment,
    not_blank,
    one_of,
    optional,
    text,
    whole,
    words_of,
)

RUN_STATUSES = Choice("PipelineRunStatus", "pending", "running", "completed", "failed", "cancelled")
STAGE_STATUSES = Choice("PipelineStageStatus", "running", "completed", "failed")
DOCUMENT_TYPES = Choice("DocumentType", "application/pdf", "text/plain", "text/markdown")
MAX_DOCUMENT_SIZE = 25 * 1024 * 1024  # bytes
STAGES = (
    "Input Processing",
    "Signal Amplification",
    "General Translation",
    "Brand Contextualization",
    "Opportunity Generation",
)
CARDS = 5  # of a run
CARDS_OF_AN_EXAMPLE = [
    {
        "number": number,
        "title": title,
        "tagline": "Fresh each morning.",
        "problem": "People throw milk away.",
        "solution": "Less of it, more often.",
        "why_now": "Bottles are collected again.",
        "target_segment": "Households of one.",
        "quick_win": "One street, for one month.",
    }
    for number, title in enumerate(
        ("Half pints", "Milk by post", "Empty shelves", "Slow cheese", "The dairy bus"), 1
    )
]


def prose(max_bytes: int, **arguments: Any) -> fields.String:
    """A longer text that is not blank, limited as it is stored."""

    def not_too_long(value: str) -> None:
        if len(value.encode()) > max_bytes:
            raise ValidationError(f"must have at most {max_bytes // 1024} KB")

    return fields.String(validate=[not_blank, not_too_long], **arguments)


# Runs ------------------------------------------------------------------------------------------------


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
    document_url = fields.Url(
        schemes={"http", "https"},
        require_tld=False,
        required=True,
        validate=validate.Length(max=2048),
    )
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


class PipelineRunCard(Answer):
    id = fields.UUID()
    number = fields.Integer()
    title = fields.String()
    tagline = fields.String()
    problem = fields.String()
    solution = fields.String()
    why_now = fields.String()
    target_segment = fields.String()
    quick_win = fields.String()
    starred = fields.Boolean()


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
    json_output = fields.Raw(allow_none=True, metadata={"description": "Any JSON"})
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


# What is reported ------------------------------------------------------------------------------------


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
    markdown_output = optional(prose(1024 * 1024))
    json_output = optional(metadata())

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


def _elements() -> BoundedList:
    return BoundedList(text(1000), at_most=100, load_default=list)


class InspirationContent(Schema):
    inspiration1_title = words_of(300, required=True)
    inspiration1_content = prose(65536, required=True)
    inspiration1_elements = _elements()
    inspiration2_title = words_of(300, required=True)
    inspiration2_content = prose(65536, required=True)
    inspiration2_elements = _elements()


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


class NewPipelineCard(Schema):
    number = whole(1, CARDS, required=True)
    title = words_of(300, required=True)
    tagline = prose(8192, required=True)
    problem = prose(8192, required=True)
    solution = prose(8192, required=True)
    why_now = prose(8192, required=True)
    target_segment = prose(8192, required=True)
    quick_win = prose(8192, required=True)


def _each_number_once(cards: list[dict[str, Any]]) -> None:
    if cards and sorted(card["number"] for card in cards) != list(range(1, CARDS + 1)):
        raise ValidationError(f"must be {CARDS} cards with the numbers 1 to {CARDS}")


@example(lease_id=AN_ID, markdown_output="# Five opportunities", cards=CARDS_OF_AN_EXAMPLE)
class PipelineRunCompletion(Report):
    name = words_of(100, load_default=STAGES[-1])
    markdown_output = prose(1024 * 1024, required=True)
    json_output = optional(metadata())
    cards = BoundedList(
        fields.Nested(NewPipelineCard),
        at_least=1,
        at_most=CARDS,
        required=True,
        validate=[_each_number_once],
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


# Imports ---------------------------------------------------------------------------------------------


class ImportedPipelineStage(Schema):
    stage_number = whole(1, 5, required=True)
    name = words_of(100)
    markdown_output = prose(1024 * 1024, required=True)
    json_output = optional(metadata())

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
        validate=[_each_number_once],
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


# Cards -----------------------------------------------------------------------------------------------


class PipelineCard(PipelineRunCard):
    run_id = fields.UUID()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class PipelineCardQuery(PageQuery):
    starred = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "true for the starred ones only"},
    )


class StarredCardCount(Answer):
    starred = count()


@example(starred=True)
class PipelineCardStar(Schema):
    starred = flag(required=True)


# The webhook -----------------------------------------------------------------------------------------


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
