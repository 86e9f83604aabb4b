"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class AddSteps(Query[Literal["many"]]):
    """Adds steps to the ingestion of an episode, after those that it has; a name that it has already stays as it is. All its steps, in order; none when there is no such episode. After tweets.lock_episode, in the same transaction. Indexes: ingestion_steps_name_key, ingestion_steps_position_key."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        names: Sequence[str],
    ) -> Bound[Literal["many"], EpisodeStepRow]: ...

class ClassifyTweet(Query[Literal["maybe"]]):
    """The one classification of a tweet, with its score; no row when the tweet was classified, or by a person decided on, already. Of two at once the second finds it no longer unclassified."""

    def __call__(
        self,
        *,
        id: UUID | str,
        status: str,
        score: float,
        model_key: str | None,
    ) -> Bound[Literal["maybe"], TweetRow]: ...

class CreateEpisodeRow(NamedTuple):
    id: UUID
    title: str
    has_transcript: bool
    transcript_url: str | None
    published_at: datetime | None
    created_by_id: UUID | None
    summary_text: str | None
    keywords: Any
    created_at: datetime
    updated_at: datetime
    revision: int
    steps: Any

class CreateEpisode(Query[Literal["one"]]):
    """An episode, with the steps of its ingestion in the order in which they are named."""

    def __call__(
        self,
        *,
        title: str,
        raw_transcript: str | None,
        transcript_url: str | None,
        published_at: datetime | str | None,
        created_by_id: UUID | str | None,
        steps: Sequence[str],
    ) -> Bound[Literal["one"], CreateEpisodeRow]: ...

class FailStuckSteps(Query[Literal["many"]]):
    """Takes the steps that have been running for too long for failed, the first that began first; at most 1000. One that somebody is just finishing is left to them. Index: ingestion_steps_unfinished."""

    def __call__(
        self,
        *,
        older_than_hours: int,
    ) -> Bound[Literal["many"], EpisodeStepRow]: ...

class FinishStep(Query[Literal["maybe"]]):
    """A step succeeded, or failed with an error; no row when it is not running, or the revision is another. Index: ingestion_steps_name_key."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        name: str,
        status: str,
        error: str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], EpisodeStepRow]: ...

class GetEpisodeRow(NamedTuple):
    id: UUID
    title: str
    has_transcript: bool
    transcript_url: str | None
    published_at: datetime | None
    created_by_id: UUID | None
    summary_text: str | None
    keywords: Any
    created_at: datetime
    updated_at: datetime
    revision: int
    raw_transcript: str | None
    summary_embedding: Any | None
    steps: Any

class GetEpisode(Query[Literal["one"]]):
    """An episode with all that is known of it, and the steps of its ingestion in order. Index: ingestion_steps_position_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetEpisodeRow]: ...

class EpisodeStepRow(NamedTuple):
    id: UUID
    episode_id: UUID
    name: str
    position: int
    status: str
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetStep(Query[Literal["one"]]):
    """A step of an episode's ingestion, by its name. Index: ingestion_steps_name_key."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        name: str,
    ) -> Bound[Literal["one"], EpisodeStepRow]: ...

class TweetRow(NamedTuple):
    id: UUID
    external_id: str
    author_handle: str
    full_text: str
    text_preview: str
    posted_at: datetime | None
    status: str
    relevance_score: float | None
    model_key: str | None
    flags: Any | None
    in_reply_to_external_id: str | None
    episode_id: UUID | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetTweet(Query[Literal["one"]]):
    """A tweet by its id, as it is after a change."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], TweetRow]: ...

class GetTweetByExternalId(Query[Literal["one"]]):
    """A tweet by what X calls it. Index: tweets_external_id_key."""

    def __call__(
        self,
        *,
        external_id: str,
    ) -> Bound[Literal["one"], TweetRow]: ...

class GetTweetThreadRow(NamedTuple):
    id: UUID
    external_id: str
    author_handle: str
    full_text: str
    text_preview: str
    posted_at: datetime | None
    status: str
    relevance_score: float | None
    model_key: str | None
    flags: Any | None
    in_reply_to_external_id: str | None
    episode_id: UUID | None
    created_at: datetime
    updated_at: datetime
    revision: int
    in_reply_to_id: UUID | None
    thread_children: Any
    more_children: bool
    drafts: Any
    more_drafts: bool

class GetTweetThread(Query[Literal["one"]]):
    """A tweet for who decides on it: with the tweet that it answers, if that one was found, the first hundred that answer it, in the order of posting, or of coming in where that is unknown, and its latest hundred drafts, oldest first, with what was decided on each and what became of the reply. A thread is held together by external ids, so it does not matter which tweet came first. Indexes: tweets_external_id_key, tweets_thread, drafts_tweet_version_key, draft_actions_draft, scheduled_replies_draft_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetTweetThreadRow]: ...

class EpisodeRow(NamedTuple):
    id: UUID
    title: str
    has_transcript: bool
    transcript_url: str | None
    published_at: datetime | None
    created_by_id: UUID | None
    summary_text: str | None
    keywords: Any
    created_at: datetime
    updated_at: datetime
    revision: int

