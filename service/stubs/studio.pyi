"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

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

class CountConceptsByCategoryRow(NamedTuple):
    category: str
    concepts: int
    share: Decimal

class CountConceptsByCategory(Query[Literal["many"]]):
    """How many concepts of generations from one moment to before another are of each category, the most frequent first. Index: concepts_created."""

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
    generations: int

class CountConceptsByTrend(Query[Literal["many"]]):
    """The hundred trends that most concepts from one moment to before another follow. Index: concepts_created."""

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

class RescuePosts(Query[Literal["exec"]]):
    """Leases that ran out: nobody knows whether the worker had posted before it died, so a person must look. To post again could post twice. Runs before every claim. Index: social_posts_leased."""

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

class TellOverduePosts(Query[Literal["exec"]]):
    """A notification, once, for each post that no worker has claimed within 15 minutes after it was due. Runs after every claim. Index: social_posts_due."""

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
    cancel_social_post: CancelSocialPost
    claim_posts: ClaimPosts
    confirm_post: ConfirmPost
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
    get_concept: GetConcept
    get_generation: GetGeneration
    get_reported_post: GetReportedPost
    get_social_account: GetSocialAccount
    get_social_post: GetSocialPost
    get_subscription: GetSubscription
    list_concepts: ListConcepts
    list_concepts_by_category: ListConceptsByCategory
    list_favorite_generations: ListFavoriteGenerations
    list_generations: ListGenerations
    list_overdue_social_posts: ListOverdueSocialPosts
    list_post_attempts: ListPostAttempts
    list_social_accounts: ListSocialAccounts
    list_social_accounts_by_platform: ListSocialAccountsByPlatform
    list_social_accounts_to_refresh: ListSocialAccountsToRefresh
    list_social_posts: ListSocialPosts
    list_social_posts_by_status: ListSocialPostsByStatus
    list_social_posts_of_account: ListSocialPostsOfAccount
    list_social_posts_of_video: ListSocialPostsOfVideo
    list_social_posts_on_platform: ListSocialPostsOnPlatform
    list_stale_tokens: ListStaleTokens
    lock_social_accounts: LockSocialAccounts
    mark_generation: MarkGeneration
    matches_subscription_event: MatchesSubscriptionEvent
    record_subscription_event: RecordSubscriptionEvent
    remove_tokens: RemoveTokens
    replace_stale_tokens: ReplaceStaleTokens
    replace_tokens: ReplaceTokens
    rescue_posts: RescuePosts
    resolve_post_not_posted: ResolvePostNotPosted
    resolve_post_posted: ResolvePostPosted
    retry_posts: RetryPosts
    schedule_post: SchedulePost
    search_concepts: SearchConcepts
    tell_overdue_posts: TellOverduePosts
    update_concept: UpdateConcept
    update_social_account: UpdateSocialAccount
    update_social_post: UpdateSocialPost
    why_not_scheduled: WhyNotScheduled
