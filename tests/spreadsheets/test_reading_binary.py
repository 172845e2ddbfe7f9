"""Binary workbooks: what is read of them, and what they cannot tell is said."""

import struct
from datetime import date

import pytest

from servicedesk.spreadsheets.formats.package import MACROS_REFUSED, PROTECTED
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import TOO_MUCH, Limits, Note, Refused, Sheet, Workbook
from servicedesk.spreadsheets.reading import read_upload
from tests.spreadsheets.make_binary import (
    compound,
    old,
    old_cell,
    old_formula_error,
    old_row,
    record,
    xls,
    xls_stream,
    xlsb,
    xlsb_cell,
    xlsb_row,
    xlsb_sheet,
)
from tests.spreadsheets.make_files import with_part
from tests.spreadsheets.reading_in_process import read

DIVIDED, NOT_AVAILABLE = (0x07,), (0x2A,)
VERY_HIDDEN = 2
XLSB_ROWS = (
    xlsb_row(0, xlsb_cell(0, "Asset tag") + xlsb_cell(1, "Price") + xlsb_cell(2, "Café"))
    + xlsb_row(1, xlsb_cell(0, "T1") + xlsb_cell(1, 799.5) + xlsb_cell(2, NOT_AVAILABLE), hidden=True)
    + xlsb_row(3, xlsb_cell(1, True) + xlsb_cell(3, DIVIDED, formula=True))
)
XLSB_FRAME = {
    "before": record(60, struct.pack("<IIIIH", 1, 2, 2560, 0, 1)),
    "after": record(176, struct.pack("<IIII", 0, 1, 0, 1)),
}
XLS_RECORDS = (
    old(0x7D, struct.pack("<HHHHHH", 1, 2, 2560, 15, 1, 0))
    + old_row(1, hidden=True)
    + old_cell(0, 0, "Asset tag")
    + old_cell(0, 1, "Price")
    + old_cell(0, 2, "Café")
    + old_cell(1, 0, "T1")
    + old_cell(1, 1, 799.5)
    + old_cell(1, 2, NOT_AVAILABLE)
    + old_cell(3, 1, True)
    + old_formula_error(3, 3, *DIVIDED)
    + old(0xE5, struct.pack("<HHHHH", 1, 0, 1, 0, 1))
)
XLSB = xlsb(
    {"Assets": xlsb_sheet(XLSB_ROWS, **XLSB_FRAME), "Notes": xlsb_sheet(b"")}, {"Notes": VERY_HIDDEN}, True
)
XLS = xls({"Assets": XLS_RECORDS, "Notes": b""}, {"Notes": VERY_HIDDEN}, old(0x22, b"\1\0"))


@pytest.mark.parametrize(
    ("data", "kind", "told"), [(XLSB, "xlsb", "binary_workbook"), (XLS, "xls", "old_workbook")]
)
def test_a_binary_workbook_is_read_and_says_what_its_rows_cannot_show(data, kind, told):
    assert read(data) == Workbook(
        kind,
        [
            Sheet(
                "Assets",
                [
                    ("Asset tag", "Price", "Café", None),
                    ("T1", 799.5, "#N/A", None),
                    (None, None, None, None),
                    (None, True, None, "#DIV/0!"),
                ],
                range(1, 5),
                "visible",
                [
                    Note("hidden_column", column="B"),
                    Note("hidden_column", column="C"),
                    Note("merged_cells", 1, "A", "A1:B2"),
                    Note("hidden_row", 2),
                    Note("not_available", 2, "C", "#N/A"),
                ],
            ),
            Sheet("Notes", [], range(1, 1), "very_hidden", [Note("hidden_sheet", value="Notes")]),
        ],
        date_1904=True,
        notes=[Note(told)],
    )


def test_a_binary_workbook_says_that_it_refers_to_other_files():
    linked = with_part(XLSB, "xl/externalLinks/externalLink1.bin", b"x")
    assert read(linked).notes == [Note("binary_workbook"), Note("external_links")]
    other = old(0x1AE, struct.pack("<HH", 1, 8) + b"\0elsewhr")
    assert read(xls({"A": XLS_RECORDS}, also=other)).notes == [Note("old_workbook"), Note("external_links")]


def test_a_binary_workbook_gives_its_dates_as_dates():
    dated = old(0xE0, struct.pack("<HHHBBBBIIH", 0, 14, 1, 0, 0, 0, 0, 0, 0, 0))
    cell = old(0x203, struct.pack("<HHHd", 0, 0, 16, 45_000.0))
    assert read(xls({"A": cell}, also=dated)).sheets[0].rows == [(date(2023, 3, 15),)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (XLS[:2_000], DAMAGED),
        (XLS[:700] + b"\xff" * 900 + XLS[1_600:], DAMAGED),
        (compound({"Workbook": xls_stream({"A": b""})[:-4] + old(0x42, b"x") * 2_000}), DAMAGED),
        (compound({"Other": b""}), DAMAGED),
        (xls({}), DAMAGED),
        (
            compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
            "The workbook has a password. Open it, take the password off, save it as .xlsx and upload that.",
        ),
        (xls({"A": XLS_RECORDS}, also=old(0x2F, bytes(6))), PROTECTED),
        (compound({"Workbook": xls_stream({"A": XLS_RECORDS}), "_VBA_PROJECT_CUR": b""}), MACROS_REFUSED),
        (xls({"A": b""}, also=old(0x85, struct.pack("<IBB", 0, 0, 1) + b"\1\0M")), MACROS_REFUSED),
        (
            compound({"WordDocument": b""}),
            "This is a Word document, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
        ),
        (
            compound({"PowerPoint Document": b""}),
            "This is a presentation, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
        ),
        (with_part(XLSB, "xl/vbaProject.bin", b"x"), MACROS_REFUSED),
        (xlsb({"A": xlsb_sheet(XLSB_ROWS)[:-40]}), DAMAGED),
        (xlsb({}), DAMAGED),
    ],
)
def test_a_binary_workbook_that_cannot_be_read_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Refused) as refusal:
        read(data)
    assert str(refusal.value) == sentence


def test_a_binary_workbook_with_a_cell_in_each_far_corner_is_refused_at_once(tmp_path):
    corners = xlsb_row(0, xlsb_cell(0, 1.0)) + xlsb_row(1_048_575, xlsb_cell(16_383, 1.0))
    (tmp_path / "far.xlsb").write_bytes(xlsb({"A": xlsb_sheet(corners)}))
    with pytest.raises(Refused) as refusal:
        read_upload(tmp_path / "far.xlsb", limits=Limits(memory=256_000_000, cpu=2))
    assert str(refusal.value) == TOO_MUCH
