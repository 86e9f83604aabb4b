"""The application for gunicorn and flask: `gunicorn wsgi:app`."""

import sys

from service import create_app
from service.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))
