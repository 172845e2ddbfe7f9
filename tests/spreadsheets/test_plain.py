"""The short way for plain columns against the long way for all: where it is taken, both say the same."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from servicedesk.spreadsheets.plain import stand_as_written
from servicedesk.spreadsheets.values import Cleaned, clean_column

KINDS = st.sampled_from(["text", "note", "tag", "serial", "person", "email", "mac", "ip", "money", "date"])
WORDS = st.sampled_from(
    [
        "LT0017",
        "5CG123",
        "lt17",
        "Room 2",
        "n/a",
        "TBC",
        "unknown",
        "none",
        "0000",
        "xxx",
        "-",
        "=1+1",
        "#REF!",
        "#N/A",
    ]
    + [
        "1.0",
        "1E+05",
        " x",
        "x ",
        "a  b",
        "two\nlines",
        "tab\tbed",
        "Café",
        "ﬁne",
        "\u200bx",
        "DEFAULT STRING",
        "123456",
        "10.20.0.1",
        "10.20.0.01",
        "256.1.1.1",
        "10.0.0.1 10.0.0.2",
        "02:00:00:AB:01:02",
        "02:00:00:ab:01:02",
    ]
)
TEXTS = st.one_of(WORDS, st.text(max_size=12), st.text(alphabet="ABCabc019 -=#/.xX", max_size=8))
CELLS = st.sets(st.one_of(TEXTS, st.none(), st.integers(0, 99), st.floats(allow_nan=False)), max_size=5)


@settings(max_examples=1500, deadline=None)
@given(kind=KINDS, cells=CELLS, limit=st.integers(1, 20))
@example(kind="serial", cells={"lt17"}, limit=20)
@example(kind="tag", cells={"n/a", "LT17"}, limit=20)
@example(kind="text", cells={"a =b"}, limit=20)
def test_what_stands_as_written_is_what_cleaning_gives(kind, cells, limit):
    if stand_as_written(kind, cells, limit):
        assert clean_column(kind, list(cells)) == [Cleaned(cell) for cell in cells]
        assert max(map(len, cells)) <= limit


@given(
    kind=st.sampled_from(["text", "note", "tag", "serial"]),
    numbers=st.sets(st.integers(1000, 9999), min_size=1),
)
def test_plain_names_go_the_short_way(kind, numbers):
    assert stand_as_written(kind, {f"LT{number}" for number in numbers}, 20)


def test_plain_addresses_go_the_short_way():
    assert stand_as_written("ip", {"10.20.0.1", "9.0.0.0", "255.249.199.99"}, 39)
    assert stand_as_written("mac", {"02:00:00:AB:01:02", "02:00:00:AB:01:03"}, 17)
