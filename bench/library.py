"""What grows with a library of resources and the people who use it: `python -m bench.library`.

Lists, details, searches, counts and writes of a tenant that has nine tenths of all: with 10,000 and with 1,000,000
resources (--sizes says how many), and people, teams, runs and bookmarks in proportion. Measured as in bench.growth, on
one server with a database of each size; for a user who is in up to twenty teams, or for a manager, who sees the rows of
all. What writes is rolled back each time: its time is that of its transaction, without the commit. Last, how many
resources a second two connections create, in batches, and commit.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from bench import report
from bench.database import Database, used_by_others, user_id
from bench.growth import CALLS, connected
from bench.sizes import Call, Connection, chosen, compare, filled, note_plans, parsed, run
from service.library.bulk import BATCH
from service.queries import Query
from service.queries import load as load_queries

USER = user_id(1)
MANY = 1000  # rows of a request that has many
FEW_CALLS = 10  # of what takes long
WRITERS = 2
SECONDS = 20

# Lists and details that are of no person, team or resource, and what only follows another statement.
LEFT_OUT = """
    identity.get_api_key identity.get_created_tenant identity.get_suspension identity.get_tenant
    identity.list_active_tenant_ids identity.list_api_keys identity.list_tenant_ids identity.list_unknown_users
    library.get_reported_run library.list_tenants_with_backlog library.list_tenants_with_lost_runs
""".split()
AGGREGATIONS = ["library.count_runs", "library.count_all_runs"]
MANAGED = """
    library.count_all_runs library.list_all_runs library.list_all_runs_by_status library.list_all_runs_of_version
    library.list_deleted_resources
""".split()

SEARCHED = {
    "library.search_resources, a word that all have": {"q": "plan"},
    "library.search_resources, of a type": {"q": "plan", "resource_type": "Api"},
    "library.search_resources, two that many have": {"q": "weekly topic"},
    "library.search_resources, three, one of them rare": {"q": "plan topic {number}"},
    "library.search_resources, two that none has both": {"q": "weekly t1"},
    "identity.search_people, a beginning that all have": {"q": "user"},
    "identity.search_people, two that many have": {"q": "an sm"},
    "identity.search_people, two, one of them rare": {"q": "u user{number}"},
}

# Where a query's values come from, by its name and the parameter's, or for all by the parameter's.
OWN = f"SELECT id FROM library.resources WHERE owned_by_user_id = '{USER}' AND NOT is_deleted"
LISTED = "SELECT id FROM library.resources WHERE is_listed"
TEAMS = f"SELECT team_id FROM identity.team_members WHERE user_id = '{USER}'"
CHOSEN = {
    "resource_id": LISTED,
    "library.get_resource id": LISTED,
    "library.get_resource_state id": LISTED,
    "library.find_resource public_id": "SELECT public_id FROM library.resources WHERE is_listed",
    "library.create_version resource_id": OWN,
    "library.update_resource id": OWN,
    "library.delete_resource id": OWN,
    "library.get_version id": "SELECT id FROM library.resource_versions",
    "library.find_version public_id": "SELECT public_id FROM library.resource_versions",
    "version_id": f"SELECT DISTINCT version_id FROM library.runs WHERE user_id = '{USER}'",
    "library.put_translation version_id": f"SELECT id FROM library.resource_versions WHERE root_id IN ({OWN})",
    "library.get_run id": f"SELECT id FROM library.runs WHERE user_id = '{USER}'",
    "library.get_run_state id": f"SELECT id FROM library.runs WHERE user_id = '{USER}'",
    "run_id": "SELECT run_id FROM library.run_steps",
    "library.execute_run id": f"SELECT id FROM library.runs WHERE user_id = '{USER}' AND status = 'scheduled'",
    "library.get_import id": "SELECT id FROM library.imports",
    "team_id": TEAMS,
    "identity.get_team id": "SELECT id FROM identity.teams",
    "identity.find_team public_id": "SELECT public_id FROM identity.teams",
    "identity.list_teams_by_handle handle": "SELECT handle FROM identity.teams",
    "parent_id": "SELECT DISTINCT parent_id FROM identity.teams WHERE parent_id IS NOT NULL",
    "chat_id": f"SELECT id FROM identity.chats WHERE team_id IN ({TEAMS})",
    "identity.get_chat id": "SELECT id FROM identity.chats",
    "identity.find_chat public_id": "SELECT public_id FROM identity.chats",
    "identity.get_user id": "SELECT id FROM identity.users",
    "identity.find_user public_id": "SELECT public_id FROM identity.users",
    "identity.list_users_by_handle handle": "SELECT handle FROM identity.users",
    "identity.list_users_by_email email": "SELECT email FROM identity.users",
}

# Of what most rows have, as the samples name what a small library has too few of to fill a page.
USUAL = {"status": ["completed"]}

# The beginnings of the ids of what a list has, by what its name says, and to how many they count up for each resource.
KINDS = {
    "bookmarks": ("01a4", 2),
    "runs": ("01a5", 1 / 2),
    "resources": ("01a1", 1),
    "teams_of_user": ("01a8", 6 / 200),  # by when the user became a member
    "teams": ("01a0", 1 / 200),
    "users": ("0189", 1 / 25),
}

VERSION = {
    "version_label": "1.0.0",
    "config": {"steps": ["Read", "Answer"]},
    "is_complete": True,
    "version_notes": None,
    "translations": [
        {
            "language": "en",
            "name": "Weekly plan",
            "description": "Who does what until when.",
            "details": None,
            "instructions": None,
        }
    ],
}
WRITES: dict[str, dict[str, Any]] = {
    "library.create_resource": {"version": VERSION},
    "library.update_resource": {},
    "library.delete_resource": {},
    "library.create_version": {"version": VERSION},
    "library.put_translation": {},
    "library.view_resource": {},
    "library.bookmark_resource": {},
    "library.create_run": {},
    "library.execute_run": {},
    "identity.create_team": {
        "created_by_id": USER,
        "handle": "support",
        "user_ids": [user_id(n) for n in (1, 11, 21)],
    },
}


class Callers(NamedTuple):
    user: Connection
    manager: Connection  # sees the rows of all users


Calls = Callable[[Callers, dict[str, Query[Any]], int], Iterator[tuple[str, Call]]]


def main() -> None:
    options = parsed(__doc__)
    known = load_queries()
    growth: dict[str, Any] = {}
    created: dict[str, int] = {}
    with filled(options.sizes, "resources", Database.library) as databases, ExitStack() as stack:
        callers = {
            size: entered(connection, stack.enter_context(connected(database, user="any")))
            for size, (database, connection) in databases.items()
        }
        share = used_by_others(databases[options.sizes[-1]][0])
        for kind, (calls, times) in KINDS_OF_CALLS.items():
            measured = compare({s: calls(of, known, s) for s, of in callers.items()}, times)
            growth |= {name: {"kind": kind, **row} for name, row in measured.items()}
        note_plans(growth, databases, {name: known[name] for name in filter(is_planned, known)})
        for size, (database, _) in databases.items():
            created[str(size)] = round(creation_rate(database, known["library.create_resources"]))
            print(f"  {size:,}: {created[str(size)]:,} resources created a second", flush=True)
        busy = share()
    if options.write:
        report.write(
            "library",
            {"sizes": options.sizes, "queries": growth, "created": created, "others": busy},
        )


def entered(connection: Connection, manager: Connection) -> Callers:
    """Tells the user's connection in which teams the user is, as the service tells each transaction."""
    teams = ",".join(chosen(connection, TEAMS))
    connection.execute("SELECT set_config('app.team_ids', $1, false)", [teams])
    return Callers(connection, manager)


