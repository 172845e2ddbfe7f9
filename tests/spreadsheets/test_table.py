import pytest

from servicedesk.spreadsheets.formats.workbook import Note, Sheet
from servicedesk.spreadsheets.table import find_table

KNOWN = {"asset tag", "serial number", "site", "cost", "hostname", "cost (ex vat)"}
NOTHING_SKIPPED = {"blank": 0, "subtotal_or_total": 0, "repeated_header": 0}
HEADINGS = ("Asset tag", "Serial number", "Site", "Cost")


def sheet(*rows: tuple, numbers: list[int] | None = None, notes: list[Note] | None = None) -> Sheet:
    return Sheet("Assets", list(rows), numbers or range(1, len(rows) + 1), notes=notes or [])


def test_find_table_finds_the_headings_below_titles_and_skips_what_is_no_data():
    table = find_table(
        sheet(
            ("Register of laptops", None, None, None),
            (None, None, None, None),
            HEADINGS,
            ("T1", "S1", "Library", 5.0),
            (None, " ", None, None),
            ("Library - total:", None, None, "=SUM(D4:D4)"),
            ("asset tag ", "SERIAL NUMBER", "Site", "Cost"),
            ("T2", "S2", "Library", None),
            (None, None, None, None),
            ("GRAND TOTAL", None, None, "£1,234.00"),
        ),
        KNOWN,
    )
    assert (table.header_row, table.group_row, table.headings) == (3, None, HEADINGS)
    assert table.rows == [("T1", "S1", "Library", 5.0), ("T2", "S2", "Library", None)]
    assert table.row_numbers == [4, 8]
    assert table.skipped == {"blank": 2, "subtotal_or_total": 2, "repeated_header": 1}
    assert table.column(0) == ["T1", "T2"]


def test_find_table_joins_the_groups_above_the_headings():
    table = find_table(
        sheet((None, "Identity", None, "Money"), HEADINGS, ("T1", "S1", "Library", 5.0)),
        KNOWN,
    )
    assert (table.header_row, table.group_row) == (2, 1)
    assert table.headings == ("Asset tag", "Identity / Serial number", "Identity / Site", "Money / Cost")


def test_find_table_takes_no_title_for_a_group():
    table = find_table(
        sheet(("Printed 16/11/2026", None, None, None), HEADINGS, ("T1", "S1", None, None)), KNOWN
    )
    assert (table.group_row, table.headings) == (None, HEADINGS)


@pytest.mark.parametrize(
    "rows",
    [
        [("Kept by the device team",), ("Red means disposed of",)],
        [("Laptop",), ("Desktop",)],
        [("TAG-1", "SN1"), ("TAG-2", "SN2")],
        [("Red", "disposed of"), ("Site", "where it is")],
        [],
    ],
)
def test_find_table_finds_none_where_no_row_reads_like_headings(rows):
    assert find_table(sheet(*rows), KNOWN) is None


def test_find_table_takes_one_known_heading_only_in_the_first_row():
    assert find_table(sheet(("Asset tag", "Colour"), ("T1", "red")), KNOWN).headings == (
        "Asset tag",
        "Colour",
    )
    assert find_table(sheet(("Colour",), ("Asset tag",)), KNOWN) is None


def test_find_table_takes_the_row_that_somebody_chose():
    chosen = sheet(("a", "b"), ("Mark", "Where"), ("T1", "Library"), numbers=[4, 5, 6])
    assert find_table(chosen, KNOWN, header_row=5).headings == ("Mark", "Where")
    assert find_table(chosen, KNOWN, header_row=5).rows == [("T1", "Library")]
    assert find_table(chosen, KNOWN, header_row=1) is None


def test_find_table_counts_the_rows_that_a_stray_cell_leaves_out():
    stray = sheet(HEADINGS, ("T1", "S1", None, None), ("T2", None, None, None), numbers=[1, 2, 1_048_576])
    table = find_table(stray, KNOWN)
    assert (table.row_numbers, table.skipped["blank"]) == ([2, 1_048_576], 1_048_573)
    assert Note("row_far_below", 1_048_576, None, "1,048,573 blank rows above it") in table.notes


def test_find_table_notes_rows_that_are_longer_or_shorter_than_the_headings():
    table = find_table(sheet(HEADINGS, ("T1", "S1", "Library", "5", None, "extra"), ("T2", "S2"), ()), KNOWN)
    assert table.rows == [("T1", "S1", "Library", "5"), ("T2", "S2", None, None)]
    assert table.skipped == NOTHING_SKIPPED | {"blank": 1}
    assert table.notes == [
        Note("row_too_long", 2, "F", "extra"),
        Note("row_too_short", 3, None, "2 of 4 cells missing"),
    ]


def test_find_table_takes_a_row_for_wrong_that_lacks_most_of_its_cells_or_has_several_too_many():
    table = find_table(sheet(HEADINGS, ("T1",), ("T2", "S2", "Library", "5", "one", None, "two")), KNOWN)
    assert table.rows == [("T1", None, None, None), ("T2", "S2", "Library", "5")]
    assert table.notes == [
        Note("row_much_too_short", 2, None, "3 of 4 cells missing"),
        Note("row_much_too_long", 3, "E", "one, two"),
    ]


