"""gunicorn's settings; `gunicorn wsgi:app` finds this file by its name."""

import os
import sys

from service.config import ConfigError, HttpSettings, Settings

try:
    # The service's own settings too: here a wrong one stops the start with one line, in a worker it
    # would be a traceback from each.
    Settings.from_environment(os.environ).for_database()
    http = HttpSettings.from_environment(os.environ)
except ConfigError as error:
    sys.exit(str(error))

bind = http.address
workers = http.web_concurrency
worker_class = "gthread"
threads = http.threads
keepalive = http.keep_alive
graceful_timeout = http.graceful_timeout

# Each worker has its own queue of connections: with one queue for all, many keep-alive clients can
# end up on one worker.
reuse_port = True

# A worker proves that it lives by touching a file: in memory, so that a busy disk can't
# make it look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

# The service logs its requests itself, without query strings and headers.
accesslog = None

# X-Forwarded-* are the service's business (TRUSTED_PROXIES).
forwarded_allow_ips = ""

# gunicornc's socket would lie in the user's home.
control_socket_disable = True
