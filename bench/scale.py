"""What a request costs Draftroom with more tenants and with more connections: `python -m bench.scale`.

One draft by id, asked of the default gunicorn: for 1, 100 and 10,000 tenants with their own keys, of which up to 1,000
ask (16 connections, as many rows in all); and for 1 to 256 connections (one tenant), without and with PgBouncer in
transaction mode, if it is there. Microseconds of CPU a request; PgBouncer's own is not in it.
"""

import itertools
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench import load, report
from bench.contestants import CONNECTIONS, DRAFTROOM, PATH, Running, free_port, started
from bench.database import NAME, Database, draft_id, server, tenant_id
from bench.measure import Sample, measured
from service import embedded
from service.embedded import PORT
from service.secrets import ApiKey

ROWS = 200_000
TENANTS = (1, 100, 10_000)
CLIENTS = (1, 4, 16, 64, 256)
ASKING = 1000
SECONDS = 4.0


def main() -> None:
    found: dict[str, dict[str, float]] = {}
    for tenants in TENANTS:
        with server() as running:
            database = Database.create(running, ROWS, tenants, runs=0)
            requests = asked(database)
            with started(DRAFTROOM, database) as service:
                sample = one(service, database, requests, CONNECTIONS)
                found[f"{tenants:,} tenants"] = note(f"{tenants:,} tenants", sample)
                if tenants > 1:
                    continue
                for clients in CLIENTS:
                    sample = one(service, database, requests, clients)
                    found[f"{clients} connections"] = note(f"{clients} connections", sample)
            if tenants == 1 and (program := shutil.which("pgbouncer", path=PATH)):
                with (
                    pgbouncer(program, database) as settings,
                    started(DRAFTROOM, database, settings) as service,
                ):
                    for clients in CLIENTS:
                        name = f"{clients} connections, PgBouncer"
                        found[name] = note(name, one(service, database, requests, clients))
    report.write("scale", dict(sorted(found.items(), key=lambda item: item[0].split()[1])))


@contextmanager
def pgbouncer(program: str, database: Database) -> Iterator[dict[str, str]]:
    """PgBouncer before the database; the settings with which Draftroom uses it."""
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    numbers = re.findall(r"\d+", version)
    prepares = (int(numbers[0]), int(numbers[1])) >= (1, 21)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        lines = [
            "[databases]",
            f"{NAME} = host={database.server.socket_dir} port={PORT} user=app_rw",
            "[pgbouncer]",
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =",
            "auth_type = any\npool_mode = transaction\ndefault_pool_size = 16\nmax_client_conn = 500",
            "ignore_startup_parameters = extra_float_digits",
            "max_prepared_statements = 500" if prepares else "",
        ]
        configuration = Path(folder, "pgbouncer.ini")
        configuration.write_text("\n".join(lines))
        # It refuses to run as root, as PostgreSQL does.
        unprivileged = ["--user", embedded.UNPRIVILEGED] if os.geteuid() == 0 else []
        process = subprocess.Popen([program, "--quiet", *unprivileged, str(configuration)])
        try:
            time.sleep(1)
            yield {
                "DATABASE_URL": f"postgresql://app_rw@127.0.0.1:{port}/{NAME}",
                "PREPARE_STATEMENTS": str(prepares).lower(),
            }
        finally:
            process.terminate()
            process.wait(60)


def one(service: Running, database: Database, requests: list[bytes], clients: int) -> Sample:
    # The first requests find no plans and, with new tenants, no authenticated keys.
    load.drive(service.port, iter(requests), min(clients, CONNECTIONS), seconds=60, warm_up=0)
    return measured(service, itertools.cycle(requests), SECONDS, clients)


def note(name: str, sample: Sample) -> dict[str, float]:
    print(
        f"{name:20}{sample.rate:8.0f}/s  CPU {sample.app_cpu:5.0f} + {sample.db_cpu:5.0f} us",
        flush=True,
    )
    return {column: round(value, 2) for column, value in asdict(sample).items()}


def asked(database: Database) -> list[bytes]:
    """A request of each of the tenants, in any order."""
    chance = random.Random(1)
    return list(
        _requests(
            database, chance.sample(range(database.tenants), min(database.tenants, ASKING)), chance
        )
    )


def _requests(database: Database, tenants: list[int], chance: random.Random) -> Iterator[bytes]:
    with database.superuser() as connection:
        for tenant in tenants:
            key = ApiKey.new(tenant_id(tenant + 1))
            database.add_key(connection, key)
            for _ in range(ASKING // len(tenants)):
                nth = chance.randint(1, database.rows // database.tenants - 1)
                path = f"/v1/drafts/{draft_id(database.tenants * nth + tenant)}"
                yield load.request("GET", path, {"Authorization": f"Bearer {key}"})


if __name__ == "__main__":
    main()
