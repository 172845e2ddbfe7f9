"""A PostgreSQL server for one run of the tests: in a folder of its own, on a socket of its own, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "servicedesk"
# Nobody needs what the server holds after a power cut.
HASTE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def folder_of_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; Debian keeps them apart from other programs, by version."""
    on_path = shutil.which("initdb")
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return kept[-1].parent if kept else Path(on_path).parent if on_path else None


@contextmanager
def throw_away_server(programs: Path, settings: str = HASTE) -> Iterator[str]:
    """Start a server and give its DATABASE_URL; stop and remove it at the end, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="servicedesk-postgresql-"))
    data = folder / "data"
    run = _as_ordinary_user(folder)
    try:
        run(
            programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        options = f"-k {folder} -c listen_addresses='' {settings}"
        run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield f"postgres://{USER}@/{folder}/postgres"
        finally:
            run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _as_ordinary_user(folder: Path):
    """How to run a program on the folder: PostgreSQL refuses to be run by root."""
    prefix = []
    if os.geteuid() == 0:
        user = next(user for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody"))
        shutil.chown(folder, user.pw_uid, user.pw_gid)
        prefix = ["runuser", "-u", user.pw_name, "--"]

    def run(*command: str | Path) -> None:
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, cwd=folder)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")

    return run
