"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class CancelJob(Query[Literal["maybe"]]):
    """Takes a job out of the queue; no row when it is not queued."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class ClaimJobsRow(NamedTuple):
    id: UUID
    type: str
    payload: Any
    attempts: int
    max_attempts: int
    lease_id: UUID
    lease_expires_at: datetime

class ClaimJobs(Query[Literal["many"]]):
    """Gives jobs of a type that are due to a worker, under a lease, the most urgent first. A job is given to one worker only: others skip its locked row. Index: jobs_due."""

    def __call__(
        self,
        *,
        type: str,
        worker: str,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimJobsRow]: ...

class CompleteJob(Query[Literal["maybe"]]):
    """A worker has done the job; no row when its lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        metrics: Any | None,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class CountErased(Query[Literal["rowcount"]]):
    """How many rows of each table an erasure has taken so far."""

    def __call__(
        self,
        *,
        id: UUID | str,
        counts: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class DropPartitionsRow(NamedTuple):
    name: str

class DropPartitions(Query[Literal["many"]]):
    """Drops the monthly partitions before the month of a day with their rows, and tells which; a dry run only tells. For the owner."""

    def __call__(
        self,
        *,
        before: date | str,
        dry_run: bool,
    ) -> Bound[Literal["many"], DropPartitionsRow]: ...

class EndOfEventsRow(NamedTuple):
    epoch: int
    xid: str
    id: UUID

class EndOfEvents(Query[Literal["one"]]):
    """Where the event log ends now: every event that can be read is before it, and every other will be after it."""

    def __call__(self) -> Bound[Literal["one"], EndOfEventsRow]: ...

class EndOfWalkRow(NamedTuple):
    epoch: int
    xid: str
    id: UUID
    more: bool

class EndOfWalk(Query[Literal["one"]]):
    """Where 10,000 events further in the log are: at an event, with more behind it perhaps; or at the log's end, as operations.end_of_events tells it. Index: events_order."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
    ) -> Bound[Literal["one"], EndOfWalkRow]: ...

class EnqueueJob(Query[Literal["one"]]):
    """A job for the workers."""

    def __call__(
        self,
        *,
        type: str,
        unique_key: str | None,
        priority: int,
        payload: Any,
        run_at: datetime | str | None,
        max_attempts: int,
    ) -> Bound[Literal["one"], JobRow]: ...

class EnterForAllUsers(Query[Literal["exec"]]):
    """Lets the rest of the transaction see the rows of all users and teams of the tenant: for workers, for administrators, and for what is counted over all of them. Otherwise row-level security passes those of the user who acts."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class EnterTransaction(Query[Literal["exec"]]):
    """Says for whom the transaction runs, until it ends: row-level security reads the tenant, and the user where rows are a user's own; the event log reads the rest. It is the first statement of every transaction, and sent together with the next."""

    def __call__(
        self,
        *,
        actor: str,
        key_id: UUID | str | None,
        user_id: UUID | str | None,
        role: str | None,
        request_id: str | None,
        ip: str | None,
    ) -> Bound[Literal["exec"], None]: ...

class EraseAnswersRow(NamedTuple):
    rows: int
    last_key: Any | None

class EraseAnswers(Query[Literal["one"]]):
    """Looks at some idempotency keys, in the order of the primary key: takes the stored answers from all of them, because an answer may hold any text, and deletes those whose key itself names a customer's address. What was done is still known, so a request that is repeated is not done again. A dry run only counts. `last_key` is where the next batch begins, NULL at the end."""

    def __call__(
        self,
        *,
        mention: str,
        after: Any,
        limit: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], EraseAnswersRow]: ...

class ExportAudit(Query[Literal["many"]]):
    """What happened in a time, in its order, to be kept elsewhere: read to its end, whatever is asked for. Index: the primary key."""

    def __call__(
        self,
        *,
        entity: str | None,
        entity_id: UUID | str | None,
        actor: str | None,
        action: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], AuditEventRow]: ...

