"""What the schemas of runs, their cards and the work on them share."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.schemas import BoundedList, Choice, not_blank, text, words_of

STAGE_STATUSES = Choice("PipelineStageStatus", "running", "completed", "failed")
DOCUMENT_TYPES = Choice("DocumentType", "application/pdf", "text/plain", "text/markdown")
STAGES = (
    "Input Processing",
    "Signal Amplification",
    "General Translation",
    "Brand Contextualization",
    "Opportunity Generation",
)


def prose(max_bytes: int, **arguments: Any) -> fields.String:
    """A longer text that is not blank, limited as it is stored."""

    def not_too_long(value: str) -> None:
        if len(value.encode()) > max_bytes:
            raise ValidationError(f"must have at most {max_bytes // 1024} KB")

    return fields.String(validate=[not_blank, not_too_long], **arguments)


def _elements() -> BoundedList:
    return BoundedList(text(1000), at_most=100, load_default=list)


class InspirationContent(Schema):
    inspiration1_title = words_of(300, required=True)
    inspiration1_content = prose(65536, required=True)
    inspiration1_elements = _elements()
    inspiration2_title = words_of(300, required=True)
    inspiration2_content = prose(65536, required=True)
    inspiration2_elements = _elements()
