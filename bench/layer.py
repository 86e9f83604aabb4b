"""The data layer without HTTP: what one statement costs Draftroom's query module, and others: `python -m bench.layer`.

The list of drafts, 23 columns, with 1 row and with 50. All on one connection, one call after another, in turn, the
statement prepared. Microseconds: of a call with one row, of each further row, and of the client's CPU in a call with
50 rows.
Draftroom sets tenant and actor with each call and has row-level security; the others read as a role without it.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
from psycopg.rows import dict_row
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bench import database, report
from service.caller import Caller
from service.config import Settings
from service.database import Database as ServiceDatabase
from service.queries import queries

ROUNDS = 7
CALLS = 150
LIMITS = (1, 50)
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
Call = Callable[[int], Any]  # reads so many rows


def main() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(database.server())
        found = measure(ways(database.Database.create(server, 10_000, 10), stack))
    report.write("layer", found)
    print(f"{'':42}{'one row':>10}{'each further':>14}{'CPU of 50 rows':>16}   us")
    for name, row in found.items():
        print(f"  {name:40}{row['call']:10.0f}{row['row']:14.1f}{row['cpu']:16.0f}")


def measure(calls: dict[str, Call]) -> dict[str, dict[str, float]]:
    taken: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            for limit in LIMITS:
                call(limit)
                wall, cpu = time.perf_counter(), time.process_time()
                for _ in range(CALLS):
                    call(limit)
                spent = time.perf_counter() - wall, time.process_time() - cpu
                taken.setdefault((name, limit), []).append(spent)
    found = {}
    for name in calls:
        one, many = (
            [
                statistics.median(values) / CALLS * 1e6
                for values in zip(*taken[name, n], strict=True)
            ]
            for n in LIMITS
        )
        rows = LIMITS[1] - LIMITS[0]
        found[name] = {
            "call": round(one[0], 1),
            "row": round((many[0] - one[0]) / rows, 2),
            "cpu": round(many[1], 1),
        }
    return found


def ways(bench: database.Database, stack: ExitStack) -> dict[str, Call]:
    query = queries.drafts.list_drafts
    tenant = database.tenant_id(1)

    service = ServiceDatabase(
        Settings(database_url=bench.service_url, secret_key=bench.secret_key), bench.service_url
    )
    service.open()
    stack.callback(service.close)
    caller = Caller(tenant_id=tenant, actor="bench")

    def bound(limit: int) -> Any:
        # The statement reads a row more, which tells whether a page follows.
        return query(after_id=LAST, limit=limit - 1)

    plain = stack.enter_context(
        psycopg.connect(
            bench.peer_url, autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=0
        )
    )
    dicts = psycopg.RawCursor(plain, row_factory=dict_row)

    def arguments(limit: int) -> list[Any]:
        return [tenant, LAST, limit - 1]

    loop = asyncio.new_event_loop()
    stack.callback(loop.close)
    socket, role = str(bench.server.socket_dir), database.PEER
    connecting = asyncpg.connect(host=socket, user=role, database=database.NAME)
    connection = loop.run_until_complete(connecting)
    stack.callback(lambda: loop.run_until_complete(connection.close()))
    prepared = loop.run_until_complete(connection.prepare(query.text))
    native = UUID(tenant), UUID(LAST)

    def fetched(limit: int) -> list[Any]:
        found: list[Any] = loop.run_until_complete(prepared.fetch(*native, limit - 1))
        return found

    os.environ |= {
        "BENCH_DATABASE_URL": bench.peer_url,
        "BENCH_TENANT_ID": tenant,
        "BENCH_KEY": "",
        "PORT": "0",
    }
    from bench.peers.fastapi_sqlalchemy import Draft

    columns = [c for c in Draft.__table__.c if c.name != "tenant_id"]
    engine = create_engine(
        bench.peer_url.replace("postgresql://", "postgresql+psycopg://", 1),
        connect_args={"prepare_threshold": 0, "autocommit": True},
    )
    stack.callback(engine.dispose)
    core = stack.enter_context(engine.connect())
    session = stack.enter_context(Session(core))

    def page(*entities: Any) -> Any:
        return (
            select(*entities)
            .where(Draft.tenant_id == native[0], Draft.id < native[1])
            .order_by(Draft.id.desc())
        )

    def mapped(limit: int) -> list[Any]:
        session.expunge_all()  # or it would hand out the objects of the call before
        return list(session.scalars(page(Draft).limit(limit)))

    def text(rows: Any) -> bytes:
        return json.dumps([dict(row) for row in rows], default=str).encode()

    return {
        "Draftroom, JSON": lambda n: service.session(caller).json(bound(n + 1)).body,
        "Draftroom, named tuples": lambda n: service.session(caller).rows(bound(n)),
        "psycopg, tuples": lambda n: plain.execute(query.text, arguments(n)).fetchall(),
        "psycopg, dicts": lambda n: dicts.execute(query.text, arguments(n)).fetchall(),
        "psycopg, dicts to JSON": lambda n: text(dicts.execute(query.text, arguments(n))),
        "asyncpg, records": fetched,
        "asyncpg, records to JSON": lambda n: text(fetched(n)),
        "SQLAlchemy Core, rows": lambda n: core.execute(page(*columns).limit(n)).all(),
        "SQLAlchemy ORM, objects": mapped,
    }


if __name__ == "__main__":
    main()
