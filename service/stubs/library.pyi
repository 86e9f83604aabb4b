"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class AdvanceImport(Query[Literal["maybe"]]):
    """Says how far an import has come, in the transaction that writes the lines. No row if somebody else dealt with them meanwhile, or it is completed: then these lines are not written again. Index: the primary key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lines: int,
        status: str,
        done: int,
        skipped: int,
        failed: int,
        failures: Any,
    ) -> Bound[Literal["maybe"], ImportRow]: ...

class BookmarkStateRow(NamedTuple):
    resource_id: UUID
    is_bookmarked: bool
    is_changed: bool

class BookmarkResource(Query[Literal["one"]]):
    """That a user keeps a resource, as before if so; no row when it is deleted, or not to be seen. A trigger counts it."""

    def __call__(
        self,
        *,
        resource_id: UUID | str,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], BookmarkStateRow]: ...

class ClaimRunsRow(NamedTuple):
    id: UUID
    version_id: UUID
    user_id: UUID
    team_id: UUID | None
    name: str
    data: Any
    config: Any
    attempts: int
    max_attempts: int
    lease_id: UUID
    lease_expires_at: datetime

class ClaimRuns(Query[Literal["many"]]):
    """Gives runs that are due to a worker, under a lease, whoever's they are, the oldest first. A run is given to one worker only: others skip its locked row. After enter_for_all_users and lock_run_counts. Index: runs_due."""

    def __call__(
        self,
        *,
        worker: str,
        lease_id: UUID | str,
        lease: timedelta | str,
        limit: int,
    ) -> Bound[Literal["many"], ClaimRunsRow]: ...

class CompleteRun(Query[Literal["maybe"]]):
    """The end of a claimed run: what became of its steps, what came out of them, and its status, in one statement. Steps that are not over are completed unless the worker says that it skipped them. The run goes last, as nobody changes what belongs to one that is over. No row when the lease is lost. After enter_for_all_users. Indexes: run_steps_step_key, run_io_key_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        time_elapsed: int | None,
        completed_complexity: int | None,
        steps: Any,
    ) -> Bound[Literal["maybe"], ResourceRunRow]: ...

class ResourceRunStatsRow(NamedTuple):
    total: int
    by_status: Any
    average_execution_time: Decimal | None

class CountAllRuns(Query[Literal["one"]]):
    """How many runs there are of each status, and how long those took that were completed and told it, on average in milliseconds; NULL for none. From what library.count_run() keeps. After enter_for_all_users."""

    def __call__(self) -> Bound[Literal["one"], ResourceRunStatsRow]: ...

class CountCancelledRunsRow(NamedTuple):
    runs: int

class CountCancelledRuns(Query[Literal["one"]]):
    """How many runs of resources this transaction cancelled, as it deleted them: a run is over at the time of the transaction that ends it. It sees the rows of all users. Indexes: resource_versions_version_index_key, runs_version."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["one"], CountCancelledRunsRow]: ...

class CountRuns(Query[Literal["one"]]):
    """How many runs a user has of each status, and how long those took that were completed and told it, on average in milliseconds; NULL for none. From what library.count_run() keeps."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], ResourceRunStatsRow]: ...

class CreateImport(Query[Literal["one"]]):
    """Begins an import, of which no line is dealt with."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
    ) -> Bound[Literal["one"], ImportRow]: ...

class CreateResourceRow(NamedTuple):
    id: UUID
    public_id: str
    resource_type: str
    is_private: bool
    parent_id: UUID | None
    created_by_id: UUID | None
    owned_by_user_id: UUID | None
    owned_by_team_id: UUID | None
    has_complete_version: bool
    completed_at: datetime | None
    score: int
    bookmarks: int
    views: int
    is_deleted: bool
    deleted_at: datetime | None
    deleted_by_id: UUID | None
    created_at: datetime
    updated_at: datetime
    revision: int
    creator: Any | None
    latest_version: Any | None

