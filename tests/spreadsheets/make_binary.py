"""Workbooks of the two binary kinds, record by record: .xlsb and .xls."""

import struct

from tests.spreadsheets.make_files import PACKAGE, RELATIONS, zipped

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512
LEAST = 4096
"""A stream that is shorter lies elsewhere in a compound file."""


# .xlsb


def record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(content)
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return head + length + bytes([size]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_cell(column: int, value: object, formula: bool = False) -> bytes:
    """A text, a number, a truth, or an error by its number in brackets."""
    place = struct.pack("<II", column, 0)
    end = b"\0\0" + struct.pack("<II", 0, 0) if formula else b""
    if isinstance(value, str):
        return record(8 if formula else 6, place + wide(value) + end)
    if isinstance(value, bool):
        return record(10 if formula else 4, place + bytes([value]) + end)
    if isinstance(value, tuple):
        return record(11 if formula else 3, place + bytes(value) + end)
    return record(9 if formula else 5, place + struct.pack("<d", value) + end)


def xlsb_row(number: int, cells: bytes, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0)) + cells


def xlsb_sheet(rows: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    size = record(148, struct.pack("<IIII", 0, 9, 0, 9))
    return record(129) + size + before + record(145) + rows + record(146) + after + record(130)


def xlsb(sheets: dict[str, bytes], states: dict[str, int] | None = None, date_1904: bool = False) -> bytes:
    """A binary workbook of these sheets; a state is 1 for hidden, 2 for very hidden."""
    listed = b"".join(
        record(156, struct.pack("<II", (states or {}).get(name, 0), number) + wide(f"r{number}") + wide(name))
        for number, name in enumerate(sheets, 1)
    )
    settings = record(153, struct.pack("<II", int(date_1904), 0) + wide(""))
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(sheets) + 1)
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
            "</Relationships>",
            "xl/workbook.bin": record(131) + settings + record(143) + listed + record(144) + record(132),
            **{f"xl/worksheets/sheet{n}.bin": sheet for n, sheet in enumerate(sheets.values(), 1)},
        }
    )


# .xls


def old(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def old_cell(row: int, column: int, value: object) -> bytes:
    """A text, a number, a truth, or an error by its number in brackets."""
    place = struct.pack("<HHH", row, column, 15)
    if isinstance(value, str):
        return old(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    if isinstance(value, bool):
        return old(0x205, place + bytes([value, 0]))
    if isinstance(value, tuple):
        return old(0x205, place + bytes([value[0], 1]))
    return old(0x203, place + struct.pack("<d", value))


def old_formula_error(row: int, column: int, error: int) -> bytes:
    result = bytes([2, 0, error, 0, 0, 0, 0xFF, 0xFF])
    return old(0x06, struct.pack("<HHH", row, column, 15) + result + bytes(6) + struct.pack("<H", 0))


def old_row(number: int, hidden: bool = False) -> bytes:
    flags = 0x100 | (0x20 if hidden else 0)
    return old(0x208, struct.pack("<HHHHHHI", number, 0, 9, 300, 0, 0, flags))


def xls_stream(sheets: dict[str, bytes], states: dict[str, int] | None = None, also: bytes = b"") -> bytes:
    """The records of a workbook; `also` stands before its list of sheets."""
    begin = old(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0x7CC, 0, 6)) + old(0x42, struct.pack("<H", 1200))
    formats = old(0xE0, struct.pack("<HHHBBBBIIH", 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)) * 16
    begin += formats + also
    listed = sum(12 + 2 * len(name) for name in sheets)
    at, heads, bodies = len(begin) + listed + 4, b"", b""
    for name, records in sheets.items():
        body = old(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0x7CC, 0, 6)) + records + old(0x0A)
        text = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
        heads += old(0x85, struct.pack("<IBB", at, (states or {}).get(name, 0), 0) + text)
        at, bodies = at + len(body), bodies + body
    return begin + heads + old(0x0A) + bodies


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of these streams."""
    table, sectors, directory = [TABLE], [], []
    for name, content in streams.items():
        content = content.ljust(max(LEAST, -len(content) % SECTOR + len(content)), b"\0")
        count, first = len(content) // SECTOR, len(table)
        table += [*range(first + 1, first + count), END]
        sectors.append(content)
        directory.append(_entry(name, 2, first, len(content)))
    root = _entry("Root Entry", 5, END, 0, child=1)
    entries = (root + b"".join(directory)).ljust(-(-(len(streams) + 1) // 4) * SECTOR, b"\0")
    first = len(table)
    table += [*range(first + 1, first + len(entries) // SECTOR), END]
    sectors.append(entries)
    assert len(table) <= 128
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += bytes(6) + struct.pack("<IIIIIIIIII", 0, 1, first, 0, LEAST, END, 0, END, 0, 0)
    head = head.ljust(SECTOR, b"\xff")
    packed = struct.pack("<128I", *table, *[FREE] * (128 - len(table)))
    return head + packed + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    about = struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\0") + about + bytes(36) + struct.pack("<IQ", start, size)


def xls(sheets: dict[str, bytes], states: dict[str, int] | None = None, also: bytes = b"") -> bytes:
    """An .xls of these sheets."""
    return compound({"Workbook": xls_stream(sheets, states, also)})
