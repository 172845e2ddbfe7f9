from datetime import date, datetime, time

import pytest
from openpyxl import Workbook as OpenpyxlWorkbook

from servicedesk.spreadsheets.formats.workbook import Limits, Note, Refused
from servicedesk.spreadsheets.reading import read_upload
from tests.spreadsheets.make_files import GOOD_ROWS, letter, rows_xml, sheet_xml, with_part, workbook
from tests.spreadsheets.reading_in_process import read

STYLES = (
    '<numFmts count="3"><numFmt numFmtId="170" formatCode="000000"/><numFmt numFmtId="171" formatCode="[$$-409]0.00"/>'
    '<numFmt numFmtId="172" formatCode="dd/mm/yyyy"/></numFmts>'
    '<fonts count="1"><font/></fonts>'
    '<fills count="2"><fill/><fill><patternFill patternType="solid"><fgColor rgb="FFFF0000"/></patternFill></fill>'
    "</fills>"
    '<borders count="1"><border/></borders>'
    '<cellXfs count="5"><xf numFmtId="0" fillId="0"/><xf numFmtId="172" fillId="0"/><xf numFmtId="0" fillId="1"/>'
    '<xf numFmtId="170" fillId="0"/><xf numFmtId="171" fillId="0"/></cellXfs>'
)
DATE, RED, PADDED, DOLLARS = 1, 2, 3, 4
GOOD = [tuple(row) for row in GOOD_ROWS]


def cells(*cells_xml: str) -> str:
    """A heading row and one row of cells, given without their references."""
    headings = "".join(f'<c r="{letter(n)}1" t="str"><v>h{n}</v></c>' for n in range(1, len(cells_xml) + 1))
    row = "".join(cell.replace("<c", f'<c r="{letter(n)}2"', 1) for n, cell in enumerate(cells_xml, 1))
    return f'<row r="1">{headings}</row><row r="2">{row}</row>'


def second_row(*cells_xml: str) -> tuple:
    return read(workbook(data=cells(*cells_xml), styles=STYLES)).sheets[0].rows[1]


def test_xlsx_gives_its_sheets_as_typed_rows(tmp_path):
    book = OpenpyxlWorkbook()
    book.active.title = "Assets"
    book.active.append(
        ["00123", 42, 7.5, True, date(2024, 5, 21), datetime(2024, 5, 21, 13, 4, 5), time(6, 30), None, "é"]
    )
    book.save(tmp_path / "typed.xlsx")
    sheet = read_upload(tmp_path / "typed.xlsx").sheets[0]
    moments = (date(2024, 5, 21), datetime(2024, 5, 21, 13, 4, 5), time(6, 30))
    assert (sheet.name, sheet.visibility, list(sheet.row_numbers)) == ("Assets", "visible", [1])
    assert sheet.rows == [("00123", 42.0, 7.5, True, *moments, None, "é")]


def test_xlsx_keeps_true_row_numbers_above_and_beside_an_empty_area():
    sheet = read(
        workbook(data='<row r="4"><c r="C4"><v>1</v></c></row><row r="6"><c r="D6"><v>2</v></c></row>')
    ).sheets[0]
    assert list(zip(sheet.row_numbers, sheet.rows, strict=True))[3:] == [
        (4, (None, None, 1.0, None)),
        (5, (None, None, None, None)),
        (6, (None, None, None, 2.0)),
    ]


@pytest.mark.parametrize(
    "data",
    [
        '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
        '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>',
        "<row r='1'><c t='str' r='A1'><v>a</v></c><c t='str' r='B1'><v>b</v></c></row>"
        "<row r='2'><c r='A2'><v>1</v></c><c r='B2'><v>2</v></c></row>",
    ],
    ids=["no references", "rows out of order", "single quotes"],
)
def test_xlsx_reads_the_variants_that_the_standard_allows(data):
    assert read(workbook(data=data)).sheets[0].rows == [("a", "b"), (1.0, 2.0)]


