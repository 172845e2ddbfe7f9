"""Columns so plain that cleaning would change nothing in them, seen for all of their texts at once.

Most columns of a register are: tags, host names, rooms. Looking at the joined texts takes a twentieth of the time.
"""

import re
from collections.abc import Collection
from typing import cast

from servicedesk.spreadsheets.reading import Cell
from servicedesk.spreadsheets.values import NOTHING_BUT, SAYS_NOTHING
from servicedesk.spreadsheets.words import PLACEHOLDER_SERIALS

UNPLAIN = ("  ", " =", " #")  # something to trim, a formula, an error
OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
ADDRESSES = {
    "mac": re.compile("[0-9A-F]{2}(?::[0-9A-F]{2}){5}").fullmatch,
    "ip": re.compile(rf"{OCTET}(?:\.{OCTET}){{3}}").fullmatch,
}
"""Addresses that are written as cleaning would write them."""


def stand_as_written(kind: str, cells: Collection[Cell], limit: int) -> bool:
    """Whether these are texts up to `limit` long, to each of which cleaning gives itself and has nothing to say.

    False where that cannot be told of all of them at once.
    """
    if set(map(type, cells)) != {str}:
        return False
    texts = cast(Collection[str], cells)
    if max(map(len, texts)) > limit:
        return False
    if is_address := ADDRESSES.get(kind):
        return all(map(is_address, texts))
    if kind not in ("text", "note", "tag", "serial"):
        return False
    if kind in ("tag", "serial") and not "".join(texts).isalnum():
        return False
    if kind == "serial" and not _are_serials(texts):
        return False
    joined = f" {' '.join(texts)} "
    return (
        joined.isascii()
        and joined.isprintable()
        and not any(sign in joined for sign in UNPLAIN)
        and SAYS_NOTHING.keys().isdisjoint(map(str.casefold, texts))
    )


def _are_serials(texts: Collection[str]) -> bool:
    """Whether these are in capitals already, and none stands in for a number that nobody knew."""
    joined = "".join(texts)
    words = list(map(str.casefold, texts))
    return (
        joined == joined.upper()
        and PLACEHOLDER_SERIALS.isdisjoint(words)
        and not any(map(NOTHING_BUT.fullmatch, words))
    )
