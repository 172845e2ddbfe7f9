"""Finding rows by their words. What a person may see is part of the query: what is hidden is never found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from servicedesk.search.full_text import Found, FoundAny
from servicedesk.search.words import phrases

MOST_SHOWN = 50
Rows = TypeVar("Rows", bound=QuerySet)


def matching(queryset: Rows, text: str) -> Rows:
    """The rows of a queryset that hold the words of a text, the last as a beginning; none for no words."""
    asked = phrases(text)
    if not asked:
        return queryset.none()
    return queryset.filter(Found("pk", queryset.model._meta.label_lower, asked))


def sharing_words(queryset: Rows, asked: Sequence[str]) -> Rows:
    """The rows of a queryset that hold at least two of the words, or the one where there is but one; none for none."""
    if not asked:
        return queryset.none()
    sets = [list(pair) for pair in combinations(asked, 2)] or [list(asked)]
    return queryset.filter(FoundAny("pk", queryset.model._meta.label_lower, sets))


@dataclass(frozen=True)
class Source:
    """A kind of row that can be found on the search page; named in settings.SEARCH_SOURCES.

    `rows` gives the queryset, whose `visible_to` decides who finds what, with all that `title` and `detail`
    read of a row selected. `url` is the page of a row, `list_url` the address of the list that takes `?q=`. `shown` is
    told which rows a person is shown.
    """

    heading: str
    rows: Callable[[], Any]
    title: Callable[[Any], str]
    detail: Callable[[Any], str]
    url: Callable[[Any], str]
    list_url: Callable[[], str]
    shown: Callable[[Any, list[Any]], None] = lambda person, rows: None


@dataclass(frozen=True)
class Findings:
    """What was found of one kind: the newest rows, and whether there are more."""

    source: Source
    rows: list[Model]
    more: bool


def sources() -> list[Source]:
    """All that can be searched."""
    return [import_string(name) for name in settings.SEARCH_SOURCES]


def search(person, text: str) -> list[Findings]:
    """The newest rows of each kind that match and the person may see."""
    found = [_findings(source, person, text) for source in sources()]
    return [findings for findings in found if findings.rows]


def _findings(source: Source, person, text: str) -> Findings:
    matches = matching(source.rows().visible_to(person), text)
    rows = list(matches.order_by("-pk")[: MOST_SHOWN + 1])
    source.shown(person, rows[:MOST_SHOWN])
    return Findings(source, rows[:MOST_SHOWN], len(rows) > MOST_SHOWN)
