"""People who start: whether what was asked for them was there on their first day."""

from datetime import date

import pytest

from servicedesk.people.inviting import change_person
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_person
from tests.reports.november import DONE, November
from tests.reports.test_figures import figures_of, tally
from tests.reports.vector import at

pytestmark = pytest.mark.django_db


def starter(november: November, first_day: date | None, council: str = "OCC") -> Person:
    return a_person(november.councils[council], "requester", employed_from=first_day)


def asked_for(november: November, person: Person, now: str, resolved: str = "", **fields) -> Ticket:
    ticket = november.raised("OCC", "P4", at(now), affected_person=person, **{"type": "request", **fields})
    return move(ticket, "resolve", by=november.engineer, now=at(resolved), **DONE) if resolved else ticket


def starters(november: November, first: date = date(2026, 11, 1), now: str = "2026-12-31T17:00"):
    figures = figures_of(november.reader(), first, now)
    counted = tally(figures)
    keys = [council.pk for council in figures.councils]
    return counted.ready, counted.starters, {ticket.pk for ticket in figures.rows("starters", keys)}


def test_all_of_it_there_by_the_end_of_the_first_day_is_ready(november):
    ready, late, waiting = (starter(november, date(2026, 11, 16)) for _ in range(3))
    asked_for(november, ready, "2026-10-20T09:00", "2026-10-22T09:00")
    last = asked_for(november, ready, "2026-11-02T09:00", "2026-11-16T09:30")
    asked_for(november, late, "2026-11-02T09:00", "2026-11-10T09:00")
    too_late = asked_for(november, late, "2026-11-02T09:00", "2026-11-17T09:00")
    asked_for(november, waiting, "2026-11-02T09:00", "2026-11-10T09:00")
    open_still = asked_for(november, waiting, "2026-11-02T10:00")

    assert starters(november) == (1, 3, {last.pk, too_late.pk, open_still.pk})


def test_who_starts_in_another_month_or_of_whom_nothing_was_asked_by_then_is_not_counted(november):
    for first_day in (date(2026, 10, 30), date(2026, 12, 1), None):
        asked_for(november, starter(november, first_day), "2026-10-20T09:00", "2026-10-22T09:00")
    starter(november, date(2026, 11, 16))
    asked_for(november, starter(november, date(2026, 11, 16)), "2026-11-17T09:00", "2026-11-17T10:00")
    asked_for(november, starter(november, date(2026, 11, 16)), "2026-11-10T09:00", type="incident")

    assert starters(november) == (0, 0, set())


def test_first_day_that_is_not_over_is_not_counted_yet(november):
    person = starter(november, date(2026, 11, 30))
    ticket = asked_for(november, person, "2026-11-10T09:00", "2026-11-12T09:00")

    assert starters(november, now="2026-11-30T17:00") == (0, 0, set())
    assert starters(november, now="2026-12-01T00:00") == (1, 1, {ticket.pk})


def test_month_that_is_over_keeps_the_first_day_and_the_delivery_that_it_knew(november):
    person = starter(november, date(2026, 11, 27))
    ticket = asked_for(november, person, "2026-11-10T09:00", "2026-11-26T09:00")
    before = starters(november)

    move(ticket, "reopen", by=november.engineer, now=at("2026-12-02T09:00"))
    administrator = a_person(november.councils["OCC"], "administrator")
    change_person(
        person,
        by=administrator,
        version=person.version,
        employed_from=date(2026, 12, 14),
        now=at("2026-12-03T09:00"),
    )

    assert before == (1, 1, {ticket.pk})
    assert starters(november) == before
