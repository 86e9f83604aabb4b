"""`flask sql check` on a scratch database of its own: what `make sql-check` starts."""

import sys

from service.commands import scratch
from service.commands.check import check
from service.queries import load


def main() -> int:
    with scratch.server() as server:
        scratch.create_migrated(server, "draftroom")
        problems = check(server.url("app_rw", "draftroom"))
    print("\n".join(problems) or f"{len(load())} queries fit the schema")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
