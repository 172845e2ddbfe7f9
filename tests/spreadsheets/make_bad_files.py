"""One file of every hostile or awkward kind that we know, with what becomes of it.

Each is (content, what it comes to): the beginning of the sentence that refuses it, or how many rows of data are read,
None where no row of headings is found.
"""

import gzip
import io
import zipfile

from servicedesk.spreadsheets.formats import content, package, safe_xml, workbook
from tests.spreadsheets.make_binary import old_cell, xls
from tests.spreadsheets.make_files import (
    GOOD_ROWS,
    MAIN,
    cell_xml,
    parts,
    rows_xml,
    sheet_xml,
    with_part,
    zipped,
)
from tests.spreadsheets.make_files import workbook as xlsx
from tests.spreadsheets.make_ods import cell, ods, row, table

BadFile = tuple[bytes, str | int | None]

GOOD = xlsx()
GOOD_XML = sheet_xml(rows_xml(GOOD_ROWS))
CSV = "Asset tag,Serial number,Model\r\nT-0001,SN0001,Café – £5\r\n"
BODY = GOOD_XML.partition("?>")[2]
LAUGHS = "<!DOCTYPE x [" + '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
ELSEWHERE = '<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">'
STRICT = "http://purl.oclc.org/ooxml"
EMPTY_FILL = "<fills><fill/><fill><patternFill/></fill></fills><cellXfs><xf/><xf fillId='1'/></cellXfs>"
DATES = '<cellXfs><xf/><xf numFmtId="14"/></cellXfs>'
TOO_LARGE = "This file is too large when unpacked"


def rows(*more: list) -> bytes:
    return xlsx(data=rows_xml([*GOOD_ROWS, *more]))


def with_data(after: str, **about) -> bytes:
    """The good rows, and below them what is written here."""
    return xlsx(data=rows_xml(GOOD_ROWS) + after, **about)


def with_entries(names: int) -> bytes:
    return zipped(parts() | {f"xl/x{number}.txt": "" for number in range(names)})


def without(*names: str) -> bytes:
    return zipped({name: part for name, part in parts().items() if name not in names})


