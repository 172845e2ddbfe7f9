"""Headings into fields, by a kind's synonyms; where a heading can mean two things, the values decide or we ask.

match(headings, samples, synonyms) -> list[Match]   one per column, in order
ASSETS: Synonyms                                    those of the asset register
duplicates(headings) -> {heading: [letters]}        headings that stand there twice
normalise(heading) -> str
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from servicedesk.spreadsheets import values
from servicedesk.spreadsheets.formats.workbook import Cell, letter
from servicedesk.spreadsheets.words import MANUFACTURERS

GAPS = re.compile(r"[\s_\u200b\ufeff]+")
EDGES = " .:*-–"
BRACKETED = re.compile(r"\s*\([^()]*\)")
GROUP = " / "
NO_FIELD = ""
LONGEST = 200
NEVER = ("_row_number", "_derived", "_ignore")
ENOUGH_SAMPLES = 50


@dataclass(frozen=True)
class Synonyms:
    """The headings a kind knows: `fields` by field, and for headings that can mean two things what to ask.

    `by_values` decides from the cells of a column what its heading means: a field, NO_FIELD, or None to ask. `second`
    names the field that the second column of one heading stands for; `looks_like` the fields that are known by their
    values alone, with the kind of value. Fields that begin with an underscore are never imported.
    """

    fields: Mapping[str, Sequence[str]]
    questions: Mapping[str, str] = field(default_factory=dict)
    by_values: Mapping[str, Callable[[Sequence[Cell]], str | None]] = field(default_factory=dict)
    second: Mapping[str, str] = field(default_factory=dict)
    looks_like: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_alias(self) -> dict[str, str]:
        """Field by normalised heading; a field's own name is a heading too."""
        names = {normalise(name): name for name in self.fields if name not in NEVER}
        return names | {normalise(alias): name for name, aliases in self.fields.items() for alias in aliases}

    @property
    def known(self) -> frozenset[str]:
        """Every normalised heading, by which a header row is recognised."""
        return frozenset(self.by_alias)


@dataclass(frozen=True)
class Match:
    """What one column was taken for. `index` counts from 0; `field` is None where nothing is to be imported.

    `why`: exact, values, ambiguous (proposed, ask), duplicate, taken, never, unknown or empty. `question` is a
    sentence for the person, "" where there is nothing to ask.
    """

    index: int
    letter: str
    heading: str
    field: str | None
    why: str
    question: str = ""


def normalise(heading: object) -> str:
    """Small letters, one space between words, no full stop, colon or star at the ends."""
    text = unicodedata.normalize("NFKC", str(heading)[:LONGEST]).casefold()
    return GAPS.sub(" ", text).strip(EDGES)


def duplicates(headings: Sequence[str]) -> dict[str, list[str]]:
    """Headings that more than one column has, with the columns' letters."""
    columns: dict[str, list[str]] = defaultdict(list)
    for index, heading in enumerate(headings):
        if heading:
            columns[normalise(heading)].append(letter(index + 1))
    return {heading: letters for heading, letters in columns.items() if len(letters) > 1}


def match(headings: Sequence[str], samples: Sequence[Sequence[Cell]], synonyms: Synonyms) -> list[Match]:
    """What each column is, left to right; `samples[i]` are cells of column i. A field is given to one column only."""
    seen: dict[str, str] = {}
    taken: dict[str, str] = {}
    matches = []
    for index, heading in enumerate(headings):
        column, name = letter(index + 1), normalise(heading)
        found, why, question = _one(name, samples[index] if index < len(samples) else (), synonyms)
        if name in seen and why != "never":
            found, why, question = _again(heading, name, seen[name], synonyms)
        if found and found in taken:
            question = (
                f"Columns {taken[found]} and {column} both look like {_words(found)}. Which one is right?"
            )
            found, why = None, "taken"
        if name:
            seen.setdefault(name, column)
        if found:
            taken[found] = column
        matches.append(Match(index, column, heading, found, why, question))
    return [
        _by_values_alone(each, samples, taken, synonyms) if each.why == "unknown" else each
        for each in matches
    ]


