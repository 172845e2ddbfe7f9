"""The word lists of word_lists.json: what counts as empty, as yes, as a status, as a category."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

GAPS = re.compile(r"[\s_/-]+")

_LISTS = json.loads(Path(__file__).with_name("word_lists.json").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """Small letters, one space for spaces, hyphens, slashes and underscores: how a coded word is looked up."""
    return GAPS.sub(" ", text.casefold()).strip()


def codes_by_word(words_by_code: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Code by plain word. A code names itself, unless its name is a word of another code."""
    codes = {plain(code): code for code in words_by_code}
    return codes | {plain(word): code for code, words in words_by_code.items() for word in words}


EMPTY = frozenset(_LISTS["empty"])
TO_BE_CONFIRMED = frozenset(_LISTS["to_be_confirmed"])
PLACEHOLDER_SERIALS = frozenset(word.replace(" ", "") for word in _LISTS["placeholder_serial"])
NOT_A_PERSON = frozenset(_LISTS["not_a_person"])
MANUFACTURERS = frozenset(_LISTS["manufacturers"])
YES, NO = frozenset(_LISTS["yes"]), frozenset(_LISTS["no"])
STATUSES = codes_by_word(_LISTS["status"])
CATEGORIES = codes_by_word(_LISTS["category"])
