"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class AdjustWeight(Query[Literal["one"]]):
    """Sets a weight; what it was, studio.adjust() adds."""

    def __call__(
        self,
        *,
        category: str,
        platform: str,
        type: str,
        new_value: Decimal | int,
        reason: str,
    ) -> Bound[Literal["one"], AdjustmentRow]: ...

class ApplyCritique(Query[Literal["one"]]):
    """Makes the adjustment of a critique, and dates that in it, by studio.adjust() and studio.note_application(). No row when there is no such critique; one that is applied, or was accurate, is refused."""

    def __call__(
        self,
        *,
        id: UUID | str,
        reason: str,
    ) -> Bound[Literal["one"], AdjustmentRow]: ...

class CancelSocialPost(Query[Literal["maybe"]]):
    """Takes back a post that has not gone out, with its place. No row for any other, or when the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class ClaimPostsRow(NamedTuple):
    id: UUID
    video_id: UUID
    account_id: UUID | None
    platform: str
    caption: str
    idempotency_key: str
    scheduled_for: datetime
    attempts: int
    lease_id: UUID
    lease_expires_at: datetime
    username: str
    account_revision: int
    access_token: bytes
    refresh_token: bytes | None
    token_expires_at: datetime | None
    refresh_is_due: bool
    object_key: str
    cdn_url: str | None

class ClaimPosts(Query[Literal["many"]]):
    """Gives posts that are due to a posting worker, under a lease, with all that it needs to post them: one of each account that is active, has a place today and gave no other out within its minimum distance. A place that the post does not have yet is taken. Others skip the locked rows. The tokens are encrypted. Index: social_posts_account."""

    def __call__(
        self,
        *,
        worker: str,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimPostsRow]: ...

class CompleteVideo(Query[Literal["maybe"]]):
    """The worker under whose lease the video is made has made it: its job ends with it. No row when the lease is lost. Index: jobs_unique_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        object_key: str,
        cdn_url: str | None,
        thumbnail_url: str | None,
        metadata: Any,
        cost_micros: int | None,
    ) -> Bound[Literal["maybe"], VideoRow]: ...

class ConfirmPost(Query[Literal["maybe"]]):
    """A posting worker has posted. Nobody else is given a post whose lease ran out, so its worker is believed, however late, until the outcome is known. No row when it is, or when the lease is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        external_id: str,
        post_url: str | None,
        posted_at: datetime | str | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class CorrectFeedback(Query[Literal["maybe"]]):
    """Corrects what was reported; with a revision, only the report that has it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        views: int | None,
        likes: int | None,
        comments: int | None,
        shares: int | None,
        saves: int | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], FeedbackRow]: ...

class CountConceptsByCategoryRow(NamedTuple):
    category: str
    concepts: int
    share: Decimal

class CountConceptsByCategory(Query[Literal["many"]]):
    """How many concepts of the days from one moment to before another are of each category, the most frequent first. Index: the primary key of concept_days."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByCategoryRow]: ...

class CountConceptsByDayRow(NamedTuple):
    day: date
    generations: int
    concepts: int

class CountConceptsByDay(Query[Literal["many"]]):
    """How many generations and concepts there were on each day of UTC from one moment to before another, the latest first. Index: generations_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByDayRow]: ...

class CountConceptsByTrendRow(NamedTuple):
    trend_topic: str
    concepts: int

class CountConceptsByTrend(Query[Literal["many"]]):
    """The hundred trends that most concepts of the days from one moment to before another follow. Index: the primary key of concept_days."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], CountConceptsByTrendRow]: ...

class CreateGeneration(Query[Literal["one"]]):
    """A generation with its concepts, in their order. A trigger charges them to the tenant's subscription."""

    def __call__(
        self,
        *,
        created_by_id: UUID | str | None,
        model_key: str | None,
        trends: Any,
        concepts: Any,
    ) -> Bound[Literal["one"], GenerationRow]: ...

class CreateSocialAccount(Query[Literal["one"]]):
    """An account with its tokens. Its id comes first: they are encrypted for it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        platform: str,
        username: str,
        access_token: bytes,
        refresh_token: bytes | None,
        token_expires_at: datetime | str | None,
        niche: str | None,
        daily_limit: int,
        min_distance_minutes: int,
        metadata: Any,
    ) -> Bound[Literal["one"], SocialAccountRow]: ...

class CreateSocialPost(Query[Literal["maybe"]]):
    """A post of a video, as a draft: with the caption and hashtags of its concept unless it has a caption of its own. No row when there is no such video."""

    def __call__(
        self,
        *,
        video_id: UUID | str,
        platform: str | None,
        caption: str | None,
        idempotency_key: str | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class ExportGenerationsRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    trends: Any
    concepts: Any
    watermark: str

class ExportGenerations(Query[Literal["many"]]):
    """All generations after a watermark with their concepts as they are, in an order in which nothing can appear later before what was read: by the writing transaction, and only below the oldest one that is still running. Each row carries its own watermark. Indexes: generations_order, concepts_position_key."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
    ) -> Bound[Literal["many"], ExportGenerationsRow]: ...

