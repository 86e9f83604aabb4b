"""What goes in and out of the routes of versions and their translations."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates
from marshmallow.validate import Length

from service import errors
from service.schemas import (
    Answer,
    BoundedList,
    Matches,
    count,
    example,
    flag,
    metadata,
    moment,
    optional,
    whole,
    words_of,
)

LANGUAGE = Matches(r"^[a-z]{2,3}$", error="must be a code of ISO 639, such as en")
MAX_TRANSLATIONS = 50
CONFIG = "What the resource is made of"
NOTES = "What is new in it"


def require_language(language: str) -> None:
    """Raises VALIDATION for what is not of the shape of an ISO 639 code."""
    try:
        LANGUAGE(language)
    except ValidationError as error:
        raise errors.invalid({"language": error.messages}) from None


def _text(max_length: int, **arguments: Any) -> fields.String:
    return fields.String(validate=Length(max=max_length), **arguments)


@example(name="Daily standup", description="What was done, what is next, what is in the way.")
class NewTexts(Schema):
    name = words_of(128, required=True)
    description = optional(_text(2048))
    details = optional(_text(16384, metadata={"description": "How it works"}))
    instructions = optional(_text(16384, metadata={"description": "How to use it"}))


class NewResourceTranslation(NewTexts):
    language = fields.String(
        required=True, validate=LANGUAGE, metadata={"description": "A code of ISO 639, such as en"}
    )


class ResourceTranslation(Answer):
    id = fields.UUID()
    version_id = fields.UUID()
    language = fields.String(metadata={"description": "A code of ISO 639, such as en"})
    name = fields.String()
    description = fields.String(allow_none=True)
    details = fields.String(allow_none=True, metadata={"description": "How it works"})
    instructions = fields.String(allow_none=True, metadata={"description": "How to use it"})
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(
    version_label="1.1.0",
    is_complete=True,
    translations=[{"language": "en", "name": "Daily standup"}],
)
class NewResourceVersion(Schema):
    version_label = words_of(16, load_default="1.0.0")
    config = metadata(load_default=dict, metadata={"description": CONFIG})
    is_complete = flag(
        load_default=False, metadata={"description": "Whether the resource can be used with it"}
    )
    version_notes = optional(_text(4096, metadata={"description": NOTES}))
    translations = BoundedList(
        fields.Nested(NewResourceTranslation), at_most=MAX_TRANSLATIONS, load_default=list
    )

    @validates("translations")
    def _of_one_language_each(self, value: list[dict[str, Any]], **_: object) -> None:
        # One without a language is an error of its own.
        languages = [item["language"] for item in value if "language" in item]
        if len({*languages}) < len(languages):
            raise ValidationError("must have each language once")


@example(is_complete=True)
class ResourceVersionChanges(Schema):
    version_label = words_of(16)
    config = metadata(metadata={"description": CONFIG})
    is_complete = flag(metadata={"description": "Whether the resource can be used with it"})
    version_notes = _text(4096, allow_none=True, metadata={"description": NOTES})


class ResourceVersion(Answer):
    id = fields.UUID()
    public_id = fields.String()
    root_id = fields.UUID(metadata={"description": "The resource"})
    version_index = whole(0, 2**31 - 1, metadata={"description": "Counts from 0"})
    version_label = fields.String()
    config = fields.Dict(keys=fields.String(), metadata={"description": CONFIG})
    is_complete = flag(metadata={"description": "Whether the resource can be used with it"})
    is_latest = flag()
    version_notes = fields.String(allow_none=True, metadata={"description": NOTES})
    times_started = count(metadata={"description": "How many runs of it were started"})
    times_completed = count(metadata={"description": "How many of them were completed"})
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ResourceVersionDetail(ResourceVersion):
    translations = fields.List(
        fields.Nested(ResourceTranslation), metadata={"description": "By their languages"}
    )
