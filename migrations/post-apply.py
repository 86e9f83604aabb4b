"""Run by yoyo after each apply: records what each migration's file held when it was applied."""

import runpy
from pathlib import Path

from yoyo import step

# By its path: `yoyo apply` has neither the repository on its path nor, perhaps, Flask installed.
SERVICE = Path(__file__).resolve().parent.parent / "service"
checksums = runpy.run_path(str(SERVICE / "migrations.py"))["checksums"]


def record(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT to_regclass('operations.applied_migrations') IS NULL")
    if cursor.fetchone()[0]:
        return
    cursor.execute(
        """
        DELETE FROM operations.applied_migrations
        WHERE migration_id NOT IN (SELECT migration_id FROM _yoyo_migration)
        """
    )
    cursor.executemany(
        """
        INSERT INTO operations.applied_migrations (migration_id, checksum)
        SELECT migration_id, %(checksum)s
        FROM _yoyo_migration
        WHERE migration_id = %(migration_id)s
        ON CONFLICT DO NOTHING
        """,
        [
            {"migration_id": migration_id, "checksum": checksum}
            for migration_id, checksum in checksums().items()
        ],
    )


step(record)
