"""OpenDocument spreadsheets, as LibreOffice writes them and as nobody should."""

from datetime import date, datetime, time

import pytest

from servicedesk.spreadsheets.formats.package import MACROS_REFUSED, PROTECTED
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED, UNSAFE
from servicedesk.spreadsheets.formats.workbook import TOO_MUCH, Limits, Note, Refused, Sheet
from servicedesk.spreadsheets.reading import read_upload
from tests.spreadsheets.make_files import with_part
from tests.spreadsheets.make_ods import cell, ods, row, table, typed
from tests.spreadsheets.reading_in_process import read

HEADINGS = row(cell("Asset tag"), cell("Price"))
STYLES = (
    '<style:style style:name="red" style:family="table-cell">'
    '<style:table-cell-properties fo:background-color="#ff0000"/></style:style>'
    '<style:style style:name="none" style:family="table-cell">'
    '<style:table-cell-properties fo:background-color="transparent"/></style:style>'
    '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="6"/>'
    '</number:number-style><style:style style:name="padded" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="away" style:family="table"><style:table-properties table:display="false"/></style:style>'
)
TAIL = row(
    cell(attributes='table:number-columns-repeated="16384"'),
    attributes='table:number-rows-repeated="1048000"',
)


def rows(*of_table: str, **about) -> list:
    return read(ods(table("A", *of_table), **about)).sheets[0].rows


def test_ods_gives_each_kind_of_cell_as_what_it_is():
    assert rows(
        row(
            cell("two\nlines"),
            cell(799.5),
            typed("percentage", value="0.2"),
            typed("currency", value="12.5", currency="GBP"),
            typed("currency", value="12.5", currency="USD"),
            typed("date", date_value="2026-11-28"),
            typed("date", date_value="2026-11-28T09:30:00"),
            typed("date", date_value="0000-01-01"),
            typed("time", time_value="PT09H30M05S"),
            typed("time", time_value="PT36H00M00S"),
            typed("boolean", boolean_value="true"),
        )
    ) == [
        ("two\nlines", 799.5, 0.2, 12.5, "$12.5", date(2026, 11, 28), datetime(2026, 11, 28, 9, 30))
        + ("0000-01-01", time(9, 30, 5), "36:00:00", True)
    ]


def test_ods_keeps_the_spaces_of_a_text_and_leaves_comments_out():
    comment = "<office:annotation><text:p>a comment</text:p></office:annotation>"
    text = f'<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/><text:span>d</text:span></text:p>{comment}'
    assert rows(row(f'<table:table-cell office:value-type="string">{text}</table:table-cell>')) == [
        ("a  b\tc\nd",)
    ]


def test_ods_counts_what_is_repeated_and_leaves_out_what_is_empty():
    sheet = read(
        ods(
            table(
                "A",
                HEADINGS,
                row(cell(), attributes='table:number-rows-repeated="3"'),
                row(
                    cell("T1", 'table:number-columns-repeated="2"'),
                    cell(attributes='table:number-columns-repeated="2"'),
                    cell(1),
                    attributes='table:number-rows-repeated="2"',
                ),
                TAIL,
            )
        )
    ).sheets[0]
    assert sheet == Sheet(
        "A",
        [
            ("Asset tag", "Price", None, None, None),
            ("T1", "T1", None, None, 1.0),
            ("T1", "T1", None, None, 1.0),
        ],
        [1, 5, 6],
        "visible",
        [],
    )


