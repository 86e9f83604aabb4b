"""What the schemas of all areas share."""

import json
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from service import paging


class Answer(Schema):
    """Documents what goes out: every field is always there. It never serializes; PostgreSQL does."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


class PageQuery(Schema):
    """The parameters of every list."""

    limit = fields.Integer(
        load_default=paging.DEFAULT_LIMIT,
        metadata={"description": f"Rows per page, clamped to 1..{paging.MAX_LIMIT}"},
    )
    cursor = fields.String(
        load_default=None, metadata={"description": "`next_cursor` of the page before"}
    )


class Order(Schema):
    """For lists that can be read both ways."""

    order = fields.String(
        load_default="desc",
        validate=validate.OneOf(["desc", "asc"]),
        metadata={"description": "Newest first, or oldest first"},
    )


def text(max_length: int, **arguments: Any) -> fields.String:
    """A text that is not empty."""
    return fields.String(validate=validate.Length(min=1, max=max_length), **arguments)


def words_of(max_length: int, **arguments: Any) -> fields.String:
    """A text that is not blank."""
    return fields.String(validate=[validate.Length(1, max_length), not_blank], **arguments)


def not_blank(value: str) -> None:
    if not value.strip(" \t\r\n"):
        raise ValidationError("must not be blank")


def one_of(*words: str, **arguments: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(words), **arguments)


def moment(**arguments: Any) -> fields.AwareDateTime:
    """A time with its zone: without one nobody knows when it is."""
    return fields.AwareDateTime(format="iso", validate=_of_our_era, **arguments)


def _of_our_era(value: datetime) -> None:
    """PostgreSQL would write other years in UTC than 1 to 9999 as no ISO reader reads them."""
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValidationError("must be in the years 1 to 9999") from None


def metadata(**arguments: Any) -> fields.Dict:
    """A JSON object, under 64 KB as PostgreSQL writes it."""
    return fields.Dict(keys=fields.String(), validate=_under_64_kb, **arguments)


def _under_64_kb(value: Any) -> None:
    if len(json.dumps(value, ensure_ascii=False).encode()) >= 65536:
        raise ValidationError("must be under 64 KB")


def count(**arguments: Any) -> fields.Integer:
    """A bigint that is not negative. JSON numbers, so strict: no "12", no 1.5."""
    return fields.Integer(strict=True, validate=validate.Range(0, 2**63 - 1), **arguments)
