"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class AddApiUsage(Query[Literal["rowcount"]]):
    """Adds what a process counted of the tenant's requests to what is counted already. Processes that add at once lock the same rows in the same order."""

    def __call__(
        self,
        *,
        counts: Any,
    ) -> Bound[Literal["rowcount"], None]: ...

class CancelJob(Query[Literal["maybe"]]):
    """Takes a job out of the queue, or from its worker, whose next report finds the lease lost; no row when the job is over."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class CheckConstraints(Query[Literal["exec"]]):
    """Looks at the constraints that a cluster defers, on the node that keeps the tenant's rows: sent behind each statement that may write there, so that the statement is refused with the reason. The commit would not tell it."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class ClaimJobsRow(NamedTuple):
    id: UUID
    type: str
    payload: Any
    attempts: int
    max_attempts: int
    lease_id: UUID
    lease_expires_at: datetime
    times_out_at: datetime

class ClaimJobs(Query[Literal["many"]]):
    """Gives jobs of a type that are due to a worker, under a lease, the most urgent first. A job is given to one worker only: others skip its locked row. None is given while the type is paused, and no more than may run at once: operations.lock_job_limits runs before it. No lease is longer than an attempt may run. Index: jobs_due."""

    def __call__(
        self,
        *,
        type: str,
        worker: str,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimJobsRow]: ...

class ClaimTasksRow(NamedTuple):
    task: str
    period: datetime
    lease_id: UUID

class ClaimTasks(Query[Literal["many"]]):
    """Gives a worker the tasks that are due, each under a lease: a run that its worker began and left, or else the present period if nobody has begun it, and no earlier one still runs. Periods that nobody began are not made up for. Of many workers that ask at once the primary key lets one have each period. Indexes: the primary key, task_runs_leased."""

    def __call__(
        self,
        *,
        names: Sequence[str],
        worker: str,
        lease: timedelta | str,
    ) -> Bound[Literal["many"], ClaimTasksRow]: ...

class CompleteJob(Query[Literal["maybe"]]):
    """A worker has done the job; no row when its lease is lost. Without metrics those of its heartbeats stay."""

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

class CountJobsRow(NamedTuple):
    type: str
    status: str
    jobs: int
    oldest_at: datetime
    oldest_seconds: float

class CountJobs(Query[Literal["many"]]):
    """How many jobs there are of each type and status, counted up to a maximum, and since when the oldest has been there. Index: jobs_type_status."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], CountJobsRow]: ...

class CountUnreadNotificationsRow(NamedTuple):
    unread: int
    has_more: bool

class CountUnreadNotifications(Query[Literal["one"]]):
    """How many notifications a user has not read, of those that list_unread_notifications lists; counts to 100 at most. Index: notifications_type, and the primary key of notification_reads."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        types: Sequence[str],
    ) -> Bound[Literal["one"], CountUnreadNotificationsRow]: ...

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

class EnableTaskRow(NamedTuple):
    is_known: bool

class EnableTask(Query[Literal["maybe"]]):
    """Lets the workers run a task, or keeps them from it; no row when there is no such task. For the owner."""

    def __call__(
        self,
        *,
        name: str,
        enabled: bool,
    ) -> Bound[Literal["maybe"], EnableTaskRow]: ...

class EndOfEventsRow(NamedTuple):
    epoch: int
    xid: str
    id: UUID

class EndOfEvents(Query[Literal["one"]]):
    """Where the event log of a tenant ends now: every event that can be read is before it, and every other will be after it. From the tenant's row, for on a cluster each server counts transactions for itself."""

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

class EndTaskRunRow(NamedTuple):
    had_it: bool

class EndTaskRun(Query[Literal["maybe"]]):
    """Ends a run, with what it did; no row when another worker has it. For the owner. Index: the primary key."""

    def __call__(
        self,
        *,
        task: str,
        period: datetime | str,
        lease_id: UUID | str,
        tenants: int,
        failed: int,
        done: int,
    ) -> Bound[Literal["maybe"], EndTaskRunRow]: ...

