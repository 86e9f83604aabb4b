"""What is old goes: how long each kind of row is kept, by the settings or by a tenant's own rule, and how it goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from service.caller import Caller
from service.config import Settings
from service.database import Database
from service.queries import Bound, queries

BATCH = 1000  # rows that one transaction deletes
CONVERSATIONS = 20  # that one transaction deletes, with all that hangs on them
FIRST_ID = "00000000-0000-0000-0000-000000000000"

Apply = Callable[[Database, Caller, str, bool], Iterator[int]]  # rows, batch by batch


@dataclass(frozen=True, slots=True)
class Rule:
    """For how long rows are kept."""

    what: str
    subject: str | None  # of a tenant's own rule; None where it can have none
    days: int  # unless the tenant has a rule; 0 is for ever
    apply: Apply

    def days_of(self, own: dict[str, int | None]) -> int:
        days = own.get(self.subject) if self.subject else None
        return self.days if days is None else days


def rules(settings: Settings) -> tuple[Rule, ...]:
    """In the order in which they are applied."""
    return (
        Rule(
            "inbox.conversations open",
            "open_conversations",
            settings.retention_open_conversations_days,
            _archiving("open"),
        ),
        Rule(
            "inbox.conversations closed",
            "closed_conversations",
            settings.retention_closed_conversations_days,
            _archiving("closed"),
        ),
        Rule(
            "inbox.conversations archived",
            "archived_conversations",
            settings.retention_archived_conversations_days,
            _deleting(queries.inbox.forget_conversations, CONVERSATIONS),
        ),
        Rule(
            "models.model_runs",
            "model_runs",
            settings.retention_model_runs_days,
            _deleting(queries.models.forget_runs),
        ),
        Rule(
            "operations.events",
            None,
            settings.retention_events_days,
            _deleting(queries.operations.forget_events),
        ),
        Rule(
            "operations.notifications",
            "notifications",
            settings.retention_notifications_days,
            _deleting(queries.operations.forget_notifications),
        ),
        Rule(
            "operations.jobs succeeded",
            "jobs",
            settings.retention_jobs_days,
            _deleting(_jobs("succeeded")),
        ),
        Rule(
            "operations.jobs cancelled",
            "jobs",
            settings.retention_jobs_days,
            _deleting(_jobs("cancelled")),
        ),
        Rule(
            "webhooks.deliveries",
            None,
            settings.retention_webhook_deliveries_days,
            _deleting(queries.webhooks.forget_deliveries),
        ),
        Rule(
            "operations.api_usage",
            None,
            settings.retention_api_usage_days,
            _deleting(queries.operations.forget_api_usage),
        ),
        Rule(
            "operations.idempotency_keys",
            None,
            settings.retention_idempotency_keys_days,
            _deleting(queries.operations.forget_idempotency_keys),
        ),
    )


def apply(
    settings: Settings, database: Database, caller: Caller, *, dry_run: bool = False
) -> Iterator[tuple[str, int | None]]:
    """What went of a tenant, or would go, batch by batch of each rule; None for what is kept for ever."""
    listed = database.session(caller).rows(queries.operations.list_all_retention_rules())
    own = {row.subject: row.days for row in listed}
    for rule in rules(settings):
        days = rule.days_of(own)
        yield rule.what, 0 if days else None
        if days:
            for rows in rule.apply(database, caller, f"{days} days", dry_run):
                yield rule.what, rows


def _jobs(status: str) -> Callable[..., Bound[Any, Any]]:
    return lambda **arguments: queries.operations.forget_jobs(status=status, **arguments)


def _deleting(forget: Callable[..., Bound[Any, Any]], most: int = BATCH) -> Apply:
    def run(database: Database, caller: Caller, keep: str, dry_run: bool) -> Iterator[int]:
        bound = forget(keep=keep, limit=None if dry_run else most, dry_run=dry_run)
        while True:
            # A transaction of its own: what is deleted stays so if a later one fails.
            rows: int = database.session(caller).row(bound).rows
            yield rows
            if dry_run or rows < most:
                return

    return run


def _archiving(status: str) -> Apply:
    def run(database: Database, caller: Caller, keep: str, dry_run: bool) -> Iterator[int]:
        session, after = database.session(caller), FIRST_ID
        while idle := session.rows(
            queries.inbox.list_idle_conversations(
                status=status, keep=keep, after_id=after, limit=BATCH
            )
        ):
            after, gone = str(idle[-1].id), 0
            for row in idle:
                # As the route does it, unless it has changed since it was listed.
                archive = queries.inbox.archive_conversation(id=row.id, revision=row.revision)
                lock = queries.inbox.lock_conversation(id=row.id)
                gone += dry_run or session.maybe_row(archive, first=lock) is not None
            yield gone

    return run
