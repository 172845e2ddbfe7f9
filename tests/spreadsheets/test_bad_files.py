"""Hostile and awkward files, each read by a child within two seconds and 256 MB: a sentence, or its rows, never less.

Where BAD_FILES names a folder of such files with a README.md that tabulates them, they are read as well.
"""

import os
import re
from pathlib import Path

import pytest

from servicedesk.spreadsheets.formats.workbook import Limits, Refused
from servicedesk.spreadsheets.headers import ASSETS
from servicedesk.spreadsheets.reading import read_upload
from servicedesk.spreadsheets.table import find_table
from tests.spreadsheets.make_bad_files import TEXTS, WORKBOOKS

BOUND = Limits(memory=256_000_000, cpu=2)
FOLDER = os.environ.get("BAD_FILES", "")
LISTED = re.compile(r"\| `(.+?)` \|.*\| ([^|]+) \|")
WHEN_MAPPED = ("duplicate-headers.xlsx", "csv-duplicate-header.csv")
"""Files that are refused only when their columns are chosen."""


def comes_to(path: Path) -> str | int | None:
    """The sentence that refuses the file, or how many rows of data its visible sheets have."""
    try:
        sheets = read_upload(path, limits=BOUND).sheets
    except Refused as refusal:
        return str(refusal)
    tables = [find_table(sheet, ASSETS.known) for sheet in sheets if sheet.visibility == "visible"]
    counts = [len(table.rows) for table in tables if table]
    return sum(counts) if counts else None


@pytest.mark.parametrize(
    ("data", "expected"),
    [*WORKBOOKS.values(), *TEXTS.values()],
    ids=[*(f"workbook: {name}" for name in WORKBOOKS), *(f"text: {name}" for name in TEXTS)],
)
def test_a_bad_file_is_read_or_refused_with_a_sentence(tmp_path, data, expected):
    (tmp_path / "upload").write_bytes(data)
    found = comes_to(tmp_path / "upload")
    assert found == expected or (isinstance(expected, str) and str(found).startswith(expected))


@pytest.mark.skipif(not FOLDER, reason="BAD_FILES names no folder")
def test_every_file_of_the_folder_gets_what_its_list_says():
    listed = {
        name.replace("&lt;", "<"): what
        for name, what in LISTED.findall((Path(FOLDER) / "README.md").read_text(encoding="utf-8"))
    }
    wrong = {}
    for path in sorted(Path(FOLDER).iterdir()):
        if path.name == "README.md" or path.name in WHEN_MAPPED:
            continue
        what, found = listed.get(path.name, ""), comes_to(path)
        refuse, accept = what.startswith(("Reject '", "Reject b")), what.startswith("ACCEPT")
        if (refuse and not isinstance(found, str)) or (
            accept and isinstance(found, str) and " or " not in what
        ):
            wrong[path.name] = (what, found)
    assert wrong == {}
