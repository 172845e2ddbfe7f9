"""The registers of fixtures/registers from file to values: every planted fault is told, and nothing else."""

from datetime import date
from decimal import Decimal

import pytest

from servicedesk.spreadsheets.formats.workbook import Note
from servicedesk.spreadsheets.headers import ASSETS, match
from servicedesk.spreadsheets.reading import read_upload
from servicedesk.spreadsheets.table import Table, find_table
from servicedesk.spreadsheets.values import Context, clean_column
from tests.spreadsheets.make_files import DEVICES, REGISTERS, messy_laptops, network

KINDS = {
    "asset_tag": "tag",
    "serial_number": "serial",
    "category": "category",
    "status": "status",
    "assigned_user_name": "person",
    "purchase_date": "date",
    "purchase_cost": "money",
    "warranty_end": "warranty",
    "vendor_end_of_support": "end_date",
    "ip_address": "ip",
    "notes": "note",
}


def tables(name: str) -> list[Table | None]:
    return [find_table(sheet, ASSETS.known) for sheet in read_upload(REGISTERS / name).sheets]


def cleaned(table: Table) -> dict[str, list]:
    context = Context(as_at=date(2026, 11, 23))
    samples = [table.column(index) for index in range(len(table.headings))]
    return {
        found.field: clean_column(KINDS.get(found.field, "text"), samples[found.index], context)
        for found in match(table.headings, samples, ASSETS)
        if found.field
    }


def issues(table: Table) -> dict[tuple[int, str], tuple[str, ...]]:
    return {
        (number, name): cell.codes
        for name, column in cleaned(table).items()
        for number, cell in zip(table.row_numbers, column, strict=True)
        if cell.codes
    }


def test_the_messy_laptops_are_read_row_by_row():
    about, laptops = tables("messy_laptops.xlsx")
    assert about is None
    assert laptops.header_row == 4
    assert laptops.row_numbers == [5, 6, 7, 8, 9, 11, 13]
    assert laptops.skipped == {"blank": 1, "subtotal_or_total": 2, "repeated_header": 1}
    assert laptops.notes == [
        Note("hidden_row", 8),
        Note("coloured_cells", 7, "A", "red, row 7"),
        Note("duplicate_header", 4, "F", "location (E, F)"),
    ]


def test_the_messy_laptops_tell_every_planted_fault():
    laptops = tables("messy_laptops.xlsx")[1]
    assert issues(laptops) == {
        (5, "purchase_cost"): ("free_of_charge",),
        (6, "purchase_date"): ("excel_serial",),
        (6, "purchase_cost"): ("vat_removed",),
        (7, "purchase_date"): ("to_be_confirmed",),
        (7, "purchase_cost"): ("other_currency",),
        (8, "purchase_date"): ("month_first_date",),
        (8, "purchase_cost"): ("to_be_confirmed",),
        (9, "serial_number"): ("serial_rounded_by_excel",),
        (9, "purchase_date"): ("impossible_date",),
        (11, "purchase_date"): ("month_only",),
        (11, "notes"): ("formula_text",),
        (13, "purchase_date"): ("financial_year_only",),
        (13, "assigned_user_name"): ("not_a_person",),
    }
    columns = {name: [cell.value for cell in column] for name, column in cleaned(laptops).items()}
    assert columns["asset_tag"] == ["5001", "5002", "5003", "5004", "5005", "5006", None]
    assert columns["location_room"] == ["1.04", "HOME", None, "G.14", "G.14", None, None]
    assert columns["assigned_user_name"][0] == "Asha Fisher"
    assert columns["purchase_cost"][:2] == [Decimal("0.00"), Decimal("742.00")]
    assert columns["status"] == ["in_use"] * 7


def test_the_devices_are_read_from_cp1252_with_semicolons():
    book = read_upload(REGISTERS / "devices_cp1252.csv")
    assert (book.encoding, book.delimiter) == ("cp1252", ";")
    table = find_table(book.sheets[0], ASSETS.known)
    assert (table.header_row, table.row_numbers) == (2, [3, 4, 5, 6])
    assert table.skipped == {"blank": 0, "subtotal_or_total": 1, "repeated_header": 0}
    assert table.notes == [
        Note("row_too_long", 5, "K", "extra cell"),
        Note("row_too_short", 6, None, "5 of 10 cells missing"),
    ]
    assert issues(table) == {(4, "purchase_cost"): ("money_not_understood",)}
    columns = {name: [cell.value for cell in column] for name, column in cleaned(table).items()}
    assert columns["asset_tag"] == ["00001", "00002", "00003", "00004"]
    assert columns["warranty_end"] == [date(2024, 6, 30), 36, 36, None]
    assert columns["status"] == ["in_repair", "in_use", "disposed", None]
    assert columns["notes"] == ["café area", "line one\nline two", None, None]


def test_the_network_has_its_groups_joined_and_its_stack_told():
    (table,) = tables("network.xlsx")
    assert (table.header_row, table.group_row) == (2, 1)
    assert table.headings[1:5] == (
        "Identity / Hostname",
        "Identity / Mgmt IP",
        "Identity / S/N",
        "Where / Site",
    )
    assert issues(table) == {(4, "serial_number"): ("several_serials",)}
    assert [cell.value for cell in cleaned(table)["ip_address"]] == ["10.20.0.1", "10.20.0.2"]


@pytest.mark.parametrize(("name", "made"), [("messy_laptops.xlsx", messy_laptops), ("network.xlsx", network)])
def test_the_kept_workbooks_are_those_that_are_made(name, made, tmp_path):
    made().save(tmp_path / name)
    assert read_upload(tmp_path / name) == read_upload(REGISTERS / name)


def test_the_kept_csv_is_the_one_that_is_made():
    assert (REGISTERS / "devices_cp1252.csv").read_bytes() == DEVICES.encode("cp1252")
