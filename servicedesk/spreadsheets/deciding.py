"""What a person decides about words that we do not know: each means one of our names, a new one, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from servicedesk.people.models import Person
from servicedesk.spreadsheets.kinds import Name
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.spelling import Names
from servicedesk.spreadsheets.staging import fold

USE, OTHER, CREATE, BLANK = "=", "other", "create", "blank"
ROWS_NAMED = 5
WORDS_A_PAGE = 20


@dataclass(frozen=True)
class Word:
    """A word of a field that we do not know, in how many rows, and the first of them."""

    field: str
    heading: str
    written: str
    count: int
    rows: tuple[int, ...]
    creatable: bool

    @property
    def where(self) -> str:
        listed = ", ".join(map(str, self.rows[:ROWS_NAMED]))
        if self.count == 1:
            return f"In row {listed}"
        more = " and more" if self.count > min(len(self.rows), ROWS_NAMED) else ""
        return f"In {self.count:,} rows: {listed}{more}"


class Decider:
    """The unknown words of one import, what was decided of them, and what they may mean.

    A name that has become known since, because somebody added it, is no longer asked about.
    """

    def __init__(self, started: Import, person: Person | None):
        self.started, self.person, self.kind = started, person, started.kind_of_row
        self.names = cache(self._names)
        self.words = [word for word in map(self._word, started.unknown or []) if not self._is_known(word)]

    def _names(self, field: str) -> Names:
        """What a field may say: what its council has, or its coded values."""
        ask = self.kind.asks_about.get(field)
        if ask:
            names = ask.names(self.started.council, self.person)
            return Names(name for name in names if field == ask.field or "@" in name.meant)
        return Names(Name(reads, reads) for reads in self.kind.choices(field).values())

    def _word(self, told: Mapping[str, Any]) -> Word:
        heading = self.kind.by_name[told["field"]].heading
        return Word(**{**told, "heading": heading, "rows": tuple(told["rows"])})

    def _is_known(self, word: Word) -> bool:
        meant = self.names(word.field).exactly(word.written)
        return bool(meant) and fold(meant.meant) == fold(word.written)  # type: ignore[union-attr]

    @property
    def fields(self) -> dict[str, list[Word]]:
        """The words by the field that they stand in."""
        found: dict[str, list[Word]] = {}
        for word in self.words:
            found.setdefault(word.field, []).append(word)
        return found

    def standing(self, word: Word) -> str:
        """What was decided of a word, "" where nothing was."""
        if fold(word.written) in map(fold, self.started.mapping.get("creates", {}).get(word.field, [])):
            return CREATE
        meant = self.started.mapping.get("values", {}).get(word.field, {})
        found = {fold(written): to for written, to in meant.items()}.get(fold(word.written))
        return "" if found is None else USE + found if found else BLANK

    def in_words(self, word: Word) -> str:
        """What was decided of a word, as a sentence quotes it."""
        standing = self.standing(word)
        return {CREATE: "create it", BLANK: "leave it blank"}.get(
            standing, f"use {standing.removeprefix(USE)}"
        )

    @property
    def undecided(self) -> int:
        return sum(not self.standing(word) for word in self.words)

    def choices(self, word: Word, typed: str, posted: str) -> list[tuple[str, str]]:
        """What can be said of a word: names spelt like it, names that hold what was typed, and the rest."""
        names = self.names(word.field)
        offered = [*names.near(word.written), *names.holding(typed)]
        for chosen in (self.standing(word), posted):
            known = names.exactly(chosen.removeprefix(USE)) if chosen.startswith(USE) else None
            offered += [known] if known else []
        listed = {USE + name.meant: f"Use {_reads(name)}" for name in offered}
        standing = self.standing(word)
        if standing.startswith(USE):  # also where that name is gone: it must be seen to be put right
            listed.setdefault(standing, f"Use {standing.removeprefix(USE)}, which we do not know any more")
        rest = [(OTHER, "Use another that we have")]
        if word.creatable:
            rest.append((CREATE, f"Create “{word.written}”"))
        return [*listed.items(), *rest, (BLANK, "Leave it blank")]

    def said(self, decisions: Mapping[Word, str]) -> dict[str, dict[str, Any]]:
        """The decisions as a mapping keeps them, beside those that stand for other words of the same fields."""
        values: dict[str, dict[str, str]] = {}
        creates: dict[str, list[str]] = {}
        for word, choice in decisions.items():
            name, folded = word.field, fold(word.written)
            if name not in values:
                values[name] = dict(self.started.mapping.get("values", {}).get(name, {}))
                creates[name] = list(self.started.mapping.get("creates", {}).get(name, []))
            for written in [each for each in values[name] if fold(each) == folded]:
                del values[name][written]
            creates[name] = [each for each in creates[name] if fold(each) != folded]
            if choice == CREATE:
                creates[name].append(word.written)
            elif choice == BLANK:
                values[name][word.written] = ""
            elif choice.startswith(USE):
                values[name][word.written] = choice.removeprefix(USE)
        return {"values": values, "creates": creates}


@dataclass(frozen=True)
class Place:
    """Where one is among the words: some words of one field, with the fields there are and what comes after."""

    decider: Decider
    field: str = ""
    heading: str = ""
    words: tuple[Word, ...] = ()
    parts: tuple[tuple[str, str, bool], ...] = ()
    page: int = 1
    pages: int = 1
    following: dict[str, Any] | None = None


def place(decider: Decider, field: str, page: str) -> Place:
    """The words that an address asks for; of one that is not understood, the first."""
    fields = decider.fields
    if not fields:
        return Place(decider)
    names = list(fields)
    field = field if field in fields else names[0]
    words = fields[field]
    pages = -(-len(words) // WORDS_A_PAGE)
    at = min(max(int(page), 1), pages) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    following: dict[str, Any] | None = None
    if at < pages:
        following = {"field": field, "page": at + 1}
    elif field != names[-1]:
        following = {"field": names[names.index(field) + 1]}
    parts = tuple(
        (f"{own[0].heading} ({len(own):,})", f"?field={name}", name == field) for name, own in fields.items()
    )
    shown = tuple(words[(at - 1) * WORDS_A_PAGE : at * WORDS_A_PAGE])
    return Place(decider, field, words[0].heading, shown, parts, at, pages, following)


def _reads(name: Name) -> str:
    return f"{name.reads} ({name.hint})" if name.hint else name.reads
