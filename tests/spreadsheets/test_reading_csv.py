import zipfile
from io import BytesIO

import pytest

from servicedesk.spreadsheets.formats.workbook import Limits, Refused
from servicedesk.spreadsheets.reading import as_file, read_pasted, read_upload
from tests.spreadsheets.reading_in_process import read

TEXT = "Asset tag,Model,Price\r\nT1,Café – 14,£799.50\r\n"
ROWS = [("Asset tag", "Model", "Price"), ("T1", "Café – 14", "£799.50")]


def rows(data: bytes) -> list[tuple]:
    return read(data).sheets[0].rows


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
    ],
)
def test_csv_is_read_in_each_encoding_that_excel_writes(written, encoding):
    workbook = read(TEXT.encode(written))
    assert (workbook.format, workbook.encoding, workbook.delimiter) == ("csv", encoding, ",")
    assert workbook.sheets[0].rows == ROWS


@pytest.mark.parametrize("text", ["O’Brien", "Zoë", "Café", "£5 – £9", "“Élan”", "19° rack", "São José"])
def test_csv_of_one_odd_word_is_told_from_the_old_mac_and_from_windows(text):
    for encoding in ("cp1252", "mac_roman"):
        assert rows(f"Name\n{text}\n".encode(encoding))[1] == (text,)