class ExtendPostLease(Query[Literal["maybe"]]):
    """A posting worker's heartbeat; no row when its lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class FailPost(Query[Literal["maybe"]]):
    """A posting worker could not post, or does not know. What was surely not posted gives its place back and is tried again, later each time, within 24 hours of the first failure and up to its attempts; what may have been posted waits for a person. The worker is believed late, too, as by studio.confirm_post; but then people have been told to look, so it is not tried again by itself. No row when the outcome is known, or the lease is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        outcome: str,
        error: str,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class FindSamePost(Query[Literal["maybe"]]):
    """The post of an account that has the video of this one with the given caption. Index: social_posts_once."""

    def __call__(
        self,
        *,
        id: UUID | str,
        caption: str,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class AdjustmentRow(NamedTuple):
    id: UUID
    critique_id: UUID | None
    reverts_id: UUID | None
    category: str
    platform: str
    type: str
    old_value: Decimal
    new_value: Decimal
    reason: str
    applied_at: datetime

class GetAdjustment(Query[Literal["one"]]):
    """One scoring adjustment."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], AdjustmentRow]: ...

class GetCompletedVideo(Query[Literal["maybe"]]):
    """The video as it was completed under this lease, for a worker that reports again because it did not get the answer. Index: jobs_unique_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
    ) -> Bound[Literal["maybe"], VideoRow]: ...

class ConceptRow(NamedTuple):
    id: UUID
    generation_id: UUID
    position: int
    category: str
    title: str
    caption: str
    hashtags: list[str]
    virality: Any
    trend_source: str | None
    trend_topic: str | None
    created_at: datetime
    updated_at: datetime
    revision: int
    script: Any
    prompts: Any
    why_it_works: str | None
    monetization: str | None
    variants: Any
    post_time: time | None

class GetConcept(Query[Literal["one"]]):
    """A concept with all that it says."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ConceptRow]: ...

class CritiqueRow(NamedTuple):
    id: UUID
    concept_id: UUID
    feedback_id: UUID
    category: str
    platform: str
    predicted_score: Decimal
    engagement_rate: Decimal
    actual_score: Decimal
    gap: Decimal
    gap_percent: Decimal | None
    direction: str
    critique: str
    hypothesized_reasons: list[str]
    scoring_issues: list[str]
    adjustment_plan: str
    confidence: str
    applied_at: datetime | None
    is_outdated: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class GetCritique(Query[Literal["one"]]):
    """One critique. It is outdated once its feedback was corrected, or there is a later report of the platform. Index: performance_feedback_report_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], CritiqueRow]: ...

class GetCritiqueOfConcept(Query[Literal["one"]]):
    """The critique of a concept. Index: self_critiques_concept_key."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
    ) -> Bound[Literal["one"], CritiqueRow]: ...

class FeedbackRow(NamedTuple):
    id: UUID
    concept_id: UUID
    category: str
    platform: str
    variant: str | None
    source: str
    views: int
    likes: int
    comments: int
    shares: int
    saves: int
    engagement_rate: Decimal
    reported_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int

class GetFeedback(Query[Literal["one"]]):
    """One report of how a concept did."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], FeedbackRow]: ...

class GenerationRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    trends: Any
    concepts: Any

class GetGeneration(Query[Literal["one"]]):
    """A generation with its concepts, in the order of their positions. Index: concepts_position_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GenerationRow]: ...

class InsightRow(NamedTuple):
    id: UUID
    category: str
    platform: str
    pattern: str
    evidence_count: int
    is_recommended: bool
    impact: str
    recommendation: str
    applied_to_scoring: bool
    last_seen_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int

class GetInsight(Query[Literal["one"]]):
    """One insight."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], InsightRow]: ...

class GetReportedPost(Query[Literal["maybe"]]):
    """The post as a report under this lease left it, for a worker that reports again because it did not get the answer. A confirmation is the same only with the same external id."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        statuses: Sequence[str],
        external_id: str | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class SocialAccountRow(NamedTuple):
    id: UUID
    platform: str
    username: str
    niche: str | None
    is_active: bool
    daily_limit: int
    min_distance_minutes: int
    used_today: int
    has_refresh_token: bool
    token_expires_at: datetime | None
    metadata: Any
    created_at: datetime
    updated_at: datetime
    revision: int

class GetSocialAccount(Query[Literal["one"]]):
    """One account, never its tokens."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], SocialAccountRow]: ...

class SocialPostRow(NamedTuple):
    id: UUID
    video_id: UUID
    platform: str
    account_id: UUID | None
    caption: str
    idempotency_key: str
    status: str
    scheduled_for: datetime | None
    reserved_on: date | None
    attempts: int
    max_attempts: int
    retry_at: datetime | None
    locked_by: str | None
    lease_expires_at: datetime | None
    error: str | None
    external_id: str | None
    post_url: str | None
    posted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetSocialPost(Query[Literal["one"]]):
    """One post."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], SocialPostRow]: ...

class GetSubscriptionRow(NamedTuple):
    tier: str
    status: str
    allowed: int
    used: int
    remaining: int
    resets_at: datetime | None

class GetSubscription(Query[Literal["one"]]):
    """What the tenant pays for, and how much of it is left now. One without a row has what the columns' defaults say. The aggregates are over one row or none."""

    def __call__(self) -> Bound[Literal["one"], GetSubscriptionRow]: ...

