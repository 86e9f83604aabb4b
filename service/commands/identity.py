"""`flask tenants`, `flask users` and `flask keys`: the way in where nobody has a credential, or has lost it.

What the routes do they do with the same statements and schemas, for a tenant that is named. They need the service's
settings only; to list or suspend tenants takes app_owner (DIRECT_URL), who alone sees them all.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from marshmallow import Schema

from service.auth import FOR_THE_PLATFORM, SCOPES
from service.caller import NOBODY, Caller
from service.commands.failures import told
from service.commands.owner import as_owner
from service.database import Database, Session
from service.identity import tenants
from service.identity.api_keys import WRITE
from service.identity.schemas import ApiKeyRotation, NewApiKey, NewTenant, NewUser, UserChanges
from service.queries import queries
from service.secrets import ApiKey
from service.state import state

PAGE = 100  # rows that one statement lists
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

tenant_group = AppGroup("tenants", help="Tenants.")
user_group = AppGroup("users", help="The users of a tenant.")
key_group = AppGroup("keys", help="The API keys of a tenant.")

tenant_argument = click.argument("tenant_id", type=click.UUID)


def session(tenant_id: UUID) -> Session:
    return _of_tenant(state().database, tenant_id)


def _of_tenant(database: Database, tenant_id: UUID) -> Session:
    there = database.session(Caller(tenant_id=str(tenant_id), actor="flask"))
    if not there.rows(queries.identity.get_suspension()):
        raise click.ClickException("there is no such tenant")
    return there


def loaded(schema: type[Schema], **given: Any) -> dict[str, Any]:
    """As the route takes it; what was not given is left out."""
    document: dict[str, Any] = schema().load({k: v for k, v in given.items() if v is not None})
    return document


# Tenants -------------------------------------------------------------------------------------------


@tenant_group.command("create")
@click.argument("name")
@click.argument("admin_email")
@click.option(
    "--platform",
    is_flag=True,
    help="Give the key the platform's scopes, too: create and bill tenants.",
)
@told
def create_tenant(name: str, admin_email: str, platform: bool) -> None:
    """Create a tenant with its first administrator, and print its first API key."""
    given = {
        "name": name,
        "admin": {"email": admin_email, "display_name": admin_email.partition("@")[0]},
    }
    scopes = [*tenants.FIRST_KEY_SCOPES, *(sorted(FOR_THE_PLATFORM) if platform else [])]
    tenant = NewTenant(exclude=["external_id"]).load(given)
    created = state().database.atomically(
        NOBODY, lambda tx: tenants.create(tx, state().secrets, **tenant, scopes=scopes)
    )
    click.echo(f"tenant {created['id']}\nadmin  {created['admin_id']}\nkey    {created['key']}")


@tenant_group.command("list")
def list_tenants() -> None:
    """List all tenants, as app_owner (DIRECT_URL)."""
    with as_owner() as database:
        for found in database.session(NOBODY).rows(queries.identity.list_tenant_ids()):
            tenant = database.session(Caller(tenant_id=str(found.id), actor="flask")).row(
                queries.identity.get_suspension()
            )
            state_now = "suspended" if tenant.suspended_at else "active"
            click.echo(f"{found.id}  {tenant.created_at:%Y-%m-%d}  {state_now:<9}  {tenant.name}")


@tenant_group.command("suspend")
@tenant_argument
def suspend_tenant(tenant_id: UUID) -> None:
    """Refuse every credential of a tenant from now on, as app_owner (DIRECT_URL). Nothing is deleted."""
    _suspend(tenant_id, suspended=True)


@tenant_group.command("resume")
@tenant_argument
def resume_tenant(tenant_id: UUID) -> None:
    """Accept the credentials of a suspended tenant again, as app_owner (DIRECT_URL)."""
    _suspend(tenant_id, suspended=False)


def _suspend(tenant_id: UUID, *, suspended: bool) -> None:
    with as_owner() as database:
        _of_tenant(database, tenant_id).execute(
            queries.identity.suspend_tenant(suspended=suspended)
        )
    click.echo(f"{tenant_id} is {'suspended' if suspended else 'active'}")


# Users ---------------------------------------------------------------------------------------------


@user_group.command("list")
@tenant_argument
@told
def list_users(tenant_id: UUID) -> None:
    """List the users of a tenant, newest first."""
    for user in _all(session(tenant_id), queries.identity.list_users):
        state_now = "disabled" if user.disabled_at else user.role
        click.echo(f"{user.id}  {state_now:<8}  {user.email}  {user.display_name}")


@user_group.command("create")
@tenant_argument
@click.argument("email")
@click.option("--name", help="What people call the user; else what is before the @.")
@click.option("--role", help="viewer, agent (unless given), approver or admin.")
@click.option("--issuer", help="The issuer of the user's OIDC tokens; with --subject.")
@click.option("--subject", help="The user's subject there.")
@told
def create_user(
    tenant_id: UUID,
    email: str,
    name: str | None,
    role: str | None,
    issuer: str | None,
    subject: str | None,
) -> None:
    """Create a user of a tenant, and print the id."""
    given = loaded(
        NewUser,
        email=email,
        display_name=name or email.partition("@")[0],
        role=role,
        auth_provider=issuer,
        auth_subject=subject,
    )
    click.echo(f"user {session(tenant_id).row(queries.identity.create_user(**given)).id}")


@user_group.command("change")
@tenant_argument
@click.argument("user_id", type=click.UUID)
@click.option("--role", help="viewer, agent, approver or admin.")
@click.option(
    "--disable/--enable",
    "disabled",
    default=None,
    help="What the user may do: nothing, or all again.",
)
@told
def change_user(tenant_id: UUID, user_id: UUID, role: str | None, disabled: bool | None) -> None:
    """Change a user's role, or disable or enable the user."""
    changes = loaded(UserChanges, role=role, disabled=disabled)
    if not changes:
        raise click.UsageError("say --role, --disable or --enable")
    changed = session(tenant_id).maybe_row(
        queries.identity.update_user(id=user_id, changes=changes, revision=None)
    )
    if changed is None:
        raise click.ClickException("the tenant has no such user")
    click.echo(f"user {user_id} is {'disabled' if changed.disabled_at else changed.role}")


