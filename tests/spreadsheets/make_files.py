"""Spreadsheets of our own making: raw workbooks part by part for the tests, and the registers of fixtures/registers.

Run `python -m tests.spreadsheets.make_files` to write those registers again.
"""

import io
import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import PatternFill

REGISTERS = Path(__file__).parents[2] / "fixtures" / "registers"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
GOOD_ROWS = [
    ["Asset tag", "Serial number", "Model", "Assigned to", "Purchase date", "Purchase cost"],
    ["T-0001", "SN0001", "Latitude 5440", "Jo Okoro", "15/03/2023", "799.50"],
]


def letter(column: int) -> str:
    return chr(64 + column) if column <= 26 else letter((column - 1) // 26) + letter((column - 1) % 26 + 1)


def cell_xml(reference: str, value: object) -> str:
    """One cell: text, number or nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{reference}"><v>{value}</v></c>'


def rows_xml(rows: list[list]) -> str:
    """The sheetData of plain rows, from row 1."""
    return "".join(
        f'<row r="{number}">'
        + "".join(cell_xml(f"{letter(index)}{number}", value) for index, value in enumerate(row, 1))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )


def sheet_xml(data: str, before: str = "", after: str = "") -> str:
    return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def parts(
    sheets: dict[str, str] | None = None,
    states: dict[str, str] | None = None,
    styles: str = "",
    strings: str = "",
    properties: str = "",
) -> dict[str, str | bytes]:
    """The parts of a workbook by name, with one good sheet unless others are given."""
    sheets = sheets or {"Assets": sheet_xml(rows_xml(GOOD_ROWS))}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{index}" r:id="r{index}"'
        + (f' state="{states[name]}"' if states and name in states else "")
        + "/>"
        for index, name in enumerate(sheets, 1)
    )
    targets = [
        (f"r{index}", "worksheet", f"worksheets/sheet{index}.xml") for index in range(1, len(sheets) + 1)
    ]
    targets += [("rs", "styles", "styles.xml"), ("rt", "sharedStrings", "sharedStrings.xml")]
    relations = "".join(
        f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for name, kind, target in targets
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": strings or f'<sst xmlns="{MAIN}"/>',
        **{f"xl/worksheets/sheet{index}.xml": xml for index, xml in enumerate(sheets.values(), 1)},
    }


def zipped(files: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in files.items():
            package.writestr(name, part)
    return target.getvalue()


def workbook(*, data: str | None = None, **about) -> bytes:
    """An .xlsx of one sheet with this sheetData, or of `sheets`."""
    if data is not None:
        about["sheets"] = {"Assets": sheet_xml(data)}
    return zipped(parts(**about))


def with_part(data: bytes, name: str, part: str | bytes) -> bytes:
    """The same package and one part more."""
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, part)
    return target.getvalue()


def messy_laptops() -> Workbook:
    """A register as people keep it: title rows, subtotals, a repeated heading, hidden and coloured rows, odd values."""
    book = Workbook()
    about = book.active
    about.title = "About"
    about["A1"] = "Kept by the device team. Red means disposed of"
    sheet = book.create_sheet("Laptops")
    sheet["A1"] = "EXAMPLE COUNTY COUNCIL: LAPTOPS"
    sheet["A2"] = "Last changed 03/11/2026"
    headings = ["Asset No. ", "Serial\nNumber", "Make & Model", "Type", "Location", "Location", "Issued To"]
    headings += ["Date Purchased", "Cost (£ ex VAT)", "Warranty Expires", "In use", "Notes"]
    rows = [
        [5001, "EXA0000001", "Dell Latitude 5440", "Laptop", "Bicester Library", "1.04", "Fisher, Asha"]
        + ["14/09/2022", "FOC", date(2025, 9, 14), "Yes", None],
        [5002, "EXA0000002", "Dell Latitude 5440", "LAPTOP", "Bicester Library", "HOME", "Bello, Isla"]
        + [44818, "£890.40 inc VAT", date(2025, 9, 14), "Y", None],
        [5003, "EXA0000003", "HP EliteBook 840 G9", "Notebook", "County Hall", None, "Shah, Nia"]
        + ["TBC", "$2266.13", date(2027, 7, 13), "yes ", None],
        [5004, "EXA0000004", "HP EliteBook 840 G9", "Notebook", "County Hall", "G.14", "Okoro, Quinn"]
        + ["09/14/2022", "TBC", None, "Y", None],
        [5005, 5.02e18, "HP EliteBook 840 G9", "Laptop", "County Hall", "G.14", "Iqbal, Dev"]
        + ["31/02/2023", "£1,049.00", None, "Y", None],
        ["County Hall - total:", None, None, None, None, None, None, None, "=SUM(I5:I9)", None, None, None],
        [5006, "exa0000001 ", "Lenovo ThinkPad T14", "Laptop", "County Hall", None, "Reid, Nia"]
        + ["Sept 2022", 742.5, None, "Yes", '=HYPERLINK("http://example.invalid","click")'],
        headings,
        [None, "EXA0000007", "Lenovo ThinkPad T14", "Laptop", "County Hall", None, "Spare"]
        + ["2022/23", 742, None, "Yes", None],
        [None] * 12,
        ["GRAND TOTAL", None, None, None, None, None, None, None, 7, None, None, None],
    ]
    for row in [[], headings, *rows]:
        sheet.append(row)
    sheet.row_dimensions[8].hidden = True
    sheet["A7"].fill = PatternFill("solid", fgColor="FFFF0000")
    sheet.merge_cells("A1:L1")
    return book


def network() -> Workbook:
    """A list of network devices with a row of groups above the headings, and a stack in one cell."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Network"
    sheet.append([None, "Identity", None, None, "Where", None, "Support"])
    sheet.append(["#", "Hostname", "Mgmt IP", "S/N", "Site", "Cabinet", "LDOS"])
    sheet.append([1, "sw-lib1-1", "10.20.0.1", "NET0000001", "Library 1", "Cab 1", date(2027, 10, 31)])
    sheet.append(
        [2, "fw-lib1-1", "10.20.0.2", "NET0000002 / NET0000003", "Library 1", "Cab 1", date(2026, 8, 17)]
    )
    return book


DEVICES = (
    "Example District Council: devices\r\n"
    "Tag No;Device Name;Category;Service Tag;User;Purchased;Price;Warranty;Status;Comments\r\n"
    "00001;EX-LT-1;Laptops;EXB0000001;Ben Evans;01/07/2021;£777.00;30/06/2024;Repair;café area\r\n"
    '00002;EX-LT-2;Desktop;EXB0000002;Femi Green;08/09/2024;£879,00;3 years;Active;"line one\nline two"\r\n'
    "00003;EX-LT-3;CPU;EXB0000003;Rosa Okoro;21/08/2025;£889.00;36;WEEE;;extra cell\r\n"
    "00004;EX-LT-4;Monitor;EXB0000004;Hari Shah\r\n"
    ";;;;;;;;Count;4\r\n"
)


def write_registers() -> None:
    """The registers that fixtures/registers keeps."""
    REGISTERS.mkdir(parents=True, exist_ok=True)
    messy_laptops().save(REGISTERS / "messy_laptops.xlsx")
    network().save(REGISTERS / "network.xlsx")
    (REGISTERS / "devices_cp1252.csv").write_bytes(DEVICES.encode("cp1252"))


if __name__ == "__main__":
    write_registers()
