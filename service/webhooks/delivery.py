"""What sends webhooks: reads the event log for each endpoint, claims what is due, sends it, and says what became of it.

Any number of processes may run at once: who reads for an endpoint has its row locked, and what is sent is under a
lease. One that dies has lost nothing; what it was sending is sent again.
"""

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from service.caller import NOBODY, Caller
from service.config import Settings
from service.database import Database, Transaction
from service.epochs import Epochs
from service.queries import queries
from service.secrets import Secrets
from service.state import state
from service.webhooks import sending

if TYPE_CHECKING:
    from service.stubs.webhooks import ClaimDeliveriesRow

log = logging.getLogger(__name__)

POLL = 1.0  # seconds from one look to the next while there is nothing to do
PAUSE = 0.01  # seconds for others to finish as well, so that one claim replaces several
BATCH = 500  # events that one transaction reads for each endpoint
ROOM = 5000  # deliveries that wait or are pending, from which on an endpoint's log is not read on
PLACES = 8  # deliveries to one endpoint at a time
LEASE = "15 seconds"  # three times what a request may take
PATIENCE = "5 days"  # without a success, after which an endpoint is disabled
GONE = 410


def deliver(database: Database, stop: Event) -> None:
    """Sends webhooks of all tenants until `stop` is set."""
    Delivery(database, state().secrets, state().settings).run(stop)


class Delivery:
    """The sending of one process."""

    def __init__(self, database: Database, secrets: Secrets, settings: Settings) -> None:
        self._database = database
        self._secrets = secrets
        self._settings = settings
        self._epochs = Epochs(database)
        self._under_way: set[Future[None]] = set()
        self._read_next: dict[str, float] = {}  # when a tenant's log is looked at again
        self._turn = 0

    def run(self, stop: Event) -> None:
        """Sends for all tenants until `stop` is set, then ends what is under way."""
        failed = False
        with ThreadPoolExecutor(self._settings.webhook_threads) as pool:
            while not stop.is_set():
                try:
                    found = self._look(pool)
                    failed = False
                except psycopg.Error as error:
                    # If it is about one tenant, another one comes first the next time. Told once, until it passes.
                    if not failed:
                        log.warning("webhooks cannot be looked for: %s", error)
                    failed, found = True, False
                if found and self._free():
                    continue
                if self._under_way:
                    wait(self._under_way, POLL, FIRST_COMPLETED)
                    stop.wait(PAUSE)
                else:
                    stop.wait(POLL)

    def _look(self, pool: ThreadPoolExecutor) -> bool:
        """Reads the log, and sends what is due, of each tenant in turn; whether there was anything."""
        found = False
        reads = self._epochs.fit()
        tenants = self._database.session(NOBODY).rows(queries.webhooks.list_tenant_ids())
        self._turn += 1
        for number in range(len(tenants)):
            # Each time another one comes first.
            row = tenants[(number + self._turn) % len(tenants)]
            if not (free := self._free()):
                break
            caller = Caller(tenant_id=str(row.id), actor="webhooks")
            now = time.monotonic()
            reads_now = reads and now >= self._read_next.get(caller.tenant_id, now)
            read, claimed = self._take(caller, free, reads=reads_now)
            if reads_now:
                self._read_next[caller.tenant_id] = now if read else now + POLL
            for delivery in claimed:
                self._under_way.add(pool.submit(self._deliver, caller, delivery))
            found = found or bool(read or claimed)
        return found

    def _free(self) -> int:
        """How many threads have nothing to do."""
        self._under_way = {future for future in self._under_way if not future.done()}
        return self._settings.webhook_threads - len(self._under_way)

    def _take(
        self, caller: Caller, limit: int, *, reads: bool
    ) -> tuple[int, "list[ClaimDeliveriesRow]"]:
        """For how many endpoints the log was read, and what is claimed."""
        claim = queries.webhooks.claim_deliveries(
            lease_id=uuid4(), lease=LEASE, places=PLACES, limit=limit
        )

        def work(tx: Transaction) -> "tuple[int, list[ClaimDeliveriesRow]]":
            tx.execute(
                queries.webhooks.rescue_deliveries(delays=self._settings.webhook_retry_delays)
            )
            read = tx.execute(queries.webhooks.read_log(room=ROOM, limit=BATCH)) if reads else 0
            return read, tx.rows(claim)

        return self._database.atomically(caller, work)

    def _deliver(self, caller: Caller, delivery: "ClaimDeliveriesRow") -> None:
        try:
            self._report(caller, delivery, self._send(caller, delivery))
        except psycopg.Error as error:
            # Its lease runs out, and it is sent again.
            log.warning("webhook delivery %s cannot be recorded: %s", delivery.id, error)
        except Exception:
            log.exception("webhook delivery %s", delivery.id)

    def _send(self, caller: Caller, delivery: "ClaimDeliveriesRow") -> sending.Outcome:
        if delivery.body is None:
            return sending.Outcome(None, "the event is no longer in the log", 0)
        cell = sending.secret_cell(caller.tenant_id, delivery.endpoint_id)
        stored = [s for s in (delivery.secret, delivery.other_secret) if s is not None]
        secrets = [s for s in (self._secrets.decrypt(one, cell) for one in stored) if s is not None]
        if len(secrets) < len(stored):
            return sending.Outcome(None, "the endpoint's secret cannot be read: rotate it", 0)
        body = delivery.body.encode()
        headers = sending.signed(str(delivery.event_id), body, secrets)
        private = self._settings.webhook_private_addresses
        return sending.send(delivery.url, body, headers, private=private)

    def _report(
        self, caller: Caller, delivery: "ClaimDeliveriesRow", outcome: sending.Outcome
    ) -> None:
        session = self._database.session(caller)
        if outcome.error is None and outcome.status is not None:
            session.execute(
                queries.webhooks.record_success(
                    id=delivery.id,
                    endpoint_id=delivery.endpoint_id,
                    lease_id=delivery.lease_id,
                    response_status=outcome.status,
                    duration_ms=outcome.milliseconds,
                )
            )
            return
        delays = self._settings.webhook_retry_delays
        is_last = delivery.attempts >= len(delays) or delivery.body is None
        delay = 0.0 if is_last else delays[delivery.attempts] * random.uniform(0.8, 1.2)
        session.execute(
            queries.webhooks.record_failure(
                id=delivery.id,
                endpoint_id=delivery.endpoint_id,
                lease_id=delivery.lease_id,
                response_status=outcome.status,
                duration_ms=outcome.milliseconds,
                error=outcome.error or "no answer",
                delay=f"{max(delay, outcome.retry_after)} seconds",
                is_last=is_last,
                is_gone=outcome.status == GONE,
                patience=PATIENCE,
            )
        )
