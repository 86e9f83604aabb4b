"""Many resources in one request, and what became of each."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.bulk import MAX_ROWS, OF_THE_ROW, BulkResults, Rows
from service.library.version_schemas import NewResourceVersion
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    Matches,
    count,
    example,
    flag,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)

MAX_CHILDREN = 100
MAX_MATCHES = 3_000  # more deletions would not be done within the statement timeout


_ROUTINE = {
    "resource_type": "Routine",
    "version": {"is_complete": True, "translations": [{"language": "en", "name": "Daily standup"}]},
}


class NewChildResource(Schema):
    """A resource with its first version."""

    public_id = optional(
        fields.String(
            validate=Matches(r"^[A-Za-z0-9]{12}$"),
            metadata={"description": "One is made if none is given"},
        )
    )
    resource_type = words_of(32, required=True)
    is_private = flag(load_default=False)
    owned_by_user_id = optional(
        fields.UUID(metadata={"description": "The user who acts, unless it is somebody else's"})
    )
    owned_by_team_id = optional(fields.UUID())
    version = fields.Nested(NewResourceVersion, load_default=lambda: NewResourceVersion().load({}))


@example(**_ROUTINE)
class NewBulkResource(NewChildResource):
    parent_id = optional(fields.UUID(metadata={"description": "The resource that it is a part of"}))


@example(resources=[_ROUTINE])
class NewResources(Schema):
    resources = Rows(fields.Nested(NewBulkResource), at_least=1, at_most=MAX_ROWS, required=True)


@example(parent=_ROUTINE, children=[_ROUTINE])
class NewResourceWithChildren(Schema):
    parent = fields.Nested(NewBulkResource, required=True)
    children = Rows(
        fields.Nested(NewChildResource),
        at_least=1,
        at_most=MAX_CHILDREN,
        required=True,
    )


class ResourceWithChildren(Answer):
    id = fields.UUID(metadata={"description": "Of the parent"})
    children = fields.Nested(BulkResults)


class ResourceChangeFields(Schema):
    is_private = flag()
    owned_by_user_id = fields.UUID(allow_none=True)
    owned_by_team_id = fields.UUID(allow_none=True)
    score = whole(-(2**31), 2**31 - 1, metadata={"description": "For `library:manage` to set"})

    @validates_schema
    def _names_something(self, data: dict[str, Any], **_: object) -> None:
        if not data:
            raise ValidationError("must name what changes")


class ResourceChange(Schema):
    id = fields.UUID(required=True)
    revision = count(required=True, metadata={"description": "The one that it must still have"})
    changes = fields.Nested(ResourceChangeFields, required=True)


@example(resources=[{"id": AN_ID, "revision": 1, "changes": {"is_private": True}}])
class ResourceUpdates(Schema):
    resources = Rows(fields.Nested(ResourceChange), at_least=1, at_most=MAX_ROWS, required=True)


class ResourceFilter(Schema):
    """The resources of a user or of a team, or some of them."""

    owned_by_user_id = optional(fields.UUID())
    owned_by_team_id = optional(fields.UUID())
    resource_type = optional(words_of(32))
    created_before = optional(moment())

    @validates_schema
    def _has_one_owner(self, data: dict[str, Any], **_: object) -> None:
        if (data["owned_by_user_id"] is None) == (data["owned_by_team_id"] is None):
            raise ValidationError("name a user or a team", "owned_by_user_id")


@example(ids=[AN_ID])
class ChosenResources(Schema):
    """By their ids, or all that match a filter, not only those of a page."""

    ids = BoundedList(fields.UUID(), at_least=1, at_most=MAX_ROWS)
    filter = fields.Nested(ResourceFilter)
    expected = whole(
        0,
        MAX_MATCHES,
        metadata={"description": "How many match the filter: with another number nothing happens"},
    )

    @validates_schema
    def _by_ids_or_filter(self, data: dict[str, Any], **_: object) -> None:
        if ("ids" in data) == ("filter" in data):
            raise ValidationError("is given unless a filter is", "ids")
        if ("filter" in data) != ("expected" in data):
            raise ValidationError("goes with a filter", "expected")


class ChangeProblem(Answer):
    code = one_of(Choice("ChangeProblemCode", "NOT_FOUND", "STALE", *OF_THE_ROW))
    detail = fields.String()
    errors = fields.Dict(metadata={"description": "Messages by field"})


class StaleProblem(ChangeProblem):
    expected = count(allow_none=True, metadata={"description": "STALE: the revision that was sent"})
    actual = count(allow_none=True, metadata={"description": "STALE: the present one"})


class UpdateResult(Answer):
    index = count(metadata={"description": "The row's place in the request, from 0"})
    outcome = one_of(Choice("UpdateOutcome", "done", "failed"))
    id = fields.UUID(allow_none=True)
    revision = count(allow_none=True, metadata={"description": "The new one; null unless done"})
    problem = fields.Nested(StaleProblem, allow_none=True)


class UpdateResults(Answer):
    """What became of each row, in their order, and how many of each there are."""

    done = count()
    failed = count()
    items = fields.List(fields.Nested(UpdateResult))


class ChosenResult(Answer):
    index = count(metadata={"description": "The place in the request, or by id if a filter chose"})
    outcome = one_of(
        Choice("ChosenOutcome", "done", "skipped", "failed"),
        metadata={"description": "skipped: there was nothing to do"},
    )
    id = fields.UUID()
    problem = fields.Nested(ChangeProblem, allow_none=True)


class DeletedResources(Answer):
    deleted_count = count()
    cancelled_runs = count(metadata={"description": "The runs of these resources, whosever"})
    items = fields.List(fields.Nested(ChosenResult))


class RestoredResources(Answer):
    restored_count = count()
    items = fields.List(fields.Nested(ChosenResult))
