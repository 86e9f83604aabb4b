"""Fields for what happened elsewhere: it is a fact, so it is stored, changed where storage needs that, and told.

Only the intake uses them. Who calls us is checked strictly; what a customer wrote is not to be lost because a mail has
a NUL in it, or its subject has no end. Refused is only what does not say which message it is, or cannot be read.
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from service.schemas import is_blank, not_blank, trimmed

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, lone surrogates
MAX_NAME_BYTES = 1024
MAX_JSON_BYTES = 64 * 1024 - 1
MAX_DEPTH = 100  # of JSON
MAX_FILES = 100  # of a message
MAX_GIVEN = 1000  # characters of what was given that a warning keeps
MAX_WARNINGS_BYTES = 32 * 1024  # beyond, they keep nothing of what was given

REPLACED = "has characters that cannot be stored: U+FFFD stands for each"


@dataclass(frozen=True, slots=True)
class Changed:
    """A value that is stored otherwise than it was given."""

    value: Any
    why: list[str]
    given: str | None = None  # what would be lost


class Facts(Schema):
    """A schema whose `warnings` tell which of its fields were changed. A field that is null is one that is left out."""

    @post_load
    def _tell(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        warnings = []
        for name, value in data.items():
            if isinstance(value, Changed):
                given = value.given and value.given[:MAX_GIVEN]
                warnings += [{"field": name, "message": why, "given": given} for why in value.why]
                value = value.value
            if value is None:
                default = self.fields[name].load_default
                value = default() if callable(default) else default
            if isinstance(value, list):
                warnings += [
                    {**warning, "field": f"{name}.{n}.{warning['field']}"}
                    for n, item in enumerate(value)
                    for warning in item.pop("warnings")
                ]
            data[name] = value
        if _size(warnings) > MAX_WARNINGS_BYTES:
            warnings = [{**warning, "given": None} for warning in warnings]
        return {**data, "warnings": warnings}


class Name(fields.String):
    """What identifies something: as it is, or not at all."""

    def _deserialize(self, *arguments: Any, **named: Any) -> str:
        text: str = super()._deserialize(*arguments, **named)
        not_blank(text)
        if UNSTORABLE.search(text):
            raise ValidationError("has a NUL or a lone surrogate, which cannot be stored")
        if len(text.encode()) > MAX_NAME_BYTES:
            raise ValidationError(f"has more than {MAX_NAME_BYTES} bytes")
        return text


class Text(fields.String):
    """A text of so many characters at most. A blank one says nothing."""

    def __init__(self, max_length: int, **arguments: Any) -> None:
        super().__init__(**{"load_default": None, **arguments}, allow_none=True)
        self.max_length = max_length

    def _deserialize(self, *arguments: Any, **named: Any) -> Any:
        given, why = _storable(super()._deserialize(*arguments, **named))
        kept = given[: self.max_length]
        if kept != given:
            why.append(f"has {len(given)} characters: the first {self.max_length} are kept")
        text = None if is_blank(kept) else kept
        return Changed(text, why, given) if why else text


class Body(fields.String):
    """A text of so many bytes at most."""

    def __init__(self, max_bytes: int, **arguments: Any) -> None:
        super().__init__(**arguments, load_default=None, allow_none=True)
        self.max_bytes = max_bytes

    def _deserialize(self, *arguments: Any, **named: Any) -> Any:
        text, why = _storable(super()._deserialize(*arguments, **named))
        data = text.encode()
        if len(data) > self.max_bytes:
            why.append(f"has {len(data)} bytes: the first {self.max_bytes} are kept")
            text = data[: self.max_bytes].decode(errors="ignore")
        return Changed(text, why) if why else text


class Shaped(fields.String):
    """A text of a certain shape. One that has it not is as good as none."""

    def __init__(self, shape: str, max_bytes: int, **arguments: Any) -> None:
        super().__init__(**{"load_default": None, **arguments}, allow_none=True)
        self.shape, self.max_bytes = re.compile(shape), max_bytes

    def _deserialize(self, *arguments: Any, **named: Any) -> Any:
        given, why = _storable(super()._deserialize(*arguments, **named))
        text = trimmed(given)
        if is_blank(text):
            return None
        if len(text.encode()) > self.max_bytes or not self.shape.fullmatch(text):
            stands_for_it = self.load_default or "nothing"
            return Changed(
                None, [f"is not of the right form: {stands_for_it} stands for it"], given
            )
        return Changed(text, why) if why else text


class Time(fields.AwareDateTime):
    """A time with its zone, whichever it is."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments, format="iso", load_default=None, allow_none=True)

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> Any:
        moment: datetime = super()._deserialize(value, *arguments, **named)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            why = "is not in the years 1 to 9999: the time when it came in stands for it"
            return Changed(None, [why], value)


