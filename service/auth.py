"""Who calls: the API key of a service or the OIDC token of a user, and what that allows.

The tenant, the user and the role come from the credential, never from the request. An operation asks for one
scope. A key has the scopes that it was given; a user has those of the role; a key that acts for a user has what
both have. Who was found is remembered for some seconds (`service/caller_cache.py`).
"""

import ipaddress
import re
import time
from dataclasses import replace
from functools import lru_cache

from flask import Request, request

from service import errors, positions
from service.caller import Caller
from service.caller_cache import Seconds
from service.oidc import LEEWAY
from service.queries import queries
from service.secrets import ApiKey
from service.state import state
from service.telemetry import CALLER, REQUEST_ID

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# The database holds a key's scopes to their shape only.
SCOPES = {
    "tenants:create": "Create tenants, each with a first administrator and key",
    "tenants:bill": "Record what tenants pay for, as the billing provider tells it",
    "identity:read": "Read the tenant, its users and API keys",
    "identity:write": "Change the tenant, its users and API keys",
    "people:erase": "Export and erase what is kept of customers",
    "users:act": "Act for a user of the tenant with the header Draftroom-User",
    "teams:read": "Read public teams and one's own: their members, chats and statistics; search people",
    "teams:write": "Create teams, change one's own and their members",
    "teams:manage": "See and change all teams, for a service that acts for nobody",
    "intake:write": "Deliver messages from channels",
    "inbox:read": "Read channels, conversations, messages and attachments",
    "inbox:write": "Change channels, conversations and attachments",
    "drafts:read": "Read drafts, decisions and deliveries",
    "drafts:write": "Post drafts",
    "drafts:decide": "Decide on drafts and on what happens to approved replies",
    "drafts:deliver": "Claim replies that are due and report what became of them",
    "drafts:export": "Read and export learning samples",
    "jobs:read": "Read jobs",
    "jobs:write": "Enqueue, cancel and retry jobs",
    "jobs:manage": "Set limits of jobs, and pause them",
    "jobs:work": "Claim jobs and report what became of them",
    "events:read": "Read the event log",
    "usage:read": "Read how often and how fast the API answered, and whom",
    "notifications:read": "Read notifications",
    "notifications:write": "Mark notifications as read, mute types of them",
    "notifications:post": "Notify users, or everyone",
    "sources:read": "Read source documents",
    "sources:write": "Record source documents",
    "prompts:read": "Read prompts and their history",
    "prompts:write": "Write and activate prompts",
    "models:read": "Read model runs and costs",
    "models:write": "Record model runs",
    "quota:read": "Read the quota and its use",
    "quota:use": "Reserve, release and count reads",
    "quota:write": "Set the quota's limits",
    "tweets:read": "Read tweets",
    "tweets:write": "Take in, classify and change tweets",
    "episodes:read": "Read episodes and their ingestion",
    "episodes:write": "Create episodes and change their ingestion",
    "runs:read": "Read one's own pipeline runs and opportunity cards",
    "runs:write": "Create and change one's own pipeline runs, star cards",
    "runs:work": "Claim the pipeline runs of all users and report what became of them",
    "studio:read": "Read generations, concepts, videos, accounts, posts, what was learned, and the subscription",
    "studio:write": "Record generations and what was learned, ask for videos, change concepts, accounts and posts",
    "studio:post": "Claim posts that are due, with their accounts' tokens, and report what became of them",
    "library:read": "Read public resources, one's own and those of one's teams, and their runs",
    "library:write": "Create and change one's own resources and those of one's teams, run and bookmark any",
    "library:work": "Claim the runs of all users and report what became of them",
    "library:manage": "See, change, delete and restore the resources of all users, deleted ones included",
    "webhooks:read": "Read webhook endpoints and what became of their deliveries",
    "webhooks:write": "Add and change webhook endpoints, which are sent the event log",
    "metrics:read": "Read system metrics and alerts",
    "metrics:write": "Record system metrics",
    "catalogue:read": "See the catalogue: queries, plans, tables and how they do",
    "catalogue:try": "Try queries in the catalogue on the tenant's data, secrets' hashes included",
}
# Of the areas whose rows may be for a team only: their transactions are told the user's teams.
WITH_TEAMS = ("teams:", "library:")
_viewer = frozenset(
    "identity:read inbox:read drafts:read jobs:read sources:read prompts:read models:read quota:read"
    " tweets:read episodes:read runs:read studio:read teams:read library:read"
    " notifications:read notifications:write metrics:read".split()
)
_agent = _viewer | set(
    "inbox:write drafts:write drafts:decide drafts:export tweets:write episodes:write runs:write"
    " studio:write teams:write library:write".split()
)
# What no user has, but an administrator may give to a service: it leads to the rights or the rows of other users,
# or to the tokens of social accounts.
FOR_SERVICES = frozenset({"users:act", "runs:work", "studio:post", "library:work", "teams:manage"})
# What no tenant's key has: it leads to other tenants.
FOR_THE_PLATFORM = frozenset({"tenants:create", "tenants:bill"})
SCOPES_OF_ROLE = {
    "viewer": _viewer,
    "agent": _agent,
    "approver": _agent,
    "admin": SCOPES.keys() - FOR_THE_PLATFORM - FOR_SERVICES,
}


def caller() -> Caller:
    """Whose request this is."""
    who: Caller = request.environ[CALLER]
    return who


