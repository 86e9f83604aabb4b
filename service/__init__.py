"""Draftroom: the system of record for AI-drafted work. `create_app` puts it together."""

import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service import docs, errors, metrics, rest, telemetry, tracing
from service.api_usage import ApiUsage
from service.caller_cache import CallerCache
from service.config import Settings
from service.database import Database
from service.epochs import Epochs
from service.oidc import Issuer, Keys
from service.rate_limits import RateLimits
from service.secrets import Secrets
from service.state import State
from service.streams import StreamPlaces
from service.wakeups import Wakeups


def create_app(settings: Settings | None = None) -> Flask:
    """The application; settings come from the environment unless given. Raises ConfigError."""
    # Only here: to import a module of the package, as gunicorn.conf.py does, takes no area.
    from service import (
        catalogue,
        drafts,
        identity,
        inbox,
        library,
        models,
        operations,
        pipelines,
        studio,
        tweets,
        webhooks,
    )
    from service.commands import cli

    settings = settings or Settings.from_environment(os.environ)
    database_url, secret_key = settings.for_database()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    telemetry.configure(settings.log_level, settings.log_format)
    metrics.configure(settings.slow_query_seconds)
    tracing.configure(settings.otel_exporter_otlp_endpoint)
    database = Database(settings, database_url)
    usage = ApiUsage(database, settings.usage_flush_seconds)
    app.wsgi_app = telemetry.Telemetry(  # type: ignore[method-assign]
        app.wsgi_app,
        counts=settings.metrics_token is not None,
        usage=usage,
        form=settings.log_format,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]

    keys = [key for key in (secret_key, settings.secret_key_previous) if key]
    app.extensions["draftroom"] = State(
        settings,
        database,
        Epochs(database),
        Secrets(*keys),
        CallerCache(settings.credential_cache_seconds),
        StreamPlaces(settings),
        usage,
        RateLimits(settings),
        Wakeups(database_url),
        Issuer(settings, Keys(settings.oidc_jwks_url)) if settings.oidc_jwks_url else None,
    )
    database.open()

    rest.register(app)
    errors.register(app, database.explanations)
    areas = (
        *(identity, inbox, drafts, operations, models, tweets, pipelines, studio, library),
        webhooks,
    )
    for area in (*areas, catalogue):
        app.register_blueprint(area.blueprint)
    if settings.public_details:
        app.register_blueprint(docs.blueprint)
    cli.register(app)
    return app
