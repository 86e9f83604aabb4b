"""`flask` with a task whose effect the tests see, and with short times: `python -m tests.effects_worker worker`."""

import os
import time
from collections.abc import Iterator

from flask.cli import main

from service.caller import Caller
from service.commands import schedule
from service.database import Database

STEPS = 5


def effects(database: Database, caller: Caller) -> Iterator[int]:
    """Steps whose effect is guarded; and what was tried, which is not."""
    for step in range(STEPS):
        with database.connection() as connection, connection.transaction():
            of = [caller.request_id, step]
            connection.execute("INSERT INTO public.tried VALUES (%s, %s)", of)
            connection.execute(
                "INSERT INTO public.effects VALUES (%s, %s) ON CONFLICT DO NOTHING", of
            )
        time.sleep(0.1)
        yield 1


if __name__ == "__main__":
    schedule.TASKS["effects"] = schedule.Task(effects, tenants=None)
    # Only now, as it takes the names of the tasks.
    from service.commands import worker

    worker.LEASE = float(os.environ["LEASE"])
    worker.POLL = 0.05
    main()
