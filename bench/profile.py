"""Where Draftroom's own time goes: `python -m bench.profile W4` profiles a workload without HTTP server and threads.

Printed are the functions by the CPU spent in themselves, in seconds for 1,000 requests. cProfile slows small functions
down, so it tells what to look at, not what it costs.
"""

import argparse
import cProfile
import itertools
import os
import pstats
import time

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.database import Database, server
from bench.workloads import WORKLOADS

REQUESTS = 1000
WARM_UP = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=[workload.name for workload in WORKLOADS])
    parser.add_argument("--sort", default="tottime", help="or cumtime: with all that it calls")
    options = parser.parse_args()
    [workload] = [workload for workload in WORKLOADS if workload.name == options.workload]
    with server() as running:
        database = Database.create(running, 10_000, 10)
        os.environ |= {
            "DATABASE_URL": database.service_url,
            "SECRET_KEY": database.secret_key,
            "LOG_LEVEL": "WARNING",
        }
        from wsgi import app

        needed = itertools.islice(workload.requests(database, 1), REQUESTS + WARM_UP)
        environs = [environ(request) for request in needed]
        profiler = cProfile.Profile(time.process_time)
        for number, asked in enumerate(environs):
            if number == WARM_UP:
                profiler.enable()
            _, status, _ = run_wsgi_app(app, asked)
            assert status.startswith("2"), status
        profiler.disable()
    pstats.Stats(profiler).sort_stats(options.sort).print_stats(40)


def environ(request: bytes) -> dict[str, object]:
    """The request as WSGI has it."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    path, _, query = path.partition("?")
    headers = Headers(
        [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    )
    builder = EnvironBuilder(
        path=path, query_string=query, method=method, headers=headers, data=body
    )
    return builder.get_environ()


if __name__ == "__main__":
    main()
