"""Writes the snapshots of all plans anew: what `make sql-plans` starts."""

from service.caller import enter_to_explain
from service.commands import scratch
from service.queries import ROOT, load
from service.queries.review import snapshots


def main() -> None:
    with scratch.server(snapshots.VERSION) as server:
        scratch.create_migrated(server, "plans")
        snapshots.fill(server.url("postgres", "plans"))
        plans = snapshots.make(server.url("app_rw", "plans"), load().values(), enter_to_explain())
    for path in snapshots.write(plans):
        print(path.relative_to(ROOT.parent))


if __name__ == "__main__":
    main()
