"""The schema's migrations: apply them, and compare the files with what a database says was applied.

Imports nothing of the service: migrations/post-apply.py runs it where only yoyo is installed.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Mapping
from pathlib import Path

import yoyo

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def apply(direct_url: str, alone: bool = False) -> None:
    """Does what `yoyo apply` does. `direct_url` is DIRECT_URL (app_owner).

    `alone`: the caller knows that nobody else migrates; a lock was left by a dead process.
    """
    with yoyo.get_backend(direct_url) as backend:
        if alone:
            backend.break_lock()
        with backend.lock():
            pending = backend.to_apply(yoyo.read_migrations(glob.escape(str(FOLDER))))
            backend.apply_migrations_only(pending)
            # Even if nothing was pending: an earlier apply may have been killed just before this.
            backend.run_post_apply(pending)


def roll_back(direct_url: str) -> None:
    """Takes back all that was applied, and with it all data: for a database that nobody else uses."""
    with yoyo.get_backend(direct_url) as backend, backend.lock():
        known = yoyo.read_migrations(glob.escape(str(FOLDER)))
        backend.rollback_migrations(backend.to_rollback(known))


def checksums(folder: Path = FOLDER) -> dict[str, str]:
    """SHA-256 (hex) of each migration on disk by its id; kinds of line ending don't count."""
    return {
        path.stem: hashlib.sha256(path.read_text(encoding="utf-8").encode()).hexdigest()
        for path in sorted(folder.glob("*.sql"))
        if not path.name.endswith(".rollback.sql")
    }


def compare(on_disk: Mapping[str, str], applied: Mapping[str, str]) -> list[str]:
    """What is wrong, a sentence each; empty when the schema is what this code was written for.

    A migration that only the database knows is fine: while a release rolls out, old code meets the
    new schema.
    """
    missing = [
        f"Migration {migration} was not applied."
        for migration in on_disk
        if migration not in applied
    ]
    return missing + [
        f"Migration {migration} was edited after it was applied."
        for migration in edited(on_disk, applied)
    ]


def edited(on_disk: Mapping[str, str], applied: Mapping[str, str]) -> list[str]:
    """The migrations whose file is not what was applied under its name."""
    return [
        migration
        for migration, checksum in on_disk.items()
        if applied.get(migration, checksum) != checksum
    ]