class VideoRow(NamedTuple):
    id: UUID
    concept_id: UUID
    platform: str
    provider: str
    variant: str | None
    status: str
    object_key: str | None
    cdn_url: str | None
    thumbnail_url: str | None
    error: str | None
    metadata: Any
    cost_micros: int | None
    generated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetVideo(Query[Literal["one"]]):
    """One video."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], VideoRow]: ...

class ListAdjustments(Query[Literal["page"]]):
    """Scoring adjustments, the latest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AdjustmentRow]: ...

class ListAdjustmentsByCategory(Query[Literal["page"]]):
    """Scoring adjustments of a category, the latest first. Index: scoring_adjustments_category."""

    def __call__(
        self,
        *,
        category: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AdjustmentRow]: ...

class ListAlertsRow(NamedTuple):
    name: str
    severity: str
    is_on: bool
    value: float | None
    threshold: float
    cases: int
    since: datetime

class ListAlerts(Query[Literal["many"]]):
    """Which alerts are on now. Compared without division, so exactly at its threshold none is. value is NULL as long as there are no cases, and then none is on. Index: videos_ended, and the primary key of post_attempts: an attempt's row is made when it ends."""

    def __call__(self) -> Bound[Literal["many"], ListAlertsRow]: ...

class AudioTrendRow(NamedTuple):
    id: UUID
    platform: str
    sound_id: str
    sound_name: str
    artist_name: str | None
    usage_count: int
    trend_score: float
    category: str | None
    is_active: bool
    last_seen_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int

class ListAudioTrends(Query[Literal["page"]]):
    """Sounds that spread, the strongest first. Index: audio_trends_score."""

    def __call__(
        self,
        *,
        after_trend_score: float,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AudioTrendRow]: ...

class ListAudioTrendsByPlatform(Query[Literal["page"]]):
    """Sounds that spread on a platform, the strongest first. Index: audio_trends_platform_score."""

    def __call__(
        self,
        *,
        platform: str,
        after_trend_score: float,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AudioTrendRow]: ...

class CompetitorVideoRow(NamedTuple):
    id: UUID
    platform: str
    external_id: str
    creator_username: str
    category: str
    title: str | None
    views: int
    likes: int
    comments: int
    engagement_rate: float
    duration_seconds: int | None
    hashtags: list[str]
    sound_id: str | None
    hook_text: str | None
    published_at: datetime
    scraped_at: datetime
    created_at: datetime
    updated_at: datetime
    revision: int

class ListCompetitorVideos(Query[Literal["page"]]):
    """Videos of others, the most engaging first. Index: competitor_videos_engagement."""

    def __call__(
        self,
        *,
        after_engagement_rate: float,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], CompetitorVideoRow]: ...

class ListCompetitorVideosByCategory(Query[Literal["page"]]):
    """Videos of others in a category, the most engaging first. Index: competitor_videos_category_engagement."""

    def __call__(
        self,
        *,
        category: str,
        after_engagement_rate: float,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], CompetitorVideoRow]: ...

class ConceptItemRow(NamedTuple):
    id: UUID
    generation_id: UUID
    position: int
    category: str
    title: str
    caption: str
    hashtags: list[str]
    virality: Any
    trend_source: str | None
    trend_topic: str | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListConcepts(Query[Literal["page"]]):
    """Concepts, newest first."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class ListConceptsByCategory(Query[Literal["page"]]):
    """Concepts of a category, newest first. Index: concepts_category."""

    def __call__(
        self,
        *,
        category: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class ListCritiques(Query[Literal["page"]]):
    """Critiques, newest first. Their feedback is looked up for the page only: of a join the plan makes one of all. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], CritiqueRow]: ...

class ListCritiquesByConfidence(Query[Literal["page"]]):
    """Critiques of one confidence, newest first. Index: self_critiques_confidence."""

    def __call__(
        self,
        *,
        confidence: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], CritiqueRow]: ...

class DueVideoRow(NamedTuple):
    video_id: UUID
    concept_id: UUID
    platform: str
    posted_at: datetime
    snapshot_at: datetime | None
    posts: Any

class ListDueVideos(Query[Literal["many"]]):
    """Videos of which analytics are due: posted between 6 hours and 7 days ago, and not counted in the last 6 hours; the longest waiting first, each with all its posts. Indexes: social_posts_posted, social_posts_video."""

    def __call__(
        self,
        *,
        limit: int,
    ) -> Bound[Literal["many"], DueVideoRow]: ...

class ListFavoriteGenerations(Query[Literal["page"]]):
    """Generations that are marked as favourites, from one moment to before another, newest first. Index: generations_favorite."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], GenerationItemRow]: ...

class ListFeedback(Query[Literal["page"]]):
    """How concepts did, the latest report first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], FeedbackRow]: ...

class ListFeedbackByCategory(Query[Literal["page"]]):
    """How concepts of a category did, the latest report first. Index: performance_feedback_category."""

    def __call__(
        self,
        *,
        category: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], FeedbackRow]: ...

class ListFeedbackByPlatform(Query[Literal["page"]]):
    """How concepts did on a platform, the latest report first. Index: performance_feedback_platform."""

    def __call__(
        self,
        *,
        platform: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], FeedbackRow]: ...