def test_a_row_of_a_text_knows_its_line_where_line_breaks_in_cells_have_moved_it():
    rows = [HEADINGS, *((f"T{number}", "S", "Library", "5") for number in range(2, 7))]
    table = find_table(Sheet("", rows, range(1, 7), lines=[(3, 4), (5, 9)]), KNOWN)
    assert [table.line(number) for number in table.row_numbers] == [None, 4, 5, 9, 10]


def test_find_table_names_what_stands_beside_the_table_of_a_workbook_whose_cells_cannot_have_moved():
    beside = sheet((*HEADINGS, None, None), ("T1", "S1", "Library", 5.0, "seen", "JB"))
    assert find_table(beside, KNOWN).notes == [Note("row_too_long", 2, "E", "seen, JB")]


def test_find_table_reads_short_rows_where_the_first_headings_are_blank():
    table = find_table(sheet((None, None, "Asset tag", "Site"), ("1",), ("1", "2", "T1", "Library")), KNOWN)
    assert table.rows == [("1", None, None, None), ("1", "2", "T1", "Library")]


def test_find_table_takes_a_legend_in_the_margin_for_no_column():
    legend = sheet(
        (*HEADINGS, None, "Red"), ("T1", "S1", None, None, None, "disposed of"), (None,) * 5 + ("Blue",)
    )
    table = find_table(Sheet("Assets", [row[:4] + (None, row[5]) for row in legend.rows], [1, 2, 3]), KNOWN)
    assert table.headings == (*HEADINGS, "", "Red")
    plain = find_table(sheet((*HEADINGS, None, None), *legend.rows[1:]), KNOWN)
    assert (plain.headings, len(plain.rows), plain.skipped["blank"]) == (HEADINGS, 1, 1)


def test_find_table_passes_on_the_notes_that_concern_its_rows():
    notes = [
        Note("merged_cells", 1, "A", "A1:D1"),
        Note("hidden_row", 3),
        Note("hidden_column", column="D"),
        Note("coloured_cells", 2, "A", "red"),
        Note("coloured_cells", 3, "B", "red"),
        Note("coloured_cells", 4, "A", "red"),
    ]
    table = find_table(
        sheet(("Title",), HEADINGS, ("T1", "S1", None, None), ("T2",) + (None,) * 3, notes=notes), KNOWN
    )
    assert table.notes == [
        Note("hidden_row", 3),
        Note("hidden_column", column="D"),
        Note("coloured_cells", 3, "B", "red, rows 3, 4"),
    ]


def test_find_table_notes_headings_that_stand_there_twice():
    table = find_table(sheet(("Asset tag", "Site", "site "), ("T1", "Library", "1.04")), KNOWN)
    assert table.notes == [Note("duplicate_header", 1, "C", "site (B, C)")]


@pytest.mark.parametrize(
    "text", ["Total", "Totals:", "Sub-total", "County Hall - total:", "Count", "Total (24)", "Total of all"]
)
def test_find_table_knows_the_words_of_totals(text):
    assert find_table(sheet(HEADINGS, (text, None, None, 7.0)), KNOWN).skipped["subtotal_or_total"] == 1


@pytest.mark.parametrize(
    "row", [("Total", "S1", None, None), ("Totality Ltd", None, None, None), ("T9", None, "Count", "x")]
)
def test_find_table_takes_no_asset_for_a_total(row):
    assert find_table(sheet(HEADINGS, row), KNOWN).rows == [row]


def test_find_table_ends_where_another_table_begins_and_says_so():
    rows = [
        ("Laptops", None, None, None),
        HEADINGS,
        ("T1", "S1", "Library", 5.0),
        ("asset tag", "Serial", "Site", "Cost"),
        ("T2", "S2", "Library", None),
        (None, None, None, None),
        ("Asset tag", "Serial number", None, None),
        ("T3", "S3", "Library", None),
        (None, None, None, None),
        ("Switches", None, None, None),
        ("Hostname", "Site", "Cabinet", None),
        ("sw-1", "Library", "C1", None),
        ("sw-2", "Library", "C2", None),
    ]
    table = find_table(sheet(*rows), KNOWN)
    assert (table.header_row, table.row_numbers) == (2, [3, 4, 5, 8])
    assert table.skipped == {"blank": 2, "subtotal_or_total": 0, "repeated_header": 1}
    assert table.notes == [Note("second_table", 11, None, "2 rows under Hostname, Site, Cabinet")]
    switches = find_table(sheet(*rows), KNOWN, header_row=11)
    assert (switches.headings, switches.row_numbers) == (("Hostname", "Site", "Cabinet"), [12, 13])
    assert switches.notes == [
        Note("second_table", 2, None, "6 rows under Asset tag, Serial number, Site, Cost"),
    ]


def test_find_table_takes_no_row_of_words_for_another_table():
    rows = [HEADINGS, (None, None, None, None), ("T1", "Site", "Library", "Cost"), ("Site", None, None, None)]
    table = find_table(sheet(*rows, numbers=[1, 2, 5, 9]), KNOWN)
    assert (table.row_numbers, table.notes) == ([5, 9], [])
