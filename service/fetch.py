"""Writes what is at a URL to standard output, in a few seconds and with a largest size: `python fetch.py URL`.

A program of its own: a process can be ended whatever it waits for, a name server, TLS or a byte now and then, and
what it took is given back.
"""

import signal
import sys
import urllib.request
from typing import Any

SECONDS = 3
MAX_BYTES = 256 * 1024


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address is a setting; nobody else says where to go."""

    def redirect_request(self, *_: Any) -> None:
        return None


def main(url: str) -> None:
    signal.alarm(SECONDS)  # if nobody is left who would end this
    try:
        with urllib.request.build_opener(NoRedirect).open(url) as answer:
            data = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    if len(data) > MAX_BYTES:
        sys.exit(f"more than {MAX_BYTES} bytes")
    sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
