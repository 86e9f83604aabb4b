"""What one process holds: its settings, its pool, its secrets, whom it knows, its streams. Made by `create_app`."""

from dataclasses import dataclass
from functools import cached_property

from flask import current_app
from jwt import PyJWKClient

from service.config import Settings
from service.credentials import Credentials
from service.database import Database
from service.secrets import Secrets
from service.streams import Streams


@dataclass
class State:
    settings: Settings
    database: Database
    secrets: Secrets
    credentials: Credentials
    streams: Streams

    @cached_property
    def jwks(self) -> PyJWKClient | None:
        """The issuer's keys, fetched when first needed and again for a key id that is new."""
        url = self.settings.oidc_jwks_url
        return PyJWKClient(url, lifespan=300, timeout=5, cooldown_duration=5) if url else None


def state() -> State:
    """The state of the present application."""
    found: State = current_app.extensions["draftroom"]
    return found