class EnqueueJob(Query[Literal["one"]]):
    """A job for the workers. More than may wait is refused by operations.limit_jobs(). No row when there is no such type."""

    def __call__(
        self,
        *,
        type: str,
        unique_key: str | None,
        unique_while: Sequence[str],
        priority: int,
        payload: Any,
        run_at: datetime | str | None,
        max_attempts: int | None,
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
    """A worker's heartbeat, with what it tells of its progress; no row when its lease is lost. The lease ends when the attempt has run for as long as it may."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
        progress: int | None,
        metrics: Any | None,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class ExtendTaskRunRow(NamedTuple):
    has_it: bool

class ExtendTaskRun(Query[Literal["maybe"]]):
    """Lets a worker's claim hold for so long from now on, 0 to give it back; no row when another worker has the run. For the owner. Index: the primary key."""

    def __call__(
        self,
        *,
        task: str,
        period: datetime | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], ExtendTaskRunRow]: ...

class FailJob(Query[Literal["maybe"]]):
    """A worker could not do the job: it is tried again, each time after twice the delay, as its type says, until its attempts are used up or the worker says that trying again is of no use. No row when the worker's lease is lost."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        error: str,
        retry: bool,
        metrics: Any | None,
        jitter: float,
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

class ForgetApiUsageRow(NamedTuple):
    rows: int

class ForgetApiUsage(Query[Literal["one"]]):
    """Deletes what was counted of requests longer ago than what is kept, the oldest first and each hour as a whole, and tells how many rows went; a dry run only counts. The owner alone may delete. Index: the partitions' primary keys."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetApiUsageRow]: ...

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
    """Deletes notifications that are older than what is kept, the oldest first, with who has read them, and tells how many; a dry run only counts. Index: the primary key."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
        limit: int | None,
        dry_run: bool,
    ) -> Bound[Literal["one"], ForgetNotificationsRow]: ...

class ForgetTaskRunsRow(NamedTuple):
    rows: int

class ForgetTaskRuns(Query[Literal["one"]]):
    """Deletes the runs of periods that began longer ago than what is kept, and tells how many; never a task's latest one. For the owner."""

    def __call__(
        self,
        *,
        keep: timedelta | str,
    ) -> Bound[Literal["one"], ForgetTaskRunsRow]: ...

class GetBackendPidRow(NamedTuple):
    pid: int

class GetBackendPid(Query[Literal["one"]]):
    """The process of the server that answers: behind a pooler it is not the one that the connection was told of."""

    def __call__(self) -> Bound[Literal["one"], GetBackendPidRow]: ...

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
    unique_while: list[str]
    status: str
    priority: int
    payload: Any
    run_at: datetime
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    started_at: datetime | None
    times_out_at: datetime | None
    finished_at: datetime | None
    error: str | None
    progress: int | None
    metrics: Any | None
    created_at: datetime

class GetJob(Query[Literal["one"]]):
    """One job."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], JobRow]: ...

class JobTypeSettingsRow(NamedTuple):
    type: str
    may_enqueue: bool
    max_attempts: int
    first_delay_seconds: int
    longest_delay_seconds: int
    concurrency: int | None
    queue_length: int | None
    time_limit_seconds: int
    paused: bool
    updated_at: datetime | None
    revision: int

class GetJobType(Query[Literal["one"]]):
    """A type of job, with the limits that hold for the tenant. A tenant without a row of limits has the defaults of the type, the same as with the row that operations.make_job_limits would make for it."""

    def __call__(
        self,
        *,
        type: str,
    ) -> Bound[Literal["one"], JobTypeSettingsRow]: ...

class NotificationRow(NamedTuple):
    id: UUID
    user_id: UUID | None
    type: str
    payload: Any
    read_at: datetime | None
    created_at: datetime

class GetNotification(Query[Literal["one"]]):
    """One notification, if it is for the user or for everyone; and when the user has read it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str | None,
    ) -> Bound[Literal["one"], NotificationRow]: ...

