"""What one process holds: settings, pool, secrets, whom it knows, places for streams. Made by `create_app`."""

from dataclasses import dataclass

from flask import current_app

from service.api_usage import ApiUsage
from service.caller_cache import CallerCache
from service.config import Settings
from service.database import Database
from service.epochs import Epochs
from service.oidc import Issuer
from service.rate_limits import RateLimits
from service.secrets import Secrets
from service.streams import StreamPlaces
from service.wakeups import Wakeups


@dataclass
class State:
    settings: Settings
    database: Database
    epochs: Epochs
    secrets: Secrets
    callers: CallerCache
    places: StreamPlaces
    usage: ApiUsage
    rate_limits: RateLimits
    wakeups: Wakeups
    issuer: Issuer | None  # None: only API keys are taken


def state() -> State:
    """The state of the present application."""
    found: State = current_app.extensions["draftroom"]
    return found