def is_read(name: str) -> bool:
    area, _, of = name.partition(".")
    is_of_these = area in ("library", "identity") and of.startswith(("list_", "get_", "find_"))
    return is_of_these and name not in LEFT_OUT


def is_planned(name: str) -> bool:
    searches = {of.partition(",")[0] for of in SEARCHED}
    return is_read(name) or name in WRITES or name in AGGREGATIONS or name in searches


def reads(callers: Callers, known: dict[str, Query[Any]], size: int) -> Iterator[tuple[str, Call]]:
    enter = known["identity.enter_teams"]
    yield enter.name, lambda: run(callers.user, enter, user_id=USER)
    for name in filter(is_read, known):
        query = known[name]
        connection = callers.manager if name in MANAGED else callers.user
        yield name, call_of(connection, query, {})
        if middle := middle_of(query, size):
            yield f"{name}, middle", call_of(connection, query, middle)
    for name, words in SEARCHED.items():
        yield name, search_of(callers.user, known[name.partition(",")[0]], words, size)


def aggregations(
    callers: Callers, known: dict[str, Query[Any]], size: int
) -> Iterator[tuple[str, Call]]:
    for name in AGGREGATIONS:
        connection = callers.manager if name in MANAGED else callers.user
        yield name, call_of(connection, known[name], {})


def writes(callers: Callers, known: dict[str, Query[Any]], size: int) -> Iterator[tuple[str, Call]]:
    for name, given in WRITES.items():
        yield name, undone(callers.user, call_of(callers.user, known[name], given))
    yield "library.claim_runs", undone(callers.manager, claim_of(callers.manager, known))