class Object(fields.Dict):
    """A JSON object. Members for which there is no room under 64 KB are left out."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments, keys=fields.String(), load_default=dict, allow_none=True)

    def _deserialize(self, *arguments: Any, **named: Any) -> Any:
        why: list[str] = []
        value = super()._deserialize(*arguments, **named)  # type: ignore[no-untyped-call]
        given = _storable_json(value, why)
        kept = {}
        room = MAX_JSON_BYTES
        for key, element in given.items():
            size = _size({key: element})  # its braces are as long as a comma and a space
            if size <= room:
                kept[key] = element
                room -= size
        if len(kept) < len(given):
            left_out = ", ".join(key for key in given if key not in kept)
            why.append("is larger than 64 KB: members are left out")
            return Changed(kept, why, left_out)
        return Changed(kept, why) if why else kept


class Files(fields.List[Any]):
    """Files, of very many the first."""

    def __init__(self, item: fields.Field[Any]) -> None:
        super().__init__(
            item,
            load_default=list,
            allow_none=True,
            metadata={
                "description": f"Of more than {MAX_FILES} the first are kept",
                "maxItems": MAX_FILES,
            },
        )

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(value, list) or len(value) <= MAX_FILES:
            return super()._deserialize(value, *arguments, **named)
        kept = super()._deserialize(value[:MAX_FILES], *arguments, **named)
        return Changed(kept, [f"has {len(value)} files: the first {MAX_FILES} are kept"])


def _storable(text: str) -> tuple[str, list[str]]:
    """The text as PostgreSQL can store it, and why it had to be changed."""
    stored = UNSTORABLE.sub("\ufffd", text)
    return stored, [] if stored == text else [REPLACED]


def _storable_json(value: Any, why: list[str], depth: int = 1) -> Any:
    """The value as PostgreSQL can store it. Adds to `why` it had to be changed."""
    reasons: list[str] = []
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        value, _ = _storable(json.dumps(value, ensure_ascii=False))
        reasons = [f"is nested more than {MAX_DEPTH} levels deep: what is deeper is kept as text"]
    elif isinstance(value, dict):
        value = {
            _storable_json(key, why): _storable_json(element, why, depth + 1)
            for key, element in value.items()
        }
    elif isinstance(value, list):
        value = [_storable_json(element, why, depth + 1) for element in value]
    elif isinstance(value, str):
        value, reasons = _storable(value)
    elif isinstance(value, float) and not math.isfinite(value):
        value, reasons = str(value), ["has a number that is too large: a text stands for it"]
    why += [reason for reason in reasons if reason not in why]
    return value


def _size(value: Any) -> int:
    """How many bytes a JSON value has as PostgreSQL writes it: with spaces, without exponents."""
    if isinstance(value, dict):
        members = [_size(key) + len(": ") + _size(element) for key, element in value.items()]
        return len("{}") + sum(members) + len(", ") * max(0, len(members) - 1)
    if isinstance(value, list):
        return len("[]") + sum(map(_size, value)) + len(", ") * max(0, len(value) - 1)
    if isinstance(value, float):
        return len(format(Decimal(repr(value)), "f"))
    return len(json.dumps(value, ensure_ascii=False).encode())