class GetNotificationPreferencesRow(NamedTuple):
    muted: list[str]

class GetNotificationPreferences(Query[Literal["one"]]):
    """Of what a user is not notified: of nothing without a row."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], GetNotificationPreferencesRow]: ...

class GetPendingErasureRow(NamedTuple):
    email: str

class GetPendingErasure(Query[Literal["maybe"]]):
    """The address that an erasure is about, until it is done."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], GetPendingErasureRow]: ...

class GetPositionRow(NamedTuple):
    wal_position: str

class GetPosition(Query[Literal["one"]]):
    """The position in the primary's WAL after all that is committed: what a replica has to replay to have that."""

    def __call__(self) -> Bound[Literal["one"], GetPositionRow]: ...

class GetPublicRightsRow(NamedTuple):
    temporary: bool
    large_objects: bool

class GetPublicRights(Query[Literal["one"]]):
    """What everybody may do in the database that migrations/setup/database.sql takes from them; a restored one lacks that."""

    def __call__(self) -> Bound[Literal["one"], GetPublicRightsRow]: ...

class GetReplicaRow(NamedTuple):
    cluster: int
    seconds_behind: int | None

class GetReplica(Query[Literal["one"]]):
    """Asked of a replica: which cluster it copies, and how many seconds it is behind a position of the primary's WAL; NULL if it is not behind. What it replayed last tells nothing by itself, because a primary may have nothing to do."""

    def __call__(
        self,
        *,
        position: str,
    ) -> Bound[Literal["one"], GetReplicaRow]: ...

class GetReportedJob(Query[Literal["maybe"]]):
    """The job as a report under this lease left it, for a worker that reports again because it did not get the answer."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        statuses: Sequence[str],
    ) -> Bound[Literal["maybe"], JobRow]: ...

class GetSessionRow(NamedTuple):
    role: str
    database: int
    has_rights: bool
    sees_all_tenants: bool

class GetSession(Query[Literal["one"]]):
    """Who is connected, and to which database: whether that is the role or has its rights, and whether all tenants' rows are open to it, as to app_owner and to who bypasses row-level security."""

    def __call__(
        self,
        *,
        role: str,
    ) -> Bound[Literal["one"], GetSessionRow]: ...

class GetSourceDocument(Query[Literal["one"]]):
    """One source document."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], SourceDocumentRow]: ...

class HasReplayedRow(NamedTuple):
    has_replayed: bool

class HasReplayed(Query[Literal["one"]]):
    """Whether the server has what was committed up to a position in the WAL: a primary always does, a replica when it has replayed it."""

    def __call__(
        self,
        *,
        position: str,
    ) -> Bound[Literal["one"], HasReplayedRow]: ...

class IsShardedRow(NamedTuple):
    is_sharded: bool

class IsSharded(Query[Literal["one"]]):
    """Whether the database is spread over a Citus cluster, as migrations/setup/citus.sql does it: each new connection asks."""

    def __call__(self) -> Bound[Literal["one"], IsShardedRow]: ...

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

class ListBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_seconds: float

class ListBacklog(Query[Literal["many"]]):
    """What waited in all tenants when a worker measured it last, and for how long the oldest has by now."""

    def __call__(self) -> Bound[Literal["many"], ListBacklogRow]: ...

class ListConstraintCommentsRow(NamedTuple):
    name: str
    comment: str

class ListConstraintComments(Query[Literal["many"]]):
    """The comments on constraints and unique indexes, "field: message": what a client is told when one is violated; by the name of a partitioned table, that a row falls into none of its partitions. Reads PostgreSQL's catalog, once per process."""

    def __call__(self) -> Bound[Literal["many"], ListConstraintCommentsRow]: ...

class ListDueSourceDocuments(Query[Literal["page"]]):
    """Source documents whose time to be indexed again has come, the longest overdue first. Index: source_documents_due."""

    def __call__(
        self,
        *,
        after_next_refresh_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], SourceDocumentRow]: ...

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