class CreateResource(Query[Literal["one"]]):
    """A resource with its first version and its translations. It is the user's unless a team is named, and nobody's if neither is. A trigger refuses it where the user may not write the team's resources."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        team_id: UUID | str | None,
        resource_type: str,
        is_private: bool,
        version: Any,
    ) -> Bound[Literal["one"], CreateResourceRow]: ...

class CreateResourcesRow(NamedTuple):
    id: UUID | None
    outcome: str

class CreateResources(Query[Literal["many"]]):
    """Resources with their first versions and translations, all of them or none; what became of each, in their order. One whose public id is taken, by a resource or earlier in the list, is skipped, with the id of the resource that has it if the caller may see that. Sent in the order of the public ids, lists do not wait for each other in turn. What has no owner is the acting user's. Index: resources_public_id_key."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        resources: Any,
    ) -> Bound[Literal["many"], CreateResourcesRow]: ...

class CreateRun(Query[Literal["one"]]):
    """A run of a version that the user sees, for the user or for a team; one that a worker will claim brings its steps, each with its inputs. Who may create it, and of what, library.require_runner() sees to."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        version_id: UUID | str,
        team_id: UUID | str | None,
        name: str,
        is_private: bool,
        was_run_automatically: bool,
        data: Any,
        due_at: datetime | str | None,
        max_attempts: int,
        steps: Any,
    ) -> Bound[Literal["one"], ResourceRunRow]: ...

class CreateVersionRow(NamedTuple):
    id: UUID
    public_id: str
    root_id: UUID
    version_index: int
    version_label: str
    config: Any
    is_complete: bool
    is_latest: bool
    version_notes: str | None
    times_started: int
    times_completed: int
    created_at: datetime
    updated_at: datetime
    revision: int
    translations: Any | None

class CreateVersion(Query[Literal["one"]]):
    """The next version of a resource, with its translations; no row when the resource is deleted, or not to be seen. Triggers number it, make it the latest, and refuse it to others than the owner."""

    def __call__(
        self,
        *,
        resource_id: UUID | str,
        version: Any,
    ) -> Bound[Literal["one"], CreateVersionRow]: ...

class DeleteResource(Query[Literal["maybe"]]):
    """Deletes a resource so that it can be restored; no row when it is deleted already, or the revision is another. Triggers refuse it to who may not, cancel the runs of its versions, and count it in the statistics."""

    def __call__(
        self,
        *,
        id: UUID | str,
        user_id: UUID | str | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ResourceRow]: ...

class DeleteResourcesRow(NamedTuple):
    id: UUID

class DeleteResources(Query[Literal["many"]]):
    """Deletes resources, so that they can be restored; the ids of those that were not deleted before. Their runs are cancelled by library.cancel_runs(), and library.count_deletion() counts. Index: the primary key."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], DeleteResourcesRow]: ...

class DeleteTranslation(Query[Literal["one"]]):
    """Deletes the translation of a version into a language; no row when there is none, or the resource is deleted. The resource is locked first, as where a version is added. Index: resource_translations_language_key."""

    def __call__(
        self,
        *,
        version_id: UUID | str,
        language: str,
    ) -> Bound[Literal["one"], ResourceTranslationRow]: ...

class ExecuteRunRow(NamedTuple):
    run: Any
    steps: Any
    input_count: int

class ExecuteRun(Query[Literal["maybe"]]):
    """Begins a run that was never begun, with its steps, numbered from 1, and what goes into each, in one statement. No row when it was, or the revision is another; or when a worker is to run it. Counts are kept by library.count_run()."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
        steps: Any,
    ) -> Bound[Literal["maybe"], ExecuteRunRow]: ...

class ExtendRunLease(Query[Literal["maybe"]]):
    """A worker's heartbeat; no row when its lease is lost. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        lease: timedelta | str,
    ) -> Bound[Literal["maybe"], ResourceRunRow]: ...

class FailRun(Query[Literal["maybe"]]):
    """A worker could not finish the run: it has failed, or is due again, each time after twice the delay, where the worker asks for it and attempts are left. No row when the worker's lease is lost. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        error: str,
        retry: bool,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["maybe"], ResourceRunRow]: ...

class FindResourceRow(NamedTuple):
    id: UUID

class FindResource(Query[Literal["maybe"]]):
    """The id of the resource that has a public id. Index: resources_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindResourceRow]: ...

class FindVersionRow(NamedTuple):
    id: UUID

class FindVersion(Query[Literal["maybe"]]):
    """The id of the version that has a public id. Index: resource_versions_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindVersionRow]: ...

class ImportRow(NamedTuple):
    id: UUID
    created_by_id: UUID | None
    status: str
    lines: int
    done: int
    skipped: int
    failed: int
    failures: Any
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetImport(Query[Literal["one"]]):
    """An import."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ImportRow]: ...