def test_xlsx_reads_elements_with_a_prefix_and_mends_them_too():
    row = '<x:row r="1" hidden="1"><x:c r="A1" t="e"><x:v>#REF!</x:v></x:c><x:c r="B1"><x:f>1+1</x:f></x:c></x:row>'
    xml = (
        sheet_xml("")
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
    )
    sheet = read(workbook(sheets={"Assets": xml.replace("</x:sheetData>", f"{row}</x:sheetData>")})).sheets[0]
    assert sheet.rows == [("#REF!", "=1+1")]
    assert sheet.notes == [Note("hidden_row", row=1)]


def test_xlsx_says_what_the_rows_cannot_show():
    data = (
        '<row r="1"><c r="A1" t="str"><v>h</v></c></row>'
        f'<row r="2" hidden="1"><c r="A2" s="{RED}"><v>1</v></c><c r="B2" s="{RED}"/></row>'
    )
    xml = sheet_xml(
        data,
        before='<cols><col min="3" max="4" hidden="1" width="9"/></cols>',
        after='<mergeCells count="1"><mergeCell ref="A2:B3"/></mergeCells>',
    )
    sheets = {"Read me": sheet_xml(""), "Assets": xml, "Secret": sheet_xml("")}
    states = {"Assets": "hidden", "Secret": "veryHidden"}
    read_me, assets, secret = read(workbook(sheets=sheets, states=states, styles=STYLES)).sheets
    assert (read_me.visibility, assets.visibility, secret.visibility) == ("visible", "hidden", "very_hidden")
    assert assets.notes == [
        Note("hidden_sheet", value="Assets"),
        Note("hidden_column", column="C"),
        Note("hidden_column", column="D"),
        Note("merged_cells", 2, "A", "A2:B3"),
        Note("hidden_row", 2),
        Note("coloured_cells", 2, "A", "red"),
    ]
    assert (read_me.notes, secret.notes) == ([], [Note("hidden_sheet", value="Secret")])


def test_xlsx_says_which_cells_are_written_in_a_colour_or_struck_through():
    styles = (
        '<fonts><font/><font><color rgb="FFC00000"/></font><font><strike/><color rgb="FFC00000"/></font>'
        '<font><strike val="0"/><color rgb="FF000000"/></font><font><color theme="10"/></font></fonts>'
        '<cellXfs><xf/><xf fontId="1"/><xf fontId="2"/><xf fontId="3"/><xf fontId="4"/></cellXfs>'
        '<dxfs><dxf><font><color rgb="FFFF0000"/></font></dxf></dxfs>'
    )
    row = "".join(f'<c r="{letter}1" s="{style}"><v>1</v></c>' for style, letter in enumerate("ABCDE"))
    assert read(workbook(data=f'<row r="1">{row}</row>', styles=styles)).sheets[0].notes == [
        Note("coloured_cells", 1, "B", "dark red text"),
        Note("coloured_cells", 1, "C", "struck through"),
    ]


def test_xlsx_keeps_error_cells_as_their_text():
    assert second_row('<c t="e"><v>#N/A</v></c>', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>') == (
        "#N/A",
        "#DIV/0!",
    )


def test_xlsx_says_where_a_formula_found_nothing_and_not_where_somebody_wrote_so():
    data = (
        '<row r="1"><c r="A1" t="e"><f>VLOOKUP(1,B:C,2)</f><v>#N/A</v></c><c r="B1" t="str"><v>#N/A</v></c></row>'
        '<row r="2"><c t="e" r="A2"><v>#REF!</v></c><c t="e" r="B2"><v>#N/A</v></c></row>'
    )
    assert read(workbook(data=data)).sheets[0].notes == [
        Note("not_available", 1, "A", "#N/A"),
        Note("not_available", 2, "B", "#N/A"),
    ]


