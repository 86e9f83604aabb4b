"""What goes wrong in a command is told in a line, as what goes wrong in a request is."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
import psycopg
from marshmallow import ValidationError

from service.errors import Problem


def told(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose failures are a line."""

    @wraps(command)
    def run(**arguments: Any) -> None:
        try:
            command(**arguments)
        except ValidationError as error:
            lines = [
                f"{name}: {' '.join(map(str, said))}" for name, said in error.messages_dict.items()
            ]
            raise click.ClickException("\n".join(lines)) from None
        except Problem as problem:
            raise click.ClickException(problem.detail) from None
        except psycopg.Error as error:
            raise click.ClickException(str(error).strip()) from None

    return run
