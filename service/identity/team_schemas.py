"""What goes in and out of the routes of teams, their members, chats and statistics."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from service.identity.permissions import PERMISSIONS
from service.identity.schemas import handle, languages
from service.schemas import (
    AN_ID,
    Answer,
    BoundedList,
    Choice,
    PageQuery,
    count,
    example,
    flag,
    metadata,
    moment,
    one_of,
    optional,
    words_of,
)

PERMISSION = Choice("TeamPermission", *PERMISSIONS)
PERIOD_TYPE = Choice("PeriodType", "hourly", "daily", "weekly", "monthly", "yearly")
MAX_MEMBERS_AT_ONCE = 100
DESCRIPTION = 2048  # characters


def permissions(**arguments: Any) -> BoundedList:
    return BoundedList(one_of(PERMISSION), at_most=len(PERMISSION), **arguments)


def user_ids(**arguments: Any) -> BoundedList:
    return BoundedList(fields.UUID(), at_most=MAX_MEMBERS_AT_ONCE, **arguments)


class Team(Answer):
    id = fields.UUID()
    public_id = fields.String()
    name = fields.String()
    handle = fields.String(allow_none=True)
    description = fields.String(allow_none=True)
    is_private = fields.Boolean()
    is_open_to_new_members = fields.Boolean()
    languages = fields.List(fields.String())
    config = metadata()
    parent_id = fields.UUID(allow_none=True)
    created_by_id = fields.UUID(allow_none=True)
    member_count = count()
    admin_count = count()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class TeamQuery(PageQuery):
    handle = optional(fields.String(metadata={"description": "In upper or lower case"}))
    parent_id = optional(fields.UUID(metadata={"description": "The team right above"}))


@example(name="Support", handle="support", is_private=True)
class NewTeam(Schema):
    name = words_of(128, required=True)
    handle = optional(handle())
    description = optional(words_of(DESCRIPTION))
    is_private = flag(
        load_default=False, metadata={"description": "Whether only its members see it"}
    )
    is_open_to_new_members = flag(
        load_default=False,
        metadata={"description": "Whether a user who sees it may join without being added"},
    )
    languages = languages(load_default=list)
    config = metadata(load_default=dict)
    parent_id = optional(
        fields.UUID(metadata={"description": "The team above; there are at most five levels"})
    )
    user_ids = user_ids(
        load_default=list,
        metadata={"description": "Its first members, beside the creator, who is its admin"},
    )


@example(description="Answers customers.", is_open_to_new_members=True)
class TeamChanges(Schema):
    name = words_of(128)
    handle = handle(allow_none=True)
    description = words_of(DESCRIPTION, allow_none=True)
    is_private = flag()
    is_open_to_new_members = flag()
    languages = languages()
    config = metadata()
    parent_id = fields.UUID(allow_none=True)


class Member(Answer):
    id = fields.UUID()
    team_id = fields.UUID()
    user_id = fields.UUID()
    user_public_id = fields.String()
    display_name = fields.String()
    handle = fields.String(allow_none=True)
    is_admin = fields.Boolean(metadata={"description": "Needs no permissions"})
    permissions = fields.List(one_of(PERMISSION))
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(user_ids=[AN_ID])
class NewMembers(Schema):
    user_ids = user_ids(at_least=1, required=True)
    is_admin = flag(load_default=False)
    permissions = optional(
        permissions(
            metadata={"description": "Those that admins, or members, have by default if left out"}
        )
    )


@example(is_admin=True)
class MemberChanges(Schema):
    is_admin = flag(load_default=None)
    permissions = permissions(load_default=None)


class Chat(Answer):
    id = fields.UUID()
    public_id = fields.String()
    team_id = fields.UUID()
    created_by_id = fields.UUID(allow_none=True)
    is_private = fields.Boolean(metadata={"description": "As its team"})
    open_to_anyone_with_invite = fields.Boolean()
    config = metadata()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class CreatedTeam(Answer):
    team = fields.Nested(Team)
    chat = fields.Nested(Chat)
    member_count = count()


class Participant(Answer):
    id = fields.UUID()
    chat_id = fields.UUID()
    user_id = fields.UUID()
    user_public_id = fields.String()
    display_name = fields.String()
    handle = fields.String(allow_none=True)
    has_unread = fields.Boolean()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class TeamOfUser(Answer):
    id = fields.UUID(metadata={"description": "Of the membership"})
    team_id = fields.UUID()
    team_public_id = fields.String()
    name = fields.String()
    handle = fields.String(allow_none=True)
    is_private = fields.Boolean()
    member_count = count()
    is_admin = fields.Boolean()
    permissions = fields.List(one_of(PERMISSION))
    created_at = moment(metadata={"description": "When the user became a member"})


class StatisticsQuery(PageQuery):
    """Periods that began from a moment to before another; in the end since and until."""

    period_type = one_of(PERIOD_TYPE, load_default="daily")
    since = moment(
        data_key="from",
        load_default=datetime(1, 1, 1, tzinfo=UTC),
        metadata={"description": "The first moment at which a period may begin"},
    )
    until = moment(
        data_key="to",
        load_default=datetime(9999, 12, 31, tzinfo=UTC),
        metadata={"description": "The moment that is no longer in the range"},
    )

    @post_load
    def _ordered(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        if data["since"] >= data["until"]:
            raise ValidationError("must be before to", "from")
        return data


class UserStatistics(Answer):
    period_type = one_of(PERIOD_TYPE)
    period_start = moment()
    period_end = moment(metadata={"description": "Itself not in the period"})
    runs_started = count()
    runs_completed = count()
    run_milliseconds = count()
    runs_timed = count()
    resources_deleted = count()


class TeamStatistics(UserStatistics):
    members_created = count()
