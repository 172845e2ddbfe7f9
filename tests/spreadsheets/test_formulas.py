import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.spreadsheets.formulas import escape, unescape

WRITTEN = [
    ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
    ("+44 1865 792422", "'+44 1865 792422"),
    ("@SUM(1)", "'@SUM(1)"),
    ("-15.00", "-15.00"),
    ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
    ("Plain", "Plain"),
    ("\t=1+1", "'\t=1+1"),
    ("\r=1+1", "'\r=1+1"),
    ("\n=1+1", "'\n=1+1"),
    ("＝1+1", "'＝1+1"),
    ("＋44", "'＋44"),
    ("'=1+1", "''=1+1"),
    ("'-15.00", "''-15.00"),
    ("'tis", "'tis"),
    ("-15.00\n", "'-15.00\n"),
    ("", ""),
]
hostile = st.text("'=+-@\t\r\n＝0.5a", max_size=8)


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_escape_writes_what_no_spreadsheet_runs(text, written):
    assert escape(text) == written
    assert unescape(written) == text


@given(hostile | st.text())
def test_unescape_is_the_exact_inverse_of_escape(text):
    assert unescape(escape(text)) == text


@given(hostile | st.text())
def test_escape_leaves_nothing_that_begins_like_a_formula_but_a_number(text):
    written = escape(text)
    assert written[:1] not in tuple("=+@\t\r\n＝＋－＠") or not written
    assert not written.startswith("-") or float(written) <= 0