class ExtendJobLease(Query[Literal["maybe"]]):
    """A worker's heartbeat; no row when its lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class FailJob(Query[Literal["maybe"]]):
    """A worker could not do the job: it is tried again, each time after twice the delay, until its attempts are used up or the worker says that trying again is of no use. No row when the worker's lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        error: str,
        retry: bool,
        metrics: Any | None,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class FindPendingErasureRow(NamedTuple):
    id: UUID

class FindPendingErasure(Query[Literal["maybe"]]):
    """The erasure of a person that is not done, if there is one. Index: erasures_pending."""

    def __call__(
        self,
        *,
        person: str,
    ) -> Bound[Literal["maybe"], FindPendingErasureRow]: ...

class FinishErasure(Query[Literal["rowcount"]]):
    """Notes that an erasure is done, and forgets the address; a dry run brings its counts along."""

    def __call__(
        self,
        *,
        id: UUID | str,
        counts: Any | None,
    ) -> Bound[Literal["rowcount"], None]: ...

class FollowEventsRow(NamedTuple):
    id: UUID
    epoch: int
    xid: str
    occurred_at: datetime
    entity: str
    entity_id: UUID
    revision: int | None
    action: str
    changes: Any
    actor: str
    key_id: UUID | None
    role: str | None
    request_id: str | None
    ip: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None
    type: str
    tweet_id: UUID | None
    new_status: str | None
    draft_id: UUID | None

class FollowEvents(Query[Literal["many"]]):
    """What comes next in the event log of a tenant, in order, for who follows it: each event with the type by which a client listens for it. A tweet's new status names the draft that the same transaction made or changed, if it is one. Only below the oldest transaction that is still running, so that nothing appears later before what was read. Index: events_order."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["many"], FollowEventsRow]: ...

class ForgetEventsRow(NamedTuple):
    rows: int

class ForgetEvents(Query[Literal["one"]]):
    """Deletes events that are older than what is kept, the oldest first, and tells how many; a dry run only counts. The owner alone may delete. Index: the primary key."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetEventsRow]: ...

class ForgetIdempotencyKeysRow(NamedTuple):
    rows: int

class ForgetIdempotencyKeys(Query[Literal["one"]]):
    """Deletes idempotency keys that are older than what is kept and have run out, the oldest first, and tells how many; a dry run only counts. One that is taken over meanwhile stays. Index: idempotency_keys_expiry."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetIdempotencyKeysRow]: ...

class ForgetJobsRow(NamedTuple):
    rows: int

class ForgetJobs(Query[Literal["one"]]):
    """Deletes jobs that came to this end longer ago than what is kept, the oldest first, and tells how many; a dry run only counts. Index: jobs_status."""

    def __call__(
        self,
        *,
        status: str,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetJobsRow]: ...

class ForgetNotificationsRow(NamedTuple):
    rows: int

class ForgetNotifications(Query[Literal["one"]]):
    """Deletes notifications that were read longer ago than what is kept, the oldest first, and tells how many; a dry run only counts. Those that nobody read are passed over. Index: the primary key."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetNotificationsRow]: ...

class GetEpochRow(NamedTuple):
    epoch: int
    system_identifier: int
    timeline: int
    cluster: int
    timeline_now: int | None

class GetEpoch(Query[Literal["one"]]):
    """The latest epoch, and the cluster and timeline that the server is on now, which it should be of."""

    def __call__(self) -> Bound[Literal["one"], GetEpochRow]: ...

class ErasureRow(NamedTuple):
    id: UUID
    person: str
    dry_run: bool
    counts: Any
    requested_by: str
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetErasure(Query[Literal["one"]]):
    """One erasure."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ErasureRow]: ...

class JobRow(NamedTuple):
    id: UUID
    type: str
    unique_key: str | None
    status: str
    priority: int
    payload: Any
    run_at: datetime
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    metrics: Any | None
    created_at: datetime

class GetJob(Query[Literal["one"]]):
    """One job."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], JobRow]: ...

