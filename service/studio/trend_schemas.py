"""What goes in and out of the routes of audio trends and competitors' videos."""

from marshmallow import Schema, fields, validate

from service.bulk import Rows
from service.schemas import (
    Answer,
    BoundedList,
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
from service.studio.schemas import CATEGORIES, PLATFORMS

MAX_BATCH = 1000


class NewAudioTrend(Schema):
    platform = one_of(PLATFORMS, required=True)
    sound_id = words_of(
        255,
        required=True,
        metadata={"description": "What the platform calls it: sent again, it is stored once"},
    )
    sound_name = words_of(500, required=True)
    artist_name = optional(words_of(500))
    usage_count = count(required=True)
    trend_score = fields.Float(validate=validate.Range(0, 100), required=True)
    category = optional(one_of(CATEGORIES))
    is_active = flag(load_default=True)
    last_seen_at = moment(required=True)


@example(
    trends=[
        {
            "platform": "tiktok",
            "sound_id": "7012345678901234567",
            "sound_name": "Original sound",
            "usage_count": 120000,
            "trend_score": 87.5,
            "last_seen_at": "2026-01-01T12:00:00Z",
        }
    ]
)
class NewAudioTrends(Schema):
    trends = Rows(fields.Nested(NewAudioTrend), at_least=1, at_most=MAX_BATCH, required=True)


class AudioTrend(Answer):
    id = fields.UUID()
    platform = one_of(PLATFORMS)
    sound_id = fields.String()
    sound_name = fields.String()
    artist_name = fields.String(allow_none=True)
    usage_count = count()
    trend_score = fields.Float()
    category = one_of(CATEGORIES, allow_none=True)
    is_active = fields.Boolean()
    last_seen_at = moment()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class AudioTrendQuery(PageQuery):
    platform = optional(one_of(PLATFORMS))


class NewCompetitorVideo(Schema):
    platform = one_of(PLATFORMS, required=True)
    external_id = words_of(
        255,
        required=True,
        metadata={"description": "What the platform calls it: sent again, it is stored once"},
    )
    creator_username = words_of(255, required=True)
    category = one_of(CATEGORIES, required=True)
    title = optional(words_of(1000))
    views = count(required=True)
    likes = count(required=True)
    comments = count(required=True)
    duration_seconds = optional(whole(0, 2**31 - 1))
    hashtags = BoundedList(words_of(100), at_most=100, load_default=list)
    sound_id = optional(words_of(255))
    hook_text = optional(words_of(2000))
    published_at = moment(required=True)
    scraped_at = moment(required=True)


@example(
    videos=[
        {
            "platform": "tiktok",
            "external_id": "7098765432109876543",
            "creator_username": "someone",
            "category": "tech",
            "views": 500000,
            "likes": 40000,
            "comments": 900,
            "published_at": "2025-12-30T12:00:00Z",
            "scraped_at": "2026-01-01T12:00:00Z",
        }
    ]
)
class NewCompetitorVideos(Schema):
    videos = Rows(fields.Nested(NewCompetitorVideo), at_least=1, at_most=MAX_BATCH, required=True)


class CompetitorVideo(Answer):
    id = fields.UUID()
    platform = one_of(PLATFORMS)
    external_id = fields.String()
    creator_username = fields.String()
    category = one_of(CATEGORIES)
    title = fields.String(allow_none=True)
    views = count()
    likes = count()
    comments = count()
    engagement_rate = fields.Float(
        metadata={"description": "Likes and comments in percent of the views"}
    )
    duration_seconds = fields.Integer(allow_none=True)
    hashtags = fields.List(fields.String())
    sound_id = fields.String(allow_none=True)
    hook_text = fields.String(allow_none=True)
    published_at = moment()
    scraped_at = moment()
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class CompetitorVideoQuery(PageQuery):
    category = optional(one_of(CATEGORIES))
