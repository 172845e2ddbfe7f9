"""Files that must be refused with a sentence, or read without harm, whatever they are made of."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from servicedesk.spreadsheets.formats.package import NOT_A_WORKBOOK
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED, UNSAFE
from servicedesk.spreadsheets.formats.workbook import TOO_MUCH, Limits, Refused
from servicedesk.spreadsheets.reading import TOO_LARGE, TOO_SLOW, read_upload
from tests.spreadsheets.make_files import (
    GOOD_ROWS,
    MAIN,
    parts,
    rows_xml,
    sheet_xml,
    with_part,
    workbook,
    zipped,
)
from tests.spreadsheets.reading_in_process import read

GOOD = workbook()
GOOD_XML = sheet_xml(rows_xml(GOOD_ROWS))
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
SAVE_AS = "Open it, choose Save as, Excel workbook (.xlsx), and upload that."
RELATIONS = parts()["xl/_rels/workbook.xml.rels"]
TWICE = RELATIONS.replace(
    "</Rel", RELATIONS[RELATIONS.index("<Relationship ") : RELATIONS.index("/>") + 2] + "</Rel"
)
TWICE = TWICE[: TWICE.rindex('"r1"')] + '"r2"' + TWICE[TWICE.rindex('"r1"') + 4 :]
SHARED = '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'

OTHER_CONTENT = [
    (b"", "The file is empty. Choose a file that has headings and rows in it."),
    (b" \r\n", "The file is empty. Choose a file that has headings and rows in it."),
    (gzip.compress(b"a,b\n", mtime=0), "This is a compressed file (gzip), not a spreadsheet."),
    (b"%PDF-1.7\n", "This is a PDF, not a spreadsheet."),
    (b"MZ\x90\x00", "This is a program, not a spreadsheet."),
    (
        b"<!DOCTYPE HTML><html><table></table></html>",
        "This is a web page, not a workbook, whatever its name says.",
    ),
    (
        b"\xef\xbb\xbf <table><tr><td>1</td></tr></table>",
        "This is a web page, not a workbook, whatever its name says.",
    ),
    (b'<?xml version="1.0"?><Workbook/>', "This is an XML file, not a workbook."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), DAMAGED),
    (bytes(range(256)) * 20, "This is not a spreadsheet, or it is damaged."),
    (zipped({}), NOT_A_WORKBOOK),
    (zipped({"hello.txt": "x", "more.txt": "y"}), NOT_A_WORKBOOK),
    (zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "x"}), "This is a Word document"),
    (with_part(GOOD, "xl/vbaProject.bin", "x"), f"Workbooks with macros are not accepted. {SAVE_AS}"),
    (GOOD[:-30], DAMAGED),
    (
        GOOD.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
        "The file has a password.",
    ),
]
HOSTILE_XML = [
    (workbook(sheets={"A": LAUGHS + GOOD_XML.partition("?>")[2]}), UNSAFE),
    (workbook(sheets={"A": OUTSIDE + GOOD_XML.partition("?>")[2]}), UNSAFE),
    (workbook(sheets={"A": "<!-- <x --> " + OUTSIDE + GOOD_XML.partition("?>")[2]}), UNSAFE),
    (workbook(strings=LAUGHS + "<sst/>"), UNSAFE),
    (zipped(parts() | {"xl/workbook.xml": LAUGHS + "<workbook/>"}), UNSAFE),
    (zipped(parts() | {"xl/worksheets/sheet1.xml": GOOD_XML.encode("utf-16")}), UNSAFE),
    (workbook(sheets={"A": GOOD_XML.replace('"1.0"', '"1.0" encoding="UTF-7"')}), UNSAFE),
    (workbook(sheets={"A": GOOD_XML.replace("T-0001", "T-\0001")}), DAMAGED),
    (workbook(sheets={"A": GOOD_XML[:-120]}), DAMAGED),
    (workbook(sheets={"A": GOOD_XML.replace("</c>", "", 1)}), DAMAGED),
    (workbook(sheets={"A": "<other/>"}), DAMAGED),
    (workbook(sheets={"A": sheet_xml("", after="<x>" * 150_000 + "</x>" * 150_000)}), DAMAGED),
    (workbook(data=SHARED), DAMAGED),
    (workbook(data='<row r="0"><c r="A0"><v>1</v></c></row>'), DAMAGED),
    (workbook(data='<row r="-5"><c r="A-5"><v>1</v></c></row>'), DAMAGED),
    (workbook(data='<row r="3"><c r="ZZZZ3"><v>1</v></c></row>'), DAMAGED),
    (workbook(data='<row r="2147483647"><c r="A2147483647"><v>1</v></c></row>'), DAMAGED),
    (zipped({name: part for name, part in parts().items() if name != "xl/worksheets/sheet1.xml"}), DAMAGED),
    (zipped({name: part for name, part in parts().items() if name != "xl/workbook.xml"}), NOT_A_WORKBOOK),
    (with_part(GOOD, "../evil.xml", "<x/>"), DAMAGED),
    (zipped(parts({"A": GOOD_XML, "B": GOOD_XML}) | {"xl/_rels/workbook.xml.rels": TWICE}), DAMAGED),
    (with_part(GOOD, "XL/workbook.xml", "<x/>"), DAMAGED),
]


def sent(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("data", "sentence"), OTHER_CONTENT)
def test_reading_says_what_a_file_is_that_is_no_spreadsheet(data, sentence):
    with pytest.raises(Refused) as refusal:
        read(data)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(("data", "sentence"), HOSTILE_XML)
def test_reading_refuses_a_workbook_that_is_unsafe_or_damaged(data, sentence):
    with pytest.raises(Refused) as refusal:
        read(data)
    assert str(refusal.value) == sentence


def test_reading_takes_a_workbook_for_what_it_is_whatever_its_name(tmp_path):
    path = tmp_path / "assets.csv"
    path.write_bytes(GOOD)
    assert read_upload(path, "assets.csv").format == "xlsx"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(entries=6), "This file is made of 7 parts. The most we accept is 6."),
        (
            Limits(unpacked=999),
            "This file is too large when unpacked (0 MB; the limit is 0 MB). Split it into",
        ),
    ],
)
def test_reading_refuses_by_the_directory_before_anything_is_unpacked(limits, sentence):
    with pytest.raises(Refused) as refusal:
        read(GOOD, limits)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    "many",
    [
        workbook(sheets={f"S{n}": sheet_xml('<row r="9"><c r="XFD9"><v>1</v></c></row>') for n in range(9)}),
        workbook(
            data="".join("<row>" + f'<c t="s"><v>{n}</v></c>' * 9 + "</row>" for n in range(100)),
            strings=f'<sst xmlns="{MAIN}">'
            + "".join(f"<si><t>{n}{'x' * 32_000}</t></si>" for n in range(100))
            + "</sst>",
        ),
    ],
    ids=["many cells", "much text"],
)
def test_reading_refuses_a_small_file_that_becomes_a_large_one(many):
    with pytest.raises(Refused) as refusal:
        read(many, Limits(cells=1_000_000, unpacked=10_000_000))
    assert str(refusal.value) == TOO_MUCH


def test_reading_refuses_a_part_that_is_longer_than_its_entry_says():
    bomb = zipped(parts() | {"xl/styles.xml": "<styleSheet>" + " " * 5_000_000 + "</styleSheet>"})
    size = (5_000_000 + 25).to_bytes(4, "little")
    with pytest.raises(Refused, match="damaged"):
        read(bomb.replace(size, (30).to_bytes(4, "little")))


def test_reading_refuses_a_file_that_is_too_large_before_it_is_opened(tmp_path):
    with pytest.raises(Refused) as refusal:
        read_upload(sent(tmp_path, bytes(3_000_001)), "assets.xlsx", Limits(file_size=2_000_000))
    assert str(refusal.value) == "assets.xlsx is 3 MB. The most we accept is 2 MB."


def test_reading_survives_a_child_that_needs_too_much_memory(tmp_path):
    path = sent(tmp_path, workbook(data='<row r="1"><c r="A1"><v>1</v></c></row>' * 1_000_000))
    with pytest.raises(Refused) as refusal:
        read_upload(path, limits=Limits(memory=100_000_000))
    assert str(refusal.value) == TOO_LARGE


def test_reading_survives_a_child_that_aborts(tmp_path):
    corners = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
    with pytest.raises(Refused) as refusal:
        read_upload(sent(tmp_path, workbook(data=corners)))
    assert str(refusal.value) == TOO_LARGE


def test_reading_stops_a_child_that_takes_too_long(tmp_path):
    with pytest.raises(Refused) as refusal:
        read_upload(sent(tmp_path, GOOD), limits=Limits(wall=0.001))
    assert str(refusal.value) == TOO_SLOW


def test_reading_stops_a_child_that_uses_up_its_processor_time(tmp_path):
    path = sent(tmp_path, workbook(data=("<row>" + '<c t="str"><v>x</v></c>' * 25 + "</row>") * 50_000))
    with pytest.raises(Refused) as refusal:
        read_upload(path, limits=Limits(cpu=0))
    assert str(refusal.value) == TOO_SLOW


def test_the_child_loads_neither_django_nor_openpyxl():
    asked = (
        "import sys, servicedesk.spreadsheets.formats.child; print({'django', 'openpyxl'} & set(sys.modules))"
    )
    root = Path(__file__).parents[2]
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"