class ListFeedbackOnConcept(Query[Literal["page"]]):
    """How a concept did, the latest report first. Index: performance_feedback_concept."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], FeedbackRow]: ...

class GenerationItemRow(NamedTuple):
    id: UUID
    concept_count: int
    model_key: str | None
    created_by_id: UUID | None
    favorite: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class ListGenerations(Query[Literal["page"]]):
    """Generations from one moment to before another, newest first. Index: generations_created."""

    def __call__(
        self,
        *,
        since: datetime | str,
        until: datetime | str,
        after_created_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], GenerationItemRow]: ...

class ListInsights(Query[Literal["page"]]):
    """Insights, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], InsightRow]: ...

class ListInsightsByCategory(Query[Literal["page"]]):
    """Insights about a category, newest first. Index: reflexion_insights_category."""

    def __call__(
        self,
        *,
        category: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], InsightRow]: ...

class ListInsightsOfPattern(Query[Literal["page"]]):
    """Insights of a pattern, newest first: at most one of each category and platform. Index: reflexion_insights_pattern_key."""

    def __call__(
        self,
        *,
        pattern: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], InsightRow]: ...

class ListInsightsOnPlatform(Query[Literal["page"]]):
    """Insights about a platform, newest first. Index: reflexion_insights_platform."""

    def __call__(
        self,
        *,
        platform: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], InsightRow]: ...

class LatestSnapshotRow(NamedTuple):
    video_id: UUID
    concept_id: UUID
    platform: str
    snapshot_at: datetime
    views: int
    likes: int
    comments: int
    shares: int
    engagement_rate: Decimal

class ListLatestSnapshots(Query[Literal["page"]]):
    """The latest snapshot of each video that has one, the newest video first. Index: the primary key of video_totals."""

    def __call__(
        self,
        *,
        after_video_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], LatestSnapshotRow]: ...

class ListOverdueSocialPosts(Query[Literal["page"]]):
    """Posts that no worker has claimed within 15 minutes after they were due, the longest overdue first. Index: social_posts_due."""

    def __call__(
        self,
        *,
        after_scheduled_for: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListPostAttemptsRow(NamedTuple):
    id: UUID
    account_id: UUID
    attempt: int
    worker: str
    outcome: str
    error: str | None
    started_at: datetime
    finished_at: datetime

class ListPostAttempts(Query[Literal["page"]]):
    """What came of each attempt to post, the latest first. Index: post_attempts_post."""

    def __call__(
        self,
        *,
        post_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ListPostAttemptsRow]: ...

class ListRecommendedInsights(Query[Literal["page"]]):
    """Insights that were found three times or more and are not applied to the scoring, newest first. Index: reflexion_insights_to_apply."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], InsightRow]: ...

class SnapshotRow(NamedTuple):
    video_id: UUID
    snapshot_at: datetime
    views: int
    likes: int
    comments: int
    shares: int
    watch_seconds: int | None
    engagement_rate: Decimal

class ListSnapshots(Query[Literal["page"]]):
    """What was counted of a video, the latest first. Index: the partitions' primary keys."""

    def __call__(
        self,
        *,
        video_id: UUID | str,
        after_snapshot_at: datetime | str,
        limit: int,
    ) -> Bound[Literal["page"], SnapshotRow]: ...

class ListSocialAccounts(Query[Literal["page"]]):
    """Accounts of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialAccountRow]: ...

class ListSocialAccountsByPlatform(Query[Literal["page"]]):
    """Accounts on one platform, by name. Index: social_accounts_username_key."""

    def __call__(
        self,
        *,
        platform: str,
        after_username: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialAccountRow]: ...

class ListSocialAccountsToRefresh(Query[Literal["page"]]):
    """Active accounts whose access token expires within 5 minutes, or has, the most urgent first. Index: social_accounts_expiry."""

    def __call__(
        self,
        *,
        after_token_expires_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialAccountRow]: ...

class ListSocialPosts(Query[Literal["page"]]):
    """Posts of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListSocialPostsByStatus(Query[Literal["page"]]):
    """Posts of one status, newest first. Index: social_posts_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListSocialPostsOfAccount(Query[Literal["page"]]):
    """Posts of one account and status in the order of their times, the latest first. Index: social_posts_account."""

    def __call__(
        self,
        *,
        account_id: UUID | str,
        status: str,
        after_scheduled_for: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListSocialPostsOfVideo(Query[Literal["page"]]):
    """Posts of one video, newest first. Index: social_posts_video."""

    def __call__(
        self,
        *,
        video_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListSocialPostsOnPlatform(Query[Literal["page"]]):
    """What was posted on one platform, the latest first. Index: social_posts_posted."""

    def __call__(
        self,
        *,
        posted_on: str,
        after_posted_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SocialPostRow]: ...

class ListStaleTokensRow(NamedTuple):
    id: UUID
    access_token: bytes | None
    refresh_token: bytes | None

class ListStaleTokens(Query[Literal["many"]]):
    """Accounts with a token that is encrypted under another key than the present one, some of them in the order of the primary key: a token begins with the id of its key."""

    def __call__(
        self,
        *,
        key_id: bytes,
        after: Any,
        limit: int,
    ) -> Bound[Literal["many"], ListStaleTokensRow]: ...

class ListSubscriptionEventsRow(NamedTuple):
    id: UUID
    event_id: str
    occurred_at: datetime
    tier: str
    status: str
    created_at: datetime

class ListSubscriptionEvents(Query[Literal["page"]]):
    """What was told of the tenant's subscription, the latest to come first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ListSubscriptionEventsRow]: ...

class ListTenantsWithBacklogRow(NamedTuple):
    id: UUID

class ListTenantsWithBacklog(Query[Literal["many"]]):
    """The tenants that have posts to count as backlog. For the owner, as another role sees its own only. Index: social_posts_status."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithBacklogRow]: ...

class ListTenantsWithDuePostsRow(NamedTuple):
    id: UUID

class ListTenantsWithDuePosts(Query[Literal["many"]]):
    """The tenants that have posts to be given up, tried again or told of. For the owner, as another role sees its own only. Indexes: social_posts_leased, social_posts_retry, social_posts_due."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithDuePostsRow]: ...

class ListTenantsWithExpiredTokensRow(NamedTuple):
    id: UUID

class ListTenantsWithExpiredTokens(Query[Literal["many"]]):
    """The tenants that have access tokens to tell of as expired. For the owner, as another role sees its own only. Index: social_accounts_expiry."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithExpiredTokensRow]: ...

class ListUnappliedCritiques(Query[Literal["page"]]):
    """Critiques of which no adjustment was made, newest first. Index: self_critiques_unapplied."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], CritiqueRow]: ...

class ListVideos(Query[Literal["page"]]):
    """Videos, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], VideoRow]: ...

class ListVideosByStatus(Query[Literal["page"]]):
    """Videos of one status, newest first. Index: videos_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], VideoRow]: ...

