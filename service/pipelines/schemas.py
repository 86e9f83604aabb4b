"""What the schemas of runs, their cards and the work on them share."""

from typing import Any

from marshmallow import Schema, ValidationError, fields

from service.rest import MB
from service.schemas import BoundedList, Choice, not_blank, optional, text, under_64_kb, words_of

STAGE_STATUSES = Choice("PipelineStageStatus", "running", "completed", "failed")
DOCUMENT_TYPES = Choice("DocumentType", "application/pdf", "text/plain", "text/markdown")
STAGES = (
    "Input Processing",
    "Signal Amplification",
    "General Translation",
    "Brand Contextualization",
    "Opportunity Generation",
)

MAX_OUTPUT = MB  # of a stage, in bytes
# Of a body that has one, and of one that has all five: as JSON writes a text, it can be several times as long.
MAX_BODY = 8 * MB
MAX_IMPORT = 16 * MB

OBJECT_OR_ARRAY = [
    {"type": "object", "additionalProperties": {}},
    {"type": "array", "items": {}, "maxItems": 65535 // len("1, ")},  # as many as 64 KB can hold
    {"type": "null"},
]


def prose(max_bytes: int, **arguments: Any) -> fields.String:
    """A longer text that is not blank, limited as it is stored."""

    def not_too_long(value: str) -> None:
        if len(value.encode()) > max_bytes:
            raise ValidationError(f"must have at most {max_bytes // 1024} KB")

    return fields.String(validate=[not_blank, not_too_long], **arguments)


def parsed() -> fields.Field[Any]:
    """What was parsed from the output of a stage, if anything was."""
    told = {"anyOf": OBJECT_OR_ARRAY}
    return optional(fields.Raw(validate=[_object_or_array, under_64_kb], metadata=told))


def _object_or_array(value: Any) -> None:
    if not isinstance(value, dict | list):
        raise ValidationError("must be an object or an array")


def _elements() -> BoundedList:
    return BoundedList(text(1000), at_most=100, load_default=list)


class InspirationContent(Schema):
    inspiration1_title = words_of(300, required=True)
    inspiration1_content = prose(65536, required=True)
    inspiration1_elements = _elements()
    inspiration2_title = words_of(300, required=True)
    inspiration2_content = prose(65536, required=True)
    inspiration2_elements = _elements()
