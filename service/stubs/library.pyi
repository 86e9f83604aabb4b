"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

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

class CreateResourceRow(NamedTuple):
    id: UUID
    public_id: str
    resource_type: str
    is_private: bool
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

class DeleteTranslation(Query[Literal["one"]]):
    """Deletes the translation of a version into a language; no row when there is none, or the resource is deleted. The resource is locked first, as where a version is added. Index: resource_translations_language_key."""

    def __call__(
        self,
        *,
        version_id: UUID | str,
        language: str,
    ) -> Bound[Literal["one"], ResourceTranslationRow]: ...

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

class GetResourceRow(NamedTuple):
    id: UUID
    public_id: str
    resource_type: str
    is_private: bool
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

class ListTeamResources(Query[Literal["page"]]):
    """A team's resources, newest first, also incomplete ones; private ones for its members, and where the rows of all users count. Two walks, so that who may not see the private ones does not read them. Index: resources_owned_by_team."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ResourceRow]: ...

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

class RestoreResource(Query[Literal["maybe"]]):
    """Brings a deleted resource back; no row when it is not deleted, not for the user to restore, or the revision is another. Its runs stay cancelled."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], ResourceRow]: ...

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
    """That a user does not keep a resource any more, or did not; no row when it is not to be seen. A trigger counts it. Index: bookmarks_resource_key."""

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
    bookmark_resource: BookmarkResource
    create_resource: CreateResource
    create_version: CreateVersion
    delete_resource: DeleteResource
    delete_translation: DeleteTranslation
    find_resource: FindResource
    find_version: FindVersion
    get_resource: GetResource
    get_resource_state: GetResourceState
    get_version: GetVersion
    list_bookmarks: ListBookmarks
    list_deleted_resources: ListDeletedResources
    list_own_resources: ListOwnResources
    list_resources_by_bookmarks: ListResourcesByBookmarks
    list_resources_by_creation: ListResourcesByCreation
    list_resources_by_score: ListResourcesByScore
    list_resources_by_update: ListResourcesByUpdate
    list_resources_by_views: ListResourcesByViews
    list_team_resources: ListTeamResources
    list_trending_resources: ListTrendingResources
    list_versions: ListVersions
    put_translation: PutTranslation
    restore_resource: RestoreResource
    search_resources: SearchResources
    unbookmark_resource: UnbookmarkResource
    update_resource: UpdateResource
    update_version: UpdateVersion
    view_resource: ViewResource