class ListVideosOfConcept(Query[Literal["page"]]):
    """A concept's videos, newest first. Index: videos_concept."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], VideoRow]: ...

class WeightRow(NamedTuple):
    category: str
    platform: str
    weight: Decimal
    adjustment_id: UUID | None
    applied_at: datetime | None

class ListWeights(Query[Literal["many"]]):
    """The weights of a type as they were in effect at a time, of each category and platform: 1 unless adjusted. Index: scoring_adjustments_weight."""

    def __call__(
        self,
        *,
        type: str,
        at: datetime | str,
    ) -> Bound[Literal["many"], WeightRow]: ...

class LockSocialAccounts(Query[Literal["exec"]]):
    """Before studio.schedule_post: waits for whoever takes or gives back a place of the accounts that a post may go out on, so that it counts what then is. The post first, as whoever reports on one does, then the accounts in one order: so nobody waits in a circle. Index: social_accounts_username_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        account_id: UUID | str | None,
    ) -> Bound[Literal["exec"], None]: ...

class MarkGeneration(Query[Literal["one"]]):
    """Marks a generation as a favourite, or no longer: what is wanted, not the opposite of what is, so that two clicks do not race."""

    def __call__(
        self,
        *,
        id: UUID | str,
        favorite: bool,
    ) -> Bound[Literal["one"], GenerationItemRow]: ...

class MatchesSubscriptionEventRow(NamedTuple):
    matches: bool

class MatchesSubscriptionEvent(Query[Literal["one"]]):
    """Whether the event that is known by an id said this."""

    def __call__(
        self,
        *,
        event_id: str,
        occurred_at: datetime | str,
        tier: str,
        status: str,
    ) -> Bound[Literal["one"], MatchesSubscriptionEventRow]: ...

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum, and since when the oldest does: posts that are due, that a worker has, whose leases ran out, whose outcome is unknown, so that a person has to look. Indexes: social_posts_due, social_posts_leased, social_posts_status."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

class MeasureCritiquesRow(NamedTuple):
    type: str

class MeasureCritiques(Query[Literal["many"]]):
    """How many critiques that were first made in each hour of UTC found the prediction accurate: of the hours that are over since the latest that was measured, at most 7 days back. Each hour once, however often it runs. Index: the primary key of self_critiques."""

    def __call__(self) -> Bound[Literal["many"], MeasureCritiquesRow]: ...

class MeasurePostsRow(NamedTuple):
    type: str

class MeasurePosts(Query[Literal["many"]]):
    """How many attempts to post that ended in each hour of UTC succeeded; what is unknown did not. Of the hours that are over since the latest that was measured, at most 7 days back. Each hour once, however often it runs. Index: the primary key of post_attempts: an attempt's row is made when it ends."""

    def __call__(self) -> Bound[Literal["many"], MeasurePostsRow]: ...

class MeasureVideosRow(NamedTuple):
    type: str

class MeasureVideos(Query[Literal["many"]]):
    """How many videos that ended in each hour of UTC were made, and what they cost: of the hours that are over since the latest that was measured, at most 7 days back. Each hour once, however often it runs. Index: videos_ended."""

    def __call__(self) -> Bound[Literal["many"], MeasureVideosRow]: ...

class PutCritiqueRow(NamedTuple):
    id: UUID

