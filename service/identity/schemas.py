"""What goes in and out of the routes of identity."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.auth import SCOPES
from service.schemas import (
    Answer,
    BoundedList,
    Choice,
    Matches,
    PageQuery,
    email,
    example,
    flag,
    moment,
    one_of,
    optional,
    score,
    text,
    whole,
    words_of,
)

OVERTAKEN = Choice("OvertakenReplies", "hold", "send")
DECISION_ROLES = Choice("DecisionRole", "agent", "approver")
SCOPE = Choice("Scope", *SCOPES)
ROLES = Choice("Role", "viewer", "agent", "approver", "admin")


def handle(**arguments: Any) -> fields.String:
    """Kept in lower case."""
    return fields.String(
        validate=Matches(
            r"^[A-Za-z0-9_-]{3,50}$", error="must be 3 to 50 letters, digits, _ and -"
        ),
        **arguments,
    )


def languages(**arguments: Any) -> BoundedList:
    code = Matches(r"^[a-z]{2,3}$", error="must be a code of ISO 639, such as en")
    return BoundedList(fields.String(validate=code), at_most=20, **arguments)


class Tenant(Answer):
    id = fields.UUID()
    name = fields.String()
    decision_role = one_of(DECISION_ROLES)
    self_approval = fields.Boolean()
    toxicity_threshold = fields.Float()
    overtaken_replies = one_of(OVERTAKEN)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(toxicity_threshold=0.8)
class TenantChanges(Schema):
    name = text(200)
    decision_role = one_of(
        DECISION_ROLES, metadata={"description": "The least role that may decide on a draft"}
    )
    self_approval = flag(metadata={"description": "Whether the author of a draft may decide on it"})
    toxicity_threshold = score(
        metadata={
            "description": "From this toxicity score on, who approves a draft must confirm its toxicity"
        }
    )
    overtaken_replies = one_of(
        OVERTAKEN,
        metadata={
            "description": "What becomes of a reply on its way out when the customer writes again"
        },
    )


class NewTenantAdmin(Schema):
    email = email(required=True)
    display_name = text(200, required=True)
    auth_provider = optional(text(1024, metadata={"description": "The OIDC issuer"}))
    auth_subject = optional(text(255))

    @validates_schema
    def _together(self, data: dict[str, str | None], **_: object) -> None:
        if (data.get("auth_provider") is None) != (data.get("auth_subject") is None):
            raise ValidationError("auth_provider and auth_subject go together", "auth_subject")


@example(email="kim@hotrodan.example", display_name="Kim", role="agent")
class NewUser(NewTenantAdmin):
    handle = optional(handle())
    role = one_of(ROLES, load_default="agent")
    is_bot = flag(
        load_default=False, metadata={"description": "Whether it is a program, not a person"}
    )
    is_private = flag(
        load_default=False, metadata={"description": "Whether the search for people leaves it out"}
    )
    languages = languages(load_default=list)


@example(display_name="Kim", role="approver")
class UserChanges(Schema):
    email = email()
    display_name = text(200)
    handle = handle(allow_none=True)
    role = one_of(ROLES)
    is_bot = flag()
    is_private = flag()
    languages = languages()
    auth_provider = text(1024, allow_none=True)
    auth_subject = text(255, allow_none=True)
    disabled = flag()


class User(Answer):
    id = fields.UUID()
    public_id = fields.String()
    email = fields.String(metadata={"description": "In lower case"})
    display_name = fields.String()
    handle = fields.String(allow_none=True)
    role = one_of(ROLES)
    is_bot = fields.Boolean()
    is_private = fields.Boolean()
    languages = fields.List(fields.String())
    auth_provider = fields.String(allow_none=True)
    auth_subject = fields.String(allow_none=True)
    disabled_at = moment(allow_none=True)
    last_active_at = moment(
        allow_none=True, metadata={"description": "When the user was last seen, to the minute"}
    )
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class UserQuery(PageQuery):
    email = optional(text(320, metadata={"description": "In upper or lower case"}))
    handle = optional(text(50, metadata={"description": "In upper or lower case"}))


class PeopleSearch(PageQuery):
    q = words_of(
        100, required=True, metadata={"description": "How words of the name or the handle begin"}
    )


class Person(Answer):
    id = fields.UUID()
    public_id = fields.String()
    display_name = fields.String()
    handle = fields.String(allow_none=True)
    is_bot = fields.Boolean()
    languages = fields.List(fields.String())
    created_at = moment()


@example(name="Hotrodan", admin={"email": "admin@hotrodan.example", "display_name": "Sam"})
class NewTenant(Schema):
    name = text(200, required=True)
    admin = fields.Nested(NewTenantAdmin, required=True)
    external_id = optional(
        text(
            255,
            metadata={
                "description": "The organization, as you or your identity provider call it: it gets one tenant"
            },
        )
    )


@example(name="drafter", scopes=["drafts:write", "jobs:work"])
class NewApiKey(Schema):
    name = text(200, required=True)
    scopes = BoundedList(one_of(SCOPE), at_least=1, at_most=len(SCOPES), required=True)
    expires_at = optional(moment())


@example(grace_seconds=3600)
class ApiKeyRotation(Schema):
    grace_seconds = whole(
        0,
        7 * 24 * 3600,
        load_default=0,
        metadata={"description": "How long the old key still works"},
    )


class Revocation(Schema):
    force = fields.Boolean(
        load_default=False,
        metadata={"description": "Revoke also the last credential that can make another"},
    )


class ApiKey(Answer):
    id = fields.UUID()
    name = fields.String()
    prefix = fields.String()
    scopes = fields.List(one_of(SCOPE))
    expires_at = moment(allow_none=True)
    revoked_at = moment(allow_none=True)
    last_used_at = moment(allow_none=True)
    created_at = moment()


class IssuedApiKey(ApiKey):
    key = fields.String(metadata={"description": "The key itself; it is shown only now"})


class CreatedTenant(Tenant):
    admin_id = fields.UUID()
    key = fields.String(
        allow_none=True,
        metadata={
            "description": "An API key with all scopes but the platform's; shown only now, null if the tenant was there"
        },
    )