class GetReportedRun(Query[Literal["maybe"]]):
    """The run as a report under this lease left it, for a worker that reports again because it did not get the answer. After enter_for_all_users."""

    def __call__(
        self,
        *,
        id: UUID | str,
        lease_id: UUID | str,
        statuses: Sequence[str],
    ) -> Bound[Literal["maybe"], ResourceRunRow]: ...

class GetResourceRow(NamedTuple):
    id: UUID
    public_id: str
    resource_type: str
    is_private: bool
    parent_id: UUID | None
    created_by_id: UUID | None
    owned_by_user_id: UUID | None
    owned_by_team_id: UUID | None
    has_complete_version: bool
    completed_at: datetime | None
    score: int
    bookmarks: int
    views: int
    is_deleted: bool
    deleted_at: datetime | None
    deleted_by_id: UUID | None
    created_at: datetime
    updated_at: datetime
    revision: int
    creator: Any | None
    latest_version: Any | None

class GetResource(Query[Literal["one"]]):
    """A resource that is not deleted, with who created it, and the latest version and its translations. Indexes: resource_versions_latest_key, resource_translations_language_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetResourceRow]: ...

class GetResourceState(Query[Literal["one"]]):
    """Why a change of a resource is refused: the resource, and a deleted one as well to who might restore it."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ResourceRow]: ...

class GetRunRow(NamedTuple):
    id: UUID
    version_id: UUID
    user_id: UUID
    team_id: UUID | None
    name: str
    is_private: bool
    was_run_automatically: bool
    status: str
    due_at: datetime
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    error: str | None
    started_at: datetime | None
    completed_at: datetime | None
    time_elapsed: int | None
    completed_complexity: int
    context_switches: int
    created_at: datetime
    updated_at: datetime
    revision: int
    data: Any
    version: Any | None
    user: Any
    steps: Any

class GetRun(Query[Literal["one"]]):
    """A run with all that belongs to it: its data, whose it is, the version with its resource unless that is deleted or not to be seen, and the steps by their numbers, each with what went in and what came out by their keys. Indexes: run_steps_step_key, run_io_key_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetRunRow]: ...

class ResourceRunRow(NamedTuple):
    id: UUID
    version_id: UUID
    user_id: UUID
    team_id: UUID | None
    name: str
    is_private: bool
    was_run_automatically: bool
    status: str
    due_at: datetime
    attempts: int
    max_attempts: int
    locked_by: str | None
    lease_expires_at: datetime | None
    error: str | None
    started_at: datetime | None
    completed_at: datetime | None
    time_elapsed: int | None
    completed_complexity: int
    context_switches: int
    created_at: datetime
    updated_at: datetime
    revision: int

class GetRunState(Query[Literal["one"]]):
    """A run as it is now: what a change is told that came too late."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ResourceRunRow]: ...

class ResourceRunStepRow(NamedTuple):
    id: UUID
    run_id: UUID
    step: int
    name: str
    status: str
    started_at: datetime | None
    completed_at: datetime | None
    time_elapsed: int | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetStep(Query[Literal["one"]]):
    """A step of a run as it is now. Index: run_steps_step_key."""

    def __call__(
        self,
        *,
        run_id: UUID | str,
        step: int,
    ) -> Bound[Literal["one"], ResourceRunStepRow]: ...

class GetVersionRow(NamedTuple):
    id: UUID
    public_id: str
    root_id: UUID
    version_index: int
    version_label: str
    config: Any
    is_complete: bool
    is_latest: bool
    version_notes: str | None
    times_started: int
    times_completed: int
    created_at: datetime
    updated_at: datetime
    revision: int
    translations: Any | None

