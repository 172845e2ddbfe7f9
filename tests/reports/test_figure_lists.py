"""The figures of suppliers and of people who start: each number on the page opens the list that it comes of."""

from datetime import date

import pytest

from servicedesk.people.models import Team
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_team
from tests.reports.november import November
from tests.reports.test_pages import client_of, figures, opened
from tests.reports.test_starters import asked_for, starter
from tests.reports.vector import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("end_of_november")]
REPORT = "/reports/service/?month=2026-11&council=OCC"
SUPPLIERS = "Suppliers, by what they gave back"


def a_supplier(name: str) -> Team:
    """Who has an hour for what is given to them."""
    team = a_team(name, kind="supplier")
    said = {"kind": "uc", "ticket_type": "incident", "priority": "P4", "metric": "supplier"}
    ServiceLevel.objects.create(**said, team=team, target_seconds=3600)
    return team


def referred(november: November, team: Team, back: str) -> Ticket:
    """Given to a supplier at ten, and given back."""
    ticket = november.raised("OCC", "P4", at("2026-11-03T09:00"), title=f"{team} at {back}")
    ticket = move(ticket, "take", by=november.engineer, now=at("2026-11-03T09:30"))
    ticket = move(
        ticket, "refer_to_supplier", by=november.engineer, supplier_team=team, now=at("2026-11-03T10:00")
    )
    return move(ticket, "supplier_answered", by=november.engineer, now=at(back))


def lists(november: November, *tables: str) -> dict[tuple[str, ...], list[dict[str, str]]]:
    """What the figures of some tables open, by table, row and column."""
    client = client_of(november.reader("queue_manager"))
    found = figures(client.get(REPORT).content.decode())
    return {
        place: opened(client, href)[1] for place, (_, href) in found.items() if href and place[0] in tables
    }


def of(rows: list[dict[str, str]], *columns: str) -> list[tuple[str, ...]]:
    return sorted(tuple(row[column] for column in columns) for row in rows)


def test_what_suppliers_gave_back_is_listed_by_supplier_and_by_whether_it_was_in_time(november):
    acme, zenith = a_supplier("Acme"), a_supplier("Zenith")
    given_back = (acme, "2026-11-03T10:30"), (acme, "2026-11-05T10:00"), (zenith, "2026-11-03T10:45")
    early, late, other = ([(str(referred(november, *one)),)] for one in given_back)

    found = lists(november, SUPPLIERS, "At a glance")

    told = {place[1:]: of(rows, "Reference") for place, rows in found.items() if place[0] == SUPPLIERS}
    assert told == {
        ("Acme", "In time"): early,
        ("Acme", "Late"): late,
        ("Acme", "In time, per cent"): sorted(early + late),
        ("Zenith", "In time"): other,
        ("Zenith", "In time, per cent"): other,
        ("All", "In time"): sorted(early + other),
        ("All", "Late"): late,
        ("All", "In time, per cent"): sorted(early + late + other),
    }
    glance = found["At a glance", "Suppliers in time", "November"]
    assert of(glance, "Summary", "Given back by a supplier in time") == [
        ("Acme at 2026-11-03T10:30", "Yes"),
        ("Acme at 2026-11-05T10:00", "No"),
        ("Zenith at 2026-11-03T10:45", "Yes"),
    ]


def test_people_who_start_are_listed_by_what_was_there_last(november):
    ready, waiting = (starter(november, date(2026, 11, 16)) for _ in range(2))
    asked_for(november, ready, "2026-11-02T09:00", "2026-11-10T09:00", title="A badge")
    asked_for(november, ready, "2026-11-02T09:00", "2026-11-12T09:00", title="A laptop")
    asked_for(november, waiting, "2026-11-02T09:00", title="A telephone")

    found = lists(november, "At a glance")

    starters = "New starters ready on their first day"
    assert {
        place[2]: of(rows, "Summary", *({starters} & set(rows[0])))
        for place, rows in found.items()
        if place[1] == starters
    } == {
        "November": [("A laptop", "Yes"), ("A telephone", "No")],
        "Requests": [("A laptop",)],
        "Out of": [("A laptop",), ("A telephone",)],
    }