def test_xlsx_takes_stored_values_and_shows_formulas_that_have_none():
    row = second_row(
        "<c><f>1+1</f><v>2</v></c>",
        "<c><f>SUM(A1:A9)</f><v/></c>",
        '<c t="str"><f>A1&amp;"x"</f></c>',
        '<c t="str"><f>IF(1,"")</f><v></v></c>',
        '<c><f t="shared" si="0"/></c>',
        "<c><f>2+2</f></c>",
    )
    assert row == (2.0, "=SUM(A1:A9)", '=A1&"x"', None, "=(shared formula)", "=2+2")


def test_xlsx_shows_numbers_as_their_format_does_where_that_is_their_meaning():
    row = second_row(
        f'<c s="{PADDED}"><v>123</v></c>', f'<c s="{DOLLARS}"><v>742.5</v></c>', "<c><v>123</v></c>"
    )
    assert row == ("000123", "$742.5", 123.0)


@pytest.mark.parametrize("number", ["-1", "1e10", "1e308", "2958466", "-1e308"])
def test_xlsx_gives_a_date_out_of_range_as_a_number_and_the_rest_as_it_is(number):
    row = second_row(f'<c s="{DATE}"><v>{number}</v></c>', f'<c s="{DATE}"><v>45000</v></c>')
    assert row == (float(number), date(2023, 3, 15))


def test_xlsx_knows_the_epoch_of_1904():
    data = cells(f'<c s="{DATE}"><v>45000</v></c>')
    book = read(workbook(data=data, styles=STYLES, properties='<workbookPr date1904="1"/>'))
    assert book.date_1904
    assert book.sheets[0].rows[1] == (date(2027, 3, 16),)


def test_xlsx_decodes_escaped_characters_once():
    assert second_row('<c t="inlineStr"><is><t>a_x000D_b_x005F_x000D_</t></is></c>') == ("a\rb_x000D_",)


def test_xlsx_does_not_believe_the_declared_size_of_a_sheet_or_of_the_strings():
    xml = sheet_xml(rows_xml(GOOD_ROWS), before='<dimension ref="A1"/>')
    assert read(workbook(sheets={"Assets": xml})).sheets[0].rows == GOOD
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4294967295">'
        "<si><t>x</t></si></sst>"
    )
    assert read(workbook(data='<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=strings)).sheets[
        0
    ].rows == [("x",)]


def test_xlsx_with_a_stray_cell_in_the_last_row_is_read_at_once(tmp_path):
    data = rows_xml(GOOD_ROWS) + '<row r="1048576"><c r="B1048576" t="str"><v>stray</v></c></row>'
    (tmp_path / "stray.xlsx").write_bytes(workbook(data=data))
    sheet = read_upload(tmp_path / "stray.xlsx", limits=Limits(memory=256_000_000, cpu=2)).sheets[0]
    assert list(sheet.row_numbers) == [1, 2, 1_048_576]
    assert sheet.rows == [*GOOD, (None, "stray", None, None, None, None)]


def test_xlsx_with_a_stray_cell_in_the_last_column_keeps_it():
    data = rows_xml(GOOD_ROWS).replace("</row>", '<c r="XFD1" t="str"><v>stray</v></c></row>', 1)
    rows = read(workbook(data=data)).sheets[0].rows
    assert (len(rows[0]), rows[0][-1], rows[1][:6]) == (16_384, "stray", GOOD[1])


def test_xlsx_says_that_it_refers_to_other_files():
    about = workbook(data='<row r="1"><c r="A1" t="str"><f>[1]Sheet1!$A$1</f><v>kept</v></c></row>')
    assert read(about).notes == []
    from_elsewhere = read(with_part(about, "xl/externalLinks/externalLink1.xml", "<externalLink/>"))
    assert from_elsewhere.notes == [Note("external_links")]
    assert from_elsewhere.sheets[0].rows == [("kept",)]


def test_xlsx_with_too_many_rows_is_refused_with_the_number():
    with pytest.raises(Refused, match="The sheet Assets has more than 1 rows"):
        read(workbook(data=rows_xml([["a"], ["b"], ["c"]])), Limits(rows=1))
