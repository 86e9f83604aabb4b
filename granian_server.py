"""The service on granian instead of gunicorn, with the same settings and checks: `python granian_server.py`.

granian is no part of requirements.txt: `pip install -r requirements-granian.txt`.
"""

import runpy
from pathlib import Path

# First, for it says where the workers count together.
gunicorn = runpy.run_path(str(Path(__file__).with_name("gunicorn.conf.py")))

from granian import Granian  # noqa: E402
from granian.constants import Interfaces  # noqa: E402
from granian.log import LogLevels  # noqa: E402

if __name__ == "__main__":
    gunicorn["on_starting"](None)
    http = gunicorn["http"]
    Granian(
        "wsgi:app",
        address=http.host,
        port=http.port,
        interface=Interfaces.WSGI,
        workers=http.web_concurrency,
        blocking_threads=gunicorn["settings"].threads,
        workers_kill_timeout=http.graceful_timeout,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()
