"""A month that is over stays what it was, whatever becomes of its requests, of what was promised and of the hours."""

from datetime import date

import pytest

from servicedesk.history import editing
from servicedesk.history.recording import Entry, change_set, record_entries
from servicedesk.people.models import Person
from servicedesk.reports.months import next_month
from servicedesk.reports.service_report import ServiceReport
from servicedesk.service_levels.keeping import (
    WeekGiven,
    close_days,
    keep_for_council,
    new_calendar,
    save_level,
)
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.prioritising import override_priority
from servicedesk.tickets.satisfying import say_how_content
from servicedesk.tickets.workflow import move
from tests.factories import a_grant, a_person, a_team
from tests.reports.vector import at

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def report(november, first: date = NOVEMBER, now: str = "2026-12-31T17:00") -> ServiceReport:
    return ServiceReport(november.reader(), first, "joint", at(now))


def told(november, **asked) -> dict:
    """The whole report: every number of every table."""
    return {
        table.code: {row.code: [cell.text for cell in row.cells] for row in table.rows}
        for table in report(november, **asked).tables
    }


@pytest.fixture
def administrator(november) -> Person:
    person = a_person(november.councils["OCC"], "administrator")
    a_grant(person, "administrator", november.councils["CDC"])
    return person


def fresh(november, name: str) -> Ticket:
    return Ticket.objects.get(pk=november.tickets[name].pk)


def test_goals_stay_those_that_were_promised(november, administrator):
    before = told(november)

    for level in ServiceLevel.objects.filter(kind="sla"):
        save_level(
            level, by=administrator, version=level.version, goal_percent=50, now=at("2026-12-05T09:00")
        )

    assert before["glance"]["attainment"][-1] == "90.0%"
    assert told(november) == before


def test_ages_stay_those_of_the_hours_that_were_known(november, administrator):
    """Two weeks of November turn out to have been closed, and a council is given a calendar of its own."""
    before = told(november)
    standard, now = Calendar.objects.get(code="STD"), at("2026-12-05T09:00")
    closed = {date(2026, 11, day): "Flood" for day in range(9, 21)}
    close_days(standard, by=administrator, version=standard.version, days=closed, now=now)
    week = WeekGiven({str(day): [["09:00", "10:00"]] for day in range(5)})
    short = new_calendar(by=administrator, code="SHORT", name="Short", week=week, now=now)
    keep_for_council(november.councils["CDC"], short, by=administrator, now=now)

    assert before["backlog"]["6-10"] == ["1", "0"]
    assert told(november) == before


def what_december_brings(november) -> None:
    """Of what was open one is resolved, one cancelled after it was raised to P1, and one merged; what was resolved is
    opened again and resolved late, with another priority; and somebody says how content they were."""
    engineer, manager = november.engineer, november.manager
    k9 = override_priority(
        fresh(november, "K9"), by=manager, priority="P4", reason="No hurry", now=at("2026-12-01T09:00")
    )
    k9 = november.resolved(k9, at("2026-12-01T10:00"), at_once=True)
    say_how_content(k9, by=k9.requester, score=1, now=at("2026-12-01T11:00"))
    k10 = override_priority(
        fresh(november, "K10"), by=manager, priority="P1", reason="All of us", now=at("2026-12-01T11:00")
    )
    move(k10, "cancel", by=manager, reason="It works", now=at("2026-12-01T12:00"))
    same = november.raised("CDC", "P4", at("2026-12-01T12:00"))
    merge(fresh(november, "K11"), same, by=engineer, now=at("2026-12-01T13:00"))
    again = move(fresh(november, "K12"), "reopen", by=engineer, now=at("2026-12-02T09:00"))
    again = override_priority(
        again, by=manager, priority="P2", reason="The mayor", now=at("2026-12-02T10:00")
    )
    november.resolved(again, at("2026-12-09T09:00"), at_once=True)


