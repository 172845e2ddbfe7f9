"""Whether what was scanned out is what the facility certified and what the consignment note says. No database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Scanned(NamedTuple):
    """A thing that was scanned out, and the names by which a certificate may call it."""

    key: int
    name: str
    names: frozenset[str]


class Certified(NamedTuple):
    """A line of a certificate."""

    row: int
    name: str
    certificate_number: str
    outcome: str


@dataclass
class Comparison:
    """What each thing was certified as, and every difference. Nothing stands in two of the lists."""

    matched: dict[int, Certified] = field(default_factory=dict)
    not_certified: list[str] = field(default_factory=list)
    not_scanned: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def agrees(self) -> bool:
        return not self.differences

    @property
    def differences(self) -> list[str]:
        """Each in a sentence that names the thing."""
        return [
            *(f"{name} was scanned but is not certified" for name in self.not_certified),
            *(f"{name} is certified but was not scanned" for name in self.not_scanned),
            *(f"{name} is certified more than once" for name in self.twice),
            *([self.note] if self.note else []),
        ]


def compare(scanned: Iterable[Scanned], lines: Iterable[Certified], on_note: int | None) -> Comparison:
    """Hold the three lists beside each other. A name that two scanned things bear is certified for neither."""
    things, found = list(scanned), Comparison()
    bearers: Counter[str] = Counter(name for thing in things for name in thing.names)
    by_name = {name: thing for thing in things for name in thing.names if bearers[name] == 1}
    for line in lines:
        thing = by_name.get(spelled(line.name))
        if thing is None:
            found.not_scanned.append(line.name)
        elif thing.key in found.matched:
            if thing.name not in found.twice:
                found.twice.append(thing.name)
        else:
            found.matched[thing.key] = line
    found.not_certified = [thing.name for thing in things if thing.key not in found.matched]
    if on_note != len(things):
        said = "no number" if on_note is None else f"{on_note:,}"
        found.note = f"{len(things):,} were scanned out, but the consignment note names {said}"
    return found


def spelled(name: str) -> str:
    """A serial number or tag as it is compared: in capitals, without spaces around or inside."""
    return "".join(name.split()).upper()


def shares(total_pence: int, count: int) -> list[int]:
    """A sum in equal parts, to the penny; the first ones take what is left over."""
    each, over = divmod(total_pence, count)
    return [each + (at < over) for at in range(count)]
