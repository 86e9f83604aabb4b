"""gunicorn's settings; `gunicorn wsgi:app` finds this file by its name."""

import atexit
import logging
import os
import shutil
import sys
import tempfile

# In memory, so that a busy disk slows nothing down.
memory = "/dev/shm" if os.path.isdir("/dev/shm") else None

# Where the workers count together; it must be known before the metrics are imported.
shared_metrics = tempfile.mkdtemp(prefix="draftroom-metrics-", dir=memory)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared_metrics
master = os.getpid()


@atexit.register
def remove_shared_metrics() -> None:
    """When the master ends, also before it has started; its workers inherit this, and leave it to the master."""
    if os.getpid() == master:
        shutil.rmtree(shared_metrics, ignore_errors=True)


from gunicorn.arbiter import Arbiter  # noqa: E402
from gunicorn.workers.base import Worker  # noqa: E402

from service.config import ConfigError, HttpSettings, Settings  # noqa: E402
from service.start import check_free, check_start  # noqa: E402
from service.telemetry import Json  # noqa: E402

try:
    # The service's own settings too: here a wrong one stops the start with one line, in a worker it
    # would be a traceback from each.
    settings = Settings.from_environment(os.environ)
    settings.for_database()
    http = HttpSettings.from_environment(os.environ)
except ConfigError as error:
    sys.exit(str(error))

bind = http.address
workers = http.web_concurrency
worker_class = "service.server.worker.BufferingWorker"
threads = settings.threads
# Each may need a second descriptor, of the file that keeps its body; often 1024 is all that a process may have.
worker_connections = 400
keepalive = http.keep_alive
graceful_timeout = http.graceful_timeout

# Each worker has its own queue of connections: with one queue for all, many keep-alive clients can
# end up on one worker.
reuse_port = True

# A worker proves that it lives by touching a file: in memory, so that it can't look dead.
worker_tmp_dir = memory

# The service logs its requests itself, without query strings and headers.
accesslog = None

if settings.log_format == "json":
    # gunicorn's own lines, too. What is not named here is as gunicorn has it by default.
    logconfig_dict = {
        "formatters": {"generic": {"()": Json}},
        "root": {"handlers": []},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}
        },
    }

# X-Forwarded-* are the service's business (TRUSTED_PROXIES).
forwarded_allow_ips = ""

# gunicornc's socket would lie in the user's home.
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    """A stream ends when its worker stops, or has lost its master."""
    places = worker.wsgi.extensions["draftroom"].places
    places.may_go_on = lambda: worker.alive and os.getppid() == worker.ppid


def name_address(record: logging.LogRecord) -> bool:
    """Where the workers have the sockets, the master has none to name in "Listening at"."""
    if record.msg == "Listening at: %s (%s)":
        record.args = (f"http://{http.address}", os.getpid())
    return True


def on_starting(arbiter: Arbiter | None) -> None:
    """Stops the start on a port that is taken, or at a query that does not fit the schema.

    Not in a worker, which may start much later.
    """
    logging.getLogger("gunicorn.error").addFilter(name_address)
    if "GUNICORN_PID" in os.environ:
        # After USR2 the new master takes the port over from the old one. That hands it no sockets, because the workers
        # have them; gunicorn insists on a number all the same, and then makes no use of it.
        os.environ["GUNICORN_FD"] = os.environ["GUNICORN_FD"] or "0"
    else:
        try:
            # --bind may say another address than HOST and PORT; a socket in the file system is a path.
            for address in arbiter.address if arbiter else [(http.host, http.port)]:
                if isinstance(address, tuple):
                    check_free(HttpSettings(*address))
        except ConfigError as error:
            sys.exit(str(error))
    if settings.catalogue_tenant_id and not http.is_loopback:
        print(
            f"CATALOGUE_TENANT_ID opens /catalogue, with the data of tenant {settings.catalogue_tenant_id},"
            f" to everyone who reaches {http.address}.",
            file=sys.stderr,
        )
    if findings := check_start(settings):
        sys.exit("\n".join(map(str, findings)))
