"""What goes wrong in a command is told in a line, as what goes wrong in a request is."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import click
import psycopg
from marshmallow import ValidationError

from service.errors import Problem, from_database
from service.state import state

NO_SCHEMA = ("3F000", "42P01")  # the schema, or the table, is not there


def told(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose failures are a line each."""

    @wraps(command)
    def run(**arguments: Any) -> None:
        try:
            command(**arguments)
        except ValidationError as error:
            raise click.ClickException("\n".join(_lines(error.messages_dict))) from None
        except Problem as problem:
            raise _failure(problem) from None
        except psycopg.Error as error:
            raise of_database(error) from None

    return run


def of_database(error: psycopg.Error) -> click.ClickException:
    """The failure without the statement, and without the row that was refused."""
    if (error.sqlstate or "").startswith("23"):
        problem = from_database(error, state().database.explanations())
        if problem.errors:
            return _failure(problem)
    line = error.diag.message_primary or str(error).strip()
    if error.sqlstate in NO_SCHEMA:
        line += ": were all migrations applied?"
    return click.ClickException(line)


def _failure(problem: Problem) -> click.ClickException:
    return click.ClickException("\n".join(_lines(problem.errors or {})) or problem.detail)


def _lines(messages: Mapping[Any, Any], within: str = "") -> Iterator[str]:
    for name, said in messages.items():
        field = f"{within}{name}"
        if isinstance(said, Mapping):
            yield from _lines(said, f"{field}.")
        else:
            yield f"{field}: {' '.join(map(str, said))}"