class PutCritique(Query[Literal["maybe"]]):
    """The critique of a concept: the first one, or the one that takes its place; with a revision, only of the one that has it. No row when that has another one, or there is no such concept. Its numbers come from studio.take_feedback()."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
        feedback_id: UUID | str,
        critique: str,
        hypothesized_reasons: Sequence[str],
        scoring_issues: Sequence[str],
        adjustment_plan: str,
        confidence: str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], PutCritiqueRow]: ...

class RecordAudioTrendsRow(NamedTuple):
    id: UUID | None
    outcome: str

class RecordAudioTrends(Query[Literal["many"]]):
    """Sounds as they were seen, each once by its id: a new one, or what is newer of a known one; what is older is skipped. They come back in their order. Index: audio_trends_sound_key."""

    def __call__(
        self,
        *,
        trends: Any,
    ) -> Bound[Literal["many"], RecordAudioTrendsRow]: ...

class RecordCompetitorVideosRow(NamedTuple):
    id: UUID | None
    outcome: str

class RecordCompetitorVideos(Query[Literal["many"]]):
    """Videos of others as they were scraped, each once by its id: a new one, or what is newer of a known one; what is older is skipped. They come back in their order. Index: competitor_videos_external_id_key."""

    def __call__(
        self,
        *,
        videos: Any,
    ) -> Bound[Literal["many"], RecordCompetitorVideosRow]: ...

class RecordFeedback(Query[Literal["one"]]):
    """How a concept did on a platform. No row when there is no such concept."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
        platform: str,
        variant: str | None,
        source: str,
        views: int,
        likes: int,
        comments: int,
        shares: int,
        saves: int,
        reported_at: datetime | str | None,
    ) -> Bound[Literal["one"], FeedbackRow]: ...

class RecordInsightsRow(NamedTuple):
    id: UUID
    outcome: str

class RecordInsights(Query[Literal["many"]]):
    """Patterns that critiques found: each adds to the evidence of its category, platform and pattern, however often it is in the list. What is known of it beside that stays. In the order of the keys, so that two lists do not wait for each other in turn. Index: reflexion_insights_pattern_key."""

    def __call__(
        self,
        *,
        insights: Any,
    ) -> Bound[Literal["many"], RecordInsightsRow]: ...

class RecordSnapshotsRow(NamedTuple):
    id: UUID | None
    outcome: str

class RecordSnapshots(Query[Literal["many"]]):
    """What platforms counted of videos, each once by its time: what is there already is skipped. They come back in their order."""

    def __call__(
        self,
        *,
        snapshots: Any,
    ) -> Bound[Literal["many"], RecordSnapshotsRow]: ...

class RecordSubscriptionEventRow(NamedTuple):
    id: UUID

class RecordSubscriptionEvent(Query[Literal["maybe"]]):
    """An event of the billing provider, once: no row if it is known. A trigger gives it to the subscription."""

    def __call__(
        self,
        *,
        event_id: str,
        occurred_at: datetime | str,
        tier: str,
        status: str,
    ) -> Bound[Literal["maybe"], RecordSubscriptionEventRow]: ...

class RemoveTokens(Query[Literal["maybe"]]):
    """Takes an account's tokens away, with which it ends to be active. No row when the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialAccountRow]: ...

class ReplaceStaleTokens(Query[Literal["rowcount"]]):
    """Puts tokens in the place of those that `old` names; what somebody stored meanwhile stays."""

    def __call__(
        self,
        *,
        secrets: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class ReplaceTokens(Query[Literal["maybe"]]):
    """Stores tokens that the platform gave anew; the refresh token stays unless there is another one. No row when there is no such account, or the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        access_token: bytes,
        refresh_token: bytes | None,
        token_expires_at: datetime | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialAccountRow]: ...

class RequestSnapshotsRow(NamedTuple):
    id: UUID

class RequestSnapshots(Query[Literal["many"]]):
    """A job of type scrape-analytics for each video of which analytics are due, as studio.list_due_videos has them; not while an earlier one waits or runs, nor twice within a quarter of a day, which is part of the unique_key. Indexes: social_posts_posted, jobs_type_status, jobs_unique_key."""

    def __call__(
        self,
        *,
        limit: int,
    ) -> Bound[Literal["many"], RequestSnapshotsRow]: ...

class RequestVideo(Query[Literal["maybe"]]):
    """A video of a concept, to be made: with the job for a worker, whose unique_key is the video's id. No row when there is no such concept. What is being made already is refused by the index videos_generating."""

    def __call__(
        self,
        *,
        concept_id: UUID | str,
        platform: str,
        provider: str,
        variant: str | None,
        priority: int,
    ) -> Bound[Literal["maybe"], VideoRow]: ...

