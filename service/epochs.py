"""Whether transactions are still counted as the latest epoch says: what is read in their order depends on it.

A restored dump is in another cluster, and a failover or a recovery to a point in time begins another timeline: either
counts some numbers again. `operations.current_epoch()` keeps apart what is written; an operator raises the epoch.
"""

import time
from typing import TYPE_CHECKING

from service import errors
from service.caller import NOBODY
from service.database import Database
from service.queries import queries

if TYPE_CHECKING:
    from service.stubs.operations import GetEpochRow

LOOK_EVERY = 5.0  # seconds: between two looks nothing is lost, for what is written has an epoch of its own already
RAISE = "run `flask epochs raise REASON` (docs/operations.md)"


class Epochs:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._fit_until = -float("inf")

    def fit(self) -> bool:
        """Whether the latest epoch is of this cluster and timeline, as it was LOOK_EVERY seconds ago at the most."""
        now = time.monotonic()
        if now >= self._fit_until:
            latest = self.latest()
            if other_cluster(latest) or other_timeline(latest):
                return False
            self._fit_until = now + LOOK_EVERY
        return True

    def require(self) -> None:
        """Raises UNAVAILABLE until the epoch is raised."""
        if not self.fit():
            raise errors.unavailable("the database was moved: an operator has to raise the epoch")

    def latest(self) -> "GetEpochRow":
        """As the primary says."""
        return self._database.session(NOBODY).row(queries.operations.get_epoch())


def other_cluster(epoch: "GetEpochRow") -> str | None:
    """What is wrong if the database came from another cluster."""
    if epoch.cluster == epoch.system_identifier:
        return None
    return f"Epoch {epoch.epoch} is of cluster {epoch.system_identifier}, and this is {epoch.cluster}: {RAISE}."


def other_timeline(epoch: "GetEpochRow") -> str | None:
    """What is wrong if the cluster is on another timeline."""
    if epoch.timeline_now in (None, epoch.timeline):
        return None
    return (
        f"Epoch {epoch.epoch} is of timeline {epoch.timeline}, and this is {epoch.timeline_now}:"
        f" the feeds are closed until you {RAISE}."
    )
