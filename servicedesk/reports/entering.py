"""Entering what another system tells of a month, and correcting it: the product counts none of it itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.reports.facts import Fact
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.months import Month, next_month
from servicedesk.wording import day

EDITABLE = ("part", "whole", "source", "read_on")


class Words(NamedTuple):
    """What a kind of figure counts: the names of both numbers in a Tally, and their words."""

    part: str
    whole: str
    part_words: str
    whole_words: str


KINDS = {
    EnteredFigure.Kind.CALLS: Words("abandoned", "calls", "Calls given up", "Calls"),
    EnteredFigure.Kind.CHANGES: Words("successful", "changes", "Successful changes", "Changes implemented"),
    EnteredFigure.Kind.PROJECTS: Words("project_hours", "hours", "Hours on projects", "Hours worked"),
}


def enter_figure(figure: EnteredFigure, *, by: Person, now: datetime | None = None) -> EnteredFigure:
    """Write down a figure of a month that has ended. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.ENTER_FIGURES, figure.council)
    figure.entered_by = by
    return editing.add(figure, by=by, check=lambda row: _check(row, now or timezone.now()), now=now)


def correct_figure(
    figure: EnteredFigure, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> EnteredFigure:
    """Correct one that was read at `version`; it is then of whoever corrected it.

    Raises PermissionDenied, history.editing.Stale, or ValidationError by field.
    """
    if unknown := set(values) - set(EDITABLE):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    require(by, Permission.ENTER_FIGURES, figure.council)
    if all(getattr(figure, name) == value for name, value in values.items()):
        values = {}
    elif figure.entered_by_id != by.pk:
        values["entered_by"] = by
    return editing.change(
        figure,
        by=by,
        version=version,
        check=lambda row: _check(row, now or timezone.now()),
        now=now,
        **values,
    )


def figures_entered(councils: Iterable[Council], month: Month) -> list[EnteredFigure]:
    """What was entered of the month for these councils, whoever reads it: what they are shown is theirs to decide."""
    rows = EnteredFigure.objects.filter(council__in=list(councils), month=month.first)
    return list(rows.select_related("council", "entered_by").order_by("council__code"))


def as_facts(figures: Iterable[EnteredFigure]) -> list[Fact]:
    """Entered figures as what was counted: sums without a row behind them."""
    return [
        Fact(
            figure.pk,
            figure.council_id,
            frozenset(),
            sums={words.part: figure.part, words.whole: figure.whole},
        )
        for figure in figures
        for words in [KINDS[EnteredFigure.Kind(figure.kind)]]
    ]


def said_of(figure: EnteredFigure) -> str:
    """By whom it was entered, and from where."""
    return f"Entered by {figure.entered_by} from {figure.source}, {day(figure.read_on)}"


def _check(figure: EnteredFigure, now: datetime) -> None:
    """What the database would refuse, or cannot be, in words."""
    figure.clean_fields()
    today = timezone.localdate(now)
    if figure.month.day != 1 or next_month(figure.month) > today:
        raise ValidationError({"month": "Choose a month that has ended"})
    if figure.part > figure.whole:
        raise ValidationError({"part": "The part cannot be more than the whole"})
    if not figure.month <= figure.read_on <= today:
        raise ValidationError({"read_on": "The day must be in the month or after it, and not in the future"})
    others = EnteredFigure.objects.filter(council=figure.council, kind=figure.kind, month=figure.month)
    if others.exclude(pk=figure.pk).exists():
        raise ValidationError({"kind": f"This is entered for {figure.month:%B %Y} already. Correct it there"})
