"""What is left behind of a workbook that is given back, however it was written."""

import zipfile
from io import BytesIO
from pathlib import Path
from sys import executable

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.workbook.defined_name import DefinedName

from servicedesk.spreadsheets import reading
from servicedesk.spreadsheets.formats import giving_back
from servicedesk.spreadsheets.reading import Limits


def given_back(book: Workbook, *mended: tuple[str, bytes, bytes]) -> Workbook:
    """The workbook as it is given back, where bytes of its parts are others: (part, old, new)."""
    source, target, saved = BytesIO(), BytesIO(), BytesIO()
    book.save(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            for where, before, after in mended:
                assert where != name or before in part
                part = part.replace(before, after) if where == name else part
            new.writestr(name, part)
    giving_back._opened(target.getvalue(), Limits()).save(saved)
    return load_workbook(saved)


def test_what_a_sheet_refers_to_is_left_behind_however_it_is_written():
    book, chart = Workbook(), BarChart()
    book.active["A1"] = 5
    chart.add_data(Reference(book.active, min_col=1, min_row=1))
    book.active.add_chart(chart)

    back = given_back(book, ("xl/worksheets/_rels/sheet1.xml.rels", b"/>", b"><!-- --></Relationship>"))

    assert back.active._charts == []


def test_charts_on_sheets_of_their_own_are_left_behind():
    book = Workbook()
    book.create_chartsheet("Chart").add_chart(BarChart())

    assert given_back(book).sheetnames == ["Sheet"]


def test_names_stay_where_they_stand_for_cells_of_the_workbook():
    book = Workbook()
    book.create_sheet("Kim's list")
    for name, words in {
        "one": "Sheet!$A$1",
        "range": "'Kim''s list'!$A$1:$B$9",
        "elsewhere": "'[1]Sheet'!$A$1",
        "no_sheet": "Gone!$A$1",
        "computed": 'WEBSERVICE("x")',
        "linked": "cmd|' /C calc'!A0",
    }.items():
        book.defined_names[name] = DefinedName(name, attr_text=words)
    book.active.defined_names["own"] = DefinedName("own", attr_text="1+1")

    back = given_back(book)

    assert (sorted(back.defined_names), list(back.active.defined_names)) == (["one", "range"], [])


def test_a_cell_that_calls_itself_a_formula_is_a_text():
    book = Workbook()
    book.active["A1"] = 5

    back = given_back(book, ("xl/worksheets/sheet1.xml", b't="n"><v>5</v>', b't="f"><v>=1+1</v>'))

    assert (back.active["A1"].value, back.active["A1"].data_type) == ("=1+1", "s")


def test_nothing_that_was_written_on_the_way_stays_behind(tmp_path, monkeypatch):
    leaving = "import sys, tempfile; sys.stdin.read(); sys.stdout.write(tempfile.mkstemp()[1])"
    monkeypatch.setattr(reading, "GIVING_BACK", [executable, "-c", leaving])
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"")

    left = reading.given_back(book, {})

    assert left is not None
    assert not Path(left.decode()).exists()
