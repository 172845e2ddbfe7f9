"""Requests taken out as a spreadsheet: whose, which columns for whom, and never a private one."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from servicedesk.spreadsheets import taking_out
from servicedesk.spreadsheets.exporting import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import outgoing
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.sealing import raise_sensitivity
from servicedesk.tickets.workflow import change
from tests.factories import (
    LONG_AGO,
    a_case_group,
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_engineer,
)
from tests.spreadsheets.incoming import a_csv, bring, codes, rows_of

pytestmark = pytest.mark.django_db

ASKED = (
    "Reference",
    "Summary",
    "Council",
    "Service",
    "Site",
    "State",
    "Caller",
)
ENDS = ("Opened", "Resolved", "Closed", "Type", "For", "Aim to fix by", "Version")


def exported(person, **filters) -> list[dict]:
    export = taking_out.start(kinds()["tickets"], filters, "xlsx", by=person)
    with export.file.content.open("rb") as file:
        rows = list(load_workbook(BytesIO(file.read()))["Tickets"].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_requester_takes_out_their_own_requests_with_what_they_are_told_of_them():
    council = a_council("OCC")
    requester, team = a_requester(council, name="Ann Lee"), a_team("Second line", council)
    a_ticket(requester, title="Printer", team=team, assignee=an_engineer(council), priority="P2")
    a_ticket(a_requester(council), title="Somebody else's")

    [line] = exported(requester)

    assert tuple(line) == (*ASKED, *ENDS)
    assert (line["Summary"], line["Caller"], line["State"]) == ("Printer", "Ann Lee", "New")


def test_service_owner_takes_out_the_requests_of_their_services_whole_and_their_own_as_asked():
    council = a_council("OCC")
    owner, team = a_person(council, "requester", "service_owner"), a_team("Second line", council)
    service = a_service("Printing", owner=owner)
    a_ticket(a_requester(council), title="Jam", service=service, team=team, priority="P2")
    a_ticket(owner, title="Mine", team=team, priority="P2")
    a_ticket(a_requester(council), title="Other", team=team)

    found = {line["Summary"]: (line["Assignment group"], line["Priority"]) for line in exported(owner)}

    assert found == {"Jam": ("Second line", "P2 high"), "Mine": (None, None)}


def test_engineer_takes_out_what_the_filters_leave_and_on_their_own_page_what_they_asked_for():
    engineer = a_person(a_council("OCC"), "requester", "engineer")
    a_ticket(engineer, title="Mine", priority="P3")
    a_ticket(a_requester(), title="Theirs", priority="P2")
    a_ticket(a_requester(a_council("CDC")), title="Of Cherwell", priority="P3")

    found = {
        str(filters): [line["Summary"] for line in exported(engineer, **filters)]
        for filters in ({}, {"priority": "P3"}, {"own": "true"}, {"council": "CDC", "state": "open"})
    }

    assert found == {
        "{}": ["Mine", "Theirs", "Of Cherwell"],
        "{'priority': 'P3'}": ["Mine", "Of Cherwell"],
        "{'own': 'true'}": ["Mine"],
        "{'council': 'CDC', 'state': 'open'}": ["Of Cherwell"],
    }


def test_private_request_is_taken_out_by_nobody_not_even_the_system():
    council = a_council("OCC")
    worker = an_engineer(council)
    group = a_case_group("hr", council, worker)
    private = {"sharing": "restricted", "sensitivity": "hr", "case_group": group}
    requester = a_requester(council)
    a_ticket(requester, title="Private", **private)
    a_ticket(requester, title="Open to the desk")
    target, kind = BytesIO(), kinds()["tickets"]

    write(outgoing(kind, None), kind.rows(None, {}), target, Export(format="csv", wanted_at=LONG_AGO))

    seen = {ticket.title for ticket in Ticket.objects.visible_to(worker)}
    assert seen == {"Private", "Open to the desk"}
    assert [[line["Summary"] for line in exported(person)] for person in (worker, requester)] == [
        ["Open to the desk"]
    ] * 2
    assert b"Open to the desk" in target.getvalue()
    assert b"Private" not in target.getvalue()


@pytest.mark.parametrize("sealed_by", ["what is said", "its service"])
def test_file_is_handed_out_no_more_once_a_request_of_its_desk_is_sealed(sealed_by):
    council, other = a_council("OCC"), a_council_alone("SND", "South Northants")
    engineer, elsewhere = an_engineer(council), an_engineer(other)
    ticket = a_ticket(a_requester(council), title="A disciplinary")
    a_ticket(a_requester(other))
    a_case_group("hr", council, a_requester(council))
    private = a_service("HR advice", a_team("HR", council), sensitivity="hr")
    for person in (engineer, elsewhere):
        exported(person)

    if sealed_by == "its service":
        change(ticket, by=engineer, version=ticket.version, service=private)
    else:
        raise_sensitivity(ticket, by=engineer, sensitivity="hr")

    kept = [Export.objects.visible_to(person).count() for person in (engineer, elsewhere)]
    assert kept == [0, 1]


def test_sheet_that_names_a_request_that_the_council_does_not_have_is_refused():
    theirs = a_ticket(a_requester(a_council("CDC")))
    rows = ("Reference", "Caller", "State", "Opened"), (theirs.reference, "Jo", "New", "1/2/2026 09:00")

    started = bring(a_csv(*rows), a_council("OCC"), kind="tickets")

    assert (codes(started), started.counts["error"]) == ({2: ["look_up_unknown"]}, 1)
    assert "We have no request of this reference" in rows_of(started)[0].problems[0]["message"]
