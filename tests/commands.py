"""The service's commands, as an operator runs them."""

import os
import subprocess
import sys

from service.config import Settings
from tests.client import ROOT

SECRET_KEY = "the tests' own secret key, at least 32 characters"


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives these settings."""
    assert settings.database_url
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET_KEY,
        "LOG_LEVEL": settings.log_level,
        "PREPARE_STATEMENTS": str(settings.prepare_statements),
        "EVENT_STREAM_SECONDS": str(settings.event_stream_seconds),
        # Soon there, for the tests that look at what was counted.
        "USAGE_FLUSH_SECONDS": "1",
        # One is started sooner than two. What is about several says so.
        "WEB_CONCURRENCY": "1",
        # What a test changes in plain SQL, or through one worker, counts at once everywhere.
        "CREDENTIAL_CACHE_SECONDS": "0",
    }


def flask(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        env={**os.environ, **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def make_platform_key(environ: dict[str, str]) -> str:
    """An API key that may create tenants."""
    done = flask(environ, "tenants", "create", "Platform", "ops@example.com", "--platform")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]
