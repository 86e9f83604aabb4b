"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class ArchiveDraft(Query[Literal["maybe"]]):
    """Puts a draft away that nothing can happen to any more: rejected, superseded, sent, or approved with its reply cancelled. No row otherwise, or when the revision is another. Index: scheduled_replies_draft_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
        user_id: UUID | str,
        reason: str | None,
    ) -> Bound[Literal["maybe"], DraftDecisionRow]: ...

class CancelReply(Query[Literal["maybe"]]):
    """A person takes a reply back that is held, scheduled, or has failed. No row for any other, or when the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class ClaimRepliesRow(NamedTuple):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    draft_id: UUID
    final_text: str | None
    final_html: str | None
    scheduled_for: datetime | None
    attempts: int
    lease_id: UUID
    lease_expires_at: datetime
    channel_type: str | None
    channel_external_id: str | None
    conversation_external_id: str | None
    subject: str | None
    customer_email: str | None
    author_handle: str | None
    in_reply_to_external_id: str | None
    attachments: Any

class ClaimReplies(Query[Literal["many"]]):
    """Gives replies that are due to a posting worker, under a lease, with all that it needs to send them. A reply is given to one worker only: others skip its locked row. Indexes: scheduled_replies_due, attachments_draft."""

    def __call__(
        self,
        *,
        worker: str,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimRepliesRow]: ...

class ConfirmReply(Query[Literal["maybe"]]):
    """A posting worker has sent the reply: only now is the draft sent, and the outbound message there, or the tweet posted. If the channel has told of the message already, that one is taken; one that came in is refused by the trigger drafts.require_outbound_message(). Nobody else is given a reply whose lease ran out, so its worker is believed, however late, until the outcome is known. No row when it is, or when the lease is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        external_id: str,
        sent_at: datetime | str | None,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class CreateDraft(Query[Literal["maybe"]]):
    """A draft of a conversation, pending; and the notification that it is ready. One for an older message than the pending draft answers is superseded at once, and nobody is told. If it answers a job, the job is finished with it, or neither happens: no row when there is no such conversation, or the job's lease is lost. The trigger drafts.number_draft() gives the version and supersedes the pending draft. If only the prompt's id is told, its label is kept beside it; an unknown prompt is called by its id, for the foreign key to refuse it."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        trigger_message_id: UUID | str | None,
        author_user_id: UUID | str | None,
        model_key: str,
        prompt_version: str | None,
        prompt_version_id: UUID | str | None,
        suggested_text: str,
        suggested_html: str | None,
        top_sources: Any,
        style_score: float | None,
        toxicity_score: float | None,
        tokens_in: int | None,
        tokens_out: int | None,
        cost_micros: int | None,
        latency_ms: int | None,
        job_id: UUID | str | None,
        lease_id: UUID | str | None,
    ) -> Bound[Literal["maybe"], DraftRow]: ...

class CreateTweetDraft(Query[Literal["maybe"]]):
    """A draft for a tweet, which is named by its id or by what X calls it; otherwise as drafts.create_draft. The trigger drafts.number_draft() also makes a relevant tweet a drafted one, and refuses a draft for one that is skipped or posted. Indexes: tweets_pkey, tweets_external_id_key."""

    def __call__(
        self,
        *,
        tweet_id: UUID | str | None,
        tweet_external_id: str | None,
        author_user_id: UUID | str | None,
        model_key: str,
        prompt_version: str | None,
        prompt_version_id: UUID | str | None,
        suggested_text: str,
        top_sources: Any,
        style_score: float | None,
        toxicity_score: float | None,
        tokens_in: int | None,
        tokens_out: int | None,
        cost_micros: int | None,
        latency_ms: int | None,
        job_id: UUID | str | None,
        lease_id: UUID | str | None,
    ) -> Bound[Literal["maybe"], DraftRow]: ...

class DraftDecisionRow(NamedTuple):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    version: int
    status: str
    revision: int
    action: Any
    scheduled_reply: Any | None
    learning_sample_id: UUID | None
    warnings: Any