def authenticate(request: Request) -> Caller:
    """The caller of a request; raises UNAUTHENTICATED, or UNAVAILABLE when nobody can tell."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return identify(credential.strip() if scheme.lower() == "bearer" else "", request)


def identify(credential: str, request: Request) -> Caller:
    """The caller with this API key or OIDC token, however the request carried it; raises as `authenticate`."""
    request_id, ip = request.environ[REQUEST_ID], address(request.remote_addr)
    position = positions.sent(request)
    is_key = credential.startswith("dr_")
    acting_user = _text_of(request, "Draftroom-User") if is_key else None

    def look_up() -> tuple[Caller, Seconds]:
        anonymous = Caller(tenant_id="", actor="nobody", request_id=request_id, ip=ip)
        with state().rate_limits.attempt(ip):
            if not credential:
                raise errors.unauthenticated(
                    "send Authorization: Bearer with an API key or an OIDC token"
                )
            if is_key:
                return _service(credential, acting_user, anonymous)
            return _user(credential, anonymous)

    who = state().callers.find(credential, acting_user, look_up)
    return replace(who, request_id=request_id, ip=ip, position=position)


def _text_of(request: Request, header: str) -> str | None:
    """A header's text, which WSGI hands on as Latin-1; raises VALIDATION if it is not UTF-8."""
    value = request.headers.get(header)
    if value is None or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise errors.invalid({header: ["is not UTF-8"]}) from None


def _service(credential: str, acting_user: str | None, caller: Caller) -> tuple[Caller, Seconds]:
    key = ApiKey.parse(credential)
    if key is None:
        raise errors.unauthenticated("the API key is not valid")
    caller = replace(caller, tenant_id=key.tenant_id)
    row = (
        state()
        .database.session(caller)
        .maybe_row(
            queries.identity.authenticate_key(
                prefix=key.prefix,
                acting_user_id=acting_user if acting_user and UUID.fullmatch(acting_user) else None,
                acting_user_email=acting_user if acting_user and "@" in acting_user else None,
            ),
        )
    )
    if row is None or not state().secrets.matches(key, row.secret_hash):
        raise errors.unauthenticated("the API key is not valid")
    if not row.is_valid:
        raise errors.unauthenticated("the API key has expired or was revoked")
    if row.is_suspended:
        raise errors.forbidden("the tenant is suspended")
    caller = replace(
        caller,
        actor=f"key:{row.id}",
        key_id=str(row.id),
        key_family=str(row.family_id),
        scopes=frozenset(row.scopes),
    )
    if not row.is_freshly_used:
        state().database.session(caller).execute(queries.identity.note_key_use(id=row.id))
    if acting_user is None:
        return caller, row.seconds_left
    if "users:act" not in row.scopes:
        raise errors.forbidden("the API key lacks the scope users:act")
    if row.user_id is None or row.user_role is None:
        raise errors.forbidden("Draftroom-User is not an active user of the tenant")
    if not row.is_user_freshly_active:
        state().database.session(caller).execute(
            queries.identity.note_user_activity(id=row.user_id)
        )
    caller = replace(
        caller,
        actor=f"user:{row.user_id}",
        user_id=str(row.user_id),
        role=row.user_role,
        scopes=caller.scopes & SCOPES_OF_ROLE[row.user_role],
    )
    return caller, row.seconds_left


def _user(token: str, caller: Caller) -> tuple[Caller, Seconds]:
    issuer, tenant_claim = state().issuer, state().settings.oidc_tenant_claim
    if issuer is None:
        raise errors.unauthenticated("the credential is not an API key, and no OIDC issuer is set")
    claims = issuer.claims(token)
    tenant_id = claims.get(tenant_claim)
    if not isinstance(tenant_id, str) or not UUID.fullmatch(tenant_id):
        raise errors.unauthenticated(f"the token's claim {tenant_claim} is not the id of a tenant")
    # As the database spells it: what is encrypted, counted or remembered for a tenant is so by this text.
    caller = replace(caller, tenant_id=tenant_id.lower())
    user = (
        state()
        .database.session(caller)
        .maybe_row(
            queries.identity.authenticate_user(
                auth_provider=claims["iss"], auth_subject=claims["sub"]
            ),
        )
    )
    if user is None:
        raise errors.unauthenticated("the token's subject is not an active user of the tenant")
    if user.is_suspended:
        raise errors.forbidden("the tenant is suspended")
    if not user.is_freshly_active:
        state().database.session(caller).execute(queries.identity.note_user_activity(id=user.id))
    caller = replace(
        caller,
        actor=f"user:{user.id}",
        user_id=str(user.id),
        role=user.role,
        scopes=frozenset(SCOPES_OF_ROLE[user.role]),
    )
    return caller, int(claims["exp"]) + LEEWAY - time.time()


@lru_cache(1024)
def address(told: str | None) -> str | None:
    """The client's address; None when a proxy named something else."""
    try:
        found = ipaddress.ip_address(told or "")
    except ValueError:
        return None
    # As a socket of IPv6 shows an IPv4 client: all of those would be in one network.
    return str(getattr(found, "ipv4_mapped", None) or found)


def require(caller: Caller, scope: str) -> None:
    """Raises FORBIDDEN when the caller lacks the scope."""
    if scope not in caller.scopes:
        raise errors.forbidden(f"the credential lacks the scope {scope}")


def require_user(caller: Caller) -> str:
    """The id of the user who acts; FORBIDDEN when a service acts for nobody."""
    if caller.user_id is None:
        raise errors.forbidden(
            "this is for a person to do: name one with the header Draftroom-User"
        )
    return caller.user_id