class NotificationRow(NamedTuple):
    id: UUID
    user_id: UUID | None
    type: str
    payload: Any
    read_at: datetime | None
    created_at: datetime

class GetNotification(Query[Literal["one"]]):
    """One notification, if it is for the user or for everyone."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str | None,
    ) -> Bound[Literal["one"], NotificationRow]: ...

class GetPendingErasureRow(NamedTuple):
    email: str

class GetPendingErasure(Query[Literal["maybe"]]):
    """The address that an erasure is about, until it is done."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], GetPendingErasureRow]: ...

class GetPublicRightsRow(NamedTuple):
    temporary: bool
    large_objects: bool

class GetPublicRights(Query[Literal["one"]]):
    """What everybody may do in the database that migrations/setup/database.sql takes from them; a restored one lacks that."""

    def __call__(self) -> Bound[Literal["one"], GetPublicRightsRow]: ...

class GetReportedJob(Query[Literal["maybe"]]):
    """The job as a report under this lease left it, for a worker that reports again because it did not get the answer."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        statuses: Sequence[str],
    ) -> Bound[Literal["maybe"], JobRow]: ...

class ListAllRetentionRulesRow(NamedTuple):
    subject: str
    days: int | None

class ListAllRetentionRules(Query[Literal["many"]]):
    """What a tenant keeps otherwise than the settings say."""

    def __call__(self) -> Bound[Literal["many"], ListAllRetentionRulesRow]: ...

class ListAppliedMigrationsRow(NamedTuple):
    migration_id: str
    checksum: str

class ListAppliedMigrations(Query[Literal["many"]]):
    """Which migrations are applied and what their files held then: readiness compares it with the files."""

    def __call__(self) -> Bound[Literal["many"], ListAppliedMigrationsRow]: ...

class AuditEventRow(NamedTuple):
    id: UUID
    occurred_at: datetime
    entity: str
    entity_id: UUID
    revision: int | None
    action: str
    changes: Any
    actor: str
    key_id: UUID | None
    role: str | None
    request_id: str | None
    ip: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None

class ListAudit(Query[Literal["page"]]):
    """What happened in a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        entity: str | None,
        actor: str | None,
        action: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListAuditOfAction(Query[Literal["page"]]):
    """Where something was done, newest first. Each table that the log has, found one after another in the index, brings at most a page in the index's order, before they are merged. Index: events_of_action."""

    def __call__(
        self,
        *,
        action: str,
        actor: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListAuditOfActor(Query[Literal["page"]]):
    """What somebody did, newest first. Index: events_of_actor."""

    def __call__(
        self,
        *,
        actor: str,
        entity: str | None,
        action: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListAuditOfEntity(Query[Literal["page"]]):
    """What happened to the rows of a table, newest first. Each action that the log has of the table, found one after another in the index, brings at most a page in the index's order, before they are merged. Index: events_of_action."""

    def __call__(
        self,
        *,
        entity: str,
        actor: str | None,
        action: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListAuditOfKey(Query[Literal["page"]]):
    """What was done with an API key, by the service itself or for a user, newest first. Index: events_of_key."""

    def __call__(
        self,
        *,
        key_id: UUID | str,
        entity: str | None,
        actor: str | None,
        action: str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListAuditOfRow(Query[Literal["page"]]):
    """What happened to one row, newest first; one row has few events. Index: events_of_row."""

    def __call__(
        self,
        *,
        entity: str,
        entity_id: UUID | str,
        actor: str | None,
        action: str | None,
        key_id: UUID | str | None,
        since: datetime | str,
        until: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], AuditEventRow]: ...

class ListConstraintCommentsRow(NamedTuple):
    name: str
    comment: str

class ListConstraintComments(Query[Literal["many"]]):
    """The comments on constraints and unique indexes, "field: message": what a client is told when one is violated; by the name of a partitioned table, that a row falls into none of its partitions. Reads PostgreSQL's catalog, once per process."""

    def __call__(self) -> Bound[Literal["many"], ListConstraintCommentsRow]: ...

class ListErasures(Query[Literal["page"]]):
    """Erasures of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ErasureRow]: ...

class EventRow(NamedTuple):
    id: UUID
    epoch: int
    xid: str
    occurred_at: datetime
    entity: str
    entity_id: UUID
    revision: int | None
    action: str
    changes: Any
    actor: str
    key_id: UUID | None
    role: str | None
    request_id: str | None
    ip: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None

class ListEvents(Query[Literal["page"]]):
    """The event log of a tenant, in order. Only below the oldest transaction that is still running, so that nothing appears later before what was read. Index: events_order."""

    def __call__(
        self,
        *,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], EventRow]: ...

class ListEventsOfEntity(Query[Literal["page"]]):
    """The events of one entity, in order. Only below the oldest transaction that is still running, so that nothing appears later before what was read. Index: events_of_row."""

    def __call__(
        self,
        *,
        entity: str,
        entity_id: UUID | str,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], EventRow]: ...

class ListEventsOfTable(Query[Literal["page"]]):
    """The events of one table, in order, among the next 10,000 of the log, as far as operations.end_of_walk: an index by table is one that every write would pay for. Only below the oldest transaction that is still running, so that nothing appears later before what was read. Index: events_order."""

    def __call__(
        self,
        *,
        entity: str,
        after_epoch: int,
        after_xid: int | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], EventRow]: ...

class ListJobs(Query[Literal["page"]]):
    """Jobs of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], JobRow]: ...

class ListJobsByStatus(Query[Literal["page"]]):
    """Jobs of one status, newest first. Index: jobs_status."""

    def __call__(
        self,
        *,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], JobRow]: ...

