"""The rows that were held back come as the workbook that was sent, with its look and its other sheets."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from django.core.files import File
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from servicedesk.spreadsheets import rejects
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.rejects import write_rejects
from tests.factories import a_council
from tests.spreadsheets.incoming import a_csv, actions, bring
from tests.spreadsheets.make_files import rows_xml, workbook

pytestmark = pytest.mark.django_db
YELLOW, RED, OURS = "FFFFFF00", "FFF6D7D2", "FFFFF7BF"


def a_register() -> Workbook:
    """A workbook as people keep them: a title, colours, widths, a table, links, lists, and more sheets."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Register"
    sheet.append(["Register of the district"])
    sheet.merge_cells("A1:C1")
    sheet.append(["Tag", "Category", "Price", "Purchased"])
    for line in (
        ("LT1", "Laptop", 5.5, date(2024, 3, 1)),
        ("LT2", "Laptop", 6, date(2024, 3, 2)),
        ("LT3", "Laptop", 6.5, date(2024, 3, 3)),
        ("LT1", "Laptop", 7, date(2024, 3, 4)),
    ):
        sheet.append(line)
    sheet["A2"].font = Font(bold=True, color="FF0000FF")
    sheet.column_dimensions["A"].width = 33
    sheet.row_dimensions[6].height = 40
    sheet["C6"].number_format = "[$£-809]#,##0.00"
    sheet["A6"].fill = PatternFill("solid", fgColor=YELLOW)
    sheet["A6"].hyperlink = "https://evil.example/"
    sheet["B6"].comment = Comment("Ask Kim", "Kim Lee")
    sheet.add_table(Table(displayName="T", ref="A2:D6"))
    rule = DataValidation("list", formula1='"Laptop,Desktop"')
    rule.add("B3:B100")
    sheet.add_data_validation(rule)
    book.create_sheet("Sites").append(["Depot", "=A1"])
    book.create_sheet("Old").sheet_state = "hidden"
    book.properties.creator = "Kim Lee"
    return book


def as_file(book: Workbook) -> File:
    target = BytesIO()
    book.save(target)
    return File(BytesIO(target.getvalue()), "register.xlsx")


def handed_back(started) -> tuple[int, bytes]:
    target = BytesIO()
    return write_rejects(started, target), target.getvalue()


def test_rows_held_back_keep_the_look_of_their_workbook_and_its_other_sheets():
    count, content = handed_back(bring(as_file(a_register()), a_council()))

    book = load_workbook(BytesIO(content))
    sheet = book["Register"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[:2] == [
        ["Register of the district", None, None, None, None, None],
        ["Tag", "Category", "Price", "Purchased", "Result", "Problem"],
    ]
    assert [row[:2] + row[4:5] for row in rows[2:]] == [["LT1", "Laptop", "Refused"]]
    assert "“LT1 (row 3)” stands in this file more than once. " in rows[2][5]
    assert count == 1
    assert (sheet["A2"].font.b, sheet["A2"].font.color.rgb) == (True, "FF0000FF")
    assert (sheet.column_dimensions["A"].width, sheet.row_dimensions[3].height) == (33, 40)
    assert (sheet["C3"].number_format, sheet["C3"].value) == ("[$£-809]#,##0.00", 7)
    assert sheet["D3"].value.date() == date(2024, 3, 4)
    assert sheet["A3"].fill.fgColor.rgb == RED
    assert [str(each) for each in sheet.merged_cells.ranges] == ["A1:C1"]
    assert [each.formula1 for each in sheet.data_validations.dataValidation] == ['"Laptop,Desktop"']
    assert [(each.title, each.sheet_state) for each in book] == [
        ("Register", "visible"),
        ("Sites", "visible"),
        ("Old", "hidden"),
    ]


def test_nothing_in_what_is_handed_back_runs_leads_elsewhere_or_names_its_author():
    content = handed_back(bring(as_file(with_a_link_to_another_workbook(a_register())), a_council()))[1]

    with zipfile.ZipFile(BytesIO(content)) as package:
        texts = {name: package.read(name) for name in package.namelist()}
    assert not [name for name in texts if "external" in name or "comments" in name or "tables" in name]
    for word in (b"evil", b"Kim", b"External", b"<f>", b"<f ", b"another.xlsx"):
        assert not [name for name, text in texts.items() if word in text]


def with_a_link_to_another_workbook(book: Workbook) -> Workbook:
    book["Sites"].append(["='[another.xlsx]Sheet1'!A1"])
    rule = DataValidation("list", formula1="'[another.xlsx]Sheet1'!A1:A9")
    rule.add("A1:A9")
    book["Sites"].add_data_validation(rule)
    return book


def test_a_formula_without_a_value_comes_back_as_its_text():
    book = Workbook()
    for line in (["Tag", "Category", "Notes"], ["1", "Laptop", "x"], ["1", "Laptop", "=NOW()"]):
        book.active.append(line)

    sheet = load_workbook(BytesIO(handed_back(bring(as_file(book), a_council()))[1])).active

    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=NOW()", "s")


def test_what_was_handed_back_is_corrected_and_brought_in_and_the_rest_stays_as_it_is():
    write(bring(as_file(a_register()), a_council()), by=None)
    content = handed_back(bring(as_file(a_register()), a_council()))[1]
    book = load_workbook(BytesIO(content))
    book["Register"]["A3"] = "LT9"

    again = bring(as_file(book), a_council())

    assert (actions(again), again.mapping["header_row"]) == ({3: "create"}, 2)


@pytest.mark.parametrize("why", ["too large", "not made anew"])
def test_where_the_look_cannot_be_kept_it_is_said(monkeypatch, why):
    if why == "too large":
        monkeypatch.setattr(rejects, "MOST_CELLS", 10)
    else:
        monkeypatch.setattr(rejects, "given_back", lambda *given: None)
    started = bring(as_file(a_register()), a_council())

    book = load_workbook(BytesIO(handed_back(started)[1]))

    assert book.sheetnames == ["Register", "About"]
    assert book["About"]["A1"].value.startswith("These are the texts, columns and order of register.xlsx.")
    assert [cell.value for cell in book["Register"][1]][-2:] == ["Result", "Problem"]
    returned = bring(as_file(book), a_council())
    assert returned.mapping["sheet"] == "Register"


def test_a_number_beyond_all_numbers_comes_back_as_its_text(monkeypatch):
    monkeypatch.setattr(rejects, "MOST_CELLS", 0)
    book = workbook(
        data=rows_xml([["Asset tag", "Category", "Purchase cost"], ["1", "Laptop", float("inf")]])
    )

    rows = list(
        load_workbook(BytesIO(handed_back(bring(File(BytesIO(book), "r.xlsx"), a_council()))[1]))
        .worksheets[0]
        .values
    )

    assert rows[1][:4] == ("1", "Laptop", "inf", "Refused")


def test_rows_of_a_text_file_come_back_as_they_were_without_a_word():
    started = bring(a_csv(("Tag", "Category"), ("1", "Laptop"), ("1", "Laptop")), a_council())

    assert len(load_workbook(BytesIO(handed_back(started)[1])).sheetnames) == 1