class ListEpisodes(Query[Literal["page"]]):
    """Episodes, newest first, without their transcripts and embeddings. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], EpisodeRow]: ...

class ListStuckSteps(Query[Literal["many"]]):
    """The steps that have been running for too long, the first that began first; at most 1000. Index: ingestion_steps_unfinished."""

    def __call__(
        self,
        *,
        older_than_hours: int,
    ) -> Bound[Literal["many"], EpisodeStepRow]: ...

class TweetItemRow(NamedTuple):
    id: UUID
    external_id: str
    author_handle: str
    text_preview: str
    created_at: datetime
    relevance_score: float | None
    status: str
    has_draft: bool
    flags: Any | None

class ListTweets(Query[Literal["page"]]):
    """Tweets, newest first. Indexes: the primary key, drafts_live_of_tweet."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class ListTweetsByStatus(Query[Literal["page"]]):
    """Tweets with one of the statuses, newest first. Each status, which is named once, brings at most a page in the order of its index, before they are merged. Indexes: tweets_status, drafts_live_of_tweet."""

    def __call__(
        self,
        *,
        status: Sequence[str],
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class ListTweetsByStatusOldestFirst(Query[Literal["page"]]):
    """Tweets with one of the statuses, oldest first. Each status, which is named once, brings at most a page in the order of its index, before they are merged. Indexes: tweets_status, drafts_live_of_tweet."""

    def __call__(
        self,
        *,
        status: Sequence[str],
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class ListTweetsOfEpisode(Query[Literal["page"]]):
    """Tweets about an episode, newest first, with one of the statuses if any are named. Indexes: tweets_episode, drafts_live_of_tweet; statuses are compared in the rows of the episode."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        status: Sequence[str] | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class ListTweetsOfEpisodeOldestFirst(Query[Literal["page"]]):
    """Tweets about an episode, oldest first, with one of the statuses if any are named. Indexes: tweets_episode, drafts_live_of_tweet; statuses are compared in the rows of the episode."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        status: Sequence[str] | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class ListTweetsOldestFirst(Query[Literal["page"]]):
    """Tweets, oldest first. Indexes: the primary key, drafts_live_of_tweet."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class LockEpisode(Query[Literal["exec"]]):
    """Lets one after another add steps to an episode. A statement of its own, sent before the next: what others committed while it waited must be visible to that one."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["exec"], None]: ...

class ReceiveTweetsRow(NamedTuple):
    id: UUID
    outcome: str
    created: bool

class ReceiveTweets(Query[Literal["many"]]):
    """Takes tweets in, each once by its external id; they come back in their order. A tweet that is known gets what is new about it; what is not told, its status and its score stay, and so does the episode that it has. One about which nothing is new is not written. Of two deliveries at once the second waits for the first's row, and returns it: hence the update of each that was not known or differs, in the order of the external ids, so that two lists do not wait for each other in turn. Index: tweets_external_id_key."""

    def __call__(
        self,
        *,
        tweets: Any,
    ) -> Bound[Literal["many"], ReceiveTweetsRow]: ...

class RetryStep(Query[Literal["maybe"]]):
    """A step that failed waits to be started again; no row when it has not failed, or the revision is another. Index: ingestion_steps_name_key."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        name: str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], EpisodeStepRow]: ...

class SearchTweets(Query[Literal["page"]]):
    """Tweets with the words of a search, newest first: "exact words", or, -without. For each of the parts between `or` it goes back through the tweets that have the rarest of the part's words, looks up the others for each, and compares the text itself only then, until the page is full. A word is the rarer, the further back a thousand tweets with it reach. A part without a word that must occur finds nothing. Index: tweet_words_pkey."""

    def __call__(
        self,
        *,
        q: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TweetItemRow]: ...

class StartStep(Query[Literal["maybe"]]):
    """A step begins, or begins again after a failure; no row when it is running or done, or the revision is another. Index: ingestion_steps_name_key."""

    def __call__(
        self,
        *,
        episode_id: UUID | str,
        name: str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], EpisodeStepRow]: ...

class UpdateEpisodeSummary(Query[Literal["maybe"]]):
    """What the ingestion found out: of the keywords' keys those that are named are replaced, the summary stays if none is given, and the embedding if an empty one is; no row when there is no such episode, or the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        summary_text: str | None,
        keywords: Any,
        summary_embedding: Sequence[float],
        revision: int | None,
    ) -> Bound[Literal["maybe"], EpisodeRow]: ...

class UpdateTweet(Query[Literal["maybe"]]):
    """Changes the status, and the episode if it is to be replaced; no row when there is no such tweet, or the revision is another. Which status changes are legal says operations.status_transitions."""

    def __call__(
        self,
        *,
        id: UUID | str,
        status: str | None,
        replace_episode: bool,
        episode_id: UUID | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], TweetRow]: ...

class Tweets:
    add_steps: AddSteps
    classify_tweet: ClassifyTweet
    create_episode: CreateEpisode
    fail_stuck_steps: FailStuckSteps
    finish_step: FinishStep
    get_episode: GetEpisode
    get_step: GetStep
    get_tweet: GetTweet
    get_tweet_by_external_id: GetTweetByExternalId
    get_tweet_thread: GetTweetThread
    list_episodes: ListEpisodes
    list_stuck_steps: ListStuckSteps
    list_tweets: ListTweets
    list_tweets_by_status: ListTweetsByStatus
    list_tweets_by_status_oldest_first: ListTweetsByStatusOldestFirst
    list_tweets_of_episode: ListTweetsOfEpisode
    list_tweets_of_episode_oldest_first: ListTweetsOfEpisodeOldestFirst
    list_tweets_oldest_first: ListTweetsOldestFirst
    lock_episode: LockEpisode
    receive_tweets: ReceiveTweets
    retry_step: RetryStep
    search_tweets: SearchTweets
    start_step: StartStep
    update_episode_summary: UpdateEpisodeSummary
    update_tweet: UpdateTweet
