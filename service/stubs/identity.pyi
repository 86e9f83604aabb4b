"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

class AddMembers(Query[Literal["many"]]):
    """Adds members to a team, those who are not there yet; nobody if one of them is not known, or the caller sees no such team. Triggers hold it to who may, count the members and let them take part in the chat."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        user_ids: Sequence[UUID | str],
        is_admin: bool,
        permissions: Sequence[str],
    ) -> Bound[Literal["many"], MemberRow]: ...

class AuthenticateKeyRow(NamedTuple):
    id: UUID
    family_id: UUID
    secret_hash: bytes
    scopes: list[str]
    is_valid: bool
    seconds_left: float | None
    is_suspended: bool
    is_freshly_used: bool
    user_id: UUID | None
    user_role: str | None
    is_user_freshly_active: bool

class AuthenticateKey(Query[Literal["maybe"]]):
    """The API key behind a credential and, if the service acts for a user, that user if active. The tenant is the one that the credential claims; the secret's hash proves it. Indexes: api_keys_prefix_key, tenants_pkey, users_pkey, users_email_key."""

    def __call__(
        self,
        *,
        prefix: str,
        acting_user_id: UUID | str | None,
        acting_user_email: str | None,
    ) -> Bound[Literal["maybe"], AuthenticateKeyRow]: ...

class AuthenticateUserRow(NamedTuple):
    id: UUID
    role: str
    is_suspended: bool
    is_freshly_active: bool

class AuthenticateUser(Query[Literal["maybe"]]):
    """The active user behind an OIDC token."""

    def __call__(
        self,
        *,
        auth_provider: str,
        auth_subject: str,
    ) -> Bound[Literal["maybe"], AuthenticateUserRow]: ...

class CreateApiKey(Query[Literal["one"]]):
    """An API key for a service."""

    def __call__(
        self,
        *,
        name: str,
        prefix: str,
        secret_hash: bytes,
        scopes: Sequence[str],
        expires_at: datetime | str | None,
    ) -> Bound[Literal["one"], ApiKeyRow]: ...

class CreateTeamRow(NamedTuple):
    team: Any
    chat: Any
    member_count: int

class CreateTeam(Query[Literal["maybe"]]):
    """A team with its creator as admin, its first members and their chat; no row if one of the members is not known. Triggers count the members, also in the statistics. All of them take part in the chat. Whoever is named several times is one member. The chat waits for the members, for only they may write one."""

    def __call__(
        self,
        *,
        created_by_id: UUID | str | None,
        user_ids: Sequence[UUID | str],
        name: str,
        handle: str | None,
        description: str | None,
        is_private: bool,
        is_open_to_new_members: bool,
        languages: Sequence[str],
        config: Any,
        parent_id: UUID | str | None,
        admin_permissions: Sequence[str],
        member_permissions: Sequence[str],
        chat_config: Any,
    ) -> Bound[Literal["maybe"], CreateTeamRow]: ...

class CreateTenantRow(NamedTuple):
    id: UUID
    name: str
    decision_role: str
    self_approval: bool
    toxicity_threshold: float
    overtaken_replies: str
    created_at: datetime
    updated_at: datetime
    revision: int
    admin_id: UUID

class CreateTenant(Query[Literal["maybe"]]):
    """A tenant with its first administrator and API key, so that somebody can go on from there; no row if the tenant is there, or another transaction makes it at the same time."""

    def __call__(
        self,
        *,
        name: str,
        admin_email: str,
        admin_display_name: str,
        admin_auth_provider: str | None,
        admin_auth_subject: str | None,
        key_prefix: str,
        key_secret_hash: bytes,
        key_scopes: Sequence[str],
    ) -> Bound[Literal["maybe"], CreateTenantRow]: ...

class CreateUser(Query[Literal["one"]]):
    """A user of the tenant."""

    def __call__(
        self,
        *,
        email: str,
        display_name: str,
        role: str,
        handle: str | None,
        is_bot: bool,
        is_private: bool,
        languages: Sequence[str],
        auth_provider: str | None,
        auth_subject: str | None,
    ) -> Bound[Literal["one"], UserRow]: ...

