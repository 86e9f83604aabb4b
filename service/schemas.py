"""What the schemas of all areas share."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate
from marshmallow.validate import Length

from service import paging

FieldT = TypeVar("FieldT", bound=fields.Field[Any])
S = TypeVar("S", bound=type[Schema])


class Answer(Schema):
    """Documents what goes out: every field is always there. It never serializes; PostgreSQL does.

    A client must take fields that it does not know: later versions have more.
    """

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


class PageQuery(Schema):
    """The parameters of every list."""

    limit = fields.Integer(
        load_default=paging.DEFAULT_LIMIT,
        metadata={
            "description": f"Rows per page, clamped to 1..{paging.MAX_LIMIT}",
            "format": "int32",
        },
    )
    cursor = fields.String(
        load_default=None, metadata={"description": "`next_cursor` of the page before"}
    )


class Choice(tuple[str, ...]):
    """The words that a field can hold; in the OpenAPI document a schema with a name."""

    name: str

    def __new__(cls, name: str, *words: str) -> Self:
        choice = super().__new__(cls, words)
        choice.name = name
        return choice


def one_of(choice: Choice, **arguments: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choice), **arguments)


class Words(fields.Field[list[str] | None]):
    """Known words in one parameter, with a separator, or in several; each once, in the order of the known.

    None for none.
    """

    def __init__(
        self, known: Sequence[str], separator: str, description: str, **arguments: Any
    ) -> None:
        told = {"type": "string", "description": description}
        super().__init__(load_default=None, metadata=told, **arguments)
        self.known = known
        self.separator = separator

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str] | None:
        given = value if isinstance(value, list) else [value]
        words = {word for part in given for word in part.split(self.separator) if word}
        if unknown := sorted(words.difference(self.known)):
            raise ValidationError(f"has {', '.join(unknown)}, not of {', '.join(self.known)}")
        return [word for word in self.known if word in words] or None


class Matches(validate.Regexp):
    """A pattern for the whole text, in what Python and ECMA-262 have in common: ^, $ and no \\Z."""

    def __call__(self, value: Any) -> Any:
        # `match` would take a line break before the `$`.
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


AN_ID = "01980000-0000-7000-8000-000000000000"  # in an example


def example(**body: Any) -> Callable[[S], S]:
    """Decorates the schema of a body with one that works when sent, but for ids and days that it names."""

    def decorate(schema: S) -> S:
        schema.example = body  # type: ignore[attr-defined]
        return schema

    return decorate


class Order(Schema):
    """For lists that can be read both ways."""

    order = one_of(
        Choice("Order", "desc", "asc"),
        load_default="desc",
        metadata={"description": "Newest first, or oldest first"},
    )


DEFAULT_DAYS = 30
MAX_DAYS = 366


class Days(Schema):
    """Days of UTC, from the first to before the last; in the end moments, since and until."""

    first = fields.Date(
        data_key="from",
        load_default=None,
        metadata={
            "description": f"The first day; if not given, {DEFAULT_DAYS} days before the last"
        },
    )
    last = fields.Date(
        data_key="to",
        load_default=None,
        metadata={"description": "The day that is no longer counted; if not given, tomorrow"},
    )

    @post_load
    def _as_moments(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        first, last = data.pop("first"), data.pop("last")
        last = last or datetime.now(UTC).date() + timedelta(days=1)
        first = first or date.fromordinal(max(1, last.toordinal() - DEFAULT_DAYS))
        if first >= last:
            raise ValidationError("must be before to", "from")
        if last - first > timedelta(days=MAX_DAYS):
            raise ValidationError(f"must be at most {MAX_DAYS} days before to", "from")
        return {**data, "since": midnight(first), "until": midnight(last)}


def midnight(day: date) -> datetime:
    """When a day of UTC begins."""
    return datetime.combine(day, time(), UTC)


FROM_THE_START = "0.0.00000000-0000-0000-0000-000000000000"


class ExportQuery(Schema):
    """Where an export goes on; in the end the keys that its query takes."""

    after = fields.String(
        load_default=FROM_THE_START,
        validate=Matches(r"^[0-9]{1,9}\.[0-9]{1,19}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
        metadata={"description": "The watermark of the last line that was kept"},
    )

    @post_load
    def _as_keys(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        epoch, xid, after_id = data["after"].split(".")
        return {"after_epoch": int(epoch), "after_xid": xid, "after_id": after_id}


def optional(field: FieldT) -> FieldT:
    """May be left out, or null: both are None."""
    field.load_default = None
    field.allow_none = True
    return field


def text(max_length: int, **arguments: Any) -> fields.String:
    """A text that is not empty."""
    return fields.String(validate=validate.Length(min=1, max=max_length), **arguments)


def words_of(max_length: int, **arguments: Any) -> fields.String:
    """A text that is not blank."""
    return fields.String(validate=[validate.Length(1, max_length), not_blank], **arguments)


WHITE_SPACE = (
    " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
BLANK = re.compile(
    r"[\0- \x7f-\xa0\xad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def trimmed(value: str) -> str:
    """The text without the white space around it, as operations.trimmed() in the database."""
    return value.strip(WHITE_SPACE)


def is_blank(value: str) -> bool:
    """Whether nothing of the text is seen, as operations.is_blank() in the database."""
    return BLANK.fullmatch(value) is not None


def not_blank(value: str) -> None:
    if is_blank(value):
        raise ValidationError("must not be blank")


def email(**arguments: Any) -> fields.Email:
    return fields.Email(validate=validate.Length(max=320), **arguments)


def address(**arguments: Any) -> fields.Url:
    """An http or https address; its host may be one of an own network."""
    return fields.Url(
        schemes={"http", "https"}, require_tld=False, validate=Length(max=2048), **arguments
    )


def flag(**arguments: Any) -> fields.Boolean:
    """true or false; no "yes", no "on"."""
    return fields.Boolean(truthy={True}, falsy={False}, **arguments)


def whole(low: int, high: int, **arguments: Any) -> fields.Integer:
    """JSON numbers, so strict: no "12", no 1.5."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **arguments)


