"""What every text of a row of the world is marked with, so that a sweep can look for it in whatever comes back.

A mark is `zz<council><kind>zz`, short enough for every column and met nowhere else. Money is a mark too: all that a
council pays or is paid is so many times one odd amount, so that whatever it is added up to tells whose it is.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
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
# In pence, what one thing costs each council, and 100,000 kWh at the price of a kWh.
PENCE = ((4_141_713, 5_252_826), (4_141_700, 5_252_800))
MOST, LEAST = 60, 100_000
AMOUNT = re.compile(r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{1,2}(?![\d.])")
# By how much in a hundred each is off what it approved for the batch of both, and its pence for a kWh.
RATES = {"7.14": 1, "13.33": 2, "41.417": 1, "52.528": 2}
RATE = re.compile(rf"(?<![\d.,])(?:{'|'.join(map(re.escape, RATES))})(?!\d)")
# How many times what one thing costs each line of the batches of both has as its prices.
PRICES = {
    1: {"purchase": 3, "deploy": 5, "disposal": 8, "residual": 2},
    2: {"purchase": 4, "deploy": 5, "disposal": 7, "residual": 1},
}
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
    *("scenario", "baseline", "order", "appointment", "batch", "programme", "joint batch"),
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


def _whose() -> dict[int, frozenset[int]]:
    """Whose money a sum in pence tells of: a multiple of one council's, or what both come to or differ by."""
    found: dict[int, frozenset[int]] = {}
    for ours, theirs in PENCE:
        for one, other in product(range(-MOST, MOST + 1), repeat=2):
            councils = frozenset(number for number, times in ((1, one), (2, other)) if times)
            pence = abs(one * ours + other * theirs)
            if pence >= LEAST and len(councils) <= len(found.get(pence, councils)):
                found[pence] = councils
    return found


WHOSE = _whose()


def owners_of_money(text: str) -> set[int]:
    """The numbers of the councils of whose money the text tells, be it in a sum of both."""
    amounts = {Decimal(said.replace(",", "")) for said in AMOUNT.findall(text)}
    owners = {RATES[said] for said in RATE.findall(text)}
    return owners.union(*(WHOSE.get(int(amount * 100), ()) for amount in amounts))


def cost_of(side: Side) -> Decimal:
    """What one thing costs the council."""
    return Decimal(next(cost for cost, number in COSTS.items() if number == side.number))


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
