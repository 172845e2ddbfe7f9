import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from servicedesk.spreadsheets.formats.workbook import Workbook
from servicedesk.spreadsheets.writing import Column, Marked, SheetOut, write_csv, write_xlsx
from tests.spreadsheets.reading_in_process import read

COLUMNS = [
    Column("Asset tag", "identifier"),
    Column("Notes"),
    Column("Purchase date", "date"),
    Column("Last seen", "datetime"),
    Column("Purchase cost", "money"),
    Column("Quantity", "integer"),
    Column("Encrypted", "yesno", ("Yes", "No")),
    Column("Version", "integer", grey=True),
]
ROW = ["00123", "=1+1", date(2024, 5, 21), datetime(2024, 5, 21, 13, 4, 5), Decimal("12.50"), 7, True, 3]
EMPTY_ROW = [None] * 8
ODD = [
    "=1+1",
    "+44",
    "-x",
    "@a",
    "\t=1",
    "a\rb",
    "a\r\nb",
    "a\nb",
    " lead",
    "trail ",
    "_x000D_",
    "_x005F_x000D_",
    "#N/A",
]
ODD += [
    "#REF!",
    "'=x",
    "''-1",
    "é😀\u202e",
    "<b>&amp;",
    "x" * 32_767,
    'say "hi"',
    "00123",
    "1e5",
    "TRUE",
    "\x01\x1f",
    "-15.00",
]
written_text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd"), min_size=1, max_size=30
) | st.text("'=+-@\t\r\n_x00D;,|", min_size=1, max_size=8)


def xlsx(*sheets: SheetOut) -> bytes:
    target = BytesIO()
    write_xlsx(target, sheets)
    return target.getvalue()


def csv(headings: list[str], rows: list[list]) -> bytes:
    target = BytesIO()
    write_csv(target, headings, rows)
    return target.getvalue()


def read_xlsx(*sheets: SheetOut) -> Workbook:
    return read(xlsx(*sheets))


def texts(values: list[str]) -> SheetOut:
    return SheetOut(
        "Assets", [Column("Asset tag", "identifier"), Column("Notes")], [[value, value] for value in values]
    )


def test_write_xlsx_gives_back_what_was_written():
    sheet = read_xlsx(SheetOut("Assets", COLUMNS, [ROW, EMPTY_ROW])).sheets[0]
    back = ("00123", "=1+1", date(2024, 5, 21), datetime(2024, 5, 21, 13, 4, 5), 12.5, 7.0, "Yes", 3.0)
    assert sheet.rows == [tuple(column.heading for column in COLUMNS), back]
    assert sheet.notes == []


def test_write_xlsx_and_write_csv_keep_odd_text_exactly():
    pairs = [(value, value) for value in ODD]
    assert read_xlsx(texts(ODD)).sheets[0].rows[1:] == pairs
    assert read(csv(["Asset tag", "Notes"], [[value, value] for value in ODD])).sheets[0].rows[1:] == pairs


