"""What goes in and out of the routes of social posts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from service.claims import Claim, Report
from service.schemas import (
    AN_ID,
    Answer,
    Choice,
    PageQuery,
    address,
    count,
    example,
    moment,
    one_of,
    optional,
    words_of,
)
from service.studio.account_schemas import SOCIAL_PLATFORMS

POST_STATUSES = Choice(
    "SocialPostStatus",
    "draft",
    "scheduled",
    "claimed",
    "posted",
    "failed",
    "unknown",
    "cancelled",
)
FARTHEST = timedelta(days=365)
MAX_CAPTION = 2200


class SocialPost(Answer):
    id = fields.UUID()
    video_id = fields.UUID()
    platform = one_of(SOCIAL_PLATFORMS)
    account_id = fields.UUID(allow_none=True)
    caption = fields.String()
    idempotency_key = fields.String()
    status = one_of(POST_STATUSES)
    scheduled_for = moment(allow_none=True)
    reserved_on = fields.Date(
        allow_none=True,
        metadata={"description": "The day of UTC on which it has a place of its account"},
    )
    attempts = count()
    max_attempts = count()
    retry_at = moment(
        allow_none=True, metadata={"description": "When a failed post is tried again by itself"}
    )
    locked_by = fields.String(allow_none=True)
    lease_expires_at = moment(allow_none=True)
    error = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    post_url = fields.String(allow_none=True)
    posted_at = moment(allow_none=True)
    created_at = moment()
    updated_at = moment()
    revision = fields.Integer()


@example(video_id=AN_ID, caption="It burned my name into the bread.")
class NewSocialPost(Schema):
    video_id = fields.UUID(required=True)
    platform = optional(
        one_of(
            SOCIAL_PLATFORMS,
            metadata={"description": "Left out, the one that the video is cut for"},
        )
    )
    caption = optional(
        words_of(
            MAX_CAPTION,
            metadata={"description": "Left out, the concept's caption and hashtags"},
        )
    )
    idempotency_key = optional(
        words_of(
            200,
            metadata={
                "description": "What the platform is given, so that it posts once; left out, one is made"
            },
        )
    )


@example(caption="It knows my name.")
class SocialPostChanges(Schema):
    caption = words_of(MAX_CAPTION, required=True)


@example(mode="now")
class SocialPostSchedule(Schema):
    mode = one_of(Choice("SocialPostMode", "now", "at"), required=True)
    schedule_at = optional(
        moment(metadata={"description": "With mode `at`: in the future, at most 365 days ahead"})
    )
    account_id = optional(
        fields.UUID(metadata={"description": "Left out, the best account of the platform"})
    )

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        at = data.get("schedule_at")
        if (data["mode"] == "at") != (at is not None):
            raise ValidationError("goes with mode at, and only with it", "schedule_at")
        now = datetime.now(UTC)
        if at is not None and not now < at <= now + FARTHEST:
            raise ValidationError(
                f"must be in the future, at most {FARTHEST.days} days ahead", "schedule_at"
            )


class SocialPostQuery(PageQuery):
    status = optional(one_of(POST_STATUSES))
    account_id = optional(fields.UUID(metadata={"description": "With a status"}))
    video_id = optional(fields.UUID())
    posted_on = optional(
        one_of(SOCIAL_PLATFORMS, metadata={"description": "What was posted on this platform"})
    )


class PostAttempt(Answer):
    id = fields.UUID()
    account_id = fields.UUID()
    attempt = count()
    worker = fields.String()
    outcome = one_of(Choice("PostAttemptOutcome", "posted", "not_posted", "unknown"))
    error = fields.String(allow_none=True)
    started_at = moment()
    finished_at = moment()


@example(worker="poster-1", limit=10)
class SocialPostClaim(Claim):
    pass


class ClaimedSocialPost(Answer):
    id = fields.UUID()
    video_id = fields.UUID()
    account_id = fields.UUID()
    platform = one_of(SOCIAL_PLATFORMS)
    caption = fields.String()
    idempotency_key = fields.String(
        metadata={
            "description": "For the platform, if it takes such keys: the same at each attempt"
        }
    )
    scheduled_for = moment()
    attempts = count()
    lease_id = fields.UUID(metadata={"description": "Proves the claim when reporting"})
    lease_expires_at = moment()
    username = fields.String()
    account_revision = fields.Integer(
        metadata={"description": "If-Match of PUT .../tokens, for who refreshes them"}
    )
    access_token = fields.String()
    refresh_token = fields.String(allow_none=True)
    token_expires_at = moment(allow_none=True)
    refresh_is_due = fields.Boolean(
        metadata={"description": "The access token expires within 5 minutes: refresh it first"}
    )
    object_key = fields.String(metadata={"description": "The video's file in the object store"})
    cdn_url = fields.String(allow_none=True)


@example(lease_id=AN_ID, external_id="7301", post_url="https://example.com/@toaster/video/7301")
class SocialPostConfirmation(Report):
    external_id = words_of(
        1024, required=True, metadata={"description": "What the platform calls the post"}
    )
    post_url = optional(address())
    posted_at = optional(moment())


@example(lease_id=AN_ID, outcome="not_posted", error="503 from the platform")
class SocialPostFailure(Report):
    outcome = one_of(
        Choice("SocialPostFailureOutcome", "not_posted", "unknown"),
        required=True,
        metadata={
            "description": "not_posted is tried again after a while; unknown, a timeout for example, waits for a person"
        },
    )
    error = words_of(2000, required=True)


@example(outcome="not_posted")
class SocialPostResolution(Schema):
    outcome = one_of(Choice("SocialPostResolvedOutcome", "posted", "not_posted"), required=True)
    external_id = optional(words_of(1024))
    post_url = optional(address())
    posted_at = optional(moment())

    @validates_schema
    def _consistent(self, data: dict[str, Any], **_: object) -> None:
        if (data["outcome"] == "posted") != (data["external_id"] is not None):
            raise ValidationError("goes with outcome posted, and only with it", "external_id")
