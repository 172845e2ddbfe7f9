"""Small numbers of another council, which nobody there is to be known by: they are kept back.

A number below five is not shown, nor is another from which it could be worked out by adding and subtracting. What is
kept back stands for at least two possible numbers, also for somebody who knows this rule.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

LEAST = 5
BELOW = "<5"
KEPT = "kept back"
Key = TypeVar("Key", bound=Hashable)


def kept_back(parts: Mapping[Key, int]) -> dict[Key, str]:
    """Of the parts of a whole that is shown, those that are not shown, each with what stands in its place.

    Small ones are said to be small where enough others, taken in the order given and not by size, are kept back with
    them that each of the small could be anything from nothing to four. Else all parts are kept back alike.
    """
    small = [key for key, number in parts.items() if number < LEAST]
    if not small:
        return {}
    beside = enough_beside([parts[key] for key in small], [n for n in parts.values() if n >= LEAST])
    if not beside:
        return dict.fromkeys(parts, KEPT)
    large = [key for key in parts if key not in small][:beside]
    return {**dict.fromkeys(small, BELOW), **dict.fromkeys(large, KEPT)}


def enough_beside(small: Sequence[int], large: Sequence[int]) -> int:
    """How many of the large, in order, must go with the small; none where even all of them do not hide the small."""
    for count in range(1, len(large) + 1):
        if sum(small) + sum(large[:count]) >= LEAST * count + (LEAST - 1) * len(small):
            return count
    return 0
