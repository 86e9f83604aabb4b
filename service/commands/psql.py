"""What `make psql` starts: the wheel's psql, as app_rw, on the database that `make run` runs.

`make psql q=inbox.list_messages` opens a query: its samples are set, the tenant is the demo's, and the file has run
in a transaction that is rolled back at the end, unless somebody commits.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from service import embedded
from service.commands import demo
from service.commands.run import DATABASE
from service.config import ConfigError, Settings
from service.queries import ROOT, Query, load


def main() -> None:
    try:
        settings = Settings.from_environment(os.environ)
        server = embedded.attach(settings.data_dir / "postgres")
    except (ConfigError, embedded.EmbeddedError) as error:
        sys.exit(str(error))
    if server is None:
        sys.exit("The embedded database does not run: start it with make run")
    psql = server.bin_path / "psql"
    arguments = [str(psql), server.url("app_rw", DATABASE)]
    environment = dict(os.environ)
    if name := environment.pop("q", ""):
        query = load().get(name)
        if query is None:
            sys.exit(f"There is no query {name}")
        startup = settings.data_dir / "psqlrc"
        startup.write_text(script(query))
        environment |= {"PSQLRC": str(startup), "PGOPTIONS": demo.PGOPTIONS}
    os.execve(psql, [*arguments, *sys.argv[1:]], environment)


def script(query: Query[Any]) -> str:
    """What psql does before it asks for input: sets the samples and runs the file."""
    run = rf"\i {quoted(str(ROOT.parent / query.path))}"
    told = f"A transaction is open: {run} runs the file again with what \\set says; COMMIT keeps what it wrote."
    return "\n".join(
        [
            *(rf"\set {name} {quoted(value)}" for name, value in samples(query).items()),
            "BEGIN;",
            run,
            rf"\echo {quoted(told)}",
            "",
        ]
    )


def samples(query: Query[Any]) -> dict[str, str]:
    """The samples as literals, in the tenant of the demo data."""
    samples = {name: parameter.sample for name, parameter in query.parameters.items()}
    return samples | ({"tenant_id": f"'{demo.TENANT_ID}'"} if "tenant_id" in samples else {})


def quoted(text: str) -> str:
    """As one argument of psql's own commands."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


if __name__ == "__main__":
    main()