def test_ods_says_what_the_rows_cannot_show():
    columns = (
        '<table:table-column/><table:table-column table:visibility="collapse"/>'
        '<table:table-column table:default-cell-style-name="padded" table:number-columns-repeated="9"/>'
    )
    book = read(
        ods(
            table(
                "A",
                row(cell("Asset tag", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>"),
                row(
                    cell("T1", 'table:style-name="red"'),
                    cell(1),
                    cell(42),
                    attributes='table:visibility="filter"',
                ),
                row(cell("T2", 'table:style-name="none"'), attributes='table:visibility="collapse"'),
                f'<table:table-row-group table:display="false">{row(cell("T3"))}</table:table-row-group>',
                TAIL,
                columns=columns,
            ),
            table("B", attributes='table:style-name="away"'),
            table("'file:///x.ods'#A", HEADINGS),
            styles=STYLES,
            about='<table:calculation-settings><table:null-date table:date-value="1904-01-01"/>'
            "</table:calculation-settings>",
        )
    )
    first, second = book.sheets
    assert first.notes == [
        Note("hidden_column", column="B"),
        Note("merged_cells", 1, "A", "A1:B1"),
        Note("coloured_cells", 2, "A", "red"),
        Note("hidden_row", 2),
        Note("hidden_row", 3),
        Note("hidden_row", 4),
    ]
    assert first.rows[1] == ("T1", 1.0, "000042")
    assert (second.visibility, second.notes) == ("hidden", [Note("hidden_sheet", value="B")])
    assert (book.format, book.date_1904, book.notes) == ("ods", True, [Note("external_links")])


def test_ods_keeps_errors_and_formulas_without_a_value_as_their_text():
    error = 'office:value-type="string" calcext:value-type="error"'
    sheet = read(
        ods(
            table(
                "A",
                row(
                    f"<table:table-cell {error}><text:p>#DIV/0!</text:p></table:table-cell>",
                    f"<table:table-cell {error}><text:p>Err:502</text:p></table:table-cell>",
                    f"<table:table-cell {error}><text:p>#N/A</text:p></table:table-cell>",
                    cell(attributes='table:formula="of:=SUM([.A1:.A9])"'),
                    cell(3, 'table:formula="of:=1+2"'),
                ),
            )
        )
    ).sheets[0]
    assert sheet.rows == [("#DIV/0!", "#VALUE!", "#N/A", "=SUM([.A1:.A9])", 3.0)]
    assert sheet.notes == [Note("not_available", 1, "C", "#N/A")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (ods(table("A", row(cell(1, 'table:number-columns-repeated="16385"')))), DAMAGED),
        (ods(table("A", row(typed("float", value="much")))), DAMAGED),
        (ods(table("A", "<table:table-row>")), DAMAGED),
        (ods(table("A", row("<x>" * 99 + "</x>" * 99))), DAMAGED),
        (with_part(ods(table("A", HEADINGS)), "styles.xml", "<!DOCTYPE x><x/>"), UNSAFE),
        (with_part(ods(table("A", HEADINGS)), "Basic/Standard/Module1.xml", "<x/>"), MACROS_REFUSED),
        (with_part(ods(table("A", HEADINGS)), "Scripts/python/x.py", "x"), MACROS_REFUSED),
        (
            with_part(ods(table("A", HEADINGS)), "META-INF/manifest.xml", "<m><encryption-data/></m>"),
            PROTECTED,
        ),
        (ods(), "This is a compressed folder, not a workbook. Upload a workbook (.xlsx) or a .csv file."),
        (
            ods(table("A"), parts={"mimetype": "application/vnd.oasis.opendocument.text"}),
            "This is an OpenDocument file, but not a spreadsheet. Upload a workbook (.xlsx or .ods) or a .csv file.",
        ),
    ],
)
def test_ods_that_is_damaged_or_unsafe_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Refused) as refusal:
        read(data)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("columns", "times", "sentence"),
    [
        (16_384, 1_048_576, TOO_MUCH),
        (1, 1_048_576, "The sheet A has more than 200,000 rows. Split it into several."),
    ],
)
def test_ods_that_repeats_a_cell_without_end_is_refused_at_once(tmp_path, columns, times, sentence):
    bomb = row(
        cell(1, f'table:number-columns-repeated="{columns}"'),
        attributes=f'table:number-rows-repeated="{times}"',
    )
    (tmp_path / "bomb.ods").write_bytes(ods(table("A", bomb)))
    with pytest.raises(Refused) as refusal:
        read_upload(tmp_path / "bomb.ods", limits=Limits(memory=256_000_000, cpu=2))
    assert str(refusal.value) == sentence