def count(**arguments: Any) -> fields.Integer:
    """A bigint that is not negative."""
    return whole(0, 2**63 - 1, **arguments)


def score(**arguments: Any) -> fields.Float:
    return fields.Float(validate=validate.Range(0, 1), **arguments)


class Moment(fields.AwareDateTime):
    """A time with its zone: without one nobody knows when it is. In UTC from here on."""

    def _deserialize(self, *arguments: Any, **named: Any) -> datetime:
        try:
            return super()._deserialize(*arguments, **named).astimezone(UTC)
        except OverflowError:
            # PostgreSQL would write another year as no ISO reader reads it.
            raise ValidationError("must be in the years 1 to 9999") from None


def moment(**arguments: Any) -> Moment:
    return Moment(format="iso", **arguments)


class BoundedList(fields.List[Any]):
    """A list whose length is looked at before its items are: a long list of nonsense is one error, and soon told."""

    def __init__(
        self,
        item: fields.Field[Any],
        *,
        at_most: int,
        at_least: int | None = None,
        validate: Sequence[Callable[[Any], object]] = (),
        **arguments: Any,
    ) -> None:
        self._bounds = Length(at_least, at_most)
        # Among the validators the OpenAPI document finds it.
        super().__init__(item, validate=[self._bounds, *validate], **arguments)

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> list[Any]:
        if isinstance(value, list):
            self._bounds(value)
        return super()._deserialize(value, *arguments, **named)


def metadata(**arguments: Any) -> fields.Dict:
    """A JSON object, under 64 KB as PostgreSQL writes it."""
    return fields.Dict(keys=fields.String(), validate=under_64_kb, **arguments)


def under_64_kb(value: Any) -> None:
    if len(json.dumps(value, ensure_ascii=False).encode()) >= 65536:
        raise ValidationError("must be under 64 KB")
