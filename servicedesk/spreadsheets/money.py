"""Prices as people write them in spreadsheets, in pounds excluding VAT.

read(text) -> (Decimal with 2 places or None, codes)       codes as in problems.PROBLEMS, () when all is well
read_number(number) -> the same
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

PENCE = Decimal("0.01")
LONGEST = 60
MOST = Decimal(10) ** 10
VAT = Decimal("1.2")
AMOUNT = re.compile(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
POUNDS = re.compile(r"£|\bGBP\b", re.I)
OTHER_CURRENCY = re.compile(r"[$€¥]|\b(?:USD|EUR|AUD|CAD)\b", re.I)
INCLUDING_VAT = re.compile(r"\b(?:inc|incl|including|with)\.?\s*(?:of\s*)?vat\b", re.I)
EXCLUDING_VAT = re.compile(r"(?:\b(?:ex|exc|excl|excluding|without|net of|plus)\.?|\+)\s*vat\b", re.I)
ABOUT = re.compile(r"^(?:~|≈|approx(?:imately|\.)?|about|circa|c\.)\s*|\s*approx\.?$", re.I)
FREE = {"foc", "free", "free of charge", "no charge", "nil cost", "donated"}
NOT_UNDERSTOOD = ("money_not_understood",)

Read = tuple[Decimal | None, tuple[str, ...]]


def read(text: str) -> Read:
    """The price that `text` means, half a penny rounded up; 20% VAT is taken off where it is said to be included."""
    if len(text) > LONGEST:
        return None, NOT_UNDERSTOOD
    if text.casefold() in FREE:
        return Decimal("0.00"), ("free_of_charge",)
    if OTHER_CURRENCY.search(text):
        return None, ("other_currency",)
    text, including = INCLUDING_VAT.subn("", text)
    text, about = ABOUT.subn("", EXCLUDING_VAT.sub("", text).strip())
    bare = POUNDS.sub("", text).strip()
    negative = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")"))
    digits = bare.removeprefix("-").strip("() ") if negative else bare
    if not AMOUNT.fullmatch(digits):
        return None, NOT_UNDERSTOOD
    amount = Decimal(digits.replace(",", "").replace(" ", "")) / (VAT if including else 1)
    codes = ("vat_removed",) * bool(including) + ("approximate",) * bool(about)
    return _in_pence(-amount if negative else amount, codes)


def read_number(number: object) -> Read:
    """The price that a number in a cell is; anything else is none."""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal) or not math.isfinite(number):
        return None, NOT_UNDERSTOOD
    return _in_pence(Decimal(repr(number)) if isinstance(number, float) else Decimal(number), ())


def _in_pence(amount: Decimal, codes: tuple[str, ...]) -> Read:
    if abs(amount) >= MOST:
        return None, NOT_UNDERSTOOD
    return amount.quantize(PENCE, ROUND_HALF_UP) or Decimal("0.00"), codes
