"""Nothing is lost, and the events of a row stay in order, however often the sending process is killed."""

import random
import threading
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any
from uuid import uuid4

from tests.client import Tenant, wait_until
from tests.webhooks.receiver import Received, Receiver, sender
from tests.writer import Writer

EVENTS, ROWS, KILLS = 1000, 50, 10


def write(environ: dict[str, str], tenant: Tenant) -> None:
    """Changes rows, each in transactions of its own, by two writers at a time."""

    def change(ids: list[Any]) -> None:
        with Writer.connect(environ["DATABASE_URL"]) as connection:
            connection.set("app.tenant_id", tenant.id)
            for _ in range(EVENTS // ROWS - 1):
                for id_ in ids:
                    connection.execute(
                        "UPDATE inbox.channels SET name = name || 'x' WHERE tenant_id = %s AND id = %s",
                        [tenant.id, id_],
                    )
                    connection.commit()

    with Writer.connect(environ["DATABASE_URL"]) as connection:
        connection.set("app.tenant_id", tenant.id)
        made = connection.execute(
            "INSERT INTO inbox.channels (tenant_id, type, external_id, name)"
            " SELECT %s, 'email', n::text, 'x' FROM generate_series(1, %s) AS n RETURNING id",
            [tenant.id, ROWS],
        ).fetchall()
    ids = [id_ for (id_,) in made]
    writers = [threading.Thread(target=change, args=[ids[n::2]]) for n in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def test_nothing_is_lost_and_rows_stay_in_order(
    tenant: Tenant, receiver: Receiver, environ: dict[str, str]
) -> None:
    # One of three fails half the time, half of that without an answer.
    paths = [f"/{name}/{uuid4()}" for name in ("steady", "other", "failing")]
    luck = random.Random(1)

    def answer(_: Received) -> int | None:
        return luck.choice([204, 204, 500, None])

    receiver.answers[paths[2]] = answer
    for path in paths:
        body = {"url": receiver.url(path), "entities": ["inbox.channels"]}
        tenant.service.post("/v1/webhook-endpoints", body)

    quick = environ | {"WEBHOOK_RETRY_DELAYS": " ".join(["0.05"] * 30)}
    writing = threading.Thread(target=write, args=[environ, tenant])
    writing.start()

    def ids(path: str) -> set[str]:
        return {came.id for came in receiver.taken(path)}

    process = sender(quick)
    for _ in range(KILLS):
        before, successor = len(receiver.received), sender(quick)
        wait_until(lambda before=before: len(receiver.received) > before + 50)
        time.sleep(random.uniform(0, 0.2))
        process.kill()
        process.wait()
        process = successor
    writing.join()
    wait_until(lambda: all(len(ids(path)) == EVENTS for path in paths), 120)
    process.terminate()
    assert process.wait(30) == 0

    log = {
        event["id"]
        for event in tenant.service.all("/v1/events")
        if event["entity"] == "inbox.channels"
    }
    assert len(log) == EVENTS
    for path in paths:
        assert ids(path) == log
        first: dict[str, list[int]] = defaultdict(list)
        seen = set()
        for came in receiver.taken(path):
            if came.id not in seen:
                seen.add(came.id)
                first[came.data["entity_id"]].append(came.data["revision"])
        # What comes again is what a process was killed over: at most what it had under way.
        assert len(receiver.taken(path)) - EVENTS <= 8 * (KILLS + 1)
        for revisions in first.values():
            assert all(earlier < later for earlier, later in pairwise(revisions))
