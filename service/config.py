"""Settings: the environment, read and checked once. `.env.example` explains each one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from limits import RateLimitItem, parse_many
from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import ContainsOnly, Length, OneOf, Predicate, Range, Regexp
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import parse_url

DIRECT_SCHEME = "postgresql+psycopg://"
MAX_DELAYS, MAX_DELAY = 30, 7 * 24 * 3600  # of webhooks, in seconds


class ConfigError(Exception):
    """Wrong or missing settings, a line each: its name, what was expected, never its value."""


def libpq_url(direct_url: str) -> str:
    """`DIRECT_URL` as PostgreSQL's own programs read it: only yoyo wants a driver in the scheme."""
    return direct_url.replace(DIRECT_SCHEME, "postgresql://", 1)


@dataclass(frozen=True)
class Settings:
    """What the service itself needs. What holds a secret stays out of `repr`, hence out of logs."""

    database_url: str | None = field(default=None, repr=False)
    database_url_ro: str | None = field(default=None, repr=False)
    direct_url: str | None = field(default=None, repr=False)
    shadow_database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path(".data")
    secret_key: str | None = field(default=None, repr=False)
    secret_key_previous: str | None = field(default=None, repr=False)
    pool_size: int = 8
    pool_timeout: float = 3.0
    prepare_statements: bool = True
    credential_cache_seconds: float = 5.0
    max_body_bytes: int = 1024 * 1024
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = None
    oidc_algorithms: tuple[str, ...] = ("RS256",)
    oidc_tenant_claim: str = "tenant_id"
    trusted_proxies: int = 0
    threads: int = 8
    exports: int = 2
    exports_per_tenant: int = 1
    imports: int = 2
    imports_per_tenant: int = 1
    event_streams: int = 4
    event_streams_per_tenant: int = 2
    event_stream_seconds: int = 300
    event_poll_seconds: float = 1.0
    event_heartbeat_seconds: float = 25.0
    claim_waits: int = 4
    claim_waits_per_tenant: int = 2
    claim_poll_seconds: float = 1.0
    webhook_private_addresses: bool = False
    webhook_threads: int = 16
    webhook_retry_delays: tuple[float, ...] = (
        *(5, 300, 1800, 7200, 18000),  # 5 s, 5 min, 30 min, 2 h, 5 h
        *(36000, 50400, 72000, 86400),  # 10 h, 14 h, 20 h, 24 h
    )
    retention_open_conversations_days: int = 0
    retention_closed_conversations_days: int = 0
    retention_archived_conversations_days: int = 0
    retention_model_runs_days: int = 0
    retention_events_days: int = 0
    retention_notifications_days: int = 0
    retention_jobs_days: int = 0
    retention_webhook_deliveries_days: int = 30
    retention_idempotency_keys_days: int = 1
    retention_api_usage_days: int = 0
    rate_limit_caller: RateLimitItem | None = None
    rate_limit_tenant: RateLimitItem | None = None
    rate_limit_address: RateLimitItem | None = None
    usage_flush_seconds: int = 60
    public_details: bool = True
    catalogue_tenant_id: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    log_level: str = "INFO"
    log_format: str = "text"
    slow_query_seconds: float = 0.0
    otel_exporter_otlp_endpoint: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Raises ConfigError that names every wrong or missing setting."""
        return cls(**_read(_SettingsSchema(), environ))

    def for_database(self) -> tuple[str, str]:
        """DATABASE_URL and SECRET_KEY, which the service cannot do without; raises ConfigError."""
        if self.database_url is None or self.secret_key is None:
            expected = _SettingsSchema().fields["database_url"].metadata["expected"]
            raise ConfigError(
                f"DATABASE_URL is missing: expected {expected}; or start with `make run`"
            )
        return self.database_url, self.secret_key


@dataclass(frozen=True)
class HttpSettings:
    """What the HTTP server before the service needs."""

    host: str = "127.0.0.1"
    port: int = 8000
    web_concurrency: int = 2
    keep_alive: int = 75
    head_timeout: int = 10
    body_timeout: int = 30
    send_timeout: int = 30
    graceful_timeout: int = 30

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> HttpSettings:
        """Raises ConfigError that names every wrong setting."""
        return cls(**_read(_HttpSchema(), environ))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the service."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def address(self) -> str:
        """`host:port` as in a URL: an IPv6 address stands in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _read(schema: Schema, environ: Mapping[str, str]) -> dict[str, Any]:
    found = {name: _value(environ, name.upper()) for name in schema.fields}
    given = {name: value for name, value in found.items() if value}
    try:
        loaded: dict[str, Any] = schema.load(given)
    except ValidationError as error:
        # The sentence comes from the field, not from the error: marshmallow's may quote the value.
        raise ConfigError(
            "\n".join(
                f"{name.upper()} is {'wrong' if name in given else 'missing'}:"
                f" expected {schema.fields[name].metadata['expected']}"
                for name in schema.fields
                if name in error.messages
            )
        ) from None
    return loaded


