"""What the worker does again and again: the metrics of prompts."""

from collections.abc import Iterator

from service.caller import Caller
from service.database import Database
from service.queries import queries


def recompute_prompt_metrics(database: Database, caller: Caller) -> Iterator[int]:
    session = database.session(caller)
    for prompt in session.rows(queries.models.list_prompt_ids()):
        yield session.execute(queries.models.recompute_prompt_metrics(id=prompt.id))