# API keys ------------------------------------------------------------------------------------------


@key_group.command("list")
@tenant_argument
@told
def list_keys(tenant_id: UUID) -> None:
    """List the API keys of a tenant, newest first."""
    for key in _all(session(tenant_id), queries.identity.list_api_keys):
        used = f"used {key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never used"
        ends = (
            "revoked" if key.revoked_at else key.expires_at and f"until {key.expires_at:%Y-%m-%d}"
        )
        click.echo(
            f"{key.id}  {ends or 'valid':<16}  {used:<15}  {key.name}: {' '.join(key.scopes)}"
        )


@key_group.command("create")
@tenant_argument
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="A scope of the key, such as inbox:read; as often as it takes.",
)
@click.option("--all-scopes", is_flag=True, help="All scopes but the platform's.")
@told
def create_key(tenant_id: UUID, name: str, scopes: tuple[str, ...], all_scopes: bool) -> None:
    """Create an API key for a tenant, and print it: it is shown only now."""
    wanted = tenants.FIRST_KEY_SCOPES if all_scopes else list(scopes)
    if not wanted:
        raise click.UsageError(f"say --all-scopes, or --scope with some of {', '.join(SCOPES)}")
    given = loaded(NewApiKey, name=name, scopes=wanted)
    key = ApiKey.new(str(tenant_id))
    session(tenant_id).row(
        queries.identity.create_api_key(
            prefix=key.prefix, secret_hash=state().secrets.hash(key), **given
        )
    )
    click.echo(f"key {key}")


@key_group.command("rotate")
@tenant_argument
@click.argument("key_id", type=click.UUID)
@click.option(
    "--grace",
    type=int,
    default=0,
    help="For how many seconds the old key still works; 0 unless given.",
)
@told
def rotate_key(tenant_id: UUID, key_id: UUID, grace: int) -> None:
    """Replace an API key by a new one of the same name, scopes and expiry, and print it."""
    given = loaded(ApiKeyRotation, grace_seconds=grace)
    key = ApiKey.new(str(tenant_id))
    rotated = session(tenant_id).maybe_row(
        queries.identity.rotate_api_key(
            id=key_id,
            grace=f"{given['grace_seconds']} seconds",
            prefix=key.prefix,
            secret_hash=state().secrets.hash(key),
        )
    )
    if rotated is None:
        raise click.ClickException("the tenant has no such key, or it has expired or was revoked")
    click.echo(f"key {key}")


@key_group.command("revoke")
@tenant_argument
@click.argument("key_id", type=click.UUID)
@told
def revoke_key(tenant_id: UUID, key_id: UUID) -> None:
    """Revoke an API key, also the last one: `flask keys create` makes another."""
    there = session(tenant_id)
    there.execute(queries.identity.revoke_api_key(id=key_id, force=True, scope=WRITE))
    there.json(queries.identity.get_api_key(id=key_id))
    click.echo(f"key {key_id} is revoked")


def _all(there: Session, listed: Callable[..., Any]) -> Iterator[Any]:
    """All rows of a list by id, newest first."""
    after = LAST_ID
    while rows := there.rows(listed(after_id=after, limit=PAGE)):
        yield from rows[:PAGE]
        if len(rows) <= PAGE:
            return
        after = rows[PAGE - 1].id