def bulk(callers: Callers, known: dict[str, Query[Any]], size: int) -> Iterator[tuple[str, Call]]:
    """What a request does that creates, changes or deletes as many resources as one may."""
    rows = chosen(callers.manager, LISTED, MANY)
    manager = callers.manager

    def create() -> list[Any]:
        for _ in range(MANY // BATCH):
            created = run(callers.user, known["library.create_resources"], **batch())
        return created

    def update() -> list[Any]:
        run(manager, known["library.lock_resources"], ids=rows)
        updates = [{"id": row, "revision": 1, "changes": {"score": 7}} for row in rows]
        return run(manager, known["library.update_resources"], updates=updates)

    def delete() -> list[Any]:
        run(manager, known["library.lock_resources"], ids=rows, permission="delete-resources")
        run(manager, known["library.lock_runs"], ids=rows)
        deleted = run(manager, known["library.delete_resources"], ids=rows, user_id=USER)
        run(manager, known["library.count_cancelled_runs"], ids=rows)
        return deleted

    yield "library.create_resources", undone(callers.user, create)
    yield "library.update_resources", undone(manager, update)
    yield "library.delete_resources", undone(manager, delete)


def call_of(connection: Connection, query: Query[Any], given: dict[str, Any]) -> Call:
    """A call of the query, each time with other values of those that CHOSEN has, and then with them again."""
    now = datetime.now(UTC)
    usual = {
        "user_id": USER,
        "since": now - timedelta(days=31),
        "until": now,
        "after_period_start": now,
        **USUAL,
    }
    known = {name: usual[name] for name in usual if name in query.parameters} | given
    sources = {
        name: source_of(query, name)
        for name in query.parameters
        if name not in known and query.parameters[name].sample_value is not None
    }
    values = {
        name: itertools.cycle(chosen(connection, source))
        for name, source in sources.items()
        if source
    }

    def call() -> list[Any]:
        return run(connection, query, **known, **{name: next(of) for name, of in values.items()})

    return call


def source_of(query: Query[Any], parameter: str) -> str | None:
    return CHOSEN.get(f"{query.name} {parameter}", CHOSEN.get(parameter))


def middle_of(query: Query[Any], size: int) -> dict[str, Any]:
    """After which row the middle of a list begins, if it is long enough at every size."""
    found = next((found for word, found in KINDS.items() if word in query.name), None)
    if not query.page_keys or found is None or any(source_of(query, p) for p in query.parameters):
        return {}
    kind, share = found
    half = datetime.now(UTC) - timedelta(days=182)
    after = {
        "after_id": f"{kind}0000-0000-7000-8000-{int(share * size) // 2:012x}",
        "after_updated_at": half,
        "after_deleted_at": half,
        "after_score": 5,
        "after_bookmarks": 1,
        "after_views": 1,
    }
    return {name: after[name] for name in after if name in query.parameters}


def search_of(connection: Connection, query: Query[Any], words: dict[str, str], size: int) -> Call:
    # Of the first users, and so of resources as well.
    numbers = itertools.cycle(range(1, size // 25, 10))

    def call() -> list[Any]:
        return run(connection, query, **words | {"q": words["q"].format(number=next(numbers))})

    return call


def claim_of(connection: Connection, known: dict[str, Query[Any]]) -> Call:
    def call() -> list[Any]:
        run(connection, known["library.lock_run_counts"])
        run(connection, known["library.rescue_runs"])
        return run(connection, known["library.claim_runs"], lease_id=uuid4())

    return call


def undone(connection: Connection, work: Call) -> Call:
    def call() -> list[Any]:
        with connection.transaction(force_rollback=True):
            return work()

    return call


def batch() -> dict[str, Any]:
    """As many resources as one statement creates, of the user."""
    given = {
        "public_id": None,
        "resource_type": "Routine",
        "is_private": False,
        "owned_by_user_id": None,
        "owned_by_team_id": None,
        "parent_id": None,
        "version": VERSION,
    }
    return {"user_id": USER, "resources": [given] * BATCH}


def creation_rate(database: Database, create: Query[Any]) -> float:
    """Resources a second that two connections create in batches, each of which they commit."""
    with database.superuser() as connection:
        connection.execute("ANALYZE")
    begun = time.monotonic()

    def write() -> int:
        batches = 0
        with connected(database) as connection:
            while time.monotonic() < begun + SECONDS:
                run(connection, create, **batch())
                batches += 1
        return batches * BATCH

    with ThreadPoolExecutor(WRITERS) as pool:
        created = sum(future.result() for future in [pool.submit(write) for _ in range(WRITERS)])
    return created / (time.monotonic() - begun)


# By the kinds that have targets in bench.report.
KINDS_OF_CALLS: dict[str, tuple[Calls, int]] = {
    "reads": (reads, CALLS),
    "aggregations": (aggregations, CALLS),
    "writes": (writes, CALLS),
    "of a thousand rows": (bulk, FEW_CALLS),
}

if __name__ == "__main__":
    main()
