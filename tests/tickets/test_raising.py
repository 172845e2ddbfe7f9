"""Raising a ticket: for whom, and about what."""

import pytest
from django.core.exceptions import ValidationError

from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import change
from tests.factories import a_council, a_requester, a_service, an_engineer

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
