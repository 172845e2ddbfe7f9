"""The three lists beside each other."""

from hypothesis import given
from hypothesis import strategies as st

from assets.disposal.reconciling import Certified, Scanned, compare, shares


def thing(key: int, *names: str) -> Scanned:
    return Scanned(key, names[0], frozenset(names))


def line(name: str, row: int = 1) -> Certified:
    return Certified(row, name, "C", "recycled")


def test_tag_or_serial_number_in_any_writing_is_the_same_thing():
    found = compare([thing(1, "LT/1", "PF12"), thing(2, "LT/2", "PF34")], [line("pf 12"), line(" lt/2 ")], 2)
    assert (found.agrees, {key: one.name for key, one in found.matched.items()}) == (
        True,
        {1: "pf 12", 2: " lt/2 "},
    )


def test_a_name_that_two_things_bear_is_certified_for_neither():
    found = compare([thing(1, "A", "S"), thing(2, "B", "S")], [line("S"), line("A")], 2)
    assert (found.not_certified, found.not_scanned, found.twice, found.note) == (["B"], ["S"], [], "")


def test_a_note_without_a_number_is_a_difference():
    assert compare([thing(1, "A")], [line("A")], None).differences == [
        "1 were scanned out, but the consignment note names no number"
    ]


@given(st.lists(st.integers(0, 12)), st.lists(st.integers(0, 12)))
def test_every_thing_and_every_line_is_in_one_place(scanned, certified):
    things = [thing(key, f"T{key}") for key in sorted(set(scanned))]
    found = compare(things, [line(f"T{key}") for key in certified], len(things))
    both = set(scanned) & set(certified)
    assert set(found.matched) == both
    assert set(found.not_certified) == {f"T{key}" for key in set(scanned) - both}
    assert found.not_scanned == [f"T{key}" for key in certified if key not in both]
    assert set(found.twice) == {f"T{key}" for key in both if certified.count(key) > 1}
    assert found.agrees == (sorted(certified) == sorted(set(scanned)))


@given(st.integers(0, 10**9), st.integers(1, 500))
def test_shares_add_up_to_the_penny_and_differ_by_one_at_most(total, count):
    parts = shares(total, count)
    assert (sum(parts), len(parts), max(parts) - min(parts) <= 1) == (total, count, True)
