"""The log of another desk, taken over as it was left."""

from datetime import UTC, datetime

import pytest
from django.core import mail

from servicedesk.history.models import Change
from servicedesk.people.models import Person, Team
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets.applying import write
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Clock, Comment, Ticket
from tests.factories import a_council, a_team
from tests.spreadsheets.incoming import a_csv, bring, codes

pytestmark = pytest.mark.django_db

HEADINGS = (
    *(
        "number",
        "incident_state",
        "caller_id",
        "opened_at",
        "sys_created_at",
        "contact_type",
        "location",
        "category",
    ),
    *(
        "subcategory",
        "u_symptom",
        "impact",
        "urgency",
        "priority",
        "assignment_group",
        "assigned_to",
        "reopen_count",
    ),
    *("reassignment_count", "closed_code", "resolved_by", "resolved_at", "closed_at"),
)


def event(number: str, state: str, **cells: str) -> tuple:
    """One row of a log."""
    usual = {
        "number": number,
        "incident_state": state,
        "caller_id": "Caller 7",
        "opened_at": "29/2/2016 01:16",
        "sys_created_at": "29/2/2016 01:23",
        "contact_type": "Phone",
        "location": "Location 143",
        "category": "Category 55",
        "subcategory": "Subcategory 170",
        "u_symptom": "Symptom 72",
        "impact": "2 - Medium",
        "urgency": "1 - High",
        "priority": "2 - High",
        "assignment_group": "Group 56",
        "assigned_to": "Resolver 15",
        "reopen_count": "0",
        "reassignment_count": "2",
        "closed_code": "code 5",
        "resolved_by": "Resolved by 149",
        "resolved_at": "29/2/2016 11:29",
        "closed_at": "5/3/2016 12:00",
    }
    return tuple((usual | cells)[heading] for heading in HEADINGS)


def taken_over(*events: tuple, council: str = "OCC"):
    return write(bring(a_csv(HEADINGS, *events), a_council(council), kind="tickets"), by=None)


def test_rows_of_one_number_are_one_ticket_in_its_last_state():
    done = taken_over(
        event("INC01", "New", assigned_to="?"),
        event("INC01", "Active"),
        event("INC01", "Closed"),
        event("INC02", "Awaiting Vendor"),
    )

    ticket = Ticket.objects.get(source_ref="INC01")
    assert done.counts == {"create": 2, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 0}
    assert (ticket.state, ticket.type, ticket.channel, ticket.priority) == (
        "closed",
        "incident",
        "phone",
        "P2",
    )
    assert (ticket.impact, ticket.urgency, ticket.reassign_count, ticket.reopen_count) == (2, 1, 2, 0)
    assert (ticket.requester.display_name, ticket.assignee.display_name) == ("Caller 7", "Resolver 15")
    assert (ticket.team.name, list(ticket.team.councils.all())) == ("Group 56", [a_council()])
    assert ticket.title == "Category 55, Subcategory 170, Symptom 72"
    assert (ticket.description, ticket.resolution_note) == (
        "Reported from Location 143.",
        "Closed as code 5. Resolved by 149.",
    )
    assert ticket.reported_at == datetime(2016, 2, 29, 1, 16, tzinfo=UTC)
    assert ticket.resolved_at == datetime(2016, 2, 29, 11, 29, tzinfo=UTC)
    assert ticket.closed_at == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)
    assert (ticket.due_at, Ticket.objects.get(source_ref="INC02").resolved_at) == (None, None)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("New", "new"),
        ("Active", "in_progress"),
        ("Awaiting User Info", "waiting_customer"),
        ("Awaiting Evidence", "waiting_customer"),
        ("Awaiting Vendor", "waiting_supplier"),
        ("Awaiting Problem", "in_progress"),
        ("Resolved", "resolved"),
        ("Closed", "closed"),
    ],
)
def test_states_by_the_field_map(told, state):
    taken_over(event("INC01", told))

    assert Ticket.objects.get().state == state


def test_no_clock_no_comment_no_mail():
    taken_over(event("INC01", "Active"))

    assert (Clock.objects.count(), Comment.objects.count(), mail.outbox) == (0, 0, [])


def test_odd_row_is_told_and_its_ticket_is_taken_as_it_was_before():
    done = taken_over(event("INC01", "Active"), event("INC01", "-100"), event("INC02", "-100"))

    assert done.counts == {"create": 1, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 2}
    assert codes(done) == {3: ["status_not_known"], 4: ["status_not_known"]}
    assert Ticket.objects.get().state == "in_progress"


