from datetime import date
from functools import reduce
from operator import add

import pytest

from servicedesk.reports import kpis
from servicedesk.reports.figures import BACKLOG, REFERRED, RESOLVED, Figures, Month, councils_counted
from servicedesk.reports.kpis import Tally, percent
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
        "first_contact_resolution_percent": percent(joint.first_contact, joint.resolved),
        "csat_percent": percent(joint.satisfied, joint.answered),
        "csat_response_percent": percent(joint.answered, joint.resolved),
        "csat_mean": kpis.mean_score(joint),
        "reopen_percent": percent(joint.reopened, joint.resolved),
        "mean_hours_to_resolve": kpis.mean_hours(joint),
        "median_hours_to_resolve": kpis.median_hours(joint),
        "backlog": joint.backlog,
        "backlog_age_working_days": {
            names[key]: age for key, age in figures.backlog().values_list("pk", "age")
        },
        "open_past_target": [names[one.pk] for one in figures.tickets("late", every).order_by("pk")],
    } == EXPECTED


def test_every_number_has_a_list_of_exactly_that_many(november):
    figures = figures_of(november.reader())

    for council in figures.councils:
        for (priority, age, uplift), counted in figures.tallies[council.pk].items():
            part = {"priority": priority, "age": age, "uplift": uplift}
            for figure in (*RESOLVED, *BACKLOG, *REFERRED):
                listed = figures.tickets(figure, [council.pk], **part)
                assert (figure, listed.count()) == (figure, getattr(counted, figure))
