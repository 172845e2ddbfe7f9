"""Requests in a spreadsheet that comes back: whose they are to find and to change, and who sees the sheet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from servicedesk.people.models import Grant
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.changing import Overtaken
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.sealing import raise_sensitivity
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_ticket,
    an_engineer,
)
from tests.spreadsheets.incoming import a_csv, bring, rows_of
from tests.tickets.test_sheets_coming_back import (
    a_request,
    asha,
    desk,
    edited,
    refusals,
    taken_out,
)

pytestmark = pytest.mark.django_db
__all__ = ["asha", "desk"]


def test_what_one_may_not_see_is_as_unknown_as_what_is_not_there(asha, desk):
    """Sealed requests, those of another council, and those that a council keeps to itself."""
    occ, cdc = a_council("OCC"), a_council("CDC")
    dev = an_engineer(cdc, name="Dev")
    group = a_case_group("hr", occ, asha, dev)
    sealed = a_ticket(
        a_requester(occ), title="A", sharing="restricted", sensitivity="hr", case_group=group, team=group
    )
    own, theirs = (
        a_ticket(a_requester(occ), title="A", sharing="own_council"),
        a_ticket(a_requester(cdc), title="A"),
    )
    shared = a_ticket(a_requester(occ), title="A")
    asked = [sealed, own, theirs, shared]
    rows = [(ticket.reference, "A") for ticket in asked] + [("INC-1999-000001", "A")]

    found = {}
    for person in (asha, dev):
        started = bring(a_csv(("Reference", "Summary"), *rows), occ, person, kind="tickets")
        found[person.display_name] = [row.action for row in rows_of(started)]
        told = {each["message"] for row in rows_of(started) for each in row.problems}
        assert told == {"We have no request of this reference"}
        assert "missing" not in started.counts

    assert found == {
        "Asha": ["error", "unchanged", "error", "unchanged", "error"],
        "Dev": ["error", "error", "error", "unchanged", "error"],
    }


def test_no_sheet_of_a_person_makes_a_request(asha):
    rows = (
        ("Number", "State", "Caller", "Assignment group", "Opened"),
        ("INC1", "New", "Jo", "New team", "1/3/2024"),
    )

    started = bring(a_csv(*rows), a_council("OCC"), asha, kind="tickets")

    assert refusals(started) == [("source_ref", "A sheet changes requests, and makes none")]


def test_who_sees_a_request_without_working_on_it_does_not_change_it(asha, desk):
    owner = a_person(a_council("OCC"), "service_owner")
    a_grant(owner, "engineer", a_council("CDC"))
    service = a_service("Printing", desk, owner=owner)
    ticket = a_ticket(a_requester(a_council("OCC")), sharing="own_council", service=service)

    assert edited(asha, ticket, summary="Other").counts["update"] == 1
    assert refusals(edited(owner, ticket, summary="Other")) == [
        ("title", "You need the right to work on this request")
    ]


def test_nothing_is_written_for_who_may_not_do_it_any_more(asha, desk):
    ticket = a_request(desk)
    started = edited(asha, ticket, summary="New")
    group = a_case_group("hr", a_council("OCC"), a_requester(a_council("OCC")))
    Ticket.objects.filter(pk=ticket.pk).update(sharing="restricted", sensitivity="hr", case_group=group)

    with pytest.raises(Overtaken, match="out of your reach"):
        write(started, by=asha)


def test_others_of_the_desk_do_not_see_what_somebody_brings_back(client, asha, desk):
    """They may not see the same requests."""
    a_ticket(a_requester(a_council("OCC")), title="Own", sharing="own_council")
    started = bring(taken_out(asha), a_council("OCC"), asha, kind="tickets")
    dev = an_engineer(a_council("CDC"))

    assert [Import.objects.visible_to(each).count() for each in (asha, dev)] == [1, 0]
    client.force_login(dev)
    assert client.get(f"/imports/{started.pk}/").status_code == 404
    assert client.get(f"/imports/{started.pk}/file/").status_code == 404


def test_what_came_back_of_a_request_is_shown_no_more_once_it_is_sealed(asha, desk):
    ticket, other = a_request(desk), a_request(desk)
    a_case_group("hr", a_council("OCC"), a_requester(a_council("OCC")))
    of_both = edited(asha, ticket, summary="New")
    rows = ("Reference", "Summary"), (other.reference, "New")
    of_the_other = bring(a_csv(*rows), a_council("OCC"), asha, kind="tickets")
    importing.start(a_csv(*rows), "not checked.csv", kinds()["tickets"], a_council("OCC"), by=asha)

    raise_sensitivity(ticket, by=asha, sensitivity="hr")

    assert list(Import.objects.visible_to(asha)) == [of_the_other]
    assert Import.objects.get(pk=of_both.pk).withdrawn_at is not None


def test_a_sealed_request_takes_the_sheets_of_no_other_council_with_it(asha, desk):
    cdc = a_council("CDC")
    dev = an_engineer(cdc, name="Dev")
    a_case_group("hr", a_council("OCC"), a_requester(a_council("OCC")))
    rows = a_csv(("Reference", "Summary"), ("INC-1999-000001", "A"))
    theirs = importing.start(rows, "not checked.csv", kinds()["tickets"], cdc, by=dev)

    raise_sensitivity(a_request(desk), by=asha, sensitivity="hr")

    assert list(Import.objects.visible_to(dev)) == [theirs]


def test_a_refused_row_that_names_a_sealed_request_is_shown_no_more(asha, desk):
    """A row of another council, as it says itself, is not looked for among ours."""
    ticket = a_request(desk)
    a_case_group("hr", a_council("OCC"), a_requester(a_council("OCC")))
    rows = ("Reference", "Summary", "Council"), (ticket.reference.lower(), "About Ben", "CDC")
    started = bring(a_csv(*rows), a_council("OCC"), asha, kind="tickets")
    assert [row.target_id for row in rows_of(started)] == [None]

    raise_sensitivity(ticket, by=asha, sensitivity="hr")

    assert not Import.objects.visible_to(asha).exists()
    withdrawn = Import.objects.get(pk=started.pk)
    assert withdrawn.version == started.version + 1


def test_every_import_of_a_file_that_names_a_sealed_request_is_shown_no_more(asha, desk):
    ticket, other = a_request(desk), a_request(desk)
    a_case_group("hr", a_council("OCC"), a_requester(a_council("OCC")))
    naming = edited(asha, ticket, summary="New")
    rows = a_csv(("Reference", "Summary"), (other.reference, "New"))
    again = bring(rows, a_council("OCC"), asha, kind="tickets")
    Import.objects.filter(pk=again.pk).update(file=naming.file)

    raise_sensitivity(ticket, by=asha, sensitivity="hr")

    assert not Import.objects.visible_to(asha).exists()


def test_requests_of_one_number_are_each_read(asha, desk):
    first, second = a_request(desk), a_request(desk)
    rows = [(ticket.reference, "INC1", "New", "Other") for ticket in (first, second)]

    started = bring(
        a_csv(("Reference", "Number", "State", "Summary"), *rows), a_council("OCC"), asha, kind="tickets"
    )

    assert sum(started.counts.values()) == 2
    assert [row.number for row in rows_of(started)] == [2, 3]


def test_the_system_changes_no_request_and_says_so_of_each_that_was_edited(desk):
    one, other = a_request(desk), a_request(desk)
    rows = ("Reference", "Summary"), (one.reference, "New"), (other.reference, other.title)

    started = bring(a_csv(*rows), a_council("OCC"), kind="tickets")

    assert {row.number: row.action for row in rows_of(started)} == {2: "error", 3: "unchanged"}
    assert refusals(started) == [("reference", "A sheet changes requests in somebody’s name")]


def test_whose_right_to_work_has_ended_brings_nothing_back(client, asha):
    Grant.objects.filter(person=asha).update(ends_at=timezone.now() - timedelta(days=1))
    client.force_login(asha)

    sent = {"kind": "tickets", "council": asha.council_id, "file": a_csv(("Reference",), ("1",))}
    assert (client.post("/imports/", sent).status_code, Import.objects.count()) == (422, 0)