def _value(environ: Mapping[str, str], name: str) -> str | None:
    """A setting, or what is in the file that NAME_FILE names, as containers are given secrets."""
    # An empty variable is how compose files and CI leave a setting out.
    value, path = environ.get(name), environ.get(f"{name}_FILE")
    if not path:
        return value
    if value:
        raise ConfigError(f"{name} and {name}_FILE are set: expected one of them")
    try:
        return Path(path).read_text().strip()
    except (OSError, ValueError):
        raise ConfigError(
            f"{name}_FILE is wrong: expected the path of a text file that can be read"
        ) from None


class _Words(fields.Field[tuple[str, ...]]):
    """Words separated by commas or spaces."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        return tuple(value.replace(",", " ").split())


class _Delays(fields.Field[tuple[float, ...]]):
    """Numbers of seconds, separated by commas or spaces."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[float, ...]:
        try:
            delays = tuple(map(float, value.replace(",", " ").split()))
        except ValueError:
            raise ValidationError("not numbers") from None
        if not 1 <= len(delays) <= MAX_DELAYS or not all(0 <= d <= MAX_DELAY for d in delays):
            raise ValidationError("too many, or too long")
        return delays


class _DatabaseUrl(fields.String):
    """A URL that libpq can read, with a scheme that suits whoever connects with it."""

    def __init__(self, *schemes: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schemes = schemes

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        try:
            conninfo_to_dict(libpq_url(value))
        except ProgrammingError:
            raise ValidationError("not a URL") from None
        if not value.startswith(self.schemes):
            raise ValidationError("another scheme")
        return str(value)


class _RedisUrl(fields.String):
    """A URL that the Redis client can read."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        try:
            parse_url(value)  # type: ignore[no-untyped-call]
        except ValueError:
            raise ValidationError("not a URL") from None
        return str(value)


class _RateLimit(fields.Field[RateLimitItem]):
    """So many requests in a time: 10/10 seconds."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> RateLimitItem:
        try:
            [limit] = parse_many(value)
        except ValueError:
            raise ValidationError("not a limit") from None
        if not (1 <= limit.amount <= 10_000 and 1 <= limit.get_expiry() <= 86_400):
            raise ValidationError("out of bounds")
        return limit


class _Uuid(fields.UUID):
    """An id, as text."""

    def _deserialize(self, value: str, *args: Any, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, *args, **kwargs))


class _Path(fields.Field[Path]):
    def _deserialize(self, value: str, *_: Any, **__: Any) -> Path:
        return Path(value).expanduser()


def _expected(text: str) -> dict[str, str]:
    return {"expected": text}


def _require_opentelemetry(_: str) -> None:
    if find_spec("opentelemetry") is None:
        raise ValidationError("not installed")


def _whole(low: int, high: int, unit: str) -> fields.Integer:
    expected = f"a whole number of {unit} from {low} to {high}"
    return fields.Integer(validate=Range(low, high), metadata=_expected(expected))


def _seconds(low: float, high: float) -> fields.Float:
    expected = f"a number of seconds from {low} to {high}"
    return fields.Float(validate=Range(low, high), metadata=_expected(expected))


def _rate_limit() -> _RateLimit:
    return _RateLimit(
        metadata=_expected(
            "requests in a time, such as 10/10 seconds or 600/minute: at most 10000, and a day"
        )
    )


