import io
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.spreadsheets.formats import sending, wire
from servicedesk.spreadsheets.formats.workbook import Limits, Note, Reading, Sheet, SheetReading, Workbook

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text('|",[]\n', max_size=4)
moments = st.dates() | st.datetimes() | st.times()
cells = texts | st.none() | st.booleans() | st.floats(allow_nan=False) | moments
columns = st.sampled_from([texts, st.dates(), st.dates() | st.just(""), st.floats(allow_nan=False), cells])


@st.composite
def tables(draw):
    """Rows of one width, each column of a kind of its own."""
    kinds = draw(st.lists(columns, min_size=1, max_size=4))
    return draw(st.lists(st.tuples(*kinds), max_size=6))


def handed_over(reading: Reading) -> Workbook | None:
    lines = io.BytesIO()
    sending.send(lines, reading, Limits())
    lines.seek(0)
    return wire.receive(lines)


def emptied(rows: list) -> list[tuple]:
    return [tuple(None if cell == "" else cell for cell in row) for row in rows]


@given(tables() | st.lists(st.lists(texts, max_size=4), max_size=6))
@settings(max_examples=300, deadline=None)
def test_wire_hands_rows_over_as_they_are(rows):
    sheet = handed_over(Reading("xlsx", iter([SheetReading("A", rows)]))).sheets[0]
    assert list(sheet.rows) == emptied(rows)
    assert [list(map(type, row)) for row in sheet.rows] == [list(map(type, row)) for row in emptied(rows)]


def test_wire_hands_over_everything_else_that_is_known():
    notes = [Note("hidden_row", 7), Note("coloured_cells", 9, "B", "red")]
    sheets = [
        SheetReading("Ä|", [["x", date(2024, 5, 21)]], "hidden", [9, 12, 15], notes),
        SheetReading("B", [], lines=[(2, 3), (5, 9)]),
    ]
    assert handed_over(Reading("csv", iter(sheets), "cp1252", ";", True, notes[:1])) == Workbook(
        "csv",
        [
            Sheet("Ä|", [("x", date(2024, 5, 21))], [9], "hidden", notes),
            Sheet("B", [], range(1, 1), "visible", [], ((2, 3), (5, 9))),
        ],
        "cp1252",
        ";",
        True,
        notes[:1],
    )


def test_wire_hands_more_than_one_batch_over_in_order():
    rows = [[float(number), "x"] for number in range(2 * wire.BATCH + 1)]
    assert list(handed_over(Reading("xlsx", iter([SheetReading("A", rows)]))).sheets[0].rows) == emptied(rows)


def test_wire_hands_a_duration_over_as_text():
    rows = [[timedelta(hours=6), time(6), datetime(2024, 5, 21, 6)]]
    sent = handed_over(Reading("xlsx", iter([SheetReading("A", rows)])))
    assert sent.sheets[0].rows == [("6:00:00", time(6), datetime(2024, 5, 21, 6))]


def test_wire_tells_a_sender_that_died_from_one_that_has_finished():
    assert wire.receive([b'{"format":"csv","notes":[]}\n']) is None
    assert wire.receive([b'{"format":"csv","notes":[]}\n', b'{"name":"A","row_nu']) is None
    assert wire.receive([]) is None


def test_wire_cuts_text_that_is_longer_than_a_cell_may_be():
    for column in (["x" * 40_000, "y"], ["x" * 40_000, 1.0], ["|" + "x" * 40_000, "y"]):
        sent = handed_over(Reading("xlsx", iter([SheetReading("A", [[cell] for cell in column])])))
        assert [row[0] for row in sent.sheets[0].rows] == [column[0][:32_768], column[1]]