def test_csv_is_read_in_the_encoding_that_its_owner_names(tmp_path):
    (tmp_path / "names.csv").write_bytes("Asset tag,Model\nT1,Ž\n".encode("cp1252"))
    assert read_upload(tmp_path / "names.csv").sheets[0].rows[1] == ("T1", "é")
    told = read_upload(tmp_path / "names.csv", encoding="cp1252")
    assert (told.encoding, told.sheets[0].rows[1]) == ("cp1252", ("T1", "Ž"))
    (tmp_path / "names.csv").write_bytes(TEXT.encode("utf-8-sig"))
    assert read_upload(tmp_path / "names.csv", encoding="utf-8").sheets[0].rows == ROWS
    assert (
        read_upload(tmp_path / "names.csv", encoding="mac_roman").sheets[0].rows[0][0] == "Ôªø" + "Asset tag"
    )
    (tmp_path / "names.csv").write_bytes(b"")
    with pytest.raises(Refused, match="The file is empty"):
        read_upload(tmp_path / "names.csv", encoding="cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_finds_its_delimiter_outside_quotes(delimiter):
    others = ",;\t|,;\t|".replace(delimiter, " ")
    text = f'"a{others}"~2~3\n"b{others}"~5~6\n'.replace("~", delimiter)
    assert read(text.encode()).delimiter == delimiter
    assert rows(text.encode()) == [(f"a{others}", "2", "3"), (f"b{others}", "5", "6")]


def test_csv_believes_the_line_that_names_the_separator():
    workbook = read(b"sep=;\r\nAsset tag;Model\r\nT1;a,b,c\r\n")
    assert workbook.delimiter == ";"
    assert list(zip(workbook.sheets[0].row_numbers, workbook.sheets[0].rows, strict=True))[1:] == [
        (2, ("Asset tag", "Model")),
        (3, ("T1", "a,b,c")),
    ]


@pytest.mark.parametrize("ends", [("\r\n", "\r\n"), ("\n", "\n"), ("\r", "\r"), ("\r\n", "\r"), ("\n", "")])
def test_csv_takes_every_kind_of_line_end(ends):
    assert rows(f"a,b{ends[0]}1,2{ends[1]}".encode()) == [("a", "b"), ("1", "2")]
    assert rows(f'a,b{ends[0]}"1",2{ends[1]}'.encode()) == [("a", "b"), ("1", "2")]


def test_csv_counts_records_where_a_quoted_cell_holds_a_line_break():
    sheet = read(b'a,b\r\n"one\r\ntwo, with ""quotes""",2\r\n\r\n3,4\r\n').sheets[0]
    assert list(sheet.row_numbers) == [1, 2, 3, 4]
    assert sheet.rows == [("a", "b"), ('one\r\ntwo, with "quotes"', "2"), (), ("3", "4")]
    assert sheet.lines == ((3, 4),)


def test_csv_keeps_quotes_that_do_not_match_and_loses_no_row():
    text = 'tag,screen,x\nT1,"24" screen,"1,5"\n' + "".join(f'T{number},"ok",2\n' for number in range(2, 500))
    read_rows = rows(text.encode())
    assert len(read_rows) == 500
    assert read_rows[1] == ("T1", '"24" screen', "1,5")
    assert read_rows[499] == ("T499", "ok", "2")


@pytest.mark.parametrize("tail", ["T3,ok\n", 'T3,"24 inch\n'])
def test_csv_names_the_line_of_a_quote_that_is_never_closed(tail):
    with pytest.raises(Refused, match="opened on line 2 and not closed"):
        read(f'tag,screen\nT1,"24 inch\nT2,ok\n{tail}'.encode())


def test_csv_keeps_rows_as_long_as_they_are_written():
    assert rows(b"a,b,c\n1\n1,2,3,4\n,,\n") == [
        ("a", "b", "c"),
        ("1",),
        ("1", "2", "3", "4"),
        (None, None, None),
    ]


def test_csv_undoes_what_exports_and_people_do_to_keep_text():
    assert rows(b"a,b,c,d\n'=1+1,=\"00456\",'00789,''=x\n")[1] == ("=1+1", "00456", "'00789", "'=x")


def test_csv_marks_the_cells_that_no_encoding_explains():
    assert rows("tag,model\nT1,Café\n".encode() + b"T2,Caf\xe9\n") == [
        ("tag", "model"),
        ("T1", "Café"),
        ("T2", "Caf\ufffd"),
    ]
    assert rows(b"tag,model\nT1,x\xed\xa0\x80y\n")[1] == ("T1", "x\ufffd\ufffd\ufffdy")


def test_csv_cuts_a_field_that_is_longer_than_a_cell_may_be():
    assert rows(b'a,b\n"1",' + b"A" * 900_000 + b"\n")[1] == ("1", "A" * 32_768)
    assert rows(b"a,b\n1," + b"A" * 900_000 + b",\n")[1] == ("1", "A" * 32_768, None)


def test_csv_in_a_compressed_folder_of_its_own_is_read():
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("log.csv", TEXT)
    assert rows(target.getvalue()) == ROWS
    with pytest.raises(Refused, match="too large when unpacked"):
        read(target.getvalue(), Limits(unpacked=10))


def test_csv_with_too_many_rows_is_refused_with_the_number():
    assert len(read(b"a\n1\n2\n", Limits(rows=2)).sheets[0].rows) == 3
    with pytest.raises(Refused, match="more than 2 rows"):
        read(b"a\n1\n2\n3\n", Limits(rows=2))


def test_pasted_rows_are_read_as_their_sheet_holds_them():
    text = (
        'Asset tag\tScreen\tNotes\n00012\t24" wide, flat\t"line one\nline ""two"""\n00013\t\tCaf\u00e9 £5\n'
    )
    pasted = read_pasted(text)
    assert (pasted.format, pasted.delimiter) == ("csv", "\t")
    assert pasted.sheets[0].rows == [
        ("Asset tag", "Screen", "Notes"),
        ("00012", '24" wide, flat', 'line one\nline "two"'),
        ("00013", None, "Café £5"),
    ]


def test_pasted_rows_are_kept_as_a_file_that_reads_alike(tmp_path):
    text = "Asset tag\tModel\r\nT1\tÀ l’œil\r\n"
    (tmp_path / "rows").write_bytes(as_file(text))
    assert read_upload(tmp_path / "rows") == read_pasted(text)


@pytest.mark.parametrize(
    ("text", "limits", "sentence"),
    [
        (" \n\t", Limits(), "Paste the rows with their headings, or choose a file."),
        ("a\tb\n" * 9, Limits(file_size=9), "What you have pasted is 0 MB. The most we accept is 0 MB."),
        ("a\n" * 9, Limits(rows=2), "The sheet has more than 2 rows. Split it into several."),
    ],
)
def test_pasted_rows_beyond_the_limits_are_refused_with_a_sentence(text, limits, sentence):
    with pytest.raises(Refused) as refusal:
        read_pasted(text, limits)
    assert str(refusal.value) == sentence