class RescuePosts(Query[Literal["exec"]]):
    """Leases that ran out: nobody knows whether the worker had posted before it died, so a person must look. To post again could post twice. 100 at a time, so that no claim takes long over it; runs before every claim. Index: social_posts_leased."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class ResolvePostNotPosted(Query[Literal["maybe"]]):
    """A person found that a post of unknown outcome was not posted: it gives its place back, and is not tried again before somebody schedules it. No row when its outcome is not unknown."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class ResolvePostPosted(Query[Literal["maybe"]]):
    """A person found that a post of unknown outcome was posted. No row when its outcome is not unknown."""

    def __call__(
        self,
        *,
        id: UUID | str,
        external_id: str,
        post_url: str | None,
        posted_at: datetime | str | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class RetryPosts(Query[Literal["exec"]]):
    """Failed posts whose time to be tried again has come, 20 at a time, the longest waiting first. Their time stays what it was and they take a place when they are claimed. Runs before every claim. Index: social_posts_retry."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class RevertAdjustment(Query[Literal["one"]]):
    """Takes an adjustment back by another one, as studio.adjust() allows. No row when there is no such adjustment."""

    def __call__(
        self,
        *,
        id: UUID | str,
        reason: str,
    ) -> Bound[Literal["one"], AdjustmentRow]: ...

class SchedulePost(Query[Literal["maybe"]]):
    """Schedules a post on the account that is named, or else on the best one of its platform that has a place on that day. Of today a place is taken at once, of a later day when a worker claims the post. After studio.lock_social_accounts. The score is of 100: 40 for places left, 30 for the niche (15 for a similar one, or none), 20 for age, in full after 30 days, and 10 for how few posts wait. No row when the post is not one to schedule, the revision is another, or no account has a place, at this time, for this video with this caption. Indexes: social_accounts_username_key, social_posts_account, social_posts_once."""

    def __call__(
        self,
        *,
        id: UUID | str,
        account_id: UUID | str | None,
        scheduled_for: datetime | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class SearchConcepts(Query[Literal["page"]]):
    """Concepts that have all words of a search, newest first. It goes back through those that have the rarest of the words and looks up the others for each, until the page is full. A word is the rarer, the further back a thousand concepts with it reach. Index: concept_words_pkey."""

    def __call__(
        self,
        *,
        q: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ConceptItemRow]: ...

class GainRow(NamedTuple):
    starts_on: date
    platform: str
    snapshots: int
    views: Decimal
    likes: Decimal
    comments: Decimal
    shares: Decimal

class SumGains(Query[Literal["many"]]):
    """What all videos gained in each day or week of UTC, by platform, oldest first. Index: the primary key of analytics_days."""

    def __call__(
        self,
        *,
        unit: str,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], GainRow]: ...

class ReflexionRow(NamedTuple):
    critiques: int
    recent_critiques: int
    accurate_critiques: int
    average_gap: Decimal | None
    accuracy_rate: Decimal | None
    insights: int
    adjustments: int
    top_issue: str | None
    top_issue_critiques: int

class SumReflexion(Query[Literal["one"]]):
    """How well predictions do: how many critiques there are, how far off they say that predictions were, and what is found most often. The top issue is the scoring issue of most critiques."""

    def __call__(self) -> Bound[Literal["one"], ReflexionRow]: ...

class TellExpiredTokens(Query[Literal["rowcount"]]):
    """A notification, once for each token, when the access token of an active account has expired and nobody has stored another one. Index: social_accounts_expiry."""

    def __call__(
        self,
        *,
        limit: int,
    ) -> Bound[Literal["rowcount"], None]: ...

class TellOverduePosts(Query[Literal["exec"]]):
    """A notification, once, for each post that no worker has claimed within 15 minutes after it was due. Runs after every claim, and in the task social-posts. Index: social_posts_due."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class UpdateConcept(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the revision is another. What was predicted is not among it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ConceptRow]: ...

class UpdateInsight(Query[Literal["maybe"]]):
    """Changes what is made of an insight; with a revision, only of the one that has it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        impact: str | None,
        recommendation: str | None,
        applied_to_scoring: bool | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], InsightRow]: ...

class UpdateSocialAccount(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when there is no such account, or the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialAccountRow]: ...

class UpdateSocialPost(Query[Literal["maybe"]]):
    """Another caption for a post that has not gone out. No row for any other, when the revision is another, or when another post of the account has the video with this caption."""

    def __call__(
        self,
        *,
        id: UUID | str,
        caption: str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SocialPostRow]: ...

class UpdateVideo(Query[Literal["maybe"]]):
    """Changes where a completed video is delivered from and what is told beside it; with a revision, only the video that has it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        replace_cdn_url: bool,
        cdn_url: str | None,
        replace_thumbnail_url: bool,
        thumbnail_url: str | None,
        metadata: Any | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], VideoRow]: ...

class SeriesStepRow(NamedTuple):
    starts_at: datetime
    snapshot_at: datetime
    views: int
    likes: int
    comments: int
    shares: int
    watch_seconds: int | None
    engagement_rate: Decimal

class VideoSeries(Query[Literal["many"]]):
    """What was counted of a video by the end of each hour, day or week of UTC, oldest first. Index: the partitions' primary keys."""

    def __call__(
        self,
        *,
        video_id: UUID | str,
        unit: str,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], SeriesStepRow]: ...

class WhyNotScheduledRow(NamedTuple):
    is_completed: bool
    accounts: int
    with_place: int
    same_id: UUID | None
    near_id: UUID | None
    seconds: int

class WhyNotScheduled(Query[Literal["maybe"]]):
    """Why studio.schedule_post found no account: whether the video is there, how many accounts there are, how many of them have a place, and a post that is in the way on one. No row when there is no such post."""

    def __call__(
        self,
        *,
        id: UUID | str,
        account_id: UUID | str | None,
        scheduled_for: datetime | str | None,
    ) -> Bound[Literal["maybe"], WhyNotScheduledRow]: ...

