"""What a month counts, row by row, and the numbers that come of it: so every number has a list of exactly as many."""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.db.models import QuerySet

ALL = ("", "")


class Fact(NamedTuple):
    """That a row counts in figures, in which parts of them, and with which sums."""

    row: int
    council: int
    figures: frozenset[str]
    parts: Mapping[str, str] = {}
    sums: Mapping[str, int] = {}
    seconds: int | None = None


class Facts(ABC):
    """What was counted in a month, by council.

    A tally is a dataclass that has a number by each name of a figure, and adds up; some it adds up by itself.
    """

    tally_of: ClassVar[type]
    added_up: ClassVar[Collection[str]] = ()
    whole_of: ClassVar[Mapping[str, str]]
    """What each figure is a part of. What is none is a whole by itself."""
    parted: ClassVar[Mapping[str, Collection[str]]]
    """By what a figure is parted. Each of its parts adds up to it, and to nothing else that is shown."""
    mostly_all: ClassVar[Collection[str]] = ()
    """What is as a rule as much as its whole, and is shown where it is."""
    rest_of: ClassVar[Mapping[str, str]] = {}
    """Of a figure that is parted, the one that makes its whole with it, parted alike."""

    @property
    @abstractmethod
    def facts(self) -> list[Fact]:
        """All that the month counts."""

    @abstractmethod
    def values(self, by: str) -> Sequence[str]:
        """What a figure can be parted into, whether anything is of it or not."""

    @abstractmethod
    def rows(self, figure: str, councils: list[int], **part: str) -> QuerySet:
        """What a figure counted, of these councils and this part."""

    @cached_property
    def tallies(self) -> dict[int, dict[tuple[str, str], Any]]:
        """By council: of all, under ("", ""), and of each part, such as ("priority", "P1")."""
        counts: defaultdict[tuple[int, tuple[str, str]], Counter] = defaultdict(Counter)
        seconds: defaultdict[tuple[int, tuple[str, str]], list[int]] = defaultdict(list)
        for fact in self.facts:
            for part in (ALL, *fact.parts.items()):
                counts[fact.council, part].update(fact.figures.difference(self.added_up))
                counts[fact.council, part].update(fact.sums)
                if fact.seconds is not None:
                    seconds[fact.council, part].append(fact.seconds)
        found: defaultdict[int, dict[tuple[str, str], Any]] = defaultdict(dict)
        for (council, part), counted in counts.items():
            took = seconds.get((council, part))
            found[council][part] = self.tally_of(**counted, **({"seconds": tuple(took)} if took else {}))
        return dict(found)

    def tally(self, council: int, **part: str) -> Any:
        """All that was counted of a council, or what is of that priority, say."""
        key = next(iter(part.items()), ALL)  # nothing is parted twice
        return self.tallies.get(council, {}).get(key, self.tally_of())

    def keys(self, figure: str, councils: Collection[int], part: Mapping[str, str]) -> list[int]:
        """The keys of the rows that a figure counted."""
        return [fact.row for fact in self.counted(figure, councils, part)]

    def counted(self, figure: str, councils: Collection[int], part: Mapping[str, str]) -> list[Fact]:
        """What is known of each row that a figure counted."""
        return [
            fact
            for fact in self.facts
            if figure in fact.figures and fact.council in councils and part.items() <= fact.parts.items()
        ]
