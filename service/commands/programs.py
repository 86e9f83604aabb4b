"""PostgreSQL's own programs, such as pg_dump, which a command runs."""

from __future__ import annotations

import os
import shutil

import click
from psycopg.conninfo import conninfo_to_dict, make_conninfo


def find(program: str) -> str:
    """Its path."""
    path = shutil.which(program)
    if path is None:
        raise click.ClickException(f"{program} is missing: install PostgreSQL's client programs")
    return path


def connection(url: str) -> tuple[str, dict[str, str]]:
    """The option that tells a program where to connect, and its environment.

    A password is in the environment, because `ps` shows options to everybody.
    """
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = dict(os.environ)
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return f"--dbname={make_conninfo('', **parts)}", environment
