"""What CI makes of known vulnerabilities: pip-audit itself, asking a database of the test's own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.client import ROOT, free_port

pytest.importorskip("pip_audit", reason="pip-audit is not installed")


def audit(url: str, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, ".ci/audit.py", "--vulnerability-service", "osv"),
            *("--osv-url", url, "--cache-dir", str(cache)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def database() -> Iterator[Callable[[Any], str]]:
    """Makes a database that knows of these vulnerabilities, by package; returns its URL."""
    servers = []

    def serve(known: dict[str, Any]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(known.get(asked["package"]["name"], {})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1/query"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_without_a_known_vulnerability_it_passes(
    database: Callable[[Any], str], tmp_path: Path
) -> None:
    done = audit(database({}), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "NOT AUDITED" not in done.stdout
    assert int(done.stdout.split()[0]) > 30
    assert "packages without a known vulnerability" in done.stdout


def test_a_known_vulnerability_fails_the_run(
    database: Callable[[Any], str], tmp_path: Path
) -> None:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
    affected = [{"package": {"name": "flask", "ecosystem": "PyPI"}, "ranges": ranges}]
    known = {"id": "PYSEC-2099-1", "summary": "It lets everyone in.", "affected": affected}
    done = audit(database({"flask": {"vulns": [known]}}), tmp_path)
    assert done.returncode == 1, done.stderr
    assert "flask" in done.stdout.lower()
    assert "PYSEC-2099-1, fixed in ['99.1']" in done.stdout


def test_a_database_that_is_away_fails_nothing_and_is_told(tmp_path: Path) -> None:
    done = audit(f"http://127.0.0.1:{free_port()}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "NOT AUDITED: all packages" in done.stdout
    assert "without a known vulnerability" not in done.stdout


def test_a_wrong_use_is_no_absence() -> None:
    done = subprocess.run([sys.executable, ".ci/audit.py", "--nonsense"], cwd=ROOT)
    assert done.returncode != 0