class DeleteTeam(Query[Literal["maybe"]]):
    """Deletes a team with its members, chats and statistics; no row when the caller sees no such team, or the revision is another. A trigger holds it to admins, and foreign keys to teams without others below them and without resources."""

    def __call__(
        self,
        *,
        id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], TeamRow]: ...

class EnterTeams(Query[Literal["exec"]]):
    """Says in which teams the user is who acts, until the transaction ends: row-level security compares them. Read with each transaction, so that a membership counts, and no longer counts, from its commit on. Index: team_members_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
    ) -> Bound[Literal["exec"], None]: ...

class FindChatRow(NamedTuple):
    id: UUID

class FindChat(Query[Literal["maybe"]]):
    """The id of the chat that has a public id. Index: chats_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindChatRow]: ...

class FindTeamRow(NamedTuple):
    id: UUID

class FindTeam(Query[Literal["maybe"]]):
    """The id of the team that has a public id. Index: teams_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindTeamRow]: ...

class FindUserRow(NamedTuple):
    id: UUID

class FindUser(Query[Literal["maybe"]]):
    """The id of the user that has a public id. Index: users_public_id_key."""

    def __call__(
        self,
        *,
        public_id: str,
    ) -> Bound[Literal["maybe"], FindUserRow]: ...

class ApiKeyRow(NamedTuple):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

class GetApiKey(Query[Literal["one"]]):
    """One API key; never its hash."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ApiKeyRow]: ...

class ChatRow(NamedTuple):
    id: UUID
    public_id: str
    team_id: UUID
    created_by_id: UUID | None
    is_private: bool
    open_to_anyone_with_invite: bool
    config: Any
    created_at: datetime
    updated_at: datetime
    revision: int

class GetChat(Query[Literal["one"]]):
    """One chat, if the caller may see its team."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], ChatRow]: ...

class GetCreatedTenantRow(NamedTuple):
    id: UUID
    name: str
    decision_role: str
    self_approval: bool
    toxicity_threshold: float
    overtaken_replies: str
    created_at: datetime
    updated_at: datetime
    revision: int
    admin_id: UUID | None

class GetCreatedTenant(Query[Literal["one"]]):
    """The tenant with its first user, who came with it as its administrator."""

    def __call__(self) -> Bound[Literal["one"], GetCreatedTenantRow]: ...

class MemberRow(NamedTuple):
    id: UUID
    team_id: UUID
    user_id: UUID
    user_public_id: str
    display_name: str
    handle: str | None
    is_admin: bool
    permissions: list[str]
    created_at: datetime
    updated_at: datetime
    revision: int

class GetMember(Query[Literal["one"]]):
    """One member of a team."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        user_id: UUID | str,
    ) -> Bound[Literal["one"], MemberRow]: ...

class GetSuspensionRow(NamedTuple):
    name: str
    created_at: datetime
    suspended_at: datetime | None

class GetSuspension(Query[Literal["one"]]):
    """The name of a tenant, and since when it is suspended."""

    def __call__(self) -> Bound[Literal["one"], GetSuspensionRow]: ...

class TeamRow(NamedTuple):
    id: UUID
    public_id: str
    name: str
    handle: str | None
    description: str | None
    is_private: bool
    is_open_to_new_members: bool
    languages: list[str]
    config: Any
    parent_id: UUID | None
    created_by_id: UUID | None
    member_count: int
    admin_count: int
    created_at: datetime
    updated_at: datetime
    revision: int

class GetTeam(Query[Literal["one"]]):
    """One team, if the caller may see it."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], TeamRow]: ...

class TenantRow(NamedTuple):
    id: UUID
    name: str
    decision_role: str
    self_approval: bool
    toxicity_threshold: float
    overtaken_replies: str
    created_at: datetime
    updated_at: datetime
    revision: int

class GetTenant(Query[Literal["one"]]):
    """The caller's own tenant."""

    def __call__(self) -> Bound[Literal["one"], TenantRow]: ...

