"""Finds what is kept of a customer, exports it and erases it.

A customer is an address: the conversations that have it as `customer_email`, in capitals or not, go with all that is in
them. Rows elsewhere that name the address go, too; a model run is emptied, because its costs still count.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from service.caller import Caller
from service.database import Database, Transaction
from service.queries import queries

CONVERSATIONS = 20  # that one transaction deletes, with their messages and drafts
ROWS = 1000  # that one transaction looks at
FIRST_ID = "00000000-0000-0000-0000-000000000000"
FIRST_KEY = {"caller": "", "key": ""}
NOTHING = "x(?<!x)"  # a pattern that no text matches


@dataclass(frozen=True, slots=True)
class Batch:
    counts: Counter[str]  # rows that went, or would go, by table
    last: Any  # what the next batch begins after; None at the end


@dataclass(frozen=True, slots=True)
class Step:
    first: Any
    run: Callable[[Transaction, str, Any, bool], Batch]


def mention(email: str) -> str:
    """A regular expression of PostgreSQL for texts that name the address, and not one that it is a part of.

    What is not an address could be any word, so no text is said to name it.
    """
    if "@" not in email:
        return NOTHING
    # Letters of an escaped line break within JSON, or of escaped punctuation within a URL, are no part of the address.
    # A lookbehind would say the same, but the search would take ten times as long.
    begins = r"(?:^|[^\w.+-]|\\[bfnrt]|%(?:0[9ad]|2[0-9acf]|3[a-f]))"
    # The host goes on if the label does, or if others follow, the last of which begins with a letter. A file's suffix,
    # as in kim@example.com.eml, cannot be told from one.
    ends = r"(?![[:alnum:]]|(?:-[-[:alnum:]]*)?(?:\.[-[:alnum:]]+)*\.[[:alpha:]])"
    return begins + "".join(map(_spelled, email)) + ends


def _spelled(character: str) -> str:
    """As it is, as within JSON, or as within a URL."""
    plain = re.escape(character)
    if character in '"\\':
        plain = r"\\?" + plain
    escaped = quote(character, safe="")
    return plain if escaped == character else f"(?:{plain}|{escaped})"


def export(tx: Transaction, email: str) -> Iterator[bytes]:
    """All that is kept of a customer, each row as JSON; the ids of a few conversations at a time are in memory."""
    naming = mention(email)
    yield from tx.lines(queries.inbox.export_customer(email=email, mention=naming))
    yield from tx.lines(queries.models.export_runs_naming(mention=naming))
    after: Any = FIRST_ID
    while after is not None:
        found = tx.row(
            queries.inbox.erase_conversations(
                email=email, after_id=after, limit=CONVERSATIONS, dry_run=True
            )
        )
        yield from tx.lines(queries.models.export_runs_about(refs=found.refs, mention=naming))
        after = found.last_id


def count(database: Database, caller: Caller, email: str) -> Counter[str]:
    """How many rows of each table would go."""

    def work(tx: Transaction, step: Step, after: Any) -> Batch:
        return step.run(tx, email, after, True)

    counts: Counter[str] = Counter()
    for batch in _batches(database, caller, work):
        counts += batch.counts
    return counts


def erase(database: Database, caller: Caller, erasure_id: Any) -> None:
    """Does what an erasure says, as app_owner, in many short transactions; one that broke off may be done again.

    Each batch adds what it took to the counts of the erasure in its own transaction.
    """

    def work(tx: Transaction, step: Step, after: Any) -> Batch | None:
        return _batch(tx, erasure_id, step, after)

    for _ in _batches(database, caller, work):
        pass
    database.session(caller).execute(queries.operations.finish_erasure(id=erasure_id, counts=None))


def rehearse(database: Database, caller: Caller, erasure_id: Any) -> None:
    """Counts what an erasure would take, and keeps the result."""
    session = database.session(caller)
    pending = session.maybe_row(queries.operations.get_pending_erasure(id=erasure_id))
    if pending is not None:
        counts = count(database, caller, pending.email)
        session.execute(queries.operations.finish_erasure(id=erasure_id, counts=counts))


def _batches(
    database: Database, caller: Caller, work: Callable[..., Batch | None]
) -> Iterator[Batch]:
    """Each batch of each step, in a transaction of its own, as long as there is work."""
    for step in STEPS:
        after = step.first
        while after is not None:
            batch = database.atomically(caller, partial(work, step=step, after=after))
            if batch is None:
                return
            yield batch
            after = batch.last


def _batch(tx: Transaction, erasure_id: Any, step: Step, after: Any) -> Batch | None:
    """None if another worker has finished the erasure."""
    pending = tx.maybe_row(queries.operations.lock_erasure(id=erasure_id))
    if pending is None:
        return None
    batch = step.run(tx, pending.email, after, False)
    counts = Counter(pending.counts) + batch.counts
    tx.execute(queries.operations.count_erased(id=erasure_id, counts=counts))
    return batch


# The steps -----------------------------------------------------------------------------------------


def _conversations(tx: Transaction, email: str, after: Any, dry_run: bool) -> Batch:
    found = tx.row(
        queries.inbox.erase_conversations(
            email=email, after_id=after, limit=CONVERSATIONS, dry_run=dry_run
        )
    )
    runs = tx.row(queries.models.erase_runs_about(refs=found.refs, dry_run=dry_run))
    counts = Counter(
        {
            "inbox.conversations": found.conversations,
            "inbox.messages": found.messages,
            "inbox.message_versions": found.message_versions,
            "inbox.attachments": found.attachments,
            "drafts.drafts": found.drafts,
            "drafts.draft_actions": found.draft_actions,
            "drafts.scheduled_replies": found.scheduled_replies,
            "drafts.learning_samples": found.learning_samples,
            "models.model_runs": runs.rows,
        }
    )
    return Batch(counts, found.last_id)


def _jobs(tx: Transaction, email: str, after: Any, dry_run: bool) -> Batch:
    found = tx.row(
        queries.inbox.erase_jobs(
            email=email, mention=mention(email), after_id=after, limit=ROWS, dry_run=dry_run
        )
    )
    counts = Counter({"operations.jobs": found.rows, "operations.job_attempts": found.attempts})
    return Batch(counts, found.last_id)


def _notifications(tx: Transaction, email: str, after: Any, dry_run: bool) -> Batch:
    found = tx.row(
        queries.inbox.erase_notifications(
            email=email, mention=mention(email), after_id=after, limit=ROWS, dry_run=dry_run
        )
    )
    return Batch(Counter({"operations.notifications": found.rows}), found.last_id)


def _model_runs(tx: Transaction, email: str, after: Any, dry_run: bool) -> Batch:
    found = tx.row(
        queries.models.erase_runs(
            mention=mention(email), after_id=after, limit=ROWS, dry_run=dry_run
        )
    )
    return Batch(Counter({"models.model_runs": found.rows}), found.last_id)


def _answers(tx: Transaction, email: str, after: Any, dry_run: bool) -> Batch:
    found = tx.row(
        queries.operations.erase_answers(
            mention=mention(email), after=after, limit=ROWS, dry_run=dry_run
        )
    )
    return Batch(Counter({"operations.idempotency_keys": found.rows}), found.last_key)


# Stored answers last: until the conversations are gone, requests about them leave new ones.
STEPS = (
    Step(FIRST_ID, _conversations),
    Step(FIRST_ID, _jobs),
    Step(FIRST_ID, _notifications),
    Step(FIRST_ID, _model_runs),
    Step(FIRST_KEY, _answers),
)
