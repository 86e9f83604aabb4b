"""What goes in and out of the routes of resources."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Range

from service.library.version_schemas import NewResourceVersion, ResourceVersionDetail
from service.schemas import (
    Answer,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)

SORTS = Choice("ResourceSort", "created_at", "updated_at", "score", "bookmarks", "views")
TYPE = "What kind of thing it is, such as Routine, Api, Project or Standard"
PRIVATE = "Whether only its owner sees it: the user, or the team's members"


@example(
    resource_type="Routine",
    version={
        "is_complete": True,
        "translations": [{"language": "en", "name": "Daily standup"}],
    },
)
class NewResource(Schema):
    resource_type = words_of(32, required=True, metadata={"description": TYPE})
    is_private = flag(load_default=False, metadata={"description": PRIVATE})
    team_id = optional(fields.UUID(metadata={"description": "The team whose it is, not one's own"}))
    version = fields.Nested(
        NewResourceVersion, required=True, metadata={"description": "Its first version"}
    )


@example(is_private=True)
class ResourceChanges(Schema):
    is_private = flag(metadata={"description": PRIVATE})
    score = whole(-(2**31), 2**31 - 1, metadata={"description": "How good it is"})


class Resource(Answer):
    id = fields.UUID()
    public_id = fields.String()
    resource_type = fields.String(metadata={"description": TYPE})
    is_private = flag(metadata={"description": PRIVATE})
    parent_id = fields.UUID(
        allow_none=True, metadata={"description": "The resource that it is a part of"}
    )
    created_by_id = fields.UUID(allow_none=True)
    owned_by_user_id = fields.UUID(allow_none=True)
    owned_by_team_id = fields.UUID(allow_none=True)
    has_complete_version = flag()
    completed_at = moment(
        allow_none=True, metadata={"description": "When the first complete version was there"}
    )
    score = whole(-(2**31), 2**31 - 1, metadata={"description": "How good it is"})
    bookmarks = count(metadata={"description": "How many users keep it"})
    views = count(metadata={"description": "On how many days how many users looked at it, in sum"})
    is_deleted = flag()
    deleted_at = moment(allow_none=True)
    deleted_by_id = fields.UUID(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class ResourceCreator(Answer):
    id = fields.UUID()
    public_id = fields.String()
    name = fields.String()
    handle = fields.String(allow_none=True)


class ResourceDetail(Resource):
    creator = fields.Nested(
        ResourceCreator, allow_none=True, metadata={"description": "null if a service created it"}
    )
    latest_version = fields.Nested(ResourceVersionDetail, allow_none=True)


class ResourceQuery(PageQuery):
    resource_type = optional(words_of(32))
    owner = optional(one_of(Choice("ResourceOwner", "me")))
    team_id = optional(fields.UUID())
    sort = one_of(
        SORTS,
        load_default="created_at",
        metadata={"description": "The highest first; only created_at for one's own and a team's"},
    )

    @validates_schema
    def _of_something(self, data: dict[str, Any], **_: object) -> None:
        asked = [name for name in ("resource_type", "owner", "team_id") if data.get(name)]
        if not asked:
            raise ValidationError("is required, or owner, or team_id", "resource_type")
        if len(asked) > 1:
            raise ValidationError(f"cannot be used together with {asked[1]}", asked[0])
        if asked != ["resource_type"] and data["sort"] != "created_at":
            raise ValidationError(f"must be created_at together with {asked[0]}", "sort")


class TrendingQuery(Schema):
    days = fields.Integer(
        load_default=7,
        validate=Range(1, 30),
        metadata={"description": "How many days before today", "format": "int32"},
    )
    limit = fields.Integer(
        load_default=50,
        validate=Range(1, 50),
        metadata={"description": "How many at most", "format": "int32"},
    )


class ResourceSearch(PageQuery):
    q = words_of(200, required=True, metadata={"description": "Words that all occur"})
    resource_type = optional(words_of(32))
