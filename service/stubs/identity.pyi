"""Written by `make sql` from sql/ and the schema; edit those."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.queries import Bound, Query

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

class AuthenticateKey(Query[Literal["maybe"]]):
    """The API key behind a credential and, if the service acts for a user, that user if active. The tenant is the one that the credential claims; the secret's hash proves it. Indexes: api_keys_prefix_key, tenants_pkey, users_pkey."""

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
        auth_provider: str | None,
        auth_subject: str | None,
    ) -> Bound[Literal["one"], UserRow]: ...

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

class GetSuspensionRow(NamedTuple):
    name: str
    created_at: datetime
    suspended_at: datetime | None

class GetSuspension(Query[Literal["one"]]):
    """The name of a tenant, and since when it is suspended."""

    def __call__(self) -> Bound[Literal["one"], GetSuspensionRow]: ...

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
    email: str
    display_name: str
    role: str
    auth_provider: str | None
    auth_subject: str | None
    disabled_at: datetime | None
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

class ListApiKeys(Query[Literal["page"]]):
    """API keys of a tenant, newest first; never their hashes. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], ApiKeyRow]: ...

class ListTenantIdsRow(NamedTuple):
    id: UUID

class ListTenantIds(Query[Literal["many"]]):
    """All tenants, for a command that the owner runs on each; another role sees its own only."""

    def __call__(self) -> Bound[Literal["many"], ListTenantIdsRow]: ...

class ListUsers(Query[Literal["page"]]):
    """Users of a tenant, newest first. Index: the primary key."""

    def __call__(
        self,
        *,
        after_id: UUID | str,
        limit: int,
    ) -> Bound[Literal["page"], UserRow]: ...

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

class RevokeApiKey(Query[Literal["maybe"]]):
    """Ends an API key at once; no row when there is none, it was revoked before, or, unless forced, it is the last credential of the tenant that can make another: no other valid key can, and no administrator can sign in."""

    def __call__(
        self,
        *,
        id: UUID | str,
        force: bool,
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

class SuspendTenant(Query[Literal["rowcount"]]):
    """Suspends a tenant, or lets it go on; nothing changes when it is so already."""

    def __call__(
        self,
        *,
        suspended: bool,
    ) -> Bound[Literal["rowcount"], None]: ...

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
    authenticate_key: AuthenticateKey
    authenticate_user: AuthenticateUser
    create_api_key: CreateApiKey
    create_tenant: CreateTenant
    create_user: CreateUser
    get_api_key: GetApiKey
    get_created_tenant: GetCreatedTenant
    get_suspension: GetSuspension
    get_tenant: GetTenant
    get_user: GetUser
    list_api_keys: ListApiKeys
    list_tenant_ids: ListTenantIds
    list_users: ListUsers
    new_tenant_id: NewTenantId
    note_key_use: NoteKeyUse
    revoke_api_key: RevokeApiKey
    rotate_api_key: RotateApiKey
    suspend_tenant: SuspendTenant
    update_tenant: UpdateTenant
    update_user: UpdateUser
