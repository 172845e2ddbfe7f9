"""The whole suite: on SQLite always, and again on PostgreSQL where DATABASE_URL names one or `initdb` is found.

What is left out is said aloud, with how to get it; under CI the browser tests never are. Arguments go to pytest.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.chromium import HOW_TO_GET_IT, find_chromium  # noqa: E402
from tests.postgresql import folder_of_programs, throw_away_server  # noqa: E402

ROOM = 4 * 1024**3
NONE_OF_THEM = 5
"""What pytest says where none of the tests that are asked for is wanted."""


def say(text: str) -> None:
    """Headline a part of the run."""
    print(f"\n=== {text}", flush=True)  # noqa: T201


def main(arguments: list[str]) -> int:
    """Run the suite on each database; the answer is 0 when all went well on all."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted: list[str] = []
    if not find_chromium():
        if os.environ.get("CI"):
            raise SystemExit(f"Chromium is missing, and under CI the browser tests must run. {HOW_TO_GET_IT}")
        say(f"Browser tests are left out: there is no Chromium. {HOW_TO_GET_IT}")
        wanted = ["not browser"]
    tempfile.tempdir = memory()
    with tempfile.TemporaryDirectory(prefix="servicedesk-tests-") as folder:
        say("SQLite")
        worst = suite(f"sqlite:///{folder}/servicedesk.sqlite3", folder, wanted, arguments)
        with postgresql() as address:
            if address:
                say(
                    "PostgreSQL, without what has just been run: tests of no database, in Chromium, or marked `once`"
                )
                worst = max(worst, suite(address, folder, ["database", "not browser", "not once"], arguments))
            else:
                say("PostgreSQL is left out: set DATABASE_URL, or on Debian: apt-get install postgresql")
    return worst


def memory() -> str | None:
    """A folder in memory where the machine has one with room: most of a test's wait on a disk is for nothing."""
    folder = Path("/dev/shm")  # noqa: S108
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM
    return str(folder) if roomy else None


def postgresql():
    """The address of the server to test on, or None."""
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith(("postgres", "psql", "pgsql")):
        return nullcontext(named)
    programs = folder_of_programs()
    return throw_away_server(programs) if programs else nullcontext(None)


def suite(database: str, folder: str, wanted: list[str], arguments: list[str]) -> int:
    """One run of pytest, in a process for each processor and in two at least, with files of its own.

    What has been compiled is kept, whatever the machine says: each of some hundred processes would do it again.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "DATABASE_URL": database, "VAR_DIR": folder, "TMPDIR": folder}
    command = [sys.executable, "-m", "pytest", "-n", str(max(2, os.cpu_count() or 2))]
    command += ["-m", " and ".join(wanted), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment).returncode  # noqa: S603
    return 0 if done == NONE_OF_THEM and wanted and arguments else done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