class ListJobAttemptsRow(NamedTuple):
    id: UUID
    attempt: int
    worker: str
    error: str
    started_at: datetime
    finished_at: datetime

class ListJobAttempts(Query[Literal["page"]]):
    """Why each attempt at a job came to nothing, the latest first. Index: job_attempts_job."""

    def __call__(
        self,
        *,
        job_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ListJobAttemptsRow]: ...

class ListJobTypes(Query[Literal["many"]]):
    """All types of jobs, with the limits that hold for the tenant."""

    def __call__(self) -> Bound[Literal["many"], JobTypeSettingsRow]: ...

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

class ListLatestSystemMetricsRow(NamedTuple):
    type: str
    source: str
    measured_at: datetime
    cases: int
    value: float

class ListLatestSystemMetrics(Query[Literal["many"]]):
    """The newest measurement by each source of each type, of those within the last 24 hours: what a scrape tells. `limit` bounds how many of a type are read, so of a type with more only the sources that measured last are told. Index: the primary key."""

    def __call__(
        self,
        *,
        types: Sequence[str],
        limit: int,
    ) -> Bound[Literal["many"], ListLatestSystemMetricsRow]: ...

class ListMissingPartitionsRow(NamedTuple):
    name: str

class ListMissingPartitions(Query[Literal["many"]]):
    """The partitioned tables that have no partition for the next month yet. Reads PostgreSQL's catalog."""

    def __call__(self) -> Bound[Literal["many"], ListMissingPartitionsRow]: ...

class ListNotifications(Query[Literal["page"]]):
    """Notifications for a user, or for everyone, newest first, but for types that the user has muted. Each of the types brings at most a page of either kind, before they are merged: so what is muted, or is for others, is never read. Index: notifications_type, the only one with that order, in which the user of all of them is the same."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        types: Sequence[str],
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

class ListStaleTasksRow(NamedTuple):
    name: str

class ListStaleTasks(Query[Literal["many"]]):
    """Tasks that no worker has ended for two periods and three hours: there is no worker, or they break off each time. Index: the primary key of operations.task_runs."""

    def __call__(self) -> Bound[Literal["many"], ListStaleTasksRow]: ...

class ListTaskAgesRow(NamedTuple):
    name: str
    age_seconds: float
    period_seconds: float
    failed: int

class ListTaskAges(Query[Literal["many"]]):
    """For how long each enabled task has not ended for all tenants, since it was entered if it never has; how long its period is; and for how many tenants its latest run failed. Index: the primary key of operations.task_runs."""

    def __call__(self) -> Bound[Literal["many"], ListTaskAgesRow]: ...

class ListTasksRow(NamedTuple):
    name: str
    every: timedelta
    enabled: bool
    description: str
    state: str
    period: datetime | None
    worker: str | None
    attempts: int | None
    began_at: datetime | None
    ended_at: datetime | None
    tenants: int | None
    failed: int | None
    done: int | None

class ListTasks(Query[Literal["many"]]):
    """The schedule of the workers, each task with its latest run. Index: the primary key of operations.task_runs."""

    def __call__(self) -> Bound[Literal["many"], ListTasksRow]: ...

class ListTenantsWithBacklogRow(NamedTuple):
    id: UUID

class ListTenantsWithBacklog(Query[Literal["many"]]):
    """The tenants that have jobs or events to count as backlog. For the owner, as another role sees its own only. Indexes: jobs_status, events_order."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithBacklogRow]: ...

class ListTenantsWithErasuresRow(NamedTuple):
    id: UUID

class ListTenantsWithErasures(Query[Literal["many"]]):
    """The tenants that asked for erasures which are not done. For the owner, as another role sees its own only. Index: erasures_pending."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithErasuresRow]: ...

class ListTenantsWithLostJobsRow(NamedTuple):
    id: UUID

class ListTenantsWithLostJobs(Query[Literal["many"]]):
    """The tenants that have jobs whose workers are gone. For the owner, as another role sees its own only. Index: jobs_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithLostJobsRow]: ...

