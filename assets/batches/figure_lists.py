"""What the figures of one batch are made of: the swaps behind its energy, and what people said of theirs."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from assets.batches.contentment import CONTENT
from assets.batches.energy import Figures, figures_of
from assets.batches.models import Batch, SwapSurvey
from assets.refresh.energy import Energy, Swap, energy_of
from assets.refresh.estate_energy import Assumptions
from assets.refresh.forecast import year_of
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

OF = {"asked": "Asked", "answered": "Answered", "content": "Content, 4 or 5 of 5"}
"""The figures of how content people were that open a list."""


class SwapLine(NamedTuple):
    """So many swaps alike, and what they change in a year. £ are for whoever sees the money of the council."""

    council: Council
    words: str
    swap: Swap
    energy: Energy
    sees_money: bool


class SwapLines(NamedTuple):
    """The swaps of councils whose register the person reads, and how many devices of the others are not named."""

    lines: list[SwapLine]
    others: int


def swap_lines(person: Person, batch: Batch, councils: Collection[Council]) -> SwapLines:
    """The swaps behind the figures of energy, as the table of the batch reckons them: of these councils."""
    money = councils_of(person, Permission.SEE_ASSET_MONEY)
    reads, others = councils_of(person, Permission.SEE_ASSETS), 0
    paying = frozenset(part.council_id for part in batch.paying.all())
    found = figures_of([batch], Assumptions(year_of(timezone.localdate()), paying))
    lines: list[SwapLine] = []
    for council in sorted(councils, key=lambda one: one.code):
        figures = found.get((batch.pk, council.pk), Figures())
        if council.pk not in reads:
            others += sum(swap.count for swap in figures.swaps)
            continue
        # What was closed before swaps were named has none.
        names = figures.names or ("",) * len(figures.swaps)
        lines += [
            SwapLine(council, words, swap, energy_of([swap], figures.factor), council.pk in money)
            for words, swap in zip(names, figures.swaps, strict=True)
        ]
    return SwapLines(lines, others)


def surveys_of(person: Person, batch: Batch, of: str, council: Council | None = None) -> QuerySet[SwapSurvey]:
    """Who was asked at the councils whose refresh the person plans, or one of them, or the answers; of another nothing.

    Of those who were asked it is told what was swapped, and of the answers only what was said, not by whom.
    """
    own = councils_of(person, Permission.PLAN_REFRESH)
    rows = SwapSurvey.objects.asked().visible_to(person)
    rows = rows.filter(item__batch=batch, council__in=own & {council.pk} if council else own)
    if of == "asked":
        return rows.select_related("item__asset").order_by("item__asset__asset_tag", "pk")
    narrower: dict[str, Any] = {"score__gte": CONTENT} if of == "content" else {"answered_at__isnull": False}
    return rows.filter(**narrower).order_by("-score", "comment", "pk")