class UserRow(NamedTuple):
    id: UUID
    public_id: str
    email: str
    display_name: str
    handle: str | None
    role: str
    is_bot: bool
    is_private: bool
    languages: list[str]
    auth_provider: str | None
    auth_subject: str | None
    disabled_at: datetime | None
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int

class GetUser(Query[Literal["one"]]):
    """One user."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["one"], UserRow]: ...

class ListActiveTenantIdsRow(NamedTuple):
    id: UUID

class ListActiveTenantIds(Query[Literal["many"]]):
    """The tenants that are not suspended, for the worker's tasks; for the owner, as another role sees its own only."""

    def __call__(self) -> Bound[Literal["many"], ListActiveTenantIdsRow]: ...

class ListApiKeys(Query[Literal["page"]]):
    """API keys of a tenant, newest first; never their hashes. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ApiKeyRow]: ...

class ListChats(Query[Literal["page"]]):
    """The chats of a team, newest first. Index: chats_team_key."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ChatRow]: ...

class ListMembers(Query[Literal["page"]]):
    """The members of a team, by user: who has been here longest first. Index: team_members_member_key."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        after_user_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], MemberRow]: ...

class ParticipantRow(NamedTuple):
    id: UUID
    chat_id: UUID
    user_id: UUID
    user_public_id: str
    display_name: str
    handle: str | None
    has_unread: bool
    created_at: datetime
    updated_at: datetime
    revision: int

class ListParticipants(Query[Literal["page"]]):
    """Who takes part in a chat, by user: who has been here longest first. Index: chat_participants_participant_key."""

    def __call__(
        self,
        *,
        chat_id: UUID | str,
        after_user_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ParticipantRow]: ...

class TeamStatisticsRow(NamedTuple):
    period_type: str
    period_start: datetime
    period_end: datetime
    members_created: int
    runs_started: int
    runs_completed: int
    run_milliseconds: int
    runs_timed: int
    resources_deleted: int

class ListTeamStats(Query[Literal["page"]]):
    """What was counted of a team in the periods of a type that began in a range of time, its end not in it; the latest first. Index: the primary key."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        period_type: str,
        since: datetime | str,
        until: datetime | str,
        after_period_start: datetime | str,
        limit: int,
    ) -> Bound[Literal["page"], TeamStatisticsRow]: ...

class ListTeams(Query[Literal["page"]]):
    """Teams that the caller may see, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TeamRow]: ...

class ListTeamsBelow(Query[Literal["page"]]):
    """The teams right below one, newest first. Index: teams_parent."""

    def __call__(
        self,
        *,
        parent_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TeamRow]: ...

class ListTeamsByHandle(Query[Literal["page"]]):
    """The team that has a handle, in upper or lower case: a list, of one at most. Index: teams_handle_key."""

    def __call__(
        self,
        *,
        handle: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TeamRow]: ...

class TeamOfUserRow(NamedTuple):
    id: UUID
    team_id: UUID
    team_public_id: str
    name: str
    handle: str | None
    is_private: bool
    member_count: int
    is_admin: bool
    permissions: list[str]
    created_at: datetime

class ListTeamsOfUser(Query[Literal["page"]]):
    """The teams that a user is in, the newest membership first: of private teams those that the caller is in as well. Index: team_members_user."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], TeamOfUserRow]: ...

class ListTenantIdsRow(NamedTuple):
    id: UUID

class ListTenantIds(Query[Literal["many"]]):
    """All tenants, for a command that the owner runs on each; another role sees its own only."""

    def __call__(self) -> Bound[Literal["many"], ListTenantIdsRow]: ...

class ListUnknownUsersRow(NamedTuple):
    id: UUID

class ListUnknownUsers(Query[Literal["many"]]):
    """Of a list of ids those that no user has: why a statement did nothing."""

    def __call__(
        self,
        *,
        user_ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], ListUnknownUsersRow]: ...

