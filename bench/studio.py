"""What grows with the data of a campaign studio: `python -m bench.studio`.

Every list, the search, the analytics of a year, and what reserves and claims posts, of a tenant that has two thirds of
all: with 10,000 and with 1,000,000 posts (--sizes says how many), a few more concepts and ten times as many snapshots.
Measured as in bench.growth, on one server with a database of each size. What writes is rolled back each time: its time
is that of its transaction.
"""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from bench import report
from bench.database import Database
from bench.growth import CALLS, MIDDLE
from bench.sizes import Call, Connection, chosen, compare, filled, note_plans, parsed, run
from service.queries import Query
from service.queries import load as load_queries

YEAR = {"since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
MIDDLE_OF_YEAR = {
    "after_created_at": "2025-07-01T00:00:00Z",
    "after_id": "0197c340-0000-7000-8000-000000000000",
}
DETAILS = ("studio.get_generation", "studio.get_concept", "studio.get_social_post")
ANALYTICS = """
    studio.count_concepts_by_category studio.count_concepts_by_trend studio.count_concepts_by_day studio.sum_gains
""".split()
SEARCH = "studio.search_concepts"
SEARCHED = {
    "a word that all have": "toaster",
    "two that many have": "toaster batch7",
    "three, one of them rare": "toaster slices {number}",
}

# Of what most rows have: the samples name what there are few of, which do not fill a page at every size.
USUAL = {
    "studio.list_social_posts_by_status": {"status": "posted"},
    "studio.list_social_posts_of_account": {"status": "posted"},
    "studio.list_videos_by_status": {"status": "completed"},
}

# Where the ids come from that a query is called with.
IDS = {
    "studio.get_generation": "SELECT id FROM studio.generations",
    "studio.get_concept": "SELECT id FROM studio.concepts",
    "studio.get_social_post": "SELECT id FROM studio.social_posts",
    "concept_id": "SELECT concept_id AS id FROM studio.performance_feedback",
    "video_id": "SELECT video_id AS id FROM studio.video_totals",
    "post_id": "SELECT id FROM studio.social_posts WHERE status = 'posted'",
    "account_id": "SELECT DISTINCT account_id AS id FROM studio.social_posts WHERE status = 'posted'",
    "reserve": "SELECT id FROM studio.social_posts WHERE status = 'draft'",
}


def main() -> None:
    options = parsed(__doc__)
    known = load_queries()
    with filled(options.sizes, "posts", Database.studio) as databases:
        growth = compare(
            {size: calls(connection, known, size) for size, (_, connection) in databases.items()}
        )
        note_plans(growth, databases, {name: known[name] for name in filter(is_measured, known)})
    if options.write:
        report.write("studio", {"sizes": options.sizes, "queries": growth})


def is_measured(name: str) -> bool:
    return is_read(name) or name in (SEARCH, "studio.schedule_post", "studio.claim_posts")


def is_read(name: str) -> bool:
    return name.startswith("studio.list_") or name in (*DETAILS, *ANALYTICS)


def calls(
    connection: Connection, known: dict[str, Query[Any]], size: int
) -> Iterator[tuple[str, Call]]:
    for name, query in known.items():
        if not is_read(name):
            continue
        given = {n: YEAR[n] for n in YEAR if n in query.parameters} | USUAL.get(name, {})
        yield name, call_of(connection, query, given)
        if query.page_keys in MIDDLE and IDS.keys().isdisjoint(query.parameters):
            after = {n: MIDDLE_OF_YEAR[n] for n in MIDDLE_OF_YEAR if n in query.parameters}
            yield f"{name}, middle", call_of(connection, query, given | after)
    for what, words in SEARCHED.items():
        yield f"{SEARCH}, {what}", search_of(connection, known[SEARCH], words, size)
    yield "studio.schedule_post, the best account", reserve_of(connection, known)
    yield "studio.claim_posts", claim_of(connection, known)


def call_of(connection: Connection, query: Query[Any], given: dict[str, str]) -> Call:
    """A call of the query, each time for another of CALLS rows of the tenant, and then for them again."""
    sampled = {
        name: itertools.cycle(chosen(connection, IDS[query.name if name == "id" else name]))
        for name in query.parameters
        if name in IDS or name == "id"
    }

    def call() -> list[Any]:
        chosen = {name: next(each) for name, each in sampled.items()}
        return run(connection, query, **given, **chosen)

    return call


def search_of(connection: Connection, query: Query[Any], words: str, size: int) -> Call:
    numbers = itertools.cycle(range(3, size // 5, max(3, size // 5 // CALLS)))
    return lambda: run(connection, query, q=words.format(number=next(numbers)))


def reserve_of(connection: Connection, queries: dict[str, Query[Any]]) -> Call:
    """A draft is scheduled now, on the account that suits it best."""
    drafts = itertools.cycle(chosen(connection, IDS["reserve"]))

    def call() -> list[Any]:
        draft = next(drafts)
        with connection.transaction(force_rollback=True):
            run(connection, queries["studio.lock_social_accounts"], id=draft)
            return run(connection, queries["studio.schedule_post"], id=draft, revision=None)

    return call


def claim_of(connection: Connection, queries: dict[str, Query[Any]]) -> Call:
    """A worker claims the 20 posts that were due first."""

    def call() -> list[Any]:
        with connection.transaction(force_rollback=True):
            run(connection, queries["studio.rescue_posts"])
            run(connection, queries["studio.retry_posts"])
            claimed = run(connection, queries["studio.claim_posts"], lease_id=uuid4(), limit=20)
            run(connection, queries["studio.tell_overdue_posts"])
            return claimed

    return call


if __name__ == "__main__":
    main()