def test_summer_times_and_the_hour_of_the_clock_change():
    done = taken_over(
        event("INC01", "Active", opened_at="1/7/2016 09:00"),
        event("INC02", "Active", opened_at="30/10/2016 01:30"),
    )

    assert [ticket.reported_at for ticket in Ticket.objects.order_by("source_ref")] == [
        datetime(2016, 7, 1, 8, 0, tzinfo=UTC),
        datetime(2016, 10, 30, 0, 30, tzinfo=UTC),
    ]
    assert codes(done) == {3: ["hour_of_clock_change"]}


def test_closed_without_a_time_of_resolving_takes_that_of_closing():
    done = taken_over(
        event("INC01", "Closed", resolved_at="?"), event("INC02", "Resolved", resolved_at="?", closed_at="?")
    )

    ticket = Ticket.objects.get()
    assert ticket.resolved_at == ticket.closed_at
    assert codes(done) == {2: ["end_not_recorded"], 3: ["date_not_understood"]}


def test_people_of_a_log_cannot_sign_in_and_are_made_once():
    taken_over(event("INC01", "Active"), event("INC02", "Active"), event("INC03", "Active", caller_id="?"))

    people = {person.display_name: person for person in Person.objects.all()}
    assert set(people) == {"Caller 7", "Resolver 15", "Caller not recorded"}
    assert {
        (person.email, person.has_usable_password(), person.grants.count()) for person in people.values()
    } == {(None, False, 0)}


def test_team_of_the_other_council_alone_is_as_if_it_were_not():
    theirs = a_team("Group 56", a_council("CDC"))

    done = taken_over(event("INC01", "Active"))

    team = Ticket.objects.get().team
    assert (codes(done), team.name, list(team.councils.all())) == ({}, "Group 56", [a_council("OCC")])
    assert list(theirs.councils.all()) == [a_council("CDC")]


def test_references_are_of_the_year_of_reporting_and_in_its_order():
    taken_over(
        event("INC01", "Active", opened_at="2/1/2017 09:00"),
        event("INC02", "Active", opened_at="1/1/2016 09:00"),
        event("INC03", "Active", opened_at="1/1/2017 09:00"),
    )

    reference = dict(Ticket.objects.values_list("source_ref", "reference"))
    assert (reference["INC02"][:9], reference["INC03"][:9]) == ("INC-2016-", "INC-2017-")
    assert reference["INC03"] < reference["INC01"]


def test_second_time_changes_nothing():
    events = event("INC01", "Active"), event("INC02", "Closed")
    taken_over(*events)
    before = list(Ticket.objects.values()), Person.objects.count(), Team.objects.count()

    again = taken_over(*events, event("INC03", "New"))

    assert (
        list(Ticket.objects.exclude(source_ref="INC03").values()),
        Person.objects.count(),
        Team.objects.count(),
    ) == before
    assert again.counts == {"create": 1, "update": 0, "unchanged": 2, "ambiguous": 0, "error": 0}


def test_one_log_can_be_taken_over_by_each_council():
    taken_over(event("INC01", "Active"))
    taken_over(event("INC01", "Active"), council="CDC")

    assert set(Ticket.objects.values_list("council__code", "requester__council__code")) == {
        ("OCC", "OCC"),
        ("CDC", "CDC"),
    }


def test_every_row_is_recorded_and_found_as_if_it_had_been_raised():
    taken_over(event("INC01", "Closed"))

    ticket = Ticket.objects.get()
    change = Change.objects.get(kind="tickets.ticket")
    found = SearchDocument.objects.get(kind="tickets.ticket").text
    assert (change.object_id, change.action, change.label) == (ticket.pk, "create", ticket.reference)
    assert change.fields["state"] == [None, "closed", "", "Closed"]
    assert change.fields["requester"] == [None, ticket.requester_id, "", "Caller 7"]
    assert Change.objects.filter(kind="people.person").count() == 2
    index_tickets([ticket])
    assert SearchDocument.objects.get(kind="tickets.ticket").text == found


@pytest.mark.parametrize("column", ["reassignment_count", "reopen_count"])
@pytest.mark.parametrize("number", ["40000", "-5", "9" * 14])
def test_number_that_its_column_does_not_hold_is_refused(column, number):
    checked = bring(
        a_csv(HEADINGS, event("INC01", "Active", **{column: number})), a_council(), kind="tickets"
    )

    assert codes(checked) == {2: ["number_out_of_range"]}
    assert write(checked, by=None).counts["error"] == 1
