"""Settings come from the environment; a wrong one is refused with what was expected."""

import dataclasses
import re
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from service import config
from service.config import ConfigError, HttpSettings, Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SECRET = "s3cr3t-" * 6
DATABASE = {"DATABASE_URL": "postgresql://app_rw:hunter2@db/draftroom", "SECRET_KEY": SECRET}
OIDC = {
    "OIDC_ISSUER": "https://login.example.com",
    "OIDC_AUDIENCE": "draftroom",
    "OIDC_JWKS_URL": "http://127.0.0.1:9000/keys",
}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as refused:
        Settings.from_environment(environ)
    return str(refused.value)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert HttpSettings.from_environment({}) == HttpSettings()


def test_an_empty_string_is_not_set() -> None:
    names = [field.name.upper() for field in dataclasses.fields(Settings)]
    assert Settings.from_environment(dict.fromkeys(names, "")) == Settings()


def test_every_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _: ModuleSpec("opentelemetry", None))
    settings = Settings.from_environment(
        DATABASE
        | OIDC
        | {
            "DIRECT_URL": "postgresql+psycopg://app_owner:hunter2@db/draftroom",
            "SHADOW_DATABASE_URL": "postgresql+psycopg://app_owner:hunter2@db/shadow",
            "DATABASE_URL_RO": "postgresql://app_ro:hunter2@replica/draftroom",
            "CATALOGUE_TENANT_ID": "0190D3A0-0000-7000-8000-000000000001",
            "REDIS_URL": "redis://:hunter2@redis:6379/1",
            "DATA_DIR": "/srv/draftroom",
            "SECRET_KEY_PREVIOUS": SECRET[::-1],
            "POOL_SIZE": "3",
            "POOL_TIMEOUT": "0.5",
            "PREPARE_STATEMENTS": "false",
            "CREDENTIAL_CACHE_SECONDS": "0.5",
            "MAX_BODY_BYTES": "2048",
            "OIDC_ALGORITHMS": "ES256, EdDSA",
            "OIDC_TENANT_CLAIM": "org",
            "TRUSTED_PROXIES": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
            "RETENTION_OPEN_CONVERSATIONS_DAYS": "180",
            "RETENTION_CLOSED_CONVERSATIONS_DAYS": "90",
            "RETENTION_ARCHIVED_CONVERSATIONS_DAYS": "730",
            "RETENTION_MODEL_RUNS_DAYS": "365",
            "RETENTION_EVENTS_DAYS": "730",
            "RETENTION_NOTIFICATIONS_DAYS": "90",
            "RETENTION_JOBS_DAYS": "30",
            "RETENTION_WEBHOOK_DELIVERIES_DAYS": "7",
            "RETENTION_IDEMPOTENCY_KEYS_DAYS": "2",
            "WEBHOOK_PRIVATE_ADDRESSES": "true",
            "WEBHOOK_THREADS": "4",
            "WEBHOOK_RETRY_DELAYS": "0.5, 60",
            "RETENTION_API_USAGE_DAYS": "90",
            "USAGE_FLUSH_SECONDS": "5",
            "RATE_LIMIT_CALLER": "10/10 seconds",
            "RATE_LIMIT_TENANT": "600/minute",
            "RATE_LIMIT_ADDRESS": "20/hour",
            "THREADS": "16",
            "EXPORTS": "4",
            "EXPORTS_PER_TENANT": "2",
            "IMPORTS": "3",
            "IMPORTS_PER_TENANT": "2",
            "EVENT_STREAMS": "2",
            "EVENT_STREAMS_PER_TENANT": "1",
            "EVENT_STREAM_SECONDS": "60",
            "EVENT_POLL_SECONDS": "0.5",
            "EVENT_HEARTBEAT_SECONDS": "10",
            "CLAIM_WAITS": "3",
            "CLAIM_WAITS_PER_TENANT": "1",
            "CLAIM_POLL_SECONDS": "0.5",
            "PUBLIC_DETAILS": "false",
            "METRICS_TOKEN": SECRET,
            "LOG_LEVEL": "WARNING",
            "LOG_FORMAT": "json",
            "SLOW_QUERY_SECONDS": "0.5",
            "HOME": "/is/not/ours",
        }
    )
    defaults = Settings()
    for field in dataclasses.fields(Settings):
        assert getattr(settings, field.name) != getattr(defaults, field.name), field.name
    assert settings.data_dir == Path("/srv/draftroom")
    assert settings.pool_timeout == 0.5
    assert settings.prepare_statements is False
    assert settings.webhook_retry_delays == (0.5, 60.0)
    assert settings.oidc_algorithms == ("ES256", "EdDSA")
    assert settings.catalogue_tenant_id == "0190d3a0-0000-7000-8000-000000000001"