class Decide(Query[Literal["maybe"]]):
    """The one decision on a pending draft, with all that belongs to it: the action, the reply on its way out after an approval, the learning sample after an edit; the tweet is skipped if that is wanted. Whoever comes second finds the draft no longer pending and gets no row; so does who may not decide by the tenant's rules, approves a toxic draft without saying so, names another revision, or has not seen the message that came last. drafts.get_decision tells which it was. A reply to a closed conversation that does not say so is refused by the trigger drafts.require_kept_conversation(). A tweet that is left without a live draft is relevant again by the trigger drafts.return_tweet()."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
        user_id: UUID | str,
        role: str | None,
        type: str,
        status: str,
        superseded_by_id: UUID | str | None,
        reason: str | None,
        final_text: str | None,
        final_html: str | None,
        diff: Any | None,
        edit_distance: int | None,
        embeddings: Any | None,
        warnings: Any,
        reply_status: str,
        scheduled_for: datetime | str | None,
        confirm_toxicity: bool,
        confirm_closed: bool,
        seen_message_id: UUID | str | None,
        skip_tweet: bool,
    ) -> Bound[Literal["maybe"], DraftDecisionRow]: ...

class ExportLearningSamplesRow(NamedTuple):
    id: UUID
    epoch: int
    xid: str
    draft_id: UUID
    action_id: UUID
    model_key: str
    prompt_version: str
    suggested_text: str
    final_text: str
    diff: Any
    edit_distance: int
    embeddings: Any | None
    created_at: datetime
    watermark: str

class ExportLearningSamples(Query[Literal["many"]]):
    """All that people corrected after a watermark, in an order in which nothing can appear later before what was read: by the writing transaction, and only below the oldest one that is still running. Each row carries its own watermark. Index: learning_samples_order."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
    ) -> Bound[Literal["many"], ExportLearningSamplesRow]: ...

class ExtendReplyLease(Query[Literal["maybe"]]):
    """A posting worker's heartbeat; no row when its lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class FailReply(Query[Literal["maybe"]]):
    """A posting worker could not send the reply, or does not know. What was surely not sent is tried again, each time after twice the delay, up to its attempts; what may have been sent waits for a person. The worker is believed late, too, as by drafts.confirm_reply; but then people have been told to look, so the reply is held for them. No row when the outcome is known, or the lease is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        outcome: str,
        error: str,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class FeedRow(NamedTuple):
    id: UUID
    channel_id: UUID
    external_id: str
    subject: str | None
    status: str
    customer_email: str | None
    customer_name: str | None
    last_inbound_at: datetime | None
    last_message_id: UUID | None
    message: Any | None
    draft: Any | None

class Feed(Query[Literal["page"]]):
    """Open conversations, the one with the latest inbound message first, each with that message and its pending draft: what a reviewer works through. The message that came last need not be the latest one. Indexes: conversations_feed, messages_conversation_sent, drafts_one_pending."""

    def __call__(
        self,
        *,
        pending_only: bool,
        after_last_inbound_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], FeedRow]: ...

class GetDecisionRow(NamedTuple):
    status: str
    revision: int
    author_user_id: UUID | None
    superseded_by_id: UUID | None
    superseded_reason: str | None
    conversation_id: UUID | None
    tweet_id: UUID | None
    toxicity_score: float | None
    updated_at: datetime
    last_message_id: UUID | None
    decision_role: str
    self_approval: bool
    toxicity_threshold: float
    type: str | None
    user_id: UUID | None
    decided_at: datetime | None
    display_name: str | None

class GetDecision(Query[Literal["maybe"]]):
    """Why a decision did not take place: what was decided before, by whom and when; and the tenant's rules."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], GetDecisionRow]: ...

class GetDraftRow(NamedTuple):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    trigger_message_id: UUID | None
    author_user_id: UUID | None
    version: int
    status: str
    model_key: str
    prompt_version: str
    prompt_version_id: UUID | None
    suggested_text: str | None
    suggested_html: str | None
    top_sources: Any
    style_score: float | None
    toxicity_score: float | None
    tokens_in: int | None
    tokens_out: int | None
    cost_micros: int | None
    latency_ms: int | None
    superseded_by_id: UUID | None
    superseded_reason: str | None
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    revision: int
    last_message_id: UUID | None
    actions: Any
    scheduled_reply: Any | None

class GetDraft(Query[Literal["one"]]):
    """One draft, with what was decided on it and what became of the reply; and the message that came last to its conversation, for a decision to say that it was seen."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetDraftRow]: ...

