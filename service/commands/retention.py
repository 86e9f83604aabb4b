"""`flask retention`: deletes what is older than the settings say, of each tenant, in many short transactions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import with_appcontext

from service.caller import NOBODY, Caller
from service.commands.owner import as_owner
from service.config import Settings
from service.database import Database
from service.queries import Bound, queries
from service.state import state

BATCH = 1000  # rows that one transaction deletes


@dataclass(frozen=True, slots=True)
class Rule:
    """For how long rows are kept."""

    what: str
    days: int  # 0 is for ever
    forget: Callable[..., Bound[Any, Any]]


def rules(settings: Settings) -> tuple[Rule, ...]:
    jobs = settings.retention_jobs_days
    return (
        Rule("models.model_runs", settings.retention_model_runs_days, queries.models.forget_runs),
        Rule("operations.events", settings.retention_events_days, queries.operations.forget_events),
        Rule(
            "operations.notifications",
            settings.retention_notifications_days,
            queries.operations.forget_notifications,
        ),
        Rule("operations.jobs succeeded", jobs, _jobs("succeeded")),
        Rule("operations.jobs cancelled", jobs, _jobs("cancelled")),
        Rule(
            "webhooks.deliveries",
            settings.retention_webhook_deliveries_days,
            queries.webhooks.forget_deliveries,
        ),
        Rule(
            "operations.idempotency_keys",
            settings.retention_idempotency_keys_days,
            queries.operations.forget_idempotency_keys,
        ),
        Rule(
            "operations.api_usage",
            settings.retention_api_usage_days,
            queries.operations.forget_api_usage,
        ),
    )


def _jobs(status: str) -> Callable[..., Bound[Any, Any]]:
    return lambda **arguments: queries.operations.forget_jobs(status=status, **arguments)


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Delete nothing; print how many rows would go.")
@with_appcontext
def retention_command(dry_run: bool) -> None:
    """Delete what is older than RETENTION_..._DAYS, as app_owner (DIRECT_URL)."""
    with as_owner() as database:
        found = database.session(NOBODY).rows(queries.identity.list_tenant_ids())
        callers = [Caller(tenant_id=str(row.id), actor="retention") for row in found]
        for rule in rules(state().settings):
            told = "kept"
            if rule.days:
                gone = (sum(_forgotten(rule, database, caller, dry_run)) for caller in callers)
                told = str(sum(gone))
            click.echo(f"{rule.what:<30} {told:>12}")


def forget(database: Database, caller: Caller) -> Iterator[int]:
    """The same for one tenant, as a task of the worker: how many rows of each batch went."""
    for rule in rules(state().settings):
        if rule.days:
            yield from _forgotten(rule, database, caller)


def _forgotten(
    rule: Rule, database: Database, caller: Caller, dry_run: bool = False
) -> Iterator[int]:
    """How many rows of the tenant went, batch by batch, or how many would go."""
    limit = None if dry_run else BATCH
    forget = rule.forget(keep=f"{rule.days} days", limit=limit, dry_run=dry_run)
    while True:
        # A transaction of its own: what is deleted stays so if a later one fails.
        batch: int = database.session(caller).row(forget).rows
        yield batch
        if dry_run or batch < BATCH:
            return
