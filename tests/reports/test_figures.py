from datetime import date
from functools import reduce
from operator import add

import pytest

from servicedesk.catalogue.offering import change_service
from servicedesk.reports import kpis
from servicedesk.reports.figures import Figures, councils_counted
from servicedesk.reports.kpis import Tally, percent
from servicedesk.reports.months import Month
from servicedesk.reports.service_report import WORDS
from servicedesk.tickets.calling import log_call
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_service, a_team
from tests.reports.vector import AS_AT, EXPECTED, at

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)


def figures_of(person, first: date = FIRST, now: str = AS_AT) -> Figures:
    return Figures(person, Month.of(first, at(now)), councils_counted(person))


def tally(figures: Figures, *codes: str) -> Tally:
    """All that was counted, of these councils or of every one."""
    keys = [council.pk for council in figures.councils if not codes or council.code in codes]
    return reduce(add, (figures.tally(key) for key in keys), Tally())


def test_the_figures_of_the_vector_come_out_of_the_database(november):
    figures = figures_of(november.reader())
    joint, occ, cdc = tally(figures), tally(figures, "OCC"), tally(figures, "CDC")
    names = {ticket.pk: name for name, ticket in november.tickets.items()}
    every = [council.pk for council in figures.councils]

    assert {
        "resolved": joint.resolved,
        "attainment_percent": percent(joint.met, joint.measured),
        "attainment_occ": percent(occ.met, occ.measured),
        "attainment_cdc": percent(cdc.met, cdc.measured),
        "first_contact_resolution_percent": percent(joint.first_contact, joint.eligible),
        "csat_percent": percent(joint.satisfied, joint.answered),
        "csat_response_percent": percent(joint.answered, joint.resolved),
        "csat_mean": kpis.mean_score(joint),
        "reopen_percent": percent(joint.reopened, joint.resolved),
        "mean_hours_to_resolve": kpis.mean_hours(joint),
        "median_hours_to_resolve": kpis.median_hours(joint),
        "backlog": joint.backlog,
        "backlog_age_working_days": {
            names[fact.row]: fact.parts["age"] for fact in figures.facts if "backlog" in fact.figures
        },
        "open_past_target": [names[one.pk] for one in figures.rows("late", every).order_by("pk")],
    } == EXPECTED


def test_every_number_has_a_list_of_exactly_that_many(november):
    figures = figures_of(november.reader())

    for council in figures.councils:
        for part, counted in figures.tallies[council.pk].items():
            given = dict([part]) if part[0] else {}
            for figure in WORDS:
                listed = figures.rows(figure, [council.pk], **given)
                assert (figure, part, listed.count()) == (figure, part, getattr(counted, figure))


def test_first_contact_is_told_from_what_came_back_was_answered_before_or_passed_on(november):
    """Whether a call was resolved while it lasted, or the first word to whoever wrote was that it is done."""
    engineer, caller = november.engineer, november.requesters["CDC"]
    then = {"resolution_code": "fixed", "resolution_note": "Done"}
    networks = a_team("Networks", members=(engineer,), tier=2)

    def call(token: str, outcome: str = "resolve", **given) -> Ticket:
        said = {"type": "incident", "title": "No sound"}
        where = {"by": engineer, "caller": caller, "said": said, "about": {}, "now": at("2026-11-24T09:00")}
        return log_call(**where, outcome=outcome, then={**then, **given}, token=token * 32)

    def resolved(ticket: Ticket, at_once: bool = True) -> Ticket:
        return november.resolved(ticket, at("2026-11-24T10:00"), at_once)

    during_the_call = call("1")
    written = resolved(november.raised("CDC", "P3", at("2026-11-24T09:00")))
    move(call("2"), "reopen", by=caller, message="No", now=at("2026-11-24T10:00"))
    resolved(november.raised("CDC", "P3", at("2026-11-24T09:00")), at_once=False)
    resolved(call("3", "pass_on", team=networks))
    kept = call("4", "keep")
    passed = {"note": "Yours", "assignee": november.manager, "now": at("2026-11-24T09:30")}
    resolved(move(kept, "hand_over", by=engineer, **passed))

    figures = figures_of(november.reader())
    found = figures.rows("first_contact", [november.councils["CDC"].pk])
    assert set(found) == {during_the_call, written, november.tickets["K3"]}


def test_what_the_first_line_cannot_resolve_does_not_count_against_it(november):
    """As each service was at the end of the month: what is said of it afterwards changes no month that is over."""
    website = a_service("Website", november.team, first_line=False)
    for service in (website, a_service("Email", november.team)):
        ticket = november.raised("CDC", "P3", at("2026-11-24T09:00"), service=service)
        november.resolved(ticket, at("2026-11-24T10:00"), at_once=True)

    def told(now: str) -> tuple[int, int, int]:
        cdc = tally(figures_of(november.reader(), now=now), "CDC")
        return cdc.resolved, cdc.eligible, cdc.first_contact

    assert told("2026-12-01T09:00") == (4, 3, 2)
    change_service(website, by=None, version=1, first_line=True, now=at("2026-12-02T09:00"))
    assert told("2026-12-03T09:00") == (4, 3, 2)
