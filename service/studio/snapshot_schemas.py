"""What goes in and out of the routes of analytics snapshots."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from service.bulk import Rows
from service.schemas import (
    AN_ID,
    Answer,
    Choice,
    Days,
    count,
    example,
    moment,
    one_of,
    optional,
)
from service.studio.account_schemas import SOCIAL_PLATFORMS
from service.studio.schemas import PLATFORMS

MAX_SNAPSHOTS = 1000  # recorded at once
MAX_DAYS_BY_HOUR = 31
MAX_DUE = 50


class NewSnapshot(Schema):
    video_id = fields.UUID(required=True)
    snapshot_at = moment(required=True, metadata={"description": "When it was counted"})
    views = count(required=True)
    likes = count(load_default=0)
    comments = count(load_default=0)
    shares = count(load_default=0)
    watch_seconds = optional(count())


@example(snapshots=[{"video_id": AN_ID, "snapshot_at": "2026-01-01T12:00:00Z", "views": 1200}])
class NewSnapshots(Schema):
    snapshots = Rows(fields.Nested(NewSnapshot), at_least=1, at_most=MAX_SNAPSHOTS, required=True)


class Counts(Answer):
    snapshot_at = moment()
    views = count()
    likes = count()
    comments = count()
    shares = count()
    engagement_rate = fields.Float(
        metadata={"description": "Likes, comments and shares in percent of the views"}
    )


class Snapshot(Counts):
    video_id = fields.UUID()
    watch_seconds = count(allow_none=True)


class LatestSnapshot(Counts):
    video_id = fields.UUID()
    concept_id = fields.UUID()
    platform = one_of(PLATFORMS)


class SeriesQuery(Days):
    by = one_of(
        Choice("SeriesUnit", "hour", "day", "week"),
        load_default="day",
        metadata={"description": f"By hour at most {MAX_DAYS_BY_HOUR} days"},
    )

    @post_load
    def _few_hours(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        days = data["until"] - data["since"]
        if data["by"] == "hour" and days > timedelta(days=MAX_DAYS_BY_HOUR):
            raise ValidationError(f"must be at most {MAX_DAYS_BY_HOUR} days before to", "from")
        return data


class SeriesStep(Counts):
    """The latest snapshot of an hour, day or week."""

    starts_at = moment()
    watch_seconds = count(allow_none=True)


class GainQuery(Days):
    by = one_of(Choice("GainUnit", "day", "week"), load_default="day")


class Gain(Answer):
    """What videos gained in a day or week; negative where the platform took back more than came."""

    starts_on = fields.Date()
    platform = one_of(PLATFORMS)
    snapshots = fields.Integer()
    views = fields.Integer()
    likes = fields.Integer()
    comments = fields.Integer()
    shares = fields.Integer()


class DueQuery(Schema):
    limit = fields.Integer(
        load_default=MAX_DUE,
        metadata={"description": f"How many, clamped to 1..{MAX_DUE}", "format": "int32"},
    )


class DuePost(Answer):
    id = fields.UUID()
    platform = one_of(SOCIAL_PLATFORMS)
    account_id = fields.UUID()
    external_id = fields.String(metadata={"description": "What the platform calls the post"})
    post_url = fields.String(allow_none=True)
    posted_at = moment()


class DueVideo(Answer):
    video_id = fields.UUID()
    concept_id = fields.UUID()
    platform = one_of(PLATFORMS)
    posts = fields.List(
        fields.Nested(DuePost),
        metadata={"description": "All that were posted: what is counted of them adds up"},
    )
    posted_at = moment(metadata={"description": "Of the latest post that is 6 hours old"})
    snapshot_at = moment(
        allow_none=True, metadata={"description": "Of the latest snapshot; null before the first"}
    )