class ListUnreadNotifications(Query[Literal["page"]]):
    """Of the notifications for a user, or for everyone, those that the user has not read, newest first, without muted types. Unread are only the newest 500 of each type and either kind: however many were read, no more are looked at, each by its key. Index: notifications_type, and the primary key of notification_reads."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        types: Sequence[str],
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

class LockJobLimits(Query[Literal["exec"]]):
    """Keeps others from claiming jobs of a type of which only so many may run, until the transaction ends. A statement of its own, sent before the claim: what others claimed while it waited must be visible to that one. Where there is no such limit it locks nothing. The WHERE spares a known row the update; PostgreSQL locks it all the same."""

    def __call__(
        self,
        *,
        type: str,
    ) -> Bound[Literal["exec"], None]: ...

class MakeJobLimits(Query[Literal["exec"]]):
    """Makes and locks the row for operations.set_job_limits, if there is such a type."""

    def __call__(
        self,
        *,
        type: str,
    ) -> Bound[Literal["exec"], None]: ...

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

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum, and since when the oldest does: jobs that are due and whose types are not paused, that are running, whose leases ran out, that failed for good; events that readers of the log do not get yet, because a transaction that began before them is still running. Other areas have the same of theirs. Indexes: jobs_due, jobs_leased, jobs_status, events_order."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

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

class PostNotification(Query[Literal["one"]]):
    """Notifies a user, or everyone."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        type: str,
        payload: Any,
    ) -> Bound[Literal["one"], NotificationRow]: ...

class PutNotificationPreferencesRow(NamedTuple):
    muted: list[str]

class PutNotificationPreferences(Query[Literal["one"]]):
    """Says of what a user is not to be notified."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        muted: Sequence[str],
    ) -> Bound[Literal["one"], PutNotificationPreferencesRow]: ...

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

class ReadAllNotificationsRow(NamedTuple):
    read: int
    has_more: bool

class ReadAllNotifications(Query[Literal["one"]]):
    """Marks what list_unread_notifications lists as read for the user, the newest first: up to a notification if one is named, and so many at most. Index: notifications_type, and the primary key of notification_reads."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        types: Sequence[str],
        up_to: UUID | str | None,
        limit: int,
    ) -> Bound[Literal["one"], ReadAllNotificationsRow]: ...

class ReadNotification(Query[Literal["maybe"]]):
    """Marks a notification as read for the user; no row when it is read, or is for somebody else."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str,
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

class RecordSystemMetricsRow(NamedTuple):
    id: UUID | None
    outcome: str

class RecordSystemMetrics(Query[Literal["many"]]):
    """What services measured, each once by type, time and source: what is there already is skipped. They come back in their order."""

    def __call__(
        self,
        *,
        metrics: Any,
    ) -> Bound[Literal["many"], RecordSystemMetricsRow]: ...

class RefreshSourceDocument(Query[Literal["maybe"]]):
    """A document was indexed again. No row when it was so later than that already; with a revision, only the document that has it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        hash: str | None,
        indexed_at: datetime | str,
        next_refresh_at: datetime | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], SourceDocumentRow]: ...

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

class RescueJobsRow(NamedTuple):
    id: UUID

class RescueJobs(Query[Literal["many"]]):
    """Leases that ran out, because their workers are gone or the attempts took as long as they may: the jobs go back into the queue, each time after twice the delay, as a job may be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. 100 at a time, so that no claim takes long over it; runs before every claim. Index: jobs_leased."""

    def __call__(
        self,
        *,
        jitter: float,
    ) -> Bound[Literal["many"], RescueJobsRow]: ...

