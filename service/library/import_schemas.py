"""Imports, and how far they have come."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.schemas import Answer, Choice, count, moment, one_of


class ImportQuery(Schema):
    import_id = fields.UUID(
        load_default=None, metadata={"description": "Of an import that broke off, to go on with it"}
    )
    from_line = fields.Integer(
        load_default=1,
        validate=validate.Range(1),
        metadata={
            "description": "The number of the first line that is sent; lines that are dealt with are not written again"
        },
    )

    @validates_schema
    def _goes_on(self, data: dict[str, Any], **_: object) -> None:
        if data["from_line"] > 1 and data["import_id"] is None:
            raise ValidationError("goes with import_id", "from_line")


class ImportFailure(Answer):
    line = count(metadata={"description": "Its number, from 1"})
    code = fields.String()
    detail = fields.String()


class Import(Answer):
    """How far an import has come: `lines` are dealt with, and committed."""

    id = fields.UUID()
    created_by_id = fields.UUID(allow_none=True)
    status = one_of(Choice("ImportStatus", "running", "interrupted", "completed"))
    lines = count()
    done = count()
    skipped = count(
        metadata={"description": "Whose public ids were taken, and those that are blank"}
    )
    failed = count()
    failures = fields.List(
        fields.Nested(ImportFailure), metadata={"description": "The first fifty"}
    )
    finished_at = moment(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = count()


class ImportProblem(Answer):
    code = fields.String()
    detail = fields.String()


class ImportProgress(Answer):
    """A line of the answer: how far it is. The last one is the outcome, completed or interrupted."""

    id = fields.UUID()
    status = one_of(Choice("ImportStatus", "running", "interrupted", "completed"))
    lines = count()
    done = count()
    skipped = count()
    failed = count()
    failures = fields.List(
        fields.Nested(ImportFailure),
        metadata={"description": "The first fifty; empty before the outcome"},
    )
    problem = fields.Nested(
        ImportProblem, allow_none=True, metadata={"description": "Why it was interrupted"}
    )
