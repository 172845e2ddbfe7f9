"""Measures what the product promises of its speed and writes the figures to docs/performance.md.

    python -m bench            (or `make bench`; DATABASE_URL chooses PostgreSQL, else it is SQLite)

Each figure is a ratio to a limit that was measured beside it, turn by turn in one run, because the seconds of a
machine say little about another's. Nothing here fails a test: it shows.
"""

import os
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

from bench import desk, imports  # noqa: E402
from bench.measuring import Figure, own_database  # noqa: E402

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"

HEAD = """\
# How fast it is

Written by `make bench`. A figure is the median of several runs, as a ratio to a limit measured turn by turn beside
it; the goal is the ratio that we promise. Machine of the last run: {machine}.
"""


def main() -> None:
    with own_database():
        figures = [*desk.figures(), *imports.figures()]
    _show(figures)
    _write(figures)


def _show(figures: list[Figure]) -> None:
    for figure in figures:
        print(f"{figure.name:70} {figure.shown:>10}   goal {figure.goal:<10} {figure.detail}")  # noqa: T201


def _write(figures: list[Figure]) -> None:
    """Put this database's table into the page, in place of the one that it had."""
    heading = f"## {connection.vendor.replace('sqlite', 'SQLite').replace('postgresql', 'PostgreSQL')}"
    rows = [f"| {figure.name} | {figure.shown} | {figure.goal} | {figure.detail} |" for figure in figures]
    table = "\n".join(
        [heading, "", "| What | Measured | Goal | How |", "| --- | --- | --- | --- |", *rows, ""]
    )
    tables = [part for part in _tables() if not part.startswith(heading)]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join([HEAD.format(machine=_machine()), *sorted([*tables, table], reverse=True)]))


def _tables() -> list[str]:
    parts = PAGE.read_text().split("\n## ")[1:] if PAGE.exists() else []
    return [f"## {part.rstrip()}\n" for part in parts]


def _machine() -> str:
    return f"{os.cpu_count()} processors, Python {os.sys.version.split()[0]}, {connection.vendor}"  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