class RetryJob(Query[Literal["maybe"]]):
    """Puts a failed job back into the queue, with all its attempts; no row when it has not failed."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["maybe"], JobRow]: ...

class RetryJobsRow(NamedTuple):
    matches: int
    retried: int

class RetryJobs(Query[Literal["one"]]):
    """Puts failed jobs of a type back into the queue, with all their attempts, if as many match as the caller expects; else none. Of those that share a unique_key the latest, unless another job holds it. The limit is one more than may be put back, to tell when there are too many. Indexes: jobs_failed, jobs_unique_key."""

    def __call__(
        self,
        *,
        type: str,
        since: datetime | str | None,
        until: datetime | str | None,
        expected: int,
        limit: int,
    ) -> Bound[Literal["one"], RetryJobsRow]: ...

class SetJobLimits(Query[Literal["maybe"]]):
    """Sets the limits of a type, whose row operations.make_job_limits has made; no row when the revision is another."""

    def __call__(
        self,
        *,
        type: str,
        concurrency: int | None,
        queue_length: int | None,
        time_limit_seconds: int | None,
        paused: bool,
        revision: int | None,
    ) -> Bound[Literal["maybe"], JobTypeSettingsRow]: ...

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

class StoreBacklogRow(NamedTuple):
    rows: int

class StoreBacklog(Query[Literal["one"]]):
    """Replaces what was measured before; how many rows there are now, none if nothing was measured. For the owner."""

    def __call__(
        self,
        *,
        measured: Any,
    ) -> Bound[Literal["one"], StoreBacklogRow]: ...

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

class SumApiUsageRow(NamedTuple):
    key: str
    requests: Decimal
    mean_ms: Decimal
    p50_ms: Decimal
    p95_ms: Decimal
    max_ms: Decimal

class SumApiUsage(Query[Literal["many"]]):
    """How often and how fast the API answered the tenant from one moment to before another: by hour or day of UTC, the latest first, or by caller, endpoint or status, the most requests first; a thousand sums at most. A percentile is the bound of the times that has it, or the maximum. Index: the partitions' primary keys."""

    def __call__(
        self,
        *,
        by: str,
        since: datetime | str,
        until: datetime | str,
        caller: str | None,
        method: str | None,
        route: str | None,
        status: int | None,
    ) -> Bound[Literal["many"], SumApiUsageRow]: ...

class SumSystemMetricsRow(NamedTuple):
    starts_at: datetime
    type: str
    cases: int
    total: Decimal
    value: float

