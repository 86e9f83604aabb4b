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

class CountCancelledRunsRow(NamedTuple):
    runs: int

class CountCancelledRuns(Query[Literal["one"]]):
    """How many runs of resources this transaction cancelled, as it deleted them: a run is over at the time of the transaction that ends it. It sees the rows of all users. Indexes: resource_versions_version_index_key, runs_version."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["one"], CountCancelledRunsRow]: ...

class CreateImport(Query[Literal["one"]]):
    """Begins an import, of which no line is dealt with."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
    ) -> Bound[Literal["one"], ImportRow]: ...

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

class DeleteResourcesRow(NamedTuple):
    id: UUID

class DeleteResources(Query[Literal["many"]]):
    """Deletes resources, so that they can be restored; the ids of those that were not deleted before. Their runs are cancelled by library.cancel_runs(), and library.count_deletions() counts. Index: the primary key."""

    def __call__(
        self,
        *,
        user_id: UUID | str | None,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], DeleteResourcesRow]: ...

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
    """Locks the resources of a bulk change until its transaction ends, in the order of their ids, so that two such changes do not wait for each other in turn: an UPDATE locks in no order. Tells of each whether the caller may change it. Index: the primary key."""

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

class RestoreResourcesRow(NamedTuple):
    id: UUID

class RestoreResources(Query[Literal["many"]]):
    """Restores deleted resources; the ids of those that were deleted. Runs that were cancelled stay so. Index: the primary key."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], RestoreResourcesRow]: ...

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

class Library:
    advance_import: AdvanceImport
    count_cancelled_runs: CountCancelledRuns
    create_import: CreateImport
    create_resources: CreateResources
    delete_resources: DeleteResources
    find_resource: FindResource
    find_version: FindVersion
    get_import: GetImport
    lock_next_resources: LockNextResources
    lock_resources: LockResources
    lock_resources_of_owner: LockResourcesOfOwner
    recount_resources: RecountResources
    restore_resources: RestoreResources
    update_resources: UpdateResources