class GetVersion(Query[Literal["one"]]):
    """A version of a resource that is not deleted, with its translations. Index: resource_translations_language_key."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], GetVersionRow]: ...

class ListAllRuns(Query[Literal["page"]]):
    """The runs of all users, newest first. After enter_for_all_users. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_pkey."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListAllRunsByStatus(Query[Literal["page"]]):
    """The runs of all users with one of the statuses, newest first. After enter_for_all_users. Each status, which is named once, brings at most a page of ids in the order of its index, before they are merged. The index has all that decides who sees a run: the planner takes those that are seen for few, because it cannot know that the caller sees all, and would else read and sort them. It does not know :limit; it knows the largest page. Those of resources that are deleted, or not to be seen any more, are left out. Index: runs_status."""

    def __call__(
        self,
        *,
        status: Sequence[str],
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListAllRunsOfVersion(Query[Literal["page"]]):
    """The runs of all users of a version, newest first. After enter_for_all_users. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_version."""

    def __call__(
        self,
        *,
        version_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListBookmarksRow(NamedTuple):
    id: UUID
    created_at: datetime
    resource: Any

class ListBookmarks(Query[Literal["page"]]):
    """What a user keeps, the last kept first, without what was deleted or made private since. Index: bookmarks_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ListBookmarksRow]: ...

class ListDeletedResources(Query[Literal["page"]]):
    """Deleted resources, the last deleted first. Index: resources_deleted. After enter_for_all_users."""

    def __call__(
        self,
        *,
        after_deleted_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListOwnResources(Query[Literal["page"]]):
    """A user's own resources, newest first, also private and incomplete ones. Index: resources_owned_by_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListResourcesByBookmarks(Query[Literal["page"]]):
    """Listed resources of a type, those first that most users keep. Index: resources_bookmarks."""

    def __call__(
        self,
        *,
        resource_type: str,
        after_bookmarks: int,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ResourceRow(NamedTuple):
    id: UUID
    public_id: str
    resource_type: str
    is_private: bool
    parent_id: UUID | None
    created_by_id: UUID | None
    owned_by_user_id: UUID | None
    owned_by_team_id: UUID | None
    has_complete_version: bool
    completed_at: datetime | None
    score: int
    bookmarks: int
    views: int
    is_deleted: bool
    deleted_at: datetime | None
    deleted_by_id: UUID | None
    created_at: datetime
    updated_at: datetime
    revision: int

class ListResourcesByCreation(Query[Literal["page"]]):
    """Listed resources of a type, newest first. Index: resources_type."""

    def __call__(
        self,
        *,
        resource_type: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListResourcesByScore(Query[Literal["page"]]):
    """Listed resources of a type, the best first. Index: resources_score."""

    def __call__(
        self,
        *,
        resource_type: str,
        after_score: int,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListResourcesByUpdate(Query[Literal["page"]]):
    """Listed resources of a type, the last changed first. Index: resources_updated."""

    def __call__(
        self,
        *,
        resource_type: str,
        after_updated_at: datetime | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListResourcesByViews(Query[Literal["page"]]):
    """Listed resources of a type, those first that were looked at most. Index: resources_views."""

    def __call__(
        self,
        *,
        resource_type: str,
        after_views: int,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListRuns(Query[Literal["page"]]):
    """A user's runs, newest first. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListRunsByStatus(Query[Literal["page"]]):
    """A user's runs with one of the statuses, newest first. Each status, which is named once, brings at most a page in the order of its index, before they are merged. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_user_status."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        status: Sequence[str],
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListRunsOfTeam(Query[Literal["page"]]):
    """A team's runs, newest first, for its members: for others it is empty, and soon so, although they may see single ones. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_team."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListRunsOfVersion(Query[Literal["page"]]):
    """A user's runs of a version, newest first. Those of resources that are deleted, or not to be seen any more, are left out. The planner does not know :limit, and would sort all runs; it knows the largest page. Index: runs_user_version."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        version_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRunRow]: ...

class ListTeamResources(Query[Literal["page"]]):
    """A team's resources, newest first, also incomplete ones; private ones for its members, and where the rows of all users count. Two walks, so that who may not see the private ones does not read them. Index: resources_owned_by_team."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class ListTenantsWithBacklogRow(NamedTuple):
    id: UUID

class ListTenantsWithBacklog(Query[Literal["many"]]):
    """The tenants that have runs to count as backlog. For the owner, as another role sees its own only. Indexes: runs_due, runs_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithBacklogRow]: ...

class ListTenantsWithLostRunsRow(NamedTuple):
    id: UUID

class ListTenantsWithLostRuns(Query[Literal["many"]]):
    """The tenants that have runs whose workers are gone. For the owner, as another role sees its own only. Index: runs_leased."""

    def __call__(self) -> Bound[Literal["many"], ListTenantsWithLostRunsRow]: ...

class ListTrendingResources(Query[Literal["many"]]):
    """The best of the listed resources that were created today or in the days before, by score, then bookmarks, then views. The best of each day are looked at, so it reads at most `limit` rows a day, however many were created. Index: resources_trending."""

    def __call__(
        self,
        *,
        days: int,
        limit: int,
    ) -> Bound[Literal["many"], ResourceRow]: ...

class ResourceVersionRow(NamedTuple):
    id: UUID
    public_id: str
    root_id: UUID
    version_index: int
    version_label: str
    config: Any
    is_complete: bool
    is_latest: bool
    version_notes: str | None
    times_started: int
    times_completed: int
    created_at: datetime
    updated_at: datetime
    revision: int

class ListVersions(Query[Literal["page"]]):
    """The versions of a resource that is not deleted, the latest first. Index: resource_versions_version_index_key."""

    def __call__(
        self,
        *,
        resource_id: UUID | str,
        after_version_index: int,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceVersionRow]: ...

class LockNextResourcesRow(NamedTuple):
    id: UUID
    bookmarks: int
    views: int

class LockNextResources(Query[Literal["many"]]):
    """Locks a batch of resources, in the order of their ids, for library.recount_resources in the same transaction: who is counting has committed by then, or waits, and the next statement sees what was committed. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["many"], LockNextResourcesRow]: ...

class LockResourcesRow(NamedTuple):
    id: UUID
    revision: int
    is_deleted: bool
    may_change: bool

class LockResources(Query[Literal["many"]]):
    """Locks the resources of a bulk change until its transaction ends, in the order of their ids, so that two such changes do not wait for each other in turn: an UPDATE locks in no order. Tells of each whether the caller may change it; deleted ones are only for who may restore them. Index: the primary key."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
        permission: str,
    ) -> Bound[Literal["many"], LockResourcesRow]: ...

class LockResourcesOfOwnerRow(NamedTuple):
    id: UUID
    may_change: bool

class LockResourcesOfOwner(Query[Literal["many"]]):
    """As library.lock_resources, of a user or a team: those that a filter matches. The limit is one more than a change may have, to tell when there are too many. Indexes: resources_owned_by_user, resources_owned_by_team."""

    def __call__(
        self,
        *,
        owned_by_user_id: UUID | str | None,
        owned_by_team_id: UUID | str | None,
        resource_type: str | None,
        created_before: datetime | str | None,
        is_deleted: bool,
        permission: str,
        limit: int,
    ) -> Bound[Literal["many"], LockResourcesOfOwnerRow]: ...

class LockRunCounts(Query[Literal["exec"]]):
    """Comes before what changes the runs of several users: see the function, which is called on the node that keeps the tenant's runs. After enter_for_all_users."""

    def __call__(self) -> Bound[Literal["exec"], None]: ...

class LockRuns(Query[Literal["exec"]]):
    """Comes before what deletes several resources, which cancels their runs: see the function, which is called on the node that keeps them."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["exec"], None]: ...

class MeasureBacklogRow(NamedTuple):
    kind: str
    state: str
    total: int
    oldest_at: datetime | None

class MeasureBacklog(Query[Literal["many"]]):
    """What waits in a tenant, counted up to a maximum, and since when the oldest does: runs of resources that are due for a worker, that one has, whose leases ran out. After enter_for_all_users. Indexes: runs_due, runs_leased."""

    def __call__(
        self,
        *,
        most: int,
    ) -> Bound[Literal["many"], MeasureBacklogRow]: ...

class NextRunCountsRow(NamedTuple):
    user_id: UUID
    run_status: str
    runs: int
    runs_timed: int
    run_milliseconds: int

class NextRunCounts(Query[Literal["many"]]):
    """A batch of the counts of runs, in the order of their key, for library.recount_runs in the same transaction. After library.lock_run_counts: nobody counts runs meanwhile. Index: the primary key."""

    def __call__(
        self,
        *,
        after_user: UUID | str,
        after_status: str,
        limit: int,
    ) -> Bound[Literal["many"], NextRunCountsRow]: ...

class ResourceTranslationRow(NamedTuple):
    id: UUID
    version_id: UUID
    language: str
    name: str
    description: str | None
    details: str | None
    instructions: str | None
    created_at: datetime
    updated_at: datetime
    revision: int

class PutTranslation(Query[Literal["one"]]):
    """What a version is called and how it is described in a language, anew or instead of what was there; no row when the resource is deleted, or not to be seen. The resource is locked first, as where a version is added."""

    def __call__(
        self,
        *,
        version_id: UUID | str,
        language: str,
        name: str,
        description: str | None,
        details: str | None,
        instructions: str | None,
    ) -> Bound[Literal["one"], ResourceTranslationRow]: ...

class RecountResourcesRow(NamedTuple):
    id: UUID
    counted_bookmarks: int
    counted_views: int

class RecountResources(Query[Literal["many"]]):
    """Those of some locked resources whose counts were wrong, with what they are now: library.recount() counts. What was right is not written. After library.lock_next_resources, in the same transaction, which sees the rows of all users. Indexes: the primary key, bookmarks_of_resource, the primary key of library.resource_views."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], RecountResourcesRow]: ...

class RecountRunsRow(NamedTuple):
    user_id: UUID
    run_status: str
    counted_runs: int
    counted_runs_timed: int
    counted_run_milliseconds: int

class RecountRuns(Query[Literal["many"]]):
    """Those of some counts of runs that were wrong, with what they are now: library.recount_runs() counts. What was right is not written. After library.next_run_counts, in the same transaction, which sees the rows of all users. Indexes: the primary key, runs_user_status."""

    def __call__(
        self,
        *,
        user_ids: Sequence[UUID | str],
        run_statuses: Sequence[str],
    ) -> Bound[Literal["many"], RecountRunsRow]: ...

class ReportStep(Query[Literal["maybe"]]):
    """What becomes of a step of a run that the user has in progress, and what came out of it: the same key again is replaced. Without a status the step stays as it is. No row when its status does not allow it, or the run's. Indexes: run_steps_step_key, run_io_key_key."""

    def __call__(
        self,
        *,
        run_id: UUID | str,
        step: int,
        status: str | None,
        time_elapsed: int | None,
        outputs: Any,
    ) -> Bound[Literal["maybe"], ResourceRunStepRow]: ...

class RescueRuns(Query[Literal["exec"]]):
    """Leases that ran out: their workers are gone, so the runs are due again, each time after twice the delay, as a run may be what kills its worker; or fail when they have used up their attempts. Their leases are lost for good. 100 at a time, so that no claim takes long over it; runs before every claim, after enter_for_all_users and lock_run_counts. Index: runs_leased."""

    def __call__(
        self,
        *,
        delay: timedelta | str,
        max_delay: timedelta | str,
    ) -> Bound[Literal["exec"], None]: ...

class RestoreResource(Query[Literal["maybe"]]):
    """Brings a deleted resource back; no row when it is not deleted, not for the user to restore, or the revision is another. Its runs stay cancelled."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ResourceRow]: ...

class RestoreResourcesRow(NamedTuple):
    id: UUID

class RestoreResources(Query[Literal["many"]]):
    """Restores deleted resources; the ids of those that were deleted. Runs that were cancelled stay so. Index: the primary key."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], RestoreResourcesRow]: ...

class SearchResources(Query[Literal["page"]]):
    """Listed resources that have all words of a search in the names and descriptions of their latest version, whatever the language, the best first. The type is one more word. It goes down those that have the rarest of the words, from the best, and looks up the others for each, until the page is full. A word is the rarer, the further down a thousand resources with it reach. Index: resource_words_pkey."""

    def __call__(
        self,
        *,
        q: str,
        resource_type: str | None,
        after_score: int,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

class UnbookmarkResource(Query[Literal["one"]]):
    """That a user does not keep a resource any more, or did not; no row when the user neither kept it nor sees it: it may have become private since. A trigger counts it. Index: bookmarks_resource_key."""

    def __call__(
        self,
        *,
        resource_id: UUID | str,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], BookmarkStateRow]: ...

class UpdateResource(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the resource is deleted, or the revision is another. A trigger refuses it to others than the owner, and the score to who does not manage the library."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ResourceRow]: ...

class UpdateResourcesRow(NamedTuple):
    id: UUID
    revision: int

class UpdateResources(Query[Literal["many"]]):
    """Changes many resources at once, each as its `changes` name it, and tells their new revisions, in their order. After library.lock_resources, in the same transaction: all of them are there, have the revision, and stay so. Index: the primary key."""

    def __call__(
        self,
        *,
        updates: Any,
    ) -> Bound[Literal["many"], UpdateResourcesRow]: ...

class UpdateRun(Query[Literal["maybe"]]):
    """Changes what `changes` names; with a status only if status_transitions has the change, and that of a run by a worker only to what needs no lease: who works on it loses it. No row otherwise, or when the revision is another."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ResourceRunRow]: ...

class UpdateVersionRow(NamedTuple):
    id: UUID
    public_id: str
    root_id: UUID
    version_index: int
    version_label: str
    config: Any
    is_complete: bool
    is_latest: bool
    version_notes: str | None
    times_started: int
    times_completed: int
    created_at: datetime
    updated_at: datetime
    revision: int
    translations: Any | None

class UpdateVersion(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the resource is deleted, or the revision is another. The resource is locked first, as where a version is added. Triggers refuse it to others than the owner, and keep what the resource says of it."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], UpdateVersionRow]: ...

class ViewResourceRow(NamedTuple):
    resource_id: UUID
    is_counted: bool

class ViewResource(Query[Literal["one"]]):
    """That a user looked at a resource, which counts once a day of UTC; no row when it is deleted, or not to be seen."""

    def __call__(
        self,
        *,
        resource_id: UUID | str,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], ViewResourceRow]: ...

class Library:
    advance_import: AdvanceImport
    bookmark_resource: BookmarkResource
    claim_runs: ClaimRuns
    complete_run: CompleteRun
    count_all_runs: CountAllRuns
    count_cancelled_runs: CountCancelledRuns
    count_runs: CountRuns
    create_import: CreateImport
    create_resource: CreateResource
    create_resources: CreateResources
    create_run: CreateRun
    create_version: CreateVersion
    delete_resource: DeleteResource
    delete_resources: DeleteResources
    delete_translation: DeleteTranslation
    execute_run: ExecuteRun
    extend_run_lease: ExtendRunLease
    fail_run: FailRun
    find_resource: FindResource
    find_version: FindVersion
    get_import: GetImport
    get_reported_run: GetReportedRun
    get_resource: GetResource
    get_resource_state: GetResourceState
    get_run: GetRun
    get_run_state: GetRunState
    get_step: GetStep
    get_version: GetVersion
    list_all_runs: ListAllRuns
    list_all_runs_by_status: ListAllRunsByStatus
    list_all_runs_of_version: ListAllRunsOfVersion
    list_bookmarks: ListBookmarks
    list_deleted_resources: ListDeletedResources
    list_own_resources: ListOwnResources
    list_resources_by_bookmarks: ListResourcesByBookmarks
    list_resources_by_creation: ListResourcesByCreation
    list_resources_by_score: ListResourcesByScore
    list_resources_by_update: ListResourcesByUpdate
    list_resources_by_views: ListResourcesByViews
    list_runs: ListRuns
    list_runs_by_status: ListRunsByStatus
    list_runs_of_team: ListRunsOfTeam
    list_runs_of_version: ListRunsOfVersion
    list_team_resources: ListTeamResources
    list_tenants_with_backlog: ListTenantsWithBacklog
    list_tenants_with_lost_runs: ListTenantsWithLostRuns
    list_trending_resources: ListTrendingResources
    list_versions: ListVersions
    lock_next_resources: LockNextResources
    lock_resources: LockResources
    lock_resources_of_owner: LockResourcesOfOwner
    lock_run_counts: LockRunCounts
    lock_runs: LockRuns
    measure_backlog: MeasureBacklog
    next_run_counts: NextRunCounts
    put_translation: PutTranslation
    recount_resources: RecountResources
    recount_runs: RecountRuns
    report_step: ReportStep
    rescue_runs: RescueRuns
    restore_resource: RestoreResource
    restore_resources: RestoreResources
    search_resources: SearchResources
    unbookmark_resource: UnbookmarkResource
    update_resource: UpdateResource
    update_resources: UpdateResources
    update_run: UpdateRun
    update_version: UpdateVersion
    view_resource: ViewResource
