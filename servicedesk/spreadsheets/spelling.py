"""Names that are spelt much like what somebody wrote, and names that hold what somebody looks for."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from servicedesk.spreadsheets.kinds import Name
from servicedesk.spreadsheets.staging import fold

NEAR, MOST, COMPARED = 0.55, 4, 12
FOUND = 10


class Names:
    """The names that a field may say, to be found by what is written."""

    def __init__(self, names: Iterable[Name]):
        self.names: Sequence[Name] = list(names)
        self.folded = [(fold(name.reads), fold(name.meant)) for name in self.names]
        self.parts = [_parts(reads) for reads, _ in self.folded]

    def exactly(self, written: str) -> Name | None:
        """The name that is meant by exactly this, where only one is."""
        text = fold(written)
        same = [name for name, words in zip(self.names, self.folded, strict=True) if text in words]
        return same[0] if len(same) == 1 else None

    def holding(self, text: str) -> list[Name]:
        """The names in which every word of the text occurs, up to ten."""
        words = fold(text).split()
        if not words:
            return []
        whole = zip(self.names, self.folded, strict=True)
        found = (name for name, folded in whole if all(word in " ".join(folded) for word in words))
        return [name for _, name in zip(range(FOUND), found, strict=False)]

    def near(self, written: str) -> list[Name]:
        """The few names spelt most like it, the nearest first. Most are put aside by the letters that they share."""
        text = fold(written)
        parts = _parts(text)
        shared = [(len(parts & own) / (len(parts | own) or 1), index) for index, own in enumerate(self.parts)]
        likely = sorted((each for each in shared if each[0] > 0), reverse=True)[:COMPARED]
        compared = [
            (max(SequenceMatcher(None, text, words).ratio() for words in self.folded[index]), -index)
            for _, index in likely
        ]
        return [self.names[-index] for ratio, index in sorted(compared, reverse=True)[:MOST] if ratio >= NEAR]


def _parts(text: str) -> frozenset[str]:
    """Each three letters in a row."""
    padded = f"  {text} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))
