"""How long it takes from the start to the first answer of /readyz, in seconds: `python -m bench.start`.

gunicorn on a database that is there; and `make run`, which brings its own: the first time (it makes the database,
applies all migrations and loads the demo), again with nothing to do, and with the latest migration to apply.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import yoyo

from bench import database, report
from bench.contestants import DRAFTROOM, ROOT, free_port
from service import embedded, migrations
from service.commands.run import DATABASE
from service.config import DIRECT_SCHEME

TIMES = 3


def main() -> None:
    taken: dict[str, list[float]] = {}
    with database.server() as server:
        bench = database.Database.create(server, 100, 1)
        for _ in range(TIMES):
            port = free_port()
            seconds = until_ready(DRAFTROOM.command(port), DRAFTROOM.environment(bench, port), port)
            taken.setdefault("gunicorn, nothing to migrate", []).append(seconds)
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory(prefix="draftroom-bench-") as folder:
            Path(folder).chmod(0o755)
            for name in ("make run, the first time", "make run, nothing to migrate"):
                taken.setdefault(name, []).append(make_run(folder))
            take_back(Path(folder))
            taken.setdefault("make run, one migration pending", []).append(make_run(folder))
    found = {name: round(statistics.median(times), 2) for name, times in taken.items()}
    report.write("start", found)
    for name, seconds in found.items():
        print(f"{name:34}{seconds:7.2f} s")


def make_run(folder: str) -> float:
    port = free_port()
    own = {"DATA_DIR": f"{folder}/data", "PORT": str(port)}
    others = {n: v for n, v in os.environ.items() if n not in ("DATABASE_URL", "DIRECT_URL")}
    return until_ready([sys.executable, "-m", "service.commands.run"], others | own, port)


def take_back(folder: Path) -> None:
    """Rolls the latest migration back."""
    server = embedded.start(folder / "data" / "postgres")
    try:
        url = server.url("app_owner", DATABASE).replace("postgresql://", DIRECT_SCHEME, 1)
        with yoyo.get_backend(url) as backend:
            applied = backend.to_rollback(yoyo.read_migrations(str(migrations.FOLDER)))
            backend.rollback_migrations(applied[:1])
    finally:
        server.stop()


def until_ready(command: list[str], environment: dict[str, str], port: int) -> float:
    """Starts the command, and stops it when it is ready; seconds until then."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not is_ready(port):
            if process.poll() is not None or time.monotonic() - begun > 120:
                raise RuntimeError(f"{' '.join(command)} did not get ready")
            time.sleep(0.01)
        return time.monotonic() - begun
    finally:
        process.terminate()
        process.wait(60)


def is_ready(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
    except (urllib.error.HTTPError, OSError):
        return False
    return True


if __name__ == "__main__":
    main()