class ListJobsByType(Query[Literal["page"]]):
    """Jobs of one type, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        type: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], JobRow]: ...

class ListJobsByTypeAndStatus(Query[Literal["page"]]):
    """Jobs of one type and status: what an ingestion monitor polls, newest first. Index: jobs_type_status."""

    def __call__(
        self,
        *,
        type: str,
        status: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], JobRow]: ...

class ListMissingPartitionsRow(NamedTuple):
    name: str

class ListMissingPartitions(Query[Literal["many"]]):
    """The partitioned tables that have no partition for the next month yet. Reads PostgreSQL's catalog."""

    def __call__(self) -> Bound[Literal["many"], ListMissingPartitionsRow]: ...

class ListNotifications(Query[Literal["page"]]):
    """Notifications for a user, or for everyone, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], NotificationRow]: ...

class ListPendingErasuresRow(NamedTuple):
    id: UUID
    person: str
    dry_run: bool

class ListPendingErasures(Query[Literal["many"]]):
    """Erasures that are not done, the oldest first, some of them. Index: erasures_pending."""

    def __call__(
        self,
        *,
        limit: int,
    ) -> Bound[Literal["many"], ListPendingErasuresRow]: ...

class RetentionRuleRow(NamedTuple):
    id: UUID
    subject: str
    days: int | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListRetentionRules(Query[Literal["page"]]):
    """The retention rules of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], RetentionRuleRow]: ...

class SourceDocumentRow(NamedTuple):
    id: UUID
    source_url: str
    title: str | None
    hash: str | None
    indexed_at: datetime
    next_refresh_at: datetime | None
    metadata: Any
    created_at: datetime
    updated_at: datetime
    revision: int

class ListSourceDocuments(Query[Literal["page"]]):
    """Source documents of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SourceDocumentRow]: ...

class ListStaleAnswersRow(NamedTuple):
    caller: str
    key: str
    body: bytes

class ListStaleAnswers(Query[Literal["many"]]):
    """Stored answers that are encrypted under another key than the present one, some of them in the order of the primary key: a body begins with the id of its key."""

    def __call__(
        self,
        *,
        key_id: bytes,
        after: Any,
        limit: int,
    ) -> Bound[Literal["many"], ListStaleAnswersRow]: ...

class ListUnreadNotifications(Query[Literal["page"]]):
    """Unread notifications for a user, or for everyone, newest first. Index: notifications_unread."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], NotificationRow]: ...