class GetDraftOfJob(Query[Literal["maybe"]]):
    """The draft that a job was finished with under this lease, for a worker that posts it again because it did not get the answer. No row when it is for another conversation or tweet. Index: drafts_job."""

    def __call__(
        self,
        *,
        job_id: UUID | str | None,
        lease_id: UUID | str | None,
        conversation_id: UUID | str | None,
        tweet_id: UUID | str | None,
        tweet_external_id: str | None,
    ) -> Bound[Literal["maybe"], DraftRow]: ...

class ScheduledReplyRow(NamedTuple):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    draft_id: UUID
    status: str
    final_text: str | None
    final_html: str | None
    scheduled_for: datetime | None
    hold_reason: str | None
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    error: str | None
    external_id: str | None
    message_id: UUID | None
    sent_at: datetime | None
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    revision: int

class GetReply(Query[Literal["one"]]):
    """One reply."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ScheduledReplyRow]: ...

class GetReportedReply(Query[Literal["maybe"]]):
    """The reply as a report under this lease left it, for a worker that reports again because it did not get the answer. A confirmation is the same only with the same external id."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        statuses: Sequence[str],
        external_id: str | None,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class GetSuggestionRow(NamedTuple):
    suggested_text: str | None
    suggested_html: str | None

class GetSuggestion(Query[Literal["maybe"]]):
    """What an edit starts from. It never changes, so it may be read before the decision."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], GetSuggestionRow]: ...

class ListConversationDrafts(Query[Literal["page"]]):
    """Drafts of a conversation, the latest version first. Index: drafts_version_key."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        after_version: int,
        limit: int,
    ) -> Bound[Literal["page"], DraftRow]: ...

class DraftRow(NamedTuple):
    id: UUID
    conversation_id: UUID | None
    tweet_id: UUID | None
    trigger_message_id: UUID | None
    author_user_id: UUID | None
    version: int
    status: str
    model_key: str
    prompt_version: str
    prompt_version_id: UUID | None
    suggested_text: str | None
    suggested_html: str | None
    top_sources: Any
    style_score: float | None
    toxicity_score: float | None
    tokens_in: int | None
    tokens_out: int | None
    cost_micros: int | None
    latency_ms: int | None
    superseded_by_id: UUID | None
    superseded_reason: str | None
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    revision: int

class ListDrafts(Query[Literal["page"]]):
    """Drafts of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], DraftRow]: ...

class ListDraftsByStatus(Query[Literal["page"]]):
    """Drafts of one status, newest first. Index: drafts_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], DraftRow]: ...

class ListLearningSamplesRow(NamedTuple):
    id: UUID
    epoch: int
    xid: str
    draft_id: UUID
    action_id: UUID
    model_key: str
    prompt_version: str
    suggested_text: str
    final_text: str
    diff: Any
    edit_distance: int
    embeddings: Any | None
    created_at: datetime

class ListLearningSamples(Query[Literal["page"]]):
    """What people corrected, in an order in which nothing can appear later before what was read: by the writing transaction, and only below the oldest one that is still running. Index: learning_samples_order."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ListLearningSamplesRow]: ...

class ListNewMessagesRow(NamedTuple):
    id: UUID
    external_id: str | None
    direction: str
    subject: str | None
    excerpt: str | None
    sent_at: datetime

class ListNewMessages(Query[Literal["many"]]):
    """What came to a conversation after the message that a person has seen, the latest first; none if that is the message that came last. Index: messages_conversation_key."""

    def __call__(
        self,
        *,
        conversation_id: UUID | str,
        seen_message_id: UUID | str,
    ) -> Bound[Literal["many"], ListNewMessagesRow]: ...

class ListReplies(Query[Literal["page"]]):
    """Replies on their way out, and what became of them, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ScheduledReplyRow]: ...

class ListRepliesByStatus(Query[Literal["page"]]):
    """Replies of one status, newest first. Index: scheduled_replies_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ScheduledReplyRow]: ...

class ListTenantsWithBacklogRow(NamedTuple):
    id: UUID

class ListTenantsWithBacklog(Query[Literal["many"]]):
    """The tenants that have replies to count as backlog. For the owner, as another role sees its own only. Index: scheduled_replies_status."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithBacklogRow]: ...

class ListTenantsWithLostRepliesRow(NamedTuple):
    id: UUID

