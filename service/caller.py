"""For whom a transaction runs, and how PostgreSQL is told."""

from dataclasses import dataclass
from typing import Any

from service.queries import Bound, queries


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a transaction runs, as the credential says."""

    tenant_id: str
    actor: str  # key:<id>, user:<id>, or the name of a command
    scopes: frozenset[str] = frozenset()
    role: str | None = None  # of the user, if one acts
    user_id: str | None = None
    key_id: str | None = None  # of the API key, of the service itself or acting for a user
    key_family: str | None = None  # of the API key: it stays the same when the key is rotated
    in_teams: bool = False  # whether the transaction is told the user's teams
    request_id: str | None = None
    ip: str | None = None
    position: str | None = None  # in the WAL: a replica answers only if it has replayed so much


# For what belongs to no tenant. Under row-level security it sees and changes no row of any.
NOBODY = Caller(tenant_id="00000000-0000-0000-0000-000000000000", actor="service")


def enter(caller: Caller) -> list[Bound[Any, Any]]:
    """The first statements of every transaction."""
    first = queries.operations.enter_transaction(
        actor=caller.actor,
        key_id=caller.key_id,
        user_id=caller.user_id,
        role=caller.role,
        request_id=caller.request_id,
        ip=caller.ip,
    )
    if caller.in_teams and caller.user_id:
        return [first, queries.identity.enter_teams(user_id=caller.user_id)]
    return [first]


def all_users_if(caller: Caller, scope: str) -> Bound[Any, Any] | None:
    """What goes before a statement: for who has the scope, that the rows of all users count."""
    return queries.operations.enter_for_all_users() if scope in caller.scopes else None


def enter_to_explain() -> list[Bound[Any, Any]]:
    """The first statements of a transaction in which queries are explained: the rows of all users count."""
    return [
        *enter(Caller(tenant_id="", actor="explain")),
        queries.operations.enter_for_all_users(),
    ]
