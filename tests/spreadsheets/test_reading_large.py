"""A large sheet is read in pieces, by two processes: what comes of it is what one process makes of the whole."""

import pytest

from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import TOO_MUCH, Limits, Note, Refused
from servicedesk.spreadsheets.reading import TOO_LARGE, TOO_SLOW, read_upload
from tests.spreadsheets.make_files import cell_xml, sheet_xml, workbook
from tests.spreadsheets.reading_in_process import read

STYLES = (
    '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFF0000"/></patternFill></fill></fills>'
    '<cellXfs><xf/><xf numFmtId="14"/><xf fillId="2"/></cellXfs>'
)
ROWS = 400
PIECES = {"piece": 5_000}


def row_xml(number: int) -> str:
    """A row like those of registers: some are missing, some hidden, some wider than the others."""
    if 100 <= number < 160 or number == 399:
        return ""
    cells = cell_xml(f"B{number}", f"T{number:04}") + cell_xml(f"C{number}", "Laptop")
    cells += f'<c r="D{number}" s="1"><v>{45_000 + number}</v></c><c r="E{number}"><v>{number / 4}</v></c>'
    if number % 90 == 0:
        cells += f'<c r="F{number}" t="e"><v>#REF!</v></c><c r="G{number}"><f>1+1</f></c>'
    if number == 300:
        cells += f'<c r="K{number}" s="2"><v>1</v></c>'
    hidden = ' hidden="1"' if number in (7, 350) else ""
    return f'<row r="{number}"{hidden}>{cells}</row>'


DATA = "".join(map(row_xml, range(2, ROWS + 1)))
LARGE = workbook(data=DATA, styles=STYLES)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.xlsx"
    path.write_bytes(LARGE)
    return path


def test_a_sheet_in_pieces_is_the_same_as_in_one(large):
    whole = read(LARGE)
    assert len(whole.sheets[0].rows) == ROWS
    assert set(map(len, whole.sheets[0].rows)) == {11}
    assert whole.sheets[0].notes == [
        Note("hidden_row", 7),
        Note("hidden_row", 350),
        Note("coloured_cells", 300, "K", "red"),
    ]
    for workers in (1, 2):
        in_pieces = read_upload(large, limits=Limits(workers=workers, **PIECES))
        assert in_pieces.sheets[0].rows == whole.sheets[0].rows
        assert list(in_pieces.sheets[0].row_numbers) == list(whole.sheets[0].row_numbers)
        assert sorted(in_pieces.sheets[0].notes, key=str) == sorted(whole.sheets[0].notes, key=str)


@pytest.mark.parametrize(
    "data",
    [
        DATA.replace(row_xml(17), "").replace(row_xml(380), row_xml(380) + row_xml(17)),
        DATA.replace(' r="', ' spans="1:9" r="'),
        DATA.replace("<row r=", "<row x=").replace('<row x="2"', '<row r="2"'),
    ],
    ids=["out of order", "other attributes", "rows without numbers"],
)
def test_rows_that_do_not_follow_each_other_are_read_all_the_same(tmp_path, data):
    (tmp_path / "odd.xlsx").write_bytes(workbook(data=data, styles=STYLES))
    read_so, whole = (
        read_upload(tmp_path / "odd.xlsx", limits=Limits(**about)).sheets[0]
        for about in (PIECES, {"workers": 1})
    )
    assert read_so.rows == whole.rows
    assert sorted(read_so.notes, key=str) == sorted(whole.notes, key=str)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"rows": 250}, "The sheet Assets has more than 250 rows. Split it into several."),
        ({"cells": 900}, TOO_MUCH),
        ({"wall": 0.001}, TOO_SLOW),
    ],
)
def test_limits_hold_for_all_pieces_together(large, limits, sentence):
    with pytest.raises(Refused) as refusal:
        read_upload(large, limits=Limits(**PIECES, **limits))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("place", [50, 250, 390])
def test_damage_in_any_piece_is_damage_of_the_file(tmp_path, place):
    broken = DATA.replace(row_xml(place), row_xml(place).replace("</c>", "", 1))
    (tmp_path / "broken.xlsx").write_bytes(workbook(sheets={"A": sheet_xml(broken)}, styles=STYLES))
    with pytest.raises(Refused) as refusal:
        read_upload(tmp_path / "broken.xlsx", limits=Limits(**PIECES))
    assert str(refusal.value) == DAMAGED


@pytest.mark.parametrize("place", [50, 170, 250, 390])
def test_a_piece_that_asks_for_too_much_ends_as_the_file_would(tmp_path, place):
    far = f'<row r="45000"><c r="XFD45000"><v>1</v></c></row>{row_xml(place)}'
    (tmp_path / "far.xlsx").write_bytes(workbook(data=DATA.replace(row_xml(place), far), styles=STYLES))
    with pytest.raises(Refused) as refusal:
        read_upload(tmp_path / "far.xlsx", limits=Limits(**PIECES))
    assert str(refusal.value) in (TOO_LARGE, TOO_MUCH)
