"""What every text of a row of the world is marked with, so that a sweep can look for it in whatever comes back.

A mark is `zz<council><kind>zz`, short enough for every column and met nowhere else; sums of money are marks too.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import models

from servicedesk.people.models import Council, Person

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNCILS = ("OCC", "CDC")
WORD = "canary"
MARK = re.compile(r"zz([12])([a-z]{2})zz", re.IGNORECASE)
# Tokens and nonces, which of many thousands hold something like a mark by chance.
TOKEN = re.compile(r"[0-9A-Za-z]{20,}")
COSTS = {"41417.13": 1, "52528.26": 2}
SUMS = re.compile(r"41,?417\.13|52,?528\.26")
MARKED = (
    *(
        "asset",
        "private person",
        "cyber",
        "department",
        "export",
        "glass",
        "case group",
        "hr",
        "import",
        "job",
    ),
    *("internal note", "money", "name", "own_council", "draft", "task", "approval", "site", "shared"),
    *("unsent message", "webhook", "announcement", "draft announcement"),
    *("contract", "circuit", "line"),
    *("asset file", "loan", "transfer", "write-off", "stock-take", "kit-check", "mapping"),
    *("scenario", "baseline", "order", "appointment", "batch", "programme"),
    "swap survey",
    *("consignment", "due back", "medium", "disposal"),
    *("entered figure", "saved view"),
)
# What the rows of each kind are marked with: two letters of their own.
LETTERS = {f"{chr(97 + at // 26)}{chr(97 + at % 26)}": kind for at, kind in enumerate(MARKED)}
KINDS = {kind: letter for letter, kind in LETTERS.items()}


@dataclass
class Side:
    """One council: its people by role, its rows by kind, and whom the rows are about."""

    number: int
    council: Council
    people: dict[str, Person] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)


def mark(number: int, kind: str) -> str:
    return f"zz{number}{KINDS[kind]}zz"


def marked(number: int, kind: str) -> str:
    """A text to be found by its word, with its mark."""
    return f"{WORD} {mark(number, kind)}"


def fill(row: models.Model, number: int, kind: str, *leave: str) -> None:
    """Put the mark into every free text that the row still leaves empty."""
    for column in row._meta.concrete_fields:
        free = isinstance(column, models.CharField | models.TextField) and not column.choices
        if free and column.name not in leave and not getattr(row, column.name):
            text = marked(number, kind)
            setattr(row, column.name, text if len(text) <= (column.max_length or 99) else mark(number, kind))