class LockErasureRow(NamedTuple):
    email: str
    counts: Any

class LockErasure(Query[Literal["maybe"]]):
    """An erasure that is not done, locked until the transaction ends: two workers take its batches one after another, and no row is counted twice."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], LockErasureRow]: ...

class MakePartitionsRow(NamedTuple):
    name: str

class MakePartitions(Query[Literal["many"]]):
    """Makes the monthly partitions that are missing from the first to the last day, and tells which. For the owner."""

    def __call__(
        self,
        *,
        first: date | str,
        last: date | str,
    ) -> Bound[Literal["many"], MakePartitionsRow]: ...

class NameAction(Query[Literal["exec"]]):
    """Gives the rest of the transaction a business word for the event log, in place of INSERT or UPDATE."""

    def __call__(
        self,
        *,
        action: str,
    ) -> Bound[Literal["exec"], None]: ...

class NewIdRow(NamedTuple):
    id: UUID

class NewId(Query[Literal["one"]]):
    """An id for a row that does not exist yet: a secret in it is encrypted for it."""

    def __call__(self) -> Bound[Literal["one"], NewIdRow]: ...

class RaiseEpochRow(NamedTuple):
    epoch: int
    system_identifier: int
    timeline: int

class RaiseEpoch(Query[Literal["one"]]):
    """Begins the next epoch, or a later one, on the cluster and timeline that the server is on; a dry run only tells the present one. For the owner."""

    def __call__(
        self,
        *,
        reason: str,
        at_least: int,
        dry_run: bool,
    ) -> Bound[Literal["one"], RaiseEpochRow]: ...

class ReadNotification(Query[Literal["maybe"]]):
    """Marks a notification as read; no row when it is read, or is for somebody else."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str | None,
    ) -> Bound[Literal["maybe"], NotificationRow]: ...

class RecordSourceDocument(Query[Literal["one"]]):
    """What the vector store has indexed, as of now: a new document, or a known one indexed again. Index: source_documents_source_url_key."""

    def __call__(
        self,
        *,
        source_url: str,
        title: str | None,
        hash: str | None,
        indexed_at: datetime | str,
        next_refresh_at: datetime | str | None,
        metadata: Any,
    ) -> Bound[Literal["one"], SourceDocumentRow]: ...

class ReplaceAnswers(Query[Literal["rowcount"]]):
    """Puts bodies of stored answers in the place of those that `old` names; an answer whose key was taken over meanwhile stays. The keys once more as arrays: for a join alone a generic plan reads all that the tenant has."""

    def __call__(
        self,
        *,
        secrets: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class RequestErasure(Query[Literal["one"]]):
    """An erasure for the worker. While one of the same person is pending, the index erasures_pending refuses another."""

    def __call__(
        self,
        *,
        person: str,
        email: str,
        dry_run: bool,
        requested_by: str,
    ) -> Bound[Literal["one"], ErasureRow]: ...

class RescueJobs(Query[Literal["exec"]]):
    """Leases that ran out: their workers are gone, so the jobs go back into the queue, each time after twice the delay, as a job may be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. Runs before every claim. Index: jobs_leased."""

    def __call__(
        self,
        *,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["exec"], None]: ...

class RetryJob(Query[Literal["maybe"]]):
    """Puts a failed job back into the queue, with all its attempts; no row when it has not failed."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class SetRetentionRule(Query[Literal["one"]]):
    """How long a tenant keeps something: a new rule, or a known one changed. Index: retention_rules_subject_key."""

    def __call__(
        self,
        *,
        subject: str,
        days: int | None,
    ) -> Bound[Literal["one"], RetentionRuleRow]: ...

class StoreAnswer(Query[Literal["rowcount"]]):
    """Keeps the answer of the request that took the key, for whoever sends it again."""

    def __call__(
        self,
        *,
        caller: str,
        key: str,
        status: int,
        headers: Any,
        body: bytes,
    ) -> Bound[Literal["rowcount"], None]: ...

class StoredAnswerRow(NamedTuple):
    request_hash: bytes
    status: int
    headers: Any | None
    body: bytes | None

class StoredAnswer(Query[Literal["one"]]):
    """The answer that was given to the first request with this key."""

    def __call__(
        self,
        *,
        caller: str,
        key: str,
    ) -> Bound[Literal["one"], StoredAnswerRow]: ...

class TakeIdempotencyKey(Query[Literal["rowcount"]]):
    """Takes the key for this transaction; no row when it was used within the last 24 hours. Waits for a transaction that is just using it. An expired key is taken over."""

    def __call__(
        self,
        *,
        caller: str,
        key: str,
        request_hash: bytes,
    ) -> Bound[Literal["rowcount"], None]: ...

class UnreadNotification(Query[Literal["maybe"]]):
    """Marks a notification as unread; no row when it is unread, or is for somebody else."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str | None,
    ) -> Bound[Literal["maybe"], NotificationRow]: ...