def _one(name: str, cells: Sequence[Cell], synonyms: Synonyms) -> tuple[str | None, str, str]:
    if not name:
        return None, "empty", ""
    alias = _alias(name, synonyms)
    if alias is None:
        return None, "unknown", ""
    found, question = synonyms.by_alias.get(alias), synonyms.questions.get(alias, "")
    if found in NEVER:
        return None, "never", ""
    sample = list(islice((cell for cell in cells if cell is not None), ENOUGH_SAMPLES))
    if alias in synonyms.by_values and sample:
        decided = synonyms.by_values[alias](sample)
        if decided is not None:
            return decided or None, "values", "" if decided else question
    return found, "ambiguous" if question else "exact", question


def _by_values_alone(
    match: Match, samples: Sequence[Sequence[Cell]], taken: dict[str, str], synonyms: Synonyms
) -> Match:
    cells = samples[match.index] if match.index < len(samples) else ()
    sample = list(islice((cell for cell in cells if isinstance(cell, str)), ENOUGH_SAMPLES))
    for name, kind in synonyms.looks_like.items():
        if sample and name not in taken and all(values.clean(kind, cell).value for cell in sample):
            taken[name] = match.letter
            question = f"The values look like {_words(name)}. Is that right?"
            return replace(match, field=name, why="values", question=question)
    return match


def _alias(name: str, synonyms: Synonyms) -> str | None:
    """The known heading that `name` is: as it stands, without its bracket, or without the group above it."""
    own = name.rpartition(GROUP)[2]
    for candidate in (name, name.replace(GROUP, " "), own, BRACKETED.sub("", own).strip(EDGES)):
        if candidate in synonyms.by_alias or candidate in synonyms.questions:
            return candidate
    return None


def _again(heading: str, name: str, first: str, synonyms: Synonyms) -> tuple[str | None, str, str]:
    told = f"There are two columns called {heading}."
    if second := synonyms.second.get(_alias(name, synonyms) or ""):
        return second, "ambiguous", f"{told} Is the second one {_words(second)}?"
    return None, "duplicate", f"{told} The one in {first} is used. Which one is right?"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _name_by_values(cells: Sequence[Cell]) -> str:
    return "model" if any(" " in str(cell).strip() for cell in cells) else "hostname"


def _user_by_values(cells: Sequence[Cell]) -> str:
    texts = [str(cell).strip() for cell in cells]
    if all("@" in text for text in texts):
        return "assigned_user_email"
    return (
        "assigned_user_name" if any(" " in text or "," in text for text in texts) else "assigned_user_login"
    )


def _warranty_by_values(cells: Sequence[Cell]) -> str:
    if all(isinstance(values.clean("yesno", cell).value, bool) for cell in cells):
        return NO_FIELD
    months = all(isinstance(values.clean("months", cell).value, int) for cell in cells)
    return "warranty_months" if months else "warranty_end"


def _status_by_values(cells: Sequence[Cell]) -> str | None:
    return "status" if all(values.clean("status", cell).value for cell in cells) else None


def _vendor_by_values(cells: Sequence[Cell]) -> str | None:
    return "manufacturer" if all(str(cell).casefold().strip() in MANUFACTURERS for cell in cells) else None


def _synonyms_of_assets() -> Synonyms:
    told = json.loads(Path(__file__).with_name("header_synonyms.json").read_text(encoding="utf-8"))
    return Synonyms(
        fields=told["fields"],
        questions=told["questions"],
        by_values={
            "name": _name_by_values,
            "user": _user_by_values,
            "warranty": _warranty_by_values,
            "status": _status_by_values,
            "in use": _status_by_values,
            "vendor": _vendor_by_values,
        },
        second={"location": "location_room"},
        looks_like={"mac_address": "mac", "ip_address": "ip", "assigned_user_email": "email"},
    )


ASSETS = _synonyms_of_assets()