class UserStatisticsRow(NamedTuple):
    period_type: str
    period_start: datetime
    period_end: datetime
    runs_started: int
    runs_completed: int
    run_milliseconds: int
    runs_timed: int
    resources_deleted: int

class ListUserStats(Query[Literal["page"]]):
    """What was counted of a user in the periods of a type that began in a range of time, its end not in it; the latest first. Index: the primary key."""

    def __call__(
        self,
        *,
        user_id: UUID | str,
        period_type: str,
        since: datetime | str,
        until: datetime | str,
        after_period_start: datetime | str,
        limit: int,
    ) -> Bound[Literal["page"], UserStatisticsRow]: ...

class ListUsers(Query[Literal["page"]]):
    """Users of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], UserRow]: ...

class ListUsersByEmail(Query[Literal["page"]]):
    """The user who has an address, in upper or lower case: a list, of one at most. Index: users_email_key."""

    def __call__(
        self,
        *,
        email: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], UserRow]: ...

class ListUsersByHandle(Query[Literal["page"]]):
    """The user who has a handle, in upper or lower case: a list, of one at most. Index: users_handle_key."""

    def __call__(
        self,
        *,
        handle: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], UserRow]: ...

class LockNextTeamsRow(NamedTuple):
    id: UUID
    member_count: int
    admin_count: int

class LockNextTeams(Query[Literal["many"]]):
    """Locks a batch of teams, in the order of their ids, for identity.recount_teams in the same transaction: who is counting has committed by then, or waits, and the next statement sees what was committed. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["many"], LockNextTeamsRow]: ...

class MarkChat(Query[Literal["maybe"]]):
    """Says whether a participant has something unread in a chat; no row when the user does not take part in it."""

    def __call__(
        self,
        *,
        chat_id: UUID | str,
        user_id: UUID | str,
        has_unread: bool,
    ) -> Bound[Literal["maybe"], ParticipantRow]: ...

class NewTenantIdRow(NamedTuple):
    id: UUID

class NewTenantId(Query[Literal["one"]]):
    """The id of a tenant about to be made: row-level security lets it be inserted only by a transaction in it."""

    def __call__(self) -> Bound[Literal["one"], NewTenantIdRow]: ...

class NoteKeyUse(Query[Literal["rowcount"]]):
    """Dates the last use of an API key; the service asks once a minute at most."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["rowcount"], None]: ...

class NoteUserActivity(Query[Literal["rowcount"]]):
    """Dates when a user was last seen; the service asks once a minute at most."""

    def __call__(
        self,
        *,
        id: UUID | str,
    ) -> Bound[Literal["rowcount"], None]: ...

class RecountTeamsRow(NamedTuple):
    id: UUID
    counted_member_count: int
    counted_admin_count: int

class RecountTeams(Query[Literal["many"]]):
    """Those of some locked teams whose counts were wrong, with what they are now: identity.recount_members() counts. What was right is not written. After identity.lock_next_teams, in the same transaction, which sees the rows of all users. Index: the unique key of a team's members."""

    def __call__(
        self,
        *,
        ids: Sequence[UUID | str],
    ) -> Bound[Literal["many"], RecountTeamsRow]: ...

