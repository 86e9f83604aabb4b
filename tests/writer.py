"""A writer beside the service, in plain SQL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

# What a shard says: the name stands in the message only, perhaps with the number of the shard.
CONSTRAINT = re.compile(r'constraint "(\w+?)(_\d{5,})?"$')


def violated(error: BaseException) -> str | None:
    """The constraint that the error is about."""
    assert isinstance(error, psycopg.Error)
    said = CONSTRAINT.search(error.diag.message_primary or "")
    return error.diag.constraint_name or (said and said[1])


CHECK = "SELECT operations.check_constraints() FROM identity.tenants WHERE id = %s"


class Writer(psycopg.Connection[Any]):
    """A connection whose settings hold in each of its transactions: those of a session reach no other node."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settings: dict[str, str] = {}

    def set(self, name: str, value: str) -> None:
        self._settings[name] = value
        if not self._is_idle():
            self._enter()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        if self._is_idle():
            self._enter()
        return super().cursor(*args, **kwargs)

    @contextmanager
    def transaction(self, *args: Any, **kwargs: Any) -> Iterator[psycopg.Transaction]:
        begins = self._is_idle()
        with super().transaction(*args, **kwargs) as transaction:
            if begins:
                self._enter()
            yield transaction
            if begins:
                self._look()

    def _is_idle(self) -> bool:
        return self.info.transaction_status == TransactionStatus.IDLE

    def _enter(self) -> None:
        cursor = super().cursor()
        for setting in self._settings.items():
            cursor.execute("SELECT operations.set_local(%s, %s)", setting)

    def _look(self) -> None:
        """Looks at what a cluster defers until the commit, which would not tell what is wrong."""
        if tenant := self._settings.get("app.tenant_id"):
            self.execute(CHECK, [tenant])
