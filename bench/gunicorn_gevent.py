"""The service's gunicorn with gevent's workers. Patched before all else, so that psycopg waits as gevent does."""

from gevent import monkey

monkey.patch_all()

import runpy  # noqa: E402
from pathlib import Path  # noqa: E402

globals().update(runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py")))
worker_class = "gevent"