class RemoveMember(Query[Literal["maybe"]]):
    """Removes a member from a team, and so from its chats; no row when there is no such member, or the revision is another. Triggers hold it to admins and to the members themselves, and keep the last admin."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        user_id: UUID | str,
        revision: int | None,
    ) -> Bound[Literal["maybe"], MemberRow]: ...

class RevokeApiKey(Query[Literal["maybe"]]):
    """Ends an API key at once; no row when there is none, it was revoked before, or, unless forced, it is the last credential of the tenant that can make another: no other valid key can, and no administrator can sign in."""

    def __call__(
        self,
        *,
        id: UUID | str,
        force: bool,
        scope: str,
    ) -> Bound[Literal["maybe"], ApiKeyRow]: ...

class RotateApiKey(Query[Literal["maybe"]]):
    """A new key of the same family in place of an old one, which ends after the grace period; no row when the old one has ended already."""

    def __call__(
        self,
        *,
        id: UUID | str,
        grace: timedelta | str,
        prefix: str,
        secret_hash: bytes,
    ) -> Bound[Literal["maybe"], ApiKeyRow]: ...

class PersonRow(NamedTuple):
    id: UUID
    public_id: str
    display_name: str
    handle: str | None
    is_bot: bool
    languages: list[str]
    created_at: datetime

class SearchPeople(Query[Literal["page"]]):
    """People in whose names words begin as those of a search do, newest first; not private ones, nor those who are disabled. It goes back through those who have the rarest of the words and looks up the others for each, until the page is full. A word is the rarer, the further back a thousand people with it reach. Index: user_words_pkey."""

    def __call__(
        self,
        *,
        q: str,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], PersonRow]: ...

class SuspendTenant(Query[Literal["rowcount"]]):
    """Suspends a tenant, or lets it go on; nothing changes when it is so already."""

    def __call__(
        self,
        *,
        suspended: bool,
    ) -> Bound[Literal["rowcount"], None]: ...

class UpdateMember(Query[Literal["maybe"]]):
    """Promotes or demotes a member, or changes the permissions; no row when there is no such member, or the revision is another. Triggers hold it to admins, and keep the last one of them."""

    def __call__(
        self,
        *,
        team_id: UUID | str,
        user_id: UUID | str,
        is_admin: bool | None,
        permissions: Sequence[str] | None,
        revision: int | None,
    ) -> Bound[Literal["maybe"], MemberRow]: ...

class UpdateTeam(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the caller sees no such team, or the revision is another. A trigger holds it to who may."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], TeamRow]: ...

class UpdateTenant(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when the revision is another."""

    def __call__(
        self,
        *,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], TenantRow]: ...

class UpdateUser(Query[Literal["maybe"]]):
    """Changes what `changes` names; no row when there is no such user, or the revision is another. The time since which a user is disabled stays when it is disabled again."""

    def __call__(
        self,
        *,
        id: UUID | str,
        changes: Any,
        revision: int | None,
    ) -> Bound[Literal["maybe"], UserRow]: ...

class Identity:
    add_members: AddMembers
    authenticate_key: AuthenticateKey
    authenticate_user: AuthenticateUser
    create_api_key: CreateApiKey
    create_team: CreateTeam
    create_tenant: CreateTenant
    create_user: CreateUser
    delete_team: DeleteTeam
    enter_teams: EnterTeams
    find_chat: FindChat
    find_team: FindTeam
    find_user: FindUser
    get_api_key: GetApiKey
    get_chat: GetChat
    get_created_tenant: GetCreatedTenant
    get_member: GetMember
    get_suspension: GetSuspension
    get_team: GetTeam
    get_tenant: GetTenant
    get_user: GetUser
    list_active_tenant_ids: ListActiveTenantIds
    list_api_keys: ListApiKeys
    list_chats: ListChats
    list_members: ListMembers
    list_participants: ListParticipants
    list_team_stats: ListTeamStats
    list_teams: ListTeams
    list_teams_below: ListTeamsBelow
    list_teams_by_handle: ListTeamsByHandle
    list_teams_of_user: ListTeamsOfUser
    list_tenant_ids: ListTenantIds
    list_unknown_users: ListUnknownUsers
    list_user_stats: ListUserStats
    list_users: ListUsers
    list_users_by_email: ListUsersByEmail
    list_users_by_handle: ListUsersByHandle
    lock_next_teams: LockNextTeams
    mark_chat: MarkChat
    new_tenant_id: NewTenantId
    note_key_use: NoteKeyUse
    note_user_activity: NoteUserActivity
    recount_teams: RecountTeams
    remove_member: RemoveMember
    revoke_api_key: RevokeApiKey
    rotate_api_key: RotateApiKey
    search_people: SearchPeople
    suspend_tenant: SuspendTenant
    update_member: UpdateMember
    update_team: UpdateTeam
    update_tenant: UpdateTenant
    update_user: UpdateUser
