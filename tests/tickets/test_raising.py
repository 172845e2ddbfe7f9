"""Raising a ticket: for whom, and about what."""

import pytest
from django.core.exceptions import ValidationError

from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.sealing import ask_to_open, decide_opening
from servicedesk.tickets.taking import take_next
from servicedesk.tickets.workflow import change
from tests.factories import a_case_group, a_council, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere():
    """A service that another council's people alone are offered."""
    service = a_service("Lone workers")
    service.councils.set([a_council("OCC")])
    return service


def test_service_that_is_not_offered_at_the_council_is_refused(elsewhere):
    ben = a_requester(a_council("CDC"))

    with pytest.raises(ValidationError) as refused:
        raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=elsewhere)

    assert refused.value.message_dict == {
        "service": ["Lone workers is not offered at Cherwell District Council."]
    }
    assert Ticket.objects.count() == 0


def test_service_that_is_not_offered_is_refused_for_a_ticket_that_stands(elsewhere):
    ben, asha = a_requester(a_council("CDC")), an_engineer(a_council("OCC"))
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No sound", service=a_service("Calls")
    )

    with pytest.raises(ValidationError):
        change(ticket, by=asha, version=1, service=elsewhere, title="Another")

    ticket.refresh_from_db()
    assert (ticket.service.name, ticket.title, ticket.version) == ("Calls", "No sound", 1)


def about_nothing(ben, **fields) -> Ticket:
    return raise_ticket(by=ben, requester=ben, type="incident", title="It beeps", **fields)


def test_what_is_about_no_service_waits_for_the_first_to_answer_of_its_council():
    occ, cdc = a_council("OCC"), a_council("CDC")
    ben, asha = a_requester(cdc), an_engineer(cdc)
    a_team("Networks", cdc, tier=2)
    a_team("Front desk of the county", occ)
    a_team("Printers Ltd", cdc, kind="supplier")
    a_case_group("hr", cdc)
    a_team("Old desk", cdc, archived_at="2026-01-01T00:00Z")
    desk = a_team("Front desk", cdc, occ, members=(asha,))
    a_team("Another desk", cdc)

    ticket = about_nothing(ben)

    assert ticket.team == desk
    assert take_next(by=asha) == ticket


def test_where_no_team_is_of_the_first_tier_the_next_answers():
    ben = a_requester()
    a_team("Servers", tier=3)
    networks = a_team("Networks", tier=2)
    assert about_nothing(ben).team == networks


def test_where_a_council_has_no_team_yet_it_is_raised_all_the_same():
    assert about_nothing(a_requester()).team is None


def test_what_is_private_goes_to_its_case_group_and_once_opened_to_the_first_line():
    ben = a_requester()
    cas, col = a_requester(), a_requester()
    group, desk = a_case_group("hr", ben.council, cas, col), a_team("Front desk")
    ticket = about_nothing(ben, sensitivity="hr")
    assert ticket.team == group

    asked = ask_to_open(
        ticket, by=cas, sharing="shared", sensitivity="normal", reason="Not private after all"
    )
    decide_opening(asked, by=col, agreed=True)

    ticket.refresh_from_db()
    assert (ticket.sharing, ticket.team) == ("shared", desk)
