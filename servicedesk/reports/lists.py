"""The list behind a number of a report."""

from typing import NamedTuple

from servicedesk.people.models import Council
from servicedesk.reports.service_report import NO_UPLIFT, ServiceReport, days, is_parted
from servicedesk.tickets.models import Priority, Uplift
from servicedesk.tickets.querysets import TicketQuerySet

WORDS = {
    "resolved": "Resolved",
    "measured": "Resolved, with a promise",
    "met": "In time",
    "missed": "Late",
    "reprioritised": "Late only because the priority was raised",
    "first_contact": "Resolved at first contact",
    "reopened": "Opened again",
    "answered": "Said how content they were",
    "satisfied": "Content: 4 or 5 of 5",
    "backlog": "Open at the end of the month",
    "late": "Open past its target",
    "referred": "Given back by a supplier",
    "supplier_met": "Given back by a supplier in time",
    "supplier_missed": "Given back by a supplier late",
}


class Listed(NamedTuple):
    """What a number counted: nothing of it is to be shown where the number has a mark in its place."""

    report: ServiceReport
    words: str
    number: int
    mark: str
    tickets: TicketQuerySet


def listed(report: ServiceReport, figure: str, part: dict[str, str]) -> Listed | None:
    """The list behind a number; None where a report has no such number."""
    part = {by: "" if by == "uplift" and value == NO_UPLIFT else value for by, value in part.items()}
    if figure not in WORDS or len(part) > 1 or not is_parted(figure, part):
        return None
    counts = report.counts()
    shown = counts.count(figure, **part)
    tickets = counts.figures.tickets(figure, _keys(report.in_scope), **part)
    words = ", ".join([WORDS[figure], *(_part_in_words(by, value) for by, value in part.items())])
    return Listed(report, words, int(shown.number or 0), shown.mark, tickets)


def _keys(councils: list[Council]) -> list[int]:
    return [council.pk for council in councils]


def _part_in_words(by: str, value: str) -> str:
    return {
        "priority": lambda: Priority(value).label,
        "age": lambda: f"{days(value)} old",
        "uplift": lambda: Uplift(value).label if value else "priority not raised",
    }[by]()