def test_spans_need_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda _: None)
    assert Settings.from_environment({}).otel_exporter_otlp_endpoint is None
    refused = refusal({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is wrong" in refused
    assert "requirements-otel.txt" in refused


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "mysql://db/x", "postgresql://"),
        ("DATABASE_URL", "host=db dbname=x", "postgresql://"),
        ("DATABASE_URL", "postgresql://[db/x", "postgresql://"),
        ("DATABASE_URL_RO", "mysql://db/x", "postgresql://app_ro"),
        ("DIRECT_URL", "postgresql://app_owner@db/x", "postgresql+psycopg://"),
        ("SHADOW_DATABASE_URL", "postgresql://app_owner@db/x", "postgresql+psycopg://"),
        ("CATALOGUE_TENANT_ID", "demo", "the id of a tenant"),
        ("SECRET_KEY", "k" * 31, "32 characters"),
        ("SECRET_KEY_PREVIOUS", "k" * 31, "32 characters"),
        ("POOL_SIZE", "0", "from 1 to 100"),
        ("POOL_SIZE", "101", "from 1 to 100"),
        ("POOL_SIZE", "many", "from 1 to 100"),
        ("POOL_TIMEOUT", "0", "from 0.1 to 60"),
        ("POOL_TIMEOUT", "nan", "from 0.1 to 60"),
        ("CREDENTIAL_CACHE_SECONDS", "-1", "from 0 to 60"),
        ("PREPARE_STATEMENTS", "perhaps", "true or false"),
        ("WEBHOOK_PRIVATE_ADDRESSES", "perhaps", "true or false"),
        ("WEBHOOK_THREADS", "0", "from 1 to 256"),
        ("WEBHOOK_RETRY_DELAYS", " , ", "1 to 30 numbers"),
        ("WEBHOOK_RETRY_DELAYS", "5 soon", "1 to 30 numbers"),
        ("WEBHOOK_RETRY_DELAYS", "5 -1", "from 0 to 604800"),
        ("WEBHOOK_RETRY_DELAYS", "nan", "from 0 to 604800"),
        ("WEBHOOK_RETRY_DELAYS", "604801", "from 0 to 604800"),
        ("WEBHOOK_RETRY_DELAYS", "1 " * 31, "1 to 30 numbers"),
        ("MAX_BODY_BYTES", "1023", "from 1024 to 67108864"),
        ("MAX_BODY_BYTES", "67108865", "from 1024 to 67108864"),
        ("OIDC_ALGORITHMS", "RS256 none", "RS256 RS384"),
        ("OIDC_ALGORITHMS", "HS256", "RS256 RS384"),
        ("OIDC_ALGORITHMS", " , ", "RS256 RS384"),
        ("OIDC_TENANT_CLAIM", " ", "claim"),
        ("TRUSTED_PROXIES", "-1", "from 0 to 10"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("SLOW_QUERY_SECONDS", "-1", "from 0 to 3600"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http or https URL"),
        ("RATE_LIMIT_CALLER", "10", "10/10 seconds"),
        ("RATE_LIMIT_CALLER", "many/minute", "10/10 seconds"),
        ("RATE_LIMIT_TENANT", "0/minute", "10/10 seconds"),
        ("RATE_LIMIT_TENANT", "10001/minute", "at most 10000"),
        ("RATE_LIMIT_ADDRESS", "10/2 days", "and a day"),
        ("RATE_LIMIT_ADDRESS", "10/minute;5/second", "10/10 seconds"),
        ("RETENTION_OPEN_CONVERSATIONS_DAYS", "36501", "from 0 to 36500"),
        ("RETENTION_CLOSED_CONVERSATIONS_DAYS", "soon", "from 0 to 36500"),
        ("RETENTION_ARCHIVED_CONVERSATIONS_DAYS", "-1", "from 0 to 36500"),
        ("RETENTION_MODEL_RUNS_DAYS", "-1", "from 0 to 36500"),
        ("RETENTION_EVENTS_DAYS", "for ever", "from 0 to 36500"),
        ("THREADS", "1", "from 2 to 256"),
        ("EXPORTS", "-1", "from 0 to 255"),
        ("EXPORTS_PER_TENANT", "256", "from 0 to 255"),
        ("EVENT_STREAMS", "256", "from 0 to 255"),
        ("EVENT_STREAMS_PER_TENANT", "many", "from 0 to 255"),
        ("EVENT_STREAM_SECONDS", "0", "from 1 to 3600"),
        ("EVENT_POLL_SECONDS", "0", "from 0.05 to 10"),
        ("EVENT_HEARTBEAT_SECONDS", "nan", "from 0.05 to 300"),
        ("CLAIM_POLL_SECONDS", "61", "from 0.05 to 60"),
        ("LOG_LEVEL", "LOUD", "DEBUG INFO"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(
    name: str, value: str, expected: str
) -> None:
    assert re.fullmatch(
        rf"{name} is wrong: expected .*{re.escape(expected)}.*",
        refusal(DATABASE | {name: value}),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "http"),
        ("HEAD_TIMEOUT", "0"),
        ("WEB_CONCURRENCY", "x"),
        ("HOST", "a b"),
    ],
)
def test_a_wrong_http_setting_is_named_with_what_was_expected(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} is wrong: expected "):
        HttpSettings.from_environment({name: value})


def test_all_wrong_settings_are_named_at_once() -> None:
    text = refusal({"POOL_SIZE": "x", "LOG_LEVEL": "x", "OIDC_ISSUER": "x"} | {"DATABASE_URL": "x"})
    assert [line.split()[0] for line in text.splitlines()] == [
        "DATABASE_URL",
        "SECRET_KEY",
        "POOL_SIZE",
        "OIDC_AUDIENCE",
        "OIDC_JWKS_URL",
        "LOG_LEVEL",
    ]


def test_a_database_needs_a_secret_key() -> None:
    assert refusal({"DATABASE_URL": DATABASE["DATABASE_URL"]}).startswith("SECRET_KEY is missing")


@pytest.mark.parametrize("name", OIDC)
def test_the_oidc_settings_go_together(name: str) -> None:
    assert Settings.from_environment(OIDC).oidc_audience == "draftroom"
    rest = {other: value for other, value in OIDC.items() if other != name}
    assert refusal(rest).startswith(f"{name} is missing")


def test_secrets_are_never_shown() -> None:
    wrong = "postgresql://app_rw:hunter2@[db/draftroom"
    text = refusal({"DATABASE_URL": wrong, "DIRECT_URL": wrong, "SECRET_KEY": "hunter2"})
    assert "hunter2" not in text
    shown = repr(Settings.from_environment(DATABASE | {"SECRET_KEY_PREVIOUS": SECRET}))
    assert "hunter2" not in shown
    assert SECRET not in shown


def test_the_example_names_every_setting_with_its_default() -> None:
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    settings = [*dataclasses.fields(Settings), *dataclasses.fields(HttpSettings)]
    assert sorted(example) == sorted(field.name.upper() for field in settings)
    assert Settings.from_environment(example) == Settings()
    assert HttpSettings.from_environment(example) == HttpSettings()


def test_an_ipv6_host_is_an_address() -> None:
    assert HttpSettings.from_environment({"HOST": "::1"}).address == "[::1]:8000"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.7", False),
        ("draftroom.example", False),
    ],
)
def test_who_can_reach_an_address_is_known(host: str, loopback: bool) -> None:
    assert HttpSettings(host=host).is_loopback == loopback


def test_a_setting_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    given = {"DATABASE_URL": DATABASE["DATABASE_URL"], "SECRET_KEY_FILE": str(file)}
    assert Settings.from_environment(given).secret_key == SECRET
    file.write_text("short")
    assert re.fullmatch("SECRET_KEY is wrong: expected .*", refusal(given))
    assert refusal(DATABASE | given) == (
        "SECRET_KEY and SECRET_KEY_FILE are set: expected one of them"
    )
    file.write_bytes(b"\xff")
    for path in (file, tmp_path / "missing"):
        assert refusal(given | {"SECRET_KEY_FILE": str(path)}) == (
            "SECRET_KEY_FILE is wrong: expected the path of a text file that can be read"
        )
