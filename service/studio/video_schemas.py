"""What goes in and out of the routes of videos."""

from marshmallow import Schema, fields

from service.claims import Report
from service.schemas import (
    AN_ID,
    Answer,
    Choice,
    PageQuery,
    address,
    count,
    example,
    metadata,
    moment,
    one_of,
    optional,
    whole,
    words_of,
)
from service.studio.schemas import PLATFORMS, PROVIDERS

STATUSES = Choice("VideoStatus", "generating", "completed", "failed")


@example(platform="tiktok", provider="sora")
class NewVideo(Schema):
    platform = one_of(PLATFORMS, required=True)
    provider = one_of(PROVIDERS, required=True)
    variant = optional(
        words_of(50, metadata={"description": "The name of the concept's variant to be shown"})
    )
    priority = whole(
        -100, 100, load_default=5, metadata={"description": "Of the job: higher goes first"}
    )


class Video(Answer):
    id = fields.UUID()
    concept_id = fields.UUID()
    platform = one_of(PLATFORMS)
    provider = one_of(PROVIDERS)
    variant = fields.String(allow_none=True)
    status = one_of(STATUSES)
    object_key = fields.String(allow_none=True)
    cdn_url = fields.String(allow_none=True)
    thumbnail_url = fields.String(allow_none=True)
    error = fields.String(allow_none=True)
    metadata = metadata()
    cost_micros = count(allow_none=True)
    generated_at = moment(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


class VideoQuery(PageQuery):
    status = optional(one_of(STATUSES))
    concept_id = optional(fields.UUID())


@example(lease_id=AN_ID, object_key="videos/1.mp4", cost_micros=2500000)
class VideoCompletion(Report):
    object_key = words_of(
        1024, required=True, metadata={"description": "Where the file lies in the object store"}
    )
    cdn_url = optional(address(metadata={"description": "Where it is delivered from"}))
    thumbnail_url = optional(address(metadata={"description": "A still picture of it"}))
    metadata = metadata(load_default=dict)
    cost_micros = optional(
        count(
            metadata={
                "description": "Millionths of the currency unit; null if the price is unknown, which is not 0"
            }
        )
    )


@example(cdn_url="https://cdn.example.com/1.mp4")
class VideoChanges(Schema):
    cdn_url = address(
        allow_none=True,
        metadata={"description": "Where it is delivered from; null for from nowhere"},
    )
    thumbnail_url = address(
        allow_none=True, metadata={"description": "A still picture of it; null for none"}
    )
    metadata = metadata()
