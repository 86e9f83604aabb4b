"""`make run` as somebody runs it who has just cloned the repository."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import pytest
import requests

from service import embedded
from tests.client import Client, wait_until

pytestmark = pytest.mark.not_on_citus("make run has a server of its own")

ROOT = Path(__file__).parent.parent


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="draftroom-run-"))
    folder.chmod(0o711)
    yield folder / "data"
    if (server := embedded.attach(folder / "data" / "postgres")) is not None:
        server.stop()
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Run:
    """`make run` in a shell of its own, in which nothing is set but the path to programs."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        given = {"PORT": str(port), "DATA_DIR": str(data_dir), **settings}
        self.command = ["make", "run", *(f"{name}={value}" for name, value in given.items())]
        self.console = data_dir.parent / "console"

    def __enter__(self) -> Self:
        with self.console.open("w") as console:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: "Ctrl-C" in self.shown or self.process.poll() is not None)
        assert self.process.poll() is None, self.shown
        self.processes = psutil.Process(self.process.pid).children(recursive=True)
        return self

    @property
    def shown(self) -> str:
        return self.console.read_text()

    def ctrl_c(self) -> None:
        """As the terminal does it: the signal reaches all processes of its group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.ctrl_c()


def left_behind(data_dir: Path) -> list[str]:
    """The processes that work in the folder or were told of it."""
    found = []
    for process in psutil.process_iter():
        try:
            told = [process.cwd(), *process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if any(str(data_dir) in text for text in told):
            found.append(process.name())
    return found


def test_make_run_serves_a_demo_until_ctrl_c_and_finds_its_data_again(data_dir: Path) -> None:
    with Run(data_dir) as run:
        started, _, welcome = run.shown.partition("\nDraftroom runs on ")
        assert re.search(rf"Listening at: {run.url} \(\d+\)\n", started)
        assert [line.split()[-1] for line in welcome.splitlines()[:3]] == [
            run.url,
            f"{run.url}/docs",
            f"{run.url}/catalogue",
        ]
        key_file = data_dir / "demo-key"
        key = key_file.read_text().strip()
        assert re.search(rf"key +{re.escape(key)}\n", run.shown)
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE((data_dir / "secret-key").stat().st_mode) == 0o600
        [curl] = re.findall(r"^ +(curl .*)$", run.shown, re.MULTILINE)
        answer = subprocess.run(curl, shell=True, check=True, stdout=subprocess.PIPE)
        assert len(json.loads(answer.stdout)["items"]) == 2

        page = requests.get(f"{run.url}/docs/", timeout=30)
        assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")
        assert requests.get(f"{run.url}/readyz", timeout=30).json()["status"] == "ok"
        api = Client(run.url, key)
        demo = demo_data(api)
        api.post("/v1/channels", {"type": "chat", "external_id": "c", "name": "Kept"}, expect=201)
        assert {"postgres", "gunicorn"} <= names(run.processes) | set(left_behind(data_dir))
        run.ctrl_c()
        assert "Traceback" not in run.shown
    assert left_behind(data_dir) == []
    assert not any(process.is_running() for process in run.processes)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{run.url}/healthz", timeout=30)

    with Run(data_dir) as run:
        assert key in run.shown
        assert key_file.read_text().strip() == key
        api = Client(run.url, key)
        assert demo_data(api) == demo
        assert api.all("/v1/channels")[0]["name"] == "Kept"
        assert "inbox.list_channels" not in run.shown
        # A second one on the same data would be a second writer: it says so and stops.
        other = subprocess.run(
            ["make", "run", f"PORT={free_port()}", f"DATA_DIR={data_dir}"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert other.returncode != 0
        assert "already runs" in other.stderr
        assert requests.get(f"{run.url}/readyz", timeout=30).ok
    assert left_behind(data_dir) == []


def names(processes: list[psutil.Process]) -> set[str]:
    """What the processes run: their programs, and the modules of those that are Python."""
    return {word for process in processes for word in process.cmdline()}


def demo_data(api: Client) -> dict[str, Any]:
    """What the demo shows of each kind; fails if a kind is missing."""
    [waiting] = api.all("/v1/drafts/feed", pending_only="true")
    assert waiting["draft"]["status"] == "pending"
    [reply] = api.all("/v1/scheduled-replies")
    assert reply["status"] == "sent"
    assert api.get(f"/v1/drafts/{reply['draft_id']}")["status"] == "sent"
    [sample] = api.all("/v1/learning-samples")
    assert sample["final_text"] == reply["final_text"] != sample["suggested_text"]
    [crawl] = api.all("/v1/jobs", type="crawl")
    assert crawl["status"] == "succeeded"
    [document] = api.all("/v1/source-documents")
    notifications = api.all("/v1/notifications")
    assert {n["type"] for n in notifications} == {"draft_ready"}
    [generation] = api.all("/v1/generations")
    [post] = api.all("/v1/social-posts")
    assert post["status"] == "posted"
    [video] = api.all("/v1/videos")
    assert video["id"] == post["video_id"]
    [report] = api.all("/v1/performance-feedback")
    assert report["concept_id"] == video["concept_id"]
    assert len(api.get(f"/v1/videos/{video['id']}/analytics")["items"]) == 1
    users = api.all("/v1/users")
    assert {user["role"] for user in users} == {"admin", "agent"}
    return {
        "waiting": waiting,
        "reply": reply,
        "sample": sample,
        "crawl": crawl,
        "document": document,
        "notifications": notifications,
        "generation": generation,
        "post": post,
        "report": report,
        "users": users,
    }


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PORT": "abc"}, "PORT is wrong: expected a port number from 1 to 65535"),
        ({"POOL_SIZE": "0"}, "POOL_SIZE is wrong: expected a whole number of connections"),
        ({"DATABASE_URL": "postgresql://app_rw@db/x"}, "SECRET_KEY is missing: expected at least"),
        ({"PORT": "0", "THREADS": "no"}, "THREADS is wrong: expected"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name_and_what_was_expected(
    data_dir: Path, settings: dict[str, str], told: str
) -> None:
    given = {"PORT": str(free_port()), "DATA_DIR": str(data_dir)} | settings
    done = subprocess.run(
        ["make", "run"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not data_dir.exists()


def test_a_port_that_is_taken_stops_the_start(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            ["make", "run", f"PORT={port}", f"DATA_DIR={data_dir}"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode != 0
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert not data_dir.exists()


def test_make_run_leaves_data_of_another_schema_alone_and_says_what_to_do(data_dir: Path) -> None:
    server = embedded.start(data_dir / "postgres")
    embedded.create_database(server.superuser_url, "draftroom")
    with psycopg.connect(server.url("app_owner", "draftroom")) as owner:
        # Of a migration that was another file then, all that is looked at.
        owner.execute(
            "CREATE SCHEMA operations"
            " CREATE TABLE applied_migrations (migration_id text PRIMARY KEY, checksum text NOT NULL)"
        )
        owner.execute(
            "INSERT INTO operations.applied_migrations VALUES ('0001.foundation', 'other')"
        )
    server.stop()

    done = subprocess.run(
        ["make", "run", f"DATA_DIR={data_dir}", f"PORT={free_port()}"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "make clean" in done.stderr
    assert str(data_dir) in done.stderr
    assert "Traceback" not in done.stderr

    server = embedded.start(data_dir / "postgres")
    with psycopg.connect(server.url("app_owner", "draftroom")) as owner:
        assert owner.execute("SELECT to_regclass('public._yoyo_migration')").fetchone() == (None,)
        assert owner.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'operations'::regnamespace"
        ).fetchone() == (2,)
