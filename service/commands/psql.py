"""What `make psql` starts: the wheel's psql, as app_rw, on the database that `make run` runs."""

from __future__ import annotations

import os
import sys

from service import embedded
from service.commands.run import DATABASE
from service.config import ConfigError, Settings


def main() -> None:
    try:
        server = embedded.attach(Settings.from_environment(os.environ).data_dir / "postgres")
    except (ConfigError, embedded.EmbeddedError) as error:
        sys.exit(str(error))
    if server is None:
        sys.exit("The embedded database does not run: start it with make run")
    psql = server.bin_path / "psql"
    os.execv(psql, [str(psql), server.url("app_rw", DATABASE), *sys.argv[1:]])


if __name__ == "__main__":
    main()