class SumSystemMetrics(Query[Literal["many"]]):
    """How well the system did in each hour or day of UTC, by type, oldest first: the mean over all cases, whoever measured. Index: the primary key."""

    def __call__(
        self,
        *,
        types: Sequence[str],
        unit: str,
        since: datetime | str,
        until: datetime | str,
    ) -> Bound[Literal["many"], SumSystemMetricsRow]: ...

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
    """Marks a notification as unread for the user; no row when it is unread, or is for somebody else."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str,
    ) -> Bound[Literal["maybe"], NotificationRow]: ...

class WakeClaimsRow(NamedTuple):
    topics: int

class WakeClaims(Query[Literal["one"]]):
    """Tells all processes of the service that there may be work, of which kinds for which tenants. What listens is service/wakeups.py; a message of one that does not listen is lost, and polling finds the work."""

    def __call__(
        self,
        *,
        topics: Sequence[str],
    ) -> Bound[Literal["one"], WakeClaimsRow]: ...

class Operations:
    add_api_usage: AddApiUsage
    cancel_job: CancelJob
    check_constraints: CheckConstraints
    claim_jobs: ClaimJobs
    claim_tasks: ClaimTasks
    complete_job: CompleteJob
    count_erased: CountErased
    count_jobs: CountJobs
    count_unread_notifications: CountUnreadNotifications
    drop_partitions: DropPartitions
    enable_task: EnableTask
    end_of_events: EndOfEvents
    end_of_walk: EndOfWalk
    end_task_run: EndTaskRun
    enqueue_job: EnqueueJob
    enter_for_all_users: EnterForAllUsers
    enter_transaction: EnterTransaction
    erase_answers: EraseAnswers
    export_audit: ExportAudit
    extend_job_lease: ExtendJobLease
    extend_task_run: ExtendTaskRun
    fail_job: FailJob
    find_pending_erasure: FindPendingErasure
    finish_erasure: FinishErasure
    follow_events: FollowEvents
    forget_api_usage: ForgetApiUsage
    forget_events: ForgetEvents
    forget_idempotency_keys: ForgetIdempotencyKeys
    forget_jobs: ForgetJobs
    forget_notifications: ForgetNotifications
    forget_task_runs: ForgetTaskRuns
    get_backend_pid: GetBackendPid
    get_epoch: GetEpoch
    get_erasure: GetErasure
    get_job: GetJob
    get_job_type: GetJobType
    get_notification: GetNotification
    get_notification_preferences: GetNotificationPreferences
    get_pending_erasure: GetPendingErasure
    get_position: GetPosition
    get_public_rights: GetPublicRights
    get_replica: GetReplica
    get_reported_job: GetReportedJob
    get_session: GetSession
    get_source_document: GetSourceDocument
    has_replayed: HasReplayed
    is_sharded: IsSharded
    list_all_retention_rules: ListAllRetentionRules
    list_applied_migrations: ListAppliedMigrations
    list_audit: ListAudit
    list_audit_of_action: ListAuditOfAction
    list_audit_of_actor: ListAuditOfActor
    list_audit_of_entity: ListAuditOfEntity
    list_audit_of_key: ListAuditOfKey
    list_audit_of_row: ListAuditOfRow
    list_backlog: ListBacklog
    list_constraint_comments: ListConstraintComments
    list_due_source_documents: ListDueSourceDocuments
    list_erasures: ListErasures
    list_events: ListEvents
    list_events_of_entity: ListEventsOfEntity
    list_events_of_table: ListEventsOfTable
    list_job_attempts: ListJobAttempts
    list_job_types: ListJobTypes
    list_jobs: ListJobs
    list_jobs_by_status: ListJobsByStatus
    list_jobs_by_type: ListJobsByType
    list_jobs_by_type_and_status: ListJobsByTypeAndStatus
    list_latest_system_metrics: ListLatestSystemMetrics
    list_missing_partitions: ListMissingPartitions
    list_notifications: ListNotifications
    list_pending_erasures: ListPendingErasures
    list_retention_rules: ListRetentionRules
    list_source_documents: ListSourceDocuments
    list_stale_answers: ListStaleAnswers
    list_stale_tasks: ListStaleTasks
    list_task_ages: ListTaskAges
    list_tasks: ListTasks
    list_tenants_with_backlog: ListTenantsWithBacklog
    list_tenants_with_erasures: ListTenantsWithErasures
    list_tenants_with_lost_jobs: ListTenantsWithLostJobs
    list_unread_notifications: ListUnreadNotifications
    lock_erasure: LockErasure
    lock_job_limits: LockJobLimits
    make_job_limits: MakeJobLimits
    make_partitions: MakePartitions
    measure_backlog: MeasureBacklog
    name_action: NameAction
    new_id: NewId
    post_notification: PostNotification
    put_notification_preferences: PutNotificationPreferences
    raise_epoch: RaiseEpoch
    read_all_notifications: ReadAllNotifications
    read_notification: ReadNotification
    record_source_document: RecordSourceDocument
    record_system_metrics: RecordSystemMetrics
    refresh_source_document: RefreshSourceDocument
    replace_answers: ReplaceAnswers
    request_erasure: RequestErasure
    rescue_jobs: RescueJobs
    retry_job: RetryJob
    retry_jobs: RetryJobs
    set_job_limits: SetJobLimits
    set_retention_rule: SetRetentionRule
    store_answer: StoreAnswer
    store_backlog: StoreBacklog
    stored_answer: StoredAnswer
    sum_api_usage: SumApiUsage
    sum_system_metrics: SumSystemMetrics
    take_idempotency_key: TakeIdempotencyKey
    unread_notification: UnreadNotification
    wake_claims: WakeClaims