class ListTenantsWithLostReplies(Query[Literal["many"]]):
    """The tenants that have replies whose workers are gone. For the owner, as another role sees its own only. Index: scheduled_replies_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithLostRepliesRow]: ...

class ListTweetDrafts(Query[Literal["page"]]):
    """Drafts for a tweet, the latest version first. Index: drafts_tweet_version_key."""

    def __call__(
        self,
        *,
        tweet_id: UUID | str,
        after_version: int,
        limit: int,
    ) -> Bound[Literal["page"], DraftRow]: ...

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum, and since when the oldest does: replies that are due, that a worker has, whose leases ran out, that are held or whose outcome is unknown, so that a person has to look. Indexes: scheduled_replies_due, scheduled_replies_leased, scheduled_replies_status."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

class Remind(Query[Literal["rowcount"]]):
    """A notification for each draft that has been waiting for 24 hours since it was made, or since people were last told: a draft_reminder, another one, then draft_escalated, and no more. The draft counts them, in the same statement, so each comes once however many ask at once. The longest waiting first. Index: drafts_status."""

    def __call__(
        self,
        *,
        limit: int,
    ) -> Bound[Literal["rowcount"], None]: ...

class RescueReplies(Query[Literal["exec"]]):
    """Leases that ran out: nobody knows whether the worker had sent the reply before it died, so a person must look. Sending it again could send it twice. The lease stays on it, for its worker may still tell. 100 at a time, so that no claim takes long over it; runs before every claim. Index: scheduled_replies_leased."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class ResolveReplyNotSent(Query[Literal["maybe"]]):
    """A person found that a reply of unknown outcome was not sent: it is held until somebody schedules or cancels it. No row when its outcome is not unknown."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class ResolveReplySent(Query[Literal["maybe"]]):
    """A person found that a reply of unknown outcome was sent: as drafts.confirm_reply. No row when its outcome is not unknown."""

    def __call__(
        self,
        *,
        id: UUID | str,
        external_id: str,
        sent_at: datetime | str | None,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class ScheduleReply(Query[Literal["maybe"]]):
    """A person sends a reply out now, at a time, or holds it back: one that is held, scheduled, or has failed. No row for any other, when the revision is another, or a message came that the person has not seen. To a closed conversation it goes with the word for that only: the trigger drafts.require_kept_conversation()."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
        status: str,
        scheduled_for: datetime | str | None,
        confirm_closed: bool,
        seen_message_id: UUID | str | None,
    ) -> Bound[Literal["maybe"], ScheduledReplyRow]: ...

class StartOfLearningSamplesRow(NamedTuple):
    epoch: int
    xid: str
    id: UUID

class StartOfLearningSamples(Query[Literal["one"]]):
    """Where the learning samples since a time begin, by default those of the last 24 hours: at the first of them in the order of their transactions, or else where the list ends now. What is not there yet comes after it. Index: learning_samples_created. Materialized, for the order of the result would lead the planner through the index of all samples."""

    def __call__(
        self,
        *,
        since: datetime | str | None,
    ) -> Bound[Literal["one"], StartOfLearningSamplesRow]: ...

class Drafts:
    archive_draft: ArchiveDraft
    cancel_reply: CancelReply
    claim_replies: ClaimReplies
    confirm_reply: ConfirmReply
    create_draft: CreateDraft
    create_tweet_draft: CreateTweetDraft
    decide: Decide
    export_learning_samples: ExportLearningSamples
    extend_reply_lease: ExtendReplyLease
    fail_reply: FailReply
    feed: Feed
    get_decision: GetDecision
    get_draft: GetDraft
    get_draft_of_job: GetDraftOfJob
    get_reply: GetReply
    get_reported_reply: GetReportedReply
    get_suggestion: GetSuggestion
    list_conversation_drafts: ListConversationDrafts
    list_drafts: ListDrafts
    list_drafts_by_status: ListDraftsByStatus
    list_learning_samples: ListLearningSamples
    list_new_messages: ListNewMessages
    list_replies: ListReplies
    list_replies_by_status: ListRepliesByStatus
    list_tenants_with_backlog: ListTenantsWithBacklog
    list_tenants_with_lost_replies: ListTenantsWithLostReplies
    list_tweet_drafts: ListTweetDrafts
    measure_backlog: MeasureBacklog
    remind: Remind
    rescue_replies: RescueReplies
    resolve_reply_not_sent: ResolveReplyNotSent
    resolve_reply_sent: ResolveReplySent
    schedule_reply: ScheduleReply
    start_of_learning_samples: StartOfLearningSamples