def test_numbers_and_lists_stay_whatever_becomes_of_its_requests(november):
    ticket = november.raised("OCC", "P3", at("2026-11-26T09:00"))
    november.tickets["K12"] = november.resolved(ticket, at("2026-11-27T09:00"))
    november.raised("CDC", "P3", at("2026-11-30T17:00"))
    before = told(november, now="2026-12-01T08:00")
    lists = {figure: listed(november, figure) for figure in ("resolved", "met", "backlog", "late")}

    what_december_brings(november)

    assert told(november) == before
    assert {figure: listed(november, figure) for figure in lists} == lists
    december = told(november, first=next_month(NOVEMBER))["glance"]
    assert (december["resolved"][0], december["attainment"][0], december["reopened"][1]) == ("2", "0.0%", "1")
    assert (december["satisfaction"][0], december["backlog"][0]) == ("0.0%", "2")


def listed(november, figure: str) -> set[str]:
    return set(report(november).listed(figure, {}).rows.values_list("reference", flat=True))


def test_who_is_first_line_stays_who_was(november, administrator):
    team = november.team
    Ticket.objects.filter(pk=november.tickets["K3"].pk).update(team=team)
    before = told(november)

    editing.change(team, by=administrator, version=team.version, tier=2, now=at("2026-12-05T09:00"))

    assert before["glance"]["first_contact"][1] == "1"
    assert told(november) == before


def test_what_suppliers_gave_back_stays_theirs(november):
    acme = a_team("Acme", kind="supplier")
    Ticket.objects.update(supplier_team=None)
    ServiceLevel.objects.create(
        kind="uc", ticket_type="incident", priority="P4", metric="supplier", team=acme, target_seconds=3600
    )
    ticket = move(fresh(november, "K11"), "take", by=november.engineer, now=at("2026-11-03T09:00"))
    ticket = move(
        ticket, "refer_to_supplier", by=november.engineer, supplier_team=acme, now=at("2026-11-03T10:00")
    )
    ticket = move(ticket, "supplier_answered", by=november.engineer, now=at("2026-11-04T10:00"))
    before = told(november)

    move(ticket, "cancel", by=november.manager, reason="It works", now=at("2026-12-05T09:00"))

    assert before["supplier"] == {str(acme.pk): ["0", "1", "0.0%"], "all": ["0", "1", "0.0%"]}
    assert told(november) == before


def test_month_is_provisional_until_nothing_can_be_opened_again(november):
    """As first contact looks beyond the month, for five working days; until then the report says so."""
    ticket = november.raised("OCC", "P3", at("2026-11-30T09:00"))
    ticket = november.resolved(ticket, at("2026-11-30T09:30"), at_once=True)
    assert told(november, now="2026-12-01T08:00")["glance"]["first_contact"][1] == "2"

    move(ticket, "reopen", by=november.engineer, now=at("2026-12-02T09:00"))

    assert told(november)["glance"]["first_contact"][1] == "1"
    provisional = (
        "The figures of November are provisional until Monday 7 December 2026, 5:30pm: what was resolved at first "
        "contact can be opened again for five working days, and what people said of it can be mended for twelve hours."
    )
    december = date(2026, 12, 1)
    assert provisional in report(november, now="2026-12-07T17:00").notes
    assert provisional in report(november, december, now="2026-12-07T17:00").notes
    assert provisional not in report(november, now="2026-12-08T08:00").notes


def test_answer_that_is_mended_after_the_month_is_counted_as_it_was_mended(november):
    ticket = november.resolved(november.raised("OCC", "P3", at("2026-11-30T09:00")), at("2026-11-30T16:00"))
    answer = say_how_content(ticket, by=ticket.requester, score=1, now=at("2026-11-30T23:00"))
    assert told(november, now="2026-12-01T08:00")["glance"]["satisfaction"][1:3] == ["3", "6"]

    say_how_content(ticket, by=ticket.requester, score=5, version=answer.version, now=at("2026-12-01T08:30"))

    assert told(november)["glance"]["satisfaction"][1:3] == ["4", "6"]


def test_what_was_private_then_is_in_no_figure_when_it_is_so_no_more(november):
    before = told(november)
    ticket = november.raised("OCC", "P3", at("2026-11-18T09:00"))
    with change_set(by=None, now=at("2026-12-05T09:00")) as deed:
        shared = ["restricted", "shared", "Restricted", "Shared"]
        entry = Entry(ticket.pk, str(ticket), ticket.council_id, "update", {"sharing": shared})
        record_entries(deed, Ticket, [entry])

    assert told(november) == before
