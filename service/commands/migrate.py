"""`python -m service.commands.migrate apply`: yoyo with all its commands, but a wrong DIRECT_URL is told in a line.

yoyo reads its URL before it runs anything of this repository, and shows a traceback where it cannot use it. It does not
read DIRECT_URL_FILE either.
"""

from __future__ import annotations

import os
import sys

import psycopg
from yoyo import exceptions
from yoyo.connections import BadConnectionURI, parse_uri
from yoyo.scripts.main import main as yoyo

from service.config import ConfigError, Settings
from service.migrations import FOLDER


def direct_url() -> str:
    """DIRECT_URL, whatever else is set: nothing else has to be there to migrate. Raises ConfigError."""
    names = ("DIRECT_URL", "DIRECT_URL_FILE")
    url = Settings.from_environment({name: os.environ.get(name, "") for name in names}).direct_url
    if url is None:
        raise ConfigError("DIRECT_URL is missing: only app_owner may do this")
    try:
        parse_uri(url)
    except ValueError:
        raise ConfigError(
            "DIRECT_URL is wrong: expected one host and a port from 1 to 65535;"
            " several go behind a question mark: ...:///draftroom?user=app_owner&host=a,b&port=5432,5432"
        ) from None
    return url


def main() -> None:
    try:
        os.environ["DIRECT_URL"] = direct_url()
        os.chdir(FOLDER.parent)  # where yoyo.ini is
        sys.exit(yoyo(sys.argv[1:]))
    except (ConfigError, BadConnectionURI, FileNotFoundError, exceptions.LockTimeout) as error:
        sys.exit(str(error))
    except psycopg.Error as error:
        sys.exit(error.diag.message_primary or str(error).strip())


if __name__ == "__main__":
    main()
