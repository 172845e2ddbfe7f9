"""What text from outside must be before anything is made of it: in NFC, legible, without what nobody typed.

on_one_line(raw) -> (text, "") or ("", code)      for names and identifiers: trimmed, one space between words
as_written(raw) -> the same                       for notes: spaces and line breaks stay
storable(text) -> text                            for what is quoted: what no database keeps is named
"""

import re
import unicodedata
from itertools import groupby

LONGEST = 32_767
CROWD = 30
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
UNREADABLE = re.compile("[\ufffd\ud800-\udfff]")
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def on_one_line(raw: str) -> tuple[str, str]:
    """The text without control and zero-width characters; one that turns the direction of writing is refused."""
    text = raw.strip()
    if not (text.isascii() and text.isprintable()):
        if DIRECTION.search(text) or _is_illegible(text):
            return "", "invalid_character"
        text = unicodedata.normalize("NFC", ZERO_WIDTH.sub("", CONTROL.sub("", text)))
    text = " ".join(text.split())
    return (text, "") if len(text) <= LONGEST else ("", "text_too_long")


def as_written(raw: str) -> tuple[str, str]:
    """The text with \\n for every line break and without control characters."""
    if _is_illegible(raw):
        return "", "invalid_character"
    text = unicodedata.normalize("NFC", CONTROL.sub("", raw).replace("\r\n", "\n"))
    return (text, "") if len(text) <= LONGEST else ("", "text_too_long")


def storable(text: str) -> str:
    """The text with each character that JSON in a database cannot hold as its name, ‹U+0000›."""
    return UNSTORABLE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text)


def _is_illegible(text: str) -> bool:
    return bool(UNREADABLE.search(text)) or _is_crowded(text)


def _is_crowded(text: str) -> bool:
    """Whether more accents stand on one letter than any language has; they would take minutes to put in order."""
    if len(text) <= CROWD or text.isascii():
        return False
    runs = groupby(text, lambda character: unicodedata.combining(character) > 0)
    return any(accents and sum(1 for _ in run) > CROWD for accents, run in runs)
