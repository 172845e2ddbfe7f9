import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from demo.serving import SOONEST

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="Finds children as Linux shows them"
)


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    process = start(environment, *arguments)
    said, complained = process.communicate(timeout=300)
    return process.returncode, said, complained


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """A place of its own where the demo has been set up once."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DATABASE")
    }
    environment = {**kept, "ENVIRONMENT": "test", "VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    code, said, complained = run(environment, "--no-serve")
    assert (code, complained) == (0, "")
    assert "engineer@cherwell.example" in said
    return environment


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def demo(environment, port):
    process = start(environment, "--port", str(port))
    try:
        wait_until(lambda: answers(port))
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_until(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=20) as page:
            return page.status == 200
    except OSError:
        return False


def children(process) -> dict[str, int]:
    """The two children by what they run."""
    found = {}
    for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_text()
        found["web" if "gunicorn" in words else "jobs" if "work\0" in words else "other"] = int(pid)
    return found


def groups_gone(pids) -> bool:
    def gone(pid: int) -> bool:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        return False

    return all(gone(pid) for pid in pids)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_both_processes_stop_together(demo, name):
    wait_until(lambda: set(children(demo)) == {"web", "jobs"})
    pids = children(demo).values()

    demo.send_signal(name)
    said, _ = demo.communicate(timeout=30)

    assert (demo.returncode, said.splitlines()[-1]) == (0, "Stopping …")
    wait_until(lambda: groups_gone(pids))


def test_a_worker_that_dies_is_started_again_and_a_server_that_dies_ends_all(demo):
    wait_until(lambda: set(children(demo)) == {"web", "jobs"})
    before = children(demo)
    wait_until(lambda: elapsed(before["jobs"]) > SOONEST + 1)

    os.kill(before["jobs"], signal.SIGKILL)
    wait_until(lambda: children(demo).get("jobs", before["jobs"]) != before["jobs"])
    after = children(demo)
    os.kill(before["web"], signal.SIGKILL)
    said, complained = demo.communicate(timeout=60)

    assert after["web"] == before["web"]
    assert demo.returncode == 1
    assert "The job worker has died. Starting it again …" in said
    assert "The web server has ended by itself, so everything was stopped." in complained
    wait_until(lambda: groups_gone({*before.values(), *after.values()}))


def elapsed(pid: int) -> float:
    """Seconds since a process began."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")


def test_a_port_that_is_taken_is_said_before_anything_is_done(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said, complained = run(environment, "--port", str(port))

    assert (code, said) == (1, "")
    assert f"Port {port} is taken by another program." in complained


def test_a_port_that_does_not_exist_is_refused(environment):
    code, said, complained = run(environment, "--port", "65536")

    assert (code, said) == (1, "")
    assert "There is no port 65536." in complained


def test_production_never_gets_people_with_a_known_password(environment):
    production = {**environment, "ENVIRONMENT": "production", "BASE_URL": "https://desk.example.gov.uk"}

    code, said, complained = run(production, "--no-serve")

    assert (code, said) == (1, "")
    assert "It is not for production." in complained