class Studio:
    adjust_weight: AdjustWeight
    apply_critique: ApplyCritique
    cancel_social_post: CancelSocialPost
    claim_posts: ClaimPosts
    complete_video: CompleteVideo
    confirm_post: ConfirmPost
    correct_feedback: CorrectFeedback
    count_concepts_by_category: CountConceptsByCategory
    count_concepts_by_day: CountConceptsByDay
    count_concepts_by_trend: CountConceptsByTrend
    create_generation: CreateGeneration
    create_social_account: CreateSocialAccount
    create_social_post: CreateSocialPost
    export_generations: ExportGenerations
    extend_post_lease: ExtendPostLease
    fail_post: FailPost
    find_same_post: FindSamePost
    get_adjustment: GetAdjustment
    get_completed_video: GetCompletedVideo
    get_concept: GetConcept
    get_critique: GetCritique
    get_critique_of_concept: GetCritiqueOfConcept
    get_feedback: GetFeedback
    get_generation: GetGeneration
    get_insight: GetInsight
    get_reported_post: GetReportedPost
    get_social_account: GetSocialAccount
    get_social_post: GetSocialPost
    get_subscription: GetSubscription
    get_video: GetVideo
    list_adjustments: ListAdjustments
    list_adjustments_by_category: ListAdjustmentsByCategory
    list_alerts: ListAlerts
    list_audio_trends: ListAudioTrends
    list_audio_trends_by_platform: ListAudioTrendsByPlatform
    list_competitor_videos: ListCompetitorVideos
    list_competitor_videos_by_category: ListCompetitorVideosByCategory
    list_concepts: ListConcepts
    list_concepts_by_category: ListConceptsByCategory
    list_critiques: ListCritiques
    list_critiques_by_confidence: ListCritiquesByConfidence
    list_due_videos: ListDueVideos
    list_favorite_generations: ListFavoriteGenerations
    list_feedback: ListFeedback
    list_feedback_by_category: ListFeedbackByCategory
    list_feedback_by_platform: ListFeedbackByPlatform
    list_feedback_on_concept: ListFeedbackOnConcept
    list_generations: ListGenerations
    list_insights: ListInsights
    list_insights_by_category: ListInsightsByCategory
    list_insights_of_pattern: ListInsightsOfPattern
    list_insights_on_platform: ListInsightsOnPlatform
    list_latest_snapshots: ListLatestSnapshots
    list_overdue_social_posts: ListOverdueSocialPosts
    list_post_attempts: ListPostAttempts
    list_recommended_insights: ListRecommendedInsights
    list_snapshots: ListSnapshots
    list_social_accounts: ListSocialAccounts
    list_social_accounts_by_platform: ListSocialAccountsByPlatform
    list_social_accounts_to_refresh: ListSocialAccountsToRefresh
    list_social_posts: ListSocialPosts
    list_social_posts_by_status: ListSocialPostsByStatus
    list_social_posts_of_account: ListSocialPostsOfAccount
    list_social_posts_of_video: ListSocialPostsOfVideo
    list_social_posts_on_platform: ListSocialPostsOnPlatform
    list_stale_tokens: ListStaleTokens
    list_subscription_events: ListSubscriptionEvents
    list_tenants_with_backlog: ListTenantsWithBacklog
    list_tenants_with_due_posts: ListTenantsWithDuePosts
    list_tenants_with_expired_tokens: ListTenantsWithExpiredTokens
    list_unapplied_critiques: ListUnappliedCritiques
    list_videos: ListVideos
    list_videos_by_status: ListVideosByStatus
    list_videos_of_concept: ListVideosOfConcept
    list_weights: ListWeights
    lock_social_accounts: LockSocialAccounts
    mark_generation: MarkGeneration
    matches_subscription_event: MatchesSubscriptionEvent
    measure_backlog: MeasureBacklog
    measure_critiques: MeasureCritiques
    measure_posts: MeasurePosts
    measure_videos: MeasureVideos
    put_critique: PutCritique
    record_audio_trends: RecordAudioTrends
    record_competitor_videos: RecordCompetitorVideos
    record_feedback: RecordFeedback
    record_insights: RecordInsights
    record_snapshots: RecordSnapshots
    record_subscription_event: RecordSubscriptionEvent
    remove_tokens: RemoveTokens
    replace_stale_tokens: ReplaceStaleTokens
    replace_tokens: ReplaceTokens
    request_snapshots: RequestSnapshots
    request_video: RequestVideo
    rescue_posts: RescuePosts
    resolve_post_not_posted: ResolvePostNotPosted
    resolve_post_posted: ResolvePostPosted
    retry_posts: RetryPosts
    revert_adjustment: RevertAdjustment
    schedule_post: SchedulePost
    search_concepts: SearchConcepts
    sum_gains: SumGains
    sum_reflexion: SumReflexion
    tell_expired_tokens: TellExpiredTokens
    tell_overdue_posts: TellOverduePosts
    update_concept: UpdateConcept
    update_insight: UpdateInsight
    update_social_account: UpdateSocialAccount
    update_social_post: UpdateSocialPost
    update_video: UpdateVideo
    video_series: VideoSeries
    why_not_scheduled: WhyNotScheduled
