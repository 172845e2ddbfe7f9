from collections import defaultdict
from itertools import product

import pytest

from servicedesk.reports.keeping_back import BELOW, KEPT, kept_back


@pytest.mark.parametrize(
    "parts, hidden",
    [
        ({"a": 5, "b": 6}, {}),
        ({"a": 2, "b": 40}, {"a": BELOW, "b": KEPT}),
        ({"a": 2, "b": 40, "c": 9}, {"a": BELOW, "b": KEPT}),
        ({"a": 0, "b": 5}, {"a": KEPT, "b": KEPT}),
        ({"a": 4, "b": 4}, {"a": KEPT, "b": KEPT}),
        ({"a": 4, "b": 4, "c": 5, "d": 50}, {"a": BELOW, "b": BELOW, "c": KEPT}),
        ({"a": 1, "b": 5, "c": 50}, {"a": BELOW, "b": KEPT, "c": KEPT}),
    ],
)
def test_small_parts_are_kept_back_with_enough_others(parts, hidden):
    assert kept_back(parts) == hidden


@pytest.mark.parametrize("width, largest", [(2, 40), (3, 18), (4, 12), (5, 8)])
def test_nobody_who_knows_the_rule_and_the_whole_can_work_a_part_out(width, largest):
    """Every table there can be, by what is shown of it: what is kept back has more than one value in each."""
    possible = defaultdict(lambda: [set() for _ in range(width)])
    for numbers in product(range(largest + 1), repeat=width):
        parts = dict(enumerate(numbers))
        if sum(numbers) < 5:
            continue  # the whole is kept back itself, and all its parts with it
        hidden = kept_back(parts)
        published = tuple(hidden.get(key, number) for key, number in parts.items())
        for key, number in parts.items():
            possible[published, sum(numbers)][key].add(number)

    worked_out = [
        (published, whole)
        for (published, whole), values in possible.items()
        # Near the largest number tried, greater ones that would be as good were left out.
        if whole <= largest
        for shown, numbers in zip(published, values, strict=True)
        if shown in (BELOW, KEPT) and len(numbers) < 2
    ]

    assert worked_out == []
