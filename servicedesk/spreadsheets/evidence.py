"""What the values of a column say of it, where its heading says too little: they are weighed against what the
importing council has itself, so that nothing of another council can show.

    weigh(matches, samples, kind, known) -> (matches, {index: sentence})

Values settle a heading that can mean two things, decide between two columns that look like one field, and name a column
whose heading nobody knows. What is named by its values alone is always asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.headers import Match, match
from servicedesk.spreadsheets.kinds import Field, Kind
from servicedesk.spreadsheets.reading import Cell
from servicedesk.spreadsheets.staging import fold
from servicedesk.spreadsheets.values import Context, clean

ENOUGH, FEWEST = 0.6, 2
LOOKED_AT = 50
SERIAL = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z0-9-]{7,20}")
Samples = Sequence[Sequence[Cell]]


class Known:
    """What the council of an import has, as far as the person may see it: the names that its kind asks for, and its
    rows by their keys. Each is fetched when it is first asked for."""

    def __init__(self, kind: Kind, council: Council, by: Person | None):
        self.kind, self.council, self.by = kind, council, by
        self.names = cache(self._names)

    def _names(self, field: str) -> frozenset[str]:
        """The names that a field may say, folded."""
        ask = self.kind.asks_about.get(field)
        names = ask.names(self.council, self.by) if ask else ()
        return frozenset(fold(words) for name in names for words in (name.meant, name.reads))

    def ours(self, field: str, texts: Sequence[str]) -> int:
        """How many of the texts are keys of rows of the council's."""
        held = self.kind.model._default_manager.filter(**self.kind.of_council(self.council))
        kept = [
            text for text in texts if "\0" not in text
        ]  # no database keeps it, and PostgreSQL cannot look for it
        return held.filter(**{f"{field}__in": kept}).values(field).distinct().count()


def weigh(
    matches: Sequence[Match], samples: Samples, kind: Kind, known: Known
) -> tuple[list[Match], dict[int, str]]:
    """The matches after the values have been heard, and by column what they said."""
    scales = Scales(samples, kind, known)
    weighed = list(matches)
    said: dict[int, str] = {}
    for index, each in enumerate(weighed):
        field = kind.by_name.get(each.field or "")
        if each.why == "ambiguous" and field and (sentence := scales.sentence(index, field)):
            weighed[index], said[index] = replace(each, why="values", question=""), sentence
    _settle_rivals(weighed, said, scales)
    _name_unknown(weighed, said, scales)
    return weighed, said


class Scales:
    """How well the values of a column fit a field."""

    def __init__(self, samples: Samples, kind: Kind, known: Known):
        self.samples, self.kind, self.known = samples, kind, known
        self.keys = {key.name for key in kind.keys}
        self.share = cache(self._share)

    def texts(self, index: int) -> list[str]:
        """The different values of a column as texts, a number without its decimals."""
        cells = [cell for cell in self.samples[index] if cell is not None][:LOOKED_AT]
        whole = [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in cells]
        return list(dict.fromkeys(str(cell).strip() for cell in whole))

    def _share(self, index: int, name: str) -> tuple[float, str]:
        """How many of the values the council knows as this field, and what they are then."""
        texts = self.texts(index)
        field = self.kind.by_name[name]
        if not texts:
            return 0.0, ""
        words = f"{field.heading.lower()}s that {self.known.council.code} has"
        if name in self.keys:
            return self.known.ours(name, texts) / len(texts), words
        names = self.known.names(name)
        return sum(fold(text) in names for text in texts) / len(texts), words

    def fits(self, index: int, field: Field) -> float:
        """How many of the values are known as this field or, where none is, can be read as it at all."""
        texts = self.texts(index)
        if not texts:
            return 0.0
        share = (
            self.share(index, field.name)[0]
            if field.name in self.kind.asks_about or field.name in self.keys
            else 0
        )
        if share:
            return 1 + share
        context = Context(words=self.kind.words(field))
        read = [
            clean(field.kind, cell, context) for cell in self.samples[index][:LOOKED_AT] if cell is not None
        ]
        return sum(cell.value is not None for cell in read) / len(read)

    def sentence(self, index: int, field: Field) -> str:
        """What speaks for a field, "" where too little does."""
        if field.name not in self.kind.asks_about and field.name not in self.keys:
            return ""
        share, words = self.share(index, field.name)
        texts = self.texts(index)
        if share < ENOUGH or len(texts) < FEWEST:
            return ""
        return f"{round(share * len(texts))} of {len(texts)} different values are {words}"

    def alone(self, index: int, each: Match) -> Field | None:
        """The field that a column would be if it stood there alone."""
        own = match([each.heading], [self.samples[index]], self.kind.synonyms)[0]
        return self.kind.by_name.get(own.field or "")


def _settle_rivals(weighed: list[Match], said: dict[int, str], scales: Scales) -> None:
    """Of two columns that look like one field the one has it whose values fit better; equal ones stay as they were."""
    holders = {each.field: index for index, each in enumerate(weighed) if each.field}
    for index, each in enumerate(weighed):
        if each.why not in ("taken", "duplicate", "ambiguous") or not each.heading:
            continue
        field = scales.alone(index, each)
        if field is None:
            continue
        name = field.known_as if field.known_as in holders else field.name
        holder = holders.get(name)
        if holder is None or holder == index:
            continue
        if scales.fits(index, field) > scales.fits(holder, field):
            other = weighed[holder]
            weighed[index] = replace(each, field=other.field, why="values")
            why = "ambiguous" if each.field else "taken"
            weighed[holder] = replace(other, field=each.field, why=why, question=each.question)
            said[index] = (
                scales.sentence(index, field) or f"Its values fit better than those of column {other.letter}"
            )
            said.pop(holder, None)
            holders[name] = index
            if each.field:
                holders[each.field] = holder


def _name_unknown(weighed: list[Match], said: dict[int, str], scales: Scales) -> None:
    """Name columns whose headings nobody knows by what the council has, or by what looks like a serial number."""
    taken = {field.name for each in weighed if (field := scales.kind.by_name.get(each.field or ""))}
    for index, each in enumerate(weighed):
        if each.why != "unknown":
            continue
        for name in [*sorted(scales.keys), *scales.kind.asks_about]:
            field = scales.kind.by_name[name]
            if name not in taken and (sentence := scales.sentence(index, field)):
                break
        else:
            serials = [
                field for field in scales.kind.fields if field.kind == "serial" and field.name not in taken
            ]
            texts = scales.texts(index)
            if not serials or len(texts) < FEWEST or not all(map(SERIAL.fullmatch, texts)):
                continue
            field, sentence = serials[0], "All of the values look like serial numbers"
        taken.add(field.name)
        question = f"We do not know this heading. Are these values the {field.heading.lower()}?"
        weighed[index], said[index] = (
            replace(each, field=field.name, why="values", question=question),
            sentence,
        )
