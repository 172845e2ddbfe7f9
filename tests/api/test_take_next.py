"""Taking next by a program: what is due first of all that waits for one's teams, as by the button of the queue."""

import pytest

from servicedesk.tickets.models import Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.api.calling import as_person, as_program
from tests.factories import a_case_group, a_council, a_person, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db
TAKE = "tickets/take-next/"


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def service(asha):
    return a_service(team=a_team("Desk", members=(asha,)))


def waiting(service, title: str, urgency: int = 3) -> Ticket:
    ben = a_requester(a_council("OCC"))
    return raise_ticket(
        by=ben, requester=ben, type="incident", title=title, service=service, impact=2, urgency=urgency
    )


def test_what_is_due_first_is_taken_and_then_the_one_after_it_until_nothing_waits(asha, service):
    later, sooner = waiting(service, "Later"), waiting(service, "Sooner", urgency=1)
    caller = as_person(asha)

    answers = [caller.ask("POST", TAKE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 204]
    told = [answer.json() for answer in answers[:2]]
    assert [(one["reference"], one["assignee"], one["state"]) for one in told] == [
        (ticket.reference, {"id": asha.pk, "name": "Asha"}, "in_progress") for ticket in (sooner, later)
    ]
    assert answers[0]["ETag"].startswith(f'"{told[0]["version"]}-')
    assert answers[2].content == b""


def test_same_key_takes_once(asha, service):
    waiting(service, "One"), waiting(service, "Two")
    caller = as_program(asha)

    first, second = (caller.ask("POST", TAKE, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.json() == second.json()
    assert Ticket.objects.filter(assignee=asha).count() == 1


@pytest.mark.parametrize("role", ["requester", "auditor", "administrator", "supplier_contact"])
def test_who_has_no_team_that_something_waits_for_takes_nothing(service, role):
    waiting(service, "One")

    assert as_person(a_person(a_council("OCC"), role)).ask("POST", TAKE).status_code == 204
    assert Ticket.objects.filter(assignee=None).count() == 1


def test_that_a_private_one_was_read_is_written_down(asha):
    cas = a_requester(asha.council)
    a_case_group("hr", asha.council, cas)
    ben = a_requester(asha.council)
    sealed = raise_ticket(by=ben, requester=ben, type="request", title="Payslip", sensitivity="hr")

    taken = as_person(cas).ask("POST", TAKE)

    assert (taken.status_code, taken.json()["reference"]) == (200, sealed.reference)
    assert list(Sighting.objects.values_list("person", "ticket", "how")) == [(cas.pk, sealed.pk, "api")]
