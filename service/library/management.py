"""Whose rows a request is about."""

from service.auth import caller
from service.database import First
from service.queries import queries


def all_if_manager() -> First:
    """What leads up to a statement: for who manages the library, that the rows of all users count."""
    if "library:manage" in caller().scopes:
        return queries.operations.enter_for_all_users()
    return None