class Operations:
    cancel_job: CancelJob
    claim_jobs: ClaimJobs
    complete_job: CompleteJob
    count_erased: CountErased
    drop_partitions: DropPartitions
    end_of_events: EndOfEvents
    end_of_walk: EndOfWalk
    enqueue_job: EnqueueJob
    enter_for_all_users: EnterForAllUsers
    enter_transaction: EnterTransaction
    erase_answers: EraseAnswers
    export_audit: ExportAudit
    extend_job_lease: ExtendJobLease
    fail_job: FailJob
    find_pending_erasure: FindPendingErasure
    finish_erasure: FinishErasure
    follow_events: FollowEvents
    forget_events: ForgetEvents
    forget_idempotency_keys: ForgetIdempotencyKeys
    forget_jobs: ForgetJobs
    forget_notifications: ForgetNotifications
    get_epoch: GetEpoch
    get_erasure: GetErasure
    get_job: GetJob
    get_notification: GetNotification
    get_pending_erasure: GetPendingErasure
    get_public_rights: GetPublicRights
    get_reported_job: GetReportedJob
    list_all_retention_rules: ListAllRetentionRules
    list_applied_migrations: ListAppliedMigrations
    list_audit: ListAudit
    list_audit_of_action: ListAuditOfAction
    list_audit_of_actor: ListAuditOfActor
    list_audit_of_entity: ListAuditOfEntity
    list_audit_of_key: ListAuditOfKey
    list_audit_of_row: ListAuditOfRow
    list_constraint_comments: ListConstraintComments
    list_erasures: ListErasures
    list_events: ListEvents
    list_events_of_entity: ListEventsOfEntity
    list_events_of_table: ListEventsOfTable
    list_jobs: ListJobs
    list_jobs_by_status: ListJobsByStatus
    list_jobs_by_type: ListJobsByType
    list_jobs_by_type_and_status: ListJobsByTypeAndStatus
    list_missing_partitions: ListMissingPartitions
    list_notifications: ListNotifications
    list_pending_erasures: ListPendingErasures
    list_retention_rules: ListRetentionRules
    list_source_documents: ListSourceDocuments
    list_stale_answers: ListStaleAnswers
    list_unread_notifications: ListUnreadNotifications
    lock_erasure: LockErasure
    make_partitions: MakePartitions
    name_action: NameAction
    new_id: NewId
    raise_epoch: RaiseEpoch
    read_notification: ReadNotification
    record_source_document: RecordSourceDocument
    replace_answers: ReplaceAnswers
    request_erasure: RequestErasure
    rescue_jobs: RescueJobs
    retry_job: RetryJob
    set_retention_rule: SetRetentionRule
    store_answer: StoreAnswer
    stored_answer: StoredAnswer
    take_idempotency_key: TakeIdempotencyKey
    unread_notification: UnreadNotification
