"""What is asked: the requests over HTTP, the same for all, and for pgbench the statements that Draftroom sends.

Requests go to the first tenant. Its rows are those whose number is a multiple of the number of tenants.
"""

import itertools
import json
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench import load
from bench.database import Database, conversation_id, draft_id, run_id, tenant_id, user_id
from service.caller import Caller, enter
from service.queries import Bound, Query, queries

PAGE = 50
DUE = 2000  # replies that wait to be claimed
PENDING = 5000  # drafts to decide on per second of W3, more than can be decided on


@dataclass(frozen=True)
class Script:
    """What pgbench runs: statements in one pipeline, which is one transaction, as the service sends them."""

    text: str
    variables: dict[str, str]


class Workload(ABC):
    name: str
    title: str
    writes = False

    @abstractmethod
    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        """For one measurement of so many seconds."""

    def follow(self, answer: bytes) -> bytes | None:
        """The second request of a workload that has one, from the answer to the first."""
        return None

    def get(self, database: Database, path: str) -> bytes:
        return load.request("GET", path, _headers(database))


class Shared(Workload):
    """What the peers and pgbench do, too."""

    @abstractmethod
    def script(self, database: Database, seconds: float) -> Script:
        """For one measurement with pgbench, which uses :n, a number that no other transaction has."""


class Tweets(Shared):
    name = "W1"
    title = f"tweet list, {PAGE} by status, with whether each has a live draft"
    path = f"/v1/tweets?status=drafted&limit={PAGE}"

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        return itertools.repeat(self.get(database, self.path))

    def script(self, database: Database, seconds: float) -> Script:
        return script(
            _sampled(queries.tweets.list_tweets_by_status, status=["drafted"], limit=PAGE)
        )


class RunDetail(Shared):
    name = "W2"
    title = "one run with 5 cards, 5 stages and the report"

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        headers = _headers(database) | {"Draftroom-User": user_id(1)}
        paths = [f"/v1/pipeline-runs/{run_id(number)}" for number in _some(database)]
        return itertools.cycle([load.request("GET", path, headers) for path in paths])

    def script(self, database: Database, seconds: float) -> Script:
        run = Expression(_id("01960000", _nth(database)))
        return script(queries.pipelines.get_run(id=run, user_id=user_id(1)))


class Approval(Shared):
    name = "W3"
    title = "approve a draft"
    writes = True

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        headers = _headers(database) | {"Draftroom-User": user_id(1)}
        for number in database.add_pending(int(PENDING * seconds)):
            path = f"/v1/drafts/{draft_id(number)}/approve"
            yield load.request("POST", path, headers, b'{"mode": "now"}')

    def script(self, database: Database, seconds: float) -> Script:
        drafts = database.add_pending(int(2 * PENDING * seconds))
        query = _sampled(
            queries.drafts.decide,
            id=Expression(_id("01930000", f"{drafts.start} + :n")),
            user_id=user_id(1),
        )
        return script(query, first=queries.operations.name_action(action="APPROVE"))


class OneDraft(Shared):
    name = "W4"
    title = "one draft by id"

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        paths = [f"/v1/drafts/{draft_id(number)}" for number in _some(database)]
        return itertools.cycle([self.get(database, path) for path in paths])

    def script(self, database: Database, seconds: float) -> Script:
        return script(queries.drafts.get_draft(id=Expression(_id("01930000", _nth(database)))))


class Feed(Shared):
    name = "W5"
    title = "draft feed, 30 conversations"

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        return itertools.repeat(self.get(database, "/v1/drafts/feed?limit=30"))

    def script(self, database: Database, seconds: float) -> Script:
        return script(
            queries.drafts.feed(
                pending_only=False,
                after_last_inbound_at="infinity",
                after_id="ffffffff-ffff-ffff-ffff-ffffffffffff",
                limit=30,
            )
        )


@dataclass
class Intake(Shared):
    name = "W6"
    title = "take a message in"
    writes = True
    counter: Iterator[int] = field(default_factory=itertools.count)

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        for number in self.counter:
            yield load.request(
                "POST", "/v1/intake/messages", _headers(database), self.message(number)
            )

    def message(self, number: int) -> bytes:
        content = {
            "channel_type": "email",
            "channel_external_id": "mailbox",
            "conversation_external_id": f"load-{number}",
            "external_id": f"load-{number}",
            "customer_email": "kim@example.com",
            "customer_name": "Kim",
            "subject": "Order",
            "body_text": "I ordered fuel line fittings last week, and they have not arrived.",
        }
        return json.dumps(content).encode()

    def script(self, database: Database, seconds: float) -> Script:
        content = json.loads(self.message(0))
        number = Expression(f"(:n + {1_000_000_000 * next(self.counter)})::text")
        channel = {"type": content.pop("channel_type"), "external_id": "mailbox"}
        del content["channel_external_id"]
        received = _sampled(
            queries.inbox.receive_message,
            **content | {"conversation_external_id": number, "external_id": number},
            channel_id="018a0000-0000-7000-8000-000000000001",
        )
        return script(received, first=queries.inbox.find_channel(**channel))


