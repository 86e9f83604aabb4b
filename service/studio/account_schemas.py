"""What goes in and out of the routes of social accounts."""

from marshmallow import Schema, fields

from service.schemas import (
    Answer,
    Choice,
    Matches,
    PageQuery,
    example,
    flag,
    metadata,
    moment,
    not_blank,
    one_of,
    optional,
    text,
    whole,
    words_of,
)

SOCIAL_PLATFORMS = Choice("SocialPlatform", "tiktok", "youtube", "instagram")
MAX_TOKEN = 8000  # characters
TOKENS = {
    "access_token": "act.example",
    "refresh_token": "rft.example",
    "token_expires_at": "2027-01-01T00:00:00Z",
}
USERNAME = Matches(
    r"^[^\s@][^\s]{0,99}$",
    error="must have 1 to 100 characters without white space, and no leading @",
)


class SocialAccount(Answer):
    id = fields.UUID()
    platform = one_of(SOCIAL_PLATFORMS)
    username = fields.String()
    niche = fields.String(allow_none=True)
    is_active = fields.Boolean()
    daily_limit = whole(1, 1000)
    min_distance_minutes = whole(0, 1440)
    used_today = whole(
        0, 1000, metadata={"description": "Places that are taken on this day of UTC"}
    )
    has_refresh_token = fields.Boolean()
    token_expires_at = moment(allow_none=True)
    metadata = metadata()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(daily_limit=5)
class SocialAccountChanges(Schema):
    username = fields.String(validate=[USERNAME, not_blank])
    niche = words_of(
        100,
        allow_none=True,
        metadata={
            "description": "What it is about, best in the words of the concepts' categories; null is anything"
        },
    )
    is_active = flag(metadata={"description": "Whether posts go out on it"})
    daily_limit = whole(
        1, 1000, metadata={"description": "Posts in a day of UTC; no fewer than are used today"}
    )
    min_distance_minutes = whole(
        0, 1440, metadata={"description": "Minutes between two of its posts at least"}
    )
    metadata = metadata()


@example(**TOKENS)
class SocialTokens(Schema):
    access_token = text(MAX_TOKEN, required=True)
    refresh_token = optional(
        text(MAX_TOKEN, metadata={"description": "Left out or null, the one before stays"})
    )
    token_expires_at = optional(moment())


@example(platform="tiktok", username="toaster", niche="tech", **TOKENS)
class NewSocialAccount(SocialTokens):
    platform = one_of(SOCIAL_PLATFORMS, required=True)
    username = fields.String(required=True, validate=[USERNAME, not_blank])
    refresh_token = optional(text(MAX_TOKEN))
    niche = optional(words_of(100))
    daily_limit = whole(1, 1000, load_default=10)
    min_distance_minutes = whole(0, 1440, load_default=15)
    metadata = metadata(load_default=dict)


class SocialAccountQuery(PageQuery):
    platform = optional(one_of(SOCIAL_PLATFORMS))
