"""A migrated database that is gone afterwards, for checks that need the schema and no data.

`python -m service.commands.scratch check` is `flask sql check` on one.
"""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask.cli import FlaskGroup

from service import create_app, embedded, migrations
from service.config import DIRECT_SCHEME

# What a crash would lose is thrown away anyway.
# Autovacuum would count rows anew between two plans that are compared.
UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


@contextmanager
def server(version: int = 18) -> Iterator[embedded.Server]:
    """An embedded server with nothing in it."""
    # Not below the checkout: PostgreSQL may run as another user, who must get there.
    folder = Path(tempfile.mkdtemp(prefix="draftroom-"))
    folder.chmod(0o755)
    running = None
    try:
        running = embedded.start(folder / "postgres", version, UNSAFE | {"max_connections": "300"})
        yield running
    finally:
        if running is not None:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def create_migrated(running: embedded.Server, name: str) -> None:
    """Makes the database `name` with all migrations applied."""
    embedded.create_database(running.superuser_url, name)
    direct_url = running.url("app_owner", name)
    migrations.apply(direct_url.replace("postgresql://", DIRECT_SCHEME, 1), alone=True)


def main() -> None:
    with server() as running:
        create_migrated(running, "draftroom")
        os.environ["DATABASE_URL"] = running.url("app_rw", "draftroom")
        os.environ["SECRET_KEY"] = secrets.token_hex()
        FlaskGroup(create_app=create_app).main(["sql", *sys.argv[1:]], prog_name="flask")


if __name__ == "__main__":
    main()