class NewDraft(Workload):
    name = "W7"
    title = "post a draft, which supersedes the pending one"
    writes = True

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        content = {
            "model_key": "gpt-4o-mini",
            "prompt_version": "v1",
            "suggested_text": "Hi, your order left our warehouse on Tuesday. It arrives within 5 days.",
            "top_sources": [{"url": "https://example.com/shipping", "score": 0.82}],
        }
        body = json.dumps(content).encode()
        for number in database.add_pending(int(PENDING * seconds)):
            path = f"/v1/conversations/{conversation_id(number)}/drafts"
            yield load.request("POST", path, _headers(database), body)


@dataclass
class Delivery(Workload):
    name = "W8"
    title = f"claim a reply, with {DUE:,} due, and confirm that it was sent"
    writes = True
    headers: dict[str, str] = field(default_factory=dict)

    def requests(self, database: Database, seconds: float) -> Iterator[bytes]:
        self.headers = _headers(database)
        claim = self.post("claim", {"worker": "bench"})
        return itertools.repeat(claim, database.set_due(DUE))

    def follow(self, answer: bytes) -> bytes:
        [reply] = json.loads(answer)["items"]
        sent = {"lease_id": reply["lease_id"], "external_id": f"sent-{reply['id']}"}
        return self.post(f"{reply['id']}/confirm", sent)

    def post(self, action: str, content: dict[str, str]) -> bytes:
        path = f"/v1/scheduled-replies/{action}"
        return load.request("POST", path, self.headers, json.dumps(content).encode())


OWN_WORKLOADS: tuple[Workload, ...] = (NewDraft(), Delivery())
WORKLOADS: tuple[Shared, ...] = (
    Tweets(),
    RunDetail(),
    Approval(),
    OneDraft(),
    Feed(),
    Intake(),
)


class Expression(str):
    """An argument that pgbench's server computes from :n."""


def _some(database: Database) -> list[int]:
    """Rows of the first tenant, in any order, always the same."""
    numbers = range(database.tenants, database.rows, database.tenants)
    return random.Random(1).sample(numbers, min(1000, len(numbers)))


def _nth(database: Database) -> str:
    """One of the rows of the first tenant, another with each :n."""
    return f"{database.tenants} * (1 + :n * 7919 % {database.rows // database.tenants - 1})"


def _id(kind: str, number: str) -> str:
    return f"('{kind}-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _headers(database: Database) -> dict[str, str]:
    return {"Authorization": f"Bearer {database.key}"}


def _sampled(query: Query[Any], **arguments: Any) -> Bound[Any, Any]:
    """The query with the samples of its header for what is not given."""
    samples = {
        name: json.loads(p.sample_value)
        if p.type == "jsonb" and p.sample_value is not None
        else p.sample_value
        for name, p in query.parameters.items()
        if name != "tenant_id"
    }
    return query(**samples | arguments)


def script(main: Bound[Any, Any], *, first: Bound[Any, Any] | None = None) -> Script:
    """The main statement as JSON, as the service runs it, after the transaction's own statements."""
    caller = Caller(
        tenant_id(1),
        f"user:{user_id(1)}",
        key_id="00000000-0000-7000-8000-000000000009",
        role="agent",
        user_id=user_id(1),
        request_id="bench",
    )
    steps = [(entering, entering.query.text) for entering in enter(caller)]
    if first is not None:
        steps.append((first, first.query.text))
    steps.append((main, main.query.json_text))
    variables: dict[str, str] = {}
    lines = ["\\set i :i + 1", "\\set n :i * 16 + :client_id", "\\startpipeline"]
    for step, (bound, statement) in enumerate(steps):
        places = []
        values = bound.values(tenant_id(1))
        for name, value in zip(bound.query.parameters, values, strict=True):
            given = bound.arguments.get(name)
            if isinstance(given, Expression):
                places.append(str(given))
            elif value is None:
                places.append("NULL")
            else:
                variables[f"s{step}_{name}"] = _literal(value)
                places.append(f":s{step}_{name}")
        lines.append(re.sub(r"\$(\d+)", lambda n: places[int(n[1]) - 1], statement) + ";")  # noqa: B023
    lines.append("\\endpipeline")
    return Script("\n".join(lines) + "\n", variables)


def _literal(value: Any) -> str:
    return "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
