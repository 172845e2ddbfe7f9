"""Measures what the product promises of its speed and writes the figures to docs/performance.md.

    python -m bench            (or `make bench`) everything: on SQLite, then on PostgreSQL where its programs are found
    python -m bench imports    (or `make bench PART=imports`) that part alone, in the place of its lines of before

DATABASE_URL chooses one database. Each figure is a ratio to a limit that was measured beside it, turn by turn in one
run, because the seconds of a machine say little about another's. Nothing here fails a test: it shows.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

WORKPLACE = tempfile.TemporaryDirectory(prefix="bench-")
os.environ.update(
    ENVIRONMENT="test",
    SECRET_KEY="a-key-for-measuring-alone-0123456789-abcdefghijklmnopqrstuvwxyz",  # noqa: S106
    VAR_DIR=WORKPLACE.name,
    DJANGO_SETTINGS_MODULE="servicedesk.config.settings",
    LOG_LEVEL="ERROR",
)

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402

from bench import desk, exports, forecast, imports, rival  # noqa: E402
from bench.measuring import Figure, own_database  # noqa: E402
from tests.postgresql import folder_of_programs, throw_away_server  # noqa: E402

PARTS = {
    "desk": desk.figures,
    "imports": imports.figures,
    "rival": rival.figures,
    "exports": exports.figures,
    "forecast": forecast.figures,
}

SERVER = "-c shared_buffers=1GB -c max_wal_size=4GB"
"""What is set for the PostgreSQL that is measured: memory and log for some hundred thousand rows, where as it comes it
has enough for a small database. It writes as safely as it comes."""

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"

HEAD = """\
# How fast it is

Written by `make bench`. A ratio is the median of several runs, to a limit measured turn by turn beside it; of waits and
memory the most of one run is told. The goal is what we promise. The last run had {machine}.
"""


def main(parts: list[str]) -> None:
    if unknown := set(parts) - PARTS.keys():
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    figures = []
    for part in parts or PARTS:
        with own_database():
            figures += [_shown(figure) for figure in PARTS[part]()]
    _write(figures, whole=not parts)
    programs = folder_of_programs()
    if programs and "DATABASE_URL" not in os.environ:
        with throw_away_server(programs, settings=SERVER) as address:
            again = [sys.executable, "-m", "bench", *parts]
            subprocess.run(again, env={**os.environ, "DATABASE_URL": address}, check=True)  # noqa: S603


def _shown(figure: Figure) -> Figure:
    """A figure, shown as soon as it is known: all of them take long."""
    print(f"{figure.name:70} {figure.shown:>10}   goal {figure.goal:<10} {figure.detail}", flush=True)  # noqa: T201
    return figure


def _write(figures: list[Figure], *, whole: bool) -> None:
    """Put this database's table into the page, in place of the one that it had, or of its lines of the same things."""
    heading = f"## {connection.vendor.replace('sqlite', 'SQLite').replace('postgresql', 'PostgreSQL')}"
    rows = [f"| {figure.name} | {figure.shown} | {figure.goal} | {figure.detail} |" for figure in figures]
    before = next((part for part in _tables() if part.startswith(heading)), "").splitlines()[4:]
    if before and not whole:
        measured = {_measured(row): row for row in rows}
        rows = [measured.pop(_measured(row), row) for row in before] + list(measured.values())
    table = "\n".join(
        [heading, "", "| What | Measured | Goal | How |", "| --- | --- | --- | --- |", *rows, ""]
    )
    tables = [part for part in _tables() if not part.startswith(heading)]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join([HEAD.format(machine=_machine()), *sorted([*tables, table], reverse=True)]))


def _measured(row: str) -> str:
    """What a line is about, however many there were of it."""
    return re.sub(r"[\d,]+", "", row.split("|")[1])


def _tables() -> list[str]:
    parts = PAGE.read_text().split("\n## ")[1:] if PAGE.exists() else []
    return [f"## {part.rstrip()}\n" for part in parts]


def _machine() -> str:
    told = f"{os.cpu_count()} processors and Python {sys.version.split()[0]}"
    if connection.vendor != "postgresql":
        return told
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('shared_buffers'), current_setting('max_wal_size')")
        buffers, log = cursor.fetchone()
    return f"{told}, and of PostgreSQL {buffers} of shared_buffers and {log} of max_wal_size"


if __name__ == "__main__":
    main(sys.argv[1:])