_secret = _expected("at least 32 characters, random and kept secret")
_oidc = "; OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL are set together or not at all"
_algorithms = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class _SettingsSchema(Schema):
    database_url = _DatabaseUrl(
        "postgresql://",
        "postgres://",
        metadata=_expected("a URL postgresql://app_rw:...@host/database"),
    )
    database_url_ro = _DatabaseUrl(
        "postgresql://",
        "postgres://",
        metadata=_expected("a URL postgresql://app_ro:...@host/database"),
    )
    direct_url = _DatabaseUrl(
        DIRECT_SCHEME, metadata=_expected(f"a URL {DIRECT_SCHEME}app_owner:...@host/database")
    )
    shadow_database_url = _DatabaseUrl(
        DIRECT_SCHEME, metadata=_expected(f"a URL {DIRECT_SCHEME}app_owner:...@host/shadow")
    )
    redis_url = _RedisUrl(
        metadata=_expected("a URL redis://, rediss:// or unix:// of a Redis and its database")
    )
    data_dir = _Path(metadata=_expected("the path of a folder"))
    secret_key = fields.String(
        validate=Length(min=32),
        metadata=_expected(
            "at least 32 characters, random and kept secret; required with DATABASE_URL"
        ),
    )
    secret_key_previous = fields.String(validate=Length(min=32), metadata=_secret)
    pool_size = _whole(1, 100, "connections")
    pool_timeout = _seconds(0.1, 60)
    prepare_statements = fields.Boolean(metadata=_expected("true or false"))
    credential_cache_seconds = fields.Float(
        validate=Range(0, 60), metadata=_expected("a number of seconds from 0 to 60")
    )
    max_body_bytes = _whole(1024, 64 * 1024 * 1024, "bytes")
    oidc_issuer = fields.String(metadata=_expected(f"the issuer's URL, as in its tokens{_oidc}"))
    oidc_audience = fields.String(metadata=_expected(f"the audience in the tokens{_oidc}"))
    oidc_jwks_url = fields.Url(
        schemes={"http", "https"},
        require_tld=False,
        metadata=_expected(f"the http or https URL of the issuer's keys{_oidc}"),
    )
    oidc_algorithms = _Words(
        validate=[Length(min=1), ContainsOnly(_algorithms)],
        metadata=_expected(f"one or more of {' '.join(_algorithms)}"),
    )
    oidc_tenant_claim = fields.String(
        validate=Predicate("strip"),
        metadata=_expected("the name of the claim with the tenant's id"),
    )
    trusted_proxies = _whole(0, 10, "proxies")
    threads = _whole(2, 256, "threads in each worker")
    exports = _whole(0, 255, "exports")
    exports_per_tenant = _whole(0, 255, "exports")
    imports = _whole(0, 255, "imports")
    imports_per_tenant = _whole(0, 255, "imports")
    event_streams = _whole(0, 255, "streams")
    event_streams_per_tenant = _whole(0, 255, "streams")
    event_stream_seconds = _whole(1, 3600, "seconds")
    event_poll_seconds = _seconds(0.05, 10)
    event_heartbeat_seconds = _seconds(0.05, 300)
    claim_waits = _whole(0, 255, "claims that wait")
    claim_waits_per_tenant = _whole(0, 255, "claims that wait")
    claim_poll_seconds = _seconds(0.05, 60)
    webhook_private_addresses = fields.Boolean(metadata=_expected("true or false"))
    webhook_threads = _whole(1, 256, "threads")
    webhook_retry_delays = _Delays(
        metadata=_expected(f"1 to {MAX_DELAYS} numbers of seconds from 0 to {MAX_DELAY}")
    )
    retention_open_conversations_days = _whole(0, 36500, "days")
    retention_closed_conversations_days = _whole(0, 36500, "days")
    retention_archived_conversations_days = _whole(0, 36500, "days")
    retention_model_runs_days = _whole(0, 36500, "days")
    retention_events_days = _whole(0, 36500, "days")
    retention_notifications_days = _whole(0, 36500, "days")
    retention_jobs_days = _whole(0, 36500, "days")
    retention_webhook_deliveries_days = _whole(0, 36500, "days")
    retention_idempotency_keys_days = _whole(0, 36500, "days")
    retention_api_usage_days = _whole(0, 36500, "days")
    rate_limit_caller = _rate_limit()
    rate_limit_tenant = _rate_limit()
    rate_limit_address = _rate_limit()
    usage_flush_seconds = _whole(1, 3600, "seconds")
    public_details = fields.Boolean(metadata=_expected("true or false"))
    metrics_token = fields.String(
        validate=Length(min=16),
        metadata=_expected("at least 16 characters, random and kept secret"),
    )
    catalogue_tenant_id = _Uuid(metadata=_expected("the id of a tenant"))
    log_level = fields.String(
        validate=OneOf(_levels), metadata=_expected(f"one of {' '.join(_levels)}")
    )
    log_format = fields.String(validate=OneOf(("text", "json")), metadata=_expected("text or json"))
    slow_query_seconds = _seconds(0, 3600)
    otel_exporter_otlp_endpoint = fields.Url(
        schemes={"http", "https"},
        require_tld=False,
        validate=_require_opentelemetry,
        metadata=_expected(
            "the http or https URL of an OpenTelemetry collector, and the packages of requirements-otel.txt"
        ),
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _together(self, _: Any, given: dict[str, str], **__: Any) -> None:
        missing = {"secret_key"} - given.keys() if "database_url" in given else set()
        oidc = {"oidc_issuer", "oidc_audience", "oidc_jwks_url"}
        if oidc & given.keys():
            missing |= oidc - given.keys()
        if missing:
            raise ValidationError({name: ["missing"] for name in missing})


class _HttpSchema(Schema):
    host = fields.String(
        validate=Regexp(r"[A-Za-z0-9.:-]+\Z"),
        metadata=_expected("the address or host name to listen on"),
    )
    port = fields.Integer(
        validate=Range(1, 65535), metadata=_expected("a port number from 1 to 65535")
    )
    web_concurrency = _whole(1, 256, "worker processes")
    keep_alive = _whole(0, 3600, "seconds")
    head_timeout = _whole(1, 3600, "seconds")
    body_timeout = _whole(1, 3600, "seconds")
    send_timeout = _whole(1, 3600, "seconds")
    graceful_timeout = _whole(1, 3600, "seconds")