@given(st.lists(written_text, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_write_xlsx_keeps_any_text(values):
    assert read_xlsx(texts(values)).sheets[0].rows[1:] == [(value, value) for value in values]


@given(
    st.lists(
        written_text.filter(str.isprintable) | st.text("'=+-@\t\r\n;,|\"", min_size=1), min_size=1, max_size=5
    )
)
@settings(max_examples=200, deadline=None)
def test_write_csv_keeps_any_text(values):
    assert read(csv(["Notes"], [[value] for value in values])).sheets[0].rows[1:] == [
        (value,) for value in values
    ]


def test_write_xlsx_writes_no_formula_and_no_error_cell():
    book = load_workbook(BytesIO(xlsx(texts(ODD))))
    assert {cell.data_type for row in book["Assets"].iter_rows() for cell in row} == {"s"}
    assert book["Assets"]["A2"].number_format == "@"


def test_write_xlsx_hides_nothing_and_names_nobody():
    data = xlsx(SheetOut("About", [], [["As at 23 November 2026"]]), SheetOut("Assets", COLUMNS, [ROW]))
    book = load_workbook(BytesIO(data))
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("About", "visible"),
        ("Assets", "visible"),
    ]
    package = zipfile.ZipFile(BytesIO(data))
    names = package.namelist()
    assert not [name for name in names if "pivot" in name or "comment" in name or "external" in name]
    assert b"hidden" not in b"".join(package.read(name) for name in names if "sheet" in name)
    about = package.read("docProps/core.xml")
    assert b"creator" not in about and b"lastModifiedBy" not in about


def test_write_xlsx_lays_the_sheet_out_for_people():
    sheet = load_workbook(BytesIO(xlsx(SheetOut("Assets", COLUMNS, [ROW]))))["Assets"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert (sheet["C2"].number_format, sheet["E2"].number_format) == ("dd/mm/yyyy", "#,##0.00")
    told = sheet.data_validations.dataValidation
    assert [(str(rule.sqref), rule.formula1, rule.prompt) for rule in told] == [
        ("G2:G1048576", '"Yes,No"', None),
        ("H1", None, "What is typed in this column is not read back."),
    ]
    assert sheet["H2"].fill.fgColor.rgb == "FFF3F2F1"
    assert sheet.column_dimensions["C"].width == 16


@pytest.mark.parametrize(
    "choices", [("a,b", "c"), ('5" disk',), tuple(f"choice {number}" for number in range(40))]
)
def test_drop_down_that_a_cell_cannot_hold_stands_on_a_sheet_of_its_own(choices):
    columns = [Column("Asset tag"), Column("Site", choices=choices)]

    book = load_workbook(BytesIO(xlsx(SheetOut("Assets", columns, []))))

    lists = [row[0].value for row in book["Lists"].iter_rows()]
    assert [(str(rule.sqref), rule.formula1) for rule in book["Assets"].data_validations.dataValidation] == [
        ("B2:B1048576", f"Lists!$A$2:$A${len(choices) + 1}")
    ]
    assert (lists, book["Lists"].sheet_state) == (["Choices for Site", *choices], "visible")


@pytest.mark.parametrize("count", [0, 1, 1200])
def test_table_reaches_as_far_as_the_rows(count):
    rows = [[f"{number:04}", f"Note {number}"] for number in range(count)]

    data = xlsx(SheetOut("As & sets", [Column("Asset tag", "identifier"), Column("Notes")], rows, table=True))

    sheet = load_workbook(BytesIO(data))["As & sets"]
    [table] = sheet.tables.values()
    assert (table.displayName, table.ref, table.autoFilter.ref) == (
        "As___sets_rows",
        f"A1:B{max(2, count + 1)}",
        f"A1:B{max(2, count + 1)}",
    )
    assert [list(row) for row in sheet.iter_rows(values_only=True)][1 : count + 1] == rows
    assert [column.name for column in table.tableColumns] == ["Asset tag", "Notes"]


def test_row_of_another_width_than_the_columns_is_refused():
    with pytest.raises(ValueError, match="zip"):
        xlsx(SheetOut("Assets", COLUMNS, [ROW, ROW[:-1]]))


def test_write_xlsx_colours_marked_cells_and_the_reader_takes_no_meaning_from_it():
    rows = [[Marked("T1", "error"), "one"], ["T2", Marked(None, "warning")], ["T3", None]]
    data = xlsx(SheetOut("Assets", [Column("Asset tag", "identifier"), Column("Problem")], rows))
    sheet = load_workbook(BytesIO(data))["Assets"]
    assert [sheet[cell].fill.fgColor.rgb for cell in ("A2", "A3", "B3")] == [
        "FFF6D7D2",
        "00000000",
        "FFFFF7BF",
    ]
    assert sheet["A2"].number_format == "@"
    back = read(data).sheets[0]
    assert (back.notes, back.rows[1:]) == ([], [("T1", "one"), ("T2", None), ("T3", None)])


def test_write_csv_is_what_excel_opens_and_no_formula():
    data = csv(
        ["Asset tag", "=Notes"], [["00123", "=1+1"], [date(2024, 5, 21), Decimal("-15.00")], [True, None]]
    )
    assert data == (
        b'\xef\xbb\xbf"Asset tag","\'=Notes"\r\n"00123","\'=1+1"\r\n"2024-05-21","-15.00"\r\n"Yes",""\r\n'
    )


def test_write_csv_writes_to_a_path(tmp_path):
    write_csv(tmp_path / "out.csv", ["Last seen"], [[datetime(2024, 5, 21, 13, 4, 5)]])
    assert (tmp_path / "out.csv").read_bytes() == b'\xef\xbb\xbf"Last seen"\r\n"2024-05-21 13:04:05"\r\n'


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Reg/ist*er", "Reg ist er"),
        ("[a]\\b?c:", "a  b c"),
        ("x" * 40, "x" * 31),
        ("'", "Sheet"),
    ],
)
def test_sheet_has_a_title_that_excel_takes(name, title):
    target = BytesIO()

    write_xlsx(target, [SheetOut(name, [Column("Asset tag")], [])])

    assert load_workbook(target).sheetnames == [title]