def with_strings(strings: str, data: str = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>') -> bytes:
    return xlsx(data=data, strings=strings)


def sst(*texts: str) -> str:
    return f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>"


def bomb(part: str, piece: str, times: int, before: str, after: str) -> bytes:
    """A workbook in which one part repeats a piece without end, written as it is packed."""
    target = io.BytesIO(without(part))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as stream:
        stream.write(before.encode())
        for _ in range(times):
            stream.write(piece.encode() * 1_000)
        stream.write(after.encode())
    return target.getvalue()


def strict() -> bytes:
    told = {name: part.replace(MAIN, f"{STRICT}/spreadsheetml/main") for name, part in parts().items()}
    old = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped(
        {name: part.replace(old, f"{STRICT}/officeDocument/relationships") for name, part in told.items()}
    )


def out_of_order() -> bytes:
    headings, mark, data = rows_xml(GOOD_ROWS).partition('<row r="2">')
    return xlsx(data=mark + data + headings)


def without_references() -> bytes:
    data = "".join(
        "<row>" + "".join(cell_xml("A1", value) for value in each) + "</row>" for each in GOOD_ROWS
    )
    return xlsx(data=data.replace(' r="A1"', ""))


def many_attributes() -> bytes:
    attributes = " ".join(f'a{number}="1"' for number in range(60_000))
    return xlsx(sheets={"A": sheet_xml(rows_xml(GOOD_ROWS), before=f"<sheetPr {attributes}/>")})


def hidden_sheets() -> bytes:
    sheets = {"Read me": sheet_xml(""), "Assets": GOOD_XML, "Secret": GOOD_XML.replace("T-0001", "T-0002")}
    return xlsx(sheets=sheets, states={"Assets": "hidden", "Secret": "veryHidden"})


WORKBOOKS: dict[str, BadFile] = {
    "good": (GOOD, 1),
    "bomb of rows": (
        bomb(
            "xl/worksheets/sheet1.xml",
            "<row><c><v>1</v></c></row>",
            8_000,
            f'<worksheet xmlns="{MAIN}"><sheetData>',
            "</sheetData></worksheet>",
        ),
        TOO_LARGE,
    ),
    "bomb of one string": (
        bomb("xl/sharedStrings.xml", "x" * 25, 8_000, f'<sst xmlns="{MAIN}"><si><t>', "</t></si></sst>"),
        TOO_LARGE,
    ),
    "bomb of entries": (with_entries(8_000), "This file is made of 8,007 parts."),
    "string of 5 MB": (with_strings(sst("x" * 5_000_000)), None),
    "declares more strings than there are": (
        with_strings(sst("Asset tag").replace("<sst", '<sst uniqueCount="4294967295"')),
        0,
    ),
    "billion laughs in the strings": (with_strings(LAUGHS + "<sst/>"), safe_xml.UNSAFE),
    "billion laughs in a sheet": (xlsx(sheets={"A": LAUGHS + BODY}), safe_xml.UNSAFE),
    "billion laughs in the workbook": (
        zipped(parts() | {"xl/workbook.xml": LAUGHS + "<workbook/>"}),
        safe_xml.UNSAFE,
    ),
    "outside entity": (with_strings(OUTSIDE + sst("&x;")), safe_xml.UNSAFE),
    "outside document type": (xlsx(sheets={"A": ELSEWHERE + BODY}), safe_xml.UNSAFE),
    "outside entity in UTF-16": (
        zipped(parts() | {"xl/worksheets/sheet1.xml": (OUTSIDE + BODY).encode("utf-16")}),
        safe_xml.UNSAFE,
    ),
    "deep nesting": (
        xlsx(sheets={"A": sheet_xml("", after="<x>" * 150_000 + "</x>" * 150_000)}),
        safe_xml.DAMAGED,
    ),
    "many attributes": (many_attributes(), 1),
    "NUL": (xlsx(sheets={"A": GOOD_XML.replace("T-0001", "T-\0001")}), safe_xml.DAMAGED),
    "cut short": (xlsx(sheets={"A": GOOD_XML[:-120]}), safe_xml.DAMAGED),
    "declares A1 alone": (
        xlsx(sheets={"A": sheet_xml(rows_xml(GOOD_ROWS), before='<dimension ref="A1"/>')}),
        1,
    ),
    "stray cell in the last row": (
        with_data('<row r="1048576"><c r="B1048576"><v>1</v></c></row>'),
        2,
    ),
    "stray cell in the last column": (
        xlsx(data=rows_xml(GOOD_ROWS).replace("</row>", '<c r="XFD1"><v>1</v></c></row>', 1)),
        1,
    ),
    "cells in two far corners": (
        xlsx(data='<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        None,
    ),
    "column beyond the last": (with_data('<row r="3"><c r="ZZZZ3"><v>1</v></c></row>'), safe_xml.DAMAGED),
    "row 0": (xlsx(data='<row r="0"><c r="A0"><v>1</v></c></row>'), safe_xml.DAMAGED),
    "row -5": (xlsx(data='<row r="-5"><c r="A-5"><v>1</v></c></row>'), safe_xml.DAMAGED),
    "row beyond all": (xlsx(data='<row r="2147483647"><c r="A2147483647"/></row>'), safe_xml.DAMAGED),
    "60,000 formatted empty rows": (
        with_data("".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(3, 60_003)), styles=DATES),
        1,
    ),
    "texts that look like formulas": (rows(["=1+1", "+44 1865 792422", "-", "@jsmith", "\t=1", "＝1"]), 2),
    "refers to another workbook": (
        with_part(GOOD, "xl/externalLinks/externalLink1.xml", "<externalLink/>"),
        1,
    ),
    "macros": (with_part(GOOD, "xl/vbaProject.bin", "x"), package.MACROS_REFUSED),
    "old macros": (with_part(GOOD, "xl/macrosheets/sheet1.xml", "<x/>"), package.MACROS_REFUSED),
    "no zip": (b"\x13\x00\x07" * 900, content.NO_SPREADSHEET),
    "empty": (b"", "The file is empty."),
    "empty zip": (zipped({}), package.NOT_A_WORKBOOK),
    "zip of another thing": (zipped({"hello.txt": "x", "more.txt": "y"}), package.NOT_A_WORKBOOK),
    "zip of one text": (zipped({"hello.txt": "hello"}), package.NOT_A_WORKBOOK),
    "strings that are not there": (
        zipped(
            {
                name: part.replace("sharedStrings.xml", "nothing.xml")
                for name, part in parts(
                    {"A": sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')}
                ).items()
                if name != "xl/sharedStrings.xml"
            }
        ),
        safe_xml.DAMAGED,
    ),
    "string beyond the last": (
        with_strings(sst("x"), '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
        safe_xml.DAMAGED,
    ),
    "sheet that is not there": (without("xl/worksheets/sheet1.xml"), safe_xml.DAMAGED),
    "cut off": (GOOD[:-30], safe_xml.DAMAGED),
    "web page": (b"<html><table><tr><td>1</td></tr></table></html>", "This is a web page, not a workbook"),
    "gzip": (gzip.compress(CSV.encode(), mtime=0), "This is a compressed file (gzip)"),
    "program": (b"MZ\x90\x00" + bytes(99), "This is a program, not a spreadsheet."),
    "rows and cells without references": (without_references(), 1),
    "rows out of order": (out_of_order(), 1),
    "strict": (strict(), 1),
    "hidden sheets": (hidden_sheets(), None),
    "hidden row and column": (
        xlsx(data=rows_xml([*GOOD_ROWS, ["T-0002"]]).replace('<row r="3"', '<row hidden="1" r="3"')),
        2,
    ),
    "title rows and a total": (
        xlsx(data=rows_xml([["Register"], ["As at today"], [], *GOOD_ROWS, ["Total", 1]])),
        1,
    ),
    "fill without a pattern": (with_data("", styles=EMPTY_FILL), 1),
    "escaped characters": (rows(["a_x000D_b", "_x0000_", "_x005F_"]), 2),
    "odd characters": (rows(["T\u202e1", "S\u200b2", "Сhair", "T\u00a03", "ı", "ﬁ", "x" * 32_767]), 2),
    "dates beyond all": (
        with_data(
            "".join(
                f'<row r="{n}"><c r="A{n}" s="1"><v>{v}</v></c></row>'
                for n, v in enumerate(["-1", "0", "60", "2958466", "1e308"], 3)
            ),
            styles=DATES,
        ),
        6,
    ),
    "dates from 1904": (with_data("", properties='<workbookPr date1904="1"/>'), 1),
    "numbers that are none": (
        with_data(
            "".join(
                f'<row r="{n}"><c r="A{n}"><v>{v}</v></c></row>'
                for n, v in enumerate(["NaN", "x", "INF", "1e999"], 3)
            )
        ),
        5,
    ),
    "numbers beyond 15 digits": (rows([123, 987654321012345678, None, None, None, "(100)"]), 2),
    "headings twice": (xlsx(data=rows_xml([["Asset tag", "asset  TAG", None], ["T1", "T2", "x"]])), 1),
    "old workbook": (xls({"A": old_cell(0, 0, "Asset tag") + old_cell(1, 0, "T1")}), 1),
    "repeats a cell without end": (
        ods(
            table(
                "A",
                row(
                    cell(1, 'table:number-columns-repeated="16384"'),
                    attributes='table:number-rows-repeated="1048576"',
                ),
            )
        ),
        workbook.TOO_MUCH,
    ),
}

TEXTS: dict[str, BadFile] = {
    "good": (CSV.encode(), 1),
    "mark of UTF-8": (CSV.encode("utf-8-sig"), 1),
    "UTF-16 without a mark": (CSV.encode("utf-16-be"), 1),
    "cp1252": (CSV.encode("cp1252"), 1),
    "Mac Roman": (CSV.replace("\n", "").encode("mac_roman"), 1),
    "two encodings": (CSV.encode() + b"T-0002,SN2,Caf\xe9\r\n", 2),
    "half a character": (b"Asset tag,Model\nT1,x\xed\xa0\x80y\n", 1),
    "names its separator": (b"sep=;\r\nAsset tag;Model\r\nT1;x\r\n", 1),
    "tabs": (CSV.replace(",", "\t").encode(), 1),
    "pipes": (CSV.replace(",", "|").encode(), 1),
    "line breaks in quotes": (b'Asset tag,Model\r\nT1,"one\r\ntwo, ""three"""\r\n', 1),
    "quote within quotes": (b'Asset tag,Model\nT1,"24" screen"\n' + b'T2,"x"\n' * 498, 499),
    "quote that is not closed": (
        b'Asset tag,Model\nT1,"24 screen\n' + b"T2,x\n" * 498,
        "A quotation mark is opened on line 2",
    ),
    "ragged": (b"Asset tag,Serial number,Model\nT1,S1\nT2,S2,M,more\n\n,,\nT3,S3,M\n", 3),
    "line ends of the old Mac": (CSV.replace("\r\n", "\r").encode(), 1),
    "mixed line ends": (b"Asset tag,Model\r\nT1,x\nT2,y\rT3,z", 3),
    "field of 900 kB": (b"Asset tag,Model\nT1," + b"x" * 900_000 + b"\n", 1),
    "140,000 rows": (b"Asset tag,Model\n" + b"T,x\n" * 140_000, 140_000),
    "201,000 rows": (b"Asset tag,Model\n" + b"T,x\n" * 201_000, "The sheet has more than 200,000 rows."),
    "no headings": (b"T1,S1,x\nT2,S2,y\n", None),
    "headings twice": (b"Asset tag,Serial number,serial number\nT1,S1,S2\n", 1),
    "shortened serial numbers": (b'Asset tag,Serial number\n00123,9.87654E+17\n="00456",\'00789\n', 2),
    "script in headings and cells": (b"Asset tag,<script>alert(1)</script>\nT1,<img src=x>\n", 1),
    "headings of fields within": (b"asset_tag,id,council__code,__class__\nT1,1,X,y\n", 1),
    "a workbook": (GOOD, 1),
    "empty": (b" \n", "The file is empty."),
}
